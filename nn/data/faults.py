"""Faults of data: the error that names them, and the few of many that one line has room for."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence

from autograd.lines import line

SHOWN = 5


class DataError(ValueError):
    """Data that cannot be used; the message says what is wrong and where.

    Examples
    --------
    >>> raise DataError("flowers.csv, line 3, column 'width': 'wide' is not a number")
    Traceback (most recent call last):
        ...
    nn.data.faults.DataError: flowers.csv, line 3, column 'width': 'wide' is not a number
    """

    def __init__(self, message: str) -> None:
        super().__init__(line(message))  # a file may hold anything, and a terminal shows it


def quoted(names: Sequence[str], shown: int = SHOWN) -> str:
    """Return the first few of some names, each in quotation marks and shortened.

    Examples
    --------
    >>> quoted(["a", "b", "c"], shown=2)
    "'a', 'b', ... (3 in all)"
    """
    found = [reprlib.repr(name) for name in names[:shown]]
    return ", ".join(found + [f"... ({len(names)} in all)"] * (len(names) > shown))


def counted(number: int, noun: str) -> str:
    """Return a number of things, in words that fit to it.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
