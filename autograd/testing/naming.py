"""What reports call a function: its name, or for a lambda where it was assigned or written."""

from __future__ import annotations

import functools
import linecache
import re
import sys
from pathlib import Path
from typing import Any

_ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*(?::[^=]*)?=\s*lambda\b")


def name_of(f: Any) -> str:
    """Return a name for a function.

    A lambda is called as the name that its line assigns it to, or else by its file and line.

    Examples
    --------
    >>> import math
    >>> name_of(math.tanh), name_of(functools.partial(math.pow, 2.0))
    ('tanh', 'pow')
    """
    while isinstance(f, functools.partial):
        f = f.func
    name = str(getattr(f, "__name__", type(f).__name__))
    if (mpmath := sys.modules.get("mpmath")) and "mpmath" in str(getattr(f, "__module__", "")):
        return next((key for key, x in vars(mpmath).items() if x is f), name)  # they are called f
    code = getattr(f, "__code__", None)
    if name != "<lambda>" or code is None:
        return name
    line = linecache.getline(code.co_filename, code.co_firstlineno)
    assigned = _ASSIGNED.match(line)
    if assigned and line.count("lambda") == 1:
        return assigned[1]
    return f"the lambda of {Path(code.co_filename).name}:{code.co_firstlineno}"
