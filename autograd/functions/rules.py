"""The table: every elementary function, one row each.

A row holds the value, the partial derivatives as textbook formulas in other rows, and the
written forms. Where a textbook derivative is delicate in floating point it is a row of its own
(`sech2`, `over_square` ...): the numerical care is in that row's `forward`, and its own partials
are textbook formulas again, so that every order comes out right. The names `abs`, `max`, `min`
and `sum` are rows in this module.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
from typing import Any

from autograd.functions.primitives import Expression, Primitive, install_operators
from autograd.numbers import ieee, orders, reductions, special
from autograd.numbers.kinds import Constant, ratio

sumprod = getattr(math, "sumprod", None)  # from Python 3.12; it rounds less often


def _dot(*operands: float) -> float:
    """The float value of `dot`, by the best sum of products that this Python has."""
    middle = len(operands) // 2
    ws, xs = operands[:middle], operands[middle:-1]
    products = sumprod(ws, xs) if sumprod else builtins.sum(map(operator.mul, ws, xs))
    return float(products + operands[-1])


def _share_slopes(i: int, xs: Any, out: Any) -> list[Any]:
    """The derivatives of `share`, where a share near 1 is not subtracted from 1."""
    # Of two operands the derivatives of these have a zero at x1 = x2 (nan: at equal infinities).
    if len(xs) == 2 and (difference := xs[0] - xs[1]) == difference:
        density = logistic_density(difference)
        return [density if j == i else -density for j in range(2)]
    shares = share.each(*xs)
    return [
        out * sum([x for k, x in enumerate(shares) if k != i]) if j == i else -out * shares[j]
        for j in range(len(xs))
    ]


def _norm_partials(index: orders.Index, xs: Any) -> tuple[Any, ...]:
    """The derivatives of `norm_partial(index, ...)`: in one pass for floats."""
    if all(type(x) is float for x in xs):
        return orders.norm_partials(index, *xs)
    return tuple(norm_partial((*orders.indices(index), j), *xs) for j in range(len(xs)))


def _pi(number: Any) -> Any:
    """The number pi of a number type."""
    return arccos(number(-1))


def _product(xs: list[Any]) -> Any:
    """The product; of nothing the int 1, which every number type takes as its own."""
    return prod(xs) if xs else 1


def _against(*xs: Any, out: Any) -> tuple[Any, ...]:
    """The partials of a length of complex numbers: conj(x) / length, and 0 where the length is."""
    return tuple(where(out > 0, divide(conjugate(x), out), flat(x)) for x in xs)


def _affine(*operands: Any) -> str:
    """How `dot` is written: products, and what is added unless it is 0."""
    middle, last = len(operands) // 2, operands[-1]
    for operand in operands[:-1]:
        operand.limit = multiply.precedence
    pairs = zip(operands[:middle], operands[middle:-1], strict=True)
    terms = [multiply.text.format(w, x) for w, x in pairs]
    return " + ".join([*terms, format(last, "r")] if last.text != "0" else terms)


# One row is read as one paragraph, so the table is laid out by hand.
# fmt: off
_INF = math.inf

LOG2_E = Constant(
    math.log2(math.e), lambda number: 1 / log(number(2)), "1/log(2)", r"\tfrac{1}{\ln 2}")
LOG10_E = Constant(
    math.log10(math.e), lambda number: 1 / log(number(10)), "1/log(10)", r"\tfrac{1}{\ln 10}")
TWO_OVER_SQRT_PI = Constant(
    2 / math.sqrt(math.pi), lambda number: 2 / sqrt(_pi(number)), "2/sqrt(pi)",
    r"\tfrac{2}{\sqrt{\pi}}")
INVERSE_SQRT_TAU = Constant(
    1 / math.sqrt(math.tau), lambda number: 1 / sqrt(2 * _pi(number)), "1/sqrt(2*pi)",
    r"\tfrac{1}{\sqrt{2\pi}}")
DEGREE = Constant(math.pi / 180, lambda number: _pi(number) / 180, "pi/180", r"\tfrac{\pi}{180}")
RADIAN = Constant(180 / math.pi, lambda number: 180 / _pi(number), "180/pi", r"\tfrac{180}{\pi}")

# -- arithmetic ---------------------------------------------------------------------------------
add = Primitive(
    "add", operator.add, lambda x, y, out: (1, 1), "Sum of two operands.",
    arity=2, definition=operator.add, operator="add", precedence=4,
    text="{0:l} + {1:r}", latex="{0:l} + {1:r}", example=("add(2.0, 3.0)", "5.0"))
subtract = Primitive(
    "subtract", operator.sub, lambda x, y, out: (1, -1), "Difference of two operands.",
    arity=2, definition=operator.sub, operator="sub", precedence=4,
    text="{0:l} - {1:r}", latex="{0:l} - {1:r}", example=("subtract(2.0, 3.0)", "-1.0"))
multiply = Primitive(
    "multiply", operator.mul, lambda x, y, out: (y, x), "Product of two operands.",
    arity=2, definition=operator.mul, operator="mul", precedence=5,
    text="{0:l} * {1:r}", latex=r"{0:l} \, {1:r}", example=("multiply(2.0, 3.0)", "6.0"))
divide = Primitive(
    "divide", ieee.divide, lambda x, y, out: (1 / y, -over_square(x, y)), "Quotient.",
    arity=2, operator="truediv", precedence=5,
    edges="Division by zero is inf or nan, as in IEEE 754; exact types raise ZeroDivisionError.",
    text="{0:l} / {1:r}", latex=r"\frac{{{0}}}{{{1}}}", example=("divide(1.0, 0.0)", "inf"))
floor_divide = Primitive(
    "floor_divide", ieee.floor_divide, lambda x, y, out: (flat(x), flat(y)),
    "Quotient rounded down; its derivative is 0.",
    arity=2, operator="floordiv", precedence=5,
    edges="It jumps where the quotient is an integer; the derivative there is 0.",
    text="{0:l} // {1:r}", python="floor_divide({0}, {1})",
    latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor",
    example=("floor_divide(7.0, 2.0)", "3.0"))
remainder = Primitive(
    "remainder", ieee.remainder, lambda x, y, out: (1, -(x // y)),
    "Remainder with the sign of the divisor, x - y*floor(x/y).",
    arity=2, operator="mod", precedence=5,
    edges="It jumps where x/y is an integer; a divisor of 0 gives nan.",
    text="{0:l} % {1:r}", python="remainder({0}, {1})", latex=r"{0:l} \bmod {1:r}",
    example=("remainder(-7.0, 4.0)", "1.0"))
fmod = Primitive(
    "fmod", ieee.fmod,
    lambda x, y, out: (1, -truncate_divide(x, y)),
    "Remainder with the sign of x, x - y*trunc(x/y), as in C.", arity=2,
    definition=lambda x, y: copysign(remainder(abs(x), abs(y)), x),
    edges="It jumps where x/y is an integer other than 0; a divisor of 0 gives nan.",
    example=("fmod(-7.0, 4.0)", "-3.0"))
power = Primitive(
    "power", ieee.power, lambda x, y, out: (power_by_base(x, y), power_by_exponent(x, y)),
    "Power; a negative float to a real power is nan, never complex.",
    arity=2, definition=operator.pow, operator="pow", precedence=7,
    edges="d(x**0)/dx at 0 is 0; d(0**y)/dy is 0 for y >= 0 and -inf below; "
          "for x < 0 the derivative by y is nan.",
    text="{0:r} ** {1:l}", python="math.pow({0}, {1})", latex="{0:r}^{{{1}}}",
    example=("power(2.0, 3.0)", "8.0"))
negative = Primitive(
    "negative", operator.neg, lambda x, out: (-1,), "Minus x.",
    definition=operator.neg, operator="neg", precedence=6, text="-{0:l}", latex="-{0:l}",
    example=("negative(2.0)", "-2.0"))
positive = Primitive(
    "positive", operator.pos, lambda x, out: (1,), "Plus x: the same number.",
    definition=operator.pos, operator="pos", precedence=6, text="+{0:l}", latex="+{0:l}",
    example=("positive(2.0)", "2.0"))
conjugate = Primitive(
    "conjugate", operator.pos, lambda x, out: (1,),
    "Complex conjugate; a real number is its own.",
    complex_partials=lambda x, out: (1,),
    latex=r"\overline{{{0}}}", example=("conjugate(2.0)", "2.0"))
square = Primitive(
    "square", lambda x: x * x, lambda x, out: (2 * x,), "x times x.",
    definition=lambda x: x * x, latex=r"\left({0}\right)^2", example=("square(3.0)", "9.0"))
reciprocal = Primitive(
    "reciprocal", lambda x: ieee.divide(1.0, x), lambda x, out: (-out * out,), "1/x.",
    edges="At 0: (inf, -inf).", latex=r"\frac{{1}}{{{0}}}",
    example=("reciprocal(4.0)", "0.25"))

# -- exponentials and logarithms ----------------------------------------------------------------
exp = Primitive(
    "exp", ieee.exp, lambda x, out: (out,), "Exponential function.",
    python="math.exp({0})", latex="e^{{{0}}}", precedence=7, example=("exp(0.0)", "1.0"))
expm1 = Primitive(
    "expm1", ieee.expm1, lambda x, out: (exp(x),), "exp(x) - 1, accurate near 0.",
    python="math.expm1({0})", example=("expm1(0.0)", "0.0"))
exp2 = Primitive(
    "exp2", ieee.exp2, lambda x, out: (power_by_exponent(2, x),), "2 to the power x.",
    python="math.exp2({0})", latex="2^{{{0}}}", precedence=7,
    example=("exp2(3.0)", "8.0"))
log = Primitive(
    "log", ieee.log, lambda x, out: (1 / nonnegative(x),), "Natural logarithm.",
    domain=((0.0, _INF),), edges="At 0: (-inf, inf). log(x, base) is log(x) / log(base).",
    otherwise=lambda x, base, /: log(x) / log(base),
    python="math.log({0})", latex=r"\ln\left({0}\right)", example=("log(1.0)", "0.0"))
log1p = Primitive(
    "log1p", ieee.log1p, lambda x, out: (1 / nonnegative(1 + x),), "log(1 + x), accurate near 0.",
    domain=((-1.0, _INF),), edges="At -1: (-inf, inf).",
    python="math.log1p({0})", latex=r"\ln\left(1 + {0}\right)", example=("log1p(0.0)", "0.0"))
log2 = Primitive(
    "log2", ieee.log2, lambda x, out: (LOG2_E / nonnegative(x),), "Logarithm to base 2.",
    domain=((0.0, _INF),), edges="At 0: (-inf, inf).",
    python="math.log2({0})", latex=r"\log_2\left({0}\right)", example=("log2(8.0)", "3.0"))
log10 = Primitive(
    "log10", ieee.log10, lambda x, out: (LOG10_E / nonnegative(x),), "Logarithm to base 10.",
    domain=((0.0, _INF),), edges="At 0: (-inf, inf).",
    python="math.log10({0})", latex=r"\log_{{10}}\left({0}\right)", example=("log10(100.0)", "2.0"))
sqrt = Primitive(
    "sqrt", ieee.sqrt, lambda x, out: (1 / nonnegative(2 * out),), "Square root.",
    domain=((0.0, _INF),), edges="At 0: (0, inf).",
    python="math.sqrt({0})", latex=r"\sqrt{{{0}}}", example=("sqrt(9.0)", "3.0"))
cbrt = Primitive(
    "cbrt", ieee.cbrt, lambda x, out: (over_square(1, out) / 3,), "Real cube root.",
    edges="At 0: (0, inf).", latex=r"\sqrt[3]{{{0}}}", example=("cbrt(-27.0)", "-3.0"))

# -- circular and hyperbolic functions ----------------------------------------------------------
sin = Primitive(
    "sin", ieee.sin, lambda x, out: (cos(x),), "Sine; the angle is in radians.",
    python="math.sin({0})", latex=r"\sin\left({0}\right)", example=("sin(0.0)", "0.0"))
cos = Primitive(
    "cos", ieee.cos, lambda x, out: (-sin(x),), "Cosine; the angle is in radians.",
    python="math.cos({0})", latex=r"\cos\left({0}\right)", example=("cos(0.0)", "1.0"))
tan = Primitive(
    "tan", ieee.tan, lambda x, out: (1 + out * out,), "Tangent; the angle is in radians.",
    complex_partials=lambda x, out: (1 / cos(x) / cos(x),),
    python="math.tan({0})", latex=r"\tan\left({0}\right)", example=("tan(0.0)", "0.0"))
arcsin = Primitive(
    "arcsin", ieee.arcsin, lambda x, out: (1 / sqrt(one_minus_square(x)),), "Inverse sine.",
    domain=((-1.0, 1.0),), edges="At -1 and 1 the derivative is inf.",
    complex_partials=lambda x, out: (1 / (sqrt(-(x - 1)) * sqrt(x - -1)),),
    python="math.asin({0})", latex=r"\arcsin\left({0}\right)", example=("arcsin(0.0)", "0.0"))
arccos = Primitive(
    "arccos", ieee.arccos, lambda x, out: (-1 / sqrt(one_minus_square(x)),), "Inverse cosine.",
    domain=((-1.0, 1.0),), edges="At -1 and 1 the derivative is -inf.",
    complex_partials=lambda x, out: (-1 / (sqrt(-(x - 1)) * sqrt(x - -1)),),
    python="math.acos({0})", latex=r"\arccos\left({0}\right)", example=("arccos(1.0)", "0.0"))
arctan = Primitive(
    "arctan", ieee.arctan, lambda x, out: (lorentzian(x),), "Inverse tangent.",
    python="math.atan({0})", latex=r"\arctan\left({0}\right)", example=("arctan(0.0)", "0.0"))
arctan2 = Primitive(
    "arctan2", ieee.arctan2,
    lambda y, x, out: (over_norm_square(x, y), -over_norm_square(y, x)),
    "Angle of the point (x, y), given as y, x, in (-pi, pi].",
    arity=2, edges="The derivative at (0, 0) is nan.",
    python="math.atan2({0}, {1})", example=("arctan2(0.0, 1.0)", "0.0"))
sinh = Primitive(
    "sinh", ieee.sinh, lambda x, out: (cosh(x),), "Hyperbolic sine.",
    python="math.sinh({0})", latex=r"\sinh\left({0}\right)", example=("sinh(0.0)", "0.0"))
cosh = Primitive(
    "cosh", ieee.cosh, lambda x, out: (sinh(x),), "Hyperbolic cosine.",
    python="math.cosh({0})", latex=r"\cosh\left({0}\right)", example=("cosh(0.0)", "1.0"))
tanh = Primitive(
    "tanh", ieee.tanh, lambda x, out: (sech2(x),), "Hyperbolic tangent, a sigmoid unit.",
    python="math.tanh({0})", latex=r"\tanh\left({0}\right)", example=("tanh(0.0)", "0.0"))
arcsinh = Primitive(
    "arcsinh", ieee.arcsinh, lambda x, out: (1 / hypot(1, x),), "Inverse hyperbolic sine.",
    complex_partials=lambda x, out: (1 / unit_hypot(x),),
    python="math.asinh({0})", latex=r"\operatorname{{arsinh}}\left({0}\right)",
    example=("arcsinh(0.0)", "0.0"))
arccosh = Primitive(
    "arccosh", ieee.arccosh, lambda x, out: (1 / sqrt(x - 1) / sqrt(x + 1),),
    "Inverse hyperbolic cosine.",
    domain=((1.0, _INF),), edges="At 1: (0, inf).",
    complex_partials=lambda x, out: (1 / (sqrt(x - 1) * sqrt(x - -1)),),
    python="math.acosh({0})", latex=r"\operatorname{{arcosh}}\left({0}\right)",
    example=("arccosh(1.0)", "0.0"))
arctanh = Primitive(
    "arctanh", ieee.arctanh, lambda x, out: (1 / nonnegative(one_minus_square(x)),),
    "Inverse hyperbolic tangent.",
    domain=((-1.0, 1.0),), edges="At -1: (-inf, inf); at 1: (inf, inf).",
    complex_partials=lambda x, out: (1 / (1 - x) / (1 + x),),
    python="math.atanh({0})", latex=r"\operatorname{{artanh}}\left({0}\right)",
    example=("arctanh(0.0)", "0.0"))
hypot = Primitive(
    "hypot", ieee.hypot, lambda x, y, out: direction.each(x, y),
    "Length sqrt(x**2 + y**2), without overflow.",
    arity=2, complex_partials=_against, otherwise=lambda *xs: norm(xs),
    edges="The derivative at (0, 0) is 0; at two infinities it is +-1/sqrt(2) by each. "
    "Of one or of more than two operands it is their norm.",
    example=("hypot(3.0, 4.0)", "5.0"))
deg2rad = Primitive(
    "deg2rad", lambda x: math.pi / 180 * x, lambda x, out: (DEGREE,), "Degrees to radians.",
    definition=lambda x: DEGREE * x, example=("deg2rad(0.0)", "0.0"))
rad2deg = Primitive(
    "rad2deg", lambda x: 180 / math.pi * x, lambda x, out: (RADIAN,), "Radians to degrees.",
    definition=lambda x: RADIAN * x, example=("rad2deg(0.0)", "0.0"))

# -- error function, normal distribution, gamma -------------------------------------------------
erf = Primitive(
    "erf", ieee.erf, lambda x, out: (TWO_OVER_SQRT_PI * exp_neg_square(x),), "Error function.",
    python="math.erf({0})", example=("erf(0.0)", "0.0"))
erfc = Primitive(
    "erfc", ieee.erfc, lambda x, out: (-(TWO_OVER_SQRT_PI * exp_neg_square(x)),),
    "Complementary error function 1 - erf(x), accurate for large x.",
    python="math.erfc({0})", example=("erfc(0.0)", "1.0"))
normal_cdf = Primitive(
    "normal_cdf", ieee.normal_cdf, lambda x, out: (normal_pdf(x),),
    "Standard normal distribution function, erfc(-x/sqrt(2))/2.",
    latex=r"\Phi\left({0}\right)",
    example=("normal_cdf(0.0)", "0.5"))
normal_pdf = Primitive(
    "normal_pdf", ieee.normal_pdf, lambda x, out: (-x_normal_pdf(x),),
    "Standard normal density exp(-x**2/2)/sqrt(2*pi).",
    definition=lambda x: INVERSE_SQRT_TAU * exp(-x * x / 2), latex=r"\varphi\left({0}\right)",
    example=("round(normal_pdf(0.0), 6)", "0.398942"))
gamma = Primitive(
    "gamma", lambda x: orders.gamma_derivative(0, x), lambda x, out: (gamma_derivative(1, x),),
    "Gamma function; gamma(n + 1) is the factorial of n.",
    edges="At 0.0 inf, at -0.0 -inf, with derivative -inf; at the negative integers nan. "
    "Its derivative is gamma(x)*digamma(x).",
    latex=r"\Gamma\left({0}\right)", example=("gamma(5.0)", "24.0"))
lgamma = Primitive(
    "lgamma", ieee.lgamma, lambda x, out: (digamma(x),), "Logarithm of |gamma(x)|.",
    edges="At 0 and the negative integers inf, with derivative nan (at -0.0 inf, at 0.0 -inf).",
    latex=r"\ln\left|\Gamma\left({0}\right)\right|",
    example=("lgamma(1.0)", "0.0"))
digamma = Primitive(
    "digamma", ieee.digamma, lambda x, out: (polygamma(1, x),),
    "Derivative of lgamma (Abramowitz and Stegun 6.3).",
    latex=r"\psi\left({0}\right)", example=("round(digamma(1.0), 6)", "-0.577216"))

# -- parts of complex numbers -------------------------------------------------------------------
real = Primitive(
    "real", operator.pos, lambda x, out: (1,), "Real part; a real number is its own.",
    complex_partials=lambda x, out: (1,),
    latex=r"\operatorname{{Re}}\left({0}\right)", example=("real(3 + 4j)", "3.0"))
imag = Primitive(
    "imag", ieee.flat, lambda x, out: (flat(x),), "Imaginary part, 0 for a real number.",
    complex_partials=lambda x, out: (-1j,),
    latex=r"\operatorname{{Im}}\left({0}\right)", example=("imag(3 + 4j)", "4.0"))
angle = Primitive(
    "angle", lambda x: ieee.arctan2(0.0, x), lambda x, out: (flat(x),),
    "Angle of a complex number in the plane, in (-pi, pi]; of a real one 0 or pi.",
    complex_partials=lambda x, out: (-1j / x,), kinks=(0.0,),
    latex=r"\arg\left({0}\right)", example=("angle(1j)", "1.5707963267948966"))

# -- pieces: functions with kinks and jumps -----------------------------------------------------
abs = Primitive(
    "abs", operator.abs, lambda x, out: (sign(x),), "Absolute value.",
    operator="abs", kinks=(0.0,), edges="The derivative at 0 is 0.",
    complex_partials=_against,
    latex=r"\left|{0}\right|", example=("abs(-2.0)", "2.0"))
sign = Primitive(
    "sign", ieee.sign, lambda x, out: (flat(x),), "-1, 0 or 1; its derivative is 0.",
    kinks=(0.0,), example=("sign(-2.0)", "-1.0"))
copysign = Primitive(
    "copysign", math.copysign,
    lambda x, y, out: (sign(x) * copysign(1, y), 0),
    "Magnitude of x with the sign of y.", arity=2, kinks=(0.0,),
    definition=lambda x, y: where(y < 0, -abs(x), abs(x)),
    edges="The derivative by x at 0 is 0. The sign of a zero counts for floats alone.",
    example=("copysign(3.0, -0.0)", "-3.0"))
floor = Primitive(
    "floor", ieee.floor, lambda x, out: (flat(x),), "Largest integer <= x; its derivative is 0.",
    operator="floor", latex=r"\left\lfloor{0}\right\rfloor",
    example=("floor(2.5)", "2.0"))
ceil = Primitive(
    "ceil", ieee.ceil, lambda x, out: (flat(x),), "Smallest integer >= x; its derivative is 0.",
    operator="ceil", latex=r"\left\lceil{0}\right\rceil",
    example=("ceil(2.5)", "3.0"))
trunc = Primitive(
    "trunc", ieee.trunc, lambda x, out: (flat(x),), "x rounded towards 0; its derivative is 0.",
    operator="trunc", example=("trunc(-2.5)", "-2.0"))
rint = Primitive(
    "rint", ieee.rint, lambda x, out: (flat(x),),
    "Nearest integer, the even one at a tie; its derivative is 0.",
    example=("rint(2.5)", "2.0"))
maximum = Primitive(
    "maximum", ieee.maximum, lambda x, y, out: max_share.each(x, y), "Larger of two operands.",
    arity=2,
    edges="At a tie the derivatives are 1/2 each; nan if either operand is nan.",
    latex=r"\max\left({0}, {1}\right)", example=("maximum(2.0, 3.0)", "3.0"))
minimum = Primitive(
    "minimum", ieee.minimum, lambda x, y, out: max_share.each(-x, -y), "Smaller of two operands.",
    arity=2,
    edges="At a tie the derivatives are 1/2 each; nan if either operand is nan.",
    latex=r"\min\left({0}, {1}\right)", example=("minimum(2.0, 3.0)", "2.0"))
clip = Primitive(
    "clip", ieee.clip,
    lambda x, low, high, out: (
        where((low < x) & (x < high), 1, 0) + flat(out),
        where(high < low, 0, where(x < low, 1, 0)) + flat(out),
        where(high < maximum(x, low), 1, 0) + flat(out)),
    "x limited to the interval from low to high: minimum(maximum(x, low), high).",
    arity=3,
    edges="At a bound every derivative is 0.", example=("clip(7.0, 0.0, 1.0)", "1.0"))
where = Primitive(
    "where", None,
    lambda condition, x, y, out: (0, where(condition, 1, 0), where(condition, 0, 1)),
    "x where the condition holds, else y; only the branch taken becomes a parent.",
    arity=3, definition=lambda condition, x, y: x if condition else y,
    python="({1} if {0} else {2})", example=("where(2.0 > 1.0, 3.0, 4.0)", "3.0"))
heaviside = Primitive(
    "heaviside", None,
    lambda x, h0, out: (flat(x), where(x > 0, 0, where(x < 0, 0, 1)) + flat(out)),
    "Threshold unit: 0 for x < 0, 1 for x > 0, and h0 (0 unless given) at x = 0.",
    arity=2, defaults=(0,),
    python="(1.0 if {0} > 0.0 else 0.0 if {0} < 0.0 else {1} if {0} == 0.0 else {0})",
    kinks=(0.0,), edges="The derivative by x is 0, also at the jump.",
    example=("heaviside(2.0)", "1.0"))
relu = Primitive(
    "relu", None, lambda x, out: (heaviside(x, 0),), "Rectified linear unit, max(x, 0).",
    python="({0} if {0} > 0.0 else 0.0 if {0} <= 0.0 else {0})",
    kinks=(0.0,), edges="The derivative at 0 is 0.",
    example=("relu(-2.0)", "0.0"))
leaky_relu = Primitive(
    "leaky_relu", ieee.leaky_relu,
    lambda x, slope, out: (where(x > 0, 1, slope) + flat(x), where(x > 0, 0, x + flat(slope))),
    "x for x > 0, else slope*x; the slope is 0.01 unless given.",
    arity=2, defaults=(0.01,), definition=lambda x, slope: x if x > 0 else slope * x,
    kinks=(0.0,), edges="The derivative at 0 is the slope.", example=("leaky_relu(-2.0)", "-0.02"))
elu = Primitive(
    "elu", ieee.elu,
    lambda x, alpha, out: (
        where(x > 0, 1, exp_times(x, alpha)), where(x > 0, 0, expm1(x)) + flat(out)),
    "Exponential linear unit: x for x > 0, else alpha*(exp(x) - 1) (Clevert et al. 2015).",
    arity=2, defaults=(1,), definition=lambda x, alpha: x if x > 0 else alpha * expm1(x),
    kinks=(0.0,), edges="The derivative at 0 is alpha, the limit from the left.",
    example=("elu(2.0)", "2.0"))
hard_sigmoid = Primitive(
    "hard_sigmoid", ieee.hard_sigmoid,
    lambda x, out: ((where((x > -3) & (x < 3), 1, 0) + flat(x)) / 6,),
    "Piecewise-linear unit clip(x/6 + 1/2, 0, 1).",
    kinks=(-3.0, 3.0),
    edges="The derivative at -3 and 3 is 0.", example=("hard_sigmoid(0.0)", "0.5"))
hard_tanh = Primitive(
    "hard_tanh", ieee.hard_tanh, lambda x, out: (where((x > -1) & (x < 1), 1, 0) + flat(x),),
    "Piecewise-linear unit clip(x, -1, 1).",
    kinks=(-1.0, 1.0),
    edges="The derivative at -1 and 1 is 0.", example=("hard_tanh(3.0)", "1.0"))

# -- sigmoid and other smooth units -------------------------------------------------------------
sigmoid = Primitive(
    "sigmoid", ieee.sigmoid, lambda x, out: (logistic_density(x),),
    "Logistic sigmoid unit 1/(1 + exp(-x)).",
    latex=r"\sigma\left({0}\right)",
    example=("sigmoid(0.0)", "0.5"))
log_sigmoid = Primitive(
    "log_sigmoid", ieee.log_sigmoid, lambda x, out: (sigmoid(-x),), "log(sigmoid(x)), stable.",
    example=("round(log_sigmoid(0.0), 6)", "-0.693147"))
softplus = Primitive(
    "softplus", ieee.softplus, lambda x, out: (sigmoid(x),), "log(1 + exp(x)), stable.",
    example=("round(softplus(0.0), 6)", "0.693147"))
silu = Primitive(
    "silu", ieee.silu, lambda x, out: (silu_slope(x),),
    "Sigmoid linear unit x*sigmoid(x), also called swish.",
    example=("silu(0.0)", "0.0"))
gelu = Primitive(
    "gelu", ieee.gelu, lambda x, out: (gelu_slope(x),),
    "Gaussian error linear unit x*normal_cdf(x), the exact one (Hendrycks and Gimpel 2016).",
    example=("gelu(0.0)", "0.0"))
logaddexp = Primitive(
    "logaddexp", ieee.logaddexp, lambda x, y, out: share.each(x, y),
    "log(exp(x) + exp(y)), stable.",
    arity=2, edges="The derivatives at (-inf, -inf) are 0, 0, and at (inf, inf) 1/2, 1/2.",
    example=("round(logaddexp(0.0, 0.0), 6)", "0.693147"))

# -- n-ary rows: they take one iterable ---------------------------------------------------------
sum = Primitive(
    "sum", reductions.sum, lambda *xs, out: (1,) * len(xs),
    "Sum, correctly rounded for floats (math.fsum).",
    arity=None, definition=lambda *xs: _fold(operator.add, xs, 0),
    example=("sum([0.1] * 10)", "1.0"))
mean = Primitive(
    "mean", reductions.mean, lambda *xs, out: (ratio(1, len(xs)),) * len(xs),
    "Arithmetic mean, of the correctly rounded sum for floats.",
    arity=None, least=1, definition=lambda *xs: _fold(operator.add, xs, 0) / len(xs),
    example=("mean([1.0, 2.0, 6.0])", "3.0"))
prod = Primitive(
    "prod", reductions.prod, lambda *xs, out: cofactor.each(*xs, out=out), "Product.",
    arity=None, definition=lambda *xs: _fold(operator.mul, xs, 1), edges="Of nothing: 1.",
    example=("prod([2.0, 3.0, 4.0])", "24.0"))
norm = Primitive(
    "norm", reductions.norm, lambda *xs, out: direction.each(*xs, out=out),
    "Euclidean length sqrt(x1**2 + ... + xn**2), without overflow.",
    arity=None, complex_partials=_against,
    edges="The derivative where all operands are 0 is 0; k infinite ones have +-1/sqrt(k) each.",
    example=("norm([3.0, 4.0])", "5.0"))
max = Primitive(
    "max", reductions.maximum_of, lambda *xs, out: max_share.each(*xs, out=out), "Largest operand.",
    arity=None, least=1, definition=lambda *xs: _fold(maximum, xs[1:], xs[0]),
    edges="k tied operands have derivative 1/k each; nan if any operand is nan.",
    example=("max([1.0, 3.0, 2.0])", "3.0"))
min = Primitive(
    "min", reductions.minimum_of, lambda *xs, out: max_share.each(*(-x for x in xs), out=out),
    "Smallest operand.",
    arity=None, least=1, definition=lambda *xs: _fold(minimum, xs[1:], xs[0]),
    edges="k tied operands have derivative 1/k each; nan if any operand is nan.",
    example=("min([1.0, 3.0, 2.0])", "1.0"))
logsumexp = Primitive(
    "logsumexp", reductions.logsumexp, lambda *xs, out: share.each(*xs, out=out),
    "log(exp(x1) + ... + exp(xn)), stable.",
    arity=None,
    edges="Where all operands are -inf every derivative is 0; k operands of inf have 1/k each.",
    example=("round(logsumexp([0.0, 0.0]), 6)", "0.693147"))

# -- rows that the rules and other modules need -------------------------------------------------
dot_row = Primitive(  # the public function `dot` takes weights and inputs apart
    "dot", _dot,
    lambda *operands, out: (
        *operands[len(operands) // 2 : -1], *operands[: len(operands) // 2], 1),
    "Affine form w1*x1 + ... + wn*xn + b of the operands w1 ... wn, x1 ... xn, b.",
    arity=None, definition=lambda *operands: _fold(
        operator.add,
        map(operator.mul, operands, operands[len(operands) // 2 : -1]), operands[-1]),
    precedence=4, spelled=_affine)
sech2 = Primitive(
    "sech2", ieee.sech2, lambda x, out: (-2 * tanh(x) * out,), "Derivative of tanh, 1/cosh(x)**2.",
    definition=lambda x: 1 / (cosh(x) * cosh(x)), reading=lambda x: 1 - tanh(x) ** 2,
    latex=r"\operatorname{{sech}}^2\left({0}\right)")
logistic_density = Primitive(
    "logistic_density", ieee.logistic_density, lambda x, out: (-out * tanh(x / 2),),
    "Derivative of the sigmoid, s*(1 - s).", latex=r"\sigma'\left({0}\right)",
    definition=lambda x: 1 / ((1 + exp(-x)) * (1 + exp(x))),
    reading=lambda x: sigmoid(x) * (1 - sigmoid(x)))
x_logistic_density = Primitive(
    "x_logistic_density", ieee.x_logistic_density,
    lambda x, out: (logistic_density(x) - out * tanh(x / 2),), "x*logistic_density(x).",
    definition=lambda x: x * logistic_density(x), latex=r"{0}\,\sigma'\left({0}\right)")
silu_slope = Primitive(
    "silu_slope", ieee.silu_slope,
    lambda x, out: (2 * logistic_density(x) - x_logistic_density(x) * tanh(x / 2),),
    "Derivative of silu, sigmoid(x) + x*logistic_density(x).",
    definition=lambda x: sigmoid(x) + x * logistic_density(x))
gelu_slope = Primitive(
    "gelu_slope", ieee.gelu_slope,
    lambda x, out: (normal_pdf(x) - normal_pdf_derivative(2, x),),
    "Derivative of gelu, normal_cdf(x) + x*normal_pdf(x).",
    definition=lambda x: normal_cdf(x) + x * normal_pdf(x))
exp_times = Primitive(
    "exp_times", ieee.exp_times, lambda x, y, out: (out, exp(x)), "y*exp(x).",
    arity=2, definition=lambda x, y: y * exp(x), text="exp_times({0}, {1})",
    latex="{1} e^{{{0}}}", precedence=5)
exp_neg_square = Primitive(
    "exp_neg_square", ieee.exp_neg_square, lambda x, out: (exp_neg_square_derivative(1, x),),
    "exp(-x**2).", definition=lambda x: exp(-x * x), reading=lambda x: exp(-(x**2)),
    latex="e^{{-{0}^2}}", precedence=7)
exp_neg_square_derivative = Primitive(
    "exp_neg_square_derivative", ieee.exp_neg_square_derivative,
    lambda n, x, out: (0, exp_neg_square_derivative(n + 1, x)),
    "Derivative of exp(-x**2) of order n: a Hermite polynomial times it.",
    arity=2, integers=1, definition=lambda n, x: special.hermite(n, 2 * x, 2) * exp_neg_square(x),
    latex=r"\left(e^{{-{1}^2}}\right)^{{({0})}}")
x_normal_pdf = Primitive(
    "x_normal_pdf", ieee.x_normal_pdf, lambda x, out: (-normal_pdf_derivative(2, x),),
    "x*normal_pdf(x).",
    definition=lambda x: x * normal_pdf(x), latex=r"{0}\,\varphi\left({0}\right)")
normal_pdf_derivative = Primitive(
    "normal_pdf_derivative", ieee.normal_pdf_derivative,
    lambda n, x, out: (0, normal_pdf_derivative(n + 1, x)),
    "Derivative of normal_pdf of order n: a Hermite polynomial times it.",
    arity=2, integers=1, definition=lambda n, x: special.hermite(n, x, 1) * normal_pdf(x),
    latex=r"\varphi^{{({0})}}\left({1}\right)")
unit_hypot = Primitive(
    "unit_hypot", lambda x: ieee.hypot(1.0, x), lambda x, out: (x / out,),
    "sqrt(1 + x**2); of complex numbers on the branch of arcsinh.",
    definition=lambda x: sqrt(1 + x * x), latex=r"\sqrt{{1 + {0}^2}}")
lorentzian = Primitive(
    "lorentzian", ieee.lorentzian, lambda x, out: (-2 * out * over_norm_square(x, 1),),
    "Derivative of arctan, 1/(1 + x**2).", complex_partials=lambda x, out: (-2 * out * x * out,),
    definition=lambda x: 1 / (1 + x * x), reading=lambda x: 1 / (1 + x**2),
    latex=r"\frac{{1}}{{1 + {0}^2}}")
over_norm_square = Primitive(
    "over_norm_square", ieee.over_norm_square,
    lambda x, y, out: (arctan2_partial(1, 1, y, x), arctan2_partial(2, 0, y, x)),
    "Derivative of arctan2(y, x) by y, x/(x**2 + y**2).",
    arity=2, definition=lambda x, y: x / (x * x + y * y),
    reading=lambda x, y: x / (x**2 + y**2),
    latex=r"\frac{{{0}}}{{{0}^2 + {1}^2}}")
arctan2_partial = Primitive(
    "arctan2_partial", orders.arctan2_partial,
    lambda n, m, y, x, out: (
        0, 0, arctan2_partial(n + 1, m, y, x), arctan2_partial(n, m + 1, y, x)),
    "Derivative of arctan2(y, x), n times by y and m times by x.",
    arity=4, integers=2,
    definition=lambda n, m, y, x: (
        orders.arctan2_numerator(n, m, y, x) / (x * x + y * y) ** (n + m)),
    latex=r"\partial_{{{2}}}^{{{0}}} \partial_{{{3}}}^{{{1}}} "
          r"\operatorname{{arctan2}}\left({2}, {3}\right)")
over_square = Primitive(
    "over_square", ieee.over_square,
    lambda x, y, out: (over_square(1, y), -divide_partial(2, x, y)), "x/y**2.",
    arity=2, definition=lambda x, y: x / (y * y), reading=lambda x, y: x / y**2,
    latex=r"\frac{{{0}}}{{{1}^2}}")
divide_partial = Primitive(
    "divide_partial", orders.divide_partial,
    lambda n, x, y, out: (0, divide_partial(n, 1, y), divide_partial(n + 1, x, y)),
    "Derivative of x/y, n times by y.", arity=3, integers=1,
    definition=lambda n, x, y: (-1) ** n * math.factorial(n) * x / y ** (n + 1),
    latex=r"\partial_{{{2}}}^{{{0}}} \frac{{{1}}}{{{2}}}")
power_by_base = Primitive(
    "power_by_base", ieee.power_by_base,
    lambda x, y, out: (power_partial(2, 0, x, y), power_partial(1, 1, x, y)),
    "Derivative of x**y by x, y*x**(y - 1).",
    arity=2, definition=lambda x, y: y * x ** (y - 1),
    latex=r"{1}\,{0}^{{{1} - 1}}")
power_by_exponent = Primitive(
    "power_by_exponent", ieee.power_by_exponent,
    lambda x, y, out: (power_partial(1, 1, x, y), power_partial(0, 2, x, y)),
    "Derivative of x**y by y, x**y*log(x).",
    arity=2, definition=lambda x, y: x**y * log(x),
    reading=lambda x, y: x**y * Expression.apply(log, x),  # of a number too
    latex=r"{0}^{{{1}}} \ln {0}")
power_partial = Primitive(
    "power_partial", ieee.power_partial,
    lambda n, m, x, y, out: (
        0, 0, power_partial(n + 1, m, x, y), power_partial(n, m + 1, x, y)),
    "Derivative of x**y, n times by x and m times by y; 0 where its coefficient is 0.",
    arity=4, integers=2,
    latex=r"\partial_{{{2}}}^{{{0}}} \partial_{{{3}}}^{{{1}}} {2}^{{{3}}}")
polygamma = Primitive(
    "polygamma", ieee.polygamma, lambda n, x, out: (0, polygamma(n + 1, x)),
    "Derivative of digamma of order n (Abramowitz and Stegun 6.4).",
    arity=2, integers=1, latex=r"\psi^{{({0})}}\left({1}\right)")
gamma_derivative = Primitive(
    "gamma_derivative", orders.gamma_derivative, lambda n, x, out: (0, gamma_derivative(n + 1, x)),
    "Derivative of gamma of order n; that of order 1 is gamma(x)*digamma(x).",
    arity=2, integers=1, latex=r"\Gamma^{{({0})}}\left({1}\right)", reading=lambda n, x: (
        gamma(x) * digamma(x) if n == 1 else Expression.apply(gamma_derivative, n, x)))
truncate_divide = Primitive(
    "truncate_divide", ieee.truncate_divide, lambda x, y, out: (flat(x), flat(y)),
    "Quotient rounded towards 0; its derivative is 0.", arity=2,
    definition=lambda x, y: copysign(abs(x) // abs(y), copysign(1, x) * copysign(1, y)),
    latex=r"\operatorname{{trunc}}\left(\frac{{{0}}}{{{1}}}\right)")
flat = Primitive(
    "flat", ieee.flat, lambda x, out: (flat(x),),
    "Derivative of a function that is constant between its jumps: 0, and nan at nan.",
    definition=lambda x: 0 * x, reading=lambda x: 0, latex="0")
nonnegative = Primitive(
    "nonnegative", ieee.nonnegative, lambda x, out: (1,),
    "x itself, and nan below 0: keeps a rule to the domain of its function.",
    definition=lambda x: x, latex="{0}")
one_minus_square = Primitive(
    "one_minus_square", ieee.one_minus_square, lambda x, out: (-2 * x,),
    "1 - x**2, accurate at 1 and -1.",
    definition=lambda x: (1 - x) * (1 + x), reading=lambda x: 1 - x**2, latex="1 - {0}^2",
    precedence=4)
max_share = Primitive(
    "max_share", reductions.max_share, lambda i, *xs, out: (0, *(flat(x) for x in xs)),
    "1/k where operand i is one of the k largest, else 0.",
    arity=None, integers=1, each_forward=reductions.max_shares,
    product=reductions.max_shares_product)
share = Primitive(
    "share", reductions.share,
    lambda i, *xs, out: (0, *_share_slopes(i, xs, out)),
    "Softmax weight exp(xi)/(exp(x1) + ... + exp(xn)).",
    arity=None, integers=1, each_forward=reductions.shares, product=reductions.shares_product)
direction = Primitive(
    "direction", reductions.direction,
    lambda i, *xs, out: (0, *_norm_partials(i, xs)),
    "xi/norm(x1, ..., xn), and 0 where the norm is 0.",
    arity=None, integers=1, each_forward=reductions.directions,
    product=orders.directions_product,
    reading=lambda i, *xs: xs[i] / (hypot(*xs) if len(xs) == 2 else norm(xs)))
norm_partial = Primitive(
    "norm_partial", orders.norm_partial,
    lambda index, *xs, out: (0, *_norm_partials(index, xs)),
    "Derivative of norm(x1, ..., xn) by the operands of the index, one after the other.",
    arity=None, integers=1)
cofactor = Primitive(
    "cofactor", reductions.cofactor,
    lambda i, *xs, out: (
        0, *(0 if j == i else _product([x for k, x in enumerate(xs) if k not in (i, j)])
             for j in range(len(xs)))),
    "Product of all operands but operand i.",
    arity=None, integers=1, each_forward=reductions.cofactors,
    product=reductions.cofactors_product,
    definition=lambda i, *xs: _fold(operator.mul, xs[:i] + xs[i + 1 :], 1))
round_to = Primitive(
    "round_to", lambda digits, x: round(x, digits) if math.isfinite(x) else x,
    lambda digits, x, out: (0, flat(x)), "x rounded to a number of decimal digits.",
    arity=2, integers=1, text="round({1}, {0})",
    python="round_to({0}, {1})")
greater = Primitive(
    "greater", operator.gt, lambda x, y, out: (0, 0), "Whether x > y.",
    arity=2, predicate=True, operator="gt", precedence=3, text="{0:r} > {1:r}",
    latex="{0:r} > {1:r}", definition=operator.gt)
less = Primitive(
    "less", operator.lt, lambda x, y, out: (0, 0), "Whether x < y.",
    arity=2, predicate=True, operator="lt", precedence=3, text="{0:r} < {1:r}",
    latex="{0:r} < {1:r}", definition=operator.lt)
both = Primitive(
    "both", lambda x, y: bool(x and y), lambda x, y, out: (0, 0), "Whether both conditions hold.",
    arity=2, predicate=True, operator="and", precedence=2, text="{0:r} and {1:r}",
    latex=r"{0:r} \wedge {1:r}", definition=lambda x, y: bool(x and y))
isnan = Primitive(
    "isnan", math.isnan, lambda x, out: (0,), "Whether x is nan.",
    predicate=True, definition=lambda x: x != x, example=("isnan(2.0)", "False"))
isinf = Primitive(
    "isinf", math.isinf, lambda x, out: (0,), "Whether x is infinite.",
    predicate=True, definition=lambda x: x == x and abs(x) == _INF, example=("isinf(2.0)", "False"))
isfinite = Primitive(
    "isfinite", math.isfinite, lambda x, out: (0,), "Whether x is neither infinite nor nan.",
    predicate=True, definition=lambda x: x == x and abs(x) != _INF,
    example=("isfinite(2.0)", "True"))
# fmt: on

# -- other names for rows: those of `math`, and of NumPy's universal functions -----------------
acos, acosh, asin, asinh = arccos, arccosh, arcsin, arcsinh
atan, atanh, atan2 = arctan, arctanh, arctan2
absolute = fabs = abs
radians, degrees, pow = deg2rad, rad2deg, power


def _fold(function: Any, xs: Any, start: Any) -> Any:
    """Reduce from the left: what a sum or a product means for exact number types."""
    return functools.reduce(function, xs, start)


_named = {name: row for name, row in tuple(globals().items()) if isinstance(row, Primitive)}
TABLE: dict[str, Primitive] = {row.name: row for row in _named.values()}
PUBLIC = tuple(TABLE)[: tuple(TABLE).index(dot_row.name)]
ALIASES = {name: row for name, row in _named.items() if name != row.name and row is not dot_row}
for _name, _row in ALIASES.items():
    _row.aliases += (_name,)
# All names under which `autograd` offers a row.
FUNCTIONS = {name: TABLE[name] for name in (*PUBLIC, "isnan", "isinf", "isfinite")} | ALIASES
install_operators(tuple(TABLE.values()))


def __getattr__(name: str) -> Any:
    """Give doctest the examples of the rows, which are no functions that it would find."""
    if name == "__test__":
        return {name: row.documentation for name, row in FUNCTIONS.items()}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
