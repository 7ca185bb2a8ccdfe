"""A million nodes: built, swept and freed."""

from __future__ import annotations

import gc

import chain
import peers
from measure import Sample, collector, in_child, seconds
from report import Row


def elapsed(name: str, steps: int) -> float:
    """Time a chain from its first node until its memory is returned."""
    chain.build(name, 100)()
    with collector(False):
        return seconds(lambda: _build_and_free(name, steps))


def run(quick: bool) -> list[Row]:
    """Measure the whole life of a graph of a million nodes; each time in a process of its own."""
    steps, repeats = (50_000, 1) if quick else (500_000, 5)
    names = [name for name in (peers.GLASSGRAD, *peers.PEERS) if peers.installed(name)]
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            times[name].append(in_child(elapsed, name, steps))
    return [
        Row(
            f"{2 * steps:,} nodes, build + backward + free (collector paused)",
            "s",
            Sample.of(times[peers.GLASSGRAD]),
            peer,
            Sample.of(times[peer]) if peer in times else None,
            at_most=1.3,
        )
        for peer in peers.PEERS
    ]


def _build_and_free(name: str, steps: int) -> None:
    """Build and sweep a chain and let go of it, as its engine's user would."""
    if name == peers.GLASSGRAD:
        with peers.glassgrad().collector_paused():
            chain.build(name, steps)()
        return
    chain.build(name, steps)()
    if name == peers.MICROGRAD:
        # Its nodes refer to themselves through their closures: only the collector frees them.
        gc.collect()
