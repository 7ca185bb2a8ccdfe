"""The best oracle: differences in mpmath, at a precision that covers what the program meets."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import product
from typing import Any, TypeVar

from autograd.extras import need
from autograd.testing.oracles import Estimate, Flat, Slope
from autograd.testing.stochastic import Run, magnitude
from autograd.testing.units import exact

_DRAWS = 4  # of last digits, until they move the value
_GUARD = 2**32  # times the noise of one run, whose digits may by chance have been drawn close
_CLOSE, _CLOSE_AT_KINKS = 2.0**-60, 2.0**-40
_ENOUGH = 2048  # bits: the noise of numbers near 1, divided by the step, is below all doubles

Found = TypeVar("Found")


@dataclass(frozen=True)
class _Level:
    """What one precision gives, and the step by which noise was divided; None: no value there."""

    bits: int
    step: Any
    central: Any
    left: Any = None
    right: Any = None


def mpf_of(mp: Any, x: Any) -> Any:
    """Return a number as one of mpmath's, which takes no fraction before 1.4."""
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)


class Precise:
    """Differences in mpmath, at a precision that rises until the answer stands still.

    With P bits and a step of 2**(-P/3) relative to the argument, a central difference is good
    to about P/3 bits where the function is smooth. Two precisions that agree to 60 bits settle
    it, and their difference is the error that is reported, far more than the second one's own. At
    a kink the two one-sided differences settle at different numbers.

    Two precisions agree as well if both absorb the same term. Therefore a run with random digits
    looks at the program (`autograd.testing.stochastic`): the precision covers the exponents that
    it met, and its noise, divided by the step, is part of the error.

    Parameters
    ----------
    f : callable
        The flat function; it is given numbers of mpmath, or such numbers as `Plain` ones. With
        a list of results, all of them are taken from the same points.
    xs : sequence of float
    bits : int
        The precision to start with.
    covers : bool
        Whether it is raised to cover the exponents that the program meets. An elementary function
        needs no more for large and small arguments.

    Examples
    --------
    >>> from autograd.functions.operand import plain as number_of
    >>> f = lambda xs: number_of((1e110 * xs[0] + xs[0] * xs[0]) - 1e110 * xs[0])
    >>> float(Precise(f, [3.0]).slope(0).derivative.value)
    6.0
    """

    name = "mpmath"
    largest = 16_384

    def __init__(self, f: Flat, xs: Sequence[Any], bits: int = 256, covers: bool = True) -> None:
        self.mp = need("mpmath", "testing", "the mpmath oracle").mp
        self.f, self.xs, self.bits, self.covers = f, list(xs), bits, covers
        self.trouble: Exception | None = None  # the last one that a point without a value raised
        self._found: dict[tuple[int, ...], Slope] = {}
        self._values: dict[tuple[Any, ...], Any] = {}
        self._centers: dict[int, list[Any] | None] = {}
        self._besides: dict[tuple[int, int], tuple[Any, ...]] = {}
        self._surveys: dict[int, tuple[list[Any], int]] = {}
        self.least = self.mp.ldexp(1, -1074)  # no double is smaller

    def value(self, k: int = 0) -> Estimate | None:
        """Return the value of the function; None where it has no finite real one."""

        def level(bits: int) -> _Level:
            found = self._center(bits)
            return _Level(bits, 1, None if found is None else found[k])

        found = level(self.bits).central is not None
        return self._rising(level, partial(self._agreed, k)) if found else None

    def slope(self, i: int, k: int = 0) -> Slope:
        """Return the derivative by argument `i`, or the one-sided ones at a kink."""
        if (i, k) not in self._found:
            found = self._rising(partial(self._sides, i, k), partial(self._settled, k))
            self._found[i, k] = found or Slope(None)
        return self._found[i, k]

    def curvature(self, i: int, j: int, k: int = 0) -> Slope:
        """Return the second derivative by arguments `i` and `j`, without one-sided ones."""
        if (i, j, k) not in self._found:
            mixed = self._rising(partial(self._mixed, i, j, k), partial(self._agreed, k))
            self._found[i, j, k] = Slope(mixed)
        return self._found[i, j, k]

    def values(self, xs: Sequence[Any]) -> list[Any] | None:
        """Return all results at numbers of mpmath, evaluated once; None for what is no real."""
        key = (self.mp.prec, *xs)
        if key not in self._values:
            self._values[key] = self._finite(xs)
        found: list[Any] | None = self._values[key]
        return found

    def _center(self, bits: int) -> list[Any] | None:
        """All results at the point."""
        if bits not in self._centers:
            with self.mp.workprec(bits):
                self._centers[bits] = self.values([mpf_of(self.mp, x) for x in self.xs])
        return self._centers[bits]

    def _rising(
        self, at: Callable[[int], _Level], settled: Callable[[_Level, _Level], Found | None]
    ) -> Found | None:
        """What two precisions in a row settle, the lower ones first."""
        before, bits = None, self.start
        while bits <= self.largest:
            now = at(bits)
            found = None if before is None else settled(before, now)
            if found is not None:
                return found
            zero = before is not None and now.central == 0
            before, bits = now, max(2 * bits, _ENOUGH) if zero else 2 * bits
        return None

    @cached_property
    def start(self) -> int:
        """The precision that covers what the program meets, also what it meets there."""
        bits, most = self.bits, self.largest // 4
        while self.covers and bits < most and (needed := self._survey(bits)[1]) > bits:
            bits = min(needed, most)
        return bits

    def _survey(self, bits: int) -> tuple[list[Any], int]:
        """How far roundings move each result near the point, and how many bits cover the program.

        None where a result has no value, and 0 where none has.
        """
        if bits not in self._surveys:
            with self.mp.workprec(bits):
                self._surveys[bits] = self._surveyed(bits)
        return self._surveys[bits]

    def _surveyed(self, bits: int) -> tuple[list[Any], int]:
        """The same, at arguments that are moved by a step, as those of the differences are."""
        steps = [self._step(i, bits, 3) for i in range(len(self.xs))]
        noises: list[Any] = []
        plain: list[Any] = []
        run = Run()
        for side in (1, -1, 0):
            near = [x + side * h for x, h in steps]
            found = self.values(near)
            plain = found or plain
            for seed in range(_DRAWS if found else 0):
                this = Run(random.Random(seed))
                drawn = self._finite(this.watch(near)) or [None] * len(plain)
                run.low, run.high = min(run.low, this.low), max(run.high, this.high)
                run.left = run.left or this.left
                noises = noises or [None] * len(plain)
                for k, (a, b) in enumerate(zip(plain, drawn, strict=True)):
                    if not noises[k] and a is not None and b is not None:
                        noises[k] = abs(b - a)
                if all(noises):
                    break  # one draw may leave a rounding as it is
            if noises and None not in noises:
                break
        if run.left:  # what mpmath's functions round: numbers up to 1, or the result
            noises = [
                None if x is None or y is None else max(x, self.mp.ldexp(max(1, abs(y)), 4 - bits))
                for x, y in zip(noises, plain, strict=True)
            ]
        known = any(x is not None for x in noises)
        return noises, 128 + (run.high - run.low) * 3 // 2 if known else 0

    def doubt(self, k: int, bits: int, step: Any) -> Any:
        """Return what roundings may do to a quotient.

        Where a survey covered what it met, its noise acted linearly: it falls with the last digit.
        """
        covering = [x for x, (_, needed) in self._surveys.items() if 0 < needed <= x <= bits]
        covered = max(covering, default=bits)
        noises, _ = self._survey(covered)
        if not noises or noises[k] is None:
            return self.mp.inf
        return _GUARD * self.mp.ldexp(noises[k], covered - bits) / step

    def _value(self, xs: Sequence[Any], k: int) -> Any:
        """One result at numbers of mpmath; None where it is no finite real."""
        found = self.values(xs)
        return None if found is None else found[k]

    def _finite(self, xs: Sequence[Any]) -> list[Any] | None:
        """The function at some numbers; None where it has no finite real value."""
        try:
            y = self.f(xs)
        except (ZeroDivisionError, ValueError, OverflowError) as error:  # mpmath's poles
            self.trouble = error
            return None
        return [self._real(x) for x in y] if isinstance(y, list) else [self._real(y)]

    def _real(self, y: Any) -> Any:
        """A finite real number; None for any other."""
        if not hasattr(y, "_mpf_"):
            try:
                y = mpf_of(self.mp, y)
            except TypeError:  # a complex number of mpmath: outside of the real domain
                return None
        return y if self.mp.isfinite(y) else None

    def _step(self, i: int, bits: int, fraction: int) -> tuple[Any, Any]:
        """An argument as mpf, and a step along it."""
        x = mpf_of(self.mp, self.xs[i])
        scale = self.mp.frexp(x)[1] if x else 0
        return x, self.mp.mpf(2) ** (int(scale) - bits // fraction)

    def _sides(self, i: int, k: int, bits: int) -> _Level:
        """The central, left and right difference quotients."""
        with self.mp.workprec(bits):
            h, *beside = self.beside(i, bits)
            low, center, high = (None if y is None else y[k] for y in beside)
            return _Level(
                bits,
                h,
                None if low is None or high is None else (high - low) / (2 * h),
                None if low is None or center is None else (center - low) / h,
                None if high is None or center is None else (high - center) / h,
            )

    def beside(self, i: int, bits: int) -> tuple[Any, ...]:
        """Return a step along an argument, and all results below, at and above the point."""
        if (i, bits) not in self._besides:
            xs = [mpf_of(self.mp, x) for x in self.xs]
            x, h = self._step(i, bits, 3)
            xs[i] = x - h
            low = self.values(xs)
            xs[i] = x + h
            self._besides[i, bits] = h, low, self._center(bits), self.values(xs)
        return self._besides[i, bits]

    def _settled(self, k: int, before: _Level, now: _Level) -> Slope | None:
        """What two precisions agree on; None where another one is needed."""
        if before.left is before.right is now.left is now.right is None:
            return Slope(None)  # undefined here
        with self.mp.workprec(now.bits):
            scale = max((abs(x) for x in (now.left, now.right) if x is not None), default=0)
            sides = [self._agreed(k, before, now, side, scale) for side in ("left", "right")]
            if now.left is None or now.right is None:
                return Slope(None, *sides) if any(sides) or now.bits >= 4096 else None
            both = [x for x in (before, now) if x.left is not None and x.right is not None]
            jumps = [abs(x.right - x.left) for x in both]
            smooth = jumps[-1] <= max(self.mp.ldexp(scale, -now.bits // 6), self.least)
            smooth = smooth or (len(jumps) == 2 and jumps[1] * 2**30 <= jumps[0])
        if not smooth and all(sides):
            return Slope(None, *sides)
        if smooth or self._drowned(k, now):
            estimate = self._agreed(k, before, now)
            return None if estimate is None else Slope(estimate)
        return Slope(None, *sides) if now.bits >= 8192 else None

    def _agreed(
        self, k: int, before: _Level, now: _Level, which: str = "central", scale: Any = 0
    ) -> Estimate | None:
        """The number that two precisions agree on, with its error; None without such a one.

        A one-sided quotient may be rough on the scale of both. At the last precision what noise
        hides is given with the size of the noise as its error.
        """
        a, b = getattr(before, which), getattr(now, which)
        if a is None or b is None:
            return None
        with self.mp.workprec(now.bits):
            error = abs(b - a)
            close = max(abs(b) * _CLOSE, scale * _CLOSE_AT_KINKS)
            if error <= close or error < self.least:
                total = error + self.doubt(k, now.bits, now.step)
                if total <= close and magnitude(b) > 2000:
                    return Estimate(exact(b), Fraction(1))  # beyond the doubles: all the same
                if not b and total < self.least:
                    return Estimate(Fraction(0), Fraction(0))
                if total <= close or total < self.least:
                    return Estimate(exact(b), exact(total))
            if which == "central" and 2 * now.bits > self.largest and self._drowned(k, now):
                total = min(error + self.doubt(k, now.bits, now.step), self.mp.ldexp(1, 20_000))
                return Estimate(exact(b), exact(total))
        return None

    def _drowned(self, k: int, level: _Level) -> bool:
        """Whether noise hides the digits of a quotient."""
        return bool(
            self.doubt(k, level.bits, level.step) > max(abs(level.central) * _CLOSE, self.least)
        )

    def _mixed(self, i: int, j: int, k: int, bits: int) -> _Level:
        """The central difference quotient of second order."""
        with self.mp.workprec(bits):
            xs = [mpf_of(self.mp, x) for x in self.xs]
            _, h = self._step(i, bits, 5)
            _, g = self._step(j, bits, 5)
            terms: list[tuple[int, Any]] = []
            for s, t in product((1, -1), repeat=2):
                moved = list(xs)
                moved[i] += s * h
                moved[j] += t * g
                terms.append((s * t, self._value(moved, k)))
            if any(y is None for _, y in terms):
                return _Level(bits, None, None)
            return _Level(bits, h * g, sum(sign * y for sign, y in terms) / (4 * h * g))
