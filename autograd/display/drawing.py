"""Drawing: a picture of a graph, shown in notebooks and saved in many formats."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path as File
from typing import Any

import autograd.files as files
from autograd.display import collapsing, engines, languages, page, svg
from autograd.display.cards import cards, expression
from autograd.display.flow import held
from autograd.display.graph import Graph
from autograd.display.nodes import Node
from autograd.display.placement import Placement
from autograd.display.text import UNKNOWN, number, plain, short
from autograd.display.tracing import pictured
from autograd.extras import need
from autograd.graph.value import Value
from autograd.numbers.text import in_full

SHOWN = ("data", "grad", "local")
THEMES = ("auto", "light", "dark")
DIRECTIONS = ("LR", "TB")
MOST_PIXELS = 16e6  # of a .png
ON_PAPER = 6_000  # pixels that a side may have, so that something can be read on a page


class Drawing:
    """A picture of a graph; made by `draw`, and shown by Jupyter as inline SVG.

    Attributes
    ----------
    graph : Graph
        The part of the graph that is drawn.
    note : str
        What was left out or collapsed, and which layout was used.
    """

    def __init__(
        self, graph: Graph, engine: engines.Engine, direction: str, show: Collection[str],
        theme: str, left: Sequence[str],
    ) -> None:  # fmt: skip
        self.graph, self.engine = graph, engine.name
        self._left, self.note = "; ".join(left), "; ".join((*left, engine.note))
        self._engine, self._direction, self._show, self._theme = engine, direction, show, theme
        self._paths = collapsing.convex_paths(graph)
        self._cards = cards(graph, show, direction)

    @cached_property
    def _placement(self) -> Placement:
        return engines.placement(
            self._engine, self.graph, self._cards, self._paths, self._direction, self._show
        )

    @cached_property
    def svg(self) -> str:
        """The picture as SVG that stands alone, with a background of its own."""
        return self._render(self._theme)

    def _render(self, theme: str) -> str:
        """The picture in one theme; what takes its colours from a page has its note there."""
        note = "" if theme == "inherit" else self._left
        return svg.render(
            self.graph, self._placement, self._cards, self._show, self._direction, theme, note
        )

    def to_dot(self) -> str:
        """Return the picture in Graphviz's language."""
        return languages.to_dot(self.graph, self._cards, self._paths, self._direction, self._show)

    def to_mermaid(self) -> str:
        """Return the picture as a Mermaid flowchart, good for up to some hundred nodes."""
        return languages.to_mermaid(
            self.graph, self._cards, self._paths, self._direction, self._show
        )

    def to_json(self) -> str:
        """Return nodes and edges as JSON: numbers as text where JSON has none of their kind."""
        return json.dumps({"nodes": [_plain_node(n) for n in self.graph.nodes],
                           "edges": [_plain_edge(e) for e in self.graph.edges],
                           "left_out": self.graph.left_out}, indent=1)  # fmt: skip

    def to_networkx(self) -> Any:
        """Return a ``networkx.MultiDiGraph``, whose nodes and edges bear what JSON would.

        Raises
        ------
        ImportError
            If networkx is not installed.
        """
        networkx = need("networkx", "networkx", "to_networkx")
        made = networkx.MultiDiGraph()
        for node in self.graph.nodes:
            made.add_node(node.key, **_plain_node(node))
        for edge in self.graph.edges:
            made.add_edge(edge.source, edge.target, partial=edge.partial)
        return made

    def to_html(self) -> str:
        """Return a page that needs nothing from elsewhere."""
        return page.picture_page(self._render("inherit"), self._title(), self._left, self._theme)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file; its name's ending says how.

        Parameters
        ----------
        path : path
            Ends in .svg, .pdf, .png, .html, .dot, .mmd or .json. A .pdf is for paper, and always
            light. A .png has at most 16 million pixels; a large graph is readable in the other
            formats.

        Raises
        ------
        ValueError
            If the ending is another one; for .pdf, if a label has characters that are in none of
            the fonts that every reader has.
        ImportError
            For .png, if no program is there that makes pixels.
        """
        formats: dict[str, Callable[[], str | bytes]]
        formats = {".svg": lambda: self.svg, ".pdf": self._pdf, ".png": self._png,
                   ".html": self.to_html, ".dot": self.to_dot, ".mmd": self.to_mermaid,
                   ".json": self.to_json}  # fmt: skip
        ending = File(path).suffix.lower()
        if ending not in formats:
            raise ValueError(f"a drawing is saved as {', '.join(formats)}; got {os.fspath(path)!r}")
        files.write(path, formats[ending]())

    def _pdf(self) -> bytes:
        """The picture for paper."""
        from autograd.display.pdf import pdf

        return pdf(self._render("light"))

    def _png(self) -> bytes:
        """The picture in pixels: two for each unit, fewer where it is very large."""
        resvg = need("resvg_py", "png", "a .png", otherwise=".svg, .pdf and .html do not")
        drawn = self._render("dark" if self._theme == "dark" else "light")
        size = (self._placement.width + 2 * svg.BORDER) * (self._placement.height + 2 * svg.BORDER)
        zoom = min(2.0, (MOST_PIXELS / size) ** 0.5)
        return bytes(resvg.svg_to_bytes(svg_string=drawn, zoom=zoom))

    def _title(self) -> str:
        """What the picture is called."""
        return ", ".join(
            f"{root.name} = {number(root.data)}" if root.data is not None else root.name
            for root in self.graph.roots
        )

    def __str__(self) -> str:
        names = {node.key: node.name for node in self.graph.nodes}
        lines = [(short(plain(node.name), 40), _says(node, names), _numbers(node))
                 for node in self.graph.nodes]  # fmt: skip
        wide = [max(len(line[i]) for line in lines) for i in (0, 1)]
        rows = [f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c}".rstrip() for a, b, c in lines]
        return "\n".join([*rows, *([f"({self.note})"] if self.note else [])])

    def __repr__(self) -> str:
        return f"<drawing of {len(self.graph):,} nodes; {self.note}>"

    def _repr_html_(self) -> str:
        image = base64.b64encode(self._render("light").encode()).decode()
        return page.inline(self._render("inherit"), image, self._title(), self._left)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/html": self._repr_html_(), "text/plain": str(self)}
        if max(self._placement.width, self._placement.height) <= ON_PAPER:
            with contextlib.suppress(ValueError):  # a label that no font of a PDF has
                bundle["application/pdf"] = base64.b64encode(self._pdf()).decode()
        return bundle


def draw(
    subject: Any,
    *args: Any,
    engine: str = "auto",
    direction: str = "LR",
    show: Collection[str] = SHOWN,
    collapse: str | int | bool = "auto",
    highlight: Any = (),
    max_nodes: int = 300,
    theme: str = "auto",
    names: Any = None,
) -> Drawing:
    """Draw the graph that a Value was computed by, or that a function computes.

    Parameters
    ----------
    subject : Value, list of Value, Graph, Program, Groups or callable
        The root or roots, a snapshot, a compiled function's program or its groups, or a function
        that is called with `args`.
    args : numbers, and lists, tuples and dicts of them
        The function's arguments; they become leaves with its parameters' names.
    engine : {"auto", "dot", "graphviz-pure", "builtin"}
        Who lays it out: the built-in layout, which needs nothing, or Graphviz where it is asked
        for; the note says which.
    direction : {"LR", "TB"}
        Whether edges run from left to right or from top to bottom.
    show : collection of {"data", "grad", "local"}
        What to show; "local" are the local derivatives, on the edges. A gradient is a point
        where the root was never swept.
    collapse : "auto", str, int or bool
        Which module calls become one node each (see `Graph.collapse`); "auto" collapses where
        there are more than `max_nodes` nodes.
    highlight : Value, str, or a collection of them
        All that lies between these leaves and the root is highlighted.
    max_nodes : int
        Above it the nodes nearest to the root are drawn, and the note says what was left out.
    theme : {"auto", "light", "dark"}
        "auto" follows the reader.
    names : module or mapping, optional
        Names for Values without a label: a module, or a mapping from names to Values.

    Returns
    -------
    Drawing
        Shown by Jupyter; `save` writes it to a file, `print` shows it in a terminal.

    Examples
    --------
    >>> from autograd import Value
    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> y = w * x
    >>> print(draw(y, engine="builtin"))
    w         data 0.5    grad ?
    x         data 2      grad ?
    y  w * x  data 1      grad ?
    (layout: built-in)
    """
    _check(direction, show, theme)
    whole = subject if isinstance(subject, Graph) else pictured(subject, args, names)
    graph = whole.highlight(*_several(highlight))
    notes = []
    if collapse == "auto":
        graph = collapsing.fit(graph, max_nodes)
    elif collapse is not False:
        graph = graph.collapse(None if collapse is True else collapse)
    if len(graph) < len(whole):
        notes.append(f"{len(whole):,} nodes drawn as {len(graph):,}: calls of modules collapsed")
    if len(graph) > max_nodes:
        before = len(graph)
        graph = graph.nearest(max_nodes)
        notes.append(
            f"{before - len(graph):,} of {before:,} nodes left out: the {len(graph):,} nearest to "
            "the root are drawn; max_nodes, collapse or around show others"
        )
    if "grad" in show and (accumulated := held(whole)):
        notes.append(accumulated)
    return Drawing(graph, engines.choose(engine), direction, tuple(show), theme, notes)


def _check(direction: str, show: Iterable[str], theme: str) -> None:
    """Say what is wrong with an option."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is 'LR' or 'TB'; got {direction!r}")
    if isinstance(show, str) or not set(show) <= set(SHOWN):
        raise ValueError(f"show is a collection of {', '.join(map(repr, SHOWN))}; got {show!r}")
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(map(repr, THEMES))}; got {theme!r}")


def _several(highlight: Any) -> tuple[Any, ...]:
    """One or several things to highlight, as several."""
    return (highlight,) if isinstance(highlight, (str, Value, Node)) else tuple(highlight)


def _says(node: Node, names: dict[int, str]) -> str:
    """What a node is, in a terminal."""
    if node.members:
        return f"{node.members:,} Value" + "s" * (node.members > 1)
    return short(plain(expression(node, names)), 60) if node.op else ""


def _numbers(node: Node) -> str:
    """The numbers of a node, in a terminal."""
    grad = UNKNOWN if node.grad is None else number(node.grad)
    if node.parameters:
        return f"|grad| {grad}"
    if node.data is None:  # of a collapsed call, or of a program without numbers
        return ""
    return f"data {number(node.data):<6} grad {grad}"


def _jsonable(x: Any) -> Any:
    """A number as JSON can hold it."""
    return x if x is None or (isinstance(x, float) and x - x == 0) else in_full(x)


def _plain_node(node: Node) -> dict[str, Any]:
    """A node in words and numbers."""
    return {"key": node.key, "name": node.name, "label": node.label, "operation": node.sign,
            "data": _jsonable(node.data), "grad": _jsonable(node.grad),
            "path": [f"{name}#{count}" for name, count in node.path],
            "members": node.members}  # fmt: skip


def _plain_edge(edge: Any) -> dict[str, Any]:
    """An edge in numbers."""
    return {"source": edge.source, "target": edge.target, "partial": _jsonable(edge.partial)}
