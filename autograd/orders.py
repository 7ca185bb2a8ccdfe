"""Derivatives of any order of one function, as float functions that answer as IEEE 754 does.

By the chain rule they would be sums of terms that cancel, overflow or vanish where the derivative
does not. The algebraic ones are found in integers: a finite float is an integer times a power of
two, so that numerator and denominator are exact, and their quotient is rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.ieee import INF, NAN, divide


def divide_partial(n: int, x: float, y: float) -> float:
    """The derivative of x/y, n times by y: (-1)^n n! x / y^(n+1)."""
    if not y or y - y or x - x:  # y as a zero, a one or an inf, with the sign of the power
        size = abs(y) if not y or y - y else 1.0
        return divide(-x if n % 2 else x, math.copysign(size, 1.0 if n % 2 else y))
    (p, q), e = _integers((x, y))
    return _quotient((-1) ** n * math.factorial(n) * p, q ** (n + 1), -n * e)


def arctan2_numerator(n: int, m: int, y: Any, x: Any) -> Any:
    """The numerator of the derivative of arctan2(y, x), n times by y and m times by x.

    arctan2 is the imaginary part of log z, z = x + iy, whose k-th derivative is (-1)^(k-1) (k-1)!
    times the conjugate of z^k over (x^2 + y^2)^k; each derivative by y is one by z times i.
    """
    real, imaginary = 1, 0
    for _ in range(n + m):
        real, imaginary = real * x + imaginary * y, imaginary * x - real * y
    rotated = (imaginary, real, -imaginary, -real)[n % 4]
    return (-1) ** (n + m - 1) * math.factorial(n + m - 1) * rotated


def arctan2_partial(n: int, m: int, y: float, x: float) -> float:
    """The derivative of arctan2(y, x), n times by y and m times by x; nan at the origin."""
    if x != x or y != y or not (x or y):
        return NAN
    if abs(x) == INF or abs(y) == INF:
        return 0.0
    (y, x), e = _integers((y, x))
    k = n + m
    return _quotient(arctan2_numerator(n, m, y, x), (x * x + y * y) ** k, -k * e)


Index = int | tuple[int, ...]  # of an operand, or of several by which one differentiates in turn


def indices(index: Index) -> tuple[int, ...]:
    """An index as a tuple."""
    return index if isinstance(index, tuple) else (index,)


def norm_numerator(index: tuple[int, ...], xs: Sequence[Any], square: Any) -> Any:
    """The numerator of the derivative of norm(xs) by n operands, over norm^(2n-1).

    `square` is that of the norm. A derivative of a power of it has an operand as a factor; that
    factor gives 1 when an equal operand comes later, and the two stand as a factor `square` here.
    """

    def terms(rest: tuple[int, ...], powers: int) -> Any:
        if not rest:
            return math.prod(1 - 2 * k for k in range(1, powers))
        first, rest = rest[0], rest[1:]
        total = xs[first] * terms(rest, powers + 1)
        for k, other in enumerate(rest):
            if other == first:
                total += square * terms(rest[:k] + rest[k + 1 :], powers + 1)
        return total

    return terms(index, 0)


def norm_partial(index: Index, *xs: float) -> float:
    """The derivative of the norm by the operands of the index; nan at the origin."""
    return _norm_partials([indices(index)], xs)[0]


def norm_partials(index: Index, *xs: float) -> tuple[float, ...]:
    """The derivatives of norm_partial(index, *xs) by each operand."""
    return _norm_partials([(*indices(index), j) for j in range(len(xs))], xs)


def directions_product(xs: Sequence[float], vector: dict[int, float]) -> list[float]:
    """The second derivatives of the norm times a vector v: (v x.x - x v.x) / norm^3."""
    if any(x != x for x in xs) or not any(xs):
        return [NAN] * len(xs)
    if any(abs(x) == INF for x in xs):
        return [0.0] * len(xs)
    p, e = _integers(xs)
    q, f = _integers([*vector.values()])
    v = dict(zip(vector, q, strict=True))
    square = sum(x * x for x in p)
    inner = sum(p[i] * y for i, y in v.items())
    cube = square * math.isqrt(square << 128)  # times 2^64
    return [
        _quotient((v.get(i, 0) * square - x * inner) << 64, cube, f - e) for i, x in enumerate(p)
    ]


def _norm_partials(chosen: Sequence[tuple[int, ...]], xs: Sequence[float]) -> tuple[float, ...]:
    """The derivatives of the norm by two operands or more, those of each index."""
    if any(x != x for x in xs) or not any(xs):
        return (NAN,) * len(chosen)
    if any(abs(x) == INF for x in xs):
        return (0.0,) * len(chosen)
    integers, e = _integers(xs)
    square = sum(x * x for x in integers)
    norm = math.isqrt(square << 128)  # times 2^64
    return tuple(
        _quotient(
            norm_numerator(index, integers, square) << 64,
            square ** (len(index) - 1) * norm,
            (1 - len(index)) * e,
        )
        for index in chosen
    )


def _integers(xs: Sequence[float]) -> tuple[list[int], int]:
    """Integers and an exponent e, such that each of xs is an integer times 2^e."""
    pairs = [x.as_integer_ratio() for x in xs]
    largest = max(q for _, q in pairs)
    return [p * (largest // q) for p, q in pairs], 1 - largest.bit_length()


def _quotient(p: int, q: int, e: int) -> float:
    """p / q 2^e, rounded once."""
    try:
        return (p << e) / q if e > 0 else p / (q << -e)
    except OverflowError:
        return INF if (p > 0) == (q > 0) else -INF
