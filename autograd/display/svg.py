"""SVG: a placed graph as scalable vector graphics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from autograd.display.cards import COLUMN, HEADING, LABEL_COLUMN, LINE, Card
from autograd.display.collapsing import name_of
from autograd.display.graph import Graph
from autograd.display.nodes import Node
from autograd.display.placement import Placement, Point, Rectangle
from autograd.display.text import number, xml

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LIGHT, DARK = ("#1f2328", "#ffffff"), ("#e6edf3", "#0d1117")  # ink and paper
# Okabe and Ito's palette, in which colour-blind readers tell every colour from every other.
LEAF, ROOT, CALL, MARK = "#0072b2", "#009e73", "#cc79a7", "#e69f00"
# A halo keeps numbers readable over edges; in a notebook it takes the notebook's own background.
HALO = ' style="stroke: var(--jp-layout-color0, var(--vscode-editor-background, Canvas))"'
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
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="glassgrad glassgrad-{theme}" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="{FONT}" font-size="12" color="{ink}" role="img" '
        f'aria-label="{xml(_summary(graph))}">'
    ]
    if theme == "auto":
        parts.append(
            f"<style>@media (prefers-color-scheme: dark) {{ .glassgrad-auto {{ color: {DARK[0]} }} "
            f".glassgrad-auto > .paper {{ fill: {DARK[1]} }} "
            f".glassgrad-auto .halo {{ stroke: {DARK[1]} }} }}</style>"
        )
    if theme != "inherit":
        parts.append(f'<rect class="paper" width="100%" height="100%" rx="6" fill="{paper}"/>')
    parts += [
        f'<text class="note" x="{BORDER:.0f}" y="{LINE * (i + 1):.0f}" fill="currentColor">'
        f"{xml(line)}</text>"
        for i, line in enumerate(lines)
    ]
    parts.append(f'<g transform="translate({BORDER:.0f} {BORDER + LINE * len(lines):.0f})">')
    frames = sorted(placement.frames.items(), key=lambda item: len(item[0]))
    parts += [_frame(at, name_of(path)) for path, at in frames]
    labels: list[str] = []
    for i, (edge, route) in enumerate(zip(graph.edges, placement.routes, strict=True)):
        label = number(edge.partial) if "local" in show and edge.partial is not None else ""
        stub = _stub(label) if direction == "LR" else LINE if label else 0.0
        path_data = _bezier(route) if placement.curved else _smooth(route, direction, stub)
        parts.append(_edge(graph, i, route[-1], path_data, direction))
        if label:
            labels.append(_local(graph, i, route[-1], direction, label))
    # Not every program that draws SVG knows of `paint-order`: first the halos, then the digits.
    parts.append(
        f'<g class="halo" font-size="11" fill="none" stroke="{paper}" stroke-width="3" '
        f'stroke-linejoin="round" aria-hidden="true"{HALO if theme == "inherit" else ""}>'
    )
    parts += [*labels, '</g>\n<g font-size="11" fill="currentColor">', *labels, "</g>"]
    roots = {root.key for root in graph.roots}
    for node in graph.nodes:
        parts.append(_box(graph, node, placement.boxes[node.key], cards[node.key], roots))
    return "\n".join([*parts, "</g>", "</svg>"])


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
    return (
        f'<g class="frame"><rect x="{at.x:.1f}" y="{at.y:.1f}" width="{at.width:.1f}" '
        f'height="{at.height:.1f}" rx="8" fill="currentColor" fill-opacity=".035" '
        f'stroke="currentColor" stroke-opacity=".45" stroke-dasharray="5 3"/>'
        f'<text x="{at.x + 8:.1f}" y="{at.y + 16:.1f}" '
        f'fill="currentColor" fill-opacity=".8">{xml(title)}</text></g>'
    )


def _edge(graph: Graph, i: int, end: Point, path_data: str, direction: str) -> str:
    """An edge with its arrowhead."""
    x, y = end
    tip = f"{x - ARROW:.1f},{y - 3.5:.1f} {x:.1f},{y:.1f} {x - ARROW:.1f},{y + 3.5:.1f}"
    if direction == "TB":
        tip = f"{x - 3.5:.1f},{y - ARROW:.1f} {x:.1f},{y:.1f} {x + 3.5:.1f},{y - ARROW:.1f}"
    colour, weight, faded = "currentColor", 1.1, ""
    if graph.marked:
        if _between(graph, i):
            colour, weight = MARK, 2.6
        else:
            faded = ' opacity=".35"'
    return (
        f'<g class="edge" data-edge="{i}"{faded}><path d="{path_data}" fill="none" '
        f'stroke="{colour}" stroke-opacity=".75" stroke-width="{weight}"/>'
        f'<polygon points="{tip}" fill="{colour}"/></g>'
    )


def _local(graph: Graph, i: int, end: Point, direction: str, label: str) -> str:
    """The local derivative of an edge, above its end."""
    x, y = end
    place = f'x="{x - ARROW - 3:.1f}" y="{y - 4:.1f}" text-anchor="end"'
    if direction == "TB":
        place = f'x="{x + 5:.1f}" y="{y - ARROW - 1:.1f}"'
    faded = "" if not graph.marked or _between(graph, i) else ' opacity=".45"'
    return f'<text data-local="{i}" {place}{faded}>{xml(label)}</text>'


def _between(graph: Graph, i: int) -> bool:
    """Whether an edge lies between a highlighted leaf and the root."""
    return graph.edges[i].source in graph.marked and graph.edges[i].target in graph.marked


def _stub(label: str) -> float:
    """How long the straight end of an edge is that carries a label."""
    return LABEL_COLUMN * len(label) + 6 if label else 0.0


def _smooth(route: Sequence[Point], direction: str, stub: float) -> str:
    """A smooth path through points, level at each of them, and straight for a stub at the end."""
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
    weight, faded = (2.0 if root else 1.2), ""
    if graph.marked:
        if node.key in graph.marked:
            colour, weight = MARK, 2.6
        else:
            faded = ' opacity=".45"'
    kind = "leaf" if leaf else "call" if node.members else "root" if root else "interior"
    fill = ".05" if colour == "currentColor" else ".14"
    dashes = ' stroke-dasharray="6 3"' if node.members else ""
    parts = [
        f'<g class="node {kind}" data-node="{node.key}"{faded}><title>{xml(card.tooltip)}</title>'
        f'<rect x="{at.x:.1f}" y="{at.y:.1f}" width="{at.width:.1f}" height="{at.height:.1f}" '
        f'rx="{12 if leaf else 4}" fill="{colour}" fill-opacity="{fill}" stroke="{colour}" '
        f'stroke-width="{weight}"{dashes}/>'
    ]
    y = at.y + (at.height - _text_height(card)) / 2
    left, right = (at.x + (at.width + side * card.inner) / 2 for side in (-1, 1))
    if card.heading:
        parts.append(
            f'<text x="{at.x + at.width / 2:.1f}" y="{y + 13:.1f}" text-anchor="middle" '
            f'font-size="13" font-weight="600" fill="currentColor">{xml(card.heading)}</text>'
        )
        y += HEADING
    for word, text in card.rows:
        parts.append(
            f'<text x="{left:.1f}" y="{y + 11:.1f}" fill="currentColor" '
            f'fill-opacity=".72">{word}</text><text data-row="{word}" '
            f'x="{right:.1f}" y="{y + 11:.1f}" text-anchor="end" '
            f'fill="currentColor">{xml(text)}</text>'
        )
        y += LINE
    return "".join([*parts, "</g>"])


def _text_height(card: Card) -> float:
    """How high the lines of a card are together."""
    return (HEADING if card.heading else 0.0) + LINE * len(card.rows) - 3
