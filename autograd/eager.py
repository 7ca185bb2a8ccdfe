"""The fast methods of Value: source generated from the table, a function or two for each row.

For floats the generated code runs the row's plain Python form and its rules written out. Where
Python raises although IEEE 754 has an answer, and for every other number type, it hands over to
the general path. The source can be read and stepped through in a debugger.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd.primitives import Expression, Primitive, written

_UNARY = """
def {method}(self):
    if type({x} := self.data) is float:
        try:
            out = {value}
            partials = {one_partial}
        except (ArithmeticError, ValueError):
            pass  # the general path knows what IEEE 754 answers
        else:
            {self_node}
    return build(row, (self,))
"""

_BINARY = """
def {method}(self, other{default}):
    kind = type(other)
    if kind is Value:
        if type({x} := self.data) is type({y} := other.data) is float:
            try:
                out = {value}
                partials = ({by_x}, {by_y})
            except (ArithmeticError, ValueError):
                pass
            else:
                {both_node}
    elif kind is float or kind is int:
        if type({x} := self.data) is float:
            try:
                {y} = other if kind is float else float(other)
                out = {value}
                partials = ({by_x},)
            except (ArithmeticError, ValueError):
                pass
            else:
                {left_node}
    return {otherwise}
"""

_REFLECTED = """
def {method}(self, other):
    kind = type(other)
    if (kind is float or kind is int) and type({y} := self.data) is float:
        try:
            {x} = other if kind is float else float(other)
            out = {value}
            partials = ({by_y},)
        except (ArithmeticError, ValueError):
            pass
        else:
            {right_node}
    return operate(row, other, self)
"""

_NODE = (
    "node = new(Value)", "node.data = out", "node.grad = 0", "node.parents = {parents}",
    "node.partials = partials", "node.op = row", "node.operands = {operands}",
    "return in_open_modes(node) if OPEN else node",
)  # fmt: skip
_OPERANDS = {  # of the four kinds of node: the operands, and the parents among them
    "self_node": ("node.parents", "(self,)"),
    "both_node": ("node.parents", "(self, other)"),
    "left_node": ("(self, other)", "(self,)"),
    "right_node": ("(other, self)", "(self,)"),
}


class _Loader:
    """What `linecache`, and through it a debugger or a traceback, asks for the source."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:  # noqa: ARG002  (linecache passes the module name)
        """Return the generated source."""
        return self.source


def methods(row: Primitive, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fast methods of a row, by name: the function, and the reflected operator.

    Parameters
    ----------
    row : Primitive
        Of one or two operands.
    scope : mapping
        What the generated code calls: the rows' float functions by name, the class `Value`,
        `new` to make one without `__init__`, `build` and `operate`, the general path for
        functions and for operators, and `in_open_modes`, which is to see a node while `OPEN`.
    """
    operands = [Expression(None, (), name) for name in row.operand_names]
    rules = [written(rule, "python") for rule in row.rules]
    fields = dict(zip(("x", "y"), row.operand_names, strict=False))
    fields |= dict(zip(("by_x", "by_y"), rules, strict=False))
    fields["one_partial"] = _tuple(rules[0])
    fields["value"] = written(Expression(row, tuple(operands)), "python")
    operate, build = "operate(row, self, other)", "build(row, (self, other))"
    fields["otherwise"] = operate if row.operator else build
    fields["default"] = f"={row.defaults[-1]}" if row.defaults else ""
    templates = {row.name: _UNARY if row.arity == 1 else _BINARY}
    if row.operator and row.arity == 2:
        templates[f"__r{row.operator}__"] = _REFLECTED
    source = "".join(_filled(text, name, fields) for name, text in templates.items())
    filename = f"autograd: generated from the row {row.name}"
    names = dict(scope, row=row, math=math, __package__=__package__)
    names |= {"__name__": filename, "__loader__": _Loader(source)}  # linecache wants both
    exec(compile(source, filename, "exec"), names)  # our own table: no user's text is in it
    return {name: names[f"value_{name}"] for name in templates}


def _tuple(rule: str) -> str:
    """The source of a tuple of one partial derivative.

    A choice between constants, as for relu, becomes a choice between tuples of constants, which
    the compiler makes once: no call allocates one, and the cyclic collector has none to visit.
    """
    import ast

    def wrapped(term: ast.expr) -> ast.expr:
        if isinstance(term, ast.IfExp):
            return ast.IfExp(term.test, wrapped(term.body), wrapped(term.orelse))
        return ast.Tuple([term], ast.Load())

    return ast.unparse(wrapped(ast.parse(rule, mode="eval").body))


def _filled(template: str, name: str, fields: dict[str, str]) -> str:
    """A template with its fields, and the making of the node at the place's own indentation."""
    for line in template.splitlines():
        place = line.strip()[1:-1]
        if place in _OPERANDS:
            operands, parents = _OPERANDS[place]
            indent = " " * (len(line) - len(line.lstrip()))
            node = ("\n" + indent).join(_NODE)
            node = node.format(operands=operands, parents=parents)
            fields = fields | {place: node}
    return template.format(method=f"value_{name}", **fields)
