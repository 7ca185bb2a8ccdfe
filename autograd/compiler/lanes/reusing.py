"""Rows used again: what is read no more makes room for what comes, so that blocks stay small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.lanes.given import Span, read_as_given
from autograd.compiler.lanes.groups import (
    LANES,
    Expression,
    Groups,
    Product,
    Slots,
    Step,
    with_rows,
)
from autograd.compiler.scalars import Array


def reusing(groups: Groups, given: Sequence[Span] | None = None) -> Groups:
    """Return groups with as few rows as may be, in which rows are written more than once.

    Rows that are read through one view stay beside each other; the inputs stay where they are; what
    is written never lies where one of its operands does.

    Parameters
    ----------
    groups : Groups
    given : sequence of (int, int), optional
        What `read_as_given` says of them, if it was asked.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> codes = [CODES[name] for name in ("input", "tanh", "exp", "sin", "log")]
    >>> groups = roll(Program.of(codes, [0, 1, 2, 3], results=[4]), [True])
    >>> groups.rows, reusing(groups).rows
    (5, 3)
    """
    if not groups.rows:
        return groups
    steps = [part for one in groups.body for part in _parts(one)]
    given = read_as_given(groups) if given is None else given
    reads, writes = _times(steps, groups, given)
    block = _blocks(steps, groups)
    count = int(block.max(initial=-1)) + 1
    first, last = np.full(count, len(steps)), np.full(count, -1)
    np.minimum.at(first, block, writes)
    np.maximum.at(last, block, reads)
    starts = np.searchsorted(block, np.arange(count))
    sizes = np.diff(np.append(starts, groups.rows))
    stays = {int(block[slot]) for space, slot in groups.inputs if space == LANES}
    new, rows = _packed(first, np.maximum(last, first), sizes, starts, stays)
    moved = np.arange(groups.rows) + (new - starts)[block]
    return renumbered(groups, moved, rows)


def _parts(one: Any) -> Any:
    """What an instruction computes one after the other."""
    return one.steps if isinstance(one, Expression) else (one,)


def read(part: Any) -> Iterator[Slots]:
    """Yield what a step, a product or sums read."""
    yield from part.operands if hasattr(part, "operands") else part.reads()


def _times(steps: list[Any], groups: Groups, given: Sequence[Span]) -> tuple[Array, Array]:
    """When each row is read last and written first; what is asked for is read at the end."""
    reads, writes = np.full(groups.rows, -1), np.full(groups.rows, len(steps))
    for k, part in enumerate(steps):
        if part.out.space == LANES:
            flat = part.out.at.reshape(-1)
            writes[flat] = np.minimum(writes[flat], k)
        for slots in read(part):
            if slots.space == LANES:
                reads[slots.at.reshape(-1)] = k
    for space, slot, *_ in groups.inputs:
        if space == LANES:
            writes[slot] = -1
    for row in groups.ones:
        writes[row], reads[row] = -1, len(steps)
    for first, end in given:  # which are no rows of ours, if they can be others
        reads[first:end] = len(steps)
    reads[groups.asked()] = len(steps)
    return reads, writes


def _blocks(steps: list[Any], groups: Groups) -> Array:
    """For each row the number of the block that it stays in: of rows that one view covers."""
    joined = np.zeros(groups.rows + 1, np.int64)  # where a span begins, and where one ends
    inputs = [slot for space, slot in groups.inputs if space == LANES]
    spans = [(min(inputs), max(inputs))] if inputs else []
    for part in steps:
        spans += [
            slots.span
            for slots in (part.out, *read(part))
            if slots.space == LANES and slots.at.size > 1 and slots.strides is not None
        ]
    for first, last in spans:
        joined[first] += 1
        joined[last] -= 1
    inside = np.cumsum(joined)[: groups.rows] > 0  # the next row belongs to the same block
    found: Array = np.concatenate([[0], np.cumsum(~inside)[:-1]])
    return found


def _packed(
    first: Array, last: Array, sizes: Array, starts: Array, stays: set[int]
) -> tuple[Array, int]:
    """The new start of each block, and how many rows there are in all; some blocks stay."""
    new = np.full(len(first), -1)
    order = np.lexsort((starts, first))
    alive: list[tuple[int, int, int]] = []  # start, end and the time of the last read
    rows = 0
    for k in order.tolist():
        now, size = int(first[k]), int(sizes[k])
        alive = [x for x in alive if x[2] >= now]
        at = int(starts[k]) if k in stays else _gap(alive, size)
        new[k] = at
        alive.append((at, at + size, int(last[k])))
        alive.sort()
        rows = max(rows, at + size)
    return new, rows


def _gap(alive: list[tuple[int, int, int]], size: int) -> int:
    """The first place where so many rows are free."""
    at = 0
    for start, end, _ in alive:
        if start - at >= size:
            return at
        at = max(at, end)
    return at


def renumbered(groups: Groups, moved: Array, rows: int) -> Groups:
    """Return groups with their rows elsewhere: `moved` of each, and so many in all. What is read
    through one view has to be moved as a whole.
    """

    def slots(given: Slots) -> Slots:
        if given.space != LANES:
            return given
        return Slots(LANES, moved[given.at], given.strides)

    def side(given: Array) -> Array:
        return np.where(given >= 0, moved[np.maximum(given, 0)], given)

    def part(given: Any) -> Any:
        out = slots(given.out)
        if isinstance(given, Step):
            return given._replace(out=out, operands=tuple(map(slots, given.operands)))
        if isinstance(given, Product):
            left, right, more = slots(given.left), slots(given.right), map(slots, given.addends)
            return Product(given.kind, out, left, right, tuple(more))
        return given._replace(out=out, left=side(given.left), right=side(given.right))

    body = [
        Expression(tuple(map(part, one.steps))) if isinstance(one, Expression) else part(one)
        for one in groups.body
    ]
    lists = {
        name: [x if x[0] != LANES else (LANES, int(moved[x[1]]), *x[2:]) for x in places]
        for name in ("inputs", "results", "gradients", "guards")
        if with_rows(places := getattr(groups, name))
    }
    ones = tuple(int(moved[row]) for row in groups.ones)
    kept = np.flatnonzero(groups.varies & (groups.slots >= 0))
    places = groups.slots.copy()
    places[kept] = moved[places[kept]]
    return groups.with_(rows=rows, body=body, ones=ones, slots=places, **lists)
