"""Pictures of programs, with the lines that their scalars came from."""

import json

import numpy as np
import pytest

from autograd import Value, compile, draw
from autograd.compiler.codes import CODES
from autograd.compiler.planning import with_gradient
from autograd.compiler.program import Program
from autograd.display.programs import program_graph


def neuron(file):
    names = ("input", "parameter", "multiply", "tanh")
    return Program.of(
        [CODES[name] for name in names], [0, 1, 2], results=[3], places=[-1, -1, 0, 0],
        sources=[(str(file), 1, "neuron")], input_names=["x"], parameter_names=["w"],
    )  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("y = (w * x).tanh()\n", encoding="utf-8")
    return path


def test_a_program_is_drawn_with_the_numbers_of_its_arguments(file):
    plan = with_gradient(neuron(file))
    drawing = draw(plan, 2.0, 0.5, engine="builtin")
    lines = str(drawing).splitlines()
    assert lines[0].split() == ["x", "data", "2", "grad", "?"]
    assert any("x * w" in line and "data 1 " in line for line in lines)
    gradients = sorted(drawing.graph.roots[1:], key=lambda node: node.label, reverse=True)
    assert [node.label for node in gradients] == ["d/dx", "d/dw"]
    slope = 1 - np.tanh(1.0) ** 2
    assert [node.data for node in gradients] == [
        pytest.approx(0.5 * slope),
        pytest.approx(2 * slope),
    ]


def test_each_scalar_tells_the_line_that_made_it(file):
    drawing = draw(with_gradient(neuron(file)), engine="builtin")
    assert (
        drawing.svg.count("net.py:1 neuron: y = (w * x).tanh()") == 3
    )  # * and tanh, and the partial


def test_without_numbers_none_are_drawn(file):
    drawing = draw(neuron(file), engine="builtin")
    assert str(drawing).splitlines()[:2] == ["x", "w"]
    assert ">data<" not in drawing.svg
    nodes = json.loads(drawing.to_json())["nodes"]
    assert [node["data"] for node in nodes] == [None] * 4


@pytest.mark.parametrize("ending", [".svg", ".html", ".dot", ".mmd", ".json", ".pdf"])
def test_a_picture_of_a_program_is_saved(file, ending, tmp_path):
    path = tmp_path / f"program{ending}"
    draw(with_gradient(neuron(file)), 2.0, 0.5, engine="builtin").save(path)
    assert path.stat().st_size > 200


def test_sums_of_products_and_literals_are_drawn():
    names = ("input", "literal", "pairs", "total")
    program = Program.of(
        [CODES[x] for x in names], [0, 0, 1, 0, 2, 2], counts={2: 4, 3: 2}, literals=[3.0],
        results=[3],
    )  # fmt: skip
    graph = program_graph(program, [2.0])
    assert [(node.sign, node.data) for node in graph.nodes] == [
        ("", 2.0), ("pairs", 10.0), ("total", 100.0)]  # fmt: skip
    assert "pairs(x0, x0, 3, x0)" in str(draw(graph, engine="builtin"))


def test_numbers_are_given_for_all_leaves_or_none(file):
    with pytest.raises(ValueError, match="2 inputs and parameters; got 1 numbers"):
        draw(neuron(file), 2.0)


def test_derivatives_are_labelled_by_what_they_are_derivatives_of():
    """Those of `backward` are by captured Values, of which there may be as many as arguments."""
    w, v = Value(2.0, label="w"), Value(3.0, label="v")
    f = compile(lambda x, y: (w * x + v * y).tanh() if x < y else x)
    f.backward(0.3, 0.5)
    assert f.program.gradient_names == ("d/dw", "d/dv")
    labels = {node.label for node in program_graph(f.program).nodes}
    assert {"x", "y", "w", "v", "d/dw", "d/dv", "guard, True"} <= labels
    assert "d/dx" not in labels
    f = compile(lambda x: x * x * x)
    f.hessian(2.0)
    assert f.program.gradient_names == ("d2/dx dx",)
    f.hvp(2.0, 1.0)
    assert f.program.gradient_names == ("(H v)/x",)


def test_one_scalar_may_be_two_derivatives():
    f = compile(lambda x, y: x + y)
    f.value_and_grad(1.0, 2.0)
    (one,) = [node for node in program_graph(f.program).nodes if node.label.startswith("d/d")]
    assert one.label == "d/dx = d/dy"
