"""PyTorch's keywords of losses, against its documented formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd
from autograd import Value
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    mse,
    nll,
)

INF, NAN = math.inf, math.nan
REDUCTIONS = ("mean", "sum")


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


def batch(rows: Sequence[Sequence[float]]) -> list[list[Value]]:
    return [values(*row) for row in rows]


def grads(rows: Sequence[Sequence[Value]]) -> list[list[float]]:
    return [[v.grad for v in row] for row in rows]


def assert_is(
    loss: Callable[[list[list[Value]]], Any],
    formula: Callable[[list[list[Any]]], Any],
    rows: Sequence[Sequence[float]],
) -> None:
    """Compare a loss and its gradient with a formula and its difference quotients in 60 digits."""
    z = batch(rows)
    y = loss(z)
    y.backward()
    with mpmath.workdps(60):
        exact = [[mpmath.mpf(x) for x in row] for row in rows]
        assert y.data == pytest.approx(float(formula(exact)), rel=1e-14)
        h = mpmath.mpf(10) ** -20
        for row, found in zip(exact, grads(z), strict=True):
            for k in range(len(row)):
                row[k] += h
                above = formula(exact)
                row[k] -= 2 * h
                slope = (above - formula(exact)) / (2 * h)
                row[k] += h
                assert found[k] == pytest.approx(float(slope), rel=1e-13, abs=1e-16)


def logs(row: list[Any]) -> list[Any]:
    """Return log softmax in mpmath."""
    total = mpmath.log(mpmath.fsum(mpmath.exp(z) for z in row))
    return [z - total for z in row]


# --- weights of outputs --------------------------------------------------------------------------

LOGITS = [[0.5, -1.25, 3.0], [-0.75, 0.0, 2.5]]
LABELS = [[1, 0, 0.25], [0, 1, 1]]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [2.5, [0.5, 2.0, 0.0], [[0.5], [3.0]], LABELS], ids=str)
@pytest.mark.parametrize("pos", [None, 3.0, [0.5, 2.0, 7.0], LOGITS], ids=str)
def test_weights_of_logits_stretch_as_in_pytorch_and_leave_the_divisor_alone(
    weight: Any, pos: Any, reduction: str
) -> None:
    w = np.broadcast_to(np.array(weight), (2, 3)).tolist()
    v = np.broadcast_to(np.array(1 if pos is None else pos), (2, 3)).tolist()

    def formula(z: list[list[Any]]) -> Any:
        def one(i: int, k: int) -> Any:
            chance = 1 / (1 + mpmath.exp(-z[i][k]))
            y = LABELS[i][k]
            return -w[i][k] * (v[i][k] * y * mpmath.log(chance) + (1 - y) * mpmath.log(1 - chance))

        total = mpmath.fsum(one(i, k) for i in range(2) for k in range(3))
        return total / 6 if reduction == "mean" else total

    assert_is(
        lambda z: binary_cross_entropy_with_logits(
            z, LABELS, weight, reduction=reduction, pos_weight=pos
        ),
        formula,
        LOGITS,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_of_probabilities_leave_the_divisor_alone(reduction: str) -> None:
    w = [0.5, 2.0, 3.0]

    def formula(p: list[list[Any]]) -> Any:
        terms = [
            -w[k] * (y * mpmath.log(p[i][k]) + (1 - y) * mpmath.log(1 - p[i][k]))
            for i in range(2)
            for k, y in enumerate(LABELS[i])
        ]
        return mpmath.fsum(terms) / (6 if reduction == "mean" else 1)

    assert_is(
        lambda p: binary_cross_entropy(p, LABELS, w, reduction=reduction),
        formula,
        [[0.5, 0.1, 0.9], [0.75, 0.2, 0.6]],
    )


def test_weights_of_squared_errors_divide_a_mean_by_their_sum() -> None:
    """PyTorch's mse_loss: sum(w (x - y)^2) / sum(w)."""
    x = values(1.0, 2.0, 4.0)
    loss = mse(x, [1.0, 4.0, 1.0], weight=[5.0, 1.0, 2.0])
    loss.backward()
    assert loss.data == (0 + 4 + 2 * 9) / 8
    assert [v.grad for v in x] == [0.0, -2 * 2 / 8, 2 * 2 * 3 / 8]
    assert mse([1.0, 2.0], [3.0, 3.0], "sum", weight=[0.5, 2.0]) == 4.0
    assert mse([1.0, 2.0], [3.0, 3.0], "none", weight=[0.5, 2.0]) == [2.0, 2.0]


def test_a_weight_is_differentiated_too() -> None:
    w = values(1.0, 3.0)
    mse([1.0, 2.0], [3.0, 3.0], weight=w).backward()
    # (4 u + 1 v) / (u + v) at (1, 3): the slopes are (4 - 7/4) / 4 and (1 - 7/4) / 4.
    assert [v.grad for v in w] == [9 / 16, -3 / 16]


def test_weighted_squared_errors_of_fractions_are_exact() -> None:
    x = [Value(Fraction(1, 3)), Value(Fraction(1, 2))]
    loss = mse(x, [Fraction(0), Fraction(0)], weight=[Fraction(2, 7), 0])
    loss.backward()
    assert (loss.data, x[0].grad, x[1].grad) == (Fraction(1, 9), Fraction(2, 3), 0)


# --- weights of classes, ignored targets, smoothing ----------------------------------------------

SCORES = [[1.0, 2.0, 3.0], [0.5, -1.0, 0.0], [2.0, 2.0, -4.0], [0.0, 0.25, 0.5]]
CLASSES = [2, -100, 0, 1]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weight", [None, [0.2, 0.0, 3.0]], ids=str)
@pytest.mark.parametrize(
    ("classes", "ignored"), [(CLASSES, -100), ([2, 1, 0, 1], 1), ([2, 1, 0, 1], -100)], ids=str
)
def test_cross_entropy_is_pytorchs_with_every_keyword(
    classes: list[int], ignored: int, weight: list[float] | None, smoothing: float, reduction: str
) -> None:
    """Of targets t that are not ignored, with weights w of the C classes and smoothing e,

    l = (1 - e) w_t (-log p_t) + e / C sum_c w_c (-log p_c), and a mean is sum(l) / sum(w_t).
    """
    w = weight or [1.0, 1.0, 1.0]
    counted = [i for i, t in enumerate(classes) if t != ignored]
    e = mpmath.mpf(smoothing)

    def formula(z: list[list[Any]]) -> Any:
        def one(i: int) -> Any:
            p, t = logs(z[i]), classes[i]
            even = mpmath.fsum(-w[c] * p[c] for c in range(3))
            return (1 - e) * w[t] * -p[t] + e / 3 * even

        total = mpmath.fsum(map(one, counted))
        return total / sum(w[classes[i]] for i in counted) if reduction == "mean" else total

    def loss(z: list[list[Value]]) -> Any:
        return cross_entropy(
            z,
            classes,
            weight,
            ignore_index=ignored,
            reduction=reduction,
            label_smoothing=smoothing,
        )

    assert_is(loss, formula, SCORES)
    # Without a reduction the losses add up to the sum, and an ignored one is 0.
    listed = cross_entropy(
        SCORES,
        classes,
        weight,
        ignore_index=ignored,
        reduction="none",
        label_smoothing=smoothing,
    )
    assert [listed[i] for i in range(4) if i not in counted] == [0.0] * (4 - len(counted))
    if reduction == "sum":
        assert math.fsum(listed) == pytest.approx(loss(SCORES), rel=1e-15)


def test_second_derivatives_are_those_of_the_softmax() -> None:
    """Of w_t logsumexp(z) - w_t z_t they are w_t (diag(p) - p p^T)."""
    z, v, weight = [1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [0.2, 1.5, 3.0]

    def loss(z: list[Any]) -> Any:
        return cross_entropy(z, 2, weight, reduction="sum", label_smoothing=0.0)

    e = [math.exp(x) for x in z]
    p = [x / math.fsum(e) for x in e]
    along = math.fsum(a * b for a, b in zip(p, v, strict=True))
    expected = [3 * a * (b - along) for a, b in zip(p, v, strict=True)]
    assert autograd.hvp(loss, z, v) == pytest.approx(expected, rel=1e-14)
    slope = math.fsum(3 * (a - (k == 2)) * v[k] for k, a in enumerate(p))
    assert autograd.jvp(loss, (z,), (v,))[1] == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_nll_has_the_same_keywords(reduction: str) -> None:
    keywords: dict[str, Any] = {"weight": [0.2, 1.5, 3.0], "reduction": reduction}
    found = nll([log_softmax(row) for row in SCORES], CLASSES, **keywords)
    assert found == pytest.approx(cross_entropy(SCORES, CLASSES, **keywords), rel=1e-14)


def test_pytorchs_figures_come_out() -> None:
    """As reported in its issues 25571 and 8062, to the digits that stand there."""
    rows, classes, weight = [[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]], [2, 1], [2.0, 4.0, 6.0]
    assert cross_entropy(rows, classes, weight, reduction="none") == pytest.approx(
        [5.6390, 4.9593], abs=5e-5
    )
    assert cross_entropy(rows, classes, weight, reduction="sum") == pytest.approx(10.5983, abs=5e-5)
    assert cross_entropy(rows, classes, weight) == pytest.approx(1.0598, abs=5e-5)
    rows, classes, weight = [[-100.0, 100.0]] * 2, [0, 1], [20.0, 10.0]
    assert cross_entropy(rows, classes, weight, reduction="none") == [4000.0, 0.0]
    assert cross_entropy(rows, classes, weight) == pytest.approx(133.3333, abs=5e-5)


def test_logits_that_made_pytorch_answer_nan_or_inf_do_not_here() -> None:
    """Its issues 13773, a weight of 1 beside -120, and 102894, an infinite logit."""
    logits, target = [0.0, -120.0], [0, 1]
    plain = binary_cross_entropy_with_logits(logits, target)
    assert plain == pytest.approx((math.log(2) + 120) / 2, rel=1e-15)
    assert binary_cross_entropy_with_logits(logits, target, pos_weight=[1.0, 1.0]) == plain
    z = values(INF, 1.0)
    loss = binary_cross_entropy_with_logits(z, [1, 0])
    loss.backward()
    assert loss.data == pytest.approx(0.6566, abs=5e-5)
    assert [v.grad for v in z] == pytest.approx([0.0, 0.5 / (1 + math.exp(-1))], rel=1e-15)


def test_a_mean_of_one_example_is_its_loss_whatever_its_weight() -> None:
    plain = cross_entropy(SCORES[0], 2)
    assert cross_entropy(SCORES[0], 2, [0.2, 1.0, 4.0]) == plain
    assert cross_entropy(SCORES[0], 2, [0.2, 1.0, 4.0], reduction="none") == 4 * plain


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_what_is_ignored_may_be_anything_and_gets_no_gradient(smoothing: float) -> None:
    rows = batch([[1.0, 2.0], [NAN, INF], [-INF, -INF]])
    loss = cross_entropy(rows, [0, -100, -100], label_smoothing=smoothing)
    loss.backward()
    assert loss.data == cross_entropy([1.0, 2.0], 0, label_smoothing=smoothing)
    assert grads(rows)[1:] == [[0, 0], [0, 0]]


@pytest.mark.parametrize("weight", [None, [2.0, 3.0]], ids=str)
def test_a_mean_of_nothing_is_refused_where_pytorch_answers_nan(weight: Any) -> None:
    rows = batch([[1.0, 2.0], [3.0, 4.0]])
    for input, target in ((rows, [-100, -100]), (rows[0], -100)):
        with pytest.raises(ValueError, match="every target is ignore_index, -100"):
            cross_entropy(input, target, weight)
    assert cross_entropy(rows, [-100, -100], weight, reduction="sum").data == 0.0
    listed = cross_entropy(rows, [-100, -100], weight, reduction="none")
    assert [loss.data for loss in listed] == [0.0, 0.0]


def test_weights_that_add_up_to_nothing_have_no_mean() -> None:
    with pytest.raises(ValueError, match="add up to 0"):
        cross_entropy(SCORES, [0, 0, 0, 0], [0.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="add up to 0"):
        mse([1.0, 2.0], [0.0, 0.0], weight=[1.0, -1.0])
