"""Which twin of the engine runs, and how one is told."""

import keyword
import math
import os
import platform
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.__main__ import main
from autograd.native import sources
from autograd.native.sources import digest
from autograd.twin import native

NONE = "sys.modules['autograd._value'] = None"
OF_OTHER_SOURCES = """
library = sys.modules['autograd._value'] = types.ModuleType('autograd._value')
library.SOURCES, library.__file__ = 1, '_value.so'
"""
# As an editable installation of another checkout does, for what is found in none of the paths.
OF_ANOTHER_PACKAGE = f"""
from importlib.util import spec_from_file_location

class Another:
    def find_spec(self, name, path, target=None):
        if name == "autograd._value":
            return spec_from_file_location(name, {keyword.__file__!r})

sys.meta_path.insert(0, Another())
"""
BROKEN = """
class Broken:
    def find_spec(self, name, path, target=None):
        if name == "autograd._value":
            raise ImportError("_value.so: undefined symbol: fma")

sys.meta_path.insert(0, Broken())
"""


def started(before: str, asked: str | None, *options: str) -> subprocess.CompletedProcess[str]:
    """A process that tells which twin runs, where something was done before the import."""
    environment = {**os.environ, "GLASSGRAD_PUREPYTHON": asked or ""}
    script = f"import sys, types\n{before}\nfrom autograd.twin import info; print(info())"
    run = [sys.executable, *options, "-c", script]
    return subprocess.run(run, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize(("before", "asked", "told"), [
    ("", "1", "GLASSGRAD_PUREPYTHON=1 asks for it"),
    (NONE, None, "there is no library: nothing was compiled for this Python"),
    (OF_ANOTHER_PACKAGE, None, "there is no library: nothing was compiled for this Python"),
])  # fmt: skip
def test_where_python_runs_the_reason_is_told(before, asked, told):
    run = started(before, asked, "-W", "error")
    assert run.stdout.startswith("The engine in Python runs on "), run.stderr
    assert told in run.stdout


@pytest.mark.parametrize(("before", "told"), [
    (OF_OTHER_SOURCES, "_value.so is of other sources than are here: build it again by `pip"),
    (BROKEN, "_value.so: undefined symbol: fma"),
])  # fmt: skip
def test_a_library_that_cannot_serve_is_warned_of_and_python_runs(before, told):
    run = started(before, None)
    assert told in run.stdout
    assert "RuntimeWarning: " in run.stderr
    assert told in run.stderr
    assert "; the engine in Python runs" in run.stderr


@pytest.mark.parametrize("before", [NONE, OF_ANOTHER_PACKAGE, OF_OTHER_SOURCES, BROKEN])
def test_where_c_is_asked_for_nothing_else_runs(before):
    run = started(before, "0")
    assert run.returncode == 1
    assert "Error: " in run.stderr.splitlines()[-1]


# Twice in one process: a subinterpreter, as web servers have them, and modules that are dropped and
# imported anew, as notebooks and servers do that reload what was changed.
SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
run = getattr(interpreters, "exec", interpreters.run_string)
other = interpreters.create()
run(other, f"import sys; sys.path[:] = {sys.path!r}; {AGAIN}")
"""
ANEW = """
for name in [name for name in sys.modules if name.partition(".")[0] == "autograd"]:
    del sys.modules[name]
exec(AGAIN)
"""


@pytest.mark.skipif(native is None, reason="there is no library")
@pytest.mark.parametrize("twice", [SUBINTERPRETER, ANEW])
def test_c_serves_one_autograd_of_a_process_and_python_the_others(twice):
    slope = "x = autograd.Value(2.0); (x * 3).tanh().backward(); print(x.grad, flush=True)"
    again = f"import autograd; {slope}; print(autograd.twin.native, flush=True)"
    script = f"import sys, autograd\n{slope}\nAGAIN = {again!r}\n{twice}\nx.grad = 0\ny = x * 3\n"
    run = subprocess.run(
        [sys.executable, "-c", f"{script}y.tanh().backward(); print(x.grad)"],
        capture_output=True, text=True, env={**os.environ, "GLASSGRAD_PUREPYTHON": ""},
    )  # fmt: skip
    slopes = 3 / math.cosh(6.0) ** 2
    first, second, engine, third = run.stdout.split()
    assert [float(first), float(second), float(third)] == pytest.approx([slopes] * 3)
    assert engine == "None"
    assert "the engine in Python runs" in run.stderr


@pytest.mark.skipif(native is None, reason="there is no library")
def test_where_c_runs_it_is_told_how_it_was_built(capsys):
    with pytest.raises(SystemExit):
        main(["--info"])
    told = capsys.readouterr().out
    assert told.startswith("The engine in C runs on ")
    for fact in (native.__file__, native.BUILT, platform.python_version(), "rows:"):
        assert fact in told
    assert native.SOURCES in (0, digest())


@pytest.mark.parametrize(
    "name", ["layer.c", "memory.c", "rules.h", "sweep.c", "value.c", "value.h"]
)
def test_other_sources_are_told_apart(tmp_path, name):
    here = Path(sources.__file__)
    for source in here.parent.glob("*.[ch]"):
        shutil.copyfile(source, tmp_path / source.name)
    there = runpy.run_path(shutil.copyfile(here, tmp_path / here.name))["digest"]
    assert there() == digest() > 0
    changed = (tmp_path / name).read_bytes().replace(b"0", b"1", 1)
    (tmp_path / name).write_bytes(changed)
    assert there() != digest()
