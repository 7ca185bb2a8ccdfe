"""A gradient along random directions: as many derivatives as directions, however many arguments."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from autograd.testing.judging import FOREIGN_UNITS, Terms, judged
from autograd.testing.reports import Finding, Verdict
from autograd.testing.stochastic import is_watched, unwatched
from autograd.testing.subject import Subject
from autograd.testing.units import nearest, unit


def along_directions(
    subject: Subject,
    weights: Sequence[float],
    got: Sequence[Any],
    oracle: str,
    terms: Terms,
    count: int,
) -> tuple[tuple[Finding, ...], str]:
    """Hold the product of a row with random directions against derivatives along these.

    Parameters
    ----------
    subject : Subject
    weights : sequence of float
        Of the results: the row is that of their weighted sum.
    got : sequence of number
        The row.
    oracle : str
    terms : Terms
    count : int
        How many directions.

    Returns
    -------
    tuple
        The findings, and the name of the oracle.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"directions is how many, 1 or more, not {count!r}")
    wrong = [
        Finding(name, Verdict.FAIL, float(x), note="a gradient that is not finite")
        for name, x in zip(subject.names, got, strict=True)
        if not math.isfinite(x)
    ]
    if wrong:
        return tuple(wrong), "nothing"
    along = _Along(subject, weights, count)
    judge = along.oracle(oracle)
    findings: list[Finding] = []
    for n, way in enumerate(along.ways):
        products = [Fraction(x) * Fraction(d) for x, d in zip(got, way, strict=True)]
        size = sum(map(abs, products), Fraction(0))
        allowed = FOREIGN_UNITS * nearest(unit(size, terms.form))
        product = nearest(sum(products, Fraction(0)))
        findings.append(judged(f"along direction {n}", product, judge.slope(n), allowed, terms))
    return tuple(findings), judge.name


class _Along(Subject):
    """A weighted sum of a function's results, of how far one goes in some random directions."""

    def __init__(self, subject: Subject, weights: Sequence[float], count: int) -> None:
        super().__init__(subject.f, (0.0,) * count, dtype=subject.form.name)
        self.inner, self.weights, self.name = subject, weights, subject.name
        rng = random.Random(0)
        self.ways = [
            [
                math.ldexp(rng.choice((-1, 1)) * rng.uniform(0.5, 1.0), math.frexp(float(x))[1])
                for x in subject.numbers
            ]
            for _ in range(count)
        ]

    def values(self, numbers: Sequence[Any]) -> Any:
        moved = self._moved([unwatched(t) for t in numbers])
        if is_watched(numbers[0]):
            moved = numbers[0].run.watch(moved)
        return self._summed(self.inner.values(moved))

    def plain(self, numbers: Sequence[Any]) -> Any:
        moved: Any = self._moved([unwatched(t) for t in numbers])
        if is_watched(numbers[0]):
            moved = numbers[0].run.watch(moved)
        elif self.inner.arguments.has_arrays and all(type(x) is float for x in moved):
            import numpy as np

            moved = np.array(moved)
        return self._summed(self.inner.plain(moved))

    def _moved(self, ts: Sequence[Any]) -> list[Any]:
        """The arguments, so far along each direction."""
        moved = list(self.inner.numbers)
        for t, way in zip(ts, self.ways, strict=True):
            if t:
                moved = [x + t * d for x, d in zip(moved, way, strict=True)]
        return [type(ts[0])(x) for x in moved]

    def _summed(self, y: Any) -> Any:
        """The weighted sum of the results."""
        results = y if isinstance(y, list) else [y]
        return sum(w * part for w, part in zip(self.weights, results, strict=True))
