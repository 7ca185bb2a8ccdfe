"""Topological order, and the backward sweep: into every grad, or without touching one."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from autograd.graph.changes import check_unchanged
from autograd.graph.crossing import CROSSED, Crossing, is_real, kept, outgrown, passed
from autograd.graph.joint import Vector
from autograd.graph.modes import MODES, OPEN, changed, look_around
from autograd.graph.turns import SWEEPING, is_sweeping, refuse_a_sweep_within
from autograd.graph.watching.anomaly import blame_backward, blame_sum, is_finite, refuse_containers
from autograd.graph.watching.hooks import HOOKED, run_hooks
from autograd.numbers import reductions
from autograd.numbers.kinds import Constant, convert, element, fitted, untrapped
from autograd.numbers.libraries import is_complex

if TYPE_CHECKING:
    from autograd.functions.primitives import Primitive
    from autograd.graph.value import Value


def topological_order(root: Value, stop: Collection[Value] = ()) -> list[Value]:
    """Return the interior Values that `root` was computed from, each after its parents.

    `root` comes last. Leaves are left out, for nothing flows through them, and so are the Values
    of `stop` and what only they were computed from. Depth first, with a stack, so that depth is
    no limit.
    """
    order: list[Value] = []
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


def sweep(root: Value, seed: Any, order: list[Value] | None = None) -> None:
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
    root.grad = seed
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


def adjoints(
    seeds: dict[Value, Any],
    order: list[Value],
    *,
    create_graph: bool,
    moving: Collection[Value] | None = None,
    total: Callable[[list[Any]], Any] | None = None,
    relevant: Collection[Value] | None = None,
    part: bool = False,
    real_root: bool = True,
    leaves: dict[Value, list[Any]] | None = None,
) -> Iterator[tuple[Value, Any]]:
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
    summed = _sum(total or _fold, real_root)
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
                    blame_backward(node, parent, partial, adjoint, contribution)
                terms.setdefault(parent, []).append(contribution)
    if leaves is not None:
        leaves.update(terms)
        return
    for leaf, contributions in terms.items():
        adjoint = summed(leaf, contributions)
        yield leaf, adjoint if part else run_hooks(leaf, adjoint)


def _sum(total: Callable[[list[Any]], Any], real_root: bool) -> Callable[[Value, list[Any]], Any]:
    """The complete adjoint of a Value from the contributions to it."""
    watched = MODES.get().watched
    crossed = bool(CROSSED)

    def summed(value: Value, contributions: list[Any]) -> Any:
        adjoint = total(contributions)
        if watched and not is_finite(adjoint):
            blame_sum(value, contributions, adjoint)
        return kept(value, adjoint, real_root) if crossed else adjoint

    return summed


def derivatives(node: Value, stop: Collection[Value], create_graph: bool) -> dict[Value, Any]:
    """Return the derivatives of a node by the Values below it down to those of `stop`: the partials
    of a node that stands for this part of a graph.
    """
    with changed(remembers=True):
        order = topological_order(node, stop)
        found = {node: type(node.data)(1)}
        if create_graph or HOOKED or CROSSED or MODES.get().watched:
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
    node: Value, moving: Collection[Value] | None = None, by: Collection[Value] | None = None
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
        active = [i for i, x in enumerate(operands) if hasattr(x, "parents")]
        # A literal takes the number type of the node, as in `unify`: in Fractions 1/3 is exact.
        for i, x in enumerate(operands):
            if not (i < op.integers or over_complex or hasattr(x, "parents")):
                operands[i] = convert(x, kind)
    asked = active if by is None else [i for i in active if operands[i] in by]
    if moving is not None and op.formulas:  # another row may know its operands by identity
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
        found = [x if hasattr(x, "parents") else convert(x, type(was)) for x, was in pairs]
    check_unchanged(node, operands, found)
    return found


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
        The derivative of the quantity of interest by this Value; 1 if left out. It has to be of
        this Value's number type or one that the type holds exactly, as an operand would.
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
        is_value = hasattr(seed, "parents")
        number = fitted(seed.data if is_value else seed, kind, "the seed")
        seed = seed if is_value else number
    watched = OPEN and look_around().watched
    plain = not (exact or create_graph or HOOKED or CROSSED or watched)
    try:
        if plain and kind is float:
            with SWEEPING: sweep(root, seed)  # fmt: skip
            return
        with untrapped(kind):
            if plain:
                with SWEEPING: sweep(root, seed)  # fmt: skip
            else:
                _sweep_in_full(root, seed, create_graph, exact)
    except TypeError:
        refuse_containers({root, *(x for node in topological_order(root) for x in node.parents)})
        raise


def _sweep_in_full(root: Value, seed: Any, create_graph: bool, exact: bool) -> None:
    """The sweep where there is more to do than the plain one has an eye for."""
    total, real = exact_sum if exact else _fold, is_real(root)
    order = topological_order(root)
    rest: dict[Value, list[Any]] = {}
    flow = adjoints(
        {root: seed}, order, create_graph=create_graph, total=total, real_root=real, leaves=rest
    )
    made = type(root) if create_graph else None
    for node, adjoint in flow:
        with SWEEPING: node.grad = _gradient(adjoint, made)  # fmt: skip
    summed = _sum(total, real)
    for leaf, contributions in rest.items():
        if (HOOKED and leaf.hooks) or outgrown(leaf):  # a hook sees this sweep's part alone
            adjoint = _gradient(run_hooks(leaf, summed(leaf, contributions)), made)
            with SWEEPING: leaf.grad = leaf.grad + adjoint if _holds(leaf) else adjoint  # fmt: skip
        else:
            with SWEEPING: _accumulate(leaf, contributions, summed, made)  # fmt: skip


def _accumulate(
    leaf: Value,
    contributions: list[Any],
    summed: Callable[[Value, list[Any]], Any],
    made: type[Value] | None,
) -> None:
    """Add what flows to a leaf to what it holds, which is the first term of the sum."""
    held = [leaf.grad] if _holds(leaf) else []
    leaf.grad = _gradient(summed(leaf, held + contributions), made)


def _holds(leaf: Value) -> bool:
    """Whether there is anything to add to: 0 + Value would be a node."""
    return bool(leaf.grad) or hasattr(leaf.grad, "parents")


def _gradient(adjoint: Any, made: type[Value] | None) -> Any:
    """An adjoint as it is stored; where a graph is created, a constant partial as a leaf."""
    if made is None or hasattr(adjoint, "parents") or isinstance(adjoint, Vector):
        return adjoint  # a vector is of a node of several outputs, whose gradients are theirs
    return made(adjoint)


def _fold(terms: list[Any]) -> Any:
    """The sum from left to right, never compensated, and no node for the first term."""
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
    return _fold(terms)
