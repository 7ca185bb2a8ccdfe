"""Names, character by character: a small GPT after 1,000 steps of eight names each."""

from __future__ import annotations

import random
import statistics
from typing import Any

import nn
from autograd import no_grad
from nn.data import Characters
from nn.losses import cross_entropy

STEPS, BATCH, RATE = 1000, 8, 0.01


def surprise(model: Any, letters: Characters, texts: list[str]) -> float:
    """Return the mean surprise at each character of texts, in nats."""
    total, count = 0.0, 0
    with no_grad():
        for text in texts:
            read, expected = letters.example(text)
            total += cross_entropy(model(read), expected, reduction="sum").data
            count += len(expected)
    return total / count


def gpt(texts: list[str], letters: Characters, rng: random.Random) -> nn.Module:
    """Train the net of notebook 10 by Adam, whose rate falls to 0 on a line."""
    model = nn.GPT(len(letters), context=16, width=16, heads=4, blocks=1, rng=rng)
    optimiser = nn.optim.Adam(model.parameters(), lr=RATE, betas=(0.85, 0.99))
    for i in range(STEPS):
        batch = [texts[(i * BATCH + k) % len(texts)] for k in range(BATCH)]
        optimiser.param_groups[0]["lr"] = RATE * (1 - i / STEPS)
        optimiser.zero_grad()
        losses = [cross_entropy(model(x), y) for x, y in map(letters.example, batch)]
        (sum(losses) / BATCH).backward()
        optimiser.step()
    return model


def names(starts: int) -> dict[str, Any]:
    """Return the surprise of some GPTs at 200 names that they have not read."""
    texts = list(nn.data.names())
    random.Random(0).shuffle(texts)
    letters, held, rest = Characters(texts), texts[:200], texts[200:]
    runs = [
        round(surprise(gpt(rest, letters, random.Random(start)), letters, held), 4)
        for start in range(starts)
    ]
    return {
        "steps": STEPS,
        "names_a_step": BATCH,
        "held_out": {"mean": round(statistics.fmean(runs), 4), "runs": runs},
    }
