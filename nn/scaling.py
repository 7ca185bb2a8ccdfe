"""Standardisation: features brought to mean 0 and deviation 1."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from nn.tables import Row


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
