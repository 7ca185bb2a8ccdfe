"""Truth about higher derivatives: Taylor series of every function, in mpmath, to the fourth order.

A `Series` is a function near a point as its Taylor polynomial in all operands; arithmetic on it is
exact but for mpmath's rounding, so no step width and no difference comes in. `derivatives` reads
the partial derivatives off, at a precision at which nothing that the operands can do is absorbed.
Nothing here is shared with the package, nor with the first derivatives in `oracles`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from mpmath import mp, mpf

ORDER = 4
Number = Any  # an mpf; mpmath has no types
Exponents = tuple[int, ...]


class Pole(Exception):  # noqa: N818  (a place, which is no error of anybody)
    """The function or a derivative is infinite here: the truth is its limit from inside."""


class Series:
    """A Taylor polynomial: {exponents of the operands: coefficient}, up to degree `ORDER`."""

    def __init__(self, terms: dict[Exponents, Number], count: int) -> None:
        self.terms, self.count = terms, count

    @property
    def constant(self) -> Number:
        return self.terms.get((0,) * self.count, mpf(0))

    def of(self, x: Any) -> Series:
        """x as a series in the same operands."""
        return x if isinstance(x, Series) else Series({(0,) * self.count: mpf(x)}, self.count)

    def __add__(self, other: Any) -> Series:
        terms = dict(self.terms)
        for exponents, c in self.of(other).terms.items():
            terms[exponents] = terms.get(exponents, 0) + c
        return Series(terms, self.count)

    def __mul__(self, other: Any) -> Series:
        terms: dict[Exponents, Number] = {}
        for (i, a), (j, b) in itertools.product(self.terms.items(), self.of(other).terms.items()):
            if a and b and sum(i) + sum(j) <= ORDER:
                exponents = tuple(map(int.__add__, i, j))
                terms[exponents] = terms.get(exponents, 0) + a * b
        return Series(terms, self.count)

    def __neg__(self) -> Series:
        return self * -1

    def __sub__(self, other: Any) -> Series:
        return self + -self.of(other)

    def __rsub__(self, other: Any) -> Series:
        return -self + other

    def __truediv__(self, other: Any) -> Series:
        return self * self.of(other) ** -1

    def __rtruediv__(self, other: Any) -> Series:
        return self**-1 * other

    def __pow__(self, y: Any) -> Series:
        return power(self, self.of(y))

    def __rpow__(self, x: Any) -> Series:
        return power(self.of(x), self)

    __radd__, __rmul__ = __add__, __mul__

    def moved(self) -> Series:
        """The series without its constant."""
        return Series({e: c for e, c in self.terms.items() if sum(e)}, self.count)

    def into(self, coefficients: Iterable[Number]) -> Series:
        """f(self), by the Taylor coefficients of f at the constant (Horner's scheme)."""
        h, total = self.moved(), self.of(0)
        for c in reversed(list(coefficients)):
            total = total * h + c
        return total


def operands(*xs: Number) -> list[Series]:
    """The operands as series in themselves."""
    n = len(xs)
    unit = [tuple(int(i == j) for j in range(n)) for i in range(n)]
    return [Series({(0,) * n: mpf(x), unit[i]: mpf(1)}, n) for i, x in enumerate(xs)]


def derivatives(formula: Callable[..., Series], *xs: Number) -> dict[Exponents, Number]:
    """Every partial derivative of `formula` at xs, of the orders 1 to 4, good to 60 bits.

    The precision is such that a product of two operands, or of their exponentials as far as a
    double can tell them from 0, is not absorbed beside a 1. At half as many bits more the answer
    has to be the same; what rounding leaves of a 0, far below the largest derivative, is a 0.
    """
    numbers = [mpf(x, prec=10_000) for x in xs if x]
    sizes = [max(abs(mp.frexp(x)[1]), x.man.bit_length(), min(1100, 1.5 * abs(x))) for x in numbers]
    bits = 2 * int(max([50, *sizes]))
    before, after = (_rounded(formula, xs, bits + more) for more in (200, bits // 2 + 300))
    noise = max(map(abs, after.values())) * mpf(2) ** -bits
    for exponents, truth in after.items():
        if abs(truth - before[exponents]) > abs(truth) * mpf(2) ** -60:
            if abs(truth) > noise:
                raise ArithmeticError(f"the derivative {exponents} does not settle")
            after[exponents] = mpf(0)
    return after


def _rounded(
    formula: Callable[..., Series], xs: tuple[Number, ...], precision: int
) -> dict[Exponents, Number]:
    """The partial derivatives as they come out at one precision."""
    with mp.workprec(precision):
        terms = formula(*operands(*xs)).terms
        return {
            e: terms.get(e, mpf(0)) * math.prod(map(math.factorial, e)) for e in orders(len(xs))
        }


def orders(count: int) -> list[Exponents]:
    """By which operands how often: all partial derivatives of the orders 1 to 4."""
    return [e for e in itertools.product(range(ORDER + 1), repeat=count) if 1 <= sum(e) <= ORDER]


# ---------------------------------------------------------------- functions of series


def integral(
    slope: Callable[[Series], Series], value: Callable[[Number], Number] = lambda a: mpf(0)
) -> Callable[[Series], Series]:
    """The function of a derivative; its value matters only where it is a factor."""

    def f(x: Series) -> Series:
        (t,) = operands(x.constant)
        terms = slope(t).terms
        rest = [terms.get((k,), mpf(0)) / (k + 1) for k in range(ORDER)]
        return x.into([value(x.constant), *rest])

    return f


def power(x: Series, y: Series) -> Series:
    """x**y: the binomial series, whose coefficients y (y-1) ... / n! vanish exactly."""
    a, p, moves = x.constant, y.constant, y.moved()
    moving = any(moves.terms.values())
    if a < 0 and (moving or not mp.isint(p)):
        raise ValueError("a real power of a negative number has no real derivative by the exponent")
    total = x.of(0)
    for n, choose in enumerate(_binomials(y)):
        if any(choose.terms.values()):
            if not a and (moving or p < n):
                raise Pole
            choose *= a ** (int(p) - n if mp.isint(p) else p - n)
            total += (choose * exp(moves * mp.log(a)) if moving else choose) * _whole(x.moved(), n)
    return total


def power_at_0(x: Series, y: Series) -> Series:
    """x**y as x falls to 0: each coefficient is 0, or infinite, or that of x**0."""
    total = x.of(0)
    for n, choose in enumerate(_binomials(y)):
        t = y.constant - n
        if t <= 0:
            first = min(sum(e) for e, c in choose.terms.items() if c)
            leading = Series({e: c for e, c in choose.terms.items() if sum(e) == first}, x.count)
            term = choose if t == 0 else x.of(0)
            for k in range(t == 0, ORDER + 1):  # (log x)**k / k!, and log x is -inf
                term += leading * _whole(-y.moved(), k) * mp.inf
            total += term * _whole(x.moved(), n)
    return total


def _binomials(y: Series) -> list[Series]:
    """y (y-1) ... (y-n+1) / n! for n = 0, 1, ..."""
    found = [y.of(1)]
    for n in range(ORDER):
        found.append(found[-1] * (y - n) * (mpf(1) / (n + 1)))
    return found


def _whole(x: Series, n: int) -> Series:
    """x to a small whole power."""
    return math.prod([x] * n, start=x.of(1))


def exp(x: Series) -> Series:
    e = mp.exp(x.constant) if x.constant > -10_000 else mpf(0)  # far below every double
    return x.into([e / math.factorial(k) for k in range(ORDER + 1)])


def log(x: Series) -> Series:
    if not x.constant:
        raise Pole
    return integral(lambda t: 1 / t)(x)


def sin(x: Series) -> Series:
    s, c = mp.sin(x.constant), mp.cos(x.constant)
    return x.into([s, c, -s / 2, -c / 6, s / 24])


def cos(x: Series) -> Series:
    s, c = mp.sin(x.constant), mp.cos(x.constant)
    return x.into([c, -s, -c / 2, s / 6, c / 24])


def sqrt(x: Series) -> Series:
    return x ** (mpf(1) / 2)


def cbrt(x: Series) -> Series:
    return -cbrt(-x) if x.constant < 0 else x ** (mpf(1) / 3)


def absolute(x: Series) -> Series:
    return -x if x.constant < 0 else x


def constant(*xs: Series) -> Series:
    """What a function is between its jumps: its derivatives are 0, whatever its value."""
    return xs[0].of(0)


def truncated(x: Number) -> Number:
    """x rounded towards 0."""
    return mp.sign(x) * mp.floor(abs(x))


def larger(x: Series, y: Series) -> Series:
    return x if x.constant > y.constant else y


def smaller(x: Series, y: Series) -> Series:
    return y if x.constant > y.constant else x


def sigmoid(x: Series) -> Series:
    return 1 / (1 + exp(-x))


def density(x: Series) -> Series:
    """The standard normal density."""
    return exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def expm1(x: Series) -> Series:
    return exp(x) - 1


def _normal_cdf(a: Number) -> Number:
    """mpmath's erfc fails on huge numbers; there it is below every double."""
    return mpf(a > 0) if abs(a) > 1e6 else mp.erfc(-a / mp.sqrt(2)) / 2


normal_cdf = integral(density, _normal_cdf)
softplus = integral(sigmoid)
arcsin = integral(lambda x: 1 / sqrt((1 - x) * (1 + x)))
arctan = integral(lambda x: 1 / (1 + x * x))
erf = integral(lambda x: exp(-x * x) * (2 / mp.sqrt(mp.pi)))


def arctan2(y: Series, x: Series) -> Series:
    """But for a constant, which has no derivative."""
    return arctan(y / x) if abs(x.constant) >= abs(y.constant) else -arctan(x / y)


def digamma(x: Series) -> Series:
    """Coefficients psi(k, x)/k!; reflection keeps mpmath away from sums of abs(x) terms."""
    if x.constant < 0:
        return digamma(1 - x) - mp.pi * cos(mp.pi * x) / sin(mp.pi * x)
    if not x.constant:
        raise Pole
    if x.constant < 1:
        return digamma(1 + x) - 1 / x
    with mp.workprec(300):  # nothing cancels, and psi is slow
        return x.into([mp.psi(k, x.constant) / math.factorial(k) for k in range(ORDER + 1)])


def gamma(x: Series) -> Series:
    """Reflection at negative numbers, and near 0, which is a pole."""
    if x.constant < 0:
        return mp.pi / (sin(mp.pi * x) * gamma(1 - x))
    if not x.constant:
        raise Pole
    return exp(integral(digamma, _log_gamma)(x)) if x.constant > 1 else gamma(1 + x) / x


def _log_gamma(a: Number) -> Number:
    """Such that its exponential is good to 300 bits; with thousands of them mpmath is slow."""
    with mp.workprec(320 + mp.mag(a)):
        return mp.loggamma(a)


def logsumexp(*xs: Series) -> Series:
    """Less the largest operand; a term below exp(-4000) has no derivative that a double holds."""
    top = max(xs, key=lambda x: x.constant)
    near = [x for x in xs if x.constant > top.constant - 4000]
    return top + log(sum((exp(x - top) for x in near), top.of(0)))


def norm(*xs: Series) -> Series:
    if len(xs) == 1:
        return absolute(*xs)
    return sqrt(sum((x * x for x in xs[1:]), xs[0] * xs[0]))


def dot(*xs: Series) -> Series:
    n = len(xs) // 2
    return sum((w * x for w, x in zip(xs[:n], xs[n:-1], strict=True)), xs[-1])


FORMULAS: dict[str, Callable[..., Series]] = {
    # arithmetic
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": constant,
    "fmod": lambda x, y: x - y * truncated(x.constant / y.constant),
    "copysign": lambda x, y: absolute(x) * (-1 if y.constant < 0 else 1),
    "remainder": lambda x, y: x - y * mp.floor(x.constant / y.constant),
    "power": lambda x, y: power(x, y) if x.constant else power_at_0(x, y),
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "conjugate": lambda x: x,
    "real": lambda x: x,
    "imag": constant,
    "angle": constant,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    # exponentials and logarithms
    "exp": exp,
    "expm1": expm1,
    "exp2": lambda x: exp(x * mp.log(2)),
    "log": log,
    "log1p": lambda x: log(1 + x),
    "log2": lambda x: log(x) / mp.log(2),
    "log10": lambda x: log(x) / mp.log(10),
    "sqrt": sqrt,
    "cbrt": cbrt,
    # circular and hyperbolic functions
    "sin": sin,
    "cos": cos,
    "tan": integral(lambda x: 1 / (cos(x) * cos(x))),
    "arcsin": arcsin,
    "arccos": lambda x: -arcsin(x),
    "arctan": arctan,
    "arctan2": arctan2,
    "sinh": lambda x: (exp(x) - exp(-x)) / 2,
    "cosh": lambda x: (exp(x) + exp(-x)) / 2,
    "tanh": integral(lambda x: 4 / (exp(x) + exp(-x)) ** 2),
    "arcsinh": integral(lambda x: 1 / sqrt(1 + x * x)),
    "arccosh": integral(lambda x: 1 / sqrt((x - 1) * (x + 1))),
    "arctanh": integral(lambda x: 1 / ((1 - x) * (1 + x))),
    "hypot": norm,
    "deg2rad": lambda x: x * mp.pi / 180,
    "rad2deg": lambda x: x * 180 / mp.pi,
    # error function, normal distribution, gamma
    "erf": erf,
    "erfc": lambda x: -erf(x),
    "normal_cdf": integral(density),
    "normal_pdf": density,
    "gamma": gamma,
    "lgamma": integral(digamma),
    "digamma": digamma,
    # pieces
    "abs": absolute,
    "sign": constant,
    "floor": constant,
    "ceil": constant,
    "trunc": constant,
    "rint": constant,
    "maximum": larger,
    "minimum": smaller,
    "clip": lambda x, low, high: smaller(larger(x, low), high),
    "heaviside": lambda x, h0: h0 if not x.constant else constant(x),
    "relu": lambda x: larger(x, x.of(0)),
    "leaky_relu": lambda x, slope: x if x.constant > 0 else slope * x,
    "elu": lambda x, alpha: x if x.constant > 0 else alpha * expm1(x),
    "hard_sigmoid": lambda x: smaller(larger(x / 6 + mpf(1) / 2, x.of(0)), x.of(1)),
    "hard_tanh": lambda x: smaller(larger(x, x.of(-1)), x.of(1)),
    # smooth units
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: -softplus(-x),
    "softplus": softplus,
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * normal_cdf(x),
    "logaddexp": logsumexp,
    # many operands
    "sum": lambda *xs: sum(xs[1:], xs[0]),
    "mean": lambda *xs: sum(xs[1:], xs[0]) / len(xs),
    "prod": lambda *xs: math.prod(xs[1:], start=xs[0]),
    "norm": norm,
    "max": lambda *xs: max(xs, key=lambda x: x.constant),
    "min": lambda *xs: min(xs, key=lambda x: x.constant),
    "logsumexp": logsumexp,
    "dot": dot,
}
