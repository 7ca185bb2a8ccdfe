"""What one node of a chain of a million keeps in memory, built and swept."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import chain
import peers
from measure import Sample, in_child, resident
from report import Row


def most_bytes() -> float:
    """Return what was promised of the twin that is measured."""
    return 100 if peers.in_c() else 270


def growth(name: str, steps: int, kind: str) -> tuple[int, int]:
    """Return the bytes held after building and sweeping a chain, and the most held meanwhile."""
    chain.build(name, 10)()
    gc.collect()
    gc.disable()
    if kind == "traced":
        tracemalloc.start()
    look = tracemalloc.get_traced_memory if kind == "traced" else resident
    before, _ = look()
    kept = chain.build(name, steps)()
    after, highest = look()
    del kept
    return after - before, highest - before


def run(quick: bool) -> list[Row]:
    """Measure memory as Python traces it, and as the system sees it, in processes of their own."""
    steps, fewer = (50_000, 1_000) if quick else (500_000, 10_000)
    rows = [
        *_rows("traced", steps, [""]),
        # Each traced allocation costs time in proportion to the depth of the call, which makes
        # micrograd's recursion quadratic. XAD's tape is not Python's memory and is not traced.
        *_rows("traced", fewer, [peers.MICROGRAD]),
    ]
    if Path("/proc/self/status").exists():
        return rows + _rows("resident", steps, list(peers.PEERS))
    return [*rows, Row("resident memory: needs /proc", "bytes", None, at_most=most_bytes())]


def _rows(kind: str, steps: int, others: list[str]) -> list[Row]:
    """Compare memory of one kind with each of the other engines ("" for none)."""
    figures = {
        name: [Sample.of([bytes_], per=2 * steps) for bytes_ in in_child(growth, name, steps, kind)]
        for name in (peers.GLASSGRAD, *others)
        if name and peers.installed(name)
    }
    return [
        Row(
            f"chain of {2 * steps:,} nodes, {kind} memory {moment}, a node",
            "bytes",
            figures[peers.GLASSGRAD][index],
            peer,
            figures[peer][index] if peer in figures else None,
            at_most=most_bytes() if index == 0 else None,
        )
        for index, moment in enumerate(("after backward", "at its peak"))
        for peer in others
    ]
