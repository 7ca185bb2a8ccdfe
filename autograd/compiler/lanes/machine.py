"""What runs groups in NumPy: their source, bound to arrays of cells and of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.lanes.given import read_as_given
from autograd.compiler.lanes.groups import LANES, UNIFORM, Array, Groups, Product
from autograd.compiler.lanes.reusing import reusing
from autograd.compiler.lanes.writing import SECTIONS, Memory, Writer
from autograd.generated import code_of as compiled_code
from autograd.generated import ends_with

BYTES = 1 << 21  # that the rows of a block of lanes may take
ALONE = 2  # times as many without products of matrices: it is the calls of NumPy that cost then
FEWEST, MOST = 64, 1 << 15  # lanes of a block
BOUND, HELD = 128, 1 << 25  # how many numbers of lanes are kept with their arrays, and in bytes
_made = count(1)


class Guards(NamedTuple):
    """Conditions in slots of one space, and their outcomes on the path of a program, 0.0 or 1.0."""

    slots: Array
    truths: Array


class Code(NamedTuple):
    """Groups as NumPy, to be bound.

    Attributes
    ----------
    groups : Groups
    writer : Writer
    compiled : code
    block : int
        How many lanes are computed at a time.
    parameters, gradient : slice
        The cells of the parameters, and of the gradient by them if it lies beside each other.
    uniform : slice
        The cells of the inputs that are the same in every lane.
    guards : tuple of Guards
        Those in cells, and those in rows.
    apart : bool
        Whether the parameters and the gradient may be arrays of their own.
    """

    groups: Groups
    writer: Writer
    compiled: Any
    block: int
    parameters: slice
    gradient: slice
    uniform: slice
    guards: tuple[Guards, Guards]
    apart: bool


def code_of(groups: Groups) -> Code:
    """Return groups as NumPy, the source of which debuggers find.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> program = Program.of([CODES["input"], CODES["tanh"]], [0], results=[1])
    >>> machine = Machine(code_of(roll(program, [True])))
    >>> machine.run(3, lambda rows, part: rows.__setitem__(0, [0.0, np.inf, -np.inf]))
    >>> machine.rows[1].tolist()
    [0.0, 1.0, -1.0]
    """
    given = read_as_given(groups)  # inputs stay where they are
    groups = reusing(groups, given)
    writer = Writer(groups, given)
    source, filename = writer.source, f"<autograd: compiled groups {next(_made)}>"
    compiled = compiled_code(source, filename)  # printed from our table
    ends_with(filename, writer)
    products = any(isinstance(one, Product) for one in groups.body)
    room = BYTES * (1 if products else ALONE)
    block = min(max(room // (8 * max(groups.rows, 1)), FEWEST), MOST)
    uniform = [slot for space, slot in groups.inputs if space != LANES]
    parameters = _run(groups.parameters.tolist())
    gradient = _run([slot for _, slot in groups.gradients])
    return Code(
        groups,
        writer,
        compiled,
        block,
        parameters=parameters,
        gradient=gradient,
        uniform=_run(uniform),
        guards=(_guards(groups, UNIFORM), _guards(groups, LANES)),
        apart=writer.apart(parameters, gradient),
    )


def _guards(groups: Groups, space: int) -> Guards:
    """The conditions in a space."""
    found = [(slot, truth) for at, slot, truth in groups.guards if at == space]
    slots, truths = np.array(found, np.int64).reshape(-1, 2).T
    return Guards(slots, truths.astype(float))  # as comparisons give them


def _run(cells: Sequence[int]) -> slice:
    """Cells one after the other, as a slice."""
    return slice(cells[0], cells[-1] + 1) if cells else slice(0, 0)


def nothing(_: Array, __: slice) -> None:
    """Write and read nothing."""


def laid_in(rows: Array, columns: Sequence[Array], part: slice) -> list[tuple[int, Array]]:
    """Put inputs of some lanes into their rows; return those that may be read where they lie, each
    with its first row.
    """
    first, laid = 0, []
    for column in columns:
        given = column[part]
        if given.flags.c_contiguous:
            laid.append((first, given))
        else:
            rows[first : first + given.shape[1]] = given.T
        first += given.shape[1]
    return laid


class Machine:
    """Arrays of cells and rows, and functions that compute in them, for one thread at a time.

    Parameters
    ----------
    code : Code
    outside : sequence of (slice, array)
        Arrays in the place of some of the cells: of the parameters, and of the gradient, if these
        are apart. Then no more lanes may be computed than are in a block.

    Attributes
    ----------
    code : Code
    cells : array
        The numbers of the cells.
    rows : array, (rows, lanes)
        The numbers of the rows, of the block of lanes that ran last.
    """

    def __init__(self, code: Code, outside: Sequence[tuple[slice, Array]] = ()) -> None:
        self.code, self.outside = code, tuple(outside)
        self.cells = np.zeros(max(code.groups.cells, 1))
        for cell, number in code.groups.constants.items():
            self.cells[cell] = number
        self.rows = np.zeros((0, 0))
        self._bound: dict[int, tuple[Array, list[Callable[[], None]], dict[str, Any]]] = {}

    def run(
        self,
        lanes: int,
        put: Callable[[Array, slice], Any] = nothing,
        take: Callable[[Array, slice], Any] = nothing,
        columns: Sequence[Array] = (),
        elsewhere: Callable[..., Iterator[tuple[slice, Array, Array]]] | None = None,
    ) -> None:
        """Compute for so many lanes, block by block; sums over the lanes are in the cells then.

        Parameters
        ----------
        lanes : int
        put : callable
            Given the rows and which lanes they are for, writes the inputs of those lanes.
        take : callable
            Given the same, reads what was computed.
        columns : sequence of array, (lanes, numbers)
            The first inputs, which `put` need not write.
        elsewhere : callable, optional
            Given the machine, the lanes, `put` and `columns`, yields for each of several blocks,
            in order, which lanes it is of, its rows and its sums.
        """
        block = self.code.block
        with np.errstate(all="ignore"):
            if lanes <= block:  # nothing to be added up
                every = slice(0, lanes)
                self.rows, (before, each, after), scope = self._of(lanes)
                laid = self._lay(laid_in(self.rows, columns, every), scope)
                put(self.rows, every)
                before()
                each()
                take(self.rows, every)
                after()
                scope.update(laid)
                return
            before, _, after = self._of(block)[1]
            before()
            sums = np.zeros(len(self.code.writer.totals))
            blocks = Machine._blocks if elsewhere is None else elsewhere
            for part, rows, totals in blocks(self, lanes, put, columns):
                self.rows = rows
                self.cells[self.code.writer.totals] = totals
                take(self.rows, part)
                sums += totals
            self.cells[self.code.writer.totals] = sums
            after()

    def _blocks(
        self, lanes: int, put: Callable[[Array, slice], Any], columns: Sequence[Array]
    ) -> Iterator[tuple[slice, Array, Array]]:
        """Compute block after block."""
        for start in range(0, lanes, self.code.block):
            part = slice(start, min(start + self.code.block, lanes))
            self.rows, (_, each, _), scope = self._of(part.stop - start)
            laid = self._lay(laid_in(self.rows, columns, part), scope)
            put(self.rows, part)
            each()
            scope.update(laid)
            yield part, self.rows, self.sums()

    def block(self, numbers: Array, laid: Sequence[tuple[int, Array]]) -> Array:
        """Return the rows of one block of lanes whose inputs are given, the cells being ready."""
        self.rows, (_, each, _), scope = self._of(numbers.shape[1])
        self.rows[: len(numbers)] = numbers
        before = self._lay(laid, scope)
        with np.errstate(all="ignore"):
            each()
        scope.update(before)
        return self.rows

    def sums(self) -> Array:
        """Return the sums over the lanes of the block that was computed last."""
        found: Array = self.cells[self.code.writer.totals]
        return found

    def _lay(self, laid: Sequence[tuple[int, Array]], scope: dict[str, Any]) -> dict[str, Any]:
        """Let arrays stand in the place of the rows of inputs, or put them there; what they stand
        in the place of.
        """
        before: dict[str, Any] = {}
        for first, given in laid:
            end = first + given.shape[1]
            names = self.code.writer.given.get((first, end))
            if names is None:
                self.rows[first:end] = given.T
            for name, turned in names or ():
                before[name] = scope[name]
                scope[name] = given if turned else given.T
        return before

    def _of(self, lanes: int) -> tuple[Array, list[Callable[[], None]], dict[str, Any]]:
        """The rows for so many lanes, the functions that compute with them, and their names."""
        found = self._bound.get(lanes)
        if found is None:
            rows = np.zeros((self.code.groups.rows, lanes))
            rows[list(self.code.groups.ones)] = 1.0
            held = sum(x.nbytes for x, *_ in self._bound.values()) + rows.nbytes
            while self._bound and (len(self._bound) >= BOUND or held > HELD):
                held -= self._bound.pop(next(iter(self._bound)))[0].nbytes
            scope: dict[str, Any] = {"U": self.cells, "V": rows}
            memory = Memory(self.cells, rows, self.outside)
            for name, recipe in self.code.writer.recipes.items():
                scope[name] = recipe(memory)
            exec(self.code.compiled, scope)
            found = self._bound[lanes] = rows, [scope[name] for name in SECTIONS], scope
        return found

    def passed(self) -> Any:
        """Return which lanes of the block that ran last pass all guards: True for all of them."""
        if not self.code.groups.guards:
            return True
        for_all, of_each = self.code.guards
        if len(for_all.slots) and (self.cells[for_all.slots] != for_all.truths).any():
            return np.zeros(self.rows.shape[1], bool)
        found = None
        for slot, truth in zip(of_each.slots.tolist(), of_each.truths.tolist(), strict=True):
            alike = self.rows[slot] == truth
            found = alike if found is None else np.logical_and(found, alike, found)
        return True if found is None or found.all() else found


class Pool:
    """Machines of one code: each call takes one that nobody uses, and gives it back at its end.

    One whose run broke off is not given back: arrays of that run may stand in its rows' place.
    """

    def __init__(self, groups: Groups) -> None:
        self.code = code_of(groups)
        self._free: list[Machine] = []

    def take(self) -> Machine:
        """Return a machine, to be given back."""
        try:
            return self._free.pop()  # one piece: no other thread gets the same
        except IndexError:
            return Machine(self.code)

    def give(self, machine: Machine) -> None:
        """Take a machine back."""
        self._free.append(machine)
