"""Where each node comes from: its source line, and the module calls that it was made in."""

from __future__ import annotations

import functools
import itertools
import sys
import threading
from collections.abc import Callable
from typing import Any

from autograd.graph.modes import MODES, OPEN, Block, Change

# Their frames are the engine's own: a node is made where one of them was called from.
_ROOMS = ("numbers", "functions", "graph", "graph.watching", "transforms", "compiler")
_ENGINE = frozenset(("autograd", *(f"autograd.{room}" for room in _ROOMS)))


class Origin:
    """Where a node was made: the place in the source, and the calls of modules around it.

    Attributes
    ----------
    filename, function : str
        The file, or the cell of a notebook, as "cell 3"; and the function in it.
    line : int or None
        The line, counted from 1.
    columns : (int, int) or None
        Start and end of the very expression within the line, if it lies in one line.
    source : str
        The text of the line, stripped; empty if the file is not to be had.
    path : tuple of (str, int)
        The module calls, outermost first: the name of the module within the one before, and the
        number of the call, which tells two calls of one module apart.
    """

    __slots__ = ("columns", "filename", "function", "line", "path", "source")

    def __init__(self, code: Any, instruction: int, path: tuple[tuple[str, int], ...]) -> None:
        self.filename, self.function, self.path = _file(code), code.co_qualname, path
        self.line, self.columns, self.source = _place(code, instruction)

    def __repr__(self) -> str:
        place = f"{self.filename}:{self.line} in {self.function}: {self.source}"
        return " > ".join([f"{name}#{number}" for name, number in self.path] + [place])


def _file(code: Any) -> str:
    """The file of a piece of code; of a notebook's, whose file is made up, the cell's number."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    named = getattr(getattr(shell, "compile", None), "format_code_name", None)
    _, cell = (named and named(code.co_filename)) or ("", "")  # "In[3]"
    return f"cell {cell[3:-1]}" if cell else str(code.co_filename)


class Call(tuple[str, int]):
    """A call of a module: its name within the one around it, and a number; not copied with nodes.

    The outermost call keeps its module, which knows the names of its parameters.
    """

    module: Any = None

    def __reduce__(self) -> Any:
        return tuple, (tuple(self),)


@functools.lru_cache(maxsize=10_000)
def _place(code: Any, instruction: int) -> tuple[int | None, tuple[int, int] | None, str]:
    """The line, the columns and the text of an instruction."""
    import linecache

    positions = itertools.islice(code.co_positions(), instruction // 2, None)
    line, end_line, start, end = next(positions)
    text = linecache.getline(code.co_filename, line or 0).rstrip("\n")
    columns = None
    if start is not None and end is not None and end_line == line:
        indent = len(text) - len(text.lstrip())
        before = [len(text.encode()[:column].decode(errors="ignore")) for column in (start, end)]
        columns = (before[0] - indent, before[1] - indent)
    return line, columns, text.strip()


class Recorder:
    """What one `record` block knows: the module calls that are running now."""

    def __init__(self) -> None:
        _wrap_calls()
        self.path: tuple[tuple[str, int], ...] = ()
        self.calls = itertools.count(1)
        self.module: Any = None
        self.names: dict[int, dict[int, tuple[str, Any]]] = {}
        self.outside: Any = None  # the code that was noted last, by whichever thread

    def note(self, frame: Any) -> tuple[Any, ...]:
        """Return how an origin is made: of the frame given, or the next outside the engine."""
        code = frame.f_code
        if code is not self.outside:  # most nodes are made where the one before was
            while frame.f_globals.get("__package__") in _ENGINE:
                if frame.f_back is None or frame.f_code.co_filename.startswith("<doctest"):
                    break  # a thread that begins in the engine, or one of our docstrings
                frame = frame.f_back
            else:
                self.outside = frame.f_code
            code = frame.f_code
        return Origin, code, frame.f_lasti, self.path

    def within(self, module: Any) -> Recorder:
        """Return the recorder in the call of a module: the same, but for the path.

        No recorder changes but in `outside`, for threads and tasks that begin in a block have it
        in common.
        """
        inner = object.__new__(type(self))
        inner.__dict__.update(self.__dict__)
        call = Call((self.name(module), next(self.calls)))
        if not self.path:
            call.module = module
        inner.path = (*self.path, call)
        inner.module = module
        return inner

    def belongs_to(self, other: Recorder) -> bool:
        """Whether two are of one `record` block."""
        return self.calls is other.calls

    def name(self, module: Any) -> str:
        """The name of a module within the module whose call is running, or its class's name."""
        parent = self.module
        if parent is None:
            return type(module).__name__
        name, found = self.names.get(id(parent), {}).get(id(module), ("", None))
        if found is not module or not _leads(parent, name, module):  # it is new, or was moved
            # All are kept with their names, so that nothing else takes the id of one.
            children = parent.named_modules()
            self.names[id(parent)] = {id(child): (name, child) for name, child in children}
            name, _ = self.names[id(parent)].get(id(module), ("", None))
        return name or type(module).__name__

    def returned(self, module: Any, out: Any) -> None:
        """See what the call of a module returned; for other kinds of recorders."""


def _leads(holder: Any, name: str, module: Any) -> bool:
    """Whether a dotted name leads from a holder to a module, as far as is easily seen."""
    for key in name.split("."):
        if isinstance(holder, (list, tuple)):
            place = int(key) if key.isdecimal() else len(holder)
            holder = holder[place] if place < len(holder) else None
        else:
            members = holder if isinstance(holder, dict) else getattr(holder, "__dict__", {})
            holder = members.get(key)
    return holder is module


def record() -> Block:
    """Keep, for each node that is made in the block, where it comes from: `Value.origin`.

    Stepping shows the source lines, drawing collapses the module calls, and an anomaly is blamed
    on the line that made it. It costs about half as much again as computing without. Where the
    block holds, and what it decorates, is as for `no_grad`.

    Examples
    --------
    >>> from autograd import Value, record
    >>> x = Value(2.0)
    >>> with record():
    ...     y = x * x + 1
    >>> y.origin.source, y.parents[0].origin.columns
    ('y = x * x + 1', (4, 9))
    >>> (x * x).origin is None
    True
    """
    return Block(_recording, "record")


def _recording() -> Change:
    """Let a recorder of its own see the new nodes."""
    recorder = Recorder()
    return lambda modes: modes._replace(recorder=recorder)


def running() -> Recorder | None:
    """Return the recorder of the innermost `record` block of this thread or task, if any."""
    return MODES.get().recorder if OPEN else None


# Classes of modules whose calls have not been wrapped: that is put off until something is
# recorded, so that until then a call costs nothing more.
_unwrapped: list[Any] = []
_WRAPPING = threading.RLock()


def register_module_class(cls: type) -> None:
    """Let `record` know of the calls of a class of modules, which offer `named_modules()`."""
    if "__call__" in vars(cls):
        _unwrapped.append(cls)
    if OPEN:
        _wrap_calls()


def _wrap_calls() -> None:
    """Wrap the calls of all classes that are registered."""
    if _unwrapped:  # a thread that comes second waits until the first has wrapped them all
        with _WRAPPING: _wrap_all()  # fmt: skip


def _wrap_all() -> None:
    while _unwrapped:
        cls = _unwrapped[-1]
        if not hasattr(cls.__call__, "_recorded"):  # it was interrupted here
            cls.__call__ = _recorded_call(cls.__call__)
        _unwrapped.remove(cls)


def _recorded_call(call: Callable[..., Any]) -> Callable[..., Any]:
    """A module's call that tells the recorder, if there is one, that it is running."""

    @functools.wraps(call)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = running()
        if recorder is None:
            return call(self, *args, **kwargs)
        inner = recorder.within(self)
        try:
            MODES.set(MODES.get()._replace(recorder=inner))
            out = call(self, *args, **kwargs)
            recorder.returned(self, out)
            return out
        finally:
            now = MODES.get()
            if now.recorder is inner:
                MODES.set(now._replace(recorder=recorder))

    wrapper._recorded = True  # type: ignore[attr-defined]  # a mark for `_wrap_all`
    return wrapper
