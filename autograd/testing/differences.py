"""Finite differences in floats that choose their own step and estimate their own error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from autograd.testing.arguments import is_unreal
from autograd.testing.quiet import quietly
from autograd.testing.stochastic import scatters
from autograd.testing.units import DOUBLE, Format

_STEPS = 40
_FIRST = 5  # steps before the scheme may stop
_COLUMNS = 8
_CONFIRMED = 2
_ABSORBED = 2.0**16
_ALIKE = 2.0**-12


# How far a result rises between the ends of a step, from the left one and to the right one, over
# which distances, and the noise in its values.
Step = tuple[tuple[float, float, float], tuple[float, float, float], float]


class Scheme:
    """Neville's scheme: quotients over steps that are halved, extrapolated to step 0.

    Parameters
    ----------
    order : int
        2 where the error of a quotient is a series in the square of the step, else 1.

    Attributes
    ----------
    value, error : float
        The entry with the smallest estimated error, unless a later one contradicts it: what
        large steps agree on may be a plain around a hill that they step over.
    drowned : bool
        Whether noise is most of the error of the latest entries, and at least two steps since that
        of the answer contradict it no more: entries may agree by chance.
    first : float
        The size of the quotient over the largest step.
    """

    def __init__(self, order: int) -> None:
        self.order, self.value, self.error, self.drowned = order, math.nan, math.inf, False
        self.first, self._since = 0.0, 0
        self._row: list[tuple[float, float]] = []  # entries with the noise in each

    def add(self, quotient: float, noise: float) -> None:
        """Take in the quotient over the next step, and the noise in it."""
        if not math.isfinite(quotient):
            self._row, self._since, self.drowned = [], 0, False
            return
        self.first = self.first or abs(quotient)
        new = [(quotient, noise)]
        best, least, drowned = math.nan, math.inf, False
        before, before_noise, factor = quotient, noise, 1.0
        for above, above_noise in self._row:
            factor *= 2.0**self.order
            entry = before + (before - above) / (factor - 1)
            entry_noise = (factor * before_noise + above_noise) / (factor - 1)
            error = 2 * (max(abs(entry - before), abs(entry - above)) + entry_noise)
            if error < least:
                best, least, drowned = entry, error, 8 * entry_noise > error
            new.append((entry, entry_noise))
            before, before_noise = entry, entry_noise
        self._row, self._since = new[:_COLUMNS], self._since + 1
        if least < self.error:
            self.value, self.error, self._since = best, least, 0
        elif (distance := abs(best - self.value)) > self.error + least:
            self.value, self.error, self._since = best, max(least, distance), 0
        self.drowned = drowned and self._since >= _CONFIRMED


class Sides:
    """The central, left and right scheme of one result, over steps that shrink.

    Where a result stands still, as most of a Jacobian do, smaller steps add nothing but noise: as
    soon as that is all there is, they are not taken in unless the result moves.
    """

    def __init__(self) -> None:
        self.all = self.central, self.left, self.right = Scheme(2), Scheme(1), Scheme(1)
        self._moved, self._later = False, list[Step]()

    def add(self, step: Step) -> None:
        """Take in one step."""
        rises, _, _ = step
        self._moved = self._moved or any(rises)
        self._later.append(step)
        if not self._moved and all(x.drowned for x in self.all):
            return
        for rises, runs, noise in self._later:
            for scheme, rise, run in zip(self.all, rises, runs, strict=True):
                scheme.add(rise / run, 2 * noise / run)
        self._later = []


class Differences:
    """Derivatives of a function of floats, by differences extrapolated to step 0.

    One moved point serves all results of the function. Differences over steps h, h/2, h/4 ... are
    extrapolated to h = 0 by Neville's scheme (Ridders, "Accurate computation of F'(x) and
    F'(x) F''(x)", Advances in Engineering Software 4 (1982), 75-76), until noise is most of what
    its entries differ by; two far smaller steps make sure that nothing was stepped over. Of all
    entries the one with the smallest estimated error is the answer. The estimate has two parts:
    the distance from the entries that it was made from, and the noise of the function's values
    divided by the step, with the weights of the scheme.

    The noise is measured, as in More and Wild, "Estimating computational noise" (SIAM Journal
    on Scientific Computing 33 (2011), 1292-1314): high differences over neighbouring floats
    leave nothing of a smooth function but its rounding errors. They see no term that is absorbed at
    all of them; runs with random digits (`autograd.testing.stochastic`) do, unless they are lost
    in compiled code.

    Parameters
    ----------
    f : callable
        The flat function: a list of floats in, a number or a list of them out.
    xs : sequence of float
        The point; a NumPy vector is passed on as such.
    form : Format
        What the function computes in. Steps lead to numbers of this format.

    Examples
    --------
    >>> import math
    >>> value, error = Differences(lambda xs: math.exp(xs[0]), [1.0]).derivative(0)
    >>> abs(value - math.e) <= error < 1e-9
    True
    """

    def __init__(
        self, f: Callable[[Sequence[float]], Any], xs: Sequence[Any], form: Format = DOUBLE
    ) -> None:
        self.f, self.form = f, form
        self.xs: Any = xs if hasattr(xs, "reshape") else [float(x) for x in xs]
        self._found: dict[int, list[Sides]] = {}
        self._hidden: dict[int, list[float]] = {}

    def derivative(self, i: int, k: int = 0) -> tuple[float, float]:
        """Return the derivative by argument `i` and an estimate of its error."""
        scheme = self._schemes(i)[k].central
        return scheme.value, scheme.error

    def one_sided(self, i: int, side: int, k: int = 0) -> tuple[float, float]:
        """Return the derivative from the left (side -1) or the right (side 1), with its error."""
        sides = self._schemes(i)[k]
        scheme = sides.left if side < 0 else sides.right
        return scheme.value, scheme.error

    def size(self, i: int, k: int = 0) -> float:
        """Return what a derivative is like for values and arguments of this size."""
        x = float(self.xs[i])
        value = max(self._noises[k][1], self._absorbed(i)[k])
        return max(value / (abs(x) or 1.0), self._schemes(i)[k].left.first) or 1.0

    @cached_property
    def center(self) -> list[float]:
        """The results at the point."""
        return self._value(self.xs)

    def noise(self, k: int = 0) -> float:
        """Return the size of the rounding errors in the values of a result near the point."""
        return self._noises[k][0]

    def _value(self, xs: Any) -> list[float]:
        """The results at some arguments; nan where the function raises or is not real."""
        try:
            y = self.f(xs)
            results = y if isinstance(y, list) else [y]
            return [x if type(x) is float else _real(x) for x in results]
        except (ArithmeticError, ValueError):
            return [math.nan] * len(self.center if xs is not self.xs else [0])

    def _beside(self, xs: Any) -> list[float]:
        """The results beside the point, where a warning that is raised is as good as nan."""
        with quietly():
            try:
                return self._value(xs)
            except Warning:
                return [math.nan] * len(self.center)

    def _moved(self, i: int, x: float) -> list[float]:
        """The results with argument `i` replaced."""
        xs = self.xs.copy()
        xs[i] = x
        return self._beside(xs)

    @cached_property
    def _noises(self) -> list[tuple[float, float]]:
        """The noise and the size of every result, with all arguments moved a little."""
        count, digits = len(self.center), self.form.digits
        odd = int(0.8 * 2 ** (digits // 4))  # units: a power of 2 would hide what rounds evenly
        points = [self.xs.copy() for _ in range(9)]
        for j, xs in enumerate(points):
            for i, x in enumerate(self.xs):
                one = 2.0 ** ((math.frexp(x)[1] if x else 0) - digits)
                xs[i] = self.form.rounded(x + (j - 4) * odd * one)
        values = [self._beside(xs) for xs in points]
        seen = list(self._scattered) or [0.0] * count
        return [self._noise_in([y[k] for y in values], seen[k], odd) for k in range(count)]

    @cached_property
    def _scattered(self) -> list[float]:
        """How far roundings move every result; nothing of compiled code, which hides them."""
        return scatters(self.f, [float(x) for x in self.xs], float)

    def _absorbed(self, i: int) -> list[float]:
        """The size of what compiled code may have added to each result and taken away again.

        log1p(exp(x)) - x is an example: the argument. No neighbour shows it, for all lose the
        same; but where nothing else remains, values are multiples of the argument's unit.
        """
        if i not in self._hidden:
            x = abs(float(self.xs[i]))
            part = math.ldexp(1.0, math.frexp(x)[1] - self.form.digits - 2)
            self._hidden[i] = [
                0.0 if self._scattered else x if y % part == 0 else min(x, _ABSORBED * size)
                for y, (_, size) in zip(self.center, self._noises, strict=True)
            ]
        return self._hidden[i]

    def _noise_in(self, values: list[float], seen: float, units: int) -> tuple[float, float]:
        """The noise in values some units apart, and their size.

        `seen` is what roundings do to one. A function may round its argument first: then errors
        grow evenly over the points, and differences of high order leave nothing of them.
        """
        finite = [y for y in values if math.isfinite(y)]
        size = max(map(abs, finite), default=math.inf)
        noise = max(self.form.roundoff * size, seen, float(self.form.least))  # it may underflow
        differences = finite
        noise = max([noise, *(abs(b - a) / units for a, b in pairwise(finite))])
        for order in range(1, len(differences) - 1):
            differences = [b - a for a, b in pairwise(differences)]
            if order >= 4:
                scale = math.sqrt(math.factorial(2 * order)) / math.factorial(order)
                noise = max(noise, max(map(abs, differences)) / scale)
        return 2.0 * noise, size

    def _schemes(self, i: int) -> list[Sides]:
        """The schemes of every result."""
        if i not in self._found:
            self._found[i] = self._extrapolated(i)
        return self._found[i]

    def _extrapolated(self, i: int) -> list[Sides]:
        """The schemes over shrinking steps."""
        x = float(self.xs[i])
        own = 2.0 ** (math.frexp(x)[1] - 2) if x else 0.25
        first = max(own, 0.25)  # the function may change on a scale of 1, or on that of x
        schemes, settled = self._from(i, first, own)
        if settled or own >= first * 2.0 ** (-_STEPS // 2):
            return schemes
        return self._from(i, own, own)[0]

    def _from(self, i: int, first: float, own: float) -> tuple[list[Sides], bool]:
        """The schemes over shrinking steps from a first one on, and whether they settled."""
        x, digits = float(self.xs[i]), self.form.digits
        schemes = [Sides() for _ in self.center]
        hidden = None  # whether a far smaller step contradicts
        for n in range(_STEPS):
            steps = self._steps(i, x, first * 2.0**-n)
            if not steps:
                break
            for sides, step in zip(schemes, steps, strict=True):
                sides.add(step)
            if n >= min(_FIRST, digits // 4) and all(_settled(*sides.all) for sides in schemes):
                if hidden is None:
                    probes = [first * 2.0**-e for e in (digits // 4, 2 * digits // 5)]
                    probes += [own / 16] if own / 16 < probes[-1] else []
                    hidden = any(self._contradicts(i, x, h, schemes) for h in probes)
                if not hidden:
                    return schemes, all(sides.central.error < math.inf for sides in schemes)
        return schemes, False

    def _steps(self, i: int, x: float, h: float) -> list[Step]:
        """A step of every result; none for one that is too small."""
        low, high = self.form.rounded(x - h), self.form.rounded(x + h)
        if not low < x < high:
            return []
        below, above = self._moved(i, low), self._moved(i, high)
        steps, runs = list[Step](), (high - low, x - low, high - x)
        least, roundoff = float(self.form.least), self.form.roundoff
        values = zip(below, self.center, above, self._noises, self._absorbed(i), strict=True)
        for a, b, c, (noise, _), absorbed in values:
            here = 2 * max(roundoff * max(abs(a), abs(c), absorbed), least)
            noise = here if a == b == c else max(noise, here)  # the noise may be in other arguments
            steps.append(((c - a, b - a, c - b), runs, noise))
        return steps

    def _contradicts(self, i: int, x: float, h: float, schemes: list[Sides]) -> bool:
        """Whether a quotient over one step lies outside of what the scheme found."""
        for sides, (rises, runs, noise) in zip(schemes, self._steps(i, x, h), strict=False):
            if (scheme := sides.central).error < math.inf:
                quotient, left, right = (a / b for a, b in zip(rises, runs, strict=True))
                ends = [scheme.value, sides.left.value, sides.right.value]
                near = min(abs(quotient - end) for end in ends if end == end)
                # a central error is below that of one side
                if near > scheme.error + 8 * noise / runs[0] + abs(left - right):
                    return True
        return False


def _real(y: Any) -> float:
    """A result as a float; nan for a complex one, as (-1.0)**0.5 is in Python."""
    return math.nan if is_unreal(y) else float(y)


def _settled(central: Scheme, *sides: Scheme) -> bool:
    """Whether smaller steps add nothing: noise is what is left, and no side says otherwise."""
    least = _ALIKE * max(central.first, abs(central.value))
    return (central.drowned or central.error == math.inf) and all(
        side.drowned
        or side.error == math.inf
        or (side.error <= least and abs(side.value - central.value) <= side.error + central.error)
        for side in sides
    )
