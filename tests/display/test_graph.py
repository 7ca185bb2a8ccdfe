"""A snapshot is fixed, ordered, named; it can be collapsed, cut and highlighted."""

from __future__ import annotations

import dataclasses
import math
import pickle
import re
import subprocess
import sys
from collections import Counter, OrderedDict, namedtuple
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, collector_paused, record
from autograd.display import Graph, draw, snapshot, step
from autograd.graph.order import topological_order
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes]


def test_nodes_come_after_their_parents_and_leaves_before_their_first_use(neuron: Value) -> None:
    graph = snapshot(neuron)
    assert names(graph) == ["w", "x", "v1", "b", "v2", "y"]
    assert [node.sign for node in graph.nodes] == ["", "", "*", "", "+", "tanh"]
    assert [(e.source, e.target) for e in graph.edges] == [(0, 2), (1, 2), (2, 4), (3, 4), (4, 5)]


@given(programs())
def test_the_order_is_the_order_of_the_sweep(program: Computation) -> None:
    places = program.results(program.leaves())
    root = places[-1]
    graph = snapshot(root)
    order = {value: key for value, key in graph.keys.items() if value.parents}
    assert topological_order(root) == sorted(order, key=order.__getitem__)
    position = {node.key: i for i, node in enumerate(graph.nodes)}
    assert all(position[e.source] < position[e.target] for e in graph.edges)


def test_a_snapshot_does_not_change_when_the_values_do(neuron: Value) -> None:
    graph = snapshot(neuron)
    before = [(node.data, node.grad, node.label) for node in graph.nodes]
    for value in list(graph.keys):
        value.data, value.grad, value.label = 7.0, 8.0, "other"
    assert [(node.data, node.grad, node.label) for node in graph.nodes] == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        graph.nodes[0].data = 7.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        graph.nodes = ()  # type: ignore[misc]


def test_gradients_are_unknown_before_a_sweep_and_zero_only_where_they_are_zero() -> None:
    w, x = Value(0.0, "w"), Value(2.0, "x")
    y = w * x
    assert [node.grad for node in snapshot(y).nodes] == [None, None, None]
    y.backward()
    assert [node.grad for node in snapshot(y).nodes] == [2.0, 0.0, 1.0]
    other = w + x  # the leaves have gradients, but not of this root
    assert [node.grad for node in snapshot(other).nodes] == [None, None, None]


@given(st.lists(st.sampled_from(["", "a", "b", "a#2", "v1", "v2", "y"]), min_size=2, max_size=8))
def test_names_are_unique(labels: list[str]) -> None:
    total = Value(1.0, labels[0])
    for label in labels[1:]:
        total = total + Value(1.0, label)
    found = names(snapshot(total))
    assert len(set(found)) == len(found)


def test_literals_are_operands_but_no_nodes() -> None:
    y = 2 ** Value(3.0, "x") - 1
    graph = snapshot(y)
    assert names(graph) == ["x", "v1", "y"]
    assert graph.nodes[1].operands[0] == 2
    assert graph.nodes[2].operands[1] == 1


def test_highlighting_marks_what_lies_between_a_leaf_and_the_root() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    left, right = a * 2, b * 3
    left.label, right.label = "left", "right"
    graph = snapshot(left + right).highlight("a")
    assert [n.name for n in graph.nodes if n.key in graph.marked] == ["a", "left", "y"]
    assert snapshot(left + right).highlight(a).marked == graph.marked


def test_around_keeps_what_is_few_edges_away_and_says_how_much_it_left_out() -> None:
    x = h = Value(1.0, "x")
    for i in range(10):
        h = h * 2
        h.label = f"h{i}"
    graph = snapshot(h).around("h4", hops=2)
    assert names(graph) == ["h2", "h3", "h4", "h5", "h6"]
    assert graph.left_out == 6
    assert [node.hidden for node in graph.nodes] == [1, 0, 0, 0, 0]
    assert names(snapshot(h).around(x, hops=1)) == ["x", "h0"]


def test_the_nearest_are_the_nearest_to_the_root() -> None:
    graph = snapshot(chain(10)).nearest(3)
    assert len(graph) == 3
    assert graph.root.name == "y"
    assert graph.left_out == 8


def chain(length: int) -> Value:
    h = Value(1.0)
    with collector_paused():
        for _ in range(length):
            h = h * 1.0
    return h


def test_a_chain_of_a_hundred_thousand_is_walked_without_recursion() -> None:
    graph = snapshot(chain(100_000)).highlight("v1")
    assert len(graph.marked) == 100_001


@pytest.fixture
def layers() -> Callable[[], Value]:
    def run() -> Value:
        model = nn.MLP(2, [3, 1])
        with record():
            out = model([Value(1.0, "first"), Value(2.0, "second")])
        return out if isinstance(out, Value) else out[0]

    return run


def test_each_call_of_a_module_collapses_to_one_node_with_its_parameters(
    layers: Callable[[], Value],
) -> None:
    y = layers()
    whole = snapshot(y)
    by_neuron = whole.collapse("neuron")
    assert [node.label for node in by_neuron.nodes] == [
        "first", "second", "neurons.0", "neurons.1", "neurons.2", "neurons.0",
    ]  # fmt: skip
    assert by_neuron.root.data == y.data
    assert sum(max(1, node.members) for node in by_neuron.nodes) == len(whole)
    assert len({(e.source, e.target) for e in by_neuron.edges}) == 9
    assert all(edge.partial is None for edge in by_neuron.edges)
    assert [node.label for node in whole.collapse(1).nodes] == ["first", "second", "MLP"]
    assert whole.collapse("layer").nodes[-1].label == "layers.1"
    with pytest.raises(ValueError, match=r"no module is called 'conv'.*calls of MLP, layers, neur"):
        whole.collapse("conv")


def test_every_call_of_a_shared_module_is_a_node_of_its_own() -> None:
    cell = nn.Neuron(1)
    with record():
        h: Value | float = Value(0.5, "h")
        for _ in range(3):
            h = cell([h])
    graph = snapshot(h).collapse("neuron")
    h, shared, *calls = graph.nodes
    assert [node.label for node in graph.nodes] == [
        "h", "parameters of Neuron", "Neuron", "Neuron (call 2)", "Neuron (call 3)",
    ]  # fmt: skip
    assert {(e.source, e.target) for e in graph.edges} == {
        (h.key, calls[0].key), (calls[0].key, calls[1].key), (calls[1].key, calls[2].key),
        *((shared.key, call.key) for call in calls),
    }  # fmt: skip


def test_what_calls_share_is_one_node_with_its_number_and_the_norm_of_its_gradient() -> None:
    """Of a mean squared error over four examples; no call is credited with what all use."""
    model = nn.MLP(2, [3, 1], activation="tanh")
    with record():
        errors = [(model([float(i), 1.0]) - i % 2) ** 2 for i in range(4)]
        loss = sum(errors[1:], errors[0]) / 4
    unswept = snapshot(loss).collapse(1)
    loss.backward()
    graph = snapshot(loss).collapse(1)
    shared, *calls = [node for node in graph.nodes if node.members]
    assert (shared.label, shared.members) == ("parameters of MLP", 13)
    norm = math.sqrt(sum(p.grad**2 for p in model.parameters()))
    assert shared.grad == pytest.approx(norm, rel=1e-14)
    assert [node.grad for node in unswept.nodes if node.parameters] == [None]
    assert [call.label for call in calls] == ["MLP", *(f"MLP (call {i})" for i in (2, 3, 4))]
    assert len({call.members for call in calls}) == 1
    assert {e.target for e in graph.edges if e.source == shared.key} == {c.key for c in calls}
    by_layer = snapshot(loss).collapse("Layer")
    found = Counter(node.label.partition(" (")[0] for node in by_layer.nodes if node.members)
    assert found == {"layers.0": 4, "layers.1": 4,
                     "parameters of MLP.layers.0": 1, "parameters of MLP.layers.1": 1}  # fmt: skip
    drawn = draw(by_layer)
    assert drawn.svg.count(">|grad|<") == 2
    assert re.search(r"parameters of MLP.layers.1  4 Values +\|grad\| \d", str(drawn))


def test_parameters_are_called_by_their_names() -> None:
    model = nn.MLP(1, [1])
    out = model([1.0])
    y = out if isinstance(out, Value) else out[0]
    assert {"layers.0.neurons.0.w.0", "layers.0.neurons.0.b"} <= set(names(snapshot(y, model)))
    assert "slope" in names(snapshot(y, {"slope": model.parameters()[0]}))


def test_twenty_thousand_nodes_collapse() -> None:
    model = nn.MLP(2, [16, 16, 1])
    with record(), collector_paused():
        total = Value(0.0)
        for i in range(300):
            out = model([float(i), 1.0])
            total = total + (out if isinstance(out, Value) else out[0])
    drawing = draw(total, engine="builtin", max_nodes=1000)
    assert 0 < drawing.svg.count('class="node') <= 1000
    assert len(drawing.graph.keys) > 20_000
    assert len(drawing.graph) == 602  # the sums, the calls, the parameters
    assert drawing.note.startswith("20,138 nodes drawn as 602: calls of modules collapsed")


def test_what_is_no_part_of_the_graph_is_refused_by_name(neuron: Value) -> None:
    with pytest.raises(KeyError, match="nothing of the root was computed from it"):
        snapshot(neuron).key(Value(1.0))
    with pytest.raises(KeyError, match="no node is called 'z'; there are w, x, v1, b, v2, y"):
        snapshot(neuron).around("z")
    with pytest.raises(
        TypeError,
        match=r"a graph is drawn from its root, a Value, or from a list of them; got 3\.0",
    ):
        snapshot(3.0)  # type: ignore[arg-type]


def test_parameters_of_recorded_modules_have_their_names() -> None:
    model = nn.MLP(2, [2, 1])
    with record():
        y = model([1.0, 2.0])
    assert {name for name, _ in model.named_parameters()} <= set(names(snapshot(y)))
    assert "slope" in names(snapshot(y, {"slope": model.parameters()[0]})), "what is given wins"
    first, second = nn.Neuron(1), nn.Neuron(1)
    with record():
        y = first([1.0]) + second([2.0])
    assert {"Neuron.w.0", "Neuron.w.0#2"} <= set(names(snapshot(y)))


def test_a_copied_node_does_not_take_the_module_along() -> None:
    model = nn.Neuron(1)
    with record():
        y = model([1.0])
    copied = pickle.loads(pickle.dumps(y))  # noqa: S301  (our own)
    assert copied.origin.path == y.origin.path == (("Neuron", 1),)
    assert type(copied.origin.path[0]) is tuple


def test_names_are_found_within_comprehensions_and_inner_functions() -> None:
    weights, bias = [Value(0.5), Value(-0.5)], Value(0.25)

    def loss(x: Value) -> Value:
        terms = (sum([w * x**i for i, w in enumerate(weights)], bias) for _ in range(1))
        return next(terms)

    assert {"weights.0", "weights.1", "bias"} <= set(names(step(loss, 2.0).graph))


GLOBAL = Value(0.5)


def test_global_names_are_found_within_comprehensions() -> None:
    f = lambda x: sum([GLOBAL * x for _ in range(2)], x)  # noqa: E731
    assert "GLOBAL" in names(step(f, 2.0).graph)


def test_a_cell_of_a_notebook_is_called_by_its_number() -> None:
    pytest.importorskip("IPython")
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('from autograd import Value, record', store_history=True)\n"
        "shell.run_cell('with record():\\n    y = Value(2.0) * 3.0', store_history=True)\n"
        "print(shell.user_ns['y'].origin)\n"
        "from autograd.display import step\n"
        "print('cell 2, line 2' in step(shell.user_ns['y']).to_html())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    origin, is_shown = done.stdout.splitlines()
    assert origin.startswith("cell 2:2 in <")
    assert origin.endswith(": y = Value(2.0) * 3.0")
    assert is_shown == "True"


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("argument", "labels"),
    [
        (Point(1.0, 2.0), ["p.0", "p.1"]),
        ({"x": 1.0, "y": 2.0}, ["p.x", "p.y"]),
        (OrderedDict(x=1.0, y=2.0), ["p.x", "p.y"]),
        (MappingProxyType({"x": 1.0, "y": 2.0}), ["p.x", "p.y"]),
        ([(1.0,), {"y": 2.0}], ["p.0.0", "p.1.y"]),
    ],
    ids=lambda given: type(given).__name__,
)
def test_an_argument_keeps_its_kind_and_each_number_in_it_gets_its_place(
    argument: Any, labels: list[str]
) -> None:
    def f(p: Any) -> Any:
        assert type(p) is type(argument) or isinstance(argument, MappingProxyType)
        first, second = p.values() if isinstance(p, dict) else p
        first = first[0] if isinstance(first, tuple) else first
        return first * (second["y"] if isinstance(second, dict) else second)

    assert [node.label for node in draw(f, argument).graph.nodes if not node.op] == labels
