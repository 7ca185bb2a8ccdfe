"""Value and derivative of a function of one argument in mpmath, at many points and quickly.

Four values at a step that is far below the argument give a central difference, and from the third
difference its error. A point that is not settled so, by several steps and precisions, goes to
`autograd.testing.precise`, and so do some that are, to be sure of the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.references import Reference
from autograd.testing.stochastic import magnitude

_CLOSE = 60  # bits that two estimates of a derivative share
_NOISE = 12  # bits at the end of a value that are not trusted
_LEAST = -1080  # no double is smaller than two to this power
_WIDE = -10  # the exponent of steps that may skip from one period to another
_PARTS = (0.296875, 0.703125)  # of the way from one whole number to the next
_WHOLE = 64  # from this binary exponent on floats are whole numbers, with room to go aside
_WAYS, _REST = 7, (4, 64)  # for how many points a way rests that failed, and that failed again
_FAR = 4000  # binary exponents
_SURE = 640  # bits of a value
_SAMPLE = 24  # points of any run at which both ways have to agree


class Way(NamedTuple):
    """How a difference is taken.

    Parameters
    ----------
    bits : int
        The precision.
    step : int
        The binary exponent of the step.
    aside : bool
        Whether it is taken a little aside of the point, and the value at the point with few bits:
        huge floats are whole numbers, to which mpmath raises e step by step if many are asked for.
    """

    bits: int
    step: int
    aside: bool = False


@dataclass(frozen=True)
class Truth:
    """What mpmath says at one point.

    Parameters
    ----------
    value : mpf or None
        None at a pole and outside of the domain.
    slope : mpf or None
        None where there is no derivative.
    error : mpf
        Of the derivative.
    bend : mpf
        About the second derivative: how much the slope changes with the argument.
    left, right : mpf or None
        The one-sided derivatives at a kink.
    """

    value: Any
    slope: Any = None
    error: Any = 0
    bend: Any = 0
    left: Any = None
    right: Any = None


class Quotients:
    """The truth about a function of one argument.

    Parameters
    ----------
    reference : Reference

    Examples
    --------
    >>> import mpmath
    >>> truth = Quotients(Reference(mpmath.tanh)).at(20.0)
    >>> float(truth.slope), float(truth.error) < 1e-34
    (1.6993417021166355e-17, True)
    """

    def __init__(self, reference: Reference) -> None:
        import mpmath

        self.mp, self.reference = mpmath.mp, reference
        self._resting = [0] * _WAYS  # for how many points more
        self._rest = [_REST[0]] * _WAYS  # how long each rests when it fails
        self._quick = True  # whether one of them settled the last point
        self._needed = 0  # bits, by the last point

    def at(self, x: float) -> Truth:
        """Return value and derivative at a float."""
        ways, later = self._ways(x), []
        for k, way in enumerate(ways):
            if self._resting[k]:
                self._resting[k] -= 1
                later.append(way)
                continue
            found = self._tried(x, way)
            if found is not None:
                self._rest[k], self._quick = _REST[0], True
                return found
            self._resting[k], self._rest[k] = self._rest[k], min(2 * self._rest[k], _REST[1])
        for way in later if self._quick else ():
            found = self._tried(x, way)
            if found is not None:
                return found
        self._quick = False
        value = self.reference(self.mp.mpf(x))
        if value is not None and magnitude(value) > _FAR:
            return Truth(value)  # beyond all formats: no derivative is looked for
        return self.precisely(x)

    def precisely(self, x: float) -> Truth:
        """Return the same by the oracle of `check_gradients`."""
        oracle = Precise(lambda xs: self.reference.of(xs[0]), [x])
        slope, value = oracle.slope(0), self._surely(x, oracle.start)
        if slope.derivative is None:
            return Truth(value, left=self._number(slope.left), right=self._number(slope.right))
        error = self.mp.mpf(slope.derivative.error.numerator) / slope.derivative.error.denominator
        return Truth(value, self._number(slope.derivative), error)

    def bend(self, x: float) -> Any:
        """Return the second derivative, 0 where there is none."""
        found = Precise(lambda xs: self.reference.of(xs[0]), [x]).curvature(0, 0).derivative
        return self._number(found) if found else 0

    def _number(self, x: Estimate | None) -> Any:
        """The number of an estimate; None if there is none."""
        with self.mp.workprec(256):
            return None if x is None else self.mp.mpf(x.value.numerator) / x.value.denominator

    def doubted(self, found: dict[float, Truth]) -> list[float]:
        """Return the points that the quick ways may have got wrong, as a sample tells.

        They lie between neighbours in it at which the slow way does not say the same. If a second
        sample of the others finds more, they are all.
        """
        points = sorted(x for x, truth in found.items() if _moderate(truth))
        every = len(points) // _SAMPLE + 1
        same = [self._confirmed(x, found[x]) for x in points[::every]]
        if all(same):
            return []
        same.append(same[-1])  # beyond the last one
        sure = [
            same[k] and same[k + bool(i)] for k, i in (divmod(n, every) for n in range(len(points)))
        ]
        others = [x for x, is_sure in zip(points, sure, strict=True) if is_sure]
        if not all(self._confirmed(x, found[x]) for x in others[every // 2 :: every]):
            return points
        return [x for x, is_sure in zip(points, sure, strict=True) if not is_sure]

    def _confirmed(self, x: float, quick: Truth) -> bool:
        """Whether the slow way gives the same derivative at a point."""
        slow = self.precisely(x)
        if slow.slope is None:
            return False
        close = abs(self.mp.ldexp(quick.slope, -_CLOSE + 2))
        return bool(abs(slow.slope - quick.slope) <= slow.error + quick.error + close)

    def _ways(self, x: float) -> list[Way]:
        """The ways to try in turn."""
        size = math.frexp(x)[1]
        tiny, huge = max(0, -size), max(0, size)
        if huge > _WHOLE:
            step, aside, least, most = -100, True, 300 + 2 * huge, 1240 + 2 * huge
        else:
            step, aside, least, most = size - 60, False, 176, 1300
        needed = self._needed - 2 * step + size - 60
        even = 300 + 3 * tiny if tiny > 8 else 1300
        return [
            Way(160, size - 44),
            Way(160, -44 if tiny > 8 else size - 60),  # smooth at 0
            Way(min(max(least, needed), most), step, aside),  # like the last point
            Way(340, size - 100),  # beside a kink or a pole
            Way(most, step, aside) if aside else Way(even, size - 100),  # saturated, or even
            Way(300 + (1 + aside) * huge + tiny, min(size, 0) - 100, aside),  # oscillating
            Way(3600 + tiny, min(size, 0) - 1200),  # and steep
        ]

    def _tried(self, x: float, way: Way) -> Truth | None:
        """The truth by one way; None where it does not settle."""
        mp, at = self.mp, self.mp.mpf(x)
        with mp.workprec(300 if way.aside else way.bits):
            here = self.reference(at)
        if here is None:
            return Truth(None)
        with mp.workprec(way.bits):
            h = mp.ldexp(1, way.step)
            low, high, beyond = (self.reference(at + k * h) for k in (-1, 1, 2))
            now = self.reference(at + mp.ldexp(h, -64)) if way.aside else here
            if low is None or now is None or high is None or beyond is None:
                return None
            if abs(now - here) > mp.ldexp(abs(now), -_CLOSE - _NOISE):
                here = self.reference(at)  # few bits were too few
            lost = max(map(magnitude, (low, high, beyond, at, 1)))  # what may have cancelled
            found = self._settled((low, now, high, beyond), lost, way)
        if found is None or (way.step > _WIDE and not self._goes_straight(at, found, way.bits)):
            return None
        if self._seen(here, lost - way.bits):
            return replace(found, value=here)
        return replace(found, value=self._surely(at, 220 - _LEAST))

    def _settled(self, values: Sequence[Any], lost: float, way: Way) -> Truth | None:
        """The derivative by four values, a step apart; None where they leave doubt."""
        ldexp, (bits, step, _) = self.mp.ldexp, way
        (low, now, high, beyond), unit = _whole(values, bits + 64)
        before, after = now - low, high - now
        twice = before + after  # two steps of the derivative
        error = abs(beyond - high - 2 * after + before)
        error += max(abs(low), abs(now), abs(beyond)) >> bits - _NOISE
        if not self.reference.bare and max(map(magnitude, values)) > _LEAST:
            error += 1 << max(0, int(lost) + 2 - bits - unit)  # terms that cancelled have rounded
        if error << _CLOSE + 1 > abs(twice) and error.bit_length() > _LEAST + step - unit:
            return None
        if values[0] == values[2] and lost + _NOISE - bits - step > _LEAST:
            return None
        slope = ldexp(twice, unit - 1 - step)
        bend = ldexp(2 * (beyond - high) - twice, unit - 2 * step) / 3  # without the center
        self._needed = int(lost - max(magnitude(slope) - _CLOSE, _LEAST)) + _NOISE + 24
        return Truth(None, slope, ldexp(error, unit - step), bend)

    def _goes_straight(self, x: Any, found: Truth, bits: int) -> bool:
        """Whether the function goes between whole numbers as it does from one to another.

        floor and sin(pi x) do not. What has settled with a wide step bends less than 2**-20.
        """
        ldexp = self.mp.ldexp
        with self.mp.workprec(bits + int(magnitude(x))):
            less, more = (self.reference(x + part) for part in _PARTS)
            if less is None or more is None:
                return False
            expected = found.slope * (_PARTS[1] - _PARTS[0])
            off = abs(more - less - expected)
            return bool(off <= max(ldexp(abs(expected), -20), ldexp(1, _LEAST)))

    def _seen(self, value: Any, noise: float) -> bool:
        """Whether a value has digits enough beside what may have cancelled.

        mpmath's own functions see to it themselves, and what is below all doubles is no difference.
        """
        size = magnitude(value)
        return self.reference.bare or size >= noise + 72 or bool(value and size <= _LEAST)

    def _surely(self, x: Any, bits: int) -> Any:
        """The value at a point, at a precision that lets few terms cancel."""
        with self.mp.workprec(max(bits, _SURE)):
            return self.reference(self.mp.mpf(x))


def _whole(numbers: Sequence[Any], digits: int) -> tuple[list[int], int]:
    """Numbers of mpmath as multiples of a power of two, and its exponent.

    What is below so many digits of the largest is cut off.
    """
    if not any(numbers):
        return [0] * len(numbers), 0
    unit, multiples = int(max(map(magnitude, numbers))) - digits, []
    for x in numbers:
        sign, mantissa, exponent, _ = x._mpf_
        shift = exponent - unit
        whole = int(mantissa << shift if shift >= 0 else mantissa >> -shift)
        multiples.append(-whole if sign else whole)
    return multiples, unit


def _moderate(truth: Truth) -> bool:
    """Whether a derivative is settled that is near the size of floats, or 0."""
    return truth.slope is not None and (not truth.slope or abs(magnitude(truth.slope)) < _FAR)
