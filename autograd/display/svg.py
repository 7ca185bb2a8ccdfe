"""SVG: a placed graph as scalable vector graphics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from autograd.display.cards import COLUMN, HEADING, LABEL_COLUMN, LINE, Card
from autograd.display.collapsing import name_of
from autograd.display.graph import Graph
from autograd.display.markup import DECIMAL, TEXT, Markup, element, filled, tags
from autograd.display.nodes import Node
from autograd.display.placement import Placement, Point, Rectangle
from autograd.display.text import number

FONT = Markup("ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace")
LIGHT, DARK = ("#1f2328", "#ffffff"), ("#e6edf3", "#0d1117")  # ink and paper
# Okabe and Ito's palette, in which colour-blind readers tell every colour from every other.
LEAF, ROOT, CALL, MARK = "#0072b2", "#009e73", "#cc79a7", "#e69f00"
# A halo keeps numbers readable over edges; in a notebook it takes the notebook's own background.
HALO = "stroke: var(--jp-layout-color0, var(--vscode-editor-background, Canvas))"
_FOLLOWING = (
    f"@media (prefers-color-scheme: dark) {{ .glassgrad-auto {{ color: {DARK[0]} }} "
    f".glassgrad-auto > .paper {{ fill: {DARK[1]} }} "
    f".glassgrad-auto .halo {{ stroke: {DARK[1]} }} }}"
)
BORDER = 14.0
ARROW = 7.0


def render(
    graph: Graph,
    placement: Placement,
    cards: Mapping[int, Card],
    show: Collection[str],
    direction: str,
    theme: str,
    note: str = "",
) -> str:
    """Return the drawing as one SVG element, which needs nothing from elsewhere.

    Parameters
    ----------
    graph, placement, cards : Graph, Placement, mapping
        What to draw, where, and what its boxes say.
    show : collection of {"data", "grad", "local"}
        With "local" the local derivatives stand on the edges.
    direction : {"LR", "TB"}
        How the edges run.
    theme : {"auto", "light", "dark", "inherit"}
        "auto" follows the reader's system and has a background; "inherit" takes the colour of
        the text around it and has none.
    note : str
        A line of text above the drawing.
    """
    lines = _lines(note, placement.width)
    width = placement.width + 2 * BORDER
    height = placement.height + 2 * BORDER + LINE * len(lines)
    ink, paper = {"dark": DARK, "inherit": ("currentColor", "none")}.get(theme, LIGHT)
    above: list[str] = []
    if theme == "auto":
        above.append(element("style", Markup(_FOLLOWING)))
    if theme != "inherit":
        above.append(element("rect", class_="paper", width="100%", height="100%", rx=6, fill=paper))
    above += [
        element("text", line, class_="note", x=f"{BORDER:.0f}", y=f"{LINE * (i + 1):.0f}",
                fill="currentColor")
        for i, line in enumerate(lines)
    ]  # fmt: skip
    frames = sorted(placement.frames.items(), key=lambda item: len(item[0]))
    parts: list[str] = [_frame(at, name_of(path)) for path, at in frames]
    labels: list[str] = []
    for i, (edge, route) in enumerate(zip(graph.edges, placement.routes, strict=True)):
        label = number(edge.partial) if "local" in show and edge.partial is not None else ""
        stub = _stub(label) if direction == "LR" else LINE if label else 0.0
        path_data = _bezier(route) if placement.curved else smooth(route, direction, stub)
        parts.append(_edge(graph, i, route[-1], path_data, direction))
        if label:
            labels.append(_local(graph, i, route[-1], direction, label))
    # Not every program that draws SVG knows of `paint-order`: first the halos, then the digits.
    halo = tags(
        "g", class_="halo", font_size=11, fill="none", stroke=paper, stroke_width=3,
        stroke_linejoin="round", aria_hidden="true", style=HALO if theme == "inherit" else None,
    )  # fmt: skip
    digits = tags("g", font_size=11, fill="currentColor")
    for begin, end in (halo, digits):
        parts += [begin, *labels, end]
    roots = {root.key for root in graph.roots}
    boxes = placement.boxes
    parts += [_box(graph, x, boxes[x.key], cards[x.key], roots) for x in graph.nodes]
    moved = f"translate({BORDER:.0f} {BORDER + LINE * len(lines):.0f})"
    begin, end = tags(
        "svg", xmlns="http://www.w3.org/2000/svg", class_=f"glassgrad glassgrad-{theme}",
        width=f"{width:.0f}", height=f"{height:.0f}", viewBox=f"0 0 {width:.0f} {height:.0f}",
        font_family=FONT, font_size=12, color=ink, role="img", aria_label=_summary(graph),
    )  # fmt: skip
    first, last = tags("g", transform=moved)
    return "\n".join([begin, *above, first, *parts, last, end])


def smooth(route: Sequence[Point], direction: str, stub: float) -> str:
    """Return a smooth path through points, level at each, and straight for a stub at the end."""
    *earlier, (end_x, end_y) = route
    x, y = earlier[-1]
    if direction == "LR":
        stub = min(stub + ARROW, (end_x - x) / 2)
        earlier.append((end_x - stub, end_y))
    else:
        stub = min(stub + ARROW, (end_y - y) / 2)
        earlier.append((end_x, end_y - stub))
    (x, y), *rest = *earlier, (end_x, end_y)
    parts = [f"M{x:.1f} {y:.1f}"]
    for i, (to_x, to_y) in enumerate(rest):
        if i == len(rest) - 1:  # the last piece ends under the arrowhead
            to_x, to_y = (to_x - ARROW + 1, to_y) if direction == "LR" else (to_x, to_y - ARROW + 1)
        if direction == "LR":
            middle = (x + to_x) / 2
            controls = f"{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f}"
        else:
            middle = (y + to_y) / 2
            controls = f"{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f}"
        straight = y == to_y if direction == "LR" else x == to_x
        parts.append(
            f"L{to_x:.1f} {to_y:.1f}" if straight else f"C{controls} {to_x:.1f} {to_y:.1f}"
        )
        x, y = to_x, to_y
    return "".join(parts)


def _summary(graph: Graph) -> str:
    """What a screen reader says of the drawing."""
    roots = [
        root.name + ("" if root.data is None else f" with data {number(root.data)}")
        for root in graph.roots
    ]
    being = "its root is" if len(roots) == 1 else "its roots are"
    return f"Graph of {len(graph):,} nodes; {being} {', '.join(roots)}"


def _lines(note: str, width: float) -> list[str]:
    """The note, broken into lines that are as wide as the drawing."""
    most = max(24, int(width / COLUMN))
    lines: list[str] = []
    for word in note.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _frame(at: Rectangle, title: str) -> str:
    """The frame of a module call."""
    border = element(
        "rect", **_place(at), rx=8, fill="currentColor",
        fill_opacity=".035", stroke="currentColor", stroke_opacity=".45", stroke_dasharray="5 3",
    )  # fmt: skip
    heading = element(
        "text", title, x=at.x + 8, y=at.y + 16, fill="currentColor", fill_opacity=".8"
    )
    return element("g", border, heading, class_="frame")


def _edge(graph: Graph, i: int, end: Point, path_data: str, direction: str) -> str:
    """An edge with its arrowhead."""
    x, y = end
    tip = f"{x - ARROW:.1f},{y - 3.5:.1f} {x:.1f},{y:.1f} {x - ARROW:.1f},{y + 3.5:.1f}"
    if direction == "TB":
        tip = f"{x - 3.5:.1f},{y - ARROW:.1f} {x:.1f},{y:.1f} {x + 3.5:.1f},{y - ARROW:.1f}"
    lies_between = bool(graph.marked) and _between(graph, i)
    colour, weight = (MARK, 2.6) if lies_between else ("currentColor", 1.1)
    faded = ".35" if graph.marked and not lies_between else None
    return filled(_edge_pattern(colour, weight, faded), i, path_data, tip)


@cache
def _edge_pattern(colour: str, weight: float, faded: str | None) -> Markup:
    """An edge but for its number, its path and its tip."""
    return element(
        "g",
        element("path", d=TEXT, fill="none", stroke=colour, stroke_opacity=".75",
                stroke_width=weight),
        element("polygon", points=TEXT, fill=colour),
        class_="edge", data_edge=TEXT, opacity=faded,
    )  # fmt: skip


def _local(graph: Graph, i: int, end: Point, direction: str, label: str) -> str:
    """The local derivative of an edge, above its end."""
    x, y = end
    anchor = "end" if direction == "LR" else None
    x, y = (x - ARROW - 3, y - 4) if direction == "LR" else (x + 5, y - ARROW - 1)
    faded = None if not graph.marked or _between(graph, i) else ".45"
    return filled(_local_pattern(anchor, faded), i, x, y, label)


@cache
def _local_pattern(anchor: str | None, faded: str | None) -> Markup:
    """A local derivative but for the number of its edge, its place and its digits."""
    return element(
        "text", TEXT, data_local=TEXT, x=DECIMAL, y=DECIMAL, text_anchor=anchor, opacity=faded
    )


def _between(graph: Graph, i: int) -> bool:
    """Whether an edge lies between a highlighted leaf and the root."""
    return graph.edges[i].source in graph.marked and graph.edges[i].target in graph.marked


def _stub(label: str) -> float:
    """How long the straight end of an edge is that carries a label."""
    return LABEL_COLUMN * len(label) + 6 if label else 0.0


def _bezier(route: Sequence[Point]) -> str:
    """A path along Bezier curves that another layout computed; it ends under the arrowhead."""
    (x, y), *rest = route
    *controls, tip = rest
    controls = controls[: len(controls) // 3 * 3]
    curves = "".join(
        "C" + " ".join(f"{a:.1f} {b:.1f}" for a, b in controls[i : i + 3])
        for i in range(0, len(controls), 3)
    )
    return f"M{x:.1f} {y:.1f}{curves}L{tip[0]:.1f} {tip[1]:.1f}"


def _box(graph: Graph, node: Node, at: Rectangle, card: Card, roots: Collection[int]) -> str:
    """The box of a node with what its card says."""
    leaf = node.op is None and (node.parameters or not node.members)
    root = node.key in roots
    colour = LEAF if leaf else CALL if node.members else ROOT if root else "currentColor"
    weight, faded = (2.0 if root else 1.2), None
    if graph.marked:
        if node.key in graph.marked:
            colour, weight = MARK, 2.6
        else:
            faded = ".45"
    kind = "leaf" if leaf else "call" if node.members else "root" if root else "interior"
    y = at.y + (at.height - _text_height(card)) / 2
    left, right = (at.x + (at.width + side * card.inner) / 2 for side in (-1, 1))
    lines = []
    if card.heading:
        lines.append(filled(_HEADING, at.x + at.width / 2, y + 13, card.heading))
        y += HEADING
    for word, text in card.rows:
        lines.append(filled(_ROW, left, y + 11, word, word, right, y + 11, text))
        y += LINE
    pattern = _box_pattern(kind, colour, weight, "6 3" if node.members else None, faded)
    place = (at.x, at.y, at.width, at.height)
    return filled(pattern, node.key, card.tooltip, *place, Markup("".join(lines)))


@cache
def _box_pattern(
    kind: str, colour: str, weight: float, dashes: str | None, faded: str | None
) -> Markup:
    """The box of a node but for its number, its tooltip, its place and its lines."""
    return element(
        "g",
        element("title", TEXT),
        element(
            "rect", x=DECIMAL, y=DECIMAL, width=DECIMAL, height=DECIMAL,
            rx=12 if kind == "leaf" else 4, fill=colour,
            fill_opacity=".05" if colour == "currentColor" else ".14", stroke=colour,
            stroke_width=weight, stroke_dasharray=dashes),
        TEXT,
        class_=f"node {kind}", data_node=TEXT, opacity=faded,
    )  # fmt: skip


_HEADING = element(
    "text", TEXT, x=DECIMAL, y=DECIMAL, text_anchor="middle", font_size=13, font_weight=600,
    fill="currentColor",
)  # fmt: skip
_ROW = Markup(
    element("text", TEXT, x=DECIMAL, y=DECIMAL, fill="currentColor", fill_opacity=".72")
    + element("text", TEXT, data_row=TEXT, x=DECIMAL, y=DECIMAL, text_anchor="end",
              fill="currentColor")
)  # fmt: skip


def _place(at: Rectangle) -> dict[str, float]:
    """Where a rectangle lies, as attributes."""
    x, y, width, height = map(float, (at.x, at.y, at.width, at.height))
    return {"x": x, "y": y, "width": width, "height": height}


def _text_height(card: Card) -> float:
    """How high the lines of a card are together."""
    return (HEADING if card.heading else 0.0) + LINE * len(card.rows) - 3
