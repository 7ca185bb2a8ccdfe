"""Value: a number that remembers its parents and its local partial derivatives."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from operator import countOf
from typing import TYPE_CHECKING, Any

from autograd.functions import rules
from autograd.functions.arrays import array_function, array_ufunc
from autograd.functions.primitives import Operand, Primitive
from autograd.graph import eager, micrograd
from autograd.graph.copying import deep_copy, reduced, shallow_copy
from autograd.graph.crossing import Crossing
from autograd.graph.joint import outputs
from autograd.graph.modes import MODES, OPEN
from autograd.graph.sweep import backward
from autograd.graph.variables import VARIABLES, noticed
from autograd.graph.watching.anomaly import blame_forward
from autograd.graph.watching.hooks import Hook, register_hook
from autograd.graph.watching.recording import Origin
from autograd.numbers.kinds import (
    as_number,
    convert,
    element,
    evaluate,
    is_number,
    unify,
    untrapped,
)
from autograd.numbers.libraries import is_complex

Notes = tuple[Any, Any, tuple[tuple[str, int], ...], list[Hook] | None]
_NO_NOTES: Notes = (None, None, (), None)
_NOTING = threading.RLock()  # held on one line, as `turns.SWEEPING` is


class Value(Operand):
    """A number that remembers its parents and its local partial derivatives.

    Arithmetic and the elementary functions on Values build a graph; `backward` sweeps it in
    reverse topological order and leaves in `grad` of every Value the derivative of the root by
    it.

    Parameters
    ----------
    data : float or another number
        int, bool and NumPy scalars become float; Fraction, Decimal, complex and mpmath's mpf
        and mpc are kept, and their gradients are of the same type. Where there is no finite
        answer a float, a complex number or one of mpmath's is inf or nan, a Decimal does as its
        context says, and a Fraction raises ZeroDivisionError (see `autograd.numbers.kinds`).
    label : str
        A name for drawings and messages.
    _children, _op
        Empty: a Value that comes from others is made by computing with them. They are there for
        programs written for micrograd, as are `_prev`, `_op` and `_backward`, read-only.

    Attributes
    ----------
    data : number
        The value.
    grad : number
        The gradient: the int 0 before the first sweep, and as long as only zeros would flow;
        leaves accumulate, interior Values are overwritten.
    parents : tuple of Value
        The Values that this one was computed from; empty for a leaf.
    partials : tuple of number
        The local partial derivative by each parent; a vector where a node stands for several
        outputs, as those of gradients of functions of many operands do (`autograd.graph.joint`).
    op : Primitive or None
        The elementary function, a row of `autograd.rules`; None for a leaf.
    operands : tuple
        Parents and literal numbers in the order of the function's operands.
    label : str
        The name.

    Raises
    ------
    TypeError
        If `data` is not a number, the label no str, or there are children.

    Examples
    --------
    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y + x**2
    >>> z.backward()
    >>> z.data, x.grad, y.grad
    (10.0, 7.0, 2.0)
    """

    # Two slots are not set on most nodes: `_label`, and `_notes`, the raw origin (code,
    # instruction, path of module calls) with the list of hooks.
    __slots__ = ("_label", "_notes", "data", "grad", "op", "operands", "parents", "partials")

    _label: str
    _notes: Notes
    data: Any
    grad: Any
    op: Primitive | None
    operands: tuple[Any, ...]
    parents: tuple[Value, ...]
    partials: tuple[Any, ...]

    def __init__(self, data: Any, label: str = "", _children: Any = (), _op: str = "") -> None:
        if type(data) is not float:
            if not is_number(data) and not is_number(data := element(data)):
                raise TypeError(_not_a_number(data))
            data = as_number(data)
        self.data = data
        self.grad = 0
        self.parents = self.partials = self.operands = ()
        self.op = None
        if label or _children or _op or type(label) is not str:
            self.label = micrograd.check_leaf(label, _children, _op)
        if VARIABLES:
            noticed(self)

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Any:
        """Compute an elementary function of Values and numbers, and remember it in a new Value."""
        fast = _FAST.get(primitive)
        if fast is None and primitive in _MAKERS:
            fast = method_of(primitive)
        if fast is not None and isinstance(operands[0], Value):
            return fast(*operands)
        return _build(primitive, operands)

    outputs = staticmethod(outputs)
    backward = backward
    register_hook = register_hook
    _prev, _op, _backward = micrograd.prev, micrograd.op, micrograd.backward

    @property
    def label(self) -> str:
        """The name for drawings and messages; empty unless one was given."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"the label of a Value is a str; got {label!r}")
        self._label = label

    @property
    def real(self) -> Any:
        """The real part; a real Value is its own."""
        return rules.real(self) if is_complex(type(self.data)) else self

    @property
    def imag(self) -> Any:
        """The imaginary part; of a real Value it is the number 0."""
        return rules.imag(self) if is_complex(type(self.data)) else type(self.data)(0)

    @property
    def hooks(self) -> list[Hook]:
        """The hooks that `register_hook` has added, in the order in which they run."""
        hooks = getattr(self, "_notes", _NO_NOTES)[-1]
        if hooks is None:
            with _NOTING: return self._with_hooks()  # fmt: skip  # noqa: E701
        return hooks

    def _with_hooks(self) -> list[Hook]:
        """The list of hooks, made now unless another thread came first."""
        *origin, hooks = getattr(self, "_notes", _NO_NOTES)
        if hooks is None:
            self._notes = (*origin, hooks := [])
        return hooks

    @property
    def origin(self) -> Origin | None:
        """Where the node was made, if that was inside `record()`."""
        code, instruction, path, _ = getattr(self, "_notes", _NO_NOTES)
        if code is None or isinstance(code, Origin):
            return code
        origin = Origin(code, instruction, path)
        with _NOTING: self._notes = (origin, None, (), getattr(self, "_notes")[-1])  # fmt: skip  # noqa: B009, E701
        return origin  # looked up once

    def zero_grad(self) -> None:
        """Set this Value's own gradient back to 0."""
        self.grad = 0

    def detach(self) -> Value:
        """Return a leaf with the same data: no gradient flows through it."""
        leaf = leaf_of(type(self), self.data)
        leaf.label = self.label
        return leaf

    # Comparisons look at the data, so that a program's branches go the right way; the hash is
    # the identity, so that Values can be members of sets and keys of dicts. What a number of any
    # type answers is Any to a type checker; a call of bool() would only cost time.
    def __eq__(self, other: object) -> bool:
        return self.data == number_of(other)  # type: ignore[no-any-return]

    def __ne__(self, other: object) -> bool:
        return self.data != number_of(other)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> bool:
        return self.data < number_of(other)  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> bool:
        return self.data <= number_of(other)  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> bool:
        return self.data > number_of(other)  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> bool:
        return self.data >= number_of(other)  # type: ignore[no-any-return]

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __and__(self, other: Any) -> Any:
        return NotImplemented  # conditions are bools; only formulas join them

    __rand__ = __and__

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        from autograd.lines import number_in_full  # not before it is needed

        unknown = type(self.grad) is int and not self.grad  # no sweep has left anything here
        try:
            grad = "?" if unknown else number_in_full(self.grad)
        except RecursionError:  # a Value may be its own gradient
            grad = "..."
        return f"Value(data={number_in_full(self.data)}, grad={grad}{label})"

    def __divmod__(self, other: Any) -> Any:
        quotient = _operate(rules.floor_divide, self, other)
        return quotient if quotient is NotImplemented else (quotient, self % other)

    def __rdivmod__(self, other: Any) -> Any:
        quotient = _operate(rules.floor_divide, other, self)
        return quotient if quotient is NotImplemented else (quotient, other % self)

    def __round__(self, digits: int | None = None) -> Any:
        operands = (self,) if digits is None else (digits, self)
        return _build(rules.rint if digits is None else rules.round_to, operands)

    __array_ufunc__, __array_function__ = array_ufunc, array_function
    __copy__, __deepcopy__ = shallow_copy, deep_copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return reduced(self)

    def _no_conversion(self) -> Any:
        raise TypeError(
            f"{self!r} does not turn into a plain number by itself, since its gradient would be "
            "lost: use autograd.exp(x) for math.exp(x) and so on, dtype=object for an array that "
            "is to hold it, and x.data for the number alone; a number of SymPy that stands before "
            "it has to be converted, as in float(n) * x"
        )

    __float__ = __int__ = __complex__ = _no_conversion

    if TYPE_CHECKING:  # the operators and methods that the table installs, for type checkers

        def _unary(self) -> Value: ...
        def _binary(self, other: Any) -> Value: ...

        __neg__ = __pos__ = __abs__ = __floor__ = __ceil__ = __trunc__ = _unary
        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _binary
        __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _binary
        __mod__ = __rmod__ = __pow__ = __rpow__ = _binary

        def __getattr__(self, name: str) -> Any: ...


new = object.__new__


def leaf_of(kind: type[Value], data: Any) -> Value:
    """Return a leaf of a subclass of Value, whose own `__init__` is not asked."""
    leaf = new(kind)
    Value.__init__(leaf, data)
    return leaf


def number_of(x: Any) -> Any:
    """Return the plain number of an operand."""
    return x.data if isinstance(x, Value) else x


_CONVERT = "convert it first, as in float(x)"


def _not_a_number(x: Any) -> str:
    """The message for something that a Value cannot hold, with the remedy."""
    single = hasattr(x, "__float__") and not hasattr(x, "shape")
    remedy = {
        "str": "convert the text first, as in Value(float(text))",
        "Value": "use the Value itself, or x.detach() for a leaf with the same data",
        "NoneType": "a function that gives None may lack its return",
    }.get(type(x).__name__, _CONVERT if single else "make one Value for each number in it")
    return f"a Value holds one number; got {x!r} ({type(x).__name__}): {remedy}"


def _floats(operands: Sequence[Any]) -> list[float]:
    """The floats of operands that are all Values of floats; none where one is not."""
    if countOf(map(type, operands), Value) < len(operands):
        return []
    numbers = [x.data for x in operands]
    return numbers if countOf(map(type, numbers), float) == len(numbers) else []


def _build(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a row to Values and numbers of any kind: the slow path."""
    floats = [] if primitive.arity else _floats(operands)
    if floats:
        out = primitive.forward(*floats)
        node = new(Value)
        node.data, node.grad, node.op = out, 0, primitive
        node.parents = node.operands = operands
        partials = primitive.partials(*floats, out=out)
        node.partials = tuple(map(float, partials))
        return in_open_modes(node) if OPEN else node
    for x in operands[primitive.integers :]:
        if not (isinstance(x, Value) or is_number(x)):
            if hasattr(x, "__array__"):
                return primitive(*operands)
            given = f"{x!r} ({type(x).__name__})"
            raise TypeError(f"{primitive.name} takes numbers and Values; got {given}")
    numbers = [number_of(x) for x in operands]
    if primitive.predicate:
        return evaluate(primitive, numbers)
    first = primitive.integers
    kind, numbers[first:] = unify(numbers[first:])
    out = evaluate(primitive, numbers)
    if primitive is rules.where:  # only the branch taken becomes a parent
        operands = tuple(
            x if i == (1 if operands[0] else 2) else number_of(x) for i, x in enumerate(operands)
        )
    active = [i for i, x in enumerate(operands) if isinstance(x, Value)]
    kinds = [type(operands[i]) for i in active if type(operands[i]) is not Value]
    node = leaf_of(kinds[0], out) if kinds else Value(out)
    node.op, node.operands = primitive, operands
    node.parents = operands if len(active) == len(operands) else tuple(operands[i] for i in active)
    if OPEN and not MODES.get().remembers:
        pass
    elif kind is float:
        found = _float_partials(primitive, active, numbers, out)
        node.partials = tuple([convert(partial, kind) for partial in found])
    else:
        node.partials = _partials(primitive, active, kind, numbers, out)
    return in_open_modes(node) if OPEN else node


def _float_partials(
    primitive: Primitive, active: list[int], numbers: list[float], out: float
) -> list[Any]:
    """The partials by some float operands; of three operands by the rules written out."""
    if primitive.arity == 3 and primitive.formulas and not primitive.integers:
        if primitive not in _WRITTEN_OUT:
            _WRITTEN_OUT[primitive] = eager.float_partials(primitive, _SCOPE)
        try:
            every = _WRITTEN_OUT[primitive](*numbers, out)
            return [every[i] for i in active]
        except (ArithmeticError, ValueError):
            pass  # the general path knows what IEEE 754 answers
    return primitive.partials_by(active, numbers, out)


def _partials(
    primitive: Primitive, active: list[int], kind: type, numbers: list[Any], out: Any
) -> tuple[Any, ...]:
    """The partials by some operands of a kind of their own."""
    over_complex = is_complex(kind)
    with untrapped(kind):
        found = primitive.partials_by(active, numbers, out, over_complex)
        partials = tuple([convert(partial, kind) for partial in found])
    crosses = primitive is rules.conjugate or not is_complex(type(out))
    return Crossing(partials) if over_complex and crosses else partials


def _operate(primitive: Primitive, x: Any, y: Any) -> Any:
    """Apply a binary operator; NotImplemented, for arrays and the like, lets the other side try."""
    for operand in (x, y):
        if not (isinstance(operand, Value) or is_number(operand)):
            if hasattr(operand, "is_number"):  # SymPy would take the float of the Value
                given = f"{operand!r} ({type(operand).__name__}): {_CONVERT}"
                raise TypeError(f"{primitive.name} takes numbers and Values; got {given}")
            return NotImplemented
    return _build(primitive, (x, y))


def in_open_modes(node: Value) -> Value:
    """Do with a new node what the modes that are open for this thread or task ask for."""
    remembers, recorder, watched, made = MODES.get()
    if made is not None:
        made[node] = None
    if recorder is not None:
        node._notes = recorder.note(sys._getframe(2))
        if watched:
            blame_forward(node)
    return node if remembers else leaf_of(type(node), node.data)


def _install(row: Primitive) -> None:
    """Give Value the operator and the methods of a row.

    Rows of one or two operands get generated source, made at the first call so that importing
    stays light; the others go the general path.
    """
    names = [row.name, *row.aliases] if row.name in rules.FUNCTIONS else []  # no inner rows
    names += [f"__{row.operator}__"] if row.operator else []
    reflected = f"__r{row.operator}__" if row.operator and row.arity == 2 else ""

    @cache
    def make() -> dict[str, Any]:
        made = eager.functions(row, _SCOPE)
        _FAST[row] = made[row.name]
        row.call_by(made["__call__"])
        set_methods(made[row.name], made.get(reflected), (stub, reflected_stub))
        return made

    def set_methods(method: Any, reflected_method: Any, before: tuple[Any, ...] = ()) -> None:
        method.__name__, method.__qualname__ = row.name, f"Value.{row.name}"
        method.__module__, method.__doc__ = Value.__module__, row.summary
        for name, function in [*((name, method) for name in names), (reflected, reflected_method)]:
            if name and (not before or vars(Value).get(name) in before):  # a user's own stays
                setattr(Value, name, function)

    def stub(self: Value, *others: Any) -> Any:
        return make()[row.name](self, *others)

    def reflected_stub(self: Value, other: Any) -> Any:
        return make()[reflected](self, other)

    if row.arity == 3:
        set_methods(lambda self, *others: _build(row, (self, *others)), None)
    else:
        _MAKERS[row] = make
        set_methods(stub, reflected_stub)


def method_of(row: Primitive) -> Callable[..., Any]:
    """Return the method of a row of one or two operands as a function, made now if need be."""
    method: Callable[..., Any] = _MAKERS[row]()[row.name]
    return method


_FAST: dict[Primitive, Any] = {}
_MAKERS: dict[Primitive, Any] = {}
_WRITTEN_OUT: dict[Primitive, Any] = {}
_SCOPE: dict[str, Any] = {name: row.forward for name, row in rules.TABLE.items()}
_SCOPE |= {"Value": Value, "new": new, "build": _build, "operate": _operate}
_SCOPE |= {"call": Primitive.__call__, "in_open_modes": in_open_modes, "OPEN": OPEN}
for _row in rules.TABLE.values():
    is_method = not (
        _row.predicate or _row.integers or _row in (rules.where, rules.real, rules.imag)
    )
    if _row.arity is not None and is_method:
        _install(_row)


if sys.platform == "emscripten":
    _waiting: list[Any] = []
    _releasing: list[None] = []

    def _release(self: Value) -> None:
        """Hand the parents to the outermost release, which lets them go one after the other."""
        if getattr(self, "operands", ()):  # none where __init__ refused the data
            _waiting.append(self.operands)
            self.parents = self.operands = ()
            if not _releasing:
                _releasing.append(None)
                try:
                    while _waiting:
                        _waiting.pop()  # bound to no name: that would keep it alive
                finally:
                    _releasing.clear()

    # A browser's stack is small, and CPython's guard against deep deallocation watches another
    # one: without this a chain of some 2,300 Values would overflow it when it is freed.
    Value.__del__ = _release  # type: ignore[attr-defined]  # (only here has it one)
