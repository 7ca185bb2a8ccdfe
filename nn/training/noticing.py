"""Whether what programs were made of is still the same, once others could have changed it."""

from __future__ import annotations

import builtins
import math
import random
import sys
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

from autograd.functions.calls import Primitive
from autograd.functions.rules import TABLE
from autograd.graph.value import Value
from nn.members import PLAIN, slots
from nn.modes import is_evaluating
from nn.module import ARGUMENTS, Module
from nn.saving.identity import checksum
from nn.trail import Trail

# Where the code is that runs when a model or a loss of ours is called; a package with all in it.
# (What numbers of other kinds do, in `autograd.numbers`, is no concern of a program, which has
# floats.)
CODE = (
    "nn.layers", "nn.losses", "nn.models", "nn.module", "nn.modes", "nn.checks",
    "autograd.functions", "autograd.graph",
)  # fmt: skip
# Of these the same object does the same: what cannot change, Values and streams, whose numbers
# programs read anew, and what modules keep of a walk, which notices changes by itself.
LEAVES = frozenset({*PLAIN, Value, random.Random, Trail})


def noticed(*things: Any) -> Trail | None:
    """Return a trail that leads from `mode()` for as long as things do what they did.

    It goes through all that a model and a loss of this package's own parts hold, and through
    the modules and classes of this package whose code runs then, and so notices another attribute,
    layer, parameter or mode, and functions that were put in the place of ours. Not noticed are
    exchanges within a function of ours, of code or defaults, which leave it the same object.

    Returns
    -------
    Trail or None
        None if there is a function or class of somebody else's: it may read a global variable, a
        file or a clock, or count, so that only running it tells.

    Examples
    --------
    >>> from nn import MLP
    >>> from nn.losses import mse
    >>> model = MLP(1, [2, 1])
    >>> trail = noticed(model, mse)
    >>> model.layers[0].neurons[0].nonlin = False
    >>> trail.leads(mode())
    False
    >>> noticed(model, lambda outputs, targets: mse(outputs, targets)) is None
    True
    """
    modules: list[Any] = []
    lists: list[Any] = []
    seen: set[int] = set()
    stack = [*things]
    while stack:
        part = stack.pop()
        kind = type(part)
        if kind in LEAVES or id(part) in seen or _is_known(part):
            continue
        seen.add(id(part))
        if kind in (list, tuple):
            lists.append(part)
            stack += part
        elif issubclass(kind, Module) and _is_ours(kind) and not slots(kind):
            modules.append(part)
            stack += [x for name, x in vars(part).items() if name != ARGUMENTS]
        else:
            return None
    code = _code()
    if not all(map(_is_written_here, code)):
        return None
    return Trail(True, mode(), [*modules, *code, builtins, math], lists)


def mode() -> list[bool]:
    """Return what parts of ours depend on besides: whether everything is in evaluation."""
    return [is_evaluating()]


def same_rows(*rows: Any) -> Callable[[], bool]:
    """Return a function that tells whether examples are still what they are now.

    It looks whether nested lists hold the same objects; of other containers, whether their numbers
    have the same checksum.

    Examples
    --------
    >>> inputs = [[1.0, 2.0], [3.0, 4.0]]
    >>> same = same_rows(inputs)
    >>> inputs[1][0] = 5.0
    >>> same()
    False
    """
    lists: list[Any] = []
    stack: list[Any] = [*rows]
    while stack:
        part = stack.pop()
        if type(part) in (list, tuple):
            lists.append(part)
            if not PLAIN.issuperset(map(type, part)):
                stack += part
        elif type(part) not in PLAIN:
            before = checksum(rows)
            return lambda: checksum(rows) == before
    return partial(Trail(True, (), (), lists).leads, ())


def _is_known(part: Any) -> bool:
    """Whether a part is a row of the table, or a function of ours."""
    if isinstance(part, Primitive):
        return TABLE.get(part.name) is part
    return type(part) is FunctionType and _is_ours(part) and _is_written_by_us(part)


def _is_ours(thing: Any) -> bool:
    """Whether a class or function is what a module of ours has under its name."""
    module = sys.modules.get(thing.__module__)
    return _runs(str(thing.__module__)) and getattr(module, thing.__qualname__, None) is thing


def _code() -> list[Any]:
    """Return the modules of ours that are loaded, and the classes in them."""
    modules = [x for name, x in [*sys.modules.items()] if _runs(name)]
    members = [x for module in modules for x in vars(module).values()]
    classes = {x: None for x in members if isinstance(x, type) and _runs(str(x.__module__))}
    return [*modules, *classes]


def _runs(name: str) -> bool:
    """Whether the code of a module, by its name, runs when models and losses of ours are called."""
    return name.startswith(CODE)


def _is_written_here(holder: Any) -> bool:
    """Whether the functions of a module or class of ours are ours, or Python's own."""
    return all(_is_written_by_us(x) for x in [*vars(holder).values()] if type(x) is FunctionType)


def _is_written_by_us(function: FunctionType) -> bool:
    """Whether a function was not put among ours by somebody else, who had changed ours before."""
    name = function.__globals__.get("__name__")  # none of what we write from the table
    top = str(name).partition(".")[0]
    return name is None or top in ("nn", "autograd") or top in sys.stdlib_module_names
