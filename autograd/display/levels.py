"""Levels: what is inside of each call drawn small where the call stands, and so on inwards.

Each level is laid out by itself, in units of its own. A reader who comes near to a call sees it
open where it stands: nothing else moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from autograd.display import collapsing
from autograd.display.cards import USED
from autograd.display.graph import Graph
from autograd.display.layout import LANE, Box, layered
from autograd.display.nodes import Path
from autograd.display.placement import SPREAD, Item, Level, Point, Rectangle

WIDE, HIGH = 230.0, 130.0  # what a call takes at most of the level around it
FINE = 4_000  # edges, beyond which all that come from one call are one outside of it
TRACED = 60_000  # edges, beyond which a link does not know which ones it stands for


@dataclass(slots=True)
class Line:
    """A line of a level, the edges that it stands for, and whether it ends at a node."""

    points: list[Point]
    edges: list[int]
    single: bool


@dataclass(slots=True)
class Plan:
    """What a level holds, in units of its own.

    Attributes
    ----------
    path : tuple
        The call.
    box : Rectangle
        Where it lies in the level around it.
    width, height : float
        How large it is in its own units.
    nodes : dict
        The boxes of its nodes, by key.
    lines : list of Line
    """

    path: Path
    box: Rectangle
    width: float
    height: float
    nodes: dict[int, Rectangle] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def adopted(graph: Graph) -> Graph:
    """Return the graph with the parameters that calls of a module share in calls of their own."""
    own = collapsing.shared(graph, {node.key: node.path for node in graph.nodes})
    nodes = tuple(
        replace(node, path=own[node.key]) if node.key in own else node for node in graph.nodes
    )
    placed = replace(graph, nodes=nodes)
    paths = collapsing.convex_paths(placed)
    return replace(placed, nodes=tuple(replace(n, path=paths[n.key]) for n in nodes))


def plans(
    graph: Graph, sizes: Mapping[int, tuple[float, float]], spacing: float
) -> dict[Path, Plan]:
    """Return the plan of each level by its path, each after the one around it.

    Parameters
    ----------
    graph : Graph
        As `adopted` returns it.
    sizes : mapping
        The (width, height) of each node's box, by key.
    spacing : float
        Between two layers.
    """
    levels: dict[Path, _Nested] = {(): _Nested(())}
    for node in graph.nodes:
        for depth in range(1, len(node.path) + 1):
            path = node.path[:depth]
            if path not in levels:
                levels[path] = _Nested(path)
                levels[path[:-1]].add(("call", path, -1), Box(0.0, 0.0))
        levels[node.path].add(("node", node.path, node.key), Box(*sizes[node.key], labelled=True))
    _lead(graph, levels)
    lay = cache(layered)  # many calls hold the same
    for path in sorted(levels, key=len, reverse=True):
        levels[path].arrange(levels, spacing, lay)
    found: dict[Path, Plan] = {(): Plan((), Rectangle(0.0, 0.0, 0.0, 0.0), 0.0, 0.0)}
    for path in sorted(levels, key=len):
        levels[path].plan(found)
    return found


class _Nested(Level):
    """A level that is drawn small in the one around it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, flat=True)
        self.edges: dict[int, list[int]] = {}
        self.inner = self.frame
        self.scale = 1.0

    def arrange(self, levels: Mapping[Path, Level], spacing: float, lay: Any = layered) -> None:
        """Lay the items out, and take no more room around than a call may."""
        super().arrange(levels, spacing, lay)
        self.inner = self.frame
        self.scale = min(1.0, WIDE / self.inner.along, HIGH / self.inner.across)
        self.frame = Box(self.inner.along * self.scale, self.inner.across * self.scale)
        self.ports = {item: self._port(item, levels) for item in self.items if item[0] == "call"}

    def offset(self, port: Item) -> float:
        """How far a port is from the middle of the frame."""
        middle = self.result.middles[self.numbers[port]][1]
        return (self.before[1] + middle - self.inner.across / 2) * self.scale

    def _port(self, item: Item, levels: Mapping[Path, Level]) -> Level:
        """The level of a call in this one."""
        return levels[item[1]]

    def plan(self, found: dict[Path, Plan]) -> None:
        """Say where everything is, the calls within too."""
        self.frame = self.inner
        own = found[self.path]
        own.width, own.height = self.inner.along, self.inner.across
        for item, x, y, box in self.placed():
            at = Rectangle(x, y, box.along, box.across)
            if item[0] == "call":
                found[item[1]] = Plan(item[1], at, 0.0, 0.0)
            elif item[0] == "node":
                own.nodes[item[2]] = at
        routes = {ends: self._route(number, ends, own, found)
                  for ends, number in self.links.items()}  # fmt: skip
        self._spread(routes, own)
        for ends, number in self.links.items():
            entering = ends[1][0] == "node"
            own.lines.append(Line(routes[ends], self.edges.get(number, []), entering))

    def _route(
        self, number: int, ends: tuple[Item, Item], own: Plan, found: Mapping[Path, Plan]
    ) -> list[Point]:
        """The points of a link from border to border."""
        (start, side), (end, other) = (self._border(x, own, found) for x in ends)
        points = list(self.points(number, ends))
        first = [] if ends[0] in self.numbers and ends[0][0] == "in" else [(start[1], side)]
        last = [] if ends[1] in self.numbers and ends[1][0] == "out" else [(end[0], other)]
        return [*first, *points, *last]

    def _border(
        self, item: Item, own: Plan, found: Mapping[Path, Plan]
    ) -> tuple[tuple[float, float], float]:
        """The left and right border of an item, and how high a link meets them."""
        if item[0] == "node":
            at, offset = own.nodes[item[2]], 0.0
        elif item in self.numbers:  # a port of this level's own
            _, y = self._origin()
            height = y + self.result.middles[self.numbers[item]][1]
            return (0.0, self.inner.along), height
        else:
            at = found[item[1]].box
            offset = self.ports["call", item[1], -1].offset(item)
        return (at.x, at.x + at.width), at.y + at.height / 2 + offset

    def _spread(self, routes: dict[tuple[Item, Item], list[Point]], own: Plan) -> None:
        """Let the links into one box enter side by side, in the order in which they come."""
        entering: dict[int, list[list[Point]]] = {}
        for (_, target), route in routes.items():
            if target[0] == "node":
                entering.setdefault(target[2], []).append(route)
        for key, several in entering.items():
            box = own.nodes[key]
            several.sort(key=lambda route: route[-2][1])
            step = min(USED * box.height / len(several), SPREAD)
            for place, route in enumerate(several):
                across = box.y + box.height / 2 + (place - (len(several) - 1) / 2) * step
                route[-1] = (box.x, across)


def _lead(graph: Graph, levels: Mapping[Path, _Nested]) -> None:
    """Lead the edges through the borders of the calls around their ends, level by level."""
    traced = len(graph.edges) <= TRACED
    bundles = {} if len(graph.edges) <= FINE else {path: -2 - i for i, path in enumerate(levels)}
    # Calls by number, of which a pair is a key that costs little.
    numbers = {path: i for i, path in enumerate(levels)}
    paths = {node.key: node.path for node in graph.nodes}
    calls = {key: numbers[path] for key, path in paths.items()}
    ways: dict[tuple[int, int], _Way] = {}
    led: set[tuple[int, int, int]] = set()
    for i, (source, target, _) in enumerate(graph.edges):
        ends = out, into = calls[source], calls[target]
        way = ways.get(ends) or ways.setdefault(ends, _Way(paths[source], paths[target], levels))
        # What the edge is known by outside: its source, or the outermost call that it comes from.
        known = source if way.left is None else bundles.get(way.left, source)
        stations: list[Item] = [(side, border, known) for side, border in way.borders]
        legs = [*stations, ("node", way.into, target)]
        here: Item = ("node", way.out, source)
        again = not traced and (out, into, known) in led
        led.add((out, into, known))
        for n, there in enumerate(legs):
            if not again or n in (0, len(stations)):
                if n < len(stations):
                    pin = "last" if there[0] == "out" else "first"
                    way.inner[n].add(there, Box(0.0, LANE, pin))
                number = way.around[n].link(here, there)
                if traced:
                    way.around[n].edges.setdefault(number, []).append(i)
            here = there


class _Way:
    """The calls that are left and entered on the way from one to another.

    Attributes
    ----------
    borders : list
        Of each call whether it is left ("out") or entered ("in"), and its path.
    inner : list
        The level of each.
    around : list
        The levels in which the legs run: to each border, and to the target.
    left : tuple or None
        The last call that is left.
    """

    def __init__(self, out: Path, into: Path, levels: Mapping[Path, _Nested]) -> None:
        shared = 0
        while shared < min(len(out), len(into)) and out[shared] == into[shared]:
            shared += 1
        leaving = [out[:i] for i in range(len(out), shared, -1)]
        entering = [into[: i + 1] for i in range(shared, len(into))]
        self.out, self.into = out, into
        self.borders = [("out", x) for x in leaving] + [("in", x) for x in entering]
        self.inner = [levels[x] for _, x in self.borders]
        self.around = [levels[x] for x in (*leaving, *(x[:-1] for x in entering), into)]
        self.left = leaving[-1] if leaving else None
