"""Python's expressions on floats as C's."""

from __future__ import annotations

import ast
import builtins
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from inspect import ismodule
from types import FunctionType
from typing import Any

from autograd.functions.printing.c import OF_LIBRARY, C
from autograd.functions.printing.printer import Written
from autograd.functions.rules import TABLE

DOUBLE, INT = "double", "int"
# How the operators of Python are named in the table, or in C's additions to it.
_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Gt: "greater", ast.Lt: "less", ast.GtE: "greater_equal", ast.LtE: "less_equal",
    ast.Eq: "equal", ast.NotEq: "not_equal", ast.And: "both", ast.Or: "either",
}  # fmt: skip
_UNARY: dict[type[ast.AST], str] = {
    ast.USub: "negative", ast.UAdd: "positive", ast.Not: "opposite"
}  # fmt: skip
_PYTHONS: dict[type[ast.AST], str] = {ast.Mod: "py_remainder", ast.FloorDiv: "py_floor_divide"}


class UnprintableError(Exception):
    """Something that this C has no word for; the message says what."""


class Definitions(ABC):
    """The functions that have been printed in a language, each before those that call it.

    Parameters
    ----------
    language : type of printer
        How formulas are written; the float functions that they call are printed here.
    words : collection of str
        The rows that the language has a word for.

    Attributes
    ----------
    printed : dict of str
        The text by the name.
    """

    def __init__(self, language: type[C], words: Collection[str]) -> None:
        self.language = language(self.name)
        self.printed: dict[str, str] = {}
        self.known: dict[Any, str] = {
            row.forward: row.name for row in TABLE.values() if row.name in words
        } | {abs: "abs"}
        self._named: dict[str, Any] = {}

    def name(self, function: Callable[..., Any]) -> str:
        """Return the name of a float function, which is printed if it was not yet.

        Raises
        ------
        UnprintableError
            If its source, or that of a function that it calls, has something beyond this.
        """
        name = f"ag_{getattr(function, '__name__', repr(function))}"
        if self._named.get(name) is not function:
            text = self.text(name, function)
            self.printed[self.named_alone(name, function)] = text
        return name

    def named_alone(self, name: str, meaning: Any) -> str:
        """Return a name in the language, which stands for one thing only."""
        if self._named.setdefault(name, meaning) is not meaning:
            raise UnprintableError(f"two things are called {name}")
        return name

    @abstractmethod
    def text(self, name: str, function: Callable[..., Any]) -> str:
        """Return the definition of a function under a name."""


class Expressions:
    """The expressions of one function.

    Parameters
    ----------
    function : function
        Whose expressions they are.
    language : C
        How C is written.
    known : mapping
        By float functions: the names under which the language knows them.
    """

    def __init__(self, function: FunctionType, language: C, known: Mapping[Any, str]) -> None:
        self.function, self.language, self.known = function, language, known
        self.write = language.write
        self.kinds: dict[str, str] = {}  # of the names of parameters and locals
        self.handlers: list[str] = []  # the labels of the tries that we are in
        self.checks: list[str] = []  # what has to run before the statement that is being printed
        self._counts: dict[str, int] = {}

    def cannot(self, what: str | ast.AST) -> UnprintableError:
        """The error about what of the function has no word in C."""
        told = ast.unparse(what) if isinstance(what, ast.AST) else what
        return UnprintableError(f"{self.function.__name__}: {told.splitlines()[0]}")

    def fresh(self, word: str) -> str:
        """A name or label that is new in the function."""
        self._counts[word] = self._counts.get(word, 0) + 1
        return f"{word}{self._counts[word]}"

    def kind(self, node: ast.expr) -> str:
        """Whether an expression is an integer or a truth value, or a double."""
        match node:
            case ast.Constant(value=int()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return INT
            case ast.Name(id=name):
                return self.kinds.get(name, DOUBLE)
            case ast.UnaryOp(operand=operand):
                return self.kind(operand)
            case ast.BinOp(op=op, left=left, right=right) if not isinstance(op, ast.Div):
                return INT if self.kind(left) == self.kind(right) == INT else DOUBLE
            case ast.BoolOp(values=values):
                return INT if all(self.kind(x) == INT for x in values) else DOUBLE
        return DOUBLE

    def test(self, node: ast.expr) -> Written:
        """A condition: a number is true unless it is 0, in C as in Python."""
        if isinstance(node, ast.BoolOp):
            with self.sometimes("a condition"):
                return self.write(_BINARY[type(node.op)], *map(self.test, node.values))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.write("opposite", self.test(node.operand))
        return self.term(node)

    def term(self, node: ast.expr) -> Written:
        """An expression."""
        match node:
            case ast.Constant(value=bool() as truth):
                return Written(str(int(truth)))
            case ast.Constant(value=int() | float() as number):
                return self.number(number)
            case ast.Name(id=name) if name in self.kinds:
                return Written(name)
            case ast.Name() | ast.Attribute():
                return self.number(self.meaning(node))
            case ast.UnaryOp(op=ast.Not()):
                return self.test(node)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return self.write(_UNARY[type(op)], self.term(operand))
            case ast.BinOp():
                return self.binary(node)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                pairs = zip(ops, [left, *comparators], comparators, strict=False)
                if len(ops) == 1:
                    return self.write(self.operator(ops[0]), *map(self.term, next(pairs)[1:]))
                with self.sometimes("a condition"):
                    parts = [
                        self.write(self.operator(op), self.term(x), self.term(y))
                        for op, x, y in pairs
                    ]
                return self.write("both", *parts)
            case ast.BoolOp() if self.kind(node) == INT:
                return self.test(node)
            case ast.BoolOp(op=ast.And(), values=[condition, other]):  # one of the two numbers
                return self.choose(condition, other, condition)
            case ast.IfExp(test=condition, body=taken, orelse=other):
                return self.choose(condition, taken, other)
            case ast.Call(func=function, args=[ast.Tuple(elts=[_, _, _] as args)]) if (
                self.meaning(function) is math.fsum and not self.handlers
            ):
                return Written(f"py_fsum3({', '.join(self.term(x).text for x in args)})")
            case ast.Call(func=function, args=args, keywords=[]):
                return self.call(self.meaning(function), args)
        raise self.cannot(node)

    def number(self, x: Any) -> Written:
        """A constant."""
        if type(x) not in (int, float):
            raise self.cannot(f"{x!r}")
        return self.language.number(x, integer=type(x) is int)

    def operator(self, op: ast.AST) -> str:
        """The table's name of an operator."""
        if type(op) not in _BINARY:
            raise self.cannot(type(op).__name__)
        return _BINARY[type(op)]

    def choose(self, condition: ast.expr, taken: ast.expr, other: ast.expr) -> Written:
        """One of two expressions."""
        with self.sometimes("a choice"):
            terms = self.test(condition), self.term(taken), self.term(other)
        return self.write("where", *terms)

    @contextmanager
    def sometimes(self, what: str) -> Iterator[None]:
        """What stands in here is not always computed: a check before it would be wrong."""
        count = len(self.checks)
        yield
        if len(self.checks) > count:
            raise self.cannot(f"{what} that may raise")

    def binary(self, node: ast.BinOp) -> Written:
        """An operator on two numbers, of which that by 0 raises."""
        left, right = self.term(node.left), self.term(node.right)
        if isinstance(node.op, (ast.Div, ast.Mod, ast.FloorDiv)):
            if self.kind(node.left) == self.kind(node.right) == INT:
                raise self.cannot("a quotient of integers")
            if self.handlers:
                zero = self.write("equal", right, Written("0.0"))
                self.checks.append(f"if ({zero.text}) goto {self.handlers[-1]};")
        if type(node.op) in _PYTHONS:
            return Written(f"{_PYTHONS[type(node.op)]}({left.text}, {right.text})")
        return self.write(self.operator(node.op), left, right)

    def call(self, function: Any, args: list[ast.expr]) -> Written:
        """A call; one of `math` in a try keeps its result until it is known not to have raised."""
        operands = [self.term(x) for x in args]
        if getattr(function, "__module__", "") != "math":
            if function in self.known:
                return self.write(self.known[function], *operands)
            return self.language.called(function, self.all_of(function, operands))
        if function.__name__ not in OF_LIBRARY:
            raise UnprintableError(
                f"math.{function.__name__} is CPython's own, not the C library's"
            )
        text = f"{function.__name__}({', '.join(x.text for x in operands)})"
        if not self.handlers or function is math.copysign:
            return Written(text)
        result = self.fresh("r")
        self.kinds[result] = DOUBLE
        doubles = [
            x.text for x, arg in zip(operands, args, strict=True) if self.kind(arg) == DOUBLE
        ]
        raised = f"py_raised{len(doubles)}({', '.join([result, *doubles])})"
        self.checks += [f"{result} = {text};", f"if ({raised}) goto {self.handlers[-1]};"]
        return Written(result)

    def all_of(self, function: Any, operands: list[Written]) -> list[Written]:
        """The operands of a call, those with a default included."""
        if not isinstance(function, FunctionType):
            raise self.cannot(f"{function!r} has no source")
        missing = function.__code__.co_argcount - len(operands)
        defaults = (function.__defaults__ or ())[-missing:] if missing else ()
        return [*operands, *map(self.number, defaults)]

    def meaning(self, node: ast.expr) -> Any:
        """What a global name, or one of `math`, stands for."""
        match node:
            case ast.Name(id=name):
                return self.of(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if ismodule(self.of(module)):
                return getattr(self.of(module), name)
        raise self.cannot(node)

    def of(self, name: str) -> Any:
        """What a name stands for, if it is global."""
        if name in self.kinds:
            return None
        scope = self.function.__globals__
        return scope[name] if name in scope else getattr(builtins, name, None)
