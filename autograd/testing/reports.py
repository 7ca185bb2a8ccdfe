"""Reports: what a check found, where, how sure it is, and how to show it again."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


class Verdict(enum.Enum):
    """What a check says: it is never an error to be uncertain, only to hide it."""

    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Severity(enum.Enum):
    """How bad a number that failed is, the worst first."""

    WRONG = "wrong"  # not three digits are right
    FEW_DIGITS = "few digits"
    VANISHING = "vanishing"  # the truth and what was got are both too small to matter
    CLAMP = "clamp"  # the library says that it answers another number here


class GradientError(AssertionError):
    """A check that did not pass; `report` says why.

    Parameters
    ----------
    report : Report
    """

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report

    def explore(self) -> Any:
        """Return the `Explorer` of the graph that did not pass (see `Report.explore`)."""
        return self.report.explore()


@dataclass(frozen=True)
class Finding:
    """One number held against the truth.

    Parameters
    ----------
    where : str
        What the number is.
    verdict : Verdict or None
        None where it was left out: a kink under `kink="skip"`.
    got, expected : float
        The number, and the truth rounded to a float; nan where there is none.
    ulps : float
        The distance in units in the last place of the truth; nan where it cannot be told.
    allowed : float
        How many of these units are allowed.
    oracle_error : float
        The oracle's own error in the same units.
    note : str
        What is to be said beside.
    negligible : float
        The size below which a number does not matter: by default the unit in the last place of 1
        to the power of 3/4, 1.8e-12.
    clamp : str
        The documentation of a number that is meant to differ from the truth, where there is one.

    Examples
    --------
    >>> lost = Finding("args[0]", Verdict.FAIL, 0.0, 1.7e-17, 4.5e15, 64.0, 0.0)
    >>> lost.severity.value, lost.relative_error
    ('vanishing', 1.0)
    """

    where: str
    verdict: Verdict | None
    got: float
    expected: float = math.nan
    ulps: float = math.nan
    allowed: float = math.nan
    oracle_error: float = math.nan
    note: str = ""
    negligible: float = 2.0**-39
    clamp: str = ""

    @property
    def relative_error(self) -> float:
        """The distance from the truth by its size; nan where there is no truth."""
        if self.got == self.expected:
            return 0.0
        error = abs(self.got - self.expected)
        if math.isnan(self.expected):
            return math.nan
        if math.isinf(self.expected) or math.isnan(error):
            return math.inf
        return error / abs(self.expected) if self.expected else math.inf

    @property
    def severity(self) -> Severity | None:
        """How bad a failure is; None where there is none."""
        if self.clamp:
            return Severity.CLAMP
        if self.verdict is not Verdict.FAIL:
            return None
        if max(abs(self.got), abs(self.expected)) <= self.negligible:
            return Severity.VANISHING
        return Severity.FEW_DIGITS if self.relative_error <= _THREE_DIGITS else Severity.WRONG

    def __str__(self) -> str:
        word = self.verdict.value if self.verdict else "skipped"
        text = f"{self.where}: {word}"
        if self.severity:
            text += f", {self.severity.value}"
        if not math.isnan(self.expected):
            text += (
                f"; got {self.got!r}, expected {self.expected!r}: relative error "
                f"{self.relative_error:.2g}, {self.ulps:.3g} ULP off, "
                f"{self.allowed:.3g} allowed, oracle good to {self.oracle_error:.2g}"
            )
        else:
            text += f"; got {self.got!r}"
        said = "; ".join(filter(None, (self.clamp, self.note)))
        return f"{text} ({said})" if said else text


@dataclass(frozen=True)
class Report:
    """What a check found; true if and only if it passed.

    Parameters
    ----------
    title : str
        What was checked.
    findings : tuple of Finding
    oracle : str
        Where the truth came from.
    program : str
        Runnable Python that shows a failure, where there is one.

    Examples
    --------
    >>> good = Finding("args[0]", Verdict.PASS, 1.0, 1.0, 0.0, 4.0, 0.0)
    >>> bad = Finding("args[1]", Verdict.FAIL, 1.0, 2.0, 4.5e15, 4.0, 0.0)
    >>> report = Report("gradient of f", (good, bad), "mpmath")
    >>> bool(report), report.verdict.value, report.worst.where
    (False, 'fail', 'args[1]')
    >>> report
    <Report: gradient of f: fail (2 held against mpmath; 1 wrong)>
    """

    title: str
    findings: tuple[Finding, ...]
    oracle: str
    program: str = field(default="", compare=False)
    # Of a failure: the root, the first Value with a wrong partial if there is one, and what it is.
    failing: tuple[Any, Any, str] | None = field(default=None, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """Fail if anything failed; pass if everything that was judged did, and something was."""
        verdicts = {finding.verdict for finding in self.findings}
        if Verdict.FAIL in verdicts:
            return Verdict.FAIL
        judged = verdicts - {None}
        empty = not self.findings
        return Verdict.PASS if empty or judged == {Verdict.PASS} else Verdict.INCONCLUSIVE

    @property
    def worst(self) -> Finding | None:
        """The finding farthest beyond what is allowed, failures first."""
        return max(self.findings, key=_badness, default=None)

    @property
    def ulps(self) -> float:
        """The largest distance in ULP that was found; nan if none could be told."""
        return max((x.ulps for x in self.findings if not math.isnan(x.ulps)), default=math.nan)

    @property
    def severity(self) -> Severity | None:
        """The severity of the worst failure."""
        return next(iter(self.of_each_severity()), None)

    def of_each_severity(self) -> dict[Severity, tuple[Finding, ...]]:
        """Return the failures and clamps by severity, the worst ones first."""
        found: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
        for finding in self.findings:
            if (severity := finding.severity) is not None:
                found[severity].append(finding)
        return {
            severity: tuple(sorted(some, key=_badness, reverse=True))
            for severity, some in found.items()
            if some
        }

    @property
    def oracle_error(self) -> float:
        """The largest error of the oracle itself, in ULP."""
        errors = [x.oracle_error for x in self.findings if not math.isnan(x.oracle_error)]
        return max(errors, default=math.nan)

    @property
    def skipped(self) -> tuple[Finding, ...]:
        """The findings that were left out: kinks."""
        return tuple(x for x in self.findings if x.verdict is None)

    def explore(self) -> Any:
        """Return the `Explorer` of the graph of a failure.

        It opens at the first node whose local partial is wrong, where one is.

        Raises
        ------
        ValueError
            If there is no graph of floats: it passed, or the gradient was not the engine's own.
        """
        if self.failing is None:
            raise ValueError(f"{self!r} has no graph to explore: it is kept of a check that failed")
        root, node, note = self.failing
        return import_module("autograd.display.exploring").explore(root, focus=node, note=note)

    def check(self) -> Report:
        """Return the report itself if it passed, else raise `GradientError`."""
        __tracebackhide__ = True
        if not self:
            raise GradientError(self)
        return self

    def __bool__(self) -> bool:
        return self.verdict is Verdict.PASS

    def __repr__(self) -> str:
        return f"<Report: {next(self._lines())}>"

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.title}: {self.verdict.value} ({self._counts()})"
        yield from (f"  {finding}" for finding in self._shown())
        if self.program:
            yield "  to see it:"
            yield from (f"    {line}" for line in self.program.splitlines())

    def _counts(self) -> str:
        """How many numbers were judged, and how the ones that failed did."""
        by_severity = self.of_each_severity().items()
        failed = ", ".join(f"{len(some)} {severity.value}" for severity, some in by_severity)
        return f"{len(self.findings)} held against {self.oracle}" + (
            f"; {failed}" if failed else ""
        )

    def _shown(self) -> Iterator[Finding | str]:
        """The findings that are worth a line: the failures, else what did not pass."""
        ranked = sorted(self.findings, key=_badness, reverse=True)
        failed = [x for x in ranked if x.verdict is Verdict.FAIL]
        shown = failed or [x for x in ranked if x.verdict is not Verdict.PASS] or ranked[:1]
        yield from shown[:10]
        if len(shown) > 10:
            yield f"... and {len(shown) - 10} more"


def brief(findings: Iterable[Finding], kind: Callable[[Finding], str]) -> Iterator[Finding]:
    """Yield the worst finding of each kind and severity, and of what is undecided."""
    worst: dict[tuple[str, Severity | None], Finding] = {}
    for finding in findings:
        if finding.severity or finding.verdict is Verdict.INCONCLUSIVE:
            key = kind(finding), finding.severity
            best = worst.get(key)
            if best is None or _badness(finding) > _badness(best):
                worst[key] = finding
    yield from sorted(worst.values(), key=_badness, reverse=True)


_THREE_DIGITS = 2.0**-10
_GRAVITY = {severity: -place for place, severity in enumerate(Severity)}


def _badness(finding: Finding) -> tuple[int, int, float]:
    """The order of findings: by verdict, by severity, then by how far beyond the allowed."""
    rank = {Verdict.FAIL: 3, Verdict.INCONCLUSIVE: 2, Verdict.PASS: 1, None: 0}[finding.verdict]
    severity = finding.severity
    excess = finding.ulps / finding.allowed if finding.allowed else finding.ulps
    gravity = _GRAVITY[severity] if severity else 0
    return rank, gravity, 0.0 if math.isnan(excess) else excess
