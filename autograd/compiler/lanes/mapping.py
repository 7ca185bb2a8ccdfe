"""A function over many lanes: each is answered by the groups of the path that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.keywords import WithKeywords
from autograd.compiler.lanes.examples import Examples, examples_of, lanes_first
from autograd.compiler.lanes.groups import LANES, Array
from autograd.compiler.lanes.machine import Code, Pool
from autograd.compiler.lanes.planning import grouped
from autograd.compiler.lanes.remote import Remote
from autograd.compiler.paths import BY_ARGUMENTS, BY_PARAMETERS, VALUE, Cost, Path, traced
from autograd.compiler.program import Program
from autograd.transforms.runs import name_of
from autograd.transforms.trees import flatten

MOST_PATHS = 100  # what takes another one is computed lane by lane
MOSTLY = 0.8  # lanes of which so many take a path are all computed as if they did
CONDITIONS = "conditions"  # the kind of a program of its guards alone
One = Callable[..., Any]


class LanePath:
    """One path through a function, and what runs it for many lanes."""

    def __init__(self, path: Path, flags: tuple[bool, ...]) -> None:
        self.path = path
        self.flags = (*flags, *(True for _ in path.recording.draws))
        self._pools: dict[str, Pool] = {}
        self.taken = 0  # by how many lanes of the last call that looked: those of most go first

    def _wanted(self, kind: str) -> tuple[Program, tuple[bool, ...], str]:
        """What is planned for a kind."""
        program = self.path.recording.program
        if kind == CONDITIONS:
            return program.with_(results=program.results[:0]), self.flags, VALUE
        return program, self.flags, kind

    def pool(self, kind: str) -> Pool:
        """Return what runs the programs of a kind."""
        if kind not in self._pools:
            with self.path.cost.planned():
                self._pools[kind] = Pool(grouped(*self._wanted(kind)))
        return self._pools[kind]

    def elsewhere(self, kind: str, remote: Remote | None) -> Any:
        """Return what lets other machines compute blocks, if they are to."""
        return None if remote is None else remote.blocks(*self._wanted(kind), self.pool(kind))

    def parameters(self, examples: Examples) -> list[float]:
        """Return the numbers of the captured Values, as they are now."""
        path = self.path
        return path.parameters(examples.example(0)) if path.captured else []

    def passing(
        self, examples: Examples, lanes: Array | None, remote: Remote | None
    ) -> Array | None:
        """Return which lanes take this path: of all of them, or of those that are listed; None
        if there is no condition.
        """
        if not self.path.recording.program.guards:
            return None
        pool = self.pool(CONDITIONS)
        machine = pool.take()
        count = examples.lanes if lanes is None else len(lanes)
        found = np.empty(count, bool)

        def take(_: Array, part: slice) -> None:
            found[part] = machine.passed()

        machine.cells[machine.code.parameters] = self.parameters(examples)
        machine.cells[machine.code.uniform] = examples.numbers
        columns = columns_of(examples, lanes)
        elsewhere = self.elsewhere(CONDITIONS, remote)
        machine.run(count, take=take, columns=columns, elsewhere=elsewhere)
        pool.give(machine)
        return found

    def summed(
        self,
        lanes: int,
        put: Callable[[Array, slice], None],
        numbers: Any,
        uniform: Sequence[float] = (),
        kind: str = BY_PARAMETERS,
        columns: Sequence[Array] = (),
        remote: Remote | None = None,
    ) -> tuple[float, Array, Any]:
        """Return the sum of the values of lanes, that of their gradients by what was captured, and
        which lanes take this path: True for all of them. Otherwise the sums are of no use.

        Parameters
        ----------
        lanes : int
        put, columns
            The inputs, as `Machine.run` asks for them.
        numbers, uniform : sequence of float
            Those of the captured Values, and of the inputs that are the same in every lane.
        kind : str
            `VALUE` for the values alone, and no gradient.
        remote : Remote, optional
            Who computes them.
        """
        self.path.check_scalar(name_of(self.path.function))
        pool = self.pool(kind)
        machine = pool.take()
        passed: list[Any] = []
        values = []
        (space, slot), *_ = machine.code.groups.results

        def take(rows: Array, part: slice) -> None:
            passed.append(machine.passed())
            if kind == VALUE:
                count = part.stop - part.start
                each = rows[slot] if space == LANES else np.full(count, machine.cells[slot])
                values.append(float(np.add.reduce(each)))

        code = machine.code
        machine.cells[code.parameters] = numbers
        machine.cells[code.uniform] = uniform
        machine.run(lanes, put, take, columns, self.elsewhere(kind, remote))
        value = sum(values) if kind == VALUE else float(machine.cells[slot])
        slopes = machine.cells[code.gradient].copy()
        pool.give(machine)
        if all(ok is True for ok in passed):
            return value, slopes, True
        block = code.block
        sizes = [min(block, lanes - start) for start in range(0, lanes, block)]
        each = [np.broadcast_to(ok, size) for ok, size in zip(passed, sizes, strict=True)]
        return value, slopes, np.concatenate(each)


def columns_of(examples: Examples, lanes: Array | None) -> list[Array]:
    """Return the inputs of lanes, all of them or those that are listed, as a machine takes them."""
    found = [part.columns for part in examples.parts if part.columns is not None]
    return found if lanes is None else [columns.take(lanes, 0, None, "clip") for columns in found]


class Mapper:
    """The calls of a function over many lanes.

    Parameters
    ----------
    function : callable
    uniform : sequence of int
        The arguments that are the same in every lane.
    cost : Cost
    value, both : callable
        What answers one lane exactly: its value, and with its gradient.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        uniform: Sequence[int],
        cost: Cost,
        value: One,
        both: One,
    ) -> None:
        self.function, self.uniform, self.cost = function, uniform, cost
        self.name = name_of(function)
        self.keywords = function.names if isinstance(function, WithKeywords) else ()
        self.value, self.both = value, both
        self._paths: dict[Hashable, list[LanePath]] = {}
        self.last: Code | None = None  # what answered the last call, or the last part of it

    def examples(self, args: Sequence[Any]) -> Examples:
        """Take arguments apart."""
        return examples_of(args, self.uniform, self.name, self.keywords)

    def map(self, args: Sequence[Any], remote: Remote | None = None) -> Any:
        """Return the values of all lanes."""
        examples = self.examples(args)
        values, _, path = self._computed(examples, VALUE, remote)
        return self._results(path, values)

    def map_both(self, args: Sequence[Any], remote: Remote | None = None) -> Any:
        """Return the values and gradients of all lanes."""
        examples = self.examples(args)
        values, slopes, path = self._computed(examples, BY_ARGUMENTS, remote)
        return self._results(path, values), examples.gradient(slopes)

    def _results(self, path: LanePath, values: Array) -> Any:
        """Put the results together as the function does, lanes first."""
        return lanes_first(path.path.recording.rebuild([*values]))

    def known(self) -> list[list[LanePath]]:
        """Return all paths, by structure."""
        return [*self._paths.values()]

    def paths(self, examples: Examples) -> list[LanePath]:
        """Return the paths that are known for lanes of one structure."""
        return self._paths.get(examples.key, [])

    def traced(self, examples: Examples, lane: int) -> LanePath:
        """Trace the path that a lane takes."""
        path = LanePath(traced(self.function, examples.example(lane), self.cost), examples.flags)
        known = self.paths(examples)
        if known and known[0].path.recording.structure != path.path.recording.structure:
            raise TypeError(
                f"{self.name} answers lane {lane} with another structure than the "
                "others: every lane has to have results of one structure"
            )
        self._paths[examples.key] = [*known, path]
        return path

    def _computed(
        self, examples: Examples, kind: str, remote: Remote | None
    ) -> tuple[Array, Array, LanePath]:
        """The results and derivatives of all lanes."""
        n = examples.lanes
        left: Array | None = None  # all of them
        alone: list[Array] = []  # what is computed lane by lane
        known = self.paths(examples) or [self.traced(examples, 0)]
        first, paths = known[0], sorted(known, key=lambda path: -path.taken)
        values = np.empty((len(first.path.recording.program.results), n))
        slopes = np.empty((sum(x.size for x in examples.parts) if kind != VALUE else 0, n))
        k, sums = 0, list[float]()  # of numbers as they are written down: finite if all of them are
        while left is None or len(left):
            new = left is not None and k == len(paths)
            if left is not None and new:
                if k >= MOST_PATHS:
                    alone.append(left)
                    break
                paths.append(self.traced(examples, int(left[0])))
            path = paths[k]
            k += 1
            if kind != VALUE:
                path.path.check_scalar(self.name)
            # Of the last path that is known it turns out as it runs.
            last = k == len(paths)
            passing = None if last else path.passing(examples, left, remote)
            if passing is None or np.count_nonzero(passing) > MOSTLY * len(passing):
                failed = self._run(path, examples, kind, left, values, slopes, sums, remote)
                path.taken = (n if left is None else len(left)) - len(failed)
            else:
                taken, failed = np.flatnonzero(passing), np.flatnonzero(~passing)
                path.taken = len(taken)
                if left is not None:
                    taken, failed = left[taken], left[failed]
                if len(taken):
                    self._run(path, examples, kind, taken, values, slopes, sums, remote, sure=True)
            if left is not None and new and len(failed) and failed[0] == left[0]:
                alone.append(failed[:1])  # which its own path does not take, but for roundings
                failed = failed[1:]
            left = failed
        if not math.isfinite(sum(sums)):
            alone += [np.flatnonzero(~np.isfinite(x).all(axis=0)) for x in (values, slopes)]
        for lane in np.unique(np.concatenate(alone)).tolist() if alone else ():
            self._alone(examples, lane, kind, values, slopes)
        return values, slopes, first

    def _run(
        self,
        path: LanePath,
        examples: Examples,
        kind: str,
        lanes: Array | None,
        values: Array,
        slopes: Array,
        sums: list[float],
        remote: Remote | None,
        sure: bool = False,
    ) -> Array:
        """Run a path for some lanes, write down what it answers, and return the lanes that take
        another one, unless it is sure that none does.
        """
        pool = path.pool(kind)
        machine = pool.take()
        self.last = machine.code
        groups = machine.code.groups
        count = examples.lanes if lanes is None else len(lanes)
        failed = []

        def take(rows: Array, part: slice) -> None:
            where: Any = part if lanes is None else lanes[part]
            ok = sure or machine.passed()
            if ok is not True:
                every = np.arange(part.start, part.stop) if lanes is None else where
                failed.append(every[~ok])
            for out, places in ((values, groups.results), (slopes, groups.gradients)):
                for of_lanes, (space, slot) in zip(out, places, strict=True):
                    found = rows[slot] if space == LANES else machine.cells[slot]
                    of_lanes[where] = found  # which another path overwrites where this one fails
                    sums.append(float(np.add.reduce(found, None)))  # while it is in the cache

        machine.cells[machine.code.parameters] = path.parameters(examples)
        machine.cells[machine.code.uniform] = examples.numbers
        columns = columns_of(examples, lanes)
        machine.run(count, take=take, columns=columns, elsewhere=path.elsewhere(kind, remote))
        pool.give(machine)
        return np.concatenate(failed) if failed else np.zeros(0, np.int64)

    def _alone(
        self, examples: Examples, lane: int, kind: str, values: Array, slopes: Array
    ) -> None:
        """Compute one lane exactly."""
        args = examples.example(lane)
        if kind == VALUE:
            values[:, lane] = _flat(self.value(*args))
        else:
            value, gradient = self.both(*args)
            values[:, lane], slopes[:, lane] = value, _flat(gradient)


def _flat(tree: Any) -> list[float]:
    """The numbers of a tree."""
    return [float(x) for x in flatten(tree, scalars=True)[0]]
