"""The benchmarks run; how fast they find the engine is not for a test to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
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


def test_the_list_of_public_tables_has_what_is_promised() -> None:
    """Of all kinds enough; each with a licence and a task, or to be refused."""
    entries = tomllib.loads((BENCHMARKS / "tables.toml").read_text(encoding="utf-8"))
    assert all(entry["licence"] for entry in entries.values())
    files = [facts for entry in entries.values() for facts in entry["files"]]
    assert all(("task" in facts) != facts.get("refused", False) for facts in files)
    assert len(files) >= 30
    assert sum(facts.get("text", False) for facts in files) >= 12
    assert sum(facts.get("missing", False) for facts in files) >= 8
    assert sum(facts.get("task") == "regression" for facts in files) >= 8
    assert sum("sep" in facts for facts in files) >= 3


def test_public_tables_are_trained_refused_or_said_to_be_missing() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(autograd.__file__).parents[1])}
    shown = {}
    for word in ("linnerud", "wine_data", "waltons"):
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "tables.py"), "--only", word],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        shown[word] = done.stdout.split()[0]
    assert (shown["linnerud"], shown["wine_data"]) == ("trained", "refused")
    assert shown["waltons"] in ("trained", "missing")  # lifelines need not be installed
