"""What was read on a walk is not read again, until anything of it has changed."""

import copy
import gc
import pickle
import weakref

import pytest

import nn.module
from autograd import Value
from nn import MLP, Layer, Module, Neuron
from nn.trail import Trail, unchanged


class Holder(Module):
    """A module with parameters in a list, in a tuple, in a module and by itself."""

    def __init__(self):
        self.own = Value(1.0)
        self.row = [Value(1.0), [Value(1.0)]]
        self.pair = (Value(1.0), Value(1.0))
        self.inner = Neuron(2)


def walked(module):
    """The parameters as a walk finds them."""
    return [value for _, value in module.named_parameters()]


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))  # noqa: S301


def same(found, expected):
    return len(found) == len(expected) and all(x is y for x, y in zip(found, expected, strict=True))


# -- parameters ---------------------------------------------------------------------------------

CHANGES = {
    "another of equal data": lambda m: setattr(m, "own", Value(1.0)),
    "an attribute more": lambda m: setattr(m, "more", Value(2.0)),
    "an attribute less": lambda m: delattr(m, "own"),
    "attributes exchanged": lambda m: vars(m).update(own=m.row[0], row=[m.own, m.row[1]]),
    "a member of a list": lambda m: m.row.__setitem__(0, Value(1.0)),
    "a member more": lambda m: m.row.append(Value(1.0)),
    "a member less": lambda m: m.row.pop(),
    "a member of a list in a list": lambda m: m.row[1].append(Value(1.0)),
    "a list turned round": lambda m: m.row.reverse(),
    "a tuple": lambda m: setattr(m, "pair", (m.pair[1], m.pair[0])),
    "a module": lambda m: setattr(m, "inner", Neuron(2)),
    "an attribute of a module": lambda m: setattr(m.inner, "b", Value(0.0)),
    "past setattr": lambda m: vars(m.inner).update(b=Value(0.0)),
    "a weight of a module": lambda m: m.inner.w.insert(0, Value(0.0)),
    "the dict of a module": lambda m: setattr(m.inner, "__dict__", dict(vars(Neuron(2)))),
    "a dict where there was none": lambda m: setattr(m, "more", {"a": Value(1.0)}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_noticed(change):
    module = Holder()
    before = module.parameters()
    change(module)
    assert same(module.parameters(), walked(module))
    assert not same(module.parameters(), before)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_held_is_unchanged_until_it_is_changed(change):
    module = Holder()
    modules, lists = [module, module.inner], [module.row, module.row[1], module.inner.w]
    held = Trail(modules=modules, lists=lists).held
    assert unchanged(modules, lists, held)
    change(module)
    assert not unchanged(modules, lists, held)


def test_without_a_change_nothing_is_walked(monkeypatch):
    model = MLP(2, [3, 1])
    before = model.parameters()
    monkeypatch.setattr(nn.module, "search", None)
    model.layers[0].neurons[0].w[0].data = 5.0
    assert same(model.parameters(), before)
    model.zero_grad()


class Keeping(Module):
    """A module that holds its last output, whose graph may be let go, and parameters in a dict."""

    def __init__(self):
        self.table = {"a": Value(1.0)}
        self.last = self.table["a"] * 2.0


def test_what_a_trail_cannot_notice_is_walked_each_time():
    module = Keeping()
    assert same(module.parameters(), [module.table["a"]])
    module.table["b"] = Value(2.0)
    assert same(module.parameters(), [*module.table.values()])


def test_a_value_that_takes_the_place_of_a_number_is_found():
    module = Holder()
    module.rate = 0.1
    module.parameters()
    module.rate = Value(0.1)
    assert any(x is module.rate for x in module.parameters())


def test_the_list_is_the_callers_own():
    module = Holder()
    module.parameters().clear()
    assert same(module.parameters(), walked(module))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_finds_its_own(copied):
    module = Holder()
    module.parameters()
    other = copied(module)
    assert same(other.parameters(), walked(other))
    other.own = Value(3.0)
    assert same(other.parameters(), walked(other))
    assert same(module.parameters(), walked(module))


def test_a_model_is_freed_at_once_and_is_part_of_no_cycle():
    gc.disable()
    try:
        model = MLP(2, [3, 1])
        model([1.0, 2.0]).backward()
        model.parameters()
        gone = weakref.ref(model), weakref.ref(model.layers[0])
        del model
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def test_a_trail_is_no_part_of_a_module():
    model = MLP(2, [3, 1])
    model([1.0, 2.0])
    model.parameters()
    assert not any(isinstance(x, Trail) for _, x in nn.module.members(model))
    assert pickled(Trail([1], [2])).found is None


# -- a layer ------------------------------------------------------------------------------------

HALF = {
    "weights": lambda layer: setattr(layer.neurons[1], "w", [Value(0.25), Value(0.5)]),
    "a weight": lambda layer: layer.neurons[1].w.__setitem__(0, Value(0.25)),
    "a bias": lambda layer: setattr(layer.neurons[1], "b", Value(0.5)),
    "a linear neuron": lambda layer: setattr(layer.neurons[1], "nonlin", False),
    "all linear": lambda layer: [setattr(neuron, "nonlin", False) for neuron in layer.neurons],
    "past setattr": lambda layer: vars(layer.neurons[0]).update(w=[Value(0.25), Value(0.5)]),
    "another neuron": lambda layer: layer.neurons.__setitem__(0, Neuron(2, activation="sigmoid")),
    "one neuron more": lambda layer: layer.neurons.append(Neuron(2)),
    "one neuron less": lambda layer: layer.neurons.pop(),
    "other neurons": lambda layer: setattr(layer, "neurons", [Neuron(2) for _ in range(2)]),
    "a neuron of another class": lambda layer: setattr(layer.neurons[0], "__class__", Doubled),
    "and back": lambda layer: [
        setattr(layer.neurons[0], "__class__", k) for k in (Doubled, Neuron)
    ],
}


class Doubled(Neuron):
    def __call__(self, x):
        return 2.0 * super().__call__(x)


@pytest.mark.parametrize("change", HALF.values(), ids=HALF)
def test_a_layer_is_its_neurons_one_by_one_after_any_change(change):
    layer = Layer(2, 3, activation="tanh")
    x = [0.75, -0.5]
    layer(x)
    change(layer)
    assert [out.data for out in layer.outputs(x)] == [neuron(x).data for neuron in layer.neurons]
