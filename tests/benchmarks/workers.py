"""Measure lanes on the workers of a dask cluster: python tests/benchmarks/workers.py [WORKERS ...].

Prints the curve of `notebooks/reference/dask.md`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd

LANES = (10_000, 100_000, 1_000_000)
STEPS = 100


def pendulum(x: Any) -> Any:
    """The energy that a damped pendulum has left after some steps: much work on two numbers."""
    angle, speed = x
    for _ in range(STEPS):
        speed = speed - 0.05 * autograd.sin(angle) - 0.01 * speed
        angle = angle + 0.05 * speed
    return 0.5 * speed * speed + 1.0 - autograd.cos(angle)


def smooth(x: Any) -> Any:
    """Little work on two numbers."""
    return autograd.tanh(x[0] * x[1])


def fastest(call: Callable[..., Any], *args: Any, rounds: int = 3, **options: Any) -> float:
    """Return the seconds of the fastest of some calls."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call(*args, **options)
        times.append(time.perf_counter() - began)
    return min(times)


def main(workers: list[int]) -> None:
    """Print a row for each function and number of lanes."""
    from distributed import Client, LocalCluster

    numbers = np.random.default_rng(0).normal(size=(max(LANES), 2))
    functions = {f.__name__: autograd.compile(f) for f in (pendulum, smooth)}
    head = ["function", "lanes", "here, s", *(f"workers: {n}, s" for n in workers)]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    rows = {
        (name, lanes): [fastest(g.map_value_and_grad, numbers[:lanes])]
        for name, g in functions.items()
        for lanes in LANES
    }
    for count in workers:
        with (
            LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=":0") as cluster,
            Client(cluster) as client,
        ):
            for (name, lanes), row in rows.items():
                call = functions[name].map_value_and_grad
                row.append(fastest(call, numbers[:lanes], client=client))
    for (name, lanes), row in rows.items():
        print(f"| {name} | {lanes:,} | " + " | ".join(f"{x:.2g}" for x in row) + " |", flush=True)


if __name__ == "__main__":
    main([int(x) for x in sys.argv[1:]] or [1, 2])
