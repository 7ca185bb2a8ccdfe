"""Names, character by character: a small GPT after 1,000 steps, of one name each and of eight."""

from __future__ import annotations

import random
import statistics
from typing import Any

import numpy as np

import autograd
import nn
from nn.data import Characters
from nn.losses import cross_entropy

STEPS, RATE, SIZES = 1000, 0.01, (1, 8)  # names a step


class Names:
    """Names as rows of one length: what is read, what comes next, and how much each place counts.

    A name is filled up with ends that do not count. Attention looks back only, so that what stands
    after a name changes nothing within it.
    """

    def __init__(self, texts: list[str], letters: Characters, length: int) -> None:
        pairs = [letters.example(text) for text in texts]
        self.sizes = np.array([len(read) for read, _ in pairs])
        self.read, self.expected = (
            np.array([pair[k] + [0] * (length - len(pair[k])) for pair in pairs]) for k in (0, 1)
        )
        self.counts = np.arange(length) < self.sizes[:, None]

    def rows(self, where: Any) -> tuple[Any, Any, Any]:
        """Return some of the names, each with a weight for each place: its mean is over its own."""
        counts = self.counts[where] / self.sizes[where][:, None]
        return self.read[where], self.expected[where], counts


def loss_of(model: nn.Module) -> Any:
    """Return the mean surprise of a model at the characters of a name, in nats, compiled."""

    @autograd.compile
    def loss(read: list[Any], expected: list[Any], weights: list[Any]) -> Any:
        surprises = cross_entropy(model(read), expected, reduction="none")
        return autograd.dot(weights, surprises)

    return loss


def gpt(names: Names, size: int, rng: random.Random) -> tuple[Any, list[float]]:
    """Train the net of notebook 10 by Adam, whose rate falls to 0 on a line, so many names a step.

    Return the compiled loss, and the losses of the steps, each before it was taken.
    """
    model = nn.GPT(27, context=16, width=16, heads=4, blocks=1, rng=rng)
    optimiser = nn.optim.Adam(model.parameters(), lr=RATE, betas=(0.85, 0.99))
    loss, losses = loss_of(model), []
    for i in range(STEPS):
        optimiser.param_groups[0]["lr"] = RATE * (1 - i / STEPS)
        optimiser.zero_grad()
        where = np.arange(i * size, (i + 1) * size) % len(names.sizes)
        losses.append(loss.map_backward(*names.rows(where)))
        optimiser.step()
    return loss, losses


def names(starts: int) -> dict[str, Any]:
    """Return what GPTs make of the names that they read last, and of 200 that they have not read.

    Names are weighed by their characters for those that were held out, as in notebook 10; the loss
    of a step is the mean over its names of the mean over their characters, as in microgpt.
    """
    texts = list(nn.data.names())
    random.Random(0).shuffle(texts)
    letters, length = Characters(texts), max(map(len, texts)) + 1
    held, rest = (Names(part, letters, length) for part in (texts[:200], texts[200:]))
    runs: list[dict[str, Any]] = []
    for start in range(starts):
        run: dict[str, Any] = {"seed": start}
        for size in SIZES:
            loss, losses = gpt(rest, size, random.Random(start))
            surprises = loss.map(*held.rows(slice(None)))
            run[f"{size} a step"] = {
                "first 100 steps": round(statistics.fmean(losses[:100]), 4),
                "last 100 steps": round(statistics.fmean(losses[-100:]), 4),
                "held out": round(float(np.average(surprises, weights=held.sizes)), 4),
            }
        runs.append(run)
        print(run, flush=True)
    means = {
        way: {
            kind: round(statistics.fmean(run[way][kind] for run in runs), 4)
            for kind in runs[0][way]
        }
        for way in (f"{size} a step" for size in SIZES)
    }
    return {"starts": starts, "steps": STEPS, **means, "runs": runs}
