"""What an older checkout takes for the same: ``python tests/benchmarks --before FOLDER``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import captured
import chain
import looking
import measure
import moons
import peers
import recorded
import rosenbrock
import tangle
import transformer
import ways
from measure import Sample, in_turn
from report import Row

BEFORE = "before"

# The task, its arguments in full and of a quick trial, and whether the collector is on.
Task = tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...], bool]
OURS = peers.GLASSGRAD
TASKS: dict[str, Task] = {
    "chain of 100,000 nodes": (chain.build, (OURS, 50_000), (OURS, 5_000), False),
    "chain of 100,000 nodes, collector on": (chain.build, (OURS, 50_000), (OURS, 5_000), True),
    "random graph of 87,000 nodes": (tangle.build, (OURS, 87_000), (OURS, 5_000), False),
    "moons step": (moons.task, (OURS, 100), (OURS, 10), False),
    "moons step, collector on": (moons.task, (OURS, 100), (OURS, 10), True),
    "transformer step": (transformer.task, (OURS, 8), (OURS, 2), False),
    "transformer step, collector on": (transformer.task, (OURS, 8), (OURS, 2), True),
    "gradient of Rosenbrock's function": (rosenbrock.build, (OURS, 1_000), (OURS, 100), False),
    "chain inside record()": (
        recorded.build, (recorded.RECORDED, 50_000), (recorded.RECORDED, 5_000), False
    ),
    "gradient that moves with parameters": (
        captured.build, (captured.CAPTURED, 16), (captured.CAPTURED, 4), False
    ),
    "2,000 nodes laid out and drawn": (looking.tangle, (2_000,), (200,), False),
    "an MLP collapsed and drawn": (looking.network, (300,), (30,), False),
    "a gradient checked": (looking.chain, (333,), (33,), False),
    **{
        f"{what.format(sizes[0])}, {name}": (
            build, (name, sizes[0]), (name, sizes[1]), False
        )
        for what, (build, names, sizes, _) in ways.PAIRS.items() for name in names
    },
}  # fmt: skip


def run(folder: Path, quick: bool) -> list[Row]:
    """Measure each task of this checkout and of the older one in turn."""
    roots = {OURS: measure.HERE.parents[1], BEFORE: folder.resolve()}
    rows = []
    for what, (make, full, less, collecting) in TASKS.items():
        times = in_turn(
            dict.fromkeys(roots, (make, *(less if quick else full))),
            2 if quick else 7,
            collecting=collecting,
            environments={
                name: {**os.environ, "PYTHONPATH": str(root)} for name, root in roots.items()
            },
        )
        ours, other = (Sample.of(times[name], per=1e-3) for name in roots)
        rows.append(Row(what, "ms", ours, BEFORE, other, slowdown_at_most=1.0))
    return rows
