"""What a report says: severities, counts, the order of findings, and the lines that are shown."""

import math

import pytest

from autograd.testing import Finding, GradientError, Report, Severity, Verdict
from autograd.testing.reports import brief

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
WRONG, FEW, VANISHING, CLAMP = Severity
NEGLIGIBLE = 2.0**-39  # the unit of 1 to the power of 3/4


def finding(verdict=PASS, got=1.0, expected=1.0, ulps=0.0, allowed=64.0, **how):
    return Finding(how.pop("where", "x"), verdict, got, expected, ulps, allowed, **how)


ERRORS = [  # got, expected -> the relative error
    (1.0, 1.0, 0.0), (0.0, 0.0, 0.0), (math.inf, math.inf, 0.0), (3.0, 2.0, 0.5), (-1.0, 2.0, 1.5),
    (3.0, -2.0, 2.5), (1.0, 0.0, math.inf), (math.nan, 1.0, math.inf), (1.0, math.inf, math.inf),
    (math.inf, 1.0, math.inf), (math.nan, math.inf, math.inf), (1.0, math.nan, math.nan),
    (math.nan, math.nan, math.nan),
]  # fmt: skip


@pytest.mark.parametrize(("got", "expected", "error"), ERRORS)
def test_relative_errors(got, expected, error):
    found = finding(FAIL, got, expected).relative_error
    assert found == error or (math.isnan(found) and math.isnan(error))


SEVERITIES = [  # verdict, got, expected -> how bad
    (PASS, 1.0, 2.0, None), (INCONCLUSIVE, 1.0, 2.0, None), (None, 1.0, 2.0, None),
    (FAIL, 2.0, 1.0, WRONG), (FAIL, -1.0, 1.0, WRONG), (FAIL, math.nan, 1.0, WRONG),
    (FAIL, 1 + 2.0**-10, 1.0, FEW), (FAIL, 1 + 1.01 * 2.0**-10, 1.0, WRONG),
    (FAIL, 1 - 2.0**-10, 1.0, FEW), (FAIL, NEGLIGIBLE, 0.0, VANISHING),
    (FAIL, 1.01 * NEGLIGIBLE, 0.0, WRONG), (FAIL, 0.0, -NEGLIGIBLE, VANISHING),
    (FAIL, -NEGLIGIBLE, NEGLIGIBLE, VANISHING), (FAIL, 0.0, 1.01 * NEGLIGIBLE, WRONG),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "got", "expected", "severity"), SEVERITIES)
def test_severities(verdict, got, expected, severity):
    assert finding(verdict, got, expected).severity is severity
    assert finding(verdict, got, expected, clamp="as documented").severity is CLAMP


def test_the_size_below_which_numbers_do_not_matter_may_be_given():
    assert finding(FAIL, 1e-3, 0.0, negligible=1e-3).severity is VANISHING
    assert finding(FAIL, 1e-15, 0.0, negligible=0.0).severity is WRONG


def test_a_finding_in_one_line():
    off = finding(FAIL, 1.5, 1.0, 2.0**51, 64.0, oracle_error=0.25, note="a note", clamp="a page")
    assert str(off) == (
        "x: fail, clamp; got 1.5, expected 1.0: relative error 0.5, 2.25e+15 ULP off, 64 allowed, "
        "oracle good to 0.25 (a page; a note)"
    )
    assert str(Finding("y", None, 2.0, note="a kink")) == "y: skipped; got 2.0 (a kink)"
    assert str(Finding("y", PASS, 2.0)) == "y: pass; got 2.0"


VERDICTS = [  # of the findings -> of the report
    ((), PASS), ((PASS,), PASS), ((PASS, None), PASS), ((None,), INCONCLUSIVE),
    ((PASS, INCONCLUSIVE), INCONCLUSIVE), ((INCONCLUSIVE, FAIL, PASS, None), FAIL), ((FAIL,), FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("verdicts", "verdict"), VERDICTS)
def test_the_verdict_of_a_report(verdicts, verdict):
    report = Report("f", tuple(map(finding, verdicts)), "an oracle")
    assert report.verdict is verdict
    assert bool(report) is (verdict is PASS)
    assert len(report.skipped) == verdicts.count(None)
    if report:
        assert report.check() is report
    else:
        with pytest.raises(GradientError, match=r"f: (fail|inconclusive)") as raised:
            report.check()
        assert raised.value.report is report


ORDER = [  # from the worst to what was left out
    finding(FAIL, 2.0, 1.0, 1e15, where="wrong"),
    finding(FAIL, 2.0, 1.0, 10.0, where="wrong, less far beyond"),
    finding(FAIL, 1.0001, 1.0, 1e16, where="few digits"),
    finding(FAIL, 1.0001, 1.0, 30.0, 3.0, where="few digits, ten times what is allowed"),
    finding(FAIL, 1.0001, 1.0, 9000.0, 1000.0, where="few digits, nine times that"),
    finding(FAIL, 1.0001, 1.0, 8.0, 0.0, where="few digits, none allowed"),
    finding(FAIL, 1e-20, 0.0, 1e300, where="vanishing"),
    finding(INCONCLUSIVE, ulps=128.0, where="undecided"),
    finding(INCONCLUSIVE, ulps=32.0, where="undecided, within what is allowed"),
    finding(INCONCLUSIVE, ulps=math.nan, where="undecided, nobody knows how far"),
    finding(PASS, ulps=32.0, where="passed"),
    finding(PASS, ulps=0.0, where="exact"),
    finding(None, ulps=1e9, where="left out"),
]


def test_the_worst_comes_first():
    report = Report("f", tuple(reversed(ORDER)), "an oracle")
    assert report.worst == ORDER[0]
    for n in range(len(ORDER)):
        assert Report("f", tuple(reversed(ORDER[n:])), "an oracle").worst == ORDER[n]
    assert Report("f", (), "an oracle").worst is None
    by_severity = report.of_each_severity()
    assert list(by_severity) == [WRONG, FEW, VANISHING]
    assert [x.where for x in by_severity[FEW]] == [x.where for x in ORDER[2:6]]
    assert report.severity is WRONG
    assert str(report).splitlines()[1:] == [f"  {x}" for x in ORDER[:7]]
    assert "(13 held against an oracle; 2 wrong, 4 few digits, 1 vanishing)" in str(report)


def test_the_largest_distances():
    report = Report("f", tuple(ORDER), "an oracle")
    assert (report.ulps, math.isnan(report.oracle_error)) == (1e300, True)
    known = [finding(oracle_error=x) for x in (0.5, math.nan, 2.0)]
    assert Report("f", tuple(known), "an oracle").oracle_error == 2.0
    assert math.isnan(Report("f", (finding(ulps=math.nan),), "an oracle").ulps)


@pytest.mark.parametrize("count", [1, 9, 10, 11, 25])
@pytest.mark.parametrize("verdict", [FAIL, INCONCLUSIVE, None, PASS])
def test_ten_lines_of_one_kind_are_shown(count, verdict):
    report = Report("f", (finding(PASS), *[finding(verdict, 2.0)] * count), "an oracle")
    lines = str(report).splitlines()[1:]
    if verdict is PASS:
        assert len(lines) == 1, "the worst of what passed"
    else:
        assert len(lines) == min(count, 11)
        assert (lines[-1] == f"  ... and {count - 10} more") is (count > 10)


def test_a_program_that_shows_a_failure_stands_below():
    bad = finding(FAIL, 2.0)
    report = Report("f", (bad,), "an oracle", "x = 1\nprint(x)")
    assert str(report).endswith("\n  to see it:\n    x = 1\n    print(x)")
    assert repr(report) == "<Report: f: fail (1 held against an oracle; 1 wrong)>"
    assert report == Report("f", (bad,), "an oracle", "another program")


def test_in_brief_the_worst_of_each_kind_and_severity():
    for given in (ORDER, reversed(ORDER)):
        shown = list(brief(given, lambda x: x.where.partition(",")[0]))
        assert [x.where for x in shown] == ["wrong", "few digits", "vanishing", "undecided"]
    by_kind = list(brief(ORDER[:2], lambda x: x.where))
    assert by_kind == ORDER[:2]
    clamped = finding(PASS, 2.0, 1.0, clamp="as documented")
    assert list(brief([clamped, finding(None), finding(PASS)], lambda x: x.where)) == [clamped]


def test_reports_are_what_they_say():
    """What fails, and the program that shows it, are ways to look at one, and no part of it."""
    report = Report("f", (finding(),), "mpmath")
    shown = Report("f", (finding(),), "mpmath", "print(f)", (object(), None, "why"))
    assert report == shown
    assert len({report, shown}) == 1
    assert report != Report("f", (finding(FAIL),), "mpmath")
    for one, name in ((report, "title"), (report.findings[0], "got")):
        with pytest.raises(AttributeError, match=name):
            setattr(one, name, None)
