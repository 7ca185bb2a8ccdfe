"""Losses: their values and gradients against closed forms and mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from autograd import Value
from nn import MLP
from nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    l1,
    l2,
    log_softmax,
    mse,
    nll,
)


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


# --- mse -------------------------------------------------------------------------------------


def test_mse_is_the_mean_square_of_the_differences() -> None:
    x = values(1.0, 2.0, 4.0)
    loss = mse(x, [1.0, 4.0, 1.0])
    assert loss.data == pytest.approx((0 + 4 + 9) / 3, rel=1e-15)
    loss.backward()
    assert [v.grad for v in x] == pytest.approx([0.0, -4 / 3, 2.0], rel=1e-15)


def test_mse_of_a_single_output_is_its_square_error() -> None:
    assert mse(Value(3.0), 1.0).data == 4.0


def test_mse_of_a_batch_of_vectors_averages_over_all_numbers() -> None:
    batch = [values(1.0, 2.0), values(3.0, 4.0)]
    assert mse(batch, [[0.0, 0.0], [0.0, 0.0]]).data == 7.5
    assert mse(batch, [[0.0, 0.0], [0.0, 0.0]], reduction="sum").data == 30.0


def test_targets_get_gradients_too() -> None:
    target = Value(1.0)
    mse([3.0], [target]).backward()
    assert target.grad == -4.0


# --- hinge -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "label", "loss", "slope"),
    [
        (0.25, 1, 0.75, -1.0),
        (0.25, -1, 1.25, 1.0),
        (2.0, 1, 0.0, 0.0),
        (-2.0, 1, 3.0, -1.0),
        (-1.0, -1, 0.0, 0.0),
    ],
)
def test_hinge_asks_for_a_margin_of_one(
    score: float, label: int, loss: float, slope: float
) -> None:
    s = Value(score)
    y = hinge(s, label)
    y.backward()
    assert (y.data, s.grad) == (loss, slope)


def test_hinge_averages_over_the_batch() -> None:
    scores = values(0.5, -2.0, 3.0)
    loss = hinge(scores, [1, -1, -1])
    loss.backward()
    assert loss.data == 1.5
    assert [s.grad for s in scores] == pytest.approx([-1 / 3, 0.0, 1 / 3], rel=1e-15)


# --- cross-entropy ---------------------------------------------------------------------------

LOGITS = [
    [0.0, 0.0],
    [1.0, 2.0, 3.0],
    [-3.5, 0.25, 7.0, 7.0],
    [1e4, -1e4, 0.0],
    [-1e4, -1e4 + 1.0],
    [1e4, 1e4 - 0.5, 1e4 + 2.0],
    [800.0, 0.0],
]


@pytest.mark.parametrize("logits", LOGITS, ids=str)
def test_cross_entropy_and_its_gradient_are_those_of_mpmath(logits: list[float]) -> None:
    with mpmath.workdps(60):
        weights = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        softmax = [weight / mpmath.fsum(weights) for weight in weights]
        expected = [float(-mpmath.log(p)) if p else math.inf for p in softmax]
        largest = max(map(abs, logits)) + 1
        for target in range(len(logits)):
            z = values(*logits)
            loss = cross_entropy(z, target)
            loss.backward()
            assert abs(loss.data - expected[target]) <= 4 * math.ulp(largest)
            slopes = [float(p - (i == target)) for i, p in enumerate(softmax)]
            # An exponential magnifies the rounding of its argument by the size of the argument.
            assert [v.grad for v in z] == pytest.approx(slopes, abs=4 * math.ulp(largest), rel=0)


def test_cross_entropy_of_a_uniform_guess_is_the_logarithm_of_the_number_of_classes() -> None:
    assert cross_entropy(values(*[0.3] * 7), 4).data == pytest.approx(math.log(7), rel=1e-15)


def test_a_batch_is_the_mean_the_sum_or_the_list_of_its_examples() -> None:
    batch, classes = [values(1.0, 2.0, 3.0), values(0.0, 0.0, 1.0)], [2, 0]
    parts = [cross_entropy(z, t).data for z, t in zip(batch, classes, strict=True)]
    assert cross_entropy(batch, classes).data == pytest.approx(sum(parts) / 2, rel=1e-15)
    assert cross_entropy(batch, classes, reduction="sum").data == pytest.approx(sum(parts))
    listed = cross_entropy(batch, classes, reduction="none")
    assert [loss.data for loss in listed] == parts
    assert cross_entropy([batch[0]], [2]).data == parts[0]


def test_classes_and_logits_may_be_numpys() -> None:
    import numpy as np

    logits = np.array([[1.0, 2.0], [0.0, 4.0]])
    plain = cross_entropy([[1.0, 2.0], [0.0, 4.0]], [1, 0])
    assert cross_entropy(logits, np.array([1, 0])) == pytest.approx(plain, rel=1e-15)
    assert mse(logits, np.zeros((2, 2))) == pytest.approx(21 / 4, rel=1e-15)


def test_one_small_step_downhill_lowers_the_loss() -> None:
    model = MLP(2, [4, 3])
    points, classes = [[0.5, -1.0], [1.0, 2.0], [-1.0, 0.3]], [0, 2, 1]
    before = cross_entropy([model(x) for x in points], classes)
    before.backward()
    squares = sum(p.grad * p.grad for p in model.parameters())
    step = 1e-6
    for p in model.parameters():
        p.data -= step * p.grad
    after = cross_entropy([model(x) for x in points], classes)
    # First-order Taylor: the loss falls by the step times the squared norm of the gradient.
    assert (before.data - after.data) / step == pytest.approx(squares, rel=1e-3)


# --- what all share ----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [mse, hinge])
def test_reductions_agree(loss: Callable[..., Any]) -> None:
    scores, labels = [values(0.5, -2.0), values(3.0, -0.25)], [[1, -1], [-1, 1]]
    listed = loss(scores, labels, reduction="none")
    flat = [v.data for row in listed for v in row]
    assert [len(row) for row in listed] == [2, 2]
    assert loss(scores, labels, reduction="sum").data == pytest.approx(sum(flat), rel=1e-15)
    assert loss(scores, labels).data == pytest.approx(sum(flat) / 4, rel=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mse([1.0], [1.0, 2.0]), ValueError, "input has length 1, .* target has length 2"),
        (lambda: mse([], []), ValueError, "input is empty"),
        (lambda: mse([1.0], 1.0), ValueError, "input has a list where target has a number"),
        (lambda: mse([1.0], [[1.0]]), ValueError, "target has a list where input has a number"),
        (lambda: mse([1.0], [1.0], "max"), ValueError, "'mean', 'sum' or 'none', but was 'max'"),
        (lambda: hinge([1.0], [0]), ValueError, "-1 or \\+1, but one was 0"),
        (lambda: cross_entropy([1.0, 2.0], 2), ValueError, "is 2, but 2 logits .* from 0 to 1"),
        (lambda: cross_entropy([1.0, 2.0], -1), ValueError, "the class is -1"),
        (lambda: cross_entropy([1.0, 2.0], 1.0), TypeError, "has to be an int, but was 1.0"),
        (lambda: cross_entropy([], 0), ValueError, "the logits are empty"),
        (lambda: cross_entropy([], []), ValueError, "input is empty"),
        (lambda: cross_entropy(1.0, 0), TypeError, "one output for each class"),
        (lambda: cross_entropy(1.0, [0]), TypeError, "needs a list of logits, but input was 1.0"),
        (lambda: cross_entropy([1.0, 2.0], [0, 1]), TypeError, "at position 0 .* but were 1.0; a"),
        (lambda: cross_entropy([[1.0, 2.0]], 0), TypeError, "a batch need a list of classes"),
        (lambda: cross_entropy([[1.0, 2.0]], [0, 1]), ValueError, "length 1, .* length 2"),
        (lambda: cross_entropy([[1.0], [2.0]], [0, 3]), ValueError, "at position 1 is 3"),
        (lambda: cross_entropy([1.0], 0, reduction="max"), ValueError, "but was 'max'"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


# --- binary cross-entropy, nll, smoothing, penalties ------------------------------------------

LABELS = [0, 1, 0.25]
W = Value(1.0)


@pytest.mark.parametrize("logit", [0.0, 0.5, -3.0, 40.0, -40.0, 750.0, 1e4, -1e4])
@pytest.mark.parametrize("label", LABELS)
def test_binary_cross_entropy_of_logits_and_its_gradient_are_those_of_mpmath(
    logit: float, label: float
) -> None:
    z = Value(logit)
    loss = binary_cross_entropy_with_logits(z, label)
    loss.backward()
    with mpmath.workdps(50 + int(abs(logit))):  # e^-z has z/ln 10 zeros
        chance = 1 / (1 + mpmath.exp(-mpmath.mpf(logit)))
        expected = -label * mpmath.log(chance) - (1 - label) * mpmath.log(1 - chance)
        slope = chance - label
        assert loss.data == pytest.approx(float(expected), rel=1e-15, abs=0)
        # Of a label of 1/4 the slope is a difference of two rounded products.
        assert z.grad == pytest.approx(float(slope), rel=1e-15, abs=2**-53 if label % 1 else 0)


def test_binary_cross_entropy_takes_a_target_that_is_differentiated_too() -> None:
    z, y = Value(2.0), Value(0.75)
    binary_cross_entropy_with_logits(z, y).backward()
    assert y.grad == pytest.approx(-2.0, rel=1e-15)


def test_binary_cross_entropy_is_cross_entropy_of_two_classes() -> None:
    for label in (0, 1):
        two = cross_entropy([0.0, 1.7], label)
        assert binary_cross_entropy_with_logits(1.7, label) == pytest.approx(two, rel=1e-14)


def test_nll_after_log_softmax_is_cross_entropy() -> None:
    z, twin = values(1.0, -2.0, 0.5), values(1.0, -2.0, 0.5)
    loss, expected = nll(log_softmax(z), 2), cross_entropy(twin, 2)
    loss.backward()
    expected.backward()
    assert loss.data == pytest.approx(expected.data, rel=1e-15)
    assert [v.grad for v in z] == pytest.approx([v.grad for v in twin], rel=1e-14)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_log_softmax_of_huge_logits_is_finite(size: float) -> None:
    assert log_softmax([size, 0.0]) == ([0.0, -1e4] if size > 0 else [-1e4, 0.0])
    assert nll([log_softmax([size, 0.0])] * 2, [0, 1]) == 5e3


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("logits", [[1.0, 2.0, 3.0], [1e4, -1e4, 0.0]], ids=str)
def test_label_smoothing_mixes_the_target_with_the_uniform_one(
    logits: list[float], smoothing: float
) -> None:
    z = values(*logits)
    loss = cross_entropy(z, 1, label_smoothing=smoothing)
    loss.backward()
    with mpmath.workdps(60):
        total = mpmath.fsum(mpmath.exp(mpmath.mpf(x)) for x in logits)
        target = [smoothing / 3 + (1 - smoothing) * (i == 1) for i in range(3)]
        surprise = [mpmath.log(total) - x for x in logits]
        expected = mpmath.fsum(p * s for p, s in zip(target, surprise, strict=True))
        slopes = [mpmath.exp(-s) - p for s, p in zip(surprise, target, strict=True)]
    bound = 4 * math.ulp(max(map(abs, logits)) + 1)
    assert loss.data == pytest.approx(float(expected), abs=bound, rel=0)
    assert [v.grad for v in z] == pytest.approx([float(s) for s in slopes], abs=bound, rel=0)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_every_loss_of_huge_outputs_has_a_finite_value_and_gradient(size: float) -> None:
    for loss in (
        lambda z: mse(z, [0.0, 0.0]),
        lambda z: hinge(z, [1, -1]),
        lambda z: binary_cross_entropy_with_logits(z, [0, 1]),
        lambda z: cross_entropy(z, 0, label_smoothing=0.1),
        lambda z: nll(log_softmax(z), 1),
    ):
        z = values(size, -size)
        y = loss(z)
        y.backward()
        assert math.isfinite(y.data)
        assert all(math.isfinite(v.grad) for v in z)


def test_penalties_are_norms_and_their_gradients_sign_and_double() -> None:
    w = values(3.0, -4.0, 0.0)
    penalty = l1(w, 0.5)
    penalty.backward()
    assert (penalty.data, [v.grad for v in w]) == (3.5, [0.5, -0.5, 0.0])
    w = values(3.0, -4.0, 0.0)
    penalty = l2(iter(w), 0.5)
    penalty.backward()
    assert (penalty.data, [v.grad for v in w]) == (12.5, [3.0, -4.0, 0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: binary_cross_entropy_with_logits(0.0, 2), "from 0 to 1, but one was 2"),
        (lambda: binary_cross_entropy_with_logits(0.0, math.nan), "from 0 to 1, but one was nan"),
        (lambda: cross_entropy([1.0, 2.0], 0, label_smoothing=1.5), "but was 1.5"),
        (lambda: nll([0.0], 1), "the class is 1, but 1 logarithms"),
        (lambda: l1([W], -1.0), "at least 0, but was -1.0"),
        (lambda: l2([W], math.nan), "at least 0, but was nan"),
    ],
)
def test_more_mistakes_are_reported(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
