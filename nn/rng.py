"""Sources of random numbers: what may be given as one, and what each has to offer."""

from __future__ import annotations

import operator
import random
from collections.abc import MutableSequence
from typing import Any, Protocol, SupportsIndex, TypeAlias, cast

from nn.checks import plain


class Source(Protocol):
    """A source of random numbers: the module `random` itself, or a seeded `random.Random`.

    Every function of `nn` that draws takes one as its argument `rng`, so that a run can be
    repeated; nothing draws behind the caller's back. What may be given there, an `Rng`, is
    a source, a generator of NumPy, or an int: the seed of a new source.

    Examples
    --------
    >>> import random
    >>> source: Source = random.Random(7)
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


class Generator(Protocol):
    """What tells a generator of NumPy, which is not imported for it."""

    @property
    def bit_generator(self) -> Any:
        """Return where the bits come from."""
        ...


Rng: TypeAlias = Source | SupportsIndex | Generator


def source(rng: Rng) -> Source:
    """Return the source of random numbers that is given, or a new one with the seed given.

    Raises
    ------
    TypeError
        If `rng` is none of what may be given.

    Examples
    --------
    >>> source(7).uniform(0, 1) == source(7).uniform(0, 1)
    True
    >>> import numpy as np
    >>> source(np.random.default_rng(7)).gauss() == np.random.default_rng(7).normal()
    True
    """
    given: Any = rng
    if hasattr(type(given), "bit_generator"):
        return _FromNumPy(given)
    if hasattr(given, "__index__") and not isinstance(given, bool):
        return random.Random(operator.index(given))
    if all(callable(getattr(given, name, None)) for name in _OFFERED):
        return cast(Source, given)
    raise TypeError(
        "rng has to be random, random.Random(3), numpy.random.default_rng(3), or an int as a seed, "
        f"but was {rng!r}"
    )


_OFFERED = ("uniform", "gauss", "shuffle", "getstate", "setstate")


class _FromNumPy:
    """A generator of NumPy as a source; it moves on with every number drawn."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self.uniform, self.gauss = generator.uniform, generator.normal
        self.random, self.shuffle = generator.random, generator.shuffle

    def getstate(self) -> tuple[Any, ...]:
        """Return the state of the bit generator."""
        return (self.generator.bit_generator.state,)

    def setstate(self, state: Any) -> None:
        """Go back to a state of the same kind of bit generator."""
        (self.generator.bit_generator.state,) = state


def frozen(rng: Source, name: str = "rng") -> Any:
    """Return the state of a source as lists, dicts and numbers, ready to be saved.

    A message calls it `name`.

    Raises
    ------
    TypeError
        If the source has no state, as that of the operating system.

    Examples
    --------
    >>> import random
    >>> state = frozen(random.Random(1))
    >>> thaw(twin := random.Random(), state)
    >>> twin.random() == random.Random(1).random()
    True
    """
    try:
        return plain(rng.getstate())
    except (NotImplementedError, AttributeError, TypeError):
        raise TypeError(
            f"{name} is {rng!r}, which has no state that could be saved; take a random.Random"
        ) from None


def thaw(rng: Source, state: Any) -> None:
    """Put a source into a state that `frozen` returned.

    Raises
    ------
    ValueError
        If `state` is not such a state; the source is then left as it was.
    """
    before = rng.getstate()
    try:
        if not isinstance(state, list):
            raise TypeError(f"it has to be a list, but is a {type(state).__name__}")
        if isinstance(rng, random.Random) and type(state[-1]) not in (float, type(None)):
            # Python takes anything there, and would answer it as the next number.
            kind = type(state[-1]).__name__
            raise TypeError(f"its last item has to be a float or None, but is a {kind}")
        rng.setstate(_tupled(state))
    except (TypeError, ValueError, OverflowError, LookupError) as error:
        rng.setstate(before)
        raise ValueError(f"this is no state of a source of random numbers: {error}") from None


DEEPEST = 8  # containers within one another: states of random and of NumPy have two


def _tupled(state: Any, depth: int = 0) -> Any:
    """Return a state with tuples for lists."""
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} containers lie in one another")
    if isinstance(state, dict):
        return {key: _tupled(part, depth + 1) for key, part in state.items()}
    return tuple(_tupled(x, depth + 1) for x in state) if isinstance(state, list) else state
