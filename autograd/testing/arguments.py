"""Arguments of a function: nested lists, tuples, dicts and arrays, seen as one list of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.arrays import value_array
from autograd.kinds import as_number, is_number
from autograd.primitives import Operand
from autograd.value import Value


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
        return [x for _, x in _leaves(self.structure, "args")]

    @property
    def names(self) -> list[str]:
        """Where each number stands, as an expression in `args`."""
        return [name for name, _ in _leaves(self.structure, "args")]

    def rebuilt(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """Return arguments of the same structure that hold other numbers, of any type."""
        supply = iter(numbers)
        return tuple(_filled(x, supply) for x in self.structure)


def numbers_in(structure: Any) -> list[Any]:
    """Return the numbers of a nested structure in order, as `Arguments.numbers` does."""
    return [x for _, x in _leaves(structure, "")]


def _is_leaf(x: Any) -> bool:
    """Whether something is a number to differentiate by."""
    return isinstance(x, Value) or (is_number(x) and type(x).__name__ not in ("bool", "bool_"))


def _is_array(x: Any) -> bool:
    """Whether something is a NumPy array, asked without importing NumPy."""
    return hasattr(x, "__array__") and hasattr(x, "reshape")


def _leaves(x: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The numbers of a structure, each with its name."""
    if _is_leaf(x):
        yield name, x.data if isinstance(x, Value) else as_number(x)
    elif _is_array(x):
        import numpy as np

        for place in np.ndindex(x.shape):
            yield from _leaves(x[place], f"{name}[{', '.join(map(str, place))}]")
    elif isinstance(x, (list, tuple)):
        for i, item in enumerate(x):
            yield from _leaves(item, f"{name}[{i}]")
    elif isinstance(x, dict):
        for key, item in x.items():
            yield from _leaves(item, f"{name}[{key!r}]")


def _filled(x: Any, supply: Iterator[Any]) -> Any:
    """A structure with its numbers replaced, in order."""
    if _is_leaf(x):
        return next(supply)
    if _is_array(x):
        import numpy as np

        out = np.empty(x.shape, object)
        for place in np.ndindex(x.shape):
            out[place] = _filled(x[place], supply)
        if all(type(item) is float for item in out.flat):
            return out.astype(float)
        return out.view(value_array()) if isinstance(out.flat[0], Operand) else out
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_filled(item, supply) for item in x))
    if isinstance(x, (list, tuple)):
        return type(x)(_filled(item, supply) for item in x)
    if isinstance(x, dict):
        return {key: _filled(item, supply) for key, item in x.items()}
    return x
