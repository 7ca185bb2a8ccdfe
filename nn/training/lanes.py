"""The examples of a compiled training as arrays, and the loss of some of them by programs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lanes.mapping import LanePath
from autograd.compiler.lanes.remote import Remote
from autograd.compiler.lanes.separating import is_mean
from autograd.compiler.paths import BY_PARAMETERS, VALUE, Cost, traced
from autograd.compiler.recording import recorded
from autograd.compiler.structure import read
from nn.training.drawing import Drawn

Array = NDArray[Any]
Loss = Callable[[list[Any], list[Any]], Any]
Sums = list[tuple[LanePath, float, Array]]
MOST_PATHS = 50  # that the examples of one structure may take
FEW_PATHS = 4  # that batches of one make-up may take, where they are traced whole
MOST_SCALARS = 300_000  # of a batch that is traced whole
# Of one that has to pay by itself; structures of examples, and examples of each, that have to.
PAYING_SCALARS, PAYING_STRUCTURES, PAYING_EXAMPLES = 50_000, 4, 100


class EagerError(Exception):
    """Training cannot be compiled; the message says why."""


class NoGainError(EagerError):
    """To train by programs would take longer; the message says why."""


class NotMeanError(Exception):
    """The loss of a batch is not the mean of those of its examples, each for itself."""


class Alike:
    """The examples of one structure.

    Attributes
    ----------
    columns : array, (numbers, examples)
        Their inputs and targets, one after the other.
    paths : list of LanePath
        The ways that they take through model and loss.
    last : array of int
        Which of them each took last.
    """

    def __init__(self, pairs: list[tuple[Any, Any]], numbers: list[list[float]]) -> None:
        self.pairs = pairs
        self.columns = np.ascontiguousarray(np.array(numbers, float).reshape(len(pairs), -1).T)
        self.paths: list[LanePath] = []
        self.last = np.zeros(len(pairs), np.int64)
        self.first: Any = None  # the example that the first path was traced with
        self.known: set[int] = set()  # the examples that paths were traced with

    @property
    def draws(self) -> Sequence[Any]:
        """Who draws a number for each example, in order."""
        return self.paths[0].path.recording.draws if self.paths else ()


class Lanes:
    """Examples that a model is trained or measured on.

    Parameters
    ----------
    model, loss : callable
        As for `fit`.
    inputs, targets : list
    drawing : bool
        Whether numbers may be drawn, as Dropout does while it is trained.
    thrifty : bool
        Whether to refuse what takes longer to plan than it gains.
    remote : Remote, optional
        Who computes blocks of examples.

    Raises
    ------
    EagerError
        If they are no numbers.
    """

    def __init__(
        self, model: Callable[[Any], Any], loss: Loss, inputs: list[Any], targets: list[Any],
        drawing: bool, thrifty: bool = False, remote: Remote | None = None,
    ) -> None:  # fmt: skip
        self._remote = remote
        self._model, self._loss, self._drawing, self._thrifty = model, loss, drawing, thrifty
        self.whole = False  # whether batches are traced whole, as their loss is no mean
        self._wholes: dict[Hashable, tuple[Any, list[LanePath]]] = {}
        self.cost = Cost()
        groups: dict[Hashable, tuple[list[Any], list[list[float]]]] = {}
        places: dict[Hashable, int] = {}
        self._places = np.empty((2, len(inputs)), np.int64)
        for i, (x, y) in enumerate(zip(map(_plain, inputs), map(_plain, targets), strict=True)):
            found: list[Any] = []
            try:
                key = read(x, found, "an input"), read(y, found, "a target"), _kinds(x), _kinds(y)
            except TypeError as error:
                raise EagerError(f"the examples are no numbers: {error}") from None
            pairs, numbers = groups.setdefault(key, ([], []))
            self._places[:, i] = places.setdefault(key, len(places)), len(pairs)
            pairs.append((x, y))
            numbers.append([float(number) for number in found])
        if thrifty and len(groups) > max(PAYING_STRUCTURES, len(inputs) / PAYING_EXAMPLES):
            raise NoGainError(
                f"{len(inputs)} examples of {len(groups)} structures would each need a program"
            )
        self.groups = [Alike(*group) for group in groups.values()]

    def one(self, x: Any, y: Any) -> Any:
        """Return the loss of one example."""
        return self._loss([self._model(x)], [y])

    def _several(self, xs: Sequence[Any], ys: Sequence[Any]) -> Any:
        """Return the loss of a batch."""
        return self._loss([self._model(x) for x in xs], list(ys))

    def traced(self, group: Alike, row: int) -> LanePath:
        """Trace the path of an example, whose loss has to be its part in that of a batch."""
        pair = group.pairs[row]
        path = LanePath(
            traced(self.one, pair, self.cost, self._drawing), (True,) * len(group.columns)
        )
        recording = path.path.recording
        if not recording.scalar:
            raise EagerError("the loss of an example is not one number")
        first = group.paths[0] if group.paths else path
        if first.path.recording.draws != recording.draws:
            raise EagerError("what is drawn depends on the path that an example takes")
        self._check_mean((pair, path), (pair, path))
        if first is not path:
            self._check_mean((group.first, first), (pair, path))
        else:
            group.first = pair
        group.paths.append(path)
        group.known.add(row)
        return path

    def _check_mean(self, one: Any, other: Any) -> None:
        """Whether the loss of two examples is the mean of theirs."""
        (x, y), first = one
        (v, w), second = other
        both = recorded(self._several, [[x, v], [y, w]], drawing=self._drawing)
        sizes = [len(read_numbers(part)) for part in (x, v, y, w)]
        drawn = len(first.path.recording.draws)
        whose = np.repeat([0, 1, 0, 1, 0, 1], [*sizes, drawn, drawn]).tolist()
        if not is_mean(both, whose, [first.path.recording, second.path.recording]):
            raise NotMeanError

    # -- sums -----------------------------------------------------------------------------------
    def sums(
        self, batch: Sequence[int], numbers: Callable[[LanePath, Any], Any], drawn: Drawn | None
    ) -> Sums:
        """Return for each path the sum of losses and of their gradients by what it captured.

        Where the loss is no mean it is that of the batch, times the number of examples.

        Parameters
        ----------
        batch : sequence of int
            The examples.
        numbers : callable
            Gives the numbers of the Values that a path captured, of which an example is given too.
        drawn : Drawn or None
            Gives the numbers that are drawn; None to measure the loss alone.
        """
        if not self.whole:
            before = drawn.state() if drawn else {}
            try:
                return self._of_examples(batch, numbers, drawn)
            except NotMeanError:
                self.whole = True
                if drawn:
                    drawn.back_to(before)
        return self._of_whole(batch, numbers, drawn)

    def _of_whole(self, batch: Sequence[int], numbers: Any, drawn: Drawn | None) -> Sums:
        """The sums of a batch that is traced as one example."""
        if self._thrifty and len(self.groups) > 1:
            raise NoGainError("each batch would need a program, as its loss is no mean")
        key = tuple(self._places[0, list(batch)].tolist())
        pairs = [self.groups[k].pairs[row] for k, row in self._places[:, list(batch)].T.tolist()]
        args = [list(part) for part in zip(*pairs, strict=True)]
        given = [float(x) for part in args for x in read_numbers(part)]
        _, paths = self._wholes.setdefault(key, (args, []))
        factors: Any = None
        for k in range(FEW_PATHS):
            if k == len(paths):
                path = traced(self._several, args, self.cost, self._drawing)
                size = len(path.recording.program)
                if self._thrifty and size > PAYING_SCALARS:
                    raise NoGainError("a batch whose loss is no mean needs too large a program")
                if size > MOST_SCALARS:
                    raise EagerError("a batch whose loss is no mean is too large for a program")
                paths.append(LanePath(path, (False,) * len(given)))
            if drawn and factors is None and paths[k].path.recording.draws:
                factors = drawn.of_batch([paths[k].path.recording.draws])[0]

            def put(block: Array, _: slice, factors: Any = factors) -> None:
                if factors is not None:
                    block[: len(factors), 0] = factors

            kind = VALUE if drawn is None else BY_PARAMETERS
            value, slopes, ok = paths[k].summed(1, put, numbers(paths[k], args), given, kind=kind)
            if ok is True:
                return [(paths[k], value * len(batch), slopes * len(batch))]
        raise EagerError(f"batches whose loss is no mean take more than {FEW_PATHS} paths")

    def traces(self) -> list[tuple[LanePath, Any]]:
        """Return all paths, each with what it can be traced again with."""
        alone = [(path, group.first) for group in self.groups for path in group.paths]
        return alone + [(path, args) for args, paths in self._wholes.values() for path in paths]

    def _of_examples(self, batch: Sequence[int], numbers: Any, drawn: Drawn | None) -> Sums:
        """The sums of the examples of a batch."""
        found: list[tuple[LanePath, float, Array]] = []
        at = np.array(batch)
        if len(self.groups) == 1:
            alike = [(self.groups[0], np.arange(len(at)), at)]
        else:
            groups, rows = self._places[:, at]
            parts = [(k, np.flatnonzero(groups == k)) for k in np.unique(groups).tolist()]
            alike = [(self.groups[k], here, rows[here]) for k, here in parts]
        for group, _, own in alike:
            if not group.paths:
                self.traced(group, int(own[0]))
        factors = None
        if drawn is not None and any(group.draws for group, _, _ in alike):
            draws: list[Sequence[Any]] = [()] * len(at)
            for group, here, _ in alike:
                for i in here.tolist():
                    draws[i] = group.draws
            factors = drawn.of_batch(draws)
        for group, here, own in alike:
            mine = None if factors is None else np.array([factors[i] for i in here.tolist()]).T
            self._group_sums(group, own, mine, numbers, drawn, found)
        return found

    def _group_sums(
        self, group: Alike, rows: Array, masks: Array | None, numbers: Any, drawn: Any, found: Any
    ) -> None:
        """The sums of the examples of one structure."""
        last = group.last[rows]
        tried: dict[int, set[int]] = {}
        done: dict[int, Any] = {}  # one run of each path, so that no sum depends on earlier steps
        while todo := {*last.tolist()}.difference(done):
            k = min(todo)
            places = np.flatnonzero(last == k)
            value, slopes, ok = self._run(
                group.paths[k], group, rows, places, masks, numbers, drawn
            )
            if ok is True:
                done[k] = group.paths[k], value, slopes
                continue
            for place in places[~ok].tolist():
                tried.setdefault(place, set()).add(k)
                last[place] = self._elsewhere(group, int(rows[place]), tried[place])
                done.pop(int(last[place]), None)
        group.last[rows] = last
        found += sorted(done.values(), key=lambda each: each[0].path.recording.decisions)

    def _run(
        self, path: LanePath, group: Alike, rows: Array, places: Array, masks: Array | None,
        numbers: Any, drawn: Any,
    ) -> Any:  # fmt: skip
        """Run one path for some examples."""
        columns, lanes = group.columns, rows[places]
        count = len(columns)

        def put(block: Array, part: slice) -> None:
            columns.take(lanes[part], 1, block[:count], "clip")
            if masks is not None:
                block[count : count + len(masks)] = masks[:, places[part]]

        kind = VALUE if drawn is None else BY_PARAMETERS
        return path.summed(
            len(lanes), put, numbers(path, group.first), kind=kind, remote=self._remote
        )

    def _elsewhere(self, group: Alike, row: int, tried: set[int]) -> int:
        """The path to try next for an example that does not take those that were tried."""
        for k in range(len(group.paths)):
            if k not in tried:
                return k
        if len(group.paths) >= MOST_PATHS:
            raise EagerError(f"examples take more than {MOST_PATHS} paths")
        if row in group.known:
            raise EagerError("an example does not take its own path, but for roundings")
        self.traced(group, row)
        return len(group.paths) - 1


def read_numbers(tree: Any) -> list[Any]:
    """Return the numbers of a tree."""
    found: list[Any] = []
    read(tree, found)
    return found


def _plain(x: Any) -> Any:
    """An example with integers for truth values, which they are equal to."""
    if isinstance(x, bool):
        return int(x)
    return [_plain(part) for part in x] if type(x) is list and bool in set(map(type, x)) else x


def _kinds(x: Any) -> Hashable:
    """Which numbers of an example are integers, as the index of a class is."""
    if isinstance(x, (list, tuple)):
        kinds = set(map(type, x))
        if kinds <= {int} or kinds <= {float}:
            return kinds.pop().__name__ if kinds else None
        return tuple(map(_kinds, x))
    return type(x).__name__
