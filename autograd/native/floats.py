"""Float functions as C, printed from their Python source.

They are written in a part of Python that C has too: assignments, if, return, try, arithmetic and
calls. Inside of try each call of `math` and each division is followed by Python's own test for
raising, and jumps to the handler. What else a function needs, a message names.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from autograd.functions.printing.c import KNOWN, OF_LIBRARY, C
from autograd.functions.printing.printer import Written
from autograd.functions.rules import TABLE

# How the operators of Python are named in the table, or in C's additions to it.
_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Gt: "greater", ast.Lt: "less", ast.GtE: "at_least", ast.LtE: "at_most",
    ast.Eq: "equal", ast.NotEq: "unequal", ast.And: "both", ast.Or: "either",
}  # fmt: skip
_UNARY: dict[type[ast.AST], str] = {
    ast.USub: "negative", ast.UAdd: "positive", ast.Not: "opposite"
}  # fmt: skip
_PYTHONS: dict[type[ast.AST], str] = {ast.Mod: "py_remainder", ast.FloorDiv: "py_floor_divide"}
_DOUBLE, _INT = "double", "int"
_RESULTS = {"float": "double", "tuple[float, float]": "void"}  # by the annotation
_PAIR = "double *first, double *second"
_RAISED = {"ArithmeticError", "OverflowError", "ZeroDivisionError", "ValueError"}


class UnprintableError(Exception):
    """Something that this C has no word for; the message says what."""


class Functions:
    """The C functions that have been printed, each before those that call it.

    Attributes
    ----------
    language : C
        The printer of formulas, whose calls of float functions are printed here.
    printed : dict of str
        The text by the name in C.
    """

    def __init__(self) -> None:
        self.language = C(self.name)
        self.printed: dict[str, str] = {}
        self.known = {row.forward: row.name for row in TABLE.values() if row.name in KNOWN}
        self.known[abs] = "abs"
        self._named: dict[str, FunctionType] = {}

    def name(self, function: Callable[..., Any]) -> str:
        """Return the C name of a float function, which is printed if it was not yet.

        Raises
        ------
        UnprintableError
            If its source, or that of a function that it calls, has something that is no C.
        """
        if not isinstance(function, FunctionType) or function.__closure__:
            raise UnprintableError(f"{function!r} has no source of its own")
        name = f"ag_{function.__name__}"
        if self._named.setdefault(name, function) is not function:
            raise UnprintableError(f"two functions are called {function.__name__}")
        if name not in self.printed:
            text = _Function(self, function, name).text()
            self.printed[name] = text
        return name


class _Function:
    """One function as C."""

    def __init__(self, functions: Functions, function: FunctionType, name: str) -> None:
        self.functions, self.function, self.c_name = functions, function, name
        self.write = functions.language.write
        self.kinds: dict[str, str] = {}  # of the names of parameters and locals
        self.handlers: list[str] = []  # the labels of the tries that we are in
        self.checks: list[str] = []  # what has to run before the statement that is being printed
        self.counts: dict[str, int] = {}

    def text(self) -> str:
        """The definition."""
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(self.function))).body
        except SyntaxError:
            raise self.cannot("a lambda inside of an expression") from None
        if not isinstance(tree, ast.FunctionDef) or tree.args.vararg or tree.args.kwonlyargs:
            raise self.cannot("operands of any number")
        result = _RESULTS.get(_annotation(tree.returns))
        parameters = {a.arg: _annotation(a.annotation) for a in tree.args.args}
        if result is None or not set(parameters.values()) <= {"float", "int"}:
            raise self.cannot("operands and results of other types than float")
        self.kinds = {x: _INT if kind == "int" else _DOUBLE for x, kind in parameters.items()}
        given = ", ".join(f"{kind} {x}" for x, kind in self.kinds.items())
        given += f", {_PAIR}" if result == "void" else ""
        body = self.block(tree.body, 1)
        declared = "".join(
            f"    {kind} {', '.join(names)};\n"
            for kind in (_DOUBLE, _INT)
            if (names := [x for x, k in self.kinds.items() if k == kind and x not in parameters])
        )
        comment = (ast.get_docstring(tree) or "").split("\n")[0]
        return f"/* {comment} */\nstatic {result} {self.c_name}({given})\n{{\n{declared}{body}}}\n"

    def cannot(self, what: str | ast.AST) -> UnprintableError:
        """The error about what of the function has no word in C."""
        told = ast.unparse(what) if isinstance(what, ast.AST) else what
        return UnprintableError(f"{self.function.__name__}: {told}")

    def fresh(self, word: str) -> str:
        """A name or label that is new in the function."""
        self.counts[word] = self.counts.get(word, 0) + 1
        return f"{word}{self.counts[word]}"

    # -- statements -----------------------------------------------------------------------------
    def block(self, body: list[ast.stmt], depth: int) -> str:
        """The lines of statements, each after the checks that belong before it."""
        lines: list[str] = []
        for node in body:
            if isinstance(node, ast.Try):
                lines.append(self.attempt(node, depth))
                continue
            found = list(self.statement(node, depth))
            checks, self.checks = self.checks, []
            lines += [f"{'    ' * depth}{line}\n" for line in checks] + found
        return "".join(lines)

    def attempt(self, node: ast.Try, depth: int) -> str:
        """A try with one handler: where Python raises, a jump to a label."""
        if self.handlers or len(node.handlers) > 1:
            raise self.cannot("a try in a try, or of several handlers")
        (handler,) = node.handlers
        names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if node.orelse or node.finalbody or not {ast.unparse(x) for x in names if x} <= _RAISED:
            raise self.cannot(node)
        label = self.fresh("raised")
        self.handlers.append(label)
        body = self.block(node.body, depth)
        self.handlers.pop()
        rest = self.block(handler.body, depth)
        if not rest or isinstance(node.body[-1], ast.Return):
            return f"{body}{label}:;\n{rest}"
        end = self.fresh("after")
        return f"{body}{'    ' * depth}goto {end};\n{label}:;\n{rest}{end}:;\n"

    def statement(self, node: ast.stmt, depth: int) -> Iterator[str]:
        """The lines of one statement."""
        pad = "    " * depth
        if self.handlers and isinstance(node, (ast.Assign, ast.Return)):
            choice = node.value
            if isinstance(choice, ast.IfExp):  # only the branch that is taken may raise
                node = ast.If(choice.test, [_with(node, choice.body)], [_with(node, choice.orelse)])
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Return(value=ast.Tuple(elts=[first, second])):
                yield f"{pad}*first = {self.term(first).text};\n"
                yield f"{pad}*second = {self.term(second).text};\n"
            case ast.Return(value=ast.expr() as value):
                yield f"{pad}return {self.term(value).text};\n"
            case ast.Assign(targets=[target]):
                for line in self.assign(target, node.value):
                    yield f"{pad}{line};\n"
            case ast.If():
                yield f"{pad}if ({self.test(node.test).text}) {{\n"
                if self.checks:
                    raise self.cannot("a condition that may raise")
                yield self.block(node.body, depth + 1)
                if node.orelse:
                    yield f"{pad}}} else {{\n"
                    yield self.block(node.orelse, depth + 1)
                yield f"{pad}}}\n"
            case _:
                raise self.cannot(node)

    def assign(self, target: ast.expr, value: ast.expr) -> Iterator[str]:
        """An assignment; one of several at once, if none of them is used by a later one."""
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                for i, (one, its) in enumerate(zip(targets, values, strict=True)):
                    if _names(one) & {x for later in values[i + 1 :] for x in _names(later)}:
                        raise self.cannot(value)
                    yield from self.assign(one, its)
            case ast.Tuple(elts=[ast.Name(id=m), ast.Name(id=e)]), ast.Call(args=[x]):
                function, given = self.meaning(value.func), self.term(x).text
                if function is math.frexp:
                    self.kinds |= {m: _DOUBLE, e: _INT}
                    yield f"{m} = frexp({given}, &{e})"
                else:
                    self.kinds |= {m: _DOUBLE, e: _DOUBLE}
                    yield f"{self.functions.name(function)}({given}, &{m}, &{e})"
            case ast.Name(id=e), ast.Subscript(
                value=ast.Call(func=function, args=[x]), slice=ast.Constant(value=1)
            ) if self.meaning(function) is math.frexp:
                self.kinds[e] = _INT
                yield f"frexp({self.term(x).text}, &{e})"
            case ast.Name(id=name), _:
                written = self.term(value)
                if self.kinds.setdefault(name, self.kind(value)) != self.kind(value):
                    raise self.cannot(f"{name} is a float and an integer")
                yield f"{name} = {written.text}"
            case _:
                raise self.cannot(target)

    # -- expressions ----------------------------------------------------------------------------
    def kind(self, node: ast.expr) -> str:
        """Whether an expression is an integer or a truth value, or a double."""
        match node:
            case ast.Constant(value=int()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return _INT
            case ast.Name(id=name):
                return self.kinds.get(name, _DOUBLE)
            case ast.UnaryOp(operand=operand):
                return self.kind(operand)
            case ast.BinOp(op=op, left=left, right=right) if not isinstance(op, ast.Div):
                return _INT if self.kind(left) == self.kind(right) == _INT else _DOUBLE
            case ast.BoolOp(values=values):
                return _INT if all(self.kind(x) == _INT for x in values) else _DOUBLE
        return _DOUBLE

    def test(self, node: ast.expr) -> Written:
        """A condition: a number is true unless it is 0, in C as in Python."""
        if isinstance(node, ast.BoolOp):
            count = len(self.checks)
            terms = [self.test(x) for x in node.values]
            if len(self.checks) > count:
                raise self.cannot("a condition that may raise")
            return self.write(_BINARY[type(node.op)], *terms)
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
                terms = [left, *comparators]
                pairs = zip(ops, terms, comparators, strict=False)
                parts = [
                    self.write(self.operator(op), *map(self.term, pair)) for op, *pair in pairs
                ]
                return parts[0] if len(parts) == 1 else self.write("both", *parts)
            case ast.BoolOp() if self.kind(node) == _INT:
                return self.test(node)
            case ast.BoolOp(op=ast.And(), values=[condition, other]):  # one of the two numbers
                return self.choose(condition, other, condition)
            case ast.IfExp(test=condition, body=taken, orelse=other):
                return self.choose(condition, taken, other)
            case ast.Call(func=function, args=args, keywords=[]):
                return self.call(self.meaning(function), args)
        raise self.cannot(node)

    def number(self, x: Any) -> Written:
        """A constant."""
        if type(x) not in (int, float):
            raise self.cannot(f"{x!r}")
        return self.functions.language.number(x, integer=type(x) is int)

    def operator(self, op: ast.AST) -> str:
        """The table's name of an operator."""
        if type(op) not in _BINARY:
            raise self.cannot(type(op).__name__)
        return _BINARY[type(op)]

    def choose(self, condition: ast.expr, taken: ast.expr, other: ast.expr) -> Written:
        """One of two expressions."""
        count = len(self.checks)
        terms = self.test(condition), self.term(taken), self.term(other)
        if len(self.checks) > count:
            raise self.cannot("a choice that may raise")
        return self.write("where", *terms)

    def binary(self, node: ast.BinOp) -> Written:
        """An operator on two numbers, of which that by 0 raises."""
        left, right = self.term(node.left), self.term(node.right)
        if isinstance(node.op, (ast.Div, ast.Mod, ast.FloorDiv)):
            if self.kind(node.left) == self.kind(node.right) == _INT:
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
            if function in self.functions.known:
                return self.write(self.functions.known[function], *operands)
            return self.functions.language.called(function, self.all_of(function, operands))
        if function.__name__ not in OF_LIBRARY:
            raise UnprintableError(
                f"math.{function.__name__} is CPython's own, not the C library's"
            )
        text = f"{function.__name__}({', '.join(x.text for x in operands)})"
        if not self.handlers or function in (math.copysign, math.frexp):
            return Written(text)
        result = self.fresh("r")
        self.kinds[result] = _DOUBLE
        doubles = [
            x.text for x, arg in zip(operands, args, strict=True) if self.kind(arg) == _DOUBLE
        ]
        raised = f"py_raised{len(doubles)}({', '.join([result, *doubles])})"
        self.checks += [f"{result} = {text};", f"if ({raised}) goto {self.handlers[-1]};"]
        return Written(result)

    def all_of(self, function: FunctionType, operands: list[Written]) -> list[Written]:
        """The operands of a call, those with a default included."""
        missing = function.__code__.co_argcount - len(operands)
        defaults = (function.__defaults__ or ())[-missing:] if missing else ()
        return [*operands, *map(self.number, defaults)]

    def meaning(self, node: ast.expr) -> Any:
        """What a global name, or one of `math`, stands for."""
        if isinstance(node, ast.Attribute):
            return getattr(self.meaning(node.value), node.attr)
        if not isinstance(node, ast.Name):
            raise self.cannot(node)
        scope = self.function.__globals__
        return scope[node.id] if node.id in scope else getattr(builtins, node.id)


def _annotation(node: ast.expr | None) -> str:
    """An annotation as text."""
    return ast.unparse(node) if node else ""


def _names(node: ast.AST) -> set[str]:
    """The names in a piece of source."""
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}


def _with(node: ast.Assign | ast.Return, value: ast.expr) -> ast.stmt:
    """The same statement with another value."""
    return ast.Assign(node.targets, value) if isinstance(node, ast.Assign) else ast.Return(value)
