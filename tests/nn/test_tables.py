"""Tables as data sets: what becomes of their rows, what is a class and what a measure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from nn.data import (
    DataError,
    Dataset,
    Format,
    iris,
    load_csv,
    moons,
)
from nn.data.reading import TableFile
from nn.data.targets import find_target

PETS = "weight,height,kind\n4.5,25,cat\n31,60.5,dog\n3.9,24,cat\n"


def written(folder: Path, content: str | bytes) -> Path:
    """Return the path of a file with the content given."""
    path = folder / "pets.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- reading ---------------------------------------------------------------------------------


def test_a_table_becomes_features_and_numbered_classes(tmp_path: Path) -> None:
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


def test_columns_are_found_by_name_whatever_else_is_there(tmp_path: Path) -> None:
    path = written(tmp_path, "note,b,k,a\nhello,1,x,2\n,3,x,4\n")
    data = load_csv(path, "k", feature_names=["a", "b"], class_names=["y", "x"])
    assert (data.features, data.labels) == (((2.0, 1.0), (4.0, 3.0)), (1, 1))
    assert (data.feature_names, data.class_names) == (("a", "b"), ("y", "x"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "species"}, "no column 'species'; the columns are 'weight', 'height', 'kind'$"),
        ({"feature_names": ["z", "y"]}, "there are no columns 'z', 'y'"),
        ({"feature_names": ["kind"]}, "'kind' is the target, and cannot be a feature as well"),
        ({"class_names": ["cat"]}, "does not know the class 'dog' of 1 row, first in line 3$"),
        ({"target": "weight", "class_names": ["4.50", "31.0"]}, "class '3.9' of 1 row"),
    ],
)
def test_what_does_not_fit_to_the_table_is_named(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load_csv(written(tmp_path, PETS), **options)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,kind\n1,cat\n2,cat\n", "column 'kind': every row has the same class, 'cat'"),
        ("x,kind\n1,\n2,NA\n", "column 'kind': every cell is missing"),
        ("kind\ncat\ndog\n", "no column is left besides the target 'kind'$"),
        ("x,y,kind\n1,,a\n1,,b\n", r"besides the target 'kind': x \(constant\); y \(constant\)$"),
        (
            "x,k\n" + "1,a\n" * 20 + "2,b\nbig,a\n",
            r"mixed .* 'x' \(1 cell, first 'big' in line 23\)",
        ),
        ("x,k\n1,a\n2,b\ninf,a\n", r"'x' \(1 cell, first 'inf' in line 4\): name with --na"),
        ("x,k\n1,a\n2,b\n1e999,a\n", r"'x' \(1 cell, first '(inf|1e999)' in line 4\)"),
        (
            "x,k\n" + "".join(f"{i},n{i}\n" for i in range(9)),
            "9 classes in 9 rows; these are names",
        ),
    ],
)
def test_a_table_that_teaches_nothing_is_refused_with_the_reason(
    tmp_path: Path, content: str, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        load_csv(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_one_message_names_all_columns_at_fault_with_the_remedy(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(40))
    path = written(tmp_path, "x,y,k\n" + rows + "bad,worse,a\n")
    with pytest.raises(DataError) as caught:
        load_csv(path)
    assert str(caught.value) == (
        f"{path}: numbers mixed with something else in 'x' (1 cell, first 'bad' in line 42); "
        "'y' (1 cell, first 'worse' in line 42): name with --na what stands for a missing cell, "
        "mend the cells, or leave columns out with --drop"
    )


# --- measures and classes ------------------------------------------------------------------------


def with_target(folder: Path, cells: Iterable[object]) -> Path:
    """Return the path of a file whose last column has these cells."""
    rows = [f"{i * 7 % 5},{cell}" for i, cell in enumerate(cells)]
    return written(folder, "\n".join(["x,target", *rows]) + "\n")


HOUSES = [f"{5 + (i % 229) / 5:.1f}" for i in range(506)]  # as many values and rows as Boston has


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (HOUSES, "229 different numbers in 506 rows"),
        ([i % 37 for i in range(400)], "37 different numbers in 400 rows"),
        ([f"{i % 37}.0" for i in range(400)], "37 different numbers in 400 rows"),
        ([i % 11 + 0.5 for i in range(400)], "11 different numbers in 400 rows"),
        ([1.5, 2.5, 3.0, 4.0], "4 different numbers in 4 rows"),
        (range(1000, 1100), "100 different numbers in 100 rows"),
        ([*HOUSES, "?", "-"], "229 different numbers in 506 rows"),
    ],
    ids=["Boston", "counts", "whole floats", "fractions", "few rows", "a number a row", "missing"],
)
def test_a_measure_is_told_from_classes(
    tmp_path: Path, cells: Iterable[object], reason: str
) -> None:
    path = with_target(tmp_path, cells)
    table = TableFile(path).read(["target"])
    target = find_target(table, "target")
    assert (target.task, target.reason) == ("regression", reason)
    assert list(target.values) == [float(x) for x in cells if x not in ("?", "-")]  # type: ignore[arg-type]
    with pytest.raises(DataError, match=rf"{reason}; that looks like a measurement"):
        load_csv(path)
    as_classes = find_target(table, "target", "classification")
    assert len(as_classes.class_names) == len({*map(str, cells)} - {"?"})


@pytest.mark.parametrize(
    "cells",
    [
        [i % 36 for i in range(400)],
        [f"{i % 3}.0" for i in range(30)],
        [(i % 10 + 1) / 2 for i in range(40)],
        [0.5, 1.5],
        [f"word {i % 100}" for i in range(400)],
        [*range(100), *["x"] * 120],
    ],
    ids=["36 numbers", "whole floats", "half stars", "two", "many names", "names among numbers"],
)
def test_numbers_that_can_be_names_of_classes_are_taken(
    tmp_path: Path, cells: list[object]
) -> None:
    data = load_csv(with_target(tmp_path, cells))
    assert len(data.class_names) == len(set(cells))


def test_known_classes_may_be_any_numbers_however_they_are_written(tmp_path: Path) -> None:
    names = sorted(set(HOUSES))
    assert load_csv(with_target(tmp_path, HOUSES), class_names=names).class_names == tuple(names)


def test_one_and_one_point_zero_are_one_class_and_007_is_a_code(tmp_path: Path) -> None:
    data = load_csv(with_target(tmp_path, ["1", "1.0", "2", "+2.", "10", "007", "007"] * 2))
    assert data.class_names == ("1", "2", "007", "10")
    assert data.labels == (0, 0, 1, 1, 3, 2, 2) * 2


@pytest.mark.parametrize("name", ["NA", "?", "nan", ""])
def test_a_row_without_a_class_is_left_out_and_counted(tmp_path: Path, name: str) -> None:
    table = TableFile(with_target(tmp_path, ["a", name, "b", "a"])).read(["target"])
    target = find_target(table, "target")
    assert (target.class_names, target.rows, target.missing) == (("a", "b"), (0, 2, 3), 1)


def test_a_class_called_na_can_be_asked_for(tmp_path: Path) -> None:
    """Namibia's country code, and sodium's symbol; pandas' issue 10647."""
    path = with_target(tmp_path, ["NA", "EU", "NA", "?"])
    data = load_csv(path, form=Format(na=("?",)))
    assert (data.class_names, data.labels) == (("EU", "NA"), (1, 0, 1))


@pytest.mark.parametrize("cells", [["5", "x", "7"], ["5", "5", "5"], ["", "NA", ""]])
def test_what_cannot_be_a_measure_is_refused(tmp_path: Path, cells: list[str]) -> None:
    table = TableFile(with_target(tmp_path, cells)).read(["target"])
    with pytest.raises(DataError, match="column 'target': "):
        find_target(table, "target", "regression")


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
