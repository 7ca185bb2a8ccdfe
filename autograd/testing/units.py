"""Units in the last place: how far a float is from the truth, in exact arithmetic."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Format:
    """A binary format of floating-point numbers (IEEE 754).

    Parameters
    ----------
    name : str
        As NumPy and PyTorch call it.
    digits : int
        Binary digits of a normal number, the leading one included.
    lowest, highest : int
        Exponents of the smallest normal number and of the first beyond the largest, as
        `math.frexp` counts.
    code : str
        What `struct` calls it.

    Examples
    --------
    >>> SINGLE.rounded(0.1), SINGLE.holds(0.1), SINGLE.holds(0.5)
    (0.10000000149011612, False, True)
    """

    name: str
    digits: int
    lowest: int
    highest: int
    code: str

    @cached_property
    def least(self) -> Fraction:
        """The smallest positive number, and the unit of subnormal numbers."""
        return Fraction(2) ** (self.lowest - self.digits)

    @property
    def roundoff(self) -> float:
        """The relative error of one rounded operation."""
        return 2.0**-self.digits

    def rounded(self, x: float) -> float:
        """Return the nearest number of this format; inf beyond the largest."""
        try:
            (rounded,) = struct.unpack(self.code, struct.pack(self.code, x))
        except OverflowError:
            return math.copysign(math.inf, x)
        return float(rounded)

    def holds(self, x: float) -> bool:
        """Tell whether a float is a number of this format."""
        return x != x or self.rounded(x) == x


DOUBLE = Format("float64", 53, -1021, 1024, "d")
SINGLE = Format("float32", 24, -125, 128, "f")
HALF = Format("float16", 11, -13, 16, "e")
FORMATS = {x.name: x for x in (DOUBLE, SINGLE, HALF)}
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
    if exponent + bits < -_BEYOND:
        return Fraction(0)
    if exponent + bits > _BEYOND:
        return Fraction((-1) ** sign * 2**_BEYOND)
    size = Fraction(int(digits)) * Fraction(2) ** int(exponent)
    return -size if sign else size


def exponent(x: Fraction) -> int:
    """Return e with 2**(e-1) <= abs(x) < 2**e, for x that is not 0."""
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return e + 1 if abs(x) >= Fraction(2) ** e else e


def unit(x: Fraction, form: Format = DOUBLE) -> Fraction:
    """Return the unit in the last place of a number of the size of `x`: of a double, usually.

    It is 2**-1074 for subnormal doubles and 0, and 2**971 for numbers beyond the doubles.

    Examples
    --------
    >>> float(unit(Fraction(1))), float(unit(Fraction(0)))
    (2.220446049250313e-16, 5e-324)
    >>> float(unit(Fraction(1), SINGLE))
    1.1920928955078125e-07
    """
    if not x:
        return form.least
    return Fraction(2) ** (min(max(exponent(x), form.lowest), form.highest) - form.digits)


def unit_of(truth: Fraction, scale: Fraction | None, form: Format) -> Fraction:
    """Return the unit in which an error of a number is counted: its own, or that of a scale."""
    return unit(max(abs(truth), abs(scale)) if scale else truth, form)


def ulps(
    got: float, truth: Fraction, scale: Fraction | None = None, form: Format = DOUBLE
) -> float:
    """Return the distance of a float from the truth in units in the last place of the truth.

    Parameters
    ----------
    got : float
        An infinity is right where the truth rounds to it; nan is infinitely far from any number.
    truth : Fraction
    scale : Fraction, optional
        Take the unit of this number where it is the larger one: the largest term of a sum that
        cancels.
    form : Format
        Whose units.

    Examples
    --------
    >>> ulps(1.0 + 2**-52, Fraction(1)), ulps(math.nan, Fraction(1))
    (1.0, inf)
    """
    return _distance(got, truth, unit_of(truth, scale, form), form)


def _distance(got: float, truth: Fraction, one: Fraction, form: Format) -> float:
    """The distance of a float from the truth in some units."""
    if math.isnan(got):
        return math.inf
    if not math.isinf(got):
        return ratio(abs(truth - Fraction(got)), one)
    sign, limit = int(math.copysign(1.0, got)), Fraction(2) ** form.highest
    if sign * truth >= limit - Fraction(2) ** (form.highest - form.digits - 1):
        return 0.0
    return ratio(limit - sign * truth, one)


def measured(
    got: float,
    truth: Fraction,
    error: Fraction,
    scale: Fraction | None = None,
    form: Format = DOUBLE,
) -> tuple[float, float]:
    """Return the distance of a float from a truth that is known up to an error, and that error.

    Both are in the units of `ulps`. Where everything within the error rounds to the same infinity,
    the error does not matter.

    Examples
    --------
    >>> measured(math.inf, Fraction(10) ** 400, Fraction(10) ** 390)
    (0.0, 0.0)
    """
    one = unit_of(truth, scale, form)
    distance = _distance(got, truth, one, form)
    ends = (truth - error, truth + error) if math.isinf(got) and not distance else ()
    if ends and not any(ulps(got, end, scale, form) for end in ends):
        return 0.0, 0.0
    return distance, ratio(error, one)


def ratio(numerator: Fraction, denominator: Fraction) -> float:
    """Return a quotient as a float; inf where it overflows or where only the divisor is 0."""
    if not numerator:
        return 0.0
    try:
        return float(numerator / denominator)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def nearest(x: Fraction, form: Format = DOUBLE) -> float:
    """Return the nearest float; inf beyond the largest."""
    try:
        return float(x) if form is DOUBLE else form.rounded(float(x))
    except OverflowError:
        return math.inf if x > 0 else -math.inf
