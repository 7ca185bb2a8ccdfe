"""Problems: what a command line names to be learnt, as a table, its target and its columns."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn.command.saying import Facts, listed, say
from nn.data.cells import Cells
from nn.data.choosing import Choice, choose, encode, learn, places
from nn.data.columns import Column
from nn.data.dataset import Dataset
from nn.data.faults import DataError, counted
from nn.data.guessing import Format
from nn.data.patterns import circles, moons, spirals
from nn.data.reading import Table, TableFile
from nn.data.samples import digits, iris
from nn.data.targets import Target, few, find_target, of_dataset
from nn.models.tabular import numbers

POINTS = 400  # of the patterns that are made on the spot
FEW = 5  # rows of a class that are too few to be learnt and measured
DATA_SETS: dict[str, Callable[[random.Random], Dataset]] = {
    "iris": lambda _: iris(),
    "digits": lambda _: digits(),
    "moons": lambda source: moons(POINTS, rng=source),
    "circles": lambda source: circles(POINTS, rng=source),
    "spirals": lambda source: spirals(POINTS, rng=source),
}


@dataclass(frozen=True, eq=False)
class Problem:
    """A table with a target, and the columns that may be features.

    Attributes
    ----------
    table : Table
    target : Target
    choice : Choice
    na : tuple of str or None
        What was said to stand for a missing cell.
    """

    table: Table
    target: Target
    choice: Choice
    na: tuple[str, ...] | None = None

    def encode(self, rows: list[int]) -> tuple[tuple[Column, ...], Cells]:
        """Return the columns as some examples teach them, and the features of all examples."""
        own = np.array(self.target.rows)
        columns = learn(self.choice, self.table, own[rows].tolist())
        features, bad, _ = encode(columns, self.table)
        if bad[own].any():
            raise DataError(f"{self.table.name}: {places(self.table, columns, bad)}")
        return columns, features[own]


def problem(options: argparse.Namespace, source: random.Random, said: Facts) -> Problem:
    """Load and describe the data that options name."""
    known = DATA_SETS.get(options.data)
    return _file(options, said) if known is None else _data_set(options, known(source), said)


def form_of(options: argparse.Namespace, na: tuple[str, ...] | None = None) -> Format:
    """Return what the options say of how a table is written."""
    return Format(
        options.sep, options.decimal, options.header, options.encoding,
        na if options.na is None else tuple(options.na),
    )  # fmt: skip


def _data_set(options: argparse.Namespace, data: Dataset, said: Facts) -> Problem:
    """Describe a data set that is at hand."""
    title = "Fisher's iris" if options.data == "iris" else options.data
    table, target = of_dataset(data)
    kinds = {column.name: column for column in numbers(tuple(table.cells))}
    found = Problem(table, target, Choice(kinds, [], []))
    say("data", f"{title}: {_sizes(found)}", said)
    say("target", target.name, said)
    return found


def _file(options: argparse.Namespace, said: Facts) -> Problem:
    """Read and describe the table in a file."""
    file = TableFile(options.data, form_of(options), [options.target] if options.target else [])
    if len(file.names) == 1:
        raise DataError(
            f"{options.data}: {file.names[0]!r} is the only column ({file.said}); features are "
            "needed besides the target: give --sep if the cells are parted by something else"
        )
    name = options.target or file.names[-1]
    table = file.read([name], options.progress)
    choice = choose(table, name, options.features, options.drop or ())
    target = find_target(table, name, options.task)
    found = Problem(table, target, choice, None if options.na is None else tuple(options.na))
    say("data", f"{options.data}: {_sizes(found)}", said)
    say("read as", file.said, said)
    hint = "" if options.target else " (the last column; choose another with --target)"
    say("target", name + hint, said)
    if target.missing:
        rows = counted(target.missing, "row")
        say("left out", f"{rows} without {name} (an empty cell, NA, ? ...; see --na)", said)
    if choice.left_out:
        say("left out", "; ".join(choice.left_out) + " (--features takes any column)", said)
    if choice.notes:
        say("taken", "; ".join(choice.notes), said)
    if target.task == "regression":
        reason = f"{target.reason}; " * bool(target.reason)
        say("task", f"regression ({reason}--task classification takes them as classes)", said)
    if rare := few(target, FEW):
        say("warning", f"too few rows to be learnt and measured: {listed(rare)}", said)
    return found


def _sizes(found: Problem) -> str:
    """Return how many rows, columns and classes there are."""
    rows, features = len(found.target.rows), len(found.choice.kinds)
    parts = [counted(rows, "row").replace(",", ""), counted(features, "feature")]
    names = found.target.class_names
    if names:
        parts.append(f"{len(names)} classes ({listed(names)})")
    return ", ".join(parts)
