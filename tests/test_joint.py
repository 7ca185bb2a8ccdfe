"""Gradients of functions of many operands: one node with several outputs, of linear size."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import random
import sys
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, checkpoint, detect_anomaly, draw, grad, hessian, hvp, jvp, root, step
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.graph.order import topological_order

INF, NAN = math.inf, math.nan
CURVED = {  # the functions, and their gradients as rows
    rules.norm: rules.direction,
    rules.prod: rules.cofactor,
    rules.logsumexp: rules.share,
}
N_ARY = [row for name, row in rules.TABLE.items() if row.arity is None and name in rules.PUBLIC]
GRADIENTS = [*CURVED.values(), rules.max_share]


def by_name(row: Primitive) -> str:
    return row.name


def operands(n: int, seed: int = 0) -> tuple[list[float], list[float]]:
    """n operands, and as many components of a vector."""
    rng = random.Random(seed)
    return [rng.uniform(0.5, 2) for _ in range(n)], [rng.gauss(0, 1) for _ in range(n)]


# ---------------------------------------------------------------- what it costs


def slots(roots: Sequence[Any]) -> int:
    """How many operands the nodes below some Values have."""
    nodes = {n for y in roots if isinstance(y, Value) for n in topological_order(y)}
    return sum(len(node.operands) for node in nodes)


@pytest.mark.parametrize("row", [*N_ARY, rules.dot], ids=by_name)
def test_a_gradient_that_can_be_differentiated_has_linear_slots(row):
    """4,288 slots were those of the gradient of a logsumexp of 64."""

    def written(n: int) -> int:
        xs = [Value(x) for x in operands(n)[0]]
        row(xs).backward(create_graph=True)
        return slots([x.grad for x in xs])

    assert written(129) <= 8 * 129
    assert written(129) - written(65) == 2 * (written(65) - written(33))


def calls(f: Callable[[], object]) -> int:
    """How many functions are called, Python's own included: time that no clock is asked for."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        f()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("row", N_ARY, ids=by_name)
def test_a_product_with_the_hessian_takes_linear_time(row):
    def forward(n: int) -> int:
        return calls(lambda: hvp(row, *operands(n)))

    def backward(n: int) -> int:
        xs, v = operands(n)
        return calls(lambda: grad(lambda xs: ag.dot(grad(row)(xs), v))(xs))

    for work in (forward, backward):
        work(80)  # what is made once for all
        assert work(80) <= 2.2 * work(40)


def test_a_softmax_of_infinities_has_linear_slots():
    n = 40
    assert slots(ag.softmax([Value(INF), *(Value(0.0) for _ in range(n - 1))])) == 2 * n


# ---------------------------------------------------------------- the product of matrix and vector


def exact_product(row: Primitive, xs: Sequence[float], v: Sequence[float]) -> tuple[list, list]:
    """The second derivatives times a vector in mpmath, and the sums of the sizes of the terms."""
    xs, v = [mpf(x) for x in xs], [mpf(x) for x in v]
    places = range(len(xs))
    if row is rules.direction:
        norm = mp.sqrt(sum(x * x for x in xs))
        inner = mp.fdot(xs, v)
        return [(b * norm**2 - a * inner) / norm**3 for a, b in zip(xs, v, strict=True)], [0] * len(
            xs
        )
    if row is rules.cofactor:
        terms = [
            [v[i] * mp.fprod(xs[j] for j in places if j not in (i, k)) for i in places if i != k]
            for k in places
        ]
    else:
        es = [mp.exp(x - max(xs)) for x in xs]
        s = [e / sum(es) for e in es]
        terms = [[s[k] * s[i] * (v[k] - v[i]) for i in places] for k in places]
    return [mp.fsum(t) for t in terms], [mp.fsum(map(abs, t)) for t in terms]


def anywhere(rng: random.Random) -> float:
    return rng.choice((-1, 1)) * rng.choice((rng.gauss(0, 1), 10 ** rng.uniform(-300, 300)))


@pytest.mark.parametrize(
    ("row", "units"),  # of half a last place of the largest term; the first is rounded once
    [(rules.direction, 1.001), (rules.cofactor, 16), (rules.share, 16)],
    ids=["direction", "cofactor", "share"],
)
def test_products_with_second_derivatives_are_accurate(row, units):
    """At operands of any size, for unit vectors, which give the elements, and for others."""
    rng = random.Random(row.name)
    for _ in range(120):
        n = rng.randint(3, 7)
        if row is rules.share:
            xs = [rng.choice((rng.gauss(0, 1), rng.uniform(-700, 700))) for _ in range(n)]
            v = {i: rng.gauss(0, 1) for i in range(n)}
        else:
            xs = [anywhere(rng) for _ in range(n)]
            v = {i: rng.choice((rng.gauss(0, 1), anywhere(rng))) for i in range(n)}
        for vector in (v, {rng.randrange(n): 1.0}):
            with mp.workprec(5000):
                truth, sizes = exact_product(row, xs, [vector.get(i, 0.0) for i in range(n)])
            for got, true, size in zip(row.product(xs, vector), truth, sizes, strict=True):
                if abs(true) > mpf(2) ** 1023:
                    assert abs(got) > 2.0**1022
                    assert (got > 0) == (true > 0)
                    continue
                unit = max(abs(true), size, mpf(2) ** -1022) * mpf(2) ** -53
                assert abs(got - true) <= units * unit, (xs, vector)


SPECIAL = (0.0, -0.0, 1.0, -2.0, 5e-324, 1e300, INF, -INF, NAN)


@pytest.mark.parametrize("row", GRADIENTS, ids=by_name)
def test_the_product_with_a_unit_vector_is_a_row_of_second_derivatives(row):
    """At zeros, at infinities and at nan too."""
    for xs in itertools.product(SPECIAL, repeat=3):
        for i in range(3):
            elements = [float(x) for x in row.partials(i, *xs, out=row(i, *xs))[1:]]
            product = row.product(xs, {i: 1.0})
            assert list(product) == pytest.approx(elements, rel=1e-14, abs=1e-323, nan_ok=True)


@pytest.mark.parametrize("n", [1, 2, 3, 6])
@pytest.mark.parametrize("row", [*CURVED, rules.max, rules.min], ids=by_name)
def test_every_route_to_a_product_with_the_hessian(row, n):
    xs, v = operands(n, seed=n)
    exact = exact_product(CURVED[row], xs, v)[0] if row in CURVED else [0.0] * n
    by_rows = [math.fsum(map(math.prod, zip(line, v, strict=True))) for line in hessian(row)(xs)]
    for got in (
        by_rows,
        hvp(row, xs, v),
        grad(lambda xs: ag.dot(grad(row)(xs), v))(xs),
        jvp(checkpoint(grad(row)), (xs,), (v,))[1],
    ):
        assert got == pytest.approx([float(x) for x in exact], rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("row", CURVED, ids=by_name)
def test_a_vector_that_moves_is_differentiated_too(row):
    """d/dt of v(t) H(x(t)) v(t), by differences of mpmath's."""

    def form(t: Any) -> Any:
        xs, v = [0.5 + t, 1.25 * t, 2 - t * t, 0.75], [t, t * t, 1 - t, 2 * t]
        if isinstance(t, mpf):
            return mp.fdot(v, exact_product(CURVED[row], xs, v)[0])
        return ag.dot(v, hvp(row, xs, v))

    with mp.workdps(40):
        slope, bend = (mp.diff(form, mpf("0.625"), n) for n in (1, 2))
    assert grad(form)(0.625) == pytest.approx(float(slope), rel=1e-12)
    assert grad(grad(form))(0.625) == pytest.approx(float(bend), rel=1e-11)


def test_repeated_operands_and_literals_have_their_places():
    """x**3 y 5 as a product of five operands."""

    def product(p: Sequence[Any]) -> Any:
        x, y = p
        return ag.prod([x, x, 5, y, x])

    assert hessian(product)([2.0, 3.0]) == [[180.0, 60.0], [60.0, 0.0]]
    assert hvp(product, [2.0, 3.0], [1.0, -1.0]) == [120.0, 60.0]


# ---------------------------------------------------------------- numbers beside float


@pytest.mark.parametrize("row", CURVED, ids=by_name)
@pytest.mark.parametrize("kind", [mpf, complex], ids=["mpf", "complex"])
def test_other_numbers_have_the_product_at_their_own_precision(row, kind):
    xs, v = operands(5)
    with mp.workdps(60):
        truth, _ = exact_product(CURVED[row], xs, v)
        found = hvp(row, [*map(kind, xs)], [*map(kind, v)])
        tolerance = mpf(10) ** (-55 if kind is mpf else -14)
        for got, true in zip(found, truth, strict=True):
            assert type(got) is kind
            assert abs(mp.mpmathify(got) - true) <= tolerance


def test_fractions_stay_exact():
    """The product of n fractions, by its definition: the sum of what is left of the others."""
    rng = random.Random(1)
    xs, v = ([Fraction(rng.randint(-9, 9), rng.randint(1, 9)) for _ in range(6)] for _ in range(2))
    xs[2] = Fraction(0)
    places = range(6)
    expected = [
        sum(v[i] * math.prod(xs[j] for j in places if j not in (i, k)) for i in places if i != k)
        for k in places
    ]
    assert hvp(ag.prod, xs, v) == expected


# ---------------------------------------------------------------- in company


def gradient_of_a_norm() -> tuple[list[Value], Value]:
    """The operands 1, 2, 2 of a norm, and its derivative by the first; H e0 is (8, -2, -2)/27."""
    xs = [Value(x) for x in (1.0, 2.0, 2.0)]
    ag.norm(xs).backward(create_graph=True)
    first = xs[0].grad
    for x in xs:
        x.zero_grad()
    return xs, first


ROW = [8 / 27, -2 / 27, -2 / 27]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
@pytest.mark.parametrize("create_graph", [False, True])
def test_copies_and_pickles_can_be_swept(copied, create_graph):
    xs, first = copied(gradient_of_a_norm())
    first.backward(create_graph=create_graph)
    assert [getattr(x.grad, "data", x.grad) for x in xs] == pytest.approx(ROW, rel=1e-15)


def test_data_that_was_changed_is_refused():
    xs, first = gradient_of_a_norm()
    xs[1].data = 5.0
    with pytest.raises(RuntimeError, match=r"an operand was 2\.0 and would now be 5\.0"):
        first.backward(create_graph=True)


def test_a_plain_sweep_is_that_of_the_data_at_the_time():
    xs, first = gradient_of_a_norm()
    xs[1].data = 5.0
    first.backward()
    assert [x.grad for x in xs] == pytest.approx(ROW, rel=1e-15)


def test_a_sweep_by_hand_meets_vectors_as_numbers():
    """micrograd's loop, which prints as it goes."""
    xs, first = gradient_of_a_norm()
    first.grad = 1.0
    lines = []
    for node in reversed(topological_order(first)):
        lines.append(f"{node.op.name} {node.grad:.3f}")
        node._backward()
    assert lines == ["multiply 1.000", "output 1.000", "directions 1.0 e0"]
    assert [x.grad for x in xs] == pytest.approx(ROW, rel=1e-15)
    for node in reversed(topological_order(first)):  # without zeros they pile up, as there
        node._backward()
    assert [x.grad for x in xs] == pytest.approx([4 * x for x in ROW], rel=1e-15)


def test_a_graph_is_swept_again_and_leaves_accumulate():
    xs, first = gradient_of_a_norm()
    for times in (1, 2, 3):
        first.backward()
        assert [x.grad for x in xs] == pytest.approx([times * x for x in ROW], rel=1e-15)


def test_sweeps_in_threads_do_not_meet():
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(hvp(ag.norm, [1.0, 2.0, 2.0], [1.0, 0.0, 0.0]))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert found == [found[0]] * 4
    assert found[0] == pytest.approx(ROW, rel=1e-15)


def test_a_subclass_keeps_its_type():
    class Mine(Value):
        pass

    xs = [Mine(1.0), Value(2.0), Value(2.0)]
    ag.norm(xs).backward(create_graph=True)
    assert all(type(node) is Mine for node in topological_order(xs[1].grad))


def test_an_equation_of_a_gradient_has_a_solution_with_derivatives():
    """x / |(x, 1, 2)| = a: x = a sqrt(5 / (1 - a**2)), of slope sqrt(5) (1 - a**2)**(-3/2)."""

    def solution(a: Any) -> Any:
        return root(lambda x: grad(ag.norm)([x, 1.0, 2.0])[0] - a, 1.0)

    assert solution(0.6).data == pytest.approx(0.75 * math.sqrt(5), rel=1e-15)
    assert grad(solution)(0.6) == pytest.approx(math.sqrt(5) / 0.8**3, rel=1e-14)
    assert grad(grad(solution))(0.6) == pytest.approx(1.8 * math.sqrt(5) / 0.8**5, rel=1e-13)


def test_an_anomaly_behind_several_outputs_is_blamed_on_its_node():
    slope = grad(lambda xs: grad(ag.norm)(xs)[0])
    with detect_anomaly(), pytest.raises(ag.AnomalyError, match="backward sweep of directions"):
        slope([0.0, 0.0, 0.0])


def test_a_drawing_and_the_steps_show_units_and_columns():
    xs, first = gradient_of_a_norm()
    for x, label in zip(xs, "xyz", strict=True):
        x.label = label
    drawn = draw(first, show=("data", "local")).to_mermaid()
    assert '|"J e1"|' in drawn
    assert '|"e0"|' in drawn
    lines = str(step(first)).splitlines()
    assert "  dv3/dx += dv3/dv1 * ∂v1/∂x = 1.0 e0 * J e0 = 0.2963" in lines
