"""Gradients by a symmetric or triangular matrix, which libraries write in several ways."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from autograd.testing.reports import Finding, Report, Verdict

_ENTRY = re.compile(r"(.*)\[(\d+), (\d+)\]$")
_CLOSE = 2.0**-26


def advised(report: Report) -> Report:
    """Return a report that failed with the convention by which it would not, if there is one.

    The gradient of a function by the entries of a matrix has one number for each. Where the
    matrix is taken to be symmetric, or only a triangle of it is read, libraries may return the
    mean of the two mirrored entries, their sum in one triangle, or nothing in the other. None of
    these is a wrong gradient, and none is the one by the entries: the verdict stays, the remedy is
    said.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.testing import check_numpy
    >>> a = np.array([[2.0, 0.5], [0.5, 3.0]])
    >>> report = check_numpy(lambda a: a[0, 1] * 3.0, lambda a: np.array([[0, 1.5], [1.5, 0]]), a)
    >>> print(report.worst.note)
    this is the symmetrised gradient, (G + G.T)/2: let the function read (a + a.T)/2
    """
    if report.verdict is not Verdict.FAIL:
        return report
    blocks: dict[str, dict[tuple[int, int], Finding]] = {}
    for finding in report.findings:
        if place := _ENTRY.match(finding.where):
            blocks.setdefault(place[1], {})[int(place[2]), int(place[3])] = finding
    notes: dict[int, str] = {}
    for entries in blocks.values():
        advice = _advice(entries)
        failed = (x for x in entries.values() if x.verdict is Verdict.FAIL)
        notes |= {id(x): advice for x in failed if advice}
    findings = (
        replace(x, note="; ".join(filter(None, (x.note, notes[id(x)])))) if id(x) in notes else x
        for x in report.findings
    )
    return replace(report, findings=tuple(findings))


def _advice(entries: dict[tuple[int, int], Finding]) -> str:
    """The convention that a gradient by a square matrix follows; nothing if it is none of these."""
    import numpy as np

    n = max(map(max, entries)) + 1
    if n < 2 or len(entries) != n * n:
        return ""
    truth, got = (np.array([[getattr(entries[i, j], which) for j in range(n)] for i in range(n)])
                  for which in ("expected", "got"))  # fmt: skip
    both = truth + truth.T
    once = both - np.diag(np.diag(truth))
    conventions: dict[str, Any] = {
        "this is the symmetrised gradient, (G + G.T)/2: let the function read (a + a.T)/2":
            both / 2,
        "this counts mirrored entries as one, G + G.T - diag(G): check it by the triangle alone":
            once,
        "this is the lower triangle of the gradient: let the function read np.tril(a)":
            np.tril(truth),
        "this is the upper triangle of the gradient: let the function read np.triu(a)":
            np.triu(truth),
        "this is the lower triangle, with the mirrored entries added: let the function read "
        "np.tril(a) + np.tril(a, -1).T": np.tril(once),
        "this is the upper triangle, with the mirrored entries added: let the function read "
        "np.triu(a) + np.triu(a, 1).T": np.triu(once),
        "this is the transposed gradient": truth.T,
    }  # fmt: skip
    scale = np.abs(truth).max()
    for advice, meant in conventions.items():
        if np.abs(got - meant).max() <= _CLOSE * scale:
            return advice
    return ""
