"""Pooling: what becomes of each window, in Fractions, and what PyTorch printed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from windows import SETTINGS, Settings, curved, fractions, places

from autograd import Value, hvp, jvp
from nn import (
    AvgPool1d,
    AvgPool2d,
    Conv2d,
    Flatten,
    MaxPool1d,
    MaxPool2d,
    Module,
    Sequential,
)

Check = Callable[[Module, Callable[[], Value]], None]


def pooled(
    x: list[list[Fraction]],
    rows: Settings,
    columns: Settings,
    ceil_mode: bool,
    become: Callable[[list[Any], int], Any],
) -> Any:
    """Return what becomes of each window: its numbers, and its places within the padded plane."""
    height, width = len(x), len(x[0])
    windows = [
        [list(product(seen, beside)) for beside in places(columns, width, ceil_mode)]
        for seen in places(rows, height, ceil_mode)
    ]

    def of(window: list[tuple[int, int]]) -> Any:
        inner = [x[i][j] for i, j in window if 0 <= i < height and 0 <= j < width]
        padded = [(i, j) for i, j in window if i < height + rows[2] and j < width + columns[2]]
        return become(inner, len(padded))

    return [[of(window) for window in line] for line in windows]


POOLS = [s for s in SETTINGS if 2 * s[2] <= s[3] * (s[0] - 1) + 1]
PAIRS = [(s, POOLS[(5 * i + 3) % len(POOLS)]) for i, s in enumerate(POOLS)]


def undilated(settings: Settings) -> Settings:
    return (settings[0], settings[1], min(settings[2], settings[0] // 2), 1)


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("rows", "columns"), PAIRS, ids=str)
def test_max_pooling_is_the_largest_number_in_each_window(
    rows: Settings, columns: Settings, ceil_mode: bool
) -> None:
    settings = tuple(zip(rows, columns, strict=True))
    for height, width in ((6, 7), (7, 8), (8, 9)):
        x = fractions(2, height, width)
        expected = [
            pooled(plane, rows, columns, ceil_mode, lambda inner, _: max(inner)) for plane in x
        ]
        assert MaxPool2d(*settings, ceil_mode=ceil_mode)(x) == expected


@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("rows", "columns"), PAIRS, ids=str)
def test_average_pooling_is_the_mean_of_each_window(
    rows: Settings, columns: Settings, ceil_mode: bool, count_include_pad: bool
) -> None:
    rows, columns = undilated(rows), undilated(columns)

    def mean(inner: list[Fraction], count: int) -> Fraction:
        return sum(inner) / Fraction(count if count_include_pad else len(inner))

    pool = AvgPool2d(*list(zip(rows, columns, strict=True))[:3], ceil_mode, count_include_pad)
    for height, width in ((4, 5), (5, 6), (6, 7)):
        x = fractions(2, height, width)
        assert pool(x) == [pooled(plane, rows, columns, ceil_mode, mean) for plane in x]


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("settings", POOLS, ids=str)
def test_pooling_a_signal_is_pooling_an_image_one_row_high(
    settings: Settings, ceil_mode: bool
) -> None:
    size, stride, padding, dilation = settings
    x = fractions(2, 8)
    image = [[row] for row in x]
    wide = MaxPool2d((1, size), (1, stride), (0, padding), (1, dilation), ceil_mode=ceil_mode)
    assert [[y] for y in MaxPool1d(*settings, ceil_mode=ceil_mode)(x)] == wide(image)
    padding = min(padding, size // 2)
    flat = AvgPool2d((1, size), (1, stride), (0, padding), ceil_mode)
    assert [[y] for y in AvgPool1d(size, stride, padding, ceil_mode)(x)] == flat(image)


def test_padding_may_be_half_of_what_a_dilated_window_spans() -> None:
    """pytorch 7541: there it was compared with the kernel."""
    x = fractions(1, 30)
    expected = [max(x[0][t] for t in (i, i + 10, i + 20) if 0 <= t < 30) for i in range(-2, 12, 2)]
    assert MaxPool1d(3, 2, padding=2, dilation=10)(x) == [expected]


# What PyTorch printed, with the issue that reports it.
COUNTING = [[[Fraction(7 * i + j) for j in range(7)] for i in range(7)]]
SIGNAL = [2.0903, 4.6493, 1.6320, -3.2051, 4.6975, 4.7296, 3.3653, -1.5815, -2.3832]
PRINTED: list[tuple[str, Any, Any, Any]] = [
    (
        "apple/coremltools 2844", AvgPool2d(2, stride=3, ceil_mode=True), COUNTING,
        [[[4, 7, 9.5], [25, 28, 30.5], [42.5, 45.5, 48]]],
    ),
    (
        "onnx 5276", AvgPool1d(7, 3, 3, ceil_mode=True), [SIGNAL],
        [[0.7381, 2.5656, 0.8032, -0.0999]],
    ),
    (
        "sonos/tract 2851", AvgPool1d(2, ceil_mode=True), [[1.0, 2.0, 3.0, 4.0, 5.0]],
        [[1.5, 3.5, 5.0]],
    ),
    (
        "pytorch 45357", MaxPool2d(1, (2, 2), ceil_mode=True),
        [[[7.0 * i + j for j in range(7)] for i in range(6)]],
        [[[0, 2, 4, 6], [14, 16, 18, 20], [28, 30, 32, 34]]],
    ),
    (
        "pytorch 36977", AvgPool2d((1, 2), (2, 2), (0, 1), True), [[[1.0] * 4] * 4],
        [[[0.5, 1.0, 0.5], [0.5, 1.0, 0.5]]],
    ),
    ("pytorch 33382", MaxPool1d(2, 1, 1), [[-1.0, -2.0]], [[-1.0, -1.0, -2.0]]),
]  # fmt: skip


@pytest.mark.parametrize(("issue", "pool", "x", "printed"), PRINTED, ids=lambda x: str(x)[:20])
def test_pooling_gives_what_pytorch_prints(issue: str, pool: Any, x: Any, printed: Any) -> None:
    assert np.array(pool(x), float) == pytest.approx(np.array(printed, float), abs=5e-5)


def test_equally_large_numbers_share_the_gradient_as_of_max() -> None:
    x = [Value(Fraction(n)) for n in (2, 3, 3, 3, 1)]
    a, b, c = MaxPool1d(3, 1)([x])[0]
    (a + 2 * b + 4 * c).backward()
    # Shares of 1/2 of the first window, of 1/3 of the second, of 1/2 of the third.
    half, third = Fraction(1, 2), Fraction(1, 3)
    assert [n.grad for n in x] == [0, half + 2 * third, half + 2 * third + 4 * half,
                                   2 * third + 4 * half, 0]  # fmt: skip


def test_the_mean_hands_each_number_its_share_of_the_gradient() -> None:
    x = [Value(Fraction(n)) for n in (4, 6, 5)]
    for counted, shares in ((True, [2, 2, 2]), (False, [1, 2, 2])):
        for n in x:
            n.grad = 0
        first, second = AvgPool1d(2, 2, 1, count_include_pad=counted)([x])[0]
        (first + 3 * second).backward()
        assert [n.grad for n in x] == [
            Fraction(1, shares[0]), Fraction(3, shares[1]), Fraction(3, shares[2])
        ]  # fmt: skip


def test_second_derivatives_run_through_windows() -> None:
    """With y = A x the Hessian of sum(y^2) is 2 A'A; the cube of a maximum has 6 max on it."""
    x, v = [Fraction(n) for n in (3, 1, 2)], [Fraction(n) for n in (1, -2, 5)]

    def mean_squares(x: Any) -> Any:
        return sum(y * y for y in AvgPool1d(2, 1)([x])[0])

    def cubes(x: Any) -> Any:
        return sum(y**3 for y in MaxPool1d(2, 1)([x])[0])

    a, b = (v[0] + v[1]) / 2, (v[1] + v[2]) / 2
    assert hvp(mean_squares, x, v) == [a, a + b, b]
    assert hvp(cubes, x, v) == [6 * 3 * v[0], 0, 6 * 2 * v[2]]
    assert jvp(cubes, (x,), (v,)) == (27 + 8, 3 * 9 * v[0] + 3 * 4 * v[2])


def test_a_nan_is_the_largest_and_the_mean_of_its_window_only() -> None:
    x = [[1.0, math.nan, 2.0, 3.0]]
    for pool in (MaxPool1d(2), AvgPool1d(2)):
        first, second = pool(x)[0]
        assert math.isnan(first)
        assert not math.isnan(second)


def test_pooling_takes_arrays_and_gives_plain_numbers_where_it_is_given_them() -> None:
    image = np.arange(16.0).reshape(1, 4, 4)
    assert MaxPool2d(2)(image) == MaxPool2d(2)(image.tolist()) == [[[5.0, 7.0], [13.0, 15.0]]]
    assert AvgPool2d(2)(image) == [[[2.5, 4.5], [10.5, 12.5]]]
    assert type(MaxPool2d(2)(image)[0][0][0]) is float


def test_gradients_run_through_pooling(gradients_agree_with_differences: Check) -> None:
    model = Sequential(
        Conv2d(1, 2, 2, padding="same", activation="tanh", rng=random.Random(0)),
        AvgPool2d(2, 1, 1),
        MaxPool2d((2, 1), (2, 1)),
        Flatten(),
    )
    x = [[[0.5, -1.0, 0.25], [2.0, 0.75, -0.5], [-1.5, 1.0, 0.125]]]
    gradients_agree_with_differences(model, lambda: curved(model(x)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MaxPool1d(2)([1.0, 2.0]), TypeError, "channels, each of them a list of numbers"),
        (lambda: AvgPool2d(1)([[1.0]]), TypeError, "each of them a list of rows of numbers"),
        (lambda: MaxPool2d(1)([[[1.0]], []]), ValueError, "channels of one shape"),
        (lambda: MaxPool1d(1)([[]]), ValueError, "that are not empty"),
        (lambda: MaxPool1d(1)([]), ValueError, "that are not empty"),
        (lambda: MaxPool1d(0), ValueError, "kernel_size has to be at least 1, but was 0"),
        (lambda: MaxPool2d(3, padding=2), ValueError, "half of the window, which spans 3, .* 2"),
        (lambda: AvgPool1d(3, 1, 2), ValueError, "half of the window, which spans 3, but was 2"),
        # pytorch 114216: there -inf; 88464: there an output of negative size.
        (
            lambda: MaxPool2d(3, 6, 1, 2, ceil_mode=True)([[[1.0] * 224]]),
            ValueError,
            "a window that meets only padding",
        ),
        (
            lambda: MaxPool1d(4, 1, ceil_mode=True)([[1.0]]),
            ValueError,
            "no window in a length of 1",
        ),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()
