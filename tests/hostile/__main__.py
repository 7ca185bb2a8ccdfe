"""Attack glassgrad with hostile input, and print what came of it.

Usage, from the repository's root: ``python tests/hostile [--minutes N | --count N] [--jobs N]
[--only NAME]``; a fault is shown again by ``--only NAME --number N``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import nn  # noqa: F401  (before tests/nn, which bears its name, can be found)

sys.path[:0] = [str(Path(__file__).parents[1])]

from hostile.campaigns import CAMPAIGNS  # noqa: E402  (from the folder that is put there)
from hostile.trying import Tally, run  # noqa: E402


def main() -> int:
    """Run the campaigns; 1 if there are faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="for all together (default: 2)")
    parser.add_argument("--count", type=int, help="so many attempts of each, however long it takes")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes (default: 1)")
    parser.add_argument("--only", choices=CAMPAIGNS, help="one campaign")
    parser.add_argument("--number", type=int, help="one attempt of it, or the first of the count")
    options = parser.parse_args()
    names = [options.only] if options.only else list(CAMPAIGNS)
    first, count = options.number or 0, options.count
    if options.number is not None and count is None:
        count = 1
    faults = 0
    for name in names:
        job = partial(part, name, first, count, options.minutes / len(names), options.jobs)
        with ProcessPoolExecutor(options.jobs) as pool:
            tally = sum(pool.map(job, range(options.jobs)), Tally(name))
        print(tally, flush=True)
        faults += len(tally.faults)
    return 1 if faults else 0


def part(name: str, first: int, count: int | None, minutes: float, jobs: int, job: int) -> Tally:
    """Make the attempts of one process: each `jobs`-th number."""
    own = None if count is None else len(range(job, count, jobs))
    with tempfile.TemporaryDirectory() as folder:
        return run(
            name, CAMPAIGNS[name], Path(folder),
            count=own, minutes=minutes, first=first + job, step=jobs,
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
