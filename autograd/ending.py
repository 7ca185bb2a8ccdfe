"""What an interrupt cannot break: blocks that end by themselves, and what is computed once."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple


class Ending:
    """A `with` block for one use: `begin` at its start and `end` at its end.

    An exception may strike at any line, between the end of a block and its `__exit__` too. What
    nobody holds any longer ends then. So `end` may find that it was interrupted, or that `begin`
    was, and is to do what is left to do.
    """

    _open = False

    def begin(self) -> Any:
        """Do what the block is for; what is returned is bound by ``as``."""

    def end(self) -> None:
        """Undo it."""

    def __enter__(self) -> Any:
        self._open = True
        try:
            return self.begin()
        except BaseException:
            self.end()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            self.end()
        except BaseException:  # Ctrl-C: what it kept from being done
            self.end()
            raise
        self._open = False

    def __del__(self) -> None:
        if self._open:
            self.end()


class Level(NamedTuple):
    """One of the blocks in each other: which it is, what it holds, and the one around it."""

    key: object
    held: Any
    around: Level | None


Levels = ContextVar[Level | None]


def held_by(levels: Levels, otherwise: Any) -> Any:
    """Return what the innermost block holds, in this thread or task."""
    level = levels.get()
    return otherwise if level is None else level.held


class Nesting(Ending):
    """A block that holds something for one thread or task until it ends, in whatever order.

    A task that began inside goes on as it began.
    """

    levels: ClassVar[Levels]

    def __init__(self, held: Any) -> None:
        self.key, self.held = object(), held

    def begin(self) -> Any:
        """Be the innermost; return what is held."""
        self.levels.set(Level(self.key, self.held, self.levels.get()))
        return self.held

    def end(self) -> None:
        """Hold no longer; the blocks inside, if any, go on."""
        above: list[Level] = []
        level = self.levels.get()
        while level is not None and level.key is not self.key:
            above.append(level)
            level = level.around
        if level is not None:
            self.left(level, above)
            around = level.around
            for each in reversed(above):
                around = each._replace(around=around)
            self.levels.set(around)

    def left(self, level: Level, above: list[Level]) -> None:
        """Undo what the block did beside."""


_lock = threading.RLock()  # of one thread again, where the collector frees a block meanwhile
_pauses: dict[object, None] = {}  # one entry for each block that is open in any thread
_enabled_before: list[bool] = []


class collector_paused(Ending, ContextDecorator):  # noqa: N801  (it is used like a function)
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

    def __init__(self) -> None:
        self.pause = object()

    def _recreate_cm(self) -> collector_paused:
        return collector_paused()  # one for each call of a decorated function

    def begin(self) -> None:
        """Pause."""
        with _lock: _begin(self.pause)  # fmt: skip

    def end(self) -> None:
        """Go on, if no other block is open."""
        with _lock: _end(self.pause)  # fmt: skip


def _begin(pause: object) -> None:
    """Count a pause."""
    if not _pauses:
        _enabled_before[:] = [gc.isenabled()]
    _pauses[pause] = None
    gc.disable()


def _end(pause: object) -> None:
    """Let the collector be as it was before the first pause, when the last has ended."""
    _pauses.pop(pause, None)
    if not _pauses and True in _enabled_before:
        gc.enable()


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
