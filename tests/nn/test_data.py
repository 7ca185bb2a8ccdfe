"""Data: reading, splitting, scaling and batching, and every way in which a file can be bad."""

from __future__ import annotations

import math
import random
from dataclasses import FrozenInstanceError
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import (
    DataError,
    Dataset,
    Standardiser,
    batches,
    iris,
    load_csv,
    moons,
    train_test_split,
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


# --- the data sets -----------------------------------------------------------------------------


def test_iris_has_the_published_summary() -> None:
    """Means and deviations by species as R prints them for its copy of Fisher's table."""
    published = {
        "setosa": ((5.006, 3.428, 1.462, 0.246), (0.35249, 0.37906, 0.17366, 0.10539)),
        "versicolor": ((5.936, 2.770, 4.260, 1.326), (0.51617, 0.31380, 0.46991, 0.19775)),
        "virginica": ((6.588, 2.974, 5.552, 2.026), (0.63588, 0.32250, 0.55189, 0.27465)),
    }
    data = iris()
    assert data.class_names == tuple(published)
    for label, (means, deviations) in enumerate(published.values()):
        rows = [row for row, k in zip(data.features, data.labels, strict=True) if k == label]
        assert len(rows) == 50
        fitted = Standardiser.fit(rows)
        assert fitted.mean == pytest.approx(means, abs=1e-12)
        sample = [scale * math.sqrt(50 / 49) for scale in fitted.scale]
        assert sample == pytest.approx(deviations, abs=5e-6)


def test_iris_follows_the_paper_in_the_two_disputed_rows() -> None:
    assert iris().features[34] == (4.9, 3.1, 1.5, 0.2)
    assert iris().features[37] == (4.9, 3.6, 1.4, 0.1)


def test_moons_without_noise_lie_on_two_half_circles() -> None:
    data = moons(101, noise=0.0)
    assert (data.labels.count(0), data.labels.count(1)) == (50, 51)
    for (x, y), label in zip(data.features, data.labels, strict=True):
        if label == 0:
            assert math.hypot(x, y) == pytest.approx(1.0)
            assert y >= 0
        else:
            assert math.hypot(x - 1, y - 0.5) == pytest.approx(1.0)
            assert y <= 0.5


def test_the_noise_of_moons_has_the_deviation_asked_for() -> None:
    clean, noisy = moons(2000, 0.0), moons(2000, 0.2, random.Random(0))
    errors = [
        a - b
        for noisy_row, row in zip(noisy.features, clean.features, strict=True)
        for a, b in zip(noisy_row, row, strict=True)
    ]
    assert math.fsum(errors) / 4000 == pytest.approx(0.0, abs=0.02)
    assert math.sqrt(math.fsum(e * e for e in errors) / 4000) == pytest.approx(0.2, rel=0.05)


def test_moons_repeat_with_the_seed() -> None:
    assert moons(10, 0.1, random.Random(4)) == moons(10, 0.1, random.Random(4))
    assert moons(10, 0.1, random.Random(4)) != moons(10, 0.1, random.Random(5))


@pytest.mark.parametrize(
    ("n", "noise", "message"), [(1, 0.1, "but was 1"), (9, -1, "was -1"), (9, math.nan, "was nan")]
)
def test_moons_refuse_what_makes_no_sense(n: int, noise: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        moons(n, noise)


def test_a_dataset_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        iris().labels = ()  # type: ignore[misc]


# --- splitting -------------------------------------------------------------------------------


@given(n=st.integers(2, 40), fraction=st.floats(0.01, 0.5), seed=st.integers())
def test_a_split_is_a_partition(n: int, fraction: float, seed: int) -> None:
    data = Dataset(tuple((float(i),) for i in range(n)), tuple(range(n)), (), ("i",), "i")
    train, test = train_test_split(data, fraction, random.Random(seed))
    assert len(test) == math.ceil(n * fraction)
    assert sorted(train.labels + test.labels) == list(range(n))
    for part in (train, test):
        assert [int(row[0]) for row in part.features] == list(part.labels)


def test_a_split_repeats_with_the_seed() -> None:
    first, second, other = (train_test_split(iris(), 0.2, random.Random(s)) for s in (1, 1, 2))
    assert first == second
    assert first != other


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 1.5, math.nan])
def test_a_fraction_outside_of_0_and_1_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1, but was"):
        train_test_split(iris(), fraction)


def test_a_split_that_leaves_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0.9 of 4 examples leaves none"):
        train_test_split(moons(4), 0.9)


# --- scaling ---------------------------------------------------------------------------------


def test_standardised_features_have_mean_0_and_deviation_1() -> None:
    features = iris().features
    columns = list(zip(*Standardiser.fit(features)(features), strict=True))
    for column in columns:
        assert math.fsum(column) / 150 == pytest.approx(0.0, abs=1e-14)
        assert math.fsum(x * x for x in column) / 150 == pytest.approx(1.0, rel=1e-14)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=20))
def test_mean_and_scale_are_exact_up_to_one_rounding(column: list[int]) -> None:
    fitted = Standardiser.fit([(float(x),) for x in column])
    mean = Fraction(sum(column), len(column))
    variance = sum((x - mean) ** 2 for x in column) / len(column)
    assert fitted.mean == (float(mean),)
    assert fitted.scale[0] == pytest.approx(math.sqrt(variance) or 1.0, rel=1e-15)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e-300, 1e308])
def test_a_constant_feature_becomes_zero(constant: float) -> None:
    rows = [(constant,)] * 7
    assert Standardiser.fit(rows)(rows) == ((0.0,),) * 7


def test_huge_and_tiny_features_do_not_overflow() -> None:
    rows = [(1e200, 1e-200), (3e200, 3e-200)]
    assert Standardiser.fit(rows)(rows) == (
        pytest.approx((-1.0, -1.0), rel=1e-12),
        pytest.approx((1.0, 1.0), rel=1e-12),
    )


def test_the_held_out_part_is_scaled_by_the_figures_of_the_training_part() -> None:
    standardise = Standardiser.fit([(0.0,), (2.0,)])
    assert standardise([(5.0,)]) == ((4.0,),)


def test_no_rows_have_no_mean() -> None:
    with pytest.raises(ValueError, match="features has no rows"):
        Standardiser.fit([])


# --- mini-batches ------------------------------------------------------------------------------


@given(count=st.integers(0, 30), size=st.integers(1, 35), seed=st.integers())
def test_mini_batches_visit_every_index_once(count: int, size: int, seed: int) -> None:
    epoch = list(batches(count, size, random.Random(seed)))
    assert sorted(i for batch in epoch for i in batch) == list(range(count))
    assert all(len(batch) == size for batch in epoch[:-1])
    assert len(epoch) == math.ceil(count / size)


def test_each_epoch_has_an_order_of_its_own() -> None:
    source = random.Random(0)
    assert list(batches(20, 5, source)) != list(batches(20, 5, source))
