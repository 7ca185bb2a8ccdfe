"""Python in a browser, made ready: Pyodide's files, wheels beside them, and what compiling saves.

Half of the time until Python answers in a browser would go by where it compiles, each time anew,
the modules that it imports as it starts. So they are compiled here, by the very Python that will
run them: those of the standard library inside its archive, those of wheels in a wheel of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PYODIDE = ROOT / "tests" / "pyodide" / "node_modules" / "pyodide"
LIBRARY = "python_stdlib.zip"
LOCK = "pyodide-lock.json"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", LIBRARY)
BYTECODE = Path(__file__).parent / "bytecode.mjs"


def core(folder: Path) -> None:
    """Put Pyodide into a folder.

    Raises
    ------
    FileNotFoundError
        If Pyodide's npm package is not there.
    """
    if not PYODIDE.is_dir():
        raise FileNotFoundError("Python in the browser is missing: npm ci --prefix tests/pyodide")
    folder.mkdir(parents=True, exist_ok=True)
    for name in CORE:
        shutil.copyfile(PYODIDE / name, folder / name)


def ready(folder: Path, starting: str) -> list[str]:
    """Compile what some code imports that a page starts with; return the names of all wheels."""
    lock(folder)
    path = folder / wheel("bytecode")
    run("node", str(BYTECODE), str(folder), str(path), starting, cwd=ROOT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(*_facts("bytecode"))
    return lock(folder)


def wheel(name: str) -> str:
    """The file of a wheel that is made here."""
    return f"{name}-0-py3-none-any.whl"


def pack(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """Write a wheel of some files, by their places in it."""
    with zipfile.ZipFile(folder / wheel(name), "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            archive.writestr(place, content)
        archive.writestr(*_facts(name))


def _facts(name: str) -> tuple[str, str]:
    """Where a wheel that is made here says what it is, and what."""
    return f"{name}-0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n"


def lock(folder: Path) -> list[str]:
    """Write the lock file that names all wheels of a folder, and return their names."""
    packages = dict(map(_entry, sorted(folder.glob("*.whl"))))
    told = json.loads((PYODIDE / LOCK).read_text(encoding="utf-8"))
    (folder / LOCK).write_text(json.dumps({"info": told["info"], "packages": packages}))
    return list(packages)


def _entry(path: Path) -> tuple[str, dict[str, Any]]:
    """A wheel's name and what the lock file says of it. All are loaded, so none depends on any."""
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        told = next(name for name in names if name.endswith(".dist-info/METADATA"))
        facts = message_from_bytes(file.read(told))
    tops = {x.partition("/")[0].removesuffix(".py") for x in names if ".dist-info" not in x}
    name = facts["Name"].lower().replace("_", "-")
    return name, {
        "name": name, "version": facts["Version"], "file_name": path.name, "depends": [],
        "imports": sorted(tops), "install_dir": "site", "package_type": "package",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "unvendored_tests": False,
    }  # fmt: skip


def run(*command: str, cwd: Path, **environment: str) -> None:
    """Run a command; what it says is shown if it fails."""
    done = subprocess.run(  # noqa: S603  (a command of this folder)
        command, cwd=cwd, env=os.environ | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        done.check_returncode()
