"""Collapsing: each call of a module drawn as one node."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from autograd.display.nodes import Edge, Node, Path, Picture
from autograd.display.text import title
from autograd.graph.node import Node as _GraphNode

P = TypeVar("P", bound=Picture)
Chooser = Callable[[Path], int]  # how much of a path names the call to collapse; 0 for none


def chooser(graph: Picture, calls: str | int | None) -> Chooser:
    """Return what says of a path which of its calls is collapsed (see `Graph.collapse`)."""
    if isinstance(calls, str):
        wanted = _stem(calls)
        known = {part for node in graph.nodes for name, _ in node.path for part in name.split(".")}
        if wanted not in map(_stem, known):
            names = ", ".join(sorted({x for x in known if not x.isdigit()}))
            here = f"there are calls of {names}" if names else "no call of a module was recorded"
            raise ValueError(f"no module is called {calls!r} in this graph: {here}")
        return lambda path: next(
            (i + 1 for i, (name, _) in enumerate(path) if wanted in map(_stem, name.split("."))), 0
        )
    if calls is not None:
        depth = int(calls)
        return lambda path: min(depth, len(path))
    paths = {node.path for node in graph.nodes}
    outer = {path[:i] for path in paths for i in range(len(path))}
    return lambda path: 0 if path in outer else len(path)


def fit(graph: P, most: int) -> P:
    """Return the graph collapsed as little as brings it to `most` nodes, if anything does."""
    if len(graph) <= most:
        return graph
    deepest = max(len(node.path) for node in graph.nodes)
    choosers = [chooser(graph, calls) for calls in (None, *range(deepest, 0, -1))]
    guesses = [_guess(graph, choose) for choose in choosers]
    enough = [i for i, guess in enumerate(guesses) if guess <= most]
    for i in enough or [guesses.index(min(guesses))]:
        smaller = collapse(graph, choosers[i])
        if len(smaller) <= most:
            break
    return smaller


def _guess(graph: Picture, choose: Chooser) -> int:
    """About how many nodes are left when the calls that `choose` picks are collapsed."""
    calls = {path: path[: choose(path)] for path in {node.path for node in graph.nodes}}
    alone = sum(not calls[node.path] and not node.adoptable for node in graph.nodes)
    return alone + len({call for call in calls.values() if call})


def renumbered(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes with the calls of a module counted among those of its name in a call."""
    found = {node.path[:i] for node in nodes for i in range(1, len(node.path) + 1)}
    new: dict[Path, Path] = {(): ()}
    counts: dict[tuple[Path, str], int] = {}
    for path in sorted(found, key=lambda path: (len(path), [number for _, number in path])):
        (name, _), around = path[-1], new[path[:-1]]
        counts[around, name] = counts.get((around, name), 0) + 1
        new[path] = (*around, (name, counts[around, name]))
    return tuple(replace(node, path=new[node.path]) if node.path else node for node in nodes)


def homes(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[int, Path]:
    """Return for each adoptable leaf the innermost call in which all of its uses are."""
    found: dict[int, Path] = {}
    for edge in edges:
        if nodes[edge.source].adoptable:
            path = nodes[edge.target].path
            found[edge.source] = _common(found.get(edge.source, path), path)
    return found


def collapse(graph: P, choose: Chooser, least: int = 2) -> P:
    """Return the graph with the calls that `choose` picks drawn as one node each.

    A call of fewer than `least` nodes stays as it is. What several calls of a module share, its
    parameters, is one node that feeds them all.
    """
    calls = {node.key: node.path[: choose(node.path)] for node in graph.nodes}
    calls |= shared(graph, calls)
    members, stands, edges, order = _gathered(graph, calls, least)
    leaving = {e.source for e in graph.edges if stands.get(e.source) != stands.get(e.target)}
    leaving |= {root.key for root in graph.roots}
    groups = {inside[-1].key: _group(path, inside, leaving) for path, inside in members.items()}
    own = {node.key: node for node in graph.nodes}
    nodes = tuple(groups.get(key, own[key]) for key in order)
    place = {key: i for i, key in enumerate(order)}
    edges.sort(key=lambda edge: place[edge.target])
    marked = frozenset(stands.get(key, key) for key in graph.marked)
    keys = {value: stands.get(key, key) for value, key in graph.keys.items()}
    roots = tuple(dict.fromkeys(stands.get(key, key) for key in graph.root_keys))
    return replace(
        graph, nodes=nodes, edges=tuple(edges), marked=marked, keys=keys, root_keys=roots
    )


def convex_paths(graph: Picture) -> dict[int, Path]:
    """Return the calls around each node that can be drawn as frames, by key.

    A call can if what it gives out does not come back into it.
    """
    paths = {node.key: node.path for node in graph.nodes}
    for depth in range(1, 1 + max((len(path) for path in paths.values()), default=0)):
        calls = {key: path[:depth] if len(path) >= depth else () for key, path in paths.items()}
        members = _gathered(graph, calls, least=1)[0]
        paths = {
            key: path if len(path) < depth or path[:depth] in members else path[: depth - 1]
            for key, path in paths.items()
        }
    return paths


def shared(graph: Picture, calls: Mapping[int, Path]) -> dict[int, Path]:
    """Return a place of their own for the leaves that several calls of one module alone use."""
    modules = {path: tuple(name for name, _ in path) for path in calls.values()}
    free = {node.key for node in graph.nodes if node.adoptable and not calls[node.key]}
    used: dict[int, Path] = {}
    for edge in graph.edges:
        if edge.source in free:
            path = calls[edge.target]
            first = used.setdefault(edge.source, path)
            if not path or modules[path] != modules[first]:
                free.remove(edge.source)
    return {
        key: tuple((name, 0) for name in modules[path]) for key, path in used.items() if key in free
    }


def _gathered(
    graph: Picture, calls: dict[int, Path], least: int
) -> tuple[dict[Path, list[Node]], dict[int, int], list[Edge], list[int]]:
    """What each call holds, which key stands for each node in one, and what is left of the graph.

    A call is dissolved if it holds fewer than `least` nodes, or if what it gives out comes back
    into it, since it cannot be one node then.
    """
    members: dict[Path, list[Node]] = {}
    for node in graph.nodes:
        if calls[node.key]:
            members.setdefault(calls[node.key], []).append(node)
    members = {path: inside for path, inside in members.items() if len(inside) >= least}
    while True:
        stands = {n.key: inside[-1].key for inside in members.values() for n in inside}
        edges = _contracted(graph, stands)
        order = _ordered(graph, edges, stands)
        reached = set(order)
        entangled = [path for path, inside in members.items() if inside[-1].key not in reached]
        if not entangled:
            return members, stands, edges, order
        for path in entangled:
            del members[path]


def _stem(name: str) -> str:
    """A module's name as one would say it: small letters, singular."""
    return name.casefold().removesuffix("s")


def _common(one: Path, other: Path) -> Path:
    """The calls that two paths share."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]


def _contracted(graph: Picture, stands: dict[int, int]) -> list[Edge]:
    """The edges between what is left; all those from or to a call, beside each other, are one."""
    kept: dict[Any, Edge] = {}
    for number, edge in enumerate(graph.edges):
        source, target, _ = edge
        source_call, target_call = stands.get(source), stands.get(target)
        if source_call is None and target_call is None:
            kept[number] = edge
        elif source_call != target_call:
            ends = (source if source_call is None else source_call,
                    target if target_call is None else target_call)  # fmt: skip
            if ends not in kept:
                kept[ends] = edge._replace(source=ends[0], target=ends[1], partial=None)
    return list(kept.values())


def _ordered(graph: Picture, edges: Sequence[Edge], stands: dict[int, int]) -> list[int]:
    """The keys in topological order, as near to the old order as can be; cycles are left out."""
    waits = {stands.get(node.key, node.key): 0 for node in graph.nodes}
    follows: dict[int, list[int]] = {key: [] for key in waits}
    for edge in edges:
        waits[edge.target] += 1
        follows[edge.source].append(edge.target)
    rank = {node.key: i for i, node in enumerate(graph.nodes)}
    ready = [(rank[key], key) for key, count in waits.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, key = heapq.heappop(ready)
        order.append(key)
        for other in follows[key]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (rank[other], other))
    return order


def _group(path: Path, inside: Sequence[Node], leaving: set[int]) -> Node:
    """The node that stands for a call; it shows a number where only one leaves the call."""
    last = inside[-1]
    if path[-1][1] == 0:
        return _parameters(path, inside)
    given = [node for node in inside if node.key in leaving and not node.adoptable]
    out = given[0] if len(given) == 1 else None
    name = ".".join(name_of(path[: i + 1]) for i in range(len(path)))
    return replace(
        last,
        name=name,
        label=name_of(path),
        sign=path[-1][0],
        data=out.data if out else None,
        grad=out.grad if out else None,
        op=None,
        operands=(),
        path=path[:-1],
        members=sum(max(1, node.members) for node in inside),
        adoptable=False,
    )


def _parameters(path: Path, inside: Sequence[Node]) -> Node:
    """The node of the parameters that calls of a module share: their number and gradient's norm."""
    name = f"parameters of {'.'.join(name for name, _ in path)}"
    known = all(node.grad is not None for node in inside)
    norm = math.hypot(*(abs(complex(_number(node.grad))) for node in inside)) if known else None
    return replace(
        inside[-1], name=name, label=name, data=None, grad=norm, path=(), members=len(inside),
        parameters=True, adoptable=False,
    )  # fmt: skip


def _number(x: Any) -> Any:
    """The number of a gradient, which may be a Value."""
    while isinstance(x, _GraphNode):
        x = x.data
    return x


def name_of(path: Path) -> str:
    """Return how a module call is titled: its own name, and which call it is after the first."""
    if not path:
        return ""
    name, number = path[-1]
    name = title(name)
    return name if number == 1 else f"{name} (call {number})"
