"""Hooks: functions that see, and may replace, the gradient of a Value during a sweep."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from autograd.graph.modes import tracing
from autograd.graph.node import Node, has_hooks
from autograd.numbers.kinds import fitted

# One entry for each function of a user's that a sweep may call: a hook, or what a checkpoint runs
# again. While it is empty no sweep calls any.
HOOKED: dict[Any, None] = {}


class Counted:
    """What has an entry in `HOOKED` for as long as it lives."""

    def __init__(self) -> None:
        HOOKED[weakref.ref(self, HOOKED.pop)] = None  # no code of ours that could be interrupted


class Hook(Counted):
    """A registered hook: what `Value.register_hook` returns.

    It lives as long as its Value, or until `remove` is called.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function: Callable[[Any], Any] | None = function

    def remove(self) -> None:
        """Let the hook run no more; a second call does nothing."""
        self.function = None
        HOOKED.pop(weakref.ref(self), None)


def register_hook(value: Node, function: Callable[[Any], Any]) -> Hook:
    """Call `function(gradient)` in every sweep, when the gradient of this Value is complete.

    If it returns something else than None, the sweep goes on with that in place of the gradient:
    it is stored, and passed on to the parents. It has to be a number that the gradient's type
    holds exactly, as for a seed. Hooks run in the order of their registration.

    Parameters
    ----------
    function : callable
        Is given the gradient of one sweep, before it is added to a leaf's.

    Returns
    -------
    Hook
        With a method `remove`.

    Raises
    ------
    TypeError
        If `function` is not callable.

    Examples
    --------
    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> hook = x.register_hook(lambda gradient: gradient / 10)
    >>> (x * x).backward()
    >>> x.grad
    0.6
    """
    if (trace := tracing()) is not None:
        trace.refuse("a hook", "register it outside of the function that is traced")
    if not callable(function):
        raise TypeError(f"a hook is a function of the gradient; got {function!r}")
    hook = Hook(function)
    value.hooks.append(hook)
    return hook


def run_hooks(value: Node, gradient: Any) -> Any:
    """Return what the hooks of a Value make of its complete gradient."""
    if HOOKED and has_hooks(value):
        for hook in tuple(value.hooks):
            replaced = hook.function(gradient) if hook.function is not None else None
            gradient = gradient if replaced is None else _like(gradient, replaced)
    return gradient


def _like(gradient: Any, replaced: Any) -> Any:
    """What a hook returned, as a number of the gradient's type or a Value."""
    kind = type(getattr(gradient, "data", gradient))
    number = fitted(getattr(replaced, "data", replaced), kind, "what a hook returned")
    return replaced if isinstance(replaced, Node) else number
