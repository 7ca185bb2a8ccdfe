"""What the elementary functions are for the number types that have no such function themselves.

What `ieee` and `reductions` are for floats, in a form that serves Fraction, Decimal, complex and
mpmath's numbers alike: each function bears the name of its row, by which `kinds` finds it. Nothing
that is exponentially small or large is added to 1 or overflows, so that the digits of the type
are kept; a nan operand gives a nan, and where a limit exists at an infinity it is the answer. Of
several logarithms of a complex number the principal one is meant. Those with kinks are in `pieces`.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd.numbers import complexes, reductions
from autograd.numbers.libraries import is_complex, is_decimal, is_mpmath, named
from autograd.numbers.pieces import flat, is_finite, nan_like, only_real, sign

exp, expm1, log, log1p, sqrt, cosh, erfc = map(
    named, ("exp", "expm1", "log", "log1p", "sqrt", "cosh", "erfc")
)

# -- arithmetic ---------------------------------------------------------------------------------


def divide(x: Any, y: Any) -> Any:
    """x / y; by 0 it is infinite for the types that have an infinity and do not signal."""
    if type(x) is complex:
        return complexes.divide(x, y)
    try:
        if is_mpmath(type(y)) and is_complex(type(y)) and not y.imag:
            return type(x)(x.real / y.real, x.imag / y.real)
        return x / y
    except ZeroDivisionError:
        if not is_mpmath(type(x)):
            raise
    if x == 0 or x != x:
        return x * nan_like(x)
    parts = [part * math.inf if part else part for part in (x.real, x.imag)]
    return type(x)(*parts) if is_complex(type(x)) else parts[0]


def reciprocal(x: Any) -> Any:
    """1 / x."""
    return divide(type(x)(1), x)


def over_square(x: Any, y: Any) -> Any:
    """x / y^2, without the square, which may overflow."""
    return divide(divide(x, y), y)


def over_norm_square(x: Any, y: Any) -> Any:
    """x / (x^2 + y^2); nan at the origin, 0 at infinity."""
    s = x * x + y * y
    return 0 if s == math.inf else divide(x, s)


def lorentzian(x: Any) -> Any:
    """1 / (1 + x^2)."""
    return divide(type(x)(1), 1 + x * x)


def abs(x: Any) -> Any:
    """The absolute value, the modulus of a complex number."""
    return complexes.abs(x) if type(x) is complex else operator.abs(x)


def real(x: Any) -> Any:
    """The real part."""
    return x.real


def conjugate(x: Any) -> Any:
    """The complex conjugate."""
    return x.conjugate()


def imag(x: Any) -> Any:
    """The imaginary part."""
    return x.imag if is_complex(type(x)) else flat(x)


def arctan2(y: Any, x: Any) -> Any:
    """The angle of the point (x, y), of mpmath's real numbers."""
    if abs(only_real(x)) == abs(y) == math.inf:  # which is nan before mpmath 1.4
        x, y = (type(a)(sign(a)) for a in (x, y))
    answer = named("atan2")(only_real(y), x)
    return answer if x == x and y == y else x * y


def lgamma(x: Any) -> Any:
    """log(abs(gamma(x))), of mpmath's real numbers."""
    return named("loggamma")(only_real(x)).real if x > -math.inf or x != x else x * x


def digamma(x: Any) -> Any:
    """The derivative of lgamma, of mpmath's numbers."""
    return polygamma(0, x)


def polygamma(n: int, x: Any) -> Any:
    """The derivative of digamma of order n; mpmath never ends where the imaginary part is inf."""
    psi = sys.modules["mpmath"].psi if is_mpmath(type(x)) else named("psi")
    return psi(n, x) if is_finite(x.imag) else x * math.nan


def angle(x: Any) -> Any:
    """The angle of a complex number in the plane, in (-pi, pi]; of a real one, 0 or pi."""
    return sys.modules["mpmath"].arg(x) if is_mpmath(type(x)) else math.atan2(x.imag, x.real)


# -- exponentials and logarithms ----------------------------------------------------------------


def log2(x: Any) -> Any:
    """The logarithm to base 2."""
    return log(x) / log(type(x)(2))


def cbrt(x: Any) -> Any:
    """The real cube root, with one step of Newton's method for the last digits."""
    c = sign(x) * exp(log(operator.abs(x)) / 3)
    return c - (c - x / (c * c)) / 3 if c and is_finite(c) else c


def exp_times(x: Any, y: Any) -> Any:
    """y exp(x), also where exp(x) alone would overflow."""
    half = exp(x / 2)
    return half * y * half


def exp_difference(x: Any, m: Any) -> Any:
    """exp(x - m); of two equal infinities 1 at inf and 0 at -inf."""
    return int(x.real > 0) if x == m and not is_finite(x) else exp(x - m)


def unit_hypot(x: Any) -> Any:
    """sqrt(1 + x^2)."""
    return sqrt(_product_with_turned(x) if is_complex(type(x)) else 1 + x * x)


def _product_with_turned(x: Any) -> Any:
    """1 + x^2 as (1 + ix) (1 - ix), of which nothing cancels near i."""
    turned = type(x)(-x.imag, x.real)
    return (1 + turned) * (1 - turned)


def hypot(x: Any, y: Any) -> Any:
    """The length of (x, y)."""
    return norm(x, y)


def norm(*xs: Any) -> Any:
    """The Euclidean length, of complex numbers too."""
    if type(xs[0]) is complex:
        return reductions.norm(*(part for x in xs for part in (x.real, x.imag)))
    return sqrt(functools.reduce(operator.add, (operator.abs(x * x) for x in xs)))


def principal(x: Any) -> Any:
    """x with its imaginary part brought to (-pi, pi]; only exp(x) matters."""
    if not is_complex(type(x)) or operator.abs(x.imag) <= math.pi:
        return x
    turn = exp(type(x)(0, x.imag))
    return type(x)(x.real, angle(turn))


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return principal(x) + log1p(exp(-x)) if x.real > 0 else log1p(exp(x))


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x))."""
    return -softplus(-x)


def logaddexp(x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y))."""
    return logsumexp(x, y)


def logsumexp(*xs: Any) -> Any:
    """log(exp(x1) + ... + exp(xn)), the largest term apart."""
    first = _largest(xs)
    m = xs[first]
    if _is_infinite(m):
        return _by_infinities(reductions.logsumexp, xs)
    others = [exp(x - m) for i, x in enumerate(xs) if i != first]
    return principal(m + log1p(_sum(others, m * 0)))


def share(i: int, *xs: Any) -> Any:
    """exp(xi) / sum of exp for each x, the largest term 1."""
    m = xs[_largest(xs)]
    if _is_infinite(m):
        return _by_infinities(functools.partial(reductions.share, i), xs)
    return exp(xs[i] - m) / _sum([exp(x - m) for x in xs], m * 0)


def exp2(x: Any) -> Any:
    """2 to the power x."""
    return type(x)(2) ** x


# -- the units of networks ----------------------------------------------------------------------


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    if x.real < 0:
        e = exp(x)
        return e / (1 + e)
    return 1 / (1 + exp(-x))


def silu(x: Any) -> Any:
    """x sigmoid(x)."""
    if not x.real < 0:
        return x / (1 + exp(-x))
    half = exp(x / 2)  # exp(x) alone may be too small where x exp(x) is not
    return half * x * half / (1 + half * half) if half else half


def logistic_density(x: Any) -> Any:
    """The derivative of the sigmoid, exp(x) / (1 + exp(x))^2, which is even."""
    e = exp(-x if x.real > 0 else x)
    return e / ((1 + e) * (1 + e))


def x_logistic_density(x: Any) -> Any:
    """x logistic_density(x)."""
    half = exp((-x if x.real > 0 else x) / 2)
    e = half * half
    return half * x * half / ((1 + e) * (1 + e)) if half else half


def sech2(x: Any) -> Any:
    """The derivative of tanh, 1 / cosh(x)^2."""
    if is_decimal(type(x)) or operator.abs(x.real) > 350:  # cosh(x) may overflow
        return 4 * logistic_density(2 * x)
    c = cosh(x)
    return divide(divide(type(x)(1), c), c)


def normal_cdf(x: Any) -> Any:
    """The distribution function of the standard normal distribution, erfc(-x/sqrt(2)) / 2."""
    return erfc(-x / sqrt(type(x)(2))) / 2


def gelu(x: Any) -> Any:
    """x normal_cdf(x)."""
    factor = normal_cdf(x)
    return x * factor if factor else factor


def x_normal_pdf(x: Any) -> Any:
    """x exp(-x^2/2) / sqrt(2 pi)."""
    return damped_density(x, x)


def damped_density(factor: Any, x: Any) -> Any:
    """A factor that grows less fast than the normal density falls, times the density."""
    density = exp(-x * x / 2) / sqrt(2 * _pi(x))
    return factor * density if density else density


def direction(i: int, *xs: Any) -> Any:
    """xi / norm, and 0 where the norm is 0."""
    length = norm(*xs)
    if _is_infinite(length):
        return _by_infinities(functools.partial(reductions.direction, i), xs)
    return xs[i] / length if length else 0


# -- helpers ------------------------------------------------------------------------------------


def _pi(x: Any) -> Any:
    """The number pi, of the type of `x`."""
    if is_decimal(type(x)):
        raise TypeError("Decimal has no pi")
    return +sys.modules["mpmath"].pi if is_mpmath(type(x)) else type(x)(math.pi)


def _sum(xs: Sequence[Any], start: Any) -> Any:
    """The sum from the left."""
    return functools.reduce(operator.add, xs, start)


def _largest(xs: Sequence[Any]) -> int:
    """Where the operand with the largest real part stands."""
    return max(range(len(xs)), key=lambda i: xs[i].real)


def _is_infinite(x: Any) -> bool:
    """Whether a real number is infinite."""
    return not is_complex(type(x)) and x in (math.inf, -math.inf)


def _by_infinities(f: Callable[..., float], xs: Sequence[Any]) -> Any:
    """f by floats, where the finite operands do not count beside an infinite one."""
    return type(xs[0])(f(*(float(x) if _is_infinite(x) or x != x else 0.0 for x in xs)))
