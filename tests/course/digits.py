"""Handwritten digits: a multi-layer perceptron against a convolutional net, on a held-out fifth."""

from __future__ import annotations

import random
import statistics
from typing import Any

import nn
from autograd import no_grad

Image = list[list[list[float]]]


def examples() -> tuple[list[tuple[Image, int]], list[tuple[Image, int]]]:
    """Return four fifths to learn from and one that is held out, as planes of ink from 0 to 1."""
    data = nn.data.digits()
    found = [
        ([[[x / 16 for x in row[i : i + 8]] for i in range(0, 64, 8)]], label)
        for row, label in zip(data.features, data.labels, strict=True)
    ]
    random.Random(0).shuffle(found)
    fifth = len(found) // 5
    return found[fifth:], found[:fifth]


def perceptron(rng: random.Random) -> nn.Module:
    """Return a net with one hidden layer, to which a picture is 64 numbers in any order."""
    return nn.Sequential(nn.Flatten(), nn.MLP(64, [48, 10], rng=rng))


def convolutional(rng: random.Random) -> nn.Module:
    """Return a net of two padded convolutions, each followed by max pooling.

    Its sizes, the share that is dropped and the epochs were chosen by cross-validation within the
    part that is learned from.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding="same", activation="relu", rng=rng),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding="same", activation="relu", rng=rng),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.4, rng=rng),
        nn.Layer(128, 10, nonlin=False, rng=rng),
    )


def learn(
    net: nn.Module, train: list[tuple[Image, int]], rate: float, epochs: int, rng: random.Random
) -> list[float]:
    """Train a net by Adam, whose rate falls to 0 on a line; return the mean loss of each epoch."""
    nn.init.kaiming(net, rng=rng)
    optimiser = nn.optim.Adam(net.parameters(), lr=rate)
    inputs, labels = zip(*train, strict=True)
    return nn.fit(
        net, nn.losses.cross_entropy, inputs, labels, optimiser, epochs, batch_size=16, rng=rng,
        schedule=nn.optim.LinearLR(optimiser, 1.0, 0.0, epochs), progress=False, compile=True,
    )  # fmt: skip


def accuracy(net: Any, held: list[tuple[Image, int]]) -> float:
    """Return the share of pictures whose largest logit is the right one."""
    net.eval()
    with no_grad():
        right = 0
        for picture, label in held:
            logits = net(picture)
            right += max(range(10), key=lambda k: logits[k]) == label
    return right / len(held)


def digits(starts: int) -> dict[str, Any]:
    """Train both nets from several starts; return their accuracies on the held-out fifth."""
    train, held = examples()
    runs: list[dict[str, Any]] = []
    for start in range(starts):
        run: dict[str, Any] = {"seed": start}
        for make in (perceptron, convolutional):
            rng = random.Random(start)
            net: Any = make(rng)
            learn(net, train, 0.01, 20, rng)
            run[make.__name__] = round(accuracy(net, held), 4)
        runs.append(run)
        print(run, flush=True)
    means = {
        make.__name__: round(statistics.fmean(run[make.__name__] for run in runs), 4)
        for make in (perceptron, convolutional)
    }
    return {"held out": len(held), "starts": starts, **means, "runs": runs}
