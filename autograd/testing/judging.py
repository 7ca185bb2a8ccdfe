"""What there is to say about one number of a gradient, given the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from autograd.testing.local import cancelling, overflow
from autograd.testing.oracles import Slope
from autograd.testing.reports import Finding, Verdict
from autograd.testing.roundings import USEFUL
from autograd.testing.units import measured, nearest, ratio, unit
from autograd.value import Value

FOREIGN_UNITS = 64


def judged(
    where: str, got: Any, slope: Slope, allowed: float, max_ulp: float | None, kink: str
) -> Finding:
    """Return what there is to say about one number of a gradient.

    Parameters
    ----------
    where : str
        What it is the gradient by.
    got : float or Fraction
    slope : Slope
        The truth.
    allowed : float
        The absolute error that is allowed if `max_ulp` is None.
    max_ulp : float or None
        The error that is allowed in units in the last place of the truth.
    kink : str
        As in `check_gradients`.
    """
    if slope.derivative is None:
        return _at_a_kink(where, got, slope, allowed, max_ulp, kink)
    truth, doubt = slope.derivative.value, slope.derivative.error
    one = unit(truth)
    bound = allowed if max_ulp is None else max_ulp * nearest(one)
    number = float(got)
    units, unsure = measured(number, truth, doubt)
    if isinstance(got, Fraction):
        units = ratio(abs(got - truth), one)
    limit = bound / nearest(one)
    found = Finding(where, Verdict.FAIL, number, nearest(truth), units, limit, unsure)
    if not math.isfinite(number):
        return replace(found, verdict=Verdict.FAIL if units else Verdict.PASS)
    if not math.isfinite(bound):
        if units + unsure <= 4:
            return replace(found, verdict=Verdict.PASS)
        note = "roundings alone may take it this far, over a kink or a pole"
        return replace(found, verdict=Verdict.INCONCLUSIVE, note=note)
    error = abs(Fraction(got) - truth)
    if error + doubt <= Fraction(bound):
        return replace(found, verdict=Verdict.PASS)
    if error - doubt <= Fraction(bound):
        note = "the oracle's own error is too large to tell"
        return replace(found, verdict=Verdict.INCONCLUSIVE, note=note)
    return found


def _at_a_kink(
    where: str, got: Any, slope: Slope, allowed: float, max_ulp: float | None, kink: str
) -> Finding:
    """What there is to say where there is no derivative."""
    number = float(got)
    if slope.left is None or slope.right is None:
        note = "no finite derivative here"
        verdict = {"skip": None, "interval": Verdict.INCONCLUSIVE, "fail": Verdict.FAIL}[kink]
        return Finding(where, verdict, number, note=note)
    ends = sorted((slope.left, slope.right), key=lambda end: end.value)
    low, high = (nearest(end.value) for end in ends)
    note = f"a kink: between {low!r} and {high!r}"
    if kink != "interval":
        return Finding(where, None if kink == "skip" else Verdict.FAIL, number, note=note)
    inside = ends[0].value <= Fraction(number) <= ends[1].value if math.isfinite(number) else False
    if not inside and math.isfinite(number):
        end = min(ends, key=lambda end: abs(end.value - Fraction(number)))
        return replace(judged(where, got, Slope(end), allowed, max_ulp, kink), note=note)
    return Finding(where, Verdict.PASS if inside else Verdict.FAIL, number, note=note)


def at_conventions(finding: Finding, row: str | None, kink: str) -> Finding:
    """Return a failure as a convention, where the gradient passes the kink of a row on its way."""
    if finding.verdict is not Verdict.FAIL or row is None or kink == "fail":
        return finding
    if not math.isfinite(finding.got):
        return finding  # no convention says nan
    note = f"the gradient passes a kink of {row}, where it follows a convention"
    return replace(finding, verdict=None if kink == "skip" else Verdict.INCONCLUSIVE, note=note)


def on_another_branch(finding: Finding) -> Finding:
    """Return a finding as one about a function that roundings make another one."""
    note = "roundings lead to another branch than the numbers themselves"
    return Finding(finding.where, None, finding.got, note=note)


def within_floats(
    finding: Finding, root: Value, derivative: Any, natural: Callable[[], Fraction]
) -> Finding:
    """Return a finding about a gradient that floats cannot give, as one that decides nothing.

    Parameters
    ----------
    finding : Finding
        Of the engine's own gradient, with the allowance that its roundings account for.
    root : Value
        The function.
    derivative : Value or number
        What was swept for the gradient: the root, or a first derivative of it.
    natural : callable
        The size of errors that leave nothing to be found: what a unit in the last place of the
        function's value and arguments changes. It is asked for where not a digit is right.
    """
    if finding.verdict is Verdict.FAIL and not math.isfinite(finding.got):
        note = overflow(root, derivative)
        return replace(finding, verdict=Verdict.INCONCLUSIVE, note=note) if note else finding
    error = abs(finding.got - finding.expected)
    if finding.verdict not in (Verdict.PASS, Verdict.INCONCLUSIVE):
        return finding
    if not error > USEFUL * abs(finding.expected):
        return finding
    if finding.verdict is Verdict.PASS and error <= FOREIGN_UNITS * nearest(natural()):
        return finding
    terms = cancelling(root)
    note = finding.note or "roundings on the way leave no digit of it"
    if terms:
        note = f"terms of {terms:.3g} cancel to {finding.expected:.3g}: floats keep no digit of it"
    return replace(finding, verdict=Verdict.INCONCLUSIVE, note=note)
