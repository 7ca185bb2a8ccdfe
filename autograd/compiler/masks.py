"""Where a branch is not taken nothing flows, as in eager, which never computes it.

What is computed for a branch that is not taken may be inf or nan, and 0 times it no 0. So the
partials of what only a branch needs are chosen: `where(reached, partial, 0)`, where `reached` tells
whether the conditions hold on a way from the root.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from autograd.compiler.building import Builder
from autograd.compiler.codes import CODES

Array = NDArray[Any]
WHERE, BOTH = CODES["where"], CODES["both"]
ALWAYS = -1  # the mask of what is reached whatever the conditions are


class Masks:
    """The masks of a program: conjunctions and alternatives of its conditions, each added once."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._known: dict[tuple[str, int, int], int] = {}
        self._halves: dict[int, tuple[int, int, bool]] = {}  # a mask and the condition it adds

    def branch(self, mask: int, condition: int, taken: bool) -> int:
        """Return the mask of a branch of what has a mask."""
        holds = condition if taken else self._new("not", condition, condition)
        found = holds if mask == ALWAYS else self._new("both", mask, holds)
        self._halves.setdefault(found, (mask, condition, taken))
        return found

    def either(self, mask: int, other: int) -> int:
        """Return the mask of what is reached on two ways."""
        if mask == other or ALWAYS in (mask, other):
            return mask if mask == other else ALWAYS
        first, second = self._halves.get(mask), self._halves.get(other)
        if first and second and first[:2] == second[:2] and first[2] != second[2]:
            return first[0]  # both branches of one choice
        return self._new("either", *sorted((mask, other)))

    def _new(self, kind: str, x: int, y: int) -> int:
        """The scalar of a mask."""
        key = (kind, x, y)
        if key not in self._known:
            literal, one = self.builder.literal, self.builder.one
            if kind == "both":
                self._known[key] = one(BOTH, x, y)
            elif kind == "not":
                self._known[key] = one(WHERE, x, literal(0.0), literal(1.0))
            else:
                self._known[key] = one(WHERE, x, literal(1.0), y)
        return self._known[key]


def masked(builder: Builder, root: int, edges: Array, partials: Array) -> None:
    """Choose the partials of what only a branch needs.

    Parameters
    ----------
    builder : Builder
    root : int
        The scalar that is differentiated.
    edges : array of bool
        The operands that something flows to.
    partials : array of int
        For each of them the partial; those to be chosen are replaced.
    """
    program, masks = builder.program, Masks(builder)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    codes, flows = program.codes.tolist(), edges.tolist()
    finite = {i for i, number in program.numbers().items() if math.isfinite(number)}
    finite.add(builder.literal(1.0))
    zero = builder.literal(0.0)
    mask_of = {root: ALWAYS}
    chosen: dict[tuple[int, int], int] = {}
    for scalar in range(root, -1, -1):
        mask = mask_of.get(scalar)
        if mask is None:
            continue
        for at in range(starts[scalar], starts[scalar + 1]):
            if not flows[at]:
                continue
            below = mask
            if codes[scalar] == WHERE:
                below = masks.branch(mask, operands[starts[scalar]], at == starts[scalar] + 1)
            elif mask != ALWAYS and (partial := int(partials[at])) not in finite:
                if (mask, partial) not in chosen:
                    place = int(program.places[scalar])
                    chosen[mask, partial] = builder.one(WHERE, mask, partial, zero, place=place)
                partials[at] = chosen[mask, partial]
            operand = operands[at]
            before = mask_of.get(operand)
            mask_of[operand] = below if before is None else masks.either(before, below)
