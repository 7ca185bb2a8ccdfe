"""Stepping says what the sweep does, to the bit, and touches no gradient."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given

import nn
from autograd import Value, maximum, primitive
from autograd.display import snapshot, step
from autograd.testing.program import Program
from autograd.testing.strategies import programs, rational_programs


def bits(x: object) -> str:
    """A number to the last bit, the sign of a zero included."""
    return x.hex() if isinstance(x, float) else f"{type(x).__name__} {x!r}"


@given(programs() | rational_programs())
def test_its_gradients_are_those_of_backward_to_the_bit(program: Program) -> None:
    leaves = program.leaves()
    root = program.results(leaves)[-1]
    steps = step(root)
    keys = dict(steps.graph.keys)
    assert all(type(value.grad) is int and value.grad == 0 for value in keys)
    list(steps)  # saying it all computes nothing anew
    root.backward()
    assert [bits(steps.gradient(v)) for v in keys] == [bits(v.grad) for v in keys]


@given(programs())
def test_the_sums_run_through_the_contributions(program: Program) -> None:
    root = program.results(program.leaves())[-1]
    steps = step(root)
    sums: dict[int, object] = {steps.graph.root.key: 1.0}
    for each in steps:
        for part in each.contributions:
            assert bits(part.product) == bits(part.partial * part.gradient)
            assert bits(part.after) == bits(part.before + part.product)
            assert part.gradient == sums[each.node.key] or part.gradient != part.gradient
            sums[part.parent.key] = part.after
    assert {key: bits(x) for key, x in sums.items()} == {
        key: bits(steps.gradient(node))
        for key, node in ((n.key, n) for n in steps.graph.nodes)
        if key in sums
    }


def test_gradients_are_left_alone(neuron: Value) -> None:
    before = {value: value.grad for value in snapshot(neuron).keys}
    for each in step(neuron):
        str(each)
    assert {value: value.grad for value in before} == before


def test_every_step_is_spelled_out_with_its_numbers() -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    n = w * x + w
    n.label = "n"
    y = n.tanh()
    assert str(step(y)) == (
        "1. forward: v1 = w * x = 0.5 * 2 = 1\n"
        "2. forward: n = v1 + w = 1 + 0.5 = 1.5\n"
        "3. forward: y = tanh(n) = tanh(1.5) = 0.9051\n"
        "4. seed: dy/dy = 1\n"
        "5. backward: dy/dy = 1 goes through tanh\n"
        "  dy/dn = 1 / (cosh(n) * cosh(n)) = 0.1807\n"
        "  dy/dn += dy/dy * dy/dn = 1 * 0.1807 = 0.1807\n"
        "6. backward: dy/dn = 0.1807 goes through +\n"
        "  dn/dv1 = 1\n"
        "  dy/dv1 += dy/dn * dn/dv1 = 0.1807 * 1 = 0.1807\n"
        "  dn/dw = 1\n"
        "  dy/dw += dy/dn * dn/dw = 0.1807 * 1 = 0.1807\n"
        "7. backward: dy/dv1 = 0.1807 goes through *\n"
        "  dv1/dw = x = 2\n"
        "  dy/dw += dy/dv1 * dv1/dw = 0.1807 * 2 = 0.3614; the sum is 0.1807 + 0.3614 = 0.5421\n"
        "  dv1/dx = w = 0.5\n"
        "  dy/dx += dy/dv1 * dv1/dx = 0.1807 * 0.5 = 0.09035"
    )


def test_a_function_is_called_on_leaves_with_its_parameters_names() -> None:
    def f(w: Value, x: Value) -> Value:
        return w * x + 1

    steps = step(f, 0.5, 2)
    assert [node.name for node in steps.graph.nodes] == ["w", "x", "v1", "y"]
    assert steps[0].source == "return w * x + 1"
    start, end = steps[0].node.origin.columns
    assert steps[0].source[start:end] == "w * x"
    assert "return w * x + 1" in str(steps[0])


def test_arguments_may_be_nested_and_what_is_captured_has_its_name() -> None:
    model = nn.Neuron(2, nonlin=False)
    scale = Value(3.0)
    steps = step(lambda xs: scale * model(xs), [1.0, 2.0])
    found = {node.name for node in steps.graph.nodes}
    assert {"xs.0", "xs.1", "scale", "model.w.0", "model.b"} <= found


def test_a_module_can_be_stepped_through() -> None:
    steps = step(nn.MLP(2, [2, 1]), [1.0, 2.0])
    assert "layers.0.neurons.0.w.0" in {node.name for node in steps.graph.nodes}


def test_a_negative_factor_stands_in_parentheses() -> None:
    x = Value(-2.0, "x")
    assert step(x * x)[0].equation == "y = x * x = (-2) * (-2) = 4"


def test_formulas_are_those_of_a_textbook() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    _, by_x, _, by_y, _ = step(x**y)[-1].lines
    assert by_x == "  dv1/dx = y * x ** (y - 1) = 12"
    assert by_y == "  dv1/dy = x ** y * log(x) = 5.545"
    assert step(x**3)[-1].lines[1] == "  dy/dx = 3 * x ** 2 = 12"


def test_a_formula_that_depends_on_a_size_is_named_and_explained() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    lines = step(maximum(x, y))[-1].lines
    assert lines[1] == "  dv1/dx = max_share(0, x, y) = 0"
    assert lines[-1] == "  max_share(i): 1/k where operand i is one of the k largest, else 0."


def test_exact_numbers_stay_exact() -> None:
    x = Value(Fraction(1, 3), "x")
    steps = step(x * x)
    assert steps.gradient(x) == Fraction(2, 3)
    assert "1/3" in steps[-1].contributions[0].equation


def test_a_function_of_the_user_shows_its_numbers_without_a_formula() -> None:
    @primitive(partials=lambda x, out: (3.0,))
    def triple(x: float) -> float:
        return 3 * x

    steps = step(triple(Value(2.0, "x")))
    assert steps.gradient("x") == 3.0
    assert steps[0].equation == "y = triple(x) = triple(2) = 6"
    assert steps[-1].lines[1:] == ["  dy/dx += dy/dy * dy/dx = 1 * 3 = 3"]


def test_a_leaf_alone_has_one_step() -> None:
    steps = step(Value(3.0, "x"))
    assert [each.phase for each in steps] == ["seed"]
    assert steps.gradient("x") == 1.0


def test_steps_are_a_sequence() -> None:
    steps = step(Value(3.0, "x") ** 2)
    assert len(steps) == len(list(steps)) == 3
    assert steps[-1].index == 2
    assert [each.phase for each in steps[::-1]] == ["backward", "seed", "forward"]
    with pytest.raises(IndexError):
        steps[3]


def test_what_cannot_be_stepped_through_is_refused_with_the_remedy() -> None:
    with pytest.raises(TypeError, match=r"returned None .* return one Value"):
        step(lambda x: None, 1.0)
    with pytest.raises(TypeError, match="expected a Value, or a function and its arguments"):
        step(3.0)
    with pytest.raises(TypeError, match="arguments go with a function"):
        step(Value(1.0), 2.0)
    with pytest.raises(ValueError, match=r"steps are saved as \.html"):
        step(Value(1.0)).save("x.svg")
