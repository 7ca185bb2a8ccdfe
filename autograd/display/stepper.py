"""The stepper: steps as a page with buttons, and as what that page is told."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd.display import collapsing, engines, svg
from autograd.display.cards import cards
from autograd.display.flow import held
from autograd.display.nodes import Ref
from autograd.display.page import asset, document, untrusted
from autograd.display.questions import questions
from autograd.display.text import SOURCE, UNKNOWN, number, plain, short, xml

if TYPE_CHECKING:
    from autograd.display.contributions import Step, Walk
    from autograd.display.graph import Graph

MOST = 300  # nodes that the page draws, so that it stays quick
AROUND = 350  # pixels of the page beside the picture
MOST_LINES = 60  # of one step, for a node of very many operands


def page_data(steps: Walk, most: int = MOST) -> dict[str, Any]:
    """Return what the page is told: the picture, and for each step what it says and changes.

    Parameters
    ----------
    steps : Walk
    most : int
        With more nodes the nearest to the root are drawn and stepped through.
    """
    steps = steps.nearest(most)
    graph = _drawn(steps)
    edges: dict[tuple[int, int], list[int]] = {}
    for i, edge in enumerate(graph.edges):
        edges.setdefault((edge.source, edge.target), []).append(i)
    shown = {node.key for node in graph.nodes}
    left, root = graph.left_out, steps.graph.root
    notes = [f"{left:,} of {len(steps.whole):,} nodes are left out of the picture"] * bool(left)
    if accumulated := held(steps.graph):
        notes.append(f"{accumulated}; these steps are one sweep that begins at 0")
    start = [[n.key, "data", number(n.data) if n.op is None else UNKNOWN] for n in graph.nodes]
    start += [[n.key, "grad", UNKNOWN] for n in graph.nodes]
    nodes = {node.key: node for node in steps.whole.nodes}
    title = f"Steps through {root.name} = {number(root.data)}"
    computed = {each.node.key: each.index for each in steps if each.phase == "forward"}
    known = {i: computed[edge.target] for i, edge in enumerate(graph.edges)}
    return {"title": plain(title), "svg": picture(graph, "inherit", steps.direction),
            "note": "; ".join(notes), "start": start, "known": known,
            "steps": [_told(each, shown, edges) | {"questions": questions(each, nodes)}
                      for each in steps]}  # fmt: skip


def picture(graph: Graph, theme: str, direction: str) -> str:
    """Return the drawing that the page goes through, always by the built-in layout."""
    show = ("data", "grad", "local")
    made = cards(graph, show, direction, numbered=True)
    paths = collapsing.convex_paths(graph)
    engine = engines.choose("builtin")
    placed = engines.placement(engine, graph, made, paths, direction, show)
    return svg.render(graph, placed, made, show, direction, theme)


def steps_page(steps: Walk) -> str:
    """Return a page with buttons that needs nothing from elsewhere."""
    title = f"Steps through {steps.graph.root.name}"
    body = (
        f'<main class="glassgrad-stepper" data-whole-page="true">{_data(steps)}</main>\n'
        f"<details><summary>All steps as text</summary><pre>{_text(steps)}</pre></details>\n"
        f"{_script()}"
    )
    return document(plain(title), body, "auto", style())


def steps_inline(steps: Walk) -> str:
    """Return the page as a notebook's output, with a picture and text where scripts are barred."""
    drawn = picture(_drawn(steps.nearest(MOST)), "light", steps.direction)
    image = base64.b64encode(drawn.encode()).decode()
    live = f'<style>{style()}</style><div class="glassgrad-stepper">{_data(steps)}</div>{_script()}'
    fallback = f"<pre>{_text(steps)}</pre>"
    return untrusted(live, image, f"Steps through {steps.graph.root.name}", fallback)


def script() -> str:
    """Return the module that the page and the widget share."""
    return asset("viewer.js", "predicting.js", "stepper.js")


def style() -> str:
    """Return the style that they share."""
    return asset("viewer.css", "stepper.css")


def _script() -> str:
    """The module, run on every page of steps that is not live yet."""
    return f'<script type="module">\n{script()}\nmountAll();\n</script>'


def _data(steps: Walk) -> str:
    """What the page is told, as an element of it."""
    text = json.dumps(page_data(steps)).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'


def _drawn(steps: Walk) -> Graph:
    """The graph that is drawn, with the gradients that the steps end with."""
    nodes = tuple(replace(node, grad=steps.gradient(node)) for node in steps.graph.nodes)
    return replace(steps.graph, nodes=nodes)


def _text(steps: Walk) -> str:
    """The first steps as text."""
    first = [str(each) for each in steps[:MOST]]
    more = [f"... and {len(steps) - MOST:,} more steps"] * (len(steps) > MOST)
    return "\n".join(xml(line) for each in [*first, *more] for line in each.split("\n"))


def _told(step: Step, shown: set[int], edges: dict[tuple[int, int], list[int]]) -> dict[str, Any]:
    """What the page is told of one step."""
    node, values, used = step.node, [], []
    parents: list[int] = []
    if step.phase == "forward":
        values.append([node.key, "data", number(node.data)])
        parents = list(dict.fromkeys(x.key for x in node.operands if isinstance(x, Ref)))
        used += [i for key in parents for i in edges.get((key, node.key), [])]
    elif step.phase == "seed":
        values.append([node.key, "grad", number(type(node.data)(1))])
    for each in step.contributions:
        values.append([each.parent.key, "grad", number(each.after)])
        used += edges.get((each.parent.key, node.key), [])
        parents.append(each.parent.key)
    values = [value for value in values if value[0] in shown]
    lines = [plain(line) for line in step.lines]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"  ... and {len(lines) - MOST_LINES:,} more lines"]
    return {"phase": step.phase, "node": node.key if node.key in shown else None,
            "parents": [key for key in parents if key in shown], "edges": used, "lines": lines,
            "source": _source(step), "values": values}  # fmt: skip


def _source(step: Step) -> list[Any]:
    """The line of source in three parts, the middle one being the node's own; and its place."""
    origin = step.node.origin
    if origin is None or not origin.source:
        return []
    start, end = origin.columns or (0, 0)
    text = short(plain(origin.source), SOURCE)
    place = f"{origin.filename.replace(chr(92), '/').rsplit('/', 1)[-1]}, line {origin.line}"
    return [text[:start], text[start:end], text[end:], place]
