"""How a run of ``python -m nn`` ends: the exit statuses, and the line about one that failed."""

from __future__ import annotations

import sys
from contextlib import suppress

from autograd.lines import line

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def told(message: str, status: int) -> int:
    """Print one line about a run that did not end well, and return its exit status."""
    kind = "nn: " if status == INTERRUPTED else "nn: error: "
    with suppress(OSError):  # nobody is left to be told
        print(line(kind + message), file=sys.stderr, flush=True)
    return status
