"""Exploring: a graph on a page where it is zoomed, questioned, moved and trained."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

import autograd.files as files
from autograd.display import explorer
from autograd.display.drawing import draw
from autograd.display.flat import Comparison
from autograd.display.graph import Graph, snapshot
from autograd.display.nodes import Node
from autograd.display.tracing import called, is_groups, pictured
from autograd.graph.value import Value
from autograd.graph.watching.listening import listening
from autograd.graph.watching.recording import running

MOST_COMPARISONS = 2_000


class Explorer:
    """A page on which a graph is explored; made by `explore`, and shown by Jupyter in a frame.

    Attributes
    ----------
    graph : Graph
        The snapshot, with the Values that the program compared.
    comparisons : tuple of Comparison
        What the program compared on its way, and what it was answered.
    """

    def __init__(
        self, graph: Graph, comparisons: Iterable[Comparison] = (), note: str = "",
        focus: Value | Node | str | None = None,
    ) -> None:  # fmt: skip
        self.graph, self.comparisons, self.note = graph, tuple(comparisons), note
        self._focus = None if focus is None else graph.key(focus)

    @cached_property
    def data(self) -> dict[str, Any]:
        """What the page is told, as JSON has it."""
        return explorer.page_data(self.graph, self.comparisons, self.note, self._focus)

    def to_html(self) -> str:
        """Return the page, which needs nothing from elsewhere."""
        return explorer.page(self.data)

    def to_module(self) -> str:
        """Return the graph as a JavaScript module, which computes without a page.

        It exports `set(name, value)`, for leaves and literals, `values()` and `gradients()`, by
        the names that equations have, and `branches()`, the comparisons that would be answered
        otherwise.
        """
        return explorer.module(self.data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file that ends in .html, or the module to one that ends in .mjs."""
        name = str(os.fspath(path)).lower()
        if name.endswith((".html", ".htm")):
            files.write(path, self.to_html())
        elif name.endswith(".mjs"):
            files.write(path, self.to_module())
        else:
            raise ValueError(f"an explorer is saved as .html or .mjs; got {os.fspath(path)!r}")

    def widget(self) -> Any:
        """Return a widget for notebooks, whose `numbers` the kernel can read and set.

        They are those that were moved, by name: ``widget.numbers = {"w": 0.25}`` moves one.

        Raises
        ------
        ImportError
            If anywidget is not installed.
        """
        from autograd.display.widget import explorer_widget

        return explorer_widget(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = explorer.framed(self.to_html(), self.data["title"], self.graph, str(self))
        return {"text/html": html, "text/plain": str(self)}

    def __str__(self) -> str:
        return str(draw(self.graph, engine="builtin"))

    def __repr__(self) -> str:
        return f"<explorer of {self.graph!r}>"


def explore(
    subject: Any, *args: Any, names: Any = None, focus: Any = None, note: str = ""
) -> Explorer:
    """Explore the graph that a Value was computed by, or that a function computes.

    On the page calls of modules open where they stand as a reader comes near; a node is asked why
    its gradient is what it is, and all paths to the root light up; leaves and literals are moved,
    and everything is computed again, forward and backward, by rules that are printed from the
    table. What the program compared is kept: where a comparison would now be answered otherwise,
    the page says so.

    Parameters
    ----------
    subject : Value, Graph, Groups or callable
        The root, a snapshot, the groups of a compiled function, which open to their scalars, or a
        function that is called with `args`.
    args : numbers, and lists, tuples and dicts of them
        The function's arguments; they become leaves with its parameters' names.
    names : module or mapping, optional
        Names for Values without a label: a module, or a mapping from names to Values.
    focus : Value, Node or str, optional
        Where the page opens.
    note : str
        A line above the picture.

    Returns
    -------
    Explorer
        Shown by Jupyter; `save` writes the page to a file.

    Raises
    ------
    TypeError
        For complex numbers: the page computes with doubles.

    Examples
    --------
    >>> def f(w, x):
    ...     return w * x if x > 1 else -x
    >>> page = explore(f, 0.5, 2.0)
    >>> page
    <explorer of <graph of 3 nodes and 2 edges>>
    >>> [(c.sign, c.answer) for c in page.comparisons]
    [('>', True)]
    """
    if is_groups(subject):
        subject = pictured(subject, args)
    if isinstance(subject, Graph):
        return Explorer(_whole(subject), note=note, focus=focus)
    told = _Comparisons()
    with listening(told):
        root, known = called(subject, args, names)
    if isinstance(root, (list, tuple)):
        if len(root) != 1:
            raise TypeError(f"explore takes one root; got {len(root)}: give their sum, or one")
        (root,) = root
    graph = snapshot([*told.values(), root], known)
    graph = replace(graph, root_keys=(graph.keys[root],))
    notes = "; ".join(filter(None, (note, told.note)))
    return Explorer(graph, told.found, notes, focus)


def _whole(graph: Graph) -> Graph:
    """A snapshot that nothing was cut from or collapsed in."""
    if graph.whole is not None or any(node.members for node in graph.nodes):
        raise ValueError("explore takes a whole snapshot: calls open and close on the page")
    return graph


class _Comparisons:
    """A listener that keeps what is compared."""

    def __init__(self) -> None:
        self.found: list[Comparison] = []
        self.note = ""

    def built(self, node: Any, operands: tuple[Any, ...]) -> None:
        """A new node is seen in the graph."""

    def compared(self, sign: str, x: Any, y: Any, answer: Any) -> None:
        """Keep a comparison, with the line of the program that made it."""
        if len(self.found) == MOST_COMPARISONS:
            self.note = f"only the first {MOST_COMPARISONS:,} comparisons are kept"
            return
        recorder = running()
        kind, *where = recorder.note(sys._getframe(1)) if recorder else (None,)
        self.found.append(Comparison(sign, x, y, answer, kind and kind(*where)))

    def values(self) -> list[Value]:
        """The Values that were compared, each once."""
        sides = (side for c in self.found for side in (c.x, c.y) if isinstance(side, Value))
        return list(dict.fromkeys(sides))
