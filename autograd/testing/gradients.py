"""Checking a gradient against an oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, cast

from autograd.callables import check_function
from autograd.graph.value import Value
from autograd.testing.arguments import check_args
from autograd.testing.computation import Computation, operation_at
from autograd.testing.directional import along_directions
from autograd.testing.judging import (
    Terms,
    at_conventions,
    judged,
    on_another_branch,
    within_floats,
)
from autograd.testing.local import below_kinks, blamed
from autograd.testing.precise import Precise
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.roundings import rounding_bounds
from autograd.testing.subject import Subject
from autograd.testing.truth import Truth, judged_row
from autograd.testing.units import exact, unit

ORACLES = ("auto", "mpmath", "fraction", "complex", "finite")


def check_gradients(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    grad: Callable[..., Any] | None = None,
    oracle: str = "auto",
    order: int = 1,
    kink: str = "skip",
    max_ulp: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    scale: float | None = None,
    dtype: str | None = None,
    directions: int | None = None,
) -> Report:
    """Hold the gradient of a function at one point against an independent oracle.

    The oracle sees values of the function only. The report is true if every number passed; its
    `check` raises what did not. Of a function that takes nothing but floats an oracle sees 9
    digits or so: a gradient that agrees to these passes, and the report says to how many; one that
    is farther off than the oracle's own error fails. Where an oracle sees less than 3 digits, or
    less than a bound that was given asks for, the verdict is "inconclusive", which is not "pass".
    No bound is ever loosened.

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
    rtol, atol : float, optional
        Instead: an error of `atol + rtol * abs(derivative)` is allowed.
    scale : float, optional
        The size of a derivative below which digits do not matter, for those that are 0 or nearly:
        units and `rtol` are relative to it at least.
    dtype : {"float64", "float32", "float16"}, optional
        What `f` and `grad` compute in: it sets the unit, and the steps of finite differences.
        Left out, it is the type of the arrays among `args`, which has to be one, else float64. The
        point is taken exactly as it is given, and nothing is cast; high precision and the complex
        step, which is one of doubles, start from the very same numbers.
    directions : int, optional
        Of a foreign gradient, look along so many random directions only, instead of at every
        argument; the report says so. It takes that many derivatives however many arguments there
        are; what is wrong in one argument shows, but not in which.

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
    check_function(f, "check_partials takes a Value")
    check_args(args)
    if grad is not None:
        check_function(grad, "grad is given what f is, and returns the gradient")
    if oracle not in ORACLES:
        raise ValueError(f"oracle is one of {', '.join(map(repr, ORACLES))}, not {oracle!r}")
    if order not in (1, 2):
        raise ValueError(f"order is 1 or 2, not {order!r}")
    if order == 2 and (grad is not None or oracle not in ("auto", "mpmath")):
        raise ValueError("order=2 differentiates the engine's own gradient, against mpmath")
    subject = Subject(f, args, dtype=dtype)
    terms = Terms(max_ulp, rtol, atol, scale, kink, subject.form)
    if grad is None and (subject.form.name != "float64" or directions is not None):
        raise ValueError("the engine's own gradient is in doubles, and checked whole: pass grad")
    if order == 2:
        return _second_order(subject, terms)
    title = f"gradient of {subject.name}"
    if grad is None:
        return _own_gradient(title, subject, oracle, terms)
    got = subject.matching(grad(*subject.arguments.rebuilt(subject.numbers)))
    if directions is not None:
        findings, name = along_directions(subject, [1.0], got, oracle, terms, directions)
        return Report(f"{title} along {directions} random directions", findings, name)
    truth = Truth(subject, oracle)
    report = Report(title, tuple(judged_row(truth, 0, got, terms)), truth.oracle.name)
    return _explained(report, subject)


def _own_gradient(title: str, subject: Subject, oracle: str, terms: Terms) -> Report:
    """Check the engine's own gradient, within what the roundings of its graph account for."""
    root, leaves = subject.graph(subject.numbers)
    truth = Truth(subject, oracle)
    got, allowed = swept(root, leaves)
    items = enumerate(zip(subject.names, got, allowed, strict=True))
    findings = [judged(where, x, truth.slope(i, 0), most, terms) for i, (where, x, most) in items]
    if isinstance(root, Value):
        if subject.takes_another_branch(truth.oracle):
            findings = list(map(on_another_branch, findings))
        else:
            if any(x.verdict is Verdict.FAIL for x in findings):
                passed = below_kinks(root)
                findings = [
                    at_conventions(finding, passed.get(leaf), terms.kink)
                    for finding, leaf in zip(findings, leaves, strict=True)
                ]
            if not terms.given:
                findings = [
                    within_floats(x, root, root, partial(_natural, truth, i, root))
                    for i, x in enumerate(findings)
                ]
    return _explained(Report(title, tuple(findings), truth.oracle.name), subject, root)


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


def _natural(truth: Truth, i: int, root: Value) -> Fraction:
    """The change that a unit of the function's value and of every argument makes."""
    return _unit(root) + truth.reach(i, 0)


def _unit(*values: Any) -> Fraction:
    """The units in the last place of some finite Values, added up."""
    return sum((unit(exact(x.data)) for x in values if math.isfinite(x.data)), Fraction(0))


def _second_order(subject: Subject, terms: Terms) -> Report:
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
            found = judged(where, got[j], judge.curvature(i, j), allowed[j], terms)
            if elsewhere:
                found = on_another_branch(found)
            elif isinstance(slope, Value) and not terms.given:
                found = within_floats(found, root, slope, partial(_unit, root, slope))
            findings.append(found)
    report = Report(f"second derivatives of {subject.name}", tuple(findings), judge.name)
    return _explained(report, subject, root, *slopes)


def _explained(report: Report, subject: Subject, *roots: Any) -> Report:
    """A report with runnable Python for what did not pass.

    It is the program itself, or the one operation of the graphs with a wrong partial. Where there
    is one, a doubt about the roundings (which trusts the partials) is none.
    """
    if report:
        return report
    graphs = [root for root in roots if isinstance(root, Value) and type(root.data) is float]
    guilty = next(((root, found) for root in graphs if (found := blamed(root))), None)
    if guilty is None:
        shown = subject.f.to_python() if isinstance(subject.f, Computation) else ""
        return replace(report, program=shown, failing=(graphs[0], None, "") if graphs else None)
    root, (node, wrong) = guilty
    findings = tuple(
        replace(x, verdict=Verdict.FAIL) if x.verdict is Verdict.INCONCLUSIVE else x
        for x in report.findings
    )
    program = operation_at(node).to_python()
    return replace(report, findings=findings, program=program, failing=(root, node, str(wrong)))
