"""The order of a graph: what a Value was computed from, each after its parents."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from autograd.graph.node import Node


def topological_order(root: Node, stop: Collection[Node] = ()) -> list[Any]:
    """Return the interior Values that `root` was computed from, each after its parents.

    `root` comes last. Leaves are left out, for nothing flows through them, and so are the Values
    of `stop` and what only they were computed from. Depth first, with a stack, so that depth is
    no limit.
    """
    order: list[Any] = []
    seen = set(stop)  # a set asks for the same Value; a list would ask for one of equal data
    if not root.parents or root in seen:
        return order
    seen.add(root)
    stack: list[Any] = []
    node, parents = root, iter(root.parents)
    while True:
        for parent in parents:
            if parent.parents and parent not in seen:
                seen.add(parent)
                stack.append(node)
                stack.append(parents)
                node, parents = parent, iter(parent.parents)
                break
        else:
            order.append(node)
            if not stack:
                return order
            parents, node = stack.pop(), stack.pop()


def ancestry(root: Node) -> list[Any]:
    """Return all Values that `root` was computed from, leaves included and first, `root` last."""
    inner = set(order := topological_order(root))
    leaves = {leaf: None for node in order for leaf in node.parents if leaf not in inner}
    return [*leaves, *order] or [root]
