"""Splitting by class: shares and folds as even as whole examples allow."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import iris, train_test_split
from nn.data.splitting import folds, split

CLASSES = st.lists(st.sampled_from("abc"), min_size=4, max_size=60)


@given(CLASSES, st.sampled_from([0.1, 0.2, 0.25, 0.5]), st.integers(0, 9))
def test_each_class_is_held_out_by_its_share(classes: list[str], share: float, seed: int) -> None:
    train, test = split(len(classes), share, seed, classes)
    assert sorted(train + test) == list(range(len(classes)))
    whole, held = Counter(classes), Counter(classes[i] for i in test)
    assert len(test) == math.ceil(len(classes) * share)
    if min(whole.values()) > 2:
        part = Fraction(len(test), len(classes))
        assert all(abs(held[k] - n * part) < 2 and held[k] < n for k, n in whole.items())


def test_a_class_with_one_example_is_trained_on() -> None:
    for seed in range(20):
        train, _ = split(11, 0.5, seed, "a" * 5 + "b" * 5 + "c")
        assert 10 in train


def test_examples_that_are_all_of_classes_of_their_own_can_be_split() -> None:
    train, test = split(4, 0.5, 0, "abcd")
    assert (len(train), len(test)) == (2, 2)


def test_iris_is_split_into_equal_parts_of_each_species() -> None:
    _, test = train_test_split(iris(), 0.2, 3, stratify=True)
    assert Counter(test.labels) == {0: 10, 1: 10, 2: 10}


def test_without_classes_the_split_is_what_it_was() -> None:
    train, test = train_test_split((list("abcde"), list(range(5))), 0.4, 1)
    assert (train, test) == ((["e", "a", "b"], [4, 0, 1]), (["c", "d"], [2, 3]))


@given(CLASSES, st.integers(2, 4), st.integers(0, 9))
def test_folds_differ_by_one_in_size_and_in_each_class(
    classes: list[str], number: int, seed: int
) -> None:
    parts = folds(len(classes), number, seed, classes)
    assert sorted(i for part in parts for i in part) == list(range(len(classes)))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    for name in set(classes):
        of_class = [sum(classes[i] == name for i in part) for part in parts]
        assert max(of_class) - min(of_class) <= 1


def test_folds_of_the_classes_that_scikit_learn_parts_unevenly() -> None:
    """Its issue 14673: 15, 15, 15, 15, 15, 15, 10."""
    classes = [1 + i % 5 for i in range(100)]
    assert sorted(map(len, folds(100, 7, 0, classes))) == [14] * 5 + [15] * 2


@pytest.mark.parametrize(("count", "number"), [(3, 4), (3, 1)])
def test_folds_that_cannot_be_are_refused(count: int, number: int) -> None:
    with pytest.raises(ValueError, match="folds"):
        folds(count, number, 0)
