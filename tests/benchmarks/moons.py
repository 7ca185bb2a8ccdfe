"""A training step of micrograd's demonstration: two moons, an MLP 2-16-16-1, hinge loss and L2."""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, agree, in_child, in_turn
from report import Row

POINTS, NOISE, SEED = 100, 0.1, 1337
DECAY, RATE = 1e-4, 0.1
MODULES = {peers.GLASSGRAD: "nn", peers.MICROGRAD: "micrograd.nn"}


def moons(count: int, noise: float, rng: random.Random) -> list[tuple[list[float], int]]:
    """Draw points of two interlocking half circles, labelled +1 and -1 by turns."""
    points = []
    for index in range(count):
        label = 1 if index % 2 else -1
        angle = rng.uniform(0.0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if label > 0:
            x, y = 1.0 - x, 0.5 - y
        points.append(([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)], label))
    return points


def network(name: str) -> Any:
    """Make an engine's MLP 2-16-16-1; both draw the same weights from the same seed."""
    random.seed(SEED)
    return importlib.import_module(MODULES[name]).MLP(2, [16, 16, 1])


def step(model: Any, examples: list[tuple[list[float], int]]) -> float:
    """Take one step of gradient descent, its graph freed at the end; return the loss before it."""
    margins = [(1 + -label * model(point)).relu() for point, label in examples]
    parameters = model.parameters()
    loss = sum(margins) * (1.0 / len(margins)) + DECAY * sum(p * p for p in parameters)
    model.zero_grad()
    loss.backward()
    for parameter in parameters:
        parameter.data -= RATE * parameter.grad
    return float(loss.data)


def task(name: str, count: int) -> Callable[[], float]:
    """Return an engine's step as a task.

    All engines train on while they are timed, so the steps of one turn start from equal weights.
    """
    model, examples = network(name), moons(count, NOISE, random.Random(SEED))
    return lambda: step(model, examples)


def results(name: str, count: int) -> list[float]:
    """Return the loss and the gradient of an engine's first step."""
    model, examples = network(name), moons(count, NOISE, random.Random(SEED))
    loss = step(model, examples)
    return [loss, *(parameter.grad for parameter in model.parameters())]


def run(quick: bool) -> list[Row]:
    """Measure a step with the collector on and with it off, beside micrograd's."""
    count, repeats = (20, 2) if quick else (POINTS, 9)
    return [
        _row(count, repeats, collecting=True, speedup=600.0 if peers.in_c() else 50.0),
        _row(count, repeats, collecting=False, speedup=60.0 if peers.in_c() else 6.5),
    ]


def _row(count: int, repeats: int, *, collecting: bool, speedup: float) -> Row:
    """Compare steps in one state of the collector, once they have been seen to agree."""
    names = [name for name in MODULES if peers.installed(name)]
    first, *others = (in_child(results, name, count) for name in names)
    for other in others:
        agree("moons", first, other)
    makers = {name: (task, name, count) for name in names}
    times = in_turn(makers, repeats, collecting=collecting)
    samples = {name: Sample.of(times[name], per=1e-3) for name in names}
    return Row(
        f"moons step, MLP 2-16-16-1, {count} points (collector {'on' if collecting else 'off'})",
        "ms",
        samples[peers.GLASSGRAD],
        peers.MICROGRAD,
        samples.get(peers.MICROGRAD),
        speedup_at_least=speedup,
    )
