"""The page "Try it": Python in the browser with the package, all from the site itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from runpy import run_path
from typing import Any

import browser

ROOT = Path(__file__).parents[1]
OWN = Path(__file__).parent / "try"
ENDINGS = {".py", ".js", ".css"}
# What the first answer imports is there before it is asked for.
STARTS = """
from trying import answer
answer("x", '{"x": "1"}', "explore")
"""
FIRST = ("tanh(w*x + b)**2 + relu(x - w)", {"w": "0.5", "x": "2", "b": "1"})


def on_post_build(config: Any) -> None:
    """Put the page beside the others."""
    build(Path(config.site_dir) / "try")


def build(folder: Path) -> None:
    """Write the page, Pyodide and the package into a folder.

    Raises
    ------
    FileNotFoundError
        If Pyodide's npm package is not there.
    """
    browser.core(folder / "pyodide")
    for name in ("index.html", "try.css", "try.js", "worker.js"):
        shutil.copyfile(OWN / name, folder / name)
    files = {"trying.py": (OWN / "trying.py").read_bytes()}
    for path in sorted((ROOT / "autograd").rglob("*")):
        if path.suffix in ENDINGS:
            files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    browser.pack(folder / "pyodide", "trying", files)
    browser.ready(folder / "pyodide", STARTS)
    (folder / "example.html").write_text(answer(*FIRST, "explore")["page"], encoding="utf-8")


def answer(text: str, numbers: dict[str, str], show: str) -> Any:
    """What is answered, as in the browser."""
    return json.loads(run_path(str(OWN / "trying.py"))["answer"](text, json.dumps(numbers), show))
