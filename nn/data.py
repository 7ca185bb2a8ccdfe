"""Data to learn from: CSV files, Fisher's iris, moons; splitting, scaling, mini-batches."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from nn.rng import Rng
from nn.tables import DataError, Dataset, Row, load_csv

__all__ = [
    "DataError",
    "Dataset",
    "Standardiser",
    "batches",
    "iris",
    "load_csv",
    "moons",
    "train_test_split",
]


def iris() -> Dataset:
    """Return Fisher's iris data: 50 flowers of each of three species, measured in cm.

    The values are those of scikit-learn's copy, which are the ones that Fisher printed. The copy
    of the UCI Machine Learning Repository differs from the paper in two rows, the 35th and
    the 38th.

    Returns
    -------
    Dataset
        150 rows: length and width of the sepal, length and width of the petal.

    References
    ----------
    R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
    Eugenics 7 (1936), 179-188.

    Examples
    --------
    >>> iris().feature_names
    ('sepal_length', 'sepal_width', 'petal_length', 'petal_width')
    """
    return load_csv(Path(__file__).with_name("iris.csv"), "species")


def moons(n: int = 100, noise: float = 0.1, rng: Rng = random) -> Dataset:
    """Return points on two interleaved half circles of radius 1, the moons.

    The upper moon has its centre at (0, 0), the lower one at (1, 1/2). The points of each
    are spread evenly along it, those of the upper moon first.

    Parameters
    ----------
    n : int
        The number of points, half of them (rounded down) on the upper moon.
    noise : float
        The standard deviation of the normal noise added to both coordinates.
    rng : Rng
        Draws the noise.

    Returns
    -------
    Dataset
        The features x and y, and the classes upper and lower.

    Raises
    ------
    ValueError
        If `n` is below 2, or `noise` is negative or not finite.

    Examples
    --------
    >>> moons(4, noise=0.0).features[0]
    (1.0, 0.0)
    """
    if n < 2:
        raise ValueError(f"n has to be at least 2, one point for each moon, but was {n}")
    if not (noise >= 0 and math.isfinite(noise)):
        raise ValueError(f"noise has to be a finite number of at least 0, but was {noise!r}")
    points = [(math.cos(t), math.sin(t)) for t in _half_turn(n // 2)]
    points += [(1 - math.cos(t), 0.5 - math.sin(t)) for t in _half_turn(n - n // 2)]
    if noise:
        points = [(x + rng.gauss(0, noise), y + rng.gauss(0, noise)) for x, y in points]
    labels = (0,) * (n // 2) + (1,) * (n - n // 2)
    return Dataset(tuple(points), labels, ("upper", "lower"), ("x", "y"), "moon")


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


@dataclass(frozen=True, slots=True)
class Standardiser:
    r"""Shifts and scales each feature to mean 0 and standard deviation 1.

    .. math:: x \mapsto (x - \mathrm{mean}) / \mathrm{scale}

    Fit it on the training part alone, and apply it to both parts. A feature that is constant there
    is only shifted: its scale is 1.

    Attributes
    ----------
    mean, scale : tuple of float
        One number for each feature.

    Examples
    --------
    >>> standardise = Standardiser.fit([(1.0, 5.0), (3.0, 5.0)])
    >>> standardise([(1.0, 5.0), (5.0, 6.0)])
    ((-1.0, 0.0), (3.0, 1.0))
    """

    mean: Row
    scale: Row

    @classmethod
    def fit(cls, features: Sequence[Sequence[float]]) -> Self:
        """Return the standardiser for the columns of `features`.

        Mean and standard deviation (that of the population) are computed exactly and rounded
        once, so that a constant column has a deviation of exactly 0.
        """
        if not features:
            raise ValueError("features has no rows; a mean needs at least one")
        columns = list(zip(*features, strict=True))
        return cls(
            tuple(statistics.mean(column) for column in columns),
            tuple(statistics.pstdev(column) or 1.0 for column in columns),
        )

    def __call__(self, features: Sequence[Sequence[float]]) -> tuple[Row, ...]:
        """Return the rows of `features`, standardised."""
        return tuple(
            tuple((x - m) / s for x, m, s in zip(row, self.mean, self.scale, strict=True))
            for row in features
        )


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


def _half_turn(n: int) -> list[float]:
    """Return `n` angles spread evenly from 0 to pi."""
    return [math.pi * i / max(n - 1, 1) for i in range(n)]
