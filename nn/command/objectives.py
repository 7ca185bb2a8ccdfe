"""Objectives: the losses that a command line may name, for classes and for measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import autograd.functions.rules as rules
from autograd.graph.many import softmax
from nn.losses.classes import cross_entropy
from nn.losses.elementwise import mse

BEND = 1.0  # deviations of the target, where Huber's loss turns from a square to a line


def brier(outputs: Sequence[Any], labels: Sequence[int], weight: Sequence[float]) -> Any:
    """Return the mean squared error of the probabilities of classes, G. W. Brier's score.

    Examples
    --------
    >>> brier([[0.0, 0.0]], [1], [1.0, 1.0])
    0.5
    """
    losses = []
    for logits, label in zip(outputs, labels, strict=True):
        errors = [p - (k == label) for k, p in enumerate(softmax(logits))]
        losses.append(weight[label] * rules.sum([error * error for error in errors]))
    return rules.sum(losses) / _total(weight[label] for label in labels)


def mae(outputs: Sequence[Any], targets: Sequence[float]) -> Any:
    """Return the mean absolute error.

    Examples
    --------
    >>> mae([1.0, 2.0], [1.0, 5.0])
    1.5
    """
    return rules.sum([abs(y - t) for y, t in zip(outputs, targets, strict=True)]) / len(targets)


def huber(outputs: Sequence[Any], targets: Sequence[float]) -> Any:
    """Return the mean of P. J. Huber's loss: half the square of a small error, a line beyond.

    Examples
    --------
    >>> huber([1.5, 3.0], [1.0, 0.0])
    1.3125
    """
    sizes = [abs(y - t) for y, t in zip(outputs, targets, strict=True)]
    losses = [rules.where(x < BEND, 0.5 * x * x, BEND * (x - 0.5 * BEND)) for x in sizes]
    return rules.sum(losses) / len(targets)


LOSSES: dict[str, dict[str, Callable[..., Any]]] = {
    "classification": {"cross_entropy": cross_entropy, "brier": brier},
    "regression": {"mse": mse, "mae": mae, "huber": huber},
}


def objective(task: str, name: str | None, weights: list[float]) -> Callable[..., Any]:
    """Return a loss; without a name, the usual one.

    Parameters
    ----------
    task : {"classification", "regression"}
    name : str or None
        One of `LOSSES`.
    weights : list of float
        What each class weighs.

    Raises
    ------
    ValueError
        If the loss is for another task.

    Examples
    --------
    >>> objective("regression", "huber", []) is huber
    True
    """
    own = LOSSES[task]
    if name is not None and name not in own:
        raise ValueError(f"the loss of {task} is one of {', '.join(own)}, but was {name}")
    chosen = own[name or next(iter(own))]
    if not weights:
        return chosen
    return partial(chosen, weight=weights)


def _total(weights: Any) -> float:
    """Return the sum of weights; of none that weighs anything, 1."""
    total = 0.0
    for weight in weights:
        total += weight
    return total or 1.0
