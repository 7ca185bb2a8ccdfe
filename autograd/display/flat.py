"""A snapshot as flat lists of numbers and names, which the page's engine computes with."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from autograd.display.graph import Graph
from autograd.display.naming import unique_names
from autograd.display.nodes import Edge, Node, Ref
from autograd.display.page import asset
from autograd.display.text import number
from autograd.functions.rules import TABLE, max_share
from autograd.graph.joint import Joint, Matrix, Output, joint
from autograd.graph.node import Node as _GraphNode
from autograd.graph.value import Value


class Comparison(NamedTuple):
    """A comparison that the program made on its way: x sign y was answered so, at a line."""

    sign: str
    x: Any
    y: Any
    answer: bool
    origin: Any


def flat(graph: Graph, comparisons: Sequence[Comparison] = ()) -> dict[str, Any]:
    """Return a snapshot as `engine.js` is told it.

    Parameters
    ----------
    graph : Graph
        The whole snapshot of one root; it holds what is compared, too.
    comparisons : sequence of Comparison

    Raises
    ------
    TypeError
        If a number is complex: the page computes with doubles.
    """
    table = _Slots(graph)
    entering: dict[int, list[Edge]] = {}
    for edge in graph.edges:
        entering.setdefault(edge.target, []).append(edge)
    operands = [[table.operand(node, x) for x in node.operands] for node in graph.nodes]
    outputs = {i: node.op.unit[0].index for i, node in enumerate(graph.nodes)
               if isinstance(node.op, Output)}  # fmt: skip
    used: dict[int, list[int]] = {}
    for i, index in outputs.items():
        used.setdefault(operands[i][0], []).append(index)
    held = {
        i: _rows(node, entering[node.key], used[i]) if i in used
        else _by_operand(node, entering[node.key])
        for i, node in enumerate(graph.nodes) if is_held(node)
    }  # fmt: skip
    # A minimum has the slopes of the maximum of its operands with the other sign.
    least = [i for i in used if graph.nodes[i].op is joint(max_share)
             and table.numbers[i] == -max(table.numbers[x] for x in operands[i])]  # fmt: skip
    compared = [
        {"sign": c.sign, "x": table.compared(c.x), "y": table.compared(c.y), "answer": c.answer,
         "text": _told(c, graph)}
        for c in comparisons
    ]  # fmt: skip
    return {
        "names": [node.name for node in graph.nodes] + unique_names(table.names),
        "numbers": [written(x) for x in table.numbers],
        "ops": [node.op.name if node.op else None for node in graph.nodes],
        "operands": operands, "held": _keyed(held), "outputs": _keyed(outputs), "least": least,
        "fixed": table.fixed, "comparisons": compared,
        "root": table.places[graph.roots[0].key],
    }  # fmt: skip


@cache
def names() -> frozenset[str]:
    """Return the names of the rows that JavaScript can say (see `autograd.display.javascript`)."""
    return frozenset(re.findall(r"^  (\w+): {$", asset("rules.js"), re.MULTILINE))


def is_held(node: Node) -> bool:
    """Whether JavaScript cannot say the row of a node, so that the page holds its number."""
    op = node.op
    if op is None or isinstance(op, Output):
        return False
    row = op.row if isinstance(op, Joint) else op
    return TABLE.get(row.name) is not row or op.name not in names()


def written(x: float) -> float | str:
    """Return a number as JSON has it: inf and nan as the text that JavaScript reads."""
    if math.isfinite(x):
        return x
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


class _Slots:
    """The numbers that the engine has: those of the nodes in order, then the literals."""

    def __init__(self, graph: Graph) -> None:
        self.places = {node.key: i for i, node in enumerate(graph.nodes)}
        self.keys: Mapping[Value, int] = graph.keys
        self.numbers = [_float(node.data, node.name) for node in graph.nodes]
        self.names: list[str] = []
        self.fixed: list[int] = []  # what is no number to be moved

    def operand(self, node: Node, x: Any) -> int:
        """The slot of an operand; a literal gets one of its own."""
        if isinstance(x, Ref):
            return self.places[x.key]
        slot = self._literal(x, f"{number(x)} in {node.name}")
        if isinstance(x, bool) or node.operands.index(x) < node.op.integers:  # type: ignore[union-attr]
            self.fixed.append(slot)
        return slot

    def compared(self, x: Any) -> int | None:
        """The slot of one side of a comparison."""
        if isinstance(x, Value):
            return self.places[self.keys[x]]
        slot = self._literal(x or 0, f"{number(x)} compared")
        self.fixed.append(slot)
        return slot

    def _literal(self, x: Any, name: str) -> int:
        """A new slot."""
        self.numbers.append(_float(x, name))
        self.names.append(name)
        return len(self.numbers) - 1


def _float(x: Any, name: str) -> float:
    """A number as a double."""
    while isinstance(x, _GraphNode):
        x = x.data
    try:
        return float(x)
    except TypeError:
        raise TypeError(
            f"explore computes with floats, and {name} is {x!r} ({type(x).__name__}): draw and "
            "step take numbers of every type"
        ) from None


def _by_operand(node: Node, edges: Sequence[Edge]) -> list[float | str]:
    """The partials of a node in the order of its operands, 0 by literals."""
    partials = iter(edges)
    return [
        written(_float(next(partials).partial, node.name)) if isinstance(x, Ref) else 0.0
        for x in node.operands
    ]


def _rows(node: Node, edges: Sequence[Edge], used: Sequence[int]) -> dict[str, Any]:
    """Of each output that is used of a node of several its partials by the operands."""
    matrix: Matrix = edges[0].partial.matrix
    rows = ((i, matrix.transposed({i: 1.0})) for i in used)
    return _keyed({i: [written(_float(x, node.name)) for x in row] for i, row in rows})


def _keyed(items: Mapping[int, Any]) -> dict[str, Any]:
    """A mapping as JSON has it."""
    return {str(i): x for i, x in items.items()}


def _told(c: Comparison, graph: Graph) -> str:
    """A comparison in words."""
    x, y = (
        graph.nodes[graph.keys[side]].name if isinstance(side, Value) else number(side)
        for side in (c.x, c.y)
    )
    said = f"bool({x})" if c.sign == "bool" else f"{x} {c.sign} {y}"
    where = f" ({c.origin.source})" if c.origin is not None and c.origin.source else ""
    return f"{said}{where}"
