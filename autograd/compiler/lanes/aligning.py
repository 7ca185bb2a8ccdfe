"""At which level each scalar is computed: as soon as possible, but what one matrix does at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import PAIRS
from autograd.compiler.flow import layers, levels
from autograd.compiler.program import Program
from autograd.compiler.scalars import order_of

Array = NDArray[Any]
LONG = 4  # operands of a sum of products that counts as a row of a matrix
ROUNDS = 4


def aligned_levels(program: Program) -> Array:
    """Return the level of each scalar, after all those that it is computed from.

    Sums of products with one parameter, as many products with parameters deep, come to one level:
    what a layer does to several vectors is then one product of matrices.
    """
    level = levels(program)
    sums, parameters = _parameters_of(program)
    if not _alike(program.sizes[sums], parameters):
        return level
    parts = layers(program, level)
    is_sum = np.zeros(len(program), bool)
    is_sum[sums] = True
    depth = np.zeros(len(program), np.int64)
    for scalars, operands, begins in parts:
        depth[scalars] = np.maximum.reduceat(depth[operands], begins) + is_sum[scalars]
    keys = parameters * (depth.max() + 1) + depth[sums]
    order = order_of(keys)
    groups = np.empty_like(order)
    groups[order] = np.cumsum(np.diff(keys[order], prepend=-1) != 0) - 1
    least, latest = np.zeros(len(program), np.int64), np.zeros(len(sums), np.int64)
    for _ in range(ROUNDS):
        np.maximum.at(latest, groups, level[sums])
        if np.array_equal(latest[groups], level[sums]):
            break
        least[sums] = latest[groups]
        for scalars, operands, begins in parts:
            after = np.maximum.reduceat(level[operands], begins) + 1
            level[scalars] = np.maximum(after, least[scalars])
    return level


def _alike(sizes: Array, parameters: Array) -> bool:
    """Whether any two sums are of as many terms and of one parameter, as rows of one matrix are."""
    keys = np.sort(parameters * (int(sizes.max(initial=0)) + 1) + sizes)
    return bool((keys[1:] == keys[:-1]).any())


def _parameters_of(program: Program) -> tuple[Array, Array]:
    """The long sums of products that begin with a parameter, and that parameter of each."""
    is_parameter = np.zeros(len(program), bool)
    is_parameter[program.parameters] = True
    sums = np.flatnonzero((program.codes == PAIRS) & (program.sizes >= LONG))
    first, second = (program.operands[program.starts[sums] + k] for k in (0, 1))
    parameter = np.where(is_parameter[first], first, second).astype(np.int64)
    with_one = is_parameter[parameter]
    return sums[with_one], parameter[with_one]
