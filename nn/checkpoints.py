"""Runs: the whole state of a training, which can be written down and taken up again."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn import documents
from nn.documents import SavedFileError
from nn.history import History
from nn.module import Module
from nn.optim import Optimizer, Schedule
from nn.rng import Rng, frozen, thaw


class Run:
    """Everything that the next epoch of a training depends on.

    Parameters
    ----------
    model : callable
        If it is a `Module`, its own sources of random numbers belong to the state.
    optimiser : Optimizer
        Its parameters and its memory belong to the state.
    schedule : Schedule or None
    rng : Rng
        Draws the order of the examples.
    sizes : tuple of (int, int)
        The numbers of examples in all, and in a mini-batch.

    Attributes
    ----------
    history : History
        The losses of the epochs so far.

    Examples
    --------
    >>> from nn import Neuron
    >>> from nn.optim import SGD
    >>> neuron = Neuron(1)
    >>> run = Run(neuron, SGD(neuron.parameters()), None, random.Random(0), (4, 2))
    >>> run.finish_epoch(0.5, None, keep_best=False)
    >>> run.history
    [0.5]
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        optimiser: Optimizer,
        schedule: Schedule | None,
        rng: Rng,
        sizes: tuple[int, int],
    ) -> None:
        self.optimiser, self.schedule, self.rng = optimiser, schedule, rng
        self.sizes = list(sizes)
        self.sources = [rng, *(_sources(model) if isinstance(model, Module) else [])]
        self.history = History()
        self.best: list[float] | None = None

    def finish_epoch(self, loss: float, validation: float | None, keep_best: bool) -> None:
        """Note the losses of an epoch, keep the weights if they are the best, let time pass."""
        history = self.history
        history.append(loss)
        if validation is not None:
            history.validation.append(validation)
        if keep_best and history.best_epoch == len(history):
            self.best = self._weights()
        if self.schedule is not None:
            self.schedule.step(loss if validation is None else validation)

    def bring_back_best(self) -> None:
        """Put back the weights with the lowest validation loss, if they were kept."""
        if self.best is not None:
            self._set_weights(self.best)

    def write(self, path: str | Path) -> None:
        """Write the state to a file."""
        documents.write(path, "checkpoint", self._state())

    def read(self, path: str | Path) -> None:
        """Take up the state in a file; one that does not fit is refused, and nothing changed."""
        content = documents.read(path, "checkpoint")
        before = self._state()
        try:
            self._take_up(content)
        except ValueError as error:
            self._take_up(before)
            raise SavedFileError(f"{path}: it belongs to another run: {error}") from None

    def _state(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "sizes": self.sizes,
            "weights": self._weights(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
            "sources": [frozen(source) for source in self.sources],
            "losses": list(self.history),
            "validation": self.history.validation,
            "best": self.best,
        }

    def _take_up(self, state: dict[str, Any]) -> None:
        """Go back to a state; ValueError if it is that of another run."""
        if state.keys() != self._state().keys():
            raise ValueError("it has other contents")
        if state["sizes"] != self.sizes:
            examples, size = self.sizes
            raise ValueError(
                f"there are {examples} examples in mini-batches of {size}, but the sizes saved "
                f"were {state['sizes']}"
            )
        if (state["schedule"] is None) != (self.schedule is None):
            raise ValueError("one of the two has a schedule, the other none")
        if not isinstance(state["sources"], list) or len(state["sources"]) != len(self.sources):
            raise ValueError(f"it needs {len(self.sources)} sources of random numbers")
        weights, best = _floats(state["weights"]), state["best"]
        count = len(self.optimiser.params)
        if len(weights) != count or (best is not None and len(_floats(best)) != count):
            raise ValueError(f"it has {len(weights)} weights, but the model has {count}")
        history = History(_floats(state["losses"]), _floats(state["validation"]))
        for source, saved in zip(self.sources, state["sources"], strict=True):
            thaw(source, saved)
        self.optimiser.load_state_dict(state["optimiser"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        self._set_weights(weights)
        self.history, self.best = history, best

    def _weights(self) -> list[float]:
        """Return the numbers of the parameters."""
        return [parameter.data for parameter in self.optimiser.params]

    def _set_weights(self, weights: list[float]) -> None:
        """Give each parameter its number."""
        for parameter, number in zip(self.optimiser.params, weights, strict=True):
            parameter.data = number


def _sources(model: Module) -> list[Rng]:
    """Return the sources of random numbers that the modules of a model own, such as Dropout's."""
    found: list[Rng] = []
    for module in model.modules():
        found += [x for x in vars(module).values() if isinstance(x, random.Random)]
    return found


def _floats(given: Any) -> list[float]:
    """Return a list of finite floats, if it is one."""
    if not isinstance(given, list) or not all(type(x) is float for x in given):
        raise ValueError("it lacks a list of numbers")
    if not all(map(math.isfinite, given)):
        raise ValueError("it has a number that is not finite")
    return given
