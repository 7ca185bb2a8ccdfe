"""Tables: reading them, every way in which a file can be bad, and what is no class."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from nn.__main__ import main
from nn.data import (
    DataError,
    Dataset,
    iris,
    load_csv,
    moons,
)

PETS = "weight,height,kind\n4.5,25,cat\n31,60.5,dog\n3.9,24,cat\n"


def written(folder: Path, content: str | bytes) -> Path:
    """Return the path of a file with the content given."""
    path = folder / "pets.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- reading ---------------------------------------------------------------------------------


def test_a_csv_file_becomes_features_and_numbered_classes(tmp_path: Path) -> None:
    data = load_csv(written(tmp_path, PETS), "kind")
    assert data == Dataset(
        features=((4.5, 25.0), (31.0, 60.5), (3.9, 24.0)),
        labels=(0, 1, 0),
        class_names=("cat", "dog"),
        feature_names=("weight", "height"),
        target_name="kind",
    )
    assert len(data) == 3


def test_the_target_is_the_last_column_unless_named(tmp_path: Path) -> None:
    assert load_csv(written(tmp_path, PETS)).target_name == "kind"


def test_the_target_may_be_any_column_and_its_classes_may_be_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "a,class,b\n1,7,2\n3,5,4\n")
    data = load_csv(str(path), "class")
    assert data.features == ((1.0, 2.0), (3.0, 4.0))
    assert (data.class_names, data.labels) == (("5", "7"), (1, 0))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PETS.encode(),
        PETS.replace("\n", "\r\n"),
        PETS.replace("\n", "\r"),
        PETS.rstrip("\n"),
        PETS.replace("\n", "\n\n  \n"),
        PETS.replace(",", " , "),
        '"weight","height","kind"\n"4.5","25","cat"\n"31","60.5","dog"\n3.9,2.4e1,"cat"\n',
    ],
    ids=["byte order mark", "crlf", "cr", "no last newline", "blank lines", "spaces", "quotes"],
)
def test_spellings_of_the_same_file(tmp_path: Path, content: str | bytes) -> None:
    expected = load_csv(written(tmp_path, PETS))
    assert load_csv(written(tmp_path, content)) == expected


def test_a_cell_may_contain_commas_newlines_and_any_letters(tmp_path: Path) -> None:
    path = written(tmp_path, 'x,"the, kind"\n1,"Ärger, \nviel"\n2,猫\n')
    data = load_csv(path)
    assert data.target_name == "the, kind"
    assert data.class_names == ("Ärger, \nviel", "猫")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"pets\.csv: the file is empty$"),
        ("\n \n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        ("weight,kind\n", r"pets\.csv: there are no rows below the header$"),
        (PETS + "heavy,30,dog\n", r"line 5, column 'weight': 'heavy' is not a number$"),
        ('x,kind\n1,"a\nb"\n?,b\n', r"line 4, column 'x': '\?' is not a number$"),
        (PETS + "5,,dog\n", "line 5, column 'height': the cell is empty"),
        (PETS + "5, ,dog\n", "line 5, column 'height': the cell is empty"),
        (PETS + "5,3, \n", "line 5, column 'kind': the cell of the class is empty"),
        (PETS + "nan,30,dog\n", "line 5, column 'weight': 'nan' is not a finite number"),
        (PETS + "5,-inf,dog\n", "line 5, column 'height': '-inf' is not a finite number"),
        (PETS + "5,1e999,dog\n", "line 5, column 'height': '1e999' is not a finite number"),
        (PETS + "5,dog\n", "line 5: 2 cells, but the header has 3"),
        (PETS + "5,1,dog,\n", "line 5: 4 cells, but the header has 3"),
        ("x,kind\n1,cat\n2,cat\n", "column 'kind': every row has the same class, 'cat'"),
        ("kind\ncat\ndog\n", "'kind' is the only column"),
        ("weight;kind\n1;cat\n2;dog\n", "only column; .* delimiter has to be a comma"),
        (",weight,kind\n0,1,cat\n1,2,dog\n", "line 1: column 1 has no name"),
        ("x,x,kind\n0,1,cat\n1,2,dog\n", "line 1: two columns are named 'x'"),
        ("5.1,3.5,setosa\n6.1,2.9,versicolor\n", "line 1: '5.1' looks like data"),
        (b"x,kind\n1,cat\n2,h\xf6lzern\n", "line 3: byte 0xf6 is not UTF-8"),
        (PETS.encode("utf-16"), "line 1: byte 0xff is not UTF-8"),
        (PETS + '"5,1,dog\n6,2,cat\n', "not valid CSV"),
        ("x,kind\n" + "7" * 5 + "z" * 900 + ",cat\n", r"'77777z+\.\.\.z+' is not a number$"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        load_csv(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_an_unknown_target_is_answered_with_the_columns_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, PETS)
    with pytest.raises(DataError, match=r"no column 'species'; .* are weight, height, kind$"):
        load_csv(path, "species")


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_csv(tmp_path / "none.csv")


def test_column_names_that_are_whole_numbers_are_names(tmp_path: Path) -> None:
    assert load_csv(written(tmp_path, "0,1,k\n2,3,a\n4,5,b\n")).feature_names == ("0", "1")


# --- measurements are no classes -----------------------------------------------------------------


def with_target(folder: Path, cells: Iterable[object]) -> Path:
    """Return the path of a file whose last column has these cells."""
    rows = [f"{i},{cell}" for i, cell in enumerate(cells)]
    return written(folder, "\n".join(["x,target", *rows]) + "\n")


HOUSES = [f"{5 + (i % 229) / 5:.1f}" for i in range(506)]  # as many values and rows as Boston has


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (HOUSES, "229 different numbers in 506 rows, such as 10.2; that looks like a measurement"),
        ([i % 37 for i in range(400)], "37 different numbers in 400 rows; that looks like a meas"),
        ([f"{i % 37}.0" for i in range(400)], "37 different numbers in 400 rows; that looks"),
        ([i % 11 + 0.5 for i in range(400)], "11 different numbers in 400 rows, such as 0.5"),
        ([1.5, 2.5, 3.0, 4.0], "4 different numbers in 4 rows, such as 1.5"),
        (range(1000, 1100), "100 different numbers in 100 rows"),
    ],
    ids=["Boston", "counts", "whole floats", "fractions", "few rows", "a number a row"],
)
def test_a_measured_target_is_refused_with_the_reason(
    tmp_path: Path, cells: Iterable[object], message: str
) -> None:
    path = with_target(tmp_path, cells)
    with pytest.raises(DataError, match=rf"column 'target': {message}.*only classes"):
        load_csv(path)


@pytest.mark.parametrize(
    "cells",
    [
        [i % 36 for i in range(400)],
        [f"{i % 3}.0" for i in range(30)],
        [(i % 10 + 1) / 2 for i in range(40)],
        [0.5, 1.5],
        [f"word {i % 100}" for i in range(400)],
        [*range(100), "x"],
    ],
    ids=["36 numbers", "whole floats", "half stars", "two", "many names", "names among numbers"],
)
def test_numbers_that_can_be_names_of_classes_are_taken(
    tmp_path: Path, cells: list[object]
) -> None:
    data = load_csv(with_target(tmp_path, cells))
    assert len(data.class_names) == len(set(cells))


def test_known_classes_may_be_any_numbers(tmp_path: Path) -> None:
    names = sorted(set(HOUSES))
    assert load_csv(with_target(tmp_path, HOUSES), class_names=names).class_names == tuple(names)


def test_the_command_line_does_not_train_on_a_measured_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(with_target(tmp_path, HOUSES)), "--epochs", "1", "--no-progress"]) == 2
    assert "229 different numbers in 506 rows" in capsys.readouterr().err


# --- data sets made by hand ----------------------------------------------------------------------


def test_a_dataset_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        iris().labels = ()  # type: ignore[misc]


def test_a_dataset_is_made_of_arrays_and_frames_by_position() -> None:
    expected = Dataset(((1.0, 2.0), (3.0, 4.0)), (1, 0), ("a", "b"), ("u", "v"), "kind")
    array, labels = np.array([[1, 2], [3, 4]]), np.array([1, 0])
    made = Dataset(array, labels, np.array(["a", "b"]), ["u", "v"], "kind")  # type: ignore[arg-type]
    assert made == expected
    assert {type(x) for x in (*made.features[0], *made.labels)} == {float, int}
    frame = pandas.DataFrame(array, columns=["u", "v"], index=[1, 0])
    series = pandas.Series(labels, index=[0, 1])
    assert Dataset(frame, series, ("a", "b"), frame.columns, "kind") == expected


@pytest.mark.parametrize(
    ("features", "labels", "error", "message"),
    [
        (
            [[1.0]],
            [24.5],
            TypeError,
            r"int, but was 24\.5; .* \(a measurement is no class\)",
        ),
        ([[1.0]], ["a"], TypeError, "label 0 has to be an int, but was 'a'; a label is the place"),
        ([[1.0]], [2], ValueError, "label 0 is 2, but 2 class_names allow labels from 0 to 1"),
        ([[1.0], [2.0]], [-1, 0], ValueError, "label 0 is -1"),
        ([[1.0]], [0, 1], ValueError, "1 rows of features, but 2 labels"),
        ([[1.0, 2.0]], [0], ValueError, "there are 2 features, but 1 feature_names"),
        ([[math.inf]], [0], ValueError, "row 0 of features has inf"),
        ({0: [1.0]}, [0], TypeError, "features has to be a list, .* but was a dict"),
    ],
)
def test_a_dataset_that_does_not_fit_together_is_refused(
    features: Any, labels: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Dataset(features, labels, ("a", "b"), ("u",), "kind")


def test_a_dataset_is_unpacked_as_features_and_labels() -> None:
    data = moons(60)
    x, y = data
    assert (x, y) == (data.features, data.labels)
    assert (len(x), len(y)) == (60, 60)
