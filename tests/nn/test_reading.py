"""Reading tables: every spelling of one table, what is guessed, and what is no table."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn.data.reading as reading
from nn.__main__ import main
from nn.data import DataError, Format, iris, moons
from nn.data.reading import CHUNK, TableFile

PETS = "weight,height,kind\n4.5,25,cat\n31,60.5,dog\n3.9,24,cat\n"


def packed(content: bytes) -> bytes:
    """Return a gzip file: the same at any time, for it names a test."""
    return gzip.compress(content, mtime=0)


def written(folder: Path, content: str | bytes) -> Path:
    """Return the path of a file with the content given."""
    path = folder / "pets.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, **form: Any) -> dict[str, list[Any]]:
    """Return the columns of a table; a missing number as None."""
    table = TableFile(written(folder, content), Format(**form)).read()
    return {
        name: [None if x != x else x for x in cells.tolist()] for name, cells in table.cells.items()
    }


EXPECTED = {"weight": [4.5, 31.0, 3.9], "height": [25.0, 60.5, 24.0], "kind": ["cat", "dog", "cat"]}
GERMAN = PETS.replace(",", ";").replace(".", ",")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PETS, "a header, separated by comma, decimal point, UTF-8"),
        (b"\xef\xbb\xbf" + PETS.encode(), "UTF-8"),
        (PETS.encode("utf-16"), "UTF-16"),
        (PETS.encode("utf-16-le"), "UTF-16-LE"),
        (PETS.encode("utf-16-be"), "UTF-16-BE"),
        (PETS.encode("utf-32"), "UTF-32"),
        (packed(PETS.encode()), "gzip"),
        (packed(PETS.encode()[:20]) + packed(PETS.encode()[20:]), "gzip"),
        (PETS.replace("\n", "\r\n"), ""),
        (PETS.replace("\n", "\r"), ""),
        (PETS.rstrip("\n"), ""),
        ("\n \n" + PETS.replace("\n", "\n\n  \n"), ""),
        (PETS.replace(",", " , "), ""),
        (GERMAN, "semicolon, decimal comma"),
        (PETS.replace(",", "\t"), "tab"),
        (PETS.replace(",", "|"), "bar"),
        (PETS.replace(",", " "), "blanks"),
        (PETS.replace(",", "  \t ").replace("\n", "\n  "), "tab"),
        (PETS.replace(",", "   ").replace("\n", "\n  "), "blanks"),
        (PETS.replace("cat", '"cat"').replace("weight", '"weight"'), ""),
        (PETS.replace("cat", " 'cat'").replace("dog", "'dog'").replace("kind", "'kind'"), "single"),
        (PETS.replace("31", '"31"').replace("3.9", "0.39e1").replace("24", "+24."), ""),
    ],
)  # fmt: skip
def test_spellings_of_one_table(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert read(tmp_path, content) == EXPECTED
    assert said in TableFile(tmp_path / "pets.csv").said


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ({"sep": ":"}, PETS.replace(",", ":")),
        ({"sep": ";", "decimal": ","}, GERMAN),
        ({"encoding": "cp037"}, PETS.encode("cp037")),
        ({"header": True}, PETS),
    ],
)
def test_what_is_given_is_not_guessed(tmp_path: Path, form: dict[str, Any], content: Any) -> None:
    assert read(tmp_path, content, **form) == EXPECTED


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("1,2,3\n4,5,6\n7,8,9\n", ["column 1", "column 2", "column 3"], 3),
        ("5.1,3.5,setosa\n6.1,2.9,versicolor\n", ["column 1", "column 2", "column 3"], 2),
        ("3,?,alfa\n2,164,audi\n1,150,bmw\n", ["column 1", "column 2", "column 3"], 3),
        ("p,x,s\np,y,s\ne,x,s\np,x,t\n", ["column 1", "column 2", "column 3"], 4),
        ("0,1,k\n2,3,a\n4,5,b\n", ["0", "1", "k"], 2),
        ("0,1,2\n2,3,7\n4,5,8\n", ["0", "1", "2"], 2),
        ("name,1990,1991\nChad,5.1,3\nPeru,1,2\n", ["name", "1990", "1991"], 2),
        ("name,kind\nTom,cat\nRex,dog\n", ["name", "kind"], 2),
        ('"x" "y"\n"1" 5.1 a\n"2" 4 b\n', ["index", "x", "y"], 2),  # as R writes it
        (",a,b\n0,1,2\n1,3,4\n", ["index", "a", "b"], 2),  # as pandas does
        ("a,b\n1,2,\n3,4,\n", ["a", "b", "column 3"], 2),  # a separator at each end
        ('a, "b" , "c, d"\n1,2,3\n4,5,6\n', ["a", "b", "c, d"], 2),
        ('a,"the,\nkind"\n1,2\n4,5\n', ["a", "the,\nkind"], 2),
    ],
)
def test_a_header_is_told_from_a_first_row(
    tmp_path: Path, content: str, names: list[str], rows: int
) -> None:
    found = read(tmp_path, content)
    assert list(found) == names
    assert {len(cells) for cells in found.values()} == {rows}


def test_without_a_header_the_first_row_is_data(tmp_path: Path) -> None:
    assert read(tmp_path, "0,1\n2,3\n", header=False) == {"column 1": [0, 2], "column 2": [1, 3]}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["12_34", "5"], ["12_34", "5"]),
        (["0x10", "5"], ["0x10", "5"]),
        (["99999999999999999999", "1"], ["99999999999999999999", "1"]),
        (["18446744073709551615", "1"], [18446744073709551615.0, 1.0]),
        (["0.1", "1e-3"], [0.1, 0.001]),
        (["5.0000000000000004440892098500626", "1"], [5.0, 1.0]),
        (["True", "FALSE"], [True, False]),
        (["True", ""], ["True", None]),
        (["NA", "?"], [None, None]),
        (["NA", "x"], [None, "x"]),
        ([" NA ", " x "], [None, "x"]),
        (["a\0b", "c"], ["a\0b", "c"]),
        (["", "5"], [None, 5.0]),
    ],
)
def test_a_cell_is_what_it_looks_like(tmp_path: Path, cells: list[str], expected: Any) -> None:
    content = "x,y\n" + "".join(f"{cell},1\n" for cell in cells)
    assert read(tmp_path, content)["x"] == expected


def test_what_is_missing_can_be_said(tmp_path: Path) -> None:
    content = "x,y\n-999,NA\n5,?\n,b\n"
    assert read(tmp_path, content) == {"x": [-999.0, 5.0, None], "y": [None, None, "b"]}
    asked = read(tmp_path, content, na=("-999",))
    assert asked == {"x": [None, 5.0, None], "y": ["NA", "?", "b"]}


def test_every_float_is_read_to_its_last_bit(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).standard_normal(3000) * 10.0 ** np.arange(-150, 150).repeat(
        10
    )
    content = "x,y\n" + "".join(f"{x!r},1\n" for x in numbers.tolist())
    assert read(tmp_path, content)["x"] == numbers.tolist()


def test_a_column_that_changes_its_kind_far_below_is_read_as_it_is_written(tmp_path: Path) -> None:
    rows = [f"{i},{i}.0,x\n" for i in range(CHUNK)] + ["a,1.5,y\n", "1.0,z,\n"]
    found = read(tmp_path, "u,v,w\n" + "".join(rows))
    assert found["u"][:2] + found["u"][-2:] == ["0", "1", "a", "1.0"]
    assert found["v"][:2] + found["v"][-2:] == ["0.0", "1.0", "1.5", "z"]
    assert found["w"][-3:] == ["x", "y", None]


@pytest.mark.parametrize(
    "content",
    [
        "email\ntest@gmail.com\ntest2@yahoo.com\ntest3@m.com\n",
        "col1\n    val1\n    val2d\n    val3\n",
    ],
)
def test_no_letter_is_taken_for_a_separator(tmp_path: Path, content: str) -> None:
    """As csv.Sniffer does: pandas' issues 28458 and 17333."""
    (cells,) = read(tmp_path, content).values()
    assert cells == [line.strip() for line in content.splitlines()[1:]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\tb\n1,234\t1\n12,000\t2\n", ["1,234", "12,000"]),  # thousands, read by columns
        ("a;b\n1,5;1\n2,25;2\n", [1.5, 2.25]),
        ("a;b\n1.5;1\n2.25;2\n", [1.5, 2.25]),
    ],
)
def test_a_comma_in_numbers_is_a_decimal_one_unless_it_parts_thousands(
    tmp_path: Path, content: str, expected: list[Any]
) -> None:
    assert read(tmp_path, content)["a"] == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"pets\.csv: the file is empty$"),
        ("\n \n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (packed(b""), "the file is empty"),
        ("weight,kind\n", r"pets\.csv: there are no rows below the header$"),
        (PETS + "5,dog\n", "of 3 columns, 1 row has another number of cells: line 5 has 2; mend"),
        (PETS + "5,1,dog,\n", "1 row has another number of cells: line 5 has 4"),
        (
            PETS + "5,1,dog,7,8\n4\n",
            "2 rows have another number of cells: line 5 has 5, line 6 has 1",
        ),
        ("x,x,kind,kind\n0,1,cat,1\n", "several columns are named 'kind', 'x'; the first row"),
        ('n0\r"', "line 2: a quotation mark is opened and never closed"),
        (PETS + '"5,1,dog\n6,2,cat\n', "line 5: a quotation mark is opened and never closed"),
        (b"PK\x03\x04rest", "this is a zip archive, as Excel's files are; save the table as CSV"),
        ('[{"a": 1}]\n', "this is JSON"),
        (packed(PETS.encode())[:-9], "the gzip file ends too early"),
        (
            packed(PETS.encode())[:12] + b"xxxxxxxxxxx",
            "the gzip file (is damaged|ends too early)",
        ),
        ("a,b\n1," + "x" * 131_073 + "\n2,y\n", "not valid CSV: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong_and_where(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        TableFile(path).read()
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["none-such", "base64", "ascii"])
def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=f"it is not text in {name}: .*; give another --encoding"):
        TableFile(written(tmp_path, PETS + "5,6,\u00e9\n"), Format(encoding=name))


def test_text_that_is_not_utf8_is_read_as_western_text_and_that_is_said(tmp_path: Path) -> None:
    content = "x,kind\n1,h\u00f6lzern\n2,b\n".encode("cp1252")
    assert read(tmp_path, content)["kind"] == ["h\u00f6lzern", "b"]
    assert TableFile(tmp_path / "pets.csv").said.endswith("CP1252")


class Name(str):
    """A name that counts how often it is looked up or compared."""

    asked = 0

    def strip(self, *_: Any) -> Name:
        return self

    def __hash__(self) -> int:
        Name.asked += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Name.asked += 1
        return super().__eq__(other)


def test_a_header_of_many_columns_takes_work_in_proportion(tmp_path: Path) -> None:
    names = [Name(f"c{i}") for i in range(20_000)]
    Name.asked = 0
    assert len(reading._named([names, ["1"] * 20_000], "t")) == 20_000
    assert Name.asked < 10 * 20_000
    content = ",".join(names) + "\n" + (",".join("1" * 20_000) + "\n") * 3
    assert TableFile(written(tmp_path, content)).names == tuple(names)


def test_a_header_that_lacks_a_name_is_refused_unless_rows_have_names(tmp_path: Path) -> None:
    """As pandas takes it, x and y would be the names of other columns."""
    with pytest.raises(DataError, match="2 rows have another number of cells: line 2 has 3"):
        read(tmp_path, "x,y\n1,2,cat\n1,3,dog\n")
    assert list(read(tmp_path, "x,y\nr1,2,cat\nr2,3,dog\n")) == ["index", "x", "y"]


def test_the_rows_come_as_they_are_written(tmp_path: Path) -> None:
    file = TableFile(written(tmp_path, 'a,b\n1.50,NA\n\n"x, y",\n'))
    assert list(file.rows()) == [["1.50", "NA"], ["x, y", ""]]


def test_without_pandas_one_line_names_the_extra_and_iris_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert (len(iris()), len(moons(10))) == (150, 10)
    assert main(["--epochs", "1", "--no-progress"]) == 0
    capsys.readouterr()
    assert main([str(written(tmp_path, PETS))]) == 2
    err = capsys.readouterr().err
    assert err == (
        "nn: error: reading a table needs pandas: pip install 'glassgrad[table]'; "
        "iris, moons ... do without\n"
    )
