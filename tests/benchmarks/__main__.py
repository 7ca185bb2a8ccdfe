"""Print how fast glassgrad is beside its peers, measured in the same run.

Usage, from the repository's root: ``python tests/benchmarks [--quick] [--only NAME]``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import captured
import chain
import lines
import looking
import memory
import million
import moons
import peers
import recorded
import report
import rosenbrock
import startup
import transformer
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
    "lines": lines.run,
    "ways": ways.run,
}


def main() -> int:
    """Run the benchmarks that were asked for and print their table."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few repeats: a trial")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
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
    for name in options.only or GROUPS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += GROUPS[name](options.quick)

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


if __name__ == "__main__":
    sys.exit(main())
