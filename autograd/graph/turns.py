"""Whose turn it is: graphs may share nodes, and the sweeps of several threads come one by one.

The plain sweep keeps its adjoints in `grad` of the very nodes, so it runs by itself. The general
one, which calls functions of the user's (hooks, what a checkpoint runs again), has them elsewhere:
it waits for its turn at each gradient that it stores, and never while such a function runs, which
may start threads that sweep and wait for them.
"""

from __future__ import annotations

import os
import threading
from typing import NoReturn

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


if hasattr(os, "register_at_fork"):  # a child has the thread alone that forked: no sweep goes on
    os.register_at_fork(
        before=SWEEPING.acquire,
        after_in_parent=SWEEPING.release,
        after_in_child=SWEEPING.release,
    )
