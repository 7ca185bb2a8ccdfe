"""The steps of a training, taken by programs: what is trained lies in arrays meanwhile."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lanes.mapping import LanePath
from autograd.compiler.lanes.remote import Remote
from autograd.compiler.trace import EagerError as NoProgramError
from autograd.compiler.traced import TraceError
from autograd.graph.node import has_hooks
from autograd.graph.value import Value
from autograd.graph.watching.hooks import HOOKED
from nn.data.splitting import batches
from nn.modes import evaluation
from nn.saving.identity import facts
from nn.trail import Trail
from nn.training import moving
from nn.training.drawing import Drawn
from nn.training.lanes import EagerError, Lanes, NoGainError
from nn.training.moving import Rows
from nn.training.noticing import mode, noticed, same_rows
from nn.training.steps import Trainer, are_watched

Array = NDArray[Any]
DIGITS = 1e-9  # to which the first step is that of eager
# What tracing and planning raise that eager computation may well do.
REFUSED = (TraceError, NoProgramError, EagerError, TypeError, ValueError)


class _Index(NamedTuple):
    """What a path captured: which parameters are trained, where they are, and which are others."""

    trained: Array
    own: Array
    others: list[int]
    captured: list[Any]
    whole: bool  # it is the parameters that are trained, in their order


class CompiledTrainer(Trainer):
    """Takes steps by programs, over the lanes of a mini-batch at once.

    Between `begin` and `end` the Values hold what they held at `begin`. The first step is compared
    with that of eager; a step whose loss or gradient is not finite is taken by Values, which name
    the operation. Where no program can be made, `reason` says why, and Values take all steps.
    """

    reason = ""

    def __init__(
        self, *args: Any, thrifty: bool = False, watched: bool = False, client: Any = None,
        pace: Callable[[float], None] = lambda _: None,
    ) -> None:  # fmt: skip
        super().__init__(*args)
        self._thrifty, self._watched, self._pace = thrifty, watched, pace
        self._remote = None if client is None else Remote(client)
        self._rows = Rows(self.optimiser)
        self._drawn = Drawn()
        self._lanes: Lanes | None = None
        self._measured: Lanes | None = None
        self._index: dict[int, _Index] = {}
        self._trained: list[Any] = []
        self._beside: list[tuple[Any, float]] = []  # the gradient of what is not trained
        self._inside = self._moved = False
        self._steps, self._measures = 0, True
        self._made_of: Trail | None = None  # of model and loss, as far as it tells of changes
        self._made_for: Callable[[], bool] | None = None  # whether examples are the same
        self._stale = False  # whether `measure` is to see that its programs still do
        self.reason = self._refused()
        if self.reason:
            self._say()

    @property
    def by_programs(self) -> bool:
        """Whether programs take the steps: as long as there is no reason why not."""
        return not self.reason

    def making(self) -> float:
        """Return the seconds that tracing and planning took so far."""
        return sum(x.cost.tracing + x.cost.planning for x in (self._lanes, self._measured) if x)

    def _refused(self) -> str:
        """Why this cannot be trained by programs, as far as it is to be seen beforehand."""
        if are_watched():
            return "nodes are watched"
        if found := moving.refused(self.optimiser):
            return found
        params = self.optimiser.params
        numbers = [x.data for x in params]
        if not {float}.issuperset(map(type, numbers)):
            other = next(x for x in numbers if type(x) is not float)
            return f"a parameter is {other!r}, and no float"
        hooked = HOOKED and any(map(has_hooks, params))  # seldom is there any hook at all
        return "a parameter has a hook" if hooked else ""

    def _say(self) -> None:
        """Say once that Values are trained."""
        level, frame = 1, sys._getframe()
        while frame.f_back and frame.f_globals.get("__name__", "").startswith("nn.training."):
            level, frame = level + 1, frame.f_back
        said = f"this is trained without programs: {self.reason}"
        warnings.warn(said, RuntimeWarning, stacklevel=level)

    def _give_up(self, error: BaseException | str) -> None:
        """Train with Values from now on."""
        self.end()
        text = str(error) or type(error).__name__
        self.reason = text.splitlines()[0]
        if not isinstance(error, NoGainError):
            self._say()

    # -- epochs ---------------------------------------------------------------------------------
    def begin(self) -> None:
        """Take parameters and memory over."""
        if not self.reason and (found := self._refused()):  # a callback may have changed something
            self._give_up(found)
        if not self.reason:
            params = self.optimiser.params
            if len(self._trained) != len(params) or not all(map(is_, self._trained, params)):
                self._trained, self._index = [*params], {}
            self._rows.pull()
            self._drawn.begin()
            self._inside, self._moved = True, False
            try:
                self._prove()
                if self._watched:
                    self._look()
            except REFUSED as error:
                self._give_up(error)

    def _look(self) -> None:
        """See whether a callback changed examples, model or loss; only then programs are checked.

        They are traced anew for it, at each epoch where something has code of somebody else's.
        """
        if self._made_for is None or not self._made_for():
            self._lanes, self._measured, self._index = None, None, {}
            self._made_for = same_rows(*self.training, *(self.validation or ()))
        if self._made_of is None or not self._made_of.leads(mode()):
            self._stale = True
            _check(self._lanes)
            self._made_of = noticed(self.model, self.loss)

    def end(self) -> None:
        """Give them back, also if Ctrl-C is pressed meanwhile."""
        while self._inside:
            try:
                self._rows.push(self._moved)
                self._drawn.end()
                self._inside = False
            except KeyboardInterrupt:
                continue

    def step(self, batch: Sequence[int], where: str) -> float:
        """Take one step for a mini-batch and return its loss; refuse what is not finite."""
        if self.reason:
            return super().step(batch, where)
        before = self._drawn.state()
        try:
            if self._steps == 1:
                self._prove()
            loss, gradient = self._of_batch(batch)
            if not self._steps:
                self._check(batch, loss, gradient)
        except REFUSED as error:
            self._drawn.back_to(before)
            self._give_up(error)
            return super().step(batch, where)
        self._steps += 1
        if math.isfinite(loss) and _finite(gradient) and self._take(gradient):
            return loss
        self._drawn.back_to(before)
        self.end()
        found = super().step(batch, where)  # which mostly raises, and says where
        self.begin()
        return found

    def _of_batch(self, batch: Sequence[int]) -> tuple[float, Array]:
        """The mean loss of a mini-batch and its gradient."""
        if self._lanes is None:
            self._lanes = Lanes(
                self.model, self.loss, *self.training, drawing=True, thrifty=self._thrifty,
                remote=self._remote,
            )  # fmt: skip
        total, gradient = 0.0, np.zeros(len(self._rows.numbers))
        self._beside = []
        for path, value, slopes in self._lanes.sums(batch, self._numbers, self._drawn):
            total += value
            index = self._index[id(path)]
            if index.whole:
                gradient += slopes
            else:
                gradient[index.trained] += slopes[index.own]
            self._beside += [(index.captured[k], slopes[k] / len(batch)) for k in index.others]
        return total / len(batch), gradient / len(batch)

    def _numbers(self, path: LanePath, _: Any = None) -> Array:
        """The numbers of what a path captured: trained, or not."""
        index = self._index.get(id(path))
        if index is None:
            known = {id(x): i for i, x in enumerate(self.optimiser.params)}
            places = [known.get(id(x), -1) for x in path.path.captured]
            index = self._index[id(path)] = _Index(
                trained=np.array([k for k in places if k >= 0], int),
                own=np.array([i for i, k in enumerate(places) if k >= 0], int),
                others=[i for i, k in enumerate(places) if k < 0],
                captured=path.path.captured,
                whole=places == [*range(len(known))],
            )
        if index.whole:
            return self._rows.numbers
        numbers: Array = self._rows.numbers[index.trained]
        if not index.others:
            return numbers
        found = np.array([x.data for x in index.captured], float)
        found[index.own] = numbers
        return found

    def _take(self, gradient: Array) -> bool:
        """Take the step of a gradient, whole or not at all; whether what comes of it is finite."""
        if self.clip_norm is not None:
            gradient = clipped(gradient, float(self.clip_norm))
        rows, groups = self._rows, self.optimiser.param_groups
        counts = [{k: x for k, x in group.items() if k != "params"} for group in groups]
        before = rows.gradient
        try:
            rows.gradient = gradient
            numbers, memory = rows.moved()
            if not all(map(_finite, memory.values())):
                raise FloatingPointError
        except BaseException as error:
            rows.gradient = before
            for group, held in zip(groups, counts, strict=True):
                group.update(held)
            if isinstance(error, FloatingPointError):
                return False
            raise
        rows.numbers, rows.memory, self._moved = numbers, memory, True
        for value, slope in self._beside:  # which nobody sets to 0
            value.grad = value.grad + float(slope)
        return True

    def _check(self, batch: Sequence[int], loss: float, gradient: Array) -> None:
        """Compare the first step with that of eager, whose streams are still where it began."""
        lanes = self._lanes
        layers = {x: x.rng for group in (lanes.groups if lanes else ()) for x in group.draws}
        states = [(source, source.getstate()) for source in layers.values()]
        before = [(value, value.grad) for value, _ in self._beside]
        try:
            inputs, targets = ([part[i] for i in batch] for part in self.training)
            given = self._facts()
            began = time.perf_counter()
            mean = self.loss([self.model(x) for x in inputs], targets)
            if not isinstance(mean, Value):
                raise EagerError("the loss is no Value")
            self.optimiser.zero_grad()
            mean.backward()
            self._pace(time.perf_counter() - began)
            if moved := [key for key, text in self._facts().items() if given.get(key) != text]:
                raise EagerError(f"{moved[0]} is another one after a step than before it")
            true = np.array([float(x.grad) for x in self.optimiser.params])
            finite = math.isfinite(mean.data) and np.isfinite(true).all()
            size = DIGITS * max(1.0, float(np.abs(true).max(initial=0.0)))
            if finite and not (
                math.isclose(loss, mean.data, rel_tol=DIGITS, abs_tol=DIGITS)
                and (np.abs(true - gradient) <= size).all()
            ):
                raise EagerError("a step by programs is another one than a step with Values")
        except BaseException:
            for source, state in states:
                source.setstate(state)
            raise
        finally:
            for value, slope in before:
                value.grad = slope

    def _facts(self) -> dict[str, str]:
        """What model and loss consist of beside parameters: programs would freeze it."""
        return {**facts("model", self.model), **facts("loss", self.loss)}

    def _prove(self) -> None:
        """See that programs freeze no number that has changed, by tracing them anew with it."""
        if self._lanes is None:
            return
        traced = self._lanes.traces()
        unproven = [(x.path, args) for x, args in traced if x.path.proves(self._numbers(x))]
        if not unproven:
            return
        params = self.optimiser.params
        before = [x.data for x in params]
        try:
            for parameter, number in zip(params, self._rows.numbers.tolist(), strict=True):
                parameter.data = number
            for path, pair in unproven:
                path.parameters(pair)
        finally:
            for parameter, number in zip(params, before, strict=True):
                parameter.data = number

    def measure(self, size: int, epoch: int) -> float:
        """Return the mean loss over the examples that are not trained on."""
        if self.reason or self.validation is None or not self._measures:
            return super().measure(size, epoch)
        every = range(len(self.validation[0]))
        try:
            with evaluation():
                if self._measured is None:
                    self._measured = Lanes(
                        self.model, self.loss, *self.validation, drawing=False,
                        thrifty=self._thrifty, remote=self._remote,
                    )  # fmt: skip
                elif self._stale:
                    _check(self._measured)
                self._stale = False
                sums = self._measured.sums(every, _of_values, None)
                if self._measured.whole:  # a mean over batches, as Values have it
                    parts = batches(len(every), size, None)
                    sums = [
                        x for part in parts for x in self._measured.sums(part, _of_values, None)
                    ]
        except REFUSED:
            self._measures = False
            return super().measure(size, epoch)
        total = sum(value for _, value, _ in sums)
        return total / len(every) if math.isfinite(total) else super().measure(size, epoch)


def _of_values(path: LanePath, pair: Any) -> list[float]:
    """The numbers of what a path captured, as the Values have them; that none is frozen is seen."""
    return path.path.parameters(pair)


def _check(lanes: Lanes | None) -> None:
    """See that model and loss still do what was traced; a callback may have changed them."""
    for path, args in lanes.traces() if lanes else ():
        path.path.check(args)


def _finite(numbers: Array) -> bool:
    """Whether all numbers are finite; their sum tells it, unless that overflows alone."""
    return math.isfinite(np.add.reduce(numbers)) or bool(np.isfinite(numbers).all())


def clipped(gradient: Array, limit: float) -> Array:
    """Return a gradient of at most a norm, as `clip_grad_norm_` leaves it."""
    norm = math.hypot(*gradient.tolist())
    factor = 1.0 if limit == math.inf else limit / (norm + 1e-6)
    if norm == math.inf:
        largest = float(np.abs(gradient).max())
        factor = limit / largest / math.hypot(*(gradient / largest).tolist())
    return gradient if factor >= 1 else gradient * factor
