"""Convolutions: what a window sees, against sums over places in Fractions."""

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
from windows import SETTINGS, Settings, at, curved, data, exact, fractions, places

from autograd import Value
from nn import (
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    Layer,
    MaxPool1d,
    Module,
    Sequential,
    fit,
    init,
)
from nn.losses import cross_entropy
from nn.optim import SGD

Check = Callable[[Module, Callable[[], Value]], None]


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


@pytest.mark.parametrize(
    ("number", "zero"),
    [(0.5, float), (Value(0.5), float), (2, int), (Fraction(1, 2), int), (True, int)],
    ids=repr,
)
def test_padding_beside_floats_is_of_floats_which_are_read_in_one_go_and_else_exact(
    number: Any, zero: type
) -> None:
    model = Conv2d(1, 1, 3, padding="same")
    if not isinstance(number, (float, Value)):
        exact(model)
    ((response,),) = model([[[number]]])[0]
    inputs = response.operands[9:18]
    assert [type(x) for x in inputs] == [*[zero] * 4, type(inputs[4]), *[zero] * 4]
    assert [x for k, x in enumerate(inputs) if k != 4] == [0] * 8


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
        (lambda: Conv1d(1, 1, 1)([[]]), ValueError, "that are not empty"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()
