"""JupyterLite beside the site: the course in a browser, with a kernel that asks no other host.

``python .docs/lite.py FOLDER`` builds it alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import course
import try_page

ROOT = Path(__file__).parents[1]
WHEELS = Path(__file__).parent / "wheels.txt"
BYTECODE = Path(__file__).parent / "bytecode.mjs"
EXTENSION = (
    Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@jupyterlite"
    / "pyodide-kernel-extension"
)  # fmt: skip
KERNEL = ("ipykernel", "piplite", "pyodide_kernel")  # which it brings along; they are on no index
CORE = [name for name in try_page.CORE if name != "pyodide-lock.json"]
LOCK = "pyodide-lock.json"
PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"


def on_post_build(config: Any) -> None:
    """Put it beside the pages."""
    shutil.copytree(Path(_built().name, "lite"), Path(config.site_dir) / "lite", dirs_exist_ok=True)


@functools.cache  # while pages are served and made anew
def _built() -> tempfile.TemporaryDirectory[str]:
    """Build it in a folder that lasts as long as the process."""
    folder = tempfile.TemporaryDirectory()
    build(Path(folder.name, "lite"))
    return folder


def build(folder: Path) -> None:
    """Build JupyterLite with Pyodide, the wheels, this package and the notebooks into a folder.

    Raises
    ------
    FileNotFoundError
        If Pyodide's npm package is not there.
    subprocess.CalledProcessError
        If a wheel is not what its hash says, node is missing or fails, or JupyterLite finds what
        it built unsound.
    """
    try_page.need_pyodide()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        pyodide, files = work / "static" / "pyodide", work / "files"
        pyodide.mkdir(parents=True)
        files.mkdir()
        for part in CORE:
            shutil.copyfile(try_page.PYODIDE / part, pyodide / part)
        packages = wheels(pyodide)
        for path in sorted(course.NOTEBOOKS.glob("*.ipynb")):
            (files / path.name).write_text(json.dumps(notebook(path)), encoding="utf-8")
        kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": packages}}
        settings = {"appName": "glassgrad", "litePluginSettings": {PLUGIN: kernel}}
        (work / "jupyter-lite.json").write_text(
            json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": settings})
        )
        _run(
            sys.executable, "-m", "jupyterlite_core", "check", "--lite-dir", ".",
            "--contents", "files", "--output-dir", str(folder.resolve()), "--apps", "lab",
            "--no-sourcemaps", "--no-unused-shared-packages", "--no-libarchive",
            "--ignore-sys-prefix",
            f"--LiteBuildConfig.federated_extensions={EXTENSION}", cwd=work,
        )  # fmt: skip


def notebook(path: Path) -> course.Page:
    """Return a notebook for this kernel, with a word on whether it runs here."""
    page = course.noted(course.read(path))
    page["metadata"]["kernelspec"] = {
        "name": "python", "display_name": "Python (Pyodide)", "language": "python",
    }  # fmt: skip
    return page


def wheels(folder: Path) -> list[str]:
    """Put all wheels beside Pyodide, and what their Python compiles of them; return their names."""
    _run(
        sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--platform", "any", "--abi", "none",
        "--implementation", "py", "--python-version", "3.14",
        "-r", str(WHEELS), "-d", str(folder), cwd=ROOT,
    )  # fmt: skip
    _run(
        sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps",
        "--no-build-isolation", "-w", str(folder), ".", cwd=ROOT, GLASSGRAD_PUREPYTHON="1",
    )  # fmt: skip
    for path in (EXTENSION / "static" / "pypi").glob("*.whl"):
        if path.name.startswith(KERNEL):
            shutil.copyfile(path, folder / path.name)
    lock(folder)
    # A third of the time until a kernel is ready goes by where each browser compiles for itself.
    _run("node", str(BYTECODE), str(folder), str(folder / "bytecode-0-py3-none-any.whl"), cwd=ROOT)
    return lock(folder)


def lock(folder: Path) -> list[str]:
    """Write the lock file that names all wheels of a folder, and return their names."""
    packages = dict(map(_entry, sorted(folder.glob("*.whl"))))
    core = json.loads((try_page.PYODIDE / LOCK).read_text(encoding="utf-8"))
    (folder / LOCK).write_text(json.dumps({"info": core["info"], "packages": packages}))
    return list(packages)


def _entry(wheel: Path) -> tuple[str, dict[str, Any]]:
    """A wheel's name and what the lock file says of it. All are loaded, so none depends on any."""
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        told = next(name for name in names if name.endswith(".dist-info/METADATA"))
        facts = message_from_bytes(file.read(told))
    tops = {x.partition("/")[0].removesuffix(".py") for x in names if ".dist-info" not in x}
    name = facts["Name"].lower().replace("_", "-")
    return name, {
        "name": name, "version": facts["Version"], "file_name": wheel.name, "depends": [],
        "imports": sorted(tops), "install_dir": "site", "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "unvendored_tests": False,
    }  # fmt: skip


def _run(*command: str, cwd: Path, **environment: str) -> None:
    """Run a command; what it says is shown if it fails."""
    done = subprocess.run(  # noqa: S603  (a command of this file)
        command, cwd=cwd, env=os.environ | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        done.check_returncode()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
