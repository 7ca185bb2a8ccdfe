"""Source that is generated: compiled where tracebacks, debuggers and `inspect` find its lines."""

from __future__ import annotations

import linecache
import weakref
from collections import deque
from types import CodeType
from typing import Any

_forgotten: deque[str] = deque()  # the files of functions that are no more


def code_of(source: str, filename: str) -> CodeType:
    r"""Return source as code of a file that exists only in the cache of lines.

    Examples
    --------
    >>> scope = {}
    >>> exec(code_of("def f(x):\n    return x / 0", "<autograd: an example>"), scope)
    >>> import linecache
    >>> linecache.getline("<autograd: an example>", 2)
    '    return x / 0'
    """
    # Not as soon as a function ends, which may be while somebody looks through the cache.
    for _ in range(len(_forgotten)):
        linecache.cache.pop(_forgotten.popleft(), None)
    # None says that no file can change it.
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    return compile(source, filename, "exec")


def ends_with(filename: str, owner: Any) -> None:
    """Have the lines of a file forgotten, when other code is made, after what ran them."""
    weakref.finalize(owner, _forgotten.append, filename).atexit = False
