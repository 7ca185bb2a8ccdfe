"""Arguments taken apart: their numbers, and how they are put together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from autograd.transforms.trees import flatten, opened

_PLAIN = {float, int}


def read(tree: Any, found: list[Any], what: str = "the argument") -> Hashable:
    """Append the numbers of a tree to a list; return a key that tells how it is put together.

    Raises
    ------
    TypeError
        If something in it is neither a container nor a number.

    Examples
    --------
    >>> found = []
    >>> key = read([1.0, (2.0, {"a": 3.0})], found)
    >>> found, key == read([4, (5.0, {"a": 6})], []), key == read([4, (5, {"b": 6})], [])
    ([1.0, 2.0, 3.0], True, False)
    """
    kind = type(tree)
    if kind in _PLAIN:
        found.append(float(tree))
        return None
    if kind in (list, tuple) and _PLAIN.issuperset(map(type, tree)):
        found.extend(map(float, tree))
        return kind, len(tree), *[None] * len(tree)
    if (inside := opened(tree)) is not None:
        keys = [] if isinstance(tree, (list, tuple)) else inside.keys
        members = [read(x, found, what) for x in inside.members]
        return kind, len(members), *members, *keys
    numbers, _ = flatten(tree, what)
    found += numbers
    return ("array", *tree.shape) if hasattr(tree, "__array__") and hasattr(tree, "shape") else None


def names(tree: Any, name: str) -> Iterator[str]:
    """Yield a name for each number of a tree.

    Examples
    --------
    >>> list(names([1.0, {"a": (2.0,)}], "x"))
    ['x[0]', "x[1]['a'][0]"]
    """
    if (inside := opened(tree)) is not None:
        for key, member in zip(inside.keys, inside.members, strict=True):
            yield from names(member, f"{name}[{key!r}]")
    elif getattr(tree, "shape", ()):
        yield from (f"{name}[{i}]" for i in range(tree.size))
    else:
        yield name
