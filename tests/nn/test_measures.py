"""Measures of answers, beside scikit-learn's and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

from nn.models.measures import (
    balanced_accuracy,
    balanced_weights,
    mean_absolute_error,
    r2,
    recalls,
    root_mean_squared_error,
)

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30)
NUMBERS = st.floats(-1e6, 1e6)


@given(PAIRS)
@pytest.mark.filterwarnings("ignore:y_pred contains classes", "ignore:A single label was found")
def test_recalls_and_balanced_accuracy_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    answers, labels = map(list, zip(*pairs, strict=True))
    present = sorted(set(labels))
    theirs = metrics.recall_score(labels, answers, labels=present, average=None)
    assert [recalls(answers, labels, 3)[k] for k in present] == pytest.approx(list(theirs))
    assert balanced_accuracy(answers, labels, 3) == pytest.approx(theirs.mean())


@given(st.lists(st.integers(0, 2), min_size=1))
def test_balanced_weights_are_scikit_learns(labels: list[int]) -> None:
    present = sorted(set(labels))
    theirs = compute_class_weight("balanced", classes=np.array(present), y=labels)
    found = balanced_weights(labels, 3)
    assert [found[k] for k in present] == pytest.approx(list(theirs))
    assert sum(found[k] for k in labels) == pytest.approx(len(labels))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), min_size=1))
def test_an_example_that_weighs_as_two_is_two(pairs: list[tuple[int, int]]) -> None:
    labels, weights = map(list, zip(*pairs, strict=True))
    repeated = [label for label, weight in pairs for _ in range(weight)]
    assert balanced_weights(labels, 3, weights) == balanced_weights(repeated, 3)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=20))
def test_errors_of_numbers_are_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    answers, targets = map(list, zip(*pairs, strict=True))
    close = {"rel": 1e-9, "abs": 1e-300}
    theirs = metrics.mean_absolute_error(targets, answers)
    assert mean_absolute_error(answers, targets) == pytest.approx(theirs, **close)
    theirs = metrics.root_mean_squared_error(targets, answers)
    assert root_mean_squared_error(answers, targets) == pytest.approx(theirs, rel=1e-9, abs=1e-150)


def test_r2_of_a_line() -> None:
    targets = [1.0, 2.0, 3.0, 4.0]
    assert r2(targets, targets) == 1.0
    assert r2([2.5] * 4, targets) == 0.0
    assert r2([4.0, 3.0, 2.0, 1.0], targets) == pytest.approx(-3.0, rel=1e-15)
    assert math.isnan(r2([1.0, 2.0], [5.0, 5.0]))


def test_errors_whose_squares_overflow() -> None:
    assert root_mean_squared_error([1e200, -1e200], [0.0, 0.0]) == pytest.approx(1e200, rel=1e-15)
