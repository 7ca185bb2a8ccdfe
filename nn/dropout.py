"""Dropout: units that are left out at random while a model is trained."""

from __future__ import annotations

import random
from typing import Any

from nn.module import Module


class Dropout(Module):
    """While it is trained, sets each number to 0 with probability `p` and scales up the others.

    The scale is 1 / (1 - p), so that the mean stays; in evaluation nothing is changed.

    Parameters
    ----------
    p : float
        The probability of being left out, at least 0 and below 1.
    seed : int
        Fixes which numbers are left out.

    Attributes
    ----------
    p : float
        As given.
    rng : random.Random
        The module's own source; its state is part of a checkpoint.

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    Journal of Machine Learning Research 15 (2014), 1929-1958.

    Examples
    --------
    >>> dropout = Dropout(0.5, seed=1)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [0.0, 4.0, 6.0, 0.0]
    >>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, p: float = 0.5, seed: int = 0) -> None:
        if not 0 <= p < 1:
            raise ValueError(f"p has to be at least 0 and below 1, but was {p!r}")
        if not isinstance(seed, int):
            raise TypeError(f"seed has to be an int, but was {seed!r}")
        self.p, self.rng = p, random.Random(seed)

    def __call__(self, x: Any) -> Any:
        """Return the numbers of `x`, in nested lists, some of them left out."""
        if not self.training or self.p == 0:
            return x
        if hasattr(x, "__len__"):
            return [self(part) for part in x]
        return x * (0.0 if self.rng.random() < self.p else 1 / (1 - self.p))

    def __repr__(self) -> str:
        """Return the probability."""
        return f"Dropout({self.p:g})"
