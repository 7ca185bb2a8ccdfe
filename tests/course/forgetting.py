"""Ones, then twos: how much of the first a net recalls while it learns the second, with and without
rehearsal (M. McCloskey and N. J. Cohen, 1989)."""

from __future__ import annotations

import random
from typing import Any

from autograd import no_grad
from nn import MLP
from nn.data import rehearsed
from nn.losses import mse
from nn.optim import SGD

ONES = [(1, n) for n in range(1, 10)] + [(n, 1) for n in range(2, 10)]
TWOS = [(2, n) for n in range(1, 10)] + [(n, 2) for n in (1, 3, 4, 5, 6, 7, 8, 9)]
MARKS = (0, 5, 10, 20, 50, 100)


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


def train(model: MLP, data: Any, epochs: int, lr: float) -> dict[int, tuple[float, float]]:
    """Take full-batch steps; return what is recalled of ones and twos on the way."""
    optimiser, found = SGD(model.parameters(), lr=lr), {}
    for epoch in range(epochs + 1):
        if epoch in MARKS:
            found[epoch] = recalled(model, ONES), recalled(model, TWOS)
        if epoch < epochs:
            optimiser.zero_grad()
            (0.5 * mse([model(x) for x in data[0]], data[1], "sum")).backward()
            optimiser.step()
    return found


def forgetting(starts: int) -> dict[str, Any]:
    """28-50-24 units, weights within .3; ones to the last at .3, then twos at .1, or, as there are
    twice as many, both at .05.
    """
    runs = []
    for seed in range(starts):
        rng = random.Random(seed)
        model = MLP(28, [50, 24], activation="sigmoid", output_activation="sigmoid")
        for parameter in model.parameters():
            parameter.data = rng.uniform(-0.3, 0.3)
        while recalled(model, ONES) < 1:
            train(model, examples(ONES), 5, 0.3)
        learned = model.state_dict()
        alone = train(model, examples(TWOS), MARKS[-1], 0.1)
        model.load_state_dict(learned)
        both = rehearsed(examples(TWOS), examples(ONES), 17, rng=rng)
        rehearsal = train(model, both, MARKS[-1], 0.05)
        runs.append({"seed": seed, "alone": alone, "rehearsed": rehearsal})
        print(runs[-1], flush=True)
    return {
        "starts": starts,
        **{
            f"ones recalled, {name}": {
                epoch: round(sum(run[name][epoch][0] for run in runs) / starts, 2)
                for epoch in MARKS
            }
            for name in ("alone", "rehearsed")
        },
        "runs": runs,
    }
