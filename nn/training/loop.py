"""The training loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from autograd.ending import Ending
from autograd.graph.modes import OPEN, look_around
from nn.checks import Examples, check_size, examples, pair
from nn.data.dataset import Dataset
from nn.data.splitting import batches
from nn.modes import own_modes
from nn.module import Module
from nn.optim.base import Optimizer
from nn.optim.clipping import positive
from nn.optim.schedules import Schedule
from nn.rng import Rng, source
from nn.saving.identity import checksum
from nn.training.callbacks import Epoch, Watch
from nn.training.history import History
from nn.training.runs import Run
from nn.training.taking import Steps

Model = Callable[[Any], Any]
Loss = Callable[[list[Any], list[Any]], Any]


def fit(
    model: Model,
    loss: Loss,
    inputs: Any,
    targets: Any,
    optimiser: Optimizer,
    epochs: int,
    batch_size: int | None = 32,
    rng: Rng = 0,
    progress: bool = True,
    *,
    validation: Examples | Dataset | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    stop_when: Callable[[Epoch], bool] | None = None,
    callbacks: Iterable[Callable[[Epoch], object]] = (),
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    notes: Mapping[str, Any] | None = None,
    compile: bool | None = None,
    client: Any = None,
) -> History:
    """Train a model: lower the mean loss over the examples, mini-batch by mini-batch.

    Each epoch visits every example once, in an order drawn anew; each mini-batch makes one
    step of the optimiser. Ctrl-C ends the training and keeps what was learned: the weights and the
    optimiser's memory after the last whole step.

    A model in evaluation is brought into training, and validation is an evaluation; afterwards
    every module is in the mode that it was in.

    Parameters
    ----------
    model : callable
        Turns one input into one output.
    loss : callable
        ``loss(outputs, targets)`` returns the mean loss of a mini-batch as one Value, as the
        functions of `nn.losses` do.
    inputs, targets : sequence, array, DataFrame or Series
        The examples, and what the model should make of them. They belong together by position:
        the index of a DataFrame or Series is ignored. Model and loss are given lists, and Python's
        own numbers, in place of arrays, frames and series.
    optimiser : Optimizer
        Moves the parameters.
    epochs : int
        How often every example is visited.
    batch_size : int or None
        The number of examples in a step: 1 for an update after every example, None for all
        of them (the full batch).
    rng : Rng or int
        Draws the order of the examples, and before that a stream for each `Dropout` without a seed;
        an int is the seed of a source of this run's own.
    progress : bool
        True for a progress bar on standard error.
    validation : tuple of (inputs, targets), or Dataset, optional
        Examples that are not trained on; their mean loss is measured after each epoch.
    patience : int, optional
        Stop when the validation loss has not improved for so many epochs. The weights with the
        lowest validation loss come back, however the training ends, and with them the optimiser's
        memory and the schedule.
    min_delta : float
        What counts as improved, for `patience`: a loss lower by more than this than the last one
        that counted. The weights that come back are the best, however little better.
    stop_when : callable, optional
        Stop after an epoch for which this is true; it is given an `nn.training.Epoch`, as in
        ``stop_when=lambda epoch: epoch.loss < 0.01`` or ``epoch.accuracy() > 0.98``.
    callbacks : iterable of callable
        Each is called with the `nn.training.Epoch` after each epoch, the model being in
        evaluation; what it returns is not used. Changes that it makes to the optimiser are part
        of the checkpoint.
    schedule : Schedule, optional
        Takes a step after each epoch, given the validation loss, or else the training loss.
    clip_norm : float, optional
        The greatest norm of a gradient; see `nn.optim.clip_grad_norm_`.
    checkpoint : str or Path, optional
        A JSON file that is written before the first epoch and after each.
    resume : bool
        Go on from `checkpoint`, for `epochs` epochs in all, which may be more than were asked for
        before. The result is bit for bit that of a run without a break. Everything else has to be
        what it was: the examples, the options, the loss, and of model, optimiser and schedule the
        classes and the attributes. Functions of your own are compared by their code and by what
        they refer to; the code of classes, and attributes with a leading underscore, are not.
    notes : mapping, optional
        What else has to be what it was, by name, such as the options of a program.
    compile : bool, optional
        Whether programs take the steps: over all examples of a mini-batch at once, in NumPy,
        without a Value (see `autograd.compile`). By default they take over from Values after so
        many steps that they pay, which depends on sizes alone (see `nn.training.taking`). True:
        from the first step. False: never. Losses are the same but for roundings. Where programs
        cannot be made, a RuntimeWarning says why, and Values take the steps.
    client : distributed.Client, optional
        Of dask, whose workers compute parts of large mini-batches by programs, from the first step
        on; with the very bits of ``compile=True``.

    Returns
    -------
    History
        The mean loss over the examples in each epoch, measured before each step.

    Raises
    ------
    FloatingPointError
        If a loss or its gradient is not finite; the message names the step and the operation
        that made the first such number, the cause also the source line. Or if a step makes
        infinite what the optimiser remembers. The weights are left as they were before that step.
        Or if a parameter is not finite after an epoch.
    OSError
        If the checkpoint cannot be read or written.
    SavedFileError
        If the checkpoint is damaged or belongs to another run; the message names the first thing
        that differs, and nothing is changed.
    TypeError
        If a part is a name, a class or of another kind, `loss` does not return a Value, `stop_when`
        returns None, or a checkpoint cannot hold the state.
    ValueError
        If there are no examples, `inputs` and `targets` differ in length, `epochs`,
        `batch_size` or `patience` is below 1, the optimiser holds none of the model's parameters,
        or something is missing that an argument needs.

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
    if OPEN:
        look_around()
    _check_kinds(model, loss, optimiser, schedule)
    if compile not in (None, True, False):
        raise TypeError(f"compile has to be True, False or None, but was {compile!r}")
    clip_norm = None if clip_norm is None else positive(clip_norm, "clip_norm")
    inputs, targets = _some(examples(inputs, targets), "train on")
    count, epochs = len(inputs), check_size(epochs, "epochs")
    size = count if batch_size is None else check_size(batch_size, "batch_size")
    patience = None if patience is None else check_size(patience, "patience")
    if validation is not None:
        validation = _some(pair(validation, "validation"), "validate on")
    elif patience is not None:
        raise ValueError("patience needs examples to validate on; pass validation")
    if client is not None:
        if compile is False:
            raise ValueError("a client computes by programs; leave compile=False out")
        compile = True
    if resume and checkpoint is None:
        raise ValueError("resume needs to know from where; pass checkpoint")

    watch = Watch(callbacks, stop_when, patience, min_delta)
    options: dict[str, Any] = {}
    if checkpoint is not None:
        options = {
            **(notes or {}),
            "examples": count,
            "batch_size": size,
            "clip_norm": clip_norm,
            "patience": patience,
            "min_delta": min_delta,
            "rng": rng,
            "inputs": checksum(inputs),
            "targets": checksum(targets),
            "validation": validation and checksum(list(validation)),
        }
        if compile is not None:  # which earlier checkpoints did not say
            options["compile"] = compile
    run = Run(model, loss, optimiser, schedule, source(rng), options)
    _check_parts(run.root, optimiser, schedule)
    run.begin(checkpoint, resume, epochs)
    steps = math.ceil(count / size)
    history = run.history
    parts = (model, loss, optimiser, clip_norm, (inputs, targets), validation)
    others = [x for x in (*watch.callbacks, stop_when, schedule) if x is not None]
    watched = not all(str(getattr(x, "__module__", "")).startswith("nn.") for x in others)
    trainer = Steps(compile, parts, min(size, count), len(history) * steps, watched, client)

    def finished() -> Epoch:
        """Return the last epoch."""
        validated = history.validation[-1] if history.validation else None
        examples = validation or (inputs, targets)
        facts = (len(history), epochs, history[-1], validated)
        return Epoch(*facts, model, optimiser, history, examples)

    try:
        with own_modes(), _Restored(run):  # a callback, which runs in evaluation, may train, too
            if not run.root.training:
                run.root.train()
            trained = [(module, module.training) for module in run.root.modules()]
            with _bar(epochs * steps, len(history) * steps) if progress else nullcontext() as bar:
                while len(history) < epochs:
                    # Asked here, so that a run taken up again ends where it ended.
                    if history and (ended := watch.ended(finished())):
                        history.stopped = ended
                        break
                    epoch = len(history) + 1
                    _set_modes(trained)
                    total = 0.0
                    trainer.begin()
                    try:
                        for number, batch in enumerate(batches(count, size, run.rng), start=1):
                            where = f"epoch {epoch}, batch {number}"
                            total += trainer.step(batch, where) * len(batch)
                            if bar is not None:
                                bar.update()
                    finally:
                        trainer.end()
                    measured = trainer.measure(size, epoch) if validation else None
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
        history.stopped = "interrupted"
    history.steps = str(trainer)
    return history


class _Restored(Ending):
    """Leave each module in the mode it was in, and the best parameters if they were kept."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.modes = [(module, module.training) for module in run.root.modules()]

    def end(self) -> None:
        """Bring them back."""
        _set_modes(self.modes)
        self.run.bring_back_best()


def _some(found: tuple[list[Any], list[Any]], purpose: str) -> tuple[list[Any], list[Any]]:
    """Return examples, of which there have to be some."""
    if not found[0]:
        raise ValueError(f"there are no examples to {purpose}")
    return found


def _check_kinds(model: Any, loss: Any, optimiser: Any, schedule: Any) -> None:
    """Refuse names, classes, and parts that stand in the place of another."""
    moves = hasattr(optimiser, "params") and hasattr(optimiser, "step")
    for what, part, fits, example in (
        ("a model", model, callable(model), "nn.MLP(2, [1])"),
        ("a loss", loss, callable(loss), "nn.losses.mse"),
        ("an optimiser", optimiser, moves, "nn.optim.Adam(model.parameters())"),
        ("a schedule", schedule, schedule is None or hasattr(schedule, "optimizer"),
         "nn.optim.StepLR(optimiser, 10)"),
    ):  # fmt: skip
        if not fits or isinstance(part, type):
            given = part.__name__ if isinstance(part, type) else repr(part)
            raise TypeError(
                f"{what} is needed, such as {example}; got {given} ({type(part).__name__})"
            )


def _check_parts(root: Module, optimiser: Optimizer, schedule: Schedule | None) -> None:
    """Refuse an optimiser that would move nothing of the model, a schedule of another optimiser."""
    if schedule is not None and schedule.optimizer is not optimiser:
        raise ValueError(
            "the schedule is one of another optimiser, whose rate it would change; make it with "
            "the optimiser that is given here"
        )
    own = {id(parameter) for _, parameter in root.named_parameters()}
    if own and own.isdisjoint(map(id, optimiser.params)):
        raise ValueError(
            f"the optimiser holds none of the model's {len(own)} parameters, and would not train "
            "it; make one with model.parameters(), also after copying or loading the model"
        )


def _set_modes(modes: list[tuple[Module, bool]]) -> None:
    """Bring each module into a mode."""
    for module, mode in modes:
        module.training = mode


def _bar(total: int, done: int) -> Any:
    """Return a progress bar over `total` steps, on standard error."""
    # Imported only here, so that importing nn stays light.
    from tqdm.auto import tqdm

    return tqdm(total=total, initial=done, desc="training", unit="batch")
