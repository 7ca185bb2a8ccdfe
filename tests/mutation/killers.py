"""The tests of the table, as one question: is this row in order?

Points and truths are made once for each row; a mutant is then judged in a millisecond. The truth
is that of `oracles` (formulas in mpmath), and the edge table is that of the tests of the rules.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edges import EDGES as MORE_EDGES
from edges import POINTS as MORE_POINTS
from oracles import TRUTH, exact, ulps
from test_orders import MORE as HARD_POINTS
from test_orders import wrong
from test_rules import EDGES, LINEAR, draw_operands, same, size_of_terms

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.formulas import Expression
from autograd.testing.local import row_oracle
from autograd.testing.rows import draw_operands as draw_moderate

POINTS = 60
INNER_ULP = 16  # partials of rows that only rules use, in units of the larger of value and partial
SPECIALS = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e308, -1e308, 5e-324, math.inf, -math.inf)


@dataclass(frozen=True)
class Point:
    """Operands, the true value and partials there, and the size of their largest terms."""

    operands: tuple[Any, ...]
    value: Any
    value_size: Any
    partials: tuple[Any, ...]
    size: Any


def is_in_order(row: Primitive) -> bool:
    """Whether a row passes everything that the table's own tests ask of it."""
    try:
        checks = (_accurate, _right_at_edges, _keeps_nan, _total, _right_in_higher_orders)
        return all(check(row) for check in checks)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return False


@functools.cache
def points(name: str) -> tuple[Point, ...]:
    """The points at which a row is judged."""
    row, rng = rules.TABLE[name], random.Random(name)
    inner = name not in rules.PUBLIC
    found = []
    if row.predicate or name in ("where", "round_to", "held", "tangent", "largest"):
        return ()
    if name in TRUTH and not row.integers:
        truth = TRUTH[name]
        drawn = [
            draw_moderate(row, rng, moderate=True) if inner else draw_operands(rng, row)
            for _ in range(POINTS)
        ]
        for xs in (*drawn, *(() if inner else MORE_POINTS.get(name, ()))):
            value = truth.exact_value(*xs)
            partials = tuple(truth.exact_partial(i, *xs) for i in range(len(xs)))
            size = exact(truth.largest, *xs) if truth.largest else None
            value_size = size_of_terms(name, xs)
            found.append(Point(tuple(xs), value, value_size, partials, value if inner else size))
        if inner:  # the value far out, which is a first partial of another row
            far = [draw_operands(rng, row) for _ in range(POINTS)]
            found += [
                Point(tuple(xs), truth.exact_value(*xs), None, (), None)
                for xs in (*far, *MORE_POINTS.get(name, ()))
            ]
        return tuple(found)
    for _ in range(8):
        xs = draw_moderate(row, rng, moderate=True)
        oracle = row_oracle(row, xs)
        slopes = [oracle.slope(i).derivative for i in range(len(xs) - row.integers)]
        if None not in slopes:
            values = [oracle.mp.mpf(s.value.numerator) / s.value.denominator for s in slopes if s]
            out = oracle.mp.mpf(row.forward(*xs))
            found.append(Point(tuple(xs), out, None, (None,) * row.integers + tuple(values), out))
    return tuple(found)


def partials_of(row: Primitive, xs: Sequence[Any], out: Any) -> list[float]:
    """The partials at floats, as a node records them."""
    if row.arity is None:
        partials = [float(x) for x in row.partials(*xs, out=out)]
        if xs and len(partials) != len(xs):
            raise ValueError("one partial for each operand")
        return partials
    if len(row.rules) != row.arity:
        raise ValueError("one partial for each operand")
    return [float(row.partial(i, xs, out)) for i in range(row.arity)]


def _accurate(row: Primitive) -> bool:
    """Value and partials within their bounds at the points."""
    inner = row.name not in rules.PUBLIC
    for point in points(row.name):
        out = row.forward(*point.operands)
        if ulps(out, point.value, point.value_size) > 3:
            return False
        for got, truth in zip(partials_of(row, point.operands, out), point.partials, strict=False):
            limit = INNER_ULP if inner else 4
            if truth is not None and ulps(got, truth, point.size) > limit:
                return False
    return True


def _right_at_edges(row: Primitive) -> bool:
    """The conventions at kinks, ties, poles and the ends of domains."""
    for name, xs, value, partials in (*EDGES, *MORE_EDGES):
        if name == row.name:
            out = row.forward(*xs)
            got = partials_of(row, xs, out)
            if not same(out, value) or not all(map(same, got, partials)):
                return False
            signs = math.copysign(1.0, out), math.copysign(1.0, value)
            if row.exact and out == 0 and signs[0] != signs[1]:
                return False
    return True


def _keeps_nan(row: Primitive) -> bool:
    """A nan operand that reaches the value gives a nan partial, unless the rule is a constant."""
    if row.predicate or row.integers or row.name == "where":
        return True
    original = rules.TABLE[row.name]
    count = row.arity or 3  # of dot a weight, an input and the bias
    for i in range(count):
        for other in (0.5, -0.5, 0.0):
            xs = [other] * count
            xs[i] = math.nan
            out = row.forward(*xs)
            if math.isnan(out) != math.isnan(original.forward(*xs)):
                return False
            constant = row.arity and not any(isinstance(x, Expression) for x in original.rules)
            free = constant or row.name in {*LINEAR, "dot", "largest"}
            if math.isnan(out) and not free and not math.isnan(partials_of(row, xs, out)[i]):
                return False
    return True


def _total(row: Primitive) -> bool:
    """Floats in, floats out, wherever the operands are."""
    if row.integers or row.predicate or row.arity not in (1, 2) or row.name == "where":
        return True
    for x in SPECIALS:
        for y in SPECIALS if row.arity == 2 else (None,):
            xs = (x,) if y is None else (x, y)
            out = row.forward(*xs)
            if type(out) is not float:
                return False
            partials_of(row, xs, out)
    return True


def _right_in_higher_orders(row: Primitive) -> bool:
    """The derivatives up to the fourth order, at points where the chain rule may go wrong."""
    return not any(line for xs in HARD_POINTS.get(row.name, ()) for line in wrong(row, xs))
