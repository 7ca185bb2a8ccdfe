"""What a source of random numbers has to offer: the module `random`, or a `random.Random`."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any, Protocol


class Rng(Protocol):
    """A source of random numbers: the module `random` itself, or a seeded `random.Random`.

    Every function of `nn` that draws takes one as its argument `rng`, so that a run can be
    repeated; nothing draws behind the caller's back.

    Examples
    --------
    >>> import random
    >>> source: Rng = random.Random(7)
    >>> -1 <= source.uniform(-1, 1) <= 1
    True
    """

    def uniform(self, a: float, b: float) -> float:
        """Return a number drawn evenly between `a` and `b`."""
        ...

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        """Return a number drawn from the normal distribution."""
        ...

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Put `x` into a random order, in place."""
        ...
