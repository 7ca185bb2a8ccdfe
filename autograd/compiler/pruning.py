"""Prune: only what is asked for is computed."""

from __future__ import annotations

from autograd.compiler.building import selected
from autograd.compiler.flow import needed
from autograd.compiler.program import Program


def prune(program: Program) -> Program:
    """Return the program without the scalars that no result, gradient or guard needs.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> codes = [CODES[name] for name in ("input", "exp", "sin")]
    >>> print(prune(Program.of(codes, [0, 0], results=[2])))
    program(x0):
        v1 = sin(x0)
        return v1
    """
    return selected(program, needed(program, program.kept))
