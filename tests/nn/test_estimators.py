"""Estimators: laws of weights, of epochs and of scales, what is answered, what is refused.

What scikit-learn asks of them, and what it does with them, is in test_scikit_learn.py.
"""

from __future__ import annotations

import importlib.util
import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.utils.validation
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight

import nn
from nn.estimators import MLPClassifier, MLPRegressor, perceptron
from nn.training import taking

RNG = np.random.RandomState(0)
X = RNG.normal(size=(24, 3)) * [1, 10, 0.1] + [0, 5, 3]
CLASSES = RNG.permutation([0] * 4 + [1] * 8 + [2] * 12)
HEIGHTS = 100 + 7 * X[:, 0] - X[:, 1] ** 2 / 9
WHOLE = np.array([1, 2, 3, 0] * 6)  # weights that are numbers of repetitions
KINDS = [MLPClassifier, MLPRegressor]

kinds = pytest.mark.parametrize("kind", KINDS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def made(kind: type, **given: Any) -> Any:
    """A small estimator that runs all its epochs."""
    small = {"hidden_layer_sizes": (4,), "max_iter": 6, "n_iter_no_change": math.inf}
    return kind(**{**small, "random_state": 3, **given})


def targets(kind: type) -> Any:
    return CLASSES if kind is MLPClassifier else HEIGHTS


def pickled(estimator: Any) -> Any:
    return pickle.loads(pickle.dumps(estimator))  # noqa: S301  (it was pickled here)


def numbers(estimator: Any) -> list[float]:
    """All parameters of the network."""
    return [p.data for p in estimator.network_.parameters()]


def answers(estimator: Any, rows: Any = X) -> Any:
    """What is predicted, as numbers."""
    return getattr(estimator, "predict_proba", estimator.predict)(rows)


def standardised(rows: Any, weights: Any) -> Any:
    mean = np.average(rows, axis=0, weights=weights)
    return (rows - mean) / np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights))


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# Weights


@pytest.mark.parametrize("alpha", [0.0, 5.0])
def test_a_step_is_that_of_the_weighted_gradient(alpha: float) -> None:
    # Of a linear model, by hand: the gradient of the mean cross-entropy is X^T W (P - Y) / sum w,
    # that of the penalty alpha V / sum w, and Nesterov's first step (1 + momentum) times both.
    given = {"hidden_layer_sizes": (), "solver": "sgd", "alpha": alpha, "max_iter": 1}
    start = made(MLPClassifier, **given, learning_rate_init=1e-300).fit(X, CLASSES, WHOLE)
    moved = made(MLPClassifier, **given, learning_rate_init=0.1).fit(X, CLASSES, WHOLE)
    inputs, (v,), (b,) = standardised(X, WHOLE), start.coefs_, start.intercepts_
    errors = WHOLE[:, None] * (softmax(inputs @ v + b) - np.eye(3)[CLASSES]) / WHOLE.sum()
    slope = inputs.T @ errors + alpha * v / WHOLE.sum()
    np.testing.assert_allclose(moved.coefs_[0], v - 0.19 * slope, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        moved.intercepts_[0], b - 0.19 * errors.sum(axis=0), rtol=1e-12, atol=1e-13
    )


@kinds
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_row_of_weight_2_is_the_row_twice(kind: type, solver: str, alpha: float) -> None:
    y = targets(kind)
    weighted = made(kind, solver=solver, alpha=alpha).fit(X, y, WHOLE)
    repeated = made(kind, solver=solver, alpha=alpha).fit(X.repeat(WHOLE, 0), y.repeat(WHOLE))
    np.testing.assert_allclose(answers(weighted), answers(repeated), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)


@kinds
@pytest.mark.parametrize("batch_size", ["auto", 5])
def test_a_row_of_weight_0_is_none(kind: type, batch_size: int | str) -> None:
    y, weights, counts = targets(kind), WHOLE * 0.3, WHOLE > 0
    weighted = made(kind, batch_size=batch_size).fit(X, y, weights)
    without = made(kind, batch_size=batch_size).fit(X[counts], y[counts], weights[counts])
    assert numbers(weighted) == numbers(without)


@kinds
def test_weights_of_1_are_none(kind: type) -> None:
    plain = made(kind, batch_size=5).fit(X, targets(kind))
    ones = made(kind, batch_size=5).fit(X, targets(kind), np.ones(24))
    assert numbers(plain) == numbers(ones)


@kinds
def test_without_a_penalty_only_ratios_of_weights_count(kind: type) -> None:
    small, large = (
        made(kind, batch_size=5, alpha=0.0).fit(X, targets(kind), WHOLE * factor)
        for factor in (2.0**-20, 2.0**30)
    )
    assert numbers(small) == numbers(large)


@kinds
@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e308])
def test_weights_of_any_size_are_weights(kind: type, size: float) -> None:
    model = made(kind, alpha=0.0).fit(X, targets(kind), np.full(24, size))
    assert numbers(model) == numbers(made(kind, alpha=0.0).fit(X, targets(kind)))
    one = made(kind, alpha=0.0).fit(X, targets(kind), np.where(np.arange(24), 1e-300, 1e300))
    assert np.isfinite(answers(one)).all()


def test_a_class_of_weight_0_stays_a_class() -> None:
    model = made(MLPClassifier, max_iter=50).fit(X, CLASSES, (CLASSES > 0).astype(float))
    assert model.classes_.tolist() == [0, 1, 2]
    assert 0 not in model.predict(X)


@pytest.mark.parametrize("batch_size", ["auto", 5])
def test_balanced_classes_are_weights_of_rows(batch_size: int | str) -> None:
    model = made(MLPClassifier, batch_size=batch_size, class_weight="balanced").fit(X, CLASSES)
    weights = compute_sample_weight("balanced", CLASSES)
    by_rows = made(MLPClassifier, batch_size=batch_size).fit(X, CLASSES, weights)
    np.testing.assert_allclose(answers(model), answers(by_rows), rtol=1e-9)


def test_weights_of_classes_multiply_those_of_rows() -> None:
    model = made(MLPClassifier, class_weight={0: 4.0, 2: 0.0}).fit(X, CLASSES, WHOLE)
    product = WHOLE * np.array([4.0, 1.0, 0.0])[CLASSES]
    assert numbers(model) == numbers(made(MLPClassifier).fit(X, CLASSES, product))


def test_balance_is_between_the_rows_as_they_count() -> None:
    weighted = made(MLPClassifier, class_weight="balanced").fit(X, CLASSES, WHOLE)
    repeated = made(MLPClassifier, class_weight="balanced").fit(
        X.repeat(WHOLE, 0), CLASSES.repeat(WHOLE)
    )
    np.testing.assert_allclose(answers(weighted), answers(repeated), rtol=1e-9)


# Epochs


@kinds
@pytest.mark.parametrize("batch_size", ["auto", 5])
def test_partial_fit_is_an_epoch(kind: type, batch_size: int | str) -> None:
    whole = made(kind, batch_size=batch_size, max_iter=3).fit(X, targets(kind))
    parts = made(kind, batch_size=batch_size)
    for _ in range(3):
        first = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
        parts = pickled(parts).partial_fit(X, targets(kind), **first)
    assert numbers(parts) == numbers(whole)
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.n_iter_ == 3


@kinds
@pytest.mark.parametrize("batch_size", ["auto", 5])
def test_a_warm_start_goes_on_as_if_there_had_been_no_end(kind: type, batch_size: Any) -> None:
    whole = made(kind, batch_size=batch_size, max_iter=7).fit(X, targets(kind))
    warm = made(kind, batch_size=batch_size, warm_start=True, max_iter=3).fit(X, targets(kind))
    warm = pickled(warm).set_params(max_iter=4).fit(X, targets(kind))
    assert numbers(warm) == numbers(whole)
    assert warm.loss_curve_ == whole.loss_curve_
    assert warm.n_iter_ == 7


@kinds
def test_a_cold_start_begins_anew(kind: type) -> None:
    twice = made(kind).fit(X[:, :2], targets(kind)[::-1]).fit(X, targets(kind))
    assert numbers(twice) == numbers(made(kind).fit(X, targets(kind)))


def test_the_loss_is_measured_before_each_step() -> None:
    model = made(MLPClassifier, learning_rate_init=1e-300, max_iter=2).fit(X, CLASSES, WHOLE)
    truth = log_loss(CLASSES, model.predict_proba(X), sample_weight=WHOLE)
    assert model.loss_curve_ == pytest.approx([truth, truth], rel=1e-12)
    assert model.loss_ == model.best_loss_ == model.loss_curve_[0]


@pytest.mark.parametrize("columns", [1, 2])
def test_the_loss_of_a_regressor_is_half_the_squared_error_in_deviations(columns: int) -> None:
    y = np.stack([HEIGHTS, X[:, 2] ** 2], axis=1)[:, :columns]
    model = made(MLPRegressor, learning_rate_init=1e-300, max_iter=1).fit(X, y, WHOLE)
    deviations = np.sqrt(np.cov(y.T, aweights=WHOLE, ddof=0).reshape(columns, columns).diagonal())
    errors = (((model.predict(X) - y) / deviations) ** 2).mean(axis=1)
    assert model.loss_ == pytest.approx(np.average(errors, weights=WHOLE) / 2, rel=1e-9)


@kinds
def test_training_ends_when_the_loss_has_settled(kind: type) -> None:
    model = made(kind, tol=0.01, n_iter_no_change=4, max_iter=500).fit(X, targets(kind))
    curve, lowest = model.loss_curve_, np.minimum.accumulate(model.loss_curve_)
    fell = [loss <= low - 0.01 for loss, low in zip(curve[1:], lowest, strict=False)]
    assert model.n_iter_ < 500
    assert fell[-4:] == [False] * 4
    assert all(any(fell[i : i + 4]) for i in range(len(fell) - 4))


@kinds
def test_too_few_epochs_are_told(kind: type) -> None:
    with pytest.warns(ConvergenceWarning, match="max_iter=6 epochs .* tol=0.001; raise max_iter"):
        made(kind).fit(X, targets(kind))


@kinds
def test_early_stopping_brings_back_the_weights_of_the_lowest_loss_held_out(kind: type) -> None:
    given = {"early_stopping": True, "validation_fraction": 0.25, "learning_rate_init": 0.1}
    model = made(kind, **given, n_iter_no_change=5, tol=0.0, max_iter=300).fit(X, targets(kind))
    held_out = model.validation_loss_curve_
    best = held_out.index(min(held_out))
    assert len(held_out) == model.n_iter_ == best + 6 < 300
    short = made(kind, **given, max_iter=best + 1).fit(X, targets(kind))
    assert numbers(model) == numbers(short)


def test_early_stopping_holds_out_of_each_class_alike() -> None:
    seen: list[Any] = []

    class Noted(MLPClassifier):
        pass

    def noted(*args: Any, **options: Any) -> Any:
        seen.append((args[3], options["validation"][1]))
        return nn.fit(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(perceptron, "fit", noted)
        given = {"early_stopping": True, "validation_fraction": 0.25}
        names = np.array(["a", "b", "c"])[CLASSES]
        made(Noted, **given).fit(X, names)
    ((learned, held_out),) = seen
    counts = [
        [sum(k == label for label, _ in part) for k in range(3)] for part in (learned, held_out)
    ]
    assert counts == [[3, 6, 9], [1, 2, 3]]


def test_a_class_of_one_row_is_trained_on() -> None:  # scikit-learn refuses it
    rows = np.vstack([X[:-1], X[-1] + 100])
    model = made(MLPClassifier, early_stopping=True, max_iter=100).fit(rows, ["a"] * 23 + ["b"])
    assert model.predict(rows).tolist() == ["a"] * 23 + ["b"]


def test_one_row_can_be_held_out() -> None:  # scikit-learn#24713: its R2 was nan
    model = made(MLPRegressor, early_stopping=True).fit(X[:2], HEIGHTS[:2])
    assert len(model.validation_loss_curve_) == model.n_iter_
    assert np.isfinite(model.predict(X)).all()


# Answers


@pytest.mark.parametrize(
    ("activation", "bend"),
    [
        ("relu", lambda z: np.maximum(z, 0)),
        ("tanh", np.tanh),
        ("logistic", lambda z: 1 / (1 + np.exp(-z))),
        ("identity", lambda z: z),
        ("softplus", lambda z: np.log1p(np.exp(z))),
    ],
)
@pytest.mark.parametrize("standardize", [True, False])
def test_weights_and_biases_say_what_is_answered(
    activation: str, bend: Any, standardize: bool
) -> None:
    given = {"activation": activation, "hidden_layer_sizes": [3, 2], "standardize": standardize}
    model = made(MLPClassifier, **given).fit(X, CLASSES)
    out = standardised(X, None) if standardize else X
    for layer, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        out = out @ weights + biases
        out = bend(out) if layer < 2 else out
    np.testing.assert_allclose(model.predict_proba(X), softmax(out), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(softmax(out)), rtol=1e-9)
    assert [w.shape for w in model.coefs_] == [(3, 3), (3, 2), (2, 3)]


@pytest.mark.parametrize(
    "names",
    [
        ["ape", "bee", "cat"], [-5, 0, 7], [0.0, 1.0, 10.0],
        pd.Categorical(["x", "y", "z"]), np.array(["", " ", "ü"], dtype=object),
    ],
    ids=str,
)  # fmt: skip
def test_classes_of_any_kind_are_told_apart_by_their_order(names: Any) -> None:
    plain = made(MLPClassifier).fit(X, CLASSES)
    names = np.asarray(names)
    named = made(MLPClassifier).fit(X, names[CLASSES])
    assert numbers(plain) == numbers(named)
    assert named.classes_.tolist() == names.tolist()
    assert named.predict(X).tolist() == names[plain.predict(X)].tolist()
    assert named.predict(X).dtype == named.classes_.dtype == names.dtype


def test_classes_may_be_truth_values() -> None:
    model = made(MLPClassifier, max_iter=200).fit(X, X[:, 0] > 0)
    assert model.predict(X).dtype == bool
    assert model.score(X, X[:, 0] > 0) > 0.9


def test_the_order_of_classes_is_theirs_not_that_of_the_rows() -> None:
    up, down = (
        made(MLPClassifier).partial_fit(X, CLASSES, classes=classes)
        for classes in ([0, 1, 2], [2, 0, 1, 0])
    )
    assert numbers(up) == numbers(down)


def test_a_single_class_is_always_the_answer() -> None:
    model = made(MLPClassifier).fit(X, ["a"] * 24)
    assert model.predict(X).tolist() == ["a"] * 24
    assert model.predict_proba(X).tolist() == [[1.0]] * 24


def test_logarithms_of_probabilities_reach_below_the_smallest_float() -> None:
    model = made(MLPClassifier, hidden_layer_sizes=()).fit(X, CLASSES)
    model.network_.layers[0].neurons[0].b.data = 2000.0
    logs = model.predict_log_proba(X)
    assert (model.predict_proba(X)[:, 1] == 0).all()
    assert (logs[:, 1] < -1900).all()
    assert np.isfinite(logs).all()


@kinds
@pytest.mark.parametrize("kept", [np.float32, np.int64, list, pd.DataFrame, np.asfortranarray])
def test_rows_may_be_held_by_anything(kind: type, kept: Any) -> None:
    whole = np.round(X)
    rows = (
        kept(whole)
        if not isinstance(kept, type) or kept in (list, pd.DataFrame)
        else whole.astype(kept)
    )
    model = made(kind).fit(rows, pd.Series(targets(kind), index=range(24, 0, -1)))
    assert numbers(model) == numbers(made(kind).fit(whole, targets(kind)))
    assert answers(model, rows).dtype == np.float64


def test_several_targets_are_learned_at_once() -> None:
    both = np.stack([HEIGHTS, -3 * HEIGHTS + 1], axis=1)
    model = made(MLPRegressor, max_iter=300).fit(X, both)
    assert model.predict(X).shape == (24, 2)
    assert model.score(X, both) > 0.9
    assert made(MLPRegressor).fit(X, both[:, :1]).predict(X).shape == (24, 1)


def test_a_target_in_other_units_is_predicted_in_these() -> None:
    celsius = made(MLPRegressor).fit(X, HEIGHTS)
    fahrenheit = made(MLPRegressor).fit(X, HEIGHTS * 1.8 + 32)
    np.testing.assert_allclose(fahrenheit.predict(X), celsius.predict(X) * 1.8 + 32, rtol=1e-9)
    assert fahrenheit.loss_ == pytest.approx(celsius.loss_, rel=1e-9)


@kinds
def test_features_in_other_units_make_no_difference(kind: type) -> None:
    plain, other = (
        made(kind).fit(X, targets(kind)),
        made(kind).fit(X * [1, 1e6, 1e-6] + 9, targets(kind)),
    )
    np.testing.assert_allclose(answers(plain), answers(other, X * [1, 1e6, 1e-6] + 9), rtol=1e-6)


def test_a_feature_or_target_that_is_constant_is_no_trouble() -> None:
    rows = np.column_stack([X, np.full(24, 0.1)])
    assert np.isfinite(made(MLPRegressor).fit(rows, np.full(24, 0.1)).predict(rows)).all()


@pytest.mark.parametrize("sizes", [3, (3,), [3], np.array([3]), np.int64(3)], ids=repr)
def test_sizes_come_as_numbers_lists_and_arrays(sizes: Any) -> None:
    model = made(MLPClassifier, hidden_layer_sizes=sizes, warm_start=True).fit(X, CLASSES)
    assert [w.shape for w in model.fit(X, CLASSES).coefs_] == [(3, 3), (3, 3)]


@kinds
def test_the_seed_decides(kind: type) -> None:
    y = targets(kind)
    assert numbers(made(kind).fit(X, y)) == numbers(clone(made(kind)).fit(X, y))
    assert numbers(made(kind).fit(X, y)) != numbers(made(kind, random_state=4).fit(X, y))
    first, second = (made(kind, random_state=np.random.RandomState(5)).fit(X, y) for _ in range(2))
    assert numbers(first) == numbers(second)
    assert numbers(first.fit(X, y)) != numbers(second)  # its source has moved on


# Names, copies, failures


@kinds
def test_columns_have_to_be_those_of_fit(kind: type) -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = made(kind).fit(frame, targets(kind))
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert model.n_features_in_ == 3
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match=r"X has 2 features, but MLP.* is expecting 3"):
        made(kind).fit(X, targets(kind)).predict(X[:, :2])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)


@kinds
def test_a_pickle_holds_numbers_and_no_graph(kind: type) -> None:
    model = made(kind, max_iter=2).fit(X, targets(kind))
    longer = made(kind, max_iter=12).fit(X, targets(kind))
    copy = pickled(model)
    assert answers(copy).tolist() == answers(model).tolist()
    assert not any(p.parents for p in copy.network_.parameters())
    # Ten more losses, of nine bytes each, and what differs in the length of small ints.
    assert abs(len(pickle.dumps(longer)) - len(pickle.dumps(model)) - 90) <= 20


@kinds
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_fit_that_diverges_says_so_and_leaves_nothing_that_answers(
    kind: type, warm_start: bool
) -> None:
    new = made(kind, solver="sgd", learning_rate_init=1e200, warm_start=warm_start)
    old = made(kind).fit(X, targets(kind)).set_params(solver="sgd", learning_rate_init=1e200)
    for model in (new, old):
        with pytest.raises(FloatingPointError, match="a smaller learning rate"):
            model.fit(X, targets(kind))
        with pytest.raises(NotFittedError):
            model.predict(X)
        for name in ("coefs_", "intercepts_", "loss_", "best_loss_", "n_iter_"):
            assert not hasattr(model, name)


@kinds
def test_a_fit_that_is_refused_leaves_the_last_one(kind: type) -> None:
    model = made(kind).fit(X, targets(kind))
    before = answers(model)
    with pytest.raises(ValueError, match="weight zero"):
        model.fit(X, targets(kind), np.zeros(24))
    assert answers(model).tolist() == before.tolist()


@kinds
def test_ctrl_c_keeps_what_was_learned(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any, stop_when: Any, **options: Any) -> Any:
        def stop(epoch: Any) -> bool:
            if epoch.number == 3:
                raise KeyboardInterrupt
            return bool(stop_when(epoch))

        return nn.fit(*args, stop_when=stop, **options)

    monkeypatch.setattr(perceptron, "fit", interrupted)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model = made(kind).fit(X, targets(kind))
    monkeypatch.undo()
    assert numbers(model) == numbers(made(kind, max_iter=3).fit(X, targets(kind)))


def test_weights_that_are_given_stay_as_they_are() -> None:
    weights = WHOLE * 1.5
    made(MLPClassifier, class_weight="balanced").fit(X, CLASSES, weights)
    assert weights.tolist() == (WHOLE * 1.5).tolist()


# Refusals

HOLED = np.where(np.eye(24, 3), np.nan, X)
PARAMETERS = {
    "alpha": -1.0, "learning_rate_init": 0, "tol": math.nan, "validation_fraction": 1.0,
    "n_iter_no_change": 0, "batch_size": 0, "max_iter": 0, "hidden_layer_sizes": (3, 0),
    "activation": "rellu", "solver": "lbfgs",
}  # fmt: skip


@kinds
@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_checked_by_fit(kind: type, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        made(kind, **{name: PARAMETERS[name]}).fit(X, targets(kind))


@kinds
@pytest.mark.parametrize("name", ["batch_size", "max_iter", "hidden_layer_sizes", "alpha"])
def test_parameters_of_another_type_are_refused(kind: type, name: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"{name} has to be"):
        made(kind, **{name: "many"}).fit(X, targets(kind))


@kinds
@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (HOLED, ValueError, "contains NaN"),
        (np.where(HOLED == HOLED, X, np.inf), ValueError, "contains infinity"),
        (scipy.sparse.csr_matrix(X), TypeError, r"Sparse data was passed.*\.toarray\(\)"),
        (X[:, 0], ValueError, "Expected 2D array"),
        (X[:23], ValueError, "inconsistent numbers of samples"),
        (X[:, :0], ValueError, "0 feature"),
        (X * 1e200, ValueError, "too large for a float; divide its numbers, of which the largest"),
        (X.astype(str).astype(object) + "x", ValueError, "could not convert string to float"),
    ],
    ids=["nan", "inf", "sparse", "1d", "short", "no features", "huge", "text"],
)
def test_rows_that_are_no_numbers_are_refused(
    kind: type, rows: Any, error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        made(kind).fit(rows, targets(kind))


@kinds
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(23), r"one number for each of the 24 rows, but has the shape \(23,\)"),
        (np.ones((24, 1)), r"has the shape \(24, 1\)"),
        (-np.ones(24), "at least 0, but one is -1"),
        (np.zeros(24), "every row has the weight zero"),
        (np.full(24, np.nan), "sample_weight contains NaN"),
    ],
)
def test_weights_that_weigh_nothing_are_refused(kind: type, weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(kind).fit(X, targets(kind), weights)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (HEIGHTS, "Unknown label type"),
        (np.eye(3)[CLASSES], r"y should be a 1d array, got an array of shape \(24, 3\)"),
        (np.where(CLASSES, CLASSES, np.nan), "contains NaN"),
        (None, "requires y to be passed"),
        (np.array(["a", 1, 2.0] * 8, dtype=object), "classes have to be of one kind"),
    ],
    ids=["measured", "several", "nan", "none", "mixed"],
)
def test_what_is_no_class_is_refused(y: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        made(MLPClassifier).fit(X, y)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({9: 1.0}, r"class_weight has 9, which is none of the classes \[0, 1, 2\]"),
        ({0: -1.0}, "finite numbers from 0 on"),
        ("fair", "has to be a dict, 'balanced' or None, but was 'fair'"),
        ([1, 1, 1], "has to be a dict"),
    ],
)
def test_weights_of_what_is_no_class_are_refused(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(MLPClassifier, class_weight=given).fit(X, CLASSES)


def test_partial_fit_has_to_know_all_classes_from_the_first_call_on() -> None:
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        made(MLPClassifier).partial_fit(X, CLASSES)
    with pytest.raises(ValueError, match="the class 2, which is none of"):
        made(MLPClassifier).partial_fit(X, CLASSES, classes=[0, 1])
    model = made(MLPClassifier).partial_fit(X[:2], ["a", "b"], classes=["a", "b", "c", "d"])
    model.partial_fit(X[:1], ["d"])  # scikit-learn#6994
    assert model.predict_proba(X).shape == (24, 4)
    with pytest.raises(ValueError, match="the class 'e', which is none of"):
        model.partial_fit(X[:1], ["e"])
    with pytest.raises(
        ValueError, match=r"classes were \['a'.* at first, but now are \['a', 'b'\]"
    ):
        model.partial_fit(X[:1], ["a"], classes=["a", "b"])


def test_partial_fit_refuses_what_needs_all_rows() -> None:
    with pytest.raises(ValueError, match="'balanced' needs all rows at once"):
        made(MLPClassifier, class_weight="balanced").partial_fit(X, CLASSES, classes=[0, 1, 2])
    for kind in KINDS:
        with pytest.raises(ValueError, match="does not support early_stopping"):
            made(kind, early_stopping=True).partial_fit(X, targets(kind))


def test_a_warm_start_keeps_its_classes() -> None:
    model = made(MLPClassifier, warm_start=True).fit(X, CLASSES)
    with pytest.raises(ValueError, match="the class 3, which is none of"):
        model.fit(X, CLASSES + 1)
    model.fit(X[CLASSES > 0], CLASSES[CLASSES > 0])
    assert model.classes_.tolist() == [0, 1, 2]


@kinds
@pytest.mark.parametrize(
    "changed",
    [
        {"hidden_layer_sizes": (5,)},
        {"activation": "tanh"},
        {"solver": "sgd"},
        {"standardize": False},
    ],
    ids=str,
)
def test_a_warm_start_keeps_its_network(kind: type, changed: dict[str, Any]) -> None:
    model = made(kind, warm_start=True).fit(X, targets(kind)).set_params(**changed)
    with pytest.raises(ValueError, match="cannot become another one: hidden_layer_sizes"):
        model.fit(X, targets(kind))
    with pytest.raises(ValueError, match="cannot become another one"):
        model.partial_fit(X, targets(kind))
    with pytest.raises(ValueError, match="expecting 3"):
        model.set_params(**made(kind, warm_start=True).get_params()).fit(X[:, :2], targets(kind))


def test_the_number_of_targets_stays() -> None:
    model = made(MLPRegressor).partial_fit(X, HEIGHTS)
    with pytest.raises(
        ValueError, match="y has 3 targets, but the network, which is trained on, 1"
    ):
        model.partial_fit(X, X)


# Without scikit-learn


def test_nn_alone_does_not_import_scikit_learn() -> None:
    program = "import sys, nn; assert 'sklearn' not in sys.modules; nn.estimators.MLPClassifier"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_scikit_learn_the_extra_is_named() -> None:
    program = "import sys; sys.modules['sklearn'] = None; from nn.estimators import MLPClassifier"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert last == (
        "ModuleNotFoundError: nn.estimators needs sklearn: pip install 'glassgrad[sklearn]'"
    )


def test_an_older_scikit_learn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("nn.estimators.perceptron")
    assert spec is not None
    assert spec.loader is not None
    monkeypatch.delattr(sklearn.utils.validation, "validate_data")
    with pytest.raises(ImportError, match=r"needs scikit-learn 1\.6 or later: pip install -U"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_what_nn_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'estimator'"):
        nn.estimator  # noqa: B018


@kinds
def test_programs_take_the_steps_where_they_pay(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted() -> Any:
        return made(kind, hidden_layer_sizes=(16,), max_iter=40).fit(X, targets(kind))

    monkeypatch.setattr(taking, "ENOUGH", 20_000)
    monkeypatch.setattr(taking, "FOR_EACH", 0)
    quick = fitted()
    assert quick.steps_.startswith("by programs from step ")
    monkeypatch.setattr(taking, "ENOUGH", 10**9)
    slow = fitted()
    assert slow.steps_.endswith("so few of them gain nothing by programs")
    assert numbers(quick) == pytest.approx(numbers(slow), rel=1e-10, abs=1e-10)
