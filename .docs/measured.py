"""The page of what was measured beside peers, from the figures kept with the benchmarks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "tests" / "benchmarks"


def page() -> str:
    """Return the page in Markdown: a table for each run, the last first."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import report
    finally:
        sys.path.remove(str(BENCHMARKS))
    parts = [
        "# Measured\n\nEach row in one run, medians; `python tests/benchmarks` measures them anew. "
        "The machine was not always quiet, and what missed its promise is here too."
    ]
    runs = [json.loads(x.read_text(encoding="utf-8")) for x in BENCHMARKS.glob("history/*.json")]
    for run in sorted(runs, key=lambda run: str(run["header"]["date"]), reverse=True):
        if not run["quick"]:
            header = run["header"]
            facts = [header[x] for x in ("python", "cpu")]
            facts += [f"load {header['load']}"] if "load" in header else []
            facts += [f"{x} {header[x]}" for x in ("micrograd", "xad") if header.get(x)]
            rows = [report.Row.of(row) for row in run["rows"]]
            parts += [f"## {header['date']}", f"{', '.join(facts)}.", report.markdown(rows)]
    return "\n\n".join(parts) + "\n"
