"""What exporters of others got wrong, by the reports of their users, tried on ours.

The numbers are those of the issues, of pytorch, onnxruntime, jax, onnxscript and sympy.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from compiler.running import RUNS, jax_of_doubles, session_of

import autograd
import nn
from autograd import rules
from autograd.compiler.lanes.exporting import to_jax, to_onnx

NONE = np.zeros(0)
PLANS = ("scalars", "groups")


def plan_of(f: Any, xs: Any, kind: str) -> tuple[Any, Any, np.ndarray[Any, Any]]:
    """A function's scalars or groups, what it captures, and its answers to lanes, as rows."""
    g = autograd.compile(f)
    found = g.map(xs)
    answers = np.array(found if isinstance(found, list) else [found])
    plan = g.groups
    if kind == "scalars":
        g(xs[0].tolist())
        plan = g.program
    return plan, g.bound().parameters, answers


def each_way(test: Any) -> Any:
    """A test of both kinds of plan, in each runtime."""
    return pytest.mark.parametrize("language", RUNS)(pytest.mark.parametrize("kind", PLANS)(test))


@each_way
@pytest.mark.parametrize("lanes", [0, 1, 3])
def test_the_number_of_lanes_is_free(lanes: int, kind: str, language: str) -> None:
    """pytorch 43795, 157621: a batch that is folded to the size of the example."""
    model = nn.MLP(3, [4, 2], activation="tanh", rng=random.Random(0))
    plan, held, _ = plan_of(model, np.ones((5, 3)), kind)
    xs = np.random.default_rng(0).normal(size=(lanes, 3))
    [found, _] = RUNS[language](plan, xs.T.copy(), held)
    expected = np.array([[y.data for y in model(x)] for x in xs.tolist()]).reshape(-1, 2).T
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("language", RUNS)
@pytest.mark.parametrize("size", [1, 4])
def test_a_sum_over_lanes_that_are_none_is_0(size: int, language: str) -> None:
    """onnxruntime 7563, 8146: sums over an empty axis that fail, or are empty."""
    model = nn.MLP(2, [size, 1], activation="tanh", rng=random.Random(0))
    g = autograd.compile(lambda x: model(x) ** 2)
    g.map(np.ones((2, 2)))
    b = g.bound()
    b.backward(np.ones((2, 2)))
    results, gradients = RUNS[language](g.groups, np.zeros((2, 0)), b.parameters, [0.5])
    np.testing.assert_array_equal(results, [[0.0]])
    np.testing.assert_array_equal(gradients, np.zeros((len(b.values), 1)))


@each_way
def test_the_largest_is_nan_wherever_a_nan_is(kind: str, language: str) -> None:
    """onnxruntime 10514, 21455: ReduceMax of 2 and nan is 2, Max of nan and a number the number."""
    plan, _, _ = plan_of(
        lambda xs: [autograd.max(xs), rules.maximum(xs[0], 1.0)], np.ones((2, 5)), kind
    )
    xs = np.ones((5, 6))
    np.fill_diagonal(xs, math.nan)
    [found, _] = RUNS[language](plan, xs, NONE)
    np.testing.assert_array_equal(found[0], [math.nan] * 5 + [1.0])
    np.testing.assert_array_equal(found[1], [math.nan] + [1.0] * 5)


@each_way
def test_truth_values_are_numbers(kind: str, language: str) -> None:
    """jax 11857: True + True is True, and -True has no meaning; here they are 2 and -1."""

    def f(x: list[Any]) -> list[Any]:
        positive, small = rules.greater(x[0], 0.0), rules.less(x[1], 5.0)
        return [
            positive + small,
            -positive,
            autograd.sum([positive, small, x[0]]),
            positive * small,
        ]

    xs = np.array([[1.0, 2.0], [-1.0, 2.0], [1.0, 7.0]])
    plan, _, expected = plan_of(f, xs, kind)
    [found, _] = RUNS[language](plan, xs.T.copy(), NONE)
    np.testing.assert_array_equal(found, expected)


@each_way
def test_answers_that_are_no_computation(kind: str, language: str) -> None:
    """pytorch 78701, onnxmltools 86: scalars, and answers of other ranks than expected."""
    w = autograd.Value(2.0)
    xs = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    for f in (
        lambda _: [3.0],
        lambda _: [w * w],
        lambda x: [x[0]],
        lambda x: [x[1], x[1], 3.0, w],
    ):
        plan, held, expected = plan_of(f, xs, kind)
        [found, _] = RUNS[language](plan, xs.T.copy(), held)
        assert found.shape in {(len(expected), 3), (len(expected), 1)}
        np.testing.assert_array_equal(np.broadcast_to(found, expected.shape), expected)


@each_way
def test_the_tails_of_logistic_functions_have_their_digits(kind: str, language: str) -> None:
    """onnxruntime 10491: a softplus of -12.3392 that is 4.41e-06; and its Sigmoid(-40.0) is 0.0."""
    xs = np.array([[-700.0], [-40.0], [-18.0], [-12.3392], [3.0], [40.0]])

    def f(x: list[Any]) -> list[Any]:
        [x0] = x
        return [autograd.sigmoid(x0), autograd.softplus(x0), autograd.silu(x0), autograd.tanh(x0)]

    plan, _, expected = plan_of(f, xs, kind)
    [found, _] = RUNS[language](plan, xs.T.copy(), NONE)
    np.testing.assert_allclose(found, expected, rtol=2e-15)
    assert found[1, 3] == pytest.approx(4.37676e-6, rel=1e-6)


@each_way
def test_a_power_of_0_and_its_logarithm(kind: str, language: str) -> None:
    """jax 7701, 6042: log(0**0) was nan when compiled."""
    plan, _, _ = plan_of(lambda x: autograd.log(x[0] ** x[1]), np.ones((2, 2)), kind)
    [found, _] = RUNS[language](plan, np.zeros((2, 1)), NONE)
    assert found.tolist() == [[0.0]]


@each_way
def test_what_is_not_chosen_does_not_count(kind: str, language: str) -> None:
    """jax 1052: the derivative of a choice is nan where the other branch has none."""

    def f(x: list[Any]) -> Any:
        return rules.where(rules.greater(x[0], 0.0), autograd.log(x[0]), 0.0)

    g = autograd.compile(f)
    xs = np.array([[-1.0], [0.0], [2.0]])
    g.map_value_and_grad(xs)
    plan = g.groups
    if kind == "scalars":
        g.value_and_grad([2.0])
        plan = g.program
    results, gradients = RUNS[language](plan, xs.T.copy(), NONE)
    np.testing.assert_allclose(results, [[0.0, 0.0, math.log(2.0)]])
    np.testing.assert_allclose(gradients, [[0.0, 0.0, 0.5]])


@pytest.mark.parametrize("language", RUNS)
def test_what_is_not_chosen_does_not_count_in_a_sum(language: str) -> None:
    """The same of the gradient by what is captured, meaned over lanes."""
    w = autograd.Value(2.0)
    g = autograd.compile(lambda x: rules.where(rules.greater(x, 0.0), autograd.log(w * x), w * x))
    g.map([1.0, 2.0])
    b = g.bound()
    b.backward([1.0, 2.0])
    xs = np.array([[-1.0, -3.0, 2.0]])
    [_, gradients] = RUNS[language](g.groups, xs, b.parameters, [1 / 3])
    np.testing.assert_allclose(gradients, [[(0.5 - 4.0) / 3]])


@pytest.mark.parametrize("kind", PLANS)
def test_a_swish_of_doubles_is_loaded(kind: str) -> None:
    """onnxruntime 32421, 32416: patterns that become operators without doubles, folded factors."""
    pytest.importorskip("onnx")

    def f(x: list[Any]) -> list[Any]:
        [x0, *_] = x
        swish = x0 * autograd.sigmoid(1.702 * x0), autograd.sigmoid(x0) * x0
        return [*swish, rules.greater(x0, 0.0) / 3.0 * 1.0, autograd.softmax(x)[0]]

    xs = np.linspace(-3.0, 3.0, 14).reshape(7, 2)
    plan, _, expected = plan_of(f, xs, kind)
    [found] = session_of(to_onnx(plan)).run(None, {"inputs": xs.T.copy()})
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_no_product_reads_a_transpose() -> None:
    """onnxruntime 28136, 10151: some versions make one operator of both, which has no doubles."""
    pytest.importorskip("onnx")
    model = nn.MLP(3, [4, 4, 2], activation="tanh", rng=random.Random(0))
    g = autograd.compile(lambda x: autograd.sum(model(x)))
    xs = np.ones((5, 3))
    g.map_value_and_grad(xs)
    with_slopes = to_onnx(g.groups).graph.node
    g.bound().backward(xs)
    for nodes in (with_slopes, to_onnx(g.groups).graph.node):
        kinds = {name: node.op_type for node in nodes for name in node.output}
        products = [node for node in nodes if node.op_type == "MatMul"]
        assert len(products) >= 5
        assert "Transpose" not in {kinds.get(name) for node in products for name in node.input}


@pytest.mark.parametrize("kind", PLANS)
def test_what_no_output_needs_is_no_part_of_a_model(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A runtime warns of each constant that no node reads."""
    pytest.importorskip("onnx")
    w = autograd.Value(1.0)
    plan, held, _ = plan_of(lambda x: [1.0 * x[0] + w * x[1], x[0] ** 1], np.ones((2, 2)), kind)
    model = to_onnx(plan, held)
    read = {name for node in model.graph.node for name in node.input}
    assert {x.name for x in model.graph.initializer} <= read
    session_of(model)
    assert not capfd.readouterr().err


@pytest.mark.parametrize("kind", PLANS)
@pytest.mark.parametrize("size", [300, 3000])
def test_long_sums_and_maxima_are_read_by_python(size: int, kind: str) -> None:
    """sympy 24673: an expression that is nested too deep to be read."""
    jax = jax_of_doubles()
    xs = np.random.default_rng(0).normal(size=(2, size))
    plan, _, expected = plan_of(lambda x: [autograd.max(x), autograd.sum(x)], xs, kind)
    f = to_jax(plan)
    if size > 300 and kind == "scalars":
        return  # it is read, and would take JAX a minute
    np.testing.assert_allclose(jax.jit(f)(xs.T, ())[0], expected, rtol=1e-11)


@pytest.mark.parametrize("kind", PLANS)
def test_numbers_of_other_types_are_doubles(kind: str) -> None:
    """jax 5987, onnxscript 2213: powers of integers, and what is computed in single precision."""
    jax_of_doubles()
    plan, _, _ = plan_of(lambda x: x[0] ** x[1] + x[0] * x[1], np.ones((2, 2)), kind)
    f = to_jax(plan)
    assert np.asarray(f(np.array([[2], [-1]]), ())[0]).tolist() == [[-1.5]]
    assert np.asarray(f([2, -1], ())[0]).reshape(-1).tolist() == [-1.5]
    assert np.asarray(f(np.array([[2**40], [2]]), ())[0]).tolist() == [[2.0**80 + 2.0**41]]
    single = np.array([[1.1], [0.3]], np.float32)
    x, y = map(float, single[:, 0])
    np.testing.assert_allclose(np.asarray(f(single, ())[0]), [[x**y + x * y]], rtol=1e-15)
    with pytest.raises(TypeError, match="of real numbers; got complex ones"):
        f([1j, 1.0], ())


@pytest.mark.parametrize("kind", PLANS)
def test_as_many_inputs_and_parameters_are_given(kind: str) -> None:
    """jax 4383: the last row of an array is read for one that is beyond it."""
    jax_of_doubles()
    w = autograd.Value(1.0)
    plan, _, _ = plan_of(lambda x: w * x[0] + x[1], np.ones((2, 2)), kind)
    f = to_jax(plan)
    for count in (1, 3):
        with pytest.raises(ValueError, match=f"has 2 inputs, but {count} were given"):
            f(np.ones((count, 4)), [1.0])
        with pytest.raises(ValueError, match=f"has 1 parameters, but {count - 1} were given"):
            f(np.ones((2, 4)), [1.0] * (count - 1))
