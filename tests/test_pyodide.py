"""The package in Pyodide, the Python of browsers and JupyterLite: small stack, other C library."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "pyodide"
MISSING = [
    thing
    for thing, there in {
        "node": shutil.which("node"),
        "its package pyodide (npm ci --prefix tests/pyodide)": (
            FOLDER / "node_modules" / "pyodide"
        ).is_dir(),
    }.items()
    if not there
]


@pytest.mark.skipif(
    bool(MISSING) and "CI" not in os.environ, reason=f"missing here: {' and '.join(MISSING)}"
)
def test_pyodide_builds_sweeps_copies_and_frees_graphs():
    """A browser's stack is small: a deep graph must not overflow it, not even when it is freed."""
    assert not MISSING, f"in CI this has to run; missing: {' and '.join(MISSING)}"
    run = subprocess.run(
        ["node", "run.mjs"],  # noqa: S607  (whichever node the reader has)
        cwd=FOLDER, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.stdout.splitlines() == [
        "importing", "gradients", "deep_gradient", "wide", "refused",
        "deep 1000", "deep 3000", "deep 10000", "deep 100000",
    ], run.stderr[-2000:]  # fmt: skip
    assert run.returncode == 0
