"""Nested lists, tuples, dicts and NumPy arrays of numbers, as one flat list and back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from autograd.functions.arrays import array_of, check_array
from autograd.graph.value import Value
from autograd.numbers.kinds import is_number

Rebuild = Callable[[list[Any]], Any]
_FLAT = {float, int, Value}


def flatten(
    tree: Any, what: str = "the argument", scalars: bool = False
) -> tuple[list[Any], Rebuild]:
    """Return the numbers and Values in `tree`, and a function that puts others in their places.

    Lists, tuples (named ones too), dicts and arrays keep their kind; an array is rebuilt as a
    float array where all of its new elements are floats, else as one of objects.

    Parameters
    ----------
    tree : nested containers
    what : str
        How a message names the tree.
    scalars : bool
        An array without an axis is rebuilt as the number that it holds: so it is in results, which
        NumPy gives such arrays by chance.

    Raises
    ------
    TypeError
        If something in it is neither a container nor a number: bool and None are not numbers.
    """
    if isinstance(tree, Value) or (is_number(tree) and not _is_bool(tree)):
        return [tree], lambda leaves: leaves[0]
    if type(tree) in (list, tuple) and not {*map(type, tree)} - _FLAT:
        return [*tree], type(tree)  # a long list of numbers: no need to ask each
    if (inside := opened(tree)) is not None:
        return _joined([flatten(x, what, scalars) for x in inside.members], inside.make)
    if hasattr(tree, "__array__") and getattr(tree, "dtype", None) is not None:
        import numpy as np

        check_array(tree, what)
        tree = np.asarray(tree)
        leaves = tree.ravel().tolist()
        for leaf in leaves:
            flatten(leaf, what)
        if scalars and tree.shape == ():
            return leaves, lambda new: new[0]
        return leaves, lambda new: array(new, tree.shape)
    raise TypeError(
        f"{what} has to be a number, or a list, tuple, dict or array of numbers; "
        f"got {tree!r} ({type(tree).__name__})"
    )


class Opened(NamedTuple):
    """A list, tuple or dict taken apart: under which keys it has which members.

    Attributes
    ----------
    keys, members : sequence
    make : callable
        Puts other members, in a list, into a container of the same kind.
    """

    keys: Sequence[Any]
    members: Sequence[Any]
    make: Callable[[list[Any]], Any]


def opened(tree: Any) -> Opened | None:
    """Return the members of a list, tuple (a named one too) or dict; None for anything else.

    Examples
    --------
    >>> inside = opened({"w": 1.0, "b": 2.0})
    >>> inside.members, inside.make([3.0, 4.0])
    ([1.0, 2.0], {'w': 3.0, 'b': 4.0})
    """
    if isinstance(tree, Mapping):
        return Opened([*tree], [*tree.values()], lambda parts: _filled(tree, parts))
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return Opened(range(len(tree)), tree, lambda parts: type(tree)(*parts))
    if isinstance(tree, (list, tuple)):
        return Opened(range(len(tree)), tree, type(tree))
    return None


def _is_bool(x: Any) -> bool:
    """Whether a number is a truth value, Python's or NumPy's."""
    return isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"


def _filled(tree: Mapping[Any, Any], parts: list[Any]) -> Any:
    """A mapping of the same kind, a defaultdict for instance, with new values; a dict of a view."""
    if type(tree) is dict:
        return dict(zip(tree, parts, strict=True))
    new: Any = copy.copy(tree) if isinstance(tree, MutableMapping) else dict(tree)
    for key, part in zip(tree, parts, strict=True):
        new[key] = part
    return new


def array(parts: list[Any], shape: tuple[int, ...]) -> Any:
    """Return an array of a shape: of floats or complex numbers if the parts are, else of objects;
    with Values among them a `ValueArray`.

    Parts that are arrays themselves are put together into one array with more axes; where they
    are lists or dicts the result is a nested list.
    """
    import numpy as np

    if parts and all(isinstance(part, np.ndarray) for part in parts):
        return np.stack(parts).reshape(shape + parts[0].shape)
    if any(isinstance(part, (list, tuple, dict)) for part in parts):
        for size in reversed(shape[1:]):
            parts = [parts[i : i + size] for i in range(0, len(parts), size)]
        return parts
    return array_of(parts, shape)


def _joined(
    parts: list[tuple[list[Any], Rebuild]], make: Callable[[list[Any]], Any]
) -> tuple[list[Any], Rebuild]:
    """The flat list of several flat lists, and the way back."""
    sizes = [len(leaves) for leaves, _ in parts]

    def rebuild(new: list[Any]) -> Any:
        start, rebuilt = 0, []
        for size, (_, build) in zip(sizes, parts, strict=True):
            rebuilt.append(build(new[start : start + size]))
            start += size
        return make(rebuilt)

    return [leaf for leaves, _ in parts for leaf in leaves], rebuild
