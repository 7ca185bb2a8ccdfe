"""Formulas as C over doubles, which answers as IEEE 754 does and never raises."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.functions.printing.printer import Known, Written
from autograd.functions.printing.python import LIBRARY_NAMES, OverFloats
from autograd.functions.printing.text import OPERATORS
from autograd.functions.row import Row

CHOICE, COMPARISON, CONJUNCTION, SUM, PRODUCT, SIGN = 1, 3, 2, 4, 5, 6  # how tightly each binds

# Where CPython calls the function of the C library; it has hypot, fsum and lgamma of its own.
OF_LIBRARY = {
    "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
    "erfc", "pow", "fmod", "copysign", "ldexp",
}  # fmt: skip
_OF_ONE = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "erf", "erfc",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    "arcsinh", "arccosh", "arctanh", "floor", "ceil", "trunc", "rint", "isnan",
)  # fmt: skip


def _either(*operands: Written) -> Written:
    """A disjunction, in which compilers want conjunctions in parentheses."""
    for operand in operands:
        operand.limit = CONJUNCTION
    return Written(" || ".join(format(x, "r") for x in operands), CHOICE)


KNOWN: Known = {
    **{name: OPERATORS[name] for name in ("add", "subtract", "multiply", "divide")},
    **{name: OPERATORS[name] for name in ("greater", "less", "greater_equal")},
    **{name: OPERATORS[name] for name in ("less_equal", "equal", "not_equal")},
    "both": ("{0:l} && {1:r}", CONJUNCTION),
    "either": _either,
    "opposite": ("!{0:r}", SIGN),
    "where": ("{0:r} ? {1:r} : {2:l}", CHOICE),
    "negative": ("-{0:r}", SIGN),  # two signs in a row would be an operator of their own
    "positive": ("{0}", SIGN),
    **dict.fromkeys(("conjugate", "real", "held"), ("{0}", SIGN)),
    "tangent": "0.0",
    "isinf": ("isinf({0}) != 0", COMPARISON),
    "isfinite": ("isfinite({0}) != 0", COMPARISON),
    "reciprocal": ("1.0 / {0:r}", PRODUCT),
    **{name: f"{LIBRARY_NAMES.get(name, name)}({{0}})" for name in _OF_ONE},
    "abs": "fabs({0})",
    "power": "pow({0}, {1})",
    "fmod": "fmod({0}, {1})",
    "arctan2": "atan2({0}, {1})",
    "angle": "atan2(0.0, {0})",
    "copysign": "copysign({0}, {1})",
}


class C(OverFloats):
    """C over doubles; a row whose value is a formula is written out in place.

    Parameters
    ----------
    function : callable
        Gives the C name of a float function that a formula calls.
    known : mapping
        By the names of the rows, what is not a call of such a function.
    """

    def __init__(self, function: Callable[[Callable[..., Any]], str], known: Known = KNOWN) -> None:
        super().__init__(known)
        self.function = function

    def write(self, name: str, *operands: Written) -> Written:
        """Return a well-known function of this name, applied to operands that are written."""
        return self.filled(self.known[name], operands)

    def call(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a call of the float function, or the formula that stands for it."""
        if row.formula is not None:
            return super().call(row, operands)
        if row.of_two is not None and len(operands) == 3:
            index, x, y = operands
            return self.called(row.of_two, [x, y] if index.text == "0" else [y, x])
        return self.called(cast("Any", row).forward, operands)

    def called(self, function: Callable[..., Any], operands: Sequence[Written]) -> Written:
        """Return a call of the C of a float function."""
        texts = ", ".join(format(x, "") for x in operands)
        return Written(f"{self.function(function)}({texts})")

    def literal(self, x: Any) -> str:
        """Return the text of a number; integers are written as such."""
        if type(x) is int:
            return str(x)
        if not math.isfinite(x):
            return "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"
        return repr(float(x))
