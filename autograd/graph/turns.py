"""Whose turn it is: graphs may share nodes, and the sweeps of several threads come one by one.

The plain sweep keeps its adjoints in `grad` of the very nodes, so it runs by itself. The general
one, which calls functions of the user's (hooks, what a checkpoint runs again), has them elsewhere:
it waits for its turn at each gradient that it stores, and never while such a function runs, which
may start threads that sweep and wait for them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

# Held on one line, as in `with SWEEPING: sweep(...)`: between two lines a tracer could interrupt,
# and nobody would have a turn again.
SWEEPING = threading.RLock()


is_sweeping = SWEEPING._is_owned  # type: ignore[attr-defined]  # (as in threading.Condition)


def refuse_a_sweep_within() -> NoReturn:
    """Raise for a sweep in the midst of another one of the same thread."""
    raise RuntimeError(
        "a sweep was interrupted by another one of the same thread, in a signal handler or a "
        "finaliser, and they may share nodes: set a flag there, and sweep afterwards"
    )


if TYPE_CHECKING:
    import functools

    lazily = functools.cached_property
else:

    class lazily:  # noqa: N801  (it is used like a function)
        """What functools.cached_property is, without the lock that it has until Python 3.11.

        A tracer could keep that from being given back; two threads may well compute the same twice.
        """

        def __init__(self, compute: Callable[[Any], Any]) -> None:
            self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

        def __get__(self, instance: Any, owner: Any) -> Any:
            if instance is None:
                return self
            found = instance.__dict__[self.name] = self.compute(instance)
            return found


if hasattr(os, "register_at_fork"):  # a child has the thread alone that forked: no sweep goes on
    os.register_at_fork(
        before=SWEEPING.acquire,
        after_in_parent=SWEEPING.release,
        after_in_child=SWEEPING.release,
    )
