"""What has to be a function, and is not."""

from __future__ import annotations

from typing import Any


def check_function(given: Any, remedy: str) -> None:
    """Refuse what is not callable: a Value, most often, or a name.

    Examples
    --------
    >>> check_function("tanh", "it is autograd.tanh")
    Traceback (most recent call last):
        ...
    TypeError: a function is needed, got 'tanh' (str); it is autograd.tanh
    """
    if not callable(given):
        raise TypeError(f"a function is needed, got {given!r} ({type(given).__name__}); {remedy}")
