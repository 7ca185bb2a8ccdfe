"""Running error bounds: how far the numbers of a program may be from eager's after sums were added
up in another order, relative to the sums of |terms|.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.compiler.codes import FIRST_ROW, LITERAL, PAIRS, TOTAL, row_of
from autograd.compiler.evaluating import computed, leaves_only
from autograd.compiler.program import Program

EPSILON = 2.0**-52
SUMMING = ("add", "subtract")  # reassociated by `fuse`, as `pairs` are


def bounded(
    program: Program, inputs: Sequence[float], parameters: Sequence[float], ulps: float = 0.0
) -> Any:
    """The numbers of all scalars, and for each a bound of how far another order may lead it off.

    Functions may be off by so many units in the last place besides. A sum may be off by a rounding
    of the sum of its |terms| for each term. Errors flow on by the local partials; inf says that
    nothing can be said.
    """
    numbers = leaves_only(program, inputs, parameters)
    errors = [0.0] * len(program)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code <= LITERAL:
            continue
        read = operands[starts[i] : starts[i + 1]]
        xs = [numbers[j] for j in read]
        numbers[i] = computed(code, xs)
        errors[i] = _error(code, xs, [errors[j] for j in read], numbers[i])
        if ulps and code >= FIRST_ROW and not row_of(code).exact:
            errors[i] = _sure(errors[i] + ulps * EPSILON * abs(numbers[i]) + 1e-320)
    return numbers, errors


def _error(code: int, xs: list[Any], errors: list[float], out: Any) -> float:
    """The bound of one scalar."""
    if code in (PAIRS, TOTAL):
        pairs = list(zip(xs[::2], xs[1::2], strict=True))
        moved = zip(pairs, errors[::2], errors[1::2], strict=True)
        size = sum(abs(x * y) for x, y in pairs)
        carried = sum(abs(x) * f + abs(y) * e + e * f for (x, y), e, f in moved)
        return _sure(carried + 2 * (len(pairs) + 1) * EPSILON * size)
    row: Any = row_of(code)
    own = 0.0
    if row.name in SUMMING or row.sums:
        own = 4 * len(xs) * EPSILON * sum(map(abs, xs))
    if not any(errors):
        return _sure(own)
    if row.predicate:
        return math.inf  # another outcome may be near
    if row.name == "where":
        return errors[1] if xs[0] else errors[2]
    operands = [*map(int, xs[: row.integers]), *xs[row.integers :]]
    partials = row.partials_by(range(len(xs)), operands, out)
    slopes = zip(partials, errors, strict=True)
    # Twice: the partials change on the way, too.
    return _sure(own + 2 * sum(abs(float(p)) * e for p, e in slopes if e) + EPSILON * abs(out))


def _sure(error: float) -> float:
    """A bound; inf where it is none."""
    return error if error == error else math.inf
