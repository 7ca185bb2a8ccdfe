"""The backward sweep: into every grad, by the chain rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.graph.adjoints import in_full, sweep_in_full
from autograd.graph.crossing import CROSSED
from autograd.graph.modes import OPEN, look_around
from autograd.graph.node import Node
from autograd.graph.order import topological_order
from autograd.graph.turns import SWEEPING, is_sweeping, refuse_a_sweep_within
from autograd.graph.watching.anomaly import refuse_containers
from autograd.graph.watching.hooks import HOOKED
from autograd.numbers.kinds import element, fitted, untrapped
from autograd.twin import faster


@faster
def sweep(root: Node, seed: Any, order: Sequence[Any] | None = None) -> None:
    """Run the backward sweep: every node, once its grad is complete, passes it on to its parents.

    Interior Values start from 0, leaves accumulate. `order` is the topological order, if known.
    """
    order = topological_order(root) if order is None else order
    if not order:
        root.grad += seed
        return
    zero = 0.0 if type(seed) is float else 0  # float + float is the interpreter's fast case
    for node in order:
        node.grad = zero
    root.grad = seed or zero + seed  # -0.0 turns into 0.0, as in every sum that begins with 0
    for node in reversed(order):
        grad = node.grad
        parents = node.parents
        partials = node.partials
        if len(parents) == 2:  # most nodes: no zip to set up
            parent, other = parents
            partial, other_partial = partials
            parent.grad += partial * grad
            other.grad += other_partial * grad
        elif len(parents) == 1:
            (parent,), (partial,) = parents, partials
            parent.grad += partial * grad
        elif not grad and type(grad) is float and not sum(partials) * grad:
            pass  # a unit that is off: no partial is inf or nan, so nothing but zeros would flow
        else:
            for parent, partial in zip(parents, partials):  # noqa: B905  (a keyword costs a fifth)
                parent.grad += partial * grad


def backward(
    root: Node, seed: Any = None, create_graph: bool = False, accumulate: str = "plain"
) -> None:
    """Sweep the graph below this Value: set the `grad` of every Value in it to the derivative of
    this Value with respect to that one.

    Gradients accumulate in leaves, as minibatches want it; interior Values are overwritten, so
    that a graph can be swept again.

    Parameters
    ----------
    seed : number or Value, optional
        The derivative of the quantity of interest with respect to this Value; 1 if left out. It
        has to be of this Value's number type or one that the type holds exactly, as an operand
        would.
    create_graph : bool
        Make the gradients Values, which can be differentiated again, to any order.
    accumulate : {"plain", "exact"}
        How a Value sums over its uses: as Python's + does, or correctly rounded, so that the
        order of the uses changes no bit.

    Raises
    ------
    ValueError
        If `accumulate` is neither, or "exact" together with `create_graph`.
    TypeError
        If the seed does not fit, as a float does not for a Fraction; or if this Value is complex
        and a function that is not holomorphic is in its graph (see `autograd.graph.crossing`).

    Examples
    --------
    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x**3
    >>> y.backward()
    >>> x.grad
    27.0
    >>> x.zero_grad()
    >>> y.backward(create_graph=True)
    >>> slope = x.grad
    >>> x.zero_grad()
    >>> slope.backward()
    >>> x.grad
    18.0
    """
    exact = accumulate != "plain"
    if exact and accumulate != "exact":
        raise ValueError(f"accumulate is 'plain' or 'exact', not {accumulate!r}")
    if exact and create_graph:
        raise ValueError("accumulate='exact' rounds numbers, so it cannot create a graph")
    if is_sweeping():
        refuse_a_sweep_within()
    kind = type(root.data)
    if seed is None:
        seed = 1.0 if kind is float else kind(1)
    elif type(seed) is not kind:
        seed = element(seed)
        is_value = isinstance(seed, Node)
        number = fitted(seed.data if is_value else seed, kind, "the seed")
        seed = seed if is_value else number
    watched = OPEN and look_around().watched
    plain = not (exact or create_graph or watched or ((HOOKED or CROSSED) and in_full(root, seed)))
    try:
        if plain and kind is float:
            with SWEEPING: sweep(root, seed)  # fmt: skip
            return
        with untrapped(kind):
            if plain:
                with SWEEPING: sweep(root, seed)  # fmt: skip
            else:
                sweep_in_full(root, seed, create_graph, exact)
    except TypeError:
        refuse_containers({root, *(x for node in topological_order(root) for x in node.parents)})
        raise
