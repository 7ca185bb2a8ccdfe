"""Ways of running that hold inside a `with` block: for one thread or task, and no other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple


class Modes(NamedTuple):
    """What holds for one thread or task: the value of `MODES`."""

    remembers: bool = True  # nodes keep their parents
    recorder: Any = None  # the `Recorder` of the innermost `record` block
    watched: bool = False  # an anomaly is an error
    made: dict[Any, None] | None = None  # collects the new nodes, in their order
    born: list[Any] | None = None  # collects the new leaves of the transforms that are running


MODES: ContextVar[Modes] = ContextVar("modes", default=Modes())  # noqa: B039  (it is immutable)

# One entry for each block that is open in any thread. The fast methods only look whether this is
# empty; where it is not, `MODES` tells what holds for the caller.
OPEN: list[None] = []

# The variables of the derivatives that are being taken, in any thread: to copy one must not cut it
# off from its gradient.
VARIABLES: dict[Any, None] = {}

_collector_lock = threading.Lock()
_collector_pauses: list[bool] = []


@contextmanager
def changed(**changes: Any) -> Iterator[None]:
    """Run a block with some of the modes changed."""
    token = MODES.set(MODES.get()._replace(**changes))
    OPEN.append(None)
    try:
        yield
    finally:
        OPEN.pop()
        MODES.reset(token)


@contextmanager
def differentiating(variables: Iterable[Any]) -> Iterator[None]:
    """Run a function that is differentiated by fresh Values of its own."""
    variables = tuple(variables)
    VARIABLES.update(dict.fromkeys(variables))
    try:
        yield
    finally:
        for variable in variables:
            del VARIABLES[variable]


def noticed(value: Any) -> None:
    """Tell the blocks that collect Values of one that no operation made: a leaf, or a copy."""
    modes = MODES.get()
    if not value.parents:
        if modes.born is not None:
            modes.born.append(value)
    elif modes.made is not None:
        modes.made[value] = None


def no_grad() -> AbstractContextManager[None]:
    """Compute without a graph: operations give Values that have no parents.

    Also usable as a decorator. Blocks nest, and other threads and tasks are not affected.

    Examples
    --------
    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    """
    return changed(remembers=False)


def is_grad_enabled() -> bool:
    """Tell whether operations of the current thread or task remember their parents."""
    return MODES.get().remembers


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause Python's cyclic garbage collector while a big graph is built or swept.

    A graph of Values has no cycles, so reference counting alone frees it, yet the collector
    visits every node again and again while millions of them are made; pausing it saves up to
    three quarters of the time. The thresholds of the collector are not touched. The pause is
    for the whole process: it lasts until the last block that is open in any thread ends, and
    then the collector is as it was before the first.

    Examples
    --------
    >>> from autograd import Value, collector_paused
    >>> with collector_paused():
    ...     h = Value(1.0)
    ...     for _ in range(1000):
    ...         h = h * 0.5 + 1.0
    >>> h.data
    2.0
    """
    with _collector_lock:
        _collector_pauses.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _collector_lock:
            enabled_before = _collector_pauses.pop()
            if not _collector_pauses and enabled_before:
                gc.enable()
