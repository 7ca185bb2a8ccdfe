"""What there is to say about one number of a gradient, given the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from autograd.graph.value import Value
from autograd.testing.local import cancelling, overflow
from autograd.testing.oracles import Estimate, Slope
from autograd.testing.reports import Finding, Verdict
from autograd.testing.roundings import USEFUL
from autograd.testing.units import DOUBLE, Format, measured, nearest, ratio, unit_of

FOREIGN_UNITS = 64


KINKS = ("skip", "interval", "fail")
_SHARE = 18  # of the bits of a format, as decimal digits, have to be seen: 3 of doubles


@dataclass(frozen=True)
class Terms:
    """What a check allows.

    Parameters
    ----------
    max_ulp, rtol, atol, scale, kink
        As in `check_gradients`.
    form : Format
        Whose units.
    """

    max_ulp: float | None = None
    rtol: float | None = None
    atol: float | None = None
    scale: float | None = None
    kink: str = "skip"
    form: Format = DOUBLE

    def __post_init__(self) -> None:
        if self.kink not in KINKS:
            raise ValueError(f"kink is one of {', '.join(map(repr, KINKS))}, not {self.kink!r}")
        for name in ("rtol", "atol", "scale", "max_ulp"):
            given = getattr(self, name)
            if given is not None and not 0 <= given < math.inf:
                raise ValueError(f"{name} is a size, not {given!r}")
        if self.max_ulp is not None and (self.rtol, self.atol) != (None, None):
            raise ValueError("max_ulp and rtol, atol are two bounds for one number: give either")

    @property
    def given(self) -> bool:
        """Whether the bound was given, and is not the kit's own."""
        return (self.max_ulp, self.rtol, self.atol) != (None, None, None)

    def one(self, truth: Fraction) -> Fraction:
        """Return the unit in which errors are counted."""
        return unit_of(truth, Fraction(self.scale) if self.scale else None, self.form)

    def bound(self, truth: Fraction, allowed: float) -> float:
        """Return the largest error allowed; `allowed` is the kit's own bound."""
        if self.max_ulp is not None:
            return self.max_ulp * nearest(self.one(truth))
        if self.given:
            size = max(abs(nearest(truth)), self.scale or 0.0)
            return (self.atol or 0.0) + (self.rtol or 0.0) * size
        return max(allowed, FOREIGN_UNITS * nearest(self.one(truth))) if self.scale else allowed


def judged(where: str, got: Any, slope: Slope, allowed: float, terms: Terms) -> Finding:
    """Return what there is to say about one number of a gradient.

    Parameters
    ----------
    where : str
        What it is the gradient by.
    got : float or Fraction
    slope : Slope
        The truth.
    allowed : float
        The absolute error that is allowed if the terms say nothing.
    terms : Terms
    """
    if slope.derivative is None:
        return _at_a_kink(where, got, slope, allowed, terms)
    truth, doubt = slope.derivative.value, slope.derivative.error
    if not truth and not doubt and not got:  # most of the Jacobian of an elementwise function
        return Finding(where, Verdict.PASS, 0.0, 0.0, 0.0, float(FOREIGN_UNITS), 0.0)
    scale, form = Fraction(terms.scale) if terms.scale else None, terms.form
    one, bound = terms.one(truth), terms.bound(truth, allowed)
    number = float(got)
    units, unsure = measured(number, truth, doubt, scale, form)
    if isinstance(got, Fraction):
        units = ratio(abs(got - truth), one)
    limit = bound / nearest(one)
    found = Finding(where, Verdict.FAIL, number, nearest(truth, form), units, limit, unsure)
    if not math.isfinite(number):
        return replace(found, verdict=Verdict.FAIL if units else Verdict.PASS)
    if not math.isfinite(bound):
        if units + unsure <= 4:
            return replace(found, verdict=Verdict.PASS)
        note = "roundings alone may take it this far, over a kink or a pole"
        return replace(found, verdict=Verdict.INCONCLUSIVE, note=note)
    error, most = abs(Fraction(got) - truth), Fraction(bound)
    if error + doubt <= most:
        return replace(found, verdict=Verdict.PASS)
    if error - doubt <= most:
        if slope.size is not None and not terms.given:
            return _as_far_as_seen(found, slope.derivative, slope.size, terms)
        note = "the oracle's own error is too large to tell"
        return replace(found, verdict=Verdict.INCONCLUSIVE, note=note)
    return found


def _as_far_as_seen(found: Finding, truth: Estimate, size: float, terms: Terms) -> Finding:
    """A finding that agrees with an oracle that sees some digits only: how many it sees."""
    doubt, size = nearest(truth.error), max(size, terms.scale or 0.0)
    allowed = found.allowed + found.oracle_error
    for whole, of in ((abs(nearest(truth.value)), ""), (size, f" of {size:.3g}")):
        digits = -math.log10(max(doubt / whole, 1e-300)) if doubt < whole < math.inf else 0.0
        if digits >= terms.form.digits / _SHARE:
            agrees = (
                f"to the {int(digits)} digits{of}" if digits >= 2 else f"within the {doubt:.1g}"
            )
            note = f"agrees {agrees} that differences can see"
            return replace(found, verdict=Verdict.PASS, allowed=allowed, note=note)
    note = "the oracle's own error is too large to tell"
    return replace(found, verdict=Verdict.INCONCLUSIVE, note=note)


def _at_a_kink(where: str, got: Any, slope: Slope, allowed: float, terms: Terms) -> Finding:
    """What there is to say where there is no derivative."""
    number, kink = float(got), terms.kink
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
        return replace(judged(where, got, Slope(end), allowed, terms), note=note)
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
