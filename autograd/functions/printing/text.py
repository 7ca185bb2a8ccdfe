"""Formulas as text, as a user of the library writes them."""

from __future__ import annotations

import re

from autograd.functions.printing.printer import Printer, Written
from autograd.functions.row import Row

OPERATORS: dict[str, tuple[str, int]] = {
    "add": ("{0:l} + {1:r}", 4),
    "subtract": ("{0:l} - {1:r}", 4),
    "multiply": ("{0:l} * {1:r}", 5),
    "divide": ("{0:l} / {1:r}", 5),
    "floor_divide": ("{0:l} // {1:r}", 5),
    "remainder": ("{0:l} % {1:r}", 5),
    "power": ("{0:r} ** {1:l}", 7),
    "negative": ("-{0:l}", 6),
    "positive": ("+{0:l}", 6),
    "greater": ("{0:r} > {1:r}", 3),
    "less": ("{0:r} < {1:r}", 3),
    "greater_equal": ("{0:r} >= {1:r}", 3),
    "less_equal": ("{0:r} <= {1:r}", 3),
    "equal": ("{0:r} == {1:r}", 3),
    "not_equal": ("{0:r} != {1:r}", 3),
    "both": ("{0:r} and {1:r}", 2),
}


def _affine(*operands: Written) -> Written:
    """How `dot` is written: products, and what is added unless it is 0."""
    middle, last = len(operands) // 2, operands[-1]
    template, limit = OPERATORS["multiply"]
    for operand in operands[:-1]:
        operand.limit = limit
    _, last.limit = OPERATORS["add"]
    pairs = zip(operands[:middle], operands[middle:-1], strict=True)
    terms = [template.format(w, x) for w, x in pairs]
    added = [format(last, "r")] if last.text != "0" else []
    return Written(" + ".join([*terms, *added]), OPERATORS["add"][1])


TEXT = Printer(OPERATORS | {"round_to": "round({1}, {0})", "dot": _affine})


def sign_of(row: Row) -> str:
    """Return the operator's sign or the function's name, as a user writes it.

    Examples
    --------
    >>> from autograd import rules
    >>> sign_of(rules.multiply), sign_of(rules.tanh), sign_of(rules.sum)
    ('*', 'tanh', 'sum')
    """
    if row.opaque or row.name not in OPERATORS:
        return row.name
    return re.sub(r"\{\d(:\w)?\}", "", OPERATORS[row.name][0]).strip()
