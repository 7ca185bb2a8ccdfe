"""A random graph: how its nodes lie in memory says nothing of the order in which they are swept."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, agree, in_child, in_turn
from report import Row

LEAVES, SEED = 100, 5


Plan = list[tuple[bool, int, int]]


def planned(nodes: int) -> Plan:
    """Draw which two values, there before, each step takes: one of all and one of the last."""
    rng = random.Random(SEED)
    places = range(LEAVES, nodes // 2)
    return [
        (rng.random() < 0.5, rng.randrange(n), rng.randrange(max(0, n - 1000), n)) for n in places
    ]


def grown(leaves: list[Any], plan: Plan) -> Any:
    """Return the sum of the last of so many nodes, each of two that were there before."""
    values = leaves
    for is_product, i, j in plan:
        x, y = values[i], values[j]
        values.append(x * y + 0.125 if is_product else 0.5 * (x + y))
    return sum(values[-1000:])


def start() -> list[float]:
    """Return the numbers of the leaves."""
    rng = random.Random(SEED)
    return [rng.random() for _ in range(LEAVES)]


def build(name: str, nodes: int) -> Callable[[], list[float]]:
    """Return the task that builds the graph in an engine, sweeps it and reads the gradient."""
    numbers, plan = start(), planned(nodes)
    return lambda: (_by_xad if name == peers.XAD else _by_values)(name, numbers, plan)


def _by_values(name: str, numbers: list[float], plan: Plan) -> list[float]:
    """The gradient by an engine written for Python."""
    xs = [peers.engine(name).Value(x) for x in numbers]
    grown([*xs], plan).backward()
    return [x.grad for x in xs]


def _by_xad(_: str, numbers: list[float], plan: Plan) -> list[float]:
    """The gradient by XAD's tape."""
    adjoint = importlib.import_module("xad.adj_1st")
    xs = [adjoint.Real(x) for x in numbers]
    with adjoint.Tape() as tape:
        for x in xs:
            tape.registerInput(x)
        tape.newRecording()
        y = grown([*xs], plan)
        tape.registerOutput(y)
        y.derivative = 1.0
        tape.computeAdjoints()
        return [x.derivative for x in xs]


def results(name: str, nodes: int) -> list[float]:
    """Return the gradient, to be compared before anything is timed."""
    return build(name, nodes)()


def run(quick: bool) -> list[Row]:
    """Measure one gradient beside XAD's."""
    nodes, repeats = (5_000, 3) if quick else (87_000, 9)
    names = [name for name in (peers.GLASSGRAD, peers.XAD) if peers.installed(name)]
    first, *others = (in_child(results, name, nodes) for name in names)
    for other in others:
        agree("random graph", first, other)
    times = in_turn({name: (build, name, nodes) for name in names}, repeats, collecting=False)
    samples = {name: Sample.of(times[name], per=1e-3) for name in names}
    return [
        Row(
            f"random graph of {nodes:,} nodes, build + backward",
            "ms",
            samples[peers.GLASSGRAD],
            peers.XAD,
            samples.get(peers.XAD),
            slowdown_at_most=0.2 if peers.in_c() else None,
        )
    ]
