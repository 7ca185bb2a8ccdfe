"""Convolutions and pooling: what a window sees, against sums over places in Fractions."""

from __future__ import annotations

import copy
import math
import pickle
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd import Value, hvp, jvp, tanh
from nn import (
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    Layer,
    MaxPool1d,
    MaxPool2d,
    Module,
    Sequential,
    fit,
    init,
)
from nn.losses import cross_entropy
from nn.optim import SGD

Check = Callable[[Module, Callable[[], Value]], None]
Settings = tuple[int, int, int, int]  # kernel_size, stride, padding, dilation
SETTINGS: list[Settings] = [
    (1, 1, 0, 1), (2, 1, 0, 1), (3, 1, 1, 1), (2, 2, 0, 1), (3, 2, 1, 1), (2, 3, 1, 1),
    (4, 3, 2, 1), (2, 1, 0, 2), (3, 1, 2, 2), (3, 2, 1, 2), (2, 2, 1, 3), (1, 3, 0, 2),
]  # fmt: skip


def fractions(*shape: int, seed: int = 0) -> Any:
    """Return nested lists of drawn fractions, with which nothing is rounded."""
    source = random.Random(seed)

    def drawn(*shape: int) -> Any:
        if not shape:
            return Fraction(source.randint(-9, 9), source.randint(1, 7))
        return [drawn(*shape[1:]) for _ in range(shape[0])]

    return drawn(*shape)


def exact(conv: Any, seed: int = 1) -> Any:
    """Return a convolution with drawn fractions for weights and biases."""
    parameters = conv.parameters()
    for parameter, number in zip(parameters, fractions(len(parameters), seed=seed), strict=True):
        parameter.data = number
    return conv


def data(nested: Any) -> Any:
    """Return nested lists of Values as nested lists of their numbers."""
    return [data(part) for part in nested] if isinstance(nested, list) else nested.data


def places(settings: Settings, length: int, ceil_mode: bool = False) -> list[list[int]]:
    """Return the positions that each window sees, by PyTorch's formula for their number."""
    size, stride, padding, dilation = settings
    spare = Fraction(length + 2 * padding - dilation * (size - 1) - 1, stride)
    count = (math.ceil(spare) if ceil_mode else math.floor(spare)) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1
    return [[i * stride - padding + k * dilation for k in range(size)] for i in range(count)]


def at(row: list[Any], position: int) -> Any:
    return row[position] if 0 <= position < len(row) else 0


def curved(nested: Any) -> Value:
    """Return a curved function of all numbers, so that no gradient is trivial."""
    return sum((tanh(x + 0.1 * i) for i, x in enumerate(Flatten()(nested))), Value(0.0))


# --- convolutions ----------------------------------------------------------------------------


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_conv1d_is_the_sum_over_channels_and_places(settings: Settings) -> None:
    conv, x = exact(Conv1d(2, 3, *settings)), fractions(2, 9)
    size = settings[0]
    assert data(conv(x)) == [
        [
            sum(
                (
                    f.w[c * size + k].data * at(x[c], t)
                    for c in range(2)
                    for k, t in enumerate(seen)
                ),
                f.b.data,
            )
            for seen in places(settings, 9)
        ]
        for f in conv.filters.neurons
    ]


@pytest.mark.parametrize(
    ("rows", "columns"), [(s, SETTINGS[-1 - i]) for i, s in enumerate(SETTINGS)], ids=str
)
def test_conv2d_is_the_sum_over_channels_and_places(rows: Settings, columns: Settings) -> None:
    settings = tuple(zip(rows, columns, strict=True))
    conv, x = exact(Conv2d(2, 2, *settings)), fractions(2, 7, 8)
    high, wide = settings[0]
    blank = [0] * 8
    assert data(conv(x)) == [
        [
            [
                sum(
                    (
                        f.w[(c * high + k) * wide + m].data * at(at(x[c], i) or blank, j)
                        for c in range(2)
                        for k, i in enumerate(seen)
                        for m, j in enumerate(beside)
                    ),
                    f.b.data,
                )
                for beside in places(columns, 8)
            ]
            for seen in places(rows, 7)
        ]
        for f in conv.filters.neurons
    ]


@pytest.mark.parametrize(("size", "dilation"), [*product([1, 2, 3, 4], [1, 2, 3])])
def test_same_padding_keeps_the_length_with_the_odd_zero_at_the_end(
    size: int, dilation: int
) -> None:
    """PyTorch's: of d (k - 1) zeros half, rounded down, stand before the signal."""
    conv, (x,) = exact(Conv1d(1, 1, size, padding="same", dilation=dilation)), fractions(1, 6)
    before = dilation * (size - 1) // 2
    (neuron,) = conv.filters.neurons
    assert data(conv([x])) == [
        [
            sum(
                (w.data * at(x, t - before + k * dilation) for k, w in enumerate(neuron.w)),
                neuron.b.data,
            )
            for t in range(6)
        ]
    ]
    plane = Conv2d(1, 1, (size, 1), padding="same", dilation=(dilation, 1))
    plane.load_state_dict(conv.state_dict())
    assert data(plane([[[number] for number in x]])) == [[[y] for y in data(conv([x]))[0]]]


def test_same_padding_follows_the_kernel_and_the_dilation_of_each_axis() -> None:
    """tinygrad 17805: there each axis got the dilation of the other."""
    x = fractions(1, 6, 9)
    model = exact(Conv2d(1, 1, (2, 4), padding="same", dilation=(3, 2)))
    (neuron,) = model.filters.neurons
    assert data(model(x))[0] == [
        [
            sum(
                (
                    neuron.w[4 * k + m].data * at(at(x[0], i - 1 + 3 * k) or [0] * 9, j - 3 + 2 * m)
                    for k, m in product(range(2), range(4))
                ),
                neuron.b.data,
            )
            for j in range(9)
        ]
        for i in range(6)
    ]


def test_valid_padding_is_none() -> None:
    x = fractions(1, 5)
    assert data(exact(Conv1d(1, 2, 3, padding="valid"))(x)) == data(exact(Conv1d(1, 2, 3))(x))


def test_an_activation_bends_each_response() -> None:
    x = [[0.5, -1.0, 2.0]]
    straight = Conv1d(1, 2, 2, rng=random.Random(0))
    bent = Conv1d(1, 2, 2, activation="tanh", rng=random.Random(0))
    expected = [[math.tanh(y) for y in row] for row in data(straight(x))]
    assert data(bent(x)) == [pytest.approx(row, rel=1e-15) for row in expected]


def test_the_gradient_of_a_shared_weight_is_the_sum_over_all_windows() -> None:
    """The derivative of a sum of linear responses by a weight is the sum of what it ever met."""
    image = fractions(1, 4, 4)
    conv = exact(Conv2d(1, 1, 2))
    sum(Flatten()(conv(image)), Value(Fraction(0))).backward()
    met = [
        sum(image[0][i + k][j + m] for i in range(3) for j in range(3))
        for k, m in product(range(2), repeat=2)
    ]
    (neuron,) = conv.filters.neurons
    assert [w.grad for w in neuron.w] == met
    assert neuron.b.grad == 9


def test_every_window_has_the_very_same_weights() -> None:
    conv = Conv1d(1, 1, 2)
    (first, *others) = conv([[1.0, 2.0, 3.0, 4.0]])[0]
    weights = [id(p) for p in first.parents]
    assert all([id(p) for p in y.parents] == weights for y in others)
    assert len(conv.parameters()) == 3


def test_gradients_run_through_convolutions(gradients_agree_with_differences: Check) -> None:
    model = Sequential(
        Conv2d(1, 2, (2, 1), padding=(1, 0), dilation=2, activation="tanh", rng=random.Random(0)),
        Conv2d(2, 1, 2, stride=2, rng=random.Random(1)),
        Flatten(),
    )
    x = [[[0.5, -1.0, 0.25], [2.0, 0.75, -0.5], [-1.5, 1.0, 0.125]]]
    gradients_agree_with_differences(model, lambda: curved(model(x)))


def through_pickle(model: Module) -> Any:
    return pickle.loads(pickle.dumps(model))  # noqa: S301  (bytes of our own)


@pytest.mark.parametrize("copier", [copy.deepcopy, through_pickle])
@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (Conv1d(2, 1, 2, padding="same"), (2, 3)),
        (Conv2d(1, 2, (1, 2), dilation=2), (1, 3, 4)),
        (MaxPool1d(2), (1, 4)),
        (AvgPool2d((1, 2), ceil_mode=True), (1, 2, 3)),
    ],
    ids=repr,
)
def test_copies_and_pickles_compute_the_same(copier: Any, model: Any, shape: Any) -> None:
    x, twin = np.ones(shape).tolist(), copier(model)
    assert (repr(twin), str(twin(x))) == (repr(model), str(model(x)))
    assert not {*map(id, twin.parameters())} & {*map(id, model.parameters())}


def test_the_fans_of_a_convolution_count_its_windows() -> None:
    assert Conv2d(3, 5, 2).filters.fans == (12, 20)
    assert Conv1d(3, 5, 4).filters.fans == (12, 20)


# --- pooling ---------------------------------------------------------------------------------


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
        (lambda: Conv1d(1, 1, 0), ValueError, "kernel_size has to be at least 1"),
        (lambda: Conv1d(1, 1, 2, padding=-1), ValueError, "padding has to be at least 0"),
        (lambda: Conv1d(1, 1, 2, padding="full"), ValueError, "'valid' or 'same', but was 'full'"),
        (lambda: Conv2d(1, 1, 2, 2, "same"), ValueError, "'same' needs a stride of 1, .* was 2"),
        (lambda: Conv2d(1, 1, (2, 2, 2)), ValueError, r"one for columns, but was \(2, 2, 2\)"),
        (lambda: Conv2d(1, 1, 2, (1, 0)), ValueError, "stride has to be at least 1, but was 0"),
        (lambda: Conv1d(1, 1, 2, dilation=1.5), TypeError, "dilation has to be an int"),
        (lambda: Conv1d(1, 1, 5)([[1.0] * 4]), ValueError, "no window in a length of 4"),
        (lambda: Conv1d(1, 1, 3, dilation=2)([[1.0] * 4]), ValueError, "in a length of 4"),
        (lambda: Conv2d(1, 1, (2, 1))([[[1.0, 2.0]]]), ValueError, "no window in a height of 1"),
        (lambda: Conv2d(2, 1, 2)([[[1.0]]]), ValueError, r"takes 2 channels, but was given 1"),
        (lambda: Conv1d(2, 1, 1)([1.0, 2.0]), TypeError, "channels, each of them a list of num"),
        (lambda: Conv1d(1, 1, 1)([[[1.0]]]), TypeError, "channels, each of them a list of numb"),
        (lambda: Conv2d(1, 1, 1)([[1.0, 2.0]]), TypeError, "each of them a list of rows of num"),
        (lambda: Conv1d(2, 1, 1)([[1.0], [1.0, 2.0]]), ValueError, "channels of one shape"),
        (lambda: Conv2d(1, 1, 1)([[[1.0], [1.0, 2.0]]]), ValueError, "channels of one shape"),
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


def test_a_small_convolutional_net_tells_bars_apart() -> None:
    """Horizontal from vertical bars, at any place: what shared weights are for."""
    images = [[[[float(i == k) for _ in range(4)] for i in range(4)]] for k in range(4)]
    images += [[[[float(j == k) for j in range(4)] for _ in range(4)]] for k in range(4)]
    labels = [0] * 4 + [1] * 4
    model = Sequential(
        Conv2d(1, 2, 2, activation="tanh", rng=random.Random(0)), Flatten(),
        Layer(18, 2, nonlin=False, rng=random.Random(0)),
    )  # fmt: skip
    init.xavier(model, rng=random.Random(0))
    optimiser = SGD(model.parameters(), lr=0.2, momentum=0.9)
    fit(model, cross_entropy, images, labels, optimiser, 40, None, progress=False)
    right = [y == z.index(max(z)) for y, z in zip(labels, map(model, images), strict=True)]
    assert all(right)
