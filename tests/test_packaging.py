"""What is installed: built from the sources alone, in equal bytes, and beside nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [".ci", "autograd", "nn", "tests", "notebooks", "LICENSE", "README.md", "CHANGELOG.md",
           "pyproject.toml"]  # fmt: skip


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def setuptools(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the setuptools that pyproject.toml asks for."""
    folder = str(tmp_path_factory.mktemp("setuptools"))
    done = run(sys.executable, "-m", "pip", "install", "-q", "--target", folder, "setuptools>=77")
    if done.returncode:
        pytest.skip("setuptools cannot be fetched here")
    return folder


def copy(folder: Path, umask: int = 0o022) -> Path:
    """Copy the sources, without git and what was built, as if they were cloned just now."""
    for name in SOURCES:
        if (ROOT / name).is_file():
            shutil.copyfile(ROOT / name, folder / name)
        else:
            skipped = shutil.ignore_patterns("__pycache__", "node_modules", ".*_cache", "*.so")
            shutil.copytree(
                ROOT / name, folder / name, ignore=skipped, copy_function=shutil.copyfile
            )
    for path in folder.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
    return folder


# Where the library is built, where there is no compiler, and where none is asked for.
WAYS = {"C": {}, "no compiler": {"CC": "false"}, "pure": {"GLASSGRAD_PUREPYTHON": "1"}}


def build(source: Path, kind: str, into: Path, setuptools: str, way: str = "pure") -> Path:
    """Build a wheel or a source distribution by the backend."""
    script = f"import sys; sys.path[:0] = [{setuptools!r}, '.ci']; import backend as b; "
    environment = {**os.environ, "GLASSGRAD_PUREPYTHON": "", "PYTHONPATH": setuptools, **WAYS[way]}
    into.mkdir(exist_ok=True)
    command = f"{script}print(b.build_{kind}({str(into)!r}))"
    done = run(sys.executable, "-c", command, cwd=source, env=environment)
    assert done.returncode == 0, done.stderr
    return into / done.stdout.split()[-1]


def unpacked(sdist: Path, folder: Path) -> Path:
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not in 3.11.2
    with tarfile.open(sdist) as file:
        file.extractall(folder, **safely)  # type: ignore[arg-type]  # noqa: S202  (our own)
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, setuptools: str) -> Callable[[str], Path]:
    """The wheel of the sources that is built in a way, when it is first asked for."""

    @cache
    def wheel(way: str) -> Path:
        return build(copy(tmp_path_factory.mktemp("one")), "wheel",
                     tmp_path_factory.mktemp("out"), setuptools, way)  # fmt: skip

    return wheel


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory, setuptools: str) -> Path:
    """The source distribution, which no way of building wheels changes."""
    source, out = copy(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("sdist")
    return build(source, "sdist", out, setuptools)


@pytest.mark.parametrize("way", WAYS)
def test_two_builds_of_the_wheel_are_equal_in_every_byte(
    tmp_path: Path, setuptools: str, wheel: Callable[[str], Path], sdist: Path, way: str
) -> None:
    """Whatever the time, the umask and what an earlier build has left; and by way of the sdist."""
    two, three, *outs = folders = [tmp_path / name for name in ("two", "three", "out2", "out3")]
    for folder in folders:
        folder.mkdir()
    first = wheel(way)
    copy(two, umask=0o077)
    (two / "build" / "lib" / "nn").mkdir(parents=True)
    (two / "build" / "lib" / "nn" / "gone.py").write_text("")
    for path in two.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = build(two, "wheel", outs[0], setuptools, way)
    third = build(unpacked(sdist, three), "wheel", outs[1], setuptools, way)
    assert first.name == second.name == third.name
    assert len({path.read_bytes() for path in (first, second, third)}) == 1, "they differ"
    with zipfile.ZipFile(first) as file:
        names = set(file.namelist())
        assert file.testzip() is None
    suffixes = (".py", ".pyi", ".css", ".js", ".csv", ".h", ".c")
    python = {str(path.relative_to(ROOT)) for name in ("autograd", "nn")
              for path in (ROOT / name).rglob("*") if path.suffix in suffixes
              or path.name == "py.typed"}  # fmt: skip
    library = {f"autograd/_value{sysconfig.get_config_var('EXT_SUFFIX')}"} if way == "C" else set()
    assert {name for name in names if ".dist-info/" not in name} == python | library
    assert first.name.endswith("-py3-none-any.whl") is (way == "pure")


@pytest.mark.parametrize(("way", "told"), [
    ("C", "The engine in C runs"), ("no compiler", "there is no library"),
    ("pure", "there is no library"),
])  # fmt: skip
def test_what_is_installed_runs_and_tells_which_engine(
    tmp_path: Path, wheel: Callable[[str], Path], way: str, told: str
) -> None:
    shutil.unpack_archive(wheel(way), tmp_path / "installed", "zip")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    environment["GLASSGRAD_PUREPYTHON"] = "0" if way == "C" else ""
    command = [sys.executable, "-W", "error", "-m", "autograd"]
    assert told in run(*command, "--info", cwd=tmp_path, env=environment).stdout
    done = run(*command, "x**2", "x=3", cwd=tmp_path, env=environment)
    assert done.stdout == "x**2 = 9.0\n  d/dx = 6.0\n"


def test_a_source_distribution_has_no_tests_and_builds_without_git(sdist: Path) -> None:
    with tarfile.open(sdist) as file:
        assert any(name.endswith("/autograd/native/rules.h") for name in file.getnames())
        tops = {Path(name).parts[1] for name in file.getnames() if "/" in name}
    assert tops == {
        ".ci", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "autograd", "glassgrad.egg-info",
        "nn", "pyproject.toml", "setup.cfg",
    }  # fmt: skip


HIPS = ["tracer.py", "core.py", "numpy/__init__.py"]


def mixed(folder: Path, theirs_on_top: bool) -> None:
    """Install both packages of the name autograd in one folder, as pip would."""
    for name in ("autograd", "nn"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in HIPS:
        (folder / "autograd" / name).parent.mkdir(exist_ok=True)
        (folder / "autograd" / name).write_text("")
    if theirs_on_top:
        (folder / "autograd" / "__init__.py").write_text("def grad(f): return f\n")


def test_files_of_hips_autograd_in_the_folder_are_noticed_at_import(tmp_path: Path) -> None:
    mixed(tmp_path, theirs_on_top=False)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = run(sys.executable, "-c", "import autograd", env=environment, cwd=tmp_path)
    assert done.returncode == 0
    assert f"HIPS's autograd lie among glassgrad's in {tmp_path}" in done.stderr
    assert "pip uninstall -y autograd glassgrad" in done.stderr


def test_hips_autograd_in_place_of_ours_is_noticed_by_nn(tmp_path: Path) -> None:
    mixed(tmp_path, theirs_on_top=True)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = run(sys.executable, "-c", "import nn", env=environment, cwd=tmp_path)
    assert done.returncode == 1
    assert "is of another library of that name" in done.stderr
    assert "pip uninstall -y autograd glassgrad" in done.stderr


def test_alone_nothing_is_said(tmp_path: Path) -> None:
    done = run(sys.executable, "-W", "error", "-c", "import autograd, nn", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
