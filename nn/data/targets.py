"""Targets: what is to be learnt, classes or a measure, and the rows that have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import nn.data.cells as cells_of
from nn.data.choosing import MARKERS, ODD
from nn.data.dataset import Dataset
from nn.data.faults import DataError, counted, quoted
from nn.data.reading import Table

MOST_NUMBERS, MOST_FRACTIONS = 36, 10  # that are still taken for the names of classes
TASKS = ("classification", "regression")


@dataclass(frozen=True)
class Target:
    """What the rows of a table are to be told by.

    Attributes
    ----------
    name : str
        That of the column.
    rows : tuple of int
        The rows that have it.
    values : tuple of int, or of float
        Of each of them the class, as a place in `class_names`, or the measure.
    class_names : tuple of str
        The classes; none for regression.
    reason : str
        Why it is what it is.
    missing : int
        How many rows lack it.
    """

    name: str
    rows: tuple[int, ...]
    values: tuple[float, ...]
    class_names: tuple[str, ...] = ()
    reason: str = ""
    missing: int = 0

    @property
    def task(self) -> str:
        """What is to be done: classification, or regression."""
        return TASKS[not self.class_names]

    @property
    def labels(self) -> tuple[int, ...]:
        """The classes as ints."""
        return tuple(map(int, self.values))


def find_target(
    table: Table,
    name: str,
    task: str | None = None,
    class_names: Sequence[str] | None = None,
) -> Target:
    """Return the target in a column of a table.

    Numbers are a measure if there are more different ones than 36, or, where some have fractions,
    than 10 or than half the rows; everything else is a class.

    Parameters
    ----------
    table : Table
    name : str
        The column.
    task : {"classification", "regression"}, optional
        What it is, if it is not to be guessed.
    class_names : sequence of str, optional
        The classes that there may be, in the order of their numbers.

    Raises
    ------
    DataError
        If the column cannot be such a target.

    Examples
    --------
    >>> table = Table("t", {"k": np.array(["1", "1.0", None, "2"], dtype=object)})
    >>> target = find_target(table, "k")
    >>> target.class_names, target.values, target.rows, target.missing
    (('1', '2'), (0, 0, 1), (0, 1, 3), 1)
    """
    cells = table.cells[name]
    where = f"{table.name}, column {name!r}"
    values, bad = cells_of.numbers(cells, table.decimal, MARKERS)
    known = np.flatnonzero(~np.isnan(values)).tolist()
    names = cells_of.as_texts(cells)
    rows = [i for i, text in enumerate(names.tolist()) if text is not None]
    if not rows:
        raise DataError(f"{where}: every cell is missing, so that there is nothing to learn")
    measured = _measured(values[known], len(known))
    few_odd = int(bad.sum()) <= max(1, ODD * len(rows)) < len(known)
    if task == "regression" or (task is None and class_names is None and measured and few_odd):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"{where}: {counted(int(bad.sum()), 'cell')} of a measure "
                f"{'is' if bad.sum() == 1 else 'are'} no number, first {quoted([str(cells[at])])} "
                f"in {table.where(at)}; name with --na what stands for a missing one, or say "
                "--task classification"
            )
        found = values[known]
        if len(known) < 2 or (found == found[0]).all():
            raise DataError(
                f"{where}: every row has the same value; there is nothing to learn from"
            )
        lacking = len(cells) - len(known)
        return Target(name, tuple(known), tuple(found.tolist()), (), measured, lacking)
    return _classes(table, where, name, names[rows].tolist(), rows, class_names, task)


def _classes(
    table: Table,
    where: str,
    name: str,
    labels: list[str],
    rows: list[int],
    class_names: Sequence[str] | None,
    task: str | None,
) -> Target:
    """Return a target of classes."""
    found = sorted(set(labels), key=_order) if class_names is None else list(class_names)
    number = {cells_of.name_of(label): i for i, label in enumerate(found)}
    if strange := [
        (i, label) for i, label in zip(rows, labels, strict=True) if label not in number
    ]:
        different = list(dict.fromkeys(label for _, label in strange))
        raise DataError(
            f"{where}: the model does not know the class {quoted(different)} of "
            f"{counted(len(strange), 'row')}, first in {table.where(strange[0][0])}"
        )
    if len(found) < 2:
        raise DataError(
            f"{where}: every row has the same class, {quoted(found)}; telling classes apart needs "
            "at least two"
        )
    if class_names is None and task is None and len(found) > max(2, len(labels) / 2):
        raise DataError(
            f"{where}: {len(found):,} classes in {len(labels):,} rows; these are names or notes "
            "rather than classes: choose another column with --target, or say --task classification"
        )
    lacking = len(table) - len(rows)
    return Target(name, tuple(rows), tuple(number[x] for x in labels), tuple(found), "", lacking)


def of_dataset(data: Dataset) -> tuple[Table, Target]:
    """Return a data set as a table and its target.

    Examples
    --------
    >>> from nn.data import xor
    >>> table, target = of_dataset(xor())
    >>> list(table.cells), target.values
    (['x0', 'x1'], (0, 1, 1, 0))
    """
    columns = np.array(data.features, dtype=np.float64).T
    names = data.feature_names or tuple(f"x{i}" for i in range(len(columns)))
    table = Table("", dict(zip(names, columns, strict=True)))
    rows = tuple(range(len(data)))
    return table, Target(data.target_name, rows, data.labels, data.class_names)


def few(target: Target, least: int) -> list[str]:
    """Return the classes that have fewer rows than `least`, each with their number."""
    counts = Counter(target.labels)
    names = enumerate(target.class_names)
    return [f"{name} ({counts[i]})" for i, name in names if counts[i] < least]


def _measured(values: np.ndarray, count: int) -> str:
    """Return why numbers are a measure and no classes; nothing, if they may be classes."""
    found = np.unique(values)
    fractions = bool((found != np.floor(found)).any())
    most = min(MOST_FRACTIONS, max(2, count // 2)) if fractions else MOST_NUMBERS
    if len(found) > min(most, max(2, count // 2)):
        return f"{len(found):,} different numbers in {count:,} rows"
    return ""


def _order(label: str) -> tuple[bool, float, str]:
    """Return what classes are sorted by: numbers by size, then texts."""
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label
