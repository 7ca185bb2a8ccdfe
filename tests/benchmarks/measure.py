"""Measuring: timing in turn, the collector's state, child processes, resident memory."""

from __future__ import annotations

import gc
import importlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers import environment

HERE = Path(__file__).resolve().parent
RECURSION_LIMIT = 100_000_000
STACK_BYTES = 512 * 1024 * 1024
TURN_SECONDS = 0.25

_CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
import measure
measure.answer(*sys.argv[2:])
"""


@dataclass(frozen=True)
class Sample:
    """What repeated measurements of one thing came to."""

    median: float
    minimum: float

    @classmethod
    def of(cls, figures: Sequence[float], per: float = 1.0) -> Sample:
        """Summarise figures, each divided by `per`."""
        return cls(statistics.median(figures) / per, min(figures) / per)


@contextmanager
def collector(on: bool) -> Iterator[None]:
    """Run a block with the cyclic collector switched on or off, then restore its state."""
    before = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        yield
    finally:
        (gc.enable if before else gc.disable)()


def seconds(task: Callable[[], object]) -> float:
    """Time one call; what it returns is let go of after the clock is read.

    The clock is the processor's time of this process, which leaves out the time that other
    processes of a busy machine take; on an idle one it agrees with the clock on the wall.
    With the collector off, garbage of earlier calls is swept away first, untimed; with the
    collector on it is left to the collector, whose work is then part of what is timed, as it is
    in anyone's training loop.
    """
    if not gc.isenabled():
        gc.collect()
    start = time.process_time()
    kept = task()
    elapsed = time.process_time() - start
    del kept
    return elapsed


def in_turn(
    makers: Mapping[str, tuple[Any, ...]],
    repeats: int,
    *,
    collecting: bool,
    environments: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, list[float]]:
    """Time tasks in turn (a, b, a, b, ...), so that a drifting machine drifts for all of them.

    Each task lives in a process of its own, so that none pays for another's garbage, and only
    one of them runs at a time. A turn repeats a short task until a quarter of a second is full
    and counts the mean, so that quick and slow tasks find the processor's caches alike warm, and
    a collection that strikes one call in ten is a tenth of each. The first turn is not counted.

    Parameters
    ----------
    makers
        For each name a function of a benchmark's module and its arguments, as for `in_child`;
        the function returns the task.
    repeats
        How many turns each task has.
    collecting
        Whether the cyclic collector is on.
    environments
        That of each process, if it is not what the name of an engine stands for.

    Returns
    -------
    dict
        The seconds of each task.
    """
    times: dict[str, list[float]] = {name: [] for name in makers}
    with ExitStack() as stack:
        children = {}
        for name, (maker, *arguments) in makers.items():
            command = _command(serve, maker.__module__, maker.__name__, arguments, collecting)
            pipe = subprocess.PIPE
            settings = environments[name] if environments else environment(name)
            child = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=settings
            )
            children[name] = stack.enter_context(child)
        for turn in range(repeats + 1):
            for name, child in children.items():
                elapsed = _ask(child)
                if turn:
                    times[name].append(elapsed)
    return times


def in_child(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a module-level function of a benchmark in a fresh interpreter.

    The child gives it a large stack and no recursion limit to speak of, for peers that recurse.

    Parameters
    ----------
    function
        A function defined at the top of a module in this directory.
    arguments
        What to call it with; they and the answer travel as JSON.

    Raises
    ------
    RuntimeError
        If the child fails; the message ends with what it wrote to its standard error.
    """
    command = _command(function, *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(_failure(done.args, done.returncode, done.stderr))
    return json.loads(done.stdout)


def serve(module: str, maker: str, arguments: list[Any], collecting: bool) -> None:
    """Be a child of `in_turn`: make a task, and time it for each line that comes in."""
    task = getattr(importlib.import_module(module), maker)(*arguments)
    with collector(collecting):
        for _ in sys.stdin:
            times = [seconds(task)]
            while sum(times) < TURN_SECONDS:
                times.append(seconds(task))
            print(statistics.fmean(times), flush=True)


def answer(module: str, function: str, arguments: str) -> None:
    """Be a child: call the function, print its result as JSON and leave."""
    answers: list[str] = []

    def work() -> None:
        result = getattr(importlib.import_module(module), function)(*json.loads(arguments))
        answers.append(json.dumps(result))

    sys.setrecursionlimit(RECURSION_LIMIT)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    print("".join(answers), flush=True)
    # Tearing a peer's deep graph down may overflow the main thread's stack, so leave without it.
    os._exit(0 if answers else 1)


def resident() -> tuple[int, int]:
    """Tell this process's resident bytes, now and at their highest.

    Raises
    ------
    OSError
        Where the system has no ``/proc/self/status``.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    now, highest = (int(fields[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))
    return now, highest


def agree(
    what: str, ours: Sequence[float], theirs: Sequence[float], *, tolerance: float = 1e-9
) -> None:
    """Check that two engines computed the same numbers, before their speed is compared.

    Raises
    ------
    ArithmeticError
        If a pair differs by more than `tolerance`, relative to the larger magnitude in the pair.
    """
    for index, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if not abs(a - b) <= tolerance * max(abs(a), abs(b)):
            raise ArithmeticError(
                f"{what}: number {index} is {a!r} in one engine and {b!r} in the other"
            )


def _command(function: Callable[..., Any], *arguments: object) -> list[str]:
    """Write the command of a child that calls a function."""
    call = [function.__module__, function.__name__, json.dumps(arguments)]
    # -P keeps the working directory off the path: it is the installed package that is measured.
    return [sys.executable, "-P", "-c", _CHILD, str(HERE), *call]


def _ask(child: subprocess.Popen[str]) -> float:
    """Give a serving child its turn."""
    assert child.stdin
    assert child.stdout
    assert child.stderr
    try:
        child.stdin.write("\n")
        child.stdin.flush()
        return float(child.stdout.readline())
    except (OSError, ValueError) as error:  # It has died: the pipe is broken, or the line empty.
        # What the dead child wrote says more than the broken pipe.
        raise RuntimeError(_failure(child.args, child.wait(), child.stderr.read())) from error


def _failure(command: Any, code: int, errors: str) -> str:
    """Say which child ended badly, and how."""
    return f"{' '.join(command[-3:])} ended with {code} in its own process:\n{errors[-2000:]}"
