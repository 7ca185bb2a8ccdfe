"""Weights of classes: how much each counts in a loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.checks import check_size


def balanced(
    labels: Sequence[int], classes: int, weights: Sequence[float] | None = None
) -> list[float]:
    r"""Return a weight for each class, with which all classes that occur count alike.

    .. math:: w_c = n / (k\, n_c)

    of n examples, :math:`n_c` of them of the class c, of k classes that occur; so the weights of
    the examples add up to n. A class without examples has the weight 0.

    Parameters
    ----------
    labels : sequence of int
        The class of each example, counted from 0.
    classes : int
        How many classes there are.
    weights : sequence of float, optional
        As how many examples each one counts; by default as one.

    Returns
    -------
    list of float
        As `nn.losses.cross_entropy` takes them.

    References
    ----------
    G. King and L. Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001),
    137-163; the formula is scikit-learn's "balanced".

    Examples
    --------
    >>> balanced([0, 0, 0, 2], 3)
    [0.6666666666666666, 0.0, 2.0]
    >>> balanced([0, 2], 3, [3.0, 1.0])
    [0.6666666666666666, 0.0, 2.0]
    """
    counts: list[list[float]] = [[] for _ in range(check_size(classes, "classes"))]
    given = [1.0] * len(labels) if weights is None else weights
    for label, weight in zip(labels, given, strict=True):
        check_size(label, "a label", 0, below=len(counts), allowed="the classes have labels")
        counts[label].append(weight)
    totals = [math.fsum(count) for count in counts]
    n, k = math.fsum(totals), sum(map(bool, totals))
    return [n / (k * total) if total else 0.0 for total in totals]
