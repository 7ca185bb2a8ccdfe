"""What there is to say about one value or derivative of a function of arrays, given the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from autograd.testing.quotients import Truth
from autograd.testing.reports import Finding, Verdict
from autograd.testing.units import FORMATS, Format, exact, measured, nearest, ratio, unit

UNITS = 64
DERIVATIVE, VALUE = "derivative", "value"


@dataclass(frozen=True)
class Judged:
    """A finding with what it was made from."""

    kind: str
    x: float
    got: float
    finding: Finding


@dataclass(frozen=True)
class Judge:
    """What is allowed, and in which units."""

    dtype: Any
    max_ulp: float | None
    rtol: float
    atol: float
    negligible: float | None
    clamps: Mapping[tuple[float, float], str]

    def __post_init__(self) -> None:
        for name in ("max_ulp", "rtol", "atol"):
            given = getattr(self, name)
            if given is not None and not 0 <= given < math.inf:
                raise ValueError(f"{name} is a size, not {given!r}")

    def found(self, kind: str, x: float, got: float, truth: Truth) -> Judged | None:
        """What there is to say about a value or derivative; None where there is no truth."""
        where = f"{kind} at {self.dtype.type(x)!s}"
        if kind == VALUE:
            if truth.value is None:
                return None
            finding = self._held(where, x, got, truth.value, 0, truth.slope or 0)
        elif truth.slope is not None:
            finding = self._held(where, x, got, truth.slope, truth.error, truth.bend)
        elif truth.left is not None and truth.right is not None:
            finding = self._at_a_kink(where, x, got, truth)
        else:
            return None
        return Judged(kind, x, got, finding)

    def _held(self, where: str, x: float, got: float, truth: Any, error: Any, rate: Any) -> Finding:
        """One number held against the truth, which changes at this rate with the argument."""
        quick = self._quickly(where, got, truth, error)
        if quick is not None:
            return quick
        form, right = self.form, exact(truth)
        one, expected = unit(right, form), nearest(right, form)
        units, unsure = measured(got, right, exact(error), form=form)
        bound = UNITS * max(one, abs(exact(rate)) * unit(Fraction(x), form))
        if self.max_ulp is not None:
            bound = Fraction(self.max_ulp) * one
        bound += abs(right) * Fraction(self.rtol) + Fraction(self.atol)
        allowed = ratio(bound, one)
        if units + unsure <= allowed and units < math.inf:
            return Finding(where, Verdict.PASS, got, expected, units, allowed, unsure)
        told = units - unsure > allowed or units == math.inf
        verdict = Verdict.FAIL if told else Verdict.INCONCLUSIVE
        clamp = next((why for (a, b), why in self.clamps.items() if a <= x <= b), "")
        small = 2.0 ** (0.75 * (1 - form.digits)) if self.negligible is None else self.negligible
        return Finding(
            where, None if clamp else verdict, got, expected, units, allowed, unsure,
            negligible=float(small), clamp=clamp,
        )  # fmt: skip

    def _quickly(self, where: str, got: float, truth: Any, error: Any) -> Finding | None:
        """A number that is right by less than the default, judged in floats."""
        expected = float(truth)
        one = self._unit_near(expected)
        units = abs((got - expected) - float(truth - expected)) / one
        unsure, allowed = float(error) / one, UNITS if self.max_ulp is None else self.max_ulp
        if not units + unsure <= allowed:  # nan as well, where both are infinite
            return None
        return Finding(where, Verdict.PASS, got, expected, units, allowed, unsure)

    def _unit_near(self, x: float) -> float:
        """The unit in the last place of a number like this."""
        form = self.form
        size = math.frexp(x)[1] if x else form.lowest
        return 2.0 ** (min(max(size, form.lowest), form.highest) - form.digits)

    def _at_a_kink(self, where: str, x: float, got: float, truth: Truth) -> Finding:
        """Between the one-sided derivatives everything is a convention."""
        ends = sorted((truth.left, truth.right))
        low, high = (nearest(exact(end), self.form) for end in ends)
        note = f"a kink: between {low!r} and {high!r}"
        if low <= got <= high:
            return Finding(where, None, got, note=note)
        end = ends[0] if got < low else ends[1]
        return replace(self._held(where, x, got, end, 0, 0), note=note)

    @property
    def form(self) -> Format:
        """The binary format of the numbers."""
        return FORMATS[str(self.dtype)]
