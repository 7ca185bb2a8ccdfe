"""Complex functions that answer inf and nan where `cmath` raises, and those that it lacks.

What `ieee` is for floats: each function bears the name of its row, takes and returns complex
numbers, and never raises. An answer out of range has an infinite part, as in Annex G of C99; at a
pole too. Values lie on the branch that `cmath` chooses, by the sign of a zero where need be.
Accuracy is that of the whole number, not of each of its parts, unless said otherwise.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from autograd.numbers import ieee
from autograd.numbers.special import _product_error as product_error

INF = math.inf
NAN = complex(math.nan, math.nan)
Function = Callable[[complex], complex]


def _total(f: Function, poles: dict[complex, Function] | None = None) -> Function:
    """f, with nan where it is undefined, and at its poles what is given for them."""

    def total(z: complex) -> complex:
        try:
            return f(z)
        except ValueError:
            return poles[z](z) if poles and z in poles else NAN

    return total


def _scaled(x: float, re: float, im: float) -> complex:
    """exp(x) (re + i im), where exp(x) alone may overflow; a part that is 0 stays 0."""
    return complex(*(ieee.exp_times(x, part) if part else part for part in (re, im)))


def _inf_above(f: Function, direction: Callable[[complex], tuple[float, float, float]]) -> Function:
    """f, where it overflows by the x, re and im that `_scaled` is to multiply."""
    f = _total(f)

    def total(z: complex) -> complex:
        try:
            return f(z)
        except OverflowError:
            return _scaled(*direction(z))

    return total


def _exp(z: complex) -> tuple[float, float, float]:
    return z.real, math.cos(z.imag), math.sin(z.imag)


def _cosh(z: complex) -> tuple[float, float, float]:
    return math.fabs(z.real), math.cos(z.imag) / 2, math.copysign(0.5, z.real) * math.sin(z.imag)


def _sinh(z: complex) -> tuple[float, float, float]:
    return math.fabs(z.real), math.copysign(0.5, z.real) * math.cos(z.imag), math.sin(z.imag) / 2


exp = _inf_above(cmath.exp, _exp)
cosh = _inf_above(cmath.cosh, _cosh)
sinh = _inf_above(cmath.sinh, _sinh)
tanh = _total(cmath.tanh)
tan = _total(cmath.tan)
sqrt = _total(cmath.sqrt)
arcsin = _total(cmath.asin)
arccos = _total(cmath.acos)
arcsinh = _total(cmath.asinh)
arccosh = _total(cmath.acosh)
log = _total(cmath.log, {0j: lambda z: complex(-INF, cmath.phase(z))})
log10 = _total(cmath.log10, {0j: lambda z: complex(-INF, cmath.phase(z) * ieee.LOG10E)})
arctan = _total(cmath.atan, dict.fromkeys((1j, -1j), lambda z: complex(z.real, z.imag * INF)))
arctanh = _total(cmath.atanh, dict.fromkeys((1, -1), lambda z: complex(z.real * INF, z.imag)))


def turned(z: complex) -> complex:
    """i z, exactly: a product with 1j loses the signs of zeros."""
    return complex(-z.imag, z.real)


def sin(z: complex) -> complex:
    """-i sinh(i z)."""
    return -turned(sinh(turned(z)))


def cos(z: complex) -> complex:
    """cosh(i z)."""
    return cosh(turned(z))


def expm1(z: complex) -> complex:
    """exp(z) - 1."""
    x, y = z.real, z.imag
    if math.fabs(x) > 1.0 or y - y:
        return exp(z) - 1
    half = math.sin(y / 2)
    return complex(math.expm1(x) * math.cos(y) - 2 * half * half, math.exp(x) * math.sin(y))


def log1p(z: complex) -> complex:
    """log(1 + z); its real part is half of log1p(x^2 + 2x + y^2), the squares with their errors."""
    x, y = z.real, z.imag
    if not (x > -0.5 and abs(z) < 1e100):
        return log(1 + z)
    squares = x * x, y * y
    errors = product_error(x, x, squares[0]), product_error(y, y, squares[1])
    return complex(ieee.log1p(math.fsum((2 * x, *squares, *errors))) / 2, math.atan2(y, 1 + x))


def divide(z: complex, w: complex) -> complex:
    """z / w; by 0 it is infinite in each part that z has, by infinity it is 0."""
    if not w:
        if not z or cmath.isnan(z):
            return NAN
        inf = math.copysign(INF, w.real)
        return complex(*(part * inf if part else part for part in (z.real, z.imag)))
    if not w.imag:  # no infinity is to meet the 0
        return complex(z.real / w.real, z.imag / w.real)
    return 0j if cmath.isinf(w) and cmath.isfinite(z) else z / w


def power(z: complex, w: complex) -> complex:
    """z**w."""
    try:
        return z**w
    except OverflowError:
        return exp(w * log(z))
    except ZeroDivisionError:  # 0 to a power that is negative or complex
        return 0j if w.real > 0 else complex(INF, 0.0) if w.real < 0 and not w.imag else NAN


def exp2(z: complex) -> complex:
    """2**z."""
    return power(2 + 0j, z)


def power_by_base(z: complex, w: complex) -> complex:
    """w z**(w-1)."""
    if w in (0, 1):
        return w
    p = power(z, w - 1)
    return w * p if w.imag else complex(w.real * p.real, w.real * p.imag)


def power_by_exponent(z: complex, w: complex) -> complex:
    """z**w log(z); 0 log 0 is 0."""
    return power(z, w) * log(z) if z or w.real < 0 else 0j


def abs(z: complex) -> float:
    """The modulus."""
    return ieee.hypot(z.real, z.imag)


def lorentzian(z: complex) -> complex:
    """1 / (1 + z^2), by the factors of the denominator: nothing cancels near i, or overflows."""
    return divide(divide(1, 1 + turned(z)), 1 - turned(z))


def unit_hypot(z: complex) -> complex:
    """sqrt(1 + z^2) on the side of the cut that z is on, by the factors 1 + iz and 1 - iz."""
    one = 2.0**-600 if abs(z) > 1e100 else 1.0  # a smaller unit, for the product's sake
    u, v = z.real * one, z.imag * one
    return sqrt(complex(one - v, u) * complex(one + v, -u)) / one
