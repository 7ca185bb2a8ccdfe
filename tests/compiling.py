"""The engine in C, compiled by hand: ``python tests/compiling.py [FLAGS]`` does so in place.

The flags are the compiler's own, as ``-O0 -g`` for a debugger. `run` starts Python with a library
from elsewhere: one with bugs, or with sanitizers.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NATIVE = ROOT / "autograd" / "native"
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
# A fused multiply-add has other bits; a warning is an error in what we wrote.
FLAGS = ("-fPIC", "-O2", "-g0", "-ffp-contract=off", "-Wall", "-Werror")

# What Python runs first: the library is there before it is looked for.
_GIVEN = """
import sys
from importlib.machinery import ExtensionFileLoader as Loader
from importlib.util import module_from_spec, spec_from_loader
loader = Loader("autograd._value", sys.argv.pop(1))
sys.modules["autograd._value"] = library = module_from_spec(spec_from_loader(loader.name, loader))
loader.exec_module(library)
"""


def compiler() -> list[str]:
    """Return the command of the compiler that Python was built by, or of CC.

    Raises
    ------
    FileNotFoundError
        If it is not here.
    """
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if not shutil.which(command[0]):
        remedy = "apt-get install build-essential"
        raise FileNotFoundError(f"no C compiler ({command[0]}) is here: {remedy}")
    return command


def build(library: Path, *flags: str, sources: Path = NATIVE) -> Path:
    """Compile what is in a folder to a library, a part at a time; return the library."""
    headers = sysconfig.get_path("include")
    parts = []
    for source in sorted(sources.glob("*.c")):
        parts.append(library.with_name(f"{source.stem}.o"))
        _run(*compiler(), *FLAGS, *flags, f"-I{headers}", "-c", str(source), "-o", str(parts[-1]))
    _run(*compiler(), *flags, "-shared", *map(str, parts), "-o", str(library), "-lm")
    for part in parts:
        part.unlink()
    return library


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)}\n{done.stderr}")


def run(library: Path, script: str, *arguments: str, **options: Any) -> Any:
    """Run a script in a process whose engine is that library; `arguments` are its `sys.argv`."""
    environment = {**os.environ, "GLASSGRAD_PUREPYTHON": "", **options.pop("env", {})}
    command = [sys.executable, "-c", _GIVEN + script, str(library), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, **options)


PYTEST = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def main(flags: Sequence[str]) -> None:
    """Compile the library in place."""
    print(build(ROOT / "autograd" / f"_value{SUFFIX}", *flags))


if __name__ == "__main__":
    main(sys.argv[1:])
