"""Checking a gradient against an oracle, argument by argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, cast

from autograd.testing.arguments import Arguments, numbers_in
from autograd.testing.judging import (
    FOREIGN_UNITS,
    at_conventions,
    judged,
    on_another_branch,
    within_floats,
)
from autograd.testing.local import below_kinks, blamed
from autograd.testing.oracles import Oracle, Slope
from autograd.testing.precise import Precise
from autograd.testing.program import Program
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.roundings import rounding_bounds
from autograd.testing.subject import Subject
from autograd.testing.units import exact, nearest, ulps, unit
from autograd.value import Value

ORACLES = ("auto", "mpmath", "fraction", "complex", "finite")
KINKS = ("skip", "interval", "fail")


def check_gradients(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    grad: Callable[..., Any] | None = None,
    oracle: str = "auto",
    order: int = 1,
    kink: str = "skip",
    max_ulp: float | None = None,
) -> Report:
    """Hold the gradient of a function at one point against an independent oracle.

    The oracle sees values of the function only. The report is true if every number passed; its
    `check` raises what did not. Where the oracle's own error is too large to tell, the verdict
    is "inconclusive", which is not "pass". No bound is ever loosened.

    Parameters
    ----------
    f : callable
        A function of numbers, and lists, dicts or arrays of them, with one number as result.
        Without `grad` it is written with operators and the functions of `autograd`.
    args : sequence
        Its positional arguments, each a number or a nested structure of numbers.
    grad : callable, optional
        The gradient under test: called as `f` is, it returns what matches `args`, or just the
        gradient by the only argument. Left out, it is the engine's own, by `backward`.
    oracle : {"auto", "mpmath", "fraction", "complex", "finite"}
        Where the truth comes from. "auto" takes Fractions for arguments that are Fractions, else
        mpmath, and for functions that take nothing but floats the complex step (if finite
        differences agree) or finite differences.
    order : {1, 2}
        2 checks the second derivatives that differentiating the gradient gives (without `grad`).
    kink : {"skip", "interval", "fail"}
        What becomes of an argument at whose value the derivative jumps: it is left out; or
        the gradient has to lie between the one-sided derivatives; or it fails.
    max_ulp : float, optional
        The largest distance allowed, in units in the last place of the true derivative. Left out,
        the engine's own gradients are allowed what the roundings of their graph account for
        (`rounding_bounds`), and a foreign gradient 64 units: a unit is here the larger of
        that of the derivative and the change that one unit of every argument makes in it.
        Gradients at Fractions have to be equal.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If `f` returns anything but one number.
    ValueError
        If there is no number in `args`, or the gradient does not match them.

    Examples
    --------
    >>> from autograd import tanh
    >>> bool(check_gradients(lambda x, w: tanh(x * w), (0.5, 2.0)))
    True

    A derivative of tanh that is right in all digits at 0.5, and wrong in every digit where tanh
    saturates:

    >>> report = check_gradients(tanh, (20.0,), grad=lambda x: 1 - tanh(x) ** 2)
    >>> report.verdict.value, report.ulps > 1e15
    ('fail', True)
    """
    for name, given, known in (("oracle", oracle, ORACLES), ("kink", kink, KINKS)):
        if given not in known:
            raise ValueError(f"{name} is one of {', '.join(map(repr, known))}, not {given!r}")
    if order not in (1, 2):
        raise ValueError(f"order is 1 or 2, not {order!r}")
    if order == 2 and (grad is not None or oracle not in ("auto", "mpmath")):
        raise ValueError("order=2 differentiates the engine's own gradient, against mpmath")
    subject = Subject(f, args)
    if order == 2:
        return _second_order(subject, kink, max_ulp)
    root, elsewhere = None, False
    if grad is None:
        root, leaves = subject.graph(subject.numbers)
        judge = subject.oracle(oracle)
        got, allowed = swept(root, leaves)
        slopes = [judge.slope(i) for i in range(len(got))]
        elsewhere = isinstance(root, Value) and subject.takes_another_branch(judge)
    else:
        got = subject.matching(grad(*subject.arguments.rebuilt(subject.numbers)))
        judge = subject.oracle(oracle)
        slopes = [judge.slope(i) for i in range(len(got))]
        allowed = [_foreign_bound(judge, i, s, subject, max_ulp) for i, s in enumerate(slopes)]
    findings = tuple(
        judged(*item, max_ulp, kink)
        for item in zip(subject.names, got, slopes, allowed, strict=True)
    )
    if elsewhere:
        findings = tuple(map(on_another_branch, findings))
    elif isinstance(root, Value):
        if any(x.verdict is Verdict.FAIL for x in findings):
            passed = below_kinks(root)
            findings = tuple(
                at_conventions(finding, passed.get(leaf), kink)
                for finding, leaf in zip(findings, leaves, strict=True)
            )
        if max_ulp is None:
            findings = tuple(
                within_floats(x, root, root, partial(_natural, judge, i, subject, root))
                for i, x in enumerate(findings)
            )
    return _explained(Report(f"gradient of {subject.name}", findings, judge.name), subject, root)


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
        What `check_gradients` takes: oracle, kink, max_ulp.

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
    subject = Subject(f, args)
    plain = subject.arguments.rebuilt(subject.numbers)
    results = Arguments((f(*plain),))
    count = len(results.numbers)
    findings: list[Finding] = []
    rows: list[list[float]] = []
    reports: list[Report] = []
    for k in range(count):
        (unit_vector,) = results.rebuilt([float(k == i) for i in range(count)])
        rows.append(subject.matching(vjp(unit_vector, *plain)))
        reports.append(
            check_gradients(
                lambda *xs, k=k: _flattened(f(*xs))[k],
                plain,
                grad=lambda *xs, c=unit_vector: vjp(c, *xs),
                **how,
            )
        )
        findings += [replace(x, where=f"result[{k}] by {x.where}") for x in reports[-1].findings]
    weights = [float((-1) ** k * (k % 7 + 1)) for k in range(count)]
    (cotangent,) = results.rebuilt(weights)
    combined = subject.matching(vjp(cotangent, *plain))
    for i, name in enumerate(subject.names):
        if not all(math.isfinite(row[i]) for row in rows):
            continue  # the components have failed above
        terms = [Fraction(w) * Fraction(row[i]) for w, row in zip(weights, rows, strict=True)]
        truth = sum(terms, Fraction(0))
        distance = ulps(float(combined[i]), truth, sum(map(abs, terms), Fraction(0)))
        verdict = Verdict.PASS if distance <= 4 * count else Verdict.FAIL
        got, expected = float(combined[i]), nearest(truth)
        where = f"linearity, by {name}"
        findings.append(Finding(where, verdict, got, expected, distance, 4.0 * count, 0.0))
    oracle = reports[0].oracle if reports else "nothing"
    return Report(f"vector-Jacobian product of {subject.name}", tuple(findings), oracle)


def swept(root: Any, leaves: Sequence[Value]) -> tuple[list[Any], list[float]]:
    """Return the engine's gradient of a root, and what its roundings account for."""
    if not isinstance(root, Value):
        return [0.0] * len(leaves), [0.0] * len(leaves)
    for leaf in leaves:
        leaf.zero_grad()
    root.backward()
    got = [x.grad.data if isinstance(x.grad, Value) else x.grad for x in leaves]
    got = [slope if slope != 0 else type(x.data)(0) for slope, x in zip(got, leaves, strict=True)]
    if type(root.data) is not float:
        return got, [0.0] * len(leaves)
    bounds = rounding_bounds(root)
    return got, [bounds.get(leaf, 0.0) for leaf in leaves]


def _foreign_bound(
    judge: Oracle, i: int, slope: Slope, subject: Subject, max_ulp: float | None
) -> float:
    """The absolute error that a gradient from elsewhere is allowed by default."""
    if max_ulp is not None:
        return math.nan
    if all(isinstance(x, Fraction) for x in subject.numbers):
        return 0.0
    if slope.derivative is None:
        sides = [abs(end.value) for end in (slope.left, slope.right) if end is not None]
        return FOREIGN_UNITS * nearest(unit(max(sides, default=Fraction(0))))
    one = max(unit(slope.derivative.value), _reach(judge, i, subject))
    return FOREIGN_UNITS * nearest(one)


def _natural(judge: Oracle, i: int, subject: Subject, root: Value) -> Fraction:
    """The change that a unit of the function's value and of every argument makes."""
    return _unit(root) + _reach(judge, i, subject)


def _unit(*values: Any) -> Fraction:
    """The units in the last place of some finite Values, added up."""
    return sum((unit(exact(x.data)) for x in values if math.isfinite(x.data)), Fraction(0))


def _reach(judge: Oracle, i: int, subject: Subject) -> Fraction:
    """The change that a unit in the last place of every argument makes in a derivative."""
    reach = Fraction(0)
    if not isinstance(judge, Precise):
        return reach
    for j, x in enumerate(subject.numbers):
        second = judge.curvature(i, j).derivative
        if second is not None:
            reach += abs(second.value) * unit(Fraction(x))
    return reach


def _second_order(subject: Subject, kink: str, max_ulp: float | None) -> Report:
    """Differentiate the gradient, and hold it against differences of second order."""
    root, leaves = subject.graph(subject.numbers)
    judge = cast(Precise, subject.oracle("mpmath"))
    slopes: list[Any] = [0.0] * len(leaves)
    elsewhere = False
    if isinstance(root, Value):
        root.backward(create_graph=True)
        slopes = [leaf.grad for leaf in leaves]
        elsewhere = subject.takes_another_branch(judge)
    findings: list[Finding] = []
    for i, slope in enumerate(slopes):
        got, allowed = swept(slope, leaves)
        for j, other in enumerate(subject.names):
            where = f"{subject.names[i]}, {other}"
            found = judged(where, got[j], judge.curvature(i, j), allowed[j], max_ulp, kink)
            if elsewhere:
                found = on_another_branch(found)
            elif isinstance(slope, Value) and max_ulp is None:
                found = within_floats(found, root, slope, partial(_unit, root, slope))
            findings.append(found)
    report = Report(f"second derivatives of {subject.name}", tuple(findings), judge.name)
    return _explained(report, subject, root, *slopes)


def _explained(report: Report, subject: Subject, *roots: Any) -> Report:
    """A report with runnable Python for what did not pass.

    It is the program itself, or the one operation of the graphs with a wrong partial. Where there
    is one, a doubt about the roundings (which trusts the partials) is none.
    """
    graphs = [root for root in roots if isinstance(root, Value) and type(root.data) is float]
    guilty = None if report else next(filter(None, map(blamed, graphs)), None)
    if guilty is None:
        shown = subject.f.to_python() if isinstance(subject.f, Program) and not report else ""
        return replace(report, program=shown)
    findings = tuple(
        replace(x, verdict=Verdict.FAIL) if x.verdict is Verdict.INCONCLUSIVE else x
        for x in report.findings
    )
    return replace(report, findings=findings, program=guilty.to_python())


def _flattened(result: Any) -> list[Any]:
    """The numbers and Values of a structured result, as they are."""
    if isinstance(result, (Value, *(type(x) for x in numbers_in(result)))):
        return [result]
    if hasattr(result, "ravel"):
        return list(result.ravel())
    parts = result.values() if isinstance(result, dict) else result
    return [x for part in parts for x in _flattened(part)]
