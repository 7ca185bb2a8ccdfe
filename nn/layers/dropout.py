"""Dropout: units that are left out at random while a model is trained."""

from __future__ import annotations

import random
from typing import Any

from autograd.graph.modes import tracing
from nn.checks import check_size
from nn.module import Module
from nn.rng import Rng, source


class Dropout(Module):
    """While it is trained, sets each number to 0 with probability `p` and scales up the others.

    The scale is 1 / (1 - p), so that the mean stays; in evaluation nothing is changed.

    Each layer draws from a stream of its own, so that no two leave out the same units. Without a
    `seed`, `nn.fit` gives it a new one, drawn from the source of the run, the `rng` of `fit`;
    where there is no `fit`, it is drawn from `rng`, or from Python's `random` when first needed.

    Parameters
    ----------
    p : float
        The probability of being left out, at least 0 and below 1.
    seed : int, optional
        The seed of the stream, kept to in `fit` too. Layers of one seed leave out the same units.
    rng : Rng, optional
        Draws the seed, if there is none.

    Attributes
    ----------
    p, seed
        As given.
    rng : random.Random
        The stream; its state is part of a checkpoint.

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

    def __init__(self, p: float = 0.5, seed: int | None = None, *, rng: Rng | None = None) -> None:
        if not 0 <= p < 1:
            raise ValueError(f"p has to be at least 0 and below 1, but was {p!r}")
        self.p, self.seed = p, None if seed is None else check_size(seed, "seed", None)
        self._stream = None if self.seed is None else random.Random(self.seed)
        if seed is None and rng is not None:
            self.draw_stream(rng)

    @property
    def rng(self) -> random.Random:
        """The stream of the layer."""
        return self._stream or self.draw_stream(random)

    def draw_stream(self, rng: Rng) -> random.Random:
        """Begin a new stream, whose seed is drawn from a source, and return it."""
        self._stream = random.Random(int(source(rng).uniform(0, 2**53)))
        return self._stream

    def __call__(self, x: Any) -> Any:
        """Return the numbers of `x`, in nested lists, some of them left out."""
        if not self.training or self.p == 0:
            return x
        if hasattr(x, "__len__"):
            return [self(part) for part in x]
        if (trace := tracing()) is not None:
            drawn = trace.drawn(self)
            if drawn is None:
                trace.refuse("dropout", "what it draws would be the same at each call; use eval()")
            return x * drawn
        return x * (0.0 if self.rng.random() < self.p else 1 / (1 - self.p))

    def __repr__(self) -> str:
        """Return the probability."""
        return f"Dropout({self.p:g})"
