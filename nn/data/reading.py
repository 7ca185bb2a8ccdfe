"""Reading: a file as a table of columns, each of numbers, booleans or texts."""

from __future__ import annotations

import codecs
import csv
import io
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import autograd.files as files
from autograd.extras import need
from nn.data.faults import SHOWN, DataError, counted, quoted
from nn.data.guessing import Format, guess, reader, records, said

CHUNK = 1 << 14  # rows that are read at a time
SAMPLE = 1 << 18  # characters that are looked at
LONG = 1 << 23  # bytes of a file that is read with a progress bar
FOREIGN = {
    b"PK\x03\x04": "a zip archive, as Excel's files are",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "a database of SQLite",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"%PDF": "a PDF",
}
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

Cells = np.ndarray[Any, np.dtype[Any]]


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
        self, path: str | Path, form: Format = Format(), expected: Sequence[str] = ()
    ) -> None:
        self._pandas = need("pandas", "table", "reading a table", "iris, moons ... do without")
        self.name = str(path)
        data, gzipped = self._inflated(files.read(path))
        self._refuse_foreign(data)
        self._data, encoding = self._as_utf8(data, form.encoding)
        text, self._sampled = self._sample(form)
        try:
            form = guess(text, replace(form, encoding=encoding), expected)
            found = records(text, str(form.sep), str(form.quote))
        except DataError as error:
            raise DataError(f"{self.name}: {error}") from None
        if not found:
            raise DataError(f"{self.name}: the file is empty")
        self.form, self.said = form, said(form, gzipped)
        self.names = self._names(found)
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
        mixed: set[int] = set()
        for frame in self._frames(own, progress):
            if frame[width].notna().any():
                self._refuse_widths()
            for i, parts in enumerate(chunks):
                cells = _plain(frame[i])
                mixed |= (
                    {i} if cells is None or (parts and parts[-1].dtype != cells.dtype) else set()
                )
                parts.append(np.empty(len(frame)) if i in mixed or cells is None else cells)
        if not sum(map(len, chunks[0])):
            raise DataError(
                f"{self.name}: there are no rows{' below the header' * bool(self.form.header)}"
            )
        whole = {i: np.concatenate(parts) for i, parts in enumerate(chunks) if i not in mixed}
        whole |= self._as_texts(mixed)
        for i in whole:
            if whole[i].dtype == object:
                whole[i] = self._cleaned(whole[i])
        if _lacks(whole[width - 1]):
            self._refuse_widths()
        cells = {name: whole[i] for i, name in enumerate(self.names)}
        return Table(self.name, cells, str(self.form.decimal), self)

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows as they are written, each a list of texts."""
        for frame in self._frames(set(range(len(self.names))), False, na_filter=False):
            yield from frame.iloc[:, : len(self.names)].to_numpy(dtype=object).tolist()

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
            "na_values": list(form.na or ()) + [""], "sep": r"\s+" if form.sep == " " else form.sep,
            "dtype": {i: str for i in texts}, **exact, **options,
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
        texts = [None if (text := str(x).strip()) in missing else text for x in found]
        return np.array([*texts, None], dtype=object)[codes]

    def _inflated(self, data: bytes) -> tuple[bytes, bool]:
        """Return the content of a file, and whether it was compressed."""
        if not data.startswith(b"\x1f\x8b"):
            return data, False
        whole = bytearray()
        try:
            while data:  # a file may have several parts
                part = zlib.decompressobj(wbits=31)
                whole += part.decompress(data, files.LARGEST - len(whole) + 1)
                if len(whole) > files.LARGEST:
                    raise DataError(
                        f"{self.name}: unpacked it is larger than {files.LARGEST:,} bytes"
                    )
                if not part.eof:
                    raise DataError(f"{self.name}: the gzip file ends too early")
                data = part.unused_data.lstrip(b"\0")
        except zlib.error as error:
            raise DataError(f"{self.name}: the gzip file is damaged: {error}") from None
        return bytes(whole), True

    def _refuse_foreign(self, data: bytes) -> None:
        """Refuse what is no text of cells."""
        found = [what for mark, what in FOREIGN.items() if data.startswith(mark)]
        if data[:1] in (b"{", b"[") and data.rstrip()[-1:] in (b"}", b"]"):
            found.append("JSON")
        if found:
            raise DataError(f"{self.name}: this is {found[0]}; save the table as CSV")

    def _as_utf8(self, data: bytes, given: str | None) -> tuple[bytes, str]:
        """Return text in UTF-8 without its mark, and the encoding that it had."""
        encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), given)
        if encoding is None and b"\0" in data[:4096]:  # every other byte of ASCII in UTF-16
            even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
            half = len(data[:4096]) / 4
            encoding = "utf-16-le" if odd > half >= even else "utf-16-be" if even > half else None
        for name in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
            try:
                if codecs.lookup(name).name == "utf-8":
                    _check_utf8(data)
                    return data.removeprefix(codecs.BOM_UTF8), "utf-8"
                return data.decode(name).encode(), name
            except (LookupError, TypeError, ValueError) as error:
                fault = error
        raise DataError(
            f"{self.name}: it is not text in {encoding}: {fault}; give another --encoding"
        )

    def _sample(self, form: Format) -> tuple[str, bool]:
        """Return the beginning of the file, whole lines of it, and whether that is not all."""
        size = SAMPLE
        while size < len(self._data):
            end = max(self._data.rfind(b"\n", 0, size), self._data.rfind(b"\r", 0, size))
            if self._data.count(b"\n", 0, size) + self._data.count(b"\r", 0, size) > SHOWN:
                return self._data[: end + 1].decode(), True
            size *= 4
        return self._data.decode(), False

    def _names(self, found: list[list[str]]) -> tuple[str, ...]:
        """Return the names of the columns; each has to have one of its own."""
        below = found[1:] if self.form.header else found
        if not self.form.header:
            width = max(map(len, found[:1]))
            return tuple(f"column {i + 1}" for i in range(width))
        names = [" ".join(cell.split()) if "\n" not in cell else cell.strip() for cell in found[0]]
        if below and all(len(row) == len(names) + 1 for row in below):
            if all(not row[-1].strip() for row in below):  # a separator ends each row
                names.append("")
            else:  # as R writes names of rows
                names.insert(0, "")
        names = [name or (f"column {i + 1}" if i else "index") for i, name in enumerate(names)]
        twice = [name for i, name in enumerate(names) if name in set(names[:i])]
        if twice:
            raise DataError(
                f"{self.name}: several columns are named {quoted(sorted(set(twice)))}; the first "
                "row has to name the columns, each differently, or else say --no-header"
            )
        return tuple(names)

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


def _plain(column: Any) -> Cells | None:
    """Return a column as floats, bools or texts; None for what is mixed or no float."""
    kind = column.dtype.kind
    if kind in "if":
        return column.to_numpy(dtype=np.float64, copy=True)
    if kind == "b":
        return column.to_numpy(copy=True)
    cells = column.to_numpy(dtype=object, na_value=None)
    return cells if all(x is None or type(x) is str for x in cells) else None


def _lacks(cells: Cells) -> bool:
    """Tell whether a cell of a column is missing."""
    if cells.dtype == object:
        return any(x is None for x in cells)
    return cells.dtype.kind == "f" and bool(np.isnan(cells).any())


def _check_utf8(data: bytes) -> None:
    """Raise a UnicodeDecodeError for what is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), 1 << 20):
        decoder.decode(data[at : at + (1 << 20)])
    decoder.decode(b"", final=True)


def _version(pandas: Any) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(part) for part in pandas.__version__.split(".")[:2])


def _bar(size: int) -> Any:
    """Return a progress bar over the bytes of a file, on standard error."""
    from tqdm.auto import tqdm  # only here, so that importing nn stays light

    return tqdm(total=size, desc="reading", unit="B", unit_scale=True, leave=False)
