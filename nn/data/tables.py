"""Tables: the files that hold a data set, as features and classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nn.data.choosing import choose, encode, learn, places
from nn.data.dataset import Dataset
from nn.data.faults import DataError
from nn.data.guessing import Format
from nn.data.reading import TableFile
from nn.data.targets import find_target

__all__ = ["DataError", "load_csv"]


def load_csv(
    path: str | Path,
    target: str | None = None,
    *,
    feature_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    form: Format | None = None,
) -> Dataset:
    r"""Read a table: one column names the class, the others become numbers.

    How the file is written is guessed as far as `form` does not say it. Categories become a
    feature each, dates days, and what is missing the median with a feature that tells it; columns
    that are constant, or seem to number or name the rows, are left out. Rows without a class are
    left out. The statistics are those of all rows; to learn from some and hold out others, use
    ``python -m nn``.

    Parameters
    ----------
    path : str or Path
        The file.
    target : str, optional
        The name of the column that holds the class; by default the last one.
    feature_names : sequence of str, optional
        The columns that are read, in this order; by default all that seem to be of use.
    class_names : sequence of str, optional
        The classes that may occur, in the order of their numbers; by default those that do.
    form : Format, optional
        How the file is written.

    Returns
    -------
    Dataset
        The rows in the order of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If it is no table, lacks a column, or a column cannot be what it has to be.
    ModuleNotFoundError
        If pandas is not installed: ``pip install "glassgrad[table]"``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,fur,kind\n4.5,long,cat\n31,short,dog\n5,short,cat\n")
    ...     load_csv(path, "kind")
    Dataset(3 examples; weight, fur = short, fur = another -> kind: cat, dog)
    """
    file = TableFile(path, form, feature_names or ())
    name = file.names[-1] if target is None else target
    table = file.read([name])
    choice = choose(table, name, feature_names)
    found = find_target(table, name, "classification" if class_names else None, class_names)
    if not found.class_names:
        raise DataError(
            f"{path}, column {name!r}: {found.reason}; that looks like a measurement, and a "
            "Dataset holds classes: name the column of the class as the target"
        )
    rows = list(found.rows)
    columns = learn(choice, table, rows)
    features, bad, _ = encode(columns, table)
    if bad[rows].any():
        raise DataError(f"{path}: {places(table, columns, bad)}")
    names = tuple(feature for column in columns for feature in column.features)
    chosen = tuple(map(tuple, features[rows].tolist()))
    return Dataset(chosen, found.labels, found.class_names, names, name)
