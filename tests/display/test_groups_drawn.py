"""Pictures of groups: a box for each instruction over arrays, which opens to its scalars."""

import random

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, draw, explore
from autograd.compiler.lanes.rolling import roll
from autograd.compiler.recording import recorded
from autograd.display.groups import groups_graph
from autograd.display.text import number
from tests.display.test_explorer_page import made, shown


@pytest.fixture
def network():
    """A compiled loss of two lanes, and the numbers of its leaves in the first of them."""
    model = nn.MLP(2, [4, 4, 1], rng=random.Random(1))
    g = autograd.compile(lambda x, t: autograd.relu(1 - t * model(x)))
    g.map_backward([[0.5, 0.3], [-0.2, 0.9]], [1.0, -1.0])
    return g, [0.5, 0.3, 1.0, *(p.data for p in g.bound().values)], model


def test_each_instruction_is_a_box(network):
    g, leaves, _ = network
    drawing = draw(g.groups, *leaves, engine="builtin", collapse=True)
    lines = [line.split("  ")[0] for line in str(drawing).splitlines()]
    assert lines == [
        "x[0]", "x[1]", "t", "parameters", "2 MM 4 x 3 times rows", "3 EXPR relu, sign",
        "4 MM 4 x 5 times rows", "5 EXPR relu, sign", "v58",
        "7 EXPR multiply, subtract, relu, ...", "9 MM 1 x 4 over lanes", "8 EXPR multiply",
        "11 MM 4 x 5 over lanes", "10 MM 4 x 4 times rows", "12 EXPR multiply",
        "13 MM 4 x 3 over lanes", drawing.note and f"({drawing.note})",
    ]  # fmt: skip


def test_a_box_opens_to_the_scalars_of_which_each_is_in_one(network):
    g, leaves, _ = network
    graph = groups_graph(g.groups, leaves)
    boxes = {node.path[0][0] for node in graph.nodes if node.path}
    assert {"parameters", "2 MM 4 x 3 times rows", "13 MM 4 x 3 over lanes"} <= boxes
    assert all(node.path for node in graph.nodes if node.op)
    inside = [n for n in graph.nodes if n.path and n.path[0][0] == "2 MM 4 x 3 times rows"]
    assert [node.sign for node in inside] == ["dot"] * 4
    assert {node.label for node in graph.nodes if node.label.startswith("d/dp")} >= {"d/dp0"}


def test_the_numbers_are_those_of_eager_computation(network):
    g, leaves, model = network
    graph = groups_graph(g.groups, leaves)
    x = [Value(0.5), Value(0.3)]
    model.zero_grad()
    loss = autograd.relu(1 - 1.0 * model(x))
    loss.backward()
    assert graph.roots[0].data == pytest.approx(loss.data, rel=1e-14)
    assert graph.roots[0].label == "total over lanes"
    found = [node.data for node in graph.roots[1:]]
    true = {round(p.grad, 12) for p in model.parameters()}
    assert {round(x, 12) + 0.0 for x in found} == {x + 0.0 for x in true}


def test_without_numbers_only_the_structure_is_drawn(network):
    g, _, _ = network
    graph = groups_graph(g.groups)
    assert {node.data for node in graph.nodes} == {None}
    assert {edge.partial for edge in graph.edges} == {None}
    assert "EXPR relu, sign" in draw(graph, collapse=True, engine="builtin").svg


def test_every_kind_of_instruction_is_drawn():
    model = nn.MLP(3, [4, 12], rng=random.Random(1))
    g = autograd.compile(lambda x, t: autograd.logsumexp(model(x)) - autograd.dot(model(x), t))
    g.map_value_and_grad(np.eye(3), np.eye(12)[:3])
    boxes = {node.path[0][0] for node in groups_graph(g.groups).nodes if node.path}
    assert {"inputs", "parameters"} <= boxes
    for what in ("DOT of 1 largest", "DOT of 1 sum", "EXPR exp_difference", "MM 12 x 5"):
        assert any(what in box for box in boxes), (what, boxes)


def test_groups_that_were_made_by_hand_are_refused():
    groups = roll(recorded(lambda x: x * x, [1.0]).program, [True])
    with pytest.raises(TypeError, match=r"groups are drawn that a compiled function has made"):
        draw(groups)


def test_the_page_opens_them_and_finds_the_gradient_itself(network, browser, tmp_path):
    g, leaves, model = network
    x = [Value(0.5), Value(0.3)]
    autograd.relu(1 - 1.0 * model(x)).backward()
    with made(browser, tmp_path, g.groups, *leaves) as page:
        page.wait_for_selector("[data-level]")
        assert page.get_by_text("2 MM 4 x 3 times rows").count()
        found = shown(page, "grad")
        graph = explore(g.groups, *leaves).graph
        keys = [node.key for node in graph.nodes[:2]]
        assert [found[i] for i, node in enumerate(graph.nodes) if node.key in keys] == [
            number(v.grad) for v in x
        ]
