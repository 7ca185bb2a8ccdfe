"""Saying: the lines that a run prints, which its report repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from autograd.lines import line

SHOWN_CLASSES = 6
NAME = 60  # characters of each, where it is shown

MANY = 10_000  # rows whose answers take more than a second

Facts = list[tuple[str, str]]
T = TypeVar("T")


def say(subject: str, text: str, said: Facts | None = None) -> None:
    """Print a line at once, so that it stands there while the training runs; and remember it."""
    print(f"{subject:<10}{line(text)}", flush=True)
    if said is not None:
        said.append((subject, text))


def watched(rows: Iterable[T], count: int, progress: bool) -> Iterable[T]:
    """Return rows as they are, with a progress bar on standard error if there are many.

    Examples
    --------
    >>> list(watched([1, 2], 2, progress=True))
    [1, 2]
    """
    if count < MANY or not progress:
        return rows
    from tqdm.auto import tqdm  # only here, so that importing nn stays light

    return tqdm(rows, total=count, desc="answers", unit="row", leave=False)


def listed(names: Sequence[str], shown: int = SHOWN_CLASSES) -> str:
    """Return the first few of some names.

    Examples
    --------
    >>> listed(["a", "b", "c"], shown=2)
    'a, b, ...'
    """
    found = [line(name, NAME) for name in names[:shown]]
    return ", ".join(found) + (", ..." if len(names) > shown else "")
