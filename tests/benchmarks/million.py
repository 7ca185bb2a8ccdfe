"""A hundred thousand to a million nodes: built, swept and freed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence

import chain
import peers
from measure import Sample, collector, in_child, in_turn, seconds
from report import Row


def elapsed(name: str, steps: int) -> float:
    """Time the first large graph of a process, from its first node until its memory is returned."""
    chain.build(name, 100)()
    with collector(False):
        return seconds(life(name, steps))


def life(name: str, steps: int) -> Callable[[], None]:
    """Return the task that builds and sweeps a chain and lets go of it, as its user would."""

    def live() -> None:
        if name == peers.GLASSGRAD:
            with peers.glassgrad().collector_paused():
                chain.build(name, steps)()
            return
        chain.build(name, steps)()
        if name == peers.MICROGRAD:
            # Its nodes refer to themselves through their closures: only the collector frees them.
            gc.collect()

    return live


# Of the twin in C the sizes with the share of XAD's time; of that in Python a million, in seconds.
IN_C = {100_000: 1 / 12, 200_000: 0.18, 1_000_000: 0.28}
IN_PYTHON = {1_000_000: 1.3}


def run(quick: bool) -> list[Row]:
    """Measure the whole life of graphs, one after the other; and of the first one of a process.

    A process's first graph pays for the memory that the system gives it, page by page.
    """
    sizes = IN_C if peers.in_c() else IN_PYTHON
    rows = []
    for size, bound in sizes.items():
        steps = size // 20 if quick else size // 2
        names = [name for name in (peers.GLASSGRAD, *peers.PEERS) if peers.installed(name)]
        makers = {name: (life, name, steps) for name in names}
        times = in_turn(makers, 1 if quick else 5, collecting=False)
        rows += _rows(f"{2 * steps:,} nodes, build + backward + free", times, bound)
        first: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(1 if quick else 5):
            for name in names:
                first[name].append(in_child(elapsed, name, steps))
        rows += _rows(f"the same, first graph of {2 * steps:,} nodes in a process", first, None)
    return rows


def _rows(what: str, times: Mapping[str, Sequence[float]], bound: float | None) -> list[Row]:
    """Set the times of one size beside each peer's."""
    return [
        Row(
            f"{what} (collector paused)",
            "s",
            Sample.of(times[peers.GLASSGRAD]),
            peer,
            Sample.of(times[peer]) if peer in times else None,
            at_most=None if peers.in_c() else bound,
            slowdown_at_most=bound if peers.in_c() and peer == peers.XAD else None,
        )
        for peer in peers.PEERS
    ]
