"""Checking a vector-Jacobian product against an oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from autograd.callables import check_function
from autograd.testing.arguments import Arguments, check_args
from autograd.testing.directional import along_directions
from autograd.testing.gradients import ORACLES
from autograd.testing.judging import Terms
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.subject import Subject
from autograd.testing.truth import Truth, judged_row
from autograd.testing.units import nearest, ulps

_AGAIN = 4  # times a product is asked for that failed: what is drawn may be the same by chance


def check_vjp(
    f: Callable[..., Any], vjp: Callable[..., Any], args: Sequence[Any], **how: Any
) -> Report:
    """Hold a vector-Jacobian product against an oracle, one row of the Jacobian after another.

    Parameters
    ----------
    f : callable
        A function with any nested structure of numbers as result.
    vjp : callable
        `vjp(cotangent, *args)`, the product of the transposed Jacobian with a cotangent of the
        structure of the result; it returns what matches `args`.
    args : sequence
        The point.
    **how
        What `check_gradients` takes: oracle, kink, max_ulp, rtol, atol, scale, dtype, directions
        (each with a random cotangent).

    Returns
    -------
    Report
        The findings for every component of the result, and that the product is linear.

    Examples
    --------
    >>> def turn(x, y):
    ...     return [x * y, x - y]
    >>> def pull(c, x, y):
    ...     return c[0] * y + c[1], c[0] * x - c[1]
    >>> bool(check_vjp(turn, pull, (2.0, 3.0)))
    True
    """
    for function in (f, vjp):
        check_function(function, "check_vjp takes the function, its product, and the arguments")
    check_args(args)
    return _check_vjp(f, vjp, args, **how)


def _check_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any],
    args: Sequence[Any],
    *,
    oracle: str = "auto",
    dtype: str | None = None,
    directions: int | None = None,
    **terms: Any,
) -> Report:
    """The same, with its options by name."""
    if oracle not in ORACLES:
        raise ValueError(f"oracle is one of {', '.join(map(repr, ORACLES))}, not {oracle!r}")
    subject = Subject(f, args, several=True, dtype=dtype)
    allowed = Terms(form=subject.form, **terms)
    plain = subject.arguments.rebuilt(subject.numbers)
    results = Arguments((f(*plain),))
    count = len(results.numbers)

    def pulled(weights: Sequence[float]) -> list[Any]:
        rational = all(isinstance(x, Fraction) for x in subject.numbers)
        (cotangent,) = results.rebuilt([Fraction(w) for w in weights] if rational else weights)
        return subject.matching(vjp(cotangent, *plain))

    title = f"vector-Jacobian product of {subject.name}"
    if not count:
        return Report(title, (), "nothing")
    if directions is not None:
        weights = _weights(count)
        findings, name = along_directions(
            subject, weights, pulled(weights), oracle, allowed, directions
        )
        return Report(f"{title} along {directions} random directions", findings, name)
    truth = Truth(subject, oracle)
    rows = [pulled([float(k == i) for i in range(count)]) for k in range(count)]
    found = [
        x
        for k, row in enumerate(rows)
        for x in judged_row(truth, k, row, allowed, f"result[{k}] by ")
    ]
    found += _linearity(subject, rows, _weights(count), pulled(_weights(count)))
    if any(x.verdict is Verdict.FAIL for x in found):
        first = [float(k == 0) for k in range(count)]
        if any(_differ(rows[0], pulled(first)) for _ in range(_AGAIN)):
            found = [_of_chance(x) for x in found]
    return Report(title, tuple(found), truth.oracle.name)


def _differ(a: list[Any], b: list[Any]) -> bool:
    """Whether numbers are others than they were; nan is as it was."""
    return any(x != y and (x == x or y == y) for x, y in zip(a, b, strict=True))


def _of_chance(finding: Finding) -> Finding:
    """A finding about a product that is another one each time, as dropout's is."""
    if finding.verdict is not Verdict.FAIL:
        return finding
    note = (
        "the same cotangent gives another product the next time: "
        "seed what is random, or switch it off (module.eval())"
    )
    return replace(finding, note="; ".join(filter(None, (finding.note, note))))


def _weights(count: int) -> list[float]:
    """A cotangent with small whole numbers of both signs: of 1 alone a square would be linear."""
    return [float((-1) ** (k + 1) * (k % 7 + 2)) for k in range(count)]


def _linearity(
    subject: Subject, rows: list[list[Any]], weights: list[float], combined: list[Any]
) -> list[Finding]:
    """Hold the product with a cotangent against the products with its parts."""
    findings: list[Finding] = []
    form, count = subject.form, len(rows)
    for i, name in enumerate(subject.names):
        column = [(w, row[i]) for w, row in zip(weights, rows, strict=True) if row[i]]
        if not all(math.isfinite(x) for _, x in column):
            continue  # the components have failed
        terms = [Fraction(w) * Fraction(x) for w, x in column]
        truth = sum(terms, Fraction(0))
        distance = ulps(float(combined[i]), truth, sum(map(abs, terms), Fraction(0)), form)
        verdict = Verdict.PASS if distance <= 4 * count else Verdict.FAIL
        got, expected = float(combined[i]), nearest(truth, form)
        where = f"linearity, by {name}"
        findings.append(Finding(where, verdict, got, expected, distance, 4.0 * count, 0.0))
    return findings
