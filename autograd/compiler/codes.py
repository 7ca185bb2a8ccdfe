"""What a scalar of a program is: a leaf, a row of the table, or a sum of products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.functions.calls import Primitive
from autograd.functions.rules import TABLE

# Leaves; sums a1*b1 + a2*b2 + ... of any number of pairs, where a plain addend is the pair (1, x);
# and those summed over the lanes besides, which is one number for all of them.
NAMES = ("input", "parameter", "literal", "pairs", "total", *TABLE)
CODES = {name: code for code, name in enumerate(NAMES)}
INPUT, PARAMETER, LITERAL, PAIRS, TOTAL = range(5)
FIRST_ROW = 5
ROWS: tuple[Primitive | None, ...] = (None,) * FIRST_ROW + tuple(TABLE.values())
ANY = -1  # how many operands an n-ary scalar has is counted for itself
ARITIES = np.array(
    [0, 0, 0, ANY, ANY] + [ANY if row.arity is None else row.arity for row in TABLE.values()],
    np.int64,
)


def among(codes: NDArray[Any], *wanted: int) -> NDArray[Any]:
    """Tell which codes are some of those that are wanted.

    Examples
    --------
    >>> among(np.array([PAIRS, INPUT, TOTAL]), PAIRS, TOTAL).tolist()
    [True, False, True]
    """
    table = np.zeros(len(NAMES), bool)
    table[list(wanted)] = True
    found: NDArray[Any] = table[codes]
    return found


def each_of(codes: NDArray[Any]) -> list[int]:
    """Return each of some codes once, in order.

    Examples
    --------
    >>> each_of(np.array([PAIRS, INPUT, PAIRS])) == [INPUT, PAIRS]
    True
    """
    return np.flatnonzero(np.bincount(codes)).tolist()


def row_of(code: int) -> Primitive:
    """Return the row of the table that a code stands for."""
    row = ROWS[code]
    if row is None:
        raise ValueError(f"{NAMES[code]} is no row of the table")
    return row
