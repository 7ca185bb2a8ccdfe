"""Transforms of functions that captured Values: what they return goes on being differentiable."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import random
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import (
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from autograd.graph.node import number_of
from autograd.graph.order import topological_order
from nn import MLP


def in_a_thread(run):
    """What a function gives in a thread of its own."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(run()))
    thread.start()
    thread.join()
    return found[0]


# Each way to the derivative of w*x**3 by x at 2, or to one that follows from it: 12 w.
ROUTES = {
    "grad": lambda f: grad(f)(2.0),
    "value_and_grad": lambda f: value_and_grad(f)(2.0)[1],
    "jvp": lambda f: jvp(f, (2.0,), (1.0,))[1],
    "vjp": lambda f: vjp(f, 2.0)[1](1.0)[0],
    "jacobian": lambda f: jacobian(lambda x: [f(x), x])(2.0)[0],
    "hessian": lambda f: hessian(f)(2.0),  # 6 w x, which is 12 w at 2 as well
    "hvp": lambda f: hvp(f, 2.0, 1.0),
    "nested grad": lambda f: grad(grad(f))(2.0),
    "an array": lambda f: grad(lambda x: f(x[0]))(np.array([2.0]))[0],
    "a dict": lambda f: grad(lambda p: f(p["x"]))({"x": 2.0})["x"],
    "a thread": lambda f: in_a_thread(lambda: grad(f)(2.0)),
    "an interior Value": lambda f: grad(lambda x: f(x) + 0 * x)(Value(1.0) * 2.0),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_derivative_inside_a_loss_moves_with_captured_parameters(route):
    """(12 w - 1)**2 + (8 w - 1)**2 at w = 2: the derivative is 24 * 23 + 16 * 15 = 792."""
    w = Value(2.0)
    slope = ROUTES[route](lambda x: w * x**3)
    loss = (slope - 1) ** 2 + (w * 8 - 1) ** 2
    loss.backward()
    assert (slope.data, w.grad) == (24.0, 792.0)


@pytest.mark.parametrize("route", ROUTES)
def test_inside_a_transform_captured_variables_are_differentiated(route):
    """The derivative of (12 w - 1)**2 by w at 2, where w is the variable of a transform around."""
    assert grad(lambda w: (ROUTES[route](lambda x: w * x**3) - 1) ** 2)(2.0) == 552.0


def test_a_nested_derivative_in_a_worker_thread_is_not_lost():
    """d/da of d/dx a*a*x is 2 a."""
    assert grad(lambda a: in_a_thread(lambda: grad(lambda x: a * a * x)(3.0)))(1.0) == 2.0


# Not where an argument is a Value: the result is one; nor in a thread, which knows no block.
@pytest.mark.parametrize("route", sorted(ROUTES.keys() - {"an interior Value", "a thread"}))
def test_under_no_grad_a_transform_gives_plain_numbers_all_the_same(route):
    w = Value(2.0)
    with no_grad():
        assert type(ROUTES[route](lambda x: w * x**3)) in (float, np.float64)


def test_values_are_values_where_they_depend_on_captured_ones():
    w = Value(2.0)
    values = {
        "value_and_grad": value_and_grad(lambda x: w * x)(3.0)[0],
        "vjp": vjp(lambda x: w * x, 3.0)[0],
        "jvp": jvp(lambda x: w * x, (3.0,), (1.0,))[0],
    }
    for name, value in values.items():
        w.zero_grad()
        value.backward()
        assert (value.data, w.grad) == (6.0, 3.0), name


def test_only_what_depends_on_a_captured_value_is_a_value():
    w = Value(2.0)
    values, slopes = jvp(lambda x: [w * x, x * x, w], (3.0,), (1.0,))
    assert [type(x) for x in values] == [Value, float, Value]
    assert [type(x) for x in slopes] == [Value, float, float]
    second = hessian(lambda v: w * v[0] * v[1] + v[1] ** 3)([1.0, 2.0])
    assert [[type(x) for x in row] for row in second] == [[float, Value], [Value, float]]
    assert [[number_of(x) for x in row] for row in second] == [[0.0, 2.0], [2.0, 12.0]]


def test_only_what_depends_on_a_captured_value_is_built():
    """Of d/dx (tanh(... tanh(x)) + w*x) only the sum with w is a node."""
    w = Value(2.0)

    def f(x):
        h = x
        for _ in range(50):
            h = h.tanh()
        return h + w * x

    slope = grad(f)(0.5)
    assert len(topological_order(slope)) <= 4
    slope.backward()
    assert w.grad == 1.0


def test_constants_that_the_function_makes_are_not_captured():
    def f(x):
        total = Value(0.0)
        for factor in (Value(2.0), copy.copy(Value(3.0)), Value(4.0).detach()):
            total = total + factor * x * x
        with no_grad():
            shift = x * 2
        return total + shift

    assert type(value_and_grad(f)(1.0)[0]) is float
    assert grad(f)(1.0) == 18.0
    assert grad(grad(f))(1.0) == 18.0


def test_a_result_does_not_change_with_the_parameter_that_it_equals():
    w = Value(2.0)
    slope, value = grad(lambda x: w * x)(3.0), value_and_grad(lambda x: w)(3.0)[0]
    w.data = 7.0
    assert (slope.data, value.data) == (2.0, 2.0)
    (slope + value).backward()
    assert w.grad == 2.0


def test_no_gradient_is_left_in_captured_values():
    w = Value(2.0)
    grad(lambda x: w * x * x)(3.0)
    hessian(lambda x: w * x * x)(3.0)
    assert w.grad == 0


def test_captured_fractions_stay_exact():
    w = Value(Fraction(1, 3))
    slope = grad(lambda x: ag.mean([w * x**2, x, x]))(Fraction(1, 7))
    slope.backward()
    assert (slope.data, w.grad) == (Fraction(2, 63) + Fraction(2, 3), Fraction(2, 21))


def test_custom_rows_and_solutions_pass_on_what_they_captured():
    """x = tanh(w x + b) is a function of w and b: its slope by b moves with w."""

    def settled(w, b):
        return ag.fixed_point(lambda x: ag.tanh(w * x + b), 0.0)

    w = Value(0.5)
    slope = grad(lambda b: settled(w, b))(0.3)
    slope.backward()
    h = 2.0**-10
    low, near, far, high = (
        grad(lambda b, w=0.5 + k * h: settled(w, b))(0.3) for k in (-2, -1, 1, 2)
    )
    assert w.grad == pytest.approx((8 * (far - near) - (high - low)) / (12 * h), rel=1e-9)


def test_a_checkpointed_function_keeps_its_captured_parameters():
    w = Value(2.0)
    slope = grad(ag.checkpoint(lambda x: ag.sin(w * x)))(0.5)  # w cos(w x)
    slope.backward()
    assert slope.data == 2.0 * math.cos(1.0)
    assert w.grad == pytest.approx(math.cos(1.0) - math.sin(1.0), rel=1e-15)


def test_a_seed_or_direction_that_is_a_value_is_passed_on():
    w, seed = Value(2.0), Value(5.0)
    (pulled,) = vjp(lambda x: w * x * x, 3.0)[1](seed)
    pushed = jvp(lambda x: w * x * x, (3.0,), (seed,))[1]
    for result in (pulled, pushed):  # 2 w x * seed
        w.zero_grad()
        seed.zero_grad()
        result.backward()
        assert (result.data, w.grad, seed.grad) == (60.0, 30.0, 12.0)


def test_a_network_learns_an_equation_of_its_own_derivatives():
    """A physics-informed loss: u'' = -u, u(0) = 0, u'(0) = 1 on a small network.

    The gradient of the loss by every parameter is that of differences of the loss, of fourth order
    with two steps, which bound their error.
    """
    model = MLP(1, [3, 1], activation="tanh", rng=random.Random(0))
    u = lambda x: model([x])  # noqa: E731

    def loss():
        residual = sum((grad(grad(u))(x) + u(x)) ** 2 for x in (0.2, 0.9, 1.6))
        return residual + u(0.0) ** 2 + (grad(u)(0.0) - 1) ** 2

    model.zero_grad()
    total = loss()
    total.backward()
    gradients = [p.grad for p in model.parameters()]
    assert any(abs(g) > 0.1 for g in gradients)

    def at(p, data):
        kept, p.data = p.data, data
        with no_grad():
            found = loss()
        p.data = kept
        return getattr(found, "data", found)

    for p, found in zip(model.parameters(), gradients, strict=True):
        quotients = []
        for h in (2.0**-7, 2.0**-8):
            low, near, far, high = (at(p, p.data + k * h) for k in (-2, -1, 1, 2))
            quotients.append((8 * (far - near) - (high - low)) / (12 * h))
        fine, coarse = quotients[1], quotients[0]
        assert abs(found - fine) <= abs(fine - coarse) * 2 / 15 + 1e-10


# -- copies -----------------------------------------------------------------------------------


@dataclasses.dataclass
class Point:
    x: Any
    y: Any


COPIES = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "deepcopy of a list": lambda x: copy.deepcopy([1.0, [x]])[1][0],
    "deepcopy of a dict": lambda x: copy.deepcopy({"x": x})["x"],
    "deepcopy of an array": lambda x: copy.deepcopy(np.array([x, 1.0]))[0],
    "copy of an array": lambda x: np.array([x, 1.0]).copy()[0],
    "dataclasses.asdict": lambda x: dataclasses.asdict(Point(x, 1.0))["x"],
    "dataclasses.replace": lambda x: dataclasses.replace(Point(x, 1.0), y=2.0).x,
    "deepcopy of a dataclass": lambda x: copy.deepcopy(Point(x, x)).y,
    "a copy of a copy": lambda x: copy.copy(copy.deepcopy(x)),
    "deepcopy in a thread": lambda x: in_a_thread(lambda: copy.deepcopy(x)),
}
each_copy = pytest.mark.parametrize("how", COPIES)


@each_copy
def test_a_copy_of_a_variable_carries_the_gradient(how):
    f = lambda x: COPIES[how](x) ** 2  # noqa: E731
    assert grad(f)(3.0) == 6.0
    assert jvp(f, (3.0,), (1.0,)) == (9.0, 6.0)
    assert grad(grad(f))(3.0) == hessian(f)(3.0) == hvp(f, 3.0, 1.0) == 2.0


@each_copy
def test_a_copy_of_what_depends_on_a_variable_carries_the_gradient(how):
    assert grad(lambda x: COPIES[how](x * x) + COPIES[how](2 * x))(3.0) == 8.0
    w = Value(5.0)
    slope = grad(lambda x: COPIES[how](w * x * x))(3.0)
    slope.backward()
    assert (slope.data, w.grad) == (30.0, 6.0)


@each_copy
def test_a_copy_of_the_variable_of_a_transform_around(how):
    assert grad(lambda a: grad(lambda x: COPIES[how](a) * x)(3.0))(1.0) == 1.0


@pytest.mark.parametrize("how", sorted(COPIES.keys() - {"deepcopy in a thread"}))
def test_a_copy_of_the_unknown_of_a_solver(how):
    for f in (lambda x: COPIES[how](x) ** 2 - 2.0, lambda x: COPIES[how](x * x) - 2.0):
        assert ag.root(f, 1.0).data == pytest.approx(math.sqrt(2.0), rel=3e-16)


def test_a_copy_keeps_the_label_and_is_another_value():
    def f(x):
        y = x * x
        y.label = "y"
        z = copy.deepcopy(y)
        assert z.label == "y"
        assert z is not y
        return z

    assert grad(f)(3.0) == 6.0


def test_copies_of_anything_else_are_independent_while_a_transform_runs():
    w = Value(5.0)
    w.grad = 7.0

    def f(x):
        kept = copy.deepcopy([w, w * 2])
        kept[0].data = 1.0
        assert (kept[0].grad, kept[1].parents[0] is kept[0]) == (7.0, True)
        return x * kept[0] * copy.copy(w)

    assert grad(f)(3.0) == 5.0
    assert w.data == 5.0


def test_copies_are_independent_again_when_the_transform_is_over_or_failed():
    kept = []

    def f(x):
        kept.append(x)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        grad(f)(3.0)
    assert copy.deepcopy(kept[0]).parents == ()
    assert pickle.loads(pickle.dumps(kept[0])).data == 3.0  # noqa: S301


def test_a_gradient_that_depends_on_a_variable_stays_so_in_a_deep_copy():
    def f(x):
        leaf = Value(1.0)
        (leaf * x * x).backward(create_graph=True)
        return copy.deepcopy(leaf).grad

    assert grad(f)(3.0) == 6.0


@pytest.mark.parametrize("of", [lambda x: x, lambda x: [x * x], lambda x: Point(x, x)])
def test_a_pickle_of_what_depends_on_a_variable_is_refused(of):
    def f(x):
        with pytest.raises(TypeError, match=r"variable of a running transform.*x\.data"):
            pickle.dumps(of(x))
        assert pickle.loads(pickle.dumps(Value(2.0))).data == 2.0  # noqa: S301
        return x * x

    assert grad(f)(3.0) == 6.0
