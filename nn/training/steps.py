"""The steps of a training, taken with Values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.ending import collector_paused
from autograd.graph.modes import look_around, no_grad
from autograd.graph.value import Value
from autograd.graph.watching.anomaly import AnomalyError, detect_anomaly
from nn.data.splitting import batches
from nn.modes import evaluation
from nn.optim.base import Optimizer
from nn.optim.clipping import clip_grad_norm_
from nn.training.snapshots import Snapshot

Model = Callable[[Any], Any]
Loss = Callable[[list[Any], list[Any]], Any]
Pairs = tuple[list[Any], list[Any]]  # inputs and targets


class Trainer:
    """Takes the steps of a training run, and measures what they lead to.

    Parameters
    ----------
    model, loss, optimiser, clip_norm
        As for `fit`.
    training, validation : tuple of (inputs, targets)
        The examples; `validation` may be None.
    """

    reason = ""  # why no programs are run, if they were to

    def __init__(
        self, model: Model, loss: Loss, optimiser: Optimizer, clip_norm: float | None,
        training: Pairs, validation: Pairs | None = None,
    ) -> None:  # fmt: skip
        self.model, self.loss, self.optimiser = model, loss, optimiser
        self.clip_norm = clip_norm
        self.training, self.validation = training, validation

    @property
    def by_programs(self) -> bool:
        """Whether programs take the steps."""
        return False

    def making(self) -> float:
        """Return the seconds that making programs took so far."""
        return 0.0

    def begin(self) -> None:
        """Be told that steps are to come: an epoch begins, in which nobody else looks on."""

    def end(self) -> None:
        """Be told that somebody may look at the parameters, and change them."""

    def step(self, batch: Sequence[int], where: str) -> float:
        """Take one step for a mini-batch and return its loss; refuse what is not finite."""
        optimiser = self.optimiser
        inputs, targets = ([part[i] for i in batch] for part in self.training)
        with collector_paused():
            mean = self.loss([self.model(x) for x in inputs], targets)
            if not isinstance(mean, Value):
                raise TypeError(f"the loss has to be a Value, but in {where} it was {mean!r}")
            if not math.isfinite(mean.data):
                raise self._failure(f"the loss is {mean.data} in {where}", inputs, targets)
            optimiser.zero_grad()
            mean.backward()
            if not all(math.isfinite(parameter.grad) for parameter in optimiser.params):
                raise self._failure(f"a gradient is not finite in {where}", inputs, targets)
            if self.clip_norm is not None:
                clip_grad_norm_(optimiser.params, self.clip_norm)
            before = Snapshot(optimiser.params, optimiser)
            try:
                optimiser.step()
                if spoiled := _spoiled(optimiser):
                    raise FloatingPointError(
                        f"{spoiled} is not finite after the step in {where}; {REMEDY}"
                    )
            except BaseException:  # Ctrl-C too: half a step is none
                before.put_back()
                raise
            return float(mean.data)

    def _failure(self, what: str, inputs: list[Any], targets: list[Any]) -> FloatingPointError:
        """Return the error for a step that failed; a second try finds the operation to name."""
        cause = None
        try:
            with detect_anomaly():
                self.loss([self.model(x) for x in inputs], targets).backward()
        except AnomalyError as anomaly:
            cause = anomaly
            what += f": {str(anomaly).splitlines()[0]}"
        failure = FloatingPointError(f"{what}; {REMEDY}")
        failure.__cause__ = cause
        return failure

    def measure(self, size: int, epoch: int) -> float:
        """Return the mean loss over the examples that are not trained on."""
        inputs, targets = self.validation or ([], [])
        total = 0.0
        with evaluation(), no_grad():
            for batch in batches(len(inputs), size, None):
                outputs = [self.model(inputs[i]) for i in batch]
                mean = self.loss(outputs, [targets[i] for i in batch])
                total += float(mean.data) * len(batch)
        if not math.isfinite(total):
            raise FloatingPointError(f"the validation loss is {total} after epoch {epoch}")
        return total / len(inputs)


REMEDY = "a smaller learning rate, or standardised inputs, may help"


def are_watched() -> bool:
    """Whether somebody sees the nodes that are made, which programs do without."""
    modes = look_around()
    seen = (modes.recorder, modes.listener, modes.made)
    return modes.watched or any(x is not None for x in seen)


def _spoiled(optimiser: Optimizer) -> str:
    """Return what an optimiser remembers that a step has made infinite or nan, if anything.

    With a square that is inf, Adam would not move a parameter ever again; the parameters themselves
    show in the next loss.
    """
    for name, numbers in optimiser.state.items():
        floats = [x for x in numbers if type(x) is float]
        # Their sum tells it in a tenth of the time, unless that overflows alone.
        if not math.isfinite(sum(floats)) and not all(map(math.isfinite, floats)):
            return f"{name} of {type(optimiser).__name__}"
    return ""
