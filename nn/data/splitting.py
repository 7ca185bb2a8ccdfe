"""Splitting: a part to train on and a part held out; an epoch into mini-batches."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, overload

from nn.checks import Examples, check_size, pair
from nn.data.dataset import Dataset
from nn.rng import Rng, source


@overload
def train_test_split(
    data: Dataset, test_fraction: float = ..., rng: Rng = ...
) -> tuple[Dataset, Dataset]: ...
@overload
def train_test_split(
    data: tuple[Any, Any], test_fraction: float = ..., rng: Rng = ...
) -> tuple[Examples, Examples]: ...
def train_test_split(
    data: Dataset | tuple[Any, Any], test_fraction: float = 0.2, rng: Rng = random
) -> tuple[Any, Any]:
    """Split examples at random into a part to train on and a part held out.

    Parameters
    ----------
    data : Dataset, or tuple of (inputs, targets)
        At least two examples; inputs and targets are lists, arrays, DataFrames or Series, whose
        rows belong together by their position.
    test_fraction : float
        The share that is held out, between 0 and 1; rounded up to whole examples.
    rng : Rng
        Draws the split.

    Returns
    -------
    tuple of (Dataset, Dataset), or of ((inputs, targets), (inputs, targets))
        The training part and the part held out; neither is empty.

    Raises
    ------
    TypeError
        If `data` is neither a Dataset nor a pair of what holds rows.
    ValueError
        If `test_fraction` is not between 0 and 1, or leaves nothing to train on.

    Examples
    --------
    >>> import random
    >>> from nn.data import iris
    >>> train, test = train_test_split(iris(), 0.2, random.Random(0))
    >>> len(train), len(test)
    (120, 30)
    >>> (inputs, targets), held_out = train_test_split(([5, 6, 7], ["a", "b", "c"]), 0.3, rng=1)
    >>> inputs, targets, held_out
    ([7, 5], ['c', 'a'], ([6], ['b']))
    """
    if not isinstance(data, Dataset | tuple):
        raise TypeError(
            f"data has to be a Dataset or a tuple (inputs, targets), but was a "
            f"{type(data).__name__}; write train_test_split((inputs, targets), 0.2)"
        )
    inputs, targets = pair(data, "data")
    count = len(inputs)
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction has to be between 0 and 1, but was {test_fraction!r}")
    held_out = math.ceil(count * test_fraction)
    if held_out >= count:
        raise ValueError(
            f"holding out {test_fraction!r} of {count} examples leaves none to train on"
        )
    order = list(range(count))
    source(rng).shuffle(order)
    parts: list[Any] = []
    for chosen in (order[held_out:], order[:held_out]):
        part = [inputs[i] for i in chosen], [targets[i] for i in chosen]
        if isinstance(data, Dataset):
            parts.append(replace(data, features=tuple(part[0]), labels=tuple(part[1])))
        else:
            parts.append(part)
    return parts[0], parts[1]


def batches(count: int, size: int, rng: Rng | None = random) -> Iterator[list[int]]:
    """Yield the mini-batches of one epoch, each as a list of indices below `count`.

    Every index comes once; the last mini-batch may be smaller than the others.

    Parameters
    ----------
    count : int
        The number of examples.
    size : int
        The number of examples in a mini-batch, at least 1.
    rng : Rng or None
        Draws the order; None keeps the examples in theirs.

    Examples
    --------
    >>> list(batches(5, 2, rng=None))
    [[0, 1], [2, 3], [4]]
    """
    count, size = check_size(count, "count", 0), check_size(size, "size")
    order = list(range(count))
    if rng is not None:
        source(rng).shuffle(order)
    for start in range(0, count, size):
        yield order[start : start + size]
