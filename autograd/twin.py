"""Which twin of the engine runs: the one in C, where it was built, or the one in Python.

`native` is the module that `autograd/native` is compiled to, or None. With GLASSGRAD_PUREPYTHON=1
in the environment it is None; both twins have one surface, one table and one set of tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

native: Any = None
if not os.environ.get("GLASSGRAD_PUREPYTHON"):
    with suppress(ImportError):  # no compiler was there
        native = import_module("autograd._value")


def slots(*names: str) -> tuple[str, ...]:
    """Return the slots of a class of nodes: none where the C twin has a place for each."""
    return () if native else names


def faster(function: F) -> F:
    """Return the C twin of a function, which leaves to it what is more than floats; or itself."""
    if native is None:
        return function
    native.learn(**{function.__name__: function})
    twin: F = getattr(native, function.__name__)
    return twin
