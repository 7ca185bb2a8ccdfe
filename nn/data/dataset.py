"""Data sets: examples with numeric features, each belonging to one class."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nn.checks import check_size, rows, table

Row = tuple[float, ...]
SHOWN_NAMES = 4
NO_CLASS = "; a label is the place of its class among class_names (a measurement is no class)"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples with numeric features, each belonging to one class.

    It can be made of lists, arrays or a DataFrame and a Series, whose rows belong together by their
    position. Unpacked it is features and labels, as in ``X, y = moons(60)``.

    Attributes
    ----------
    features : tuple of tuple of float
        One row for each example.
    labels : tuple of int
        The class of each example, an index into `class_names`.
    class_names : tuple of str
        The names of the classes.
    feature_names : tuple of str
        The names of the columns of `features`.
    target_name : str
        What the classes are classes of.

    Raises
    ------
    TypeError, ValueError
        If a feature is no finite number, a label no int with a name in `class_names`, or a row
        has another length than the others or the names; if names are given.

    Examples
    --------
    >>> from nn.data import iris
    >>> flowers = iris()
    >>> flowers
    Dataset(150 examples; sepal_length, sepal_width, petal_length, petal_width -> species: setosa, \
versicolor, virginica)
    >>> flowers.features[0], flowers.labels[0]
    ((5.1, 3.5, 1.4, 0.2), 0)
    """

    features: tuple[Row, ...]
    labels: tuple[int, ...]
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    target_name: str

    def __post_init__(self) -> None:
        """Take whatever holds rows, and keep tuples of Python's own numbers."""
        features = [_floats(row) for row in table(self.features, "features")]
        labels = tuple(
            check_size(x, f"label {i}", None, hint=NO_CLASS)
            for i, x in enumerate(rows(self.labels, "labels"))
        )
        class_names, feature_names = (
            tuple(map(str, rows(getattr(self, name), name)))
            for name in ("class_names", "feature_names")
        )
        if len(labels) != len(features):
            raise ValueError(
                f"there are {len(features)} rows of features, but {len(labels)} labels"
            )
        if feature_names and features and len(features[0]) != len(feature_names):
            raise ValueError(
                f"there are {len(features[0])} features, but {len(feature_names)} feature_names"
            )
        for i, label in enumerate(labels):
            if class_names and not 0 <= label < len(class_names):
                raise ValueError(
                    f"label {i} is {label}, but {len(class_names)} class_names allow labels "
                    f"from 0 to {len(class_names) - 1}"
                )
        # The class is frozen for its users.
        for name, value in (
            ("features", tuple(features)),
            ("labels", labels),
            ("class_names", class_names),
            ("feature_names", feature_names),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.labels)

    def __iter__(self) -> Iterator[Any]:
        """Yield the features, then the labels: what is learned from, and what is to be learned."""
        yield self.features
        yield self.labels

    def __repr__(self) -> str:
        """Return how much of what there is, in one line."""
        names, classes = some_of(self.feature_names), some_of(self.class_names)
        target = some_of([self.target_name])
        count = f"{len(self)} example{'' if len(self) == 1 else 's'}"
        return f"Dataset({count}; {names} -> {target}: {classes})"


def some_of(names: Sequence[str]) -> str:
    """Return the first few of some names, in one line."""
    shown = [reprlib.repr(name)[1:-1] for name in names[:SHOWN_NAMES]]
    more = [f"... ({len(names)} in all)"] if len(names) > SHOWN_NAMES else []
    return ", ".join(shown + more)


def _floats(row: Sequence[Any]) -> Row:
    """Return the numbers of a row as floats."""
    return tuple(map(float, row))
