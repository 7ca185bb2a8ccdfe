"""The verifier: whether a program can be run at all, asked of every index before anything runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.codes import (
    ANY,
    ARITIES,
    INPUT,
    LITERAL,
    NAMES,
    PAIRS,
    PARAMETER,
    ROWS,
    TOTAL,
    row_of,
)
from autograd.compiler.program import Program

MOST_ORDERS = 1000  # how often one differentiates by one operand, or digits of a number


class ProgramError(ValueError):
    """A program that no pass may have made and no file may hold: the message says what is wrong."""


def verified(program: Program) -> Program:
    """Return a program after looking at every index in it.

    Raises
    ------
    ProgramError
        If an index is out of range, a scalar is read before it is written, has not as many operands
        as its code takes, or an input, a literal, a result or a place is not there.
    """
    _check_structure(program)
    _check_leaves(program)
    _check_scalars(program)
    if program.gradient_names and len(program.gradient_names) != len(program.gradients):
        count = f"{len(program.gradient_names)} names for {len(program.gradients)} gradients"
        raise ProgramError(f"there are {count}")
    for what in ("results", "gradients"):
        _check_range(getattr(program, what), len(program), what)
    _check_range(np.array([i for i, _ in program.guards], np.int64), len(program), "guards")
    _check_range(program.places, len(program.sources), "places", least=-1)
    return program


def _check_structure(program: Program) -> None:
    """Whether the arrays belong together."""
    n, starts = len(program.codes), program.starts
    if len(starts) != n + 1 or starts[0] != 0 or starts[-1] != len(program.operands):
        raise ProgramError(
            f"starts has to lead from 0 to the {len(program.operands)} operands in {n + 1} entries"
        )
    if (np.diff(starts) < 0).any():
        scalar = int(np.flatnonzero(np.diff(starts) < 0)[0])
        raise ProgramError(f"the operands of scalar {scalar} end before they begin")
    if len(program.places) != n:
        raise ProgramError(f"there are {len(program.places)} places for {n} scalars")
    _check_range(program.codes, len(NAMES), "codes")


def _check_scalars(program: Program) -> None:
    """Whether every scalar has its operands, and they come before it."""
    sizes, owners, codes = program.sizes, program.owners, program.codes
    _check_range(program.operands, len(program), "operands")
    _refuse(
        program,
        owners[program.operands >= owners],
        "reads a scalar that is written no earlier than itself",
    )
    fixed = ARITIES[codes]
    _refuse(program, (fixed != ANY) & (sizes != fixed), "has not as many operands as it takes")
    sums = (codes == PAIRS) | (codes == TOTAL)
    _refuse(program, sums & (sizes % 2 == 1), "has half a pair")
    for code in np.unique(codes[ARITIES[codes] == ANY]).tolist():
        row = ROWS[code]
        least = 0 if row is None else max(row.least, row.integers)
        of_code = codes == code
        _refuse(program, of_code & (sizes < least), f"takes at least {least} operands")
        if row is not None and row.name == "dot":
            _refuse(program, of_code & (sizes % 2 == 0), "takes weights, as many inputs, a bias")
    for code in np.unique(codes).tolist():
        if (row := ROWS[code]) is not None and row.integers:
            _check_integers(program, code)


def _check_integers(program: Program, code: int) -> None:
    """Whether the operands that are plain integers are literals, and of a size that has a meaning:
    the place of an operand, or how often one differentiates.
    """
    row, numbers = row_of(code), program.numbers()
    of_place = row.each_forward is not None or row.name == "norm_partial"
    least = -MOST_ORDERS if row.name == "round_to" else 0
    for scalar in np.flatnonzero(program.codes == code).tolist():
        start, end = program.starts[scalar], program.starts[scalar + 1]
        most = int(end - start) - row.integers - 1 if of_place else MOST_ORDERS
        for operand in program.operands[start : start + row.integers].tolist():
            number = numbers.get(operand, 0.5)
            if number % 1 != 0 or not least <= number <= most:
                what = f"takes a literal integer from {least} to {most} first"
                _refuse(program, np.array([scalar]), what)


def _check_leaves(program: Program) -> None:
    """Whether inputs, parameters and literals are where they are said to be."""
    for code, what in ((INPUT, "inputs"), (PARAMETER, "parameters")):
        named, where = getattr(program, f"{NAMES[code]}_names"), getattr(program, what)
        _check_range(where, len(program), what)
        if len(named) != len(where):
            raise ProgramError(f"there are {len(named)} names for {len(where)} {what}")
        if sorted(where.tolist()) != np.flatnonzero(program.codes == code).tolist():
            raise ProgramError(f"{what} does not list every scalar that is an {NAMES[code]} once")
    count = int((program.codes == LITERAL).sum())
    if len(program.literals) != count:
        raise ProgramError(f"there are {len(program.literals)} numbers for {count} literals")


def _refuse(program: Program, which: Any, what: str) -> None:
    """Raise for the first of the scalars, which are listed or flagged."""
    found = np.flatnonzero(which) if which.dtype == bool else which
    if len(found):
        first = int(found[0])
        raise ProgramError(f"scalar {first}, {NAMES[program.codes[first]]}, {what}")


def _check_range(indices: Any, end: int, what: str, least: int = 0) -> None:
    """Whether indices lie in a range."""
    outside = (indices < least) | (indices >= end)
    if outside.any():
        place = int(np.flatnonzero(outside)[0])
        raise ProgramError(
            f"{what}[{place}] is {int(indices[place])}, which is not from {least} to {end - 1}"
        )
