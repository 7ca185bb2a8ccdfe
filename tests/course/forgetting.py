"""Ones, then twos: how much of the first a net recalls while it learns the second, with and without
rehearsal (M. McCloskey and N. J. Cohen, 1989)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import no_grad
from nn import MLP
from nn.data import rehearsed
from nn.losses import mse
from nn.optim import SGD

ONES = [(1, n) for n in range(1, 10)] + [(n, 1) for n in range(2, 10)]
TWOS = [(2, n) for n in range(1, 10)] + [(n, 2) for n in (1, 3, 4, 5, 6, 7, 8, 9)]
MARKS = (0, 5, 10, 20, 50, 100, 200, 400, 800)
Descent = Callable[[Any, int, float], dict[int, tuple[float, float]]]


def digit(d: int) -> list[float]:
    """Three neighbours of twelve units."""
    return [float(d <= i <= d + 2) for i in range(12)]


def question(a: int, b: int) -> list[float]:
    """Two digits, and four units for the sign between."""
    return [*digit(a), 1.0, 0.0, 1.0, 0.0, *digit(b)]


def examples(facts: list[tuple[int, int]]) -> tuple[list[list[float]], list[list[float]]]:
    """Questions and answers."""
    answers = [[*digit((a + b) // 10), *digit((a + b) % 10)] for a, b in facts]
    return [question(a, b) for a, b in facts], answers


def nearest(part: list[Any]) -> int:
    """The digit that half of an answer is nearest to."""

    def distance(d: int) -> float:
        return sum((x.data - y) ** 2 for x, y in zip(part, digit(d), strict=True))

    return min(range(10), key=distance)


def recalled(model: MLP, facts: list[tuple[int, int]]) -> float:
    """The share of facts that a net answers rightly."""
    with no_grad():
        outputs = [model(question(a, b)) for a, b in facts]
    said = [10 * nearest(out[:12]) + nearest(out[12:]) for out in outputs]
    return sum(n == a + b for n, (a, b) in zip(said, facts, strict=True)) / len(facts)


def descent(model: MLP) -> Descent:
    """Return what takes full-batch steps; the loss is traced once for all of them."""
    loss = autograd.compile(lambda x, t: 0.5 * mse(model(x), t, "sum"))

    def train(data: Any, epochs: int, lr: float) -> dict[int, tuple[float, float]]:
        optimiser, found = SGD(model.parameters(), lr=lr), {}
        inputs, targets = map(np.array, data)
        for epoch in range(epochs + 1):
            if epoch in MARKS:
                found[epoch] = recalled(model, ONES), recalled(model, TWOS)
            if epoch < epochs:
                optimiser.zero_grad()
                loss.map_backward(inputs, targets)
                for parameter in optimiser.param_groups[0]["params"]:
                    parameter.grad *= len(inputs)  # the sum over the facts, not their mean
                optimiser.step()
        return found

    return train


def forgetting(starts: int) -> dict[str, Any]:
    """28-50-24 units, weights within .3; ones to the last at .3, then twos at .1: alone for 100
    epochs, or with all 17 ones among them for 800.
    """
    runs = []
    for seed in range(starts):
        rng = random.Random(seed)
        model = MLP(28, [50, 24], activation="sigmoid", output_activation="sigmoid")
        for parameter in model.parameters():
            parameter.data = rng.uniform(-0.3, 0.3)
        train = descent(model)
        while recalled(model, ONES) < 1:
            train(examples(ONES), 5, 0.3)
        learned = model.state_dict()
        alone = train(examples(TWOS), 100, 0.1)
        model.load_state_dict(learned)
        both = rehearsed(examples(TWOS), examples(ONES), 17, rng=rng)
        rehearsal = train(both, 800, 0.1)
        runs.append({"seed": seed, "alone": alone, "rehearsed": rehearsal})
        print(runs[-1], flush=True)
    return {
        "starts": starts,
        **{
            f"{which} recalled, {way}": {
                epoch: round(sum(run[way][epoch][k] for run in runs) / starts, 2)
                for epoch in runs[0][way]
            }
            for way in ("alone", "rehearsed")
            for k, which in enumerate(("ones", "twos"))
        },
        "runs": runs,
    }
