"""What flows where in a program: what a scalar reaches, what it needs, how deep it lies.

Mostly nearly all scalars are wanted, so what is not is looked for: what nobody reads, or what reads
nothing that counts, and what that leaves so in turn. Wide programs are walked in NumPy, a front of
scalars at a time; where the front gets thin, as in a long chain, a loop over a stack goes on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import TOTAL
from autograd.compiler.scalars import Scalars

Array = NDArray[Any]
THIN, PATIENCE = 256, 24  # scalars of a front, and how many thin ones until the loop takes over


def needed(program: Scalars, wanted: Any) -> Array:
    """Tell which scalars the wanted ones are computed from, themselves included."""
    readers = np.bincount(program.operands, minlength=len(program))
    return _left(readers, wanted, program.starts, program.operands)


def reached(program: Scalars, origins: Any) -> Array:
    """Tell which scalars depend on the given ones, themselves included."""
    starts, users = uses(program)
    return _left(program.sizes, origins, starts, users)


def reaching(program: Scalars, root: int, edges: Array) -> Array:
    """Tell to which scalars something flows from the root through some of the operands."""
    operands = program.operands[edges]
    starts = _ends(np.bincount(program.owners[edges], minlength=len(program)))
    return _left(np.bincount(operands, minlength=len(program)), [root], starts, operands)


def varying(program: Scalars, lanes: Any) -> Array:
    """Tell which scalars have a number for each lane, given the inputs that do.

    A sum over the lanes has not.
    """
    if not len(lanes):
        return np.zeros(len(program), bool)
    edges = np.flatnonzero(program.codes[program.owners] != TOTAL)
    owners, operands = program.owners[edges], program.operands[edges]
    order = np.argsort(operands, kind="stable")
    starts = _ends(np.bincount(operands, minlength=len(program)))
    sizes = np.bincount(owners, minlength=len(program))
    return _left(sizes, lanes, starts, owners[order])


def uses(program: Scalars) -> tuple[Array, Array]:
    """Return the users of each scalar: where they begin, and the scalars that take it."""
    order = np.argsort(program.operands, kind="stable")
    counts = np.bincount(program.operands, minlength=len(program))
    return _ends(counts), program.owners[order]


def levels(program: Scalars) -> Array:
    """Return for each scalar the number of operations on the longest way to it."""
    level = np.zeros(len(program), np.int64)
    inner = np.flatnonzero(program.sizes)
    if not len(inner):
        return level
    begins = program.starts[inner]
    for _ in range(3 * PATIENCE):  # a wide program has settled after as many rounds as it is deep
        deeper = np.maximum.reduceat(level[program.operands], begins) + 1
        if (deeper == level[inner]).all():
            return level
        level[inner] = deeper
    found = [0] * len(program)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i in inner.tolist():
        found[i] = 1 + max([found[j] for j in operands[starts[i] : starts[i + 1]]])
    return np.array(found)


def edges_of(starts: Array, scalars: Array) -> Array:
    """Return the places of the operands of some scalars, one scalar after the other."""
    counts = starts[scalars + 1] - starts[scalars]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: Array = np.arange(total) + np.repeat(starts[scalars] - (ends - counts), counts)
    return places


def _ends(counts: Array) -> Array:
    """Where so many things each begin, and the last ones end."""
    return np.concatenate([[0], np.cumsum(counts)])


def _left(counts: Array, wanted: Any, starts: Array, neighbours: Array) -> Array:
    """What is left when scalars of count 0 go, and each lowers the counts of its neighbours.

    The wanted ones stay.
    """
    counts = counts.copy()
    counts[np.asarray(wanted, np.int64)] += len(neighbours) + 1
    left = counts > 0
    front = np.flatnonzero(~left)
    thin = 0
    while len(front):
        lowered = neighbours[edges_of(starts, front)]
        np.subtract.at(counts, lowered, 1)
        front = np.unique(lowered[counts[lowered] == 0])
        left[front] = False
        thin = thin + 1 if len(front) < THIN else 0
        if thin > PATIENCE:
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
