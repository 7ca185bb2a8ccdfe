"""Groups in a language of arrays: cells are an array, rows a matrix with a column for each lane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from autograd.compiler.codes import PAIRS
from autograd.compiler.exporting import added, applied, products
from autograd.compiler.lanes.groups import (
    LANES,
    OF_CELLS,
    OF_ROWS,
    UNIFORM,
    Array,
    Expression,
    Groups,
    Instruction,
    Place,
    Product,
    Slots,
    Step,
    Sums,
    with_rows,
)
from autograd.functions.printing.arrays import OverArrays
from autograd.functions.printing.printer import Written


class ArrayWriter(ABC):
    """Groups, instruction by instruction: each result is an array of its own.

    What is written is text: an expression of the language, or the name of a tensor. A language says
    how arrays are put together, taken apart, multiplied and summed; it knows nothing of slots.

    Parameters
    ----------
    groups : Groups
    language : OverArrays
        Writes the rows of the table.
    """

    def __init__(self, groups: Groups, language: OverArrays) -> None:
        self.groups, self.language = groups, language
        self._one = language.number(1.0).text
        # In which array each slot is by now, and where in it; and their names and sizes.
        self._array = [np.full(groups.cells, -1), np.full(groups.rows, -1)]
        self._place = [np.zeros(groups.cells, int), np.zeros(groups.rows, int)]
        self._arrays: list[tuple[str, int]] = []

    # -- what a language says -------------------------------------------------------------------
    @abstractmethod
    def _named(self, text: str) -> str:
        """Return the name by which an array is read from now on."""

    @abstractmethod
    def _numbers(self, numbers: Sequence[float]) -> str:
        """Return an array of numbers."""

    @abstractmethod
    def _joined(self, arrays: Sequence[str]) -> str:
        """Return arrays one after the other, along the first axis."""

    @abstractmethod
    def _part(self, array: str, first: int, end: int) -> str:
        """Return a piece of an array, along the first axis."""

    @abstractmethod
    def _chosen(self, array: str, at: Array) -> str:
        """Return what is at some places of the first axis."""

    @abstractmethod
    def _shaped(self, array: str, *sizes: int, lanes: bool = False) -> str:
        """Return an array in another shape, in which the lanes come last."""

    @abstractmethod
    def _turned(self, array: str, rows: int, columns: int) -> str:
        """Return the matrix of which an array has the columns, one after the other."""

    @abstractmethod
    def _filled(self, numbers: str, size: int, lanes: bool) -> str:
        """Return numbers, which may be truth values, repeated to be so many, for each lane."""

    @abstractmethod
    def _reduced(self, array: str, *, largest: bool = False) -> str:
        """Return the sums along the second axis, or the largest; nan if one of them is."""

    @abstractmethod
    def _once_each(self, array: str) -> str:
        """Return numbers times the count of the lanes."""

    @abstractmethod
    def _selected(self, condition: Array, yes: str, no: str) -> str:
        """Return one thing or another, by truth values that are known."""

    @abstractmethod
    def _product(self, left: str, right: str) -> str:
        """Return the product of two matrices, or of a matrix and an array."""

    @abstractmethod
    def _over_lanes(self, left: str, right: str) -> str:
        """Return the sum over k of left[k] times the transpose of right[k], as one array."""

    # -- slots ----------------------------------------------------------------------------------
    def hold(self, slots: Slots, text: str) -> None:
        """Let an array hold some slots from now on."""
        flat = slots.at.reshape(-1)
        self._array[slots.space][flat] = len(self._arrays)
        self._place[slots.space][flat] = np.arange(len(flat))
        self._arrays.append((self._named(text), len(flat)))

    def flat(self, slots: Slots) -> str:
        """Return slots, one after the other, from the arrays that hold them."""
        flat = slots.at.reshape(-1)
        arrays, at = self._array[slots.space][flat], self._place[slots.space][flat]
        known = np.unique(arrays)
        cuts = np.flatnonzero((np.diff(arrays) != 0) | (np.diff(at) != 1)) + 1
        if len(cuts) < len(known):  # each has its part in one piece
            ends = zip([0, *cuts.tolist()], [*cuts.tolist(), len(flat)], strict=True)
            runs = [(int(arrays[a]), int(at[a]), int(at[b - 1]) + 1) for a, b in ends]
            return self._whole([self._piece(*run) for run in runs])
        begins = np.cumsum([0, *(self._arrays[k][1] for k in known.tolist())])
        whole = self._whole([self._arrays[k][0] for k in known.tolist()])
        return self._chosen(whole, at + begins[np.searchsorted(known, arrays)])

    def _whole(self, arrays: Sequence[str]) -> str:
        """Arrays one after the other, if there are several."""
        return self._joined(arrays) if len(arrays) > 1 else arrays[0]

    def _piece(self, k: int, first: int, end: int) -> str:
        """A piece of an array that holds slots, or all of it."""
        name, size = self._arrays[k]
        return name if (first, end) == (0, size) else self._part(name, first, end)

    def read(self, slots: Slots, lanes: bool) -> str:
        """Return slots for a formula: a constant as its number; cells as a column beside rows."""
        if slots.space == UNIFORM and slots.at.size == 1:
            number = self.groups.constants.get(int(slots.at.item()))
            if number is not None:
                return self.language.number(number).text
        found = self.flat(slots)
        return self._shaped(found, -1, 1) if lanes and slots.space == UNIFORM else found

    def _matrix(self, slots: Slots, *sizes: int) -> str:
        """Slots as a matrix; one that lies turned is turned, which takes no indices."""
        at = slots.at.reshape(sizes)
        if slots.space == UNIFORM and min(at.shape) > 1 and (np.diff(at[:, 0]) == 1).all():
            return self._turned(self.flat(Slots(UNIFORM, at.T)), *at.shape)
        return self._shaped(self.flat(slots), *at.shape, lanes=slots.space == LANES)

    def side(self, side: Array, lanes: bool) -> str:
        """Return slots of either space: a row, or ~cell."""
        of_rows = side >= 0
        if not of_rows.any():
            numbers = {self.groups.constants.get(int(i)) for i in np.unique(~side)}
            return self._one if numbers == {1.0} else self.read(Slots(UNIFORM, ~side), lanes)
        if of_rows.all():
            return self.read(Slots(LANES, side), True)
        row, cell = side[of_rows][0], ~side[~of_rows][0]
        rows = self.read(Slots(LANES, np.where(of_rows, side, row)), True)
        cells = self.read(Slots(UNIFORM, np.where(of_rows, cell, ~side)), True)
        return self._selected(of_rows[:, None], rows, cells)

    # -- instructions ---------------------------------------------------------------------------
    def body(self) -> None:
        """Write constants and instructions; the inputs are held by now."""
        groups = self.groups
        if groups.constants:
            numbers = self._numbers([*groups.constants.values()])
            self.hold(Slots(UNIFORM, np.array([*groups.constants])), numbers)
        if groups.ones:
            ones = self._filled(self._one, len(groups.ones), True)
            self.hold(Slots(LANES, np.array(groups.ones)), ones)
        for one in groups.body:
            for out, found in self._instruction(one):
                self.hold(out, found)

    def _instruction(self, one: Instruction) -> Iterator[tuple[Slots, str]]:
        """What an instruction leaves in some slots, step by step."""
        if isinstance(one, Expression):
            yield from ((step.out, self._step(step)) for step in one.steps)
        elif isinstance(one, Product):
            yield one.out, self._multiplied(one)
        else:
            yield from self._sums(one)

    def _step(self, step: Step) -> str:
        """A row, or sums of products."""
        once = step.summed and all(x.space == UNIFORM for x in step.operands)
        lanes = step.over_lanes and not once
        operands = [Written(self.read(x, lanes)) for x in step.operands]
        if step.code == PAIRS:
            found = added(self.language, products(self.language, operands))
        else:
            integers = [Written(str(i)) for i in step.integers]
            found = applied(self.language, step.code, [*integers, *operands])
        filled = self._filled(found.text, step.out.at.size, lanes)
        if once:
            return self._once_each(filled)
        return self._reduced(filled) if step.summed else filled

    def _multiplied(self, one: Product) -> str:
        """A product of matrices."""
        left, right, size = one.left, one.right, one.out.at.size
        if one.kind == OF_ROWS:
            found = self._product(self._matrix(left, size, right.at.size), self.flat(right))
        elif one.kind == OF_CELLS:
            inner = right.at.shape[0]
            sides = self._matrix(left, -1, inner), self._matrix(right, inner, -1)
            found = self._shaped(self._product(*sides), -1)
        else:
            inner = len(left.at)
            found = self._over_lanes(*(self._matrix(x, inner, -1) for x in (left, right)))
        addends = [Written(self.read(x, one.kind == OF_ROWS)) for x in one.addends]
        return added(self.language, [Written(found), *addends]).text

    def _sums(self, one: Sums) -> Iterator[tuple[Slots, str]]:
        """Sums of products of any lengths, or the largest: those of each length at once."""
        lanes, sizes = one.over_lanes, np.diff(np.append(one.starts, len(one.left)))
        for size in np.unique(sizes).tolist():
            these = np.flatnonzero(sizes == size)
            terms = (one.starts[these][:, None] + np.arange(size)).reshape(-1)
            sides = [one.left] if one.largest else [one.left, one.right]
            factors = [Written(self.side(x[terms], lanes)) for x in sides]
            [found] = factors if one.largest else products(self.language, factors)
            filled = self._filled(found.text, len(terms), lanes)
            matrix = self._shaped(filled, len(these), size, lanes=lanes)
            total = self._reduced(matrix, largest=one.largest)
            out = Slots(one.out.space, one.out.at.reshape(-1)[these])
            yield out, self._reduced(total) if one.summed else total

    # -- answers --------------------------------------------------------------------------------
    def guards(self) -> Iterator[tuple[int, str, Array]]:
        """Yield the conditions of each space, and which of them are to be true."""
        for space in (LANES, UNIFORM):
            these = [(slot, truth) for s, slot, truth in self.groups.guards if s == space]
            if these:
                slots = np.array([slot for slot, _ in these])
                yield space, self.flat(Slots(space, slots)), np.array([x for _, x in these])

    def answers(self, places: Sequence[Place]) -> tuple[str, bool]:
        """Return what is asked for, and whether it is of lanes."""
        lanes = with_rows(places)
        side = np.array([slot if space == LANES else ~slot for space, slot in places])
        return self.side(side, lanes), lanes
