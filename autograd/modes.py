"""Ways of running that hold inside a `with` block: for one thread or task, and no other."""

from __future__ import annotations

import functools
import gc
import threading
import types
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class Modes(NamedTuple):
    """What holds for one thread or task: the value of `MODES`."""

    remembers: bool = True  # nodes keep their parents
    recorder: Any = None  # the `Recorder` of the innermost `record` block
    watched: bool = False  # an anomaly is an error
    made: dict[Any, None] | None = None  # collects the new nodes, in their order


MODES: ContextVar[Modes] = ContextVar("modes", default=Modes())  # noqa: B039  (it is immutable)

# One entry for each open block that any thread or task can see. The fast methods only look
# whether this is empty; where it is not, `MODES` tells what holds for the caller.
OPEN: list[None] = []

# The variables of the derivatives that are being taken, in any thread: to copy one must not cut it
# off from its gradient.
VARIABLES: dict[Any, None] = {}
_born: ContextVar[list[Any] | None] = ContextVar("born", default=None)

_collector_lock = threading.Lock()
_collector_pauses: list[bool] = []

Change = Callable[[Modes], Modes]


class _Opened:
    """A block that was entered, on top of those around it.

    It lives as long as a context that sees it, which may be that of a task that outlives the
    block, and has its entry in `OPEN` for as long.
    """

    counted = False
    token: Token[_Opened | None]

    def __init__(self, block: Block, around: _Opened | None) -> None:
        self.block, self.around = block, around
        self.modes: Modes = block.change(around.modes if around else Modes())
        OPEN.append(None)
        self.counted = True

    def __del__(self, pop: Callable[[], None] = OPEN.pop) -> None:
        if self.counted:
            pop()


_innermost: ContextVar[_Opened | None] = ContextVar("innermost", default=None)


class Block:
    """A way of running, for a `with` block or as a decorator.

    Blocks may be closed in any order: what holds is what those that are left ask for. A decorated
    function has a block of its own at each call. That of a generator, a coroutine or an async
    generator is left at each ``yield`` and ``await``, and entered again when the function goes
    on, in whichever thread or task that is.
    """

    def __init__(self, changing: Callable[[], Change]) -> None:
        self._changing, self.change = changing, changing()

    def __enter__(self) -> None:
        opened = _Opened(self, _innermost.get())
        opened.token = _innermost.set(opened)
        MODES.set(opened.modes)

    def __exit__(self, *_: object) -> None:
        above: list[_Opened] = []
        opened = _innermost.get()
        while opened is not None and opened.block is not self:
            above.append(opened)
            opened = opened.around
        if opened is None or not _is_here(opened.token):
            raise RuntimeError(
                "a block (no_grad, record, detect_anomaly) is left by another thread or task than "
                "the one that entered it, for which it still holds: where a generator goes from "
                "one to another, decorate it, as in @no_grad(), so that it leaves at each yield"
            )
        left = opened.around
        for each in reversed(above):
            left, token = _Opened(each.block, left), each.token
            left.token = token
        MODES.set(left.modes if left else Modes())
        _innermost.set(left)

    def __call__(self, f: F) -> F:
        """Return the function, all of whose own code runs inside the block."""
        import inspect

        if isinstance(f, (staticmethod, classmethod)):
            return cast("F", type(f)(self(f.__func__)))
        if not callable(f):
            raise TypeError(f"a block decorates a function; got {f!r} ({type(f).__name__})")

        def new() -> Block:
            return Block(self._changing)

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
                with new():
                    return f(*args, **kwargs)

        return cast("F", run)


@types.coroutine
def _driven(running: Any, block: Block) -> Generator[Any, Any, Any]:
    """Run a generator or coroutine, in the block while its code runs and outside while it waits."""
    try:
        with block:
            out = running.send(None)
        while True:
            try:
                given = yield out
            except BaseException as error:  # GeneratorExit, with which it is closed, too
                with block:
                    out = running.throw(error)
            else:
                with block:
                    out = running.send(given)
    except StopIteration as stop:
        return stop.value


def _is_here(token: Token[_Opened | None]) -> bool:
    """Whether the context is the one in which a token was made, and not a copy of it."""
    try:
        _innermost.reset(token)
    except (RuntimeError, ValueError):  # it was used there already, or may only be used there
        return False
    return True


def changed(**changes: Any) -> AbstractContextManager[None]:
    """Run a block with some of the modes changed, which costs nothing where they hold already."""
    if _innermost.get() is None and Modes(**changes) == Modes():
        return _NOTHING
    return Block(lambda: lambda modes: modes._replace(**changes))


_NOTHING = nullcontext()


@contextmanager
def differentiating(variables: Iterable[Any]) -> Iterator[list[Any]]:
    """Run a function that is differentiated by Values of its own; collect the leaves it makes."""
    variables = tuple(variables)
    born: list[Any] = []
    VARIABLES.update(dict.fromkeys(variables))
    token = _born.set(born)
    try:
        yield born
    finally:
        _born.reset(token)
        for variable in variables:
            del VARIABLES[variable]
        around = _born.get()
        if around is not None:
            around += born


def noticed(value: Any) -> None:
    """Tell those who collect Values of one that no operation made: a leaf, or a copy."""
    if not value.parents:
        born = _born.get()
        if born is not None:
            born.append(value)
    elif (made := MODES.get().made) is not None:
        made[value] = None


def no_grad() -> Block:
    """Compute without a graph: operations give Values that have no parents.

    Blocks nest, and may end in any order. Other threads and tasks are not affected; a task that
    is made inside goes on as it began, also where it outlives the block.

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
    return Block(lambda: lambda modes: modes._replace(remembers=False))


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
