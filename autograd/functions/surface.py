"""The surface of operands: operators and methods, given to every kind of them from the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.functions.operand import Operand, can_be_joined, highest
from autograd.functions.row import Row


def install(table: Sequence[Any]) -> None:
    """Give `Operand` the operators and methods of the rows of `table`."""
    for row in table:
        name, arity = row.operator, row.arity
        if name:
            setattr(Operand, f"__{name}__", _operator(row, reflected=False))
            if arity == 2 and not row.predicate:  # Python turns comparisons around
                setattr(Operand, f"__r{name}__", _operator(row, reflected=True))
        if is_method(row):
            for name in (row.name, *row.aliases):
                setattr(Operand, name, _method(row))


def is_method(row: Row) -> bool:
    """Tell whether a row is a method of operands by its name."""
    return row.method and not (row.inner or row.predicate or row.integers or row.arity is None)


def _operator(row: Any, reflected: bool) -> Callable[..., Any]:
    """A special method that applies `row`."""
    if row.arity == 1:
        return lambda self: self.apply(row, self)

    def operate(self: Operand, other: Any) -> Any:
        if not can_be_joined(row, other):
            return NotImplemented
        pair = (other, self) if reflected else (self, other)
        return highest(pair).apply(row, *pair)

    return operate


def _method(row: Any) -> Callable[..., Any]:
    """A method that calls `row`."""

    def method(self: Operand, *others: Any) -> Any:
        return row(self, *others)

    method.__name__, method.__doc__ = row.name, row.summary
    method.__qualname__ = f"Operand.{row.name}"
    return method
