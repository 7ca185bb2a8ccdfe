"""Gradients by captured Values, meaned over lanes: into the Values, or into one flat array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.lanes.examples import Examples
from autograd.compiler.lanes.groups import Array
from autograd.compiler.lanes.mapping import LanePath, Mapper, putting
from autograd.compiler.paths import BY_PARAMETERS
from autograd.transforms.runs import name_of


class Bound:
    """A compiled function with the Values that it captured as one flat array.

    Made by `bound()` of a compiled function.

    Attributes
    ----------
    values : list of Value
        What the function captured, in the order of the arrays.
    parameters : array
        Their numbers, which `backward` computes with. They may be changed.
    gradient : array
        The gradient that the last `backward` left, of the same length.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.Value(2.0)
    >>> g = autograd.compile(lambda x: (w * x) ** 2)
    >>> g(1.0)
    4.0
    >>> b = g.bound()
    >>> b.backward([1.0, 3.0]), b.gradient.tolist()
    (20.0, [20.0])
    >>> b.parameters -= 0.1 * b.gradient
    >>> b.push()
    >>> w.data
    0.0
    """

    def __init__(self, mapper: Mapper, values: Sequence[Any]) -> None:
        self.values = list(values)
        self._mapper = mapper
        self._places = {value: i for i, value in enumerate(self.values)}
        self._index: dict[int, Array] = {}
        self.parameters = np.zeros(len(self.values))
        self.gradient = np.zeros(len(self.values))
        self.pull()

    def pull(self) -> None:
        """Take the numbers of the Values over."""
        self.parameters[:] = [value.data for value in self.values]

    def push(self) -> None:
        """Give the Values the numbers of `parameters`."""
        for value, number in zip(self.values, self.parameters.tolist(), strict=True):
            value.data = number

    def backward(self, *arrays: Any) -> float:
        """Return the mean of the function over the lanes, and leave its gradient in `gradient`.

        The first axis of an argument is the lanes, as for `map`.
        """
        examples = self._mapper.examples(arrays)
        total, self.gradient[:] = 0.0, 0.0
        for path, lanes in self._mapper.passing(examples):
            index = self._places_of(path)
            numbers = self.parameters[index]
            self._prove(path, examples, numbers)
            value, slopes = summed(path, examples, lanes, numbers)
            total += value
            np.add.at(self.gradient, index, slopes)
        self.gradient /= examples.lanes
        return total / examples.lanes

    def _places_of(self, path: LanePath) -> Array:
        """Where the Values of a path are."""
        if id(path) not in self._index:
            try:
                found = [self._places[value] for value in path.path.captured]
            except KeyError:
                raise RuntimeError(
                    f"{name_of(self._mapper.function)} captures another Value for these arguments "
                    "than it did before: call bound() again"
                ) from None
            self._index[id(path)] = np.array(found, np.int64)
        return self._index[id(path)]

    def _prove(self, path: LanePath, examples: Examples, numbers: Array) -> None:
        """See that the program does not freeze what is changed here: as if the Values had it."""
        captured = path.path.captured
        before = [value.data for value in captured]
        try:
            for value, number in zip(captured, numbers.tolist(), strict=True):
                value.data = number
            path.path.parameters(examples.example(0))
        finally:
            for value, number in zip(captured, before, strict=True):
                value.data = number


def summed(
    path: LanePath, examples: Examples, lanes: Array | None, numbers: Array
) -> tuple[float, Array]:
    """Return the sum of the values of lanes, and of their gradients by what a path captured.

    Parameters
    ----------
    path : LanePath
    examples : Examples
    lanes : array of int, or None
        Which lanes; all of them unless given.
    numbers : array
        Those of the captured Values.
    """
    path.path.check_scalar(name_of(path.path.function))
    if not len(numbers):
        numbers = np.zeros(0)
    pool = path.pool(BY_PARAMETERS)
    machine = pool.take()
    try:
        groups = machine.code.groups
        path.ready(machine, examples)
        machine.cells[groups.parameters] = numbers
        count = examples.lanes if lanes is None else len(lanes)
        machine.run(count, putting(examples, lanes))
        value = float(machine.cells[groups.results[0][1]])
        first = groups.gradients[0][1] if groups.gradients else 0
        slopes = machine.cells[first : first + len(numbers)].copy()
    finally:
        pool.give(machine)
    if np.isfinite(value) and np.isfinite(slopes).all():
        return value, slopes
    return _exactly(path, examples, lanes, numbers)


def _exactly(
    path: LanePath, examples: Examples, lanes: Array | None, numbers: Array
) -> tuple[float, Array]:
    """The same, lane by lane: what is inf or nan is that as in eager."""
    compute = path.path.compiled(BY_PARAMETERS)
    total, slopes = 0.0, np.zeros(len(numbers))
    every = range(examples.lanes) if lanes is None else lanes.tolist()
    with np.errstate(all="ignore"):
        for lane in every:
            given: list[float] = []
            for part in examples.parts:
                given += part.numbers if part.columns is None else part.columns[lane].tolist()
            found = compute(*given, *numbers.tolist())
            value, each = (np.nan, np.nan) if found is None else found
            total += value
            slopes += each
    return total, slopes
