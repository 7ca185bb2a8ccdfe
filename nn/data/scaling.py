"""Standardisation: features brought to mean 0 and deviation 1."""

from __future__ import annotations

import math
import statistics
import sys
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from autograd.ending import collector_paused
from autograd.graph.value import Value
from nn.checks import table
from nn.data.dataset import Row


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

    def __post_init__(self) -> None:
        """Take lists and arrays of numbers too, as what a saved file may hold: floats."""
        for name in ("mean", "scale"):
            (row,) = table([getattr(self, name)], name)
            object.__setattr__(self, name, tuple(map(float, row)))
        if len(self.mean) != len(self.scale):
            raise ValueError(
                f"mean has {len(self.mean)} numbers, but scale {len(self.scale)}; "
                "each feature needs one of both"
            )
        for i, scale in enumerate(self.scale):
            if not scale > 0:
                raise ValueError(f"the scale of feature {i} is {scale!r}, not above 0")

    @classmethod
    def fit(cls, features: Any) -> Self:
        """Return the standardiser for the columns of `features`.

        Mean and standard deviation (that of the population) are computed exactly and rounded
        once, so that a constant column has a deviation of exactly 0.

        Parameters
        ----------
        features : sequence of sequences, array or DataFrame
            A row of finite numbers for each example.
        """
        if _is_matrix(features):
            from nn.data.moments import moments  # only here, for it imports NumPy

            pairs = [moments(column) for column in features.T]
            return cls(tuple(m for m, _ in pairs), tuple(s or 1.0 for _, s in pairs))
        rows = table(features, "features")
        if not rows:
            raise ValueError("features has no rows; a mean needs at least one")
        columns = [tuple(map(_exact, column)) for column in zip(*rows, strict=True)]
        return cls(
            tuple(float(statistics.mean(column)) for column in columns),
            tuple(statistics.pstdev(column) or 1.0 for column in columns),
        )

    def __call__(self, features: Any) -> tuple[tuple[Any, ...], ...]:
        """Return the rows of `features`, standardised: floats, and Values for Values."""
        if _is_matrix(features) and features.shape[1] == len(self.mean):
            scaled = self.array(features)
            with collector_paused():  # which would look through all of them, again and again
                return tuple(map(tuple, scaled.tolist()))
        rows = table(features, "features")
        if rows and len(rows[0]) != len(self.mean):
            raise ValueError(
                f"features has {len(rows[0])} columns, but the standardiser was made for "
                f"{len(self.mean)}"
            )
        return tuple(
            tuple(_scaled(x, m, s) for x, m, s in zip(row, self.mean, self.scale, strict=True))
            for row in rows
        )

    def array(self, features: Any, out: Any = None) -> Any:
        """Return an array of finite floats, a row for each example, standardised.

        It is a new one, or `out`, which may be the one that is given.
        """
        import numpy as np  # only here, so that importing nn stays light

        scaled = np.empty_like(features) if out is None else out
        for i, (mean, scale) in enumerate(zip(self.mean, self.scale, strict=True)):
            column = features[:, i]
            with np.errstate(over="ignore"):
                found = (column - mean) / scale
            if not np.isfinite(found).all():  # the difference alone is too large for a float
                found = np.where(np.isfinite(found), found, column / scale - mean / scale)
            scaled[:, i] = found
        return scaled


def _is_matrix(given: Any) -> bool:
    """Tell whether something is an array of floats, with a row for each example and all finite."""
    np = sys.modules.get("numpy")  # without which there is no array
    if np is None or type(given) is not np.ndarray:
        return False
    fits = given.dtype == np.float64 and given.ndim == 2 and given.size > 0
    return fits and bool(np.isfinite(given).all())


def _scaled(x: Any, mean: float, scale: float) -> Any:
    """Return a number standardised: as a float, or a Value as one, for its gradient."""
    x = x if isinstance(x, Value) else float(x)
    above = x - mean
    if math.isinf(above.data if isinstance(above, Value) else above):
        return x / scale - mean / scale  # the difference alone is too large for a float
    return above / scale


def _exact(x: Any) -> Any:
    """Return a number as one that `statistics` knows, without rounding it."""
    if isinstance(x, Value):
        raise TypeError(f"features has to hold plain numbers to be fitted to, but has {x!r}")
    if isinstance(x, int):
        return x
    return Fraction(x) if isinstance(x, Fraction | Decimal) else float(x)
