"""What flows where in a program: what a scalar reaches, what it needs, how deep it lies.

Mostly nearly all scalars are wanted, so what is not is looked for: what nobody reads, or what reads
nothing that counts, and what that leaves so in turn. Wide programs are walked in NumPy, a front of
scalars at a time; where the front gets thin, as in a long chain, a loop over a stack goes on.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import LITERAL, TOTAL
from autograd.compiler.scalars import Scalars, order_of

Array = NDArray[Any]
THIN = 32  # scalars of a front; after some thin ones a loop over what is left takes less
FEW = 6_000  # operands of a program in which a loop over them takes less from the beginning
ROUNDS = 4  # of looking at all operands for what one step away is, until fronts do it


def needed(program: Scalars, wanted: Any) -> Array:
    """Tell which scalars the wanted ones are computed from, themselves included."""
    if not len(wanted):
        return np.zeros(len(program), bool)
    readers = np.bincount(program.operands, minlength=len(program))
    return _left(readers, wanted, program.starts, program.operands)


def reached(program: Scalars, origins: Any) -> Array:
    """Tell which scalars depend on the given ones, themselves included."""
    found = np.zeros(len(program), bool)
    if not len(origins):
        return found
    found[origins] = True
    if not program.sizes[origins].any():  # what depends on no such leaf is mostly near the others
        rest = _of_these_alone(program, (program.sizes == 0) & ~found, found)
        if rest is not None:
            return ~rest
    owners, count = program.owners, np.count_nonzero(found)
    for _ in range(ROUNDS):
        found[owners[found.take(program.operands)]] = True
        if count == (count := np.count_nonzero(found)):
            return found
    starts, users = uses(program)
    return _left(program.sizes, origins, starts, users)


def constant(program: Scalars) -> Array:
    """Tell which scalars are computed from literals alone. A sum over the lanes is not."""
    leaves = program.codes == LITERAL
    others = (program.sizes == 0) & ~leaves | (program.codes == TOTAL)
    found = _of_these_alone(program, leaves, others)
    return ~reached(program, np.flatnonzero(others)) if found is None else found


def _of_these_alone(program: Scalars, found: Array, others: Array) -> Array | None:
    """Which scalars are computed from some alone, and are none of others; None if that is deep."""
    owners, count = program.owners, np.count_nonzero(found)
    for _ in range(ROUNDS):
        further = ~others
        further[owners[~found.take(program.operands)]] = False
        found = found | further
        if count == (count := np.count_nonzero(found)):
            return found
    return None


def reaching(program: Scalars, root: int, edges: Array) -> Array:
    """Tell to which scalars something flows from the root through some of the operands."""
    operands = program.operands[edges]
    starts = _ends(np.bincount(program.owners[edges], minlength=len(program)))
    return _left(np.bincount(operands, minlength=len(program)), [root], starts, operands)


def varying(program: Scalars, lanes: Any) -> Array:
    """Tell which scalars have a number for each lane, given the inputs that do.

    A sum over the lanes has not.
    """
    varies = np.zeros(len(program), bool)
    if not len(lanes):
        return varies
    varies[lanes] = True
    uniform = (program.sizes == 0) & ~varies | (program.codes == TOTAL)
    found = _of_these_alone(program, uniform, varies)
    if found is not None:
        return ~found
    edges = np.flatnonzero(program.codes[program.owners] != TOTAL)
    owners, operands = program.owners[edges], program.operands[edges]
    order = order_of(operands)
    starts = _ends(np.bincount(operands, minlength=len(program)))
    sizes = np.bincount(owners, minlength=len(program))
    return _left(sizes, lanes, starts, owners[order])


def uses(program: Scalars) -> tuple[Array, Array]:
    """Return the users of each scalar: where they begin, and the scalars that take it."""
    order = order_of(program.operands)
    counts = np.bincount(program.operands, minlength=len(program))
    return _ends(counts), program.owners[order]


def levels(program: Scalars) -> Array:
    """Return for each scalar the number of operations on the longest way to it."""
    if len(program.operands) < FEW:
        return _levels_one_by_one(program)
    level = np.zeros(len(program), np.int64)
    counts, mark = program.sizes.astype(np.int64), np.zeros(len(program), np.int64)
    starts, users = uses(program)
    front = np.flatnonzero(counts == 0)
    depth = thin = 0
    while len(front):
        lowered = users[edges_of(starts, front)]
        np.subtract.at(counts, lowered, 1)
        front = _once(lowered[counts[lowered] == 0], mark)
        depth += 1
        level[front] = depth
        thin = thin + 1 if len(front) < THIN else 0
        if thin > _patience(users):
            return _levels_one_by_one(program)
    return level


def _patience(edges: Array) -> int:
    """How many thin fronts cost about as much as a loop over some edges."""
    return 2 + len(edges) // 1024


def _levels_one_by_one(program: Scalars) -> Array:
    """The same, one scalar at a time; those that nobody reads, as most gradients, at once."""
    found, read = [0] * len(program), np.zeros(len(program), bool)
    read[program.operands] = True
    inner, last = (np.flatnonzero((program.sizes > 0) & x) for x in (read, ~read))
    begins, ends = program.starts[inner].tolist(), program.starts[inner + 1].tolist()
    operands, of = program.operands.tolist(), found.__getitem__
    for i, begin, end in zip(inner.tolist(), begins, ends, strict=True):
        found[i] = 1 + max(map(of, operands[begin:end]))
    level = np.array(found)
    if len(last):
        edges, begins = edges_of(program.starts, last), _ends(program.sizes[last])[:-1]
        level[last] = 1 + np.maximum.reduceat(level[program.operands[edges]], begins)
    return level


class Layer(NamedTuple):
    """Scalars of one level.

    Attributes
    ----------
    scalars, operands : array of int
        Them, and their operands, those of one after those of the other.
    begins : array of int
        Where the operands of each begin.
    """

    scalars: Array
    operands: Array
    begins: Array


def layers(program: Scalars, level: Array) -> list[Layer]:
    """Return the scalars that have operands, level by level."""
    inner = np.flatnonzero(program.sizes)
    inner = inner[order_of(level[inner])]
    operands = program.operands[edges_of(program.starts, inner)]
    begins = _ends(program.sizes[inner])
    cuts = [0, *(np.flatnonzero(np.diff(level[inner])) + 1).tolist(), len(inner)]
    edges = begins[cuts].tolist()
    spans = zip(itertools.pairwise(cuts), itertools.pairwise(edges), strict=True)
    return [
        Layer(inner[a:b], operands[first:last], begins[a:b] - first)
        for (a, b), (first, last) in spans
        if a < b
    ]


def edges_of(starts: Array, scalars: Array) -> Array:
    """Return the places of the operands of some scalars, one scalar after the other."""
    counts = starts[scalars + 1] - starts[scalars]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: Array = np.arange(total) + np.repeat(starts[scalars] - (ends - counts), counts)
    return places


def pairs_of(program: Scalars, sums: Array) -> Array:
    """Return where the pairs of some sums of products begin, given flags of these sums."""
    return np.flatnonzero(sums[program.owners])[::2]  # as each has an even number of operands


def _ends(counts: Array) -> Array:
    """Where so many things each begin, and the last ones end."""
    return np.concatenate([[0], np.cumsum(counts)])


def _once(scalars: Array, mark: Array) -> Array:
    """Each of some scalars once; `mark` is of no use before or after."""
    places = np.arange(len(scalars))
    mark[scalars] = places
    found: Array = scalars[mark[scalars] == places]
    return found


def _left(counts: Array, wanted: Any, starts: Array, neighbours: Array) -> Array:
    """What is left when scalars of count 0 go, and each lowers the counts of its neighbours.

    The wanted ones stay.
    """
    counts = counts.astype(np.int64)  # of int32, NumPy subtracts 1 fifty times as slowly
    counts[np.asarray(wanted, np.int64)] += len(neighbours) + 1
    left, mark = counts > 0, np.zeros(len(counts), np.int64)
    front = np.flatnonzero(~left)
    thin = 0
    while len(front):
        lowered = neighbours[edges_of(starts, front)]
        np.subtract.at(counts, lowered, 1)
        front = _once(lowered[counts[lowered] == 0], mark)
        left[front] = False
        thin = thin + 1 if len(front) < THIN else 0
        if thin > _patience(neighbours):
            return _walked(counts, starts, neighbours, left, front)
    return left


def _walked(counts: Array, starts: Array, neighbours: Array, left: Array, front: Array) -> Array:
    """The same, one scalar at a time."""
    stack, lowered = front.tolist(), counts.tolist()
    begins, listed = starts.tolist(), neighbours.tolist()
    flags = bytearray(left.tobytes())
    while stack:
        i = stack.pop()
        for j in listed[begins[i] : begins[i + 1]]:
            lowered[j] -= 1
            if not lowered[j]:
                flags[j] = 0
                stack.append(j)
    return np.frombuffer(flags, bool).copy()
