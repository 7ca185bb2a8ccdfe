"""Contributions: what one step says, and what a node passes back to its operands in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from autograd.display.graph import Graph
from autograd.display.nodes import Node
from autograd.display.text import SOURCE, plain, short
from autograd.graph.value import Value


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a node passes back to one of its operands; or several nodes that are not drawn, to one.

    Attributes
    ----------
    parent : Node
        The operand.
    partial, gradient, product : number or None
        The local derivative, the node's own gradient, and their product; None for several nodes.
    before, after : number
        The operand's gradient before and after the product, or all of them, are added.
    rule : str
        The local derivative as a formula, made from the row of the table.
    equation : str
        All of it with its numbers.
    """

    parent: Node
    partial: Any
    gradient: Any
    product: Any
    before: Any
    after: Any
    rule: str
    equation: str

    def __str__(self) -> str:
        return self.equation

    def __repr__(self) -> str:
        return f"<Contribution to {self.parent.name}: {self.equation}>"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a node is computed, or passes its gradient back.

    Attributes
    ----------
    index : int
        Its place, from 0.
    phase : {"forward", "seed", "backward"}
        What happens: the node's value is computed, the root's gradient is set, or the node
        passes its gradient to its operands.
    node : Node
        The node; or one that stands for as many as its `members`, which are not drawn.
    equation : str
        What happens, with its numbers.
    contributions : tuple of Contribution
        What the node passes back, in the order of its operands; or what those that are not drawn
        pass to each that is.
    notes : tuple of str
        What the rules' own functions are.
    """

    index: int
    phase: str
    node: Node
    equation: str
    contributions: tuple[Contribution, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The line of the source in which the node was made, if that was recorded."""
        return "" if self.node.origin is None else str(self.node.origin.source)

    @property
    def lines(self) -> list[str]:
        """The step in words, line by line."""
        lines = [self.equation]
        for each in self.contributions:
            lines += [f"  {each.rule}"] * bool(each.rule) + [f"  {each.equation}"]
        return lines + [f"  {note}" for note in self.notes]

    def __repr__(self) -> str:
        return f"<Step {self.index + 1}, {self.phase}: {plain(self.equation)}>"

    def __str__(self) -> str:
        origin = self.node.origin
        where = (
            [f"  line {origin.line}: {short(origin.source, SOURCE)}"] if origin is not None else []
        )
        lines = [f"{self.index + 1}. {self.phase}: {self.lines[0]}", *where, *self.lines[1:]]
        return "\n".join(map(plain, lines))


class Walk(Sequence[Step], ABC):
    """Steps one after the other, as the page and the widget take them (see `Steps`)."""

    graph: Graph
    whole: Graph
    direction: str

    @abstractmethod
    def nearest(self, count: int) -> Self:
        """Return the steps with only the `count` nodes drawn that are nearest to the root."""

    @abstractmethod
    def gradient(self, v: Value | Node | str) -> Any:
        """Return the derivative of the root with respect to a Value, a node, or a name."""

    @abstractmethod
    def _repr_mimebundle_(self, *_: Any, **kwargs: Any) -> Any:
        """Return what a notebook shows."""
