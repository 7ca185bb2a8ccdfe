"""Whole Jacobians at high precision: swept once, and confirmed by differences of values."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from autograd.graph.adjoints import adjoints
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise, mpf_of
from autograd.testing.stochastic import magnitude
from autograd.testing.units import exact, unit

if TYPE_CHECKING:
    from autograd.testing.subject import Subject

Rows = list[dict[int, Any]]  # for every result: argument -> derivative, where it is reached

_CLOSE = 2.0**-60
_SPARE = 64  # bits beyond those that cover the program
_WIDEST = 1500  # bits between the largest term of a result and a derivative that is confirmed
_DIRECTIONS = 2
_LUCK = 2**30  # errors cancel in a random direction to one part in this once in as many times
_ZERO_STEP = 32  # bits: relative to an argument that is said not to matter
_SIGNS = 6


class Jacobian:
    """Derivatives of all results by all arguments, from a few evaluations.

    The function's own graph is swept at high precision (one that takes no Values is differentiated
    by differences, one argument after the other), and what that gives is believed only where
    differences of values confirm it. In a random direction u every error shows:
    (F(x + h u) - F(x))/h has to be J u on both sides, at one point for all results and
    arguments. What is left over, times 2**30 (an error that cancels against another to one part
    in so many, in two directions, is luck of 2**-60), bounds the error of each derivative. A
    derivative said to be 0 is confirmed if moving all arguments of which that is said changes no
    bit of the result, at a precision beyond the smallest double.

    What is not confirmed is not in here: kinks, branches, a wrong rule.

    Parameters
    ----------
    subject : Subject
    judge : Precise
        Of the same function.

    Examples
    --------
    >>> from autograd import exp
    >>> from autograd.testing.subject import Subject
    >>> subject = Subject(lambda x, y, z: exp(x * y) + abs(z), (1.0, 2.0, 0.0))
    >>> found = Jacobian(subject, Precise(subject.values, subject.numbers))
    >>> sorted(found.confirmed), float(found.confirmed[0, 0].value) == 2 * math.exp(2)
    ([(0, 0), (1, 0)], True)
    """

    def __init__(self, subject: Subject, judge: Precise) -> None:
        self.subject, self.judge, self.mp = subject, judge, judge.mp
        self.confirmed: dict[tuple[int, int], Estimate] = {}
        self._scales = [math.frexp(float(x))[1] if x else 0 for x in subject.numbers]
        self._random = random.Random(0)
        self.bits = judge.start + _SPARE
        try:
            self._rows, values = self._swept()
            spread = self._spread(self._rows, values)
            if spread > _SPARE // 4:
                self.bits += 2 * spread
                self._rows, values = self._swept()
            self._confirm(values)
            self._confirm_zeros(values)
        except Exception:  # of mpmath's numbers, too: nothing is confirmed, each is judged alone
            self.confirmed.clear()

    def reach(self, i: int, k: int, enough: Fraction | None) -> Fraction | None:
        """Return the change that one unit of every argument makes in a confirmed derivative.

        The changes of all derivatives by units of random signs are no more than that; where they
        are `enough` they are returned. Else the derivative is differentiated by all arguments, and
        what that gives has to agree with those changes.

        Returns
        -------
        Fraction or None
            None where it is not known here.
        """
        if (i, k) not in self.confirmed:
            return None
        try:
            changes = [(signs, rows[k].get(i, self.mp.mpf(0))) for signs, rows in self._changes]
            least = exact(max(abs(change) for _, change in changes))
            if enough is not None and least >= enough:
                return least
            with self.mp.workprec(self.bits):
                parts = [g * u for g, u in zip(self._second(i, k), self._units, strict=True)]
                total = self.mp.fsum(parts, absolute=True)
                for signs, change in changes:
                    found = self.mp.fdot(zip(signs, parts, strict=True))
                    if abs(found - change) > total * _CLOSE:
                        return None
                return exact(total)
        except Exception:  # a pole beside the point, or a rule without derivatives
            return None

    def _point(self) -> list[Any]:
        """The arguments as numbers of mpmath."""
        return [mpf_of(self.mp, x) for x in self.subject.numbers]

    def _swept(self) -> tuple[Rows, list[Any]]:
        """The Jacobian as the engine has it, and the values."""
        with self.mp.workprec(self.bits):
            xs = self._point()
            values = self.judge.values(xs)
            if values is None:
                raise ValueError("no value")
            try:
                return self._rows_at(xs), values
            except Exception:  # whatever foreign code says of Values: what is found is confirmed
                return self._differences(len(values)), values

    def _differences(self, count: int) -> Rows:
        """The Jacobian by differences, one argument after the other."""
        rows: Rows = [{} for _ in range(count)]
        for i in range(len(self._scales)):
            h, low, _, high = self.judge.beside(i, self.bits)
            for row, a, b in zip(rows, low or (), high or (), strict=False):
                if a is not None and b is not None and a != b:
                    row[i] = (b - a) / (2 * h)
        return rows

    def _rows_at(self, xs: Sequence[Any]) -> Rows:
        """The engine's rows at a point, at the precision in force."""
        roots, leaves = self.subject.graph(xs)
        places = {leaf: i for i, leaf in enumerate(leaves)}
        one = self.mp.mpf(1)
        return [
            {i: self.mp.mpf(g) for i, g in _pulled(root, places, one).items()}
            for root in (roots if isinstance(roots, list) else [roots])
        ]

    def _spread(self, rows: Rows, values: Sequence[Any]) -> int:
        """How many bits lie between a result and the least that an argument contributes."""
        spread = 0
        for row, value in zip(rows, values, strict=True):
            if value is not None:
                sizes = [magnitude(g) + self._scales[i] for i, g in row.items() if g]
                top = max([magnitude(value), *sizes])
                near = [size for size in sizes if top - size <= _WIDEST]
                spread = max(spread, int(top - min(near, default=top)))
        return spread

    def _way(self, chosen: Sequence[int], exponent: int) -> list[Any]:
        """A random step along some arguments, 2**exponent relative to each."""
        way = [self.mp.mpf(0)] * len(self._scales)
        for i in chosen:
            size = self.mp.ldexp(2**63 + self._random.getrandbits(63), self._scales[i] - 64)
            way[i] = self.mp.ldexp(self._random.choice((-1, 1)) * size, exponent)
        return way

    def _confirm(self, values: Sequence[Any]) -> None:
        """Hold the rows against differences of values in random directions."""
        mp = self.mp
        chosen = sorted({i for row in self._rows for i, g in row.items() if g})
        with mp.workprec(self.bits):
            xs, half = self._point(), self.bits // 2
            step = mp.ldexp(1, -half)
            left = [mp.mpf(0)] * len(values)
            for _ in range(_DIRECTIONS):
                way = self._way(chosen, -half)
                expected = [mp.fdot((g, way[i]) for i, g in row.items()) for row in self._rows]
                for side in (1, -1):
                    there = self.judge.values([x + side * d for x, d in zip(xs, way, strict=True)])
                    for k, value in enumerate(values):
                        y = None if there is None else there[k]
                        rest = mp.inf if None in (y, value) else (y - value) * side - expected[k]
                        left[k] = max(left[k], abs(rest) / step)
            for k, row in enumerate(self._rows):
                if mp.isfinite(left[k]):
                    error = (left[k] + self.judge.doubt(k, self.bits, step)) * 2 * _LUCK
                    self._take(k, row, error)

    def _take(self, k: int, row: dict[int, Any], error: Any) -> None:
        """Take in the derivatives of a row for which an error (of scaled ones) is small."""
        for i, g in row.items():
            own = self.mp.ldexp(error, -self._scales[i])
            if g and (own <= abs(g) * _CLOSE or own < self.judge.least):
                self.confirmed[i, k] = Estimate(exact(g), exact(own))

    def _confirm_zeros(self, values: Sequence[Any]) -> None:
        """See whether moving the arguments that are said not to matter changes any bit."""
        count = len(self._scales)
        reached = [{i for i, g in row.items() if g} for row in self._rows]
        open_ = {
            k: set(range(count)) - reached[k] for k, value in enumerate(values) if value is not None
        }
        if not any(open_.values()):
            return
        size = int(max([0, *(magnitude(y) for y in values if y)]))
        bits = self.judge.start + 1074 + size - min(0, *self._scales)  # start has room for the step
        if bits > self.judge.largest // 2:
            return
        with self.mp.workprec(bits):
            xs, way = self._point(), self._way(range(count), -_ZERO_STEP)
            at = self.judge.values(xs)
            for chosen in self._groups(count, reached):
                wanted = {
                    k for k, rest in open_.items() if rest & chosen and not chosen & reached[k]
                }
                if at is None or not wanted:
                    continue
                for side in (1, -1):
                    moved = [x + side * way[i] if i in chosen else x for i, x in enumerate(xs)]
                    there = self.judge.values(moved)
                    wanted = {k for k in wanted if there is not None and there[k] == at[k]}
                for k in wanted:
                    for i in open_[k] & chosen:
                        self.confirmed[i, k] = Estimate(Fraction(0), Fraction(0))
                    open_[k] -= chosen

    @staticmethod
    def _groups(count: int, reached: Sequence[set[int]]) -> list[set[int]]:
        """Arguments to be moved together: some that part every two, then what each row lacks.

        Every argument is in a half of the first ones, and no two are in the same ones: of any two,
        either is somewhere without the other (Sperner, 1928). They are some more than log2(count),
        and all that is needed where an argument decides a result.
        """
        everything, size = set(range(count)), 0
        while len(reached) > 1 and math.comb(size, size // 2) < count:
            size += 1
        codes = list(zip(everything, combinations(range(size), size // 2), strict=False))
        parts = [{i for i, code in codes if n in code} for n in range(size)]
        return parts + [everything - row for row in reached]

    @cached_property
    def _units(self) -> list[Any]:
        """A unit in the last place of every argument."""
        ones = [unit(Fraction(x), self.subject.form) for x in self.subject.numbers]
        return [self.mp.mpf(one.numerator) / one.denominator for one in ones]

    @cached_property
    def _changes(self) -> list[tuple[list[int], Rows]]:
        """Some choices of signs, and how far units of these signs move all derivatives."""
        mp = self.mp
        found: list[tuple[list[int], Rows]] = []
        with mp.workprec(self.bits):
            step = mp.ldexp(1, -self.bits // 2)
            for _ in range(_SIGNS):
                signs = [self._random.choice((-1, 1)) for _ in self._scales]
                units = zip(self._point(), signs, self._units, strict=True)
                after = self._rows_at([x + sign * step * one for x, sign, one in units])
                changes = [
                    {i: (b.get(i, mp.mpf(0)) - a.get(i, mp.mpf(0))) / step for i in {*a, *b}}
                    for a, b in zip(self._rows, after, strict=True)
                ]
                found.append((signs, changes))
        return found

    @cached_property
    def _differentiable(self) -> tuple[list[dict[int, Any]], dict[Value, int]]:
        """The rows as graphs, and the places of the arguments they are made of."""
        roots, leaves = self.subject.graph(self._point())
        places = {leaf: i for i, leaf in enumerate(leaves)}
        return [
            _pulled(root, places, self.mp.mpf(1), create_graph=True)
            for root in (roots if isinstance(roots, list) else [roots])
        ], places

    def _second(self, i: int, k: int) -> list[Any]:
        """A derivative, differentiated by all arguments."""
        rows, places = self._differentiable
        second = _pulled(rows[k].get(i), places, self.mp.mpf(1))
        return [self.mp.mpf(second.get(j, 0)) for j in range(len(self._scales))]


def _pulled(
    root: Any, places: dict[Value, int], seed: Any, create_graph: bool = False
) -> dict[int, Any]:
    """The derivatives of a root by the leaves that it is made of, under their places."""
    if not isinstance(root, Value):
        return {}
    found = adjoints({root: seed}, topological_order(root), create_graph=create_graph)
    return {places[value]: adjoint for value, adjoint in found if value in places}
