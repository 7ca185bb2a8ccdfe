"""Formulas as JavaScript, whose doubles answer as IEEE 754 does and never raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from inspect import CO_VARARGS
from typing import Any

from autograd.functions.printing.c import CHOICE, COMPARISON, KNOWN, SIGN, C
from autograd.functions.printing.printer import ATOM, Known, Written
from autograd.functions.printing.python import LIBRARY_NAMES

# What the object Math has under the names of `math`.
OF_MATH = {
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "asin",
    "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "hypot", "floor",
    "ceil", "trunc",
}  # fmt: skip
# What `python.js` adds: what is Python's own, or the C library's.
OF_PYTHON = {
    "copysign", "erf", "erfc", "fmod", "frexp", "fsum", "isfinite", "isinf", "isnan", "ldexp",
    "pow", "sumprod",
}  # fmt: skip
_OF_ONE = ("arcsinh", "arccosh", "arctanh", "arcsin", "arccos", "arctan", "floor", "ceil", "trunc",
           "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh",
           "cosh", "tanh")  # fmt: skip


def _chosen(condition: Written, x: Written, y: Written) -> Written:
    """A choice, by a truth value or by a number, of which nan is true in Python."""
    for operand in (condition, x, y):
        operand.limit = CHOICE
    test = f"{condition:r}" if condition.precedence < ATOM else f"{condition} != 0"
    return Written(f"{test} ? {x:r} : {y:l}", CHOICE)


OF_JAVASCRIPT: Known = {
    **KNOWN,
    "where": _chosen,
    "equal": ("{0:r} === {1:r}", COMPARISON),
    "not_equal": ("{0:r} !== {1:r}", COMPARISON),
    "tangent": "0",
    **{name: f"{name}({{0}})" for name in ("isinf", "isfinite", "isnan", "rint")},
    **{name: f"Math.{LIBRARY_NAMES.get(name, name)}({{0}})" for name in _OF_ONE},
    "negative": ("-{0:r}", SIGN),
    "abs": "Math.abs({0})",
    "exp2": "pow(2, {0})",
    "arctan2": "Math.atan2({0}, {1})",
    "angle": "Math.atan2(0, {0})",
}


class JavaScript(C):
    """JavaScript; a row whose value is a formula is written out in place.

    Parameters
    ----------
    function : callable
        Gives the name in JavaScript of a float function that a formula calls.
    """

    def __init__(self, function: Callable[[Callable[..., Any]], str]) -> None:
        super().__init__(function, OF_JAVASCRIPT)

    def called(self, function: Callable[..., Any], operands: Sequence[Written]) -> Written:
        """Return a call; operands of any number are one list, as many as there may be."""
        code = getattr(function, "__code__", None)
        if code is None or not code.co_flags & CO_VARARGS:
            return super().called(function, operands)
        fixed, rest = operands[: code.co_argcount], operands[code.co_argcount :]
        texts = [format(x, "") for x in rest]
        whole = texts[0][3:] if len(texts) == 1 and texts[0].startswith("...") else ""
        return super().called(function, [*fixed, Written(whole or f"[{', '.join(texts)}]")])

    def literal(self, x: Any) -> str:
        """Return the text of a number."""
        if type(x) is int:
            return str(x)
        if not math.isfinite(x):
            return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
        return repr(float(x)).removesuffix(".0")
