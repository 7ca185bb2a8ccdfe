"""The operand of a trace: a Value of which the trace alone knows the number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.operand import can_be_joined
from autograd.graph.modes import MODES
from autograd.graph.value import Value
from autograd.lines import line

_HOUSE = ("autograd", "nn", "numpy")  # whose frames are not the user's


class TraceError(TypeError):
    """What a function does while it is traced that a program cannot do at each call."""


def user_frame() -> Any:
    """Return the innermost frame of the user's own code, if there is any."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        package = (frame.f_globals.get("__name__") or "").partition(".")[0]
        if package not in _HOUSE or frame.f_code.co_filename.startswith("<doctest"):
            return frame
        frame = frame.f_back
    return None


def place() -> str:
    """Return the line of the user's code that is running, for the end of a message."""
    import linecache

    frame = user_frame()
    if frame is None:
        return ""
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = line(linecache.getline(file, number), 100)
    return f"\n  in line {number} of {file}" + f": {text}" * bool(text)


_FREEZES = "the number that it has now would be frozen in the program"
_GRAPH = "a traced Value has no graph of its own"
_INSIDE = "take autograd.grad inside of what is compiled, or the compiled function's value_and_grad"


class Traced(Value):
    """A Value that stands for a scalar of the program that is being written.

    Attributes
    ----------
    index : int
        Which scalar.
    trace : Trace
        Who writes it.
    """

    __slots__ = ("index", "trace")
    level = 2  # where it meets another Value it says what comes of it
    kind = float  # of the number that nobody knows

    index: int
    trace: Any

    __init__ = object.__init__  # most are made where every nanosecond counts

    @staticmethod
    def apply(row: Primitive, /, *operands: Any) -> Any:
        """Write a row down."""
        return (MODES.get().trace or trace_of(operands)).written(row, operands)

    @staticmethod
    def outputs(row: Primitive, operands: Any, out: Any) -> list[Any]:  # noqa: ARG004  (as for others)
        """Write all f(i, *operands) down."""
        return [row(i, *operands) for i in range(len(operands))]

    def _refuse(self, what: str, remedy: str) -> NoReturn:
        """Raise for what no program does."""
        refuse: Callable[[str, str], NoReturn] = self.trace.refuse
        refuse(what, remedy)

    def _number(self, what: str) -> NoReturn:
        """Raise for what asks for the number."""
        self._refuse(
            what,
            f"{_FREEZES}; operators and the functions of autograd compute with it, x.detach() is "
            "without its gradient, where() and maximum() choose by it, and what is the same at "
            "each call belongs outside of the arguments",
        )

    @property
    def real(self) -> Any:
        """The real part: all are floats."""
        return self

    @property
    def imag(self) -> Any:
        """The imaginary part: all are floats."""
        return 0.0

    def __float__(self) -> float:
        self._number("float()")

    def __int__(self) -> int:
        self._number("int()")

    def __complex__(self) -> complex:
        self._number("complex()")

    def __index__(self) -> int:
        self._refuse(
            "an index",
            f"{_FREEZES}; autograd.pick(xs, i) takes the element of a list, and a count that is "
            "the same at each call belongs outside of the arguments",
        )

    def __format__(self, specification: str) -> str:
        if specification:
            self._number("formatting")
        return repr(self)

    def __repr__(self) -> str:
        return f"<traced Value {self.index}>"  # no number, so that nothing is frozen

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: Any) -> Traced:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self._refuse("pickling", _GRAPH)

    def backward(self, *_: Any, **__: Any) -> None:
        """Refuse: a program has no graph to sweep."""
        self._refuse("backward()", _INSIDE)

    def register_hook(self, function: Any) -> NoReturn:  # noqa: ARG002  (there is none)
        """Refuse: nothing sweeps a program."""
        self._refuse("a hook", "nothing sweeps what is compiled: change the gradient afterwards")

    def zero_grad(self) -> None:
        """Refuse: a program has no gradients that add up."""
        self._refuse("zero_grad()", _INSIDE)

    def __bool__(self) -> bool:
        truth: bool = self.trace.decided(self)
        return truth


def trace_of(operands: Any) -> Any:
    """Return the trace of the first operand that has one; it has ended, or is another thread's."""
    return next(x.trace for x in operands if isinstance(x, Traced))


def _attribute(name: str, remedy: str) -> property:
    """An attribute of Values that no traced one has."""

    def get(self: Traced) -> NoReturn:
        if name == "data":
            self._number(".data")
        self._refuse(f".{name}", remedy)

    def put(self: Traced, _: Any) -> NoReturn:
        self._refuse(f"setting .{name}", remedy)

    return property(get, put, doc="Refuse.")


for _name, _remedy in (
    ("data", "what a function computes with cannot be changed: return it"),
    ("grad", _INSIDE),
    *((name, _GRAPH) for name in ("op", "operands", "parents", "partials")),
):
    setattr(Traced, _name, _attribute(_name, _remedy))


class Condition(Traced):
    """The outcome of a comparison: a guard if its truth is asked for, else an operand."""

    __slots__ = ()

    def __int__(self) -> int:
        return int(bool(self))

    __index__ = __int__

    def __float__(self) -> float:
        return float(bool(self))

    def __and__(self, other: Any) -> Any:
        return self.apply(rules.both, self, other) if _is_truth(other) else NotImplemented

    def __or__(self, other: Any) -> Any:
        if not _is_truth(other):
            return NotImplemented
        return _not(self.apply(rules.both, _not(self), _not(other)))

    def __xor__(self, other: Any) -> Any:
        return self.apply(rules.not_equal, self, other) if _is_truth(other) else NotImplemented

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__


def _is_truth(x: Any) -> bool:
    """Whether it is a condition, traced or known."""
    return isinstance(x, (Condition, bool))


def _not(x: Any) -> Any:
    """The opposite of a condition."""
    return rules.equal(x, 0.0) if isinstance(x, Traced) else not x


def _comparison(row: Primitive) -> Any:
    """A comparison with a number or a Value; of anything else Python knows what it is."""

    def compare(self: Traced, other: Any) -> Any:
        return self.apply(row, self, other) if can_be_joined(row, other) else NotImplemented

    return compare


COMPARISONS = {
    "==": rules.equal, "!=": rules.not_equal, "<": rules.less, "<=": rules.less_equal,
    ">": rules.greater, ">=": rules.greater_equal,
}  # fmt: skip
for _name, _row in zip(("eq", "ne", "lt", "le", "gt", "ge"), COMPARISONS.values(), strict=True):
    setattr(Traced, f"__{_name}__", _comparison(_row))
Traced.__hash__ = Value.__hash__
