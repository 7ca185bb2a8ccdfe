"""Where each scalar lies: its slot, given out so that arrays of scalars lie one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.codes import PAIRS, TOTAL
from autograd.compiler.flow import pairs_of
from autograd.compiler.lanes.groups import LANES, UNIFORM, Array, Place, Slots
from autograd.compiler.program import Program
from autograd.compiler.scalars import order_of

FAR = 1 << 40


class Layout:
    """Gives slots out.

    Parameters
    ----------
    program : Program
    varies : array of bool
        Which scalars have a number for each lane.
    beside : bool
        Whether the gradients are those by the parameters, to lie in cells one after the other.

    Attributes
    ----------
    slots : array of int
        The slot of each scalar, -1 where it has none yet.
    sizes : list of int
        How many slots of each space there are.
    reserved : array of int
        The cell that a scalar is to lie in, or -1.
    copies : list of (int, int)
        Cells, and the scalars that have to be copied there, as they lie elsewhere.
    gradients : list of (space, slot), or None
        Where the gradients lie, if that is known beforehand.
    """

    def __init__(self, program: Program, varies: Array, beside: bool) -> None:
        self.program, self.varies = program, varies
        self.slots = np.full(len(program), -1)
        self.reserved = np.full(len(program), -1)
        self.sizes = [0, 0]
        self.copies: list[tuple[int, int]] = []
        self.constants: dict[int, float] = {}
        self.parameters = self._leaves(program.parameters)
        for space in (UNIFORM, LANES):
            self._leaves(program.inputs[varies[program.inputs] == bool(space)], space)
        numbers = program.numbers()
        cells = self._leaves(np.array([*numbers], np.int64)).tolist()
        self.constants |= zip(cells, numbers.values(), strict=True)
        self.gradients: list[Place] | None = None
        if beside:
            self._reserve(program.gradients)

    def _leaves(self, scalars: Array, space: int = UNIFORM) -> Array:
        """Slots for leaves, one after the other."""
        self.slots[scalars] = self.new(space, len(scalars)) + np.arange(len(scalars))
        found: Array = self.slots[scalars]
        return found

    def _reserve(self, gradients: Array) -> None:
        """Cells for the gradients; what two of them are, or what is a leaf, is copied there."""
        first = self.new(UNIFORM, len(gradients))
        self.gradients = [(UNIFORM, first + k) for k in range(len(gradients))]
        cells = first + np.arange(len(gradients))
        self.reserved[gradients[::-1]] = cells[::-1]
        there = (self.reserved[gradients] == cells) & (self.slots[gradients] < 0)
        self.reserved[gradients] = -1
        self.reserved[gradients[there]] = cells[there]
        self.copies += zip(cells[~there].tolist(), gradients[~there].tolist(), strict=True)

    def new(self, space: int, count: int) -> int:
        """Return the first of so many new slots."""
        first = self.sizes[space]
        self.sizes[space] += count
        return first

    def place(self, scalars: Array) -> Slots:
        """Give slots to scalars of one space, one after the other, or where they are to lie."""
        flat, shape = scalars.reshape(-1), scalars.shape
        space = self.space(flat)
        if space == UNIFORM:  # as a gradient's place is a cell
            cells = self.reserved[flat]
            asked = np.flatnonzero(cells >= 0)
            if len(asked) == len(flat):
                self.slots[flat] = cells
                return Slots(space, cells.reshape(shape))
            if len(asked):
                self.copies += zip(cells[asked].tolist(), flat[asked].tolist(), strict=True)
        first = self.new(space, len(flat))
        slots = self.slots[flat] = np.arange(first, first + len(flat))
        strides = (1,) if len(shape) == 1 else (shape[1] if shape[0] > 1 else 1, 1)
        return Slots(space, slots.reshape(shape), strides)

    def space(self, scalars: Array) -> int:
        """Return the space of scalars, which have one."""
        return int(self.varies[scalars.item(0)])

    def slots_of(self, scalars: Array) -> Slots:
        """Return the slots of scalars of one space; of one scalar alone, however often, its one."""
        at: Array = self.slots[scalars]
        if at.ndim == 1 and len(at) > 1 and at[0] == at[-1] and (at == at[0]).all():
            at = at[:1]
        return Slots(self.space(scalars), at)

    def encoded(self, scalars: Array) -> Array:
        """Return the slots of scalars of any space: a row, or ~cell."""
        slots = self.slots[scalars]
        return np.where(self.varies[scalars], slots, ~slots)

    def place_of(self, scalar: int) -> Any:
        """Return the space and the slot of a scalar that has one."""
        return int(self.varies[scalar]), int(self.slots[scalar])

    def places_of(self, scalars: Array) -> list[Place]:
        """Return their spaces and slots."""
        return [self.place_of(i) for i in scalars.tolist()]


def reading_order(program: Program, operands: Array, sums: Array) -> Array:
    """Return numbers to sort scalars by: as the first long sum that reads them has them, or as the
    parameters lie that it multiplies them by.

    Parameters
    ----------
    program : Program
    operands : array of int
        Those of the program, in the order that sums have them.
    sums : array of bool
        Which scalars are sums of products.
    """
    owners, sizes = program.owners, program.sizes
    parameter = np.full(len(program), -1)
    parameter[program.parameters] = np.arange(len(program.parameters))
    first = pairs_of(program, sums & (sizes >= 6))
    of, rank = owners[first], program.nth[first] // 2
    by = np.maximum(parameter[operands[first]], parameter[operands[first + 1]])
    sorted_rank = np.empty_like(rank)
    in_sums = of * (len(program.parameters) + 1) + by + 1
    sorted_rank[order_of(in_sums)] = rank  # each sum's own ranks, which ascend in it
    order = program.starts[of].astype(np.int64) * 4 + sorted_rank
    found = np.full(len(program), FAR)
    for side in (0, 1):
        at = operands[first + side]
        inner = parameter[at] < 0
        np.minimum.at(found, at[inner], order[inner] + side * sizes[of[inner]])
    return found


def ordered_terms(program: Program, varies: Array, one: int) -> tuple[Array, Array]:
    """Return the operands of a program with each pair as (uniform, of lanes) and (1, addend), the
    addends last in their sums; and the number of addends of each scalar.
    """
    owners = program.owners
    sums = is_sum(program)
    at = pairs_of(program, sums)
    operands = program.operands.astype(np.int64)
    first, second = operands[at], operands[at + 1]
    swap = ((second == one) | varies[first] & ~varies[second]) & (first != one)
    operands[at[swap]], operands[at[swap] + 1] = second[swap], first[swap]
    plain = operands[at] == one
    of = owners[at]
    addends = np.bincount(of[plain], minlength=len(program))
    if not (plain[:-1] & ~plain[1:] & (of[:-1] == of[1:])).any():
        return operands, addends  # they are last
    last = np.zeros(len(owners), bool)
    last[at] = last[at + 1] = plain
    return operands[order_of(2 * owners + last)], addends


def is_sum(program: Program) -> Array:
    """Tell which scalars are sums of products."""
    found: Array = (program.codes == PAIRS) | (program.codes == TOTAL)
    return found
