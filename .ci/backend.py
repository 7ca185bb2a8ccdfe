"""The build backend: setuptools', with wheels equal in every byte and no tests in the sdist."""

from __future__ import annotations

import os
import runpy
import shutil
import zipfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (all the hooks that are not below)
from setuptools.command.build_ext import build_ext
from setuptools.command.egg_info import manifest_maker
from setuptools.dist import Distribution

# By default a source distribution has some of the tests, those that lie on top; ours has none. The
# file that says so is looked for in the project's root, where it is no business of the readers.
manifest_maker.template = ".ci/MANIFEST.in"

_build_extension = build_ext.build_extension


def _told(self: build_ext, extension: Any) -> None:
    """Build the library, which is told of what and how (autograd/twin.py)."""
    digest = runpy.run_path("autograd/native/sources.py")["digest"]()
    flags = " ".join(extension.extra_compile_args)
    extension.define_macros += [("SOURCES", str(digest)), ("FLAGS", flags)]
    _build_extension(self, extension)


build_ext.build_extension = _told

# The wheel for wherever C does not serve: GLASSGRAD_PUREPYTHON=1, as for the twin that runs.
if os.environ.get("GLASSGRAD_PUREPYTHON", "") not in ("", "0"):
    Distribution.has_ext_modules = lambda _: False

TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows


def build_wheel(wheel_directory: str, *args: Any, **kwargs: Any) -> str:
    """Build a wheel of what is there now, whose bytes depend on nothing else."""
    shutil.rmtree(Path("build", "lib"), ignore_errors=True)  # modules that are no more
    name = build_meta.build_wheel(wheel_directory, *args, **kwargs)
    _make_equal(Path(wheel_directory, name))
    return name


def _make_equal(wheel: Path) -> None:
    """Take the time and the umask of the build out of a wheel."""
    with zipfile.ZipFile(wheel) as old:
        parts = [(entry.filename, old.read(entry)) for entry in old.infolist()]
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, TIME)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3  # as on POSIX, wherever it is built
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
