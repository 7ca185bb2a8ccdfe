"""Fold: what is known beforehand is not computed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import renamed
from autograd.compiler.codes import CODES, LITERAL, NAMES, PAIRS
from autograd.compiler.evaluating import computed
from autograd.compiler.flow import constant
from autograd.compiler.program import Program
from autograd.compiler.scalars import starts_of

Array = NDArray[Any]
MULTIPLY, DIVIDE, POWER = CODES["multiply"], CODES["divide"], CODES["power"]
SUBTRACT, WHERE, POSITIVE = CODES["subtract"], CODES["where"], CODES["positive"]


def fold(program: Program) -> Program:
    """Return the program without operations on numbers that are known, and without copies.

    Operations on literals become literals, by the float functions of the table; factors of 1 and
    sums of one term go. Every number stays the same, to the bit. What was replaced is still there,
    unread, for `prune`.

    Examples
    --------
    >>> codes = [CODES[name] for name in ("input", "literal", "exp", "multiply", "pairs")]
    >>> program = Program.of(
    ...     codes, [1, 0, 2, 2, 3], counts={4: 2}, literals=[0.0], results=[4]
    ... )
    >>> from autograd.compiler.pruning import prune
    >>> print(program)
    program(x0):
        v2 = exp(0.0)
        v3 = x0 * v2
        v4 = v2*v3
        return v4
    >>> print(prune(fold(program)))
    program(x0):
        return x0
    """
    program = _with_known_numbers(program)
    codes = program.codes.copy()
    codes[(codes == PAIRS) & (program.sizes == 2)] = MULTIPLY
    program = program.with_(codes=codes)
    while (alias := _copies(program)) is not None:
        program = renamed(program, alias)
        new = program.codes[alias[alias != np.arange(len(alias))]]
        if (new == LITERAL).any():  # what read the copy may be known now
            program = _with_known_numbers(program)
        elif not (program.codes == WHERE).any():
            break  # only a known number, or two equal branches, make further copies
    return program


def _with_known_numbers(program: Program) -> Program:
    """What depends on no input, no parameter and not on the number of lanes, as literals."""
    codes = program.codes
    known = constant(program)
    scalars = np.flatnonzero(known & (codes != LITERAL))
    if not len(scalars):
        return program
    numbers = program.numbers()
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i in scalars.tolist():
        given = [numbers[j] for j in operands[starts[i] : starts[i + 1]]]
        numbers[i] = float(computed(int(codes[i]), given))
    sizes, codes = program.sizes, codes.copy()
    sizes[scalars], codes[scalars] = 0, LITERAL
    stays = ~known[program.owners]
    literals = np.array([numbers[i] for i in sorted(numbers)])
    return program.with_(
        codes=codes,
        starts=starts_of(sizes),
        operands=program.operands[stays],
        literals=literals,
    )


def _copies(program: Program) -> Array | None:
    """For each scalar that is read what it is a copy of, or itself; None where there are none."""
    numbers = np.full(len(program), np.nan)
    numbers[program.codes == LITERAL] = program.literals
    known = program.codes == LITERAL
    alias = np.arange(len(program))
    there = np.bincount(program.codes, minlength=len(NAMES)).tolist()

    def of(code: int, size: int) -> tuple[Array, list[Array]]:
        scalars = np.flatnonzero(program.codes == code)
        return scalars, [program.operands[program.starts[scalars] + k] for k in range(size)]

    if there[MULTIPLY]:
        scalars, (x, y) = of(MULTIPLY, 2)
        by_y, by_x = numbers[y] == 1.0, numbers[x] == 1.0
        alias[scalars[by_y]] = x[by_y]
        alias[scalars[by_x]] = y[by_x]
    for code, neutral in ((DIVIDE, 1.0), (POWER, 1.0), (SUBTRACT, 0.0)):
        if there[code]:
            scalars, (x, y) = of(code, 2)
            # x - -0.0 is 0.0 where x is -0.0: no copy
            hit = (numbers[y] == neutral) & ~np.signbit(numbers[y])
            alias[scalars[hit]] = x[hit]
    if there[POSITIVE]:
        scalars, (x,) = of(POSITIVE, 1)
        alias[scalars] = x
    if there[WHERE]:
        scalars, (condition, x, y) = of(WHERE, 3)
        sure = known[condition]
        alias[scalars[sure]] = np.where(numbers[condition[sure]] != 0.0, x[sure], y[sure])
        alias[scalars[x == y]] = x[x == y]
    read = np.zeros(len(program), bool)
    read[program.operands] = read[program.kept] = True
    alias[~read] = np.flatnonzero(~read)
    return alias if (alias != np.arange(len(program))).any() else None
