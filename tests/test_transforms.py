"""Functions from functions: their structures, their order, their laws."""

from __future__ import annotations

import cmath
import math
import threading
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import (
    Value,
    grad,
    hessian,
    hvp,
    is_grad_enabled,
    jacobian,
    jvp,
    no_grad,
    record,
    value_and_grad,
    vjp,
)
from autograd.graph.order import topological_order
from autograd.testing.computation import Computation
from autograd.testing.strategies import ARITHMETIC, FRACTIONS, floats, programs, rational_programs
from autograd.transforms.trees import flatten

Point = namedtuple("Point", "x y")
UNIT = Fraction(1, 2**53)  # the rounding error of one float operation, relative
SMOOTH_RATIONAL = (*ARITHMETIC, "negative", "square", "reciprocal", "sum", "mean", "prod", "dot")


def half_square(tree: Any) -> Any:
    """Half the sum of the squares of all numbers in a tree: its gradient is the tree itself."""
    numbers, _ = flatten(tree)
    return ag.sum([x * x for x in numbers]) / 2


def same(left: Any, right: Any) -> bool:
    """Whether two trees are equal in structure, kinds and numbers."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right)
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[k], right[k]) for k in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


# -- structures -------------------------------------------------------------------------------

TREES = [
    2.0, [1.0, 2.0], (1.0, 2.0), Point(1.0, 2.0), {"b": 1.0, "a": 2.0}, [], {},
    OrderedDict(b=1.0, a=2.0), [[1.0], [2.0, [3.0]], ()], {"w": [Point(1.0, [2.0])], 3: (4.0,)},
    np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array(2.0), np.zeros((2, 0)),
    [np.array([1.0, 2.0]), {"b": np.array([[3.0]])}],
]  # fmt: skip


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_a_gradient_has_the_structure_of_its_argument(tree):
    assert same(grad(half_square)(tree), tree)
    value, gradient = value_and_grad(half_square)(tree)
    assert value == half_square(tree)
    assert same(gradient, tree)
    assert same(vjp(half_square, tree)[1](1.0), (tree,))
    assert same(hvp(half_square, tree, tree), tree), "the Hessian is the identity"


def test_integers_and_numpy_scalars_give_floats():
    for number in (3, np.float64(3), np.float32(3), np.int64(3)):
        assert same(grad(lambda x: x * x)(number), 6.0)
    assert same(grad(half_square)([1, 2]), [1.0, 2.0])
    assert same(grad(half_square)(np.array([1, 2])), np.array([1.0, 2.0]))


def product(x, y, z):
    return x * y * z


def test_an_int_argnums_is_bare_and_a_tuple_gives_a_tuple():
    assert same(grad(product)(2.0, 3.0, 5.0), 15.0)
    assert same(grad(product, 1)(2.0, 3.0, 5.0), 10.0)
    assert same(grad(product, -1)(2.0, 3.0, 5.0), 6.0)
    assert same(grad(product, (1,))(2.0, 3.0, 5.0), (10.0,))
    assert same(grad(product, (2, 0))(2.0, 3.0, 5.0), (6.0, 15.0))
    assert same(value_and_grad(product, (0, 1))(2.0, 3.0, 5.0), (30.0, (15.0, 10.0)))
    assert same(jacobian(lambda x, y: [x * y, y], 1)(2.0, 3.0), [2.0, 1.0])
    assert same(jacobian(lambda x, y: [x * y, y], (0, 1))(2.0, 3.0), [(3.0, 2.0), (0.0, 1.0)])
    assert same(hessian(product, (0, 2))(2.0, 3.0, 5.0), ((0.0, 3.0), (3.0, 0.0)))


def test_the_first_argument_is_meant_unless_another_is_asked_for():
    f = lambda x, y: x * x * y  # noqa: E731
    assert grad(f)(3.0, 5.0) == 30.0
    assert value_and_grad(f)(3.0, 5.0) == (45.0, 30.0)
    assert jacobian(f)(3.0, 5.0) == 30.0
    assert hessian(f)(3.0, 5.0) == 10.0


def test_structures_may_hold_hundreds_of_numbers():
    xs = [float(i) for i in range(300)]
    assert vjp(lambda ys: [y * y for y in ys], xs)[1]([0.5] * 300) == (xs,)
    assert jvp(lambda ys: [y * y for y in ys], (xs,), ([0.5] * 300,))[1] == xs


def test_other_arguments_pass_through_as_they_are():
    def f(x, mode, *, scale):
        assert mode == "text"
        return x * scale[None]

    assert grad(f)(2.0, "text", scale={None: 7.0}) == 7.0
    assert hessian(f)(2.0, "text", scale={None: 7.0}) == 0.0
    assert jacobian(f)(2.0, "text", scale={None: 7.0}) == 7.0


def test_the_function_runs_once_and_keeps_a_name():
    calls = []

    def f(x):
        calls.append(x)
        return x * x

    assert value_and_grad(f)(3.0) == (9.0, 6.0)
    assert len(calls) == 1
    assert [t(f).__name__ for t in (grad, jacobian, hessian)] == [
        "grad of f", "jacobian of f", "hessian of f"
    ]  # fmt: skip


MATRIX = np.array([[1.0, 2.0, 0.5], [-3.0, 0.25, 4.0]])


def test_the_jacobian_of_arrays_has_the_shape_of_the_output_then_of_the_input():
    assert same(jacobian(lambda x: MATRIX @ x)(np.array([1.0, 2.0, 3.0])), MATRIX)
    X = np.array([[1.0, 2.0], [3.0, -4.0]])
    eye = np.eye(2)
    expected = np.einsum("ik,lj->ijkl", eye, X) + np.einsum("ik,jl->ijkl", X, eye)
    assert same(jacobian(lambda X: X @ X)(X), expected)
    assert same(jacobian(lambda x: np.array([x, x * x]))(3.0), np.array([1.0, 6.0]))
    assert same(jacobian(lambda x: [x[0], x[1] * 2])(np.ones(2)), [np.eye(2)[0], 2 * np.eye(2)[1]])


def test_the_jacobian_has_a_gradient_in_place_of_each_number_of_the_output():
    got = jacobian(lambda p: {"s": p["u"] * p["v"][0], "t": (p["u"], 7.0)})({"u": 2.0, "v": [3.0]})
    zero = {"u": 0.0, "v": [0.0]}
    assert same(got, {"s": {"u": 3.0, "v": [2.0]}, "t": ({"u": 1.0, "v": [0.0]}, zero)})


def test_the_hessian_of_a_quadratic_form():
    A = np.array([[1.0, 2.0, 0.5], [-3.0, 0.25, 4.0], [0.0, 1.0, -2.0]])
    got = hessian(lambda x: x @ A @ x)(np.array([0.5, -1.0, 2.0]))
    assert same(got, A + A.T)
    assert hessian(lambda X: np.sum(X * X) * X[0, 0])(np.ones((2, 3))).shape == (2, 3, 2, 3)
    got = hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 3.0, "b": 5.0})
    assert same(got, {"a": {"a": 10.0, "b": 6.0}, "b": {"a": 6.0, "b": 0.0}})


def test_a_pullback_can_be_called_again_and_is_linear():
    value, pullback = vjp(lambda x, ys: {"p": x * ys[0], "q": [ys[1]]}, 2.0, [3.0, 5.0])
    assert same(value, {"p": 6.0, "q": [5.0]})
    assert same(pullback({"p": 1.0, "q": [0.0]}), (3.0, [2.0, 0.0]))
    assert same(pullback({"p": 10.0, "q": [1.0]}), (30.0, [20.0, 1.0]))


def test_an_output_that_occurs_twice_gets_the_sum_of_its_cotangents():
    def f(x):
        y = x * x
        return [y, y, x]

    assert vjp(f, 5.0)[1]([2.0, 3.0, 7.0]) == (57.0,)


def test_jvp_takes_one_tangent_for_each_argument():
    value, tangent = jvp(
        lambda x, d: [x * d["a"], d["b"]], (2.0, {"a": 3.0, "b": 5.0}), (1.0, {"a": 10.0, "b": 0.5})
    )
    assert same(value, [6.0, 5.0])
    assert same(tangent, [23.0, 0.5])
    x, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.0, -1.0])
    assert same(jvp(lambda x: MATRIX @ x, (x,), (v,)), (MATRIX @ x, MATRIX @ v))


# -- what a function may return, and misuse ---------------------------------------------------


def test_a_function_that_does_not_depend_on_its_argument_has_gradient_zero():
    for constant in (7, 7.0, np.float64(7), Fraction(7), Value(7.0)):
        assert same(grad(lambda x, c=constant: c)(2.0), 0.0)
        assert same(jacobian(lambda x, c=constant: [c])(np.ones(2)), [np.zeros(2)])
        assert same(hessian(lambda x, c=constant: c)([1.0]), [[0.0]])
    assert same(jvp(lambda x: [7.0, 7, x], (2.0,), (3.0,))[1], [0.0, 0.0, 3.0])
    assert grad(lambda x: ag.floor(x))(2.5) == 0.0


MISUSES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: grad(lambda x: None)(1.0), TypeError, r"result of <lambda>.*got None"),
    (lambda: grad(lambda x: x > 0)(1.0), TypeError, r"got True \(bool\)"),
    (lambda: grad(lambda x: [x])(1.0), TypeError, r"one number.*jacobian or vjp"),
    (lambda: grad(lambda x: [])(1.0), TypeError, r"one number; <lambda> gives \[\]"),
    (lambda: grad(lambda x: [x, x])(1.0), TypeError, "one number"),
    (lambda: grad(lambda x: np.array([x]))(1.0), TypeError, "one number"),
    (lambda: grad(lambda x: "a")(1.0), TypeError, r"got 'a' \(str\)"),
    (lambda: jacobian(lambda x: [x, None])(1.0), TypeError, "got None"),
    (lambda: grad(lambda x: x)("a"), TypeError, r"argument 0 of <lambda>.*got 'a' \(str\)"),
    (lambda: grad(lambda x, y: x, 1)(1.0, None), TypeError, "argument 1 of <lambda>.*got None"),
    (lambda: grad(lambda x: x)([1.0, True]), TypeError, r"got True \(bool\)"),
    (lambda: grad(lambda x: x)(np.array(["a"])), TypeError, r"got 'a' \(str\)"),
    (lambda: grad(lambda x: x, 1)(1.0), TypeError, "argument 1.*with 1 positional"),
    (lambda: grad(lambda x: x, 2)(1.0), TypeError, "argument 2.*with 1 positional"),
    (lambda: grad(lambda x: x, -2)(1.0), TypeError, "argument -2.*with 1 positional"),
    (lambda: grad(lambda x: x)(x=1.0), TypeError, "with 0 positional"),
    (lambda: grad(lambda x: x, "x")(1.0), TypeError, "argument 'x'"),
    (lambda: grad(Value(1.0)), TypeError, r"function is needed.*backward\(\)"),
    (lambda: jacobian(1.0), TypeError, "function is needed"),
    (lambda: vjp(1.0, 2.0), TypeError, "function is needed"),
    (lambda: jvp(1.0, (2.0,), (1.0,)), TypeError, "function is needed"),
    (lambda: hvp(1.0, 2.0, 1.0), TypeError, "function is needed"),
    (lambda: ag.checkpoint(Value(1.0)), TypeError, r"function is needed.*checkpoint\(f\)\(x\)"),
    (lambda: ag.fixed_point("cos", 0.5), TypeError, r"function is needed, got 'cos' \(str\)"),
    (lambda: ag.root(Value(1.0), 0.5), TypeError, "function is needed"),
    (lambda: ag.chain(3, 0.5, 2), TypeError, r"function is needed, got 3 \(int\).*the step"),
    (lambda: vjp(lambda x: [x, x], 1.0)[1]([1.0]), ValueError, "cotangent has 1.*result.* 2"),
    (lambda: jvp(lambda x: x, 1.0, (1.0,)), TypeError, r"args is a tuple.*got 1.0 \(float\)"),
    (lambda: jvp(lambda x: x, (1.0,), Value(1.0)), TypeError, r"tangents is a tuple.*\(Value\)"),
    (lambda: jvp(lambda x: x, (1.0,), (1.0, 2.0)), ValueError, "tangents has 2.*arguments 1"),
    (lambda: hvp(lambda x: x[0], [1.0, 2.0], [1.0]), ValueError, "1 numbers.* 2"),
    (lambda: jvp(lambda x: x, (1.0,), (None,)), TypeError, "the tangents.*got None"),
]


@pytest.mark.parametrize(("misuse", "error", "message"), MISUSES)
def test_misuse_is_answered_with_what_was_given_and_what_is_needed(misuse, error, message):
    with pytest.raises(error, match=message):
        misuse()


def test_an_exception_in_the_function_passes_through_and_leaves_nothing_behind():
    def fails(x):
        grad(lambda y: y * x)(1.0)
        raise KeyError("mine")

    with no_grad():
        with pytest.raises(KeyError, match="mine"):
            grad(fails)(1.0)
        assert not is_grad_enabled()
    assert type(grad(lambda x: x * x)(3.0)) is float, "the depth of nesting is 0 again"


def test_a_numpy_bool_is_no_number_either():
    with pytest.raises(TypeError, match="bool"):
        grad(lambda x: np.bool_(x > 0))(1.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -1)])
def test_an_argument_that_is_asked_for_twice_gets_its_gradient_twice(argnums):
    assert grad(lambda x: x * x, argnums)(3.0) == (6.0, 6.0)


@pytest.mark.parametrize(
    ("f", "tangent"),
    [(lambda x: x, np.array([1, 0])), (lambda x: np.float64(3.0), np.array([1.0, 0.0]))],
)
def test_tangents_are_floats_whatever_was_given(f, tangent):
    result = jvp(f, (np.ones(2),), (tangent,))[1]
    assert np.asarray(result).dtype == float


# -- nesting ----------------------------------------------------------------------------------


def forward(f, x):
    """The derivative of a function of one number at x, by forward mode."""
    return jvp(f, (x,), (1.0,))[1]


def reverse(f, x):
    """The same by reverse mode."""
    return grad(f)(x)


@pytest.mark.parametrize("outer", [forward, reverse])
@pytest.mark.parametrize("inner", [forward, reverse])
def test_perturbations_are_not_confused(outer, inner):
    """Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005)."""
    assert outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y, 5.0), 3.0) == 6.0
    assert outer(lambda x: x * inner(lambda y: x * y, x), 3.0) == 6.0
    assert outer(lambda x: inner(lambda y: x * x * y * y, x), 2.0) == 24.0, "d(2 x**3) = 6 x**2"
    assert outer(lambda x: inner(lambda y: x, 7.0), 2.0) == 0.0
    assert outer(lambda x: inner(lambda x: x * x, 7.0) * x, 2.0) == 14.0, "the inner x hides it"


@pytest.mark.parametrize(
    "modes",
    [(a, b, c) for a in (forward, reverse) for b in (forward, reverse) for c in (forward, reverse)],
)
def test_three_levels_that_capture_the_outer_variables(modes):
    """d/dx x d/dy (y d/dz xyz) = d/dx 2 x**2 y = 4 x y."""
    first, second, third = modes

    def f(x):
        return x * second(lambda y: y * third(lambda z: x * y * z, 11.0), 5.0)

    assert first(f, 3.0) == 60.0


def test_an_inner_derivative_at_the_outer_variable_is_the_total_one():
    def f(x):
        return grad(lambda y: y**3 * x)(x)  # 3 x**3

    assert f(2.0) == 24.0
    assert grad(f)(2.0) == 36.0
    assert grad(grad(f))(2.0) == 36.0


def test_captured_variables_in_containers_and_by_way_of_interior_nodes():
    def f(p):
        scale = ag.exp(p["a"]) * p["b"]  # an interior node of the outer graph
        inner = grad(lambda q: q[0] ** 2 * scale + q[1] * p["b"])([p["a"], 1.0])
        return inner[0] * inner[1]  # 2 a e**a b * b

    a, b = 0.5, 3.0
    got = grad(f)({"a": a, "b": b})
    assert got["a"] == pytest.approx(2 * b**2 * math.exp(a) * (1 + a), rel=1e-15)
    assert got["b"] == pytest.approx(4 * a * b * math.exp(a), rel=1e-15)


def iterated(transform, f, order):
    """A transform applied again and again."""
    for _ in range(order):
        f = transform(f)
    return f


FORWARD = lambda f: lambda x: jvp(f, (x,), (1,))[1]  # noqa: E731
CURVES: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (lambda x: ag.exp(x) * ag.sin(x), lambda x: mpmath.exp(x) * mpmath.sin(x)),
    (lambda x: ag.tanh(x) / (1 + x * x), lambda x: mpmath.tanh(x) / (1 + x * x)),
    (lambda x: x**2.5 * ag.log(x), lambda x: x**2.5 * mpmath.log(x)),
]


@pytest.mark.parametrize("order", range(1, 6))
@pytest.mark.parametrize("transform", [grad, FORWARD], ids=["reverse", "forward"])
@pytest.mark.parametrize("curve", range(len(CURVES)))
def test_derivatives_of_any_order_match_mpmath(curve, transform, order):
    """Relative 1e-13: some hundred rounded operations of a few ULP each, without cancellation."""
    f, truth = CURVES[curve]
    with mpmath.workdps(60):
        expected = float(mpmath.diff(truth, mpmath.mpf(0.75), order))
    assert iterated(transform, f, order)(0.75) == pytest.approx(expected, rel=1e-13)


def test_modes_mixed_to_the_fourth_order():
    """d4/dx4 x**6 = 360 x**2, in all sixteen orders of forward and reverse."""
    for choice in range(16):
        f = lambda x: x**6  # noqa: E731
        for level in range(4):
            f = (grad, FORWARD)[choice >> level & 1](f)
        assert f(Fraction(2, 3)) == 160


def test_transforms_inside_transforms():
    x, v = [0.5, -1.5], [2.0, 1.0]
    f = lambda x: x[0] ** 3 * x[1] ** 2  # noqa: E731
    truth = np.array([[6 * 0.5 * 2.25, 6 * 0.25 * -1.5], [6 * 0.25 * -1.5, 2 * 0.125]])
    assert np.allclose(hessian(f)(x), truth, rtol=1e-15, atol=0)
    assert np.allclose(jacobian(jacobian(f))(x), truth, rtol=1e-15, atol=0)
    assert np.allclose(jacobian(lambda x: vjp(f, x)[1](1.0)[0])(x), truth, rtol=1e-15, atol=0)
    assert np.allclose(grad(lambda x: jvp(f, (x,), (v,))[1])(x), truth @ v, rtol=1e-15, atol=0)
    assert np.allclose(jvp(grad(f), (x,), (v,))[1], truth @ v, rtol=1e-15, atol=0)
    third = jacobian(hessian(lambda x: x[0] ** 2 * x[1]))([2.0, 3.0])
    assert third == [[[0.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]]
    assert grad(lambda x: hvp(lambda y: y**4, x, 1.0))(2.0) == 48.0, "d(12 x**2)"


def test_a_gradient_step_inside_a_gradient():
    """Meta-learning's shape: the loss after one inner step, by the starting weight."""

    def after(w):
        return (w - grad(lambda u: (u - 3.0) ** 2)(w) / 8 - 1.0) ** 2

    # u - (u - 3) / 4 - 1 = 3/4 w - 1/4; the derivative of its square is 2 * 3/4 of it.
    assert grad(after)(2.0) == 1.875


def test_a_pullback_is_differentiable_by_its_cotangent():
    _, pullback = vjp(lambda x: x * x, 3.0)
    assert grad(lambda v: pullback(v)[0] ** 2)(1.0) == 72.0, "d(6 v)**2 = 72 v"


def test_values_as_tangents_and_cotangents_give_values():
    t = Value(2.0)
    jvp(lambda x: x * x, (3.0,), (t,))[1].backward()
    assert t.grad == 6.0
    vjp(lambda x: x * x, 3.0)[1](t)[0].backward()
    assert t.grad == 12.0


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), Value(2.0)], ids=repr)
def test_constants_carry_no_tangent(two):
    """(-3)**2: the logarithm of the base, nan here, must reach no derivative by the base."""
    assert grad(lambda x: x**two)(-3.0) == -6.0
    assert grad(grad(lambda x: x**two))(-3.0) == 2.0
    assert grad(grad(grad(lambda x: x**two)))(-3.0) == 0.0
    assert hessian(lambda x: x[0] ** two * x[1])([-3.0, 5.0]) == [[10.0, -6.0], [-6.0, 0.0]]
    assert hvp(lambda x: x**two, -3.0, 1.0) == 2.0
    assert FORWARD(FORWARD(lambda x: x**two))(-3.0) == 2.0


# -- what they leave alone --------------------------------------------------------------------


def test_no_grad_attribute_is_touched():
    a, b = Value(2.0), Value(3.0)
    interior = a * b
    interior.backward()
    before = [(v, v.grad) for v in (a, b, interior)]
    for transform in (grad, value_and_grad, jacobian, hessian):
        for x in (a, 2.0):
            transform(lambda x: x * x * interior + b * x)(x)
    vjp(lambda x: x * interior, b)[1](1.0)
    jvp(lambda x: x * interior, (b,), (1.0,))
    hvp(lambda x: x * x * interior, b, 1.0)
    assert all(v.grad == gradient for v, gradient in before)


def test_transforms_work_inside_no_grad_and_leave_it_on():
    f = lambda x: x**3 * ag.sin(x)  # noqa: E731
    outside = [grad(f)(2.0), grad(grad(f))(2.0), hessian(f)(2.0), jvp(f, (2.0,), (1.0,))]
    with no_grad():
        inside = [grad(f)(2.0), grad(grad(f))(2.0), hessian(f)(2.0), jvp(f, (2.0,), (1.0,))]
        assert not is_grad_enabled()
        assert (Value(2.0) * 3).parents == ()
    assert inside == outside


def test_a_no_grad_block_inside_the_function_cuts_the_flow():
    def f(x):
        with no_grad():
            frozen = x * x
        return frozen * x

    assert grad(f)(3.0) == 9.0
    assert grad(lambda x: x * x.detach())(3.0) == 3.0


def test_transforms_run_inside_record():
    with record():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert hessian(lambda x: x**3)(2.0) == 12.0


def test_results_are_plain_numbers_unless_an_argument_is_a_value():
    f = lambda x: x[0] ** 2 * x[1]  # noqa: E731
    x = [2.0, 3.0]
    assert same(value_and_grad(f)(x), (12.0, [12.0, 4.0]))
    assert same(jvp(f, (x,), ([1.0, 0.0],)), (12.0, 12.0))
    w = Value(2.0)
    value, (by_w, by_y) = value_and_grad(f)([w, 3.0])
    assert all(type(v) is Value for v in (value, by_w, by_y))
    by_w.backward()
    assert w.grad == 6.0, "d(2 w y)/dw"
    w.zero_grad()
    (hvp(f, [w, 3.0], [1.0, 1.0])[0]).backward()
    assert w.grad == 2.0, "d(2 y + 2 w)/dw"
    array = np.array([w, Value(3.0)])
    assert all(type(v) is Value for v in grad(lambda x: x @ x)(array))


def test_threads_at_once_do_not_see_each_other():
    barrier = threading.Barrier(4)

    def work(k):
        barrier.wait()
        for _ in range(20):
            f = lambda x: x**3 * k * grad(lambda y: x * y)(1.0)  # noqa: E731
            result = grad(grad(f))(2.0)
            if not same(result, 48.0 * k):  # d2(k x**4) = 12 k x**2
                return result
        return k

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [0, 1, 2, 3]


# -- numbers of other kinds -------------------------------------------------------------------


@given(FRACTIONS.filter(bool), st.integers(-4, 6), st.integers(0, 4))
def test_fractions_are_exact_to_any_order(x: Fraction, n: int, order: int) -> None:
    """The k-th derivative of x**n is the falling factorial n (n-1) ... (n-k+1) times x**(n-k)."""
    falling = math.prod(range(n - order + 1, n + 1))
    for transform in (grad, FORWARD):
        result = iterated(transform, lambda x: x**n, order)(x)
        assert result == falling * x ** (n - order)
        assert type(result) is Fraction


def test_complex_derivatives_are_holomorphic():
    z = 0.3 - 1.2j
    f = lambda z: ag.exp(z) * z**3  # noqa: E731
    first = cmath.exp(z) * (z**3 + 3 * z**2)
    second = cmath.exp(z) * (z**3 + 6 * z**2 + 6 * z)
    assert grad(f)(z) == pytest.approx(first, rel=1e-14)
    assert grad(grad(f))(z) == pytest.approx(second, rel=1e-14)
    assert jvp(f, (z,), (1j,))[1] == pytest.approx(1j * first, rel=1e-14)
    array = np.array([z, 2 + 1j])
    assert same(grad(lambda z: z[0] * z[1])(array), array[::-1].copy())


def test_a_literal_has_all_digits_of_mpf_in_every_order():
    """The derivatives of 2**x are its products with powers of log 2."""
    with mpmath.workdps(60):
        x, f = mpmath.mpf("0.3"), lambda x: 2**x
        for order in (1, 2, 3):
            found = iterated(grad, f, order)(x)
            truth = mpmath.power(2, x) * mpmath.log(2) ** order
            assert abs(found / truth - 1) < mpmath.mpf(10) ** -55, order


def test_mpf_keeps_its_digits():
    with mpmath.workdps(50):
        x = mpmath.mpf(1) / 3
        got = grad(grad(lambda x: ag.exp(x * x)))(x)
        assert mpmath.almosteq(got, mpmath.exp(x * x) * (2 + 4 * x * x), rel_eps=1e-48)


# -- laws on random programs ------------------------------------------------------------------


def outputs_of(program: Computation) -> Callable[..., list[Any]]:
    """All results of a program as a function of its inputs: many outputs."""
    return lambda *inputs: program.results(inputs)[len(inputs) :]


def dot(left: Any, right: Any) -> Any:
    """The inner product of two lists."""
    return sum(x * y for x, y in zip(left, right, strict=True))


def drawn(data: st.DataObject, like: Any, label: str) -> list[Fraction]:
    """As many Fractions as `like` is long."""
    return [data.draw(FRACTIONS, label=label) for _ in like]


@given(rational_programs(), st.data())
def test_forward_and_reverse_are_adjoint(program: Computation, data: st.DataObject) -> None:
    """<v, J u> = <J' v, u>, exactly in Fractions, and both agree with the Jacobian itself."""
    f = outputs_of(program)
    x = program.inputs
    u = drawn(data, x, "u")
    value, pushed = jvp(f, x, u)
    again, pullback = vjp(f, *x)
    v = drawn(data, value, "v")
    pulled = pullback(v)
    assert value == again == f(*x)
    assert dot(v, pushed) == dot(pulled, u)
    J = jacobian(f, tuple(range(len(x))))(*x)
    assert pushed == [dot(row, u) for row in J]
    assert list(pulled) == [dot(v, column) for column in zip(*J, strict=True)]


@given(rational_programs(max_length=5), st.data())
def test_hvp_is_the_hessian_times_the_vector(program: Computation, data: st.DataObject) -> None:
    f = lambda x: program(*x)  # noqa: E731
    x = list(program.inputs)
    v = drawn(data, x, "v")
    assert hvp(f, x, v) == [dot(row, v) for row in hessian(f)(x)]


@given(rational_programs(rows=SMOOTH_RATIONAL, max_length=5))
def test_the_hessian_is_symmetric(program: Computation) -> None:
    rows = hessian(lambda x: program(*x))(list(program.inputs))
    columns = [list(column) for column in zip(*rows, strict=True)]
    assert rows == columns


@dataclass(frozen=True)
class Exact:
    """A tangent in exact arithmetic, and what bounds the error of the float one."""

    value: Fraction
    size: Fraction  # the sum over all paths of the size of the product along the path
    roundings: int  # the most roundings that one path's product can meet


@given(programs(), st.data())
def test_float_tangents_match_an_exact_replay(program: Computation, data: st.DataObject) -> None:
    """Each tangent is off by at most gamma_K times the sizes of its paths.

    A node costs one rounding for each product and at most n - 1 for the sum of n of them; K such
    factors 1 + delta, |delta| <= u, make gamma_K = K u / (1 - K u) (Higham 2002, lemma 3.1).
    """
    u = [data.draw(floats("plain"), label="u") for _ in program.inputs]
    leaves = program.leaves()
    places = program.results(leaves)
    constant = Exact(Fraction(0), Fraction(0), 0)  # where may take a literal: nothing flows there
    exact = {
        leaf: Exact(Fraction(t), abs(Fraction(t)), 0) for leaf, t in zip(leaves, u, strict=True)
    }
    for place in places[len(leaves) :]:
        for node in [x for x in topological_order(place) if x not in exact]:
            pairs = zip(node.parents, node.partials, strict=True)
            terms = [(Fraction(p), exact.get(x, constant)) for x, p in pairs]
            exact[node] = Exact(
                sum((p * t.value for p, t in terms), Fraction(0)),
                sum((abs(p) * t.size for p, t in terms), Fraction(0)),
                max(t.roundings + 1 for _, t in terms) + len(terms) - 1,
            )
    value, tangents = jvp(outputs_of(program), program.inputs, u)
    assert value == [place.data for place in places[len(leaves) :]]
    for place, tangent in zip(places[len(leaves) :], tangents, strict=True):
        truth = exact.get(place, constant)
        gamma = truth.roundings * UNIT / (1 - truth.roundings * UNIT)
        assert abs(Fraction(tangent) - truth.value) <= gamma * truth.size


@given(programs())
def test_grad_gives_the_bits_of_a_plain_sweep(program: Computation) -> None:
    leaves = program.leaves()
    program(*leaves).backward(accumulate="plain")
    got = grad(program, tuple(range(len(leaves))))(*program.inputs)
    assert [float(g).hex() for g in got] == [float(leaf.grad).hex() for leaf in leaves]


# -- figures ----------------------------------------------------------------------------------


def rosenbrock(x):
    return ag.sum([100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1)])


def test_the_rosenbrock_function_in_20_variables_matches_scipy():
    """Value, gradient, Hessian and Hessian times a vector, against SciPy's written-out ones."""
    rng = np.random.default_rng(1)
    x, v = rng.uniform(-2, 2, 20), rng.normal(size=20)
    value, gradient = value_and_grad(rosenbrock)(x)
    H = scipy.optimize.rosen_hess(x)
    assert value == pytest.approx(scipy.optimize.rosen(x), rel=1e-12)
    np.testing.assert_allclose(gradient, scipy.optimize.rosen_der(x), rtol=1e-12)
    np.testing.assert_allclose(hessian(rosenbrock)(x), H, rtol=1e-12)
    np.testing.assert_allclose(hvp(rosenbrock, x, v), H @ v, rtol=1e-12)


def test_newtons_method_needs_eight_steps_from_the_classical_start():
    """Rosenbrock (1960): from (-1.2, 1) the pure Newton iteration ends at (1, 1)."""
    x = np.array([-1.2, 1.0])
    for _ in range(8):
        x = x - np.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))
    np.testing.assert_allclose(x, [1.0, 1.0], atol=1e-12)


def test_a_second_derivative_of_a_deep_loop():
    """x + x**2 / n, n times over, in 3,000 steps: depth is no limit at any order."""

    def f(x):
        for _ in range(3000):
            x = x + x * x / 3000
        return x

    with mpmath.workdps(30):
        truth = mpmath.taylor(f, mpmath.mpf("0.25"), 2)
    assert grad(f)(0.25) == pytest.approx(float(truth[1]), rel=1e-11)
    assert grad(grad(f))(0.25) == pytest.approx(2 * float(truth[2]), rel=1e-11)
    assert FORWARD(grad(f))(0.25) == pytest.approx(2 * float(truth[2]), rel=1e-11)
