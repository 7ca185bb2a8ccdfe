"""Topological order, and the backward sweep: at once or step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from autograd import ieee
from autograd.kinds import convert

if TYPE_CHECKING:
    from autograd.primitives import Primitive
    from autograd.value import Value


def topological_order(root: Value) -> list[Value]:
    """Return the interior Values that `root` was computed from, each after its parents.

    `root` comes last. Leaves are left out: nothing flows through them. Depth first, with a
    stack, so that depth is no limit.
    """
    order: list[Value] = []
    if not root.parents:
        return order
    seen = {root}
    see, finish = seen.add, order.append
    stack: list[Any] = []
    push, pop = stack.append, stack.pop
    node, parents = root, iter(root.parents)
    while True:
        for parent in parents:
            if parent.parents and parent not in seen:
                see(parent)
                push(node)
                push(parents)
                node, parents = parent, iter(parent.parents)
                break
        else:
            finish(node)
            if not stack:
                return order
            parents, node = pop(), pop()


def sweep(root: Value, seed: Any, create_graph: bool = False) -> Iterator[Value]:
    """Run the backward sweep one node at a time; each is yielded when it has passed on its grad.

    Interior Values start from 0, leaves accumulate. With `create_graph` the partial derivatives
    are computed anew as Values, so that the gradients can be differentiated again.
    """
    order = topological_order(root)
    if not order:
        root.grad += seed
        return
    zero = 0.0 if type(seed) is float else 0  # float + float is the interpreter's fast case
    for node in order:
        node.grad = zero
    root.grad = seed
    for node in reversed(order):
        grad = node.grad
        parents = node.parents
        partials = _differentiable_partials(node) if create_graph else node.partials
        if len(parents) == 2:  # most nodes: no zip to set up
            parent, other = parents
            partial, other_partial = partials
            parent.grad += partial * grad
            other.grad += other_partial * grad
        elif len(parents) == 1:
            (parent,), (partial,) = parents, partials
            parent.grad += partial * grad
        else:
            for parent, partial in zip(parents, partials):  # noqa: B905  (a keyword costs a fifth)
                parent.grad += partial * grad
        yield node


def exact_sweep(root: Value, seed: Any) -> Iterator[Value]:
    """Run the backward sweep with every sum over a Value's uses correctly rounded.

    The contributions to a Value are rounded products; their sum is rounded once, so that the
    order in which a Value was used changes no bit of its gradient.
    """
    terms: dict[Value, list[Any]] = {root: [seed]}
    for node in reversed(topological_order(root)):
        node.grad = grad = _exact_sum(terms.pop(node))
        for parent, partial in zip(node.parents, node.partials, strict=True):
            terms.setdefault(parent, []).append(partial * grad)
        yield node
    for leaf, contributions in terms.items():
        leaf.grad = _exact_sum([leaf.grad, *contributions])


def _differentiable_partials(node: Value) -> list[Any]:
    """The partial derivatives by the parents of a node, as functions of its operands."""
    op = cast("Primitive", node.op)
    active = [i for i, x in enumerate(node.operands) if hasattr(x, "parents")]
    # A literal takes the number type of the node, as in `unify`: in Fractions 1/3 is exact.
    operands = [
        x if i in active or i < op.integers else convert(x, type(node.data))
        for i, x in enumerate(node.operands)
    ]
    if op.arity is None:
        everything = op.partials(*operands, out=node)
        return [everything[i] for i in active]
    return [op.partial(i, operands, node) for i in active]


def _exact_sum(terms: list[Any]) -> Any:
    """A sum that is rounded once: of floats, of complex numbers, or of an exact type."""
    if any(isinstance(x, complex) for x in terms):
        return complex(ieee.sum(*(x.real for x in terms)), ieee.sum(*(x.imag for x in terms)))
    if all(isinstance(x, (float, int)) for x in terms):
        return ieee.sum(*map(float, terms))
    return sum(terms[1:], terms[0])


def backward(
    root: Value, seed: Any = None, create_graph: bool = False, accumulate: str = "plain"
) -> None:
    """Sweep the graph: leave in `grad` of every Value that this one was computed from the
    derivative of this Value by it.

    Gradients accumulate in leaves, as minibatches want it; interior Values are overwritten, so
    that a graph can be swept again.

    Parameters
    ----------
    seed : number or Value, optional
        The derivative of the quantity of interest by this Value; 1 if left out.
    create_graph : bool
        Make the gradients Values, which can be differentiated again, to any order.
    accumulate : {"plain", "exact"}
        How a Value sums over its uses: as Python's + does, or correctly rounded, so that the
        order of the uses changes no bit.

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
    if seed is None:
        seed = type(root.data)(1)
    if accumulate == "exact" and create_graph:
        raise ValueError("accumulate='exact' rounds numbers, so it cannot create a graph")
    if accumulate == "exact":
        steps = exact_sweep(root, seed)
    elif accumulate == "plain":
        steps = sweep(root, seed, create_graph)
    else:
        raise ValueError(f"accumulate is 'plain' or 'exact', not {accumulate!r}")
    for _ in steps:
        pass
