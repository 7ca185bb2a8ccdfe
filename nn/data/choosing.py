"""Choosing: which columns of a table a network is given, and as what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

import nn.data.cells as cells_of
from nn.data.cells import Cells
from nn.data.columns import Boolean, Category, Column, Date, Number
from nn.data.faults import SHOWN, DataError, counted, quoted
from nn.data.reading import Table

MARKERS = frozenset({"-", "--", ".", "*", "none", "None", "NONE", "unknown", "missing", "Unknown"})
ODD = 0.05  # the share of cells that are no numbers, up to which the others are meant to be
NAMED = ("index", "id", "row", "rownames", "rowname", "unnamed: 0", "no", "nr")
DIFFERENT = 0.5  # the share of rows with a text of their own, from which it is a name, no category
FEW = 12  # rows that say nothing about what is an index or a name


@dataclass(frozen=True)
class Choice:
    """The columns that can be features, by name with the kind of each, and what is said of them.

    Attributes
    ----------
    kinds : dict of str to Column
        A column of the right kind, which has learnt nothing yet.
    left_out : list of str
        What is not used, each with the reason.
    notes : list of str
        What else was decided.
    """

    kinds: dict[str, Column]
    left_out: list[str]
    notes: list[str]


def choose(
    table: Table, target: str, features: Sequence[str] | None = None, drop: Collection[str] = ()
) -> Choice:
    """Return which columns of a table can be features.

    Parameters
    ----------
    table : Table
    target : str
        The column that is to be told, which is none.
    features : sequence of str, optional
        Those that are wanted, whatever they look like; by default all that seem to be of use.
    drop : collection of str
        Those that are not wanted.

    Raises
    ------
    DataError
        If a column is not there, is neither numbers nor texts, or none is left.
    """
    asked = [*(features or ()), *drop]
    if unknown := [name for name in dict.fromkeys([target, *asked]) if name not in table.cells]:
        raise DataError(_no_columns(table, unknown))
    if target in asked:
        raise DataError(f"{table.name}: {target!r} is the target, and cannot be a feature as well")
    names = [name for name in features or table.cells if name != target and name not in drop]
    choice, faults = Choice({}, [], []), []
    for name in names:
        cells = table.cells[name]
        kind, fault, note = _kind(table, name, cells)
        reason = "" if features else _useless(name, cells, kind)
        if reason:
            choice.left_out.append(f"{name} ({reason})")
        elif fault:
            faults.append(fault)
        else:
            choice.kinds[name] = kind
            choice.notes.extend([note] if note else [])
    if faults:
        raise DataError(
            f"{table.name}: numbers mixed with something else in {'; '.join(faults[:SHOWN])}"
            f"{'; ...' if len(faults) > SHOWN else ''}: name with --na what stands for a missing "
            "cell, mend the cells, or leave columns out with --drop"
        )
    if not choice.kinds and choice.left_out and not features and len(names) == 1:
        return choose(table, target, names, drop)  # all that there is
    if not choice.kinds:
        out = f": {'; '.join(choice.left_out[:SHOWN])}" if choice.left_out else ""
        raise DataError(f"{table.name}: no column is left besides the target {target!r}{out}")
    return choice


def learn(choice: Choice, table: Table, rows: Sequence[int]) -> tuple[Column, ...]:
    """Return the columns as the rows that are trained on teach them, but constant ones.

    Raises
    ------
    DataError
        If none is left.
    """
    own, chosen = np.array(rows), []
    for name, kind in choice.kinds.items():
        cells = table.cells[name][own]
        if not _is_constant(cells):
            chosen.append(kind.learn(cells, table.decimal))
    if not chosen:
        raise DataError(f"{table.name}: every column besides the target is constant")
    return tuple(chosen)


def encode(columns: Sequence[Column], table: Table) -> tuple[Cells, Cells, int]:
    """Return the features of all rows, which cells are bad (by column), and how many are unseen.

    Raises
    ------
    DataError
        If the table lacks a column.
    """
    if lacking := [column.name for column in columns if column.name not in table.cells]:
        raise DataError(_no_columns(table, lacking))
    width = sum(len(column.features) for column in columns)
    features = np.empty((len(table), width), order="F")  # what follows goes column by column
    bad, unseen, at = np.empty((len(table), len(columns)), dtype=bool), 0, 0
    for i, column in enumerate(columns):
        coded = column.encode(table.cells[column.name], table.decimal)
        features[:, at : at + len(column.features)] = coded.features
        at += len(column.features)
        bad[:, i] = coded.bad
        unseen += int(coded.unseen.sum())
    return features, bad, unseen


def places(table: Table, columns: Sequence[Column], bad: Cells) -> str:
    """Return where the first bad cells are, and what they hold."""
    found = np.argwhere(bad)[:SHOWN].tolist()
    shown = [
        f"{table.where(row)}, column {columns[i].name!r}: "
        f"{quoted([str(table.cells[columns[i].name][row])])} is no {columns[i].kind}"
        for row, i in found
    ]
    return "; ".join(shown) + ("; ..." if bad.sum() > SHOWN else "")


def _kind(table: Table, name: str, cells: Cells) -> tuple[Column, str, str]:
    """Return the kind of a column, what is wrong with it, and what is to be said about it."""
    if cells.dtype == np.bool_:
        return Boolean(name), "", ""
    if cells.dtype != object:
        bad = int(np.isinf(cells).sum())
        return Number(name), _odd(table, name, np.isinf(cells), "inf") if bad else "", ""
    found, codes = cells_of.distinct(cells)
    _, odd = cells_of.numbers(found, table.decimal)
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    texts = [str(x) for x in found[odd]]
    if len(found) > len(texts) + 1:
        if set(texts) <= MARKERS:
            note = f"{quoted(texts)} in {name} as missing" if texts else ""
            return Number(name, missing=tuple(texts)), "", note
        strange = int(counts[odd].sum())
        if strange <= max(1, ODD * counts.sum()):
            where = np.isin(codes, np.flatnonzero(odd))
            return Number(name), _odd(table, name, where, texts[0]), ""
    words = {x.lower() for x in texts}
    if words and words <= {*cells_of.TRUE, *cells_of.FALSE} and len(words) == len(found) == 2:
        return Boolean(name), "", ""
    if len(found) and odd.all() and (form := cells_of.form_of_dates(found)):
        written = "" if form == "ISO8601" else f" (read as {form})"
        return Date(name, form=form), "", f"{name} as days since 1970{written}"
    return Category(name), "", ""


def _odd(table: Table, name: str, where: Cells, text: str) -> str:
    """Return what is odd in a column of numbers."""
    first = table.where(int(np.flatnonzero(where)[0]))
    return f"{name!r} ({counted(int(where.sum()), 'cell')}, first {quoted([text])} in {first})"


def _useless(name: str, cells: Cells, kind: Column) -> str:
    """Return why a column is of no use; nothing, if it may be of some."""
    texts, count = cells.dtype == object, len(cells)
    found = len(set(cells.tolist())) if texts else len(np.unique(cells))
    if found <= 1:
        return "constant"
    if count < FEW:
        return ""
    if isinstance(kind, Category) and found >= count * DIFFERENT:
        return f"{found:,} different texts in {count:,} rows"
    if texts or found < count or np.isnan(cells).any() or (cells != np.floor(cells)).any():
        return ""
    if cells.min() in (0, 1) and cells.max() - cells.min() == count - 1:
        return "it numbers the rows"
    word = name.lower()
    indexed = word in NAMED or word.endswith(("_id", " id")) or name.endswith("Id")
    return "an index" if indexed else ""


def _is_constant(cells: Cells) -> bool:
    """Tell whether all cells are the same, or all missing."""
    if cells.dtype == np.float64 and np.isnan(cells).all():
        return True
    return bool((cells == cells[0]).all())


def _no_columns(table: Table, names: Sequence[str]) -> str:
    """Return the message about columns that are not there."""
    has = quoted(list(table.cells), 20)
    lacking = "are no columns" if len(names) > 1 else "is no column"
    return f"{table.name}: there {lacking} {quoted(names)}; the columns are {has}"
