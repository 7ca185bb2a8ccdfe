"""Memory: the n-th allocation fails, for any n; then all is as before, and can be done again."""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from injector import changed_modes

import autograd as ag
import nn
from autograd import Value, draw, files
from autograd.display import step
from autograd.graph.many import dots
from hostile.saved import seal
from hostile.trying import check

# What CPython says where its own C code forgets that memory was short.
ITS_OWN = [
    (SystemError, ""),
    (TypeError, "os.PathLike"),
    (RuntimeError, "can't allocate read lock"),
]
# What 3.12 may say later, once in a thousand times, of the names of keywords and attributes.
LATER = re.compile("TypeError: .*must be strings?")


def swept(**way: Any) -> Callable[[Path], Any]:
    """Sweep one graph again and again: y = (a^2 + a) a with a = x^2, which is x^6 + x^4."""
    x = Value(2.0)
    a = x * x
    y = (a * a + a) * a

    def run(_: Path) -> Any:
        x.zero_grad()
        y.backward(**way)
        return getattr(x.grad, "data", x.grad)

    return run


def built(_: Path) -> Any:
    """Build and sweep."""
    x, w = Value(2.0), Value(3.0)
    h = ag.dot([w, x], [x, w], 1.0)
    with ag.record():
        y = h * h + ag.sum([x * w, x**2])
    y.backward()
    return x.grad, w.grad


def modes(_: Path) -> Any:
    """Open each block."""
    x = Value(2.0)
    with ag.no_grad(), ag.detect_anomaly(), ag.collector_paused(), nn.modes.evaluation():
        return (x * x).data


def hooked(_: Path) -> Any:
    """Sweep through a hook and what is computed again."""
    x = Value(2.0)
    y = ag.checkpoint(lambda x: x * x * x)(x)
    y.register_hook(lambda gradient: gradient * 2)
    y.backward()
    return x.grad


def nested(_: Path) -> Any:
    """Transforms in each other."""
    return ag.grad(ag.grad(lambda x: x**3 * x))(2.0), ag.jvp(lambda x: x * x, (2.0,), (1.0,))


def written(folder: Path) -> Any:
    """Write a file of several blocks."""
    files.write(folder / "file.txt", "written " * 100)


def model() -> nn.Module:
    """The same model each time."""
    return nn.MLP(1, [2, 1], rng=random.Random(0))


def saved(folder: Path) -> Any:
    """Save a model."""
    nn.save(model(), folder / "model.json")


def loaded(folder: Path) -> Any:
    """Load it."""
    if not (folder / "kept.json").exists():
        nn.save(model(), folder / "kept.json")
    return nn.load(folder / "kept.json").model.state_dict()


def trained(folder: Path) -> Any:
    """Train with checkpoints."""
    neuron = nn.Neuron(1, rng=random.Random(0))
    sgd = nn.optim.SGD(neuron.parameters(), 0.1)
    losses = nn.fit(neuron, nn.losses.mse, [[1.0]], [1.0], sgd, 1, progress=False,
                    checkpoint=folder / "run.json")  # fmt: skip
    return list(losses)


def drawn(folder: Path) -> Any:
    """Draw and save."""
    draw(Value(2.0) * 3.0, engine="builtin").save(folder / "drawing.svg")


def stepped(folder: Path) -> Any:
    """Step and save."""
    step(Value(2.0) * 3.0).save(folder / "steps.html")


def layered(_: Path) -> Any:
    """A layer whose inputs are Values in part, and its gradient as a transform has it."""
    xs, ws = [Value(2.0), 3.0], [[Value(1.0), 0.5], [Value(-1.0), Value(4.0)]]
    y = ag.sum(dots(ws, xs, [1.0, Value(0.0)]))
    y.backward()
    return ws[0][0].grad, xs[0].grad, ag.grad(lambda a: ag.dot([a, a], xs, a).tanh())(0.1)


def set_by_hand(_: Path) -> Any:
    """A node whose graph is set part by part, and read."""
    x, y = Value(2.0), Value(3.0)
    z = x * y
    z.partials = (5.0, 7.0)
    z.operands, z.data = (*z.parents, 1.0), Fraction(1, 2)
    z.data = 6.0
    z.backward()
    return z.op.name, len(z.operands), x.grad, y.grad


def called(_: Path) -> Any:
    """Rows and methods, on floats, Values and what only Python has."""
    x = Value(0.5)
    found = [ag.tanh(x), ag.tanh(0.5), x.power(2), ag.maximum(x, 1), 2 - x, x.elu(), abs(x), x % 2]
    found += [x.hypot(x), Value(Fraction(1, 2)) * 3]
    return [getattr(y, "data", y) for y in found], x < 1, x == Fraction(1, 2), bool(x)


def collected(_: Path) -> Any:
    """A cycle by a hook in the midst of untracked nodes, and a full collection."""

    def cycle() -> Any:
        x = Value(2.0)
        y = (x * x).tanh() * 3.0
        x.register_hook(lambda gradient: y.data and None)
        return y.partials

    slopes = cycle()
    gc.collect()
    return slopes


RUNS: list[Callable[[Path], Any]] = [
    swept(), swept(accumulate="exact"), swept(create_graph=True),
    built, modes, hooked, nested, written, saved, loaded, trained, drawn, stepped,
    layered, set_by_hand, called, collected,
]  # fmt: skip


def attempt(source: random.Random, folder: Path) -> str:
    """Let one allocation of a run fail."""
    number = source.randrange(len(RUNS))
    own = folder / str(number)
    own.mkdir(exist_ok=True)
    return deprived(number, own, source.randrange(1, allocations(number, own) + 1))


@cache
def allocations(number: int, folder: Path) -> int:
    """How many there are in a run: the last from which on it cannot do without a hundred.

    It may do without one, or a few: what CPython has no memory for it may compute anew. Without
    all that come after it goes on forever in places.
    """
    truth(number, folder)

    def goes_on(nth: int) -> str:
        try:
            _without(nth, lambda: RUNS[number](folder), many=100)
        except Exception:  # of whatever kind: `deprived` judges which are right
            return "failed"
        return "went on"

    came = _in_a_child(lambda: str(_last(goes_on)))
    # Where CPython itself breaks of it, each is tried in a child of its own.
    return int(came) if came.isdigit() else _last(lambda n: _in_a_child(lambda: goes_on(n)))


def _last(goes_on: Callable[[int], str]) -> int:
    """The last that some work does not go on without, by halves."""
    low, high = 1, 2
    while goes_on(high) != "went on":
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if goes_on(middle) == "went on" else (middle, high)
    return low


@cache
def truth(number: int, folder: Path) -> tuple[Any, dict[str, bytes]]:
    """What comes of a run where there is memory, and what is in the folder then."""
    run = RUNS[number]
    run(folder)  # what is made once is made
    return run(folder), contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """What is in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def deprived(number: int, folder: Path, nth: int) -> str:
    """Let the n-th allocation of a run fail, in a process of its own.

    What breaks there without a word, or by what `LATER` has, as no code in Python can, is a fault
    of CPython's, as https://github.com/python/cpython/issues/151773 is for two allocations that
    fail.
    """
    truth(number, folder)
    came = _in_a_child(lambda: _deprived(number, folder, nth))
    if LATER.match(came):
        return "broke"
    check(came in ("failed", "went on", "broke"), came, (RUNS[number].__name__, nth))
    return came


def _deprived(number: int, folder: Path, nth: int) -> str:
    """Do so in this process, and return what came of it."""
    run, (right, files) = RUNS[number], truth(number, folder)
    given, came, place = (run.__name__, nth), "went on", ""
    try:
        found = _without(nth, lambda: run(folder))
        check(found == right, "a wrong result", (*given, found))
    except MemoryError as error:  # while it is alive, and holds what its frames hold
        came, place = "failed", "".join(traceback.format_tb(error.__traceback__)[-1:])
        check(not changed_modes(), f"{changed_modes()} changed", (*given, place))
    except (SystemError, TypeError, RuntimeError) as error:
        own = any(isinstance(error, kind) and text in str(error) for kind, text in ITS_OWN)
        check(own, f"another error: {error!r}", given)
        came = "broke"
    check(not changed_modes(), f"{changed_modes()} changed", given)
    for name, content in contents(folder).items():
        if not name.startswith("."):
            check(content == files.get(name) or sealed(content), "a file is torn", (*given, name))
    check(run(folder) == right, "it cannot be done again", (*given, place))
    check(contents(folder) == files, "other files", (*given, place, sorted(contents(folder))))
    return came


def sealed(content: bytes) -> bool:
    """Whether a file is whole by its checksum."""
    try:
        document = json.loads(content)
        return bool(document == json.loads(seal(document)))
    except ValueError:
        return False


def _without(nth: int, work: Callable[[], Any], many: int = 1) -> Any:
    """Do some work without its n-th allocation, or without that and some after it."""
    from _testcapi import remove_mem_hooks, set_nomemory

    set_nomemory(nth, nth + many)
    try:
        return work()
    finally:
        remove_mem_hooks()


def _in_a_child(work: Callable[[], str]) -> str:
    """Return what some work gives in a child, or "broke" if that dies of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.unraisablehook = lambda unraisable: None
            faulthandler.disable()
            gc.freeze()  # collections look at what is made here
            warnings.simplefilter("ignore")
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        with open(reading) as pipe:
            return pipe.read() or "broke"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
