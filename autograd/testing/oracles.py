"""Oracles: derivatives of a function from its values alone, each with its own error.

No oracle knows a rule of the table or sweeps a graph. All see the function under test as a flat
one: a list of numbers in, one number or a list of results out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from autograd.testing.differences import Differences
from autograd.testing.quiet import quietly
from autograd.testing.stochastic import scatters
from autograd.testing.units import LEAST

Flat = Callable[[Sequence[Any]], Any]


class UnsuitableError(Exception):
    """A function that an oracle cannot evaluate; the message says why."""


@dataclass(frozen=True)
class Estimate:
    """A number, and a bound of its error.

    Parameters
    ----------
    value, error : Fraction
    """

    value: Fraction
    error: Fraction


@dataclass(frozen=True)
class Slope:
    """What an oracle found out about a function along one argument.

    Parameters
    ----------
    derivative : Estimate or None
        None where there is none: at a kink, a jump, an end of the domain.
    left, right : Estimate or None
        The one-sided derivatives at a kink, where they are finite.
    size : float or None
        Of oracles that see some digits only: what derivatives of this function are like, whatever
        this one is.
    """

    derivative: Estimate | None
    left: Estimate | None = None
    right: Estimate | None = None
    size: float | None = field(default=None, kw_only=True)


class Oracle(Protocol):
    """What finds derivatives of a flat function at one point."""

    name: str

    def slope(self, i: int, k: int = 0) -> Slope:
        """Return the derivative of result `k` by argument `i`."""


class ComplexStep:
    """Im f(x + i h)/h with h = 1e-150: the derivative of an analytic function, no cancellation.

    Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
    Review 40 (1998), 110-112. The error of the formula is far below rounding, unless the
    imaginary parts underflow (5e-324/h); that of the
    evaluation is estimated from neighbouring arguments and from runs with random digits, and is
    taken to be 2**-42 at least, as C libraries compute complex functions by other formulas. `abs`
    and comparisons are not analytic: a function that uses them, or drops the imaginary part, is
    refused or, where that passes in silence, found out by finite differences from both sides.

    Parameters
    ----------
    f : callable
        The flat function; it is given complex numbers.
    xs : sequence of float
    control : Differences, optional
        Finite differences of the same function.
    """

    name = "complex step"
    step = 1e-150

    def __init__(self, f: Flat, xs: Sequence[Any], control: Differences | None = None) -> None:
        self.f, self.xs, self.control = f, [float(x) for x in xs], control
        self._stepped_along: dict[int, list[tuple[float, float]]] = {}
        self._found: dict[tuple[int, int], Slope] = {}

    def slope(self, i: int, k: int = 0) -> Slope:
        """Return the derivative of result `k` by argument `i`."""
        if (i, k) not in self._found:
            self._found[i, k] = self._slope(i, k)
        return self._found[i, k]

    def _slope(self, i: int, k: int) -> Slope:
        """The same, looked for."""
        if i not in self._stepped_along:
            self._stepped_along[i] = self._derivatives(i)
        found, error = self._stepped_along[i][k]
        if not (math.isfinite(found) and math.isfinite(error)):
            if self.control is not None and math.isfinite(self.control.derivative(i, k)[0]):
                raise UnsuitableError("the function has no finite values at complex numbers")
            return Slope(None)
        size = abs(found)
        if self.control is not None:
            size = max(size, self.control.size(i, k))
            other, doubt = self.control.derivative(i, k)
            sides = [self.control.one_sided(i, side, k) for side in (-1, 1)]
            if not abs(other - found) <= doubt + error or any(
                abs(one - found) > 8 * (unsure + error) for one, unsure in sides
            ):
                raise UnsuitableError(
                    f"complex step ({found:.6g}) and finite differences ({other:.6g}) "
                    "disagree: the function is not analytic"
                )
            if not found and not doubt < size:
                raise UnsuitableError(
                    "complex step is 0, and finite differences see too little to say whether the "
                    "function drops imaginary parts"
                )
        return Slope(Estimate(Fraction(found), Fraction(error)), size=size)

    def _derivatives(self, i: int) -> list[tuple[float, float]]:
        """The derivatives of all results, each with its error."""
        x = self.xs[i]
        at = self._slopes_at(i, x)
        points = (math.nextafter(x, math.inf), math.nextafter(x, -math.inf))
        around = [self._slopes_at(i, point) for point in points]
        seen = scatters(self.f, self._stepped(i, x), lambda y: complex(y).imag / self.step)
        seen += [0.0] * (len(at) - len(seen))
        least = 16 * float(LEAST) / self.step
        found = []
        for slope, *others, scattered in zip(at, *around, seen, strict=True):
            apart = [abs(slope - other) for other in others]
            error = 16 * max(apart) if all(map(math.isfinite, apart)) else math.inf
            found.append((slope, error + 2**-42 * abs(slope) + scattered + least))
        return found

    def _slopes_at(self, i: int, x: float) -> list[float]:
        """The complex step with one argument replaced."""
        try:
            with quietly():
                y = self.f(self._stepped(i, x))
            results = y if isinstance(y, list) else [y]
            return [float(complex(y).imag / self.step) for y in results]
        except Exception as error:  # whatever foreign code says to numbers that it does not know
            at_floats = [math.nan] if self.control is None else self.control.center
            if isinstance(error, (ArithmeticError, ValueError)) and not all(
                map(math.isfinite, at_floats)
            ):
                return [math.nan] * len(at_floats)  # a pole, or outside of the domain
            raise UnsuitableError(f"the function does not take complex numbers: {error}") from error

    def _stepped(self, i: int, x: float) -> list[complex]:
        """The arguments with one replaced, and a step made along it."""
        xs = [complex(x) for x in self.xs]
        xs[i] = complex(x, self.step)
        return xs


class Finite:
    """Finite differences in floats: for functions that take nothing but floats.

    Parameters
    ----------
    f : callable
        The flat function; it is given floats.
    xs : sequence of float
    differences : Differences, optional
        Those that there are already.
    """

    name = "finite differences"

    def __init__(self, f: Flat, xs: Sequence[Any], differences: Differences | None = None) -> None:
        self.differences = differences or Differences(f, xs)

    def slope(self, i: int, k: int = 0) -> Slope:
        """Return the derivative of result `k` by argument `i`, or the one-sided ones at a kink."""
        value, error = self.differences.derivative(i, k)
        left, right = (self.differences.one_sided(i, side, k) for side in (-1, 1))
        distance = abs(left[0] - right[0])
        sides = [_estimate(*left), _estimate(*right)]
        if not math.isfinite(value) or distance > 8 * (left[1] + right[1]):
            return Slope(None, *sides)
        return Slope(_estimate(value, error), size=self.differences.size(i, k))


def _estimate(value: float, error: float) -> Estimate | None:
    """A float and its error, where both are finite."""
    if not (math.isfinite(value) and math.isfinite(error)):
        return None
    return Estimate(Fraction(value), Fraction(error))
