"""Gradients by captured Values, meaned over lanes: into the Values, or into one flat array."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.lanes.examples import Examples
from autograd.compiler.lanes.groups import Array
from autograd.compiler.lanes.machine import Machine, nothing
from autograd.compiler.lanes.mapping import LanePath, Mapper, columns_of
from autograd.compiler.lanes.planning import OF_MEAN
from autograd.compiler.lanes.remote import Remote
from autograd.compiler.paths import BY_PARAMETERS
from autograd.transforms.runs import name_of

EVERY = slice(None)


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

    def __init__(self, mapper: Mapper, values: Sequence[Any], remote: Remote | None = None) -> None:
        self.values = list(values)
        self._mapper, self._remote = mapper, remote
        self._places = {value: i for i, value in enumerate(self.values)}
        self._index: dict[int, Any] = {}
        self._machines: dict[int, list[Machine]] = {}
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
        known = self._mapper.paths(examples)
        if len(known) == 1 and self._places_of(known[0]) is EVERY:  # as mostly
            value = self._at_once(known[0], examples)
            if value is not None:
                return value
        sums = summed(self._mapper, examples, self._numbers, self._remote)
        self.gradient[:] = 0.0
        for path, _, slopes in sums:
            self.gradient[self._places_of(path)] += slopes  # a path has each Value once
        self.gradient /= examples.lanes
        return sum(value for _, value, _ in sums) / examples.lanes

    def _at_once(self, path: LanePath, examples: Examples) -> float | None:
        """The mean, and its gradient where it is to lie, if all lanes take one path and are of one
        block, and all is finite; else None.
        """
        path.path.check_scalar(self._mapper.name)
        several = examples.lanes > 1
        code = path.pool(OF_MEAN if several else BY_PARAMETERS).code
        if not code.apart or examples.lanes > code.block:
            return None
        self._prove(path, examples, self.parameters)
        outside = (code.parameters, self.parameters), (code.gradient, self.gradient)
        machines = self._machines.setdefault(id(path), [])
        machine = machines.pop() if machines else Machine(code, outside)
        if any(a is not b for (_, a), (_, b) in zip(machine.outside, outside, strict=True)):
            machine = Machine(code, outside)  # they are other arrays now
        share = [1.0 / examples.lanes] if several else []
        machine.cells[code.uniform] = examples.numbers + share
        machine.run(examples.lanes, columns=columns_of(examples, None))
        passed, value = machine.passed(), float(machine.cells[code.groups.results[0][1]])
        machines.append(machine)
        if passed is not True or not math.isfinite(value + self.gradient.dot(self.gradient)):
            return None
        self._mapper.last = code
        return value / examples.lanes

    def _numbers(self, path: LanePath, examples: Examples) -> Array:
        """The parameters of a path."""
        numbers: Array = self.parameters[self._places_of(path)]
        self._prove(path, examples, numbers)
        return numbers

    def _places_of(self, path: LanePath) -> Any:
        """Where the Values of a path are."""
        if id(path) not in self._index:
            try:
                found = [self._places[value] for value in path.path.captured]
            except KeyError:
                raise RuntimeError(
                    f"{name_of(self._mapper.function)} captures another Value for these arguments "
                    "than it did before: call bound() again"
                ) from None
            every = found == [*range(len(self.values))]
            self._index[id(path)] = EVERY if every else np.array(found, np.int64)
        return self._index[id(path)]

    def _prove(self, path: LanePath, examples: Examples, numbers: Array) -> None:
        """See that the program does not freeze what is changed here: as if the Values had it."""
        if not path.path.proves(numbers):
            return
        captured = path.path.captured
        before = [value.data for value in captured]
        try:
            for value, number in zip(captured, numbers.tolist(), strict=True):
                value.data = number
            path.parameters(examples)
        finally:
            for value, number in zip(captured, before, strict=True):
                value.data = number


def summed(
    mapper: Mapper,
    examples: Examples,
    numbers: Callable[[LanePath, Examples], Any],
    remote: Remote | None = None,
) -> list[tuple[LanePath, float, Array]]:
    """Return for each path that lanes take the sum of their values, and that of their gradients.

    Parameters
    ----------
    mapper : Mapper
    examples : Examples
    numbers : callable
        Gives those of the Values that a path captured.
    remote : Remote, optional
        Who computes them.
    """
    found, k = [], 0
    left: Array | None = None  # all of them
    while left is None or len(left):
        known = mapper.paths(examples)
        new = k == len(known)
        path = mapper.traced(examples, 0 if left is None else int(left[0])) if new else known[k]
        k += 1
        given = numbers(path, examples)
        mapper.last = path.pool(BY_PARAMETERS).code

        def run(lanes: Array | None, path: LanePath = path, given: Any = given) -> Any:
            count = examples.lanes if lanes is None else len(lanes)
            columns = columns_of(examples, lanes)
            return path.summed(
                count, nothing, given, examples.numbers, columns=columns, remote=remote
            )

        value, slopes, ok = run(left)
        taken, failed = left, np.zeros(0, np.int64)
        if ok is not True:
            every = np.arange(examples.lanes) if left is None else left
            taken, failed = every[ok], every[~ok]
            if new and failed[0] == every[0]:  # which its own path does not take, but for roundings
                found.append((path, *_exactly(path, examples, failed[:1], given)))
                failed = failed[1:]
            if len(taken):
                value, slopes, _ = run(taken)
        if taken is None or len(taken):
            finite = math.isfinite(value) and np.isfinite(slopes).all()
            sums = (value, slopes) if finite else _exactly(path, examples, taken, given)
            found.append((path, *sums))
        left = failed
    return found


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
