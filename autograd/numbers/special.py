"""Gamma and normal functions on floats, accurate to the last digits, that never raise.

`math` has no digamma, polygamma or normal distribution. The formulas are those of the NIST Digital
Library of Mathematical Functions (DLMF), chapters 5, 7 and 25, arranged so that nothing cancels.
"""

from __future__ import annotations

import math
from typing import Any

INF = math.inf
NAN = math.nan
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_INV_SQRT_2PI = 0.3989422804014327
_EXP_MINUS_128 = math.exp(-128.0)
_EXP_MINUS_128_OVER_SQRT_2PI = 1.0261630727919036e-56
_SQRT_HALF, _SQRT_HALF_LOW = 0.7071067811865476, -4.833646656726457e-17
# The positive zero of digamma, as the sum of two floats.
_ROOT, _ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17
_SHIFT = 10
_ROOT_PLUS = tuple(_ROOT + k for k in range(_SHIFT + 1))
# B(2k)/(2k) for digamma and B(2k)/(2k)! for polygamma, k = 1, 2, ... (Bernoulli numbers).
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)
_EULER_MACLAURIN = tuple(2 * k * c / math.factorial(2 * k) for k, c in enumerate(_DIGAMMA, start=1))


def _split(a: float) -> tuple[float, float]:
    """Two halves of 26 bits whose sum is a (Veltkamp's splitting, in Dekker 1971)."""
    c = 134217729.0 * a
    high = c - (c - a)
    return high, a - high


def _product_error(a: float, b: float, p: float) -> float:
    """a*b - p, exactly, for p = the rounded a*b (Dekker 1971)."""
    (a1, a0), (b1, b0) = _split(a), _split(b)
    return a0 * b0 - (((p - a1 * b1) - a0 * b1) - a1 * b0)


def _exp_neg_square(x: float, k: float, shift: float = 0.0) -> float:
    """exp(shift - k x^2) for k a power of two: rounding x*x would cost up to 500 ULP."""
    h = x * x
    if h < 1.0:
        return math.exp(shift - k * h)
    if h > 3000.0:
        return 0.0
    e = math.exp(shift - k * h)
    return e - e * (k * _product_error(x, x, h))


def exp_neg_square(x: float) -> float:
    """exp(-x^2)."""
    return _exp_neg_square(x, 1.0)


def normal_pdf(x: float) -> float:
    """Density of the standard normal distribution, exp(-x^2/2) / sqrt(2 pi)."""
    return _INV_SQRT_2PI * _exp_neg_square(x, 0.5)


def x_normal_pdf(x: float) -> float:
    """x normal_pdf(x)."""
    if abs(x) < 37.0:
        return x * (_INV_SQRT_2PI * _exp_neg_square(x, 0.5))
    if abs(x) > 40.0:
        return math.copysign(0.0, x)
    # The density may be subnormal: times exp(128), and smaller again at the end.
    return x * _exp_neg_square(x, 0.5, 128.0) * _EXP_MINUS_128_OVER_SQRT_2PI


def hermite(n: int, x: Any, k: Any) -> Any:
    """The n-th derivative of exp(-k y^2 / 2) over it, at x = k y of any type (DLMF 18.9.1)."""
    before, polynomial = 0, 1
    for j in range(n):
        before, polynomial = polynomial, -(x * polynomial + k * j * before)
    return polynomial


def _gaussian_derivative(n: int, x: float, k: float) -> float:
    """The n-th derivative of exp(-k x^2)."""
    polynomial: float = hermite(n, 2.0 * k * x, 2.0 * k)
    if k * x * x < 640.0:
        return polynomial * _exp_neg_square(x, k)
    e = _exp_neg_square(x, k, 128.0)  # alone it may be subnormal: made smaller again at the end
    return polynomial * e * _EXP_MINUS_128 if e else 0.0


def exp_neg_square_derivative(n: int, x: float) -> float:
    """The n-th derivative of exp(-x^2)."""
    return _gaussian_derivative(n, x, 1.0)


def normal_pdf_derivative(n: int, x: float) -> float:
    """The n-th derivative of normal_pdf."""
    return _INV_SQRT_2PI * _gaussian_derivative(n, x, 0.5)


def normal_cdf(x: float) -> float:
    """Distribution function of the standard normal distribution, erfc(-x/sqrt(2)) / 2."""
    t = -_SQRT_HALF * x
    if not 0.5 < t < 30.0:
        return 0.5 * math.erfc(t)
    # erfc multiplies the relative error of t by 2 t^2: add the first-order effect of that error.
    low = _product_error(-_SQRT_HALF, x, t) - _SQRT_HALF_LOW * x
    return 0.5 * (math.erfc(t) - TWO_OVER_SQRT_PI * _exp_neg_square(t, 1.0) * low)


def gelu(x: float) -> float:
    """x normal_cdf(x)."""
    if x > -37.0:
        return x * normal_cdf(x)
    # The normal_cdf may be subnormal: its asymptotic series (DLMF 7.12.1), with x multiplied in.
    w = 1.0 / (x * x)
    tail = w * (1.0 - 5.0 * w * (1.0 - 7.0 * w * (1.0 - 9.0 * w * (1.0 - 11.0 * w))))
    return -normal_pdf(x) * (1.0 - w * (1.0 - 3.0 * tail))


def _gelu_series(centre: float, count: int = 32) -> tuple[float, ...]:
    """(slope(x) - slope(centre)) / (x - centre), slope = gelu', as a series, the last term first.

    The difference is the integral of normal_pdf(x) (2 - x^2) from the centre.
    """
    density = [0.0, 0.0, normal_pdf(centre)]  # its series: k c_k = -centre c_(k-1) - c_(k-2)
    for k in range(1, count):
        density.append((-centre * density[-1] - density[-2]) / k)
    a, b = 2.0 - centre * centre, 2.0 * centre
    return tuple(
        (a * density[k + 2] - b * density[k + 1] - density[k]) / (k + 1)
        for k in reversed(range(count))
    )


# The zero of gelu's derivative, as the sum of two floats, and the derivative at its minimum.
_GELU_ROOT, _GELU_ROOT_LOW = -0.7517915246935645, 1.4956759177009883e-17
_GELU_LOWEST, _LOWEST_SLOPE = -1.4142135623730951, -0.12890414518515478
_GELU_AT_ROOT, _GELU_AT_LOWEST = _gelu_series(_GELU_ROOT), _gelu_series(_GELU_LOWEST)


def gelu_slope(x: float) -> float:
    """The derivative of gelu, normal_cdf(x) + x normal_pdf(x), without its cancellation."""
    if not -37.0 < x < -0.25:
        return normal_cdf(x) + x_normal_pdf(x)
    if x < -2.2:  # the terms do not cancel much, but each rounding counts
        p = normal_pdf(x)
        return math.fsum((normal_cdf(x), x * p, _product_error(x, p, x * p)))
    if x < -1.05:
        t, total, series = x - _GELU_LOWEST, _LOWEST_SLOPE, _GELU_AT_LOWEST
    else:
        t, total, series = (x - _GELU_ROOT) - _GELU_ROOT_LOW, 0.0, _GELU_AT_ROOT
    p = 0.0
    for c in series:
        p = p * t + c
    return total + t * p


def _digamma_tail(w: float) -> float:
    """The asymptotic series log(y) - 1/(2y) - digamma(y), w = 1/y^2 (DLMF 5.11.2)."""
    total = 0.0
    for c in reversed(_DIGAMMA):
        total = (total + c) * w
    return total


def _positive_digamma(x: float, low: float = 0.0) -> float:
    """digamma(x + low) for x > 0 and a tiny low, with full relative accuracy at its zero too.

    Below 10 it is digamma(x) - digamma(root): recurrence and asymptotic series taken as
    differences between x and the root, each of which is x - root times a positive number.
    """
    if x >= _SHIFT:
        s = 1.0 / x
        return math.log(x) - (0.5 * s + _digamma_tail(s * s))
    t = (x - _ROOT) + (low - _ROOT_LOW)
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

    Negative x: digamma(1-x) - pi cot(pi x) (DLMF 5.5.4), which depends on r = x - nearest integer.
    Near its poles the cotangent is 1/r + digamma(1-r) - digamma(1+r).
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
    y = 1.0 - x
    reflected = _positive_digamma(y, (1.0 - y) - x)
    if abs(r) > 0.25:
        return reflected - math.pi * math.tan(math.pi * (math.copysign(0.5, r) - r))
    difference = _positive_digamma(1.0 + r) - _positive_digamma(1.0 - r)
    return math.fsum((reflected, difference, -1.0 / r))


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


# The Taylor coefficients of lgamma at 2 (DLMF 5.7.3), the last first: (-1)^k (zeta(k) - 1) / k.
_LGAMMA = tuple((-1) ** k * _hurwitz_zeta(k, 2.0) / k for k in range(36, 1, -1))
_ONE_LESS_EULER = 0.42278433509846713


def _lgamma_from_2(t: float) -> float:
    """lgamma(2 + t) for abs(t) < 0.66."""
    total = 0.0
    for c in _LGAMMA:
        total = total * t + c
    return t * (_ONE_LESS_EULER + total * t)


def lgamma(x: float) -> float:
    """log |gamma(x)|; inf at the poles 0, -1, -2, ...

    Up to 8 by the Taylor series at 2 and the recurrence: `math.lgamma` has only absolute accuracy
    around the zeros 1 and 2.
    """
    if 0.0 < x < 8.0:
        if x <= 0.5:
            return (_lgamma_from_2(x) - math.log1p(x)) - math.log(x)
        if x < 1.35:
            return _lgamma_from_2(x - 1.0) - math.log(x)
        factor = 1.0
        while x > 2.5:
            x -= 1.0
            factor *= x
        return _lgamma_from_2(x - 2.0) + math.log(factor)
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return INF


def polygamma(n: int, x: float) -> float:
    """n-th derivative of digamma; at its poles inf for odd n and, but for 0.0, nan for even n > 0.

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
            return INF if n % 2 else NAN if x else math.copysign(INF, -x)
        others = _hurwitz_zeta(s, 1.0 - r) - _hurwitz_zeta(s, 1.0 - x)
        zeta = math.fsum((_inverse_power(r, s), _hurwitz_zeta(s, 1.0 + r), sign * others))
    try:
        return sign * math.factorial(n) * zeta
    except OverflowError:  # n > 170
        return sign * INF if zeta else sign * 0.0
