"""The fast ways to write a row down: a method of a traced Value for each, printed from the table.

They do what `Trace.written` does where nothing is special: no block but the trace is open, the
other operand is of this trace or a float that it has met.
"""

from __future__ import annotations

from typing import Any

from autograd.compiler.codes import CODES
from autograd.compiler.traced import Traced
from autograd.functions.calls import Primitive
from autograd.functions.operand import can_be_joined
from autograd.functions.rules import TABLE
from autograd.functions.surface import is_method
from autograd.generated import code_of
from autograd.graph.modes import MODES

_UNARY = """
def {name}(self):
    trace = self.trace
    if modes() is not trace.plain:
        return write(row_{row}, (self,))
    codes = trace.codes
    traced = Traced()
    traced.index = len(codes)
    traced.trace = trace
    codes.append({code})
    trace.operands.append(self.index)
    return traced
"""

_BINARY = """
def {name}(self, other{default}):
    trace = self.trace
    kind = type(other)
    if kind is Traced:
        j = other.index
        if other.trace is not trace:
            return write(row_{row}, {pair})
    elif kind is float or kind is int:
        try:
            j = trace.known[other]
        except KeyError:
            j = trace.literal(other)
    else:
        return join(row_{row}, {pair})
    if modes() is not trace.plain:
        return write(row_{row}, {pair})
    codes = trace.codes
    traced = Traced()
    traced.index = len(codes)
    traced.trace = trace
    codes.append({code})
    operands = trace.operands
    operands.append({first})
    operands.append({second})
    return traced
"""


def _write(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """Write a row down where something may be special."""
    return Traced.apply(row, *operands)


def _operator(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """The same of whatever a user joins by an operator."""
    joined = all(can_be_joined(row, x) for x in operands)
    return Traced.apply(row, *operands) if joined else NotImplemented


def _method(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """The same of whatever a user gives to a method."""
    return row(*operands)


def install() -> None:
    """Give traced Values the operators and methods of the table's rows."""
    for row in TABLE.values():
        if row.arity not in (1, 2) or row.predicate or row.integers or not row.method:
            continue
        names = [row.name, *row.aliases] if is_method(row) else []
        if names:
            _set(names, _made(row, row.name, _method, reflected=False))
        if row.operator:
            _set([f"__{row.operator}__"], _made(row, row.operator, _operator, reflected=False))
            if row.arity == 2:
                name = f"r{row.operator}"
                _set([f"__{name}__"], _made(row, name, _operator, reflected=True))


def _set(names: list[str], function: Any) -> None:
    """Give traced Values a function by some names."""
    for name in names:
        setattr(Traced, name, function)


def _made(row: Primitive, name: str, join: Any, reflected: bool) -> Any:
    """The function of a row, compiled so that a debugger can step through it."""
    pair = ["self", "other"]
    ends = ["self.index", "j"]
    if reflected:
        pair, ends = pair[::-1], ends[::-1]
    source = (_UNARY if row.arity == 1 else _BINARY).format(
        name=f"traced_{name}",
        row=row.name,
        code=CODES[row.name],
        default=f"={row.defaults[-1]}" if row.defaults else "",
        pair=f"({', '.join(pair)})",
        first=ends[0],
        second=ends[1],
    )
    filename = f"<autograd: traced {name}>"
    scope: dict[str, Any] = {
        "Traced": Traced, "modes": MODES.get, "write": _write, "join": join,
        f"row_{row.name}": row, "__name__": __name__, "__package__": __package__,
    }  # fmt: skip
    exec(code_of(source, filename), scope)  # our own table: no user's text is in it
    return scope[f"traced_{name}"]


install()
