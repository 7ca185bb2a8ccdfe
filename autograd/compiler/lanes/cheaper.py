"""What costs less over arrays, and answers the same in every bit."""

from __future__ import annotations

import numpy as np

from autograd.compiler.building import renamed
from autograd.compiler.codes import CODES, LITERAL, PAIRS, TOTAL, among
from autograd.compiler.flow import edges_of
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.scalars import starts_of

RELU, HEAVISIDE, SIGN = CODES["relu"], CODES["heaviside"], CODES["sign"]
NONNEGATIVE, WHERE = CODES["nonnegative"], CODES["where"]


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


ROUNDS = 4  # sums and choices, one of the other, that are looked through
_ABOVE_ZERO = (
    "exp", "exp2", "exp_difference", "sigmoid", "relu", "nonnegative", "abs", "normal_pdf",
    "logistic_density", "sech2", "exp_neg_square",
)  # fmt: skip


def without_checks(program: Program) -> Program:
    """Return the program without `nonnegative` of what is never below 0, nor -0.0.

    Examples
    --------
    >>> names = ("literal", "input", "exp", "pairs", "nonnegative")
    >>> program = Program.of(
    ...     [CODES[name] for name in names], [1, 0, 2, 0, 0, 3], counts={3: 4}, literals=[1.0],
    ...     results=[4],
    ... )
    >>> print(without_checks(program))
    program(x0):
        v2 = exp(x0)
        v3 = v2 + 1.0
        return v3
    """
    checks = np.flatnonzero(program.codes == NONNEGATIVE)
    if not len(checks):
        return program
    known = among(program.codes, *(CODES[name] for name in _ABOVE_ZERO))
    is_literal = program.codes == LITERAL
    known[is_literal] = (program.literals >= 0.0) & ~np.signbit(program.literals)
    inner = np.flatnonzero(among(program.codes, PAIRS, TOTAL, WHERE) & (program.sizes > 0))
    edges, ends = edges_of(program.starts, inner), np.cumsum(program.sizes[inner])
    begins = ends - program.sizes[inner]
    asked = np.zeros(len(edges), bool)
    asked[begins[program.codes[inner] == WHERE]] = True  # a condition may be anything
    of = program.operands[program.starts[checks]]
    for _ in range(ROUNDS if len(inner) else 0):
        if known[of].all():
            break
        known[inner] |= np.logical_and.reduceat(known[program.operands[edges]] | asked, begins)
    alias = np.arange(len(program))
    alias[checks[known[of]]] = of[known[of]]
    return prune(renamed(program, alias))
