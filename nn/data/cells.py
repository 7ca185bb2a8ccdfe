"""Cells: what those of a column stand for as numbers, flags, days or texts, and which do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from autograd.extras import need
from nn.data.guessing import numeral

Cells = np.ndarray[Any, np.dtype[Any]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

TRUE, FALSE = ("true", "yes", "y", "t", "1"), ("false", "no", "n", "f", "0")
DATES = (
    "ISO8601", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y",
    "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M", "%b-%y", "%b %Y",
)  # fmt: skip


def distinct(cells: Cells) -> tuple[Cells, Cells]:
    """Return the different values of a column but None, and the place of each cell's; -1: None.

    Examples
    --------
    >>> [x.tolist() for x in distinct(np.array(["b", None, "a", "b"], dtype=object))]
    [['b', 'a'], [0, -1, 1, 0]]
    """
    places: dict[Any, int] = {}
    found = [-1 if x is None else places.setdefault(x, len(places)) for x in cells.tolist()]
    return np.array(list(places), dtype=object), np.array(found, dtype=np.intp)


def numbers(cells: Cells, decimal: str, missing: Collection[str] = ()) -> tuple[Floats, Flags]:
    """Return cells as numbers, nan where there is none, and which are neither numbers nor missing.

    Examples
    --------
    >>> [x.tolist() for x in numbers(np.array(["1,5", "-", "x"], dtype=object), ",", {"-"})]
    [[1.5, nan, nan], [False, False, True]]
    """
    if cells.dtype != object:
        found = cells.astype(np.float64)
        return _finite(found, np.isnan(found))
    look = numeral(decimal)
    group = "," if decimal == "." else "."

    def read(text: str) -> float:
        if not look.fullmatch(text):
            return np.nan
        return float(text.replace(group, "").replace(decimal, "."))

    found, lacks = _by_value(cells, lambda text: None if text in missing else read(text))
    return _finite(found, lacks)


def flags(cells: Cells) -> tuple[Floats, Flags]:
    """Return cells as 1.0 for yes and 0.0 for no, nan where there is neither, and which are bad.

    Examples
    --------
    >>> [x.tolist() for x in flags(np.array(["Yes", "no", None, "7"], dtype=object))]
    [[1.0, 0.0, nan, nan], [False, False, False, True]]
    """
    if cells.dtype != object:
        found = cells.astype(np.float64)
        lacks = np.isnan(found)
        bad = ~(lacks | (found == 0) | (found == 1))
        return np.where(bad, np.nan, found), bad

    def read(text: str) -> float:
        word = text.lower()
        return 1.0 if word in TRUE else 0.0 if word in FALSE else np.nan

    return _finite(*_by_value(cells, read))


def days(cells: Cells, form: str) -> tuple[Floats, Flags]:
    """Return dates as days since 1970, nan where there is none, and which are no dates.

    Examples
    --------
    >>> cells = np.array(["1970-01-02 12:00", None, "soon"], dtype=object)
    >>> [x.tolist() for x in days(cells, "ISO8601")]
    [[1.5, nan, nan], [False, False, True]]
    """
    found, codes = distinct(as_texts(cells))
    pandas = need("pandas", "table", "reading dates")
    read = pandas.to_datetime(
        pandas.Series(found, dtype=object), format=form, errors="coerce", utc=True
    )
    # In microseconds, for pandas' own nanoseconds end in 2262.
    since = read.dt.tz_convert(None).to_numpy().astype("datetime64[us]") - np.datetime64(0, "us")
    values = np.append(since / np.timedelta64(1, "D"), np.nan)[codes]
    return values, np.isnan(values) & (codes >= 0)


def form_of_dates(found: Cells) -> str | None:
    """Return how all of some texts are written, if they are dates.

    Examples
    --------
    >>> form_of_dates(np.array(["31.12.1999", "01.02.2000"], dtype=object))
    '%d.%m.%Y'
    >>> form_of_dates(np.array(["3", "May"], dtype=object))
    """
    texts = found.tolist()
    if not texts or not all(_may_be_date(text) for text in texts):
        return None
    for form in DATES:
        # The first few tell most of the ways apart.
        if not days(found[:5], form)[1].any() and not days(found, form)[1].any():
            return form
    return None


def as_texts(cells: Cells) -> Cells:
    """Return cells as texts, one for each number however it is written; None where missing.

    Examples
    --------
    >>> as_texts(np.array(["1.0", "1", "x", "NA", None], dtype=object)).tolist()
    ['1', '1', 'x', 'NA', None]
    >>> as_texts(np.array([1.0, 2.5, np.nan])).tolist()
    ['1', '2.5', None]
    """
    if cells.dtype == np.bool_:
        return np.array(["False", "True"], dtype=object)[cells.astype(np.intp)]
    if cells.dtype != object:
        return np.array([None if x != x else _number(x) for x in cells.tolist()], dtype=object)
    found, codes = distinct(cells)
    named = [name_of(text) for text in found]
    return np.array([*named, None], dtype=object)[codes]


def name_of(text: str) -> str:
    """Return a text, or of a number its shortest form, so that "1" and "1.0" are one."""
    return _number(float(text)) if _PLAIN.fullmatch(text) else text


# Not 007, which is a code, and no number of more digits than a float has.
_PLAIN = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*)?")
_DATE = re.compile(
    r"[0-9]{1,4}[-/][0-9]{1,2}|[0-9]\.[0-9]{1,2}\.[0-9]|[A-Z][a-z]{2,} ?-?[0-9]|[0-9]-?[A-Z]"
)


def _number(x: float) -> str:
    """Return a number as a name."""
    return str(int(x)) if x.is_integer() and abs(x) < 2**53 else repr(x)


def _may_be_date(text: str) -> bool:
    """Tell whether a text has digits, and something between them that dates have."""
    return bool(6 <= len(text) <= 40 and _DATE.search(text))


def _by_value(cells: Cells, read: Callable[[str], float | None]) -> tuple[Floats, Flags]:
    """Return what is read of each cell, nan for a None, and where that or the cell is None."""
    found, codes = distinct(cells)
    values = [read(text) for text in found]
    lacks = np.array([x is None for x in values] + [True])[codes]
    return np.array([np.nan if x is None else x for x in values] + [np.nan])[codes], lacks


def _finite(found: Floats, lacks: Flags) -> tuple[Floats, Flags]:
    """Return numbers with nan for what is not finite, and which are so but do not lack."""
    bad = ~(np.isfinite(found) | lacks)
    return np.where(bad, np.nan, found), bad
