"""The engine in C under sanitizers: ``python tests/sanitizing.py [PYTEST'S ARGUMENTS]``.

The address and the undefined-behaviour sanitizer watch the engine's tests and a campaign of random
programs (hostile/twins.py), with a library that marks the places of dead nodes, and memory of
Python's that comes from malloc, so that each use of what is free is seen. With gcc or clang, on
Linux; what is found ends the run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import compiling

FLAGS = ("-O1", "-g", "-fno-omit-frame-pointer",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")  # fmt: skip
TESTS = ["-q", "-m", "not slow or every_python",
         "-k", "not very_many and not two_hundred and not million",
         *sorted(str(x) for x in Path(__file__).parent.glob("test_*.py"))]  # fmt: skip
# What is made once and kept until the end is no leak; tests count what is.
OPTIONS = "detect_leaks=0:detect_stack_use_after_return=1"
PROGRAMS = 100
_PLAY = f"""
sys.path[:0] = ["tests"]
from hostile.twins import played
for seed in range({PROGRAMS}):
    played(seed)
print("{PROGRAMS} programs were played")
"""


def environment() -> dict[str, str]:
    """What a process needs in which the sanitizers watch."""
    name = "libclang_rt.asan.so" if "clang" in compiling.compiler()[0] else "libasan.so"
    asked = [*compiling.compiler(), f"-print-file-name={name}"]
    runtime = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": runtime, "PYTHONMALLOC": "malloc", "ASAN_OPTIONS": OPTIONS,
            "UBSAN_OPTIONS": "print_stacktrace=1", "CI": "true"}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Run the tests, and the programs; 0 if nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        library = compiling.build(Path(folder, "_value.so"), *FLAGS)
        runs = [(compiling.PYTEST, *(arguments or TESTS)), *([] if arguments else [(_PLAY,)])]
        found = [compiling.run(library, *run, env=environment()).returncode for run in runs]
    return int(any(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
