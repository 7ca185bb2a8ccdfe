"""Tables: the CSV files that hold a data set."""

from __future__ import annotations

import csv
import io
import math
import reprlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import autograd.files as files
from autograd.lines import line
from nn.data.dataset import Dataset, Row

SHOWN_FAULTS = 5
MOST_NUMBERS, MOST_FRACTIONS = 36, 10  # that are still taken for the names of classes
T = TypeVar("T")


class DataError(ValueError):
    """Data that cannot be used; the message says what is wrong and where.

    Examples
    --------
    >>> raise DataError("flowers.csv, line 3, column 'width': 'wide' is not a number")
    Traceback (most recent call last):
        ...
    nn.data.tables.DataError: flowers.csv, line 3, column 'width': 'wide' is not a number
    """

    def __init__(self, message: str) -> None:
        super().__init__(line(message))  # a file may hold anything, and a terminal shows it


def load_csv(
    path: str | Path,
    target: str | None = None,
    *,
    feature_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
) -> Dataset:
    r"""Read a CSV file with a header: one column names the class, the others are numbers.

    The file is UTF-8 (a byte order mark is accepted), its delimiter the comma. Empty lines are
    skipped. The classes are numbered in the alphabetical order of their names.

    Parameters
    ----------
    path : str or Path
        The file.
    target : str, optional
        The name of the column that holds the class; by default the last one.
    feature_names : sequence of str, optional
        The columns that are read, in this order; by default all others.
    class_names : sequence of str, optional
        The classes that may occur, in the order of their numbers; by default those that do.

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
        class (unless `class_names` are given), an unknown one, or text that is not UTF-8;
        if a column that was asked for is missing; or if the classes look like measurements:
        more than 36 different numbers, or, if some have fractions, more than 10 or than half
        the rows. All bad rows are counted, and the first few of them described.

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
    table = _Table(path)
    index = table.target_index(target)
    places = table.places(feature_names, besides=index)
    known = None if class_names is None else set(class_names)
    examples = table.rows(
        lambda cells, where: (
            _numbers(cells, places, where),
            table.label(cells, index, known, where),
        )
    )
    features, labels = zip(*examples, strict=True)
    target_name = table.header[index]
    found = tuple(sorted(set(labels))) if class_names is None else tuple(class_names)
    if len(found) == 1:
        raise DataError(
            f"{path}, column {target_name!r}: every row has the same class, "
            f"{_short(found[0])}; telling classes apart needs at least two"
        )
    if class_names is None:
        _refuse_measurements(found, len(labels), f"{path}, column {target_name!r}")
    number = {label: i for i, label in enumerate(found)}
    names = tuple(column for column, _ in places)
    return Dataset(features, tuple(number[label] for label in labels), found, names, target_name)


def load_features(path: str | Path, feature_names: Sequence[str]) -> tuple[Row, ...]:
    r"""Read the numbers in some columns of a CSV file with a header; other columns are ignored.

    Parameters
    ----------
    path : str or Path
        The file.
    feature_names : sequence of str
        The names of the columns, in the order in which they are wanted.

    Returns
    -------
    tuple of tuple of float
        The rows in the order of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If a column is missing, and in the cases of `load_csv`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,name,height\n4.5,Tom,25\n", encoding="utf-8")
    ...     load_features(path, ["height", "weight"])
    ((25.0, 4.5),)
    """
    table = _Table(path)
    places = table.places(feature_names, besides=None)
    return tuple(table.rows(lambda cells, where: _numbers(cells, places, where)))


class _Table:
    """A CSV file with a header, whose rows are read one by one."""

    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        self.records = _records(_decode(files.read(path), self.name), self.name)
        self.header = _header(next(self.records, None), self.name)

    def target_index(self, target: str | None) -> int:
        """Return where the target column stands; at least one other has to remain."""
        if len(self.header) == 1:
            raise DataError(
                f"{self.name}: {_short(self.header[0])} is the only column; features are needed "
                "besides the target, and the delimiter has to be a comma"
            )
        return len(self.header) - 1 if target is None else self._index(target)

    def places(
        self, feature_names: Sequence[str] | None, besides: int | None
    ) -> list[tuple[str, int]]:
        """Return the names of the features and where they stand."""
        if feature_names is not None:
            return [(column, self._index(column)) for column in feature_names]
        return [(column, i) for i, column in enumerate(self.header) if i != besides]

    def rows(self, convert: Callable[[list[str], str], T]) -> list[T]:
        """Return what `convert` makes of the rows; the bad ones are reported together."""
        rows, faults = [], []
        for where, cells in self.records:
            try:
                if len(cells) != len(self.header):
                    raise DataError(
                        f"{where}: {len(cells)} cells, but the header has {len(self.header)}"
                    )
                rows.append(convert(cells, where))
            except DataError as error:
                faults.append(str(error))
        if len(faults) == 1:
            raise DataError(faults[0])
        if faults:
            shown = [fault.removeprefix(f"{self.name}, ") for fault in faults[:SHOWN_FAULTS]]
            listed = "; ".join(shown) + ("; ..." if len(faults) > SHOWN_FAULTS else "")
            raise DataError(f"{self.name}: {len(faults)} bad rows: {listed}")
        if not rows:
            raise DataError(f"{self.name}: there are no rows below the header")
        return rows

    def label(self, cells: list[str], index: int, known: set[str] | None, where: str) -> str:
        """Return the class in one row."""
        label = cells[index].strip()
        place = f"{where}, column {self.header[index]!r}"
        if not label:
            raise DataError(f"{place}: the cell of the class is empty")
        if known is not None and label not in known:
            raise DataError(f"{place}: the class {_short(label)} is none that is known")
        return label

    def _index(self, column: str) -> int:
        """Return where a column stands."""
        if column not in self.header:
            columns = ", ".join(self.header)
            raise DataError(
                f"{self.name}: there is no column {column!r}; the columns are {columns}"
            )
        return self.header.index(column)


def _refuse_measurements(found: Sequence[str], count: int, where: str) -> None:
    """Refuse to take for classes what was measured: many different numbers in `count` rows."""
    if not all(map(_is_number, found)):
        return
    fractions = [text for text in found if not float(text).is_integer()]
    most = min(MOST_FRACTIONS, max(2, count // 2)) if fractions else MOST_NUMBERS
    if len(found) > most:
        such = f", such as {fractions[0]}" if fractions else ""
        raise DataError(
            f"{where}: {len(found)} different numbers in {count} rows{such}; that looks like a "
            "measurement, and only classes can be learned: name the column of the class as the "
            "target"
        )


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


def _numbers(cells: list[str], places: Sequence[tuple[str, int]], where: str) -> Row:
    """Return the features in one row."""
    return tuple(_number(cells[i], f"{where}, column {column!r}") for column, i in places)


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
