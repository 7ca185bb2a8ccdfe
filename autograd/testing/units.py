"""Units in the last place: how far a float is from the truth, in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

LEAST = Fraction(1, 2**1074)  # the smallest positive double, and the unit of subnormal numbers
ROUNDOFF = 2.0**-53  # the relative error of one rounded operation
_BEYOND = 20_000  # bits: numbers this far outside of the doubles need no digits


def exact(x: Any) -> Fraction:
    """Return a finite float, int, Fraction or mpf as a Fraction.

    Numbers of mpmath below 2**-20000 count as 0, and those above 2**20000 as that: both are far
    outside of the doubles.
    """
    if not hasattr(x, "_mpf_"):
        return Fraction(x)
    sign, digits, exponent, bits = x._mpf_
    if digits == 0 or exponent + bits < -_BEYOND:
        return Fraction(0)
    if exponent + bits > _BEYOND:
        return Fraction((-1) ** sign * 2**_BEYOND)
    size = Fraction(int(digits)) * Fraction(2) ** int(exponent)
    return -size if sign else size


def exponent(x: Fraction) -> int:
    """Return e with 2**(e-1) <= abs(x) < 2**e, for x that is not 0."""
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return e + 1 if abs(x) >= Fraction(2) ** e else e


def unit(x: Fraction) -> Fraction:
    """Return the unit in the last place of a double of the size of `x`.

    It is 2**-1074 for subnormal numbers and 0, and 2**971 for numbers beyond the doubles.

    Examples
    --------
    >>> float(unit(Fraction(1))), float(unit(Fraction(0)))
    (2.220446049250313e-16, 5e-324)
    """
    if not x:
        return LEAST
    return Fraction(2) ** (min(max(exponent(x), -1021), 1024) - 53)


def ulps(got: float, truth: Fraction, scale: Fraction | None = None) -> float:
    """Return the distance of a float from the truth in units in the last place of the truth.

    Parameters
    ----------
    got : float
        An infinity is right where the truth rounds to it; nan is infinitely far from any number.
    truth : Fraction
    scale : Fraction, optional
        Take the unit of this number where it is the larger one: the largest term of a sum that
        cancels.

    Examples
    --------
    >>> ulps(1.0 + 2**-52, Fraction(1)), ulps(math.nan, Fraction(1))
    (1.0, inf)
    """
    if math.isnan(got):
        return math.inf
    limit = Fraction(2) ** 1024
    if math.isinf(got):
        if abs(truth) >= limit - Fraction(2) ** 970 and (got > 0) == (truth > 0):
            return 0.0
        distance = abs(truth - (limit if got > 0 else -limit))
    else:
        distance = abs(truth - Fraction(got))
    return ratio(distance, unit(max(abs(truth), abs(scale or Fraction(0)))))


def measured(
    got: float, truth: Fraction, error: Fraction, scale: Fraction | None = None
) -> tuple[float, float]:
    """Return the distance of a float from a truth that is known up to an error, and that error.

    Both are in the units of `ulps`. Where everything within the error rounds to the same infinity,
    the error does not matter.

    Examples
    --------
    >>> measured(math.inf, Fraction(10) ** 400, Fraction(10) ** 390)
    (0.0, 0.0)
    """
    distance = ulps(got, truth, scale)
    if distance == 0 and math.isinf(got) and ulps(got, truth - error) == ulps(got, truth + error):
        return 0.0, 0.0
    return distance, ratio(error, unit(max(abs(truth), abs(scale or Fraction(0)))))


def ratio(numerator: Fraction, denominator: Fraction) -> float:
    """Return a quotient as a float; inf where it overflows or where only the divisor is 0."""
    if not numerator:
        return 0.0
    try:
        return float(numerator / denominator)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def nearest(x: Fraction) -> float:
    """Return the nearest float; inf beyond the largest."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf
