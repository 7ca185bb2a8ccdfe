"""MNIST-1D: series of 40 numbers that a line, a perceptron and a convolution read more and more of.

S. Greydanus and D. Kobak, "Scaling down deep learning with MNIST-1D" (arXiv:2011.14439). The set is
made by the package `mnist1d`, of the group bench: 4,000 series to learn from and 1,000 held out.
"""

from __future__ import annotations

import random
import statistics
from typing import Any

import numpy as np

import autograd
import nn

BATCH = 100


def examples() -> tuple[list[Any], list[int], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the series as one channel each, their digits, and those of the test set."""
    from mnist1d.data import get_dataset_args, make_dataset

    made = make_dataset(get_dataset_args())
    return (
        made["x"][:, None, :].tolist(),
        made["y"].tolist(),
        made["x_test"][:, None, :],
        made["y_test"],
    )


def logistic(rng: random.Random) -> nn.Module:
    """Return a layer of ten units that sees all 40 numbers."""
    return nn.Sequential(nn.Flatten(), nn.Layer(40, 10, nonlin=False, rng=rng))


def perceptron(rng: random.Random) -> nn.Module:
    """Return a net of 40-100-100-10 units."""
    return nn.Sequential(nn.Flatten(), nn.MLP(40, [100, 100, 10], rng=rng))


def convolution(rng: random.Random) -> nn.Module:
    """Return three convolutions of 25 filters that halve the series, and a layer on top."""
    return nn.Sequential(
        nn.Conv1d(1, 25, 5, stride=2, padding=1, activation="relu", rng=rng),
        nn.Conv1d(25, 25, 3, stride=2, padding=1, activation="relu", rng=rng),
        nn.Conv1d(25, 25, 3, stride=2, padding=1, activation="relu", rng=rng),
        nn.Flatten(),
        nn.Layer(125, 10, nonlin=False, rng=rng),
    )


def learn(net: Any, inputs: list[Any], labels: list[int], epochs: int, rng: random.Random) -> None:
    """Train a net by Adam, whose rate falls to 0 on a line."""
    nn.init.kaiming(net, rng=rng)
    optimiser = nn.optim.Adam(net.parameters(), lr=0.01)
    nn.fit(
        net, nn.losses.cross_entropy, inputs, labels, optimiser, epochs, BATCH, rng,
        schedule=nn.optim.LinearLR(optimiser, 1.0, 0.0, epochs), progress=False, compile=True,
    )  # fmt: skip


def sequences(starts: int) -> dict[str, Any]:
    """Train three nets from several starts; return their accuracies on the test set."""
    inputs, labels, test_inputs, test_labels = examples()
    runs: list[dict[str, Any]] = [{"seed": start} for start in range(starts)]
    means = {}
    for make, epochs in ((logistic, 150), (perceptron, 150), (convolution, 60)):
        name = make.__name__
        for run in runs:
            rng = random.Random(run["seed"])
            net: Any = make(rng)
            learn(net, inputs, labels, epochs, rng)
            logits = np.array(autograd.compile(net).map(test_inputs))
            run[name] = round(float((logits.argmax(axis=0) == test_labels).mean()), 4)
            print(name, run, flush=True)
        means[name] = round(statistics.fmean(run[name] for run in runs), 4)
    return {"held out": len(test_labels), "starts": starts, **means, "runs": runs}
