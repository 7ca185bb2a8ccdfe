"""Inputs that are matrices: they need not be copied to rows."""

from __future__ import annotations

import numpy as np

from autograd.compiler.lanes.groups import LANES, OF_CELLS, Groups, Product


def given_matrices(groups: Groups) -> list[tuple[int, int]]:
    """Return the inputs that nothing but products of matrices reads, as many at once as these do,
    and nothing writes: the first row of each and the one after the last.

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
    >>> given_matrices(roll(program, [True, True, True]))
    [(0, 2)]
    """
    inputs = np.zeros(groups.rows, bool)
    inputs[[slot for space, slot in groups.inputs if space == LANES]] = True
    users = np.zeros(groups.rows, np.int64)  # in how many spans each row is; 2 for any other user
    spans: dict[tuple[int, int], None] = {}
    for space, slot, *_ in [*groups.results, *groups.gradients, *groups.guards]:
        if space == LANES:
            users[slot] += 2
    for part in [x for one in groups.body for x in getattr(one, "steps", (one,))]:
        sides = [part.out, *(part.operands if hasattr(part, "operands") else part.reads())]
        if isinstance(part, Product) and part.kind != OF_CELLS:
            rows = part.right.at.reshape(-1)
            span = int(rows[0]), int(rows[0]) + len(rows)
            alone = part.right.at.ndim == 1 or len(part.right.at) == 1
            if alone and inputs[rows].all() and (rows == np.arange(*span)).all():
                users[rows] += span not in spans
                spans[span] = None
                sides = [part.out, part.left, *part.addends]
        for side in sides:
            if side.space == LANES:
                users[side.at.reshape(-1)] += 2
    return [span for span in spans if (users[slice(*span)] == 1).all()]
