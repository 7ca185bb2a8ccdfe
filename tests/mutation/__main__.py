"""Plant every bug in the C, or those whose names hold a word: ``python tests/mutation [WORD]``.

From Python 3.12 on: an older one compiles no sums as `math.sumprod` has them, nor their bugs.
"""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from mutation.bugs_in_c import BUGS, broken, notices  # noqa: E402


def main(word: str = "") -> int:
    """Tell what notices each; 1 if one is not noticed."""
    alive = 0
    bugs = [bug for bug in BUGS if word in bug[0]]
    for name, place, instead in bugs:
        with tempfile.TemporaryDirectory() as folder:
            noticed = notices(broken(place, instead, Path(folder)))
        alive += not noticed
        print(f"{name:<60} {noticed or 'NOTHING'}", flush=True)
    print(f"{len(bugs) - alive} of {len(bugs)} bugs are noticed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
