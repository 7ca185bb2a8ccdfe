"""Formulas as Python source over floats: as fast as may be, or such that it never raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.functions.formulas import variable
from autograd.functions.printing.printer import ATOM, Known, Printer, Written
from autograd.functions.printing.text import OPERATORS
from autograd.functions.row import Row

# What `math`, `cmath` and `mpmath` call the functions that have another name here.
LIBRARY_NAMES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
_OF_MATH = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "erf", "erfc",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    "arcsinh", "arccosh", "arctanh",
)  # fmt: skip
_NAMES = (
    "add", "subtract", "multiply", "negative", "positive", "greater", "less", "greater_equal",
    "less_equal", "equal", "not_equal", "both",
)  # fmt: skip
_SAFE: Known = {
    **{name: OPERATORS[name] for name in _NAMES},
    "where": "({1} if {0} else {2})",
    "isnan": "({0} != {0})",
}
_QUICK: Known = {
    **_SAFE,
    "divide": OPERATORS["divide"],
    "power": "math.pow({0}, {1})",
    "arctan2": "math.atan2({0}, {1})",
    **{name: f"math.{LIBRARY_NAMES.get(name, name)}({{0}})" for name in _OF_MATH},
}


def library_name(row: Row) -> str:
    """Return what `math`, `cmath` and `mpmath` call a function."""
    return LIBRARY_NAMES.get(row.name, row.name)


class OverFloats(Printer):
    """Python over floats; a row whose value is a formula is written out in place."""

    def call(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a call of the float function, or the formula that stands for it."""
        if row.formula is None:
            return super().call(row, operands)
        return self.term(row.formula(*(variable(enclosed(x)) for x in operands)))

    def number(self, x: Any, integer: bool = False) -> Written:
        """Return a float, or an integer where one is asked for."""
        return super().number(x if integer or isinstance(x, complex) else float(x))


def enclosed(x: Written) -> str:
    """Return the text of an operand, which holds together wherever it is put."""
    return x.text if x.precedence == ATOM else f"({x.text})"


QUICK = OverFloats(_QUICK)  # it may raise where IEEE 754 has an answer
SAFE = OverFloats(_SAFE)  # it never raises: the rest is left to the float functions of the rows
