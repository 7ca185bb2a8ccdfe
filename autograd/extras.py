"""Packages beside this one: those that only some features need, and one that must not be there."""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any


def need(module: str, extra: str = "", purpose: str = "this", otherwise: str = "") -> Any:
    """Return an imported module that is no part of the package's own dependencies.

    Parameters
    ----------
    module : str
        What is imported.
    extra : str
        The extra that installs it; none for another library, which is installed by its own name.
    purpose : str
        What needs it, for the message.
    otherwise : str
        What goes without it, for the message.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed; the message names the extra.

    Examples
    --------
    >>> need("no_such", "plot", "a figure", otherwise="a table does not")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: a figure needs no_such: pip install 'glassgrad[plot]'; a table does not
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0] and error.name != module:
            raise  # it is there, but lacks something of its own
        package = f"'glassgrad[{extra}]'" if extra else module
        end = f"; {otherwise}" if otherwise else ""
        raise ModuleNotFoundError(
            f"{purpose} needs {module}: pip install {package}{end}", name=error.name
        ) from None


def warn_of_hips(file: str) -> None:
    """Warn if the other package called autograd lies in the folder of a file of this one."""
    folder = os.path.dirname(file)
    if os.path.exists(os.path.join(folder, "tracer.py")):
        warnings.warn(
            f"files of HIPS's autograd lie among glassgrad's in {folder}: what is imported may be "
            "of the one or of the other; remedy: pip uninstall -y autograd glassgrad, then "
            "pip install glassgrad, each in an environment of its own",
            RuntimeWarning,
            stacklevel=3,
        )
