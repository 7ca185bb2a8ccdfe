"""The variables of the derivatives that are being taken, and what is made meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, ClassVar

from autograd.ending import Level, Levels, Nesting, held_by
from autograd.graph.modes import MODES

# In any thread: to copy one must not cut it off from its gradient.
VARIABLES: dict[Any, None] = {}


class differentiating(Nesting):  # noqa: N801  (it is used like a function)
    """Run a function that is differentiated by Values of its own; collect the leaves it makes."""

    levels: ClassVar[Levels] = ContextVar("born", default=None)

    def __init__(self, variables: Iterable[Any]) -> None:
        self.variables = tuple(variables)
        super().__init__([])

    def begin(self) -> Any:
        """Let the variables be known; return the list of the leaves."""
        VARIABLES.update(dict.fromkeys(self.variables))
        return super().begin()

    def end(self) -> None:
        """Forget the variables."""
        for variable in self.variables:
            VARIABLES.pop(variable, None)
        super().end()

    def left(self, level: Level, above: list[Level]) -> None:  # noqa: ARG002  (as for others)
        """What the function made is made by the one around it, too."""
        if level.around is not None:
            level.around.held.extend(level.held)


def noticed(value: Any) -> None:
    """Tell those who collect Values of one that no operation made: a leaf, or a copy."""
    if not value.parents:
        born = held_by(differentiating.levels, None)
        if born is not None:
            born.append(value)
    elif (made := MODES.get().made) is not None:
        made[value] = None
