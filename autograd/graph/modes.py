"""Ways of running that hold inside a `with` block: for one thread or task, and no other."""

from __future__ import annotations

import functools
import sys
import types
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Generator, MutableSequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from opcode import opmap
from types import FrameType
from typing import Any, NamedTuple, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class Modes(NamedTuple):
    """What holds for one thread or task: the value of `MODES`."""

    remembers: bool = True  # nodes keep their parents
    recorder: Any = None  # the `Recorder` of the innermost `record` block
    watched: bool = False  # an anomaly is an error
    made: dict[Any, None] | None = None  # collects the new nodes, in their order
    listener: Any = None  # is told what is built and compared (see `listening`)
    trace: Any = None  # writes down what is done, in place of building (`autograd.compiler`)


MODES: ContextVar[Modes] = ContextVar("modes", default=Modes())  # noqa: B039  (it is immutable)

# One entry for each open block that any thread or task can see, and one while there are blocks
# that were left behind and that nobody has been told of. The fast methods only look whether this
# is empty; where it is not, `MODES` tells what holds for the caller.
OPEN: dict[Any, None] = {}
_LEFT_BEHIND: list[str] = []  # the names of those blocks

Change = Callable[[Modes], Modes]


class _Entry:
    """That a block was entered: what it asks for, and whether nobody can leave it any more."""

    abandoned = False

    def __init__(self, change: Change, name: str, frame: FrameType) -> None:
        self.change, self.name = change, name
        waits = frame.f_code.co_flags & _MAY_WAIT and frame.f_code is not _driven.__code__
        self.frame = None if waits or not _is_with(frame) else frame


class _Opened:
    """A block that was entered, on top of those around it.

    It lives as long as a context that sees it, which may be that of a task that outlives the
    block, and has its entry in `OPEN` for as long.
    """

    token: Token[None] | None = None  # by which the context that entered it is known again

    def __init__(self, entry: _Entry, around: _Opened | None, before: Modes) -> None:
        self.entry, self.around, self.before = entry, around, before
        self.modes = entry.change(before)
        OPEN[weakref.ref(self, OPEN.pop)] = None  # no code of ours that could be interrupted


_innermost: ContextVar[_Opened | None] = ContextVar("innermost", default=None)
_entered: ContextVar[None] = ContextVar("entered")  # for its tokens alone


class Block:
    """A way of running, for a `with` block or as a decorator.

    Blocks may be closed in any order: what holds is what those that are left ask for. A decorated
    function has a block of its own at each call. That of a generator, a coroutine or an async
    generator is left at each ``yield`` and ``await``, and entered again when the function goes
    on, in whichever thread or task that is.

    A block that nobody holds any longer, so that nobody can leave it, has ended: an exception may
    strike between the last line of a block and its `__exit__`, or within.
    """

    _entries: MutableSequence[_Entry] = []  # noqa: RUF012  (until `__init__` is through)
    _reported = False

    def __init__(self, changing: Callable[[], Change], name: str = "") -> None:
        self._entries = []
        self._changing, self.change, self.name = changing, changing(), name

    def __enter__(self) -> None:
        entry = _Entry(self.change, self.name, sys._getframe(1))
        self._entries.append(entry)
        try:
            opened = _Opened(entry, _innermost.get(), MODES.get())
            opened.token = _entered.set(None)
            _innermost.set(opened)
            MODES.set(opened.modes)
        except BaseException:
            self._leave()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            left = self._leave()
        except BaseException:  # Ctrl-C: what it kept from being done
            self._leave()
            raise
        if not left:
            self._reported = True
            raise RuntimeError(
                "a block (no_grad, record, detect_anomaly) is left by another thread or task than "
                "the one that entered it, for which it still holds: where a generator goes from "
                "one to another, decorate it, as in @no_grad(), so that it leaves at each yield"
            )

    def _leave(self) -> bool:
        """Leave the block, and tell whether it was entered here."""
        above: list[_Opened] = []
        opened = _innermost.get()
        while opened is not None and opened.entry not in self._entries:
            above.append(opened)
            opened = opened.around
        if opened is None or not _is_here(opened):
            return False
        _rebuild(opened.around, opened.before, above)
        opened.entry.frame = None
        self._entries.remove(opened.entry)
        return True

    def __del__(self) -> None:
        for entry in self._entries:
            entry.abandoned = True
        if self._entries and not self._reported:
            top = _innermost.get()
            if top is not None and top.entry.abandoned:
                _drop_abandoned()

    def again(self) -> Block:
        """Return another block that asks for the same."""
        return Block(lambda: self.change, self.name)

    def __call__(self, f: F) -> F:
        """Return the function, all of whose own code runs inside the block."""
        import inspect

        if isinstance(f, (staticmethod, classmethod)):
            return cast("F", type(f)(self(f.__func__)))
        if not callable(f):
            raise TypeError(f"a block decorates a function; got {f!r} ({type(f).__name__})")

        def new() -> Block:
            return Block(self._changing, self.name)

        own = inspect.isroutine(f) or isinstance(f, functools.partial)
        code = f if own else type(f).__call__  # of an object that can be called
        if inspect.isasyncgenfunction(code):

            @functools.wraps(f)
            async def run(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
                block, running = new(), f(*args, **kwargs)
                try:
                    out = await _driven(running.asend(None), block)
                    while True:
                        try:
                            given = yield out
                        except BaseException as error:
                            out = await _driven(running.athrow(error), block)
                        else:
                            out = await _driven(running.asend(given), block)
                except StopAsyncIteration:
                    return

        elif inspect.iscoroutinefunction(code):

            @functools.wraps(f)
            async def run(*args: Any, **kwargs: Any) -> Any:
                return await _driven(f(*args, **kwargs), new())

        elif inspect.isgeneratorfunction(code):

            @functools.wraps(f)
            def run(*args: Any, **kwargs: Any) -> Any:
                return (yield from _driven(f(*args, **kwargs), new()))

        else:

            @functools.wraps(f)
            def run(*args: Any, **kwargs: Any) -> Any:
                with new(): return f(*args, **kwargs)  # fmt: skip

        return cast("F", run)


@types.coroutine
def _driven(running: Any, block: Block) -> Generator[Any, Any, Any]:
    """Run a generator or coroutine, in the block while its code runs and outside while it waits."""
    try:
        with block.again(): out = running.send(None)  # fmt: skip
        while True:
            try:
                given = yield out
            except BaseException as error:  # GeneratorExit, with which it is closed, too
                with block.again(): out = running.throw(error)  # fmt: skip
            else:
                with block.again(): out = running.send(given)  # fmt: skip
    except StopIteration as stop:
        return stop.value


def _is_with(frame: FrameType) -> bool:
    """Whether a frame is in a `with` statement, and not in a call of `__enter__` by name."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at] == _BEFORE_WITH if _BEFORE_WITH else code[at - 2] == _LOAD_SPECIAL


_BEFORE_WITH, _LOAD_SPECIAL = opmap.get("BEFORE_WITH"), opmap.get("LOAD_SPECIAL")  # until 3.13
_MAY_WAIT = 0x20 | 0x80 | 0x200  # generators, coroutines, both in one: of `inspect`, which is slow


def _is_over(opened: _Opened) -> bool:
    """Whether the `with` statement that entered a block has ended without leaving it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not opened.entry.frame:
        frame = frame.f_back
    return frame is None and opened.entry.frame is not None and _is_here(opened)


def _is_here(opened: _Opened) -> bool:
    """Whether the context is the one in which a block was entered, and not a copy of it."""
    if opened.token is None:  # interrupted while it was entered, or below
        return True
    try:  # on one line, between whose parts no tracer comes
        _entered.reset(opened.token); opened.token = _entered.set(None)  # fmt: skip
    except (RuntimeError, ValueError):  # it was used there already, or may only be used there
        return False
    except BaseException:  # no memory, or Ctrl-C: the token may be used up, and it was here
        opened.token = None
        raise
    return True


def _rebuild(left: _Opened | None, modes: Modes, above: list[_Opened]) -> None:
    """Put blocks on top of another, and let hold what they ask for; it may be done again."""
    for each in reversed(above):
        new = _Opened(each.entry, left, modes)
        new.token = each.token
        left, modes = new, new.modes
    calls = MODES.get().recorder  # the calls of modules that are running now, if it knew them
    if calls is not None and modes.recorder is not None and calls.belongs_to(modes.recorder):
        modes = modes._replace(recorder=calls)
    MODES.set(modes)
    _innermost.set(left)


def _drop_abandoned() -> None:
    """Leave the blocks of this context that nobody else can leave."""
    kept: list[_Opened] = []
    above: list[_Opened] = []
    lowest, opened = None, _innermost.get()
    while opened is not None:
        if opened.entry.abandoned or _is_over(opened):
            opened.entry.abandoned, opened.entry.frame = True, None
            lowest, above = opened, [*kept]
            _LEFT_BEHIND.extend([opened.entry.name] * bool(opened.entry.name))
        else:
            kept.append(opened)
        opened = opened.around
    if lowest is not None:
        _rebuild(lowest.around, lowest.before, above)
    if _LEFT_BEHIND:
        OPEN["left behind"] = None


def look_around() -> Modes:
    """Return what holds, after dropping the blocks that were left behind, which is told of.

    It is for the beginning of sweeps, transforms and training runs, while anything is `OPEN`.
    """
    _drop_abandoned()
    if _LEFT_BEHIND:
        names = ", ".join(dict.fromkeys(_LEFT_BEHIND))
        _LEFT_BEHIND.clear()
        OPEN.pop("left behind", None)
        warnings.warn(
            f"a block ({names}) was left behind, by an interrupt at its end or by a call of "
            "__enter__ whose block was not kept; it has ended: what was computed in the meantime "
            "may have been computed in its way, so build those graphs again",
            RuntimeWarning,
            stacklevel=3,
        )
    return MODES.get()


def changed(**changes: Any) -> AbstractContextManager[None]:
    """Run a block with some of the modes changed, which costs nothing where they hold already."""
    if _innermost.get() is None and Modes(**changes) == Modes():
        return _NOTHING
    return Block(lambda: lambda modes: modes._replace(**changes))


_NOTHING = nullcontext()


def no_grad() -> Block:
    """Compute without a graph: operations give Values that have no parents.

    Blocks nest, and may end in any order. Other threads and tasks are not affected; a task that
    is made inside goes on as it began, also where it outlives the block. One that is entered by
    hand holds for as long as the block itself is kept, as in ``block = no_grad()``.

    Also usable as a decorator, of generators, coroutines and async generators too: then it holds
    while the function's own code runs, and not for the caller between two steps. A ``with`` block
    around a ``yield`` holds for the caller too, until the generator leaves it or is closed.

    Raises
    ------
    RuntimeError
        If another thread or task leaves the block than the one that entered it.

    Examples
    --------
    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    >>> @no_grad()
    ... def squares():
    ...     while True:
    ...         yield x * x
    >>> next(squares()).parents, (x * x).parents == (x, x)
    ((), True)
    """
    return Block(lambda: lambda modes: modes._replace(remembers=False), "no_grad")


def tracing() -> Any:
    """Return the trace that is running in this thread or task, if any."""
    return MODES.get().trace if OPEN else None


def is_grad_enabled() -> bool:
    """Tell whether operations of the current thread or task remember their parents."""
    return MODES.get().remembers
