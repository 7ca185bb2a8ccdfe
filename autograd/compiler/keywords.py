"""Calls with keyword arguments: numbers among them are arguments of the program like the others."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np

from autograd.transforms.runs import name_of
from autograd.transforms.trees import flatten

Fixed = tuple[str, type, Hashable]  # the name, the kind and the object
Key = tuple[int, tuple[str, ...], tuple[Fixed, ...]]  # positional ones, numbers, others


def parted(
    function: Callable[..., Any], count: int, keywords: Mapping[str, Any]
) -> tuple[Key, list[Any]]:
    """Return what tells calls with so many positional and these keyword arguments apart, and those
    of these that are numbers.

    Truth values, texts, None and other objects that hold no numbers are the same at each call that
    goes by the same key.

    Raises
    ------
    TypeError
        If one can neither be taken apart nor be a key.
    """
    numbers = {name: x for name, x in keywords.items() if _of_numbers(x)}
    fixed = [(name, x) for name, x in sorted(keywords.items()) if name not in numbers]
    for name, x in fixed:
        try:
            hash(x)
        except TypeError:
            raise TypeError(
                f"the keyword argument {name} of {name_of(function)} has to be a tree of numbers, "
                f"or something that a dict takes as a key; got {x!r} ({type(x).__name__})"
            ) from None
    key = tuple((name, type(x), x) for name, x in fixed)
    return (count, tuple(numbers), key), [*numbers.values()]


def _of_numbers(x: Any) -> bool:
    """Whether an argument is a tree of numbers, none of them a truth value."""
    if type(x) is np.ndarray and x.dtype.kind in "fiu":
        return bool(x.size)
    try:
        numbers, _ = flatten(x, "an argument")
    except TypeError:
        return False
    return bool(numbers) and not any(isinstance(number, bool) for number in numbers)


class WithKeywords:
    """A function of positional arguments alone, the last of which are keyword arguments."""

    def __init__(self, function: Callable[..., Any], key: Key) -> None:
        functools.update_wrapper(self, function, updated=())
        self.function, (self.count, self.names, fixed) = function, key
        self.fixed = {name: x for name, _, x in fixed}

    def __call__(self, *args: Any) -> Any:
        """Call the function."""
        named = dict(zip(self.names, args[self.count :], strict=True))
        return self.function(*args[: self.count], **named, **self.fixed)

    @property
    def __signature__(self) -> inspect.Signature:
        """The positional parameters of the function that are given, and its keyword arguments."""
        own = inspect.signature(self.function).parameters.values()
        kept = [x for x in own if x.kind <= x.VAR_POSITIONAL][: self.count]
        named = [inspect.Parameter(x, inspect.Parameter.KEYWORD_ONLY) for x in self.names]
        return inspect.Signature([*(x.replace(default=x.empty) for x in kept), *named])
