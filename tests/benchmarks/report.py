"""Rows of figures with their targets, and the tables they are printed as."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import peers
from measure import Sample

COLUMNS = (
    "what",
    "twin",
    "glassgrad",
    "peer",
    "its figure",
    "ratio: medians (minima)",
    "target",
    "",
)


@dataclass(frozen=True)
class Row:
    """One figure of glassgrad's, beside one peer's or alone, and what was promised of it.

    Parameters
    ----------
    what
        What was measured.
    unit
        The unit of both figures; smaller is better.
    ours, theirs
        The figures; a peer named without figures is missing.
    peer
        The peer's name, if there is one.
    at_most
        The target as a figure: glassgrad's median must not exceed it.
    speedup_at_least
        The target as a ratio: the peer's median over glassgrad's.
    slowdown_at_most
        The target as a ratio: glassgrad's median over the peer's.
    twin
        Which twin of the engine was measured.
    """

    what: str
    unit: str
    ours: Sample | None
    peer: str = ""
    theirs: Sample | None = None
    at_most: float | None = None
    speedup_at_least: float | None = None
    slowdown_at_most: float | None = None
    twin: str = ""

    @property
    def speedups(self) -> Sample | None:
        """The peer's figure over glassgrad's: of medians, and of minima."""
        if self.ours is None or self.theirs is None:
            return None
        if min(self.ours.minimum, self.theirs.minimum) <= 0:  # Lost in the noise.
            return None
        return Sample(
            self.theirs.median / self.ours.median, self.theirs.minimum / self.ours.minimum
        )

    @property
    def has_target(self) -> bool:
        """Whether something was promised."""
        return self.target != "-"

    @property
    def met(self) -> bool | None:
        """Whether the medians keep the promise; None without one, or where it was not measured."""
        if self.at_most is not None:
            return None if self.ours is None else self.ours.median <= self.at_most
        if self.speedups is None:
            return None
        if self.speedup_at_least is not None:
            return self.speedups.median >= self.speedup_at_least
        if self.slowdown_at_most is not None:
            return 1 / self.speedups.median <= self.slowdown_at_most
        return None

    @property
    def target(self) -> str:
        """The promise in words."""
        if self.at_most is not None:
            return f"<= {_number(self.at_most)} {self.unit}"
        if self.speedup_at_least is not None:
            return f">= {_number(self.speedup_at_least)}x less"
        if self.slowdown_at_most is not None:
            return f"<= {_number(self.slowdown_at_most)}x"
        return "-"

    @property
    def ratio(self) -> str:
        """The ratio in words, in the direction in which the target speaks of it."""
        if self.speedups is None:
            return "-"
        both = (self.speedups.median, self.speedups.minimum)
        if self.slowdown_at_most is None and both[0] >= 1:
            return f"{_number(both[0])}x less ({_number(both[1])})"
        return f"{_number(1 / both[0])}x ({_number(1 / both[1])})"

    @property
    def verdict(self) -> str:
        """met, missed, not measured, or nothing where nothing was promised."""
        if not self.has_target:
            return ""
        return {True: "met", False: "MISSED", None: "not measured"}[self.met]

    def cells(self) -> tuple[str, ...]:
        """The row as text, one string for each of `COLUMNS`."""
        ours, theirs = self._figure(self.ours), self._figure(self.theirs)
        if self.peer and self.theirs is None:
            theirs = peers.missing(self.peer)
        peer = self.peer or "-"
        return (self.what, self.twin, ours, peer, theirs, self.ratio, self.target, self.verdict)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Row:
        """Return the row that was recorded."""
        kept = {field.name: record[field.name] for field in fields(cls)}
        both = {key: kept[key] and Sample(**kept[key]) for key in ("ours", "theirs")}
        return cls(**kept | both)

    def record(self) -> dict[str, object]:
        """The row as data, for JSON."""
        speedups = self.speedups and asdict(self.speedups)
        return {**asdict(self), "speedups": speedups, "target": self.target, "met": self.met}

    def _figure(self, sample: Sample | None) -> str:
        """Write a median with its unit."""
        return "-" if sample is None else f"{_number(sample.median)} {self.unit}"


def header() -> dict[str, str]:
    """Tell where and when the figures were taken, and with which versions."""
    now = datetime.datetime.now(datetime.UTC)
    return {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cpu": f"{_cpu()}, {os.cpu_count()} cores",
        "platform": platform.platform(),
        "load": f"{os.getloadavg()[0]:.0f} processes" if hasattr(os, "getloadavg") else "unknown",
        "clock": "processor time; engines in turn, each in a process of its own",
        **{name: peers.version(name) for name in (peers.GLASSGRAD, *peers.PEERS)},
    }


def text(rows: Sequence[Row]) -> str:
    """Lay rows out as a plain table."""
    table = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def markdown(rows: Sequence[Row]) -> str:
    """Lay rows out as a Markdown table."""
    table = [COLUMNS, ("---",) * len(COLUMNS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def _number(figure: float) -> str:
    """Write a number with three digits, or all the digits of its whole part."""
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def _cpu() -> str:
    """Name the processor as well as the system can."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return (models or [platform.processor() or platform.machine()])[0]
