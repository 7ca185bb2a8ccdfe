"""Lines: text of others made fit for a terminal, which obeys some characters and shows all."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress

LONGEST = 600  # characters of a message

# What a terminal obeys: control characters, line separators, turns of the direction of the text;
# and surrogates, which no encoding can express.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str, allowed: str = "") -> str:
    r"""Return a text with escapes for what a terminal would obey, or could not be given.

    Examples
    --------
    >>> visible("\x1b[31mred \ud800 caf\u00e9\n"), visible("a\nb", allowed="\n")
    ('\\x1b[31mred \\ud800 café\\n', 'a\nb')
    """
    return _OBEYED.sub(lambda found: found[0] if found[0] in allowed else _escape(found[0]), text)


def line(text: str, limit: int = LONGEST) -> str:
    r"""Return a text as one visible line; of a long one, the beginning and the end.

    Examples
    --------
    >>> line("a\n  b \x07"), line("0123456789" * 100, limit=20)
    ('a b \\x07', '0123456 ... 23456789')
    """
    if len(text) > 2 * limit:
        text = f"{text[:limit]} ... {text[-limit:]}"
    shown = visible(" ".join(text.split()))
    if len(shown) <= limit:
        return shown
    head = (limit - 5) // 2
    return f"{shown[:head]} ... {shown[head + 5 - limit :]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about a name that is unknown: the nearest one, if any is near.

    Examples
    --------
    >>> did_you_mean("tahn", ["tan", "tanh"])
    '; did you mean tanh?'
    >>> did_you_mean("fluctuate", ["tan", "tanh"])
    ''
    """
    from difflib import get_close_matches  # slow to import

    known = list(known)
    swapped = [other for other in known if sorted(other) == sorted(name)]
    near = swapped or get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def abandon_output() -> None:
    """Have what could not be printed go nowhere, so that the interpreter does not try again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _escape(character: str) -> str:
    """Return a character as a literal of Python has it."""
    return character.encode("unicode_escape").decode("ascii")
