"""Reading: a file as a table of columns, each of numbers, booleans or texts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd.extras import need
from nn.data.content import read_text
from nn.data.faults import SHOWN, DataError, counted, quoted
from nn.data.guessing import Format, guess, reader, records, said

CHUNK = 1 << 14  # rows that are read at a time
SAMPLE = 1 << 18  # characters that are looked at
NUL = "\ufdd0"  # no character; it stands for a zero one, at which pandas 2 ends a text
LONG = 1 << 23  # bytes of a file that is read with a progress bar
Cells: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name, all of one length.

    Parameters
    ----------
    name : str
        That of the file.
    cells : dict of str to array
        Each of floats, nan where a cell is missing; of bools; or of texts, with None for those.
    decimal : str
        What the decimals in texts begin with.
    source : TableFile, optional
        Tells the lines of rows.

    Examples
    --------
    >>> table = Table("pets", {"weight": np.array([4.5, 31.0])})
    >>> len(table), table.where(1)
    (2, 'row 2')
    """

    name: str
    cells: dict[str, Cells]
    decimal: str = "."
    source: TableFile | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.cells.values()), ()))

    def where(self, row: int) -> str:
        """Return where a row stands: its line, if there is a file."""
        return f"row {row + 1}" if self.source is None else f"line {self.source.line_of(row)}"


class TableFile:
    """A file with a table, of which the beginning was looked at.

    Parameters
    ----------
    path : str or Path
        Text, also if compressed by gzip.
    form : Format
        What is known of how it is written.
    expected : sequence of str
        Names that its columns may have.

    Attributes
    ----------
    names : tuple of str
        Those of the columns, by position where there are none.
    form : Format
        How it is written, with nothing left to be guessed.
    said : str
        The same in one line.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If it is empty, no table, or has columns of one name.
    ModuleNotFoundError
        If pandas is not installed: ``pip install "glassgrad[table]"``.
    """

    def __init__(
        self, path: str | Path, form: Format | None = None, expected: Sequence[str] = ()
    ) -> None:
        form = form or Format()
        self._pandas = need("pandas", "table", "reading a table", "iris, moons ... do without")
        self.name = str(path)
        data, encoding, gzipped = read_text(path, form.encoding)
        self._data = data.replace(b"\0", NUL.encode())
        text = self._sample()
        try:
            form = guess(text, replace(form, encoding=encoding), expected)
            found = records(text, str(form.sep), str(form.quote))
        except DataError as error:
            raise DataError(f"{self.name}: {error}") from None
        if not found:
            raise DataError(f"{self.name}: the file is empty")
        self.form, self.said = form, said(form, gzipped)
        self.names = _named(found, self.name) if form.header else _numbered(len(found[0]))
        self._begin, self._first_line = self._after_header(text) if form.header else (0, 0)
        if any(len(row) > len(self.names) for row in found):
            self._refuse_widths()

    def read(self, texts: Collection[str] = (), progress: bool = False) -> Table:
        """Return the whole table.

        Parameters
        ----------
        texts : collection of str
            Columns that are kept as they are written, also if they hold numbers.
        progress : bool
            True for a progress bar on standard error, if the file is large.

        Raises
        ------
        DataError
            If there are no rows, or some have more cells than the others or fewer.
        """
        width = len(self.names)
        own = {i for i, name in enumerate(self.names) if name in texts}
        chunks: list[list[Cells]] = [[] for _ in self.names]
        mixed: set[int] = set()  # what is not the same kind in all chunks is read again, as texts
        for frame in self._frames(own, progress):
            if frame[width].notna().any():
                self._refuse_widths()
            for i, parts in enumerate(chunks):
                cells = None if i in mixed else _plain(frame[i])
                if cells is None or (parts and parts[-1].dtype != cells.dtype):
                    mixed.add(i)
                parts.append(np.empty(len(frame)) if cells is None else cells)
        if not sum(map(len, chunks[0])):
            below = " below the header" if self.form.header else ""
            raise DataError(f"{self.name}: there are no rows{below}")
        whole = {i: np.concatenate(parts) for i, parts in enumerate(chunks) if i not in mixed}
        whole |= self._as_texts(mixed)
        for i in whole:
            if whole[i].dtype == object:
                whole[i] = self._cleaned(whole[i])
        if _lacks(whole[width - 1]):
            self._refuse_widths()
        columns = {name: whole[i] for i, name in enumerate(self.names)}
        return Table(self.name, columns, str(self.form.decimal), self)

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows as they are written, each a list of texts."""
        for frame in self._frames(set(range(len(self.names))), False, na_filter=False):
            for row in frame.iloc[:, : len(self.names)].to_numpy(dtype=object).tolist():
                yield [_with_nul(cell) for cell in row]

    def line_of(self, row: int) -> int:
        """Return the line in which a row ends."""
        return next(islice(self._widths(), row, None), (0, 0))[0]

    def _frames(self, texts: set[int], progress: bool, **options: Any) -> Iterator[Any]:
        """Yield the rows below the header, some at a time, in a last column what is too much."""
        pandas, form = self._pandas, self.form
        exact = {} if _version(pandas) >= (3, 1) else {"float_precision": "round_trip"}
        content = io.BytesIO(self._data)
        content.seek(self._begin)
        width = len(self.names) + ("usecols" not in options)
        bar = _bar(len(self._data)) if progress and len(self._data) > LONG else None
        options = {
            "na_values": [*(form.na or ()), ""], "sep": r"\s+" if form.sep == " " else form.sep,
            "dtype": dict.fromkeys(texts, str), **exact, **options,
        }  # fmt: skip
        try:
            frames = pandas.read_csv(
                content, header=None, names=range(width), index_col=False, chunksize=CHUNK,
                quotechar=form.quote, skipinitialspace=True, decimal=form.decimal,
                keep_default_na=False, low_memory=False, encoding="utf-8", **options,
            )  # fmt: skip
            with frames:
                for frame in frames:
                    if bar is not None:
                        bar.update(content.tell() - bar.n)
                    yield frame
        except pandas.errors.EmptyDataError:
            return
        except pandas.errors.ParserError as error:
            if "EOF inside string" in str(error):
                ends = [self._first_line, *(line for line, _ in self._widths())]
                before = ends[-2:][0]  # of an empty cell at the end csv makes no row
                raise DataError(
                    f"{self.name}, line {before + 1}: a quotation mark is opened and never closed"
                ) from None
            self._refuse_widths()
            raise DataError(f"{self.name}: not valid CSV: {error}") from None
        finally:
            if bar is not None:
                bar.close()

    def _as_texts(self, places: set[int]) -> dict[int, Cells]:
        """Return columns that hold more than numbers, as they are written."""
        if not places:
            return {}
        frames = self._frames(places, False, usecols=sorted(places))
        parts = [{i: frame[i].to_numpy(dtype=object) for i in places} for frame in frames]
        return {i: np.concatenate([part[i] for part in parts]) for i in places}

    def _cleaned(self, cells: Cells) -> Cells:
        """Return texts without blanks around them, None where they are missing."""
        codes, found = self._pandas.factorize(cells, use_na_sentinel=True)
        missing = {"", *(self.form.na or ())}
        texts = [None if (text := str(x).strip()) in missing else _with_nul(text) for x in found]
        cleaned: Cells = np.array([*texts, None], dtype=object)[codes]
        return cleaned

    def _sample(self) -> str:
        """Return the beginning of the file, some whole lines of it."""
        size = SAMPLE
        while size < len(self._data):
            ends = [i for mark in b"\n\r" if (i := self._data.rfind(mark, 0, size)) >= 0]
            if sum(self._data.count(mark, 0, size) for mark in b"\n\r") > SHOWN:
                return self._data[: max(ends) + 1].decode()
            size *= 4
        return self._data.decode()

    def _after_header(self, text: str) -> tuple[int, int]:
        """Return the place after the header, in bytes, and the number of lines up to there."""
        lines = io.StringIO(text, newline="")
        source = reader(lines, str(self.form.sep), str(self.form.quote))
        for cells in source:
            if len(cells) > 1 or "".join(cells).strip():
                break
        count = source.line_num
        return len("".join(islice(io.StringIO(text, newline=""), count)).encode()), count

    def _widths(self) -> Iterator[tuple[int, int]]:
        """Yield of each row the line in which it ends, and how many cells it has."""
        content = io.BytesIO(self._data)
        content.seek(self._begin)
        lines = io.TextIOWrapper(content, "utf-8", newline="")
        source = reader(lines, str(self.form.sep), str(self.form.quote))
        try:
            for cells in source:
                if len(cells) > 1 or "".join(cells).strip():
                    yield self._first_line + source.line_num, len(cells)
        except csv.Error as error:
            where = self._first_line + source.line_num
            raise DataError(f"{self.name}, line {where}: not valid CSV: {error}") from None

    def _refuse_widths(self) -> None:
        """Refuse rows that have more cells or fewer than there are columns."""
        width = len(self.names)
        wrong = [(line, count) for line, count in self._widths() if count != width]
        if wrong:
            shown = ", ".join(f"line {line} has {count}" for line, count in wrong[:SHOWN])
            more = ", ..." if len(wrong) > SHOWN else ""
            raise DataError(
                f"{self.name}: of {counted(width, 'column')}, "
                f"{counted(len(wrong), 'row')} {'has' if len(wrong) == 1 else 'have'} another "
                f"number of cells: {shown}{more}; mend them, or give --sep"
            )


def _named(found: list[list[str]], file: str) -> tuple[str, ...]:
    """Return the names of the columns in the first of some records; no two may be the same."""
    names, below = [_with_nul(cell.strip()) for cell in found[0]], found[1:]
    if below and all(len(row) == len(names) + 1 for row in below):
        if all(not row[-1].strip() for row in below):  # a separator ends each row
            names.append("")
        elif len({row[0] for row in below}) == len(below):  # as R writes the names of rows
            names.insert(0, "")
    names = [name or (f"column {i + 1}" if i else "index") for i, name in enumerate(names)]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise DataError(
            f"{file}: several columns are named {quoted(twice)}; the first row has to name the "
            "columns, each differently, or else say --no-header"
        )
    return tuple(names)


def _numbered(count: int) -> tuple[str, ...]:
    """Return names for columns that have none."""
    return tuple(f"column {i + 1}" for i in range(count))


def _plain(column: Any) -> Cells | None:
    """Return a column as floats, bools or texts; None for what is mixed or no float."""
    kind = column.dtype.kind
    if kind in "iufb":
        plain: Cells = column.to_numpy(dtype=bool if kind == "b" else np.float64, copy=True)
        return plain
    lacks = column.isna().to_numpy()
    cells: Cells = column.to_numpy(dtype=object, copy=True)
    cells[lacks] = None
    return cells if column.dtype != object or set(map(type, cells[~lacks])) <= {str} else None


def _with_nul(text: str) -> str:
    """Return a text with the zero characters that it had in the file."""
    return text.replace(NUL, "\0") if NUL in text else text


def _lacks(cells: Cells) -> bool:
    """Tell whether a cell of a column is missing."""
    if cells.dtype == object:
        return None in set(cells.tolist())
    return cells.dtype.kind == "f" and bool(np.isnan(cells).any())


def _version(pandas: Any) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(part) for part in pandas.__version__.split(".")[:2])


def _bar(size: int) -> Any:
    """Return a progress bar over the bytes of a file, on standard error."""
    from tqdm.auto import tqdm  # only here, so that importing nn stays light

    return tqdm(total=size, desc="reading", unit="B", unit_scale=True, leave=False)
