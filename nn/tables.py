"""A table of examples, and the CSV files that hold one."""

from __future__ import annotations

import csv
import io
import math
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Row = tuple[float, ...]


class DataError(ValueError):
    """Data that cannot be used; the message says what is wrong and where.

    Examples
    --------
    >>> raise DataError("flowers.csv, line 3, column 'width': 'wide' is not a number")
    Traceback (most recent call last):
        ...
    nn.tables.DataError: flowers.csv, line 3, column 'width': 'wide' is not a number
    """


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples with numeric features, each belonging to one class.

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

    Examples
    --------
    >>> from nn.data import iris
    >>> flowers = iris()
    >>> len(flowers), flowers.class_names
    (150, ('setosa', 'versicolor', 'virginica'))
    >>> flowers.features[0], flowers.labels[0]
    ((5.1, 3.5, 1.4, 0.2), 0)
    """

    features: tuple[Row, ...]
    labels: tuple[int, ...]
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    target_name: str

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.labels)


def load_csv(path: str | Path, target: str | None = None) -> Dataset:
    r"""Read a CSV file with a header: one column names the class, the others are numbers.

    The file is UTF-8 (a byte order mark is accepted), its delimiter the comma. Empty lines are
    skipped. The classes are numbered in the alphabetical order of their names.

    Parameters
    ----------
    path : str or Path
        The file.
    target : str, optional
        The name of the column that holds the class; by default the last one.

    Returns
    -------
    Dataset
        The rows in the order of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If the file has no rows, no feature column, an unnamed or repeated column, a cell
        that is not a finite number, a row of another length than the header, a single
        class, or text that is not UTF-8; or if there is no column `target`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,kind\n4.5,cat\n31,dog\n", encoding="utf-8")
    ...     load_csv(path, "kind").features
    ((4.5,), (31.0,))
    """
    path = Path(path)
    return _parse(path.read_bytes(), str(path), target)


def _parse(content: bytes, name: str, target: str | None) -> Dataset:
    """Return the data set in the CSV file `name`, given its content."""
    records = _records(_decode(content, name), name)
    header = _header(next(records, None), name)
    index = _target_index(header, name, target)
    feature_names = header[:index] + header[index + 1 :]
    features, classes = [], []
    for where, cells in records:
        if len(cells) != len(header):
            raise DataError(f"{where}: {len(cells)} cells, but the header has {len(header)}")
        label = cells.pop(index).strip()
        if not label:
            raise DataError(f"{where}, column {header[index]!r}: the cell of the class is empty")
        classes.append(label)
        features.append(
            tuple(
                _number(cell, f"{where}, column {column!r}")
                for column, cell in zip(feature_names, cells, strict=True)
            )
        )
    if not classes:
        raise DataError(f"{name}: there are no rows below the header")
    class_names = tuple(sorted(set(classes)))
    if len(class_names) == 1:
        raise DataError(
            f"{name}, column {header[index]!r}: every row has the same class, "
            f"{_short(class_names[0])}; telling classes apart needs at least two"
        )
    number = {label: i for i, label in enumerate(class_names)}
    labels = tuple(number[label] for label in classes)
    return Dataset(tuple(features), labels, class_names, feature_names, header[index])


def _decode(content: bytes, name: str) -> str:
    """Return the text of a UTF-8 file, without its byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8 text; "
            "save the file as UTF-8"
        ) from None


def _records(text: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each record that is not an empty line, with the place where it stands."""
    # Strict, for a quotation mark left open would otherwise swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if len(cells) > 1 or "".join(cells).strip():
                yield f"{name}, line {reader.line_num}", cells
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: not valid CSV: {error}") from None


def _header(record: tuple[str, list[str]] | None, name: str) -> tuple[str, ...]:
    """Return the names of the columns, each of which has to have one of its own."""
    if record is None:
        raise DataError(f"{name}: the file is empty")
    where, cells = record
    header = tuple(cell.strip() for cell in cells)
    for column, title in enumerate(header, start=1):
        if not title:
            raise DataError(f"{where}: column {column} has no name; name or remove it")
        # A whole number may be a name (a year, a pixel), but 5.1 is a measurement.
        if "." in title and _is_number(title):
            raise DataError(
                f"{where}: {_short(title)} looks like data; the first line has to name the columns"
            )
        if title in header[: column - 1]:
            raise DataError(
                f"{where}: two columns are named {_short(title)}; "
                "the first line has to name the columns, each differently"
            )
    return header


def _target_index(header: tuple[str, ...], name: str, target: str | None) -> int:
    """Return where the target column stands; at least one other has to remain."""
    if len(header) == 1:
        raise DataError(
            f"{name}: {_short(header[0])} is the only column; features are needed besides the "
            "target, and the delimiter has to be a comma"
        )
    if target is not None and target not in header:
        columns = ", ".join(header)
        raise DataError(f"{name}: there is no column {target!r}; the columns are {columns}")
    return len(header) - 1 if target is None else header.index(target)


def _number(cell: str, where: str) -> float:
    """Return the finite number that `cell` holds."""
    if not _is_number(cell):
        said = f"{_short(cell)} is not a number" if cell.strip() else "the cell is empty"
        raise DataError(f"{where}: {said}")
    number = float(cell)
    if not math.isfinite(number):
        raise DataError(f"{where}: {_short(cell)} is not a finite number")
    return number


def _is_number(text: str) -> bool:
    """Tell whether `text` can be read as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    """Return `text` in quotation marks, shortened to what fits on a line."""
    return reprlib.repr(text)
