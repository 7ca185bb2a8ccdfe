"""The patterns and the collected data: their shapes, counts and published figures."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from nn.data import (
    circles,
    digits,
    encoder,
    names,
    parity,
    spirals,
    symmetry,
    xor,
)


def test_circles_without_noise_are_two_circles_walked_evenly() -> None:
    data = circles(21, noise=0.0, factor=0.25)
    outer = [row for row, label in zip(data.features, data.labels, strict=True) if label == 0]
    inner = [row for row, label in zip(data.features, data.labels, strict=True) if label == 1]
    assert (len(outer), len(inner)) == (10, 11)
    assert [math.hypot(*row) for row in outer] == pytest.approx([1.0] * 10)
    assert [math.hypot(*row) for row in inner] == pytest.approx([0.25] * 11)
    for circle in (outer, inner):
        steps = [math.dist(a, b) for a, b in zip(circle, circle[1:] + circle[:1], strict=True)]
        assert steps == pytest.approx([steps[0]] * len(steps))


def test_the_arms_of_a_spiral_are_turned_copies_of_one_another() -> None:
    data = spirals(60, arms=3, noise=0.0)
    arms = [data.features[i : i + 20] for i in (0, 20, 40)]
    assert Counter(data.labels) == {0: 20, 1: 20, 2: 20}
    for arm, angle in zip(arms[1:], (math.tau / 3, 2 * math.tau / 3), strict=True):
        for (x, y), turned in zip(arms[0], arm, strict=True):
            radius, at = math.hypot(x, y), math.atan2(y, x) + angle
            assert turned == pytest.approx((radius * math.cos(at), radius * math.sin(at)))
    assert math.hypot(*arms[0][-1]) == pytest.approx(1.0)


@pytest.mark.parametrize("make", [circles, spirals])
def test_noise_comes_from_the_source_given(make: Callable[..., Any]) -> None:
    one, two, other = (make(30, rng=random.Random(seed)) for seed in (1, 1, 2))
    assert one == two != other


def test_xor_and_parity_count_the_ones() -> None:
    assert xor() == parity(2)
    for bits in range(1, 6):
        data = parity(bits)
        assert list(data.features) == list(product((0.0, 1.0), repeat=bits))
        assert [sum(row) % 2 for row in data.features] == list(data.labels)


@pytest.mark.parametrize("bits", range(1, 8))
def test_as_many_patterns_are_symmetric_as_their_halves_allow(bits: int) -> None:
    data = symmetry(bits)
    assert sum(data.labels) == 2 ** math.ceil(bits / 2)
    assert all(
        label == (list(row) == list(reversed(row)))
        for row, label in zip(data.features, data.labels, strict=True)
    )


def test_the_encoder_has_unit_vectors() -> None:
    data = encoder(8)
    assert all(sum(row) == 1.0 and row[k] == 1.0 for k, row in enumerate(data.features))
    assert data.labels == tuple(range(8))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: circles(1), "n has to be at least 2"),
        (lambda: circles(9, factor=1.0), "factor has to be between 0 and 1"),
        (lambda: circles(9, noise=math.inf), "noise has to be a finite number"),
        (lambda: spirals(9, arms=1), "arms has to be at least 2"),
        (lambda: spirals(2, arms=3), "n has to be at least 3"),
        (lambda: parity(0), "bits has to be at least 1"),
        (lambda: encoder(1), "size has to be at least 2"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_digits_have_the_published_counts() -> None:
    """Class distribution as printed in the description of the set at the UCI repository."""
    data = digits()
    published = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
    assert tuple(Counter(data.labels)[k] for k in range(10)) == published
    assert {min(map(min, data.features)), max(map(max, data.features))} == {0.0, 16.0}


def test_names_are_small_letters_only_and_sorted() -> None:
    found = names()
    assert list(found) == sorted(set(found))
    assert all(name.isascii() and name.isalpha() and name.islower() for name in found)
    assert {"emma", "olivia", "john"} <= set(found)
