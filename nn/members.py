"""The search below a module: which holders are looked into, in which order, under which keys."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import partial, singledispatch
from typing import Any

from autograd.graph.value import Value
from nn.trail import Trail

Link = tuple[Any, ...]  # the way to a member: (the way to its holder, its key), () for the root
Pairs = Iterable[tuple[Any, Any]]
Kinds = type | tuple[type, ...]

PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
NOTHING: Pairs = ()


def search(root: Any, wanted: Kinds, read: list[Any] | None = None) -> Iterator[tuple[Link, Any]]:
    """Yield what is wanted at `root` and below it: in order, each once, with its way there.

    What was looked into below the root is added to `read`.

    Raises
    ------
    TypeError
        If something wanted is found only as a member of a set or a key of a dict, where it has
        no place in an order and no name.
    """
    seen = {id(root)}
    # What was made for the search stays alive, so that nothing takes its id.
    kept = [] if read is None else read
    loose: list[tuple[Any, str]] = []
    if isinstance(root, wanted):
        yield (), root
    stack: list[tuple[Link, Iterator[tuple[Any, Any]]]] = [((), iter(members(root)))]
    while stack:
        way, pairs = stack[-1]
        for key, member in pairs:
            if type(member) in PLAIN or id(member) in seen:
                continue
            if isinstance(member, wanted):
                seen.add(id(member))
                yield (way, key), member
            if isinstance(member, Value):
                continue
            inside = members(member)
            if inside is NOTHING and not isinstance(member, Set):
                continue
            seen.add(id(member))
            kept.append(member)
            if isinstance(member, Mapping | Set):  # its keys, or its members
                loose += [(found, path((way, key))) for found in _within(member, wanted)]
            if inside is not NOTHING:
                stack.append(((way, key), iter(inside)))
                break
        else:
            stack.pop()
    for found, name in loose:
        if id(found) not in seen:
            raise TypeError(
                f"{name} holds a {type(found).__name__} in a set or as a key, where it has no "
                "place in an order; put it into a list, or under a key of a dict"
            )


def path(way: Link) -> str:
    """Return the dotted path of a way, which is put together only where it is asked for."""
    keys = []
    while way:
        way, key = way
        keys.append(str(key))
    return ".".join(reversed(keys))


def attributes(holder: Any) -> dict[str, Any]:
    """Return the attributes of an object in the order in which they were set, then its slots."""
    own = getattr(holder, "__dict__", {})
    found = {name: member for name, member in own.items() if type(member) is not Trail}
    found.update((x, getattr(holder, x)) for x in slots(type(holder)) if hasattr(holder, x))
    return found


def slots(kind: type) -> list[str]:
    """Return the names of the slots that a class and its bases have, the bases' first."""
    found = []
    for base in reversed(kind.__mro__):
        own = vars(base).get("__slots__", ())
        for name in [own] if isinstance(own, str) else own:
            hidden = name.startswith("__") and not name.endswith("__")
            found.append(f"_{base.__name__.lstrip('_')}{name}" if hidden else name)
    return [name for name in found if name not in ("__dict__", "__weakref__")]


@singledispatch
def members(holder: Any) -> Pairs:
    """Return what a holder holds, each with its key; `NOTHING`, if it is not looked into."""
    if dataclasses.is_dataclass(holder) and not isinstance(holder, type):
        return attributes(holder).items()
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(holder, numpy.ndarray) and holder.dtype == object and holder.ndim:
        return enumerate(holder.tolist())
    return NOTHING


@members.register(list)
@members.register(tuple)
@members.register(deque)
@members.register(UserList)
@members.register(type({}.values()))
@members.register(type({}.items()))
def _in_order(holder: Iterable[Any]) -> Pairs:
    return enumerate(holder)


@members.register(dict)
@members.register(UserDict)
@members.register(ChainMap)
@members.register(types.MappingProxyType)
def _by_key(holder: Mapping[Any, Any]) -> Pairs:
    return holder.items()


@members.register
def _of_its_owner(holder: types.MethodType) -> Pairs:
    return [("__self__", holder.__self__)]


@members.register(partial)
def _of_a_call(holder: partial[Any]) -> Pairs:
    return [("func", holder.func), ("args", holder.args), ("keywords", holder.keywords)]


def _within(holder: Iterable[Any], wanted: Kinds) -> Iterator[Any]:
    """Yield what is wanted among the keys or members of a holder."""
    for member in holder:
        if type(member) not in PLAIN:
            for _, found in search([member], wanted):
                yield found
