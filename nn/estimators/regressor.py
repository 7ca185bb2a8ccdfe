"""Regression with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from autograd.functions.rules import mean
from autograd.graph.value import Value
from nn.estimators.perceptron import Perceptron, base, scaled
from nn.estimators.weighing import Array, counted
from nn.losses.elementwise import mse


@dataclass(eq=False, repr=False)
class MLPRegressor(base.RegressorMixin, Perceptron):  # type: ignore[misc]  # it has no types
    r"""A multi-layer perceptron that makes the squared error small, as a scikit-learn estimator.

    The loss of a row is :math:`\tfrac12 (y - \hat y)^2`, in units of the target's deviation; of
    several targets, which are the columns of `y`, it is the mean of theirs.

    Parameters
    ----------
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate_init, max_iter, \
random_state, tol, verbose, warm_start, early_stopping, validation_fraction, n_iter_no_change
        As for `MLPClassifier`.
    standardize : bool
        True to bring features and targets to mean 0 and deviation 1 first; what is predicted is in
        the units of `y`.

    Attributes
    ----------
    network_, scaler_, coefs_, intercepts_, loss_curve_, loss_, best_loss_, \
validation_loss_curve_, n_iter_, steps_, n_features_in_, feature_names_in_
        As for `MLPClassifier`.
    target_scaler_ : StandardScaler or None
        What standardises the targets.
    n_outputs_ : int
        The number of targets.

    Notes
    -----
    What scikit-learn's own class has beside, see `MLPClassifier`, and ``loss="poisson"``, is not
    supported.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor(random_state=0).fit(X[:200], y[:200])
    >>> print(f"{model.score(X[200:], y[200:]):.1f}")
    0.5
    """

    target_scaler_: Any = field(init=False)
    n_outputs_: int = field(init=False)

    def fit(self, X: Array, y: Array, sample_weight: Array = None) -> Self:
        """Train the network on rows of features and their targets.

        Parameters
        ----------
        X : array-like of shape (rows, features)
        y : array-like of shape (rows,) or (rows, targets)
        sample_weight : array-like of shape (rows,), optional
            As for `MLPClassifier.fit`.
        """
        return self._learn(X, y, sample_weight, partly=False)

    def partial_fit(self, X: Array, y: Array, sample_weight: Array = None) -> Self:
        """Train the network by one epoch; see `MLPClassifier.partial_fit`."""
        return self._learn(X, y, sample_weight, partly=True)

    def predict(self, X: Array) -> Array:
        """Return the target of each row, in the shape that `y` had."""
        outputs = np.array(self._outputs(X))
        if self.target_scaler_ is not None:
            outputs = self.target_scaler_.inverse_transform(outputs)
        return outputs if self._columns else outputs[:, 0]

    def _learn(self, X: Array, y: Array, sample_weight: Array, *, partly: bool) -> Self:
        """Train on rows, by one epoch if `partly`."""
        goes_on = self._goes_on(partly=partly)
        X, y, weights = self._read(
            X, y, sample_weight, fresh=not goes_on, y_numeric=True, multi_output=True
        )
        X, y, weights = counted(X, y, weights)
        columns = y.reshape(len(y), -1).astype(np.float64)
        if goes_on:
            network = self.network_
            if columns.shape[1] != self.n_outputs_:
                raise ValueError(
                    f"y has {columns.shape[1]} targets, but the network, which is trained on, "
                    f"{self.n_outputs_}"
                )
        else:
            network = self._begin(X, weights, columns.shape[1])
            self.target_scaler_ = self._scaler(columns, weights)
            self.n_outputs_, self._columns = columns.shape[1], y.ndim > 1
        targets = scaled(columns, self.target_scaler_)
        self._train(network, _half_squares, X, targets, weights, partly=partly)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _half_squares(outputs: list[list[Value]], targets: Sequence[Any]) -> list[Value]:
    """Return half of each row's mean squared error."""
    errors = mse(outputs, targets, reduction="none")
    return [(row[0] if len(row) == 1 else mean(row)) / 2 for row in errors]
