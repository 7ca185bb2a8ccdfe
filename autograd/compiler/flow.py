"""What flows where in a program: what a scalar reaches, what it needs, how deep it lies.

Wide programs are walked in NumPy, a front of scalars at a time; where the front gets thin, as in
a long chain, a loop over a stack goes on.
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
    return _spread(program.starts, program.operands, len(program), wanted)


def reached(program: Scalars, origins: Any) -> Array:
    """Tell which scalars depend on the given ones, themselves included."""
    starts, users = uses(program)
    return _spread(starts, users, len(program), origins)


def reaching(program: Scalars, root: int, edges: Array) -> Array:
    """Tell to which scalars something flows from the root through some of the operands."""
    counts = np.bincount(program.owners[edges], minlength=len(program))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return _spread(starts, program.operands[edges], len(program), [root])


def varying(program: Scalars, lanes: Any) -> Array:
    """Tell which scalars have a number for each lane, given the inputs that do.

    A sum over the lanes has not.
    """
    ends = program.codes[program.owners] == TOTAL
    order = np.argsort(program.operands[~ends], kind="stable")
    counts = np.bincount(program.operands[~ends], minlength=len(program))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return _spread(starts, program.owners[~ends][order], len(program), lanes)


def uses(program: Scalars) -> tuple[Array, Array]:
    """Return the users of each scalar: where they begin, and the scalars that take it."""
    order = np.argsort(program.operands, kind="stable")
    counts = np.bincount(program.operands, minlength=len(program))
    return np.concatenate([[0], np.cumsum(counts)]), program.owners[order]


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


def _spread(starts: Array, neighbours: Array, n: int, origins: Any) -> Array:
    """The scalars that are met on the way from the origins along neighbours."""
    met = np.zeros(n, bool)
    front = np.unique(np.asarray(origins, np.int64))
    met[front] = True
    thin = 0
    while len(front):
        new = neighbours[edges_of(starts, front)]
        front = np.unique(new[~met[new]])
        met[front] = True
        thin = thin + 1 if len(front) < THIN else 0
        if thin > PATIENCE:
            return _walked(starts, neighbours, met, front)
    return met


def _walked(starts: Array, neighbours: Array, met: Array, front: Array) -> Array:
    """The same, one scalar at a time."""
    flags, stack = bytearray(met.tobytes()), front.tolist()
    begins, listed = starts.tolist(), neighbours.tolist()
    while stack:
        i = stack.pop()
        for j in listed[begins[i] : begins[i + 1]]:
            if not flags[j]:
                flags[j] = 1
                stack.append(j)
    return np.frombuffer(flags, bool).copy()
