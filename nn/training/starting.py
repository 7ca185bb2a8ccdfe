"""Restarts: the same training from several starts, against local minima."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.callables import check_function
from nn.checks import check_size
from nn.rng import Rng, source


class Attempt(NamedTuple):
    """One training of several.

    Attributes
    ----------
    loss : float
        What it ended at; inf if it failed.
    seed : int
        By which it can be made again: ``train(random.Random(seed))``.
    failure : str
        Why it failed, or "".
    """

    loss: float
    seed: int
    failure: str = ""


class Restarts(NamedTuple):
    """What several trainings from different starts have led to.

    Attributes
    ----------
    best : object
        What the best one gave.
    attempts : list of Attempt
        All of them, in their order.
    """

    best: Any
    attempts: list[Attempt]

    @property
    def losses(self) -> list[float]:
        """The loss of each attempt, the lowest first."""
        return sorted(attempt.loss for attempt in self.attempts)

    def share(self, below: float) -> float:
        """Return the share of the attempts whose loss is below a bound."""
        return sum(loss < below for loss in self.losses) / len(self.attempts)

    def __repr__(self) -> str:
        failed = sum(bool(attempt.failure) for attempt in self.attempts)
        low, high = self.losses[0], self.losses[-1 - failed]
        said = f"{len(self.attempts)} attempts; loss {low:.4g} to {high:.4g}"
        return f"Restarts({said}{f'; {failed} failed' if failed else ''})"


def restarts(
    train: Callable[[random.Random], tuple[float, Any]], times: int = 10, rng: Rng = 0
) -> Restarts:
    """Train from several starts, and keep what the best one has learned.

    Parameters
    ----------
    train : callable
        ``train(rng)`` makes a model with weights that it draws from its own source of random
        numbers, trains it, and returns the loss and the model, or whatever else is to be kept.
    times : int
        How often.
    rng : Rng or int
        Draws a seed for each.

    Returns
    -------
    Restarts
        `best` and `attempts`; a loss that is nan counts as the worst.

    Raises
    ------
    FloatingPointError
        If every attempt fails with one, as `nn.fit` does at a loss that is not finite; the last
        one's.

    Examples
    --------
    >>> def train(rng):
    ...     x = rng.uniform(-1, 1)
    ...     return abs(x), x
    >>> found = restarts(train, 5)
    >>> found.best == min((train(random.Random(a.seed))[1] for a in found.attempts), key=abs)
    True
    """
    check_function(train, "it is given a source of random numbers, and returns a loss and more")
    draw = source(rng)
    attempts: list[Attempt] = []
    best: Any = None
    lowest, failure = math.inf, None
    kept = False
    for _ in range(check_size(times, "times")):
        seed = int(draw.uniform(0, 1) * 2**32)
        try:
            loss, result = train(random.Random(seed))
            loss = math.inf if loss != loss else float(loss)
            attempts.append(Attempt(loss, seed))
        except FloatingPointError as error:
            failure = error
            attempts.append(Attempt(math.inf, seed, str(error)))
            continue
        if not kept or loss < lowest:
            best, lowest, kept = result, loss, True
    if not kept and failure is not None:
        raise failure
    return Restarts(best, attempts)
