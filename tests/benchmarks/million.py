"""A hundred thousand to a million nodes: built, swept and freed."""

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


# Of the twin in C the sizes with the share of XAD's time; of that in Python a million, in seconds.
IN_C = {100_000: 1 / 12, 200_000: 0.18, 1_000_000: 0.28}
IN_PYTHON = {1_000_000: 1.3}


def run(quick: bool) -> list[Row]:
    """Measure the whole life of graphs; each time in a process of its own."""
    sizes = IN_C if peers.in_c() else IN_PYTHON
    return [
        row
        for size, bound in sizes.items()
        for row in (_rows(size // 20, 1, bound) if quick else _rows(size // 2, 5, bound))
    ]


def _rows(steps: int, repeats: int, bound: float) -> list[Row]:
    """Measure one size beside each peer."""
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
            at_most=None if peers.in_c() else bound,
            slowdown_at_most=bound if peers.in_c() and peer == peers.XAD else None,
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
