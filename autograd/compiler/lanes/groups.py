"""Groups: the scalars of a program by the hundred, as instructions over slots.

A slot holds a scalar: in the space `UNIFORM` it is a cell with one number, in the space `LANES` a
row with a number for each lane. Every slot is written once, by one instruction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lanes.listing import listed
from autograd.compiler.lanes.matrices import strides_of
from autograd.compiler.verifying import ProgramError

Array = NDArray[Any]
UNIFORM, LANES = 0, 1
OF_CELLS, OF_ROWS, OVER_LANES = "UU", "UV", "VV"  # products, by the spaces of their sides


class Slots:
    """Slots of one space, in an array of any shape, which stays as it is.

    Examples
    --------
    >>> some = Slots(LANES, np.array([7, 5, 3]))
    >>> some.strides, some.span
    ((-2,), (3, 7))
    """

    __slots__ = ("_strides", "at", "space")

    def __init__(self, space: int, at: Array, strides: tuple[int, ...] | None = None) -> None:
        self.space, self.at, self._strides = space, at, strides

    @property
    def strides(self) -> tuple[int, ...] | None:
        """Their distances along each axis, or None where they differ."""
        if self._strides is None:
            self._strides = strides_of(self.at) or ()
        return self._strides or None

    @property
    def span(self) -> tuple[int, int]:
        """The least and the greatest of them."""
        strides = self.strides
        if strides is None or (len(strides) > 1 and (strides[0] < 0) != (strides[1] < 0)):
            return int(self.at.min()), int(self.at.max())
        first, last = int(self.at.item(0)), int(self.at.item(-1))
        return (first, last) if first <= last else (last, first)

    @property
    def key(self) -> tuple[int, bytes]:
        """What two equal ones share."""
        return self.space, self.at.tobytes()


class Step(NamedTuple):
    """One row of the table for each of some scalars, or their sums of products.

    Attributes
    ----------
    code : int
        What each of them is.
    integers : tuple of int
        The operands that are plain integers.
    out : Slots
        Where they go.
    operands : tuple of Slots
        As many for each operand; one slot stands for all of them.
    summed : bool
        Whether it is the sum over the lanes that is kept.
    """

    code: int
    integers: tuple[int, ...]
    out: Slots
    operands: tuple[Slots, ...]
    summed: bool = False

    @property
    def over_lanes(self) -> bool:
        """Whether it is computed for each lane."""
        return self.summed or self.out.space == LANES


class Expression(NamedTuple):
    """EXPR: steps on as many scalars each, of which later ones may read earlier ones."""

    steps: tuple[Step, ...]

    @property
    def over_lanes(self) -> bool:
        """Whether it is computed for each lane."""
        return self.steps[0].over_lanes

    def reads(self) -> Iterator[Slots]:
        """Yield what is read."""
        for step in self.steps:
            yield from step.operands

    def writes(self) -> Iterator[Slots]:
        """Yield what is written."""
        for step in self.steps:
            yield step.out


class Product(NamedTuple):
    """MM: a product of matrices, and what is added to it.

    Attributes
    ----------
    kind : str
        `OF_ROWS`: a matrix of cells, (M, K), times K rows are M rows. `OF_CELLS`: cells (M, K)
        times cells (K, N). `OVER_LANES`: rows (K, M) times rows (K, N), summed over K and the
        lanes, are cells (M, N).
    out, left, right : Slots
    addends : tuple of Slots
        Each of the shape of `out`.
    """

    kind: str
    out: Slots
    left: Slots
    right: Slots
    addends: tuple[Slots, ...] = ()

    @property
    def over_lanes(self) -> bool:
        """Whether it is computed for each lane."""
        return self.kind != OF_CELLS

    def reads(self) -> Iterator[Slots]:
        """Yield what is read."""
        yield self.left
        yield self.right
        yield from self.addends

    def writes(self) -> Iterator[Slots]:
        """Yield what is written."""
        yield self.out


class Sums(NamedTuple):
    """DOT: sums of products of any lengths, or the largest of some scalars.

    Attributes
    ----------
    out : Slots
    starts : array of int
        Where the terms of each begin.
    left, right : array of int
        The factors of each term: a row, or ~cell.
    largest : bool
        Whether the largest factor on the left is looked for, and no sum.
    summed : bool
        Whether it is the sum over the lanes that is kept.
    """

    out: Slots
    starts: Array
    left: Array
    right: Array
    largest: bool = False
    summed: bool = False

    @property
    def over_lanes(self) -> bool:
        """Whether it is computed for each lane."""
        return self.summed or self.out.space == LANES

    def reads(self) -> Iterator[Slots]:
        """Yield what is read."""
        for side in (self.left, self.right):
            yield Slots(LANES, side[side >= 0])
            yield Slots(UNIFORM, ~side[side < 0])

    def writes(self) -> Iterator[Slots]:
        """Yield what is written."""
        yield self.out


Instruction = Expression | Product | Sums
Place = tuple[int, int]  # a space and a slot in it


def with_rows(places: Sequence[Any]) -> bool:
    """Whether any of some places is a row, which thousands of derivatives mostly are not."""
    return LANES in map(itemgetter(0), places)


@dataclasses.dataclass(frozen=True, eq=False)
class Groups:
    """A program as instructions over slots.

    Attributes
    ----------
    cells, rows : int
        How many slots there are.
    constants : dict of float
        The numbers of the cells that hold literals.
    inputs, results, gradients : list of (space, slot)
    parameters : array of int
        Their cells.
    guards : list of (space, slot, bool)
    slots : array of int
        Of each scalar of the program that was rolled up its slot, and in `varies` its space.
    varies : array of bool
    body : list of instructions
        In an order in which they can run.
    ones : tuple of int
        The rows that are 1 in every lane.
    again : callable or None
        Plans once more: returns the program that was rolled up, and these groups as they were
        before rows were used again. With ``chosen=True`` derivatives are finite beside a branch
        that is not taken and is infinite; a map computes such lanes anew, by eager's own program.
    """

    cells: int
    rows: int
    constants: dict[int, float]
    inputs: list[Place]
    parameters: Array
    results: list[Place]
    gradients: list[Place]
    guards: list[tuple[int, int, bool]]
    slots: Array
    varies: Array
    body: list[Instruction]
    ones: tuple[int, ...] = ()
    again: Callable[..., tuple[Any, Groups]] | None = None

    def __str__(self) -> str:
        return listed(self)

    def with_(self, **changes: Any) -> Self:
        """Return these groups with some attributes changed."""
        found = object.__new__(type(self))  # `dataclasses.replace` takes ten times as long
        vars(found).update(vars(self), **changes)
        return found

    def asked(self) -> list[int]:
        """Return the rows that are results, gradients and conditions."""
        return [
            place[1]
            for places in (self.results, self.gradients, self.guards)
            if with_rows(places)
            for place in places
            if place[0] == LANES
        ]

    def sections(self) -> tuple[list[Instruction], list[Instruction], list[Instruction]]:
        """Return the instructions that run before the lanes, for each block of lanes, and after.

        The last ones read sums over all lanes.

        Raises
        ------
        ProgramError
            If something is to be computed for each lane from a sum over the lanes.
        """
        before: list[Instruction] = []
        lanes: list[Instruction] = []
        after: list[Instruction] = []
        summed, several = np.zeros(self.cells, bool), False
        for one in self.body:
            late = several and any(summed[x.at].any() for x in one.reads() if x.space == UNIFORM)
            over_lanes = one.over_lanes
            if over_lanes and late:
                raise ProgramError("a number of each lane depends on a sum over the lanes")
            (lanes if over_lanes else after if late else before).append(one)
            if late or over_lanes:
                for out in one.writes():
                    if out.space == UNIFORM:
                        summed[out.at] = several = True
        return before, lanes, after
