"""What a derivative costs that moves with captured parameters: a network's input gradient."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, in_turn
from report import Row

PLAIN, CAPTURED = "under no_grad()", peers.GLASSGRAD


def build(name: str, hidden: int) -> Callable[[], Any]:
    """Return the task that takes the gradient of a network by its inputs, of Values or floats."""
    autograd = peers.glassgrad()
    from nn import MLP

    model = MLP(2, [hidden, hidden, 1], activation="tanh", rng=random.Random(0))
    slope = autograd.grad(model)
    if name == CAPTURED:
        return lambda: slope([0.3, -0.7])

    def plain() -> Any:
        with autograd.no_grad():
            return slope([0.3, -0.7])

    return plain


def run(quick: bool) -> list[Row]:
    """Measure the gradient that can be differentiated beside the one of plain numbers."""
    hidden, repeats = (4, 3) if quick else (16, 15)
    makers = {name: (build, name, hidden) for name in (CAPTURED, PLAIN)}
    times = in_turn(makers, repeats, collecting=False)
    samples = {name: Sample.of(times[name], per=1e-3) for name in makers}
    what = f"input gradient of an MLP 2-{hidden}-{hidden}-1 that moves with its parameters"
    return [Row(what, "ms", samples[CAPTURED], PLAIN, samples[PLAIN])]
