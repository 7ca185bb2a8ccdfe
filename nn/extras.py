"""Packages that only some features need, each imported when the feature is used."""

from __future__ import annotations

import importlib
from typing import Any


def need(module: str, extra: str) -> Any:
    """Return an imported module that an extra of this package brings.

    Parameters
    ----------
    module : str
        What is imported.
    extra : str
        The extra that installs it.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed; the message says how to install it.

    Examples
    --------
    >>> need("no_such_module", "plot")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: this needs no_such_module; install it with: pip install "glassgrad[plot]"
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'this needs {module}; install it with: pip install "glassgrad[{extra}]"',
            name=error.name,
        ) from None
