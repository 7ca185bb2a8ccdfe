"""Derivatives of any order of one function, as float functions that answer as IEEE 754 does.

By the chain rule they would be sums of terms that cancel, overflow or vanish where the derivative
does not. The algebraic ones are found in integers: a finite float is an integer times a power of
two, so that numerator and denominator are exact, and their quotient is rounded once. So are those
of gamma, from a series with 40 digits.
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


# The Taylor coefficients of 1/gamma(1 + t) at 0 (DLMF 5.7.1), times 10^40.
# fmt: off
_RECIPROCAL_GAMMA = (
    10000000000000000000000000000000000000000, 5772156649015328606065120900824024310422,
    -6558780715202538810770195151453904812798, -420026350340952355290039348754298187114,
    1665386113822914895017007951021052357178, -421977345555443367482083012891873913017,
    -96219715278769735621149216723481989754, 72189432466630995423950103404465727099,
    -11651675918590651121139710840183886668, -2152416741149509728157299630536478065,
    1280502823881161861531986263281643234, -201348547807882386556893914210218184,
    -12504934821426706573453594738330922, 11330272319816958823741296203307449,
    -2056338416977607103450154130020573, 61160951044814158178624986828553,
    50020076444692229300556650480600, -11812745704870201445881265654365,
    1043426711691100510491540332312, 77822634399050712540499373114,
    -36968056186422057081878158781, 5100370287454475979015481323, -205832605356650678322242954,
    -53481225394230179823700173, 12267786282382607901588938, -1181259301697458769513765,
    11866922547516003325798, 14123806553180317815558, -2298745684435370206592,
    171440632192733743338, 1337351730493693115, -2054233551766672789, 273603004860799984,
    -17323564459105166, -236061902449929, 186498294171729, -22180956242072, 1297781974948,
)
# fmt: on


def gamma_derivative(n: int, x: float) -> float:
    """The derivative of gamma of order n, rounded once; nan at its poles, but for 0.0 and -0.0.

    With k the integer nearest to x = k + t and r the series of 1/gamma(1 + t), gamma(x) is a
    quotient: (t + 1) ... (t + k - 1) / r, or 1 / (t (t - 1) ... (t + k) r). Both sides are polynomials
    in an e that is added to x, with integers for coefficients; that of e^n in the quotient counts.
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
    for c in reversed(_RECIPROCAL_GAMMA):
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
    return _quotient(10**40 * math.factorial(n) * found[n], first ** (n + 1), s * (1 - k))


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
