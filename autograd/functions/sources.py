"""The source of a float function, if it is what runs."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any


def tree_of(function: Any) -> ast.FunctionDef | None:
    """Return a function's source as a tree; None if there is none, or if it is that of another one.

    A file may have changed since it was imported, by an upgrade or an editor: what its lines say
    now is compared with the code that runs.

    Examples
    --------
    >>> from autograd.numbers import ieee
    >>> tree_of(ieee.sech2).name, tree_of(abs)
    ('sech2', None)
    """
    if not isinstance(function, FunctionType) or function.__closure__:
        return None
    code = function.__code__
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        now = _codes("".join(linecache.getlines(code.co_filename)), code.co_filename)
    except (OSError, SyntaxError, ValueError, TypeError):
        return None
    same = (code.co_firstlineno, *_meaning(code)) in now
    return tree if same and isinstance(tree, ast.FunctionDef) else None


@lru_cache(32)
def _codes(text: str, filename: str) -> set[tuple[Any, ...]]:
    """The lines and meanings of all functions of a file, as it is now."""
    found, stack = set(), [compile(text, filename, "exec", dont_inherit=True)]
    while stack:
        code = stack.pop()
        found.add((code.co_firstlineno, *_meaning(code)))
        stack += [x for x in code.co_consts if isinstance(x, CodeType)]
    return found


def _meaning(code: CodeType) -> tuple[Any, ...]:
    """What a function does, wherever it stands."""
    constants = [_meaning(x) if isinstance(x, CodeType) else repr(x) for x in code.co_consts]
    return code.co_name, code.co_code, tuple(constants), code.co_names, code.co_varnames
