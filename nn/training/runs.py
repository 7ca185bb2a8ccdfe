"""Runs: the whole state of a training, which can be written down and taken up again."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import nn.saving.documents as documents
from autograd.graph.value import Value
from nn.layers.dropout import Dropout
from nn.members import Kinds, search
from nn.members import path as dotted
from nn.module import Module
from nn.optim.base import Optimizer
from nn.optim.schedules import Schedule
from nn.rng import Source, frozen, thaw
from nn.rng import source as as_source
from nn.saving.documents import SavedFileError
from nn.saving.identity import CHECKSUM, facts, source_kinds, whole
from nn.training.history import History
from nn.training.snapshots import Snapshot


class Run:
    """Everything that the next epoch of a training depends on.

    Parameters
    ----------
    model, loss : callable
        Their parameters and sources of random numbers belong to the state; those of a function are
        looked for in what it refers to.
    optimiser : Optimizer
        Its parameters and its memory belong to the state.
    schedule : Schedule or None
    rng : Source
        Draws the order of the examples.
    options : mapping, optional
        What else the run depends on, by name: checksums of the data, the loss, numbers, texts.

    Attributes
    ----------
    history : History
        The losses of the epochs so far.

    Examples
    --------
    >>> from nn import Neuron
    >>> from nn.losses import mse
    >>> from nn.optim import SGD
    >>> neuron = Neuron(1)
    >>> run = Run(neuron, mse, SGD(neuron.parameters()), None, random.Random(0))
    >>> run.finish_epoch(0.5, None, keep_best=False)
    >>> list(run.history)
    [0.5]
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[..., Any],
        optimiser: Optimizer,
        schedule: Schedule | None,
        rng: Source,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.optimiser, self.schedule, self.rng = model, optimiser, schedule, rng
        self.options = {**(options or {}), "loss": loss}
        self.root, self.loss = whole(model), whole(loss)
        values = {name: x for name, x in self._search((Module, Value)) if isinstance(x, Value)}
        self.parameters = {name: x for name, x in values.items() if not x.parents}
        known = set(map(id, self.parameters.values()))
        for i, parameter in enumerate(optimiser.params):
            if id(parameter) not in known:
                self.parameters[f"optimiser.params.{i}"] = parameter
        self.history = History()
        self.best: Snapshot | None = None
        self.best_state: dict[str, Any] | None = None  # the same for the file
        self.identity: dict[str, str | None] = {}

    def begin(self, path: str | Path | None, resume: bool, epochs: int) -> None:
        """Draw the streams of Dropout, or take up the state in a file; then write the file anew.

        It is written before anything is trained, so that what cannot be written is refused now.

        Raises
        ------
        OSError
            If the file cannot be read or written.
        SavedFileError
            If the file is damaged or belongs to another run; nothing is then changed.
        TypeError
            If there is something in the state that cannot be written.
        """
        layers = [x for _, x in self._search(Module) if isinstance(x, Dropout) and x.seed is None]
        self.identity |= self._identity() if path is not None else {}
        content = documents.read(path, "checkpoint") if path is not None and resume else None
        moving, drawing = self._snapshot(), self._drawing() if content else {}
        sources = self._sources() if content else {}
        streams = [layer._stream for layer in layers]
        for layer in layers:
            layer.draw_stream(self.rng)
        try:
            if content is not None:
                self._take_up(content, epochs)
        except ValueError as error:
            moving.put_back()
            for name, source in sources.items():
                thaw(source, drawing[name])
            for layer, stream in zip(layers, streams, strict=True):
                layer._stream = stream
            raise SavedFileError(
                f"{path}: it belongs to another run: {error}; without resume, training starts anew"
            ) from None
        if path is not None:
            self.write(path)

    def write(self, path: str | Path) -> None:
        """Write the state to a file."""
        for name, parameter in self.parameters.items():
            if type(parameter.data) is not float:
                raise TypeError(f"a checkpoint holds floats, but {name} is {parameter.data!r}")
        self._refuse_infinite(len(self.history))
        documents.write(path, "checkpoint", self._state())

    def _refuse_infinite(self, epoch: int) -> None:
        """Raise for a parameter that is infinite or nan."""
        numbers = [x.data for x in self.parameters.values()]
        if {float}.issuperset(map(type, numbers)) and math.isfinite(sum(numbers)):
            return  # as mostly
        for name, number in zip(self.parameters, numbers, strict=True):
            if type(number) is float and not math.isfinite(number):
                raise FloatingPointError(
                    f"{name} is {number} after epoch {epoch}; a smaller learning rate, or "
                    "standardised inputs, may help"
                )

    def finish_epoch(self, loss: float, validation: float | None, keep_best: bool) -> None:
        """Note the losses of an epoch, keep the weights if they are the best, let time pass."""
        history = self.history
        self._refuse_infinite(len(history) + 1)
        if self.schedule is not None:
            self.schedule.step(loss if validation is None else validation)
        if validation is not None:
            history.validation.append(validation)
        history.append(loss)
        if keep_best and history.best_epoch == len(history):
            self.best = self._snapshot()
            self.best_state = self._moving() if self.identity else None

    def bring_back_best(self) -> None:
        """Put back what moves as it was when the validation loss was lowest, if it was kept."""
        if self.best is not None:
            self.best.put_back()

    def _search(self, wanted: Kinds) -> Iterator[tuple[str, Any]]:
        """Yield what is wanted in the model and in the loss, each once, with its name."""
        seen: set[int] = set()
        for prefix, root in (("", self.root), ("loss.", self.loss)):
            for way, found in search(root, wanted):
                if id(found) not in seen:
                    seen.add(id(found))
                    yield prefix + dotted(way), found

    def _sources(self) -> dict[str, Source]:
        """Return the sources of random numbers of the run, by name."""
        found = self._search((*source_kinds(), ModuleType))
        own = {name: x for name, x in found if x is random or not isinstance(x, ModuleType)}
        return {"rng": self.rng, **{name: as_source(x) for name, x in own.items()}}

    def _drawing(self) -> dict[str, Any]:
        """Return the states of the sources, as plain data."""
        return {name: frozen(source, name) for name, source in self._sources().items()}

    def _identity(self) -> dict[str, str]:
        """Return what the run consists of, part by part."""
        parts = {**self.options, "model": self.model}
        if self.schedule is not None:
            parts["schedule"] = self.schedule
        parts["optimiser"] = self.optimiser
        return {key: text for name, x in parts.items() for key, text in facts(name, x).items()}

    def _state(self) -> dict[str, Any]:
        """Return the state as plain data."""
        now, begun = self._identity(), self.identity
        moved = {key for key, text in begun.items() if text not in (None, now.get(key))}
        moved |= now.keys() - begun.keys()
        for key in sorted(moved):
            if isinstance(self.model, Module) and key.partition(".")[0] == "model":
                raise TypeError(
                    f"{key} was {begun.get(key)} and became {now.get(key)} in training, but a "
                    "checkpoint holds only parameters: make it a Value, or give it a leading "
                    "underscore if nothing depends on it"
                )
        begun.update(dict.fromkeys(moved))
        return {
            "identity": self.identity,
            **self._moving(),
            "sources": self._drawing(),
            "losses": list(self.history),
            "validation": list(self.history.validation),
            "best": self.best_state,
        }

    def _take_up(self, state: dict[str, Any], epochs: int) -> None:
        """Go back to a state; ValueError if it is that of another run."""
        if state.keys() != {*MOVING, "identity", "sources", "losses", "validation", "best"}:
            raise ValueError("it has other contents, as those of another version have")
        self._compare(state["identity"])
        history = History(_floats(state["losses"]), _floats(state["validation"]))
        if len(history.validation) not in (0, len(history)):
            raise ValueError("it has losses of other epochs than validation losses")
        if len(history) > epochs:
            raise ValueError(f"it has {len(history)} epochs, more than the {epochs} asked for")
        saved, sources, best = state["sources"], self._sources(), None
        if not isinstance(saved, dict) or saved.keys() != sources.keys():
            raise ValueError(f"it needs the sources of random numbers {', '.join(sources)}")
        if state["best"] is not None:
            self._move_to(state["best"])
            best = self._snapshot()
        self._move_to({key: state[key] for key in MOVING})
        for name, source in sources.items():
            thaw(source, saved[name])
        self.history, self.identity = history, state["identity"]
        self.best, self.best_state = best, state["best"]

    def _compare(self, saved: Any) -> None:
        """Refuse a saved run that consists of something else; what moves is not compared."""
        if not isinstance(saved, dict):
            raise ValueError("it does not say of which run it is")
        given = self.identity
        for name in {**given, **saved}:
            new, old = given.get(name, "missing"), saved.get(name, "missing")
            if old is not None and new is not None and old != new:
                if CHECKSUM in f"{old}{new}":
                    raise ValueError(f"not the same {name} as before")
                raise ValueError(f"{name} is {new}, but was {old}")

    def _snapshot(self) -> Snapshot:
        """Return a copy of what moves, that can be put back."""
        return Snapshot(self.parameters.values(), self.optimiser, self.schedule)

    def _moving(self) -> dict[str, Any]:
        """Return what a step of the optimiser or of the schedule moves, as plain data."""
        numbers = {name: parameter.data for name, parameter in self.parameters.items()}
        names = {id(parameter): name for name, parameter in self.parameters.items()}
        return {
            "parameters": numbers,
            "optimised": [names[id(parameter)] for parameter in self.optimiser.params],
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
        }

    def _move_to(self, state: Any) -> None:
        """Go back to what `_moving` returned: each number by the name of its parameter."""
        if not isinstance(state, dict) or state.keys() != set(MOVING):
            raise ValueError("it lacks parameters, an optimiser or a schedule")
        numbers, names = state["parameters"], state["optimised"]
        named = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not isinstance(numbers, dict) or not named:
            raise ValueError("it lacks the names of parameters")
        for name in {**self.parameters, **numbers}:
            if name not in numbers:
                raise ValueError(f"it has no parameter {name}")
            if name not in self.parameters:
                raise ValueError(f"it has the parameter {name}, but the model has none")
        _floats(list(numbers.values()))
        if set(names) != {*self._moving()["optimised"]} or len(names) != len(set(names)):
            raise ValueError("its optimiser moves other parameters")
        if (state["schedule"] is None) != (self.schedule is None):
            raise ValueError("one of the two has a schedule, the other none")
        # The memory has one number for each parameter, by position: they take its order.
        place = {id(self.parameters[name]): i for i, name in enumerate(names)}
        for group in getattr(self.optimiser, "param_groups", [vars(self.optimiser)]):
            group["params"].sort(key=lambda parameter: place[id(parameter)])
        if self._moving()["optimised"] != names:
            raise ValueError("its optimiser has the parameters in another order")
        self.optimiser.load_state_dict(state["optimiser"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        for name, parameter in self.parameters.items():
            parameter.data = numbers[name]


MOVING = ("parameters", "optimised", "optimiser", "schedule")


def _floats(given: Any) -> list[float]:
    """Return a list of finite floats, if it is one."""
    if not isinstance(given, list) or not all(type(x) is float for x in given):
        raise ValueError("it lacks a list of numbers")
    if not all(map(math.isfinite, given)):
        raise ValueError("it has a number that is not finite")
    return given
