"""record: every node knows the piece of source, and the module calls, that it was made in."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import asyncio
import copy
import linecache
import pickle
import random
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, dot, grad, no_grad, record, softmax
from autograd.graph.modes import OPEN
from autograd.graph.order import ancestry
from autograd.graph.watching.recording import Origin


def pieces(root: Value) -> dict[str, str]:
    """The very source text of each node of a graph, by the name of its operation."""
    found = {}
    for node in ancestry(root):
        if node.op is not None:
            start, end = node.origin.columns
            found[node.op.name] = node.origin.source[start:end]
    return found


def test_columns_hold_the_very_subexpression():
    x = Value(0.5)
    with record():
        y = ((x * 2 + 1).tanh() - x**3) / ag.exp(-x)
    assert pieces(y) == {
        "multiply": "x * 2",
        "add": "x * 2 + 1",
        "tanh": "(x * 2 + 1).tanh()",
        "power": "x**3",
        "subtract": "(x * 2 + 1).tanh() - x**3",
        "negative": "-x",
        "exp": "ag.exp(-x)",
        "divide": "((x * 2 + 1).tanh() - x**3) / ag.exp(-x)",
    }


def test_origin_names_the_file_the_line_and_the_function():
    def inner(x: Value) -> Value:
        return x * x

    x = Value(2.0)
    with record():
        here, by_lambda = inner(x), (lambda x: x + x)(x)
    origin = here.origin
    assert origin.filename == __file__
    assert origin.line == inner.__code__.co_firstlineno + 1
    assert origin.source == "return x * x"
    test = "test_origin_names_the_file_the_line_and_the_function"
    assert origin.function == f"{test}.<locals>.inner"
    assert by_lambda.origin.function == f"{test}.<locals>.<lambda>"
    assert by_lambda.origin.source.startswith("here, by_lambda = inner(x)")
    assert by_lambda.origin.path == ()
    assert repr(origin) == f"{__file__}:{origin.line} in {origin.function}: return x * x"


def test_an_expression_over_several_lines_has_its_first_line_and_no_columns():
    x = Value(2.0)
    with record():
        # fmt: off
        y = (x * 3
             + 1)
        # fmt: on
    assert y.origin.source == "y = (x * 3"
    assert y.origin.columns is None
    product = y.parents[0].origin
    assert product.source[slice(*product.columns)] == "x * 3"


def test_columns_count_characters_not_bytes():
    x = Value(2.0)
    with record():
        βγ = "αβγ", x * 3
    assert pieces(βγ[1]) == {"multiply": "x * 3"}


def test_functions_of_the_library_are_recorded_where_they_are_called():
    x, y = Value(0.5), Value(1.5)
    with record():
        made = {
            "dot([x], [y], 1.0)": dot([x], [y], 1.0),
            "ag.sum([x, y])": ag.sum([x, y]),
            "softmax([x, y])": softmax([x, y])[0],
            "ag.where(x > 0, x, y)": ag.where(x > 0, x, y),
            "round(x, 1)": round(x, 1),
            "ag.tanh(np.array([x, y]))": ag.tanh(np.array([x, y]))[1],
            "np.tanh(np.array([x, y]))": np.tanh(np.array([x, y]))[1],
        }
    for text, node in made.items():
        assert node.origin.source[slice(*node.origin.columns)] == text


def test_nodes_of_a_gradient_come_from_the_call_of_backward_or_grad():
    x = Value(2.0)
    y = x**3
    with record():
        y.backward(create_graph=True)
        slope = grad(lambda x: x * x)(x)
    for gradient, text in [(x.grad, "y.backward(create_graph=True)"), (slope, "grad(")]:
        assert gradient.origin.filename == __file__
        assert text in gradient.origin.source


def test_source_registered_in_linecache_is_shown_as_in_a_notebook():
    """IPython compiles each cell under a name that no file has, and registers its lines."""
    cell = "x = Value(2.0)\nwith record():\n    y = x * x\n"
    name = "<cell 1 of a notebook>"
    linecache.cache[name] = len(cell), None, cell.splitlines(True), name
    try:
        scope: dict[str, Any] = {"Value": Value, "record": record}
        exec(compile(cell, name, "exec"), scope)
        origin = scope["y"].origin
    finally:
        del linecache.cache[name]
    assert (origin.filename, origin.line, origin.function) == (name, 3, "<module>")
    assert (origin.source, origin.columns) == ("y = x * x", (4, 9))


def test_source_that_is_not_to_be_had_leaves_the_text_empty():
    scope: dict[str, Any] = {"x": Value(2.0)}
    with record():
        exec("y = x * x", scope)
    origin = scope["y"].origin
    assert (origin.filename, origin.line, origin.source) == ("<string>", 1, "")


# -- where it holds ---------------------------------------------------------------------------


def test_it_is_off_by_default_and_ends_with_its_block():
    x = Value(2.0)
    before = set(OPEN)  # of threads that another test has left alive
    assert (x * x).origin is None
    with record():
        assert (x * x).origin is not None
        assert x.origin is None, "a leaf has no origin"
        with record():
            assert (x * x).origin is not None
        assert (x * x).origin is not None
        with no_grad():
            assert (x * x).parents == ()
    assert (x * x).origin is None
    with pytest.raises(KeyError), record():
        raise KeyError
    assert (x * x).origin is None
    assert set(OPEN) <= before


def test_threads_and_tasks_are_apart():
    x, seen = Value(2.0), []
    with record():
        thread = threading.Thread(target=lambda: seen.append((x * x).origin))
        thread.start()
        thread.join()
        assert (x * x).origin is not None
    assert seen == [None]

    async def recording(started: asyncio.Event) -> Origin | None:
        with record():
            started.set()
            await asyncio.sleep(0)
            return (x * x).origin

    async def plain(started: asyncio.Event) -> Origin | None:
        await started.wait()
        return (x * x).origin

    async def both() -> list[Origin | None]:
        started = asyncio.Event()
        return await asyncio.gather(plain(started), recording(started))

    without, origin = asyncio.run(both())
    assert without is None
    assert origin is not None


def test_recording_changes_no_bit():
    def run() -> list[str]:
        x = Value(0.3)
        y = ag.sin(x * x) / (x + 2)
        y.backward()
        return [y.data.hex(), x.grad.hex()]

    plain = run()
    with record():
        assert run() == plain


# -- module calls -----------------------------------------------------------------------------


def paths(root: Value) -> list[tuple[tuple[str, int], ...]]:
    """The module-call paths of a graph's nodes, each once, in the order of the calls."""
    found = {node.origin.path: None for node in ancestry(root) if node.op is not None}
    return sorted(found, key=lambda path: path[-1][1])


def test_each_node_of_an_mlp_knows_its_module_calls():
    model = nn.MLP(2, [2, 1], rng=random.Random(0))
    with record():
        y = model([1.0, -2.0])
    assert paths(y) == [
        (("MLP", 1), ("layers.0", 2), ("neurons.0", 3)),
        (("MLP", 1), ("layers.0", 2), ("neurons.1", 4)),
        (("MLP", 1), ("layers.1", 5), ("neurons.0", 6)),
    ]
    assert repr(y.origin).startswith("MLP#1 > layers.1#5 > neurons.0#6 > ")


def test_two_calls_of_a_shared_cell_are_told_apart_by_their_numbers():
    model = nn.RNN(1, 1, rng=random.Random(0))
    with record():
        state = model([[0.5], [1.0]])[-1][0]
    assert paths(state) == [
        (("RNN", 1), ("cell", 2), ("neurons.0", 3)),
        (("RNN", 1), ("cell", 4), ("neurons.0", 5)),
    ]


class Doubled(nn.Module):
    """A user's module: calls a member twice, and computes something of its own."""

    def __init__(self) -> None:
        self.members = {"first": nn.Neuron(1, nonlin=False, rng=random.Random(0))}

    def __call__(self, x: Value) -> Value:
        """Twice the neuron, squared."""
        neuron = self.members["first"]
        return neuron([neuron([x])]) ** 2


def test_modules_of_the_users_own_are_named_too():
    model = Doubled()
    with record():
        y, again = model(Value(1.0)), model(Value(2.0))
    assert [[name for name, _ in path] for path in paths(y)] == [
        ["Doubled"], ["Doubled", "members.first"], ["Doubled", "members.first"]
    ]  # fmt: skip
    numbers = [path[-1][1] for root in (y, again) for path in paths(root)]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert model.__call__.__doc__ == "Twice the neuron, squared."


def test_an_exception_in_a_module_leaves_the_path_clean():
    model = Doubled()
    with record():
        with pytest.raises(TypeError):
            model("text")
        free = Value(1.0) * 2
        y = model(Value(1.0))
    assert free.origin.path == ()
    assert {path[0] for path in paths(y)} == {("Doubled", 3)}, "after calls 1 and 2, which failed"


def test_modules_compute_the_same_outside_of_a_record_block():
    model = Doubled()
    plain = model(Value(1.0))
    with record():
        recorded = model(Value(1.0))
    assert plain.data == recorded.data
    assert plain.origin is None


# -- keeping ----------------------------------------------------------------------------------


def fields(origin: Origin) -> list[Any]:
    """All that an origin says."""
    return [getattr(origin, name) for name in sorted(Origin.__slots__)]


def twins(value: Any) -> Iterator[Any]:
    """Copies of all kinds."""
    yield copy.copy(value)
    yield copy.deepcopy(value)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(value, protocol))


def test_an_origin_survives_copy_and_pickle():
    with record():
        y = nn.MLP(1, [1], rng=random.Random(0))([Value(0.5)])
    for twin in twins(y.origin):
        assert fields(twin) == fields(y.origin)
    for twin in twins(y):
        assert fields(twin.origin) == fields(y.origin)
        assert fields(copy.copy(twin).origin) == fields(y.origin)
