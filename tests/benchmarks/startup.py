"""`import autograd`: what it adds to starting Python, and what it brings along."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

import peers
from measure import Sample
from report import Row

STATEMENTS = {
    "": "pass",
    peers.GLASSGRAD: "import autograd",
    peers.MICROGRAD: "import micrograd.engine",
    peers.XAD: "import xad.adj_1st",
}
UNWANTED = ("numpy", "scipy", "graphviz", "tqdm")


def start(statement: str, cache: str) -> float:
    """Time an interpreter from its start until it has run one statement, by its own clock.

    It is the processor's time, for the reason given at `measure.seconds`. Byte code is kept in
    the directory `cache`: an installed package has its byte code, whatever this shell's settings.
    """
    settings = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    return float(_output(f"{statement}; import time; print(time.process_time())", settings))


def brought_along() -> list[str]:
    """Return the unwanted packages that `import autograd` loads."""
    return _output(
        f"import sys, autograd; print(*(n for n in {UNWANTED} if n in sys.modules))"
    ).split()


def run(quick: bool) -> list[Row]:
    """Measure imports beyond bare Python, processes taken in turn."""
    repeats = 5 if quick else 25
    names = [name for name in STATEMENTS if not name or peers.installed(name)]
    times: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(repeats + 1):
            for name in names:
                elapsed = start(STATEMENTS[name], cache)
                if turn:  # The first turn writes the byte code and warms the disk's cache.
                    times[name].append(elapsed)

    def beyond(name: str) -> Sample | None:
        if name not in times:
            return None
        extra = [a - b for a, b in zip(times[name], times[""], strict=True)]
        return Sample(statistics.median(extra) * 1e3, (min(times[name]) - min(times[""])) * 1e3)

    loaded = brought_along()
    return [
        *(
            Row(
                "import, beyond bare Python",
                "ms",
                beyond(peers.GLASSGRAD),
                peer,
                beyond(peer),
                at_most=50,
            )
            for peer in peers.PEERS
        ),
        Row(
            f"of {', '.join(UNWANTED)}, loaded by import",
            f"packages {loaded}" if loaded else "packages",
            Sample.of([len(loaded)]),
            at_most=0,
        ),
    ]


def _output(program: str, settings: dict[str, str] | None = None) -> str:
    """Return what a fresh interpreter prints, that finds packages where they are installed."""
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=settings)
    return done.stdout
