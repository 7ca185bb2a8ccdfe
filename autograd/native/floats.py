"""Float functions as C, printed from their Python source.

They are written in a part of Python that C has too: assignments, if, return, try, arithmetic,
calls, and loops over a series of numbers. Inside of try each call of `math` and each division is
followed by Python's own test for raising, and jumps to the handler.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from autograd.functions.printing.c import KNOWN, C
from autograd.functions.sources import tree_of
from autograd.native.expressions import DOUBLE, INT, Definitions, Expressions, UnprintableError

_SERIES = "const double *"
_RESULTS = {"float": "double", "tuple[float, float]": "void"}  # by the annotation
_PAIR = "double *first, double *second"
_RAISED = {"ArithmeticError", "OverflowError", "ZeroDivisionError", "ValueError"}


class Functions(Definitions):
    """The functions and the series of numbers in C that have been printed."""

    language: C

    def __init__(self) -> None:
        super().__init__(C, KNOWN)

    def text(self, name: str, function: Callable[..., Any]) -> str:
        """Return the definition of a function under a name."""
        if not isinstance(function, FunctionType) or function.__closure__:
            raise UnprintableError(f"{function!r} has no source of its own")
        return _Function(self, function).text(name)

    def series(self, name: str, numbers: tuple[float, ...]) -> str:
        """Return the C name of an array of numbers, which is printed if it was not yet."""
        name = self.named_alone(f"ag_{name}", numbers)
        items = textwrap.fill(", ".join(map(self.language, numbers)), 100, break_on_hyphens=False)
        items = textwrap.indent(items, "    ")
        self.printed[name] = f"static const double {name}[{len(numbers)}] = {{\n{items}\n}};\n"
        return name


class _Function(Expressions):
    """One function as C."""

    def __init__(self, functions: Functions, function: FunctionType) -> None:
        super().__init__(function, functions.language, functions.known)
        self.functions = functions
        self.lengths: dict[str, int] = {}  # of the locals that are a series of numbers

    def text(self, name: str) -> str:
        """The definition, under a name."""
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(self.function))).body
        except SyntaxError:
            raise self.cannot("a lambda inside of an expression") from None
        if not isinstance(tree, ast.FunctionDef) or tree.args.vararg or tree.args.kwonlyargs:
            raise self.cannot("operands of any number")
        if tree_of(self.function) is None:
            raise self.cannot("its file has changed since it was imported")
        result = _RESULTS.get(_annotation(tree.returns))
        parameters = {a.arg: _annotation(a.annotation) for a in tree.args.args}
        if result is None or not set(parameters.values()) <= {"float", "int"}:
            raise self.cannot("operands and results of other types than float")
        self.kinds = {x: INT if kind == "int" else DOUBLE for x, kind in parameters.items()}
        given = ", ".join(f"{kind} {x}" for x, kind in self.kinds.items())
        given += f", {_PAIR}" if result == "void" else ""
        body = self.block(tree.body, 1)
        declared = "".join(
            f"    {kind} {', '.join(names)};\n".replace("* ", "*")
            for kind in (DOUBLE, INT, _SERIES)
            if (names := [x for x, k in self.kinds.items() if k == kind and x not in parameters])
        )
        comment = (ast.get_docstring(tree) or "").split("\n")[0]
        return f"/* {comment} */\nstatic {result} {name}({given})\n{{\n{declared}{body}}}\n"

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
                if depth > 1:
                    yield f"{pad}return;\n"
            case ast.Return(value=ast.expr() as value):
                yield f"{pad}return {self.term(value).text};\n"
            case ast.Assign(targets=[target]):
                for line in self.assign(target, node.value):
                    yield f"{pad}{line};\n"
            case ast.If():
                with self.sometimes("a condition"):
                    condition = self.test(node.test).text
                yield f"{pad}if ({condition}) {{\n"
                yield self.block(node.body, depth + 1)
                if node.orelse:
                    yield f"{pad}}} else {{\n"
                    yield self.block(node.orelse, depth + 1)
                yield f"{pad}}}\n"
            case ast.For(target=ast.Name(id=c), iter=ast.Name(id=series), orelse=[]):
                if series not in self.lengths or self.handlers:
                    raise self.cannot(node)
                self.kinds[c] = DOUBLE
                i = self.fresh("i")
                yield f"{pad}for (int {i} = 0; {i} < {self.lengths[series]}; {i}++) {{\n"
                yield f"{pad}    {c} = {series}[{i}];\n"
                yield f"{self.block(node.body, depth + 1)}{pad}}}\n"
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
                    self.kinds |= {m: DOUBLE, e: INT}
                    yield f"{m} = py_frexp({given}, &{e})"
                else:
                    self.kinds |= {m: DOUBLE, e: DOUBLE}
                    yield f"{self.functions.name(function)}({given}, &{m}, &{e})"
            case ast.Name(id=e), ast.Subscript(
                value=ast.Call(func=function, args=[x]), slice=ast.Constant(value=1)
            ) if self.meaning(function) is math.frexp:
                self.kinds[e] = INT
                yield f"py_frexp({self.term(x).text}, &{e})"
            case ast.Name(id=name), ast.Name(id=series) if type(self.of(series)) is tuple:
                numbers = self.of(series)
                self.kinds[name] = _SERIES
                if self.lengths.setdefault(name, len(numbers)) != len(numbers):
                    raise self.cannot(f"{name} has two lengths")
                yield f"{name} = {self.functions.series(series, numbers)}"
            case ast.Name(id=name), _:
                written = self.term(value)
                if self.kinds.setdefault(name, self.kind(value)) != self.kind(value):
                    raise self.cannot(f"{name} is a float and an integer")
                yield f"{name} = {written.text}"
            case _:
                raise self.cannot(target)


def _annotation(node: ast.expr | None) -> str:
    """An annotation as text."""
    return ast.unparse(node) if node else ""


def _names(node: ast.AST) -> set[str]:
    """The names in a piece of source."""
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}


def _with(node: ast.Assign | ast.Return, value: ast.expr) -> ast.stmt:
    """The same statement with another value."""
    return ast.Assign(node.targets, value) if isinstance(node, ast.Assign) else ast.Return(value)
