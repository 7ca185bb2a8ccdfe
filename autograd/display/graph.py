"""A snapshot of a graph: what is drawn and stepped through, fixed at the time of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograd.display import collapsing
from autograd.display.naming import given_names, recorded_names, unique_names
from autograd.display.nodes import Edge, Node, Picture, Ref
from autograd.display.text import is_blank, title
from autograd.ending import collector_paused
from autograd.graph.order import topological_order
from autograd.graph.value import Value


@dataclass(frozen=True, repr=False)
class Graph(Picture):
    """An immutable picture of a graph, in topological order; made by `snapshot`.

    Attributes
    ----------
    nodes : tuple of Node
        Each after its parents, leaves just before their first use; the root is last.
    edges : tuple of Edge
        By target, in the order of its operands.
    marked : frozenset of int
        Keys of what is to be highlighted.
    left_out : int
        How many nodes of the whole graph are not in this picture.
    keys : mapping
        The key of each Value that the snapshot was taken of.
    whole : Graph or None
        What this picture was cut out of.
    root_keys : tuple of int
        The keys of the roots, where it was taken of several; the last of the nodes is one.
    """

    whole: Graph | None = field(default=None, repr=False, compare=False)

    def key(self, v: Value | Node | str) -> int:
        """Return the key of a Value, of a node, or of what bears a name.

        Raises
        ------
        KeyError
            If it is not in the graph.
        """
        if isinstance(v, Node):
            return v.key
        if isinstance(v, Value):
            if v in self.keys:
                return self.keys[v]
            raise KeyError(f"{v!r} is not in this graph: nothing of the root was computed from it")
        found = [node.key for node in self.nodes if v in (node.name, node.label)]
        if found:
            return found[0]
        names = ", ".join(node.name for node in self.nodes[:12])
        raise KeyError(f"no node is called {v!r}; there are {names}" + ", ..." * (len(self) > 12))

    def collapse(self, calls: str | int | None = None) -> Graph:
        """Return the graph with each call of a module drawn as one node.

        Parameters that several calls share are one node, which feeds them all.

        Parameters
        ----------
        calls : str, int or None
            A part of the module's name, such as "neuron" for every ``neurons.3``; or how deep
            the calls are nested, 1 for the outermost; None for the innermost calls.
            Needs a graph that was built under `record`; without one nothing collapses.

        Raises
        ------
        ValueError
            If no call is of a module of that name.
        """
        least = 1 if isinstance(calls, str) else 2
        return collapsing.collapse(self, collapsing.chooser(self, calls), least)

    def around(self, v: Value | Node | str, hops: int = 2) -> Graph:
        """Return the part of the graph that is at most `hops` edges away from `v`."""
        neighbours: dict[int, list[int]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            neighbours[edge.source].append(edge.target)
            neighbours[edge.target].append(edge.source)
        near = front = {self.key(v)}
        for _ in range(hops):
            front = {other for key in front for other in neighbours[key]} - near
            near = near | front
        return self.only(near)

    def nearest(self, count: int) -> Graph:
        """Return the `count` nodes that are fewest edges before the root."""
        if len(self) <= count:
            return self
        sources: dict[int, list[int]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            sources[edge.target].append(edge.source)
        queue = [root.key for root in self.roots if root.key in {n.key for n in self.nodes}]
        queue = queue or [self.nodes[-1].key]
        near = dict.fromkeys(queue)
        for key in queue:
            for source in sources[key]:
                if source not in near and len(near) < count:
                    near[source] = None
                    queue.append(source)
        return self.only(near)

    def highlight(self, *leaves: Value | Node | str) -> Graph:
        """Return the graph with all that lies between `leaves` and the root marked."""
        marked = {self.key(leaf) for leaf in leaves}
        for edge in self.edges:  # targets come in topological order
            if edge.source in marked:
                marked.add(edge.target)
        return replace(self, marked=frozenset(marked))

    def only(self, keys: Iterable[int]) -> Graph:
        """Return the graph of the nodes with these keys; each says how many parents it lost."""
        kept = frozenset(keys)
        lost: dict[int, set[int]] = {}
        for edge in self.edges:
            if edge.target in kept and edge.source not in kept:
                lost.setdefault(edge.target, set()).add(edge.source)
        nodes = tuple(
            replace(node, hidden=node.hidden + len(lost.get(node.key, ())))
            for node in self.nodes
            if node.key in kept
        )
        edges = tuple(e for e in self.edges if e.source in kept and e.target in kept)
        left_out, whole = self.left_out + len(self) - len(nodes), self.whole or self
        return replace(self, nodes=nodes, edges=edges, left_out=left_out, whole=whole)


@collector_paused()
def snapshot(y: Value | Sequence[Value], names: Any = None) -> Graph:
    """Return an immutable picture of the graph that `y` was computed by.

    Parameters
    ----------
    y : Value or sequence of Value
        The root, or several.
    names : module or mapping, optional
        Names for Values without a label: a module, whose parameters have names, or a mapping
        from names to Values. Modules that were called under `record` are known.

    Returns
    -------
    Graph
        In topological order. It does not change when the Values do.

    Examples
    --------
    >>> from autograd import Value
    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> graph = snapshot((w * x).tanh())
    >>> [node.sign or node.label for node in graph.nodes]
    ['w', 'x', '*', 'tanh']
    """
    roots: list[Any] = list(y) if isinstance(y, (list, tuple)) else [y]
    if not roots or not all(isinstance(root, Value) for root in roots):
        raise TypeError(
            f"a graph is drawn from its root, a Value, or from a list of them; got {y!r} "
            f"({type(y).__name__}): pass the result of an expression of Values"
        )
    named = given_names(names)
    order: list[Value] = []
    seen: set[Value] = set()
    for value in (x for root in roots for x in topological_order(root, seen) or [root]):
        leaves = (x for x in value.parents if not x.parents)
        for each in (*leaves, value):
            if each not in seen:
                seen.add(each)
                order.append(each)
    named = recorded_names(order) | named
    keys = {value: key for key, value in enumerate(order)}
    labels = [
        next((x for x in (value.label, named.get(value, "")) if not is_blank(x)), "")
        for value in order
    ]
    unique = unique_names([title(label) for label in labels])
    swept = any(type(root.grad) is not int or root.grad != 0 for root in roots)
    nodes = tuple(
        _node(key, value, labels[key], unique[key], keys, swept) for key, value in enumerate(order)
    )
    edges = tuple(
        Edge(keys[parent], keys[value], partial)
        for value in order
        for parent, partial in zip(value.parents, value.partials, strict=True)
    )
    nodes = collapsing.renumbered(nodes)
    homes = collapsing.homes(nodes, edges)
    nodes = tuple(
        replace(node, path=homes[node.key]) if node.key in homes else node for node in nodes
    )
    several = tuple(dict.fromkeys(keys[root] for root in roots)) if len(roots) > 1 else ()
    return Graph(nodes, edges, keys=keys, root_keys=several)


def _node(
    key: int, value: Value, label: str, name: str, keys: Mapping[Value, int], swept: bool
) -> Node:
    """The node of a Value."""
    origin = getattr(value, "origin", None)
    path = tuple(getattr(origin, "path", ()))
    operands = tuple(
        Ref(keys[x]) if isinstance(x, Value) and x in keys else x for x in value.operands
    )
    grad = value.grad if swept else None
    shown = value.op.sign if value.op else ""
    adoptable = not value.parents and not value.label
    return Node(
        key, name, label, shown, value.data, grad, value.op, operands, origin, path,
        adoptable=adoptable,
    )  # fmt: skip
