"""Threads, tasks and interrupts: random graphs, ways of sweeping, modes and moments.

The oracles are integers: derivatives along all paths, and stacks of the modes that were asked for.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from injector import interrupts

from autograd import Value, checkpoint, detect_anomaly, is_grad_enabled, no_grad, record, vjp
from autograd.graph.modes import MODES, OPEN, Modes
from autograd.graph.variables import VARIABLES
from nn.modes import evaluation, is_evaluating

WAYS: list[dict[str, Any]] = [{}, {"accumulate": "exact"}, {"create_graph": True}]


def campaign(seconds: float, seed: int) -> Iterator[str]:
    """Try for some seconds, and yield what is wrong."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        try:
            attempt(random.Random(f"{seed} {number}"))
        except Exception as error:
            yield f"seed {seed}, number {number}: {type(error).__name__}: {error}"


def attempt(source: random.Random, _: Path | None = None) -> str:
    """Try something once; return what it was."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    kind = source.choice([sweeps, pullbacks, modes, tasks, interrupted])
    try:
        kind(source)
    finally:
        sys.setswitchinterval(before)
    return kind.__name__


def check(holds: object, what: str, *given: object) -> None:
    """Raise unless something holds."""
    if not holds:
        raise AssertionError(f"{what}; given {given!r:.500}")


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """What functions give that threads begin at the same time."""
    start = threading.Barrier(len(work), timeout=30)

    def begin(f: Callable[[], Any]) -> Any:
        start.wait()
        return f()

    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result(60) for each in [pool.submit(begin, f) for f in work]]


def graph(source: random.Random, leaves: list[Value]) -> tuple[list[Value], list[list[int]]]:
    """Random sums with integer factors, and the derivatives of each by every leaf."""
    nodes = list(leaves)
    slopes = [[int(i == k) for i in range(len(leaves))] for k in range(len(leaves))]
    recomputed = source.choice([0, 0, 0.1])  # where nothing is, sweeps are plain
    for _ in range(source.randrange(5, 40)):
        i, k = (source.randrange(len(nodes)) for _ in range(2))
        factor = source.randrange(-2, 3)
        if max(map(abs, slopes[i] + slopes[k])) > 2**20:
            continue
        if source.random() < recomputed:
            nodes.append(checkpoint(lambda a, b, c=factor: a * c + b)(nodes[i], nodes[k]))
        else:
            nodes.append(nodes[i] * factor + nodes[k])
        pairs = zip(slopes[i], slopes[k], strict=True)
        slopes.append([a * factor + b for a, b in pairs])
    return nodes, slopes


def new_leaves(source: random.Random) -> list[Value]:
    """Some leaves of one number type."""
    number = source.choice([float, Fraction])
    return [Value(number(source.randrange(9))) for _ in range(source.randrange(1, 4))]


def sweeps(source: random.Random) -> None:
    """Threads sweep roots of one graph in all ways: leaves hold the sum."""
    leaves = new_leaves(source)
    nodes, slopes = graph(source, leaves)
    hooked = [nodes[source.randrange(len(nodes))] for _ in range(source.choice([0, 0, 2]))]
    hooks = [node.register_hook(lambda gradient: None) for node in hooked]
    work, truth = [], [0] * len(leaves)
    for _ in range(source.choice([2, 4, 8])):
        k, times = source.randrange(len(nodes)), source.randrange(1, 6)
        way = source.choice(WAYS)

        def run(k: int = k, times: int = times, way: dict[str, Any] = way) -> None:
            for _ in range(times):
                nodes[k].backward(**way)

        work.append(run)
        truth = [t + times * s for t, s in zip(truth, slopes[k], strict=True)]
    at_once(work)
    found = [getattr(leaf.grad, "data", leaf.grad) for leaf in leaves]
    check(found == truth, "gradients", found, truth)
    for hook in hooks:
        hook.remove()


def pullbacks(source: random.Random) -> None:
    """Threads call one pullback with cotangents of their own."""
    number = random.Random(source.random())
    seen: list[list[int]] = []

    def f(x: Any) -> Any:
        nodes, slopes = graph(number, [x])
        seen.append(slopes[-1])
        y = nodes[-1]
        for _ in range(50):
            y = y + 0
        return y

    _, pullback = vjp(f, 2.0)

    def pulled(k: int) -> list[Any]:
        return [pullback(float(k))[0] for _ in range(20)]

    found = at_once([lambda k=k: pulled(k) for k in range(4)])
    truth = [[float(k * seen[0][0])] * 20 for k in range(4)]
    check(found == truth, "pulled", found, truth)


BLOCKS = {"off": no_grad, "recorded": record, "watched": detect_anomaly, "evaluated": evaluation}


def holding() -> set[str]:
    """Which modes hold here."""
    modes = MODES.get()
    check(is_grad_enabled() is modes.remembers, "what is said is what holds")
    found = {"off"} if not modes.remembers else set()
    found |= {"recorded"} if modes.recorder else set()
    found |= {"watched"} if modes.watched else set()
    return found | ({"evaluated"} if is_evaluating() else set())


def asked(opened: list[tuple[str, Any]]) -> set[str]:
    """Which modes the open blocks ask for."""
    names = {name for name, _ in opened}
    return names | ({"recorded"} if "watched" in names else set())


def deeds(source: random.Random, opened: list[tuple[str, Any]]) -> Iterator[None]:
    """Open and close blocks in any order, and compare what holds; wait in between."""
    own: list[tuple[str, Any]] = []
    for _ in range(source.randrange(20)):
        if source.random() < 0.6 or not own:
            name = source.choice(list(BLOCKS))
            own.append((name, BLOCKS[name]()))
            own[-1][1].__enter__()
        else:
            own.pop(source.randrange(len(own)))[1].__exit__(None, None, None)
        check(holding() == asked(opened + own), "modes", holding(), asked(opened + own))
        yield
    while own:
        own.pop()[1].__exit__(None, None, None)
        check(holding() == asked(opened + own), "modes", holding(), asked(opened + own))


def modes(source: random.Random) -> None:
    """Threads open and close blocks; each has its own."""
    seeds = [source.random() for _ in range(4)]

    def run(seed: float) -> None:
        for _ in deeds(random.Random(seed), []):
            pass

    at_once([lambda seed=seed: run(seed) for seed in seeds])


def tasks(source: random.Random) -> None:
    """Tasks and threads that begin inside of blocks have these too, for as long as they live."""
    seeds = [source.random() for _ in range(6)]

    async def steps(seed: float, opened: list[tuple[str, Any]]) -> None:
        for _ in deeds(random.Random(seed), opened):
            await asyncio.sleep(0)

    def run(seed: float, opened: list[tuple[str, Any]]) -> None:
        for _ in deeds(random.Random(seed), opened):
            pass

    async def main() -> None:
        begun = []
        opened: list[tuple[str, Any]] = []
        for seed in seeds:
            name = source.choice(list(BLOCKS))
            opened.append((name, BLOCKS[name]()))
            opened[-1][1].__enter__()
            if source.random() < 0.5:
                begun.append(asyncio.create_task(steps(seed, list(opened))))
            else:
                begun.append(asyncio.create_task(asyncio.to_thread(run, seed, list(opened))))
            await asyncio.sleep(0)
        while opened:
            opened.pop(source.randrange(len(opened)))[1].__exit__(None, None, None)
        await asyncio.gather(*begun)

    asyncio.run(main())
    check(holding() == set(), "modes", holding())


def interrupted(source: random.Random) -> None:
    """An exception at any line of a sweep in blocks: all is as before, and sweeps are right."""
    before = list(OPEN)  # of tests that ran before in this process
    leaves = new_leaves(source)
    nodes, slopes = graph(source, leaves)
    names = [source.choice(list(BLOCKS)) for _ in range(source.randrange(1, 4))]
    way, root = source.choice(WAYS), nodes[-1]
    collecting = gc.isenabled()

    def within(left: list[str]) -> None:
        if not left:
            root.backward(**way)
            return
        with BLOCKS[left[0]]():
            within(left[1:])

    kind = source.choice([KeyboardInterrupt, MemoryError])
    step, first = source.randrange(3, 40), source.randrange(1, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for interrupt in islice(interrupts(lambda: within(names), kind, step, first), 20):
            place = interrupt and interrupt.place
            del interrupt
            check(MODES.get() == Modes() and not is_evaluating() and not VARIABLES, "left", place)
            check(gc.isenabled() is collecting, "the collector", place)
            for leaf in leaves:
                leaf.zero_grad()
            root.backward()
            found = [leaf.grad for leaf in leaves]
            check(found == slopes[-1], "gradients", place, found, slopes[-1])
            for leaf in leaves:
                leaf.zero_grad()
        root.backward()
    if OPEN:
        gc.collect()
    left_open = [block for block in OPEN if block not in before]
    check(not left_open, "blocks are left open", left_open)
