"""Cards: what a drawing says in the box of each node, and how big that makes the box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autograd.display.graph import Graph
from autograd.display.nodes import Node, Ref
from autograd.display.text import SOURCE, UNKNOWN, columns, formula, number, plain, short
from autograd.numbers.text import in_full

COLUMN, LINE = 7.25, 16.0  # of the fixed-width font at 12 pixels
HEADING_COLUMN, HEADING = 8.0, 20.0
MARGIN = 10.0
ENTRANCE = 14.0  # the room that each edge with a number on it takes where it enters
LABEL_COLUMN = 6.7
USED = 0.9  # how much of a side the edges that enter it spread over
LIMIT = 28  # columns of a heading; the rest of a long label is in the tooltip


@dataclass(frozen=True, slots=True)
class Card:
    """The text of a node's box: a heading, and rows of a word and a number."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    tooltip: str
    width: float
    height: float
    inner: float


def cards(
    graph: Graph, show: Collection[str], direction: str, numbered: bool = False
) -> dict[int, Card]:
    """Return the card of every node, by key.

    Parameters
    ----------
    graph : Graph
    show : collection of {"data", "grad", "local"}
        What the drawing shows.
    direction : {"LR", "TB"}
        From which side the edges enter: they need room.
    numbered : bool
        Give a node without a label the name that equations call it by.
    """
    labelled = [edge for edge in graph.edges if "local" in show and edge.partial is not None]
    entering = Counter(edge.target for edge in labelled)
    longest = max((len(number(edge.partial)) for edge in labelled), default=0)
    names = {n.key: n.name if numbered else n.label for n in graph.nodes}
    made = {}
    for node in graph.nodes:
        heading = short(plain(_heading(node, names, numbered)), LIMIT)
        rows = _rows(node, show)
        least = 14 if numbered else 11
        inner = max(
            columns(heading) * HEADING_COLUMN,
            *(max(columns(word) + 1 + columns(text), least) * COLUMN for word, text in rows),
            24.0,
        )
        width = inner + 2 * MARGIN
        height = MARGIN + (HEADING if heading else 0.0) + LINE * len(rows) + MARGIN / 2
        entrances = entering.get(node.key, 0)
        if direction == "LR":
            height = max(height, ENTRANCE * entrances + MARGIN)
        else:
            width = max(width, (LABEL_COLUMN * longest + MARGIN) * entrances / USED)
        made[node.key] = Card(heading, rows, _tooltip(node), round(width), round(height), inner)
    return made


def expression(node: Node, names: Mapping[int, str]) -> str:
    """Return a node's operation with its operands written by the names given for their keys."""
    if node.op is None:
        return node.label
    operands = (names.get(x.key, "\u00b7") if isinstance(x, Ref) else number(x)
                for x in node.operands)  # fmt: skip
    return formula(node.op, operands)


def within(node: Node) -> str:
    """Return a node's label without what the frames around the node say already.

    Examples
    --------
    >>> node = Node(0, "", "net.layers.0.w", "", 1.0, None, path=(("MLP", 1), ("layers.0", 1)))
    >>> within(node)
    'w'
    """
    names = [name for name, _ in node.path]
    for i in range(len(names)):
        around = ".".join(names[i:]) + "."
        _, found, rest = f".{node.label}".partition(f".{around}")
        if found:
            return rest
    return node.label


def _heading(node: Node, names: Mapping[int, str], numbered: bool) -> str:
    """The first line: the name, and the operation with the literals that it has."""
    own = names[node.key] if numbered else within(node)
    if node.op is None:
        return own
    literals = any(not isinstance(x, Ref) for x in node.operands)
    what = expression(node, {}) if literals and len(node.operands) <= 3 else node.sign
    return f"{own}: {what}" if own else what


def _rows(node: Node, show: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The lines under the heading."""
    rows = []
    if node.members:
        rows.append(("Values", f"{node.members:,}"))
    if node.parameters and "grad" in show:
        rows.append(("|grad|", UNKNOWN if node.grad is None else number(node.grad)))
    if "data" in show and node.data is not None:
        rows.append(("data", number(node.data)))
    if "grad" in show and node.data is not None:
        rows.append(("grad", UNKNOWN if node.grad is None else number(node.grad)))
    if node.hidden:
        rows.append(("hidden", f"{node.hidden:,}"))
    return tuple(rows)


def _tooltip(node: Node) -> str:
    """What a pointer that rests on the box is told: the label at length, the numbers in full."""
    parts = [node.label or node.name]
    if node.data is not None:
        parts.append(f"data {in_full(node.data)}")
    if node.grad is not None:
        parts.append(f"grad {in_full(node.grad)}")
    if node.origin is not None:
        parts.append(node.origin.source)
    return ", ".join(short(plain(part), SOURCE) for part in parts)
