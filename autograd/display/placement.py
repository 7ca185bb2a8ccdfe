"""Placement: where every box, frame and edge of a drawing is, frames within frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograd.display.cards import USED
from autograd.display.collapsing import name_of
from autograd.display.graph import Graph
from autograd.display.layout import LANE, Box, Layered, Link, layered
from autograd.display.nodes import Path

Point = tuple[float, float]
PADDING, TITLE = 12.0, 24.0  # of the frame of a module call
SPREAD = 16.0  # between two edges that enter a box from the left
Item = tuple[str, Path, int]  # ("node" | "call" | "in" | "out", call, key of a node)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box of the drawing, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Rectangle) -> bool:
        """Tell whether the two share more than a border."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything is.

    Attributes
    ----------
    boxes : mapping
        The rectangle of each node, by key.
    frames : mapping
        The rectangle of each module call, by path.
    routes : tuple
        For each edge the points that it goes through, from border to border.
    width, height : float
        Of the whole.
    curved : bool
        Whether the routes are Bezier curves (3n + 1 points) already.
    """

    boxes: Mapping[int, Rectangle]
    frames: Mapping[Path, Rectangle]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float
    curved: bool = False


def place(
    graph: Graph,
    sizes: Mapping[int, tuple[float, float]],
    paths: Mapping[int, Path],
    direction: str,
    spacing: float,
) -> Placement:
    """Lay a graph out with the built-in layout, each module call in a frame of its own.

    Parameters
    ----------
    graph : Graph
    sizes : mapping
        The (width, height) of each node's box, by key.
    paths : mapping
        The calls around each node, by key.
    direction : {"LR", "TB"}
        How the edges run.
    spacing : float
        Between two layers.
    """
    flat = direction == "LR"
    levels: dict[Path, Level] = {(): Level((), flat)}
    for node in graph.nodes:
        path = paths[node.key]
        for depth in range(1, len(path) + 1):
            if path[:depth] not in levels:
                levels[path[:depth]] = Level(path[:depth], flat)
                levels[path[: depth - 1]].add(("call", path[:depth], -1), Box(0.0, 0.0))
        width, height = sizes[node.key]
        box = Box(*((width, height) if flat else (height, width)), labelled=True)
        levels[path].add(("node", path, node.key), box)
    legs = [_legs(levels, edge.source, edge.target, paths) for edge in graph.edges]
    for path in sorted(levels, key=len, reverse=True):
        levels[path].arrange(levels, spacing)
    boxes, frames = {}, {}
    for path in sorted(levels, key=len):
        for item, along, across, box in levels[path].placed():
            if item[0] == "call":
                levels[item[1]].corner = (along, across)
                frames[item[1]] = _rectangle(along, across, box, flat)
            elif item[0] == "node":
                boxes[item[2]] = _rectangle(along, across, box, flat)
    inner = [
        [
            point if flat else point[::-1]
            for path, number, ends in leg
            for point in levels[path].points(number, ends)
        ]
        for leg in legs
    ]
    whole = levels[()].frame
    size = (whole.along, whole.across) if flat else (whole.across, whole.along)
    return Placement(boxes, frames, with_ends(graph, boxes, inner, flat), *size)


class Level:
    """What is laid out within one call, or at the top: items, and the links between them."""

    def __init__(self, path: Path, flat: bool) -> None:
        title, padding = (TITLE, PADDING) if path else (0.0, 0.0)
        self.path, self.flat, self.padding = path, flat, padding
        self.before = (padding, title) if flat else (title, padding)
        self.items: dict[Item, Box] = {}
        self.links: dict[tuple[Item, Item], int] = {}
        self.corner = (0.0, 0.0)
        self.numbers: dict[Item, int] = {}
        self.result = Layered((), (), 0.0, 0.0)
        self.frame = Box(0.0, 0.0)

    def add(self, item: Item, box: Box) -> None:
        """Add what is to be laid out, once."""
        self.items.setdefault(item, box)

    def link(self, source: Item, target: Item) -> int:
        """Link two items, or ports of calls within, and return the number of the link."""
        return self.links.setdefault((source, target), len(self.links))

    def arrange(
        self, levels: Mapping[Path, Level], spacing: float,
        lay: Callable[[tuple[Box, ...], tuple[Link, ...], float], Layered] = layered,
    ) -> None:  # fmt: skip
        """Lay the items out; the calls within are arranged already."""
        for item in self.items:
            if item[0] == "call":
                self.items[item] = levels[item[1]].frame
        self.numbers = {item: i for i, item in enumerate(self.items)}
        links = []
        for ends in self.links:
            (a, leaves_at), (b, enters_at) = (self._end(end, levels) for end in ends)
            links.append(Link(a, b, leaves_at, enters_at))
        self.result = lay(tuple(self.items.values()), tuple(links), spacing)
        along = self.result.along + self.before[0] + self.padding
        across = self.result.across + self.before[1] + self.padding
        title = 7.0 * len(name_of(self.path)) + 2 * PADDING
        self.frame = Box(max(along, title), across) if self.flat else Box(along, max(across, title))

    def _end(self, end: Item, levels: Mapping[Path, Level]) -> tuple[int, float]:
        """The item of this level where a link ends, and how far from its middle."""
        if end in self.numbers:
            return self.numbers[end], 0.0
        return self.numbers["call", end[1], -1], levels[end[1]].offset(end)

    def offset(self, port: Item) -> float:
        """How far a port is from the middle of the frame."""
        middle = self.result.middles[self.numbers[port]][1]
        return self.before[1] + middle - self.frame.across / 2

    def placed(self) -> Iterator[tuple[Item, float, float, Box]]:
        """Yield the items, where they begin in the drawing, and their sizes."""
        x, y = self._origin()
        for (item, box), middle in zip(self.items.items(), self.result.middles, strict=True):
            yield item, x + middle[0] - box.along / 2, y + middle[1] - box.across / 2, box

    def points(self, number: int, ends: tuple[Item, Item]) -> Iterator[Point]:
        """Yield the points of a link, and of the border where it comes from or goes outside."""
        x, y = self._origin()
        source, target = ends
        if source[0] == "in" and source in self.numbers:
            yield self.corner[0], y + self.result.middles[self.numbers[source]][1]
        for along, across in self.result.bends[number]:
            yield x + along, y + across
        if target[0] == "out" and target in self.numbers:
            border = self.corner[0] + self.frame.along
            yield border, y + self.result.middles[self.numbers[target]][1]

    def _origin(self) -> tuple[float, float]:
        """Where the contents begin."""
        return self.corner[0] + self.before[0], self.corner[1] + self.before[1]


def _legs(
    levels: Mapping[Path, Level], source: int, target: int, paths: Mapping[int, Path]
) -> list[tuple[Path, int, tuple[Item, Item]]]:
    """Link two nodes through the borders of the calls around them; return the links."""
    out, into = paths[source], paths[target]
    shared = 0
    while shared < min(len(out), len(into)) and out[shared] == into[shared]:
        shared += 1
    stations: list[tuple[Path, Item]] = []  # the level of each leg, and where it ends
    here: Item = ("node", out, source)
    legs = []
    stations += [(out[:i], ("out", out[:i], source)) for i in range(len(out), shared, -1)]
    stations += [(into[:i], ("in", into[: i + 1], source)) for i in range(shared, len(into))]
    stations.append((into, ("node", into, target)))
    for path, there in stations:
        if there[0] != "node":
            levels[there[1]].add(there, Box(0.0, LANE, "last" if there[0] == "out" else "first"))
        legs.append((path, levels[path].link(here, there), (here, there)))
        here = there
    return legs


def _rectangle(along: float, across: float, box: Box, flat: bool) -> Rectangle:
    """A box in the drawing's own directions."""
    if flat:
        return Rectangle(along, across, box.along, box.across)
    return Rectangle(across, along, box.across, box.along)


def with_ends(
    graph: Graph,
    boxes: Mapping[int, Rectangle],
    inner: Sequence[Sequence[Point]],
    flat: bool,
) -> tuple[tuple[Point, ...], ...]:
    """Return the routes with their ends on the boxes; those into one box enter side by side.

    They enter in the order in which they come, so that none crosses another before the box.
    """
    entering: dict[int, list[int]] = {}
    for i, edge in enumerate(graph.edges):
        entering.setdefault(edge.target, []).append(i)
    routes: list[tuple[Point, ...]] = [()] * len(graph.edges)
    for key, edges in entering.items():
        box = boxes[key]
        size, middle = (
            (box.height, box.y + box.height / 2) if flat else (box.width, box.x + box.width / 2)
        )
        starts = {i: _exit(boxes[graph.edges[i].source], flat) for i in edges}
        edges.sort(key=lambda i: (inner[i][-1] if inner[i] else starts[i])[1 if flat else 0])
        step = min(USED * size / len(edges), SPREAD if flat else size)
        for place, i in enumerate(edges):
            across = middle + (place - (len(edges) - 1) / 2) * step
            end = (box.x, across) if flat else (across, box.y)
            routes[i] = (starts[i], *inner[i], end)
    return tuple(routes)


def _exit(box: Rectangle, flat: bool) -> Point:
    """Where edges leave a box."""
    if flat:
        return box.x + box.width, box.y + box.height / 2
    return box.x + box.width / 2, box.y + box.height
