"""Formulas as nodes of an ONNX graph over doubles: what is written is the name of a tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import autograd.functions.rules as rules
from autograd.functions.printing.arrays import FORMULAS, INF, OverArrays
from autograd.functions.printing.printer import ATOM, Written
from autograd.functions.row import Row

# The operators of the standard that are a row, by its name.
OPERATORS = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "negative": "Neg",
    "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan",
    "arcsin": "Asin", "arccos": "Acos", "arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh",
    "tanh": "Tanh", "arcsinh": "Asinh", "arccosh": "Acosh", "arctanh": "Atanh", "erf": "Erf",
    "relu": "Relu", "abs": "Abs", "sign": "Sign", "floor": "Floor",
    "ceil": "Ceil", "rint": "Round", "reciprocal": "Reciprocal", "isnan": "IsNaN",
    "isinf": "IsInf", "power": "Pow", "maximum": "Max", "minimum": "Min", "largest": "Max",
    "greater": "Greater", "less": "Less", "greater_equal": "GreaterOrEqual",
    "less_equal": "LessOrEqual", "equal": "Equal", "both": "And", "where": "Where",
}  # fmt: skip
TRUTHS = {
    "Greater",
    "Less",
    "GreaterOrEqual",
    "LessOrEqual",
    "Equal",
    "And",
    "Not",
    "IsNaN",
    "IsInf",
}
HALF, INVERSE_SQRT_2 = 0.5, 0.5**0.5


def _over_square(e: Any) -> Any:
    """e/(1 + e)^2."""
    return e / ((1.0 + e) * (1.0 + e))


def _hypot(x: Any, y: Any) -> Any:
    """Without an overflow; nan before infinity."""
    x, y = rules.abs(x), rules.abs(y)
    largest = rules.maximum(x, y)
    by = rules.where(
        rules.both(rules.greater(largest, 0.0), rules.less(largest, INF)), largest, 1.0
    )
    found = by * rules.sqrt((x / by) * (x / by) + (y / by) * (y / by))
    return rules.where(rules.isnan(x + y), x + y, found)


def _log1p(x: Any) -> Any:
    """log(1 + x): what the rounding of 1 + x does to the logarithm, it does to u - 1 as well."""
    u = 1.0 + x
    found = rules.where(rules.equal(u, 1.0), x, rules.log(u) * (x / (u - 1.0)))
    return rules.where(rules.equal(x, INF), x, found)


def _expm1(x: Any) -> Any:
    """exp(x) - 1, in the same way."""
    u = rules.exp(x)
    found = rules.where(rules.equal(u, 1.0), x, (u - 1.0) * (x / rules.log(u)))
    small = rules.less(x, -40.0)  # where u - 1 is -1, and log(u) may be that of 0
    return rules.where(rules.equal(u, INF), u, rules.where(small, -1.0, found))


def _softplus(x: Any) -> Any:
    """log(1 + exp(x)); the standard's Softplus is none of doubles in runtimes."""
    return rules.relu(x) + rules.log1p(rules.exp(-rules.abs(x)))


def _logaddexp(x: Any, y: Any) -> Any:
    """The larger, and what the other one adds to it; of two infinities no difference is taken."""
    more = rules.maximum(x, y) + rules.log1p(rules.exp(-rules.abs(x - y)))
    return rules.where(rules.equal(x, y), x + math.log(2.0), more)


# What the standard has no operator for, in rows that it has.
OF_ONNX: dict[str, Callable[..., Any]] = {
    "hypot": _hypot,
    "normal_cdf": lambda x: HALF * (1.0 + rules.erf(INVERSE_SQRT_2 * x)),
    "sigmoid": lambda x: 1.0 / (1.0 + rules.exp(-x)),  # ONNX Runtime's is 0 from -37 down
    "log1p": _log1p,
    "expm1": _expm1,
    "exp2": lambda x: 2.0**x,
    "log2": lambda x: rules.log(x) / math.log(2.0),
    "log10": lambda x: rules.log(x) / math.log(10.0),
    "trunc": lambda x: rules.sign(x) * rules.floor(rules.abs(x)),
    "softplus": _softplus,
    "logaddexp": _logaddexp,
    "log_sigmoid": lambda x: -rules.softplus(-x),
    "exp_difference": lambda x, m: rules.where(
        rules.equal(x, m), rules.where(rules.greater(x, -INF), 1.0, 0.0), rules.exp(x - m)
    ),
    "nonnegative": lambda x: rules.where(rules.less(x, 0.0), float("nan"), rules.abs(x)),
    "flat": lambda x: rules.where(rules.isnan(x), x, 0.0),
    "imag": lambda x: rules.flat(x),
    "sech2": lambda x: 4.0 * _over_square(rules.exp(-2.0 * rules.abs(x))),
    "logistic_density": lambda x: rules.sigmoid(x) * rules.sigmoid(-x),
    "isfinite": lambda x: rules.less(rules.abs(x), INF),
    # The reciprocal tells -0.0 from 0.0, which no comparison does.
    "copysign": lambda x, y: rules.where(
        rules.less(rules.where(rules.equal(y, 0.0), 1.0 / y, y), 0.0), -rules.abs(x), rules.abs(x)
    ),
}


class Onnx(OverArrays):
    """A graph that is being written.

    Parameters
    ----------
    add : callable
        ``add(operator, names)`` appends a node and returns the name of its output.
    constant : callable
        Gives the name of a tensor that is a number.
    """

    title = "ONNX"
    formulas = FORMULAS | OF_ONNX

    def __init__(
        self, add: Callable[[str, list[str]], str], constant: Callable[[float], str]
    ) -> None:
        super().__init__({})
        self._add, self._constant = add, constant
        self._truths: set[str] = set()

    def application(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return the tensor that a row of tensors is."""
        name, given = row.name, [*operands]
        if row.opaque or name in self.formulas:
            return self.call(row, given)
        if name in ("positive", "conjugate", "real", "held"):
            return given[0]
        if name == "not_equal":
            return self.node("Not", [self.node("Equal", given)])
        if name not in OPERATORS:
            return self.call(row, given)
        return self.node(OPERATORS[name], given)

    def node(self, operator: str, operands: Sequence[Written]) -> Written:
        """Return the output of a node; truth values become numbers where numbers are asked for."""
        given = [*operands]
        conditions = len(given) if operator in ("And", "Not") else int(operator == "Where")
        names = [
            self.truth(x) if i < conditions else self.number_of(x) for i, x in enumerate(given)
        ]
        found = Written(self._add(operator, names))
        if operator in TRUTHS:
            self._truths.add(found.text)
        return found

    def number_of(self, x: Written) -> str:
        """Return the name of a tensor of doubles: a truth value is 1.0 or 0.0."""
        return self._add("Cast", [x.text]) if x.text in self._truths else x.text

    def truth(self, x: Written) -> str:
        """Return the name of a tensor of truth values: whatever is not 0.0 is true."""
        if x.text in self._truths:
            return x.text
        return self.node("Not", [self.node("Equal", [x, self.number(0.0)])]).text

    def number(self, x: Any, integer: bool = False) -> Written:
        """Return the tensor of a number; an operand that is an integer stays one."""
        return Written(str(int(x)) if integer else self._constant(float(x)), ATOM)
