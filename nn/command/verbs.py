"""What the command line does with data to learn from: train, and measure what was learnt."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import autograd.files as files
import nn.command.report as report
import nn.init as init
from nn.command.keeping import kept, look_ahead
from nn.command.measuring import Model, measure, score, usual_answer
from nn.command.objectives import objective
from nn.command.problems import DATA_SETS, Problem, problem
from nn.command.saying import Facts, listed, say
from nn.data.columns import Column
from nn.data.faults import DataError
from nn.data.moments import moments
from nn.data.scaling import Standardiser
from nn.data.splitting import folds, split
from nn.layers.containers import Sequential
from nn.layers.dropout import Dropout
from nn.layers.neurons import MLP, Layer
from nn.models.classifier import Classifier
from nn.models.measures import balanced_weights
from nn.models.regressor import Regressor
from nn.optim.adaptive import Adam, AdamW, RMSprop
from nn.optim.base import Optimizer
from nn.optim.schedules import CosineAnnealingLR
from nn.optim.sgd import SGD
from nn.saving.identity import checksum
from nn.training.film import Film
from nn.training.history import History
from nn.training.loop import fit

FRAMES = 25  # of the film of a training in its report
ROOM = 128  # bytes that a parameter takes in a file, with its name and what AdamW knows of it
OPTIMISERS: dict[str, Callable[..., Optimizer]] = {
    "adamw": AdamW,
    "adam": Adam,
    "rmsprop": RMSprop,
    "sgd": lambda params, **options: SGD(params, momentum=0.9, **options),
}
SHOWN = {"adamw": "AdamW", "adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD with momentum 0.9"}
NOTED = (
    "hidden", "activation", "epochs", "batch_size", "lr", "weight_decay", "seed", "test_fraction",
    "optimizer", "loss", "dropout", "class_weight", "validation", "patience", "features", "drop",
    "task",
)  # fmt: skip


class Training:
    """A model of a problem that is to learn from some of its examples.

    Parameters
    ----------
    found : Problem
    options : Namespace
        How it is to be trained.
    rows : list of int
        The examples that it learns from.
    source : Random
        Draws the weights, and the order of the examples.
    """

    def __init__(
        self, found: Problem, options: argparse.Namespace, rows: list[int], source: random.Random
    ) -> None:
        self.options, self.source, target = options, source, found.target
        self.validation: list[int] = []
        if options.validation is not None:
            rows, self.validation = part(found, rows, options.validation, source, "--validation")
        self.rows, self.values = rows, target.values
        self.columns, self.features = found.encode(rows)
        names = tuple(x for column in self.columns for x in column.features)
        outputs = len(target.class_names) or 1
        self.sizes = [len(names), *options.hidden, outputs]
        self.network = _network(self.sizes, options.activation, options.dropout, source)
        self.scaler = Standardiser.fit(self.features[rows])
        mine = [target.values[i] for i in rows]
        weights: list[float] = []
        common = (self.network, self.scaler, names)
        rest: tuple[tuple[Column, ...], Any] = (self.columns, found.na)
        self.model: Model
        if target.class_names:
            self.model = Classifier(*common, target.class_names, target.name, *rest)
            self.targets: list[Any] = list(target.labels)
            weights = [1.0] * outputs
            if options.class_weight:
                weights = balanced_weights([target.labels[i] for i in rows], outputs)
        else:
            mean, scale = moments(np.array(mine))
            self.model = Regressor(*common, target.name, mean, scale or 1.0, *rest)
            self.targets = [(x - mean) / (scale or 1.0) for x in target.values]
        weighed = weights if options.class_weight or options.loss == "brier" else []
        try:
            self.loss = objective(target.task, options.loss, weighed)
        except ValueError as error:
            raise DataError(f"--loss: {error}") from None
        self.optimiser = OPTIMISERS[options.optimizer](
            self.network.parameters(), lr=options.lr, weight_decay=options.weight_decay
        )

    def run(self, held_out: list[int], progress: bool, **keeping: Any) -> History:
        """Train, with the loss on the rows for validation beside, or on those held out."""
        options = self.options
        inputs = self.scaler(self.features)
        watched = self.validation or held_out

        def pick(rows: list[int]) -> tuple[list[Any], list[Any]]:
            return [inputs[i] for i in rows], [self.targets[i] for i in rows]

        return fit(
            self.network, self.loss, *pick(self.rows), self.optimiser, options.epochs,
            options.batch_size, self.source, progress,
            schedule=CosineAnnealingLR(self.optimiser, options.epochs),
            validation=pick(watched) if watched else None, patience=options.patience, **keeping,
        )  # fmt: skip


def train(options: argparse.Namespace) -> bool:
    """Train a model, measure it on rows held out, and say whether that was not interrupted."""
    said: Facts = []
    look_ahead(options, DATA_SETS)
    source = random.Random(options.seed)
    found = problem(options, source, said)
    if options.cv is not None:
        _cross_validate(found, options, said)
    count = len(found.target.rows)
    learned, held_out = part(found, list(range(count)), options.test_fraction, source)
    run = Training(found, options, learned, source)
    _describe(run, found, held_out, said)

    model, optimiser = run.model, run.optimiser
    parameters = len(run.network.parameters())
    if options.save is not None:
        files.check(options.save, ROOM * parameters)
    with kept(model, optimiser, options.seed) as places:
        start = time.perf_counter()
        keeping = {"checkpoint": options.checkpoint, "resume": options.resume}
        notes = _notes(options, run) if options.checkpoint is not None else {}
        film = Film(max(1, options.epochs // FRAMES), run.loss) if options.report else None
        keeping["callbacks"] = [film] if film else []
        history = run.run(held_out, options.progress, notes=notes, **keeping)
        seconds = time.perf_counter() - start
        if options.save is not None:  # before anything else that may fail
            model.save(options.save, optimiser, options.seed)
            places.append(options.save)
        if history:
            last = f"{history[-1]:.4g} in the last epoch"
            early = f" ({len(history)}, stopped early)" if history.stopped == "early" else ""
            say("loss", last + early, said)
        rows = run.features[held_out].tolist()
        values = [found.target.values[i] for i in held_out]
        usual = usual_answer(found.target, learned)
        answers = measure(model, rows, values, "held-out rows", said, usual, options.progress)
        say("time", f"{seconds:.1f} s; steps {history.steps}", said)
        if options.save is not None:
            say("saved", options.save)
        if options.report is not None:
            page = report.of_run("Training", said, model, rows, values, answers, history, film)
            files.write(options.report, page)
            say("report", options.report)
        sys.stdout.flush()
    return history.stopped != "interrupted"


def part(
    found: Problem, rows: list[int], fraction: float, source: random.Random,
    option: str = "--test-fraction",
) -> tuple[list[int], list[int]]:  # fmt: skip
    """Split examples, each class by its share; report a fraction that leaves none to train on."""
    target = found.target
    classes = [target.values[i] for i in rows] if target.class_names else None
    try:
        learned, held_out = split(len(rows), fraction, source, classes)
    except ValueError as error:
        raise DataError(f"{option}: {error}") from error
    return [rows[i] for i in learned], [rows[i] for i in held_out]


def _describe(run: Training, found: Problem, held_out: list[int], said: Facts) -> None:
    """Say how the examples are split, and what is trained on them how."""
    options = run.options
    parts = [f"{len(run.rows)} training rows", f"{len(held_out)} held out"]
    if run.validation:
        parts.insert(1, f"{len(run.validation)} for validation")
    taught = {column.name for column in run.columns}
    if constant := [name for name in found.choice.kinds if name not in taught]:
        say("left out", f"constant on the training rows: {listed(constant)}", said)
    shares = ", each class by its share" if found.target.class_names else ""
    say("split", ", ".join(parts) + shares, said)
    shape, count = "-".join(map(str, run.sizes)), len(run.network.parameters())
    drop = f", dropout {options.dropout:g}" if options.dropout else ""
    say("model", f"MLP {shape}, {options.activation}{drop}, {count} parameters", said)
    extras = [f"loss {options.loss}"] if options.loss else []
    extras += [f"class weights {options.class_weight}"] if options.class_weight else []
    extras += [f"patience {options.patience}"] if options.patience else []
    say(
        "training",
        f"{options.epochs} epochs, batch size {options.batch_size}, {SHOWN[options.optimizer]} "
        f"with lr {options.lr:g} (cosine) and weight decay {options.weight_decay:g}"
        + "".join(f", {x}" for x in extras),
        said,
    )
    say("seed", str(options.seed), said)


def _cross_validate(found: Problem, options: argparse.Namespace, said: Facts) -> None:
    """Train on all folds but one, for each of them, and say how good that is on the one."""
    target, source = found.target, random.Random(options.seed)
    count = len(target.rows)
    try:
        places = folds(count, options.cv, source, target.values if target.class_names else None)
    except ValueError as error:
        raise DataError(f"--cv: {error}") from error
    scores = []
    for number, fold in enumerate(places, start=1):
        out = set(fold)
        run = Training(found, options, [i for i in range(count) if i not in out], source)
        if run.run([], options.progress).stopped == "interrupted":
            raise KeyboardInterrupt
        rows, values = run.features[fold].tolist(), [target.values[i] for i in fold]
        scores.append(score(run.model, rows, values))
        name = "accuracy" if target.class_names else "R2"
        say(f"fold {number}", f"{name} {scores[-1]:.3f} on {len(fold)} rows", said)
    mean, spread = statistics.fmean(scores), statistics.stdev(scores)
    say("cv", f"{name} {mean:.3f}, deviation {spread:.3f}, over {len(places)} folds", said)


def _network(sizes: list[int], activation: str, dropout: float, source: random.Random) -> Any:
    """Return a multi-layer perceptron, with Dropout after its hidden layers if there is any."""
    network: MLP | Sequential
    if dropout:
        hidden = [
            layer
            for a, b in pairwise(sizes[:-1])
            for layer in (Layer(a, b, activation=activation, rng=source), Dropout(dropout))
        ]
        network = Sequential(*hidden, Layer(sizes[-2], sizes[-1], nonlin=False, rng=source))
    else:
        network = MLP(sizes[0], sizes[1:], activation=activation, rng=source)
    return init.xavier(network, rng=source)


def _notes(options: argparse.Namespace, run: Training) -> dict[str, Any]:
    """Return what a run has to share with the one that it resumes, as the user calls it."""
    given = {f"--{name.replace('_', '-')}": getattr(options, name) for name in NOTED}
    table = [run.features, run.values, run.model.feature_names]
    classes = getattr(run.model, "class_names", ())
    return {
        "--target": run.model.target_name, "data": checksum([*table, classes]), **given,
    }  # fmt: skip
