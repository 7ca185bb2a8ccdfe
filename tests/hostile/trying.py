"""Trying: attempts one after the other, each from a number of its own, and what came of them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

Attempt = Callable[[random.Random, Path], str]  # returns what came of it, or raises a FaultError


class FaultError(Exception):
    """What may not happen: what it was, and what it was given."""

    def __init__(self, what: str, given: object) -> None:
        super().__init__(f"{what}; given {ascii(given)[:300]}")


@dataclass
class Tally:
    """What came of the attempts of one campaign."""

    name: str
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many attempts there were."""
        return sum(self.outcomes.values()) + len(self.faults)

    def __add__(self, other: Tally) -> Tally:
        outcomes = Counter(self.outcomes) + Counter(other.outcomes)
        return Tally(self.name, dict(outcomes), self.faults + other.faults)

    def __str__(self) -> str:
        came = ", ".join(f"{count:,} {what}" for what, count in sorted(self.outcomes.items()))
        lines = [f"{self.name:<12} {self.tried:>9,} tried: {came}; {len(self.faults)} faults"]
        return "\n".join([*lines, *(f"    {fault}" for fault in self.faults[:10])])


def run(
    name: str, attempt: Attempt, folder: Path, *, count: int | None = None, minutes: float = 1.0,
    first: int = 0, step: int = 1, patience: float = 30.0, stop: bool = False,
) -> Tally:  # fmt: skip
    """Make attempts until there were `count`, or the minutes are over; none may take too long."""
    tally, end = Tally(name), time.monotonic() + 60 * minutes
    number = first
    while tally.tried < count if count is not None else time.monotonic() < end:
        source = random.Random(f"{name} {number}")
        try:
            with limited(patience):
                came = attempt(source, folder)
            tally.outcomes[came] = tally.outcomes.get(came, 0) + 1
        except Exception as error:
            tally.faults.append(f"number {number}: {type(error).__name__}: {str(error)[:500]}")
            if stop:
                break
        number += step
    return tally


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise a FaultError in a block that hangs (on POSIX, in the main thread).

    It does if it computes for so long, or waits for ten times as long: on a busy machine what
    computes has to wait, too.
    """
    begun, computed = time.monotonic(), time.process_time()

    def ring(_: int, frame: FrameType | None) -> None:
        patient = time.monotonic() - begun < 10 * seconds
        if patient and time.process_time() - computed < seconds:
            return
        if frame is None or frame.f_code.co_filename not in (__file__, contextlib.__file__):
            raise FaultError("it hangs", f"{seconds} s")  # but not while the block is left

    if os.name != "posix":
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: what is raised within a finaliser is only printed.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check(holds: object, what: str, given: object) -> None:
    """Raise a FaultError unless something holds."""
    if not holds:
        raise FaultError(what, given)


def obeyed(text: str) -> str:
    """Return the characters of a text that a terminal obeys or cannot be given, but line ends."""
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return "".join(
        c for c in text
        if c != "\n" and (unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}
                          or unicodedata.bidirectional(c) in directions)
    )  # fmt: skip


PIECES = [
    "\x1b[31m", "\x00", "\ud800", "\u202e", "\n", "\r", "\t", "<script>", "]]>", "&lt;", '"', "'",
    "\\", "$", "%", "{}", "#", "`", "\u00b5", "\u65e5\u672c", "\U0001f600", "\u2028", "\x9b",
    "e\u0301",
]  # fmt: skip


def hostile_text(source: random.Random, longest: int = 30) -> str:
    """Return a text of pieces that mean something somewhere, of any characters, or a long one."""
    if source.random() < 0.05:
        return source.choice(["x", "\u65e5", "a b "]) * source.randrange(1000, 100_000)
    parts = []
    for _ in range(source.randrange(longest)):
        kind = source.random()
        if kind < 0.4:
            parts.append(source.choice(PIECES))
        elif kind < 0.8:
            parts.append(chr(source.randrange(32, 127)))
        else:
            parts.append(chr(source.randrange(0x110000)))
    return "".join(parts)
