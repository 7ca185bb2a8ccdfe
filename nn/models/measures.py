"""Measures: how good answers are, class by class and number by number, and what a class weighs."""

from __future__ import annotations

import math
from collections.abc import Sequence


def recalls(answers: Sequence[int], labels: Sequence[int], count: int) -> list[float | None]:
    """Return for each of `count` classes the share of its examples that were recognised.

    A class without an example has none: None.

    Examples
    --------
    >>> recalls([0, 1, 1], [0, 0, 1], 3)
    [0.5, 1.0, None]
    """
    right, all_of = [0] * count, [0] * count
    for answer, label in zip(answers, labels, strict=True):
        all_of[label] += 1
        right[label] += answer == label
    return [r / n if n else None for r, n in zip(right, all_of, strict=True)]


def balanced_accuracy(answers: Sequence[int], labels: Sequence[int], count: int) -> float:
    """Return the mean of the recalls of the classes that have examples.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 0], [0, 0, 0, 1], 2)
    0.5
    """
    known = [share for share in recalls(answers, labels, count) if share is not None]
    return math.fsum(known) / len(known)


def balanced_weights(
    labels: Sequence[int], count: int, weights: Sequence[float] | None = None
) -> list[float]:
    r"""Return a weight for each of `count` classes, so that all of them weigh the same.

    .. math:: w_k = n / (K n_k)

    for n examples, n_k of them of the class k, and K classes that have any; a class that has none
    weighs 0. The examples weigh 1 on average. With `weights` each counts as so many examples.

    Examples
    --------
    >>> balanced_weights([0, 0, 0, 1], 2)
    [0.6666666666666666, 2.0]
    >>> balanced_weights([0, 1], 2, [3.0, 1.0])
    [0.6666666666666666, 2.0]
    """
    counts: list[list[float]] = [[] for _ in range(count)]
    for label, weight in zip(labels, weights or [1.0] * len(labels), strict=True):
        counts[label].append(weight)
    totals = [math.fsum(parts) for parts in counts]
    n, present = math.fsum(totals), sum(total > 0 for total in totals)
    return [n / (present * total) if total else 0.0 for total in totals]


def mean_absolute_error(answers: Sequence[float], targets: Sequence[float]) -> float:
    """Return how far answers are from their targets, on average.

    Examples
    --------
    >>> mean_absolute_error([1.0, 2.0], [1.0, 5.0])
    1.5
    """
    return math.fsum(abs(y - t) for y, t in zip(answers, targets, strict=True)) / len(targets)


def root_mean_squared_error(answers: Sequence[float], targets: Sequence[float]) -> float:
    """Return the root of the mean of the squared errors.

    Examples
    --------
    >>> root_mean_squared_error([0.0, 0.0], [3.0, -3.0])
    3.0
    """
    errors = [y - t for y, t in zip(answers, targets, strict=True)]
    scale = max(map(abs, errors)) or 1.0
    return scale * math.sqrt(_squares(errors, scale) / len(errors))


def r2(answers: Sequence[float], targets: Sequence[float]) -> float:
    r"""Return the coefficient of determination: the share of the variation that is explained.

    .. math:: 1 - \sum_i (t_i - y_i)^2 / \sum_i (t_i - \bar t)^2

    It is 0 for the mean of the targets, and nan where they are all the same.

    Examples
    --------
    >>> r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    mean = math.fsum(targets) / len(targets)
    if min(targets) == max(targets):
        return math.nan
    errors = [y - t for y, t in zip(answers, targets, strict=True)]
    spread = [t - mean for t in targets]
    scale = max(map(abs, errors + spread))
    return 1 - _squares(errors, scale) / _squares(spread, scale)


def _squares(numbers: Sequence[float], scale: float) -> float:
    """Return the sum of the squares of numbers over a scale, without which they might overflow."""
    return math.fsum((x / scale) ** 2 for x in numbers)
