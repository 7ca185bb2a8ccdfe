"""The paths through a function: for each a program, and what executors make of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.compiler.planning import (
    INPUTS,
    PARAMETERS,
    simplified,
    with_gradient,
    with_hessian,
    with_hvp,
)
from autograd.compiler.program import Program
from autograd.compiler.python import python_function
from autograd.compiler.recording import Recording, check_again, recorded
from autograd.compiler.trace import EagerError
from autograd.graph.turns import SWEEPING
from autograd.graph.variables import VARIABLES
from autograd.graph.watching.hooks import run_hooks
from autograd.numbers.kinds import as_number

VALUE, BY_ARGUMENTS, BY_PARAMETERS = "value", "gradient", "gradient by parameters"
HESSIAN, HVP = "hessian", "hvp"

_PLANS: dict[str, Callable[[Program], Program]] = {
    VALUE: simplified,
    BY_ARGUMENTS: lambda program: with_gradient(program, INPUTS),
    BY_PARAMETERS: lambda program: with_gradient(program, PARAMETERS),
    HESSIAN: with_hessian,
    HVP: with_hvp,
}


class Cost:
    """What compiling a function took so far.

    Attributes
    ----------
    traces : int
        How often the function ran to be traced, twice for each path.
    tracing, planning : float
        The seconds that this took, and those of passes and of making Python functions.
    scalars : int
        The scalars that were written down in all.
    """

    def __init__(self) -> None:
        self.traces, self.tracing, self.planning, self.scalars = 0, 0.0, 0.0, 0

    @contextmanager
    def planned(self) -> Iterator[None]:
        """Add the time that a block takes to that of planning."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.planning += time.perf_counter() - began

    def __repr__(self) -> str:
        return (
            f"<Cost: {self.traces} traces of {self.scalars} scalars in {self.tracing:.3g} s, "
            f"planned in {self.planning:.3g} s>"
        )


class Path:
    """One path through a function: its program, and functions of floats that compute it."""

    def __init__(self, function: Callable[..., Any], recording: Recording, cost: Cost) -> None:
        self.function, self.recording, self.cost = function, recording, cost
        self.captured = recording.parameters
        # Their numbers when they were traced, and which of them were never others since.
        self._traced_with: list[Any] = [x.data for x in self.captured]
        self._unproven = [*range(len(self.captured))]
        self._places: Any = None
        self._before: Any = None
        self._bytes = b""
        self._programs: dict[str, Program] = {}
        self._functions: dict[str, Callable[..., Any]] = {}

    def result(self, out: Any) -> Any:
        """Put the results together as the function did."""
        several = len(self.recording.program.results) != 1
        numbers = [*out] if several else [out]
        return self.recording.rebuild([x if type(x) is float else float(x) for x in numbers])

    def check_scalar(self, name: str) -> None:
        """Refuse to differentiate what is not one number."""
        if not self.recording.scalar:
            raise TypeError(
                f"the gradient is that of a function that gives one number, but {name} gives a "
                f"tree of {len(self.recording.program.results)}: sum it up, or return one of them"
            )

    def program(self, kind: str) -> Program:
        """Return the program of the value, or with the gradient of a kind, after the passes."""
        if kind not in self._programs:
            with self.cost.planned():
                self._programs[kind] = _PLANS[kind](self.recording.program)
        return self._programs[kind]

    def compiled(self, kind: str) -> Callable[..., Any]:
        """Return the Python function of a program."""
        if kind not in self._functions:
            program = self.program(kind)
            with self.cost.planned():
                function = python_function(program)
                if kind != VALUE and not len(program.gradients):
                    function = _with_nothing(function)
                self._functions[kind] = function
        return self._functions[kind]

    def parameters(self, args: Sequence[Any]) -> list[float]:
        """Return the numbers of the captured Values, as they are now.

        Where they are others than those that were traced with, the function runs once more: one
        that reads their numbers by itself would have frozen them.

        Raises
        ------
        EagerError
            If one of them is a variable of a derivative that is being taken, or no float.
        """
        if VARIABLES and not VARIABLES.keys().isdisjoint(self.captured):
            raise EagerError
        if not self.captured:
            return []
        numbers = [x.data for x in self.captured]
        if not {float}.issuperset(map(type, numbers)):
            numbers = [as_number(x) for x in numbers]
            if not {float}.issuperset(map(type, numbers)):
                raise EagerError
        if self._unproven and numbers != self._traced_with:
            self._prove(numbers, args)
        return numbers

    @property
    def proven(self) -> bool:
        """Whether every captured number was another one once, and none was frozen."""
        return not self._unproven

    def proves(self, numbers: Any) -> bool:
        """Return whether numbers of the captured Values, as an array, are to be traced with: one
        that was always the same before is another one among them.
        """
        if not self._unproven:
            return False
        if self._places is None or len(self._places) != len(self._unproven):
            self._places = np.array(self._unproven)
            self._before = np.array([float(self._traced_with[k]) for k in self._unproven])
            self._bytes = self._before.tobytes()
        now = numbers.take(self._places)
        if now.tobytes() == self._bytes:
            return False
        return bool(((now != self._before) & (now == now)).any())

    def _prove(self, numbers: list[float], args: Sequence[Any]) -> None:
        """Trace again where numbers change for the first time, which are not frozen then."""
        before = self._traced_with
        stay = [k for k in self._unproven if numbers[k] == before[k] or before[k] != before[k]]
        if len(stay) < len(self._unproven):
            self.check(args)
            self._unproven = stay

    def check(self, args: Sequence[Any]) -> None:
        """Run the function along this path once more, and compare what it does."""
        began = time.perf_counter()
        check_again(self.function, args, self.recording)
        self.cost.tracing += time.perf_counter() - began
        self.cost.traces += 1
        self.cost.scalars += len(self.recording.program)


def give(value: Any, slope: Any) -> None:
    """Add a derivative to the `grad` of a captured Value, through its hooks, as a sweep does."""
    slope = run_hooks(value, slope)
    with SWEEPING:
        value.grad = value.grad + slope if value.grad else slope


def _with_nothing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers no derivatives beside its value, for there is nothing to move."""

    def run(*args: float) -> Any:
        out = function(*args)
        return None if out is None else (out, ())

    return run


def traced(
    function: Callable[..., Any], args: Sequence[Any], cost: Cost, drawing: bool = False
) -> Path:
    """Return the path that a function takes with some arguments: it runs twice."""
    began = time.perf_counter()
    recording = recorded(function, args, drawing=drawing)
    cost.tracing += time.perf_counter() - began
    cost.traces += 1
    cost.scalars += len(recording.program)
    path = Path(function, recording, cost)
    path.check(args)
    return path
