"""Roll: from scalars back to arrays. What is computed alike, level by level, is one instruction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.building import with_literals
from autograd.compiler.codes import CODES, PAIRS, ROWS, TOTAL, each_of
from autograd.compiler.flow import reached, varying
from autograd.compiler.lanes.aligning import aligned_levels
from autograd.compiler.lanes.groups import (
    OF_CELLS,
    OF_ROWS,
    OVER_LANES,
    UNIFORM,
    Array,
    Expression,
    Groups,
    Instruction,
    Product,
    Slots,
    Step,
    Sums,
)
from autograd.compiler.lanes.layout import Layout, is_sum, ordered_terms, reading_order
from autograd.compiler.lanes.matrices import grids
from autograd.compiler.lanes.splitting import split
from autograd.compiler.program import Program

LARGEST, HELD = CODES["largest"], CODES["held"]
SHORT = 4  # terms of a sum that is written out
WIDE = 8  # addends of a sum of nothing else that is written out
FEW = 24  # terms in all of sums of cells that are not worth an instruction of their own
SMALL = 200  # multiplications and additions of a product of cells that is not worth one
MOST_ADDENDS = 4


def roll(program: Program, lanes: Sequence[bool] = (), beside: bool = False) -> Groups:
    """Return a program as instructions over slots.

    Parameters
    ----------
    program : Program
        Of rows of fixed arity, sums of products and `largest`: see `expand`.
    lanes : sequence of bool
        For each input whether it has a number for each lane; none has, unless given.
    beside : bool
        Whether the gradients are those by the parameters, which are then to lie as these do.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> codes = [CODES[name] for name in ("input", "input", "tanh", "tanh", "add")]
    >>> program = Program.of(codes, [0, 1, 2, 3], results=[4])
    >>> print(roll(program, [True, True]))
    groups of 2 instructions on 1 cell and 5 rows:
        rows[2:4] = tanh(rows[0:2])
        rows[4] = rows[2] + rows[3]
    """
    program, one = prepared(program)
    given = np.asarray(lanes, bool) if len(lanes) else np.zeros(len(program.inputs), bool)
    return _Roll(program, varying(program, program.inputs[given]), one, beside).groups()


def prepared(program: Program) -> tuple[Program, int]:
    """Return the program whose scalars are rolled up, and that which is the number 1."""
    program, (one,) = with_literals(program, 1.0)
    return split(program, one), one


class _Roll:
    """One program that is being rolled up."""

    def __init__(self, program: Program, varies: Array, one: int, beside: bool) -> None:
        self.program, self.varies, self.one = program, varies, one
        self.layout = Layout(program, varies, beside)
        self.sizes, self.sums = program.sizes, is_sum(program)
        self.operands, self.addends = ordered_terms(program, varies, one)
        self.order = reading_order(program, self.operands, self.sums)
        self.level = aligned_levels(program)
        # What depends on a sum over the lanes is computed after them, and never with what is not.
        self.late = reached(program, np.flatnonzero(program.codes == TOTAL))
        self.body: list[Instruction] = []
        self.parameter = np.zeros(len(program), bool)
        self.parameter[program.parameters] = True
        self._pending: dict[tuple[bool, ...], list[tuple[Array, ...]]] = defaultdict(list)
        self._largest: dict[tuple[bool, ...], list[Array]] = defaultdict(list)

    def groups(self) -> Groups:
        """Roll all of it up."""
        at = -1
        for scalars in self._alike():
            if (level := int(self.level[scalars[0]])) != at:
                self._flush()
                at = level
            code = int(self.program.codes[scalars[0]])
            if code == LARGEST:
                self._largest[self._kind(scalars)].append(scalars)
            elif code in (PAIRS, TOTAL):
                self._pairs(scalars, code == TOTAL)
            else:
                self._rows(scalars, code)
        self._flush()
        layout, program = self.layout, self.program
        if layout.copies:
            to, scalars = np.array(sorted(layout.copies)).T
            out = Slots(UNIFORM, to)
            self.body.append(Expression((Step(HELD, (), out, (layout.slots_of(scalars),)),)))
        return Groups(
            cells=layout.sizes[0],
            rows=layout.sizes[1],
            constants=layout.constants,
            inputs=layout.places_of(program.inputs),
            parameters=layout.parameters,
            results=layout.places_of(program.results),
            gradients=layout.places_of(program.gradients)
            if layout.gradients is None
            else layout.gradients,
            guards=[(*layout.place_of(i), truth) for i, truth in program.guards],
            slots=layout.slots,
            varies=self.varies,
            body=self.body,
        )

    def _alike(self) -> Iterator[Array]:
        """The scalars that are computed alike, level by level."""
        program = self.program
        inner = np.flatnonzero(self.sizes)
        # In this order, as the digits of three numbers, which are sorted in a third of the time.
        level = 2 * self.level[inner] + self.late[inner]
        code = 2 * program.codes[inner].astype(np.int64) + self.varies[inner]
        size = self.sizes[inner].astype(np.int64) << 31 | (self.addends * self.sums)[inner]
        spaces, integers = self._spaces()[inner], self._integers()[inner]
        kind = spaces * (int(integers.max(initial=0)) + 1) + integers
        reserved = self.layout.reserved[inner] >= 0
        keys = np.stack([2 * len(ROWS) * level + code, size, 2 * kind + reserved])
        order = np.lexsort(keys[::-1])
        keys = keys[:, order]
        cuts = np.flatnonzero((keys[:, 1:] != keys[:, :-1]).any(axis=0)) + 1
        yield from (x for x in np.split(inner[order], cuts) if len(x))

    def _spaces(self) -> Array:
        """The spaces of the operands of rows of fixed arity, as a number."""
        found = np.zeros(len(self.program), np.int64)
        rows = np.flatnonzero((self.sizes > 0) & ~self.sums & (self.program.codes != LARGEST))
        for place in range(int(self.sizes[rows].max(initial=0))):
            some = rows[self.sizes[rows] > place]
            found[some] += self.varies[self.operands[self.program.starts[some] + place]] << place
        return found

    def _integers(self) -> Array:
        """What tells rows apart whose first operands are plain integers."""
        found = np.zeros(len(self.program), np.int64)
        numbers = self.program.numbers()
        known: dict[tuple[float, ...], int] = {}
        for code in each_of(self.program.codes):
            if (row := ROWS[code]) is not None and row.integers:
                for i in np.flatnonzero(self.program.codes == code).tolist():
                    start = self.program.starts[i]
                    first = self.operands[start : start + row.integers].tolist()
                    found[i] = known.setdefault(tuple(numbers[j] for j in first), len(known))
        return found

    # -- one row for each -----------------------------------------------------------------------
    def _rows(self, scalars: Array, code: int) -> None:
        """Rows of fixed arity."""
        row: Any = ROWS[code]
        at = self.program.starts[scalars][:, None] + np.arange(self.sizes[scalars[0]])
        operands = self.operands[at]
        integers: tuple[int, ...] = ()
        if row.integers:
            numbers = self.program.numbers()
            integers = tuple(int(numbers[i]) for i in operands[0, : row.integers].tolist())
        self._step(scalars, code, operands[:, row.integers :], integers)

    def _step(
        self, scalars: Array, code: int, operands: Array, integers: tuple[int, ...] = ()
    ) -> None:
        """A step on scalars, in the order in which they are read or lie best."""
        layout, reserved = self.layout, self.layout.reserved[scalars]
        if len(scalars) > 1:
            if (reserved >= 0).all():
                order = np.argsort(reserved)
            else:
                order = np.lexsort([*layout.slots[operands].T[::-1], self.order[scalars]])
            scalars, operands = scalars[order], operands[order]
        columns = tuple(layout.slots_of(column) for column in operands.T)
        summed = bool(self.program.codes[scalars[0]] == TOTAL)
        step = Step(code, integers, layout.place(scalars), columns, summed)
        self.body.append(Expression((step,)))

    # -- sums of products -----------------------------------------------------------------------
    def _pairs(self, scalars: Array, summed: bool) -> None:
        """Sums of products: matrices, steps, or sums of any length."""
        size, addends = int(self.sizes[scalars[0]]), int(self.addends[scalars[0]])
        terms = size // 2
        at = self.program.starts[scalars][:, None] + np.arange(size)
        pairs = self.operands[at].reshape(len(scalars), terms, 2)
        products = terms - addends
        of_cells = not summed and not self.varies[scalars[0]]
        if of_cells and terms > 2 and len(scalars) * terms < FEW:
            self._later(scalars, pairs, summed)
        elif (products == 0 and addends <= WIDE) or (
            summed and not self.varies[pairs].any(axis=2).all()
        ):
            self._written_out(scalars, pairs)
        else:
            several = len(scalars) > 1 or products > SHORT
            if products and (products > 1 or summed) and several:
                left = self._matrices(scalars, pairs, products, summed)
                scalars, pairs = scalars[left], pairs[left]
            if not len(scalars):
                return
            if terms <= SHORT:
                self._written_out(scalars, pairs)
            else:
                self._later(scalars, pairs, summed)

    def _written_out(self, scalars: Array, pairs: Array) -> None:
        """Short sums, as a step for each pattern of the spaces of their operands."""
        operands = pairs.reshape(len(scalars), -1)
        patterns = self.varies[operands]
        if (patterns == patterns[0]).all():
            self._step(scalars, PAIRS, operands)
            return
        for pattern in np.unique(patterns, axis=0):
            alike = (patterns == pattern).all(axis=1)
            self._step(scalars[alike], PAIRS, operands[alike])

    def _later(self, scalars: Array, pairs: Array, summed: bool) -> None:
        """Sums of any length, which wait for all of this level."""
        self._pending[(summed, *self._kind(scalars))].append((scalars, pairs))

    def _kind(self, scalars: Array) -> tuple[bool, ...]:
        """What scalars have in common that are computed by one instruction."""
        return bool(self.varies[scalars[0]]), bool(self.late[scalars[0]])

    def _flush(self) -> None:
        """The sums and the largest of a level."""
        layout = self.layout
        for (summed, *_), waiting in self._pending.items():
            sizes = np.concatenate([np.full(len(x), p.shape[1]) for x, p in waiting])
            left, right = (
                layout.encoded(np.concatenate([p[:, :, side].reshape(-1) for _, p in waiting]))
                for side in (0, 1)
            )
            out = layout.place(np.concatenate([x for x, _ in waiting]))
            self.body.append(Sums(out, np.cumsum(sizes) - sizes, left, right, summed=summed))
        self._pending.clear()
        for groups in self._largest.values():
            scalars = np.concatenate(groups)
            sizes = self.sizes[scalars]
            at = [np.arange(*self.program.starts[[i, i + 1]]) for i in scalars.tolist()]
            left = layout.encoded(self.operands[np.concatenate(at)])
            out = layout.place(scalars)
            self.body.append(Sums(out, np.cumsum(sizes) - sizes, left, left, largest=True))
        self._largest.clear()

    # -- products of matrices -------------------------------------------------------------------
    def _matrices(self, scalars: Array, pairs: Array, products: int, summed: bool) -> Array:
        """The products of matrices in sums of equal length; what is left over is returned."""
        left, right = pairs[:, :products, 0], pairs[:, :products, 1]
        addends = pairs[:, products:, 1]
        everything = np.arange(len(scalars))
        # The part of each side that has a number for each lane; no matrix is of mixed spaces.
        found = [np.count_nonzero(self.varies[x]) / x.size for x in (left, right)]
        of_lanes = bool(self.varies[scalars[0]])
        fits = [1.0, 1.0] if summed else [0.0, 1.0] if of_lanes else [0.0, 0.0]
        if found != fits or addends.shape[1] > (0 if summed else MOST_ADDENDS):
            return everything
        cells = not of_lanes and not summed
        if cells and self.parameter[right[0, 0]] and not self.parameter[left[0, 0]]:
            left, right = right, left
        left, right = self._in_order(left, right)
        slots, reserved = self.layout.slots, self.layout.reserved[scalars]
        by_left, by_right = slots[left[:, 0]], slots[right[:, 0]]
        if (reserved >= 0).all():
            by_left, by_right = reserved, reserved
        rest = []
        for grid in grids(left, right, by_left, by_right):
            t, m = grid.shape
            alone = t * m < 2 and (summed or products <= SHORT)
            if alone or (cells and t * m * products < SMALL):
                rest.append(grid.reshape(-1))
            elif summed:
                self._over_lanes(scalars, left, right, grid)
            elif of_lanes:
                self._of_rows(scalars, left, right, addends, grid)
            else:
                self._of_cells(scalars, left, right, addends, grid)
        return np.concatenate(rest) if rest else everything[:0]

    def _in_order(self, left: Array, right: Array) -> tuple[Array, Array]:
        """The terms of all sums in the order in which their factors lie."""
        slots = self.layout.slots
        lie = slots[left[0]]
        order = np.argsort(slots[right[0]] if (lie == lie[0]).all() else lie, kind="stable")
        return left[:, order], right[:, order]

    def _over_lanes(self, scalars: Array, left: Array, right: Array, grid: Array) -> None:
        """Rows times rows, summed over the lanes."""
        slots, out = self.layout.slots, self.layout.place(scalars[grid.T])
        rows, columns = slots[left[grid[0]]].T, slots[right[grid[:, 0]]].T
        self.body.append(Product(OVER_LANES, out, Slots(1, rows), Slots(1, columns)))

    def _of_rows(
        self, scalars: Array, left: Array, right: Array, addends: Array, grid: Array
    ) -> None:
        """A matrix of cells times rows; of several vectors of rows for each of them."""
        slots = self.layout.slots
        for row in grid:
            more = self._addends(addends[row])
            out = self.layout.place(scalars[row])
            cells, rows = Slots(0, slots[left[row]]), Slots(1, slots[right[row[0]]])
            self.body.append(Product(OF_ROWS, out, cells, rows, more))

    def _of_cells(
        self, scalars: Array, left: Array, right: Array, addends: Array, grid: Array
    ) -> None:
        """Cells times cells: each vector on the right is a row of the result."""
        slots = self.layout.slots
        t, m = grid.shape
        more = self._addends(addends[grid.reshape(-1)])
        more = tuple(Slots(x.space, x.at.reshape(t, m) if x.at.size > 1 else x.at) for x in more)
        out = self.layout.place(scalars[grid])
        vectors = Slots(0, slots[right[grid[:, 0]]])
        self.body.append(Product(OF_CELLS, out, vectors, Slots(0, slots[left[grid[0]]].T), more))

    def _addends(self, addends: Array) -> tuple[Slots, ...]:
        """What is added to products; columns of mixed spaces are copied to one first."""
        found = []
        for column in addends.T:
            if (self.varies[column] == self.varies[column[0]]).all():
                found.append(self.layout.slots_of(column))
                continue
            first = self.layout.new(1, len(column))
            out = np.arange(first, first + len(column))
            for space in (0, 1):
                some = np.flatnonzero(self.varies[column] == bool(space))
                self.body.append(
                    Expression(
                        (
                            Step(
                                HELD, (), Slots(1, out[some]), (self.layout.slots_of(column[some]),)
                            ),
                        )
                    )
                )
            found.append(Slots(1, out))
        return tuple(found)
