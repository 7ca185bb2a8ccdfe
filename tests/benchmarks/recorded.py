"""What `record()` costs: the chain built inside of it, beside the chain without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import peers
from chain import value_chain
from measure import Sample, in_turn
from report import Row

PLAIN, RECORDED = "without record()", peers.GLASSGRAD


def build(name: str, steps: int) -> Callable[[], Any]:
    """Return the task that builds and sweeps the chain, recorded or not."""
    if name == PLAIN:
        return lambda: value_chain(peers.GLASSGRAD, steps)

    def recorded() -> Any:
        with peers.glassgrad().record():
            return value_chain(peers.GLASSGRAD, steps)

    return recorded


def run(quick: bool) -> list[Row]:
    """Measure build and backward with recording beside without."""
    steps, repeats = (5_000, 3) if quick else (50_000, 9)
    makers = {name: (build, name, steps) for name in (RECORDED, PLAIN)}
    times = in_turn(makers, repeats, collecting=False)
    samples = {name: Sample.of(times[name], per=2 * steps * 1e-9) for name in makers}
    return [
        Row(
            f"chain of {2 * steps:,} nodes inside record(), a node (collector paused)",
            "ns",
            samples[RECORDED],
            PLAIN,
            samples[PLAIN],
            slowdown_at_most=1.6,
        )
    ]
