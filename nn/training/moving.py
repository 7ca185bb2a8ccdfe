"""An optimiser's formula laid over all parameters at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.expanding import expand
from autograd.compiler.lanes.clustering import clustered
from autograd.compiler.lanes.groups import LANES
from autograd.compiler.lanes.machine import Pool
from autograd.compiler.lanes.rolling import roll
from autograd.compiler.planning import simplified
from autograd.compiler.pruning import prune
from autograd.compiler.recording import recorded
from nn.optim.base import Optimizer

Array = NDArray[Any]
CHOOSING = (bool, str, type(None))  # settings of these types choose between formulas


def refused(optimiser: Optimizer) -> str:
    """Return why an optimiser moves its parameters by itself, or ``""``."""
    name = type(optimiser).__name__
    if type(optimiser).update is Optimizer.update:
        return f"{name} has no update"
    for kind in type(optimiser).__mro__:
        step = vars(kind).get("step")
        if step is not None and not step.__module__.startswith("nn.optim."):
            return f"{name} has a step of its own"
    return ""


class Rows:
    """The parameters of an optimiser, their gradient and what is remembered of them, as arrays.

    Attributes
    ----------
    numbers, gradient : array
        Those of the parameters.
    memory : dict of array
        What is remembered, by name and by the group that it is of.
    """

    def __init__(self, optimiser: Optimizer) -> None:
        self.optimiser = optimiser
        self.numbers = np.zeros(0)
        self.gradient = np.zeros(0)
        self.memory: dict[tuple[str, int], Array] = {}
        self._pools: dict[Any, tuple[Pool, int]] = {}

    def pull(self) -> None:
        """Take over what the optimiser and its parameters hold."""
        optimiser = self.optimiser
        self.numbers = np.array([parameter.data for parameter in optimiser.params], float)
        self.gradient = np.zeros(len(self.numbers))
        self.memory = {}
        for _, span in optimiser.spans():
            for name in optimiser.state:
                if (numbers := optimiser.recall(name, span)) is not None:
                    self.memory[name, span.start] = np.array(numbers, float)

    def push(self, moved: bool = True) -> None:
        """Give the optimiser and its parameters what is here; gradients if there was a step."""
        optimiser = self.optimiser
        for parameter, number in zip(optimiser.params, self.numbers.tolist(), strict=True):
            parameter.data = number
        if moved:
            for parameter, slope in zip(optimiser.params, self.gradient.tolist(), strict=True):
                parameter.grad = slope
        for _, span in optimiser.spans():
            for name in dict.fromkeys(name for name, start in self.memory if start == span.start):
                optimiser.remember(name, span, self.memory[name, span.start].tolist())

    def moved(self) -> tuple[Array, dict[tuple[str, int], Array]]:
        """Return the numbers and the memory after a step of the optimiser, which counts it."""
        numbers, memory = self.numbers.copy(), dict(self.memory)
        optimiser = self.optimiser
        names = tuple(optimiser.memory)

        def step() -> None:
            for group, span in optimiser.spans():
                known = []
                for name in names:
                    if (name, span.start) not in self.memory:
                        break
                    known.append(self.memory[name, span.start])
                settings = optimiser.plain_settings(group)
                given = [self.numbers[span], self.gradient[span], *known]
                new, *kept = self._run(given, settings)
                numbers[span] = new
                memory.update(zip([(name, span.start) for name in names], kept, strict=False))

        optimiser._elsewhere = step
        try:
            optimiser.step()
        finally:
            del optimiser._elsewhere
        return numbers, memory

    def _run(self, given: list[Array], settings: dict[str, Any]) -> list[Array]:
        """The formula of the optimiser, of arrays."""
        chosen = tuple((k, x) for k, x in settings.items() if isinstance(x, CHOOSING))
        named = tuple(k for k, x in settings.items() if not isinstance(x, CHOOSING))
        update = self.optimiser.update
        key = (update, len(given), chosen, named)
        # A formula of ours stays what it is; of another one its surroundings may have changed.
        if getattr(update, "__module__", "").startswith("nn.optim."):
            pool, count = _pool_of_ours(*key)
        else:
            pool, count = self._pools.get(key) or self._pools.setdefault(key, _pool(*key))
        found = [np.empty(len(given[0])) for _ in range(count)]
        machine = pool.take()

        def put(rows: Array, part: slice) -> None:
            for row, numbers in zip(rows, given, strict=False):
                row[:] = numbers[part]

        def take(rows: Array, part: slice) -> None:
            for out, (space, slot) in zip(found, machine.code.groups.results, strict=True):
                out[part] = rows[slot] if space == LANES else machine.cells[slot]

        machine.cells[machine.code.uniform] = [float(settings[k]) for k in named]
        machine.run(len(given[0]), put, take)
        pool.give(machine)
        return found


def _pool(
    update: Callable[..., Any], count: int, chosen: tuple[tuple[str, Any], ...],
    named: tuple[str, ...],
) -> tuple[Pool, int]:  # fmt: skip
    """What runs a formula of so many numbers of each parameter."""

    def moved(*numbers: Any) -> list[Any]:
        return [
            *update(
                *numbers[:count], **dict(chosen), **dict(zip(named, numbers[count:], strict=True))
            )
        ]

    recording = recorded(moved, [0.5] * (count + len(named)))
    if recording.program.guards or recording.parameters:
        raise TypeError("the formula of an optimiser depends on its arguments alone, by where()")
    flags = [True] * count + [False] * len(named)
    groups = clustered(roll(simplified(prune(expand(recording.program))), flags))
    return Pool(groups), len(recording.program.results)


_pool_of_ours = lru_cache(64)(_pool)
