"""Data: the sets that are at hand, splitting, and mini-batches."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import (
    Dataset,
    Standardiser,
    batches,
    circles,
    encoder,
    iris,
    moons,
    parity,
    spirals,
    train_test_split,
)

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


@pytest.mark.parametrize("number", [np.int64, np.uint8])
def test_sizes_of_patterns_may_be_numbers_of_numpy(number: Callable[[int], Any]) -> None:
    noise = np.float32(0.125)
    assert moons(number(9), noise, 1) == moons(9, 0.125, 1)
    assert circles(number(9), noise, np.float32(0.5), 1) == circles(9, 0.125, 0.5, 1)
    assert spirals(number(9), number(3), noise, np.float32(0.75), 1) == spirals(
        9, 3, 0.125, 0.75, 1
    )
    assert (parity(number(3)), encoder(number(3))) == (parity(3), encoder(3))
    made = spirals(number(9), number(3), noise, np.float32(0.75), 1)
    assert {type(x) for row in made.features for x in row} == {float}


# --- splitting -------------------------------------------------------------------------------


@given(n=st.integers(2, 40), fraction=st.floats(0.01, 0.5), seed=st.integers())
def test_a_split_is_a_partition(n: int, fraction: float, seed: int) -> None:
    data = Dataset(tuple((float(i),) for i in range(n)), tuple(range(n)), (), ("i",), "i")
    train, test = train_test_split(data, fraction, random.Random(seed))
    assert len(test) == math.ceil(n * fraction)
    assert sorted(train.labels + test.labels) == list(range(n))
    for part in (train, test):
        assert [int(row[0]) for row in part.features] == list(part.labels)


@pytest.mark.parametrize("container", [list, tuple, np.array])
def test_inputs_and_targets_are_split_as_a_dataset_is(container: Callable[[Any], Any]) -> None:
    data = iris()
    pair = container(data.features), container(data.labels)
    for part, whole in zip(
        train_test_split(pair, 0.2, 3), train_test_split(data, 0.2, 3), strict=True
    ):
        assert [tuple(row) for row in part[0]] == list(whole.features)
        assert part[1] == list(whole.labels)


def test_a_frame_and_a_series_are_split_by_position() -> None:
    frame = pandas.DataFrame({"x": range(10)}, index=range(9, -1, -1))
    series = pandas.Series(range(10), index=random.Random(0).sample(range(10), 10))
    for inputs, targets in train_test_split((frame, series), 0.3, 1):
        assert inputs == [[y] for y in targets]


@pytest.mark.parametrize("data", [[[1.0], [2.0]], np.eye(2), None, {"x": 1}], ids=repr)
def test_what_is_split_has_inputs_and_targets(data: Any) -> None:
    with pytest.raises(TypeError, match=r"data has to be a Dataset or a tuple \(inputs, targets\)"):
        train_test_split(data, [0, 1])  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="there are 2 inputs, but 1 targets of data"):
        train_test_split(([1.0, 2.0], [1.0]))


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


@pytest.mark.parametrize("size", [0, -2])
def test_mini_batches_of_no_example_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"size has to be at least 1, but was {size}"):
        list(batches(5, size))
