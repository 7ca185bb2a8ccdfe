"""Oracles: derivatives of a function from its values alone, each with its own error.

No oracle knows a rule of the table or sweeps a graph. All see the function under test as a flat
one: a list of numbers in, one number out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from autograd.testing.differences import Differences
from autograd.testing.extras import require
from autograd.testing.units import LEAST, exact, exponent

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
    """

    derivative: Estimate | None
    left: Estimate | None = None
    right: Estimate | None = None


class Oracle(Protocol):
    """What finds derivatives of a flat function at one point."""

    name: str

    def slope(self, i: int) -> Slope:
        """Return the derivative by argument `i`."""


class Precise:
    """Differences in mpmath, at a precision that rises until the answer stands still.

    With P bits and a step of 2**(-P/3) relative to the argument, a central difference is good
    to about P/3 bits where the function is smooth. Two precisions that agree to 64 bits settle
    it, and their difference is the error that is reported, far more than the second one's own. A
    zero is believed only at 4096 bits, where no sum of doubles can have absorbed its smaller
    terms. At a kink the two one-sided differences settle at different numbers.

    Parameters
    ----------
    f : callable
        The flat function; it is given numbers of mpmath.
    xs : sequence of float
    bits : int
        The precision to start with; more where intermediate results differ vastly in size.
    """

    name = "mpmath"
    largest = 16_384

    def __init__(self, f: Flat, xs: Sequence[Any], bits: int = 256) -> None:
        self.mp = require("mpmath", "the mpmath oracle").mp
        self.f, self.xs, self.bits = f, list(xs), bits
        self._centers: dict[int, Any] = {}

    def slope(self, i: int) -> Slope:
        """Return the derivative by argument `i`, or the one-sided ones at a kink."""
        before = None
        bits = self.bits
        while bits <= self.largest:
            now = self._sides(i, bits)
            if before is not None:
                found = self._settled(before, now, bits)
                if found is not None:
                    return found
            before, bits = now, self._next(now[0], bits)
        return Slope(None)

    def curvature(self, i: int, j: int) -> Slope:
        """Return the second derivative by arguments `i` and `j`, without one-sided ones."""
        before: Any = None
        bits = self.bits
        while bits <= self.largest:
            now = self._mixed(i, j, bits)
            if before is not None and now is not None:
                estimate = self._agreement(before, now, bits)
                if estimate is not None:
                    return Slope(estimate)
            before, bits = now, self._next(now, bits)
        return Slope(None)

    def _next(self, now: Any, bits: int) -> int:
        """The next precision: at a zero, the one at which it is believed."""
        return max(2 * bits, 4096) if now == 0 and bits > self.bits else 2 * bits

    def _value(self, xs: Sequence[Any]) -> Any:
        """The function at numbers of mpmath; None where it has no finite real value."""
        try:
            y = self.f(xs)
        except (ZeroDivisionError, ValueError, OverflowError):  # mpmath's poles
            return None
        if not hasattr(y, "_mpf_"):
            try:
                y = self.mp.mpf(y)
            except TypeError:  # a complex number of mpmath: outside of the real domain
                return None
        return y if self.mp.isfinite(y) else None

    def _steps(self, i: int, bits: int, fraction: int) -> tuple[list[Any], Any]:
        """The arguments as mpf, and a step along one of them."""
        xs = [self.mp.mpf(x) for x in self.xs]
        scale = self.mp.frexp(xs[i])[1] if xs[i] else 0
        return xs, self.mp.mpf(2) ** (int(scale) - bits // fraction)

    def _sides(self, i: int, bits: int) -> tuple[Any, Any, Any]:
        """The central, left and right difference quotients; None where a value is missing."""
        with self.mp.workprec(bits):
            xs, h = self._steps(i, bits, 3)
            if bits not in self._centers:
                self._centers[bits] = self._value(xs)
            center, x = self._centers[bits], xs[i]
            xs[i] = x - h
            low = self._value(xs)
            xs[i] = x + h
            high = self._value(xs)
            return (
                None if low is None or high is None else (high - low) / (2 * h),
                None if low is None or center is None else (center - low) / h,
                None if high is None or center is None else (high - center) / h,
            )

    def _settled(
        self, before: tuple[Any, Any, Any], now: tuple[Any, Any, Any], bits: int
    ) -> Slope | None:
        """What two precisions agree on; None where another one is needed."""
        if before[1:] == now[1:] == (None, None):
            return Slope(None)  # undefined here
        with self.mp.workprec(bits):
            sides = [
                None if a is None or b is None else self._agreement(a, b, bits, one_sided=True)
                for a, b in zip(before[1:], now[1:], strict=True)
            ]
            if None in now:
                return Slope(None, *sides) if any(sides) or bits >= 4096 else None
            jumps = [abs(right - left) for _, left, right in (before, now) if left is not None]
            scale = max(abs(now[1]), abs(now[2]))
            smooth = jumps[-1] <= scale * self.mp.mpf(2) ** (-bits // 6)
            if smooth or (len(jumps) == 2 and jumps[1] * 2**30 <= jumps[0]):
                estimate = self._agreement(before[0], now[0], bits) if before[0] is not None else 0
                return Slope(estimate) if isinstance(estimate, Estimate) else None
        return Slope(None, *sides) if all(sides) or bits >= 8192 else None

    def _agreement(
        self, before: Any, now: Any, bits: int, one_sided: bool = False
    ) -> Estimate | None:
        """The number that two precisions agree on, with their difference as its error."""
        error = abs(now - before)
        close = error <= abs(now) * self.mp.mpf(2) ** (-60 if not one_sided else -40)
        if one_sided and not now:
            return Estimate(Fraction(0), Fraction(0)) if not before else None
        if not now and bits < 4096:
            return None
        if close and now and exponent(exact(now)) > 2000:
            return Estimate(exact(now), Fraction(1))  # far beyond the doubles: all the same
        return Estimate(exact(now), exact(error)) if close or exact(error) < LEAST else None

    def _mixed(self, i: int, j: int, bits: int) -> Any:
        """The central difference quotient of second order."""
        with self.mp.workprec(bits):
            xs, h = self._steps(i, bits, 5)
            _, k = self._steps(j, bits, 5)
            total = self.mp.mpf(0)
            for s in (1, -1):
                for t in (1, -1):
                    moved = list(xs)
                    moved[i] = moved[i] + s * h
                    moved[j] = moved[j] + t * k
                    y = self._value(moved)
                    if y is None:
                        return None
                    total += s * t * y
            return total / (4 * h * k)


class ComplexStep:
    """Im f(x + i h)/h with h = 1e-150: the derivative of an analytic function, no cancellation.

    Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
    Review 40 (1998), 110-112. The error of the formula is far below rounding; that of the
    evaluation is estimated from neighbouring arguments. `abs` and comparisons are not analytic:
    a function that uses them is refused or, where they pass in silence, found out by finite
    differences.

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

    def slope(self, i: int) -> Slope:
        """Return the derivative by argument `i`."""
        x = self.xs[i]
        points = [x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf)]
        found = [self._slope_at(i, point) for point in points]
        if not all(map(math.isfinite, found)):
            return Slope(None)
        error = 16 * max(abs(found[0] - other) for other in found) + 2**-50 * abs(found[0])
        if self.control is not None:
            other, doubt = self.control.derivative(i)
            if not abs(other - found[0]) <= doubt + error:
                raise UnsuitableError(
                    f"complex step ({found[0]:.6g}) and finite differences ({other:.6g}) "
                    "disagree: the function is not analytic"
                )
        return Slope(Estimate(Fraction(found[0]), Fraction(error)))

    def _slope_at(self, i: int, x: float) -> float:
        """The complex step with one argument replaced."""
        xs = [complex(x) for x in self.xs]
        xs[i] = complex(x, self.step)
        try:
            return float(complex(self.f(xs)).imag / self.step)
        except TypeError as error:
            raise UnsuitableError(f"the function does not take complex numbers: {error}") from error
        except (ArithmeticError, ValueError):
            return math.nan


class Finite:
    """Finite differences in floats: for functions that take nothing but floats.

    Parameters
    ----------
    f : callable
        The flat function; it is given floats.
    xs : sequence of float
    """

    name = "finite differences"

    def __init__(self, f: Flat, xs: Sequence[Any]) -> None:
        self.differences = Differences(f, xs)

    def slope(self, i: int) -> Slope:
        """Return the derivative by argument `i`, or the one-sided ones at a kink."""
        value, error = self.differences.derivative(i)
        left, right = (self.differences.one_sided(i, side) for side in (-1, 1))
        distance = abs(left[0] - right[0])
        sides = [_estimate(*left), _estimate(*right)]
        if not math.isfinite(value) or distance > 8 * (left[1] + right[1]):
            return Slope(None, *sides)
        return Slope(_estimate(value, error))


def _estimate(value: float, error: float) -> Estimate | None:
    """A float and its error, where both are finite."""
    if not (math.isfinite(value) and math.isfinite(error)):
        return None
    return Estimate(Fraction(value), Fraction(error))
