"""Arrays of Values: the class that NumPy makes of them, and rows mapped over arrays and lists."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autograd.functions.operand import Operand, plain
from autograd.numbers.kinds import element, is_number


def __getattr__(name: str) -> Any:
    """Give pickle the class, which is made when the first array is, lest NumPy be imported."""
    if name == "ValueArray":
        return value_array()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def value_array() -> Any:
    """Return the class of arrays of Values."""
    with _MAKING: return _value_array()  # fmt: skip


_MAKING = threading.RLock()  # `cache` would let two threads make one each


@cache
def _value_array() -> Any:
    """Make the class."""
    import numpy as np

    class ValueArray(np.ndarray):
        """An array of Values, or of numbers and Values."""

        __array_priority__ = 1.0  # what is put together of several arrays is of this class too
        __array_ufunc__ = Operand.__array_ufunc__
        __array_function__ = Operand.__array_function__

        # To NumPy before 2.5 an array of objects has an imaginary part of zeros.
        @property  # type: ignore[misc]  # (of objects it cannot be written to)
        def real(self) -> Any:
            """The real part of each element."""
            return np.frompyfunc(lambda x: x.real, 1, 1)(self.view(np.ndarray)).view(ValueArray)

        @property  # type: ignore[misc]  # (of objects it cannot be written to)
        def imag(self) -> Any:
            """The imaginary part of each element."""
            return np.frompyfunc(lambda x: x.imag, 1, 1)(self.view(np.ndarray)).view(ValueArray)

        # Objects that are nan have no place in NumPy's order; floats have, so they are asked.
        def argsort(self, *args: Any, **kwargs: Any) -> Any:
            """The places of the elements in their order."""
            return numbers_in(self).argsort(*args, **kwargs)

        def argpartition(self, *args: Any, **kwargs: Any) -> Any:
            """The places of the elements on either side of some of them."""
            return numbers_in(self).argpartition(*args, **kwargs)

        def argmax(self, *args: Any, **kwargs: Any) -> Any:
            """The place of the largest element."""
            return numbers_in(self).argmax(*args, **kwargs)

        def argmin(self, *args: Any, **kwargs: Any) -> Any:
            """The place of the smallest element."""
            return numbers_in(self).argmin(*args, **kwargs)

        def sort(self, axis: Any = -1, *args: Any, **kwargs: Any) -> None:
            """Put the elements in order."""
            order = self.argsort(axis, *args, **kwargs)
            self[...] = np.take_along_axis(self, order, axis)

        def partition(self, kth: Any, axis: Any = -1, *args: Any, **kwargs: Any) -> None:
            """Put some elements where they are in the order, the others on either side."""
            order = self.argpartition(kth, axis, *args, **kwargs)
            self[...] = np.take_along_axis(self, order, axis)

        def __array_wrap__(self, array: Any, context: Any = None, scalar: bool = False) -> Any:
            if scalar or array.ndim == 0:
                return array[()]
            return array.view(type(self)) if array.dtype == object else np.asarray(array)

    ValueArray.__module__, ValueArray.__qualname__ = __name__, "ValueArray"
    return ValueArray


def elementwise(row: Any, operands: tuple[Any, ...]) -> Any:
    """Apply a row over arrays and lists, broadcast as NumPy does; without an axis it is one number.

    Raises
    ------
    TypeError
        If an operand is or holds something else than numbers and Values.
    """
    import numpy as np

    operands, scalar = tuple(map(element, operands)), True
    for x in operands:
        if isinstance(x, (list, tuple)):
            for kind in set(map(type, x)):
                check_array(kind, row.name)
        elif isinstance(x, Operand) or is_number(x):
            continue
        elif not _holds_numbers(x):
            raise TypeError(
                f"{row.name} takes numbers, Values, and arrays or lists of them; "
                f"got {x!r} ({type(x).__name__})"
            )
        else:
            check_array(x, row.name)
        scalar = False
    function: Callable[..., Any] = row if row.arity is not None else lambda *xs: row(xs)
    if scalar:
        return function(*operands)
    places = np.broadcast(*(np.asarray(x, object) for x in operands))
    return array_of([function(*xs) for xs in places], places.shape)


def array_of(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an array: of floats, complex numbers or bools if all are, else of objects; with Values
    among them a `ValueArray`.
    """
    import numpy as np

    kinds = set(map(type, numbers)) or {float}
    kind = kinds.pop() if kinds in ({float}, {complex}, {bool}) else object
    out: Any = np.fromiter(numbers, kind, len(numbers))  # which does not look into a Value
    values = any(issubclass(kind, Operand) for kind in kinds)
    return (out.view(value_array()) if values else out).reshape(shape)


def _holds_numbers(x: Any) -> bool:
    """Whether something is an array, of numbers or of objects."""
    import numpy as np

    is_array = hasattr(x, "__array__") and not isinstance(x, np.generic)
    return is_array and np.asarray(x).dtype.kind in "biufcO"


def check_array(x: Any, what: str) -> None:
    """Raise a TypeError for an array that has a mask, or holds no numbers but would give some."""
    if getattr(getattr(x, "dtype", None), "kind", "") in tuple("mMV"):
        raise TypeError(f"{what} takes arrays of numbers; got {x!r} of dtype {x.dtype}")
    if hasattr(x, "mask") and hasattr(x, "filled"):
        raise TypeError(
            f"{what} takes no masked array, whose mask would be lost: give x.filled(0.0) or "
            "x.compressed()"
        )


def numbers_in(array: Any) -> Any:
    """Return the numbers that an array of Values holds, as floats if all of them are."""
    import numpy as np

    array = np.asarray(array, object)
    return array_of([plain(x) for x in array.ravel().tolist()], array.shape)
