"""Aligning: two graphs beside each other, with what is equal in both in the same places."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import autograd.files as files
from autograd.display import explorer
from autograd.display.flow import flow
from autograd.display.graph import Graph, snapshot
from autograd.display.nodes import Node, Ref
from autograd.display.text import number, plain
from autograd.display.tracing import applied, leaves_of
from autograd.numbers.text import in_full


class Alignment:
    """Two graphs of the same leaves; made by `compare`, and shown by Jupyter in a frame.

    Attributes
    ----------
    one, other : Graph
        The snapshots. A node of the second that is equal to one of the first has its key and name.
    both : Graph
        All nodes of the two.
    """

    def __init__(self, names: tuple[str, str], one: Graph, other: Graph) -> None:
        self.names, self.one = names, one
        self.other, self.both = _aligned(one, other)

    @property
    def note(self) -> str:
        """How much of the two is equal, their values, and their gradients."""
        mine, theirs = ({node.key for node in x.nodes} for x in (self.one, self.other))
        roots = [x.roots[0] for x in (self.one, self.other)]
        slopes = [flow(x).gradients for x in (self.one, self.other)]
        leaves = [node for node in self.both.nodes if node.op is None]
        told = [
            f"{len(mine & theirs)} of {len(mine)} and {len(theirs)} nodes are equal",
            f"values {number(roots[0].data)} and {number(roots[1].data)}",
            *(f"d/d{leaf.name}: {' and '.join(number(x.get(leaf.key, 0)) for x in slopes)}"
              for leaf in leaves[:MOST_LEAVES]),
        ]  # fmt: skip
        return "; ".join(told)

    def to_html(self) -> str:
        """Return the page, which needs nothing from elsewhere."""
        mine, theirs = ({node.key for node in x.nodes} for x in (self.one, self.other))
        sides = []
        for name, graph in zip(self.names, (self.one, self.other), strict=True):
            data = explorer.page_data(graph, around=self.both)
            data["different"] = [
                i for i, node in enumerate(graph.nodes) if node.key not in mine & theirs
            ]
            data["title"] = plain(f"{name} = {number(graph.roots[0].data)}")
            sides.append(data)
        return explorer.compared(self._title(), plain(self.note), sides)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file that ends in .html."""
        if not str(os.fspath(path)).lower().endswith((".html", ".htm")):
            raise ValueError(f"a comparison is saved as .html; got {os.fspath(path)!r}")
        files.write(path, self.to_html())

    def _title(self) -> str:
        """What the page is called."""
        return plain(f"Compare {self.names[0]} and {self.names[1]}")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = explorer.framed(self.to_html(), self._title(), self.other, str(self))
        return {"text/html": html, "text/plain": str(self)}

    def __str__(self) -> str:
        return f"{self._title()}: {self.note}"

    def __repr__(self) -> str:
        return f"<{self}>"


MOST_LEAVES = 4  # whose gradients are told in a line


def compare(f: Callable[..., Any], g: Callable[..., Any], *args: Any) -> Alignment:
    """Show the graphs of two functions of the same arguments beside each other.

    What is computed alike, by the same rows from the same operands, has the same place and name in
    both; the rest stands out. On the page one moves with the other.

    Parameters
    ----------
    f, g : callable
    args : numbers, and lists, tuples and dicts of them
        Their arguments; they become leaves with the names of the first function's parameters.

    Returns
    -------
    Alignment
        Shown by Jupyter; `save` writes the page to a file.

    Examples
    --------
    >>> def f(x):
    ...     return (x * x + 1).log()
    >>> def g(x):
    ...     return (x * x).log1p()
    >>> print(compare(f, g, 2.0))
    Compare f and g: 2 of 4 and 3 nodes are equal; values 1.609 and 1.609; d/dx: 0.8 and 0.8
    """
    values = leaves_of(f, args)
    graphs = [snapshot(*applied(each, values)) for each in (f, g)]
    first, second = (str(getattr(x, "__name__", type(x).__name__)) for x in (f, g))
    return Alignment((first, second if second != first else f"{second} (second)"), *graphs)


def _aligned(one: Graph, other: Graph) -> tuple[Graph, Graph]:
    """The second graph with the keys and names of the first where they are equal, and both in one.

    A node of the first is equal to one of the second at most.
    """
    known: dict[Any, list[Node]] = {}
    for node in reversed(one.nodes):
        known.setdefault(_meaning(node, {x.key: x.key for x in one.nodes}), []).append(node)
    values = {key: value for value, key in other.keys.items()}
    keys: dict[int, int] = {}
    taken = {node.name for node in one.nodes}
    nodes: list[Node] = []
    fresh: list[Node] = []
    for node in other.nodes:
        place = one.keys.get(values[node.key])
        if node.op is None and place is not None:
            same: Node | None = one.nodes[place]
        else:
            found = known.get(_meaning(node, keys)) if node.op else None
            same = found.pop() if found else None
        if same is not None:
            keys[node.key] = same.key
            nodes.append(replace(same, grad=node.grad))
            continue
        keys[node.key] = key = len(one.nodes) + len(fresh)
        name = node.name
        while name in taken:
            name += "\u2032"
        taken.add(name)
        operands = tuple(Ref(keys[x.key]) if isinstance(x, Ref) else x for x in node.operands)
        fresh.append(replace(node, key=key, name=name, operands=operands))
        nodes.append(fresh[-1])
    edges = [e._replace(source=keys[e.source], target=keys[e.target]) for e in other.edges]
    order = {node.key: i for i, node in enumerate((*one.nodes, *fresh))}
    nodes.sort(key=lambda node: order[node.key])
    edges.sort(key=lambda edge: order[edge.target])
    roots = tuple(keys[root.key] for root in other.roots)
    mapped = replace(other, nodes=tuple(nodes), edges=tuple(edges), root_keys=roots,
                     keys={value: keys[key] for value, key in other.keys.items()})  # fmt: skip
    new = {node.key for node in fresh}
    both = replace(
        one, nodes=(*one.nodes, *fresh),
        edges=(*one.edges, *(e for e in edges if e.target in new)),
        root_keys=(*(root.key for root in one.roots), *roots),
    )  # fmt: skip
    return mapped, both


def _meaning(node: Node, keys: dict[int, int]) -> Any:
    """What a node is, from what: equal for what is computed alike; of a leaf what it holds."""
    if node.op is None:
        return node.label, in_full(node.data)
    operands = (
        ("node", keys[x.key]) if isinstance(x, Ref) else ("number", repr(x)) for x in node.operands
    )
    return node.op, *operands
