"""Columns: what each kind becomes, beside scikit-learn's encoders; what is left out; plain data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from nn.data.cells import as_texts, days, flags, numbers
from nn.data.choosing import choose, encode, learn
from nn.data.columns import Boolean, Category, Column, Date, Number, column_of
from nn.data.faults import DataError
from nn.data.guessing import Format
from nn.data.reading import Table, TableFile


def cells(*given: Any) -> np.ndarray:
    """Return cells of texts."""
    return np.array([*given, None], dtype=object)[:-1]


def table_of(folder: Path, content: str, **form: Any) -> Table:
    """Return the table in a file with this content."""
    path = folder / "t.csv"
    path.write_text(content, encoding="utf-8")
    return TableFile(path, Format(**form)).read()


# --- numbers -------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e9, 1e9) | st.none(), min_size=1, max_size=20))
def test_what_is_missing_is_the_median_and_has_an_indicator(given_: list[float | None]) -> None:
    values = np.array(given_, dtype=np.float64)
    if np.isnan(values).all():
        return
    found = Number("x").learn(values).encode(values).features
    theirs = SimpleImputer(strategy="median", add_indicator=True).fit_transform(values[:, None])
    assert found == pytest.approx(theirs)


def test_the_median_of_huge_numbers_does_not_overflow() -> None:
    assert Number("x").learn(np.array([1.7e308, 1.7e308])).fill == 1.7e308


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1.5", ".", 1.5), ("-2e-3", ".", -0.002), ("1,234.5", ".", 1234.5), ("1,5", ",", 1.5),
     ("1.234.567,5", ",", 1234567.5), (".5", ".", 0.5), ("5.", ".", 5.0), ("+7", ".", 7.0)],
)  # fmt: skip
def test_a_text_is_a_number(text: str, decimal: str, number: float) -> None:
    values, bad = numbers(cells(text), decimal)
    assert (values.tolist(), bad.tolist()) == ([number], [False])


@pytest.mark.parametrize(
    "text", ["12_34", "inf", "nan", "0x1", "1e999", "1,5", "12,34", "1.2.3", "\u0663", "1 2", "--1"]
)
def test_a_text_is_no_number(text: str) -> None:
    values, bad = numbers(cells(text, None), ".")
    assert np.isnan(values).all()
    assert bad.tolist() == [True, False]


# --- categories ----------------------------------------------------------------------------------


def test_categories_are_scikit_learns_one_hot_features() -> None:
    train = cells("b", "a", "b", "c", "a", "c", None, None)
    new = cells("c", "a", "z", None, "b")
    column = Category("k").learn(train)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder.fit(train[:, None])
    assert column.encode(train).features.tolist() == encoder.transform(train[:, None]).tolist()
    coded = column.encode(new)
    assert coded.features.tolist() == encoder.transform(new[:, None]).tolist()
    assert coded.unseen.tolist() == [False, False, True, False, False]
    assert not coded.bad.any()


def test_a_missing_cell_is_unseen_only_if_none_was_missing_before() -> None:
    """Where scikit-learn's issue 12018 found it always to be."""
    without = Category("k").learn(cells("a", "b", "a", "b"))
    assert without.encode(cells(None)).features.tolist() == [[0.0, 0.0]]
    assert without.encode(cells(None)).unseen.all()
    within = Category("k").learn(cells("a", None, "a", None))
    assert within.encode(cells(None)).features.tolist() == [[0.0, 1.0]]


def test_rare_categories_are_one_and_what_was_never_met_is_that_one() -> None:
    train = cells(*["a"] * 100, *["b"] * 98, "c", "d")
    column = Category("k").learn(train)
    assert column.features == ("k = a", "k = b", "k = another")
    assert column.encode(cells("d", "new", "a")).features.tolist() == [
        [0, 0, 1],
        [0, 0, 1],
        [1, 0, 0],
    ]
    assert not column.encode(cells("new")).unseen.any()


def test_of_many_categories_the_most_frequent_have_features() -> None:
    train = cells(*[f"c{i}" for i in range(50) for _ in range(3 + (i < 30))])
    assert len(Category("k").learn(train).features) == 31


def test_a_category_is_the_same_however_the_number_is_written() -> None:
    column = Category("k").learn(cells("1", "x", "1.0", "x"))
    assert column.categories == ("1", "x")
    assert column.encode(np.array([1.0, 2.0])).features.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert as_texts(np.array([True, False])).tolist() == ["True", "False"]


# --- booleans and dates --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (np.array([True, False]), [1.0, 0.0]),
        (cells("yes", "No"), [1.0, 0.0]),
        (cells("TRUE", "f"), [1.0, 0.0]),
        (np.array([1.0, 0.0]), [1.0, 0.0]),
    ],
)
def test_yes_and_no_are_1_and_0(given_: np.ndarray, expected: list[float]) -> None:
    values, bad = flags(given_)
    assert (values.tolist(), bad.any()) == (expected, False)


def test_what_is_neither_yes_nor_no_is_bad() -> None:
    assert flags(cells("maybe", None))[1].tolist() == [True, False]
    assert flags(np.array([2.0, np.nan]))[1].tolist() == [True, False]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (("2000-01-31", "1970-01-01"), "ISO8601"),
        (("2000-01-31 06:00", "1970-01-01T12:00:00Z"), "ISO8601"),
        (("31.01.2000", "01.02.1970"), "%d.%m.%Y"),
        (("01/31/2000", "02/01/1970"), "%m/%d/%Y"),
        (("31/01/2000", "01/02/1970"), "%d/%m/%Y"),
        (("Jan 1 2000", "Feb 12 2001"), "%b %d %Y"),
        (("1998/05/01", "2000/01/02"), "ISO8601"),
        (("1-Aug-07", "12-Sep-08"), None),
        (("1.5-2.5", "2-3"), None),
        (("555-1234", "555-9876"), None),
    ],
)
def test_dates_are_told_by_how_all_of_them_are_written(
    tmp_path: Path, texts: tuple[str, ...], form: str | None
) -> None:
    rows = "".join(f'"{text}",{i}\n' for i, text in enumerate(texts * 3))
    kind = choose(table_of(tmp_path, "d,y\n" + rows), "y").kinds["d"]
    assert (kind.form if isinstance(kind, Date) else None) == form


@pytest.mark.parametrize("day", ["0012-09-13", "2262-04-12", "3016-06-18", "9999-12-31"])
def test_dates_are_those_of_the_calendar_however_far(day):
    """Pandas' nanoseconds go from 1677 to 2262."""
    truth = date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
    assert days(cells(day, "2000-03-01 12:00"), "ISO8601")[0].tolist() == [truth, 11017.5]


def test_a_date_is_its_days_since_1970() -> None:
    values, bad = days(cells("2000-03-01", "1969-12-31", None, "2000-02-30"), "ISO8601")
    assert values[:2].tolist() == [11017.0, -1.0]  # as `date -d 2000-03-01 +%s` has it, in days
    assert np.isnan(values[2:]).all()
    assert bad.tolist() == [False, False, False, True]


# --- what is chosen ------------------------------------------------------------------------------


def rows(*columns: list[Any]) -> str:
    """Return rows with a class beside these columns."""
    names = [f"c{i}" for i in range(len(columns))]
    lines = [
        ",".join(map(str, [*row, "ab"[i % 2]])) for i, row in enumerate(zip(*columns, strict=True))
    ]
    return "\n".join([",".join([*names, "k"]), *lines]) + "\n"


N = 40
ANY = [i * i % 17 for i in range(N)]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([7] * N, "constant"),
        (["x"] * N, "constant"),
        ([""] * N, "constant"),
        (list(range(N)), "it numbers the rows"),
        (list(range(1, N + 1)), "it numbers the rows"),
        ([(i * 7) % N for i in range(N)], "it numbers the rows"),
        ([f"name {i}" for i in range(N)], "40 different texts in 40 rows"),
        (
            [f"name {i // 2 * 2 if i < 20 else i}" for i in range(N)],
            "30 different texts in 40 rows",
        ),
        ([1960 + i for i in range(N)], ""),
        (ANY, ""),
        ([i / 8 for i in range(N)], ""),
        ([f"c{i % 5}" for i in range(N)], ""),
        ([f"2000-01-{1 + i % 28:02}" for i in range(N)], ""),
    ],
)
def test_columns_that_teach_nothing_are_left_out_with_the_reason(
    tmp_path: Path, column: list[Any], reason: str
) -> None:
    choice = choose(table_of(tmp_path, rows(ANY, column)), "k")
    assert choice.left_out == ([f"c1 ({reason})"] if reason else [])
    assert list(choice.kinds) == (["c0"] if reason else ["c0", "c1"])


@pytest.mark.parametrize("name", ["id", "PassengerId", "customer_id", "index", ""])
def test_whole_numbers_all_different_with_the_name_of_an_index_are_one(
    tmp_path: Path, name: str
) -> None:
    """Peers learn from it: of a sorted table it tells the class."""
    content = rows([1000 + 3 * i for i in range(N)], ANY)
    table = table_of(tmp_path, content.replace("c0", name, 1))
    assert list(choose(table, "k").kinds) == ["c1"]


def test_whatever_is_asked_for_is_taken(tmp_path: Path) -> None:
    table = table_of(tmp_path, rows(ANY, list(range(N)), ["x"] * N))
    assert list(choose(table, "k", features=["c1", "c0"]).kinds) == ["c1", "c0"]
    assert list(choose(table, "k", drop=["c0", "c2"]).kinds) == ["c1"]  # all that there is


def test_what_is_constant_on_the_training_rows_is_left_out(tmp_path: Path) -> None:
    table = table_of(tmp_path, rows(ANY, [0] * (N - 1) + [1]))
    choice = choose(table, "k")
    assert [column.name for column in learn(choice, table, range(N - 1))] == ["c0"]


def test_statistics_are_those_of_the_training_rows_alone(tmp_path: Path) -> None:
    values = [1.0] * 10 + [2.0] * 10 + [1000.0] * 20
    texts = ["a", "b"] * 10 + ["c"] * 20
    table = table_of(tmp_path, rows(values, texts))
    number, category = learn(choose(table, "k"), table, range(20))
    assert (number.fill, number.lacking) == (1.5, False)
    assert category.categories == ("a", "b")


@pytest.mark.parametrize("mark", ["-", ".", "none", "unknown", "--"])
def test_a_mark_among_numbers_stands_for_a_missing_one_and_that_is_said(
    tmp_path: Path, mark: str
) -> None:
    table = table_of(tmp_path, rows([mark if i % 3 else i for i in range(N)]))
    choice = choose(table, "k")
    assert choice.notes == [f"{mark!r} in c0 as missing"]
    (column,) = learn(choice, table, range(N))
    assert (column.missing, column.features) == ((mark,), ("c0", "c0 is missing"))


def test_thousands_in_groups_are_numbers(tmp_path: Path) -> None:
    table = table_of(tmp_path, "x,k\n" + '"1,234",a\n"12,000",b\n5,a\n')
    features, bad, _ = encode(learn(choose(table, "k"), table, range(3)), table)
    assert (features.ravel().tolist(), bad.any()) == ([1234.0, 12000.0, 5.0], False)


# --- plain data ----------------------------------------------------------------------------------

COLUMNS: list[Column] = [
    Number("x", 1.5, True, ("-",)),
    Number("x"),
    Boolean("b", 0.0),
    Date("d", 12.5, True, form="%d.%m.%Y"),
    Category("k", ("a", "b", None), True),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda x: x.kind)
def test_a_column_comes_back_from_json(column: Column) -> None:
    assert column_of(json.loads(json.dumps(column.plain()))) == column


@pytest.mark.parametrize(
    "plain",
    [None, [], {}, {"kind": "number"}, {"kind": "text", "name": "x"}, {"kind": [], "name": "x"},
     {"kind": "number", "name": 5}, {"kind": "number", "name": "x", "fill": "1"},
     {"kind": "number", "name": "x", "lacking": 1}, {"kind": "number", "name": "x", "more": 1},
     {"kind": "number", "name": "x", "others": True},
     {"kind": "category", "name": "x", "categories": [1]},
     {"kind": "category", "name": "x", "categories": "ab"}],
)  # fmt: skip
def test_what_describes_no_column_is_refused(plain: Any) -> None:
    with pytest.raises(ValueError, match="column"):
        column_of(plain)


def test_a_table_without_the_columns_is_refused_in_one_line() -> None:
    table = Table("t", {"x": np.array([1.0])})
    with pytest.raises(DataError, match=r"^t: there are no columns 'a', 'b'; the columns are 'x'$"):
        encode([Number("a"), Number("x"), Number("b")], table)


@pytest.mark.parametrize(
    ("column", "cell"), [(Number("x"), None), (Number("x", 1.0), "z"), (Boolean("x", 0.0), "7")]
)
def test_a_cell_that_cannot_be_used_is_bad(column: Column, cell: Any) -> None:
    assert column.encode(cells(cell)).bad.tolist() == [True]
