"""The laws of the backward sweep, on random programs.

Algebra is tested over Fractions, where it holds exactly; rounding is tested against an exact
replay of the recorded partials, within a bound that is derived where it is used.
"""

from __future__ import annotations

import gc
import itertools
import math
import operator
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import hypothesis
import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import TRUTH

import autograd as ag
from autograd import Value, collector_paused, is_grad_enabled, no_grad
from autograd.functions.rules import TABLE
from autograd.graph.order import topological_order
from autograd.testing.computation import Computation
from autograd.testing.operations import Operation
from autograd.testing.strategies import (
    ARITHMETIC,
    FINITE,
    FLOAT_ROWS,
    FRACTIONS,
    RATIONAL_ROWS,
    WILD,
    breakpoints,
    floats,
    near,
    programs,
    rational_programs,
)

UNIT = Fraction(1, 2**53)  # the rounding error of one float operation, relative
SMOOTH_RATIONAL = (*ARITHMETIC, "negative", "square", "reciprocal", "sum", "mean", "prod", "dot")


def number(x: Any) -> Any:
    """Return the plain number of a gradient, which may be a Value."""
    return x.data if isinstance(x, Value) else x


def bits(x: Any) -> str:
    """Return a float so that equal means every bit; all nans are alike."""
    return float(number(x)).hex()


def gradients(root: Value, leaves: Sequence[Value], **how: Any) -> list[Any]:
    """Return the gradient of a root by the leaves, starting from zeros."""
    for leaf in leaves:
        leaf.zero_grad()
    root.backward(**how)
    return [leaf.grad for leaf in leaves]


def swept(program: Computation, **how: Any) -> list[Any]:
    """Return the gradient of a program by its inputs."""
    leaves = program.leaves()
    return gradients(program(*leaves), leaves, **how)


def edges_into(root: Value) -> dict[Value, list[tuple[Value, Any]]]:
    """Return for every Value below a root its uses: who used it, with which partial.

    Breadth first and with duplicates kept, so that nothing is shared with the engine's order.
    """
    uses: dict[Value, list[tuple[Value, Any]]] = {root: []}
    queue = [root]
    for node in queue:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if parent not in uses:
                uses[parent] = []
                queue.append(parent)
            uses[parent].append((node, partial))
    return uses


# -- exactness --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exact:
    """An adjoint in exact arithmetic, and what bounds the error of the float one."""

    value: Fraction
    size: Fraction  # the sum over all paths of the size of the product along the path
    roundings: int  # the most roundings that one path's product can meet

    @property
    def bound(self) -> Fraction:
        """The largest error of the float adjoint.

        Each use of a Value costs one rounded product, and the sum of n uses n - 1 rounded
        additions (0 + x is exact). A path that meets K roundings is off by a factor within
        1 +- gamma, gamma = K u / (1 - K u) and u = 2**-53 (Higham 2002, lemma 3.1), as long as no
        product underflows; so the adjoint is off by at most gamma times the sum of the sizes.
        """
        gamma = self.roundings * UNIT / (1 - self.roundings * UNIT)
        return gamma * self.size


def replay(root: Value, seed: float = 1.0) -> dict[Value, Exact]:
    """Return every adjoint by recursion towards the root, from the recorded float partials."""
    uses = edges_into(root)
    known: dict[Value, Exact] = {root: Exact(Fraction(seed), abs(Fraction(seed)), 0)}

    def adjoint(node: Value) -> Exact:
        if node not in known:
            terms = [(Fraction(p), adjoint(user)) for user, p in uses[node]]
            known[node] = Exact(
                sum((p * a.value for p, a in terms), Fraction(0)),
                sum((abs(p) * a.size for p, a in terms), Fraction(0)),
                max(a.roundings + 1 for _, a in terms) + len(terms) - 1,
            )
        return known[node]

    return {node: adjoint(node) for node in uses}


@given(programs(), floats("plain"))
def test_exact_replay(program: Computation, seed: float) -> None:
    """Every float adjoint equals the exact sum over paths, within gamma_K times its size."""
    root = program(*program.leaves())
    root.backward(seed=seed)
    for node, exact in replay(root, seed).items():
        assert abs(Fraction(node.grad) - exact.value) <= exact.bound, (node, exact)


@given(programs(), st.integers(-60, 60))
def test_scaling_the_seed_by_a_power_of_two_scales_every_bit(program: Computation, k: int) -> None:
    """gradient(2**k seed) = 2**k gradient(seed), bit for bit, while no product is subnormal."""
    plain = swept(program, seed=1.0)
    scaled = swept(program, seed=2.0**k)
    assert [bits(g) for g in scaled] == [bits(math.ldexp(g, k)) for g in plain]


@given(rational_programs(), st.data())
def test_rational_programs_match_dual_numbers_over_fractions(
    program: Computation, data: st.DataObject
) -> None:
    """Values and gradients of rational programs are exact: equal to forward mode in Fractions."""
    leaves = program.leaves()
    places = program.results(leaves)
    chosen = data.draw(st.integers(0, len(places) - 1), label="root")
    got = gradients(places[chosen], leaves)
    for i, gradient in enumerate(got):
        duals = [Dual(x, Fraction(i == j)) for j, x in enumerate(program.inputs)]
        truth = program.results(duals, DUAL_TABLE)[chosen]
        assert (places[chosen].data, gradient) == (truth.value, truth.slope)


@pytest.mark.parametrize("exponent", range(-4, 6))
@given(base=FRACTIONS.filter(bool))
def test_whole_powers_of_fractions(exponent: int, base: Fraction) -> None:
    """The derivative of x**n is n x**(n - 1), exactly, for whole n of either sign and 0."""
    x = Value(base)
    y = x**exponent
    y.backward()
    assert (y.data, x.grad) == (base**exponent, exponent * base ** (exponent - 1))
    assert type(x.grad) is Fraction


@dataclass(frozen=True)
class Dual:
    """value + slope * epsilon over Fractions, with epsilon**2 = 0: forward mode, by hand."""

    value: Fraction
    slope: Fraction

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Dual) -> Dual:
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def __truediv__(self, other: Dual) -> Dual:
        slope = self.slope * other.value - self.value * other.slope
        return Dual(self.value / other.value, slope / other.value**2)


def constant(x: Any) -> Dual:
    """A number without slope; a dual number is itself."""
    return x if isinstance(x, Dual) else Dual(Fraction(x), Fraction(0))


def extreme(select: Callable[[list[Fraction]], Fraction]) -> Callable[[list[Dual]], Dual]:
    """Largest or smallest; tied operands share the slope equally."""

    def chosen(xs: list[Dual]) -> Dual:
        best = select([x.value for x in xs])
        tied = [x.slope for x in xs if x.value == best]
        return Dual(best, sum(tied, Fraction(0)) / len(tied))

    return chosen


def limited(x: Dual, low: Dual, high: Dual) -> Dual:
    """x between two bounds; no slope at a bound."""
    if x.value in (low.value, high.value):
        return constant(x.value)
    return low if x.value < low.value else high if x.value > high.value else x


def on_duals(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of dual numbers that also accepts literals, alone or in a list."""

    def lifted(*operands: Any) -> Any:
        return function(
            *([*map(constant, xs)] if isinstance(xs, list) else constant(xs) for xs in operands)
        )

    return lifted


def whole_power(x: Dual, n: Dual) -> Dual:
    """Repeated multiplication or division."""
    power = reduce(operator.mul, [x] * abs(int(n.value)), constant(1))
    return power if n.value >= 0 else constant(1) / power


ON_DUALS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": lambda x, y: constant(x.value // y.value),
    "remainder": lambda x, y: x - y * constant(x.value // y.value),
    "fmod": lambda x, y: x - y * constant(math.trunc(x.value / y.value)),
    "copysign": lambda x, y: Dual(
        math.copysign(1, y.value) * abs(x.value),
        math.copysign(1, y.value) * x.slope * ((x.value > 0) - (x.value < 0)),
    ),
    "power": whole_power,
    "negative": lambda x: constant(0) - x,
    "positive": lambda x: x,
    "square": lambda x: x * x,
    "reciprocal": lambda x: constant(1) / x,
    "abs": lambda x: Dual(abs(x.value), x.slope * ((x.value > 0) - (x.value < 0))),
    "sign": lambda x: constant((x.value > 0) - (x.value < 0)),
    "floor": lambda x: constant(math.floor(x.value)),
    "ceil": lambda x: constant(math.ceil(x.value)),
    "maximum": lambda x, y: extreme(max)([x, y]),
    "minimum": lambda x, y: extreme(min)([x, y]),
    "clip": limited,
    "heaviside": lambda x, h: h if x.value == 0 else constant(x.value > 0),
    "relu": lambda x: x if x.value > 0 else constant(0),
    "leaky_relu": lambda x, slope: x if x.value > 0 else slope * x,
    "hard_sigmoid": lambda x: limited(
        x / constant(6) + constant(Fraction(1, 2)), constant(0), constant(1)
    ),
    "hard_tanh": lambda x: limited(x, constant(-1), constant(1)),
    "sum": lambda xs: reduce(operator.add, xs),
    "mean": lambda xs: reduce(operator.add, xs) / constant(len(xs)),
    "prod": lambda xs: reduce(operator.mul, xs),
    "max": extreme(max),
    "min": extreme(min),
    "dot": lambda xs: xs[0] * xs[1] + xs[2],
}
DUAL_TABLE = {name: on_duals(function) for name, function in ON_DUALS.items()}
DUAL_TABLE["greater"] = lambda x, y: constant(x).value > constant(y).value
DUAL_TABLE["where"] = lambda condition, x, y: constant(x) if condition else constant(y)


# -- algebra, exactly -------------------------------------------------------------------------


@given(rational_programs(), FRACTIONS, FRACTIONS)
def test_backward_is_linear_in_the_seed(program: Computation, s: Fraction, t: Fraction) -> None:
    """gradient(s + t) = gradient(s) + gradient(t), and gradient(s) = s gradient(1)."""
    both, one, other, unit = (swept(program, seed=x) for x in (s + t, s, t, Fraction(1)))
    assert both == [g + h for g, h in zip(one, other, strict=True)]
    assert one == [s * g for g in unit]


@given(rational_programs(), FRACTIONS, FRACTIONS)
def test_the_gradient_is_linear_in_the_function(
    program: Computation, a: Fraction, b: Fraction
) -> None:
    """grad(a f + b g) = a grad f + b grad g."""
    leaves = program.leaves()
    f, g = program.results(leaves)[-2:]
    df, dg = gradients(f, leaves), gradients(g, leaves)
    assert gradients(a * f + b * g, leaves) == [a * p + b * q for p, q in zip(df, dg, strict=True)]


@given(rational_programs())
def test_product_rule(program: Computation) -> None:
    """grad(f g) = f grad g + g grad f."""
    leaves = program.leaves()
    f, g = program.results(leaves)[-2:]
    df, dg = gradients(f, leaves), gradients(g, leaves)
    truth = [f.data * q + g.data * p for p, q in zip(df, dg, strict=True)]
    assert gradients(f * g, leaves) == truth


@given(rational_programs(), st.data())
def test_chain_rule_through_detached_intermediates(
    program: Computation, data: st.DataObject
) -> None:
    """Sweep the second half of a program on detached Values, then seed the first with their grads:
    the gradient of the whole.
    """
    cut = data.draw(st.integers(0, len(program.operations)), label="cut")
    first = Computation(program.inputs, program.operations[:cut])
    leaves = first.leaves()
    places = first.results(leaves)
    detached = [place.detach() for place in places]
    assert not any(place.parents for place in detached)
    Computation(tuple(detached), program.operations[cut:]).results()[-1].backward()
    for place, copy in zip(places, detached, strict=True):
        place.backward(seed=copy.grad)
    assert [leaf.grad for leaf in leaves] == swept(program)


class Tree(Sequence[Any]):
    """The places of a program, computed anew whenever one is asked for: no result is shared."""

    def __init__(self, program: Computation, leaves: Sequence[Value]) -> None:
        self.program, self.leaves = program, leaves

    def __len__(self) -> int:
        return len(self.leaves) + len(self.program.operations)

    def __getitem__(self, place: Any) -> Any:
        count = len(self.leaves)
        if place < count:
            return self.leaves[place]
        return self.program.operations[place - count].apply(self, TABLE)


@given(rational_programs(max_length=5))
def test_shared_subexpressions_equal_duplicated_ones(program: Computation) -> None:
    """A result used twice has the gradient of the same result computed twice."""
    leaves = program.leaves()
    tree = Tree(program, leaves)
    assert gradients(tree[len(tree) - 1], leaves) == swept(program)


HOMOGENEOUS = (
    "add", "subtract", "negative", "abs", "relu", "maximum", "minimum", "where", "sum", "mean",
    "max", "min",
)  # fmt: skip


@given(rational_programs(rows=HOMOGENEOUS, literals=None), st.integers(1, 4))
def test_eulers_theorem(program: Computation, degree: int) -> None:
    """f(t x) = t**k f(x) for t > 0 implies x . grad f = k f, exactly, kinks and ties included."""
    leaves = program.leaves()
    f = program(*leaves) ** degree
    slopes = gradients(f, leaves)
    assert sum(x.data * g for x, g in zip(leaves, slopes, strict=True)) == degree * f.data


@given(rational_programs(rows=SMOOTH_RATIONAL, max_length=5))
def test_mixed_partials_are_symmetric(program: Computation) -> None:
    """The derivative by x then y equals the one by y then x, exactly."""
    leaves = program.leaves()
    slopes = gradients(program(*leaves), leaves, create_graph=True)
    hessian = [gradients(g, leaves) if isinstance(g, Value) else [0] * len(leaves) for g in slopes]
    assert hessian == [list(column) for column in zip(*hessian, strict=True)]


def test_third_mixed_partials_do_not_depend_on_the_order() -> None:
    """All six orders of differentiating by x, y and z agree, and with the formula."""
    a, b, c = Fraction(2, 3), Fraction(-5, 7), Fraction(11, 4)
    for order in itertools.permutations(range(3)):
        leaves = [Value(a), Value(b), Value(c)]
        x, y, z = leaves
        f = x**2 * y**3 * z + x * y / z
        for i in order:
            f = gradients(f, leaves, create_graph=True)[i]
        assert f.data == 6 * a * b**2 - 1 / c**2


# -- higher orders ----------------------------------------------------------------------------

CURVES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], float]] = {
    "tanh": (ag.tanh, mpmath.tanh, 0.7),
    "tanh at 0": (ag.tanh, mpmath.tanh, 0.0),
    "sigmoid": (ag.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 1.3),
    "gaussian": (lambda x: ag.exp(-x * x), lambda x: mpmath.exp(-x * x), 0.6),
    "x to the x": (lambda x: x**x, lambda x: x**x, 1.9),
    "cube root of 1 + x squared": (
        lambda x: ag.cbrt(1 + x * x), lambda x: mpmath.cbrt(1 + x * x), 0.8),
    "gamma": (ag.gamma, mpmath.gamma, -3.6),
    "log-gamma": (ag.lgamma, mpmath.loggamma, 2.4),
    "error function": (ag.erf, mpmath.erf, 0.4),
    "quotient": (lambda x: ag.log1p(x) / (2 + ag.sin(x)),
                 lambda x: mpmath.log(1 + x) / (2 + mpmath.sin(x)), 0.9),
    "gelu": (ag.gelu, lambda x: x * mpmath.ncdf(x), -0.8),
    "arctan": (ag.arctan, mpmath.atan, 0.3),
    "reciprocal": (ag.reciprocal, lambda x: 1 / x, -1.7),
}  # fmt: skip


def nth_derivative(f: Callable[[Any], Any], at: Any, order: int) -> Any:
    """Return a derivative by as many sweeps of the sweep."""
    x = Value(at)
    y = f(x)
    for _ in range(order):
        (y,) = gradients(y, [x], create_graph=True)
    return number(y)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("curve", CURVES)
def test_higher_derivatives_match_mpmath(curve: str, order: int) -> None:
    """Derivatives to the fourth order agree with mpmath.diff to 1e-12."""
    f, reference, at = CURVES[curve]
    with mpmath.workdps(60):
        truth = float(mpmath.diff(reference, mpmath.mpf(at), order))
    assert nth_derivative(f, at, order) == pytest.approx(truth, rel=1e-12, abs=1e-14)


@given(programs())
def test_create_graph_changes_no_bit_of_the_gradient(program: Computation) -> None:
    """Gradients that can be differentiated have the same bits as plain ones."""
    plain = swept(program)
    differentiable = swept(program, create_graph=True)
    assert [bits(g) for g in differentiable] == [bits(g) for g in plain]


@pytest.mark.parametrize(
    ("name", "x"),
    [("log", -1.0), ("log2", -1.0), ("log10", -3.0), ("log1p", -2.0), ("arccosh", 0.5),
     ("arctanh", 2.0), ("arcsin", 2.0), ("sqrt", -1.0)],
)  # fmt: skip
def test_outside_of_the_domain_every_order_is_nan(name: str, x: float) -> None:
    """The derivatives of a function at a point where it is undefined are nan, at any order."""
    leaf = Value(x)
    slopes = [*gradients(TABLE[name](leaf), [leaf]), nth_derivative(TABLE[name], x, 1)]
    assert all(map(math.isnan, slopes))


def test_a_seed_can_be_a_value() -> None:
    """With a Value as seed the gradient is a Value, and linear in the seed."""
    x, seed = Value(3.0), Value(2.0)
    (x**3).backward(seed=seed)
    slope = x.grad
    assert slope.data == 54.0
    assert gradients(slope, [seed]) == [27.0]


# -- semantics --------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [Value(0.5), Value(0.5) - 1.0, Value(0.5).tanh()])
@pytest.mark.parametrize("how", [{}, {"create_graph": True}, {"accumulate": "exact"}])
def test_a_seed_of_minus_zero_is_zero_as_in_every_sum_from_zero(
    root: Value, how: dict[str, Any]
) -> None:
    root.backward(seed=-0.0, **how)
    for x in (root, *root.parents):
        grad = getattr(x.grad, "data", x.grad)
        assert math.copysign(1.0, grad) == 1.0


def test_data_changed_before_a_differentiable_sweep_is_an_error_that_names_the_value() -> None:
    """The derivative of x**3 at 2 is 12, whatever x.data is when the sweep comes: never 54."""
    x = Value(2.0, "x")
    y = x * x * x
    x.data = 5.0
    with pytest.raises(RuntimeError, match="data was changed after") as error:
        y.backward(create_graph=True)
    said = ("(multiply) = 8.0", "x = 5.0", "was 2.0", "now be 5.0", "build the graph again")
    assert [part for part in said if part not in str(error.value)] == []
    assert gradients(y, [x]) == [12.0], "a plain sweep keeps to the data of the forward pass"
    x.data = 2.0
    (slope,) = gradients(y, [x], create_graph=True)
    assert (slope.data, gradients(slope, [x])) == (12.0, [12.0])


@given(rational_programs())
def test_two_sweeps_double_the_leaves_and_leave_the_interior(program: Computation) -> None:
    """Leaves accumulate over sweeps; interior Values hold the gradient of the latest one."""
    leaves = program.leaves()
    root = program(*leaves)
    root.backward()
    interior = topological_order(root)
    before, inside = [leaf.grad for leaf in leaves], [node.grad for node in interior]
    root.backward()
    if interior:  # a root that is a leaf accumulates as well
        assert [node.grad for node in interior] == inside
    assert [leaf.grad for leaf in leaves] == [2 * g for g in before]


@given(programs())
def test_interior_gradients_keep_their_bits_when_swept_again(program: Computation) -> None:
    """A second sweep starts the interior from 0: the same bits, whatever the leaves hold."""
    root = program(*program.leaves())
    root.backward()
    inside = [bits(node.grad) for node in topological_order(root)]
    root.backward()
    assert [bits(node.grad) for node in topological_order(root)] == inside


@given(programs())
def test_zero_grad_restores(program: Computation) -> None:
    """After zero_grad on the leaves a sweep gives what the first gave, bit for bit."""
    leaves = program.leaves()
    root = program(*leaves)
    root.backward()
    first = [bits(leaf.grad) for leaf in leaves]
    for leaf in leaves:
        leaf.zero_grad()
        assert leaf.grad == 0
    root.backward()
    assert [bits(leaf.grad) for leaf in leaves] == first


def test_a_sweep_of_one_root_does_not_see_the_grads_of_another() -> None:
    """Interior Values that two roots share start from 0 in each sweep."""
    x = Value(2.0)
    shared = x * x
    for root, slope in ((shared * 3.0, 12.0), (shared * 5.0, 20.0)):
        assert gradients(root, [x]) == [slope]
    assert shared.grad == 5.0


def test_an_unreached_leaf_stays_zero() -> None:
    """Nothing is written to a leaf, or to an interior Value, that the root does not depend on."""
    x, stranger = Value(2.0), Value(3.0)
    aside = stranger * x
    (x * x).backward()
    assert (stranger.grad, aside.grad) == (0, 0)


def test_a_root_that_is_a_leaf() -> None:
    """The derivative of x by itself is the seed, and it accumulates."""
    x = Value(2.0)
    x.backward()
    assert x.grad == 1.0
    x.backward(seed=4.0)
    assert x.grad == 5.0


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: x * x, 6.0),
        (lambda x: x + x, 2.0),
        (lambda x: x - x, 0.0),
        (lambda x: x / x, 0.0),
        (lambda x: x * x * x, 27.0),
        (lambda x: ag.sum([x, x, x]), 3.0),
        (lambda x: ag.prod([x, x, x]), 27.0),
        (lambda x: ag.dot([x, x], [x, x], x), 13.0),
        (lambda x: ag.dot([x, x, Value(1.0)], [1.0, 1.0, -2.0]), 2.0),
        (lambda x: ag.maximum(x, x), 1.0),
    ],
)
def test_the_same_parent_more_than_once(f: Callable[[Value], Value], slope: float) -> None:
    """Every use of a Value counts, also within one operation."""
    x = Value(3.0)
    f(x).backward()
    assert x.grad == slope


def test_a_leaf_used_early_and_late() -> None:
    """A leaf collects from the first operation and from the last one of a long chain."""
    x = Value(3.0)
    h = x * 1.0
    for _ in range(1000):
        h = h + 1.0
    (h * x).backward()
    assert x.grad == 1003.0 + 3.0


@given(programs())
def test_topological_order(program: Computation) -> None:
    """Every interior Value once, after its parents, and the root last; no leaf."""
    root = program(*program.leaves())
    order = topological_order(root)
    place = {id(node): i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert set(place) == {id(node) for node in edges_into(root) if node.parents}
    for i, node in enumerate(order):
        assert all(place[id(parent)] < i for parent in node.parents if parent.parents)
    assert order == [] if not root.parents else order[-1] is root


# -- size -------------------------------------------------------------------------------------


@pytest.fixture
def shallow_stack() -> Iterator[None]:
    """Leave room for about a hundred more frames."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 100)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("shallow_stack")
def test_a_chain_of_a_million_nodes() -> None:
    """A deep chain is built, swept and freed without recursion, and its gradients are exact."""
    count, step = 500_000, 2.0**-20
    h0, w, b = Value(1.0), Value(1.0), Value(step)
    references = sys.getrefcount(w)
    with collector_paused():
        h = h0
        for _ in range(count):
            h = h * w + b
        h.backward()
        assert h.data == 1 + count * step
        # With w = 1: dh/dw is the sum of all earlier h = 1 + i step, in which no bit is rounded.
        by_w = count + step * (count * (count - 1) // 2)
        assert (h0.grad, w.grad, b.grad) == (1.0, by_w, count)
        del h
    assert sys.getrefcount(w) == references


@pytest.mark.usefixtures("shallow_stack")
def test_wide_fans() -> None:
    """A leaf used 10,000 times collects every use, in a chain of sums and in one node."""
    x = Value(1.5)
    chain = reduce(operator.add, [x * float(i) for i in range(10_000)])
    assert gradients(chain, [x]) == [49_995_000.0]
    assert gradients(ag.sum([x] * 10_000), [x]) == [10_000.0]


@pytest.mark.usefixtures("shallow_stack")
@pytest.mark.parametrize("floors", [200, 1000])
def test_a_tower_of_diamonds_has_two_to_the_n_paths(floors: int) -> None:
    """Each node is swept once, however many paths lead through it."""
    x = Value(1.0)
    top = reduce(lambda h, _: 0.5 * h + 1.5 * h, range(floors), x)
    assert len(topological_order(top)) == 3 * floors
    assert gradients(top, [x]) == [2.0**floors]


# -- accumulation -----------------------------------------------------------------------------


def test_exact_accumulation_does_not_depend_on_the_order() -> None:
    """Every permutation of the uses gives the same bits, those of the correctly rounded sum."""
    weights = [1e16, 1.0, -1e16, 0.1, 3.0, 2.0**-60]
    truth = float(sum(map(Fraction, weights)))
    plain = set()
    for order in itertools.permutations(weights):
        x = Value(1.0)
        y = reduce(operator.add, [x * w for w in order])
        plain.add(bits(*gradients(y, [x])))
        assert bits(*gradients(y, [x], accumulate="exact")) == bits(truth)
    assert len(plain) > 1, "these weights show nothing: plain accumulation agrees as well"


@given(programs(), floats("plain"))
def test_exact_accumulation_rounds_each_sum_once(program: Computation, seed: float) -> None:
    """An adjoint is the correctly rounded sum of the rounded products partial * adjoint."""
    root = program(*program.leaves())
    root.backward(seed=seed, accumulate="exact")
    uses = edges_into(root)
    known = {root: seed}

    def adjoint(node: Value) -> float:
        if node not in known:
            terms = [Fraction(partial * adjoint(user)) for user, partial in uses[node]]
            known[node] = float(sum(terms, Fraction(0)))
        return known[node]

    assert all(node.grad == adjoint(node) for node in uses)


COMMUTATIVE = ("add", "multiply", "maximum", "minimum", "sum", "max", "min")


@given(programs())
def test_exact_accumulation_ignores_the_order_of_operands(program: Computation) -> None:
    """Turning round the operands of commutative operations changes no bit of a gradient."""
    turned = tuple(
        Operation(x.row, x.operands[::-1]) if x.row in COMMUTATIVE else x
        for x in program.operations
    )
    other = swept(Computation(program.inputs, turned), accumulate="exact")
    assert [*map(bits, swept(program, accumulate="exact"))] == [*map(bits, other)]


def test_exact_accumulation_adds_to_what_the_leaf_holds() -> None:
    """The grad that a leaf already has is one more term of its sum."""
    x = Value(1.0)
    x.grad = 1e16
    (x * 1.0 + x * -1e16).backward(accumulate="exact")
    assert x.grad == 1.0


def test_an_unknown_accumulation_is_refused() -> None:
    """A misspelt way of accumulating is named, not ignored."""
    with pytest.raises(ValueError, match="kahan"):
        Value(1.0).backward(accumulate="kahan")


# -- local partials ---------------------------------------------------------------------------

TRUE_NAME = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "negative": "neg", "positive": "pos",
    "floor_divide": "floordiv", "remainder": "mod",
}  # fmt: skip
POLES: dict[str, Callable[..., bool]] = {
    "gamma": lambda x: x <= 0 and x.is_integer(),
    "lgamma": lambda x: x <= 0 and x.is_integer(),
    "digamma": lambda x: x <= 0 and x.is_integer(),
    "remainder": lambda x, y: y == 0,
    "fmod": lambda x, y: y == 0,
}
MEASURED = tuple(x for x in FLOAT_ROWS if TRUE_NAME.get(x, x) in TRUTH and x != "where")


def never(*xs: float) -> bool:
    """A row without poles."""
    return False


def plain_operands(node: Value) -> list[float]:
    """The floats that a node was computed from, literals included."""
    return [float(number(x)) for x in node.operands]


FEWER = hypothesis.settings(max_examples=hypothesis.settings().max_examples // 5)


def hold_to_four_ulp(program: Computation) -> None:
    """Compare each recorded partial with the truth at the floats that its node met."""
    for node in topological_order(program(*program.leaves())):
        assert node.op is not None
        xs = plain_operands(node)
        if not all(map(math.isfinite, xs)) or "-0x0.0p+0" in map(bits, xs):
            continue  # mpmath has no -0; the infinities are in the tables of edges
        if POLES.get(node.op.name, never)(*xs):
            continue  # what a pole answers is a convention: the tables of edges again
        truth = TRUTH[TRUE_NAME.get(node.op.name, node.op.name)]
        places = [i for i, x in enumerate(node.operands) if isinstance(x, Value)]
        for i, partial in zip(places, node.partials, strict=True):
            assert truth.partial_ulps(partial, i, *xs) <= 4, (node.op.name, i, xs, partial)


@given(programs(rows=MEASURED, inputs=FINITE, literals=FINITE, moderate=False, max_length=6))
def test_local_partials_are_within_four_ulp(program: Computation) -> None:
    """A partial is within 4 ULP of the truth, whatever the operations before have left."""
    hold_to_four_ulp(program)


@pytest.mark.parametrize("name", MEASURED)
@FEWER
@given(st.data())
def test_local_partials_of_each_row(name: str, data: st.DataObject) -> None:
    """The same for each row in turn, also at its own kinks and at the ends of its domain."""
    points = breakpoints(name)
    numbers = FINITE | near(points) if points else FINITE
    drawn = programs(rows=(name,), inputs=numbers, literals=numbers, moderate=False, max_length=4)
    hold_to_four_ulp(data.draw(drawn, label="program"))


@pytest.mark.parametrize("name", MEASURED)
@FEWER
@given(st.data())
def test_partials_of_mpf_have_all_their_digits(name: str, data: st.DataObject) -> None:
    """At 50 digits the constants and rules are exact to 1e-40 of the largest partial."""
    program = data.draw(programs(rows=(name,), max_length=1), label="program")
    with mpmath.workdps(50):
        root = program(*[Value(mpmath.mpf(x)) for x in program.inputs])
        assert root.op is not None
        oracle = TRUTH[TRUE_NAME.get(root.op.name, root.op.name)]
        assert oracle.partials is not None
        truth = oracle.partials(*[mpmath.mpf(number(x)) for x in root.operands])
        limit = mpmath.mpf("1e-40") * max(1, *map(abs, truth))
        places = [i for i, x in enumerate(root.operands) if isinstance(x, Value)]
        for i, partial in zip(places, root.partials, strict=True):
            assert abs(partial - truth[i]) <= limit


# The operands in which a row is linear: the partial does not look at them.
LINEAR = {
    "add": (0, 1), "subtract": (0, 1), "multiply": (0, 1), "divide": (0,), "remainder": (0,),
    "fmod": (0,), "copysign": (1,),  # of the other only the sign counts, which a nan has too
    "negative": (0,), "positive": (0,), "conjugate": (0,), "deg2rad": (0,), "rad2deg": (0,),
    "where": (1, 2),
    "leaky_relu": (1,), "elu": (1,), "heaviside": (1,), "sum": (0, 1, 2), "mean": (0, 1, 2),
    "prod": (0, 1, 2), "dot": (0, 1, 2),
}  # fmt: skip


@given(programs(inputs=WILD, literals=WILD, moderate=False))
def test_a_nan_gets_a_nan_gradient(program: Computation) -> None:
    """Where a nan operand makes a result nan, its partial is nan too, never a confident 0."""
    for node in topological_order(program(*program.leaves())):
        assert node.op is not None
        places = [i for i, x in enumerate(node.operands) if isinstance(x, Value)]
        for i, x, partial in zip(places, node.parents, node.partials, strict=True):
            confident = math.isnan(node.data) and math.isnan(x.data) and not math.isnan(partial)
            assert not confident or i in LINEAR.get(node.op.name, ()), (node.op, i, partial)


@pytest.mark.parametrize(
    ("inputs", "slopes"),
    [
        ([2.0, -3.0, 0.0], [0.0, 0.0, 0.0]),
        ([1e308, 1e308, 1e308], [0.0, 0.0, 0.0]),
        ([2.0, math.inf, -math.inf], [0.0, math.nan, math.nan]),
        ([2.0, math.inf, 3.0], [0.0, math.nan, 0.0]),
        ([2.0, math.nan, 3.0], [0.0, math.nan, 0.0]),
    ],
)
def test_what_flows_from_a_unit_that_is_off(inputs: list[float], slopes: list[float]) -> None:
    """An adjoint of 0 passes on 0 times each partial: 0, but nan where that is inf or nan."""
    ws, xs = [[Value(w) for w in numbers] for numbers in (inputs[::-1], inputs)]
    for seed in (0.0, -0.0):
        assert gradients(ag.dot(ws, xs), ws, seed=seed) == pytest.approx(slopes, nan_ok=True)
        assert [x.grad for x in xs] == pytest.approx(slopes[::-1], nan_ok=True)
    ws[0].grad = 5.0
    ag.dot(ws, xs).backward(seed=0.0)
    assert ws[0].grad == 5.0


@pytest.mark.parametrize("name", FLOAT_ROWS)
def test_every_row_passes_nan_on(name: str) -> None:
    """A nan in any one operand gives a nan result and a nan gradient, or the result ignores it."""
    row = TABLE[name]
    arity = row.arity or 3
    for i in set(range(arity)) - set(LINEAR.get(name, ())):
        leaves = [Value(math.nan if i == j else 0.5) for j in range(arity)]
        root = row(leaves) if row.arity is None else row(*leaves)
        slope = gradients(root, leaves)[i]
        assert math.isnan(slope) if math.isnan(root.data) else slope == 0.0, (i, root, slope)


# -- threads, blocks and the collector --------------------------------------------------------


def run_together(*tasks: Callable[[], None]) -> None:
    """Run tasks in threads of their own that start at once; raise what any of them raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        start.wait(timeout=10)
        try:
            task()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    finally:
        sys.setswitchinterval(interval)
    if failures:
        raise failures[0]


def test_threads_sweep_graphs_of_their_own() -> None:
    """Two threads that build and sweep at once get the gradients that each would get alone."""

    def task(slope: float) -> Callable[[], None]:
        def work() -> None:
            for _ in range(200):
                x, w = Value(1.0), Value(slope)
                h = x
                for _ in range(20):
                    h = h * w + x
                h.backward()
                assert x.grad == sum(slope**i for i in range(21))

        return work

    run_together(task(2.0), task(3.0))


def test_no_grad_holds_for_one_thread_only() -> None:
    """While one thread is inside no_grad, another one records its graph."""
    inside, finished = threading.Event(), threading.Event()

    def quiet() -> None:
        with no_grad():
            inside.set()
            assert finished.wait(timeout=10)
            assert not is_grad_enabled()
            assert (Value(2.0) * 3.0).parents == ()

    def recording() -> None:
        assert inside.wait(timeout=10)
        try:
            assert is_grad_enabled()
            x = Value(2.0)
            for f in (lambda: x * x, lambda: 3.0 * x, lambda: ag.exp(x), lambda: ag.sum([x, x])):
                assert any(parent is x for parent in f().parents)
            assert gradients(x * x + ag.dot([x], [x], x), [x]) == [9.0]
        finally:
            finished.set()

    run_together(quiet, recording)


def test_no_grad_nests_and_ends_with_its_block() -> None:
    """The innermost block restores the outer one, also when an exception leaves it."""
    x = Value(2.0)
    with no_grad():
        with pytest.raises(KeyError), no_grad():
            raise KeyError
        assert not (x * x).parents
    assert [parent is x for parent in (x * x).parents] == [True, True]


@pytest.mark.parametrize("enabled", [True, False])
def test_collector_paused_nests_and_restores(enabled: bool) -> None:
    """The collector is off until the last block ends, and then as it was before the first."""
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with collector_paused():
            with pytest.raises(KeyError), collector_paused():
                raise KeyError
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        gc.enable() if before else gc.disable()


# -- the generator ----------------------------------------------------------------------------


@given(programs() | rational_programs() | programs(inputs=WILD, literals=WILD, moderate=False))
def test_a_printed_program_runs_and_gives_the_same_gradients(program: Computation) -> None:
    """What a failure prints is Python that shows it."""
    printed: list[Any] = []
    exec(program.to_python(), {"print": lambda *xs: printed.extend(xs)})
    assert [*map(bits, printed)] == [*map(bits, swept(program))]


@given(programs())
def test_values_compute_what_plain_numbers_do(program: Computation) -> None:
    """A program gives the same bits for floats and for Values of them, and so for mpf."""
    assert [*map(bits, program.results())] == [*map(bits, program.results(program.leaves()))]
    with mpmath.workdps(30):
        plain = program.results([mpmath.mpf(x) for x in program.inputs])
        recorded = program.results([Value(mpmath.mpf(x)) for x in program.inputs])
        assert plain == [*map(number, recorded)]


@pytest.mark.parametrize("name", FLOAT_ROWS)
def test_every_row_is_offered(name: str) -> None:
    """No row is shut out of the moderate float programs by what counts as legal, and each has a
    meaning for mpf, which is near the one for floats.
    """
    found = offered(name, programs(rows=(name,), max_length=1))
    (near,) = found.results([mpmath.mpf(x) for x in found.inputs])[len(found.inputs) :]
    assert float(near) == pytest.approx(found.results()[-1], rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", RATIONAL_ROWS)
def test_every_rational_row_is_offered(name: str) -> None:
    """No row is shut out of the rational programs by what counts as legal."""
    offered(name, rational_programs(rows=(name,), max_length=1))


def offered(name: str, strategy: st.SearchStrategy[Computation]) -> Computation:
    """Return a program in which a row occurs."""
    phases = [hypothesis.Phase.generate]  # the first that is found will do
    search = hypothesis.settings(phases=phases, database=None, max_examples=2000)
    return hypothesis.find(
        strategy, lambda p: any(x.row == name for x in p.operations), settings=search
    )


def test_results_are_shared() -> None:
    """Among drawn programs, at least one in five uses an interior result more than once."""
    shared = total = 0

    @hypothesis.settings(max_examples=100, database=None, derandomize=True)
    @given(programs())
    def count(program: Computation) -> None:
        nonlocal shared, total
        uses = edges_into(program(*program.leaves()))
        shared += any(len(users) > 1 for node, users in uses.items() if node.parents)
        total += 1

    count()
    assert shared >= total / 5
