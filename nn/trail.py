"""What was read on the way through a module, so that a change of it is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

from autograd.twin import faster, native

# Whether it takes less time to look for a change than to read a layer's neurons anew.
QUICK = native is not None


class Trail:
    """What was found in a module, for as long as nothing has changed that was read to find it.

    It is an attribute of the module, which `nn.members` passes over. A copy of the module makes
    a trail of its own.

    Parameters
    ----------
    found : object
        The outcome.
    own : sequence
        What the module itself held; not the module, which would then refer to itself.
    modules : sequence of Module
        The other modules whose attributes were read.
    lists : sequence of list or tuple
        The lists whose members were read.
    """

    __slots__ = ("found", "held", "lists", "modules", "own")

    def __init__(
        self,
        found: Any = None,
        own: Sequence[Any] = (),
        modules: Sequence[Any] = (),
        lists: Sequence[Sequence[Any]] = (),
    ) -> None:
        self.found, self.own, self.modules, self.lists = found, own, modules, lists
        self.held = _held(modules, lists)

    def __reduce__(self) -> Any:
        return Trail, ()

    def leads(self, own: Sequence[Any]) -> bool:
        """Tell whether it still leads to what was found, from what the module holds now."""
        return (
            self.found is not None
            and len(own) == len(self.own)
            and all(map(is_, own, self.own))
            and (unchanged(self.modules, self.lists, self.held) or self._walked())
        )

    def _walked(self) -> bool:
        """Whether all that changed are trails, as after another mode: they are held from now on."""
        held = _held(self.modules, self.lists)
        known = len(held) == len(self.held) and all(
            x is y or type(x) is type(y) is Trail for x, y in zip(held, self.held, strict=True)
        )
        if known:
            self.held = held
        return known


def _held(modules: Sequence[Any], lists: Sequence[Sequence[Any]]) -> list[Any]:
    """The classes and the attributes of modules, and the members of lists."""
    found: list[Any] = [*map(type, modules)]
    for module in modules:
        found += vars(module).values()
    for members in lists:
        found += members
    return found


@faster
def unchanged(modules: Sequence[Any], lists: Sequence[Sequence[Any]], held: list[Any]) -> bool:
    """Tell whether the classes and attributes of modules and the members of lists are those held.

    Each has to be the same object: a Value that equals another is another parameter.
    """
    now = _held(modules, lists)
    return len(now) == len(held) and all(map(is_, now, held))
