"""Arrays of Values: NumPy arrays of objects that know what their elements are.

To NumPy before 2.5 an array of objects has no imaginary part: `.imag` is an array of zeros, in
which a gradient would be lost without a word, and `.real` is the array itself. The arrays that
transforms hand to a function, and what NumPy makes of them, are of this class, which asks the
elements. What `np.array` and `np.asarray` make is bare: there, use `autograd.real` and
`autograd.imag`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from autograd.libraries import is_complex


def __getattr__(name: str) -> Any:
    """Give pickle the class, which is made when the first array is, lest NumPy be imported."""
    if name == "ValueArray":
        return value_array()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def value_array() -> Any:
    """Return the class of arrays of Values."""
    import numpy as np

    from autograd import rules

    class ValueArray(np.ndarray):
        """An array of Values, or of numbers and Values."""

        __array_priority__ = 1.0  # what is put together of several arrays is of this class too

        @property  # type: ignore[misc]  # (of objects it cannot be written to)
        def real(self) -> Any:
            """The real part of each element."""
            return np.frompyfunc(lambda x: x.real, 1, 1)(self)

        @property  # type: ignore[misc]
        def imag(self) -> Any:
            """The imaginary part of each element."""
            return np.frompyfunc(lambda x: x.imag, 1, 1)(self)

        def __array_wrap__(self, array: Any, context: Any = None, scalar: bool = False) -> Any:
            if scalar or array.ndim == 0:
                return array[()]
            return array.view(type(self)) if array.dtype == object else np.asarray(array)

        def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
            if function is np.angle:
                return rules.angle(*args, **kwargs)
            if function is np.linalg.norm and _holds_complex(args):
                raise TypeError(
                    "np.linalg.norm takes objects for real numbers, so that it would add squares "
                    "of complex ones, not of their sizes: use autograd.norm"
                )
            return known(super().__array_function__(function, types, args, kwargs))

    def known(result: Any) -> Any:
        """The result of a NumPy function, which may have forgotten the class."""
        if isinstance(result, (list, tuple)) and not hasattr(result, "_fields"):
            return type(result)(map(known, result))
        bare = type(result) is np.ndarray and result.dtype == object
        return result.view(ValueArray) if bare else result

    ValueArray.__module__, ValueArray.__qualname__ = __name__, "ValueArray"
    return ValueArray


def _holds_complex(args: tuple[Any, ...]) -> bool:
    """Whether the array among the arguments of a function holds complex numbers."""
    return any(is_complex(type(getattr(x, "data", x))) for x in args[0].ravel().tolist())
