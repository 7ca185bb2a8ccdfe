"""Pictures of groups: each instruction over arrays a box, which opens to its scalars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.compiler.codes import NAMES, PAIRS, TOTAL
from autograd.compiler.lanes.groups import OF_CELLS, OF_ROWS, Expression, Groups, Product
from autograd.compiler.program import Program
from autograd.display.graph import Graph
from autograd.display.nodes import Edge, Node, Path, Ref
from autograd.display.programs import program_graph
from autograd.functions.rules import TABLE

FEW = 12  # leaves that need no box
SHOWN = 3  # rows of the table that the name of a box has
TIMES = {OF_ROWS: "times rows", OF_CELLS: "times cells"}


def groups_graph(groups: Groups, leaves: Sequence[float] = ()) -> Graph:
    """Return a picture of groups, which `draw` and `explore` take.

    Parameters
    ----------
    groups : Groups
        As `g.groups` of a compiled function has them.
    leaves : sequence of float, optional
        Numbers of one lane for the inputs and of the parameters, of which the picture shows all
        others; `explore` needs them.

    Raises
    ------
    TypeError
        If the groups were made by hand, and nobody knows of which program.

    Examples
    --------
    >>> import autograd
    >>> g = autograd.compile(lambda x, y: autograd.tanh(x * y) + y)
    >>> g.map([0.5, 1.0], [2.0, 3.0]).round(3).tolist()
    [2.762, 3.995]
    >>> print(autograd.draw(g.groups, 0.5, 2.0, engine="builtin", collapse=True))
    x                                     data 0.5    grad ?
    y                                     data 2      grad ?
    1 EXPR multiply, tanh, add  3 Values  data 2.762  grad ?
    (5 nodes drawn as 3: calls of modules collapsed; layout: built-in)
    """
    if groups.again is None:
        raise TypeError("groups are drawn that a compiled function has made: g.groups after a call")
    program, groups = groups.again()
    graph = program_graph(program, leaves)
    paths = _paths(program, groups)
    nodes = tuple(replace(_as_dot(node), path=paths.get(node.key, ())) for node in graph.nodes)
    numbers = {node.key: node.data for node in nodes}
    edges = tuple(edge for node in nodes for edge in _edges(node, numbers))
    return replace(graph, nodes=nodes, edges=edges)


def _paths(program: Program, groups: Groups) -> dict[int, Path]:
    """The box that each scalar is in."""
    found: dict[int, Path] = {}
    for name, leaves in (("inputs", program.inputs), ("parameters", program.parameters)):
        if len(leaves) > FEW:
            found |= dict.fromkeys(leaves.tolist(), ((name, 1),))
    scalars = [np.full(size, -1) for size in (groups.cells, groups.rows)]
    placed = np.flatnonzero(groups.slots >= 0)
    for space in (0, 1):
        here = placed[groups.varies[placed] == bool(space)]
        scalars[space][groups.slots[here]] = here
    for k, one in enumerate(groups.body, 1):
        made = [scalars[out.space][out.at.reshape(-1)] for out in one.writes()]
        inside = [i for i in np.concatenate(made).tolist() if i >= 0]
        found |= dict.fromkeys(inside, ((f"{k} {_title(one)}", 1),))
    return found


def _title(one: Any) -> str:
    """What an instruction is."""
    if isinstance(one, Expression):
        codes = dict.fromkeys(step.code for step in one.steps)
        names = ["sum of products" if code == PAIRS else NAMES[code] for code in codes]
        more = ", ..." if len(names) > SHOWN else ""
        return f"EXPR {', '.join(names[:SHOWN])}{more}"
    if isinstance(one, Product):
        rows, columns = one.left.at.shape if one.kind != "VV" else one.out.at.shape
        return f"MM {rows} x {columns} {TIMES.get(one.kind, 'over lanes')}"
    count = len(one.starts)
    what = "largest" if one.largest else "sum" if count == 1 else "sums"
    return f"DOT of {count} {what}"


def _as_dot(node: Node) -> Node:
    """A sum of products as the row of the table that it is, over the one lane that is shown."""
    if node.op is None or node.op.name not in (NAMES[PAIRS], NAMES[TOTAL]):
        return node
    label = node.label or "total over lanes" * (node.op.name == NAMES[TOTAL])
    pairs = [*zip(node.operands[::2], node.operands[1::2], strict=True)]
    plain = [x for factor, x in pairs if factor == 1.0]
    bias: Any = 0.0
    if len(plain) == 1:
        pairs, bias = [x for x in pairs if x[0] != 1.0], plain[0]
    dot = TABLE["dot"]
    operands = (*(a for a, _ in pairs), *(b for _, b in pairs), bias)
    return replace(node, label=label, op=dot, sign=dot.sign, operands=operands)


def _edges(node: Node, numbers: Mapping[int, Any]) -> list[Edge]:
    """An edge for each use of a scalar, with the local derivative where there are numbers."""
    operands = [numbers[x.key] if isinstance(x, Ref) else x for x in node.operands]
    partials: Sequence[Any] = [None] * len(operands)
    if node.op is not None and node.data is not None:
        partials = [float(x) for x in node.op.partials(*operands, out=node.data)]
    return [
        Edge(x.key, node.key, partial)
        for x, partial in zip(node.operands, partials, strict=True)
        if isinstance(x, Ref)
    ]
