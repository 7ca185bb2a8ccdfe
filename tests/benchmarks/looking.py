"""What drawing and checking cost: a large graph laid out, a network collapsed, a chain checked."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, in_turn
from report import Row


def tangle(nodes: int, reach: int = 40) -> Callable[[], Any]:
    """Return the task that draws a random graph by the built-in layout."""
    autograd = peers.glassgrad()
    rng = random.Random(reach)
    values = [autograd.Value(rng.random()) for _ in range(10)]
    while len(values) < nodes:
        x, y = rng.choice(values[-reach:]), rng.choice(values[-reach:])
        values.append(x * y if rng.random() < 0.5 else x + y)
    root = sum(values[10:])
    return lambda: autograd.draw(root, engine="builtin", max_nodes=2 * nodes).svg


def network(calls: int) -> Callable[[], Any]:
    """Return the task that draws a network called so many times, its calls collapsed."""
    autograd = peers.glassgrad()
    from nn import MLP

    model = MLP(2, [16, 16, 1], rng=random.Random(0))
    with autograd.record():
        total = sum(model([float(i), 1.0]) for i in range(calls))
    return lambda: autograd.draw(total, engine="builtin", max_nodes=1000).svg


def chain(steps: int) -> Callable[[], Any]:
    """Return the task that holds the gradient of a chain against mpmath."""
    autograd = peers.glassgrad()
    from autograd.testing import check_gradients

    def f(x: Any, w: Any, b: Any) -> Any:
        for _ in range(steps):
            x = autograd.tanh(x * w + b)
        return x

    return lambda: check_gradients(f, (0.5, 1.1, 0.1))


def run(quick: bool) -> list[Row]:
    """Measure each task by itself."""
    tasks: list[tuple[str, Callable[..., Any], int, float]] = [
        ("{:,} nodes laid out and drawn", tangle, 200 if quick else 2_000, 1.0),
        (
            "MLP 2-16-16-1, {:,} calls, collapsed and drawn",
            network,
            30 if quick else 300,
            2.0,
        ),
        ("gradient of a chain of {:,} layers checked", chain, 33 if quick else 333, 1.0),
    ]
    rows = []
    for what, make, size, at_most in tasks:
        times = in_turn({peers.GLASSGRAD: (make, size)}, 3, collecting=False)
        sample = Sample.of(times[peers.GLASSGRAD], per=1.0)
        rows.append(Row(what.format(size), "s", sample, at_most=at_most))
    return rows
