"""Stepping says what the sweep does, to the bit, and touches no gradient."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, maximum, primitive, record
from autograd.display import draw, snapshot, step
from autograd.display.stepper import page_data
from autograd.display.text import number
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs, rational_programs


def bits(x: object) -> str:
    """A number to the last bit, the sign of a zero included."""
    return x.hex() if isinstance(x, float) else f"{type(x).__name__} {x!r}"


@given(programs() | rational_programs())
def test_its_gradients_are_those_of_backward_to_the_bit(program: Computation) -> None:
    leaves = program.leaves()
    root = program.results(leaves)[-1]
    steps = step(root)
    keys = dict(steps.graph.keys)
    assert all(type(value.grad) is int and value.grad == 0 for value in keys)
    list(steps)  # saying it all computes nothing anew
    root.backward()
    assert [bits(steps.gradient(v)) for v in keys] == [bits(v.grad) for v in keys]


@given(programs())
def test_the_sums_run_through_the_contributions(program: Computation) -> None:
    root = program.results(program.leaves())[-1]
    steps = step(root)
    sums: dict[int, object] = {steps.graph.root.key: 1.0}
    for each in steps:
        for part in each.contributions:
            assert bits(part.product) == bits(part.partial * part.gradient)
            nothing = part.product == 0 and bits(part.after) == bits(part.before)
            assert nothing or bits(part.after) == bits(part.before + part.product)
            assert part.gradient == sums[each.node.key] or part.gradient != part.gradient
            sums[part.parent.key] = part.after
    assert {key: bits(x) for key, x in sums.items()} == {
        key: bits(steps.gradient(node))
        for key, node in ((n.key, n) for n in steps.graph.nodes)
        if key in sums
    }


def page_after(page: dict[str, Any]) -> dict[tuple[int, str], str]:
    """What stands on a page after its last step, by node and row."""
    changes = [*page["start"], *(change for each in page["steps"] for change in each["values"])]
    return {(key, row): text for key, row, text in changes}


@given(programs() | rational_programs(), st.data())
def test_the_page_ends_with_what_backward_leaves_whatever_it_leaves_out(
    program: Computation, data: st.DataObject
) -> None:
    root = program.results(program.leaves())[-1]
    steps = step(root)
    page = page_data(steps, data.draw(st.integers(1, len(steps.graph))))
    drawn = steps.nearest(len({key for key, _, _ in page["start"]})).graph
    root.backward()
    values = {key: value for value, key in steps.graph.keys.items()}
    assert page_after(page) == {
        (node.key, row): number(getattr(values[node.key], row))
        for node in drawn.nodes
        for row in ("data", "grad")
    }


@given(programs())
def test_what_is_left_out_takes_its_part_in_the_order_of_the_sweep(program: Computation) -> None:
    whole = step(program.results(program.leaves())[-1])
    for most in range(1, len(whole.graph)):
        steps = whole.nearest(most)
        drawn = {node.key for node in steps.graph.nodes}
        sums: dict[int, Any] = {steps.graph.root.key: 1.0}
        for each in steps:
            for part in each.contributions:
                key = part.parent.key
                if each.node.key in drawn:
                    assert bits(part.gradient) == bits(sums[each.node.key]), "complete by now"
                if key in drawn:
                    assert bits(part.before) == bits(sums.get(key, part.before))
                    sums[key] = part.after
        assert {key: bits(x) for key, x in sums.items()} == {
            key: bits(steps.gradient(whole.graph.nodes[key])) for key in sums
        }
        assert drawn <= {*sums}


@pytest.mark.parametrize("most", [502, 300, 40, 3])
def test_a_loss_over_a_hundred_points_ends_with_its_gradient(most: int) -> None:
    """Beside closed forms in fractions, with the last `most` nodes and the two parameters drawn."""
    rng = random.Random(0)
    points = [(rng.uniform(-1, 1), rng.gauss(0, 1)) for _ in range(100)]
    w, b = Value(0.25, "w"), Value(-0.5, "b")
    loss = Value(0.0)
    for x, y in points:
        loss = loss + (w * x + b - y) ** 2
    graph = snapshot(loss / 100)
    assert len(graph) == 504
    parameters = [graph.key(name) for name in "wb"]
    steps = step(graph.only([node.key for node in graph.nodes[-most:]] + parameters))
    inputs = [Fraction(x) for x, _ in points]
    errors = [
        x / 4 - Fraction(1, 2) - Fraction(y) for x, (_, y) in zip(inputs, points, strict=True)
    ]
    slopes = [sum(e * x for e, x in zip(errors, inputs, strict=True)) / 50, sum(errors) / 50]
    ended = page_after(page_data(steps, most=504))
    assert [ended[key, "grad"] for key in parameters] == [number(float(x)) for x in slopes]
    assert [steps.gradient(v) for v in (w, b)] == pytest.approx(list(map(float, slopes)), rel=1e-13)


def test_nodes_that_are_not_drawn_share_a_step_which_says_so() -> None:
    w = Value(2.0, "w")
    h = w * 3
    h.label = "h"
    y = h + w * w + (w + 1) * (w + 2)
    assert str(step(snapshot(y).around(h, hops=1))) == (
        "1. forward: h = w * 3 = 2 * 3 = 6\n"
        "2. forward: v2 = h + v1 = 6 + 4 = 10\n"
        "3. seed: dy/dy = 1\n"
        "4. backward: 4 nodes that are not drawn pass their gradients back\n"
        "  ∂y/∂v2 = 1\n"
        "  dy/dv2 += dy/dy * ∂y/∂v2 = 1 * 1 = 1\n"
        "  dy/dw += 2 contributions of nodes that are not drawn; the sum is 7\n"
        "5. backward: dy/dv2 = 1 goes through +\n"
        "  ∂v2/∂h = 1\n"
        "  dy/dh += dy/dv2 * ∂v2/∂h = 1 * 1 = 1\n"
        "  ∂v2/∂v1 = 1\n"
        "  dy/dv1 += dy/dv2 * ∂v2/∂v1 = 1 * 1 = 1\n"
        "6. backward: a node that is not drawn passes its gradient back\n"
        "  dy/dw += 2 contributions of nodes that are not drawn; the sum goes from 7 to 11\n"
        "7. backward: dy/dh = 1 goes through *\n"
        "  ∂h/∂w = 3\n"
        "  dy/dw += dy/dh * ∂h/∂w = 1 * 3 = 3; the sum is 11 + 3 = 14"
    )


def test_the_widget_shows_the_same_steps_as_the_page() -> None:
    pytest.importorskip("anywidget")
    h = w = Value(1.0, "w")
    for _ in range(400):
        h = h * 1.0 + w
    steps = step(h)
    widget = steps.widget()
    told = page_data(steps)["steps"]
    widget.position = len(told) + 5
    assert widget.position == len(told) - 1
    assert [line.strip() for line in widget.step.lines] == [
        "501 nodes that are not drawn pass their gradients back",
        "dy/dw += 251 contributions of nodes that are not drawn; the sum goes from 150 to 401",
    ]
    assert widget.step.lines == told[-1]["lines"]


def test_a_part_belongs_to_its_root_also_where_that_is_cut_away() -> None:
    w = Value(0.5, "w")
    y = (w * w).tanh().exp()
    part = snapshot(y).around(w, hops=1)
    assert [node.name for node in part.nodes] == ["w", "v1"]
    assert part.root.name == "y"
    page = page_data(step(part))
    assert page["title"] == f"Steps through y = {number(y.data)}"
    assert [each["node"] for each in page["steps"]] == [1, None, None, 1]
    y.backward()
    assert page_after(page)[0, "grad"] == number(w.grad)
    assert "its root is y" in draw(part, engine="builtin").svg


def test_collapsed_calls_have_no_steps() -> None:
    with record():
        y = nn.Neuron(2)([1.0, 2.0])
    graph = snapshot(y).collapse()
    for part in (graph, graph.nearest(1)):
        with pytest.raises(ValueError, match="give the snapshot as it was before collapse"):
            step(part)


def test_what_a_leaf_held_before_is_no_part_of_the_steps_and_hooks_do_not_run() -> None:
    x = Value(3.0, "x")
    x.grad = 100.0
    seen: list[float] = []
    hook = x.register_hook(seen.append)
    steps = step(x * x)
    assert (steps.gradient(x), page_after(page_data(steps))[0, "grad"]) == (6.0, "6")
    assert (x.grad, seen) == (100.0, [])
    hook.remove()


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
        "  ∂y/∂n = 1 - tanh(n) ** 2 = 1 - tanh(1.5) ** 2 = 0.1807\n"
        "  dy/dn += dy/dy * ∂y/∂n = 1 * 0.1807 = 0.1807\n"
        "6. backward: dy/dn = 0.1807 goes through +\n"
        "  ∂n/∂v1 = 1\n"
        "  dy/dv1 += dy/dn * ∂n/∂v1 = 0.1807 * 1 = 0.1807\n"
        "  ∂n/∂w = 1\n"
        "  dy/dw += dy/dn * ∂n/∂w = 0.1807 * 1 = 0.1807\n"
        "7. backward: dy/dv1 = 0.1807 goes through *\n"
        "  ∂v1/∂w = x = 2\n"
        "  dy/dw += dy/dv1 * ∂v1/∂w = 0.1807 * 2 = 0.3614; the sum is 0.1807 + 0.3614 = 0.5421\n"
        "  ∂v1/∂x = w = 0.5\n"
        "  dy/dx += dy/dv1 * ∂v1/∂x = 0.1807 * 0.5 = 0.09035"
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
    assert by_x == "  ∂v1/∂x = y * x ** (y - 1) = 3 * 2 ** (3 - 1) = 12"
    assert by_y == "  ∂v1/∂y = x ** y * log(x) = 2 ** 3 * log(2) = 5.545"
    assert step(x**3)[-1].lines[1] == "  ∂y/∂x = 3 * x ** 2 = 3 * 2 ** 2 = 12"


def test_a_formula_that_depends_on_a_size_is_named_and_explained() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    lines = step(maximum(x, y))[-1].lines
    assert lines[1] == "  ∂v1/∂x = max_share(0, x, y) = max_share(0, 2, 3) = 0"
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
    assert steps[-1].lines[1:] == ["  dy/dx += dy/dy * ∂y/∂x = 1 * 3 = 3"]


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
