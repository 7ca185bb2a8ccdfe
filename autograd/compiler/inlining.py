"""Short float functions written out where they are called: a call would cost more than its work."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FunctionType
from typing import Any, NamedTuple, cast

from autograd.functions.sources import tree_of

MOST = 3  # assignments that are written out


class Inline(NamedTuple):
    """A function as templates, in which {0} is its first operand and {name} a local.

    Attributes
    ----------
    lines : list of str
        What is computed first.
    value : str
        An expression.
    otherwise : bool
        Whether that is the value only where its condition holds; the function is called elsewhere.
    locals : list of str
    """

    lines: list[str]
    value: str
    otherwise: bool
    locals: list[str]


@lru_cache(4096)
def inline(function: Callable[..., Any], numbers: tuple[float | None, ...] = ()) -> Inline | None:
    """Return how a float function is written out: if it is some assignments and a value, or the
    value that holds in the usual case and then further ones.

    `numbers` are those of its operands that are known, and None for the others.

    Examples
    --------
    >>> from autograd.numbers import ieee
    >>> inline(ieee.sigmoid).lines
    ['{e} = math.exp(-{0} if {0} > 0.0 else {0})']
    >>> inline(ieee.sigmoid).value
    '(1.0 if {0} > 0.0 else {e}) / (1.0 + {e})'
    >>> inline(ieee.over_square).value
    '{0} / {s} if 1e-290 < {s} < 1e+290 else '
    """
    tree = tree_of(function)
    if tree is None or tree.args.vararg or tree.args.kwonlyargs:
        return None  # without its source a function is called
    writer = _Writer(
        cast(FunctionType, function), {a.arg: str(i) for i, a in enumerate(tree.args.args)}
    )
    for a, number in zip(tree.args.args, numbers, strict=False):
        if number and math.isfinite(number):  # 0.0 and -0.0 are one key of the cache
            writer.known[a.arg] = number
    lines: list[str] = []
    for node in _usual(tree.body[bool(ast.get_docstring(tree)) :]):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if len(lines) < MOST:
                if isinstance(found := writer.visit(value), ast.Constant):
                    writer.known[name] = found.value
                    continue
                if isinstance(found, ast.Name):  # another name for an operand or a local
                    writer.names[name] = found.id.strip("{}")
                    continue
                writer.names[name] = name
                lines.append(f"{{{name}}} = {ast.unparse(found)}")
            case ast.Return(value=ast.expr() as value):
                text = writer.text(value)
                return Inline(lines, text, False, writer.locals) if writer.fits else None
            case ast.If(test=test, body=[ast.Return(value=ast.BinOp() as value)], orelse=[]):
                text = f"{writer.text(value)} if {writer.text(test)} else "
                return Inline(lines, text, True, writer.locals) if writer.fits else None
            case _:
                return None
    return None


def _usual(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run where nothing is raised: what raises starts the safe function."""
    for node in body:
        yield from node.body if isinstance(node, ast.Try) else [node]


class _Writer(ast.NodeTransformer):
    """Expressions with the operands and locals of a function as fields of a template."""

    def __init__(self, function: FunctionType, names: dict[str, str]) -> None:
        self.scope, self.names = function.__globals__, names
        self.known: dict[str, Any] = {}  # of the names that stand for one number
        self.fits = True  # it is made of operators, functions of `math` and numbers

    @property
    def locals(self) -> list[str]:
        """The names that are assigned."""
        return list(dict.fromkeys(x for x in self.names.values() if not x.isdigit()))

    def text(self, node: ast.expr) -> str:
        """An expression as a template."""
        return ast.unparse(self.visit(node))

    def visit(self, node: ast.AST) -> Any:
        """A part of an expression; what is made of numbers alone is one."""
        found: Any = super().visit(node)
        if isinstance(found, ast.IfExp) and isinstance(found.test, ast.Constant):
            return found.body if found.test.value else found.orelse
        if isinstance(found, ast.UnaryOp):
            return found  # -2.0 is one already
        parts = [x for x in ast.walk(found) if isinstance(x, (ast.Name, ast.Attribute))]
        folds = isinstance(found, (ast.BinOp, ast.Compare, ast.BoolOp, ast.Call))
        return _number(found) if folds and all(_is_abs(x) for x in parts) else found

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call: of a function of `math`, or of abs; x to the power 1 is x."""
        match node.func:
            case ast.Name(id="abs"):
                pass
            case ast.Attribute(value=ast.Name(id="math")) if self.scope.get("math") is math:
                pass
            case _:
                self.fits = False
        node.args = [self.visit(x) for x in node.args]
        self.fits = self.fits and not node.keywords
        match node:
            case ast.Call(func=ast.Attribute(attr="pow"), args=[x, ast.Constant(value=1.0)]):
                return x
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name: an operand or a local, or a number of the module."""
        if node.id in self.known:
            return ast.Constant(self.known[node.id])
        if node.id in self.names:
            return ast.Name(f"{{{self.names[node.id]}}}", ast.Load())
        if type(number := self.scope.get(node.id)) is float and not number < 0.0:
            if math.isfinite(number):
                return ast.Constant(number)
            kind = "nan" if number != number else "inf"
            return ast.Attribute(ast.Name("math", ast.Load()), kind, ast.Load())
        self.fits = False
        return node


def _is_abs(node: ast.AST) -> bool:
    """Whether it is the name of a function that numbers can be folded through."""
    return isinstance(node, ast.Name) and node.id == "abs"


def _number(node: ast.expr) -> ast.expr:
    """An expression of numbers alone as a number, if it is one and finite."""
    source = compile(ast.fix_missing_locations(ast.Expression(node)), "<numbers>", "eval")
    try:
        number = eval(source, {"abs": abs})  # made of numbers and operators alone
    except ArithmeticError:
        return node
    return ast.Constant(number) if math.isfinite(number) else node
