"""Weights of rows: which rows count, and how much each does in a mini-batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.graph.many import dot
from autograd.graph.value import Value
from nn.checks import listed

Array = Any  # NumPy's, or what becomes one
Losses = Callable[[list[list[Value]], Sequence[Any]], list[Value]]


def counted(X: Array, y: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return the rows that count: one of weight 0 is none, and takes no place in a mini-batch."""
    counts = weights > 0
    if not counts.any():
        raise ValueError("every row has the weight zero, by sample_weight or class_weight")
    return X[counts], y[counts], weights[counts]


def over_mean(weights: Array) -> tuple[Array, float]:
    """Return weights over their mean, 1.0 if all are alike, and the mean; no sum overflows."""
    largest = weights.max()
    shares = weights / largest
    mean = math.fsum(shares) / len(shares)
    return shares / mean, float(largest * mean)


class WeightedMean:
    """The mean loss of a mini-batch whose targets are pairs: what is right, and its weight.

    The weights are of mean 1 over all rows, so that it is the mean over the rows, in which each
    counts by its weight.

    Examples
    --------
    >>> losses = lambda outputs, targets: [Value(3.0), Value(5.0)]
    >>> WeightedMean(losses)([Value(0.0), Value(0.0)], [("a", 1.5), ("b", 0.5)]).data
    3.5
    """

    def __init__(self, losses: Losses) -> None:
        self.losses = losses

    def __call__(self, outputs: list[Any], targets: list[tuple[Any, float]]) -> Value:
        """Return the loss of a mini-batch."""
        right, weights = zip(*targets, strict=True)
        mean: Value = dot(weights, self.losses([*map(listed, outputs)], right)) / len(targets)
        return mean
