"""What is true of a function at a point: the oracle, and what one sweep that it confirmed adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from autograd.testing.certified import Jacobian
from autograd.testing.judging import FOREIGN_UNITS, Terms, judged
from autograd.testing.oracles import Slope
from autograd.testing.precise import Precise
from autograd.testing.reports import Finding, Verdict
from autograd.testing.units import nearest, unit

if TYPE_CHECKING:
    from autograd.testing.subject import Subject

_FEW = 2  # arguments that are differentiated one by one


class Truth:
    """The derivatives of a function at one point.

    Parameters
    ----------
    subject : Subject
    oracle : str
        As in `check_gradients`.

    Examples
    --------
    >>> from autograd.testing.subject import Subject
    >>> truth = Truth(Subject(lambda x, y, z: x * y + z, (2.0, 3.0, 5.0)), "auto")
    >>> [float(truth.slope(i, 0).derivative.value) for i in range(3)], truth.oracle.name
    ([3.0, 2.0, 1.0], 'mpmath')
    """

    def __init__(self, subject: Subject, oracle: str) -> None:
        self.subject, self.oracle = subject, subject.oracle(oracle)
        self.jacobian: Jacobian | None = None
        if isinstance(self.oracle, Precise) and len(subject.numbers) > _FEW:
            self.jacobian = Jacobian(subject, self.oracle)

    def slope(self, i: int, k: int) -> Slope:
        """Return the derivative of result `k` by argument `i`."""
        confirmed = self.jacobian and self.jacobian.confirmed.get((i, k))
        return Slope(confirmed) if confirmed else self.oracle.slope(i, k)

    def reach(self, i: int, k: int, enough: Fraction | None = None) -> Fraction:
        """Return the change that a unit in the last place of every argument makes in a derivative.

        0 where the oracle has no second derivatives; and a bound where that is `enough`.
        """
        if not isinstance(self.oracle, Precise):
            return Fraction(0)
        found = None if self.jacobian is None else self.jacobian.reach(i, k, enough)
        if found is not None:
            return found
        reach = Fraction(0)
        for j, x in enumerate(self.subject.numbers):
            second = self.oracle.curvature(i, j, k).derivative
            if second is not None:
                reach += abs(second.value) * unit(Fraction(x), self.subject.form)
        return reach


def judged_row(
    truth: Truth, k: int, got: Sequence[Any], terms: Terms, of: str = ""
) -> list[Finding]:
    """Return the findings about one row of a Jacobian from elsewhere: of result `k`."""
    findings: list[Finding] = []
    for i, (name, number) in enumerate(zip(truth.subject.names, got, strict=True)):
        where = of + name
        slope = truth.slope(i, k)
        bound = _foreign_bound(slope, truth.subject)
        found = judged(where, number, slope, bound, terms)
        if found.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) and not terms.given:
            wider = _reaching_bound(truth, i, k, number, slope)
            found = judged(where, number, slope, wider, terms) if wider > bound else found
        findings.append(found)
    return findings


def _foreign_bound(slope: Slope, subject: Subject) -> float:
    """The error that a gradient from elsewhere is allowed by default, for roundings of its own."""
    if all(isinstance(x, Fraction) for x in subject.numbers):
        return 0.0
    if slope.derivative:
        size = slope.derivative.value
    else:
        size = max((abs(x.value) for x in (slope.left, slope.right) if x), default=Fraction(0))
    return FOREIGN_UNITS * nearest(unit(size, subject.form))


def _reaching_bound(truth: Truth, i: int, k: int, got: Any, slope: Slope) -> float:
    """The same for roundings of the arguments, which move the derivative; 0 if there is none."""
    subject = truth.subject
    if slope.derivative is None or not math.isfinite(got):
        return 0.0
    if all(isinstance(x, Fraction) for x in subject.numbers):
        return 0.0
    enough = (abs(Fraction(got) - slope.derivative.value) + slope.derivative.error) / FOREIGN_UNITS
    return FOREIGN_UNITS * nearest(truth.reach(i, k, enough))
