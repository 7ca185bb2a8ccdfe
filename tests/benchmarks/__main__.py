"""Print how fast glassgrad is beside its peers, measured in the same run.

Usage, from the repository's root: ``python tests/benchmarks [--quick] [--only NAME]``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import before
import captured
import chain
import exploring
import lanes
import lines
import looking
import memory
import million
import moons
import peers
import programs
import recorded
import report
import rosenbrock
import served
import startup
import tangle
import transformer
import twins
import ways

GROUPS = {
    "chain": chain.run,
    "memory": memory.run,
    "moons": moons.run,
    "million": million.run,
    "import": startup.run,
    "transformer": transformer.run,
    "rosenbrock": rosenbrock.run,
    "record": recorded.run,
    "captured": captured.run,
    "looking": looking.run,
    "exploring": exploring.run,
    "site": served.run,
    "lines": lines.run,
    "ways": ways.run,
    "tangle": tangle.run,
    "twins": twins.run,
    "programs": programs.run,
    "lanes": lanes.run,
}


def main() -> int:
    """Run the benchmarks that were asked for and print their table."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few repeats: a trial")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="beside an older checkout")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--twin",
        choices=("c", "python"),
        help="measure this twin of the engine alone (default: both, where the one in C was built)",
    )
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 if a target is missed or not measured"
    )
    options = parser.parse_args()
    try:
        peers.glassgrad()
    except ImportError as error:
        parser.error(str(error))

    rows: list[report.Row] = []
    for twin in _twins(parser, options.twin):
        os.environ["GLASSGRAD_PUREPYTHON"] = "" if twin == "C" else "1"
        if options.before:
            rows += [replace(row, twin=twin) for row in before.run(options.before, options.quick)]
            continue
        for name in options.only or GROUPS:
            print(f"measuring {name}, {twin} ...", file=sys.stderr, flush=True)
            rows += [replace(row, twin=twin) for row in GROUPS[name](options.quick)]

    header = report.header()
    bullet = "- " if options.markdown else ""
    print("\n".join(f"{bullet}{key}: {fact}" for key, fact in header.items()), end="\n\n")
    if options.quick:
        print("A quick trial: its sizes are small and its figures are not to be quoted.\n")
    print((report.markdown if options.markdown else report.text)(rows))
    if options.json:
        record = {"header": header, "quick": options.quick, "rows": [r.record() for r in rows]}
        options.json.write_text(json.dumps(record, indent=2) + "\n")
    kept = all(row.met for row in rows if row.has_target)
    return 1 if options.strict and not kept else 0


def _twins(parser: argparse.ArgumentParser, asked: str | None) -> list[str]:
    """Return the twins of the engine that are to be measured."""
    if asked == "python" or not peers.in_c():
        if asked == "c":
            parser.error("the twin in C was not built here: see python -m autograd --info")
        return ["Python"]
    return ["C"] if asked else ["C", "Python"]


if __name__ == "__main__":
    sys.exit(main())
