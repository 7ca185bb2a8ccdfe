"""Data to learn from: tables, patterns, collected data; splitting, scaling, mini-batches."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nn.patterns import circles, encoder, moons, parity, spirals, symmetry, xor
from nn.rng import Rng
from nn.samples import digits, iris, names
from nn.scaling import Standardiser
from nn.tables import DataError, Dataset, load_csv, load_features

__all__ = [
    "DataError",
    "Dataset",
    "Standardiser",
    "batches",
    "circles",
    "digits",
    "encoder",
    "iris",
    "load_csv",
    "load_features",
    "moons",
    "names",
    "parity",
    "spirals",
    "symmetry",
    "train_test_split",
    "xor",
]


def train_test_split(
    data: Dataset, test_fraction: float = 0.2, rng: Rng = random
) -> tuple[Dataset, Dataset]:
    """Split a data set at random into a part to train on and a part held out.

    Parameters
    ----------
    data : Dataset
        At least two examples.
    test_fraction : float
        The share that is held out, between 0 and 1; rounded up to whole examples.
    rng : Rng
        Draws the split.

    Returns
    -------
    tuple of (Dataset, Dataset)
        The training part and the part held out; neither is empty.

    Raises
    ------
    ValueError
        If `test_fraction` is not between 0 and 1, or leaves nothing to train on.

    Examples
    --------
    >>> import random
    >>> train, test = train_test_split(iris(), 0.2, random.Random(0))
    >>> len(train), len(test)
    (120, 30)
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction has to be between 0 and 1, but was {test_fraction!r}")
    held_out = math.ceil(len(data) * test_fraction)
    if held_out >= len(data):
        raise ValueError(
            f"holding out {test_fraction!r} of {len(data)} examples leaves none to train on"
        )
    order = list(range(len(data)))
    rng.shuffle(order)
    return _subset(data, order[held_out:]), _subset(data, order[:held_out])


def batches(count: int, size: int, rng: Rng | None = random) -> Iterator[list[int]]:
    """Yield the mini-batches of one epoch, each as a list of indices below `count`.

    Every index comes once; the last mini-batch may be smaller than the others.

    Parameters
    ----------
    count : int
        The number of examples.
    size : int
        The number of examples in a mini-batch.
    rng : Rng or None
        Draws the order; None keeps the examples in theirs.

    Examples
    --------
    >>> list(batches(5, 2, rng=None))
    [[0, 1], [2, 3], [4]]
    """
    order = list(range(count))
    if rng is not None:
        rng.shuffle(order)
    for start in range(0, count, size):
        yield order[start : start + size]


def _subset(data: Dataset, chosen: Sequence[int]) -> Dataset:
    """Return the examples of `data` at the indices `chosen`."""
    return replace(
        data,
        features=tuple(data.features[i] for i in chosen),
        labels=tuple(data.labels[i] for i in chosen),
    )
