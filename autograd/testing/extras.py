"""Packages that parts of the kit need and that the library does not install by itself."""

from __future__ import annotations

import importlib
from typing import Any


def require(name: str, purpose: str) -> Any:
    """Return an optional package.

    Parameters
    ----------
    name : str
        The package, as it is imported.
    purpose : str
        What needs it, for the message.

    Raises
    ------
    ImportError
        If it is not installed; the message names the extra that brings it.

    Examples
    --------
    >>> require("no_such_package", "this example")
    Traceback (most recent call last):
        ...
    ImportError: this example needs no_such_package: pip install 'glassgrad[testing]'
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        remedy = "pip install 'glassgrad[testing]'"
        raise ImportError(f"{purpose} needs {name}: {remedy}", name=name) from error
