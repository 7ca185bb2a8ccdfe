"""Content: the text of a table's file, unpacked and in UTF-8, or what it is instead."""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path

import autograd.files as files
from nn.data.faults import DataError

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
LOOKED_AT = 4096  # bytes, for zeros that UTF-16 has without a mark


def read_text(path: str | Path, encoding: str | None = None) -> tuple[bytes, str, bool]:
    """Return the text of a file in UTF-8, the encoding it has, and whether it is gzipped.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If it is damaged, another kind of file, or no text in the encoding.
    """
    try:
        data, gzipped = _inflated(files.read(path))
        _refuse_foreign(data)
        return *_as_utf8(data, encoding), gzipped
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _inflated(data: bytes) -> tuple[bytes, bool]:
    """Return the content of a file, and whether it was compressed."""
    if not data.startswith(b"\x1f\x8b"):
        return data, False
    whole = bytearray()
    try:
        while data:  # a file may have several parts
            part = zlib.decompressobj(wbits=31)
            whole += part.decompress(data, files.LARGEST - len(whole) + 1)
            if len(whole) > files.LARGEST:
                raise DataError(f"unpacked it is larger than {files.LARGEST:,} bytes")
            if not part.eof:
                raise DataError("the gzip file ends too early")
            data = part.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise DataError(f"the gzip file is damaged: {error}") from None
    return bytes(whole), True


def _refuse_foreign(data: bytes) -> None:
    """Refuse what is no text of cells."""
    found = [what for mark, what in FOREIGN.items() if data.startswith(mark)]
    if data[:1] in (b"{", b"[") and data.rstrip()[-1:] in (b"}", b"]"):
        found.append("JSON")
    if found:
        raise DataError(f"this is {found[0]}; save the table as CSV")


def _as_utf8(data: bytes, given: str | None) -> tuple[bytes, str]:
    """Return text in UTF-8 without its mark, and the encoding that it had."""
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), given)
    head = data[:LOOKED_AT]
    if encoding is None and b"\0" in head:  # every other byte of ASCII in UTF-16
        even, odd = head[::2].count(0), head[1::2].count(0)
        half = len(head) / 4
        encoding = "utf-16-le" if odd > half >= even else "utf-16-be" if even > half else None
    fault: Exception = ValueError()
    for name in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            if codecs.lookup(name).name == "utf-8":
                _check_utf8(data)
                return data.removeprefix(codecs.BOM_UTF8), "utf-8"
            return data.decode(name).encode(), name
        except (LookupError, TypeError, ValueError) as error:
            fault = error
    raise DataError(f"it is not text in {encoding}: {fault}; give another --encoding")


def _check_utf8(data: bytes) -> None:
    """Raise a UnicodeDecodeError for what is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), 1 << 20):
        decoder.decode(data[at : at + (1 << 20)])
    decoder.decode(b"", final=True)
