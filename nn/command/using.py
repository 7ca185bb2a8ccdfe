"""What the command line does with a saved model: evaluate it, and let it answer."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograd.files as files
import nn.command.report as report
from autograd.lines import line, visible
from nn.command.keeping import look_ahead
from nn.command.measuring import Model, measure
from nn.command.problems import form_of
from nn.command.saying import NAME, Facts, listed, say, watched
from nn.data.cells import Cells
from nn.data.choosing import places
from nn.data.faults import DataError, counted
from nn.data.reading import TableFile
from nn.data.targets import find_target
from nn.models.classifier import Classifier
from nn.models.regressor import Regressor, load_tabular
from nn.training.history import History


def evaluate(options: argparse.Namespace) -> bool:
    """Measure a saved model on the rows of a file."""
    said: Facts = []
    look_ahead(options)
    model = load_tabular(options.model)
    name = options.target or model.target_name
    file = _file(options, model)
    table = file.read([name], options.progress)
    if name not in table.cells:
        raise DataError(
            f"{table.name}: there is no column {name!r}; name with --target the one that holds "
            "what is right"
        )
    features, bad, unseen = model.encode(table)
    classes = model.class_names if isinstance(model, Classifier) else None
    task = "classification" if classes else "regression"
    target = find_target(table, name, task, classes)
    lame: Cells = np.logical_or.reduce(bad, axis=1)
    kept = [(i, x) for i, x in zip(target.rows, target.values, strict=True) if not lame[i]]
    if not kept:
        raise DataError(f"{table.name}: {places(table, model.columns, bad)}; no row is left")
    what = f"tells {listed(classes)} apart" if classes else f"tells {line(name, NAME)}"
    say("model", f"{options.model}: {what}", said)
    say("data", f"{options.data}: {len(kept)} rows", said)
    for number, why in (
        (target.missing, f"without {line(name, NAME)}"),
        (int(lame.sum()), "with a bad cell"),
    ):
        if number:
            say("left out", f"{counted(number, 'row')} {why}", said)
    if unseen:
        say("unseen", _unseen(unseen), said)
    rows, values = features[[i for i, _ in kept]].tolist(), [x for _, x in kept]
    answers = measure(model, rows, values, "rows", said, progress=options.progress)
    if isinstance(model, Classifier):
        _say_confusion(model, answers, values)
    if options.report is not None:
        page = report.of_run("Evaluation", said, model, rows, values, answers, History())
        files.write(options.report, page)
        say("report", options.report)
    return True


def predict(options: argparse.Namespace) -> bool:
    """Write the rows of a file with the answers of a saved model, and how probable each is."""
    look_ahead(options)
    model = load_tabular(options.model)
    file = _file(options, model)
    table = file.read(progress=options.progress)
    features, bad, unseen = model.encode(table)
    lame: Cells = np.logical_or.reduce(bad, axis=1)
    if lame.any():
        where = places(table, model.columns, bad)
        many = f"{counted(int(lame.sum()), 'row')} of {len(table):,} with a bad cell"
        if options.strict:
            raise DataError(f"{table.name}: {many}: {where}")
        _warn(f"{many} left without an answer: {where}")
    if unseen:
        _warn(_unseen(unseen))
    header = _header(model, file)
    answers = _answers(model, features, lame)
    out: Any = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    to_terminal = options.output in (None, "-")
    writer.writerow(header)
    progress = options.progress and not to_terminal  # a bar would stand between the rows
    rows = watched(zip(file.rows(), answers, strict=True), len(table), progress)
    for cells, answer in rows:
        writer.writerow([*cells, *answer])
        if to_terminal:  # row by row, so that a reader need not wait
            sys.stdout.write(visible(out.getvalue(), "\n\t"))
            out.seek(0)
            out.truncate()
    if not to_terminal:
        files.write(options.output, out.getvalue().encode("utf-8", "backslashreplace"))
    return True


def _file(options: argparse.Namespace, model: Model) -> TableFile:
    """Return the file with the rows, which may be written in another way than those of before."""
    return TableFile(options.data, form_of(options, model.na), [x.name for x in model.columns])


def _header(model: Model, file: TableFile) -> list[str]:
    """Return the names of the columns, with those of the answers, which are named as no other."""
    own = [f"predicted {model.target_name}"]
    if isinstance(model, Classifier):
        own += [f"probability of {name}" for name in model.class_names]
    taken = set(file.names)
    return [*file.names, *(_free(name, taken) for name in own)]


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no column has, and take it."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _answers(model: Model, features: Cells, lame: Cells) -> Iterator[list[str]]:
    """Yield the answer to each row and the probabilities, as texts; empty ones for a bad row."""
    nothing = [""] * (1 + len(getattr(model, "class_names", ())))
    for row, without in zip(features.tolist(), lame.tolist(), strict=True):
        if without:
            yield nothing
        elif isinstance(model, Regressor):
            yield [repr(model.answer(row))]
        else:
            chances = model.probabilities(row)
            name = model.class_names[chances.index(max(chances))]
            yield [name, *(f"{chance:.6g}" for chance in chances)]


def _say_confusion(model: Classifier, answers: list[int], values: list[float]) -> None:
    """Say which class was taken for which."""
    labels = list(map(int, values))
    table = report.confusion(answers, labels, len(model.class_names))
    names = [line(name, NAME) for name in model.class_names]
    width = max(map(len, names))
    for name, row in zip(names, table, strict=True):
        found = ", ".join(
            f"{count} {other}" for other, count in zip(names, row, strict=True) if count
        )
        print(f"  {name:>{width}} was taken for: {found or 'no row'}")


def _unseen(count: int) -> str:
    """Return what is said about cells like none that was learnt from."""
    return f"{counted(count, 'cell')} with a category, or missing, where training had none such"


def _warn(message: str) -> None:
    """Say something beside the answers."""
    print(line(f"nn: {message}"), file=sys.stderr, flush=True)
