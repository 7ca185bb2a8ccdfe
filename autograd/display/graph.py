"""A snapshot of a graph: what is drawn and stepped through, fixed at the time of the call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograd.display import collapsing
from autograd.primitives import Primitive
from autograd.sweep import topological_order
from autograd.value import Value

Path = tuple[tuple[str, int], ...]  # the module calls that a node was made in, outermost first


@dataclass(frozen=True, slots=True)
class Node:
    """One number of a snapshot, or one collapsed call of a module.

    Attributes
    ----------
    key : int
        Its number in the whole snapshot; it stays when the snapshot is collapsed or cut.
    name : str
        What equations call it: the label made unique, or v and a number.
    label : str
        The user's label, the parameter's name, or nothing.
    sign : str
        The operator's sign or the function's name; empty for a leaf.
    data, grad : number or None
        The value, and the gradient; None where the root was never swept.
    op : Primitive or None
        The row of the table; None for leaves and collapsed calls.
    operands : tuple
        Keys of parents (as `Ref`) and literal numbers, in the order of the row's operands.
    origin : object or None
        Where the node was made, if that was recorded.
    path : tuple
        The module calls that it was made in.
    members : int
        How many Values a collapsed call stands for; 0 for a Value.
    hidden : int
        How many of its parents a cut left out of the picture.
    """

    key: int
    name: str
    label: str
    sign: str
    data: Any
    grad: Any
    op: Primitive | None = None
    operands: tuple[Any, ...] = ()
    origin: Any = None
    path: Path = ()
    members: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Ref:
    """An operand that is a node of the snapshot, by its key."""

    key: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A use: `source` is an operand of `target`; `partial` is the local derivative by it.

    The derivative is None on the way into or out of a collapsed call, where it is not local.
    """

    source: int
    target: int
    partial: Any = None


@dataclass(frozen=True)
class Graph:
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
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    marked: frozenset[int] = frozenset()
    left_out: int = 0
    _keys: Mapping[Value, int] = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        beside = f", {self.left_out:,} left out" if self.left_out else ""
        return f"<graph of {len(self.nodes):,} nodes and {len(self.edges):,} edges{beside}>"

    def __reduce__(self) -> Any:
        raise TypeError("a snapshot belongs to its Values: pickle the root and take it again")

    @property
    def root(self) -> Node:
        """The node that everything else was computed for."""
        return self.nodes[-1]

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
            if v in self._keys:
                return self._keys[v]
            raise KeyError(f"{v!r} is not in this graph: nothing of the root was computed from it")
        found = [node.key for node in self.nodes if v in (node.name, node.label)]
        if found:
            return found[0]
        names = ", ".join(node.name for node in self.nodes[:12])
        raise KeyError(f"no node is called {v!r}; there are {names}" + ", ..." * (len(self) > 12))

    def collapse(self, calls: str | int | None = None) -> Graph:
        """Return the graph with each call of a module drawn as one node.

        Parameters
        ----------
        calls : str, int or None
            A part of the module's name, such as "neuron" for every ``neurons.3``; or how deep
            the calls are nested, 1 for the outermost; None for the innermost calls.
            Needs a graph that was built under `record`; without one nothing collapses.
        """
        return collapsing.collapse(self, collapsing.chooser(calls))

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
        near = {self.root.key: None}
        queue = [self.root.key]
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
        return replace(
            self, nodes=nodes, edges=edges, left_out=self.left_out + len(self) - len(nodes)
        )


def snapshot(y: Value, names: Any = None) -> Graph:
    """Return an immutable picture of the graph that `y` was computed by.

    Parameters
    ----------
    y : Value
        The root.
    names : module or mapping, optional
        Names for Values without a label: a module, whose parameters have names, or a mapping
        from names to Values.

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
    if not isinstance(y, Value):
        raise TypeError(
            f"a graph is drawn from its root, a Value; got {y!r} ({type(y).__name__}): "
            "pass the result of an expression of Values"
        )
    named = given_names(names)
    order: list[Value] = []
    seen: set[Value] = set()
    for value in topological_order(y) or [y]:
        leaves = (x for x in value.parents if not x.parents)
        for each in (*leaves, value):
            if each not in seen:
                seen.add(each)
                order.append(each)
    keys = {value: key for key, value in enumerate(order)}
    labels = [value.label or named.get(value, "") for value in order]
    unique = _unique(labels)
    swept = not (type(y.grad) is int and y.grad == 0)
    nodes = tuple(
        _node(key, value, labels[key], unique[key], keys, swept) for key, value in enumerate(order)
    )
    edges = tuple(
        Edge(keys[parent], keys[value], partial)
        for value in order
        for parent, partial in zip(value.parents, value.partials, strict=True)
    )
    return Graph(nodes, edges, _keys=keys)


def given_names(names: Any) -> dict[Value, str]:
    """Return the names of Values from a module, from a mapping, or from nothing."""
    if names is None:
        return {}
    if hasattr(names, "named_parameters"):
        names = dict(names.named_parameters())
    return {value: str(name) for name, value in names.items() if isinstance(value, Value)}


def sign(op: Primitive) -> str:
    """Return the operator's sign or the function's name, as its row writes it.

    Examples
    --------
    >>> from autograd import rules
    >>> sign(rules.multiply), sign(rules.tanh), sign(rules.sum)
    ('*', 'tanh', 'sum')
    """
    return re.sub(r"\{\d(:\w)?\}", "", op.text).split("(")[0].strip() or op.name


def formula(op: Primitive, operands: Iterable[Any], style: str = "text") -> str:
    """Return the row applied to operands that are written already, as it writes them."""
    written = [operand if isinstance(operand, _Atom) else _Atom(operand) for operand in operands]
    template = str(getattr(op, style))
    if op.arity is None:
        places = ", ".join(f"{{{i}}}" for i in range(len(written)))
        return template.replace("()", f"({places})").format(*written)
    return template.format(*written)


class _Atom:
    """A written operand: a negative number gets parentheses where its row asks for them."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __format__(self, side: str) -> str:
        return f"({self.text})" if side and self.text.startswith("-") else self.text


def _node(
    key: int, value: Value, label: str, name: str, keys: Mapping[Value, int], swept: bool
) -> Node:
    """The node of a Value."""
    origin = getattr(value, "origin", None)
    path = tuple(getattr(origin, "path", ()))
    operands = tuple(Ref(keys[x]) if x in keys else x for x in _hashable(value.operands))
    grad = value.grad if swept else None
    shown = sign(value.op) if value.op else ""
    return Node(
        key, name, label, shown, value.data, grad, value.op, operands, origin, path
    )


def _hashable(operands: Iterable[Any]) -> Iterable[Any]:
    """The operands, of which only Values are looked up: a number equals no Value."""
    return operands


def _unique(labels: list[str]) -> list[str]:
    """Names for equations: labels where they are unique, else numbered; v1, v2 ... for none."""
    taken: dict[str, int] = {}
    free = iter(range(1, len(labels) + 1))
    names = []
    used = set(labels)
    for i, label in enumerate(labels):
        if label:
            taken[label] = taken.get(label, 0) + 1
            again = taken[label]
            names.append(label if again == 1 else f"{label}#{again}")
        elif i == len(labels) - 1 and "y" not in used:
            names.append("y")
        else:
            names.append(next(f"v{n}" for n in free if f"v{n}" not in used))
    return names


Chooser = Callable[[Path], int]
