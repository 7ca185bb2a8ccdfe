"""Exclusive or by nets that settle (L. B. Almeida and F. J. Pineda, 1987)."""

from __future__ import annotations

import random
from typing import Any

from nn import RecurrentBackprop, fit
from nn.losses import mse
from nn.optim import Adam

INPUTS, TARGETS = [[0, 0], [0, 1], [1, 0], [1, 1]], [-0.8, 0.8, 0.8, -0.8]


def settling(starts: int) -> dict[str, Any]:
    """Four units that see each other, the last of them the answer; Adam at .03, 600 sweeps."""
    runs = []
    for seed in range(starts):
        net = RecurrentBackprop(2, 4, 1, rng=random.Random(seed))
        history = fit(
            net, mse, INPUTS, TARGETS, Adam(net.parameters(), lr=0.03), 600, None,
            progress=False, stop_when=lambda epoch: epoch.loss < 0.01,
        )  # fmt: skip
        runs.append({"seed": seed, "sweeps": len(history), "loss": history[-1]})
    return {"starts": starts, "solved": sum(run["loss"] < 0.01 for run in runs), "runs": runs}
