"""The training loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from autograd import AnomalyError, Value, collector_paused, detect_anomaly, no_grad
from nn.callbacks import Epoch, Examples, Watch
from nn.checkpoints import Run
from nn.data import batches
from nn.history import History
from nn.module import Module
from nn.optim import Optimizer, Schedule, clip_grad_norm_
from nn.rng import Rng, source

Model = Callable[[Any], Any]
Loss = Callable[[list[Any], list[Any]], Any]


def fit(
    model: Model,
    loss: Loss,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    optimiser: Optimizer,
    epochs: int,
    batch_size: int | None = 32,
    rng: Rng | int = 0,
    progress: bool = True,
    *,
    validation: Examples | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    stop_when: Callable[[Epoch], bool] | None = None,
    callbacks: Iterable[Callable[[Epoch], object]] = (),
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> History:
    """Train a model: lower the mean loss over the examples, mini-batch by mini-batch.

    Each epoch visits every example once, in an order drawn anew; each mini-batch makes one
    step of the optimiser. Ctrl-C ends the training and keeps what was learned.

    Parameters
    ----------
    model : callable
        Turns one input into one output.
    loss : callable
        ``loss(outputs, targets)`` returns the mean loss of a mini-batch as one Value, as the
        functions of `nn.losses` do.
    inputs, targets : sequence
        The examples, and what the model should make of them.
    optimiser : Optimizer
        Moves the parameters.
    epochs : int
        How often every example is visited.
    batch_size : int or None
        The number of examples in a step: 1 for an update after every example, None for all
        of them (the full batch).
    rng : Rng or int
        Draws the order of the examples; an int is the seed of a source of this run's own.
    progress : bool
        True for a progress bar on standard error.
    validation : tuple of (inputs, targets), optional
        Examples that are not trained on; their mean loss is measured after each epoch.
    patience : int, optional
        Stop when the validation loss has not improved for so many epochs. The weights with the
        lowest validation loss come back, however the training ends.
    min_delta : float
        What counts as improved, for `patience`: a loss lower by more than this than the last one
        that counted. The weights that come back are the best, however little better.
    stop_when : callable, optional
        Stop after an epoch for which this is true; it is given an `nn.callbacks.Epoch`, as in
        ``stop_when=lambda epoch: epoch.loss < 0.01`` or ``epoch.accuracy() > 0.98``.
    callbacks : iterable of callable
        Each is called with the `nn.callbacks.Epoch` after each epoch, the model being in
        evaluation; what it returns is not used. Changes that it makes to the optimiser are part
        of the checkpoint.
    schedule : Schedule, optional
        Takes a step after each epoch, given the validation loss, or else the training loss.
    clip_norm : float, optional
        The greatest norm of a gradient; see `nn.optim.clip_grad_norm_`.
    checkpoint : str or Path, optional
        A JSON file that is written after each epoch.
    resume : bool
        Go on from `checkpoint`, for `epochs` epochs in all. The result is bit for bit that of a
        run without a break.

    Returns
    -------
    History
        The mean loss over the examples in each epoch, measured before each step.

    Raises
    ------
    FloatingPointError
        If a loss or its gradient is not finite; the message names the step and the operation
        that made the first such number, the cause also the source line. The weights are left as
        they were before the step that would have used it.
    OSError
        If the checkpoint cannot be read or written.
    SavedFileError
        If the checkpoint is damaged or belongs to another run; nothing is then changed.
    TypeError
        If `loss` does not return a Value, a callback is no function, or `stop_when` returns None.
    ValueError
        If there are no examples, `inputs` and `targets` differ in length, `epochs`,
        `batch_size` or `patience` is below 1, or something is missing that an argument needs.

    Examples
    --------
    >>> import random
    >>> from nn.layers import Neuron
    >>> from nn.losses import mse
    >>> from nn.optim import SGD
    >>> model = Neuron(1, nonlin=False, rng=random.Random(0))
    >>> optimiser = SGD(model.parameters(), lr=0.1)
    >>> history = fit(
    ...     model, mse, [[0.0], [1.0]], [1.0, 3.0], optimiser, 500, None, progress=False
    ... )
    >>> print(f"{model.w[0].data:.3f} {model.b.data:.3f}")
    2.000 1.000
    """
    count = _count((inputs, targets), "train on")
    size = count if batch_size is None else batch_size
    for name, number in (("epochs", epochs), ("batch_size", size), ("patience", patience)):
        if number is not None and number < 1:
            raise ValueError(f"{name} has to be at least 1, but was {number}")
    if validation is not None:
        _count(validation, "validate on")
    elif patience is not None:
        raise ValueError("patience needs examples to validate on; pass validation")
    if resume and checkpoint is None:
        raise ValueError("resume needs to know from where; pass checkpoint")

    watch = Watch(callbacks, stop_when, patience, min_delta)
    run = Run(model, optimiser, schedule, source(rng), (count, size))
    if resume and checkpoint is not None:
        run.read(checkpoint)
    trainer = _Trainer(model, loss, optimiser, clip_norm)
    steps = math.ceil(count / size)
    mode = model.training if isinstance(model, Module) else True
    history = run.history

    def finished() -> Epoch:
        """Return the last epoch."""
        validated = history.validation[-1] if history.validation else None
        examples = validation or (inputs, targets)
        facts = (len(history), epochs, history[-1], validated)
        return Epoch(*facts, model, optimiser, history, examples)

    try:
        with _bar(epochs * steps, len(history) * steps) if progress else nullcontext() as bar:
            while len(history) < epochs:
                # Asked here, so that a run taken up again ends where it ended.
                if history and (ended := watch.ended(finished())):
                    history.stopped = ended
                    break
                epoch = len(history) + 1
                trainer.train(True)
                total = 0.0
                for number, batch in enumerate(batches(count, size, run.rng), start=1):
                    examples = [inputs[i] for i in batch], [targets[i] for i in batch]
                    where = f"epoch {epoch}, batch {number}"
                    total += trainer.step(*examples, where) * len(batch)
                    if bar is not None:
                        bar.update()
                measured = trainer.measure(*validation, size, epoch) if validation else None
                run.finish_epoch(total / count, measured, keep_best=patience is not None)
                watch.tell(finished())
                if checkpoint is not None:
                    run.write(checkpoint)
                if bar is not None:
                    shown = {"loss": f"{history[-1]:.4g}"}
                    if measured is not None:
                        shown["validation"] = f"{measured:.4g}"
                    bar.set_postfix(shown, refresh=False)
    except KeyboardInterrupt:
        trainer.undo_half_a_step()
        history.stopped = "interrupted"
    finally:
        trainer.train(mode)
        run.bring_back_best()
    return history


class _Trainer:
    """Takes the steps of a training run, and measures what they lead to."""

    def __init__(
        self, model: Model, loss: Loss, optimiser: Optimizer, clip_norm: float | None
    ) -> None:
        self.model, self.loss, self.optimiser = model, loss, optimiser
        self.clip_norm = clip_norm
        self.before: list[Any] | None = None

    def train(self, mode: bool) -> None:
        """Bring the model into the state for training, or for evaluation."""
        if isinstance(self.model, Module):
            self.model.train(mode)

    def step(self, inputs: list[Any], targets: list[Any], where: str) -> float:
        """Take one step for a mini-batch and return its loss; refuse what is not finite."""
        optimiser = self.optimiser
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
            before = [parameter.data for parameter in optimiser.params]
            self.before = before
            optimiser.step()
            self.before = None
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
        failure = FloatingPointError(
            f"{what}; a smaller learning rate, or standardised inputs, may help"
        )
        failure.__cause__ = cause
        return failure

    def undo_half_a_step(self) -> None:
        """Put back the weights of before a step that was interrupted."""
        if self.before is not None:
            for parameter, number in zip(self.optimiser.params, self.before, strict=True):
                parameter.data = number

    def measure(
        self, inputs: Sequence[Any], targets: Sequence[Any], size: int, epoch: int
    ) -> float:
        """Return the mean loss over examples that are not trained on."""
        self.train(False)
        total = 0.0
        with no_grad():
            for batch in batches(len(inputs), size, None):
                outputs = [self.model(inputs[i]) for i in batch]
                mean = self.loss(outputs, [targets[i] for i in batch])
                total += float(mean.data) * len(batch)
        if not math.isfinite(total):
            raise FloatingPointError(f"the validation loss is {total} after epoch {epoch}")
        return total / len(inputs)


def _count(examples: Examples, purpose: str) -> int:
    """Return how many examples there are, and as many targets."""
    inputs, targets = examples
    if len(targets) != len(inputs):
        raise ValueError(f"there are {len(inputs)} inputs, but {len(targets)} targets")
    if not len(inputs):
        raise ValueError(f"there are no examples to {purpose}")
    return len(inputs)


def _bar(total: int, done: int) -> Any:
    """Return a progress bar over `total` steps, on standard error."""
    # Imported only here, so that importing nn stays light.
    from tqdm import tqdm

    return tqdm(total=total, initial=done, desc="training", unit="batch")
