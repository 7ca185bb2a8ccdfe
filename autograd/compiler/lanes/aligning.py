"""At which level each scalar is computed: as soon as possible, but what one matrix does at once."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import PAIRS
from autograd.compiler.flow import levels
from autograd.compiler.program import Program

Array = NDArray[Any]
LONG = 4  # operands of a sum of products that counts as a row of a matrix
ROUNDS = 4


def aligned_levels(program: Program) -> Array:
    """Return the level of each scalar, after all those that it is computed from.

    Sums of products with one parameter, as many products with parameters deep, come to one level:
    what a layer does to several vectors is then one product of matrices.
    """
    level = levels(program)
    by = _parameters_of(program)
    if not by:
        return level
    found: list[int] = level.tolist()
    starts, operands = program.starts.tolist(), program.operands.tolist()
    inner = np.flatnonzero(program.sizes).tolist()
    depth = [0] * len(program)
    for i in inner:
        depth[i] = max([depth[j] for j in operands[starts[i] : starts[i + 1]]]) + (i in by)
    for _ in range(ROUNDS):
        latest: dict[tuple[int, int], int] = defaultdict(int)
        for i, parameter in by.items():
            key = parameter, depth[i]
            latest[key] = max(latest[key], found[i])
        changed = False
        for i in inner:
            now = 1 + max([found[j] for j in operands[starts[i] : starts[i + 1]]])
            if i in by:
                now = max(now, latest[by[i], depth[i]])
            changed = changed or now != found[i]
            found[i] = now
        if not changed:
            break
    return np.array(found)


def _parameters_of(program: Program) -> dict[int, int]:
    """The first parameter of each long sum of products that begins with one."""
    is_parameter = np.zeros(len(program), bool)
    is_parameter[program.parameters] = True
    sums = np.flatnonzero((program.codes == PAIRS) & (program.sizes >= LONG))
    first, second = (program.operands[program.starts[sums] + k] for k in (0, 1))
    parameter = np.where(is_parameter[first], first, second)
    with_one = is_parameter[parameter]
    return dict(zip(sums[with_one].tolist(), parameter[with_one].tolist(), strict=True))
