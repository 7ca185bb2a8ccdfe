"""Rehearsal: some of what was learned before among what is learned now."""

from __future__ import annotations

import random
from typing import Any

from nn.checks import Examples, check_size, pair
from nn.data.dataset import Dataset
from nn.rng import Rng, source


def rehearsed(
    new: Examples | Dataset, old: Examples | Dataset, count: int, rng: Rng = random
) -> tuple[list[Any], list[Any]]:
    """Return the new examples and some of the old ones, drawn without replacement.

    A network that learns one task after the other forgets the first; with a few examples of it
    among the new ones it does not.

    Parameters
    ----------
    new, old : tuple of (inputs, targets), or Dataset
    count : int
        How many of the old ones; all if there are fewer.
    rng : Rng
        Draws them.

    Returns
    -------
    tuple of (list, list)
        Inputs and targets: the new ones first.

    References
    ----------
    A. Robins, "Catastrophic forgetting, rehearsal and pseudorehearsal", Connection Science 7
    (1995), 123-146.

    Examples
    --------
    >>> rehearsed(([[1.0]], [1]), ([[2.0], [3.0]], [2, 3]), 1, rng=random.Random(0))
    ([[1.0], [2.0]], [1, 2])
    """
    inputs, targets = pair(new, "new")
    old_inputs, old_targets = pair(old, "old")
    count = min(check_size(count, "count", 0), len(old_inputs))
    order = list(range(len(old_inputs)))
    source(rng).shuffle(order)
    chosen = sorted(order[:count])
    return (
        [*inputs, *(old_inputs[i] for i in chosen)],
        [*targets, *(old_targets[i] for i in chosen)],
    )
