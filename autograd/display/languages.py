"""DOT and Mermaid: a graph in the languages of other drawing programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from autograd.display.cards import Card
from autograd.display.collapsing import name_of
from autograd.display.graph import Graph
from autograd.display.nodes import Node, Path
from autograd.display.text import dot as quoted
from autograd.display.text import mermaid as coded
from autograd.display.text import number


def to_dot(
    graph: Graph,
    cards: Mapping[int, Card],
    paths: Mapping[int, Path],
    direction: str,
    show: Collection[str],
    spacing: float = 0.0,
) -> str:
    """Return the graph in Graphviz's DOT language.

    Parameters
    ----------
    graph, cards : Graph, mapping
        What to write, and what its boxes say.
    paths : mapping
        The calls around each node, by key; each call is a cluster.
    direction : {"LR", "TB"}
        How the edges run.
    show : collection of {"data", "grad", "local"}
        With "local" the local derivatives stand on the edges.
    spacing : float
        Above 0 it is for a layout alone: the boxes' sizes are fixed, the text is left out, and
        layers are so many points apart.
    """
    entering = Counter(edge.target for edge in graph.edges)
    entered: dict[int, int] = {}
    tail, head = ("e", "w") if direction == "LR" else ("s", "n")
    separation = f"ranksep={spacing / 72:.3f}, nodesep=0.25" if spacing else "ranksep=0.6"
    lines = [
        "digraph {",
        f"  graph [rankdir={direction}, {separation}]",
        '  node [shape=box, fontname="monospace", fontsize=12, style="rounded"]',
        '  edge [fontname="monospace", fontsize=11, arrowsize=0.7]',
    ]

    def node_line(node: Node) -> str:
        if spacing:
            card = cards[node.key]
            size = f"width={card.width / 72:.4f}, height={card.height / 72:.4f}, fixedsize=true"
            doors = "|".join(f"<i{i}>" for i in range(entering.get(node.key, 1)))
            return f'n{node.key} [shape=record, label="{doors}", {size}]'
        label = _label(cards[node.key], quoted, "\\n")
        return f"n{node.key} [label={label}{_style(graph, node)}]"

    lines += _nested(graph, paths, node_line, _open_cluster, "}")
    for i, edge in enumerate(graph.edges):
        shown = "local" in show and edge.partial is not None
        attributes = f" [label={quoted(number(edge.partial))}]" if shown else ""
        door = ""
        if spacing:  # each edge has a place of its own where it enters
            attributes = f" [id=e{i}, tailport={tail}]"
            entered[edge.target] = entered.get(edge.target, -1) + 1
            door = f":i{entered[edge.target]}:{head}"
        lines.append(f"  n{edge.source} -> n{edge.target}{door}{attributes}")
    return "\n".join([*lines, "}"]) + "\n"


def to_mermaid(
    graph: Graph,
    cards: Mapping[int, Card],
    paths: Mapping[int, Path],
    direction: str,
    show: Collection[str],
) -> str:
    """Return the graph as a Mermaid flowchart, which GitHub and many notebooks draw.

    The parameters are those of `to_dot`.
    """
    lines = [f"flowchart {direction}"]

    def node_line(node: Node) -> str:
        opened, closed = ("([", "])") if node.op is None else ("[", "]")
        return f"n{node.key}{opened}{_label(cards[node.key], _mermaid_quoted, '<br>')}{closed}"

    lines += _nested(graph, paths, node_line, _open_subgraph, "end")
    for edge in graph.edges:
        shown = "local" in show and edge.partial is not None
        label = f"|{_mermaid_quoted(number(edge.partial))}|" if shown else ""
        lines.append(f"  n{edge.source} -->{label} n{edge.target}")
    if graph.marked:
        marked = ",".join(f"n{n.key}" for n in graph.nodes if n.key in graph.marked)
        lines.append(f"  style {marked} stroke-width:4px")
    return "\n".join(lines) + "\n"


def calls(paths: Mapping[int, Path]) -> list[Path]:
    """Return the module calls that are drawn, each after the one around it."""
    return list(dict.fromkeys(path[:i] for path in paths.values() for i in range(1, len(path) + 1)))


def _mermaid_quoted(text: str) -> str:
    """A quoted label."""
    return f'"{coded(text)}"'


def _label(card: Card, quote: Any, newline: str) -> str:
    """A card's lines as one quoted label: each is quoted, and then they are joined."""
    rows = [card.heading] if card.heading else []
    rows += [f"{word} {text}" for word, text in card.rows]
    return '"' + newline.join(quote(row)[1:-1] for row in rows) + '"'


def _style(graph: Graph, node: Node) -> str:
    """The attributes that tell kinds of nodes apart."""
    if node.key in graph.marked:
        return ", penwidth=3"
    if node.members:
        return ', style="dashed"'
    return "" if node.op is None else ', style="solid"'


def _open_cluster(path: Path, count: int) -> str:
    """The first line of a module call."""
    return f"subgraph cluster_{count} {{ label={quoted(name_of(path))}"


def _open_subgraph(path: Path, count: int) -> str:
    """The first line of a module call."""
    return f"subgraph c{count}[{_mermaid_quoted(name_of(path))}]"


def _nested(
    graph: Graph, paths: Mapping[int, Path], line: Any, opening: Any, closing: str
) -> Iterator[str]:
    """The nodes' lines, each call's together and indented."""
    numbers = {path: i for i, path in enumerate(calls(paths))}
    inside: dict[Path, dict[Node | Path, None]] = {path: {} for path in ((), *numbers)}
    for node in graph.nodes:
        path = paths[node.key]
        for depth in range(len(path)):
            inside[path[:depth]][path[: depth + 1]] = None
        inside[path][node] = None
    stack: list[tuple[int, Iterator[Any]]] = [(1, iter(inside[()]))]
    while stack:
        depth, members = stack[-1]
        member = next(members, None)
        if member is None:
            stack.pop()
            if stack:
                yield "  " * (depth - 1) + closing
        elif isinstance(member, Node):
            yield "  " * depth + line(member)
        else:
            yield "  " * depth + opening(member, numbers[member])
            stack.append((depth + 1, iter(inside[member])))
