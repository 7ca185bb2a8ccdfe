"""The variables of the derivatives that are being taken, and what is made meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from autograd.ending import Ending
from autograd.modes import MODES

# In any thread: to copy one must not cut it off from its gradient.
VARIABLES: dict[Any, None] = {}
_born: ContextVar[list[Any] | None] = ContextVar("born", default=None)


class differentiating(Ending):  # noqa: N801  (it is used like a function)
    """Run a function that is differentiated by Values of its own; collect the leaves it makes."""

    def __init__(self, variables: Iterable[Any]) -> None:
        self.variables = tuple(variables)
        self.born: list[Any] = []
        self.around = _born.get()

    def begin(self) -> list[Any]:
        """Let the variables be known; return the list of the leaves."""
        VARIABLES.update(dict.fromkeys(self.variables))
        _born.set(self.born)
        return self.born

    def end(self) -> None:
        """Forget the variables; what the function made is made by the one around it, too."""
        for variable in self.variables:
            VARIABLES.pop(variable, None)
        if _born.get() is self.born:
            _born.set(self.around)
            if self.around is not None:
                self.around += self.born


def noticed(value: Any) -> None:
    """Tell those who collect Values of one that no operation made: a leaf, or a copy."""
    if not value.parents:
        born = _born.get()
        if born is not None:
            born.append(value)
    elif (made := MODES.get().made) is not None:
        made[value] = None
