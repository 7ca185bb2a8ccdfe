"""Guessing: how a table is written, from its beginning, as far as nobody says it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from nn.data.faults import DataError

NA = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "?")
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks"}
RECORDS = 200  # that are looked at
CONSISTENT = 0.8  # the share of records that a separator has to part into as many cells
YEARS = range(1500, 2200)

Records = list[list[str]]


@dataclass(frozen=True)
class Format:
    r"""How a table is written; None stands for what is to be guessed.

    Parameters
    ----------
    sep : str, optional
        What parts the cells of a row; a blank stands for any number of blanks and tabs.
    decimal : str, optional
        "." or ",".
    header : bool, optional
        Whether the first row names the columns.
    encoding : str, optional
        That of the text, by a name that Python knows.
    na : tuple of str, optional
        What stands for a missing value beside an empty cell; by default what it usually is.
    quote : str, optional
        What may stand around a cell.

    Examples
    --------
    >>> guessed = guess("x;y\n1,5;a\n2,5;b\n", Format(na=("-",)))
    >>> guessed.sep, guessed.decimal, guessed.header, guessed.na
    (';', ',', True, ('-',))
    """

    sep: str | None = None
    decimal: str | None = None
    header: bool | None = None
    encoding: str | None = None
    na: tuple[str, ...] | None = None
    quote: str | None = None


def guess(text: str, given: Format, expected: Sequence[str] = ()) -> Format:
    """Return how the table is written whose beginning is `text`.

    Parameters
    ----------
    text : str
        Some of its rows, whole ones.
    given : Format
        What is known.
    expected : sequence of str
        Names of columns; where they stand in the first row, that is a header.
    """
    na = NA if given.na is None else given.na
    quote = given.quote or _quote(text)
    sep = given.sep or _separator(text, quote)
    found = records(text, sep, quote)
    decimal = given.decimal or _decimal(found, sep)
    header = given.header
    if header is None:
        names = {cell.strip() for cell in found[0]} if found else set()
        known = bool(expected) and names.issuperset(expected)
        header = known or _is_header(found, decimal, {"", *na})
    return replace(given, sep=sep, decimal=decimal, header=header, na=na, quote=quote)


def records(text: str, sep: str, quote: str, most: int = RECORDS) -> Records:
    r"""Return the first records of a text that are no empty lines.

    Examples
    --------
    >>> records('a, "b, c"\n\n1,2\n', ",", '"')
    [['a', 'b, c'], ['1', '2']]
    """
    found: Records = []
    try:
        for cells in reader(io.StringIO(text, newline=""), sep, quote):
            if len(cells) > 1 or "".join(cells).strip():
                found.append(cells)
                if len(found) == most:
                    break
    except csv.Error as error:
        raise DataError(f"record {len(found) + 1}: not valid CSV: {error}") from None
    return found


def reader(lines: Iterable[str], sep: str, quote: str) -> Any:
    """Return a reader of records, to which a blank stands for any number of blanks and tabs."""
    source = (line.replace("\t", " ").strip(" ") for line in lines) if sep == " " else lines
    return csv.reader(source, delimiter=sep, quotechar=quote, skipinitialspace=True)


def is_number(text: str, decimal: str = ".") -> bool:
    """Tell whether a cell is a number; "12_34" and words such as "inf" are none.

    Examples
    --------
    >>> [is_number(x) for x in ("-1.5e3", " 7 ", "1,234.5", "12_34", "inf", "")]
    [True, True, True, False, False, False]
    """
    return bool(numeral(decimal).fullmatch(text.strip()))


def numeral(decimal: str) -> re.Pattern[str]:
    """Return what a number looks like, with its thousands in groups or not."""
    d, g = (r"\.", ",") if decimal == "." else (",", r"\.")
    return re.compile(
        rf"[+-]?(?:(?:[0-9]+(?:{d}[0-9]*)?|{d}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        rf"|[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+(?:{d}[0-9]+)?)"
    )


def said(form: Format, gzipped: bool) -> str:
    """Return in one line how a table is written.

    Examples
    --------
    >>> said(Format(",", ".", True, "utf-8", NA, '"'), False)
    'a header, separated by comma, decimal point, UTF-8'
    """
    sep = SEPARATORS.get(form.sep or "", repr(form.sep))
    parts = [
        "a header" if form.header else "no header",
        f"separated by {sep}",
        "decimal point" if form.decimal == "." else "decimal comma",
        *(["single quotation marks"] if form.quote == "'" else []),
        str(form.encoding).upper() + (", gzip" if gzipped else ""),
    ]
    return ", ".join(parts)


def _quote(text: str) -> str:
    """Return what stands around cells: double quotation marks, or single ones where many are."""
    if '"' in text:
        return '"'
    count = len(re.findall(r"(?:^|[,;\t|])\s*'[^'\n]*'\s*(?=$|[,;\t|])", text, re.MULTILINE))
    return "'" if count > text.count("\n") / 2 and count > 1 else '"'


def _separator(text: str, quote: str) -> str:
    """Return what parts most records into as many cells, more than one; a comma, if nothing."""
    best, chosen = (0.0, 0), ","
    for rank, sep in enumerate(("\t", ";", "|", ",", " ")):
        try:
            first, *below = map(len, records(text, sep, quote))
        except (DataError, ValueError):
            continue
        (width, count), *_ = Counter(below or [first]).most_common(1)
        share = count / len(below or [first])
        named = width - 1 <= first <= width  # R gives the names of rows no name
        if width > 1 and named and share >= CONSISTENT and (share, -rank) > best:
            if sep == " " and best[0]:  # texts have blanks, too
                break
            best, chosen = (share, -rank), sep
    return chosen


def _decimal(found: Records, sep: str) -> str:
    """Return the decimal mark: a comma where cells say so, and not only thousands in groups."""
    if sep == ",":
        return "."
    cells = [cell.strip() for row in found for cell in row]
    commas = [x for x in cells if re.fullmatch(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?", x)]
    points = [x for x in cells if re.fullmatch(r"[+-]?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?", x)]
    groups = all(re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", x) for x in commas)
    return "," if len(commas) > len(points) and not groups else "."


def _is_header(found: Records, decimal: str, missing: set[str]) -> bool:
    """Tell whether the first record names the columns, and is no row of data."""
    if len(found) < 2:
        return True
    first = [cell.strip() for cell in found[0]]
    below: list[list[str]] = [[] for _ in first]
    for row in found[1:]:
        for cells, cell in zip(below, row, strict=False):
            if cell.strip() not in missing:
                cells.append(cell.strip())
    texts = numbers = recurring = 0
    for cell, cells in zip(first, below, strict=True):
        recurring += cell in cells or not cell
        if cells and all(is_number(x, decimal) for x in cells) and cell not in missing:
            texts, numbers = texts + (not is_number(cell, decimal)), numbers + 1
    named = [(i, x) for i, x in enumerate(first) if is_number(x, decimal)]
    if not numbers:  # texts alone: names do not recur among what they name
        return recurring < len(first) / 2
    return texts * 2 > numbers or (not texts and _are_places_or_years(named, len(first)))


def _are_places_or_years(numbers: list[tuple[int, str]], width: int) -> bool:
    """Tell whether numbers in a first row are names: each its own place, or years that rise."""
    if not all(text.isdecimal() for _, text in numbers):
        return False
    values = [(i, int(text)) for i, text in numbers]
    years = [value for _, value in values]
    rising = all(a < b for a, b in pairwise(years))
    all_years = all(year in YEARS for year in years) and len(years) < width
    return (all(i == value for i, value in values) and width > 2) or (
        len(years) > 1 and rising and all_years
    )
