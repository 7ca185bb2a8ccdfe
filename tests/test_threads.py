"""Threads and tasks: sweeps of shared graphs are right, and nothing is made twice."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from fractions import Fraction
from typing import Any

import pytest
from hostile import threads

import autograd as ag
import autograd.graph.sweep
import nn
from autograd import Value, record
from autograd.ending import Nesting
from autograd.graph import adjoints, sweep

THREADS = 8


@pytest.fixture(autouse=True)
def _threads_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What functions give that threads begin at the same time."""
    start = threading.Barrier(len(work), timeout=60)

    def begin(f: Callable[[], Any]) -> Any:
        start.wait()
        return f()

    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result(60) for each in [pool.submit(begin, f) for f in work]]


def repeated(f: Callable[[], Any], times: int) -> Callable[[], None]:
    """A function that does what another does a number of times."""

    def run() -> None:
        for _ in range(times):
            f()

    return run


# -- sweeps of shared graphs ------------------------------------------------------------------


def ladder(x: Value, rungs: int = 40) -> Value:
    """A graph whose nodes are used twice each: its value and derivative are 2^rungs x."""
    for _ in range(rungs):
        x = x + x
    return x


SWEEPS: dict[str, dict[str, Any]] = {
    "plain": {}, "exact": {"accumulate": "exact"}, "graph": {"create_graph": True},
}  # fmt: skip


@pytest.mark.parametrize("sweep", SWEEPS)
def test_roots_that_share_interior_nodes_swept_in_eight_threads(sweep: str) -> None:
    x = Value(1.0)
    shared = ladder(x, 10)
    roots = [shared * (k + 1.0) for k in range(THREADS)]
    at_once(*[repeated(lambda root=root: root.backward(**SWEEPS[sweep]), 40) for root in roots])
    assert x.grad == 2**10 * 40 * sum(range(1, THREADS + 1))


def test_one_graph_swept_in_threads_in_every_way_at_once() -> None:
    x = Value(1.0)
    y = ladder(x, 10)
    at_once(*[repeated(lambda o=o: y.backward(**o), 40) for o in [*SWEEPS.values()] * 2])
    assert x.grad == 2**10 * 40 * 6
    assert all(node.grad == 2**k for k, node in enumerate(rungs(y)))


def rungs(y: Value) -> Iterator[Value]:
    """The nodes of a ladder from its end."""
    while y.parents:
        yield y
        y = y.parents[0]


def test_a_leaf_of_fractions_that_graphs_have_in_common() -> None:
    x = Value(Fraction(1, 3))
    roots = [ladder(x, 5) for _ in range(THREADS)]
    at_once(*[repeated(root.backward, 50) for root in roots])
    assert x.grad == Fraction(2**5 * 50 * THREADS)


def test_a_hooked_leaf_and_plain_sweeps_meanwhile() -> None:
    x, w = Value(1.0), Value(1.0)
    hook = w.register_hook(lambda gradient: gradient / 2)
    roots = [ladder(x, 8) * w if k % 2 else ladder(x, 8) for k in range(THREADS)]
    at_once(*[repeated(root.backward, 10) for root in roots])
    assert x.grad == 2**8 * 10 * THREADS
    assert w.grad == 2**8 * 10 * (THREADS / 2) / 2
    hook.remove()


def test_a_pullback_may_be_called_by_many_threads() -> None:
    _, pullback = ag.vjp(lambda x: ladder(x, 10), 1.0)
    found = at_once(*[lambda k=k: [pullback(k) for _ in range(200)] for k in range(THREADS)])
    assert found == [[(2.0**10 * k,)] * 200 for k in range(THREADS)]


def test_transforms_with_captured_parameters_beside_sweeps_of_these() -> None:
    w = Value(3.0)
    y = ladder(w, 10)
    slope = ag.grad(lambda x: x * x * w)

    def slopes() -> list[float]:
        return [slope(2.0).data for _ in range(10)]

    found = at_once(*[slopes, repeated(y.backward, 10)] * 3)
    assert found == [[12.0] * 10, None] * 3
    assert w.grad == 2**10 * 10 * 3


@pytest.mark.parametrize("kind", ["hook", "checkpoint"])
def test_a_users_function_in_a_sweep_may_wait_for_a_thread_that_sweeps(kind: str) -> None:
    """No turn is held while a function of the user's runs."""

    def elsewhere(x: Any) -> Any:
        at_once(ladder(Value(1.0), 3).backward, lambda: ag.grad(lambda x: x * x)(2.0))
        return x * x

    x = Value(3.0)
    if kind == "hook":
        y = x * x
        y.register_hook(elsewhere)
    else:
        y = ag.checkpoint(elsewhere)(x)
    done = threading.Thread(target=y.backward, daemon=True)
    done.start()
    done.join(60)
    assert not done.is_alive()
    assert x.grad == 6.0


@pytest.mark.python_twin("no instruction of Python's is in the midst of a sweep in C")
def test_a_sweep_in_the_midst_of_another_of_the_same_thread_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A signal handler or a finaliser runs between any two instructions, as a tracer does here."""
    for special in ("HOOKED", "CROSSED"):  # whatever another test has left alive
        monkeypatch.setattr(f"autograd.graph.sweep.{special}", {})
    x = Value(1.0)
    y = ladder(x, 3)
    refused: list[str] = []

    def tracer(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_name == "sweep" and event == "line" and not refused:
            with pytest.raises(RuntimeError, match="set a flag there, and sweep afterwards") as e:
                y.backward()
            refused.append(str(e.value))
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        y.backward()
    finally:
        sys.settrace(before)
    assert refused
    assert x.grad == 8.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_that_sweeps_the_same_graph_again_adds_its_part(create_graph: bool) -> None:
    x = Value(1.0)
    x.grad = 100.0
    middle = ladder(x, 3)
    y = ladder(middle, 2)
    inner = []

    def again(gradient: Any) -> None:
        if not inner:
            inner.append(gradient)
            y.backward(create_graph=create_graph)

    hook = middle.register_hook(again)
    y.backward(create_graph=create_graph)
    assert x.grad == 100 + 2**5 * 2
    hook.remove()


def test_a_gradient_that_is_0_now_may_be_a_function() -> None:
    """d2/dx2 of x^2 + x^3 is 2 at 0, where both first derivatives are 0."""
    x = Value(0.0)
    (x**2).backward(create_graph=True)
    (x**3).backward(create_graph=True)
    slope = x.grad
    x.zero_grad()
    slope.backward()
    assert x.grad == 2.0


# -- hooks and origins of shared nodes --------------------------------------------------------


def test_hooks_that_threads_register_at_once_all_run() -> None:
    for _ in range(50):
        x = Value(1.0)
        twice = functools.partial(x.register_hook, lambda gradient: gradient * 2)
        hooks = at_once(*[twice] * THREADS)
        (x * 1.0).backward()
        assert x.grad == 2**THREADS
        for hook in hooks:
            hook.remove()


# -- record -----------------------------------------------------------------------------------


class Outer(nn.Module):
    """A module with a member, whose nodes are in two calls."""

    def __init__(self) -> None:
        self.inner = nn.Neuron(1)

    def __call__(self, x: Value) -> Value:
        return self.inner([x]) * 2


def paths_of(model: Outer, times: int) -> list[list[tuple[str, ...]]]:
    """The names of the calls in which the nodes were made, for each call."""
    found = []
    for _ in range(times):
        y = model(Value(1.0))
        found.append([tuple(name for name, _ in node.origin.path) for node in (y, y.parents[0])])
    return found


RIGHT = [("Outer",), ("Outer", "inner")]


def test_tasks_in_threads_inside_of_one_record_block_have_paths_of_their_own() -> None:
    model = Outer()

    async def main() -> list[Any]:
        with record():
            return await asyncio.gather(
                *[asyncio.to_thread(paths_of, model, 30) for _ in range(THREADS)]
            )

    assert asyncio.run(main()) == [[RIGHT] * 30] * THREADS


def test_the_calls_of_one_block_have_numbers_of_their_own() -> None:
    model = Outer()

    async def main() -> list[Value]:
        with record():
            return await asyncio.gather(
                *[asyncio.to_thread(model, Value(1.0)) for _ in range(THREADS)]
            )

    numbers = [y.origin.path[0][1] for y in asyncio.run(main())]
    assert len(set(numbers)) == THREADS


def test_a_task_that_begins_in_a_call_of_a_module_goes_on_there() -> None:
    async def late(x: Value) -> Value:
        await asyncio.sleep(0)
        return x * x

    class Starting(nn.Module):
        def __call__(self, x: Value) -> Any:
            return asyncio.get_running_loop().create_task(late(x))

    async def main() -> tuple[Any, Any]:
        with record():
            task = Starting()(Value(1.0))
            return await task, Value(1.0) * 2

    inside, outside = asyncio.run(main())
    assert [name for name, _ in inside.origin.path] == ["Starting"]
    assert outside.origin.path == ()


def test_blocks_inside_of_a_module_call_leave_its_path() -> None:
    class Blocks(nn.Module):
        def __call__(self, x: Value) -> list[Any]:
            with ag.detect_anomaly():
                first = x * x
            with record():
                own = x * x
            return [first, own, x * x]

    with record():
        out = Blocks()(Value(1.0))
        out.append(Value(1.0) * 2)
    assert [[name for name, _ in y.origin.path] for y in out] == [["Blocks"], [], ["Blocks"], []]


# -- what is made when it is first used -------------------------------------------------------

PROGRAM = """
import sys, threading
import autograd, nn
from autograd import Value, record
sys.setswitchinterval(1e-6)
start, failures = threading.Barrier(8, timeout=60), []
def run():
    try:
        start.wait()
        work()
    except BaseException as error:
        failures.append(repr(error))
def begin(f):
    global work
    work = f
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert not failures, failures
"""

FIRST_USES = {
    "record": """
        model = nn.MLP(1, [1])
        def first():
            with record():
                assert [name for name, _ in model([1.0]).origin.path][0] == 'MLP'
        begin(first)
    """,
    "methods and functions of the rows": """
        from autograd.functions.rules import TABLE
        def first():
            for row in TABLE.values():
                if row.arity == 1 and callable(getattr(Value, row.name, None)):
                    x = Value(0.5)
                    y, z = getattr(x, row.name)(), row(x)
                    assert str(y.data) == str(z.data), row
                    y.backward()
        begin(first)
    """,
    "arrays": """
        from autograd.functions.arrays import value_array
        classes = []
        def first():
            classes.append(value_array())
        begin(first)
        assert len(set(classes)) == 1
    """,
    "lazily imported names": """
        def first():
            autograd.draw, autograd.fixed_point, autograd.step, autograd.testing
        begin(first)
    """,
}


def outcome(program: str) -> str:
    """What a Python process writes to standard error."""
    program = PROGRAM + textwrap.dedent(program)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=300).stderr


@pytest.mark.parametrize("name", FIRST_USES)
def test_the_first_use_by_eight_threads_at_once(name: str) -> None:
    assert outcome(FIRST_USES[name]) == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_that_is_forked_while_threads_sweep_can_sweep() -> None:
    assert outcome(FORK) == ""


FORK = """
    import os
    x = Value(1.0)
    y = x
    for _ in range(2000):
        y = y + x
    going = True
    def sweeping():
        while going:
            y.backward()
    threads = [threading.Thread(target=sweeping, daemon=True) for _ in range(2)]
    for thread in threads: thread.start()
    for _ in range(20):
        child = os.fork()
        if not child:
            y.backward(); os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    going = False
    for thread in threads: thread.join()
"""


# -- the campaign (tests/hostile) -------------------------------------------------------------


def tried(kind: str, count: int) -> str:
    """What a campaign finds first, in a context of its own."""

    def run() -> str:
        for number in range(count):
            try:
                getattr(threads, kind)(random.Random(f"{kind} {number}"))
            except AssertionError as error:
                return str(error)
        return ""

    return copy_context().run(run)


KINDS = {"sweeps": 30, "pullbacks": 30, "modes": 30, "tasks": 30, "interrupted": 15}


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_campaign_finds_nothing(kind: str) -> None:
    assert tried(kind, KINDS[kind]) == ""


# The mends that are taken back, and what the campaign then finds.
REVERTED: list[Any] = [
    pytest.param(
        "sweeps",
        "gradients",
        (sweep, adjoints),
        "SWEEPING",
        nullcontext(),
        marks=pytest.mark.python_twin("a sweep in C is one piece, without the lock too"),
    ),
    ("modes", "modes", (Nesting,), "end", lambda block: block.levels.set(None)),
]


@pytest.mark.parametrize(
    ("kind", "finds", "places", "name", "instead"),
    REVERTED,
    ids=["sweeps", "modes"],
)
def test_with_a_mend_taken_back_the_campaign_finds_the_fault(
    monkeypatch: pytest.MonkeyPatch, kind: str, finds: str, places: Any, name: str, instead: Any
) -> None:
    for place in places:
        monkeypatch.setattr(place, name, instead)
    assert tried(kind, 300).startswith(finds)
