"""Saying: the lines that a run prints, which its report repeats."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.lines import line

SHOWN_CLASSES = 6
NAME = 60  # characters of each, where it is shown

Facts = list[tuple[str, str]]


def say(subject: str, text: str, said: Facts | None = None) -> None:
    """Print a line at once, so that it stands there while the training runs; and remember it."""
    print(f"{subject:<10}{line(text)}", flush=True)
    if said is not None:
        said.append((subject, text))


def listed(names: Sequence[str], shown: int = SHOWN_CLASSES) -> str:
    """Return the first few of some names.

    Examples
    --------
    >>> listed(["a", "b", "c"], shown=2)
    'a, b, ...'
    """
    found = [line(name, NAME) for name in names[:shown]]
    return ", ".join(found) + (", ..." if len(names) > shown else "")
