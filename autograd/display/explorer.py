"""The explorer's page: what it is told of a graph, and the modules that it runs."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from autograd.display.cards import cards, expression
from autograd.display.collapsing import name_of
from autograd.display.drawing import draw
from autograd.display.engines import SPACING
from autograd.display.flat import Comparison, flat
from autograd.display.graph import Graph
from autograd.display.levels import Line, Plan, adopted, plans
from autograd.display.nodes import Node, Path, Ref
from autograd.display.page import asset, document, untrusted
from autograd.display.text import SOURCE, number, plain, short, title, xml
from autograd.ending import collector_paused
from autograd.functions.calls import Primitive

MODULES = ("viewer.js", "python.js", "rules.js", "engine.js", "why.js", "camera.js", "scene.js",
           "minimap.js", "telling.js", "controls.js", "descent.js", "landscape.js", "explorer.js",
           "opening.js")  # fmt: skip
SAID = 300  # characters of a formula, and of a note
ROOM = 50.0  # between layers, for the numbers on the edges
TALL = 720  # pixels of the frame in a notebook


@collector_paused()  # for some seconds of a large graph it would look in vain
def page_data(
    graph: Graph, comparisons: Sequence[Comparison] = (), note: str = "", focus: int | None = None,
    around: Graph | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what the page is told.

    Parameters
    ----------
    graph : Graph
        A whole snapshot, with what is compared in it.
    comparisons : sequence of Comparison
    note : str
        A line above the picture.
    focus : int, optional
        The key of the node that the page opens at.
    around : Graph, optional
        A graph that this one is a part of: it is laid out, and the rest left away.
    """
    told = flat(graph, comparisons)
    places = {node.key: i for i, node in enumerate(graph.nodes)}
    made = cards(around or graph, ("data", "grad"), "LR", numbered=True)
    placed = adopted(around or graph)
    levels = plans(
        placed, {key: (card.width, card.height) for key, card in made.items()}, SPACING + ROOM
    )
    own = _edges_within(placed, graph)
    numbers = {path: i for i, path in enumerate(levels)}
    boxes: list[list[float]] = [[] for _ in graph.nodes]
    for path, plan in levels.items():
        for key, at in plan.nodes.items():
            if key in places:
                boxes[places[key]] = [numbers[path], *_box(at.x, at.y, at.width, at.height)]
    templates = _Table()
    sources = _Table()
    root = graph.roots[0]
    return {
        "title": plain(f"Explore {root.name} = {number(root.data)}"), "note": plain(note),
        "focus": None if focus is None else places[focus],
        "engine": told,
        "levels": [_level(plan, numbers, count, own) for plan, count
                   in zip(levels.values(), _members(placed, levels), strict=True)],
        "boxes": boxes,
        "headings": [_heading(node) for node in graph.nodes],
        "signs": [node.sign for node in graph.nodes],
        "formula": [templates.number(_template(node.op, len(node.operands)))
                    for node in graph.nodes],
        "formulas": templates.items,
        "source": [_source(node, sources) for node in graph.nodes], "sources": sources.items,
    }  # fmt: skip


def page(data: dict[str, Any]) -> str:
    """Return a page that needs nothing from elsewhere."""
    body = f'<main class="glassgrad-explorer">{_told(data)}</main>\n{_script()}'
    return document(data["title"], body, "auto", style())


def compared(title: str, note: str, sides: Sequence[dict[str, Any]]) -> str:
    """Return a page with two graphs beside each other."""
    parts = "".join(f'<div class="glassgrad-explorer">{_told(data)}</div>' for data in sides)
    body = (
        f"<h1>{xml(title)}</h1>\n<p>{xml(note)}</p>\n"
        f'<main class="glassgrad-comparison">{parts}</main>\n{_script()}'
    )
    return document(title, body, "auto", style())


def framed(html: str, title: str, graph: Graph, text: str) -> str:
    """Return a page in a frame for a notebook, with a still picture where frames are barred."""
    image = base64.b64encode(draw(graph, theme="light").svg.encode()).decode()
    quoted = html.replace("&", "&amp;").replace('"', "&quot;")
    shown = (
        f'<iframe title="{xml(title)}" srcdoc="{quoted}" '
        f'style="width: 100%; height: {TALL}px; border: 0"></iframe>'
    )
    lines = "\n".join(map(xml, text.split("\n")))
    return untrusted(shown, image, title, f"<pre>{lines}</pre>")


def module(data: dict[str, Any]) -> str:
    """Return a module that exports `set(name, value)`, `values()` and `gradients()` of a graph."""
    engine = asset("python.js", "rules.js", "engine.js")
    return (
        f"{engine}\nexport const {{ set, values, gradients, branches }} = "
        f"engine({json.dumps(data['engine'])});\n"
    )


def style() -> str:
    """Return the style of the page."""
    return asset("viewer.css", "explorer.css")


def script() -> str:
    """Return the modules of the page."""
    return asset(*MODULES)


def _script() -> str:
    """The modules, run on every explorer that is not live yet."""
    return f'<script type="module">\n{script()}\nexploreAll();\n</script>'


def _told(data: dict[str, Any]) -> str:
    """What the page is told, as an element of it."""
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'


class _Table:
    """Texts that many nodes share, each once."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text."""
        if text not in self._numbers:
            self._numbers[text] = len(self.items)
            self.items.append(text)
        return self._numbers[text]


def _edges_within(around: Graph, graph: Graph) -> dict[int, int]:
    """The numbers of a graph's edges by those that they have in the graph around it."""
    if len(around.edges) == len(graph.edges):
        return {i: i for i in range(len(graph.edges))}
    numbers = {place: i for i, place in enumerate(_places(graph))}
    return {i: numbers[place] for i, place in enumerate(_places(around)) if place in numbers}


def _places(graph: Graph) -> Iterator[tuple[int, int]]:
    """Of each edge its target, and as which of its edges it enters there."""
    entering: Counter[int] = Counter()
    for edge in graph.edges:
        yield edge.target, entering[edge.target]
        entering[edge.target] += 1


def _level(
    plan: Plan, numbers: dict[Path, int], members: int, own: dict[int, int]
) -> dict[str, Any]:
    """A level as the page has it; a line of which no edge is the graph's own is not there."""
    at = plan.box
    lines = [(line, [own[e] for e in line.edges if e in own]) for line in plan.lines]
    return {
        "title": _title(plan.path), "members": members,
        "parent": numbers[plan.path[:-1]] if plan.path else None,
        "box": _box(at.x, at.y, at.width, at.height), "size": _box(plan.width, plan.height),
        "lines": [_line(line, edges) for line, edges in lines if edges or not line.edges],
    }  # fmt: skip


def _line(line: Line, edges: list[int]) -> list[Any]:
    """A line: the coordinates of its points, its edges, and whether it bears a number."""
    points = [x for point in line.points for x in point]
    return [_box(*points), edges, int(line.single and len(edges) == 1)]


def _box(*sizes: float) -> list[float]:
    """Numbers with no more digits than a screen has use for."""
    return [int(y) if (y := round(x, 1)).is_integer() else y for x in map(float, sizes)]


def _members(graph: Graph, levels: dict[Path, Plan]) -> list[int]:
    """How many Values each level holds, with those of the calls in it."""
    counts = dict.fromkeys(levels, 0)
    for node in graph.nodes:
        for depth in range(len(node.path) + 1):
            counts[node.path[:depth]] += 1
    return list(counts.values())


def _title(path: Path) -> str:
    """What a call is called; 0 is the number of that which all calls of a module share."""
    if path and path[-1][1] == 0:
        outer = len(path) < 2 or path[-2][1] != 0
        return "parameters of " * outer + title(path[-1][0])
    return name_of(path)


def _heading(node: Node) -> str:
    """The first line of a box: literals are not in it, for they may be moved."""
    return short(plain(f"{node.name}: {node.sign}" if node.op else node.name), 28)


@cache
def _template(op: Primitive | None, count: int) -> str:
    """An operation, with marks for the operands, of which the page knows name and number."""
    if op is None:
        return ""
    if count > 12:
        return f"{op.sign}(... {count} operands ...)"
    marked = Node(-1, "", "", op.sign, None, None, op, tuple(map(Ref, range(count))))
    return expression(marked, {i: f"\ue000{i}\ue001" for i in range(count)})


def _source(node: Node, sources: _Table) -> int:
    """The number of a node's line of source, -1 where it has none."""
    origin = node.origin
    if origin is None or not origin.source:
        return -1
    name = origin.filename.replace("\\", "/").rsplit("/", 1)[-1]
    return sources.number(f"{short(plain(origin.source), SOURCE)}  ({name}, line {origin.line})")
