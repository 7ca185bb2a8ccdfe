"""Derivatives of any order of one function, as float functions that answer as IEEE 754 does.

By the chain rule they would be sums of terms that cancel, overflow or vanish where the derivative
does not. The algebraic ones are found in integers: a finite float is an integer times a power of
two, so that numerator and denominator are exact, and their quotient is rounded once. So are those
of gamma, from a series with digits to spare.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from autograd.numbers.ieee import INF, NAN, divide


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


@functools.cache
def _reciprocal_gamma(bits: int) -> tuple[int, ...]:
    """The Taylor coefficients of 1/gamma(1 + t) at 0, times 2^bits (DLMF 5.7.1).

    By zeta(s), s = 2, 3, ..., each from a finite alternating sum with Chebyshev's coefficients
    (Borwein 2000, algorithm 2), and Euler's constant, 1 - log(2) + sum of (-1)^s (zeta(s) - 1) / s.
    """
    guard = 32
    one, n = 1 << (bits + guard), bits // 2
    chebyshev = (n * (math.comb(n + i, 2 * i) << 2 * i) // (n + i) for i in range(n + 1))
    *weights, last = accumulate(chebyshev)

    def alternating(s: int) -> int:
        """1 - 2^-s + 3^-s - ..."""
        terms = ((last - w) * one // (k + 1) ** s for k, w in enumerate(weights))
        total: int = sum(-x if k % 2 else x for k, x in enumerate(terms))
        return total // last

    zetas = [(alternating(s) << (s - 1)) // ((1 << (s - 1)) - 1) for s in range(2, bits + guard)]
    euler = one - alternating(1) + sum((-1) ** s * (x - one) // s for s, x in enumerate(zetas, 2))
    # The derivative of log(1/gamma(1 + t)) is euler - zeta(2) t + zeta(3) t^2 - ...
    slopes = [euler, *((-1) ** (s - 1) * x for s, x in enumerate(zetas, 2))]
    series = [one]
    for k in range(1, 2 * bits // 7):
        series.append(sum(map(operator.mul, slopes, reversed(series))) // (k * one))
    return tuple((c + (1 << (guard - 1))) >> guard for c in series)


def gamma_derivative(n: int, x: float) -> float:
    """The derivative of gamma of order n, rounded once; nan at its poles, but for 0.0 and -0.0.

    With k the integer nearest to x = k + t and r the series of 1/gamma(1 + t), gamma(x) is a
    quotient: (t + 1) ... (t + k - 1) / r, or 1 / (t (t - 1) ... (t + k) r). Both sides are made
    polynomials in an e that is added to x, with integers for coefficients, and then divided.
    """
    if not x < 180.0:
        return x * INF
    if x == 0.0:
        return -INF if n % 2 else math.copysign(INF, x)
    if x == -INF or (x < 0.0 and x.is_integer()):
        return NAN
    if x < -190.0 - 10.0 * n:  # even next to a pole it is below every float
        return -0.0 if math.floor(x) % 2 else 0.0
    p, q = x.as_integer_ratio()
    k, s = round(x), q.bit_length() - 1
    r = p - k * q
    above, below = [1] + [0] * n, [0] * (n + 1)
    bits = 136 + 128 * (n // 16)  # each order takes some from those before
    for c in reversed(_reciprocal_gamma(bits)):
        for i in range(n, 0, -1):
            below[i] = (below[i] * r >> s) + below[i - 1]
        below[0] = (below[0] * r >> s) + c
    _multiply(above, range(q + r, p, q), q)
    _multiply(below, range(p, q + r, q), q)
    first = below[0]
    found: list[int] = []  # the coefficients of above / below, times powers of `first`
    for i, c in enumerate(above):
        terms = (below[j] * found[i - j] * first ** (j - 1) for j in range(1, i + 1))
        found.append(c * first**i - sum(terms))
    return _quotient(math.factorial(n) * found[n], first ** (n + 1), s * (1 - k) + bits)


def _multiply(polynomial: list[int], constants: range, slope: int) -> None:
    """Multiply a polynomial in place by constant + slope e for each constant, up to its degree."""
    for a in constants:
        for i in range(len(polynomial) - 1, 0, -1):
            polynomial[i] = polynomial[i] * a + polynomial[i - 1] * slope
        polynomial[0] *= a


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
