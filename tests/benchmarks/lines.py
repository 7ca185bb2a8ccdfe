"""The size of the engine's core, docstrings and all."""

from __future__ import annotations

from pathlib import Path

import peers
from measure import Sample
from report import Row

FILES = (
    "functions/row.py", "functions/operand.py", "graph/node.py", "graph/order.py",
    "graph/build.py", "graph/sweep.py", "graph/value.py",
)  # fmt: skip


def run(quick: bool) -> list[Row]:
    """Count the lines of the files that a reader reads first."""
    directory = Path(str(peers.glassgrad().__file__)).parent
    counts = {name: len((directory / name).read_text("utf-8").splitlines()) for name in FILES}
    each = ", ".join(f"{name} {count}" for name, count in counts.items())
    return [
        Row(f"lines of the core: {each}", "lines", Sample.of([sum(counts.values())]), at_most=900)
    ]
