"""The general sweep: adjoints as they become complete, where they may be functions themselves."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from autograd.functions.calls import Primitive
from autograd.graph.changes import check_unchanged
from autograd.graph.crossing import CROSSED, Crossing, is_real, kept, outgrown, passed
from autograd.graph.joint import Vector
from autograd.graph.modes import MODES, changed
from autograd.graph.node import Node, has_hooks
from autograd.graph.order import topological_order
from autograd.graph.turns import SWEEPING
from autograd.graph.watching.anomaly import blame_backward, blame_sum, is_finite
from autograd.graph.watching.hooks import HOOKED, run_hooks
from autograd.numbers import reductions
from autograd.numbers.kinds import Constant, convert
from autograd.numbers.libraries import is_complex
from autograd.twin import native


def adjoints(
    seeds: dict[Any, Any],
    order: Sequence[Any],
    *,
    create_graph: bool,
    moving: Collection[Node] | None = None,
    total: Callable[[list[Any]], Any] | None = None,
    relevant: Collection[Node] | None = None,
    part: bool = False,
    real_root: bool = True,
    leaves: dict[Any, list[Any]] | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Yield Values with their adjoints as these become complete, and touch no `grad`.

    Parameters
    ----------
    seeds : dict
        The adjoints that are given: usually 1 for the root.
    order : list of Value
        Parents first, as `topological_order` answers; Values outside it come last, in the order
        of their first use.
    create_graph : bool
        Compute the partial derivatives anew as Values, so that adjoints can be differentiated.
    moving : collection of Value, optional
        With `create_graph`: by these alone; what does not depend on them stays a plain number.
    total : callable, optional
        How the contributions to a Value are summed up: from left to right unless given.
    relevant : collection of Value, optional
        Adjoints flow only to these.
    part : bool
        The sweep is part of another, in which the hooks of the Values outside `order` will run.
    real_root : bool
        Whether what is differentiated is real (see `crossing`).
    leaves : dict, optional
        Is given what flows to the Values outside `order`, which are not yielded then.
    """
    root = order[-1] if order else next(iter(seeds), None)
    summed = summing(total or from_left, real_root, root)
    watched = MODES.get().watched
    crossed = bool(CROSSED)
    terms = {value: [seed] for value, seed in seeds.items()}
    for node in reversed(order):
        contributions = terms.pop(node, None)
        if contributions is None:
            continue
        adjoint = run_hooks(node, summed(node, contributions))
        yield node, adjoint
        adjoint = passed(node, adjoint) if crossed else adjoint
        again = create_graph and (moving is None or node in moving)
        partials = differentiable_partials(node, moving, relevant) if again else node.partials
        for parent, partial in zip(node.parents, partials, strict=True):
            if relevant is None or parent in relevant:
                contribution = partial * adjoint
                if watched and not is_finite(contribution):
                    blame_backward(root, node, parent, partial, adjoint, contribution)
                terms.setdefault(parent, []).append(contribution)
    if leaves is not None:
        leaves.update(terms)
        return
    for leaf, contributions in terms.items():
        adjoint = summed(leaf, contributions)
        yield leaf, adjoint if part else run_hooks(leaf, adjoint)


def summing(
    total: Callable[[list[Any]], Any], real_root: bool, root: Node | None
) -> Callable[[Node, list[Any]], Any]:
    """The complete adjoint of a Value from the contributions to it."""
    watched = MODES.get().watched
    crossed = bool(CROSSED)

    def summed(value: Node, contributions: list[Any]) -> Any:
        adjoint = total(contributions)
        if watched and not is_finite(adjoint):
            blame_sum(root, value, contributions, adjoint)
        return kept(value, adjoint, real_root) if crossed else adjoint

    return summed


def pulled_back(
    seeds: dict[Any, Any], stop: Collection[Node], create_graph: bool
) -> dict[Any, Any]:
    """Return the adjoints of some Values and of those below them, down to those of `stop`: what a
    part of a graph with several outputs does with the adjoints of these.
    """
    with changed(remembers=True):
        order: list[Any] = []
        seen = set(stop)
        for root in seeds:
            below = topological_order(root, seen)
            order += below
            seen.update(below)
        return dict(adjoints(seeds, order, create_graph=create_graph, part=True))


def seeds_of(outputs: Sequence[Any], terms: Mapping[int, Any]) -> dict[Any, Any]:
    """Return the adjoints of outputs, of which two may be one Value, and some plain numbers."""
    seeds: dict[Any, Any] = {}
    for i, adjoint in terms.items():
        x = outputs[i]
        if isinstance(x, Node):
            seeds[x] = seeds[x] + adjoint if x in seeds else adjoint
    return seeds


def tangent_of(
    output: Any, stop: Collection[Node], tangents: Mapping[Any, Any], create_graph: bool
) -> Any:
    """Return the tangent of an output, by those of what it was computed from."""
    if not isinstance(output, Node):
        return 0
    slopes = derivatives(output, stop, create_graph)
    return sum([slopes[x] * tangent for x, tangent in tangents.items() if x in slopes])


def derivatives(node: Node, stop: Collection[Node], create_graph: bool) -> dict[Any, Any]:
    """Return the derivatives of a node by the Values below it down to those of `stop`: the partials
    of a node that stands for this part of a graph.
    """
    with changed(remembers=True):
        order = topological_order(node, stop)
        found = {node: type(node.data)(1)}
        if create_graph or in_full():
            real = is_real(node)
            flow = adjoints(found, order, create_graph=create_graph, part=True, real_root=real)
            return dict(flow)
        for below in reversed(order):
            adjoint = found[below]
            for parent, partial in zip(below.parents, below.partials, strict=True):
                contribution = partial * adjoint
                # The same sums as in `adjoints`, which turn the -0.0 that they begin with into 0.0.
                found[parent] = found.get(parent, 0) + contribution
        return found


def differentiable_partials(
    node: Node, moving: Collection[Node] | None = None, by: Collection[Node] | None = None
) -> list[Any]:
    """Return the partial derivatives by the parents of a node as functions of its operands.

    Parameters
    ----------
    node : Value
    moving : collection of Value, optional
        The operands that they are to be functions of; the others count as plain numbers.
    by : collection of Value, optional
        The parents that are asked for; the others have their number.

    Raises
    ------
    RuntimeError
        If data was changed since the node was computed.
    """
    op, kind = cast("Primitive", node.op), type(node.data)
    crosses = isinstance(node.partials, Crossing)
    over_complex = crosses or is_complex(kind)
    operands = list(node.operands)
    active: Sequence[int] = range(len(operands))
    if len(node.parents) < len(operands):
        active = [i for i, x in enumerate(operands) if isinstance(x, Node)]
        # A literal takes the number type of the node, as in `unify`: in Fractions 1/3 is exact.
        for i, x in enumerate(operands):
            if not (i < op.integers or over_complex or isinstance(x, Node)):
                operands[i] = convert(x, kind)
    asked = active if by is None else [i for i in active if operands[i] in by]
    if moving is not None and not op.opaque:  # another row may know its operands by identity
        for i in active:
            if operands[i] not in moving:
                operands[i] = operands[i].data
    found = op.partials_by(asked, operands, node, over_complex)
    if len(asked) < len(active):
        again = dict(zip(asked, found, strict=True))
        stored = zip(active, node.partials, strict=True)
        found = [again.get(i, number) for i, number in stored]
    if crosses or any(isinstance(x, Constant) for x in found):
        # A number takes the type that its partial has in the node, its operand's.
        pairs = zip(found, node.partials, strict=True)
        found = [x if isinstance(x, Node) else convert(x, type(was)) for x, was in pairs]
    check_unchanged(node, operands, found)
    return found


def in_full(root: Any = None, seed: Any = 1.0) -> bool:
    """Tell whether a sweep has more to do than the plain one has an eye for: there are hooks, or
    complex numbers that functions which are not holomorphic have met, or anomalies are looked for.

    Where those that there are may be of other graphs, C looks for any below the root.
    """
    if MODES.get().watched:
        return True
    if not (HOOKED or CROSSED):
        return False
    looks = native and root is not None and type(seed) is float
    return not (looks and native.holds_floats_alone(root))


def sweep_in_full(root: Node, seed: Any, create_graph: bool, exact: bool) -> None:
    """Sweep into every `grad` where there is more to do than the plain sweep has an eye for."""
    total, real = exact_sum if exact else from_left, is_real(root)
    order = topological_order(root)
    rest: dict[Node, list[Any]] = {}
    flow = adjoints(
        {root: seed}, order, create_graph=create_graph, total=total, real_root=real, leaves=rest
    )
    made = type(root) if create_graph else None
    for node, adjoint in flow:
        with SWEEPING: node.grad = _gradient(adjoint, made)  # fmt: skip
    summed = summing(total, real, root)
    for leaf, contributions in rest.items():
        if has_hooks(leaf) or outgrown(leaf):  # a hook sees this sweep's part alone
            adjoint = _gradient(run_hooks(leaf, summed(leaf, contributions)), made)
            with SWEEPING: leaf.grad = leaf.grad + adjoint if _holds(leaf) else adjoint  # fmt: skip
        else:
            with SWEEPING: _accumulate(leaf, contributions, summed, made)  # fmt: skip


def _accumulate(
    leaf: Node,
    contributions: list[Any],
    summed: Callable[[Node, list[Any]], Any],
    made: type[Node] | None,
) -> None:
    """Add what flows to a leaf to what it holds, which is the first term of the sum."""
    held = [leaf.grad] if _holds(leaf) else []
    leaf.grad = _gradient(summed(leaf, held + contributions), made)


def _holds(leaf: Node) -> bool:
    """Whether there is anything to add to: 0 + Value would be a node."""
    return bool(leaf.grad) or isinstance(leaf.grad, Node)


def _gradient(adjoint: Any, made: type[Node] | None) -> Any:
    """An adjoint as it is stored; where a graph is created, a constant partial as a leaf."""
    if made is None or isinstance(adjoint, (Node, Vector)):
        return adjoint  # a vector is of a node of several outputs, whose gradients are theirs
    return made(adjoint)


def from_left(terms: list[Any]) -> Any:
    """Return the sum from left to right, never compensated, and no node for the first term."""
    if isinstance(terms[0], Vector):
        return Vector.sum(terms)
    start = terms[0] or 0 + terms[0]  # -0.0 turns into 0.0, as in the plain sweep
    return functools.reduce(operator.add, terms[1:], start)


def exact_sum(terms: list[Any]) -> Any:
    """Return a sum that is rounded once: of floats, of complex numbers, or of an exact type."""
    if any(isinstance(x, complex) for x in terms):
        return complex(
            reductions.sum(*(x.real for x in terms)), reductions.sum(*(x.imag for x in terms))
        )
    if all(isinstance(x, (float, int)) for x in terms):
        return reductions.sum(*map(float, terms))
    return from_left(terms)
