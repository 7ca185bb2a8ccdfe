"""Symmetry and exclusive or, from many starts (PDP, chapter 8; Nature 323, 1986)."""

from __future__ import annotations

import random
import statistics
from typing import Any

import autograd
from nn import MLP
from nn.data import symmetry as patterns
from nn.data import xor as cases
from nn.losses import mse
from nn.optim import SGD

SWEEPS = 20_000


def descend(model: MLP, data: Any, lr: float, sweeps: int, below: float) -> tuple[int, float]:
    """Take full-batch steps until the loss is below a bound; return how many, and the loss."""
    inputs, targets = data.features, [float(label) for label in data.labels]
    optimiser = SGD(model.parameters(), lr=lr, momentum=0.9)
    loss = autograd.compile(lambda: 0.5 * mse([model(x) for x in inputs], targets, "sum"))
    sweep, found = 0, float("inf")
    while sweep < sweeps and found >= below:
        optimiser.zero_grad()
        found = loss.backward()
        optimiser.step()
        sweep += 1
    return sweep, found


def net(nin: int, hidden: int, low: float, high: float, seed: int) -> MLP:
    """Return a net of sigmoid units with one output, its weights and biases drawn evenly."""
    model = MLP(nin, [hidden, 1], activation="sigmoid", output_activation="sigmoid")
    rng = random.Random(seed)
    for parameter in model.parameters():
        parameter.data = rng.uniform(low, high)
    return model


def ratios(model: MLP) -> tuple[float, list[float]]:
    """How far the weights are from opposite about the middle, and their sizes over the smallest."""
    worst, sizes = 0.0, [0.0, 0.0, 0.0]
    for neuron in model.layers[0].neurons:
        w = [weight.data for weight in neuron.w]
        largest = max(map(abs, w))
        worst = max(worst, *(abs(w[i] + w[5 - i]) / largest for i in range(3)))
        own = sorted(abs(weight) for weight in w[:3])
        sizes = [a + b / own[0] / 2 for a, b in zip(sizes, own, strict=True)]
    return worst, sizes


def symmetry(starts: int) -> dict[str, Any]:
    """Six inputs, two hidden units, all 64 patterns: eps .1, alpha .9, weights within .3."""
    runs = []
    for seed in range(starts):
        model = net(6, 2, -0.3, 0.3, seed)
        sweeps, loss = descend(model, patterns(6), 0.1, SWEEPS, 0.2)
        apart, sizes = ratios(model)
        run: dict[str, Any] = {"seed": seed, "sweeps": sweeps, "loss": loss}
        if loss < 0.2:
            run |= {"asymmetry": apart, "sizes": [round(size, 2) for size in sizes]}
        runs.append(run)
    solved = [run for run in runs if run["loss"] < 0.2]
    kinds = [":".join(f"{2 * size:.0f}" for size in run["sizes"]) for run in solved]
    return {
        "starts": starts,
        "solved": len(solved),
        "median sweeps": statistics.median(run["sweeps"] for run in solved),
        "largest asymmetry": max(run["asymmetry"] for run in solved),
        "twice the sizes": {kind: kinds.count(kind) for kind in sorted({*kinds})},
        "runs": runs,
    }


def xor(starts: int) -> dict[str, Any]:
    """Two inputs, two hidden units: lr .5, alpha .9, weights within 1; stuck after 5,000 sweeps."""
    runs = []
    for seed in range(starts):
        sweeps, loss = descend(net(2, 2, -1, 1, seed), cases(), 0.5, 5000, 0.01)
        runs.append({"seed": seed, "sweeps": sweeps, "loss": loss})
    stuck = [run for run in runs if run["loss"] >= 0.01]
    return {
        "starts": starts,
        "stuck": len(stuck),
        "losses of the stuck": sorted({round(run["loss"], 2) for run in stuck}),
        "runs": runs,
    }
