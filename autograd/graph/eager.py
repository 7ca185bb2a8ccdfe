"""The fast ways into a row: source generated from the table, a few functions for each.

They are the method of Value, the reflected operator, and what a call of the row itself does. For
floats the generated code runs the row's plain Python form and its rules written out. Where Python
raises although IEEE 754 has an answer, and for every other number type, it hands over to the
general path. The source can be read and stepped through in a debugger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograd.functions.calls import FLOATS, Primitive
from autograd.functions.formulas import Expression, variable
from autograd.functions.printing.python import QUICK
from autograd.functions.rules import TABLE
from autograd.functions.surface import is_method
from autograd.graph.build import build, in_open_modes, operate
from autograd.graph.modes import OPEN
from autograd.graph.node import new
from autograd.twin import native

_UNARY = """
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
def value_{name}(self, other):
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
    return {otherwise}
"""

_METHODS = {
    1: """
def value_{name}(self):"""
    + _UNARY,
    2: """
def value_{name}(self, other{default}):"""
    + _BINARY,
}  # fmt: skip
_CALLS = {
    1: """
def value_{name}({given}):{counted}
    if type(self := {x}) is not Value:
        return forward(self) if type(self) is float else call(row, self)"""
    + _UNARY,
    2: """
def value_{name}({given}):{counted}
    self, other = {x}, {y}
    if type(self) is not Value:
        if type(other) is Value:
            return value___reflected__(other, self)
        floats = type(self) is type(other) is float
        return forward(self, other) if floats else call(row, self, other)"""
    + _BINARY,
}  # fmt: skip

_COUNTED = """
    if len(operands) != {arity}:
        return call(row, *operands)
    {names} = operands"""

_NODE: tuple[str, ...] = (
    "node = new(type(self))", "node.data = out", "node.grad = 0", "node.parents = {parents}",
    "node.partials = partials", "node.op = row", "node.operands = {same}",
    "return in_open_modes(node) if OPEN else node",
)  # fmt: skip
if native:  # what Python is to do of the rows is rare there
    _NODE = ("node = remember(type(self), row, out, {operands}, {parents}, partials)", _NODE[-1])
_OPERANDS = {  # of the four kinds of node: the operands, and the parents among them
    "self_node": ("(self,)", "(self,)"),
    "both_node": ("(self, other)", "(self, other)"),
    "left_node": ("(self, other)", "(self,)"),
    "right_node": ("(other, self)", "(self,)"),
}


def install(kind: type[Any]) -> None:
    """Give a class of nodes the fast operators and methods of the table's rows.

    Those of one or two operands are made at the first call, so that importing stays light; for
    the others those of every operand do.
    """
    scope = FLOATS | {"Value": kind, "new": new, "build": build, "operate": operate}
    scope |= {"call": Primitive.__call__, "in_open_modes": in_open_modes, "OPEN": OPEN}
    in_c = native.functions() if native else {}
    scope["remember"] = native and native.remember
    for row in TABLE.values():
        if row.name in in_c:
            _take(row, kind, *in_c[row.name])
        elif row.arity in (1, 2) and row.method and not (row.predicate or row.integers):
            _install(row, kind, scope)


def _take(row: Primitive, kind: type[Any], method: Any, called: Any) -> None:
    """Give the C twin of a class its methods of a row; it has the operators of most already."""

    def make() -> None:
        FAST[row] = method
        row.call_by(called)

    _MAKERS[row] = make
    for name in _names(row):
        if name not in vars(kind):
            setattr(kind, name, method)


def _names(row: Primitive) -> list[str]:
    """The names that a row has in a class: of its methods, and of its operator."""
    names = [row.name, *row.aliases] if is_method(row) else []
    return names + [f"__{row.operator}__"] * bool(row.operator)


def _install(row: Primitive, kind: type[Any], scope: Mapping[str, Any]) -> None:
    """Give a class the operator and the methods of a row."""
    names = _names(row)
    reflected = f"__r{row.operator}__" if row.operator and row.arity == 2 else ""

    @cache
    def make() -> dict[str, Any]:
        made = functions(row, scope)
        FAST[row] = made[row.name]
        row.call_by(made["__call__"])
        made["__call__"].__name__ = made["__call__"].__qualname__ = row.name
        set_methods(made[row.name], made.get(reflected), (stub, reflected_stub))
        return made

    def set_methods(method: Any, reflected_method: Any, before: tuple[Any, ...] = ()) -> None:
        method.__name__, method.__qualname__ = row.name, f"{kind.__name__}.{row.name}"
        method.__module__, method.__doc__ = kind.__module__, row.summary
        for name, function in [*((name, method) for name in names), (reflected, reflected_method)]:
            if name and (not before or vars(kind).get(name) in before):  # a user's own stays
                setattr(kind, name, function)

    def stub(self: Any, *others: Any) -> Any:
        return make()[row.name](self, *others)

    def reflected_stub(self: Any, other: Any) -> Any:
        return make()[reflected](self, other)

    _MAKERS[row] = make
    set_methods(stub, reflected_stub)


FAST: dict[Primitive, Callable[..., Any]] = {}  # those that have been made, as functions
_MAKERS: dict[Primitive, Callable[[], Any]] = {}


def method_of(row: Primitive) -> Callable[..., Any] | None:
    """Return the fast method of a row as a function, made now if need be; None if it has none."""
    if row not in FAST and row in _MAKERS:
        _MAKERS[row]()
    return FAST.get(row)


def functions(row: Primitive, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fast functions of a row: the method by the row's name, the reflected operator, the
    function that a call of the row is, named ``__call__``, and where it goes for a number first.

    Parameters
    ----------
    row : Primitive
        Of one or two operands.
    scope : mapping
        What the generated code calls: the rows' float functions by name, the class `Value`,
        `new` to make one without `__init__`, `build`, `operate` and `call`, the general path for
        methods, for operators and for calls, and `in_open_modes`, which is to see a node while
        `OPEN`.
    """
    from autograd.generated import code_of  # not before it is needed: importing stays light

    operands = [variable(name) for name in row.operand_names]
    rules = [QUICK(rule) for rule in row.rules]
    fields = dict(zip(("x", "y"), row.operand_names, strict=False))
    fields |= dict(zip(("by_x", "by_y"), rules, strict=False))
    fields["one_partial"] = _tuple(rules[0])
    fields["value"] = QUICK(Expression(row, tuple(operands)))
    fields["default"] = f"={row.defaults[-1]}" if row.defaults else ""
    listed = ", ".join(row.operand_names)
    fields |= {"given": f"{listed}{fields['default']}, /", "counted": ""}
    if row.otherwise is not None:
        counted = _COUNTED.format(arity=row.arity, names=f"[{listed}]")
        fields |= {"given": "*operands", "counted": counted}
    arity = row.arity or 0
    end = "operate(row, self, other)" if row.operator else "build(row, (self, other))"
    ways = [
        (_METHODS[arity], row.name, end),
        (_CALLS[arity], "__call__", "call(row, self, other)"),
    ]
    if arity == 2:
        ways += [(_REFLECTED, "__reflected__", "call(row, other, self)")]
    if arity == 2 and row.operator:
        ways += [(_REFLECTED, f"__r{row.operator}__", "operate(row, other, self)")]
    source = "".join(
        _filled(template, fields | {"name": name, "otherwise": otherwise})
        for template, name, otherwise in ways
    )
    filename = f"<autograd: generated from the row {row.name}>"
    names = dict(scope, row=row, forward=row.forward, __package__=__package__)
    exec(code_of(source, filename), names)  # our own table: no user's text is in it
    made = [name for name in names if name.startswith("value_")]
    return {name.removeprefix("value_"): names[name] for name in made}


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


def _filled(template: str, fields: dict[str, str]) -> str:
    """A template with its fields, and the making of the node at the place's own indentation."""
    for line in template.splitlines():
        place = line.strip()[1:-1]
        if place in _OPERANDS:
            operands, parents = _OPERANDS[place]
            indent = " " * (len(line) - len(line.lstrip()))
            node = ("\n" + indent).join(_NODE)
            same = "node.parents" if operands == parents else operands
            node = node.format(operands=operands, parents=parents, same=same)
            fields = fields | {place: node}
    return template.format(**fields)
