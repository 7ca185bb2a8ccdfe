"""Inputs that are read where they are given: they need not be copied to rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.lanes.groups import LANES, Groups, Product, Step, Sums

Span = tuple[int, int]  # the first row and the one after the last


def read_as_given(groups: Groups) -> list[Span]:
    """Return the inputs that are only read, and always as many at once: the first row of each and
    the one after the last. Several of them that steps read more than once are better copied.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> names = ["input"] * 3 + ["parameter"] * 4 + ["pairs", "pairs", "tanh"]
    >>> program = Program.of(
    ...     [CODES[name] for name in names], [3, 0, 4, 1, 5, 0, 6, 1, 2], counts={7: 4, 8: 4},
    ...     results=[7, 8, 9],
    ... )
    >>> read_as_given(roll(program, [True, True, True]))
    [(0, 2), (2, 3)]
    """
    inputs = np.zeros(groups.rows, bool)
    inputs[[slot for space, slot in groups.inputs if space == LANES]] = True
    users = np.zeros(groups.rows, np.int64)  # in how many spans each row is; 2 for any other user
    spans: dict[Span, int] = {}  # how often steps read them
    for slot in groups.asked():
        users[slot] += 2
    parts: list[Any] = [x for one in groups.body for x in getattr(one, "steps", (one,))]
    for part in parts:  # of what they read alone: nothing is written where an input is
        product = isinstance(part, Product)
        for side in part.operands if isinstance(part, Step) else part.reads():
            if side.space != LANES or not (count := side.at.size):
                continue
            span = (first := int(side.at.item(0))), first + count
            matrix = product and side.at.ndim > 1 and len(side.at) == 1
            if (
                not inputs[first]
                or isinstance(part, Sums)
                or not (matrix or side.at.ndim == 1)
                or side.strides is None
                or side.strides[-1] != 1
                or not inputs[slice(*span)].all()
            ):
                users[side.at] += 2
                continue
            users[slice(*span)] += span not in spans
            spans[span] = spans.get(span, 0) + (count > 1 and not product)
    return [x for x, count in spans.items() if count < 2 and (users[slice(*x)] == 1).all()]
