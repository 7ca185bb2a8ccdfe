"""Flow: the backward sweep on a snapshot, node by node, and what it leaves in each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.display.graph import Graph
from autograd.display.nodes import Edge, Node
from autograd.display.text import number
from autograd.graph.node import has_hooks
from autograd.numbers.libraries import is_complex


class Passed(NamedTuple):
    """What a node passed along one edge, and the operand's gradient before and after."""

    edge: Edge
    product: Any
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Flow:
    """One sweep of a whole snapshot.

    Attributes
    ----------
    seed : number
        The derivative of the root with respect to itself.
    gradients : dict
        The derivative of the root with respect to each node that something flowed to, by key.
    passed : dict
        What each node passed back, in the order of its operands, by key.
    """

    seed: Any
    gradients: dict[int, Any]
    passed: dict[int, list[Passed]]


def flow(graph: Graph) -> Flow:
    """Return the sweep of `Value.backward`, in its order and to the bit, on a snapshot."""
    inner = [node.key for node in graph.nodes if node.op is not None]
    seed = type(graph.root.data)(1)
    zero = 0.0 if type(seed) is float else 0
    gradients: dict[int, Any] = dict.fromkeys(inner, zero)
    gradients[graph.root.key] = seed
    entering: dict[int, list[Edge]] = {}
    for edge in graph.edges:
        entering.setdefault(edge.target, []).append(edge)
    passed: dict[int, list[Passed]] = {}
    nodes = {node.key: node for node in graph.nodes}
    for key in reversed(inner):
        passed[key] = []
        gradient, edges = gradients[key], entering.get(key, ())
        off = not gradient and type(gradient) is float and len(edges) > 2
        if off:  # as in `sweep`: a leaf keeps its int 0 where nothing but zeros would flow
            off = not sum(edge.partial for edge in edges) * gradient
        for edge in edges:
            product = _product(edge.partial, gradient, nodes[key], nodes[edge.source], graph.root)
            before = gradients.get(edge.source, 0)
            after = gradients[edge.source] = before if off else before + product
            passed[key].append(Passed(edge, product, before, after))
    return Flow(seed, gradients, passed)


def _product(partial: Any, gradient: Any, node: Node, source: Node, root: Node) -> Any:
    """What a node passes to one it was computed from: complex numbers as in `crossing`."""
    if node.op is not None and node.op.conjugates:
        gradient = gradient.conjugate()
    product = partial * gradient
    both_real = not (is_complex(type(source.data)) or is_complex(type(root.data)))
    return product.real if both_real else product


def held(graph: Graph) -> str:
    """Say which leaves hold more than one sweep leaves, or nothing: gradients accumulate there."""
    whole = graph.whole or graph
    swept = type(whole.root.grad) is float and len(whole.roots) == 1
    if not swept:
        return ""
    hooks = any(map(has_hooks, whole.keys))
    if hooks or any(node.members for node in whole.nodes):
        return ""  # what flows cannot be told
    found = flow(whole).gradients
    scale = whole.root.grad  # 1, or the seed that it was swept with
    said = []
    for node in whole.nodes:
        once = found.get(node.key)
        if node.op is None and type(node.grad) is type(once) is float and once * scale:
            sweeps = node.grad / (once * scale)
            if math.isfinite(sweeps) and abs(sweeps - 1) > 1e-9:
                said.append(_holding(node, sweeps))
    more = f" and {len(said) - MOST_HELD:,} more" if len(said) > MOST_HELD else ""
    return ", ".join(said[:MOST_HELD]) + more + ": zero_grad() sets them back" if said else ""


MOST_HELD = 3  # leaves that are named


def _holding(node: Node, sweeps: float) -> str:
    """What a leaf holds, and from how many sweeps if that can be told."""
    count = round(sweeps)
    whole = count > 1 and abs(sweeps - count) < 1e-9 * count
    words = {2: "two", 3: "three"}.get(count, f"{count:,}")
    source = f"{words} sweeps" if whole else "more than this root's last sweep"
    return f"{node.name} holds {number(node.grad)} from {source}"
