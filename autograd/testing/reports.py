"""Reports: what a check found, where, how sure it is, and how to show it again."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass, field


class Verdict(enum.Enum):
    """What a check says: it is never an error to be uncertain, only to hide it."""

    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class GradientError(AssertionError):
    """A check that did not pass; `report` says why.

    Parameters
    ----------
    report : Report
    """

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


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
    """

    where: str
    verdict: Verdict | None
    got: float
    expected: float = math.nan
    ulps: float = math.nan
    allowed: float = math.nan
    oracle_error: float = math.nan
    note: str = ""

    def __str__(self) -> str:
        word = self.verdict.value if self.verdict else "skipped"
        text = f"{self.where}: {word}"
        if not math.isnan(self.expected):
            text += (
                f"; got {self.got!r}, expected {self.expected!r}: {self.ulps:.3g} ULP off, "
                f"{self.allowed:.3g} allowed, oracle good to {self.oracle_error:.2g}"
            )
        else:
            text += f"; got {self.got!r}"
        return f"{text} ({self.note})" if self.note else text


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
    <Report: gradient of f: fail (2 held against mpmath)>
    """

    title: str
    findings: tuple[Finding, ...]
    oracle: str
    program: str = field(default="", compare=False)

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
    def oracle_error(self) -> float:
        """The largest error of the oracle itself, in ULP."""
        errors = [x.oracle_error for x in self.findings if not math.isnan(x.oracle_error)]
        return max(errors, default=math.nan)

    @property
    def skipped(self) -> tuple[Finding, ...]:
        """The findings that were left out: kinks."""
        return tuple(x for x in self.findings if x.verdict is None)

    def check(self) -> Report:
        """Return the report itself if it passed, else raise `GradientError`."""
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
        count = len(self.findings)
        yield f"{self.title}: {self.verdict.value} ({count} held against {self.oracle})"
        ranked = sorted(self.findings, key=_badness, reverse=True)
        shown = [x for x in ranked if x.verdict is not Verdict.PASS] or ranked[:1]
        yield from (f"  {finding}" for finding in shown[:10])
        if len(shown) > 10:
            yield f"  ... and {len(shown) - 10} more"
        if self.program:
            yield "  to see it:"
            yield from (f"    {line}" for line in self.program.splitlines())


def _badness(finding: Finding) -> tuple[int, float]:
    """The order of findings: by verdict, then by how far beyond the allowed."""
    rank = {Verdict.FAIL: 3, Verdict.INCONCLUSIVE: 2, Verdict.PASS: 1, None: 0}[finding.verdict]
    excess = finding.ulps / finding.allowed if finding.allowed else finding.ulps
    return rank, 0.0 if math.isnan(excess) else excess
