"""JupyterLite beside the site: the course in a browser, with a kernel that asks no other host.

``python .docs/lite.py FOLDER`` builds it alone.
"""

from __future__ import annotations

import functools
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import browser
import course

ROOT = Path(__file__).parents[1]
WHEELS = Path(__file__).parent / "wheels.txt"
STARTING = Path(__file__).parent / "kernel" / "sitecustomize.py"
EXTENSION = (
    Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@jupyterlite"
    / "pyodide-kernel-extension"
)  # fmt: skip
KERNEL = ("ipykernel", "piplite", "pyodide_kernel")  # which it brings along; they are on no index
# What jedi knows of packages that are not here: nine in ten of the files that are unpacked.
ABSENT = ("jedi/third_party/typeshed/stubs/", "jedi/third_party/django-stubs/")
STARTS = """
import piplite.piplite, pyodide_kernel
from autograd import Value, draw, explore, step
step(Value(1.0).exp())._repr_mimebundle_()
"""
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
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        pyodide, files = work / "static" / "pyodide", work / "files"
        files.mkdir()
        browser.core(pyodide)
        packages = wheels(pyodide)
        for path in sorted(course.NOTEBOOKS.glob("*.ipynb")):
            (files / path.name).write_text(json.dumps(notebook(path)), encoding="utf-8")
        kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": packages}}
        settings = {"appName": "glassgrad", "litePluginSettings": {PLUGIN: kernel}}
        (work / "jupyter-lite.json").write_text(
            json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": settings})
        )
        browser.run(
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
    browser.run(
        sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--platform", "any", "--abi", "none",
        "--implementation", "py", "--python-version", "3.14",
        "-r", str(WHEELS), "-d", str(folder), cwd=ROOT,
    )  # fmt: skip
    browser.run(
        sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps",
        "--no-build-isolation", "-w", str(folder), ".", cwd=ROOT, GLASSGRAD_PUREPYTHON="1",
    )  # fmt: skip
    for path in (EXTENSION / "static" / "pypi").glob("*.whl"):
        if path.name.startswith(KERNEL):
            shutil.copyfile(path, folder / path.name)
    for path in folder.glob("jedi-*.whl"):
        without(path, ABSENT)
    with zipfile.ZipFile(folder / browser.LIBRARY, "a", zipfile.ZIP_DEFLATED) as library:
        library.write(STARTING, STARTING.name)
    return browser.ready(folder, STARTS)


def without(path: Path, left_out: tuple[str, ...]) -> None:
    """Write a wheel anew without some of its folders."""
    with zipfile.ZipFile(path) as file:
        kept = {x: file.read(x) for x in file.namelist() if not x.startswith(left_out)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in kept.items():
            file.writestr(name, content)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
