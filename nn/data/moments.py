"""Moments: the mean and the deviation of many floats, exact up to the one rounding at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]

LIMB, DIGITS = 18, 53  # bits of a limb, three of which hold the digits of a float
PART = 1 << 16  # numbers whose products of limbs are summed in floats without rounding


def moments(column: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """Return the mean and the standard deviation of finite floats, that of the population.

    The numbers are taken apart into limbs, whose sums and products are whole and small enough to
    be exact; the sums of all of them are put together as fractions.

    Examples
    --------
    >>> moments(np.array([1e16, 1.0, -1e16, 2.0]))[0]
    0.75
    """
    total, squares = Fraction(0), Fraction(0)
    for at in range(0, len(column), PART):
        mantissas, exponents = np.frexp(column[at : at + PART])
        digits = np.ldexp(mantissas, DIGITS).astype(np.int64)
        low = (1 << LIMB) - 1
        a, b, c = digits >> 2 * LIMB, digits >> LIMB & low, digits & low
        lowest = int(exponents.min())
        place = exponents - lowest
        terms = (a, 2), (b, 1), (c, 0)
        products = (a * a, 4), (2 * a * b, 3), (2 * a * c + b * b, 2), (2 * b * c, 1), (c * c, 0)
        unit = Fraction(2) ** (lowest - DIGITS)
        total += unit * _sum(terms, place, 1)
        squares += unit**2 * _sum(products, place, 2)
    count = len(column)
    return float(total / count), _root((squares - total * total / count) / count)


def _sum(terms: Iterable[tuple[Ints, int]], place: Ints, power: int) -> int:
    """Return the sum of whole numbers, each times 2 to the power of its limb and of its place."""
    total = 0
    for numbers, limb in terms:
        sums = np.bincount(place, weights=numbers)
        for i in np.flatnonzero(sums).tolist():
            total += int(sums[i]) << LIMB * limb + power * i
    return total


def _root(x: Fraction) -> float:
    """Return the root of a fraction, rounded once."""
    if not x:
        return 0.0
    top, under = x.numerator, x.denominator
    shift = 64 - (top.bit_length() - under.bit_length()) // 2
    whole, rest = divmod(top << 2 * shift, under) if shift > 0 else divmod(top, under << -2 * shift)
    root = math.isqrt(whole)
    return math.ldexp(2 * root + (rest > 0 or root * root < whole), -shift - 1)
