"""What costs less over arrays, and answers the same in every bit."""

from __future__ import annotations

import numpy as np

from autograd.compiler.codes import CODES
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.scalars import starts_of

RELU, HEAVISIDE, SIGN = CODES["relu"], CODES["heaviside"], CODES["sign"]


def with_signs(program: Program) -> Program:
    """Return the program in which the slope of a relu is the sign of that relu, which NumPy finds
    three times as fast as a step; of nan both are nan.

    Examples
    --------
    >>> names = ("literal", "input", "relu", "heaviside")
    >>> program = Program.of(
    ...     [CODES[name] for name in names], [1, 1, 0], literals=[0.0], results=[2, 3]
    ... )
    >>> print(with_signs(program))
    program(x0):
        v1 = relu(x0)
        v2 = sign(v1)
        return v1, v2
    """
    starts, operands = program.starts, program.operands
    steps = np.flatnonzero(program.codes == HEAVISIDE)
    if not len(steps):
        return program
    relus = np.flatnonzero(program.codes == RELU)
    of = np.full(len(program), len(program))
    of[operands[starts[relus]]] = relus
    numbers = np.full(len(program), np.nan)
    numbers[[*program.numbers()]] = program.literals
    relu = of[operands[starts[steps]]]
    known = (relu < steps) & (numbers[operands[starts[steps] + 1]] == 0.0)
    steps, relu = steps[known], relu[known]
    codes, sizes, stays = program.codes.copy(), program.sizes.copy(), np.ones(len(operands), bool)
    codes[steps], sizes[steps], stays[starts[steps] + 1] = SIGN, 1, False
    operands = operands.copy()
    operands[starts[steps]] = relu
    return prune(program.with_(codes=codes, starts=starts_of(sizes), operands=operands[stays]))
