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
from functools import cache
from itertools import chain
from typing import Any

from autograd.functions import rules
from autograd.functions.arrays import numbers_in, value_array
from autograd.functions.operand import Operand, plain
from autograd.functions.ufuncs import applied, sinc
from autograd.numbers.kinds import as_number, is_number
from autograd.numbers.libraries import is_complex


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
        floats = function(numbers_in(args[0]), *args[1:], **kwargs)
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


def _holds_complex(args: tuple[Any, ...]) -> bool:
    """Whether the array among the arguments of a function holds complex numbers."""
    import numpy as np

    numbers = chain.from_iterable(np.asarray(x, object).ravel().tolist() for x in args[:1])
    return any(is_complex(getattr(x, "kind", None) or type(plain(x))) for x in numbers)


def install() -> None:
    """Give every kind of operand the answer to NumPy, which asks the class of an operand."""
    Operand.__array_ufunc__, Operand.__array_function__ = array_ufunc, array_function
