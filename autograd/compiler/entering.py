"""The short way in: calls of floats alone go straight to the function of the last path."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from autograd.generated import code_of
from autograd.graph.modes import OPEN

_VALUE = """
def enter(*args):
    if len(args) == {n} and not OPEN:
        {names}, = args
        if {floats}:
            out = function(*args)
            if type(out) is float:
                return out
    return otherwise(*args)
"""
_SLOPES = """
def enter(*args):
    if len(args) == {n} and not OPEN:
        {names}, = args
        if {floats}:
            out = function(*args)
            if out is not None and type(out[0]) is float:
                return {answer}
    return otherwise(*args)
"""


def entrance(
    n: int, function: Callable[..., Any], otherwise: Callable[..., Any], slopes: bool
) -> Callable[..., Any]:
    """Return a function of n floats, or of whatever else, which the other way serves.

    Parameters
    ----------
    n : int
    function : callable
        Of n floats; its answer is None where a guard fails.
    otherwise : callable
        What serves all other calls.
    slopes : bool
        Whether it answers a value and a tuple of derivatives.

    Examples
    --------
    >>> double = entrance(1, lambda x: 2 * x, lambda *args: args, slopes=False)
    >>> double(1.5), double(1), double(1.5, 2.0)
    (3.0, (1,), (1.5, 2.0))
    """
    scope: dict[str, Any] = {"function": function, "otherwise": otherwise, "OPEN": OPEN}
    exec(_code(n, slopes), scope)  # our own words
    made: Callable[..., Any] = scope["enter"]
    return made


@cache
def _code(n: int, slopes: bool) -> Any:
    """The code for so many floats."""
    names = [f"x{i}" for i in range(n)]
    source = (_SLOPES if slopes else _VALUE).format(
        n=n,
        names=", ".join(names),
        floats=" and ".join(f"type({x}) is float" for x in names),
        answer="out" if n > 1 else "out[0], out[1][0]",
    )
    filename = f"<autograd: entrance of {n}{' with slopes' * slopes}>"
    return code_of(source, filename)
