"""Tags: how arguments that JSON does not know stand in a description."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import MethodType
from typing import Any

from nn.module import Module

# How arguments that JSON does not know are taken apart and put together again.
TAGGED: dict[type, tuple[str, Callable[[Any], Any]]] = {
    float: ("float", repr),  # inf and nan
    complex: ("complex", repr),
    Fraction: ("fraction", str),
    Decimal: ("decimal", str),
    bytes: ("bytes", bytes.hex),
    range: ("range", lambda x: [x.start, x.stop, x.step]),
    tuple: ("tuple", list),
    set: ("set", lambda x: sorted(x, key=repr)),
    frozenset: ("frozenset", lambda x: sorted(x, key=repr)),
    deque: ("deque", list),
    dict: ("dict", lambda x: [list(pair) for pair in x.items()]),
    partial: ("partial", lambda x: [x.func, list(x.args), x.keywords]),
    MethodType: ("method", lambda x: [x.__self__, x.__name__]),
}
UNTAGGED: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "complex": complex,
    "fraction": lambda x: Fraction(*map(int, x.split("/"))),
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "range": lambda x: range(*x),
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "dict": dict,
    "partial": lambda x: partial(x[0], *x[1], **x[2]),
    "method": lambda x: _method(*x),
}


COLLECTED = {"tuple", "set", "frozenset", "deque", "dict"}


def _method(owner: Any, name: str) -> Any:
    """Return a method of a module."""
    found = getattr(owner, text(name), None) if isinstance(owner, Module) else None
    if not isinstance(found, MethodType):
        raise ValueError(f"{owner!r} has no method {name!r}")
    return found


def put_together(tag: str, content: Any, build: Callable[[Any], Any]) -> Any:
    """Return the argument that a tag and its content stand for; `build` makes the parts of it."""
    try:
        if tag in COLLECTED and not isinstance(content, list):
            raise TypeError("it is no list")  # a range may stand for more than there is memory
        return UNTAGGED[tag](build(content))
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise ValueError(f"{content!r} is no {tag}: {error}") from None


def text(given: Any) -> str:
    """Return a name, which has to be a text."""
    if not isinstance(given, str):
        raise ValueError(f"a name has to be a text, but was {given!r}")
    return given
