"""One table of many reports, for continuous integration, and the failures that are known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograd.testing.reports import Finding, Report, Severity, Verdict

__tracebackhide__ = True  # what fails is the test, not the table


class TableError(AssertionError):
    """A table with failures that nobody knew of, or without one that was known."""


@dataclass(frozen=True)
class Row:
    """The worst that is known of one function.

    Parameters
    ----------
    function : str
    severity : str
        Of `Severity`, or what the verdict is if nothing failed.
    where : str
        The worst point.
    got, expected, relative_error, ulps : float
        What was found there, and the truth.
    failed, judged : int
        How many numbers failed, of how many.
    known : str
        Why a failure is accepted.
    note : str
        What else is said of the worst point.
    """

    function: str
    severity: str
    where: str
    got: float
    expected: float
    relative_error: float
    ulps: float
    failed: int
    judged: int
    known: str = ""
    note: str = ""


class Table:
    """Reports side by side: function, worst point, relative error, severity.

    Parameters
    ----------
    known : mapping of str to str, optional
        Functions that are known to fail, each with the reason: the address of an issue, say. They
        must still fail: a table in which one passes fails as well, so that the list stays true
        (as `xfail(strict=True)` does). "severity: reason" accepts failures no worse than this
        severity.

    Examples
    --------
    >>> from autograd.testing import check_gradients
    >>> square = lambda x: x * x
    >>> table = Table(known={"cube": "few digits: issue 7"})
    >>> table.add("square", check_gradients(square, (3.0,), grad=lambda x: 2 * x))
    >>> table.add("cube", check_gradients(lambda x: x**3, (3.0,), grad=lambda x: 27.0 + 1e-9))
    >>> print(table.markdown())
    | function | severity | worst point | got | expected | relative error | failed | |
    |---|---|---|---|---|---|---|---|
    | cube | few digits | args[0] | 27.000000001 | 27.0 | 3.7e-11 | 1 of 1 | known: issue 7 |
    | square | pass | | | | | 0 of 1 | |
    >>> table.check()
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self.known = dict(known or {})
        self._reports: dict[str, Report] = {}

    def add(self, function: str, report: Report) -> None:
        """Add a report under the name of a function, which no other report has."""
        if function in self._reports:
            raise ValueError(f"the table has a report of {function!r} already")
        self._reports[function] = report

    @property
    def rows(self) -> list[Row]:
        """The rows, the worst ones first."""
        order = [severity.value for severity in Severity]
        rank = {word: place for place, word in enumerate([*order, "inconclusive", "pass"])}
        made = [self._row(name, report) for name, report in self._reports.items()]
        return sorted(made, key=lambda row: (rank[row.severity], -_sortable(row.relative_error)))

    def surprises(self) -> Iterator[str]:
        """Yield a sentence for each failure that is not known, and each known one that is none."""
        order = [severity.value for severity in Severity]
        for row in self.rows:
            said = self.known.get(row.function)
            if said is None:
                if self._reports[row.function].verdict is Verdict.FAIL:
                    yield f"{row.function} fails: {self._reports[row.function].worst}"
                continue
            accepted, _ = _accepted(said)
            if row.severity not in order or row.severity == Severity.CLAMP.value:
                yield f"{row.function} no longer fails: take it off the list of what is known"
            elif accepted and order.index(row.severity) < order.index(accepted):
                yield f"{row.function} is worse than known ({accepted}): {row.severity}"
        for name in self.known.keys() - self._reports.keys():
            yield f"{name} is known to fail, but was not checked"

    def check(self) -> None:
        """Raise `TableError` unless what fails is exactly what is known."""
        found = list(self.surprises())
        if found:
            raise TableError("\n".join([*found, "", self.text()]))

    def text(self) -> str:
        """Return the table in columns."""
        cells = [list(_HEAD), *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
        return "\n".join(lines)

    def markdown(self) -> str:
        """Return the table for a page."""
        cells = [_HEAD, ("---",) * len(_HEAD), *map(_cells, self.rows)]
        escaped = ([cell.replace("|", "\\|") for cell in row] for row in cells)
        lines = ["| " + " | ".join(row) + " |" for row in escaped]
        lines[1] = lines[1].replace(" ", "")
        return "\n".join(line.replace("|  |", "| |").replace("|  |", "| |") for line in lines)

    def json(self) -> str:
        """Return the rows for a machine; numbers that JSON lacks are text."""
        rows = [
            {key: str(x) if isinstance(x, float) and not math.isfinite(x) else x
             for key, x in asdict(row).items()}
            for row in self.rows
        ]  # fmt: skip
        return json.dumps(rows, indent=1)

    def _row(self, function: str, report: Report) -> Row:
        """The row of one report."""
        some = next(iter(report.of_each_severity().values()), ())
        worst: Any = some[0] if some else Finding("", None, math.nan)
        said = _accepted(self.known.get(function, ""))[1]
        return Row(
            function,
            worst.severity.value if worst.severity else report.verdict.value,
            worst.where, worst.got, worst.expected, worst.relative_error, worst.ulps,
            sum(x.verdict is Verdict.FAIL for x in report.findings), len(report.findings),
            known=said, note=worst.note or worst.clamp,
        )  # fmt: skip


def _accepted(said: str) -> tuple[str, str]:
    """The severity that is accepted, if any is named, and the reason."""
    word, colon, reason = said.partition(":")
    if colon and word.strip() in [severity.value for severity in Severity]:
        return word.strip(), reason.strip()
    return "", said


_HEAD = ("function", "severity", "worst point", "got", "expected", "relative error", "failed", "")


def _cells(row: Row) -> list[str]:
    """A row as text."""
    remarks = "; ".join(filter(None, (row.known and f"known: {row.known}", row.note)))
    numbers = ["", "", ""]
    if row.where:
        numbers = [repr(row.got), repr(row.expected), f"{row.relative_error:.2g}"]
    return [row.function, row.severity, row.where, *numbers,
            f"{row.failed} of {row.judged}", remarks]  # fmt: skip


def _sortable(x: float) -> float:
    """A number, nan as the largest."""
    return math.inf if math.isnan(x) else x
