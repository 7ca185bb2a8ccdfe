"""The benchmarks run; how fast they find the engine is not for a test to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import autograd

BENCHMARKS = Path(__file__).parent / "benchmarks"


def test_a_quick_benchmark_reports_a_figure_beside_a_target(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ["--quick", "--only", "import", "--json", str(figures)]
    # The very package under test is the one to measure, installed or not.
    environment = {**os.environ, "PYTHONPATH": str(Path(autograd.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS), *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "import, beyond bare Python" in done.stdout
    rows = json.loads(figures.read_text())["rows"]
    assert all(row["ours"]["median"] is not None and row["target"] for row in rows)
