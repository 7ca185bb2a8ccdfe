"""Float functions that answer inf and nan where `math` raises.

Every function takes and returns floats, follows IEEE 754 and Annex F of C99 at special values and
never raises. A nan operand gives nan; the exceptions are C99's `power(nan, 0)` and `power(1, nan)`,
which are 1, and an operand that the case at hand does not use (the slope of a positive x). After
the values come the delicate derivatives, each within 4 units in the last place. The functions of
many operands are in `reductions`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from autograd.numbers.special import TWO_OVER_SQRT_PI as TWO_OVER_SQRT_PI
from autograd.numbers.special import digamma as digamma
from autograd.numbers.special import exp_neg_square as exp_neg_square
from autograd.numbers.special import exp_neg_square_derivative as exp_neg_square_derivative
from autograd.numbers.special import gelu as gelu
from autograd.numbers.special import gelu_slope as gelu_slope
from autograd.numbers.special import lgamma as lgamma
from autograd.numbers.special import normal_cdf as normal_cdf
from autograd.numbers.special import normal_pdf as normal_pdf
from autograd.numbers.special import normal_pdf_derivative as normal_pdf_derivative
from autograd.numbers.special import polygamma as polygamma
from autograd.numbers.special import x_normal_pdf as x_normal_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

INF = math.inf
NAN = math.nan
LN2 = math.log(2.0)
LOG2E = 1.4426950408889634
LOG10E = 0.4342944819032518
# Between these a product of two has neither overflowed nor lost digits as a subnormal number.
SMALL, LARGE = 1e-290, 1e290

# ---------------------------------------------------------------- arithmetic


def divide(a: float, b: float) -> float:
    """a / b."""
    try:
        return a / b
    except ZeroDivisionError:
        return math.copysign(INF, a) * math.copysign(1.0, b) if a == a and a else NAN


def floor_divide(a: float, b: float) -> float:
    """The largest whole number not above a / b."""
    try:
        return a // b
    except ZeroDivisionError:
        return divide(a, b)


def remainder(a: float, b: float) -> float:
    """a - b floor(a/b): its sign is that of b."""
    try:
        return a % b
    except ZeroDivisionError:
        return NAN


def truncate_divide(a: float, b: float) -> float:
    """a/b rounded towards 0, and exactly so: the quotient may round up to an integer."""
    return math.copysign(1.0, a) * math.copysign(1.0, b) * floor_divide(abs(a), abs(b))


def fmod(x: float, y: float) -> float:
    """x - y trunc(x/y): its sign is that of x."""
    try:
        return math.fmod(x, y)
    except ValueError:
        return NAN


def power(x: float, y: float) -> float:
    """x**y; nan for a negative base and a fractional exponent."""
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):
        if x < 0.0 and math.fmod(y, 1.0):
            return NAN
        return math.copysign(INF, x) if abs(math.fmod(y, 2.0)) == 1.0 else INF


def _nan_outside(f: Callable[[float], float]) -> Callable[[float], float]:
    """f, with nan where f is undefined."""

    def total(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return NAN

    return total


def _inf_above(f: Callable[[float], float]) -> Callable[[float], float]:
    """f, with inf where f overflows."""

    def total(x: float) -> float:
        try:
            return f(x)
        except OverflowError:
            return INF

    return total


def _pole_at(pole: float, f: Callable[[float], float]) -> Callable[[float], float]:
    """f, with -inf at its pole and nan where f is undefined."""

    def total(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return -INF if x == pole else NAN

    return total


sqrt = _nan_outside(math.sqrt)
sin = _nan_outside(math.sin)
cos = _nan_outside(math.cos)
tan = _nan_outside(math.tan)
arcsin = _nan_outside(math.asin)
arccos = _nan_outside(math.acos)
arccosh = _nan_outside(math.acosh)
exp = _inf_above(math.exp)
expm1 = _inf_above(math.expm1)
exp2 = _inf_above(math.exp2)
cosh = _inf_above(math.cosh)
log = _pole_at(0.0, math.log)
log2 = _pole_at(0.0, math.log2)
log10 = _pole_at(0.0, math.log10)
log1p = _pole_at(-1.0, math.log1p)
arctan = math.atan
arctan2 = math.atan2
tanh = math.tanh
arcsinh = math.asinh
erf = math.erf
erfc = math.erfc


def sinh(x: float) -> float:
    """Hyperbolic sine."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(INF, x)


def arctanh(x: float) -> float:
    """Inverse hyperbolic tangent; +-inf at +-1."""
    try:
        return math.atanh(x)
    except ValueError:
        return math.copysign(INF, x) if abs(x) == 1.0 else NAN


def cbrt(x: float) -> float:
    """Cube root: the C library's, which may be off by 4 ULP, and one Newton step."""
    c = math.cbrt(x)
    if c - c or not c:
        return c
    return c - (c - x / (c * c)) / 3.0


def hypot(x: float, y: float) -> float:
    """sqrt(x^2 + y^2)."""
    h = math.hypot(x, y)
    return h if h < INF or (x == x and y == y) else NAN  # C99's hypot(inf, nan) is inf


# ---------------------------------------------------------------- rounding and choosing


def _whole(f: Callable[[float], float]) -> Callable[[float], float]:
    """f to whole numbers, keeping the sign of a zero."""

    def total(x: float) -> float:
        if not abs(x) < 4503599627370496.0:  # 2^52: from here on every float is whole
            return x
        return math.copysign(f(x), x)

    return total


floor = _whole(math.floor)
ceil = _whole(math.ceil)
trunc = _whole(math.trunc)
rint = _whole(round)


def sign(x: float) -> float:
    """-1, 0 or 1."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == x else x


def maximum(a: float, b: float) -> float:
    """The larger of two."""
    return a if a >= b or a != a else b


def minimum(a: float, b: float) -> float:
    """The smaller of two."""
    return a if a <= b or a != a else b


# ---------------------------------------------------------------- activations


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x))."""
    e = math.exp(-x if x > 0.0 else x)
    return (1.0 if x > 0.0 else e) / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x))."""
    return x + math.log1p(math.exp(-x)) if x > 0.0 else math.log1p(math.exp(x))


def log_sigmoid(x: float) -> float:
    """log(sigmoid(x))."""
    return -softplus(-x)


def silu(x: float) -> float:
    """x sigmoid(x)."""
    # Below -700 sigmoid(x) may be subnormal, and x sigmoid(x) is x_logistic_density(x).
    return x * sigmoid(x) if x > -700.0 else x_logistic_density(x)


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a == b:
        return a + LN2  # also for two equal infinities
    d = a - b
    return a + math.log1p(math.exp(-d)) if d > 0.0 else b + math.log1p(math.exp(d))


# ---------------------------------------------------------------- derivatives


def flat(x: float) -> float:
    """The derivative of a step function: 0, and nan at nan."""
    return 0.0 if x == x else x


def nonnegative(x: float) -> float:
    """abs(x) for x >= 0, else nan: 1/nonnegative(x) is the derivative of log in its domain only."""
    return x if x > 0.0 else 0.0 if x == 0.0 else NAN


def one_minus_square(x: float) -> float:
    """1 - x^2, accurate at 1 and -1."""
    return (1.0 - x) * (1.0 + x)


def sech2(x: float) -> float:
    """1 - tanh(x)^2 without its cancellation."""
    try:
        return 2.0 / (1.0 + math.cosh(2.0 * x))  # which is 2 cosh(x)^2
    except OverflowError:
        return 4.0 * math.exp(-2.0 * abs(x))


def logistic_density(x: float) -> float:
    """s (1 - s), s = sigmoid(x), without its cancellation."""
    try:
        return 0.5 / (1.0 + math.cosh(x))
    except OverflowError:
        return math.exp(-abs(x))


def x_logistic_density(x: float) -> float:
    """x logistic_density(x)."""
    size = abs(x)
    if size > 700.0:
        if size > 800.0:
            return math.copysign(0.0, x)
        half = math.exp(-0.5 * size)  # exp(-abs(x)) may be subnormal: keep its two halves apart
        return x * half * half
    return x * logistic_density(x)


# The zero of silu's derivative, where exp(x) = -(1 + x), as the sum of two floats.
_SILU_ROOT, _SILU_ROOT_LOW = -1.2784645427610737, -1.0946994183093437e-16
_EXP_SILU_ROOT = 0.2784645427610738


def silu_slope(x: float) -> float:
    """The derivative of silu, sigmoid(x) + x logistic_density(x), without its cancellation."""
    if not -4.0 < x < 0.5:
        return sigmoid(x) + x_logistic_density(x)
    # With t = x - root it is logistic_density(x) (1 + x + exp(x)), in terms of one sign.
    t = (x - _SILU_ROOT) - _SILU_ROOT_LOW
    e = math.exp(-abs(x))
    density = e / (1.0 + e * (2.0 + e))  # half a unit better here than by cosh
    return density * (t + _EXP_SILU_ROOT * math.expm1(t))


def exp_times(x: float, y: float) -> float:
    """y exp(x), also where exp(x) alone is too small or too large for a float."""
    e = exp(x)
    if SMALL < e < LARGE or not y:
        return y * e
    half = exp(0.5 * x)
    if half < INF:
        return y * half * half
    quarter = exp(0.25 * x)
    return y * quarter * quarter * quarter * quarter


def lorentzian(x: float) -> float:
    """1 / (1 + x^2)."""
    return 1.0 / (1.0 + x * x) if abs(x) < 1e8 else 1.0 / x / x


def scaled(m: float, e: int) -> float:
    """m 2^e, rounded once."""
    try:
        return math.ldexp(m, e)
    except OverflowError:
        return math.copysign(INF, m)


def over_square(a: float, b: float) -> float:
    """a / b^2."""
    s = b * b
    if SMALL < s < LARGE:
        return a / s
    if not b:
        return math.copysign(INF, a) if a == a and a else NAN
    (m, i), (n, j) = math.frexp(a), math.frexp(b)
    return scaled(m / (n * n), i - 2 * j)


def over_norm_square(a: float, b: float) -> float:
    """a / (a^2 + b^2); nan at the origin, 0 at infinity."""
    s = a * a + b * b
    if SMALL < s < LARGE:
        return a / s
    largest = maximum(abs(a), abs(b))
    if not 0.0 < largest < INF:
        return math.copysign(0.0, a) if largest == INF else NAN
    e = math.frexp(largest)[1]
    a, b = math.ldexp(a, -e), math.ldexp(b, -e)
    return scaled(a / (a * a + b * b), -e)
