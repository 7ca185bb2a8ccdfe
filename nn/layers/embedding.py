"""Embedding: a row of parameters for each of a number of symbols."""

from __future__ import annotations

import random
from typing import Any

from autograd.graph.many import pick
from autograd.graph.value import Value
from nn.checks import check_place, check_size, rows
from nn.module import Module
from nn.rng import Rng, source


class Embedding(Module):
    """A table with a row of parameters for each symbol.

    Parameters
    ----------
    count, width : int
        The number of symbols, and of parameters for each.
    deviation : float
        The standard deviation of the normal distribution that the table is drawn from.
    rng : Rng
        Draws the table.

    Attributes
    ----------
    table : list of list of Value
        The rows.

    Examples
    --------
    >>> letters = Embedding(26, 4)
    >>> len(letters(7)), [len(row) for row in letters([7, 4])]
    (4, [4, 4])
    >>> letters(7)[0] is letters.table[7][0]
    True
    """

    def __init__(
        self, count: int, width: int, deviation: float = 1.0, *, rng: Rng = random
    ) -> None:
        rows, columns = check_size(count, "count"), check_size(width, "width")
        draw = source(rng)
        self.table = [
            [Value(draw.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)
        ]

    def __call__(self, symbols: Any) -> list[Any]:
        """Return the row of a symbol, or the rows of a sequence of symbols."""
        if hasattr(symbols, "__len__"):
            return [self(symbol) for symbol in rows(symbols, "symbols")]
        place = check_place(symbols, "a symbol", len(self.table), "the table has rows")
        if isinstance(place, Value):
            return [pick(column, place) for column in zip(*self.table, strict=True)]
        return self.table[place]
