"""Columns: what each kind becomes for a network, learnt on the rows that are trained on.

A column is plain data, so that a saved model can hold it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

import nn.data.cells as cells_of
from nn.data.cells import Cells, Flags, Floats

MOST = 30  # categories that have features of their own
RARE = 0.01  # of the rows: what is rarer is one of the others


class Coded(NamedTuple):
    """What cells have become.

    Attributes
    ----------
    features : array
        A row of numbers for each cell.
    bad : array of bool
        Which cells cannot be what the column holds.
    unseen : array of bool
        Which cells hold a category that was not learnt, or lack what never lacked.
    """

    features: Floats
    bad: Flags
    unseen: Flags


@dataclass(frozen=True)
class Column(ABC):
    """A column of a table that the network is given.

    Parameters
    ----------
    name : str
        That in the table.
    """

    kind: ClassVar[str] = ""
    name: str

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features that the column becomes."""
        return (self.name,)

    @abstractmethod
    def learn(self, cells: Cells, decimal: str = ".") -> Self:
        """Return the column with what the cells of the training rows teach."""

    @abstractmethod
    def encode(self, cells: Cells, decimal: str = ".") -> Coded:
        """Return what the cells of a table become."""

    def plain(self) -> dict[str, Any]:
        """Return the column as names, texts and numbers."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Number(Column):
    """A column of numbers, which stay as they are.

    Parameters
    ----------
    fill : float or None
        The median of the training rows, which stands in for what is missing; None: nothing does.
    lacking : bool
        Whether a further feature tells where a cell is missing.
    missing : tuple of str
        Texts that stand for a missing cell in this column.

    Examples
    --------
    >>> column = Number("x").learn(np.array([1.0, np.nan, 3.0, 8.0]))
    >>> column.features, column.encode(np.array([2.0, np.nan])).features.tolist()
    (('x', 'x is missing'), [[2.0, 0.0], [3.0, 1.0]])
    """

    kind: ClassVar[str] = "number"
    fill: float | None = None
    lacking: bool = False
    missing: tuple[str, ...] = ()

    def learn(self, cells: Cells, decimal: str = ".") -> Self:
        """Return the column with the median, and whether a cell is missing."""
        values, _ = self.read(cells, decimal)
        known = np.sort(values[~np.isnan(values)])
        middle = known[[(len(known) - 1) // 2, len(known) // 2]].tolist() if len(known) else [0, 0]
        lacking = len(known) < len(values)
        return replace(self, fill=middle[0] / 2 + middle[1] / 2, lacking=lacking)

    @property
    def features(self) -> tuple[str, ...]:
        """The column, and where it is missing."""
        return (self.name, f"{self.name} is missing") if self.lacking else (self.name,)

    def read(self, cells: Cells, decimal: str) -> tuple[Floats, Flags]:
        """Return cells as numbers, nan where there is none, and which are bad."""
        return cells_of.numbers(cells, decimal, self.missing)

    def encode(self, cells: Cells, decimal: str = ".") -> Coded:
        """Return the numbers, and whether they are missing."""
        values, bad = self.read(cells, decimal)
        lacks = np.isnan(values)
        if self.fill is None:
            bad = lacks
        filled = np.where(lacks, self.fill or 0.0, values)
        features = np.column_stack([filled, lacks] if self.lacking else [filled])
        return Coded(features, bad, np.zeros_like(bad) if self.lacking else lacks & ~bad)


@dataclass(frozen=True)
class Boolean(Number):
    """A column of yes and no, true and false, which become 1 and 0.

    Examples
    --------
    >>> Boolean("b", 0.0).encode(np.array(["TRUE", "no"], dtype=object)).features.tolist()
    [[1.0], [0.0]]
    """

    kind: ClassVar[str] = "boolean"

    def read(self, cells: Cells, decimal: str) -> tuple[Floats, Flags]:  # noqa: ARG002  (as for numbers)
        """Return cells as 1 and 0."""
        return cells_of.flags(cells)


@dataclass(frozen=True)
class Date(Number):
    """A column of dates, which become days since 1970.

    Parameters
    ----------
    form : str
        How they are written: "ISO8601", or a format of `time.strptime`.

    Examples
    --------
    >>> cells = np.array(["01.02.1970"], dtype=object)
    >>> Date("d", 0.0, form="%d.%m.%Y").encode(cells).features.tolist()
    [[31.0]]
    """

    kind: ClassVar[str] = "date"
    form: str = "ISO8601"

    def read(self, cells: Cells, decimal: str) -> tuple[Floats, Flags]:  # noqa: ARG002  (as for numbers)
        """Return cells as days."""
        return cells_of.days(cells, self.form)


@dataclass(frozen=True)
class Category(Column):
    """A column of categories, each of which becomes a feature that is 1 or 0.

    A missing cell is a category like another. What was rare or never met on the training rows is
    "another": a feature of its own if there were rare ones, or else no category at all.

    Parameters
    ----------
    categories : tuple of str or None
        Those that have features of their own; None is the missing cell.
    others : bool
        Whether there is a feature for all others.

    Examples
    --------
    >>> column = Category("pet").learn(np.array(["cat", "dog", "cat", None, None], dtype=object))
    >>> column.features
    ('pet = cat', 'pet is missing', 'pet = another')
    >>> column.encode(np.array(["cat", "cow"], dtype=object)).features.tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """

    kind: ClassVar[str] = "category"
    categories: tuple[str | None, ...] = ()
    others: bool = False

    def learn(self, cells: Cells, decimal: str = ".") -> Self:  # noqa: ARG002  (as for numbers)
        """Return the column with the categories that are frequent, and whether there are others."""
        counts = Counter(cells_of.as_texts(cells).tolist())
        least = min(max(2, math.ceil(RARE * len(cells))), max(counts.values()))
        common = [x for x, count in counts.most_common(MOST) if count >= least]
        common.sort(key=lambda x: (x is None, x or ""))
        return replace(self, categories=tuple(common), others=len(common) < len(counts))

    @property
    def features(self) -> tuple[str, ...]:
        """A name for each category."""
        named = [
            f"{self.name} is missing" if x is None else f"{self.name} = {x}"
            for x in self.categories
        ]
        return (*named, *[f"{self.name} = another"] * self.others)

    def encode(self, cells: Cells, decimal: str = ".") -> Coded:  # noqa: ARG002  (as for numbers)
        """Return a one in the place of the category of each cell."""
        found, codes = cells_of.distinct(cells_of.as_texts(cells))
        places = {x: i for i, x in enumerate(self.categories)}
        values = [*found.tolist(), None]
        other = len(self.categories)
        at = np.array([places.get(x, other) for x in values])[codes]
        features = np.eye(other + 1)[:, : other + self.others][at]
        return Coded(features, np.zeros(len(cells), dtype=bool), (at == other) & (not self.others))


KINDS: dict[str, type[Column]] = {kind.kind: kind for kind in (Number, Boolean, Date, Category)}
FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,), "fill": (float, type(None)), "lacking": (bool,), "others": (bool,),
    "form": (str,),
}  # fmt: skip


def column_of(plain: Any) -> Column:
    """Return the column that `Column.plain` described.

    Raises
    ------
    ValueError
        If it is no such description.

    Examples
    --------
    >>> column_of({"kind": "category", "name": "pet", "categories": ["cat", None]})
    Category(name='pet', categories=('cat', None), others=False)
    """
    named = isinstance(plain, Mapping) and isinstance(plain.get("name"), str)
    if not named or plain.get("kind") not in [*KINDS]:
        raise ValueError(f"{plain!r} describes no column")
    kind = KINDS[plain["kind"]]
    facts: dict[str, Any] = {
        key: tuple(x) if isinstance(x, list) else x for key, x in plain.items() if key != "kind"
    }
    for key, x in facts.items():
        texts = isinstance(x, tuple) and all(isinstance(t, str | None) for t in x)
        right = texts if key in ("categories", "missing") else isinstance(x, FIELDS.get(key, ()))
        if not right:
            raise ValueError(f"the {key} of a column cannot be {x!r}")
    try:
        return kind(**facts)
    except TypeError as error:
        raise ValueError(f"{plain!r} describes no column: {error}") from None
