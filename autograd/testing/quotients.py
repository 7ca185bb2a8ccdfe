"""Value and derivative of a function of one argument in mpmath, at many points and quickly.

Four values at a step that is far below the argument give a central difference, and from the third
difference its error. A point that is not settled so, by several steps and precisions, goes to
`autograd.testing.precise`, and so do some that are, to be sure of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.references import Reference
from autograd.testing.stochastic import magnitude

_CLOSE = 60  # bits that two estimates of a derivative share
_WAYS, _PATIENCE = 6, 4
_FAR = 4000  # binary exponents
_SURE = 640  # bits of a value
_SAMPLE = 24  # points of any run at which both ways have to agree


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
        self._least = self.mp.ldexp(1, -1080)  # no double is smaller
        self._idle = [0] * _WAYS  # for how many points more each way rests, since it failed

    def at(self, x: float) -> Truth:
        """Return value and derivative at a float."""
        for k, (bits, step) in enumerate(self._ways(x)):
            if self._idle[k]:
                self._idle[k] -= 1
                continue
            with self.mp.workprec(bits):
                found = self._tried(self.mp.mpf(x), step)
            if found is not None:
                return found
            self._idle[k] = _PATIENCE
        self._idle = [0] * _WAYS
        value = self.reference(self.mp.mpf(x))
        if value is not None and magnitude(value) > _FAR:
            return Truth(value)  # beyond all formats: no derivative is looked for
        return self.precisely(x)

    def precisely(self, x: float) -> Truth:
        """Return the same by the oracle of `check_gradients`."""
        slope = Precise(lambda xs: self.reference.of(xs[0]), [x]).slope(0)
        with self.mp.workprec(_SURE):
            value = self.reference(self.mp.mpf(x))
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

    def _ways(self, x: float) -> list[tuple[int, int]]:
        """Precisions, and the exponents of the steps to take with each."""
        size = int(self.mp.frexp(self.mp.mpf(x))[1]) if x else 0
        tiny = max(0, -size)
        return [
            (160, size - 44),
            (160, -44 if tiny > 8 else size - 60),  # smooth at 0
            (300, size - 100),  # beside a kink or a pole
            (300 + 3 * tiny if tiny > 8 else 1300, size - 100),  # saturated, or even
            (300 + max(size, 0) + tiny, min(size, 0) - 100),  # oscillating
            (3600 + tiny, min(size, 0) - 1200),  # and steep
        ]

    def _tried(self, x: Any, step: int) -> Truth | None:
        """The truth by a step of 2**step; None where it does not settle."""
        mp, h = self.mp, self.mp.ldexp(1, step)
        here = self.reference(x)
        if here is None:
            return Truth(None)
        low, high, beyond = (self.reference(x + k * h) for k in (-1, 1, 2))
        if low is None or high is None or beyond is None:
            return None
        before, after = here - low, high - here
        slope = mp.ldexp(before + after, -1 - step)
        scale = max(abs(here), abs(beyond), abs(low))
        error = mp.ldexp(abs(beyond - high - 2 * after + before), -step)
        error += mp.ldexp(scale, 12 - mp.prec - step)
        if error > max(mp.ldexp(abs(slope), -_CLOSE), self._least):
            return None
        lost = max(scale, abs(x), 1)  # the size of what may have cancelled
        if not slope and mp.ldexp(lost, 12 - mp.prec - step) > self._least:
            return None
        return Truth(here, slope, error, mp.ldexp(after - before, -2 * step))


def _moderate(truth: Truth) -> bool:
    """Whether a derivative is settled that is near the size of floats, or 0."""
    return truth.slope is not None and (not truth.slope or abs(magnitude(truth.slope)) < _FAR)
