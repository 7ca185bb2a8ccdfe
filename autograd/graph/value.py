"""Value: a number that remembers its parents and its local partial derivatives."""

from __future__ import annotations

import sys
from typing import Any

from autograd.functions import dispatch, rules
from autograd.functions.calls import Primitive
from autograd.graph import eager, micrograd, releasing
from autograd.graph.build import build, operate
from autograd.graph.copying import deep_copy, detach, reduced, shallow_copy
from autograd.graph.joint import outputs
from autograd.graph.methods import Methods
from autograd.graph.modes import OPEN
from autograd.graph.node import Node
from autograd.graph.sweep import backward
from autograd.graph.twins import in_c
from autograd.graph.watching.hooks import register_hook
from autograd.graph.watching.listening import compared
from autograd.numbers.libraries import is_complex
from autograd.numbers.text import in_full


@in_c
class Value(Node, Methods):
    """A number that remembers its parents and its local partial derivatives.

    Arithmetic and the elementary functions on Values build a graph; `backward` sweeps it in
    reverse topological order and sets the `grad` of every Value in the graph to the derivative of
    the root with respect to it.

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
        The local partial derivative with respect to each parent; a vector where a node stands for
        several outputs, as gradients of functions of many operands do (`autograd.graph.joint`).
    op : Primitive or None
        The elementary function, a row of `autograd.functions.rules`; None for a leaf.
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

    __slots__ = ()

    @staticmethod
    def apply(row: Primitive, /, *operands: Any) -> Any:
        """Compute an elementary function of Values and numbers, and remember it in a new Value."""
        fast = eager.FAST.get(row) or eager.method_of(row)
        if fast is not None and isinstance(operands[0], Value):
            return fast(*operands)
        return build(row, operands)

    outputs = staticmethod(outputs)
    backward = backward
    detach = detach
    register_hook = register_hook
    _prev, _op, _backward = micrograd.prev, micrograd.op, micrograd.backward

    @property
    def real(self) -> Any:
        """The real part; a real Value is its own."""
        return rules.real(self) if is_complex(type(self.data)) else self

    @property
    def imag(self) -> Any:
        """The imaginary part; of a real Value it is the number 0."""
        return rules.imag(self) if is_complex(type(self.data)) else type(self.data)(0)

    def zero_grad(self) -> None:
        """Set this Value's own gradient back to 0."""
        self.grad = 0

    # Comparisons look at the data, so that a program's branches go the right way; the hash is
    # the identity, so that Values can be members of sets and keys of dicts. What a number of any
    # type answers is Any to a type checker; a call of bool() would only cost time.
    def __eq__(self, other: object) -> bool:
        answer: bool = self.data == (other.data if isinstance(other, Node) else other)
        return compared("==", self, other, answer) if OPEN else answer

    def __ne__(self, other: object) -> bool:
        answer: bool = self.data != (other.data if isinstance(other, Node) else other)
        return compared("!=", self, other, answer) if OPEN else answer

    def __lt__(self, other: Any) -> bool:
        answer: bool = self.data < (other.data if isinstance(other, Node) else other)
        return compared("<", self, other, answer) if OPEN else answer

    def __le__(self, other: Any) -> bool:
        answer: bool = self.data <= (other.data if isinstance(other, Node) else other)
        return compared("<=", self, other, answer) if OPEN else answer

    def __gt__(self, other: Any) -> bool:
        answer: bool = self.data > (other.data if isinstance(other, Node) else other)
        return compared(">", self, other, answer) if OPEN else answer

    def __ge__(self, other: Any) -> bool:
        answer: bool = self.data >= (other.data if isinstance(other, Node) else other)
        return compared(">=", self, other, answer) if OPEN else answer

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        answer = bool(self.data)
        return compared("bool", self, None, answer) if OPEN else answer

    def __and__(self, other: Any) -> Any:
        return NotImplemented  # conditions are bools; only formulas join them

    __rand__ = __and__

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        unknown = type(self.grad) is int and not self.grad  # no sweep has left anything here
        try:
            grad = "?" if unknown else in_full(self.grad)
        except RecursionError:  # a Value may be its own gradient
            grad = "..."
        return f"Value(data={in_full(self.data)}, grad={grad}{label})"

    def __divmod__(self, other: Any) -> Any:
        quotient = operate(rules.floor_divide, self, other)
        return quotient if quotient is NotImplemented else (quotient, self % other)

    def __rdivmod__(self, other: Any) -> Any:
        quotient = operate(rules.floor_divide, other, self)
        return quotient if quotient is NotImplemented else (quotient, other % self)

    def __round__(self, digits: int | None = None) -> Any:
        operands = (self,) if digits is None else (digits, self)
        return build(rules.rint if digits is None else rules.round_to, operands)

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


dispatch.install()
eager.install(Value)
if sys.platform == "emscripten":
    releasing.install(Value)
