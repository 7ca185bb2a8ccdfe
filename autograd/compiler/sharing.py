"""Share: what is computed twice is computed once."""

from __future__ import annotations

import numpy as np

from autograd.compiler.building import key_of, renamed
from autograd.compiler.codes import CODES, INPUT, LITERAL, PARAMETER
from autograd.compiler.program import Program

COMMUTING = (CODES["add"], CODES["multiply"])


def share(program: Program) -> Program:
    """Return the program with equal scalars as one: of one code, of the same operands.

    The others are still there, unread, for `prune`.

    Examples
    --------
    >>> codes = [CODES[name] for name in ("input", "exp", "exp", "multiply")]
    >>> print(share(Program.of(codes, [0, 0, 1, 2], results=[3])))
    program(x0):
        v1 = exp(x0)
        v2 = exp(x0)
        v3 = v1 * v1
        return v3
    """
    codes, numbers = program.codes.tolist(), program.numbers()
    starts, operands = program.starts.tolist(), program.operands.tolist()
    alias = list(range(len(program)))
    first: dict[object, int] = {}
    for i, code in enumerate(codes):
        if code in (INPUT, PARAMETER):
            continue
        if code == LITERAL:
            key: object = ("number", key_of(numbers[i]))
        else:
            read = [alias[j] for j in operands[starts[i] : starts[i + 1]]]
            key = (code, *(sorted(read) if code in COMMUTING else read))
        alias[i] = first.setdefault(key, i)
    return renamed(program, np.array(alias))
