"""Truth about every function: values and partial derivatives, by textbook formulas in mpmath.

Nothing here is shared with the package. A formula may cancel or overflow a double as it likes:
`exact` evaluates it with rising precision until the answer stands still. It adds no more than two
operands by itself: of three, two precisions may absorb the same one and agree on what is left, so
that sums of many are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mpmath import mp, mpf

Number = Any  # an mpf; mpmath has no types
Formula = Callable[..., Number]

NAN = mpf("nan")
INF = mpf("inf")
LIMIT = mp.ldexp(1, 1024)  # the first power of 2 beyond doubles
ROUNDS_TO_INF = mp.ldexp(2**54 - 1, 970)  # from here to the limit, too


@dataclass(frozen=True)
class Oracle:
    """Value and partials of a function, as formulas in mpf operands.

    Parameters
    ----------
    value : callable
        `value(*xs)`.
    partials : callable, optional
        `partials(*xs)`, one number for each operand.
    largest : callable, optional
        `largest(*xs)`, the largest term of the sum that makes up the partial, for functions whose
        derivative has an interior zero: an error bound is relative to it.
    largest_in_value : callable, optional
        The same for the value.
    signs : bool
        Whether the sign of an operand that is 0 counts, which mpmath does not know.
    """

    value: Formula
    partials: Callable[..., Sequence[Number]] | None = None
    largest: Formula | None = None
    largest_in_value: Formula | None = None
    signs: bool = False
    signs_of_partials: bool = False

    def exact_value(self, *xs: float) -> Number:
        """The value at float operands, good to 80 bits."""
        return exact(self.value, *(_nearly(xs) if self.signs else xs))

    def exact_partial(self, i: int, *xs: float) -> Number:
        """The partial with respect to operand i at float operands, good to 80 bits."""
        partials = self.partials
        assert partials is not None
        xs = _nearly(xs) if self.signs_of_partials else xs
        return exact(lambda *ys: _every_partial(partials, mp.prec, *ys)[i], *xs)

    def value_ulps(self, got: float, *xs: float) -> float:
        """The error of a value in ULP, of the largest term where it is a difference of terms."""
        largest = self.largest_in_value
        return ulps(got, self.exact_value(*xs), exact(largest, *xs) if largest else None)

    def partial_ulps(self, got: float, i: int, *xs: float) -> float:
        """The error of a partial in ULP, of the largest term where that is the promise."""
        truth = self.exact_partial(i, *xs)
        return ulps(got, truth, exact(self.largest, *xs) if self.largest else None)


@lru_cache(32)
def _every_partial(
    partials: Callable[..., Sequence[Number]], prec: int, *xs: Number
) -> Sequence[Number]:
    """All partials at a precision, which are computed once for all operands."""
    return partials(*xs)


def _nearly(xs: tuple[float, ...]) -> tuple[Number, ...]:
    """The operands, with numbers that are nearly 0 and have a sign in place of zeros."""
    return tuple(x or mp.ldexp(math.copysign(1, x), -40_000 // (i + 1)) for i, x in enumerate(xs))


def exact(fn: Formula, *floats: float) -> Number:
    """fn at exactly these floats: evaluated at rising precision until 80 bits agree.

    Zero is believed only at a precision at which no sum of doubles or of their squares can
    cancel: 2^-1074 and 2^1024 are 2,098 bits apart.
    """
    before = None
    prec = 128
    while prec <= 40_000:
        with mp.workprec(prec):
            now = fn(*map(mpf, floats))
            if not mp.isfinite(now):
                return now
            if now == 0:
                if prec > 4_500:
                    return now
            elif before is not None and abs(now - before) <= mp.ldexp(abs(now), -80):
                return now
        before = now
        prec = prec * 2 if prec < 512 else prec * 3
    raise ArithmeticError(f"{fn} at {floats} does not settle at {prec} bits")


def ulps(got: float, truth: Number, largest: Number = None) -> float:
    """The distance of a float from the truth, in units in the last place of the truth.

    The unit is that of the truth rounded to double (5e-324 at the bottom), or of `largest` where
    that is given and larger. inf is right where the truth rounds to inf; two nans agree.
    """
    if mp.isnan(truth) or math.isnan(got):
        return 0.0 if mp.isnan(truth) and math.isnan(got) else math.inf
    with mp.workprec(128):
        rounds_to_inf = abs(truth) >= ROUNDS_TO_INF
        if math.isinf(got) and rounds_to_inf and (got > 0) == (truth > 0):
            return 0.0
        if mp.isinf(truth):
            return math.inf
        scale = max(abs(truth), abs(largest)) if largest else abs(truth)
        exponent = 1024 if rounds_to_inf or scale >= LIMIT else mp.frexp(scale)[1]
        wide = mpf(got) if math.isfinite(got) else math.copysign(1, got) * LIMIT
        return float(mp.ldexp(abs(wide - truth), 53 - max(exponent, -1021)))


# ---------------------------------------------------------------- formulas that recur


def sigmoid(x: Number) -> Number:
    return 1 / (1 + mp.exp(-x))


def phi(x: Number) -> Number:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def erf(x: Number) -> Number:
    return 1 - erfc(x) if abs(x) > 1e6 else mp.erf(x)


def erfc(x: Number) -> Number:
    """mpmath fails on huge operands, whose erfc is far below every double."""
    if abs(x) > 1e6:
        tail = mp.exp(-x * x) / (abs(x) * mp.sqrt(mp.pi))
        return tail if x > 0 else 2 - tail
    return mp.erfc(x)


def cdf(x: Number) -> Number:
    return erfc(-x / mp.sqrt(2)) / 2


def logistic_density(x: Number) -> Number:
    return mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2


def norm(*xs: Number) -> Number:
    return mp.sqrt(sum((x * x for x in xs), mpf(0)))


def directions(*xs: Number) -> list[Number]:
    length = norm(*xs)
    return [x / length if length else mpf(0) for x in xs]


def shares(*xs: Number) -> list[Number]:
    """The softmax weights; the shift by the largest is exact at sufficient precision."""
    largest = max(xs)
    es = [mp.exp(x - largest) for x in xs]
    whole = sum(es)
    return [e / whole for e in es]


def logsumexp(*xs: Number) -> Number:
    return mp.log(sum(mp.exp(x) for x in xs))


def prod(*xs: Number) -> Number:
    p = mpf(1)
    for x in xs:
        p *= x
    return p


def total(xs: Sequence[Number]) -> Number:
    """The sum, rounded once (mp.fsum drops small terms)."""
    sum_so_far = mpf(0)
    for x in xs:
        sum_so_far = mp.fadd(sum_so_far, x, exact=True)
    return +sum_so_far


def dot_terms(*xs: Number) -> list[Number]:
    """The products and the bias of the operands w1 ... wn, x1 ... xn, b, exactly."""
    middle = len(xs) // 2
    pairs = zip(xs[:middle], xs[middle:-1], strict=True)
    return [*(mp.fmul(w, x, exact=True) for w, x in pairs), xs[-1]]


def cofactors(*xs: Number) -> list[Number]:
    return [prod(*xs[:i], *xs[i + 1 :]) for i in range(len(xs))]


def max_shares(*xs: Number) -> list[Number]:
    largest = max(xs)
    share = 1 / mpf(xs.count(largest))
    return [share if x == largest else mpf(0) for x in xs]


def min_shares(*xs: Number) -> list[Number]:
    return max_shares(*(-x for x in xs))


def real_power(x: Number, y: Number) -> Number:
    """x**y, C99's pow: real, nan for a negative base and a fractional exponent."""
    if x == 0 and y < 0:
        return -INF if mp.isint(y) and y % 2 and math.copysign(1, float(x)) < 0 else INF
    return NAN if x < 0 and not mp.isint(y) else mp.power(x, int(y) if x < 0 else y)


def power_by_base(x: Number, y: Number) -> Number:
    """y x**(y-1), as y x**y / x where a huge y-1 would need many bits to be odd."""
    if x == 0:
        return y * real_power(x, y - 1) if y else mpf(0)
    return y * real_power(x, y) / x


def power_by_exponent(x: Number, y: Number) -> Number:
    if x < 0:
        return NAN
    if x == 0:
        return mpf(0) if y >= 0 else -INF
    return mp.power(x, y) * mp.log(x)


def psi(x: Number) -> Number:
    return NAN if x <= 0 and mp.isint(x) else mp.psi(0, x)


def trigamma(x: Number) -> Number:
    """The reflection keeps mpmath away from sums of abs(x) terms."""
    if x > 0:
        return mp.psi(1, x)
    return INF if mp.isint(x) else (mp.pi / mp.sin(mp.pi * x)) ** 2 - mp.psi(1, 1 - x)


def largest_psi(x: Number) -> Number:
    """The larger term of the reflection digamma(1-x) - pi cot(pi x) at negative x."""
    if x > 0 or mp.isint(x):
        return mpf(0)
    return max(abs(psi(1 - x)), abs(mp.pi / mp.tan(mp.pi * x)))


def gamma(x: Number) -> Number:
    """Infinite where it is beyond every double, of which mpmath would compute the exponent."""
    return NAN if x <= 0 and mp.isint(x) else INF if x > 1000 else mp.gamma(x)


def log_gamma(x: Number) -> Number:
    if x <= 0 and mp.isint(x):
        return INF
    if x > 0:
        return mp.loggamma(x)
    first, second = reflection(x)
    return first - second


def reflection(x: Number) -> tuple[Number, Number]:
    """The terms whose difference is log |gamma(x)| at negative x."""
    return mp.log(mp.pi / abs(mp.sin(mp.pi * x))), mp.loggamma(1 - x)


def where(condition: bool, yes: Number, no: Number) -> Number:
    return mpf(yes) if condition else mpf(no)


def domain(condition: bool, x: Number) -> Number:
    """x inside the domain; nan outside."""
    return x if condition else NAN


def inverse(x: Number) -> Number:
    return 1 / x if x else INF


def root(x: Number) -> Number:
    return mp.sqrt(x) if x >= 0 else NAN


def step(x: Number, at_zero: float) -> Number:
    return where(x > 0, 1, where(x < 0, 0, at_zero))


def signed(size: Number, y: Number) -> Number:
    return where(y < 0, -size, size)


def truncated(x: Number) -> Number:
    return signed(mp.floor(abs(x)), x)


def clipped(x: Number, lo: Number, hi: Number) -> Number:
    return min(max(x, lo), hi)


# ---------------------------------------------------------------- the table

TRUTH: dict[str, Oracle] = {
    # operators
    "add": Oracle(lambda x, y: x + y, lambda x, y: (mpf(1), mpf(1))),
    "sub": Oracle(lambda x, y: x - y, lambda x, y: (mpf(1), mpf(-1))),
    "mul": Oracle(lambda x, y: x * y, lambda x, y: (y, x)),
    "div": Oracle(
        lambda x, y: x / y if y else NAN,
        lambda x, y: (inverse(y), -TRUTH["over_square"].value(x, y)),
    ),
    "floordiv": Oracle(lambda x, y: mp.floor(x / y), lambda x, y: (mpf(0), mpf(0))),
    "mod": Oracle(lambda x, y: x - y * mp.floor(x / y), lambda x, y: (mpf(1), -mp.floor(x / y))),
    "pow": Oracle(real_power, lambda x, y: (power_by_base(x, y), power_by_exponent(x, y))),
    "neg": Oracle(lambda x: -x, lambda x: (mpf(-1),)),
    "pos": Oracle(lambda x: x, lambda x: (mpf(1),)),
    "conjugate": Oracle(lambda x: x, lambda x: (mpf(1),)),
    "real": Oracle(lambda x: x, lambda x: (mpf(1),)),
    "imag": Oracle(lambda x: mpf(0), lambda x: (mpf(0),)),
    "angle": Oracle(lambda x: where(x < 0, mp.pi, 0), lambda x: (mpf(0),)),
    "exp_difference": Oracle(
        lambda x, m: mp.exp(x - m), lambda x, m: (mp.exp(x - m), -mp.exp(x - m))
    ),
    "exp_times": Oracle(lambda x, y: y * mp.exp(x), lambda x, y: (y * mp.exp(x), mp.exp(x))),
    "abs": Oracle(abs, lambda x: (mp.sign(x),)),
    "copysign": Oracle(
        lambda x, y: signed(abs(x), y),
        lambda x, y: (where(abs(x) < mpf(2) ** -2000, 0, mp.sign(x) * signed(1, y)), mpf(0)),
        signs=True,
        signs_of_partials=True,
    ),
    "truncate_divide": Oracle(lambda x, y: truncated(x / y), lambda x, y: (mpf(0), mpf(0))),
    "fmod": Oracle(lambda x, y: x - y * truncated(x / y), lambda x, y: (mpf(1), -truncated(x / y))),
    # exponentials and logarithms
    "exp": Oracle(mp.exp, lambda x: (mp.exp(x),)),
    "expm1": Oracle(mp.expm1, lambda x: (mp.exp(x),)),
    "exp2": Oracle(lambda x: mp.power(2, x), lambda x: (mp.power(2, x) * mp.log(2),)),
    "log": Oracle(
        lambda x: domain(x >= 0, mp.log(x) if x > 0 else -INF),
        lambda x: (domain(x >= 0, inverse(x)),),
    ),
    "log1p": Oracle(
        lambda x: domain(x >= -1, mp.log(1 + x) if x > -1 else -INF),
        lambda x: (domain(x >= -1, inverse(1 + x)),),
    ),
    "log2": Oracle(
        lambda x: domain(x >= 0, mp.log(x) / mp.log(2) if x > 0 else -INF),
        lambda x: (domain(x >= 0, inverse(x * mp.log(2))),),
    ),
    "log10": Oracle(
        lambda x: domain(x >= 0, mp.log(x) / mp.log(10) if x > 0 else -INF),
        lambda x: (domain(x >= 0, inverse(x * mp.log(10))),),
    ),
    # powers
    "sqrt": Oracle(root, lambda x: (inverse(2 * root(x)),)),
    "cbrt": Oracle(
        lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x: (inverse(3 * mp.cbrt(abs(x)) ** 2),)
    ),
    "square": Oracle(lambda x: x * x, lambda x: (2 * x,)),
    "reciprocal": Oracle(inverse, lambda x: (-inverse(x * x),)),
    "power": Oracle(real_power, lambda x, y: (power_by_base(x, y), power_by_exponent(x, y))),
    # trigonometry
    "sin": Oracle(mp.sin, lambda x: (mp.cos(x),)),
    "cos": Oracle(mp.cos, lambda x: (-mp.sin(x),)),
    "tan": Oracle(mp.tan, lambda x: (1 / mp.cos(x) ** 2,)),
    "arcsin": Oracle(
        lambda x: domain(abs(x) <= 1, mp.re(mp.asin(x))), lambda x: (inverse(root(1 - x * x)),)
    ),
    "arccos": Oracle(
        lambda x: domain(abs(x) <= 1, mp.re(mp.acos(x))), lambda x: (-inverse(root(1 - x * x)),)
    ),
    "arctan": Oracle(mp.atan, lambda x: (1 / (1 + x * x),)),
    "arctan2": Oracle(
        mp.atan2,
        lambda y, x: (x / (x * x + y * y), -y / (x * x + y * y)) if x or y else (NAN, NAN),
        signs=True,
    ),
    # hyperbolic functions
    "sinh": Oracle(mp.sinh, lambda x: (mp.cosh(x),)),
    "cosh": Oracle(mp.cosh, lambda x: (mp.sinh(x),)),
    "tanh": Oracle(mp.tanh, lambda x: (1 / mp.cosh(x) ** 2,)),
    "arcsinh": Oracle(mp.asinh, lambda x: (1 / mp.sqrt(1 + x * x),)),
    "arccosh": Oracle(
        lambda x: domain(x >= 1, mp.re(mp.acosh(x))),
        lambda x: (domain(x >= 1, inverse(root(x * x - 1))),),
    ),
    "arctanh": Oracle(
        lambda x: domain(abs(x) <= 1, mp.atanh(x) if abs(x) < 1 else x * INF),
        lambda x: (domain(abs(x) <= 1, inverse(1 - x * x)),),
    ),
    "hypot": Oracle(norm, directions),
    "deg2rad": Oracle(lambda x: x * mp.pi / 180, lambda x: (mp.pi / 180,)),
    "rad2deg": Oracle(lambda x: x * 180 / mp.pi, lambda x: (180 / mp.pi,)),
    # special functions
    "erf": Oracle(erf, lambda x: (2 / mp.sqrt(mp.pi) * mp.exp(-x * x),)),
    "erfc": Oracle(erfc, lambda x: (-2 / mp.sqrt(mp.pi) * mp.exp(-x * x),)),
    "normal_cdf": Oracle(cdf, lambda x: (phi(x),)),
    "normal_pdf": Oracle(phi, lambda x: (-x * phi(x),)),
    "gamma": Oracle(gamma, lambda x: (gamma(x) * psi(x),)),
    "lgamma": Oracle(
        log_gamma,
        lambda x: (psi(x),),
        largest_psi,
        lambda x: mpf(0) if x > 0 or mp.isint(x) else max(map(abs, reflection(x))),
    ),
    "digamma": Oracle(psi, lambda x: (trigamma(x),), None, largest_psi),
    # steps and choices
    "sign": Oracle(mp.sign, lambda x: (mpf(0),)),
    "floor": Oracle(mp.floor, lambda x: (mpf(0),)),
    "ceil": Oracle(mp.ceil, lambda x: (mpf(0),)),
    "trunc": Oracle(lambda x: mp.sign(x) * mp.floor(abs(x)), lambda x: (mpf(0),)),
    "rint": Oracle(mp.nint, lambda x: (mpf(0),)),
    "heaviside": Oracle(step, lambda x, h0: (mpf(0), mpf(x == 0))),
    "maximum": Oracle(max, max_shares),
    "minimum": Oracle(min, min_shares),
    "clip": Oracle(
        clipped,
        # min(max(x, lo), hi): the upper bound has the last word, also where lo > hi
        lambda x, lo, hi: (mpf(lo < x < hi), mpf(x < lo <= hi), mpf(max(x, lo) > hi)),
    ),
    # activations
    "relu": Oracle(lambda x: max(x, mpf(0)), lambda x: (mpf(x > 0),)),
    "leaky_relu": Oracle(
        lambda x, slope: where(x > 0, x, slope * x),
        lambda x, slope: (where(x > 0, 1, slope), where(x > 0, 0, x)),
    ),
    "elu": Oracle(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: (
            mpf(1) if x > 0 else alpha * mp.exp(x),
            mpf(0) if x > 0 else mp.expm1(x),
        ),
    ),
    "sigmoid": Oracle(sigmoid, lambda x: (logistic_density(x),)),
    "log_sigmoid": Oracle(lambda x: -mp.log(1 + mp.exp(-x)), lambda x: (sigmoid(-x),)),
    "softplus": Oracle(lambda x: mp.log(1 + mp.exp(x)), lambda x: (sigmoid(x),)),
    "silu": Oracle(lambda x: x * sigmoid(x), lambda x: (sigmoid(x) + x * logistic_density(x),)),
    "gelu": Oracle(lambda x: x * cdf(x), lambda x: (cdf(x) + x * phi(x),)),
    "hard_sigmoid": Oracle(
        lambda x: clipped(x / 6 + mpf(1) / 2, mpf(0), mpf(1)),
        lambda x: (where(abs(x) < 3, mpf(1) / 6, 0),),
    ),
    "hard_tanh": Oracle(lambda x: clipped(x, mpf(-1), mpf(1)), lambda x: (mpf(abs(x) < 1),)),
    "logaddexp": Oracle(logsumexp, shares, None, lambda *xs: abs(max(xs))),
    # many operands
    "sum": Oracle(lambda *xs: total(xs), lambda *xs: [mpf(1) for _ in xs]),
    "mean": Oracle(lambda *xs: total(xs) / len(xs), lambda *xs: [mpf(1) / len(xs) for _ in xs]),
    "dot": Oracle(
        lambda *xs: total(dot_terms(*xs)),
        lambda *xs: (*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], mpf(1)),
        largest_in_value=lambda *xs: max(map(abs, dot_terms(*xs))),
    ),
    "prod": Oracle(prod, cofactors),
    "norm": Oracle(norm, directions),
    "logsumexp": Oracle(logsumexp, shares, None, lambda *xs: abs(max(xs))),
    "max": Oracle(lambda *xs: max(xs), max_shares),
    "min": Oracle(lambda *xs: min(xs), min_shares),
    # derivatives that have names of their own
    "flat": Oracle(lambda x: mpf(0), lambda x: (mpf(0),)),
    "nonnegative": Oracle(lambda x: domain(x >= 0, x), lambda x: (mpf(1),)),
    "one_minus_square": Oracle(lambda x: 1 - x * x, lambda x: (-2 * x,)),
    "sech2": Oracle(lambda x: 1 / mp.cosh(x) ** 2, lambda x: (-2 * mp.sinh(x) / mp.cosh(x) ** 3,)),
    "logistic_density": Oracle(
        logistic_density, lambda x: (logistic_density(x) * (sigmoid(-x) - sigmoid(x)),)
    ),
    "exp_neg_square": Oracle(lambda x: mp.exp(-x * x), lambda x: (-2 * x * mp.exp(-x * x),)),
    "x_normal_pdf": Oracle(lambda x: x * phi(x), lambda x: ((1 - x * x) * phi(x),)),
    "x_logistic_density": Oracle(
        lambda x: x * logistic_density(x),
        lambda x: (logistic_density(x) * (1 + x * (sigmoid(-x) - sigmoid(x))),),
    ),
    "silu_slope": Oracle(
        lambda x: sigmoid(x) + x * logistic_density(x),
        lambda x: (logistic_density(x) * (2 + x * (sigmoid(-x) - sigmoid(x))),),
    ),
    "gelu_slope": Oracle(lambda x: cdf(x) + x * phi(x), lambda x: ((2 - x * x) * phi(x),)),
    "unit_hypot": Oracle(lambda x: mp.sqrt(1 + x * x), lambda x: (x / mp.sqrt(1 + x * x),)),
    "lorentzian": Oracle(lambda x: 1 / (1 + x * x), lambda x: (-2 * x / (1 + x * x) ** 2,)),
    "over_norm_square": Oracle(
        lambda a, b: a / (a * a + b * b) if a or b else NAN,
        lambda a, b: (
            (b * b - a * a) / (a * a + b * b) ** 2,
            -2 * a * b / (a * a + b * b) ** 2,
        ),
    ),
    "over_square": Oracle(
        lambda a, b: a / (b * b) if b else (a * INF if a else NAN),
        lambda a, b: (1 / (b * b), -2 * a / (b * b * b)),
    ),
    "power_by_base": Oracle(
        power_by_base,
        lambda x, y: (
            y * (y - 1) * real_power(x, y - 2),
            real_power(x, y - 1) + y * power_by_exponent(x, y - 1),
        ),
    ),
    "power_by_exponent": Oracle(
        power_by_exponent,
        lambda x, y: (
            real_power(x, y - 1) + y * power_by_exponent(x, y - 1),
            power_by_exponent(x, y) * mp.log(x),
        ),
    ),
    "polygamma": Oracle(
        lambda n, x: mp.psi(int(n), x), lambda n, x: (mpf(0), mp.psi(int(n) + 1, x))
    ),
    "direction": Oracle(lambda i, *xs: directions(*xs)[int(i)]),
    "share": Oracle(lambda i, *xs: shares(*xs)[int(i)]),
    "cofactor": Oracle(lambda i, *xs: cofactors(*xs)[int(i)]),
    "max_share": Oracle(lambda i, *xs: max_shares(*xs)[int(i)]),
}

# The operators have a short name here, Python's, and that of NumPy's function.
LONG_NAMES = {
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "neg": "negative",
    "pos": "positive",
}
TRUTH |= {long: TRUTH[short] for short, long in LONG_NAMES.items()}
