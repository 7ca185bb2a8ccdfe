"""In what two modules, or two descriptions of modules, differ."""

from __future__ import annotations

import random
from types import FunctionType, MethodType
from typing import Any, cast

from autograd.graph.value import Value
from nn.members import NOTHING, attributes, members
from nn.module import Module


def differences(first: Any, second: Any, path: str = "") -> str:
    """Return the path of the first thing in which two modules differ beside weights, or ``""``.

    Attributes with a leading underscore, sources of random numbers and the training state are
    left out.

    Examples
    --------
    >>> from nn import Neuron
    >>> one, two = Neuron(2), Neuron(2)
    >>> two.nonlin = False
    >>> differences(one, two)
    'nonlin'
    """
    stack: list[tuple[str, Any, Any]] = [(path, first, second)]
    seen: dict[tuple[int, int], Any] = {}  # what was met stays alive, so that nothing takes its id
    while stack:
        name, one, two = stack.pop()
        one = one.tolist() if hasattr(one, "tolist") else one
        two = two.tolist() if hasattr(two, "tolist") else two
        if one is two or (id(one), id(two)) in seen:
            continue
        if type(one) is not type(two):
            return name or "class"
        if isinstance(one, Value | random.Random):
            continue
        held = _held(one), _held(two)
        if held[0] is None or held[1] is None:
            if one != two and one == one:  # nan is like nan
                return name
        elif held[0].keys() != held[1].keys():
            return name or "attributes"
        else:
            seen[id(one), id(two)] = one, two
            before = f"{name}." if name else ""
            pairs = [(f"{before}{key}", x, held[1][key]) for key, x in held[0].items()]
            stack += reversed(pairs)
    return ""


def _held(thing: Any) -> dict[Any, Any] | None:
    """Return what a thing is made of; None, if it has to be compared as a whole."""
    if isinstance(thing, Module):
        own = attributes(thing).items()
        return {key: x for key, x in own if not key.startswith("_") and key != "training"}
    if isinstance(thing, MethodType):
        return {"__func__": thing.__func__, "__self__": thing.__self__}
    if isinstance(thing, FunctionType):
        cells = [cell.cell_contents for cell in thing.__closure__ or ()]
        return {"code": thing.__code__, "defaults": thing.__defaults__, **dict(enumerate(cells))}
    inside, kind = members(thing), cast(Any, type(thing))
    if inside is not NOTHING:
        return dict(inside)
    alone = isinstance(thing, type) or kind.__eq__ is not object.__eq__
    return None if alone else attributes(thing)


def alike(first: Any, second: Any) -> bool:
    """Tell whether two descriptions are the same, but for tuples in the place of lists."""

    def listed(given: Any) -> Any:
        if isinstance(given, list):
            return [listed(part) for part in given]
        if isinstance(given, dict):
            inside = {key: listed(part) for key, part in given.items()}
            return inside["tuple"] if inside.keys() == {"tuple"} else inside
        return given

    return bool(listed(first) == listed(second))
