"""An exception at any line: a tracer raises it at the n-th, for each n that there is.

Long runs are struck at every so many lines, at all of them where EVERY_LINE stands in the
environment.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import DivisionByZero, getcontext
from functools import cache
from itertools import count
from types import FrameType
from typing import Any, NamedTuple

from autograd.graph.modes import MODES, Modes
from autograd.graph.variables import VARIABLES, differentiating, held_by
from nn.modes import is_evaluating


class Interrupt(NamedTuple):
    """Where an exception was raised, and the exception with its traceback."""

    place: str  # the function and the source line
    error: BaseException


def interrupts(
    run: Callable[[], Any],
    kind: type[BaseException] = KeyboardInterrupt,
    step: int = 1,
    first: int = 1,
) -> Iterator[Interrupt | None]:
    """Run a function again and again, each time with an exception at a later line of its or ours.

    None is given where the function went on: what is raised in a `__del__` goes nowhere.
    """
    for n in count(first, 1 if "EVERY_LINE" in os.environ else step):
        raised: list[str] = []
        error = _interrupted(run, kind, n, raised)
        if not raised:
            assert error is None, "without an interrupt it runs"
            return
        found = [None if error is None else Interrupt(raised[0], error)]
        del error  # whoever iterates decides how long the traceback lives
        yield found.pop()


def _interrupted(
    run: Callable[[], Any], kind: type[BaseException], n: int, raised: list[str]
) -> BaseException | None:
    """Run a function with an exception at the n-th line, if there are as many."""
    left = n

    def tracer(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_globals.get("__name__", "").startswith("importlib"):
            return None
        if event == "line":
            left -= 1
            if not left:
                raised.append(_place(frame))
                raise kind
        return tracer

    hook, before = sys.unraisablehook, sys.gettrace()
    sys.unraisablehook = lambda unraisable: None
    sys.settrace(tracer)
    try:
        run()
    except kind as error:
        return error
    finally:
        sys.settrace(before)
        sys.unraisablehook = hook
    return None


def _place(frame: FrameType) -> str:
    """The function and the source line where a frame is."""
    import linecache

    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return f"{frame.f_code.co_qualname}: {line}"


@cache
def _locks() -> list[Any]:
    """The locks of all that is imported by the first time."""
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] in ("autograd", "nn")]
    kind = type(threading.RLock())
    return [x for module in modules for x in vars(module).values() if isinstance(x, kind)]


def changed_modes() -> list[str]:
    """What is not as usual: of the thread, and of the process."""
    usual = {
        "modes": MODES.get() == Modes(),
        "locks": not any(lock._is_owned() for lock in _locks()),
        "variables": not VARIABLES and held_by(differentiating.levels, None) is None,
        "evaluation": not is_evaluating(),
        "collector": gc.isenabled(),
        "decimal": getcontext().traps[DivisionByZero],
    }
    return [name for name, is_usual in usual.items() if not is_usual]
