"""The twin in C beside the twin in Python, in what is more than building and sweeping."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from typing import Any

import chain
import peers
from measure import Sample, in_turn
from report import Row
from rosenbrock import point, rosenbrock


def attribute(_: str, name: str, times: int) -> Callable[[], Any]:
    """Return the task that reads an attribute of a node."""
    value = peers.glassgrad().Value
    node = value(0.5) * value(2.0)
    node.backward()
    source = f"def read(node):\n    for _ in range({times}):\n" + f"        node.{name}\n" * 10
    scope: dict[str, Any] = {}
    exec(source, scope)
    return lambda: scope["read"](node)


def copied(_: str, way: str, steps: int) -> Callable[[], Any]:
    """Return the task that copies or pickles a chain."""
    end, *_rest = chain.value_chain(peers.GLASSGRAD, steps)
    if way == "deepcopy":
        return lambda: copy.deepcopy(end)
    return lambda: pickle.loads(pickle.dumps(end))  # noqa: S301


def second_order(_: str, way: str, n: int) -> Callable[[], Any]:
    """Return the task that computes second derivatives of Rosenbrock's function."""
    autograd, xs = peers.glassgrad(), point(n)
    if way == "hessian":
        hessian = autograd.hessian(rosenbrock)
        return lambda: hessian(xs)
    rng = random.Random(n)
    v = [rng.gauss(0, 1) for _ in range(n)]
    return lambda: autograd.hvp(rosenbrock, xs, v)


# The task, what it is told, the sizes in full and of a quick trial, and the bound for the ratio.
TASKS: dict[str, tuple[Any, str, tuple[int, int], float]] = {
    "reading data": (attribute, "data", (20_000, 10_000), 1.5),
    "reading grad": (attribute, "grad", (20_000, 10_000), 1.5),
    "reading parents": (attribute, "parents", (20_000, 10_000), 2.0),
    "deepcopy of a chain": (copied, "deepcopy", (2_000, 1_000), 1.0),
    "pickling a chain and back": (copied, "pickle", (2_000, 1_000), 1.0),
    "hessian of Rosenbrock's function, n = 10": (second_order, "hessian", (10, 8), 1 / 1.4),
    "hvp of Rosenbrock's function, n = 200": (second_order, "hvp", (200, 100), 1 / 1.4),
}


def run(quick: bool) -> list[Row]:
    """Measure each task on both twins in turn."""
    if not peers.in_c():
        return []
    rows = []
    for what, (make, told, sizes, bound) in TASKS.items():
        names = (peers.GLASSGRAD, peers.PYTHON)
        makers = {name: (make, name, told, sizes[quick]) for name in names}
        times = in_turn(makers, 3 if quick else 9, collecting=False)
        ours, other = (Sample.of(times[name], per=1e-3) for name in names)
        rows.append(Row(what, "ms", ours, peers.PYTHON, other, slowdown_at_most=bound))
    return rows
