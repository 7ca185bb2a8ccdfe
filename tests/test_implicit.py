"""Values defined by equations: fixed_point (recurrent backpropagation) and root."""

import math
import random

import mpmath
import pytest

import autograd
from autograd import ConvergenceError, Value, cos, fixed_point, grad, hessian, root, tanh


def settled(w):
    return fixed_point(lambda x, w: tanh(w * x + 0.3), 0.0, w)


def test_published_derivatives_of_fixed_points():
    """x = cos(a x) at a = 1, and x = tanh(w x + 0.3) at w = 0.5."""
    assert grad(lambda a: fixed_point(lambda x: cos(a * x), 0.5))(1.0) == pytest.approx(
        -0.297474341509832, rel=1e-14
    )
    assert grad(settled)(0.5) == pytest.approx(0.5999315006234137, rel=1e-14)


def test_parameters_may_be_passed_or_captured():
    w = Value(0.5)
    passed = settled(w)
    captured = fixed_point(lambda x: tanh(w * x + 0.3), 0.0)
    passed.backward()
    by_passed, w.grad = w.grad, 0
    captured.backward()
    assert w.grad == by_passed


def test_higher_derivatives_of_a_fixed_point():
    with mpmath.workdps(40):

        def exact(w):
            return mpmath.findroot(lambda x: mpmath.tanh(w * x + mpmath.mpf("0.3")) - x, 0.5)

        second, third = (float(mpmath.diff(exact, mpmath.mpf("0.5"), n)) for n in (2, 3))
    assert grad(grad(settled))(0.5) == pytest.approx(second, rel=1e-10)
    assert grad(grad(grad(settled)))(0.5) == pytest.approx(third, rel=1e-9)


def network(rng, n, radius):
    """Weights of a recurrent net whose Jacobian is at most `radius` in norm."""
    weights = [[rng.uniform(-1, 1) for _ in range(n)] for _ in range(n)]
    scale = radius / math.sqrt(sum(w * w for row in weights for w in row))
    return [[w * scale for w in row] for row in weights]


def test_recurrent_backpropagation_is_the_limit_of_unrolling():
    """x = tanh(W x + I): the gradient by W equals that of 200 unrolled steps."""
    weights = network(random.Random(1), 3, 0.7)
    inputs = [0.1, -0.4, 0.3]

    def step(x, w):
        return [tanh(autograd.dot(row, x, i)) for row, i in zip(w, inputs, strict=True)]

    def unrolled(w):
        x = [0.0] * 3
        for _ in range(200):
            x = step(x, w)
        return autograd.sum([a * a for a in x])

    def relaxed(w):
        return autograd.sum([a * a for a in fixed_point(step, [0.0] * 3, w)])

    for by_relaxing, by_unrolling in zip(
        grad(relaxed)(weights), grad(unrolled)(weights), strict=True
    ):
        assert by_relaxing == pytest.approx(by_unrolling, rel=1e-12)


def test_root_solves_and_differentiates_systems():
    """x + y = s, x y = p: the roots of z**2 - s z + p move as Vieta's formulas say."""

    def solve(s, p):
        return root(lambda z: [z[0] + z[1] - s, z[0] * z[1] - p], [3.0, 1.0])

    x, y = 3.0, 2.0
    found = solve(5.0, 6.0)
    assert [z.data for z in found] == pytest.approx([x, y], rel=1e-15)
    by_s, by_p = grad(lambda s, p: solve(s, p)[0], (0, 1))(5.0, 6.0)
    assert (by_s, by_p) == (pytest.approx(x / (x - y)), pytest.approx(-1 / (x - y)))


def test_the_second_derivative_of_a_square_root_by_newton():
    h = hessian(lambda a: root(lambda x: x * x - a, 1.0))(4.0)
    assert h == pytest.approx(-0.25 * 4**-1.5, rel=1e-12)


def test_structures_are_kept_and_nothing_flows_to_the_start():
    start, a = Value(0.5), Value(2.0)
    solution = fixed_point(lambda x, a: {"x": cos(x["x"]) / a}, {"x": start}, a)
    solution["x"].backward()
    assert start.grad == 0
    assert a.grad != 0


@pytest.mark.parametrize("f", [lambda x: 2 * x + 1, lambda x: -x + 1, lambda x: x * x + 1])
def test_what_is_no_contraction_is_an_error_and_no_endless_loop(f):
    with pytest.raises(ConvergenceError, match="no contraction"):
        fixed_point(f, 0.3)


def test_misuse_of_root_and_fixed_point():
    with pytest.raises(ConvergenceError, match="singular"):
        root(lambda x: x * 0.0 + 1.0, 1.0)
    with pytest.raises(ConvergenceError, match="did not settle"):
        root(lambda x: x * x + 1.0, 0.5)
    with pytest.raises(ValueError, match="gives 1 numbers for an x of 2"):
        root(lambda x: [x[0]], [1.0, 2.0])
    with pytest.raises(TypeError, match="x0 has to be a number"):
        root(lambda x: x, None)
