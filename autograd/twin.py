"""Which twin of the engine runs: the one in C, where it was built, or the one in Python.

`native` is the module that `autograd/native` is compiled to, or None; both twins have one surface,
one table and one set of tests. GLASSGRAD_PUREPYTHON=1 in the environment asks for Python, 0 for C
or an ImportError; otherwise C runs where it can, and ``python -m autograd --info`` tells why not.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from os import path
from typing import Any, TypeVar

from autograd.native.sources import digest

F = TypeVar("F", bound=Callable[..., Any])

NAME = "autograd._value"
AGAIN = "build it again by `pip install -e .`"
TWICE = "one of another interpreter of this process, or that from before the import"


def _load() -> tuple[Any, str]:
    """The library, or None and why there is none to use."""
    asked = os.environ.get("GLASSGRAD_PUREPYTHON", "")
    if asked not in ("", "0"):
        return None, f"GLASSGRAD_PUREPYTHON={asked} asks for it"
    try:
        given = NAME in sys.modules
        library = import_module(NAME)
        if not given and path.dirname(str(library.__file__)) != path.dirname(__file__):
            # An editable installation elsewhere lends its parts to a package that lacks them.
            raise ModuleNotFoundError(f"{library.__file__} is another package's", name=NAME)
        with suppress(OSError):  # sources that are not here do not change
            if getattr(library, "SOURCES", -1) not in (0, digest()):
                raise ImportError(f"{library.__file__} is of other sources than are here: {AGAIN}")
        if not library.claim(sys.modules[__package__]):
            raise ImportError(f"{library.__file__} serves another autograd here: {TWICE}")
    except ImportError as error:
        if asked:
            raise
        if isinstance(error, ModuleNotFoundError) and error.name == NAME:
            return None, "there is no library: nothing was compiled for this Python"
        warnings.warn(f"{error}; the engine in Python runs", RuntimeWarning, 2)
        return None, str(error)
    return library, ""


native, why = _load()


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


def info() -> str:
    """Tell which twin runs, why, and how the library was built."""
    import platform
    import sysconfig

    python = f"{platform.python_implementation()} {platform.python_version()}, {sys.platform}"
    if native is None:
        free = sysconfig.get_config_var("Py_GIL_DISABLED")
        hint = " (C does not serve without the GIL yet)" if free else ""
        return f"The engine in Python runs on {python}: {why}{hint}."
    sources = f"{native.SOURCES:08x}" if native.SOURCES else "unknown, as it was compiled by hand"
    return f"""The engine in C runs on {python}.
  library: {native.__file__}
  built:   {native.BUILT}
  sources: {sources}
  rows:    {len(native.ROWS.split())} in C, the others in Python"""
