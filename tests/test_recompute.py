"""checkpoint: the same gradients of any order, by computing again instead of remembering."""

import gc
import random

import pytest
from hypothesis import given

import autograd
from autograd import Value, checkpoint, collector_paused, grad, hessian, no_grad
from autograd.graph.order import topological_order
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs


def long_chain(x, steps=1000):
    for _ in range(steps):
        x = (x * 1.01).tanh() + 0.1
    return x


@given(programs())
def test_gradients_are_those_without_checkpoint_to_the_bit(program: Computation):
    plain, kept = program.leaves(), program.leaves()
    program(*plain).backward()
    root = checkpoint(program)(*kept)
    if not isinstance(root, Value) or not root.parents:
        return
    root.backward()
    for a, b in zip(plain, kept, strict=True):
        assert repr(float(a.grad)) == repr(float(b.grad)) or a.grad == b.grad == 0


def test_what_was_computed_is_not_remembered():
    x = Value(0.3)
    y = checkpoint(long_chain)(x)
    assert y.parents == (x,)
    assert len(topological_order(y)) == 1
    assert y.data == long_chain(x).data
    with collector_paused():
        gc.collect()
        before = sum(type(thing) is Value for thing in gc.get_objects())
        kept = [checkpoint(long_chain)(x) for _ in range(5)]
        after = sum(type(thing) is Value for thing in gc.get_objects())
    assert after - before == len(kept)


def test_captured_values_and_inner_nodes_get_their_gradients():
    w, x = Value(2.0), Value(0.5)
    hidden = w * 3

    def f(x):
        return (hidden * x).sin() * w

    f(x).backward()
    expected = w.grad, x.grad, hidden.grad
    w.grad = x.grad = 0
    checkpoint(f)(x).backward()
    assert (w.grad, x.grad, hidden.grad) == pytest.approx(expected, rel=1e-15)


def test_several_results_are_computed_again_once():
    runs = []

    @checkpoint
    def f(x, y):
        runs.append(1)
        return {"sum": x + y, "product": [x * y, x], "number": 3.0}

    x, y = Value(2.0), Value(5.0)
    out = f(x, y)
    assert out["number"] == 3.0
    assert out["product"][1] is x, "what is passed on stays itself"
    (out["sum"] * out["product"][0]).backward()
    assert (x.grad, y.grad) == (10 + 7 * 5, 10 + 7 * 2)
    assert len(runs) == 2


def test_higher_derivatives():
    def f(x):
        return (x[0] * x[1]).exp() + x[0] ** 3

    point = [0.3, -0.7]
    assert hessian(checkpoint(f))(point) == hessian(f)(point)
    third = grad(grad(grad(lambda a: long_chain(a, 5))))(0.4)
    again = grad(grad(grad(checkpoint(lambda a: long_chain(a, 5)))))(0.4)
    assert again == pytest.approx(third, rel=1e-12)


def test_checkpoints_nest():
    inner = checkpoint(lambda x: long_chain(x, 10))
    outer = checkpoint(lambda x: inner(inner(x)))
    assert grad(outer)(0.2) == pytest.approx(grad(lambda x: long_chain(x, 20))(0.2), rel=1e-13)


def test_a_function_that_changes_is_an_error():
    rng = random.Random(1)
    x = Value(1.0)
    y = checkpoint(lambda x: x * rng.random())(x)
    with pytest.raises(RuntimeError, match="another result"):
        y.backward()


def test_without_a_graph_it_is_the_function():
    with no_grad():
        assert checkpoint(autograd.exp)(Value(0.0)).parents == ()
    assert checkpoint(lambda: 2.0)() == 2.0


def test_a_hook_on_a_parent_runs_once_and_not_while_the_part_is_computed_again():
    w, seen = Value(2.0), []
    hook = w.register_hook(lambda g: seen.append(g) or 3 * g)
    for create_graph in (False, True):
        w.grad = 0
        checkpoint(lambda w: w * w)(w).backward(create_graph=create_graph)
        assert w.grad == 12.0
    assert seen == [4.0, 4.0]
    hook.remove()


def test_a_result_that_is_nan_is_the_same_result_again():
    x = Value(-1.0)
    y = checkpoint(lambda x: x.log())(x)
    y.backward()
    assert y.data != y.data
    assert x.grad != x.grad
