"""What printers have in common: templates, numbers, and parentheses where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.functions.row import Row

ATOM = 9  # how tightly names, numbers and calls hold together: they never need parentheses
SIGNED, QUOTIENT = 6, 5  # as -x and x / y do


class Written:
    """A written operand, which knows when it needs parentheses.

    Parameters
    ----------
    text : str
    precedence : int
        How tightly it holds together: 0 needs parentheses everywhere, `ATOM` nowhere.
    """

    __slots__ = ("limit", "precedence", "text")

    def __init__(self, text: str, precedence: int = ATOM) -> None:
        self.text, self.precedence, self.limit = text, precedence, 0

    def __format__(self, side: str) -> str:
        loose = {"l": self.precedence < self.limit, "r": self.precedence <= self.limit}
        return f"({self.text})" if loose.get(side, not self.precedence) else self.text


# How an application is written: a template, in which {0} is an operand, {0:l} one with parentheses
# where it binds looser than the whole, {0:r} also where it binds equally; and how tightly the whole
# holds together. Or a function of the operands, for what no template says.
Known = Mapping[str, "tuple[str, int] | str | Callable[..., Written]"]


class Printer:
    """A language: how it writes numbers, its well-known functions, and calls of all others.

    Parameters
    ----------
    known : mapping
        By the names of the rows, what is not written as a call.
    """

    def __init__(self, known: Known) -> None:
        self.known = known

    def __call__(self, term: Any) -> str:
        """Return a formula, or a number in one, as text of the language."""
        return self.term(term).text

    def term(self, term: Any, integer: bool = False) -> Written:
        """Return a part of a formula; `integer` is for the operands that are plain integers."""
        if hasattr(term, "written_by"):
            written: Written = term.written_by(self)
            return written
        return self.number(term, integer)

    def application(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a row applied to operands that are written already."""
        known = None if row.opaque else self.known.get(row.name)
        return self.call(row, operands) if known is None else self.filled(known, operands)

    def filled(
        self, known: tuple[str, int] | str | Callable[..., Written], operands: Sequence[Written]
    ) -> Written:
        """Return what is known of a function, filled in with operands."""
        if callable(known):
            return known(*operands)
        template, precedence = (known, ATOM) if isinstance(known, str) else known
        for operand in operands:
            operand.limit = precedence
        return Written(template.format(*operands), precedence)

    def call(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a call of a function that the language does not know."""
        return Written(f"{row.name}({', '.join(format(x, '') for x in operands)})")

    def number(self, x: Any, integer: bool = False) -> Written:  # noqa: ARG002  (some languages ask)
        """Return a number as a formula shows it."""
        if isinstance(x, complex):  # -1j, a coefficient for complex operands
            return Written(f"{'-' * (x.imag < 0)}{abs(x.imag):g}j", SIGNED)
        precedence = ATOM if getattr(x, "denominator", 1) == 1 else QUOTIENT  # 1/3 is a quotient
        return Written(self.literal(x), precedence if x >= 0 else SIGNED)

    def literal(self, x: Any) -> str:
        """Return the text of a real number; a constant of the rules has its own."""
        return getattr(x, "text", None) or str(x)
