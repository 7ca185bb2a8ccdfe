"""Measuring: how good a model is on rows that it has not seen, and how good it is to do nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd.lines import line
from nn.command.saying import NAME, SHOWN_CLASSES, Facts, say, watched
from nn.data.targets import Target
from nn.models.classifier import Classifier
from nn.models.measures import (
    balanced_accuracy,
    mean_absolute_error,
    r2,
    recalls,
    root_mean_squared_error,
)
from nn.models.regressor import Regressor

Model = Classifier | Regressor


def measure(
    model: Model,
    features: Sequence[Any],
    values: Sequence[float],
    rows: str,
    said: Facts,
    usual: float | None = None,
    progress: bool = False,
) -> list[Any]:
    """Return the model's answers, and say how good they are, beside those of no model.

    Parameters
    ----------
    model : Classifier or Regressor
    features, values : sequence
        The rows, and their classes or measures.
    rows : str
        What they are called.
    said : list of (str, str)
        Remembers what is said.
    usual : float, optional
        What is answered without a model: the most frequent class of the training rows, or their
        mean; by default of these rows.
    progress : bool
        True for a progress bar, if there are many rows.
    """
    shown = watched(features, len(features), progress)
    if isinstance(model, Regressor):
        measures = [model.answer(row) for row in shown]
        _say_errors(measures, values, rows, said, usual)
        return measures
    answers = [model.answer(row) for row in shown]
    _say_shares(model.class_names, answers, list(map(int, values)), rows, said, usual)
    return answers


def usual_answer(target: Target, rows: Sequence[int]) -> float:
    """Return the most frequent class of some rows, or their mean.

    Examples
    --------
    >>> usual_answer(Target("k", (0, 1, 2), (1, 0, 1), ("a", "b")), [0, 1, 2])
    1
    """
    values = [target.values[i] for i in rows]
    if target.class_names:
        return Counter(values).most_common(1)[0][0]
    return math.fsum(values) / len(values)


def score(model: Model, features: Sequence[Any], values: Sequence[float]) -> float:
    """Return the accuracy of a classifier, or the R2 of a regressor."""
    answers = [model.answer(row) for row in features]
    if isinstance(model, Regressor):
        return r2(answers, values)
    return _share(answers, values)


def _say_shares(
    names: Sequence[str],
    answers: list[int],
    labels: list[int],
    rows: str,
    said: Facts,
    usual: float | None,
) -> None:
    """Say how many answers are right, in all and class by class."""
    accuracy = _share(answers, labels)
    right = sum(answer == label for answer, label in zip(answers, labels, strict=True))
    say("accuracy", f"{accuracy:.3f} on the {rows} ({right} of {len(labels)})", said)
    majority = Counter(labels).most_common(1)[0][0] if usual is None else int(usual)
    base = _share([majority] * len(labels), labels)
    name = line(names[majority], NAME)
    say("baseline", f"{base:.3f} if every answer were {name}, the most frequent class", said)
    found = [
        f"{line(name, NAME)} {share:.3f}"
        for name, share in zip(names, recalls(answers, labels, len(names)), strict=True)
        if share is not None
    ]
    more = ", ..." if len(found) > SHOWN_CLASSES else ""
    balanced = balanced_accuracy(answers, labels, len(names))
    shown = ", ".join(found[:SHOWN_CLASSES]) + more
    say("balanced", f"{balanced:.3f}, the mean of the recalls: {shown}", said)
    if accuracy <= base:
        say("warning", "no better than always the most frequent class", said)


def _say_errors(
    answers: list[float], values: Sequence[float], rows: str, said: Facts, usual: float | None
) -> None:
    """Say how far answers are from what was measured."""
    mean = math.fsum(values) / len(values) if usual is None else usual
    base = [mean] * len(values)
    mine, theirs = r2(answers, values), r2(base, values)
    say("R2", f"{mine:.3f} on the {rows} ({len(values)}); baseline {theirs:.3f}", said)
    for name, error in (("MAE", mean_absolute_error), ("RMSE", root_mean_squared_error)):
        say(name, f"{error(answers, values):.4g}; baseline {error(base, values):.4g}", said)
    whose = "these" if usual is None else "the training"
    say("baseline", f"{mean:.4g} as every answer, the mean of {whose} rows", said)
    if not mine > max(theirs, 0.0):
        say("warning", "no better than always the mean", said)


def _share(answers: Sequence[float], labels: Sequence[float]) -> float:
    """Return the share of answers that are right."""
    return sum(a == b for a, b in zip(answers, labels, strict=True)) / len(labels)
