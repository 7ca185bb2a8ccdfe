"""The order of the backward sweep, on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.partials import ENDS
from autograd.compiler.program import Program


def sweep_ranks(program: Program, root: int) -> NDArray[Any]:
    """Return the place of each scalar in the order in which eager would sweep from `root`, from
    the first; -1 where it would not come.

    The same walk as that of `autograd.graph.order.topological_order`, so that the terms of every
    adjoint stand in the order in which eager adds them up.
    """
    starts, operands = program.starts.tolist(), program.operands.tolist()
    enters = ((program.sizes > 0) & ~ENDS[program.codes]).tolist()
    ranks = [-1] * len(program)
    if not enters[root]:
        return np.array(ranks)
    seen = bytearray(len(program))
    seen[root] = 1
    count = 0
    stack: list[Any] = []
    scalar, below = root, iter(operands[starts[root] : starts[root + 1]])
    while True:
        for operand in below:
            if enters[operand] and not seen[operand]:
                seen[operand] = 1
                stack.append(scalar)
                stack.append(below)
                scalar, below = operand, iter(operands[starts[operand] : starts[operand + 1]])
                break
        else:
            ranks[scalar] = count
            count += 1
            if not stack:
                return np.array(ranks)
            below, scalar = stack.pop(), stack.pop()
