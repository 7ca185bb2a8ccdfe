"""The table for continuous integration: its order, its forms, and what surprises."""

import json
import math

import pytest

from autograd.testing import Finding, Report, Severity, Table, Verdict
from autograd.testing.table import TableError

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def report(*findings):
    return Report("f", findings, "an oracle")


def found(verdict, got=1.0, expected=1.0, **how):
    return Finding("x = 1", verdict, got, expected, 3.0, 64.0, **how)


OF = {  # one report of each kind, the worst first
    "nan": report(found(PASS), found(FAIL, math.nan)),
    "wrong": report(found(FAIL, 2.0), found(FAIL, 1.5), found(PASS)),
    "less wrong": report(found(FAIL, 1.5)),
    "few digits": report(found(FAIL, 1.0001), found(INCONCLUSIVE)),
    "vanishing": report(found(FAIL, 1e-20, 0.0)),
    "clamp": report(found(PASS, 1.0, 0.5, clamp="a page")),
    "inconclusive": report(found(INCONCLUSIVE, note="who knows"), found(PASS)),
    "pass": report(found(PASS), found(PASS), found(None)),
}


def table_of(names, known=None):
    table = Table(known)
    for name in names:
        table.add(name, OF[name])
    return table


def test_the_worst_rows_come_first():
    rows = table_of(reversed(OF)).rows
    assert [row.function for row in rows] == [*OF]
    assert [row.severity for row in rows] == ["wrong"] * 3 + [*OF][3:]
    assert [(row.failed, row.judged) for row in rows] == [
        (1, 2), (2, 3), (1, 1), (1, 2), (1, 1), (0, 1), (0, 2), (0, 3)
    ]  # fmt: skip
    worst = rows[1]
    assert (worst.where, worst.got, worst.expected, worst.ulps) == ("x = 1", 2.0, 1.0, 3.0)
    assert (worst.relative_error, worst.known, worst.note) == (1.0, "", "")
    assert rows[5].note == "a page"
    assert (rows[6].where, rows[7].where) == ("", "")


def test_a_table_in_text():
    lines = table_of(["pass", "clamp", "few digits", "wrong"], {"wrong": "a"}).text()
    assert lines.splitlines() == [
        "function    severity    worst point  got     expected  relative error  failed",
        "wrong       wrong       x = 1        2.0     1.0       1               2 of 3  known: a",
        "few digits  few digits  x = 1        1.0001  1.0       0.0001          1 of 2",
        "clamp       clamp       x = 1        1.0     0.5       1               0 of 1  a page",
        "pass        pass                                                       0 of 3",
    ]  # fmt: skip


def test_a_table_for_a_page():
    page = table_of(["pass", "wrong"], {"wrong": "issue | 3"}).markdown()
    assert page.splitlines() == [
        "| function | severity | worst point | got | expected | relative error | failed | |",
        "|---|---|---|---|---|---|---|---|",
        "| wrong | wrong | x = 1 | 2.0 | 1.0 | 1 | 2 of 3 | known: issue \\| 3 |",
        "| pass | pass | | | | | 0 of 3 | |",
    ]


def test_a_table_for_a_machine():
    rows = json.loads(table_of(["nan", "wrong"]).json())
    assert rows[0] | {"function": "wrong", "got": 2.0, "relative_error": 1.0} | {
        "failed": 2, "judged": 3,
    } == rows[1]  # fmt: skip
    assert (rows[0]["got"], rows[0]["relative_error"]) == ("nan", "inf")
    assert table_of(["pass"]).json().startswith('[\n {\n  "function": "pass",')


SURPRISES = [  # what is in the table, what is known -> what surprises
    (["pass", "clamp", "inconclusive"], {}, []),
    (["wrong"], {}, ["wrong fails: x = 1: fail, wrong"]),
    (["wrong", "vanishing"], {"wrong": "issue 3"}, ["vanishing fails: x = 1: fail, vanishing"]),
    (["wrong"], {"wrong": "wrong: issue 3"}, []),
    (["wrong"], {"wrong": "few digits: issue"}, ["wrong is worse than known (few digits): wrong"]),
    (["few digits"], {"few digits": " few digits : issue 3"}, []),
    (["few digits"], {"few digits": "wrong: issue 3"}, []),
    (["vanishing"], {"vanishing": "few digits: issue 3"}, []),
    (["few digits"], {"few digits": "vanishing"}, []),  # a reason, no severity
    (["few digits"], {"few digits": "see: issue 3"}, []),
    (["pass"], {"pass": "issue 3"}, ["pass no longer fails: take it off"]),
    (["clamp"], {"clamp": "issue 3"}, ["clamp no longer fails"]),
    (["inconclusive"], {"inconclusive": "issue 3"}, ["inconclusive no longer fails"]),
    (["wrong", "pass"], {"pass": "issue 3"}, ["wrong fails", "pass no longer fails"]),
    (["pass"], {"gone": "issue 3"}, ["gone is known to fail, but was not checked"]),
]  # fmt: skip


@pytest.mark.parametrize(("names", "known", "sentences"), SURPRISES)
def test_what_fails_has_to_be_what_is_known(names, known, sentences):
    table = table_of(names, known)
    said = list(table.surprises())
    assert len(said) == len(sentences)
    for sentence, start in zip(said, sentences, strict=True):
        assert sentence.startswith(start)
    if sentences:
        with pytest.raises(TableError) as raised:
            table.check()
        assert str(raised.value) == "\n".join([*said, "", table.text()])
    else:
        table.check()


@pytest.mark.parametrize(
    ("said", "reason"),
    [("wrong: issue 3", "issue 3"), ("issue 3", "issue 3"), ("https://a.b", "https://a.b")],
)
def test_the_reason_stands_in_the_table(said, reason):
    (row,) = table_of(["wrong"], {"wrong": said}).rows
    assert row.known == reason
    assert row.severity == Severity.WRONG.value


def test_a_function_has_one_report():
    table = table_of(["wrong"])
    with pytest.raises(ValueError, match="the table has a report of 'wrong' already"):
        table.add("wrong", OF["pass"])
