"""Attack glassgrad with hostile input, and print what came of it.

Usage, from the repository's root: ``python tests/hostile [--minutes N] [--only NAME]``; a fault is
shown again by ``--only NAME --number N``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import nn  # noqa: F401  (before tests/nn, which bears its name, can be found)

sys.path[:0] = [str(Path(__file__).parents[1])]

from hostile.campaigns import CAMPAIGNS  # noqa: E402  (from the folder that is put there)
from hostile.trying import run  # noqa: E402


def main() -> int:
    """Run the campaigns; 1 if there are faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="for all together (default: 2)")
    parser.add_argument("--only", choices=CAMPAIGNS, help="one campaign")
    parser.add_argument("--number", type=int, help="one attempt of it")
    options = parser.parse_args()
    names = [options.only] if options.only else list(CAMPAIGNS)
    faults = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            count = None if options.number is None else 1
            minutes, first = options.minutes / len(names), options.number or 0
            tally = run(
                name, CAMPAIGNS[name], Path(folder), count=count, minutes=minutes, first=first
            )
        print(tally, flush=True)
        faults += len(tally.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
