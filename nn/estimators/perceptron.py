"""What the estimators have in common: parameters, training, outputs."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

import nn.init as init
from autograd.extras import need
from autograd.graph.modes import no_grad
from nn.checks import check_size, listed
from nn.data.splitting import split
from nn.estimators.weighing import Array, Losses, WeightedMean, over_mean
from nn.layers.neurons import MLP
from nn.optim.adaptive import Adam
from nn.optim.base import Optimizer
from nn.optim.sgd import SGD
from nn.training.callbacks import Epoch
from nn.training.loop import fit

need("sklearn", "sklearn", "nn.estimators")
base: Any = need("sklearn.base")
validation: Any = need("sklearn.utils.validation")
if not hasattr(validation, "validate_data"):
    raise ImportError(
        "nn.estimators needs scikit-learn 1.6 or later: pip install -U 'glassgrad[sklearn]'"
    )

ACTIVATIONS = {"identity": "positive", "logistic": "sigmoid"}  # scikit-learn's names of rows
SOLVERS: dict[str, Callable[..., Optimizer]] = {
    "adam": Adam,
    "sgd": partial(SGD, momentum=0.9, nesterov=True),
}
ROWS = 200  # in a mini-batch, at most, if batch_size is "auto"

# What the numbers among the parameters have to be.
BOUNDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "alpha": (lambda x: 0 <= x < math.inf, "finite and at least 0"),
    "learning_rate_init": (lambda x: 0 < x < math.inf, "finite and above 0"),
    "tol": (lambda x: 0 <= x < math.inf, "finite and at least 0"),
    "validation_fraction": (lambda x: 0 < x < 1, "between 0 and 1"),
    "n_iter_no_change": (lambda x: x >= 1, "at least 1"),
}


@dataclass(eq=False, repr=False)  # scikit-learn looks for the parameters in a signature
class Perceptron(base.BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A multi-layer perceptron as an estimator; see `MLPClassifier` and `MLPRegressor`."""

    hidden_layer_sizes: int | Sequence[int] = (16,)
    activation: Any = "relu"
    _: KW_ONLY
    solver: str = "adam"
    alpha: float = 1e-4
    batch_size: int | str = "auto"
    learning_rate_init: float = 0.01
    max_iter: int = 200
    random_state: Any = None
    tol: float = 1e-3
    verbose: bool = False
    warm_start: bool = False
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: float = 10
    standardize: bool = True
    network_: MLP = field(init=False)
    scaler_: Any = field(init=False)
    loss_curve_: list[float] = field(init=False)
    validation_loss_curve_: list[float] = field(init=False)
    steps_: str = field(init=False)

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer of the network, an array of shape (inputs, outputs)."""
        layers = self.network_.layers
        return [np.array([[w.data for w in n.w] for n in layer.neurons]).T for layer in layers]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer of the network."""
        return [np.array([n.b.data for n in layer.neurons]) for layer in self.network_.layers]

    @property
    def loss_(self) -> float:
        """The loss of the last epoch."""
        return self.loss_curve_[-1]

    @property
    def best_loss_(self) -> float:
        """The lowest loss of an epoch."""
        return min(self.loss_curve_)

    @property
    def n_iter_(self) -> int:
        """The number of epochs."""
        return len(self.loss_curve_)

    def _goes_on(self, *, partly: bool) -> bool:
        """Tell whether a network is there to be trained on; it has to be the one asked for."""
        for name, (holds, what) in BOUNDS.items():
            given = getattr(self, name)
            if not isinstance(given, Real) or isinstance(given, bool) or not holds(given):
                raise ValueError(f"{name} has to be a number, {what}, but was {given!r}")
        if self.solver not in SOLVERS:
            raise ValueError(
                f"solver has to be {' or '.join(map(repr, SOLVERS))}, but was {self.solver!r}"
            )
        if partly and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        if not (partly or self.warm_start) or not hasattr(self, "network_"):
            return False
        if self._shape() != self._shaped:
            raise ValueError(
                "the network that was trained cannot become another one: hidden_layer_sizes, "
                f"activation, solver and standardize were {self._shaped}, and now are "
                f"{self._shape()}; remedy: clone the estimator, or fit with warm_start=False"
            )
        return True

    def _shape(self) -> tuple[Any, ...]:
        """Return the parameters that a network keeps for life."""
        given = self.hidden_layer_sizes
        sizes: Any = given if np.ndim(given) else [given]
        hidden = tuple(check_size(size, "a size in hidden_layer_sizes") for size in sizes)
        return hidden, self.activation, self.solver, bool(self.standardize)

    def _read(
        self, X: Array, y: Array, sample_weight: Array, *, fresh: bool, **options: Any
    ) -> tuple[Array, Array, Array]:
        """Return features, targets and weights, one of each for every row."""
        X, y = validation.validate_data(self, X, y, reset=fresh, dtype=np.float64, **options)
        if sample_weight is None:
            return X, y, np.ones(len(X))
        weights = validation.check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
        )
        if weights.shape != (len(X),):
            raise ValueError(
                f"sample_weight needs one number for each of the {len(X)} rows, but has the shape "
                f"{weights.shape}"
            )
        if weights.min() < 0:
            raise ValueError(f"sample_weight has to be at least 0, but one is {weights.min():g}")
        return X, y, weights

    def _begin(self, X: Array, weights: Array, outputs: int) -> MLP:
        """Return a new network, and make what its training needs; the old one is forgotten."""
        shape = hidden, activation, solver, _ = self._shape()
        seed = int(validation.check_random_state(self.random_state).randint(2**31 - 1))
        rng = random.Random(seed)
        bend = activation if callable(activation) else ACTIVATIONS.get(activation, activation)
        network = MLP(X.shape[1], [*hidden, outputs], activation=bend, rng=rng)
        init.xavier(network, rng=rng)
        neurons = [neuron for layer in network.layers for neuron in layer.neurons]
        penalised = [w for neuron in neurons for w in neuron.w]
        known = set(map(id, penalised))
        others = [p for p in network.parameters() if id(p) not in known]
        groups = [{"params": penalised}, {"params": others}]
        for name in ("network_", "loss_curve_"):  # a failure from here on leaves nothing
            self.__dict__.pop(name, None)
        self._shaped, self._random = shape, rng
        self._optimiser = SOLVERS[solver](groups, self.learning_rate_init)
        self.scaler_ = self._scaler(X, weights)
        return network

    def _scaler(self, columns: Array, weights: Array) -> Any:
        """Return what brings columns to mean 0 and deviation 1; None if that is not wanted."""
        if not self.standardize:
            return None
        scaler = need("sklearn.preprocessing").StandardScaler()
        with np.errstate(over="ignore", invalid="ignore"):
            scaler.fit(columns, sample_weight=over_mean(weights)[0])
        if not np.isfinite(scaler.scale_).all():
            raise ValueError(
                "the deviation of a column is too large for a float; divide its numbers, of which "
                f"the largest is {abs(columns).max():g}, or take standardize=False"
            )
        return scaler

    def _train(
        self,
        network: MLP,
        losses: Losses,
        X: Array,
        targets: Sequence[Any],
        weights: Array,
        *,
        partly: bool,
        by_class: bool = False,
    ) -> None:
        """Train a network on rows, some of which are held out for early stopping."""
        epochs = 1 if partly else check_size(self.max_iter, "max_iter")
        patience = int(min(self.n_iter_no_change, epochs))
        shares, mean = over_mean(weights)
        rows, answers = scaled(X, self.scaler_), list(zip(targets, shares.tolist(), strict=True))
        held_out: tuple[list[Any], list[Any]] | None = None
        if self.early_stopping:
            classes = targets if by_class else None
            learned, kept = split(len(rows), self.validation_fraction, self._random, classes)
            held_out = [rows[i] for i in kept], [answers[i] for i in kept]
            rows, answers = [rows[i] for i in learned], [answers[i] for i in learned]
        given: Any = ROWS if self.batch_size == "auto" else self.batch_size
        size = min(check_size(given, "batch_size"), len(rows))
        optimiser = self._optimiser
        optimiser.lr = self.learning_rate_init
        # Scikit-learn's penalty: alpha/2 of the squares of the weights, over a mini-batch's weight.
        optimiser.param_groups[0]["weight_decay"] = self.alpha / size / mean
        history = fit(
            network,
            WeightedMean(losses),
            rows,
            answers,
            optimiser,
            epochs,
            size,
            self._random,
            bool(self.verbose),
            validation=held_out,
            patience=patience if held_out else None,
            min_delta=self.tol if held_out else 0.0,
            stop_when=None if held_out else Settled(self.tol, patience),
        )
        if not history:
            raise KeyboardInterrupt
        self.loss_curve_ = [*getattr(self, "loss_curve_", []), *history]
        self.validation_loss_curve_, self.steps_ = history.validation, history.steps
        self.network_ = network
        if history.stopped == "interrupted":
            warnings.warn("Training interrupted by user.", stacklevel=4)
        elif not (history.stopped or partly):
            warnings.warn(
                f"max_iter={epochs} epochs are over before the loss has settled to tol={self.tol}; "
                "raise max_iter or tol, or leave it at that",
                need("sklearn.exceptions").ConvergenceWarning,
                stacklevel=4,
            )

    def _outputs(self, X: Array) -> list[list[float]]:
        """Return what the network makes of each row."""
        validation.check_is_fitted(self, "network_")
        X = validation.validate_data(self, X, reset=False, dtype=np.float64)
        with no_grad():
            return [[x.data for x in listed(self.network_(row))] for row in scaled(X, self.scaler_)]


def scaled(columns: Array, scaler: Any) -> list[list[float]]:
    """Return rows as lists, standardised if there is a scaler."""
    found: list[list[float]] = (scaler.transform(columns) if scaler else columns).tolist()
    return found


class Settled:
    """Tells when the loss has not fallen by `tol` below the lowest, for `patience` epochs in turn.

    Examples
    --------
    >>> settled = Settled(0.1, 2)
    >>> [settled.told(loss) for loss in (1.0, 0.8, 0.75, 0.6, 0.55, 0.54)]
    [False, False, False, False, False, True]
    """

    def __init__(self, tol: float, patience: int) -> None:
        self.tol, self.patience = tol, patience
        self.lowest, self.waited = math.inf, 0

    def __call__(self, epoch: Epoch) -> bool:
        """Tell it after an epoch of `fit`."""
        return self.told(epoch.loss)

    def told(self, loss: float) -> bool:
        """Tell it after an epoch of such a loss."""
        self.waited = self.waited + 1 if loss > self.lowest - self.tol else 0
        self.lowest = min(loss, self.lowest)
        return self.waited >= self.patience
