"""Losses at their edges: probabilities, infinite logits, and what is given otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from labelled import Labelled

import autograd
from autograd import Value
from nn import losses
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    mse,
    nll,
)

INF, NAN = math.inf, math.nan
LOGITS = [[0.5, -1.25, 3.0], [-0.75, 0.0, 2.5]]
LABELS = [[1, 0, 0.25], [0, 1, 1]]
SCORES = [[1.0, 2.0, 3.0], [0.5, -1.0, 0.0], [2.0, 2.0, -4.0], [0.0, 0.25, 0.5]]
CLASSES = [2, -100, 0, 1]


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


# --- binary cross-entropy of probabilities -------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1, 0.25])
@pytest.mark.parametrize("p", [1e-40, 1e-13, 0.25, 0.5, 0.9, 1 - 2**-53])
def test_binary_cross_entropy_of_probabilities_and_its_gradient_are_the_formulas(
    p: float, label: float
) -> None:
    x = Value(p)
    loss = binary_cross_entropy(x, label)
    loss.backward()
    with mpmath.workdps(60):
        q = mpmath.mpf(p)
        expected = -label * mpmath.log(q) - (1 - label) * mpmath.log(1 - q)
        slope = (q - label) / (q * (1 - q))
    assert loss.data == pytest.approx(float(expected), rel=1e-15, abs=0)
    assert x.grad == pytest.approx(float(slope), rel=4e-16 if label % 1 == 0 else 1e-15, abs=0)


@pytest.mark.parametrize(
    ("p", "label", "loss"),
    [
        (0.0, 1, 100.0),
        (1.0, 0, 100.0),
        (1e-44, 1, 100.0),
        (5e-324, 1, 100.0),
        (0.0, 0, 0.0),
        (1.0, 1, 0.0),
        (0.0, 0.25, 25.0),
        (1.0, 0.25, 75.0),
    ],
)
def test_the_logarithm_is_held_at_minus_100_where_it_has_no_slope(
    p: float, label: float, loss: float
) -> None:
    """PyTorch's values; its slopes of 1e12 there are not those of its values."""
    x = Value(p)
    y = binary_cross_entropy(x, label)
    y.backward()
    assert y.data == loss
    assert math.copysign(1, y.data) == 1
    # What is left is the slope of the logarithm that is not held, (1 - y)/(1 - p) or -y/p.
    assert x.grad == ((1 - label) if p < 0.5 else -label)


def test_a_confident_mistake_of_a_sigmoid_goes_on_learning() -> None:
    """PyTorch issue 103316: at a logit of -50 its gradient is 2e-10 of the true one."""
    z = Value(-50.0)
    binary_cross_entropy(z.sigmoid(), 1).backward()
    assert z.grad == pytest.approx(-1.0, rel=1e-15)


def test_binary_cross_entropy_is_differentiated_twice() -> None:
    second = autograd.grad(autograd.grad(lambda p: binary_cross_entropy(p, 0.25)))(0.5)
    assert second == pytest.approx(0.25 / 0.5**2 + 0.75 / 0.5**2, rel=1e-15)


@pytest.mark.parametrize("label", [0.0, 0.25, 1.0])
def test_a_label_is_differentiated_too(label: float) -> None:
    """The slope is log(1 - p) - log(p), that of the logits -z."""
    y = Value(label)
    binary_cross_entropy(0.25, y).backward()
    assert y.grad == pytest.approx(math.log(3), rel=1e-15)
    y = Value(label)
    binary_cross_entropy_with_logits(-2.0, y).backward()
    assert y.grad == pytest.approx(2.0, rel=1e-15)


@pytest.mark.parametrize(
    ("input", "target", "first"),
    [
        ([[0.5, 1.0], [1.5, -2.0]], [[0, 1], [0, 1]], "1.5 at position 1, 0; logits belong in bin"),
        ([0.5, -1e-9], [0, 1], "-1e-09 at position 1;"),
        (NAN, 0, "nan; logits"),
        (Value(2.0), 0, "2.0; logits"),
    ],
    ids=str,
)
def test_the_first_input_that_is_no_probability_is_named(
    input: Any, target: Any, first: str
) -> None:
    with pytest.raises(ValueError, match=f"a probability from 0 to 1, but one was {first}"):
        binary_cross_entropy(input, target)


def test_the_first_label_that_is_none_is_named() -> None:
    for loss in (binary_cross_entropy, binary_cross_entropy_with_logits):
        with pytest.raises(
            ValueError, match=r"a label has to be .* but one was 2 at position 1, 0"
        ):
            loss([[0.5], [0.5]], [[1], [2]])
    with pytest.raises(ValueError, match=r"hinge label .* but one was 0 at position 1"):
        losses.hinge([0.5, 0.5], [1, 0])


# --- masks: infinite logits ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([-INF, -INF], [-INF, -INF]),
        ([-INF], [-INF]),
        ([INF, 0.0], [0.0, -INF]),
        ([INF, 3.0, INF], [-math.log(2), -INF, -math.log(2)]),
        ([INF, -INF], [0.0, -INF]),
    ],
    ids=str,
)
def test_log_softmax_is_the_logarithm_of_softmax_of_infinite_logits_too(
    logits: list[float], expected: list[float]
) -> None:
    assert log_softmax(logits) == pytest.approx(expected, rel=1e-15)
    for k, number in enumerate(expected):
        z = values(*logits)
        log = log_softmax(z)[k]
        log.backward()
        assert log.data == pytest.approx(number, rel=1e-15)
        assert [v.grad for v in z] == [0] * len(z)  # no finite change of a logit changes it
        for smoothing in (0.0, 0.5):
            y = values(*logits)
            loss = cross_entropy(y, k, label_smoothing=smoothing)
            loss.backward()
            masked = -INF in expected if smoothing else number == -INF
            assert loss.data == INF if masked else loss.data == pytest.approx(-number, rel=1e-15)
            assert not any(math.isnan(v.grad) for v in y)


def test_a_masked_class_is_never_right_and_otherwise_as_if_it_were_not_there() -> None:
    z, twin = values(1.0, -INF, 2.0), values(1.0, 2.0)
    loss, expected = cross_entropy(z, 2), cross_entropy(twin, 1)
    loss.backward()
    expected.backward()
    assert loss.data == expected.data
    assert [z[0].grad, z[1].grad, z[2].grad] == [twin[0].grad, 0.0, twin[1].grad]
    z = values(1.0, -INF, 2.0)
    impossible = cross_entropy(z, 1)
    impossible.backward()
    assert impossible.data == INF
    p = math.exp(1.0) / (math.exp(1.0) + math.exp(2.0))
    assert [v.grad for v in z] == pytest.approx([p, -1.0, 1 - p], rel=1e-15)


@pytest.mark.parametrize(
    "loss",
    [
        lambda z: cross_entropy(z, 0, [1.0, 0.0, 2.0], label_smoothing=0.5),
        lambda z: cross_entropy([z, z], [0, 1], [1.0, 0.0, 2.0]),
        lambda z: binary_cross_entropy_with_logits(z, [1, 1, 0], [1.0, 0.0, 1.0]),
        lambda z: binary_cross_entropy_with_logits(z, [1, 1, 0], pos_weight=[1.0, 0.0, 1.0]),
        lambda z: mse(z, [0.0, 0.0, 0.0], weight=[1.0, 0.0, 1.0]),
    ],
)
def test_what_has_weight_0_leaves_no_nan(loss: Callable[[list[Value]], Any]) -> None:
    z = values(1.0, -INF, 2.0)
    y = loss(z)
    y.backward()
    assert math.isfinite(y.data)
    assert z[1].grad == 0
    assert all(math.isfinite(v.grad) for v in z)


# --- what is given -------------------------------------------------------------------------------


def test_a_series_pairs_by_position_not_by_label() -> None:
    column, classes = Labelled([1.0, 2.0, 3.0], [2, 1, 0]), Labelled([0, 1, 1], [1, 2, 0])
    assert mse(column, [1.0, 2.0, 3.0]) == mse([1.0, 2.0, 3.0], column) == 0.0
    rows = [[5.0, 0.0], [0.0, 1.0], [0.0, 9.0]]
    assert cross_entropy(rows, classes) == cross_entropy(rows, [0, 1, 1])
    weight = Labelled([3.0, 1.0], [1, 0])
    assert cross_entropy(rows, classes, weight) == cross_entropy(rows, [0, 1, 1], [3.0, 1.0])
    assert log_softmax(Labelled([0.0, 800.0], [1, 0])) == [-800.0, 0.0]
    assert cross_entropy([Labelled([0.0, 800.0], [1, 0])], np.array([0])) == 800.0
    assert mse(np.array(3.0), np.float32(1.0)) == 4.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cross_entropy(SCORES, CLASSES, "sum"), TypeError, "pass reduction='sum'"),
        (lambda: binary_cross_entropy([0.5], [1], "none"), TypeError, "pass reduction='none'"),
        (lambda: cross_entropy(SCORES, CLASSES, {0: 1.0}), TypeError, "weight has .* was a dict"),
        (lambda: mse({1.0, 2.0}, [1.0, 2.0]), TypeError, "input has .* was a set"),
        (lambda: mse(iter([1.0]), [1.0]), TypeError, "was a list_iterator"),
        (lambda: cross_entropy(SCORES, CLASSES, [1.0, 2.0]), ValueError, "2 numbers, .* 3 logits"),
        (lambda: cross_entropy(SCORES, CLASSES, 2.0), TypeError, "a list, one number for each cl"),
        (lambda: nll(SCORES, CLASSES, [[1.0]] * 3), TypeError, "a list, one number for each class"),
        (lambda: nll(SCORES, CLASSES, [1.0, INF, 1.0]), ValueError, "was inf at position 1"),
        (lambda: mse([1.0], [1.0], weight=[NAN]), ValueError, "finite numbers, but one was nan"),
        (lambda: mse([1.0, 2.0], [1.0, 2.0], weight=[1.0]), ValueError, "weight has length 1"),
        (
            lambda: binary_cross_entropy_with_logits(LOGITS, LABELS, [1.0, 2.0]),
            ValueError,
            "weight has length 2, where the input has length 3",
        ),
        (
            lambda: binary_cross_entropy_with_logits([1.0], [1], pos_weight=[[1.0]]),
            ValueError,
            "pos_weight is nested more deeply than the input",
        ),
        (lambda: cross_entropy(SCORES, [2, -1, 0, 1]), ValueError, "at position 1 is -1, but 3"),
        (lambda: cross_entropy(SCORES[0], -100, reduction="max"), ValueError, "but was 'max'"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
