"""Snapshots: what a step moves, as it was, to be put back when the step is not to count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autograd.graph.value import Value
from nn.optim.base import Optimizer
from nn.optim.schedules import Schedule


class Snapshot:
    """The numbers of parameters, and all that an optimiser and a schedule remember.

    Parameters
    ----------
    parameters : iterable of Value
    optimiser : Optimizer
    schedule : Schedule, optional
        With those that it is made of.

    Examples
    --------
    >>> from nn.optim import SGD
    >>> w = Value(1.0)
    >>> optimiser = SGD([w], lr=0.5, momentum=0.9)
    >>> before = Snapshot([w], optimiser)
    >>> w.grad = 1.0
    >>> optimiser.step()
    >>> before.put_back()
    >>> w.data, optimiser.state
    (1.0, {})
    """

    def __init__(
        self, parameters: Iterable[Value], optimiser: Optimizer, schedule: Schedule | None = None
    ) -> None:
        self.numbers = [(parameter, parameter.data) for parameter in parameters]
        owners = [optimiser, *(_schedules(schedule) if schedule else ())]
        self.held = [(owner, _copied(vars(owner))) for owner in owners]

    def put_back(self) -> None:
        """Make everything what it was, also if Ctrl-C is pressed meanwhile."""
        while True:
            try:
                for parameter, number in self.numbers:
                    parameter.data = number
                for owner, held in self.held:
                    _put_back(vars(owner), held)
            except KeyboardInterrupt:
                continue
            return


NESTED = {dict, list}


def _schedules(schedule: Schedule) -> Iterator[Schedule]:
    """Yield a schedule, and those that it is made of."""
    yield schedule
    for part in vars(schedule).values():
        for inner in part if isinstance(part, list | tuple) else [part]:
            if isinstance(inner, Schedule):
                yield from _schedules(inner)


def _copied(held: Any) -> Any:
    """Return dicts and lists copied, however nested; what else they hold is kept as it is."""
    if isinstance(held, dict):
        return {key: _copied(x) for key, x in held.items()}
    if isinstance(held, list):
        return [*map(_copied, held)] if NESTED & set(map(type, held)) else held.copy()
    return held


def _put_back(held: Any, before: Any) -> Any:
    """Return what was copied, in the very dicts and lists that are there, if they still are."""
    if isinstance(held, dict) and isinstance(before, dict):
        for key in held.keys() - before.keys():
            del held[key]
        for key, x in before.items():
            held[key] = _put_back(held.get(key), x)
        return held
    if isinstance(held, list) and isinstance(before, list):
        there = [*held, *[None] * len(before)]
        held[:] = [
            _put_back(there[i], x) if isinstance(x, dict | list) else x
            for i, x in enumerate(before)
        ]
        return held
    return _copied(before)
