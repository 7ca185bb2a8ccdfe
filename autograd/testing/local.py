"""The partials that the nodes of a graph recorded, one by one, each against an oracle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, cast

from autograd.functions.calls import Primitive
from autograd.functions.operand import plain as number_of
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.testing.arguments import check_value
from autograd.testing.computation import operation_at
from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.roundings import partial_scale
from autograd.testing.units import exact, measured, nearest


def check_partials(root: Value, max_ulp: float = 4.0) -> Report:
    """Hold every partial that a graph of floats recorded against mpmath.

    Each partial is judged at the floats that its node met, so no conditioning enters: the
    bound holds for graphs of any size. Where a rule is a sum that cancels, the unit is that of its
    largest term. Partials at kinks, poles and infinities are left out.

    Parameters
    ----------
    root : Value
    max_ulp : float
        The largest distance allowed.

    Returns
    -------
    Report
        Its `program` is the operation with the worst failure, alone.

    Examples
    --------
    >>> from autograd import tanh
    >>> bool(check_partials(tanh(Value(20.0) * 3.0)))
    True
    """
    check_value(root)
    findings: list[Finding] = []
    shown, worst = "", 0.0
    for node, found in _findings(root, max_ulp):
        findings.append(found)
        if found.verdict is Verdict.FAIL and found.ulps > worst:
            worst, shown = found.ulps, operation_at(node).to_python()
    return Report("partials of a graph", tuple(findings), Precise.name, shown)


def blamed(root: Value) -> tuple[Value, Finding] | None:
    """Return the first operation of a graph with a wrong partial, and what is wrong with it."""
    found = _findings(root, 4.0)
    return next((each for each in found if each[1].verdict is Verdict.FAIL), None)


def below_kinks(root: Value) -> dict[Value, str]:
    """Return the leaves whose gradient passes an operation at a kink, with the operation's name.

    Such a gradient is made of conventions: relu(x) - relu(-x) is x, but at 0 its gradient is
    0 + 0.
    """
    found: dict[Value, str] = {}
    for node in reversed(topological_order(root)):
        op = node.op
        if op is None or op.chooses:
            continue
        operands = _numbers(node)
        name = found.get(node)
        if name is None and all(map(math.isfinite, operands)):
            oracle = row_oracle(op, operands)
            if any(oracle.slope(i - op.integers).derivative is None for i in _places(node)):
                name = op.name
        if name is not None:
            found.update((parent, name) for parent in node.parents if parent not in found)
    return found


def overflow(root: Value, derivative: Value) -> str:
    """Return what leaves the doubles on the way to a root and back, where no rule is to blame.

    Parameters
    ----------
    root : Value
        A function of floats.
    derivative : Value
        What was swept: the root itself, or a first derivative of it.

    Returns
    -------
    str
        Empty if nothing does, or if a rule answers inf or nan where the truth is a double or a
        pole.
    """
    for node in topological_order(root):
        if not math.isfinite(node.data):
            return f"{_at(node)} is {node.data}: the function itself leaves the doubles"
    order = topological_order(derivative)
    for node in order:
        if not math.isfinite(node.data):  # the first of them: its operands are finite
            beyond = _is_beyond(row_oracle(cast(Primitive, node.op), _numbers(node)).value())
            return f"the derivative {_at(node)} leaves the doubles" if beyond else ""
    adjoints: dict[Value, float] = {derivative: 1.0}
    for node in reversed(order):
        op = cast(Primitive, node.op)
        for place, partial in zip(_places(node), node.partials, strict=True):
            parent = node.operands[place]
            adjoint = adjoints.get(parent, 0.0) + partial * adjoints[node]
            if not math.isfinite(partial):
                slope = row_oracle(op, _numbers(node)).slope(place - op.integers)
                if not _is_beyond(slope.derivative):
                    return ""
            if not math.isfinite(adjoint):
                return f"the derivative by an operand of {_at(node)} leaves the doubles"
            adjoints[parent] = adjoint
    return ""


def _is_beyond(truth: Estimate | None) -> bool:
    """Whether there is a true number, but beyond the doubles."""
    return truth is not None and math.isinf(nearest(truth.value))


def cancelling(root: Value) -> float:
    """Return the size of the largest terms of a sum that keeps less than 12 of their bits, or 0."""
    found = 0.0
    for node in topological_order(root):
        largest = max(map(abs, _numbers(node)), default=0.0) if node.op and node.op.sums else 0.0
        if abs(node.data) < 2.0**-41 * largest:
            found = max(found, largest)
    return found


def _numbers(node: Value) -> list[Any]:
    """The numbers that an operation was applied to."""
    return [number_of(x) for x in node.operands]


def _places(node: Value) -> list[int]:
    """The places of the parents among the operands."""
    return [i for i, x in enumerate(node.operands) if isinstance(x, Value)]


def _at(node: Value) -> str:
    """An operation and its operands, for a message."""
    return f"{cast(Primitive, node.op).name} at {_numbers(node)}"


def row_oracle(row: Primitive, operands: Sequence[Any]) -> Precise:
    """Return the oracle for the value of one row at plain numbers."""
    fixed = list(operands[: row.integers])
    free = [float(x) for x in operands[row.integers :]]

    def value(numbers: Sequence[Any]) -> Any:
        return number_of(applied(row, [*fixed, *numbers]))

    sizes = [math.frexp(x)[1] for x in free if x and math.isfinite(x)]
    spread = max(sizes) - min(sizes) if sizes else 0
    return Precise(value, free, 256 + 2 * spread, covers=False)


def applied(row: Primitive, xs: Sequence[Any]) -> Any:
    """Return a row of the operands, whether it takes them apart or as one iterable."""
    return row(list(xs)) if row.arity is None and not row.integers else row(*xs)


def _findings(root: Value, max_ulp: float) -> Iterator[tuple[Value, Finding]]:
    """What there is to say about each partial of each node."""
    for node in topological_order(root):
        op = node.op
        operands = _numbers(node)
        if op is None or op.chooses or not all(map(math.isfinite, operands)):
            continue
        oracle = row_oracle(op, operands)
        for i, partial in zip(_places(node), node.partials, strict=True):
            slope = oracle.slope(i - op.integers)
            where = f"{op.name} at {operands} by operand {i}"
            if slope.derivative is None:
                yield node, Finding(where, None, partial, note="a kink or a pole")
                continue
            truth, error = slope.derivative.value, slope.derivative.error
            scale = exact(min(partial_scale(op, operands), 1e308))
            distance, doubt = measured(partial, truth, error, scale)
            verdict = Verdict.PASS if distance + doubt <= max_ulp else Verdict.FAIL
            if verdict is Verdict.FAIL and distance - doubt <= max_ulp:
                verdict = Verdict.INCONCLUSIVE
            expected = nearest(truth)
            yield node, Finding(where, verdict, partial, expected, distance, max_ulp, doubt)
