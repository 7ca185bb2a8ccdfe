"""NumPy's functions of Values and of arrays of Values.

NumPy asks whatever is among the operands of one of its functions what the function is to be. A
Value answers, and so do the arrays that transforms hand to a function and what is computed from
them: a universal function, NumPy's or SciPy's, is the row of the table, for Values and for the
plain numbers beside them. So ties are shared, edges are those of the rows, and what NumPy could not
do with objects at all (erf, logaddexp, isnan) runs. What `np.array` and `np.asarray` make is bare:
NumPy asks nobody there, and does what it does with any objects.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from autograd.functions import rules
from autograd.functions.primitives import Operand, Primitive
from autograd.functions.ufuncs import applied, plain, sinc
from autograd.numbers.kinds import as_number, element, is_number
from autograd.numbers.libraries import is_complex


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
        __array_ufunc__ = array_ufunc
        __array_function__ = array_function  # type: ignore[assignment]

        # To NumPy before 2.5 an array of objects has an imaginary part of zeros.
        @property  # type: ignore[misc]  # (of objects it cannot be written to)
        def real(self) -> Any:
            """The real part of each element."""
            return np.frompyfunc(lambda x: x.real, 1, 1)(self.view(np.ndarray)).view(ValueArray)

        @property  # type: ignore[misc]
        def imag(self) -> Any:
            """The imaginary part of each element."""
            return np.frompyfunc(lambda x: x.imag, 1, 1)(self.view(np.ndarray)).view(ValueArray)

        # Objects that are nan have no place in NumPy's order; floats have, so they are asked.
        def argsort(self, *args: Any, **kwargs: Any) -> Any:
            """The places of the elements in their order."""
            return _numbers(self).argsort(*args, **kwargs)

        def argpartition(self, *args: Any, **kwargs: Any) -> Any:
            """The places of the elements on either side of some of them."""
            return _numbers(self).argpartition(*args, **kwargs)

        def argmax(self, *args: Any, **kwargs: Any) -> Any:
            """The place of the largest element."""
            return _numbers(self).argmax(*args, **kwargs)

        def argmin(self, *args: Any, **kwargs: Any) -> Any:
            """The place of the smallest element."""
            return _numbers(self).argmin(*args, **kwargs)

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


def elementwise(row: Primitive, operands: tuple[Any, ...]) -> Any:
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


def array_ufunc(_: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What a universal function is where a Value or an array of them is among its operands."""
    out = kwargs.get("out", ())
    for kind in map(type, (*inputs, *out)):
        if _has_its_own(kind):
            return NotImplemented
    function, looped = applied(ufunc, method)
    if not kwargs and method == "__call__" and function:
        scalars = [y for x in inputs if (y := _scalar(x)) is not None]
        if len(scalars) == len(inputs):
            result = function(*scalars)
            # np.quantile asks for an array, by `out=...`, of which NumPy tells nobody.
            quantile = sys._getframe(1).f_code.co_name == "_lerp"
            return _known(_bare(result)) if quantile else result
    if out:
        kwargs["out"] = tuple([_bare(x) for x in out])
    try:
        result = looped(*[_bare(x) for x in inputs], **kwargs)
    except TypeError as error:
        kinds = [x.dtype for x in out if x is not None and x.dtype != object]
        if not kinds:
            raise
        raise TypeError(
            f"an array of {kinds[0]} cannot hold Values, their gradients would be lost: make it "
            "with dtype=object"
        ) from error
    if out:
        return out[0] if len(out) == 1 else out
    return _known(result)


def array_function(_: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """What another function of NumPy is where a Value or an array of them is among its operands."""
    import numpy as np

    if not all(issubclass(kind, (np.ndarray, Operand)) for kind in types):
        return NotImplemented
    if function is np.sinc:
        return _known(sinc(_bare(*args, **kwargs)))
    if function is np.angle:
        return rules.angle(*args, **kwargs)
    if function is np.linalg.norm and _holds_complex(args):
        raise TypeError(
            "np.linalg.norm takes objects for real numbers, so that it would add squares "
            "of complex ones, not of their sizes: use autograd.norm"
        )
    if function is np.result_type:
        args = tuple(np.dtype(object) if isinstance(x, Operand) else x for x in args)
    # With no types to ask, an array's own answer is to run NumPy's code.
    try:
        result = _known(np.ndarray.__array_function__(np.empty(0), function, (), args, kwargs))
    except TypeError as error:
        if "linalg" not in str(function.__module__):
            raise
        raise TypeError(
            f"np.linalg.{function.__name__} computes with floats only: write it with operators, or "
            "declare its derivative with autograd.primitive; where it is to be the truth of a "
            "check, mpmath has it for matrices (mpmath.det, mpmath.lu_solve of mpmath.matrix(x))"
        ) from error
    of_values = bool(args) and isinstance(args[0], (value_array(), Operand))
    if of_values and function in (np.median, np.quantile, np.percentile, np.nan_to_num):
        # These look for nan in floats only.
        floats = function(_numbers(args[0]), *args[1:], **kwargs)
        if function is np.nan_to_num:
            return np.where(np.isfinite(args[0]), result, floats)
        return np.where(np.isnan(floats), result * math.nan, result)[()]
    return result


@cache
def _has_its_own(kind: Any) -> bool:
    """Whether a type has an answer of its own to what a universal function is."""
    import numpy as np

    answer = getattr(kind, "__array_ufunc__", array_ufunc)
    return answer is not array_ufunc and answer is not np.ndarray.__array_ufunc__


def _scalar(x: Any) -> Any:
    """An operand that is one number or Value, also if NumPy made an array of it; else None."""
    if hasattr(x, "dtype"):
        if x.ndim or x.dtype.kind not in "biufcO" or hasattr(x, "mask"):
            return None
        x = x.item()
        x = as_number(x) if hasattr(x, "dtype") else x  # a longdouble is its own item
    return x if isinstance(x, Operand) or is_number(x) else None


def _bare(x: Any) -> Any:
    """An operand about which NumPy asks nobody."""
    import numpy as np

    if isinstance(x, Operand):
        array = np.empty((), object)
        array[()] = x
        return array
    return x.view(np.ndarray) if isinstance(x, value_array()) else x


def _known(result: Any) -> Any:
    """The result of a NumPy function, which may have forgotten the class."""
    import numpy as np

    if isinstance(result, (list, tuple)) and not hasattr(result, "_fields"):
        return type(result)(map(_known, result))
    bare = type(result) is np.ndarray and result.dtype == object
    return result.view(value_array()) if bare else result


def _numbers(array: Any) -> Any:
    """The numbers that an array of Values holds, as floats if all of them are."""
    import numpy as np

    array = np.asarray(array, object)
    return array_of([plain(x) for x in array.ravel().tolist()], array.shape)


def _holds_complex(args: tuple[Any, ...]) -> bool:
    """Whether the array among the arguments of a function holds complex numbers."""
    import numpy as np

    numbers = chain.from_iterable(np.asarray(x, object).ravel().tolist() for x in args[:1])
    return any(is_complex(type(plain(x))) for x in numbers)
