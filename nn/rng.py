"""What a source of random numbers has to offer: the module `random`, or a `random.Random`."""

from __future__ import annotations

import random
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

    def getstate(self) -> tuple[Any, ...]:
        """Return what determines the numbers to come."""
        ...

    def setstate(self, state: Any) -> None:
        """Go back to what `getstate` returned."""
        ...


def source(rng: Rng | int) -> Rng:
    """Return the source of random numbers that is given, or a new one with the seed given.

    Examples
    --------
    >>> source(7).uniform(0, 1) == source(7).uniform(0, 1)
    True
    """
    return random.Random(rng) if isinstance(rng, int) else rng


def frozen(rng: Rng) -> list[Any]:
    """Return the state of a source as lists and numbers, ready to be saved.

    Examples
    --------
    >>> import random
    >>> state = frozen(random.Random(1))
    >>> thaw(twin := random.Random(), state)
    >>> twin.random() == random.Random(1).random()
    True
    """
    version, words, gauss = rng.getstate()
    return [version, list(words), gauss]


def thaw(rng: Rng, state: Any) -> None:
    """Put a source into a state that `frozen` returned.

    Raises
    ------
    ValueError
        If `state` is not such a state; the source is then left as it was.
    """
    try:
        version, words, gauss = state
        rng.setstate((version, tuple(words), gauss))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"this is no state of a source of random numbers: {error}") from None
