"""The table: every elementary function, one row each.

A row holds the value, and the partial derivatives as textbook formulas in other rows. Where a
textbook derivative is delicate in floating point it is a row of its own (`sech2`, `over_square`
...): the numerical care is in that row's value, and its own partials are textbook formulas again,
so that every order comes out right. The names `abs`, `max`, `min` and `sum` are rows here.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
from typing import Any

from autograd.functions.calls import FLOATS, Primitive
from autograd.functions.formulas import Expression
from autograd.functions.row import formula
from autograd.functions.surface import install
from autograd.numbers import ieee, orders, powers, reductions, special
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
        return _share_slopes_of_two(i, difference)
    return _share_slopes_of_many(i, xs, out)


def _share_slopes_in_program(i: int, xs: Any, out: Any) -> list[Any]:
    """The same where no operand is known yet."""
    if len(xs) != 2:
        return _share_slopes_of_many(i, xs, out)
    difference = xs[0] - xs[1]
    ways = _share_slopes_of_many(i, xs, out), _share_slopes_of_two(i, difference)
    return [where(isnan(difference), x, y) for x, y in zip(*ways, strict=True)]


def _share_slopes_of_two(i: int, difference: Any) -> list[Any]:
    """Those of two operands of some difference."""
    density = logistic_density(difference)
    return [density if j == i else -density for j in range(2)]


def _share_slopes_of_many(i: int, xs: Any, out: Any) -> list[Any]:
    """Those of operands whatever they are."""
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


def _direction_slopes(i: int, *xs: Any) -> tuple[Any, ...]:
    """The derivatives of `direction` in directions, in which all orders exist."""
    length, all_directions = norm(xs), [direction(j, *xs) for j in range(len(xs))]
    others = sum([x * x for j, x in enumerate(all_directions) if j != i])
    return tuple(
        divide(others if j == i else -all_directions[i] * x, length)
        for j, x in enumerate(all_directions)
    )


def _largest_of(*xs: Any) -> Any:
    """The expansion of `max`: the number of the largest, and derivatives shared among ties."""
    m = largest(xs)
    hits = [where(equal(x, m), 1, 0) for x in xs]
    count = sum(hits)
    return m + sum([divide(hit, count) * tangent(x) for hit, x in zip(hits, xs, strict=True)])


def _max_share_of(i: int, *xs: Any) -> Any:
    """The expansion of `max_share`."""
    if len(xs) == 2:
        x, y = xs[i], xs[1 - i]
        tie = where(equal(x, y), ratio(1, 2), flat(x + y))
        return where(x > y, 1, where(x < y, 0, tie))
    m = largest(xs)
    hits = [where(equal(x, m), 1, 0) for x in xs]
    return divide(hits[i], sum(hits))


def _exponentials(xs: Any) -> tuple[Any, list[Any], Any]:
    """The largest of some operands, the exponentials of what the others are below it, and their
    sum; or 1 in its place, where all operands are -inf.
    """
    m = largest(xs)
    exponentials = [exp_difference(x, m) for x in xs]
    total = sum(exponentials)
    return m, exponentials, where(equal(total, 0), 1, total)


def _logsumexp_of(*xs: Any) -> Any:
    """The expansion of `logsumexp`."""
    m, _, total = _exponentials(xs)
    return m + log(total)


def _share_of(i: int, *xs: Any) -> Any:
    """The expansion of `share`; of two operands its slope is not subtracted from 1."""
    if len(xs) != 2:
        _, exponentials, total = _exponentials(xs)
        return divide(exponentials[i], total)
    x, y = xs[i], xs[1 - i]
    difference = x - y
    of_infinities = where(equal(x, y), where(x > 0, ratio(1, 2), 0), difference)
    return where(isnan(difference), of_infinities, sigmoid(difference))


def _lengths(xs: Any) -> list[list[Any]]:
    """The lengths of pairs of operands, of pairs of those, and so on up to that of all."""
    levels = [[abs(x) for x in xs] if len(xs) == 1 else [*xs]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [hypot(x, y) for x, y in zip(below[::2], below[1::2], strict=False)]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels


def _norm_of(*xs: Any) -> Any:
    """The expansion of `norm`: neither overflows nor underflows, and at 0 it has the slopes 0."""
    return _lengths(xs)[-1][0]


def _direction_of(i: int, *xs: Any) -> Any:
    """The expansion of `direction`: the product of those of two operands that lead to operand i."""
    if len(xs) == 1:
        return sign(xs[0])
    parts = []
    for level in _lengths(xs)[:-1]:
        if i ^ 1 < len(level):
            parts.append(_direction_of_two(level[i], level[i ^ 1]))
        i //= 2
    return _folded(operator.mul, parts)


def _direction_of_two(x: Any, y: Any) -> Any:
    """x/hypot(x, y), which is 0 at 0, is scaled where the length has lost digits, and at infinities
    is what is left.
    """
    scale = where(abs(x) + abs(y) < 2.0**-900, 2.0**900, 1)
    length = hypot(x * scale, y * scale)
    part = where(equal(abs(y), _INF), math.sqrt(0.5), 1)
    of_infinities = where(equal(abs(x), _INF), copysign(part, x), 0) + flat(x) + flat(y)
    return where((length > 0) & (length < _INF), divide(x * scale, length), of_infinities)


def _folded(function: Any, xs: Any) -> Any:
    """The reduction from the left of at least one operand."""
    return functools.reduce(function, xs)


def _cofactor_of(i: int, *xs: Any) -> Any:
    """The expansion of `cofactor`."""
    return _folded(operator.mul, [x for k, x in enumerate(xs) if k != i] or [1])


def _pi(number: Any) -> Any:
    """The number pi of a number type."""
    return arccos(number(-1))


def _product(xs: list[Any]) -> Any:
    """The product; of nothing the int 1, which every number type takes as its own."""
    return prod(xs) if xs else 1


def _against(*xs: Any, out: Any) -> tuple[Any, ...]:
    """The partials of a length of complex numbers: conj(x) / length, and 0 where the length is."""
    return tuple(where(out > 0, divide(conjugate(x), out), flat(x)) for x in xs)


def _largest(*xs: float) -> float:
    """The largest term of a sum of logarithms."""
    return float(builtins.max(map(builtins.abs, xs), default=0.0))


def _affine_terms(*operands: float) -> float:
    """The sizes of all terms of `dot`, added up."""
    middle = len(operands) // 2
    products = map(operator.mul, operands[:middle], operands[middle:-1])
    return float(builtins.sum(map(builtins.abs, products)) + builtins.abs(operands[-1]))


def _lgamma_terms(x: float) -> float:
    """The largest term of the reflection of lgamma."""
    return builtins.abs(ieee.lgamma(1.0 - x)) + 4.0 if x < 0 else 0.0


def _digamma_terms(*operands: float) -> float:
    """The largest term of the reflection of digamma and of its derivatives."""
    x = float(operands[-1])
    if x >= 0:
        return 0.0
    gap = builtins.abs(math.remainder(x, 1.0))
    return builtins.max(builtins.abs(ieee.digamma(1.0 - x)), 1.0 / gap if gap else 0.0)


# One row is read as one paragraph, so the table is laid out by hand.
# fmt: off
_INF = math.inf
row = Primitive
inner = functools.partial(Primitive, inner=True)

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
add = row(
    operator.add, lambda x, y: (1, 1), "Sum of two operands.", everywhere=True, operator="add",
    rounded=True, neutral=(0, 0), rational=True, sums=True, example=("add(2.0, 3.0)", "5.0"))
subtract = row(
    operator.sub, lambda x, y: (1, -1), "Difference of two operands.", everywhere=True,
    operator="sub", rounded=True, neutral=(None, 0), rational=True, sums=True,
    example=("subtract(2.0, 3.0)", "-1.0"))
multiply = row(
    operator.mul, lambda x, y: (y, x), "Product of two operands.", everywhere=True, operator="mul",
    rounded=True, factors=True, neutral=(1, 1), rational=True,
    example=("multiply(2.0, 3.0)", "6.0"))
divide = row(
    ieee.divide, lambda x, y: (1 / y, -over_square(x, y)), "Quotient.", operator="truediv",
    edges="Division by zero is inf or nan, as in IEEE 754; exact types raise ZeroDivisionError.",
    rounded=True, factors=True, neutral=(None, 1), rational=True,
    example=("divide(1.0, 0.0)", "inf"))
floor_divide = row(
    ieee.floor_divide, lambda x, y: (flat(x), flat(y)),
    "Quotient rounded down; its derivative is 0.", operator="floordiv",
    edges="It jumps where the quotient is an integer; the derivative there is 0.", exact=True,
    rational=True, example=("floor_divide(7.0, 2.0)", "3.0"))
remainder = row(
    ieee.remainder, lambda x, y: (1, -(x // y)),
    "Remainder with the sign of the divisor, x - y*floor(x/y).", operator="mod",
    edges="It jumps where x/y is an integer; a divisor of 0 gives nan.", rational=True,
    example=("remainder(-7.0, 4.0)", "1.0"))
fmod = row(
    ieee.fmod, lambda x, y: (1, -truncate_divide(x, y)),
    "Remainder with the sign of x, x - y*trunc(x/y), as in C.",
    definition=lambda x, y: copysign(remainder(abs(x), abs(y)), x),
    edges="It jumps where x/y is an integer other than 0; a divisor of 0 gives nan.",
    example=("fmod(-7.0, 4.0)", "-3.0"))
power = row(
    ieee.power, lambda x, y: (power_by_base(x, y), power_by_exponent(x, y)),
    "Power; a negative float to a real power is nan, never complex.", definition=operator.pow,
    operator="pow",
    edges="d(x**0)/dx at 0 is 0; d(0**y)/dy is 0 for y >= 0 and -inf below; "
          "for x < 0 the derivative by y is nan.",
    factors=True, neutral=(None, 1), rational=True, example=("power(2.0, 3.0)", "8.0"))
negative = row(
    operator.neg, lambda x: -1, "Minus x.", everywhere=True, operator="neg", exact=True,
    rational=True)
positive = row(
    operator.pos, lambda x: 1, "Plus x: the same number.", everywhere=True, operator="pos",
    exact=True, rational=True)
conjugate = row(
    operator.pos, lambda x: 1, "Complex conjugate; a real number is its own.",
    complex_partials=lambda x: 1, conjugates=True, example=("conjugate(2.0)", "2.0"))
square = row(formula(lambda x: x * x), lambda x: 2 * x, "x times x.", factors=True, rational=True)
reciprocal = row(
    lambda x: ieee.divide(1.0, x), lambda x, out: -out * out, "1/x.", edges="At 0: (inf, -inf).",
    factors=True, rational=True)

# -- exponentials and logarithms ----------------------------------------------------------------
exp = row(ieee.exp, lambda x, out: out, "Exponential function.")
expm1 = row(ieee.expm1, lambda x: exp(x), "exp(x) - 1, accurate near 0.")
exp2 = row(ieee.exp2, lambda x: power_by_exponent(2, x), "2 to the power x.")
log = row(
    ieee.log, lambda x: 1 / nonnegative(x), "Natural logarithm.", domain=((0.0, _INF),),
    edges="At 0: (-inf, inf). log(x, base) is log(x) / log(base).",
    otherwise=lambda x, base, /: log(x) / log(base))
log1p = row(
    ieee.log1p, lambda x: 1 / nonnegative(1 + x), "log(1 + x), accurate near 0.",
    domain=((-1.0, _INF),), edges="At -1: (-inf, inf).")
log2 = row(
    ieee.log2, lambda x: LOG2_E / nonnegative(x), "Logarithm to base 2.", domain=((0.0, _INF),),
    edges="At 0: (-inf, inf).")
log10 = row(
    ieee.log10, lambda x: LOG10_E / nonnegative(x), "Logarithm to base 10.", domain=((0.0, _INF),),
    edges="At 0: (-inf, inf).")
sqrt = row(
    ieee.sqrt, lambda x, out: 1 / nonnegative(2 * out), "Square root.", domain=((0.0, _INF),),
    edges="At 0: (0, inf).")
cbrt = row(
    ieee.cbrt, lambda x, out: over_square(1, out) / 3, "Real cube root.", edges="At 0: (0, inf).",
    example=("cbrt(-27.0)", "-3.0"))

# -- circular and hyperbolic functions ----------------------------------------------------------
sin = row(ieee.sin, lambda x: cos(x), "Sine; the angle is in radians.")
cos = row(ieee.cos, lambda x: -sin(x), "Cosine; the angle is in radians.")
tan = row(
    ieee.tan, lambda x, out: 1 + out * out, "Tangent; the angle is in radians.",
    complex_partials=lambda x: 1 / cos(x) / cos(x))
arcsin = row(
    ieee.arcsin, lambda x: 1 / sqrt(one_minus_square(x)), "Inverse sine.", domain=((-1.0, 1.0),),
    edges="At -1 and 1 the derivative is inf.",
    complex_partials=lambda x: 1 / (sqrt(-(x - 1)) * sqrt(x - -1)))
arccos = row(
    ieee.arccos, lambda x: -1 / sqrt(one_minus_square(x)), "Inverse cosine.", domain=((-1.0, 1.0),),
    edges="At -1 and 1 the derivative is -inf.",
    complex_partials=lambda x: -1 / (sqrt(-(x - 1)) * sqrt(x - -1)))
arctan = row(ieee.arctan, lambda x: lorentzian(x), "Inverse tangent.")
arctan2 = row(
    ieee.arctan2, lambda y, x: (over_norm_square(x, y), -over_norm_square(y, x)),
    "Angle of the point (x, y), given as y, x, in (-pi, pi].",
    edges="The derivative at (0, 0) is nan.", example=("arctan2(0.0, 1.0)", "0.0"))
sinh = row(ieee.sinh, lambda x: cosh(x), "Hyperbolic sine.")
cosh = row(ieee.cosh, lambda x: sinh(x), "Hyperbolic cosine.")
tanh = row(ieee.tanh, lambda x: sech2(x), "Hyperbolic tangent, a sigmoid unit.")
arcsinh = row(
    ieee.arcsinh, lambda x: 1 / hypot(1, x), "Inverse hyperbolic sine.",
    complex_partials=lambda x: 1 / unit_hypot(x))
arccosh = row(
    ieee.arccosh, lambda x: 1 / sqrt(x - 1) / sqrt(x + 1), "Inverse hyperbolic cosine.",
    domain=((1.0, _INF),), edges="At 1: (0, inf).",
    complex_partials=lambda x: 1 / (sqrt(x - 1) * sqrt(x - -1)))
arctanh = row(
    ieee.arctanh, lambda x: 1 / nonnegative(one_minus_square(x)), "Inverse hyperbolic tangent.",
    domain=((-1.0, 1.0),), edges="At -1: (-inf, inf); at 1: (inf, inf).",
    complex_partials=lambda x: 1 / (1 - x) / (1 + x))
hypot = row(
    ieee.hypot, lambda x, y: direction.each(x, y), "Length sqrt(x**2 + y**2), without overflow.",
    complex_partials=_against, otherwise=lambda *xs: norm(xs),
    edges="The derivative at (0, 0) is 0; at two infinities it is +-1/sqrt(2) by each. "
          "Of one or of more than two operands it is their norm.",
    example=("hypot(3.0, 4.0)", "5.0"))
deg2rad = row(formula(lambda x: DEGREE * x), lambda x: DEGREE, "Degrees to radians.")
rad2deg = row(formula(lambda x: RADIAN * x), lambda x: RADIAN, "Radians to degrees.")

# -- error function, normal distribution, gamma -------------------------------------------------
erf = row(ieee.erf, lambda x: TWO_OVER_SQRT_PI * exp_neg_square(x), "Error function.")
erfc = row(
    ieee.erfc, lambda x: -(TWO_OVER_SQRT_PI * exp_neg_square(x)),
    "Complementary error function 1 - erf(x), accurate for large x.")
normal_cdf = row(
    ieee.normal_cdf, lambda x: normal_pdf(x),
    "Standard normal distribution function, erfc(-x/sqrt(2))/2.")
normal_pdf = row(
    ieee.normal_pdf, lambda x: -x_normal_pdf(x), "Standard normal density exp(-x**2/2)/sqrt(2*pi).",
    definition=lambda x: INVERSE_SQRT_TAU * exp(-x * x / 2))
gamma = row(
    lambda x: orders.gamma_derivative(0, x), lambda x: gamma_derivative(1, x),
    "Gamma function; gamma(n + 1) is the factorial of n.",
    edges="At 0.0 inf, at -0.0 -inf, with derivative -inf; at the negative integers nan. "
          "Its derivative is gamma(x)*digamma(x).",
    example=("gamma(5.0)", "24.0"))
lgamma = row(
    ieee.lgamma, lambda x: digamma(x), "Logarithm of |gamma(x)|.",
    edges="At 0 and the negative integers inf, with derivative nan (at -0.0 inf, at 0.0 -inf).",
    reflected=True, terms=_lgamma_terms, slope_terms=_digamma_terms)
digamma = row(
    ieee.digamma, lambda x: polygamma(1, x), "Derivative of lgamma (Abramowitz and Stegun 6.3).",
    reflected=True, terms=_digamma_terms)

# -- parts of complex numbers -------------------------------------------------------------------
real = row(
    operator.pos, lambda x: 1, "Real part; a real number is its own.", complex_partials=lambda x: 1,
    method=False, part=True, example=("real(3 + 4j)", "3.0"))
imag = row(
    ieee.flat, lambda x: flat(x), "Imaginary part, 0 for a real number.",
    complex_partials=lambda x: -1j, method=False, part=True, example=("imag(3 + 4j)", "4.0"))
angle = row(
    lambda x: ieee.arctan2(0.0, x), lambda x: flat(x),
    "Angle of a complex number in the plane, in (-pi, pi]; of a real one 0 or pi.",
    complex_partials=lambda x: -1j / x, kinks=(0.0,), part=True,
    example=("angle(1j)", "1.5707963267948966"))

# -- pieces: functions with kinks and jumps -----------------------------------------------------
abs = row(
    operator.abs, lambda x: sign(x), "Absolute value.", operator="abs", kinks=(0.0,),
    edges="The derivative at 0 is 0.", complex_partials=_against, exact=True, rational=True,
    example=("abs(-2.0)", "2.0"))
sign = row(
    ieee.sign, lambda x: flat(x), "-1, 0 or 1; its derivative is 0.", kinks=(0.0,), exact=True,
    rational=True, example=("sign(-2.0)", "-1.0"))
copysign = row(
    math.copysign, lambda x, y: (sign(x) * copysign(1, y), 0), "Magnitude of x with the sign of y.",
    definition=lambda x, y: where(y < 0, -abs(x), abs(x)), kinks=(0.0,),
    edges="The derivative by x at 0 is 0. The sign of a zero counts for floats alone.",
    example=("copysign(3.0, -0.0)", "-3.0"))
floor = row(
    ieee.floor, lambda x: flat(x), "Largest integer <= x; its derivative is 0.", operator="floor",
    exact=True, rational=True, example=("floor(2.5)", "2.0"))
ceil = row(
    ieee.ceil, lambda x: flat(x), "Smallest integer >= x; its derivative is 0.", operator="ceil",
    exact=True, rational=True, example=("ceil(2.5)", "3.0"))
trunc = row(
    ieee.trunc, lambda x: flat(x), "x rounded towards 0; its derivative is 0.", operator="trunc",
    exact=True, example=("trunc(-2.5)", "-2.0"))
rint = row(
    ieee.rint, lambda x: flat(x), "Nearest integer, the even one at a tie; its derivative is 0.",
    exact=True, example=("rint(2.5)", "2.0"))
maximum = row(
    ieee.maximum, lambda x, y: max_share.each(x, y), "Larger of two operands.",
    edges="At a tie the derivatives are 1/2 each; nan if either operand is nan.", exact=True,
    rational=True, example=("maximum(2.0, 3.0)", "3.0"))
minimum = row(
    ieee.minimum, lambda x, y: max_share.each(-x, -y), "Smaller of two operands.",
    edges="At a tie the derivatives are 1/2 each; nan if either operand is nan.", exact=True,
    rational=True, example=("minimum(2.0, 3.0)", "2.0"))
clip = row(
    formula(lambda x, low, high: minimum(maximum(x, low), high)),
    lambda x, low, high, out: (
        where((low < x) & (x < high), 1, 0) + flat(out),
        where(high < low, 0, where(x < low, 1, 0)) + flat(out),
        where(high < maximum(x, low), 1, 0) + flat(out)),
    "x limited to the interval from low to high: minimum(maximum(x, low), high).",
    edges="At a bound every derivative is 0.", exact=True, rational=True,
    example=("clip(7.0, 0.0, 1.0)", "1.0"))
where = row(
    lambda condition, x, y: x if condition else y,
    lambda condition, x, y: (0, where(condition, 1, 0), where(condition, 0, 1)),
    "x where the condition holds, else y; only the branch taken becomes a parent.", everywhere=True,
    exact=True, chooses=True, method=False, rational=True,
    example=("where(2.0 > 1.0, 3.0, 4.0)", "3.0"))
heaviside = row(
    formula(lambda x, h0: where(x > 0, 1, where(x < 0, 0, where(isnan(x), x, h0)))),
    lambda x, h0, out: (flat(x), where(x > 0, 0, where(x < 0, 0, 1)) + flat(out)),
    "Threshold unit: 0 for x < 0, 1 for x > 0, and h0 (0 unless given) at x = 0.", defaults=(0,),
    kinks=(0.0,), edges="The derivative by x is 0, also at the jump.", exact=True, rational=True,
    example=("heaviside(2.0)", "1.0"))
relu = row(
    formula(lambda x: where(less_equal(x, 0), 0, x)), lambda x: heaviside(x, 0),
    "Rectified linear unit, max(x, 0).", kinks=(0.0,), edges="The derivative at 0 is 0.",
    exact=True, rational=True, example=("relu(-2.0)", "0.0"))
leaky_relu = row(
    formula(lambda x, slope: where(x > 0, x, slope * x)),
    lambda x, slope: (where(x > 0, 1, slope) + flat(x), where(x > 0, 0, x + flat(slope))),
    "x for x > 0, else slope*x; the slope is 0.01 unless given.", defaults=(0.01,), kinks=(0.0,),
    edges="The derivative at 0 is the slope.", rational=True, example=("leaky_relu(-2.0)", "-0.02"))
elu = row(
    formula(lambda x, alpha: where(x > 0, x, alpha * expm1(x))),
    lambda x, alpha, out: (
        where(x > 0, 1, exp_times(x, alpha)), where(x > 0, 0, expm1(x)) + flat(out)),
    "Exponential linear unit: x for x > 0, else alpha*(exp(x) - 1) (Clevert et al. 2015).",
    defaults=(1,), kinks=(0.0,), edges="The derivative at 0 is alpha, the limit from the left.",
    example=("elu(2.0)", "2.0"))
hard_sigmoid = row(
    formula(lambda x: clip((x + 3) / 6, 0, 1)),
    lambda x: (where((x > -3) & (x < 3), 1, 0) + flat(x)) / 6,
    "Piecewise-linear unit clip(x/6 + 1/2, 0, 1).", kinks=(-3.0, 3.0),
    edges="The derivative at -3 and 3 is 0.", rational=True)
hard_tanh = row(
    formula(lambda x: clip(x, -1, 1)), lambda x: where((x > -1) & (x < 1), 1, 0) + flat(x),
    "Piecewise-linear unit clip(x, -1, 1).", kinks=(-1.0, 1.0),
    edges="The derivative at -1 and 1 is 0.", exact=True, rational=True,
    example=("hard_tanh(3.0)", "1.0"))

# -- sigmoid and other smooth units -------------------------------------------------------------
sigmoid = row(ieee.sigmoid, lambda x: logistic_density(x), "Logistic sigmoid unit 1/(1 + exp(-x)).")
log_sigmoid = row(ieee.log_sigmoid, lambda x: sigmoid(-x), "log(sigmoid(x)), stable.")
softplus = row(ieee.softplus, lambda x: sigmoid(x), "log(1 + exp(x)), stable.")
silu = row(
    ieee.silu, lambda x: silu_slope(x), "Sigmoid linear unit x*sigmoid(x), also called swish.")
gelu = row(
    ieee.gelu, lambda x: gelu_slope(x),
    "Gaussian error linear unit x*normal_cdf(x), the exact one (Hendrycks and Gimpel 2016).")
logaddexp = row(
    ieee.logaddexp, lambda x, y: share.each(x, y), "log(exp(x) + exp(y)), stable.",
    edges="The derivatives at (-inf, -inf) are 0, 0, and at (inf, inf) 1/2, 1/2.", terms=_largest,
    example=("round(logaddexp(0.0, 0.0), 6)", "0.693147"))

# -- n-ary rows: they take one iterable ---------------------------------------------------------
sum = row(
    reductions.sum, lambda *xs, out: (1,) * len(xs),
    "Sum, correctly rounded for floats (math.fsum).",
    definition=lambda *xs: _fold(operator.add, xs, 0), rational=True, sums=True,
    example=("sum([0.1] * 10)", "1.0"))
mean = row(
    reductions.mean, lambda *xs, out: (ratio(1, len(xs)),) * len(xs),
    "Arithmetic mean, of the correctly rounded sum for floats.",
    definition=lambda *xs: _fold(operator.add, xs, 0) / len(xs), least=1, rational=True, sums=True,
    example=("mean([1.0, 2.0, 6.0])", "3.0"), expansion=lambda *xs: sum(xs) / len(xs))
prod = row(
    reductions.prod, lambda *xs, out: cofactor.each(*xs, out=out), "Product.",
    definition=lambda *xs: _fold(operator.mul, xs, 1), edges="Of nothing: 1.", rational=True,
    example=("prod([2.0, 3.0, 4.0])", "24.0"), expansion=lambda *xs: _folded(operator.mul, xs))
norm = row(
    reductions.norm, lambda *xs, out: direction.each(*xs, out=out),
    "Euclidean length sqrt(x1**2 + ... + xn**2), without overflow.", complex_partials=_against,
    edges="The derivative where all operands are 0 is 0; k infinite ones have +-1/sqrt(k) each.",
    example=("norm([3.0, 4.0])", "5.0"), expansion=_norm_of)
max = row(
    reductions.maximum_of, lambda *xs, out: max_share.each(*xs, out=out), "Largest operand.",
    definition=lambda *xs: _fold(maximum, xs[1:], xs[0]), least=1,
    edges="k tied operands have derivative 1/k each; nan if any operand is nan.", exact=True,
    rational=True, example=("max([1.0, 3.0, 2.0])", "3.0"), expansion=_largest_of)
min = row(  # a list, as Python 3.11 keeps the keywords of a call whose generator raises for ever
    reductions.minimum_of, lambda *xs, out: max_share.each(*[-x for x in xs], out=out),
    "Smallest operand.", definition=lambda *xs: _fold(minimum, xs[1:], xs[0]), least=1,
    edges="k tied operands have derivative 1/k each; nan if any operand is nan.", exact=True,
    rational=True, example=("min([1.0, 3.0, 2.0])", "1.0"),
    expansion=lambda *xs: -_largest_of(*(-x for x in xs)))
logsumexp = row(
    reductions.logsumexp, lambda *xs, out: share.each(*xs, out=out),
    "log(exp(x1) + ... + exp(xn)), stable.",
    edges="Where all operands are -inf every derivative is 0; k operands of inf have 1/k each.",
    terms=_largest, example=("round(logsumexp([0.0, 0.0]), 6)", "0.693147"),
    expansion=_logsumexp_of)

# -- rows that the rules and other modules need -------------------------------------------------
dot = row(  # the public function takes weights and inputs apart
    _dot,
    lambda *operands, out: (*operands[len(operands) // 2 : -1], *operands[: len(operands) // 2], 1),
    "Affine form w1*x1 + ... + wn*xn + b of the operands w1 ... wn, x1 ... xn, b.",
    definition=lambda *operands: _fold(
        operator.add, map(operator.mul, operands, operands[len(operands) // 2 : -1]),
        operands[-1]),
    terms=_affine_terms, wrapped=True, rational=True, sums=True)
sech2 = inner(
    ieee.sech2, lambda x, out: -2 * tanh(x) * out, "Derivative of tanh, 1/cosh(x)**2.",
    definition=lambda x: 1 / (cosh(x) * cosh(x)), reading=lambda x: 1 - tanh(x) ** 2)
logistic_density = inner(
    ieee.logistic_density, lambda x, out: -out * tanh(x / 2),
    "Derivative of the sigmoid, s*(1 - s).",
    definition=lambda x: 1 / ((1 + exp(-x)) * (1 + exp(x))),
    reading=lambda x: sigmoid(x) * (1 - sigmoid(x)))
x_logistic_density = inner(
    ieee.x_logistic_density, lambda x, out: logistic_density(x) - out * tanh(x / 2),
    "x*logistic_density(x).", definition=lambda x: x * logistic_density(x))
silu_slope = inner(
    ieee.silu_slope, lambda x: 2 * logistic_density(x) - x_logistic_density(x) * tanh(x / 2),
    "Derivative of silu, sigmoid(x) + x*logistic_density(x).",
    definition=lambda x: sigmoid(x) + x * logistic_density(x))
gelu_slope = inner(
    ieee.gelu_slope, lambda x: normal_pdf(x) - normal_pdf_derivative(2, x),
    "Derivative of gelu, normal_cdf(x) + x*normal_pdf(x).",
    definition=lambda x: normal_cdf(x) + x * normal_pdf(x))
exp_times = inner(
    ieee.exp_times, lambda x, y, out: (out, exp(x)), "y*exp(x).",
    definition=lambda x, y: y * exp(x))
exp_neg_square = inner(
    ieee.exp_neg_square, lambda x: exp_neg_square_derivative(1, x), "exp(-x**2).",
    definition=lambda x: exp(-x * x), reading=lambda x: exp(-(x**2)))
exp_neg_square_derivative = inner(
    ieee.exp_neg_square_derivative, lambda n, x: (0, exp_neg_square_derivative(n + 1, x)),
    "Derivative of exp(-x**2) of order n: a Hermite polynomial times it.",
    definition=lambda n, x: special.hermite(n, 2 * x, 2) * exp_neg_square(x), integers=1)
x_normal_pdf = inner(
    ieee.x_normal_pdf, lambda x: -normal_pdf_derivative(2, x), "x*normal_pdf(x).",
    definition=lambda x: x * normal_pdf(x))
normal_pdf_derivative = inner(
    ieee.normal_pdf_derivative, lambda n, x: (0, normal_pdf_derivative(n + 1, x)),
    "Derivative of normal_pdf of order n: a Hermite polynomial times it.",
    definition=lambda n, x: special.hermite(n, x, 1) * normal_pdf(x), integers=1)
unit_hypot = inner(
    lambda x: ieee.hypot(1.0, x), lambda x, out: x / out,
    "sqrt(1 + x**2); of complex numbers on the branch of arcsinh.",
    definition=lambda x: sqrt(1 + x * x))
lorentzian = inner(
    ieee.lorentzian, lambda x, out: -2 * out * over_norm_square(x, 1),
    "Derivative of arctan, 1/(1 + x**2).", definition=lambda x: 1 / (1 + x * x),
    complex_partials=lambda x, out: -2 * out * x * out, reading=lambda x: 1 / (1 + x**2))
over_norm_square = inner(
    ieee.over_norm_square, lambda x, y: (arctan2_partial(1, 1, y, x), arctan2_partial(2, 0, y, x)),
    "Derivative of arctan2(y, x) by y, x/(x**2 + y**2).",
    definition=lambda x, y: x / (x * x + y * y), reading=lambda x, y: x / (x**2 + y**2))
arctan2_partial = inner(
    orders.arctan2_partial,
    lambda n, m, y, x: (0, 0, arctan2_partial(n + 1, m, y, x), arctan2_partial(n, m + 1, y, x)),
    "Derivative of arctan2(y, x), n times by y and m times by x.",
    definition=lambda n, m, y, x: (
        orders.arctan2_numerator(n, m, y, x) / (x * x + y * y) ** (n + m)),
    integers=2)
over_square = inner(
    ieee.over_square, lambda x, y: (over_square(1, y), -divide_partial(2, x, y)), "x/y**2.",
    definition=lambda x, y: x / (y * y), reading=lambda x, y: x / y**2)
divide_partial = inner(
    orders.divide_partial,
    lambda n, x, y: (0, divide_partial(n, 1, y), divide_partial(n + 1, x, y)),
    "Derivative of x/y, n times by y.",
    definition=lambda n, x, y: (-1) ** n * math.factorial(n) * x / y ** (n + 1), integers=1)
power_by_base = inner(
    powers.power_by_base, lambda x, y: (power_partial(2, 0, x, y), power_partial(1, 1, x, y)),
    "Derivative of x**y by x, y*x**(y - 1).", definition=lambda x, y: y * x ** (y - 1))
power_by_exponent = inner(
    powers.power_by_exponent, lambda x, y: (power_partial(1, 1, x, y), power_partial(0, 2, x, y)),
    "Derivative of x**y by y, x**y*log(x).", definition=lambda x, y: x**y * log(x),
    reading=lambda x, y: x**y * Expression.apply(log, x))  # of a number too
power_partial = inner(
    powers.power_partial,
    lambda n, m, x, y: (0, 0, power_partial(n + 1, m, x, y), power_partial(n, m + 1, x, y)),
    "Derivative of x**y, n times by x and m times by y; 0 where its coefficient is 0.", integers=2)
polygamma = inner(
    ieee.polygamma, lambda n, x: (0, polygamma(n + 1, x)),
    "Derivative of digamma of order n (Abramowitz and Stegun 6.4).", integers=1, reflected=True,
    terms=_digamma_terms)
gamma_derivative = inner(
    orders.gamma_derivative, lambda n, x: (0, gamma_derivative(n + 1, x)),
    "Derivative of gamma of order n; that of order 1 is gamma(x)*digamma(x).", integers=1,
    reading=lambda n, x: (
        gamma(x) * digamma(x) if n == 1 else Expression.apply(gamma_derivative, n, x)),
    reflected=True)
truncate_divide = inner(
    ieee.truncate_divide, lambda x, y: (flat(x), flat(y)),
    "Quotient rounded towards 0; its derivative is 0.",
    definition=lambda x, y: copysign(
        floor_divide(abs(x), abs(y)), copysign(1, x) * copysign(1, y)))
flat = inner(
    ieee.flat, lambda x: flat(x),
    "Derivative of a function that is constant between its jumps: 0, and nan at nan.",
    definition=lambda x: 0 * x, reading=lambda x: 0, exact=True)
nonnegative = inner(
    ieee.nonnegative, lambda x: 1,
    "x itself, and nan below 0: keeps a rule to the domain of its function.",
    definition=lambda x: x)
one_minus_square = inner(
    ieee.one_minus_square, lambda x: -2 * x, "1 - x**2, accurate at 1 and -1.",
    definition=lambda x: (1 - x) * (1 + x), reading=lambda x: 1 - x**2)
max_share = inner(
    reductions.max_share, lambda i, *xs, out: (0, *(flat(x) for x in xs)),
    "1/k where operand i is one of the k largest, else 0.", integers=1,
    each_forward=reductions.max_shares, of_two=reductions.max_share_of_two,
    product=reductions.max_shares_product, expansion=_max_share_of)
share = inner(
    reductions.share, lambda i, *xs, out: (0, *_share_slopes(i, xs, out)),
    "Softmax weight exp(xi)/(exp(x1) + ... + exp(xn)).", integers=1, each_forward=reductions.shares,
    of_two=reductions.share_of_two, product=reductions.shares_product, expansion=_share_of,
    program_partials=lambda i, *xs, out: (0, *_share_slopes_in_program(i, xs, out)))
direction = inner(
    reductions.direction, lambda i, *xs, out: (0, *_norm_partials(i, xs)),
    "xi/norm(x1, ..., xn), and 0 where the norm is 0.", integers=1,
    each_forward=reductions.directions, product=orders.directions_product,
    reading=lambda i, *xs: xs[i] / (hypot(*xs) if len(xs) == 2 else norm(xs)),
    expansion=_direction_of,
    program_partials=lambda i, *xs, out: (0, *_direction_slopes(i, *xs)))
norm_partial = inner(
    orders.norm_partial, lambda index, *xs, out: (0, *_norm_partials(index, xs)),
    "Derivative of norm(x1, ..., xn) by the operands of the index, one after the other.",
    integers=1)
cofactor = inner(
    reductions.cofactor,
    lambda i, *xs, out: (
        0, *(0 if j == i else _product([x for k, x in enumerate(xs) if k not in (i, j)])
             for j in range(len(xs)))),
    "Product of all operands but operand i.",
    definition=lambda i, *xs: _fold(operator.mul, xs[:i] + xs[i + 1 :], 1), integers=1,
    each_forward=reductions.cofactors, product=reductions.cofactors_product, expansion=_cofactor_of)
held = inner(
    operator.pos, lambda x: 0, "The number of x without its derivative, as `detach` gives it.",
    everywhere=True, method=False, exact=True)
tangent = inner(
    lambda x: 0.0, lambda x: 1, "0 with the derivative of x.", definition=lambda x: 0,
    method=False, exact=True)
largest = inner(
    reductions.maximum_of, lambda *xs, out: (0,) * len(xs),
    "The number of the largest operand without its derivative; nan if any operand is nan.",
    definition=lambda *xs: _fold(maximum, xs[1:], xs[0]), least=1, exact=True)
exp_difference = inner(
    reductions.exp_difference, lambda x, m, out: (out, -out),
    "exp(x - m); of two equal infinities 1 at inf and 0 at -inf.",
    method=False)
round_to = inner(
    lambda digits, x: round(x, digits) if math.isfinite(x) else x, lambda digits, x: (0, flat(x)),
    "x rounded to a number of decimal digits.", integers=1)
greater = inner(
    operator.gt, lambda x, y: (0, 0), "Whether x > y.", everywhere=True, predicate=True,
    operator="gt")
less = inner(
    operator.lt, lambda x, y: (0, 0), "Whether x < y.", everywhere=True, predicate=True,
    operator="lt")
greater_equal = inner(
    operator.ge, lambda x, y: (0, 0), "Whether x >= y.", everywhere=True, predicate=True)
less_equal = inner(
    operator.le, lambda x, y: (0, 0), "Whether x <= y.", everywhere=True, predicate=True)
equal = inner(
    operator.eq, lambda x, y: (0, 0), "Whether x is y, as numbers.", everywhere=True,
    predicate=True)
not_equal = inner(
    operator.ne, lambda x, y: (0, 0), "Whether x is another number than y.", everywhere=True,
    predicate=True)
both = inner(
    lambda x, y: bool(x and y), lambda x, y: (0, 0), "Whether both conditions hold.",
    everywhere=True, predicate=True, operator="and")
isnan = row(
    math.isnan, lambda x: 0, "Whether x is nan.", definition=lambda x: x != x, predicate=True,
    example=("isnan(2.0)", "False"))
isinf = row(
    math.isinf, lambda x: 0, "Whether x is infinite.",
    definition=lambda x: x == x and abs(x) == _INF, predicate=True, example=("isinf(2.0)", "False"))
isfinite = row(
    math.isfinite, lambda x: 0, "Whether x is neither infinite nor nan.",
    definition=lambda x: x == x and abs(x) != _INF, predicate=True,
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


_named = {name: x for name, x in tuple(globals().items()) if isinstance(x, (Primitive, Constant))}
TABLE: dict[str, Primitive] = {}
ALIASES: dict[str, Primitive] = {}
for _name, _row in _named.items():
    if isinstance(_row, Constant):
        _row.called(_name, __name__)
    elif _row.name:  # a second name of it
        ALIASES[_name] = _row
        _row.aliases += (_name,)
    else:
        TABLE[_name] = _row
        _row.named(_name, __name__)
PUBLIC = tuple(name for name, x in TABLE.items() if not (x.inner or x.wrapped or x.predicate))
# All names under which `autograd` offers a row.
FUNCTIONS = {name: x for name, x in TABLE.items() if not (x.inner or x.wrapped)} | ALIASES
install(tuple(TABLE.values()))
FLOATS.update({name: x.forward for name, x in TABLE.items()})


def __getattr__(name: str) -> Any:
    """Give doctest the examples of the rows, which are no functions that it would find."""
    if name == "__test__":
        return globals().setdefault(name, {name: row.__doc__ for name, row in FUNCTIONS.items()})
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
