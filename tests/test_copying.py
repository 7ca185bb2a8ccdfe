"""Copies and pickles: whole graphs, with all that belongs to them, at any depth."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import copy
import io
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given

import nn
from autograd import Value, collector_paused, dot, no_grad, record, where
from autograd.functions import rules
from autograd.graph.order import ancestry
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs


def python_pickle(value: Any, protocol: int) -> Any:
    """There and back with the pickler that is written in Python."""
    file = io.BytesIO()
    pickle._Pickler(file, protocol).dump(value)
    return pickle._loads(file.getvalue())


def c_pickle(value: Any, protocol: int) -> Any:
    """There and back with the pickler that everybody uses."""
    return pickle.loads(pickle.dumps(value, protocol))


PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
WAYS: dict[str, Callable[[Any], Any]] = {"deepcopy": copy.deepcopy}
WAYS |= {f"pickle {n}": lambda x, n=n: c_pickle(x, n) for n in PROTOCOLS}
WAYS |= {f"Python pickle {n}": lambda x, n=n: python_pickle(x, n) for n in PROTOCOLS}
every_way = pytest.mark.parametrize("twin_of", WAYS.values(), ids=WAYS)


def fields(graph: list[Value]) -> list[tuple[Any, ...]]:
    """What a graph says, with places in it instead of identities."""
    place = {node: i for i, node in enumerate(graph)}
    return [
        (
            type(x), x.op, x.label, repr(x.data), repr(x.grad), repr(x.partials),
            [place[parent] for parent in x.parents],
            [place[o] if isinstance(o, Value) else o for o in x.operands],
        )
        for x in graph
    ]  # fmt: skip


@contextmanager
def recursion_limit(spare: int) -> Iterator[None]:
    """Leave room for a few more frames only."""
    before, frame, depth = sys.getrecursionlimit(), sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(depth + spare)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


# -- the graph --------------------------------------------------------------------------------


@given(programs())
def test_random_graphs_keep_everything(program: Computation) -> None:
    """Numbers to the last bit, operations, operands in order, labels, grads and sharing."""
    leaves = program.leaves()
    for i, leaf in enumerate(leaves):
        leaf.label = f"x{i}"
    root = program(*leaves)
    root.backward()
    for twin_of in WAYS.values():
        twin = twin_of(root)
        assert fields(ancestry(twin)) == fields(ancestry(root))
        assert set(ancestry(twin)).isdisjoint(ancestry(root))


@every_way
def test_a_twin_can_be_swept_and_differentiated_again(twin_of):
    x = Value(3.0)
    twin = twin_of(x**3 * 2)
    leaf = twin.parents[0].parents[0]
    twin.backward(create_graph=True)
    slope = leaf.grad
    leaf.zero_grad()
    slope.backward()
    assert (slope.data, leaf.grad, x.grad) == (54.0, 36.0, 0)


@every_way
def test_values_that_share_nodes_still_share_them(twin_of):
    x = Value(3.0, label="x")
    h = x * 2
    y, z = h + 1, h * x
    leaf, both, table, again = twin_of([x, (y, z), {"h": h}, y])
    assert both[0] is again
    assert both[0].parents[0] is table["h"] is both[1].parents[0]
    assert both[1].parents[1] is leaf is table["h"].parents[0]


@every_way
def test_the_order_of_dumping_does_not_matter(twin_of):
    """A part of a graph may come before the whole, or after it, or in the midst of another."""
    x = Value(3.0)
    chain = [x]
    for _ in range(6):
        chain.append(chain[-1] * chain[0])
    for order in ([6, 3, 0], [0, 3, 6], [3, 6, 0, 3], [5, 6, 1]):
        twins = twin_of([chain[i] for i in order])
        longest = ancestry(twins[order.index(max(order))])
        assert all(twins[i] is longest[place] for i, place in enumerate(order))


@every_way
def test_one_dump_after_another_starts_afresh(twin_of):
    x = Value(3.0)
    y = x * x
    first, second = twin_of(y), twin_of(y)
    assert first is not second
    assert first.parents[0] is not second.parents[0]


@every_way
def test_literals_where_nodes_and_shared_operands(twin_of):
    x, y = Value(3.0), Value(5.0)
    taken = twin_of(where(x > y, x, y))
    assert taken.op is rules.where
    assert taken.operands[:2] == (False, 3.0)
    assert taken.parents == (taken.operands[2],)
    node = twin_of(dot([x, y], [2.0, x], 7))
    assert node.operands[2:] == (2.0, node.parents[0], 7)
    assert node.parents == (node.operands[0], node.operands[1], node.operands[0])
    product = twin_of(x * y)
    assert product.operands is product.parents, "one tuple, as in a graph that was computed"
    power = twin_of(2**x)
    assert power.operands == (2, power.parents[0])


@every_way
def test_leaves_labels_and_numbers_of_every_kind(twin_of):
    from decimal import Decimal
    from fractions import Fraction

    import mpmath

    for number in (2.5, Fraction(1, 3), Decimal("0.1"), 1 + 2j, mpmath.mpf("0.1")):
        leaf = Value(number, label="a leaf")
        leaf.grad = number
        twin = twin_of(leaf)
        assert type(twin) is Value
        assert (twin.data, twin.grad, twin.label) == (number, number, "a leaf")
        assert type(twin.data) is type(number)
        assert (twin.parents, twin.op) == ((), None)
    with no_grad():
        assert twin_of(Value(2.0) * 3).data == 6.0


@every_way
def test_gradients_that_are_values_keep_their_graph(twin_of):
    x = Value(3.0)
    y = x**3
    y.backward(create_graph=True)
    twin = twin_of(y)
    leaf = twin.parents[0]
    slope = leaf.grad
    assert slope.data == 27.0
    assert leaf in ancestry(slope), "the gradient depends on the twin, not on the original"
    leaf.zero_grad()
    slope.backward()
    assert leaf.grad == 18.0


def created_chain(length: int) -> Value:
    """A chain whose every node holds a gradient with a graph of its own."""
    root = Value(0.3)
    for _ in range(length):
        root = root.sin()
    root.backward(create_graph=True)
    return root


def test_a_deepcopy_of_a_long_chain_of_gradients_with_graphs():
    root = created_chain(500)
    twin = copy.deepcopy(root)
    leaf, original = ancestry(twin)[0], ancestry(root)[0]
    assert leaf.grad.data == original.grad.data


def test_a_pickle_of_a_long_chain_of_gradients_with_graphs():
    root = created_chain(500)
    with recursion_limit(200):
        twin = python_pickle(root, 5)
    leaf, original = ancestry(twin)[0], ancestry(root)[0]
    assert leaf.grad.data == original.grad.data


class Weight(Value):
    """A user's own kind of Value."""

    __slots__ = ()

    def scaled(self) -> Value:
        """Ten times itself."""
        return self * 10


class Named(Value):
    """One that holds something beside."""

    unit = "m"


class Measured(Named):
    """One with slots of its own, as a class that is to be small has them."""

    __slots__ = ("__secret", "error", "unset")

    def __init__(self, data: float, error: float) -> None:
        super().__init__(data)
        self.error, self.__secret = error, [self]

    def __setattr__(self, name: str, what: object) -> None:
        super().__setattr__(name, 2 * what if name == "error" else what)

    @property
    def secret(self) -> object:
        """What nobody else sees."""
        return self.__secret


@every_way
def test_subclasses_stay_what_they_are(twin_of):
    w = Weight(2.0, label="w")
    twin = twin_of(w.scaled())
    leaf = twin.parents[0]
    assert type(leaf) is Weight
    assert leaf.scaled().data == 20.0
    assert leaf.label == "w"


@pytest.mark.parametrize("twin_of", [*WAYS.values(), copy.copy], ids=[*WAYS, "copy"])
def test_attributes_of_a_subclass_are_kept(twin_of):
    length = Named(2.0)
    length.unit = "mm"
    assert twin_of(length).unit == "mm"


@pytest.mark.parametrize("twin_of", [*WAYS.values(), copy.copy], ids=[*WAYS, "copy"])
def test_slots_of_a_subclass_are_kept(twin_of):
    length = Measured(2.0, 0.1)
    length.unit = "mm"
    twin = twin_of(length)
    assert (twin.data, twin.unit, twin.error) == (2.0, "mm", 0.2)
    assert not hasattr(twin, "unset")
    assert twin.secret[0] is (length if twin_of is copy.copy else twin)


@every_way
def test_hooks_are_left_behind_and_origins_are_kept(twin_of):
    x = Value(3.0)
    with record():
        y = x * x
    hook = y.register_hook(lambda g: g * 100)
    twin = twin_of(y)
    assert twin.hooks == []
    assert twin.origin.source == "y = x * x"
    twin.backward()
    assert twin.parents[0].grad == 6.0
    hook.remove()


# -- a shallow copy ---------------------------------------------------------------------------


def test_a_shallow_copy_is_another_node_over_the_same_parents():
    x = Value(3.0)
    y = (x * x).sin()
    y.label = "y"
    y.backward()
    twin = copy.copy(y)
    assert twin is not y
    for ours, theirs in ((twin.parents, y.parents), (twin.operands, y.operands)):
        assert [*map(id, ours)] == [*map(id, theirs)]
    assert (twin.data, twin.grad, twin.label, twin.op) == (y.data, y.grad, y.label, y.op)
    twin.label = "other"
    assert y.label == "y"


# -- depth ------------------------------------------------------------------------------------


@every_way
def test_depth_is_no_limit(twin_of):
    """2,000 nodes, with room for 60 more frames: nothing descends into the graph."""
    root = x = Value(1.0)
    for _ in range(2000):
        root = root * 0.5 + x
    with recursion_limit(60):
        twin = twin_of(root)
        assert fields(ancestry(twin)) == fields(ancestry(root))


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda x: c_pickle(x, 5)], ids=["deep", "5"])
def test_two_hundred_thousand_nodes(twin_of):
    with collector_paused():
        root = Value(1.0)
        for _ in range(200_000):
            root = root * 0.5
        root.label = "end"
        with recursion_limit(60):
            twin = twin_of(root)
        assert len(ancestry(twin)) == 200_001
        twin.backward()
        assert (twin.label, twin.grad, root.grad) == ("end", 1.0, 0)


def test_threads_pickle_the_same_graph_at_once():
    root = x = Value(1.0)
    for _ in range(300):
        root = root * 0.5 + x
    expected, results = fields(ancestry(root)), []

    def work() -> None:
        twins = [python_pickle(root, 5) for _ in range(5)]
        results.extend(fields(ancestry(twin)) == expected for twin in twins)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 15


class Unpicklable:
    """Something that stops a dump in its midst."""

    def __reduce__(self) -> Any:
        raise KeyError("mine")


@pytest.mark.parametrize("dumps", [pickle.dumps, pickle._dumps], ids=["C", "Python"])
def test_a_dump_that_fails_leaves_the_next_one_whole(dumps):
    root = Value(1.0)
    for i in range(400):
        root = root * 0.5
        if i == 200:
            root.noted().label = Unpicklable()
            stop = root
    try:
        dumps(root)
    except KeyError:
        stop.label = ""
        with recursion_limit(60):
            twin = pickle.loads(dumps(root))
    assert fields(ancestry(twin)) == fields(ancestry(root))


@pytest.mark.parametrize("dumps", [pickle.dumps, pickle._dumps], ids=["C", "Python"])
@pytest.mark.parametrize(
    "again",
    [pickle.dumps, pickle._dumps, copy.copy, copy.deepcopy],
    ids=["C pickle", "Python pickle", "copy", "deepcopy"],
)
def test_what_is_copied_while_the_traceback_of_a_failed_dump_lives(dumps, again):
    root = Value(1.0)
    for _ in range(400):
        root = root * 0.5
    above = root * Value(2.0)
    above.parents[1].noted().label = Unpicklable()
    with pytest.raises(KeyError) as failure:
        dumps(above)
    with recursion_limit(60):
        twin = again(root)
    twin = pickle.loads(twin) if isinstance(twin, bytes) else twin
    assert fields(ancestry(twin)) == fields(ancestry(root))
    assert failure.value.__traceback__ is not None


class Bearing(Value):
    """A Value with an attribute of its own."""


class Enclosed:
    """What pickles a graph in the midst of another pickling."""

    def __init__(self, graph):
        self.graph = graph

    def __getstate__(self):
        return {"bytes": pickle.dumps(self.graph)}


def test_a_graph_may_be_pickled_in_the_midst_of_its_pickling():
    """Each of the two has all of its members, whoever else has been promised them."""
    shared = Value(1.0)
    for _ in range(100):
        shared = shared * 0.5
    leaf = Bearing(3.0)
    leaf.inner = Enclosed(shared)
    with recursion_limit(60):
        twin = pickle.loads(pickle.dumps(shared * leaf))
    inner = pickle.loads(vars(twin.parents[1].inner)["bytes"])
    assert fields(ancestry(inner)) == fields(ancestry(shared))


def deep_list(depth):
    """A list in a list in a list ..."""
    nested = []
    for _ in range(depth):
        nested = [nested]
    return nested


def cyclic_list():
    """A list that is in itself."""
    nested = []
    nested.append(nested)
    return nested


@pytest.mark.parametrize(
    "container", [deep_list(100_000), cyclic_list(), {}], ids=["deep", "cyclic", "dict"]
)
@pytest.mark.parametrize(
    "use",
    [
        copy.deepcopy,
        pickle.dumps,
        Value.backward,
        lambda y: y.backward(create_graph=True),
        lambda y: y.backward(accumulate="exact"),
    ],
    ids=["deepcopy", "pickle", "backward", "create_graph", "exact"],
)
def test_a_container_in_grad_is_refused_by_name(container, use):
    x = Value(3.0, label="x")
    y = x * 2
    x.grad = container if container else {"a": 1.0}
    with pytest.raises(TypeError, match=r"the grad of x = 3\.0 is a (list|dict), .* zero_grad"):
        use(y)
    assert repr(x).startswith("Value(data=3.0, grad=")
    x.zero_grad()
    y.backward()
    assert x.grad == 2.0


def test_gradients_of_gradients_may_be_nested_very_deep_or_in_a_circle():
    first = last = Value(0.0)
    for i in range(100_000):
        last.grad = last = Value(float(i))  # from left to right
    for twin in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        depth = 0
        while hasattr(twin.grad, "parents"):
            twin, depth = twin.grad, depth + 1
        assert depth == 100_000
    last.grad = first
    assert repr(first).startswith("Value(data=0.0, grad=Value(data=0.0, grad=Value(data=1.0")
    twin = copy.deepcopy(last)
    assert twin.grad.grad.data == 0.0
    last.grad = 0


# -- modules ----------------------------------------------------------------------------------


@every_way
def test_a_model_keeps_its_parameters_and_its_answers(twin_of):
    model = nn.MLP(2, [3, 1], rng=random.Random(0))
    loss = model([1.0, -2.0]) ** 2
    loss.backward()
    twin = twin_of(model)
    assert twin([1.0, -2.0]).data == model([1.0, -2.0]).data
    for (name, mine), (same_name, theirs) in zip(
        model.named_parameters(), twin.named_parameters(), strict=True
    ):
        assert name == same_name
        assert mine is not theirs
        assert (theirs.data, theirs.grad) == (mine.data, mine.grad)


@every_way
def test_a_model_and_its_loss_stay_one_graph_within_one_dump(twin_of):
    model = nn.MLP(2, [2, 1], rng=random.Random(0))
    twin, loss = twin_of((model, model([1.0, -2.0]) ** 2))
    loss.backward()
    assert any(p.grad for p in twin.parameters())
    assert not any(p.grad for p in model.parameters())
