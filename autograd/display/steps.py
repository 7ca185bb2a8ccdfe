"""Steps: the computation of a graph and its backward sweep, one node at a time, in words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, overload

import autograd.files as files
from autograd.display import stepper
from autograd.display.cards import expression
from autograd.display.contributions import Contribution, Step, Walk
from autograd.display.drawing import DIRECTIONS
from autograd.display.flow import Flow, flow
from autograd.display.formulas import local_derivatives
from autograd.display.graph import Graph
from autograd.display.nodes import Node
from autograd.display.text import formula, number
from autograd.display.tracing import pictured
from autograd.functions import rules
from autograd.graph.value import Value


class Steps(Walk):
    """The steps forward and back through a snapshot; made by `step`.

    The sweep is that of `Value.backward`, in its order and to the bit, but on the snapshot: no
    Value's `grad` is touched, each starts from 0, and hooks do not run. Of a snapshot that was cut
    (`Graph.around`, `Graph.nearest`) the nodes that are left have steps of their own; what the
    others pass to them in between, one after the other, is one step.

    Attributes
    ----------
    graph : Graph
        The snapshot, or the part of it that is drawn.
    whole : Graph
        All of the snapshot.
    direction : {"LR", "TB"}
        How the edges of the page's picture run.

    Raises
    ------
    ValueError
        If calls of modules were collapsed in the snapshot, or it has several roots.
    """

    def __init__(self, graph: Graph, swept: Flow | None = None, direction: str = "LR") -> None:
        self.graph, self.whole, self.direction = graph, graph.whole or graph, direction
        if len(graph.roots) > 1:
            names = ", ".join(root.name for root in graph.roots)
            raise ValueError(
                f"steps go through the sweep of one root; this graph has {names}: give one of them"
            )
        if any(node.members for part in (graph, self.whole) for node in part.nodes):
            raise ValueError(
                "calls of modules were collapsed in this graph, and what is inside them has no "
                "steps: give the snapshot as it was before collapse"
            )
        self._flow = swept or flow(self.whole)
        self._nodes = {node.key: node for node in self.whole.nodes}
        self._names = {node.key: node.name for node in self.whole.nodes}
        self._numbers = {node.key: number(node.data) for node in self.whole.nodes}
        inner = [node for node in self.whole.nodes if node.op is not None]
        self._drawn = {node.key for node in graph.nodes}
        self._forward = [node for node in inner if node.key in self._drawn]
        self._backward: list[list[Node]] = []  # a node that is drawn, or some in a row that are not
        for drawn, nodes in groupby(reversed(inner), lambda node: node.key in self._drawn):
            row = list(nodes)
            if drawn:
                self._backward += ([node] for node in row)
            elif self._received(row):
                self._backward.append(row)

    def gradient(self, v: Value | Node | str) -> Any:
        """Return the derivative of the root with respect to a Value, a node, or a name."""
        return self._flow.gradients.get(self.whole.key(v), 0)

    def nearest(self, count: int) -> Steps:
        """Return the steps with only the `count` nodes drawn that are nearest to the root."""
        part = self.graph.nearest(count)
        return self if part is self.graph else Steps(part, self._flow, self.direction)

    def __len__(self) -> int:
        return len(self._forward) + 1 + len(self._backward)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        forward = len(self._forward)
        if place < forward:
            return self._computed(place, self._forward[place])
        if place == forward:
            return self._seed(place)
        row = self._backward[place - forward - 1]
        return self._passing(place, row[0]) if row[0].key in self._drawn else self._rest(place, row)

    def __iter__(self) -> Iterator[Step]:
        return (self[i] for i in range(len(self)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page with buttons to a file that ends in .html; it needs nothing else."""
        if not str(os.fspath(path)).lower().endswith((".html", ".htm")):
            raise ValueError(f"steps are saved as .html; got {os.fspath(path)!r}")
        files.write(path, self.to_html())

    def to_html(self) -> str:
        """Return the page with buttons, for itself alone."""
        return stepper.steps_page(self)

    def widget(self) -> Any:
        """Return a widget for notebooks, in which the kernel can read and set the position.

        Its `position` counts from 0; its `step` is the `Step` that it shows.

        Raises
        ------
        ImportError
            If anywidget is not installed.
        """
        from autograd.display.widget import stepper_widget

        return stepper_widget(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": stepper.steps_inline(self), "text/plain": str(self)}

    def __str__(self) -> str:
        return "\n".join(str(each) for each in self)

    def __repr__(self) -> str:
        return f"<{len(self):,} steps through {self.graph!r}>"

    def _computed(self, place: int, node: Node) -> Step:
        """The step that computes a node."""
        parts = [node.name, expression(node, self._names), expression(node, self._numbers),
                 number(node.data)]  # fmt: skip
        return Step(place, "forward", node, _equation(parts))

    def _seed(self, place: int) -> Step:
        """The step that starts the sweep."""
        root = self.graph.root
        seed = number(self._flow.seed)
        return Step(place, "seed", root, f"{_derivative(root.name, root.name)} = {seed}")

    def _passing(self, place: int, node: Node) -> Step:
        """The step in which a node passes its gradient back."""
        local, notes = local_derivatives(node, self._names, self._numbers)
        edges = range(len(self._flow.passed[node.key]))
        contributions = tuple(self._contribution(node, i, local) for i in edges)
        gradient = number(self._flow.gradients[node.key])
        equation = f"{self._by_root(node)} = {gradient} goes through {node.sign}"
        return Step(place, "backward", node, equation, contributions, tuple(notes))

    def _rest(self, place: int, row: list[Node]) -> Step:
        """The step in which nodes that are not drawn pass their gradients to those that are."""
        name, passing = "a node that is not drawn", "passes its gradient back"
        if len(row) > 1:
            name, passing = f"{len(row):,} nodes that are not drawn", "pass their gradients back"
        node = Node(row[-1].key, name, "", "", None, None, members=len(row))
        contributions, notes = [], []
        for key, parts in self._received(row).items():
            if len(parts) == 1:
                ((giver, i),) = parts
                local, explained = local_derivatives(giver, self._names, self._numbers)
                contributions.append(self._contribution(giver, i, local))
                notes += explained
            else:
                contributions.append(self._sum(self._nodes[key], parts))
        told = tuple(dict.fromkeys(notes))
        return Step(place, "backward", node, f"{name} {passing}", tuple(contributions), told)

    def _received(self, row: list[Node]) -> dict[int, list[tuple[Node, int]]]:
        """What nodes pass to those that are drawn: by receiver, from which and along which edge."""
        found: dict[int, list[tuple[Node, int]]] = {}
        for node in row:
            for i, passed in enumerate(self._flow.passed[node.key]):
                if passed.edge.source in self._drawn:
                    found.setdefault(passed.edge.source, []).append((node, i))
        return found

    def _sum(self, receiver: Node, parts: list[tuple[Node, int]]) -> Contribution:
        """What several nodes, or one several times, pass to a node, in a line."""
        passed = [self._flow.passed[node.key][i] for node, i in parts]
        before, after = passed[0].before, passed[-1].after
        way = f"goes from {number(before)} to" if before != 0 else "is"
        equation = (
            f"{self._by_root(receiver)} += {len(parts):,} contributions of nodes that are not "
            f"drawn; the sum {way} {number(after)}"
        )
        return Contribution(receiver, None, None, None, before, after, "", equation)

    def _contribution(self, node: Node, i: int, local: list[tuple[str, str]]) -> Contribution:
        """What a node passes along one of its edges, spelled out."""
        edge, product, before, after = self._flow.passed[node.key][i]
        parent, gradient = self._nodes[edge.source], self._flow.gradients[node.key]
        by = self._partial(node, i)
        terms = [number(x) for x in (before, gradient, edge.partial, product, after)]
        held, given, partial, passed, total = terms
        receiver = self._by_root(parent)
        equation = _equation([f"{receiver} += {self._by_root(node)} * {by}",
                              formula(rules.multiply, [given, partial]), passed])  # fmt: skip
        if before != 0:
            equation += f"; the sum is {_equation([formula(rules.add, [held, passed]), total])}"
        rule = _equation([by, *local[i], partial]) if local else ""
        return Contribution(parent, edge.partial, gradient, product, before, after, rule, equation)

    def _partial(self, node: Node, i: int) -> str:
        """The local derivative along an edge, written: which use it is by, where there are several.

        It is partial: the derivative by the whole operand, with all ways that lead to it, is total.
        """
        sources = [passed.edge.source for passed in self._flow.passed[node.key]]
        by = _derivative(node.name, self._names[sources[i]], "\u2202")
        if sources.count(sources[i]) == 1:
            return by
        return f"{by}[use {sources[:i].count(sources[i]) + 1}]"

    def _by_root(self, node: Node) -> str:
        """The derivative of the root by a node, written."""
        return _derivative(self.graph.root.name, node.name)


def step(subject: Any, *args: Any, names: Any = None, direction: str = "LR") -> Steps:
    """Go through a computation and its backward sweep, one node at a time.

    Parameters
    ----------
    subject : Value, Graph or callable
        The root, a snapshot, or a function that is called with `args`.
    args : numbers, and lists, tuples and dicts of them
        The function's arguments; they become leaves with its parameters' names.
    names : module or mapping, optional
        Names for Values without a label: a module, or a mapping from names to Values.
    direction : {"LR", "TB"}
        Whether the picture's edges run from left to right or from top to bottom.

    Returns
    -------
    Steps
        A sequence of `Step`, to print or to go through; in a notebook a page with buttons;
        `save` writes that page, `widget` gives one that the kernel can read.

    Examples
    --------
    >>> from autograd import Value
    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> print(step(w * x)[-1])
    3. backward: dy/dy = 1 goes through *
      ∂y/∂w = x = 2
      dy/dw += dy/dy * ∂y/∂w = 1 * 2 = 2
      ∂y/∂x = w = 0.5
      dy/dx += dy/dy * ∂y/∂x = 1 * 0.5 = 0.5
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is 'LR' or 'TB'; got {direction!r}")
    graph = subject if isinstance(subject, Graph) else pictured(subject, args, names)
    return Steps(graph, direction=direction)


def _derivative(of: str, by: str, d: str = "d") -> str:
    """The derivative of one named quantity by another, written."""
    ends = (name if name.replace("_", "").isalnum() else f"({name})" for name in (of, by))
    return f"{d}{{}}/{d}{{}}".format(*ends)


def _equation(sides: Iterable[str]) -> str:
    """Sides of an equation: one that the next one says again is left out."""
    return " = ".join([*same][-1] for _, same in groupby(sides, lambda side: side.strip("()")))
