"""Arguments of a function: nested lists, tuples, dicts and arrays, seen as one list of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Complex, Real
from typing import Any

from autograd.functions.arrays import value_array
from autograd.functions.operand import Operand
from autograd.graph.value import Value
from autograd.numbers.kinds import as_number, is_number
from autograd.testing.units import DOUBLE, FORMATS, Format
from autograd.transforms.trees import opened


def check_args(args: Any) -> None:
    """Refuse one argument in the place of a list of them."""
    if not isinstance(args, Iterable):
        raise TypeError(
            f"args is a list of the arguments, as in check_gradients(f, [x]); got {args!r} "
            f"({type(args).__name__})"
        )


def check_value(root: Any) -> None:
    """Refuse what is no root of a graph."""
    if not isinstance(root, Value):
        raise TypeError(f"a Value is needed, whose graph is checked; got {root!r}")


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call.

    Parameters
    ----------
    structure : tuple
        The positional arguments: real numbers and Values, and lists, tuples, dicts and NumPy
        arrays of them to any depth. Whatever else stands in them (text, truth values, None) is
        passed on as it is.

    Examples
    --------
    >>> a = Arguments(([1.0, 2.0], {"w": 3.0}, "mean"))
    >>> a.numbers
    [1.0, 2.0, 3.0]
    >>> a.names
    ['args[0][0]', 'args[0][1]', "args[1]['w']"]
    >>> a.rebuilt([4.0, 5.0, 6.0])
    ([4.0, 5.0], {'w': 6.0}, 'mean')
    """

    structure: tuple[Any, ...]

    @property
    def numbers(self) -> list[Any]:
        """The numbers in order; Values give their data, and ints become floats."""
        return [x for _, x in self._leaves]

    @property
    def names(self) -> list[str]:
        """Where each number stands, as an expression in `args`."""
        return [name for name, _ in self._leaves]

    @cached_property
    def _leaves(self) -> list[tuple[str, Any]]:
        """The numbers with their names."""
        return list(_leaves(self.structure, "args"))

    def form(self, name: str | None = None) -> Format:
        """Return the format of the floats in arrays; Python's floats go along with it.

        Parameters
        ----------
        name : str, optional
            What it has to be. Left out, it is what the arrays have, and float64 without any.

        Raises
        ------
        ValueError
            If there are several, or another one than `name`, or a number that it does not hold:
            nothing is cast in silence.
        """
        if name is not None and name not in FORMATS:
            raise ValueError(f"dtype is one of {', '.join(map(repr, FORMATS))}, not {name!r}")
        found = {kind: None for x in self.structure for kind in _kinds(x)}
        if len(found) > 1:
            raise ValueError(
                f"the arguments mix {' and '.join(sorted(found))}: cast them to one type yourself"
            )
        (have,) = found or (name or DOUBLE.name,)
        if name is not None and name != have:
            raise ValueError(
                f"dtype is {name!r}, but the arguments hold {have}: cast them yourself"
            )
        form = FORMATS[have]
        for where, x in self._leaves if form is not DOUBLE else ():
            if not form.holds(float(x)):
                raise ValueError(f"{where} = {x!r} is no {form.name}: pass {form.rounded(x)!r}")
        return form

    @property
    def has_arrays(self) -> bool:
        """Whether an array stands among the positional arguments."""
        return any(map(_is_array, self.structure))

    def rebuilt(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """Return arguments of the same structure that hold other numbers, of any type.

        Arrays of floats keep their type. From a NumPy vector they are cut out at once.
        """
        supply = _Supply(numbers)
        return tuple([_filled(x, supply) for x in self.structure])


class _Supply:
    """Numbers that are handed out in order."""

    def __init__(self, numbers: Any) -> None:
        self.is_vector = hasattr(numbers, "reshape")
        self.numbers = numbers.astype(float) if self.is_vector else numbers  # a copy to write in
        self.place = 0

    def next(self) -> Any:
        """The next one."""
        (x,) = self.take(1)
        return float(x) if self.is_vector else x

    def take(self, count: int) -> Any:
        """The next ones: a list, or a piece of the vector."""
        self.place += count
        return self.numbers[self.place - count : self.place]

    def cut(self, array: Any) -> Any:
        """The next ones of the vector, in the shape and precision of an array."""
        start, self.place = self.place, self.place + array.size
        piece = self.numbers[start : self.place].reshape(array.shape)
        return piece.astype(array.dtype) if _is_small(array) else piece


def numbers_in(structure: Any) -> list[Any]:
    """Return the numbers of a nested structure in order, as `Arguments.numbers` does."""
    return [x for _, x in _leaves(structure, "")]


def is_unreal(x: Any) -> bool:
    """Tell whether something is a complex number: Python's, NumPy's or mpmath's."""
    return type(x) is not float and isinstance(x, Complex) and not isinstance(x, Real)


def _is_leaf(x: Any) -> bool:
    """Whether something is a number to differentiate by."""
    return isinstance(x, Value) or (is_number(x) and type(x).__name__ not in ("bool", "bool_"))


def _is_array(x: Any) -> bool:
    """Whether something is a NumPy array, asked without importing NumPy."""
    return hasattr(x, "__array__") and hasattr(x, "reshape") and not _is_leaf(x)


def _kinds(x: Any) -> Iterator[str]:
    """The types of the floats in arrays and of NumPy's own numbers."""
    if hasattr(x, "dtype") and hasattr(x, "reshape"):
        kind = str(x.dtype).rpartition(".")[2]
        if "float" in kind:
            if kind not in FORMATS:
                raise ValueError(f"an array of {kind}: the kit knows {', '.join(FORMATS)}")
            yield kind
    elif (inside := opened(x)) is not None:
        for item in inside.members:
            yield from _kinds(item)


def _leaves(x: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The numbers of a structure, each with its name."""
    if _is_leaf(x):
        yield name, x.data if isinstance(x, Value) else as_number(x)
    elif _is_array(x):
        import numpy as np

        array = np.asarray(x)
        places = (
            f"{name}[{', '.join(map(str, place))}]" if place else name
            for place in np.ndindex(array.shape)
        )
        if array.dtype.kind in "fiu":
            yield from zip(places, array.astype(float).ravel().tolist(), strict=True)
        elif array.dtype.kind in "cO":
            for place, item in zip(places, array.ravel().tolist(), strict=True):
                yield from _leaves(item, place)
    elif (inside := opened(x)) is not None:
        for key, item in zip(inside.keys, inside.members, strict=True):
            yield from _leaves(item, f"{name}[{key!r}]")


def _filled(x: Any, supply: _Supply) -> Any:
    """A structure with its numbers replaced, in order."""
    if type(x).__name__ == "ndarray":
        return _filled_array(x, supply)
    if (inside := opened(x)) is not None:
        return inside.make([_filled(item, supply) for item in inside.members])
    if _is_leaf(x):
        item = supply.next()
        return type(x)(item) if _is_small(x) and type(item) is float else item
    return _filled_array(x, supply) if _is_array(x) else x


def _filled_array(x: Any, supply: _Supply) -> Any:
    """An array with its numbers replaced: one of floats, or of objects."""
    import numpy as np

    array = np.asarray(x)
    if array.dtype.kind in "fiu":
        if supply.is_vector:
            return supply.cut(array)
        items = supply.take(array.size)
    elif array.dtype.kind in "cO":
        items = [_filled(item, supply) for item in array.ravel().tolist()]
    else:
        return x
    if all(type(item) is float for item in items):
        kind = array.dtype if _is_small(array) else np.dtype(float)
        return np.array(items, kind).reshape(array.shape)
    if all(type(item) is complex for item in items):
        return np.array(items, complex).reshape(array.shape)
    out = np.empty(array.size, object)
    for place, item in enumerate(items):
        out[place] = item  # one by one: NumPy takes some numbers for sequences
    shaped: Any = out.reshape(array.shape)
    return shaped.view(value_array()) if len(items) and isinstance(items[0], Operand) else shaped


def _is_small(x: Any) -> bool:
    """Whether something of NumPy's holds floats of less than double precision."""
    kind: Any = getattr(x, "dtype", None)
    return kind is not None and kind.kind == "f" and bool(kind.itemsize < 8)
