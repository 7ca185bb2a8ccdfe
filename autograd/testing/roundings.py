"""What the roundings of a computation can do to its gradient: a bound from the graph itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from autograd.functions.calls import Primitive
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.testing.units import ROUNDOFF

PARTIAL_ULP = 4.0  # the promise for first partials
INNER_ULP = 16.0  # partials of the rules' own rows, in units of the larger of value and partial
VALUE_ULP = 4.0
USEFUL = 2.0**-12
_LEAST = 2.0**-1074
_TINY = 2.0**-1040  # errors of this size come from underflow
_MANY = 64  # operands: above it the change of a row is taken to be linear


def rounding_bounds(root: Value, seed: float = 1.0) -> dict[Value, float]:
    """Return for every Value below `root` how far rounding can take its gradient from the truth.

    A running error analysis (Higham, "Accuracy and Stability of Numerical Algorithms", 2002,
    section 3.3): forward, the error of each value from those of its operands, by evaluating
    the row at the ends of their intervals; then the change of each partial over the same
    intervals, which is large next to a kink; backward, the error of each adjoint from both. The
    rows are trusted to be within `VALUE_ULP` and `PARTIAL_ULP`, nothing else.

    Parameters
    ----------
    root : Value
        Of floats.
    seed : float
        The derivative to start with.

    Returns
    -------
    dict of Value to float
        Absolute errors; inf where no useful bound can be given: where roundings alone may take
        12 bits of the largest contribution, as they do next to a kink.

    Examples
    --------
    >>> x = Value(3.0)
    >>> bounds = rounding_bounds(x * x)
    >>> 0 < bounds[x] < 1e-14
    True
    """
    order = topological_order(root)
    errors: dict[Value, float] = {}
    partial_errors: dict[Value, list[float]] = {}
    for node in order:
        errors[node], partial_errors[node] = _node(node, errors)
    adjoints: dict[Value, float] = {root: seed}
    sizes: dict[Value, float] = {root: abs(seed)}
    bounds: dict[Value, float] = {root: 0.0}
    for node in reversed(order):
        a, e = adjoints[node], bounds[node]
        for parent, p, q in zip(node.parents, node.partials, partial_errors[node], strict=True):
            product = p * a
            total = adjoints.get(parent, 0.0) + product
            rounding = ROUNDOFF * (abs(product) + abs(total)) + _LEAST
            bounds[parent] = (
                bounds.get(parent, 0.0) + _times(abs(p) + q, e) + _times(q, abs(a)) + rounding
            )
            adjoints[parent] = total
            sizes[parent] = sizes.get(parent, 0.0) + _times(abs(p), sizes[node])
    return {
        node: 1.001 * bound if bound <= USEFUL * sizes[node] + _TINY else math.inf
        for node, bound in bounds.items()
    }


def _times(a: float, b: float) -> float:
    """A product in which 0 wins over inf."""
    return a * b if a and b else 0.0


def _node(node: Value, errors: dict[Value, float]) -> tuple[float, list[float]]:
    """The error of a node's value, and those of its partials."""
    op = cast(Primitive, node.op)
    xs = [x.data if isinstance(x, Value) else x for x in node.operands]
    wobbles = [errors.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands]
    active = [i for i, x in enumerate(node.operands) if isinstance(x, Value)]
    out = node.data
    size = max(abs(out), value_scale(op, xs, out))
    value_error = _value_error(op, xs, out, size)
    inner = op.inner
    partials = list(node.partials)
    partial_errors = [
        (INNER_ULP if inner else PARTIAL_ULP + len(xs))
        * (2 * ROUNDOFF * max(abs(p), abs(out) if inner else 0.0, partial_scale(op, xs)) + _LEAST)
        for i, p in zip(active, partials, strict=True)
    ]
    if op.arity is None:
        value_error *= 1 + len(xs) / 4
    if op.chooses:
        return sum(wobbles[i] for i in active), [0.0] * len(active)
    for i, wobble in enumerate(wobbles):
        if not wobble:
            continue
        if len(xs) > _MANY:
            value_error += wobble * abs(partials[active.index(i)])
            partial_errors = [e + wobble for e in partial_errors]
            continue
        changes = [_moved(op, xs, i, step, active) for step in (wobble, -wobble)]
        value_error += max(_distance(value, out) for value, _ in changes)
        for k, p in enumerate(partials):
            partial_errors[k] += max(_distance(moved[k], p) for _, moved in changes)
    return value_error, partial_errors


def _value_error(op: Primitive, xs: Sequence[Any], out: float, size: float) -> float:
    """How far the value of a row may be from the truth at exactly its operands."""
    if op.exact or (op.rounded and 0.0 in xs):
        return 0.0
    if op.rounded:
        return ROUNDOFF * abs(out) + (_LEAST if op.factors else 0.0)  # sums never underflow
    return VALUE_ULP * (2 * ROUNDOFF * size + _LEAST)


def _moved(
    op: Primitive, xs: Sequence[Any], i: int, step: float, active: Sequence[int]
) -> tuple[float, list[float]]:
    """Value and partials of a row with one operand moved."""
    moved = list(xs)
    moved[i] += step
    out = op.forward(*moved)
    partials = partials_at(op, moved, out)
    return out, [float(partials[k]) for k in active]


def partials_at(op: Primitive, xs: Sequence[Any], out: float) -> Sequence[Any]:
    """Return the partials of a row at floats, infinities included."""
    if op.arity is None:
        return op.partials(*xs, out=out)
    return [op.partial(i, xs, out) for i in range(op.arity)]


def _distance(a: float, b: float) -> float:
    """How far apart two numbers are; equal infinities not at all, nan infinitely."""
    distance = 0.0 if a == b else abs(a - b)
    return distance if distance == distance else math.inf


def partial_scale(op: Primitive, xs: Sequence[Any]) -> float:
    """Return the largest term of a partial whose zero lies inside the domain; 0 of others.

    That is lgamma, with the reflection of digamma at negative operands. Not every sum is excused:
    1 - tanh(x)**2 is a sum too, and wrong in every digit.
    """
    return op.slope_terms(*xs) if op.slope_terms is not None else 0.0


def value_scale(op: Primitive, xs: Sequence[Any], out: float) -> float:
    """Return the largest term of a value that is a sum of terms, which may cancel."""
    return max(abs(out), op.terms(*xs)) if op.terms is not None else float(abs(out))
