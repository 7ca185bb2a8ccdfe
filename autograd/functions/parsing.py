"""Expressions as text: only the table's functions and arithmetic, and nothing else."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, cast

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.lines import did_you_mean
from autograd.numbers.exact import BudgetError, bounded_fraction

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
LIMIT = 10_000  # characters: what a person types; Python's parser has a stack of its own

_FUNCTIONS = {name: row for name, row in rules.FUNCTIONS.items() if not row.predicate}
_BINARY: dict[type[ast.AST], Primitive] = {
    ast.Add: rules.add,
    ast.Sub: rules.subtract,
    ast.Mult: rules.multiply,
    ast.Div: rules.divide,
    ast.FloorDiv: rules.floor_divide,
    ast.Mod: rules.remainder,
    ast.Pow: rules.power,
}
_UNARY: dict[type[ast.AST], Primitive] = {ast.USub: rules.negative, ast.UAdd: rules.positive}
_COMPARE: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Lt: lambda x, y: x < y,
    ast.LtE: lambda x, y: x <= y,
    ast.Gt: lambda x, y: x > y,
    ast.GtE: lambda x, y: x >= y,
    ast.Eq: lambda x, y: x == y,
    ast.NotEq: lambda x, y: x != y,
}


class ExpressionError(ValueError):
    """The text is no expression that can be differentiated; the message is one line."""


class ParsedExpression:
    """An expression that was typed, ready to be evaluated.

    Parameters
    ----------
    text : str
        Numbers, names, + - * / // % **, comparisons inside `where`, and the functions of the
        table; the n-ary ones take a list: ``logsumexp([x, y])``.
    exact : bool
        Read numbers as fractions: 0.1 is one tenth.

    Attributes
    ----------
    names : list of str
        The variables, in the order in which they come.
    number : type
        What its numbers are: float, or fractions with a budget of their own.

    Raises
    ------
    ExpressionError
        If the text has anything else in it.

    Examples
    --------
    >>> from autograd import Value
    >>> ParsedExpression("tanh(w*x + b)").names
    ['w', 'x', 'b']
    >>> ParsedExpression("x/3 + 0.1", exact=True).evaluate({"x": 1})
    Fraction(13, 30)
    """

    def __init__(self, text: str, exact: bool = False) -> None:
        self.text, self.exact = text.strip(), exact
        self.number: type = bounded_fraction() if exact else float
        if len(self.text) > LIMIT:
            raise ExpressionError(f"the expression has more than {LIMIT} characters")
        try:
            with warnings.catch_warnings():  # of Python, about texts that are nearly right
                warnings.simplefilter("ignore")
                self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = getattr(error, "msg", None) or str(error) or "nested too deeply"
            raise ExpressionError(f"{_short(self.text)} is no expression: {reason}") from None
        self._steps: list[tuple[Any, ...]] = []
        self.names: list[str] = []
        self._read()

    def _read(self) -> None:
        """Turn the tree into steps for a stack machine, checking every node, without recursion."""
        pending: list[Any] = [self._tree]
        steps: list[tuple[Any, ...]] = []
        while pending:
            node = pending.pop()
            function, operands, extra = self._step(node)
            steps.append((function, len(operands), extra))
            pending.extend(operands)
        self._steps = steps[::-1]  # operands in order, and then their function
        variables = (extra for function, _, extra in self._steps if function is _variable)
        self.names = list(dict.fromkeys(variables))

    def _step(self, node: Any) -> tuple[Callable[..., Any], list[Any], Any]:
        """The function, the operand nodes and the fixed part of one node of the tree."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _number, [], self._exact_number(node) if self.exact else float(number)
            case ast.Name(id=name):
                if name in _FUNCTIONS:
                    raise ExpressionError(f"{name} is a function: write {name}(...)")
                return _variable, [], name
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _BINARY[type(op)], [left, right], None
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)], [operand], None
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return _COMPARE[type(op)], [left, right], None
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args)
        source = ast.get_source_segment(self.text, node) or type(node).__name__
        raise ExpressionError(
            f"{_short(source)} is not allowed here: an expression has numbers, names, "
            "+ - * / // % **, comparisons and the functions of autograd"
        )

    def _call(self, name: str, args: list[Any]) -> tuple[Callable[..., Any], list[Any], Any]:
        """The step for a call of one of the table's functions."""
        if name not in _FUNCTIONS:
            raise ExpressionError(f"there is no function {name}{did_you_mean(name, _FUNCTIONS)}")
        row = _FUNCTIONS[name]
        if row.arity is None:
            if len(args) != 1 or not isinstance(args[0], (ast.List, ast.Tuple)):
                raise ExpressionError(f"{name} takes one list, as {name}([x, y])")
            if len(args[0].elts) < row.least:
                raise ExpressionError(f"{name} takes a list of at least {row.least} operand")
            return (lambda *xs: row(xs)), list(args[0].elts), None
        fewest = row.arity - len(row.defaults)
        if row.otherwise is not None and args:
            return row, list(args), None
        if not fewest <= len(args) <= row.arity:
            wanted = ", ".join(row.operand_names)
            raise ExpressionError(f"{name} takes {row.arity} operands ({wanted}), got {len(args)}")
        return row, list(args), None

    def _exact_number(self, node: Any) -> Fraction:
        """The fraction that a number's very text stands for."""
        text = ast.get_source_segment(self.text, node) or repr(node.value)
        return cast(Fraction, self.number(read_number(text.replace("_", ""), exact=True)))

    def _lookup(self, name: str, values: Mapping[str, Any]) -> Any:
        """The value of a name."""
        if name in values:
            plain = self.exact and isinstance(values[name], (int, Fraction))
            return self.number(values[name]) if plain else values[name]
        if name in CONSTANTS and not self.exact:
            return CONSTANTS[name]
        raise ExpressionError(f"{name} has no value: add {name}=NUMBER")

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Return the value for numbers or Values by name.

        Raises
        ------
        ExpressionError
            If a name has no value, or a number gets too large.
        """
        try:
            return self._evaluate(values)
        except BudgetError as error:
            raise ExpressionError(str(error)) from None

    def _evaluate(self, values: Mapping[str, Any]) -> Any:
        """Go through the steps."""
        stack: list[Any] = []
        for function, count, extra in self._steps:
            if function is _number:
                stack.append(extra)
            elif function is _variable:
                stack.append(self._lookup(extra, values))
            else:
                operands = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append(function(*operands))
        (result,) = stack
        return result


def read_number(text: str, exact: bool = False) -> Any:
    """Return the number that a text stands for, a fraction such as 1/3 included.

    Raises
    ------
    ExpressionError
        If it stands for none.

    Examples
    --------
    >>> read_number("1/4"), read_number("0.1", exact=True)
    (0.25, Fraction(1, 10))
    """
    try:
        if not exact and "/" not in text:
            return float(text)
        if len(text) > 400 or ("e" in text.lower() and abs(int(text.lower().split("e")[1])) > 400):
            raise ValueError("too long")
        number = Fraction(text)
        return number if exact else float(number)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ExpressionError(f"{_short(text)} is no {'exact ' * exact}number") from None


def _short(text: str) -> str:
    """A text as a message quotes it."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _variable() -> None:
    """Marks the step that looks a name up."""


def _number() -> None:
    """Marks the step that gives a literal number."""
