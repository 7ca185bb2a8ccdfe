"""Measure the table of rules: the errors of values and of partials of order 1 to 3, in mpmath.

The truth comes from ``tests/oracles.py``, formulas for values and first partials, and from
``tests/jets.py``, Taylor series for the higher ones. For the first two a rough truth sorts the
points: whatever looks worse than all before is measured against the exact one.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))  # what follows is imported from there

from jets import FORMULAS, Exponents, Pole, derivatives
from mpmath import mp, mpf
from oracles import TRUTH, Oracle, ulps
from test_rules import draw_operands

from autograd import Value
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.testing.roundings import partials_at

Places = tuple[int, ...]
SHARE = 40  # one point of so many is measured at the orders 2 and 3 as well
LARGEST = mpf(2) ** 1024
_WIDE = 3  # operands of a row of many, at these orders


@dataclass
class Worst:
    """The largest error of one kind, and where it was found."""

    error: float = 0.0
    places: Places = ()
    operands: tuple[float, ...] = ()

    def note(self, error: float, places: Places, operands: Sequence[float]) -> None:
        """Keep an error that is larger than all before."""
        if error > self.error:
            self.error, self.places, self.operands = error, places, tuple(operands)


@dataclass
class Measured:
    """The largest errors of a function, of each order; of the first one for each operand."""

    value: Worst = field(default_factory=Worst)
    first: list[Worst] = field(default_factory=lambda: [Worst()])
    second: Worst = field(default_factory=Worst)
    third: Worst = field(default_factory=Worst)
    higher: int = 0  # at how many points second and third were measured


def measure(name: str, points: int) -> Measured:
    """Hold a function against mpmath at so many points, and about the zeros of its derivatives."""
    row, truth, rng = rules.TABLE[name], TRUTH[name], random.Random(name)
    found = Measured(first=[Worst() for _ in range(row.arity or 1)])
    near = list(about_zeros(row, rng))
    for k in range(points + len(near)):
        xs = draw_operands(rng, row) if k < points else [near[k - points]]
        hold(row, truth, xs, found, higher=k % SHARE == 0 or k >= points)
    return found


def hold(
    row: Primitive, truth: Oracle, xs: Sequence[float], found: Measured, higher: bool = True
) -> None:
    """Hold a function against mpmath at one point."""
    _value(row, truth, xs, found.value)
    _first(row, truth, xs, found.first)
    if higher:
        _higher(row, xs if row.arity else xs[:_WIDE], found)


def _value(row: Primitive, truth: Oracle, xs: Sequence[float], worst: Worst) -> None:
    """The error of the value, in ULP of the largest term where it is a difference of terms."""
    got = row.forward(*xs)
    if units(got, roughly(truth.value, xs), _size(truth.largest_in_value, xs)) > worst.error:
        worst.note(truth.value_ulps(got, *xs), (), xs)


def _first(row: Primitive, truth: Oracle, xs: Sequence[float], worst: list[Worst]) -> None:
    """The errors of the first partials."""
    rough = roughly(_slopes(truth), xs)
    size = _size(truth.largest, xs)
    for i, got in enumerate(partials_at(row, xs, row.forward(*xs))):
        kept = worst[i if row.arity else 0]
        if units(float(got), rough[i], size) > kept.error:
            kept.note(truth.partial_ulps(float(got), i, *xs), (i,), xs)


def _higher(row: Primitive, xs: Sequence[float], found: Measured) -> None:
    """The errors of second and third partials that are doubles, away from kinks and poles."""
    if any(x in row.kinks for x in xs):
        return
    try:
        truths = derivatives(FORMULAS[row.name], *xs)
    except (Pole, ValueError):  # or x**y by y at a negative x
        return
    found.higher += 1
    for places, got in partials(row, xs).items():
        order = tuple(map(places.count, range(len(xs))))
        truth = truths[order]
        if len(places) > 1 and abs(truth) < LARGEST:
            worst = found.second if len(places) == 2 else found.third
            worst.note(ulps(got, truth, unit_of(order, xs, truths)), places, xs)


def partials(row: Primitive, xs: Sequence[float], top: int = 3) -> dict[Places, float]:
    """The partials of order 1 to `top`, by differentiating sweeps: by places of the operands."""
    leaves = [Value(x) for x in xs]
    nodes: dict[Places, Any] = {(): row(leaves) if row.arity is None else row(*leaves)}
    found: dict[Places, float] = {}
    for order in range(1, top + 1):
        above: dict[Places, Any] = {}
        for places, node in nodes.items():
            for leaf in leaves:
                leaf.zero_grad()
            if isinstance(node, Value):
                node.backward(create_graph=order < top)
            above |= {(*places, i): leaf.grad for i, leaf in enumerate(leaves)}
        nodes = above
        found |= {k: float(x.data if isinstance(x, Value) else x) for k, x in nodes.items()}
    return found


def unit_of(order: Exponents, xs: Sequence[float], truths: dict[Exponents, Any]) -> Any:
    """The size whose last place is the unit of a second or third partial, beside its own.

    It is that of the largest partial of lower order by some of its operands, divided by
    max(1, abs(x)) for each operand x that it lacks.
    """
    sizes = []
    for lower in product(*(range(count + 1) for count in order)):
        if 0 < sum(lower) < sum(order):
            lacking = zip(xs, order, lower, strict=True)
            scale = math.prod(mpf(max(1.0, abs(x))) ** (a - b) for x, a, b in lacking)
            sizes.append(abs(truths[lower]) / scale)
    return max(sizes)


def roughly(fn: Callable[..., Any], xs: Sequence[float]) -> Any:
    """A formula evaluated once: good to some 25 digits unless terms cancel."""
    with mp.workprec(100):
        return fn(*map(mpf, xs))


def _slopes(truth: Oracle) -> Callable[..., Any]:
    """The formula of the first partials."""
    return cast("Callable[..., Any]", truth.partials)


def _size(largest: Callable[..., Any] | None, xs: Sequence[float]) -> Any:
    """The largest term that a formula names, if it does."""
    return None if largest is None else roughly(largest, xs)


def units(got: float, truth: Any, size: Any = None) -> float:
    """What `oracles.ulps` answers, to some digits, and faster for ordinary numbers."""
    scale = abs(float(truth if size is None else max(abs(truth), size)))
    if 1e-300 < scale < 1e300 and math.isfinite(got):
        return float(abs(truth - got)) / math.ulp(scale)
    return ulps(got, truth, size)


# -- the neighbourhoods of zeros ----------------------------------------------------------------

_GRID = [sign * 1.03 * 10.0 ** (k / 4) for sign in (-1, 1) for k in range(-12, 6)]
_GRID += [0.0317 + k / 4 for k in range(-80, 80)]
_ZEROS = 12  # of each derivative, the first ones


def about_zeros(row: Primitive, rng: random.Random, each: int = 20) -> Iterator[float]:
    """Points close to where the value or a derivative of a function of one operand is 0."""
    if row.arity != 1:
        return
    low, high = row.domain[0]
    grid = sorted(x for x in _GRID if low < x < high)
    for order in range(4):
        roots = [_root(row, order, a, b) for a, b in pairwise(grid) if _changes(row, order, a, b)]
        for root in sorted(roots, key=abs)[:_ZEROS]:
            for _ in range(each):
                x = root * (1 + rng.choice((-1, 1)) * 2.0 ** -rng.uniform(3, 53))
                if low < x < high:
                    yield x


def _derivative(row: Primitive, order: int, x: float) -> float:
    """A derivative of order 0 to 3 at a point."""
    if order <= 1:
        out: float = row.forward(x)
        return float(partials_at(row, [x], out)[0]) if order else out
    return partials(row, [x], order)[(0,) * order]


def _changes(row: Primitive, order: int, low: float, high: float) -> bool:
    """Whether a derivative changes its sign between two points, and is no step function."""
    a, b = _derivative(row, order, low), _derivative(row, order, high)
    return a * b < 0 and abs(a) + abs(b) < 1e3


def _root(row: Primitive, order: int, low: float, high: float) -> float:
    """The float at which a derivative changes its sign."""
    sign = _derivative(row, order, low)
    while low < (middle := (low + high) / 2) < high:
        if _derivative(row, order, middle) * sign > 0:
            low = middle
        else:
            high = middle
    return high
