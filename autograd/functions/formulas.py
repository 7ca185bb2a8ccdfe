"""Formulas: operands that only write down what is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.functions.operand import Operand
from autograd.functions.printing.printer import Printer, Written
from autograd.functions.printing.text import TEXT


class Expression(Operand):
    """A formula: a named operand, or a row applied to formulas and numbers."""

    __slots__ = ("name", "operands", "primitive")
    level = 9  # whatever else there is in a formula, it is one

    def __init__(self, primitive: Any, operands: tuple[Any, ...], name: str = "") -> None:
        self.primitive, self.operands, self.name = primitive, operands, name

    @staticmethod
    def apply(row: Any, /, *operands: Any) -> Expression:
        """Write the application down."""
        return Expression(row, operands)

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        """Return the formula's meaning for operands of any kind, given by name."""
        if self.primitive is None:
            return names[self.name]
        return self.primitive(
            *(x.evaluate(names) if isinstance(x, Expression) else x for x in self.operands)
        )

    def written_by(self, printer: Printer, integer: bool = False) -> Written:  # noqa: ARG002  (as for numbers)
        """Return what a printer writes for the formula."""
        if self.primitive is None:
            return Written(self.name)
        first = self.primitive.integers
        operands = [printer.term(x, i < first) for i, x in enumerate(self.operands)]
        return printer.application(self.primitive, operands)

    def __str__(self) -> str:
        return TEXT(self)

    __eq__ = object.__eq__  # formulas are told apart, not compared
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(f"the formula {self} has no truth value: a rule uses where, never if")


def variable(name: str) -> Expression:
    """Return the operand of a name."""
    return Expression(None, (), name)
