"""What a universal function of NumPy or SciPy is for Values: a row, or made of rows."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.operand import Operand, plain

# What NumPy itself does with objects by their operators, which keep ints and Fractions exact.
_BY_OPERATORS = ("add", "sub", "mul", "neg", "pos")
_OF_SCIPY = {  # functions that bear another name there
    "expit": rules.sigmoid,
    "log_expit": rules.log_sigmoid,
    "ndtr": rules.normal_cdf,
    "gammaln": rules.lgamma,
    "psi": rules.digamma,
}


@lru_cache(maxsize=256)  # programs make universal functions of their own, one after the other
def applied(ufunc: Any, method: str) -> tuple[Callable[..., Any] | None, Callable[..., Any]]:
    """The function of scalars for a universal function, if any, and the one of bare arrays."""
    import numpy as np

    if ufunc.__name__.startswith("logical_"):  # of objects they are Python's `and` and `or`
        return None, lambda *xs, **kwargs: getattr(ufunc, method)(
            *[np.asarray(x, bool) for x in xs], **kwargs
        )
    function = _function(ufunc)
    row = function if isinstance(function, Primitive) else None
    compares = row is not None and row.predicate and row.arity == 2
    if not function or compares or (row and row.operator in _BY_OPERATORS):
        if not any("O" in signature for signature in ufunc.types):
            raise TypeError(
                f"{ufunc.__name__} is known for floats only, not for Values: write it with the "
                "functions of autograd, or declare its derivative with autograd.primitive"
            )
        own = getattr(ufunc, method)  # of numbers it warns as NumPy does, but never of comparisons
        warns = row and not row.predicate
        return _operator(row) if row and row.operator else None, own if warns else _silent(own)
    if method == "reduce" and row in (rules.maximum, rules.minimum):
        return None, _reduction(rules.max if row is rules.maximum else rules.min)
    looped = getattr(np.frompyfunc(function, ufunc.nin, ufunc.nout), method)
    predicate = row.predicate if row else function is _signbit
    return _operator(row) if row and row.operator else function, _silent(looped, predicate)


def _operator(row: Primitive) -> Callable[..., Any]:
    """A row as Python's operator, which is fast with a literal on either side."""
    operate = getattr(operator, f"__{row.operator}__", row)

    def function(*xs: Any) -> Any:
        return operate(*xs) if any(isinstance(x, Operand) for x in xs) else row(*xs)

    return function


def _silent(function: Any, predicate: bool = False) -> Callable[..., Any]:
    """A universal function, as silent as the rows are about what is inf and nan."""
    import numpy as np

    def run(*operands: Any, **kwargs: Any) -> Any:
        if predicate and "out" in kwargs:
            kwargs["casting"] = "unsafe"  # of objects, which are bools, to bools
        with np.errstate(all="ignore"):
            result = function(*operands, **kwargs)
        return result.astype(bool) if predicate and isinstance(result, np.ndarray) else result

    return run


def _function(ufunc: Any) -> Callable[..., Any] | None:
    """The function of scalars that a universal function stands for: a row, or made of rows.

    A function of somebody else's that bears the name of a row is not taken for it.
    """
    import numpy as np

    name = ufunc.__name__
    row = rules.TABLE.get(name) or rules.ALIASES.get(name)
    if getattr(np, name, None) is ufunc:
        return _COMPOSED.get(name) or row
    if name == "clip" and "OOO->O" in ufunc.types:  # NumPy keeps its own to itself
        return row
    special = sys.modules.get("scipy.special")
    return (_OF_SCIPY.get(name) or row) if getattr(special, name, None) is ufunc else None


def _reduction(row: Primitive) -> Callable[..., Any]:
    """The `reduce` of a universal function by an n-ary row, which shares ties among all."""

    def reduce(
        array: Any, axis: Any = 0, out: Any = None, keepdims: bool = False, initial: Any = None,
        where: Any = True, **_: Any,
    ) -> Any:  # fmt: skip
        import numpy as np

        everywhere = np.broadcast_to(where, array.shape)
        kept = everywhere.any(axis, keepdims=True).shape  # NumPy reads the axes
        lanes = np.empty(kept, object)
        for place in np.ndindex(*kept):
            sides = zip(place, kept, array.shape, strict=True)
            lane = (*(k if new == old else slice(None) for k, new, old in sides), ...)
            numbers = array[lane][everywhere[lane]].tolist()
            lanes[place] = row(numbers if initial is None else [*numbers, initial])
        result = lanes.reshape(everywhere.any(axis, keepdims=keepdims).shape)
        if out is not None:
            out[0][...] = result
        return result if result.ndim else result[()]

    return reduce


def sinc(array: Any) -> Any:
    """NumPy's sinc of a bare array, with the derivatives that it has."""
    import numpy as np

    return _silent(np.frompyfunc(_sinc, 1, 1))(array)


def _sinc(x: Any) -> Any:
    """sin(pi*x)/(pi*x), near 0 by its series: NumPy's has a constant at 0, without derivative."""
    y = math.pi * x
    if not abs(plain(y)) < 0.125:
        return rules.divide(rules.sin(y), y)
    square, series = y * y, 1.0
    for n in (156, 110, 72, 42, 20, 6):
        series = 1 - square / n * series
    return series


def _signbit(x: Any) -> bool:
    """Whether the sign of a number is minus, as that of -0.0 is."""
    return math.copysign(1, plain(x)) < 0


def _but_nan(row: Primitive) -> Callable[[Any, Any], Any]:
    """The larger or the smaller of two operands, where nan is none."""
    return lambda x, y: y if x != x else x if y != y else row(x, y)


_COMPOSED: dict[str, Callable[..., Any]] = {
    "fmax": _but_nan(rules.maximum),
    "fmin": _but_nan(rules.minimum),
    "divmod": lambda x, y: (rules.floor_divide(x, y), rules.remainder(x, y)),
    "float_power": rules.power,
    "signbit": _signbit,
}
