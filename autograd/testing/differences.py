"""Finite differences in floats that choose their own step and estimate their own error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from autograd.testing.stochastic import scatter

_RATIO = 2.0  # a power of two: the steps, and x + h for moderate x, lose nothing
_STEPS = 40


class Differences:
    """Derivatives of a function of floats, by differences extrapolated to step 0.

    Differences over steps h, h/2, h/4 ... are extrapolated to h = 0 by Neville's scheme (Ridders,
    "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982),
    75-76). Of all entries of the scheme the one with the smallest estimated error is the
    answer. The estimate has two parts: the distance from the entries that it was made from, and
    the noise of the function's values divided by the step, with the weights of the scheme.

    The noise is measured, as in More and Wild, "Estimating computational noise" (SIAM Journal
    on Scientific Computing 33 (2011), 1292-1314): high differences over neighbouring floats
    leave nothing of a smooth function but its rounding errors. They see no term that is absorbed at
    all of them; runs with random digits (`autograd.testing.stochastic`) do, unless they are lost
    in compiled code.

    Parameters
    ----------
    f : callable
        The flat function: a list of floats in, a number out.
    xs : sequence of float
        The point.

    Examples
    --------
    >>> import math
    >>> value, error = Differences(lambda xs: math.exp(xs[0]), [1.0]).derivative(0)
    >>> abs(value - math.e) <= error < 1e-9
    True
    """

    def __init__(self, f: Callable[[Sequence[float]], Any], xs: Sequence[Any]) -> None:
        self.f, self.xs = f, [float(x) for x in xs]

    def derivative(self, i: int) -> tuple[float, float]:
        """Return the derivative by argument `i` and an estimate of its error."""
        return self._extrapolated(i, lambda low, _, high, h: (high - low) / (2 * h), order=2)

    def one_sided(self, i: int, side: int) -> tuple[float, float]:
        """Return the derivative from the left (side -1) or the right (side 1), with its error."""
        if side < 0:
            return self._extrapolated(i, lambda low, at, _, h: (at - low) / h, order=1)
        return self._extrapolated(i, lambda _, at, high, h: (high - at) / h, order=1)

    def _at(self, i: int, x: float) -> float:
        """The function with argument `i` replaced; nan where it raises or is not real."""
        xs = list(self.xs)
        xs[i] = x
        try:
            return float(self.f(xs))
        except (ArithmeticError, ValueError):
            return math.nan

    @cached_property
    def _scatter(self) -> float:
        """How far rounding moves the value at the point."""
        return scatter(self.f, self.xs, float)

    def noise(self, i: int) -> float:
        """Return the size of the rounding errors in the values near the point."""
        x = self.xs[i]
        spacing = 2.0**-40 * (abs(x) or 1.0)
        values = [self._at(i, x + k * spacing) for k in range(-4, 5)]
        finite = [abs(y) for y in values if math.isfinite(y)]
        noise = max(2.0**-53 * max(finite, default=math.inf), self._scatter)
        differences = [y for y in values if math.isfinite(y)]
        for order in range(1, len(differences) - 1):
            differences = [b - a for a, b in pairwise(differences)]
            if order >= 4:
                scale = math.sqrt(math.factorial(2 * order)) / math.factorial(order)
                noise = max(noise, max(map(abs, differences)) / scale)
        return 2.0 * noise

    def _extrapolated(
        self, i: int, quotient: Callable[[float, float, float, float], float], order: int
    ) -> tuple[float, float]:
        """The best entry of Neville's scheme over shrinking steps, with its error."""
        x, noise = self.xs[i], self.noise(i)
        at = self._at(i, x)
        best, least = math.nan, math.inf
        h = 2.0 ** (math.frexp(x)[1] - 2) if x else 0.25
        row: list[tuple[float, float]] = []  # entries with the noise in each
        for _ in range(_STEPS):
            if x + h == x:
                break
            q = quotient(self._at(i, x - h), at, self._at(i, x + h), h)
            new = [(q, noise / h * (1 if order == 2 else 2))]
            for k, (above, above_noise) in enumerate(row):
                factor = _RATIO ** (order * (k + 1))
                entry = new[k][0] + (new[k][0] - above) / (factor - 1)
                entry_noise = (factor * new[k][1] + above_noise) / (factor - 1)
                error = 2 * max(abs(entry - new[k][0]), abs(entry - above)) + entry_noise
                if error < least:
                    best, least = entry, error
                new.append((entry, entry_noise))
            row = new[:8] if math.isfinite(q) else []
            h /= _RATIO
        return best, least
