"""A gradient along random directions: as many derivatives as directions, however many arguments."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from autograd.testing.judging import FOREIGN_UNITS, Terms, judged
from autograd.testing.reports import Finding, Verdict
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
    rng = random.Random(0)
    findings: list[Finding] = []
    name = ""
    for n in range(count):
        way = [
            math.ldexp(rng.choice((-1, 1)) * rng.uniform(0.5, 1.0), math.frexp(float(x))[1])
            for x in subject.numbers
        ]

        def moved(t: Any, way: Sequence[float] = way) -> Any:
            return subject.arguments.rebuilt(
                [x + t * d for x, d in zip(subject.numbers, way, strict=True)]
            )

        def along(t: Any, moved: Any = moved) -> Any:
            y = subject.results(subject.f(*moved(t)))
            parts = y if isinstance(y, list) else [y]
            return sum(w * part for w, part in zip(weights, parts, strict=True))

        judge = Subject(along, (0.0,)).oracle(oracle)
        products = [Fraction(x) * Fraction(d) for x, d in zip(got, way, strict=True)]
        size = sum(map(abs, products), Fraction(0))
        allowed = FOREIGN_UNITS * nearest(unit(size, terms.form))
        product = nearest(sum(products, Fraction(0)))
        found = judged(f"direction {n}", product, judge.slope(0), allowed, terms)
        findings.append(replace(found, where=f"along direction {n}"))
        name = judge.name
    return tuple(findings), name
