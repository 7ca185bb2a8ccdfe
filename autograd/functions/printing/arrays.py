"""Languages of arrays, which write a row that they have no word for by other rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd.functions.rules as rules
from autograd.functions.formulas import variable
from autograd.functions.printing.printer import Printer, Written
from autograd.functions.printing.python import enclosed
from autograd.functions.row import Row
from autograd.numbers import orders, special

INF = float("inf")


class UnwritableError(Exception):
    """A language has no word for a row; the message says which."""


def _vanishing(x: Any, y: Any) -> Any:
    """x*y, where y vanishes faster than x grows: 0 where y is, for an infinite x too."""
    return rules.where(rules.equal(y, 0.0), 0.0, x * y)


def _divide_partial(n: int, x: Any, y: Any) -> Any:
    """(-1)^n n! x / y^(n + 1), in which no power overflows; XLA makes x/(y*y) of x/y/y."""
    found = x / y
    for k in range(1, n + 1):
        found = found * (-k / y)
    return found


def _over_norm_square(x: Any, y: Any) -> Any:
    """x/(x^2 + y^2), in which no square overflows."""
    h = rules.hypot(x, y)
    return rules.where(rules.equal(h, INF), 0.0, x / h * (1.0 / h))


def _power_by_base(x: Any, y: Any) -> Any:
    """y x^(y - 1); 0 at y = 0, but nan for any nan."""
    found = rules.where(rules.equal(y, 0.0), 0.0, _vanishing(y, x ** (y - 1.0)))
    return rules.where(rules.isnan(x), x, found)


def _power_by_exponent(x: Any, y: Any) -> Any:
    """x^y log(x); 0 at x = 0 where x^y is no infinity, and where x^y vanishes."""
    p = x**y
    at_zero = rules.both(rules.equal(x, 0.0), rules.greater_equal(y, 0.0))
    vanishes = rules.both(rules.greater(x, 0.0), rules.equal(p, 0.0))
    found = rules.where(at_zero, 0.0, rules.where(vanishes, 0.0, p * rules.log(x)))
    return rules.where(rules.isnan(y), y, found)  # of 1 too, whose every power is 1


# Rows whose definitions are nan at an infinity, or overflow on the way: the same in other words.
FORMULAS: dict[str, Callable[..., Any]] = {
    "silu": lambda x: _vanishing(x, rules.sigmoid(x)),
    "gelu": lambda x: _vanishing(x, rules.normal_cdf(x)),
    "x_logistic_density": lambda x: _vanishing(x, rules.logistic_density(x)),
    "silu_slope": lambda x: rules.sigmoid(x) + rules.x_logistic_density(x),
    "x_normal_pdf": lambda x: _vanishing(x, rules.normal_pdf(x)),
    "gelu_slope": lambda x: rules.normal_cdf(x) + rules.x_normal_pdf(x),
    "normal_pdf_derivative": lambda n, x: _vanishing(special.hermite(n, x, 1), rules.normal_pdf(x)),
    "exp_neg_square_derivative": lambda n, x: _vanishing(
        special.hermite(n, 2.0 * x, 2), rules.exp_neg_square(x)
    ),
    "unit_hypot": lambda x: rules.hypot(x, 1.0),
    "over_square": lambda x, y: x / y * (1.0 / y),
    "divide_partial": _divide_partial,
    "over_norm_square": _over_norm_square,
    "arctan2_partial": lambda n, m, y, x: orders.arctan2_numerator(
        n, m, rules.over_norm_square(y, x), rules.over_norm_square(x, y)
    ),
    "power_by_base": _power_by_base,
    "power_by_exponent": _power_by_exponent,
}


class OverArrays(Printer):
    """A language of arrays: a row that it does not know is written by others that it knows.

    Attributes
    ----------
    title : str
        What the language is called.
    formulas : dict of callable
        Rows by other rows, of operands that are terms; of others the formula or the definition.
    """

    title = ""
    formulas = FORMULAS

    def application(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a row applied to operands; those that are integers go into its definition."""
        if row.opaque or row.name not in self.known:
            return self.call(row, operands)
        return self.filled(self.known[row.name], operands)

    def call(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return what stands for a row that the language does not know.

        Raises
        ------
        UnwritableError
            If there is nothing.
        """
        meaning = self.formulas.get(row.name) or row.formula or row.definition
        if row.opaque or meaning is None:
            raise UnwritableError(f"{self.title} has no {row.name}")
        given: list[Any] = [variable(enclosed(x)) for x in operands]
        given[: row.integers] = [int(float(x.text)) for x in operands[: row.integers]]
        return self.term(meaning(*given))
