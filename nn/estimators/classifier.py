"""Classification with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np

from autograd.extras import need
from autograd.graph.many import softmax
from nn.estimators.perceptron import Perceptron, base
from nn.estimators.weighing import Array, counted
from nn.losses.classes import cross_entropy, log_softmax
from nn.models.measures import balanced_weights


@dataclass(eq=False, repr=False)
class MLPClassifier(base.ClassifierMixin, Perceptron):  # type: ignore[misc]  # it has no types
    r"""A multi-layer perceptron with a softmax, as a scikit-learn estimator.

    It makes the cross-entropy small. Parameters have the names that they have in scikit-learn's own
    class where they mean the same; defaults are for small networks.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        The number of neurons in each hidden layer; empty for a linear model.
    activation : str or callable
        The activation of the hidden layers: "identity", "logistic", "tanh" and "relu", as in
        scikit-learn, and all that `nn.MLP` takes.
    solver : {"adam", "sgd"}
        The optimiser; "sgd" has Nesterov's momentum of 0.9.
    alpha : float
        The weight of the penalty on the squares of the weights, biases left out: the gradient is
        that of :math:`\tfrac\alpha{2n} \sum w^2`, where n is the weight of a mini-batch's rows.
    batch_size : int or "auto"
        The number of rows in a mini-batch, at most all; "auto" for at most 200.
    learning_rate_init : float
        The learning rate.
    max_iter : int
        The greatest number of epochs.
    random_state : int, RandomState or None
        Draws the first weights, the order of the rows, and what is held out.
    tol : float
        Training ends when the loss was not lower than the lowest before by more than this in any of
        `n_iter_no_change` epochs in turn.
    verbose : bool
        True for a progress bar on standard error.
    warm_start : bool
        True to let `fit` go on with the network of the last one, as if it had not ended: with the
        optimiser's memory, the scaling and the classes.
    early_stopping : bool
        True to hold out rows, and end when the loss of these improves no more; the weights with the
        lowest such loss come back.
    validation_fraction : float
        The share of rows that are held out, of each class alike.
    n_iter_no_change : float
        For how many epochs to wait; infinity for all.
    standardize : bool
        True to bring each feature to mean 0 and deviation 1 first, by the rows of `fit`, or of the
        first `partial_fit`.
    class_weight : dict, "balanced" or None
        How much each class counts, 1 if it is not named; "balanced" to let all count alike. The
        weight of a row is the product with its `sample_weight`.

    Attributes
    ----------
    classes_ : array
        The classes, in order.
    network_ : MLP
        The network: it takes a row of standardised features, and returns a logit for each class.
    scaler_ : StandardScaler or None
        What standardises the features.
    coefs_, intercepts_ : list of array
        The weights and biases of the network's layers, of shape (inputs, outputs) and (outputs,).
    loss_curve_ : list of float
        The mean loss over the rows in each epoch, measured before each step, the penalty left out.
    loss_, best_loss_ : float
        The last and the lowest of them.
    validation_loss_curve_ : list of float
        The mean loss over the rows that were held out, after each epoch; empty if there were none.
    n_iter_ : int
        The number of epochs.
    steps_ : str
        How the last fit took its steps, with Values or by programs, and how long they took.
    n_outputs_ : int
        The number of classes.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : array of str
        Their names, if `X` was a DataFrame with names.

    Notes
    -----
    Of scikit-learn's class these are not supported: several labels for a row (take
    ``sklearn.multioutput.MultiOutputClassifier``), sparse matrices, ``solver="lbfgs"``,
    `learning_rate`, `power_t`, `momentum`, `beta_1`, `beta_2`, `epsilon`, `shuffle` and `max_fun`.
    Early stopping goes by the loss, not by the accuracy, and has no `validation_scores_`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(hidden_layer_sizes=4, random_state=0).fit(X[::2], y[::2])
    >>> print(f"{model.score(X[1::2], y[1::2]):.2f}")
    0.96
    >>> [layer.shape for layer in model.coefs_]
    [(4, 4), (4, 3)]
    """

    class_weight: Mapping[Any, float] | str | None = field(default=None, kw_only=True)
    classes_: Array = field(init=False)
    n_outputs_: int = field(init=False)

    def fit(self, X: Array, y: Array, sample_weight: Array = None) -> Self:
        """Train the network on rows of features and their classes.

        Parameters
        ----------
        X : array-like of shape (rows, features)
        y : array-like of shape (rows,)
        sample_weight : array-like of shape (rows,), optional
            How much each row counts. In a full batch a row of weight 2 is the row twice; in every
            batch a row of weight 0 is none, but for its class.
        """
        return self._learn(X, y, sample_weight, partly=False)

    def partial_fit(
        self, X: Array, y: Array, classes: Array = None, sample_weight: Array = None
    ) -> Self:
        """Train the network by one epoch, on rows that need not be those of the last call.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like
            All classes that there will be, in the first call.
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' needs all rows at once, which partial_fit has not; give a "
                "dict, as sklearn.utils.class_weight.compute_class_weight helps to make"
            )
        return self._learn(X, y, sample_weight, partly=True, classes=classes)

    def predict(self, X: Array) -> Array:
        """Return the most probable class of each row."""
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]

    def predict_proba(self, X: Array) -> Array:
        """Return the probabilities of the classes, in the order of `classes_`, for each row."""
        return np.array([softmax(logits) for logits in self._outputs(X)])

    def predict_log_proba(self, X: Array) -> Array:
        """Return the logarithms of the probabilities, also of those that are 0 as floats."""
        return np.array([log_softmax(logits) for logits in self._outputs(X)])

    def _learn(
        self, X: Array, y: Array, sample_weight: Array, *, partly: bool, classes: Array = None
    ) -> Self:
        """Train on rows, by one epoch if `partly`."""
        goes_on = self._goes_on(partly=partly)
        X, y, weights = self._read(X, y, sample_weight, fresh=not goes_on)
        known = _sorted_classes(y)
        need("sklearn.utils.multiclass").check_classification_targets(y)
        if partly and not goes_on and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is not None:
            known = _sorted_classes(classes)
        if goes_on:
            if classes is not None and not np.array_equal(known, self.classes_):
                raise ValueError(
                    f"classes were {self.classes_.tolist()} at first, but now are {known.tolist()}"
                )
            known = self.classes_
        labels = _places_of(y, known)
        weights = weights * _weights_of_classes(self.class_weight, known, labels, weights)[labels]
        X, labels, weights = counted(X, labels, weights)
        if goes_on:
            network = self.network_
        else:
            network = self._begin(X, weights, len(known))
            self.classes_, self.n_outputs_ = known, len(known)
        losses = partial(cross_entropy, reduction="none")
        self._train(network, losses, X, labels.tolist(), weights, partly=partly, by_class=True)
        return self


def _sorted_classes(given: Array) -> Array:
    """Return each class once, in order."""
    try:
        return np.unique(given)
    except TypeError as error:
        raise TypeError(
            f"classes have to be of one kind, texts or numbers, to have an order: {error}"
        ) from None


def _places_of(y: Array, classes: Array) -> Array:
    """Return the place of each row's class among the classes."""
    places = {name: place for place, name in enumerate(classes.tolist())}
    try:
        return np.array([places[name] for name in y.tolist()])
    except KeyError as error:
        raise ValueError(
            f"y has the class {error.args[0]!r}, which is none of {classes.tolist()}; name all "
            "classes in the first partial_fit, or fit anew with warm_start=False"
        ) from None


def _weights_of_classes(given: Any, classes: Array, labels: Array, weights: Array) -> Array:
    """Return the weight of each class, as `class_weight` gives it."""
    names = classes.tolist()
    if isinstance(given, str) and given == "balanced":
        return np.array(balanced_weights(labels.tolist(), len(names), weights.tolist()))
    if given is None:
        return np.ones(len(names))
    if not isinstance(given, Mapping):
        raise ValueError(f"class_weight has to be a dict, 'balanced' or None, but was {given!r}")
    if unknown := [name for name in given if name not in names]:
        raise ValueError(f"class_weight has {unknown[0]!r}, which is none of the classes {names}")
    found = np.array([float(given.get(name, 1)) for name in names])
    if not (np.isfinite(found).all() and found.min() >= 0):
        raise ValueError(f"class_weight has to hold finite numbers from 0 on, but was {given!r}")
    return found
