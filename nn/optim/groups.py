"""Groups of parameters, as they are given to an optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from operator import countOf
from typing import Any

from autograd.graph.value import Value
from nn.optim.options import Group


def listed_groups(params: Any) -> list[Group]:
    """Return the groups that are given, or the only one."""
    if isinstance(params, Mapping | Set):
        remedy = "put the group in a list" if isinstance(params, Mapping) else "a set has no order"
        raise TypeError(f"params has to be a list, but was a {type(params).__name__}; {remedy}")
    try:
        given = list(params)
    except TypeError:
        raise TypeError(
            f"params has to be a list of Values, but was a {type(params).__name__}; "
            "pass model.parameters()"
        ) from None
    return given if any(isinstance(x, Mapping) for x in given) else [{"params": given}]


def listed_parameters(given: Any) -> list[Value]:
    """Return the parameters of a group as a list."""
    if isinstance(given, Value):
        return [given]
    if isinstance(given, Set):
        raise TypeError("the params of a group were a set, which has no order; pass a list")
    return values(given)


def values(given: Iterable[Any]) -> list[Value]:
    """Return parameters as a list, each of which has to be a Value."""
    found = list(given)
    for parameter in found if countOf(map(type, found), Value) < len(found) else ():
        if not isinstance(parameter, Value):
            raise TypeError(f"every parameter has to be a Value, but one was {parameter!r}")
    return found
