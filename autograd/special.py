"""Gamma and normal functions on floats, accurate to the last digits, that never raise.

`math` has no digamma, polygamma or normal distribution. The formulas are those of the NIST Digital
Library of Mathematical Functions (DLMF), chapters 5, 7 and 25, arranged so that nothing cancels.
"""

from __future__ import annotations

import math

INF = math.inf
NAN = math.nan
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_INV_SQRT_2PI = 0.3989422804014327
_SQRT_HALF, _SQRT_HALF_LOW = 0.7071067811865476, -4.833646656726457e-17
# The positive zero of digamma, as the sum of two floats.
_ROOT, _ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17
_SHIFT = 10
_ROOT_PLUS = tuple(_ROOT + k for k in range(_SHIFT + 1))
# B(2k)/(2k) for digamma and B(2k)/(2k)! for polygamma, k = 1, 2, ... (Bernoulli numbers).
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)
_EULER_MACLAURIN = tuple(
    2 * k * c / math.factorial(2 * k) for k, c in enumerate(_DIGAMMA, start=1)
)


def _split(a: float) -> tuple[float, float]:
    """Two halves of 26 bits whose sum is a (Veltkamp's splitting, in Dekker 1971)."""
    c = 134217729.0 * a
    high = c - (c - a)
    return high, a - high


def _product_error(a: float, b: float, p: float) -> float:
    """a*b - p, exactly, for p = the rounded a*b (Dekker 1971)."""
    (a1, a0), (b1, b0) = _split(a), _split(b)
    return a0 * b0 - (((p - a1 * b1) - a0 * b1) - a1 * b0)


def _exp_neg_square(x: float, k: float) -> float:
    """exp(-k x^2) for k a power of two: the rounding error of x*x would cost up to 500 ULP."""
    h = x * x
    if h > 3000.0:
        return 0.0
    e = math.exp(-k * h)
    return e - e * (k * _product_error(x, x, h))


def exp_neg_square(x: float) -> float:
    """exp(-x^2)."""
    return _exp_neg_square(x, 1.0)


def normal_pdf(x: float) -> float:
    """Density of the standard normal distribution, exp(-x^2/2) / sqrt(2 pi)."""
    return _INV_SQRT_2PI * _exp_neg_square(x, 0.5)


def x_normal_pdf(x: float) -> float:
    """x normal_pdf(x)."""
    if abs(x) < 36.0:
        return x * (_INV_SQRT_2PI * _exp_neg_square(x, 0.5))
    if abs(x) > 40.0:
        return math.copysign(0.0, x)
    half = _exp_neg_square(x, 0.25)  # the density itself may be subnormal: keep its two halves apart
    return x * (_INV_SQRT_2PI * half) * half


def normal_cdf(x: float) -> float:
    """Distribution function of the standard normal distribution, erfc(-x/sqrt(2)) / 2."""
    t = -_SQRT_HALF * x
    if not 0.5 < t < 30.0:
        return 0.5 * math.erfc(t)
    # erfc multiplies the relative error of t by 2 t^2: add the first-order effect of that error.
    low = _product_error(-_SQRT_HALF, x, t) - _SQRT_HALF_LOW * x
    return 0.5 * (math.erfc(t) - TWO_OVER_SQRT_PI * _exp_neg_square(t, 1.0) * low)


def lgamma(x: float) -> float:
    """log |gamma(x)|; inf at the poles 0, -1, -2, ..."""
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return INF


def _digamma_tail(w: float) -> float:
    """The asymptotic series log(y) - 1/(2y) - digamma(y), w = 1/y^2 (DLMF 5.11.2)."""
    total = 0.0
    for c in reversed(_DIGAMMA):
        total = (total + c) * w
    return total


def _positive_digamma(x: float) -> float:
    """digamma(x) for x > 0, with full relative accuracy at its zero too.

    Below 10 it is digamma(x) - digamma(root): recurrence and asymptotic series taken as
    differences between x and the root, each of which is x - root times a positive number.
    """
    if x >= _SHIFT:
        s = 1.0 / x
        return math.log(x) - (0.5 * s + _digamma_tail(s * s))
    t = (x - _ROOT) - _ROOT_LOW
    y, root = x + _SHIFT, _ROOT_PLUS[_SHIFT]
    u, v = 1.0 / (root * root), 1.0 / (y * y)
    p = q = 0.0  # Horner's scheme for a divided difference: q = (tail(u) - tail(v)) / (u - v)
    for c in reversed(_DIGAMMA):
        p = p * u + c
        q = q * v + p
    total = t * (q * (y + root) * u * v + 0.5 / (y * root)) + math.log1p(t / root)
    for k in range(_SHIFT - 1, -1, -1):  # the smallest term first
        total += t / _ROOT_PLUS[k] / (x + k)
    return total


def digamma(x: float) -> float:
    """Derivative of log gamma; -inf at 0.0, inf at -0.0, nan at the other poles.

    Negative x: the reflection pi cot(pi r) = digamma(1-r) - digamma(1+r) + 1/r (DLMF 5.5.4) for
    r = x - nearest integer, which needs no tangent near its poles.
    """
    if x > 0.0:
        return _positive_digamma(x)
    if x == 0.0:
        return math.copysign(INF, -x)
    if not x > -INF:
        return NAN
    r = math.remainder(x, 1.0)
    if r == 0.0:
        return NAN
    return math.fsum(
        (
            _positive_digamma(1.0 - x) - _positive_digamma(1.0 - r),
            _positive_digamma(1.0 + r),
            -1.0 / r,
        )
    )


def _inverse_power(x: float, s: int) -> float:
    """x**-s, inf where it overflows; x is not 0."""
    try:
        return math.pow(x, -s)
    except OverflowError:
        return INF if x > 0.0 or s % 2 == 0 else -INF


def _hurwitz_zeta(s: int, x: float) -> float:
    """Sum of (x+k)^-s over k = 0, 1, ... for x > 0, by Euler and Maclaurin (DLMF 25.11.5)."""
    shift = max(0, math.ceil(10 + s - x)) if x < 10 + s else 0
    y = x + shift
    terms = [_inverse_power(x + k, s) for k in range(shift)]
    last = _inverse_power(y, s)
    terms += (_inverse_power(y, s - 1) / (s - 1), 0.5 * last)
    factor = s * last / y
    for k, c in enumerate(_EULER_MACLAURIN, start=1):
        terms.append(c * factor)
        factor *= (s + 2 * k - 1) * (s + 2 * k) / y / y
    return math.fsum(terms)


def polygamma(n: int, x: float) -> float:
    """n-th derivative of digamma; at its poles inf for odd n and nan for even n > 0.

    It is (-1)^(n+1) n! times the Hurwitz zeta function of n+1 and x (DLMF 25.11.12). Negative x:
    the sum of (x+k)^-s over all integers k, which depends on x - nearest integer only, less the
    part with k < 0.
    """
    if n == 0:
        return digamma(x)
    if not x > -INF:
        return NAN
    s = n + 1
    sign = 1.0 if n % 2 else -1.0
    if x > 0.0:
        zeta = _hurwitz_zeta(s, x)
    else:
        r = math.remainder(x, 1.0)
        if r == 0.0:
            return INF if n % 2 else NAN
        others = _hurwitz_zeta(s, 1.0 - r) - _hurwitz_zeta(s, 1.0 - x)
        zeta = math.fsum((_inverse_power(r, s), _hurwitz_zeta(s, 1.0 + r), sign * others))
    try:
        return sign * math.factorial(n) * zeta
    except OverflowError:  # n > 170
        return sign * INF if zeta else sign * 0.0
