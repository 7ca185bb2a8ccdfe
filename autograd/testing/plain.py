"""Plain numbers that look like Values: they compute, and remember nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd.functions.calls import Primitive, evaluate
from autograd.functions.operand import Operand
from autograd.functions.operand import plain as number_of
from autograd.functions.rules import TABLE
from autograd.numbers.libraries import is_complex


class Plain(Operand):
    """A number of any type, with the operators and methods of a Value but no graph.

    An oracle evaluates functions on them: nothing of the sweep and of the rules for
    derivatives is touched. Like a Value it refuses to become a float in silence.

    Parameters
    ----------
    data : number

    Examples
    --------
    >>> from fractions import Fraction
    >>> x = Plain(Fraction(1, 3))
    >>> (x * x + 1).data
    Fraction(10, 9)
    """

    __slots__ = ("data",)
    level = 2

    def __init__(self, data: Any) -> None:
        self.data = data

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Any:
        """Compute an elementary function."""
        out = computed(primitive, [number_of(x) for x in operands])
        return out if primitive.predicate else Plain(out)

    @property
    def real(self) -> Any:
        """The real part, which is no method of a number."""
        return self.apply(TABLE["real"], self) if is_complex(type(self.data)) else self

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return self.apply(TABLE["imag"], self)

    @property
    def _mpmath_(self) -> Callable[..., Any]:
        """What mpmath's functions ask for, so that they take these numbers.

        Its operators ask as well: they are told that there is nothing, and leave the operation to
        the other side, which is this class.
        """
        caller, above = sys._getframe(1), sys._getframe(2)
        of_operators = {caller.f_code.co_name, above.f_code.co_name} & _OPERATORS
        if hasattr(self.data, "_mpf_") and not of_operators:
            return self._handed
        raise AttributeError("_mpmath_")

    def _handed(self, *_: Any) -> Any:
        """The number, for one of mpmath's functions."""
        return self.data

    def __eq__(self, other: object) -> bool:
        return bool(self.data == number_of(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.data < number_of(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.data <= number_of(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.data > number_of(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.data >= number_of(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        return f"Plain({self.data!r})"

    def _no_conversion(self) -> Any:
        raise TypeError(f"{self!r} does not turn into a float by itself")

    __float__ = __int__ = __complex__ = _no_conversion


class Recalled(Plain):
    """A plain number that recalls what it met: no function is computed twice of the same numbers.

    An oracle evaluates a function at many points that share most of their numbers.

    Parameters
    ----------
    data : number
    known : dict
        What rows of numbers of mpmath are, at their precision.

    Examples
    --------
    >>> import mpmath
    >>> from autograd import exp
    >>> known = {}
    >>> y = exp(Recalled(mpmath.mpf(1), known)) - exp(Recalled(mpmath.mpf(1), known))
    >>> y.data, len(known)
    (mpf('0.0'), 1)
    """

    __slots__ = ("known",)

    def __init__(self, data: Any, known: dict[tuple[Any, ...], Any]) -> None:
        super().__init__(data)
        self.known = known

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Any:
        """Compute an elementary function, or recall it; an operator costs less than to look."""
        known = next(x.known for x in operands if isinstance(x, Recalled))
        numbers = [number_of(x) for x in operands]
        bits = next((x.context.prec for x in numbers if hasattr(x, "_mpf_")), None)
        if primitive.operator or bits is None:
            out = computed(primitive, numbers)
        else:
            key = (primitive, bits, *numbers)
            if key not in known:
                known[key] = computed(primitive, numbers)
            out = known[key]
        return out if primitive.predicate else Recalled(out, known)


def computed(primitive: Primitive, numbers: Sequence[Any]) -> Any:
    """Return an elementary function of plain numbers: nan at poles, where mpmath raises.

    A program may look at a pole and choose another branch.
    """
    try:
        return evaluate(primitive, numbers)
    except (ZeroDivisionError, ValueError):
        kinds = [x for x in numbers if hasattr(x, "_mpf_")]
        if not kinds:
            raise
        return kinds[0].context.nan


_OPERATORS = {  # where mpmath converts the other operand of one
    "mpf_convert_rhs", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__",
    "__truediv__", "__rtruediv__", "__pow__", "__rpow__", "__mod__", "__rmod__", "__eq__",
}  # fmt: skip
