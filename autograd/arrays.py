"""NumPy's functions of Values and of arrays of Values.

NumPy asks whatever is among the operands of one of its functions what the function is to be. A
Value answers, and so do the arrays that transforms hand to a function and what is computed from
them: a universal function, NumPy's or SciPy's, is the row of the table, for Values and for the
plain numbers beside them. So ties are shared, edges are those of the rows, and what NumPy could not
do with objects at all (erf, logaddexp, isnan) runs. What `np.array` and `np.asarray` make is bare:
NumPy asks nobody there, and does what it does with any objects.
"""

from __future__ import annotations

import cmath
import math
import operator
import sys
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from autograd import rules
from autograd.kinds import as_number, element, is_number
from autograd.libraries import is_complex
from autograd.primitives import Operand, Primitive

# What NumPy itself does with objects by their operators, which keep ints and Fractions exact.
_BY_OPERATORS = ("add", "sub", "mul", "neg", "pos", "gt", "lt")
_OF_SCIPY = {  # functions that bear another name there
    "expit": rules.sigmoid,
    "log_expit": rules.log_sigmoid,
    "ndtr": rules.normal_cdf,
    "gammaln": rules.lgamma,
    "psi": rules.digamma,
}


def __getattr__(name: str) -> Any:
    """Give pickle the class, which is made when the first array is, lest NumPy be imported."""
    if name == "ValueArray":
        return value_array()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def value_array() -> Any:
    """Return the class of arrays of Values."""
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
    function, applied = _applied(ufunc, method)
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
        result = applied(*[_bare(x) for x in inputs], **kwargs)
    except TypeError as error:
        if all(x is None or x.dtype == object for x in out):
            raise
        raise TypeError(
            f"an array of {out[0].dtype} cannot hold Values, their gradients would be lost: make "
            "it with dtype=object"
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
        x = np.vectorize(_sinc, otypes=[object])(_bare(*args, **kwargs))
        return _known(x) if x.ndim else x[()]
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
    return _known(np.ndarray.__array_function__(np.empty(0), function, (), args, kwargs))


@cache
def _has_its_own(kind: Any) -> bool:
    """Whether a type has an answer of its own to what a universal function is."""
    import numpy as np

    answer = getattr(kind, "__array_ufunc__", array_ufunc)
    return answer is not array_ufunc and answer is not np.ndarray.__array_ufunc__


@lru_cache(maxsize=256)  # programs make universal functions of their own, one after the other
def _applied(ufunc: Any, method: str) -> tuple[Callable[..., Any] | None, Callable[..., Any]]:
    """The function of scalars for a universal function, if any, and the one of bare arrays."""
    import numpy as np

    if ufunc.__name__.startswith("logical_"):  # of objects they are Python's `and` and `or`
        return None, lambda *xs, **kwargs: getattr(ufunc, method)(
            *(np.asarray(x, bool) for x in xs), **kwargs
        )
    function = _function(ufunc)
    row = function if isinstance(function, Primitive) else None
    if not function or (row and row.operator in _BY_OPERATORS):
        if not any("O" in signature for signature in ufunc.types):
            raise TypeError(
                f"{ufunc.__name__} is known for floats only, not for Values: write it with the "
                "functions of autograd, or declare its derivative with autograd.primitive"
            )
        own = getattr(ufunc, method)  # of numbers it warns as NumPy does, but never of comparisons
        warns = row and not row.predicate
        return _operator(row) if row else None, own if warns else _silent(own)
    if method == "reduce" and row in (rules.maximum, rules.minimum):
        return None, _reduction(rules.max if row is rules.maximum else rules.min)
    looped = getattr(np.frompyfunc(function, ufunc.nin, ufunc.nout), method)
    predicate = row.predicate if row else function in _PREDICATES.values()
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
        with np.errstate(all="ignore"):
            result = function(*operands, **kwargs)
        return result.astype(bool) if predicate and isinstance(result, np.ndarray) else result

    return run


def _scalar(x: Any) -> Any:
    """An operand that is one number or Value, also if NumPy made an array of it; else None."""
    if hasattr(x, "dtype"):
        if x.ndim or x.dtype.kind not in "biufcO":
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


def _function(ufunc: Any) -> Callable[..., Any] | None:
    """The function of scalars that a universal function stands for: a row, or made of rows.

    A function of somebody else's that bears the name of a row is not taken for it.
    """
    import numpy as np

    name = ufunc.__name__
    row = rules.TABLE.get(name) or _aliases().get(name)
    if getattr(np, name, None) is ufunc:
        return _COMPOSED.get(name) or row or _PREDICATES.get(name)
    if name == "clip" and "OOO->O" in ufunc.types:  # NumPy keeps its own to itself
        return row
    special = sys.modules.get("scipy.special")
    return (_OF_SCIPY.get(name) or row) if getattr(special, name, None) is ufunc else None


@cache
def _aliases() -> dict[str, Primitive]:
    """The rows by the names that NumPy has for them beside theirs."""
    return {alias: row for row in rules.TABLE.values() for alias in row.aliases}


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


def _question(name: str) -> Callable[[Any], bool]:
    """A question of `math` and `cmath` about a number, for the number that a Value holds."""

    def ask(x: Any) -> bool:
        x = _number(x)
        return bool(getattr(cmath if is_complex(type(x)) else math, name)(x))

    return ask


def _number(x: Any) -> Any:
    """The number that a Value holds, or a number itself."""
    return getattr(x, "data", x) if isinstance(x, Operand) else x


def _sinc(x: Any) -> Any:
    """sin(pi*x)/(pi*x), near 0 by its series: NumPy's has a constant at 0, without derivative."""
    y = math.pi * x
    if not abs(_number(y)) < 0.125:
        return rules.divide(rules.sin(y), y)
    square, series = y * y, 1.0
    for n in (156, 110, 72, 42, 20, 6):
        series = 1 - square / n * series
    return series


def _but_nan(row: Primitive) -> Callable[[Any, Any], Any]:
    """The larger or the smaller of two operands, where nan is none."""
    return lambda x, y: y if x != x else x if y != y else row(x, y)


_PREDICATES: dict[str, Callable[..., Any]] = {
    name: _question(name) for name in ("isnan", "isinf", "isfinite")
} | {"signbit": lambda x: math.copysign(1, _number(x)) < 0}
_COMPOSED: dict[str, Callable[..., Any]] = {
    "fmax": _but_nan(rules.maximum),
    "fmin": _but_nan(rules.minimum),
    "divmod": lambda x, y: (rules.floor_divide(x, y), rules.remainder(x, y)),
    "float_power": rules.power,
}


def _holds_complex(args: tuple[Any, ...]) -> bool:
    """Whether the array among the arguments of a function holds complex numbers."""
    import numpy as np

    numbers = chain.from_iterable(np.asarray(x, object).ravel().tolist() for x in args[:1])
    return any(is_complex(type(_number(x))) for x in numbers)
