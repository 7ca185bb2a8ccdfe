"""Float functions as JavaScript, printed from their Python source.

Beyond what C has of Python (`autograd.native.floats`) there are functions of any number of
operands, and lists of numbers. Inside of try, what would raise in Python throws.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from autograd.functions.calls import Primitive
from autograd.functions.printing.c import COMPARISON
from autograd.functions.printing.javascript import OF_JAVASCRIPT, OF_MATH, OF_PYTHON, JavaScript
from autograd.functions.printing.printer import Written
from autograd.functions.sources import tree_of
from autograd.native.expressions import DOUBLE, INT, Definitions, Expressions, UnprintableError
from autograd.numbers import orders, powers, reductions
from autograd.numbers.kinds import ratio

# Where Python computes in integers of any size, `python.js` has a way of its own.
_OWN = {reductions.sum: "sum", reductions.mean: "mean",
        orders.directions_product: "directionsProduct", orders.divide_partial: "dividePartial",
        powers.power_partial: "powerPartial"}  # fmt: skip
_WHOLE = r"\w+|[\w.]*\([^()]*\)|\w+\.at\(-?\w+\)"  # a name or a call: a point may follow
_TRUTHS = {"any", "isfinite", "isinf", "isnan"}


class Scripts(Definitions):
    """The functions in JavaScript that have been printed."""

    language: JavaScript

    def __init__(self) -> None:
        super().__init__(JavaScript, OF_JAVASCRIPT)

    def name(self, function: Callable[..., Any]) -> str:
        """Return the name of a float function, which is printed if it was not yet."""
        return _OWN[function] if function in _OWN else super().name(function)

    def text(self, name: str, function: Callable[..., Any]) -> str:
        """Return the definition of a function under a name."""
        tree = tree_of(function)
        if tree is None:
            raise UnprintableError(f"{getattr(function, '__name__', function)!r} has no source")
        return _Function(self, function).text(name, tree)

    def expression(self, function: Callable[..., Any], tree: ast.Lambda) -> str:
        """Return what a lambda of the table of any number of operands, called xs, answers."""
        printer = _Function(self, inspect.unwrap(function))
        names = [tree.args.vararg, *tree.args.kwonlyargs]
        given = [x.arg for x in names if x]
        printer.kinds = dict.fromkeys(given, DOUBLE)
        text = printer.term(tree.body).text
        return text if given[0] == "xs" else f"(({given[0]}) => {text})(xs)"


class _Function(Expressions):
    """One function as JavaScript."""

    def __init__(self, scripts: Scripts, function: Any) -> None:
        super().__init__(function, scripts.language, scripts.known)
        self.scripts, self.trying = scripts, False

    def text(self, name: str, tree: ast.FunctionDef) -> str:
        """The definition, under a name."""
        given = [a.arg for a in tree.args.args]
        several = tree.args.vararg.arg if tree.args.vararg else ""
        parameters = [*given, *([several] if several else [])]
        self.kinds = dict.fromkeys(parameters, DOUBLE)
        body = self.block(tree.body, 1)
        declared = [x for x in self.kinds if x not in parameters]
        lets = f"  let {', '.join(declared)};\n" if declared else ""
        comment = (ast.get_docstring(tree) or "").split("\n")[0]
        return f"// {comment}\nfunction {name}({', '.join(parameters)}) {{\n{lets}{body}}}\n"

    # -- statements -----------------------------------------------------------------------------
    def block(self, body: list[ast.stmt], depth: int) -> str:
        """The lines of statements."""
        return "".join(line for node in body for line in self.statement(node, depth))

    def statement(self, node: ast.stmt, depth: int) -> Iterator[str]:
        """The lines of one statement."""
        pad = "  " * depth
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=xs, attr="append"), args=[x])):
                yield f"{pad}{self.term(xs).text}.push({self.term(x).text});\n"
            case ast.Return(value=ast.expr() as value):
                yield f"{pad}return {self.term(value).text};\n"
            case ast.Assign(targets=targets, value=value):
                written = self.term(value).text
                names = " = ".join(self.target(target) for target in targets)
                yield f"{pad}{names} = {written};\n"
            case ast.AugAssign(target=target, op=op, value=value):
                changed = ast.BinOp(ast.Name(ast.unparse(target)), op, value)
                yield f"{pad}{self.target(target)} = {self.term(changed).text};\n"
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield f"{pad}{self.target(target)} = {self.term(value).text};\n"
            case ast.If(test=test, body=body, orelse=orelse):
                yield f"{pad}if ({self.test(test).text}) {{\n{self.block(body, depth + 1)}"
                if orelse:
                    yield f"{pad}}} else {{\n{self.block(orelse, depth + 1)}"
                yield f"{pad}}}\n"
            case ast.For(target=target, iter=xs, body=body, orelse=[]):
                series = self.term(xs).text
                yield f"{pad}for ({self.target(target)} of {series}) {{\n"
                yield f"{self.block(body, depth + 1)}{pad}}}\n"
            case ast.Try(body=body, handlers=[handler], orelse=[], finalbody=[]):
                self.trying = True
                yield f"{pad}try {{\n{self.block(body, depth + 1)}"
                self.trying = False
                yield f"{pad}}} catch {{\n{self.block(handler.body, depth + 1)}{pad}}}\n"
            case _:
                raise self.cannot(node)

    def target(self, node: ast.expr) -> str:
        """What is assigned to."""
        if isinstance(node, ast.Tuple):
            return f"[{', '.join(map(self.target, node.elts))}]"
        if not isinstance(node, ast.Name):
            raise self.cannot(node)
        self.kinds.setdefault(node.id, DOUBLE)
        return node.id

    # -- expressions ----------------------------------------------------------------------------
    def test(self, node: ast.expr) -> Written:
        """A condition; nan is true in Python, and a comparison by != holds for truth values too."""
        match node:
            case ast.Compare(
                left=x, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
            ):
                sign = "===" if isinstance(op, ast.Is) else "!=="
                return Written(f"{self.term(x).text} {sign} null", COMPARISON)
            case ast.Compare(left=i, ops=[ast.In()], comparators=[ast.Name(id=name)]):
                return Written(f"{name}.has({self.term(i).text})")  # a dict is a Map
        if isinstance(node, ast.Compare | ast.BoolOp) or self.kind(node) == INT:
            return super().test(node)
        if isinstance(node, ast.List | ast.Tuple | ast.ListComp):
            raise self.cannot(node)
        return Written(f"{self.operand(node)} != 0", COMPARISON)

    def kind(self, node: ast.expr) -> str:
        """Whether an expression is an integer or a truth value, or a double."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            return INT if ast.unparse(node.func).rpartition(".")[2] in _TRUTHS else DOUBLE
        return super().kind(node)

    def term(self, node: ast.expr) -> Written:
        """An expression."""
        match node:
            case ast.Constant(value=None):
                return Written("null")
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return Written(f"[{self.listed(elts)}]")
            case ast.Starred(value=value):
                return Written(f"...{self.operand(value)}")
            case (
                ast.ListComp(elt=elt, generators=[each])
                | ast.GeneratorExp(elt=elt, generators=[each])
            ):
                return self.comprehension(elt, each)
            case ast.Subscript(value=xs, slice=ast.Slice() as part):
                return self.part(self.operand(xs), part)
            case ast.Subscript(value=xs, slice=ast.Constant(value=int() as i)) if i >= 0:
                return Written(f"{self.operand(xs)}[{i}]")
            case ast.Subscript(value=xs, slice=i):
                return Written(f"{self.operand(xs)}.at({self.term(i).text})")
            case ast.BoolOp(op=ast.Or(), values=[x, y]) if self.kind(node) == DOUBLE:
                return self.choose(x, x, y)
            case ast.IfExp(test=ast.Name(id=name), body=taken) if name in OF_PYTHON:
                return self.term(taken)  # which not every Python has
            case ast.Call(func=function, args=args, keywords=keywords):
                return self.called(function, args, {x.arg: x.value for x in keywords})
        return super().term(node)

    def operand(self, node: ast.expr) -> str:
        """An expression that holds together, whatever stands behind it."""
        written = self.term(node)
        return written.text if re.fullmatch(_WHOLE, written.text) else f"({written.text})"

    def listed(self, nodes: list[ast.expr]) -> str:
        """Expressions with commas between."""
        return ", ".join(self.term(x).text for x in nodes)

    def comprehension(self, elt: ast.expr, each: ast.comprehension) -> Written:
        """A list that is made of another one."""
        series, outer = self.operand(each.iter), dict(self.kinds)
        name = self.target(each.target)
        chosen = "".join(f".filter(({name}) => {self.test(x).text})" for x in each.ifs)
        made = self.term(elt).text
        self.kinds = outer
        return Written(f"{series}{chosen}.map(({name}) => {made})")

    def part(self, xs: str, part: ast.Slice) -> Written:
        """Some of a list; the only step is -1, down to behind the first."""
        if part.step:
            if ast.unparse(part) != ":0:-1":
                raise self.cannot(part)
            return Written(f"{xs}.slice(1).reverse()")
        ends = [self.term(part.lower).text if part.lower else "0"]
        ends += [self.term(part.upper).text] if part.upper else []
        return Written(f"{xs}.slice({', '.join(ends)})")

    def number(self, x: Any) -> Written:
        """A constant, or a series of them."""
        if type(x) is tuple:
            return Written(f"[{', '.join(self.number(c).text for c in x)}]")
        return super().number(x)

    def binary(self, node: ast.BinOp) -> Written:
        """An operator on two numbers, of which that by 0 raises."""
        if isinstance(node.left, ast.Tuple) and isinstance(node.op, ast.Mult):
            count = self.term(node.right).text
            return Written(f"Array({count}).fill({self.listed(node.left.elts)})")
        left, right = self.term(node.left), self.term(node.right)
        own = {ast.Mod: "remainder", ast.FloorDiv: "floorDivide"}.get(type(node.op))
        if own is None and self.trying and isinstance(node.op, ast.Div):
            own = "over"
        if own:
            return Written(f"{own}({left.text}, {right.text})")
        return self.write(self.operator(node.op), left, right)

    def called(
        self, node: ast.expr, args: list[ast.expr], keywords: dict[str | None, ast.expr]
    ) -> Written:
        """A call."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.of(node.value.id)
            if isinstance(owner, Primitive) and node.attr == "each":
                return self.language.called(owner.each_forward, [*map(self.term, args)])  # type: ignore[arg-type]
            if owner is None and node.attr == "count":
                return Written(f"count({node.value.id}, {self.listed(args)})")
            if owner is None and node.attr == "index":
                return Written(f"{node.value.id}.indexOf({self.listed(args)})")
            if owner is None and node.attr == "get":
                place, empty = (self.term(x).text for x in args)
                return Written(f"({node.value.id}.get({place}) ?? {empty})")
        if isinstance(node, ast.Name) and node.id in OF_PYTHON:
            return Written(f"{node.id}({self.listed(args)})")
        match getattr(self.meaning(node), "__name__", ""), args:
            case "len", [xs]:
                return Written(f"{self.operand(xs)}.length")
            case "tuple" | "float", [x]:
                return self.term(x)
            case "reversed", [xs]:
                return Written(f"[...{self.operand(xs)}].reverse()")
            case "any", [xs]:
                return Written(f"{self.operand(xs)}.some(Boolean)")
            case "zip", _:
                return Written(f"zip({self.listed(args)})")
            case "map", [ast.Name() | ast.Attribute() as function, xs]:
                of_each = ast.Call(function, [ast.Name("x")], [])
                return self.comprehension(of_each, ast.comprehension(ast.Name("x"), xs, [], 0))
            case "range", [n]:
                return Written(f"[...Array({self.term(n).text}).keys()]")
            case ("max" | "min") as name, [xs]:
                otherwise = keywords.get("default")
                last = f", {self.term(otherwise).text}" if otherwise else ""
                return Written(f"{name}Of({self.term(xs).text}{last})")
            case ("max" | "min") as name, _:
                return Written(f"Math.{name}({self.listed(args)})")
        return self.call(self.meaning(node), args)

    def call(self, function: Any, args: list[ast.expr]) -> Written:
        """A call of a float function; one of `math` in a try is held to what Python raises for."""
        operands = [self.term(x) for x in args]
        if function is ratio:
            return self.write("divide", *operands)
        if getattr(function, "__module__", "") == "math":
            name = function.__name__
            if name not in OF_MATH | OF_PYTHON:
                raise self.cannot(f"JavaScript has no {name}")
            given = ", ".join(x.text for x in operands)
            if name == "hypot" and given.startswith("..."):  # too many for a call, maybe
                return Written(f"hypotOf({given[3:]})")
            text = f"{'Math.' if name in OF_MATH else ''}{name}({given})"
            return Written(f"checked({text}, {given})" if self.trying else text)
        if function in self.known:
            return self.write(self.known[function], *operands)
        if not any(isinstance(x, ast.Starred) for x in args) and isinstance(function, FunctionType):
            operands = self.all_of(function, operands)
        return self.language.called(function, operands)
