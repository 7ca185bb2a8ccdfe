"""In a browser: long chains of Values are let go one after the other, for its stack is small."""

from __future__ import annotations

from typing import Any

_waiting: list[Any] = []
_releasing: list[None] = []


def _release(self: Any) -> None:
    """Hand the parents to the outermost release, which lets them go one after the other."""
    if getattr(self, "operands", ()):  # none where __init__ refused the data
        _waiting.append(self.operands)
        self.parents = self.operands = ()
        if not _releasing:
            _releasing.append(None)
            try:
                while _waiting:
                    _waiting.pop()  # bound to no name: that would keep it alive
            finally:
                _releasing.clear()


def install(kind: type[Any]) -> None:
    """Give a class of nodes its way of being freed.

    CPython's guard against deep deallocation watches another stack than the browser's: without
    this a chain of some 2,300 Values would overflow it when it is freed.
    """
    kind.__del__ = _release
