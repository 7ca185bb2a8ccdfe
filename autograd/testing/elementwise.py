"""Checking a function of arrays, element by element, at the points where derivatives fail."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autograd.callables import check_function
from autograd.extras import need
from autograd.functions.row import REALS
from autograd.graph.value import Value
from autograd.testing.naming import name_of
from autograd.testing.points import chosen_points
from autograd.testing.pointwise import DERIVATIVE, VALUE, Judge, Judged
from autograd.testing.quotients import Quotients
from autograd.testing.references import Reference
from autograd.testing.reports import Finding, Report, Severity, Verdict, brief
from autograd.testing.subject import advising
from autograd.testing.units import FORMATS


def check_elementwise(
    f: Callable[[Any], Any],
    df: Callable[[Any], Any] | None,
    reference: Callable[[Any], Any],
    *,
    domain: tuple[float, float] = REALS,
    points: Any = 2000,
    special: tuple[float, ...] = (),
    dtype: Any = None,
    max_ulp: float | None = None,
    rtol: float = 0.0,
    atol: float = 0.0,
    clamps: Mapping[tuple[float, float], str] | None = None,
    negligible: float | None = None,
    values: bool = True,
    seed: int = 0,
) -> Report:
    """Hold a function of arrays and its derivative against mpmath, at many points at once.

    Parameters
    ----------
    f, df : callable
        The function and its derivative, from arrays to arrays of the same shape; for functions of
        PyTorch and JAX `from_torch(f)` and `from_jax(f)` are both. Without `df`, `f` is written
        with the functions of `autograd` and its derivative is the engine's.
    reference : callable
        The truth: a function of mpmath, or one written with operators and universal functions.
    domain : tuple of (float, float)
        The smallest and the largest argument.
    points : int, array or Hypothesis strategy
        How many there are, the hard ones (`points.hard_points`) among them and a quarter of them
        or more random; or the points; or a strategy that draws them.
    special : tuple of float
        Kinks, poles and thresholds, whose neighbourhood is looked at.
    dtype : NumPy dtype, optional
        Of the points and in whose units errors count; that of the array of points, or float64.
    max_ulp : float, optional
        What is allowed, in units in the last place of the truth. By default it is `UNITS` of
        them, or as much as so many units of the argument change, whichever is more.
    rtol, atol : float
        Errors that are allowed as well: relative to the truth, and absolute.
    clamps : mapping of (float, float) to str, optional
        Intervals where the library documents that it answers something else, and where it says
        so. They are reported, and fail nothing.
    negligible : float, optional
        The size below which numbers do not matter; if left out, the unit in the last place of 1
        to the power of 3/4: 1.8e-12 for float64, 6e-6 for float32.
    values : bool
        Whether the values of `f` are checked too.
    seed : int
        Of the random points.

    Returns
    -------
    Report
        It shows the worst point of each severity; all are in `findings`.

    Examples
    --------
    >>> import mpmath, numpy as np
    >>> report = check_elementwise(np.tanh, lambda x: 1 - np.tanh(x)**2, mpmath.tanh, points=200)
    >>> report.verdict.value, report.severity.value
    ('fail', 'few digits')
    >>> stable = lambda x: 4 * np.exp(-2 * abs(x)) / (1 + np.exp(-2 * abs(x)))**2
    >>> bool(check_elementwise(np.tanh, stable, mpmath.tanh, points=200))
    True
    """
    for function in (f, reference, *([] if df is None else [df])):
        check_function(function, "it is f, its derivative, or the truth of mpmath")
    need("mpmath", "testing", "check_elementwise")
    xs, dtype = chosen_points(points, domain, special, dtype, seed)
    if str(dtype) not in FORMATS:
        raise ValueError(f"dtype is one of {', '.join(map(repr, FORMATS))}, not {str(dtype)!r}")
    judge = Judge(dtype, max_ulp, rtol, atol, negligible, clamps or {})
    quotients = Quotients(Reference(reference))
    given = [float(x) for x in xs]
    got = {DERIVATIVE: _numbers(df or derivative_of(f), xs, f"the derivative of {name_of(f)}")}
    if values:
        got[VALUE] = _numbers(f, xs, name_of(f))
    truths = {x: quotients.at(x) for x in given}
    truths |= {x: quotients.precisely(x) for x in quotients.doubted(truths)}
    findings = [
        judge.found(kind, x, number, truths[x])
        for kind, numbers in got.items()
        for x, number in zip(given, numbers, strict=True)
    ]
    judged = _confirmed([x for x in findings if x], judge, quotients)
    if values and (another := _another_function(judged)):
        judged = another
    title = f"{name_of(f)} at {len(given)} points of {dtype}"
    report = _Report(title, tuple(x.finding for x in judged), f"mpmath's {name_of(reference)}")
    return _with_own_check(report, judged, getattr(f, "own_check", None))


class _Report(Report):
    """A report of very many points: the worst of each kind and severity is shown."""

    def _shown(self) -> Iterator[Finding | str]:
        shown = list(brief(self.findings, lambda x: x.where.partition(" ")[0]))
        yield from shown or list(super()._shown())[:3]


def _confirmed(findings: list[Judged], judge: Judge, quotients: Quotients) -> list[Judged]:
    """The findings, where what is worst was looked at by the slow way as well."""

    def again(x: Judged) -> Judged:
        truth = replace(quotients.precisely(x.x), bend=quotients.bend(x.x))
        return judge.found(x.kind, x.x, x.got, truth) or x

    bad = [x for x in findings if x.finding.verdict not in (Verdict.PASS, None)]
    shown = set(map(id, brief([x.finding for x in bad], lambda x: x.where.partition(" ")[0])))
    worst = {x for x in bad if id(x.finding) in shown}
    second = {x: again(x) for x in worst}
    if any(second[x].finding.verdict is not x.finding.verdict for x in worst):
        second = {x: again(x) for x in bad}
    return [second.get(x, x) for x in findings]


def _another_function(judged: list[Judged]) -> list[Judged] | None:
    """The values alone, undecided, where most of them are those of another function."""
    values = [x for x in judged if x.kind == VALUE]
    wrong = [x for x in values if x.finding.severity is Severity.WRONG]
    if len(wrong) * 2 <= len(values):
        return None
    note = "the reference is another function"
    unsure = Verdict.INCONCLUSIVE
    return [replace(x, finding=replace(x.finding, verdict=unsure, note=note)) for x in wrong]


def _with_own_check(report: Report, judged: list[Judged], own_check: Any) -> Report:
    """The report, its worst failure with what the library's own check says there."""
    worst = report.worst
    if own_check is None or worst is None or worst.verdict is not Verdict.FAIL:
        return report
    x = next(x.x for x in judged if x.finding is worst)
    noted = replace(worst, note="; ".join(filter(None, (worst.note, own_check(x)))))
    return replace(report, findings=tuple(noted if y is worst else y for y in report.findings))


def _numbers(f: Callable[[Any], Any], xs: Any, what: str) -> list[float]:
    """What a function of arrays makes of the points, as floats."""
    import numpy as np

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            result = np.asarray(f(xs.copy()))
        except (TypeError, ValueError):
            result = np.array([_one(f, x) for x in xs])  # a function of single numbers
    if result.shape != xs.shape:
        raise ValueError(
            f"{what} made an array of shape {result.shape} of one of shape {xs.shape}: "
            "check_elementwise needs one number for each point"
        )
    if result.dtype.kind == "c":
        raise TypeError(f"{what} is complex: check its real part and its imaginary part")
    if result.dtype.kind == "f" and result.dtype.itemsize < xs.dtype.itemsize:
        raise TypeError(
            f"{what} is {result.dtype} at points of {xs.dtype}: it was rounded in silence; give "
            f"dtype={str(result.dtype)!r}, or let the library compute in {xs.dtype} "
            "(jax.config.update('jax_enable_x64', True))"
        )
    return [float(y) for y in result.tolist()]


def _one(f: Callable[[Any], Any], x: Any) -> float:
    """A function of one number, where Python raises nan."""
    try:
        return float(f(x.item()))
    except (ArithmeticError, ValueError):
        return math.nan


def derivative_of(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the engine's derivative of a function that is written with its functions."""

    def derivative(xs: Any) -> Any:
        import numpy as np

        return np.array([_slope(f, float(x)) for x in np.ravel(xs)]).reshape(np.shape(xs))

    return derivative


def _slope(f: Callable[[Any], Any], x: float) -> float:
    """The engine's derivative at one point."""
    leaf = Value(x)
    with advising(name_of(f), "Values"):
        y = f(leaf)
    if isinstance(y, Value):
        y.backward()
    return float(leaf.grad)
