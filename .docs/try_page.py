"""The page "Try it": Python in the browser with the package, all from the site itself."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from runpy import run_path
from typing import Any

ROOT = Path(__file__).parents[1]
OWN = Path(__file__).parent / "try"
PYODIDE = ROOT / "tests" / "pyodide" / "node_modules" / "pyodide"
CORE = (
    "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip",
)  # fmt: skip
ENDINGS = {".py", ".js", ".css"}
FIRST = ("tanh(w*x + b)**2 + relu(x - w)", {"w": "0.5", "x": "2", "b": "1"})


def on_post_build(config: Any) -> None:
    """Put the page beside the others."""
    build(Path(config.site_dir) / "try")


def need_pyodide() -> None:
    """Raise FileNotFoundError if Pyodide's npm package is not there."""
    if not PYODIDE.is_dir():
        raise FileNotFoundError("Python in the browser is missing: npm ci --prefix tests/pyodide")


def build(folder: Path) -> None:
    """Write the page, Pyodide and the package into a folder.

    Raises
    ------
    FileNotFoundError
        If Pyodide's npm package is not there.
    """
    need_pyodide()
    (folder / "pyodide").mkdir(parents=True, exist_ok=True)
    for name in CORE:
        shutil.copyfile(PYODIDE / name, folder / "pyodide" / name)
    for name in ("index.html", "try.css", "try.js", "worker.js"):
        shutil.copyfile(OWN / name, folder / name)
    package = ROOT / "autograd"
    files = sorted(x for x in package.rglob("*") if x.suffix in ENDINGS)
    with zipfile.ZipFile(folder / "glassgrad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(ROOT))
        archive.write(OWN / "trying.py", "trying.py")
    (folder / "example.html").write_text(answer(*FIRST, "explore")["page"], encoding="utf-8")


def answer(text: str, numbers: dict[str, str], show: str) -> Any:
    """What is answered, as in the browser."""
    return json.loads(run_path(str(OWN / "trying.py"))["answer"](text, json.dumps(numbers), show))
