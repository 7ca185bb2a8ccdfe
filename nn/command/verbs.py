"""What the command line does: train, evaluate, predict."""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO, cast

import autograd.files as files
import nn.command.report as report
import nn.init as init
from autograd.graph.value import Value
from autograd.lines import line, visible
from nn.command.keeping import kept, look_ahead
from nn.data.dataset import Dataset
from nn.data.patterns import circles, moons, spirals
from nn.data.samples import digits, iris
from nn.data.scaling import Standardiser
from nn.data.splitting import train_test_split
from nn.data.tables import DataError, load_csv, load_features
from nn.layers.neurons import MLP
from nn.losses.classes import cross_entropy
from nn.models.classifier import Classifier
from nn.modes import evaluation
from nn.optim.adaptive import AdamW
from nn.optim.schedules import CosineAnnealingLR
from nn.saving.identity import checksum
from nn.training.history import History
from nn.training.loop import fit

SHOWN_CLASSES = 6
NAME = 60  # characters of each, where it is shown
ROOM = 128  # bytes that a parameter takes in a file, with its name and what AdamW knows of it
STEPPED = 400  # parameters; of a larger network a page of all steps would be unwieldy
POINTS = 400  # of the patterns that are made on the spot
DATA_SETS: dict[str, Callable[[random.Random], Dataset]] = {
    "iris": lambda _: iris(),
    "digits": lambda _: digits(),
    "moons": lambda source: moons(POINTS, rng=source),
    "circles": lambda source: circles(POINTS, rng=source),
    "spirals": lambda source: spirals(POINTS, rng=source),
}

Facts = list[tuple[str, str]]


def train(options: argparse.Namespace) -> bool:
    """Train a classifier, measure it on rows held out, and say whether that was not interrupted."""
    said: Facts = []
    look_ahead(options, DATA_SETS)
    source = random.Random(options.seed)
    data = _load(options, source, said)
    learned, held_out = _split(data, options.test_fraction, source)
    _say("split", f"{len(learned)} training rows, {len(held_out)} held out", said)

    sizes = [len(data.feature_names), *options.hidden, len(data.class_names)]
    network = MLP(sizes[0], sizes[1:], activation=options.activation, rng=source)
    init.xavier(network, rng=source)
    parameters = network.parameters()
    shape = "-".join(map(str, sizes))
    _say("model", f"MLP {shape}, {options.activation}, {len(parameters)} parameters", said)
    _say(
        "training",
        f"{options.epochs} epochs, batch size {options.batch_size}, AdamW with lr "
        f"{options.lr:g} (cosine) and weight decay {options.weight_decay:g}",
        said,
    )
    _say("seed", str(options.seed), said)

    scaler = Standardiser.fit(learned.features)
    model = Classifier(network, scaler, data.feature_names, data.class_names, data.target_name)
    optimiser = AdamW(parameters, lr=options.lr, weight_decay=options.weight_decay)
    if options.save is not None:
        files.check(options.save, ROOM * len(parameters))
    with kept(model, optimiser, options.seed) as places:
        start = time.perf_counter()
        history = fit(
            network,
            cross_entropy,
            scaler(learned.features),
            learned.labels,
            optimiser,
            options.epochs,
            options.batch_size,
            source,
            options.progress,
            schedule=CosineAnnealingLR(optimiser, options.epochs),
            validation=(scaler(held_out.features), held_out.labels) if held_out else None,
            checkpoint=options.checkpoint,
            resume=options.resume,
            notes=_notes(options, data),
        )
        seconds = time.perf_counter() - start
        if options.save is not None:  # before anything else that may fail
            model.save(options.save, optimiser, options.seed)
            places.append(options.save)
        if history:
            _say("loss", f"{history[-1]:.4g} in the last epoch", said)
        answers = _measure(model, held_out, "held-out rows", said)
        _say("time", f"{seconds:.1f} s", said)
        if options.save is not None:
            _say("saved", options.save)
        if options.report is not None:
            _write_report(options.report, "Training", said, model, held_out, answers, history)
        sys.stdout.flush()
    return history.stopped != "interrupted"


def _notes(options: argparse.Namespace, data: Dataset) -> dict[str, Any]:
    """Return what a run has to share with the one that it resumes, as the user calls it."""
    names = (
        "hidden", "activation", "epochs", "batch_size", "lr", "weight_decay", "seed",
        "test_fraction",
    )  # fmt: skip
    given = {f"--{name.replace('_', '-')}": getattr(options, name) for name in names}
    table = [data.features, data.labels, data.feature_names, data.class_names]
    return {"--target": data.target_name, "data": checksum(table), **given}


def evaluate(options: argparse.Namespace) -> bool:
    """Measure a saved classifier on the rows of a file."""
    said: Facts = []
    look_ahead(options)
    model = Classifier.load(options.model)
    data = load_csv(
        options.data,
        model.target_name if options.target is None else options.target,
        feature_names=model.feature_names,
        class_names=model.class_names,
    )
    _say("model", f"{options.model}: tells {_listed(model.class_names)} apart", said)
    _say("data", f"{options.data}: {len(data)} rows", said)
    answers = _measure(model, data, "rows", said)
    table = report.confusion(answers, data.labels, len(model.class_names))
    names = [line(name, NAME) for name in model.class_names]
    width = max(map(len, names))
    for name, row in zip(names, table, strict=True):
        found = ", ".join(
            f"{count} {other}" for other, count in zip(names, row, strict=True) if count
        )
        print(f"  {name:>{width}} was taken for: {found or 'no row'}")
    if options.report is not None:
        _write_report(options.report, "Evaluation", said, model, data, answers, History())
    return True


def predict(options: argparse.Namespace) -> bool:
    """Tell the class of each row of a file, and how probable the model thinks it."""
    look_ahead(options)
    model = Classifier.load(options.model)
    rows = load_features(options.data, model.feature_names)
    out: TextIO = sys.stdout if options.output is None else io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([visible(model.target_name, "\n\t"), "probability"])
    for features in rows:
        chances = model.probabilities(features)
        best = max(chances)
        name = model.class_names[chances.index(best)]
        writer.writerow([visible(name, "\n\t"), f"{best:.6g}"])
    if isinstance(out, io.StringIO):
        files.write(options.output, out.getvalue())
    return True


def _load(options: argparse.Namespace, source: random.Random, said: Facts) -> Dataset:
    """Load and describe the data that `options` name."""
    path, known = options.data, DATA_SETS.get(options.data)
    title, data = path, load_csv(path, options.target) if known is None else known(source)
    if path == "iris":
        title = "Fisher's iris"
    names, rows = data.class_names, len(data)
    if len(names) > max(2, rows / 2):
        raise DataError(
            f"{path}, column {data.target_name!r}: {len(names)} classes in {rows} rows; "
            "that looks like a measurement, so name the column of the class with --target"
        )
    features = len(data.feature_names)
    columns = f"{features} feature{'s' if features > 1 else ''}"
    _say("data", f"{title}: {rows} rows, {columns}, {len(names)} classes ({_listed(names)})", said)
    guessed = known is None and options.target is None
    hint = " (the last column; choose another with --target)" if guessed else ""
    _say("target", data.target_name + hint, said)
    return data


def _split(data: Dataset, test_fraction: float, source: random.Random) -> tuple[Dataset, Dataset]:
    """Split `data`, reporting a fraction that leaves nothing to train on."""
    try:
        return train_test_split(data, test_fraction, source)
    except ValueError as error:
        raise DataError(f"--test-fraction: {error}") from error


def _measure(model: Classifier, data: Dataset, rows: str, said: Facts) -> list[int]:
    """Return the model's answers, and say how many are right."""
    answers = [model.answer(features) for features in data.features]
    right = sum(answer == label for answer, label in zip(answers, data.labels, strict=True))
    share = f"{right / len(data):.3f} on the {rows} ({right} of {len(data)})"
    _say("accuracy", share, said)
    return answers


def _write_report(
    path: str,
    title: str,
    said: Facts,
    model: Classifier,
    data: Dataset,
    answers: Sequence[int],
    history: History,
) -> None:
    """Write the HTML page about a run."""
    table = report.confusion(answers, data.labels, len(model.class_names))
    sections = [("Summary", report.facts(said))]
    if history:
        sections.append(("Loss", report.loss_curves(history)))
    sections.append(("Answers", report.confusion_table(table, model.class_names)))
    if len(model.feature_names) == 2:
        sections.append(("Decision boundary", report.decision_boundary(model.answer, data)))
    with evaluation():
        sections += _pictures(model, data)
    files.write(path, report.page(title, sections))
    _say("report", path)


def _pictures(model: Classifier, data: Dataset) -> list[tuple[str, str]]:
    """Return the sections of a report that show the network at work on its first row."""
    names = (line(name, NAME) for name in model.feature_names)
    inputs = list(map(Value, model.scaler(data.features[:1])[0], names))

    def loss() -> Value:
        return cast(Value, cross_entropy(model.network(inputs), data.labels[0]))

    def swept() -> Value:
        model.network.zero_grad()
        out = loss()
        out.backward()
        return out

    sections = [("The loss of the first row", report.graph(swept))]
    if len(model.network.parameters()) <= STEPPED:
        sections.append(("The same, step by step", report.stepper(loss)))
    model.network.zero_grad()
    return sections


def _listed(names: Sequence[str]) -> str:
    """Return the first few of some names."""
    shown = [line(name, NAME) for name in names[:SHOWN_CLASSES]]
    return ", ".join(shown) + (", ..." if len(names) > SHOWN_CLASSES else "")


def _say(subject: str, text: str, said: Facts | None = None) -> None:
    """Print a line at once, so that it stands there while the training runs; and remember it."""
    print(f"{subject:<10}{line(text)}", flush=True)
    if said is not None:
        said.append((subject, text))
