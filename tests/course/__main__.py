"""The wide figures of the course: its experiments from many starts.

Usage, from the repository's root: ``python tests/course [NAME ...] [--starts N]``. Each writes
``tests/course/results/NAME.json``, with the date and the machine.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import digits
import families
import forgetting
import language
import patterns
import sequences
import settling

import autograd.twin

RESULTS = Path(__file__).parent / "results"
EXPERIMENTS: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "symmetry": (patterns.symmetry, 100),
    "xor": (patterns.xor, 100),
    "recurrent_xor": (settling.settling, 6),
    "forgetting": (forgetting.forgetting, 5),
    "family_trees": (families.families, 30),
    "digits": (digits.digits, 3),
    "names": (language.names, 3),
    "mnist1d": (sequences.sequences, 3),
}


def main() -> None:
    """Run the experiments that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python tests/course", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EXPERIMENTS))
    parser.add_argument("--starts", type=int, help="from how many starts")
    asked = parser.parse_args()
    if unknown := {*asked.names} - {*EXPERIMENTS}:
        parser.error(
            f"there is no {', '.join(sorted(unknown))}; there are {', '.join(EXPERIMENTS)}"
        )
    for name in asked.names or EXPERIMENTS:
        experiment, starts = EXPERIMENTS[name]
        began = time.perf_counter()
        found = experiment(asked.starts or starts)
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": f"{platform.machine()}, {platform.system()}",
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "engine": "C" if autograd.twin.native else "Python",
            "seconds": round(time.perf_counter() - began),
        }
        text = json.dumps({"experiment": name, **about, **found}, indent=1)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name, {key: value for key, value in found.items() if key != "runs"})


if __name__ == "__main__":
    main()
