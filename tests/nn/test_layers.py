"""Neuron, Layer and MLP: what they compute, and that they are micrograd's."""

from __future__ import annotations

import copy
import math
import pickle
import random
import runpy
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

import autograd
import nn
from autograd import Value, dot, no_grad, record
from autograd.functions import rules
from autograd.functions.formulas import Expression
from nn import MLP, Layer, Module, Neuron

DOT = dot([Value(1.0)], [1.0], Value(0.0)).op
CLOSE = {"rel": 1e-12, "abs": 1e-12}  # the two add the terms of a neuron in different orders


def both(seed: int, nin: int, nouts: list[int]) -> tuple[MLP, Any]:
    """Return our network and micrograd's, drawn from the same seed."""
    random.seed(seed)
    ours = MLP(nin, nouts)
    random.seed(seed)
    return ours, micrograd.nn.MLP(nin, nouts)


# --- micrograd's own figures -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [(1, [1]), (2, [16, 16, 1]), (3, [4, 2])], ids=str)
def test_weights_values_and_gradients_are_micrograds(seed: int, shape: tuple[int, Any]) -> None:
    ours, theirs = both(seed, *shape)
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]

    point = [random.uniform(-2, 2) for _ in range(shape[0])]
    our_inputs, their_inputs = map(Value, point), map(micrograd.engine.Value, point)
    x, z = list(our_inputs), list(their_inputs)
    y, v = ours(x), theirs(z)
    if isinstance(y, list):
        assert [a.data for a in y] == pytest.approx([a.data for a in v], **CLOSE)
        y, v = y[0] * y[1], v[0] * v[1]
    assert y.data == pytest.approx(v.data, **CLOSE)

    y.backward()
    v.backward()
    expected = [p.grad for p in theirs.parameters()]
    assert [p.grad for p in ours.parameters()] == pytest.approx(expected, **CLOSE)
    assert [a.grad for a in x] == pytest.approx([a.grad for a in z], **CLOSE)


@pytest.mark.parametrize("nouts", [[1], [2, 1], [3, 2]])
def test_the_printed_form_is_micrograds(nouts: list[int]) -> None:
    ours, theirs = both(0, 2, nouts)
    assert repr(ours) == repr(theirs)


PROGRAM = """
import random
from {engine} import Value
from {nn} import Neuron, Layer, MLP

random.seed(1337)
model = MLP(2, [4, 4, 1])
points = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(8)]
labels = [1 if x * y > 0 else -1 for x, y in points]
trace = [len(model.parameters()), str(model)]
for k in range(6):
    inputs = [list(map(Value, point)) for point in points]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(labels, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum((p * p for p in model.parameters()))
    total_loss = data_loss + reg_loss
    model.zero_grad()
    total_loss.backward()
    for p in model.parameters():
        p.data -= (1.0 - 0.9 * k / 6) * p.grad
    trace.append(total_loss.data)
for part in (Neuron(3, nonlin=False), Layer(2, 2, nonlin=False), Neuron(2, True)):
    trace.append(repr(part))
    trace += [parameter.data for parameter in part.parameters()]
    trace += [len(part.w), part.b.data] if isinstance(part, Neuron) else [len(part.neurons)]
trace += [model.layers[0].neurons[1].w[0].grad, model.layers[-1].neurons[0].nonlin]
"""


def trace_of(program: Path, **modules: str) -> list[Any]:
    """Return the list `trace` that the program makes when it imports from these modules."""
    program.write_text(PROGRAM.format(**modules), encoding="utf-8")
    trace: list[Any] = runpy.run_path(str(program))["trace"]
    return trace


def test_a_micrograd_program_runs_with_only_its_imports_changed(tmp_path: Path) -> None:
    ours = trace_of(tmp_path / "ours.py", engine="autograd", nn="nn")
    theirs = trace_of(tmp_path / "theirs.py", engine="micrograd.engine", nn="micrograd.nn")
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == (other if isinstance(other, str) else pytest.approx(other, rel=1e-9))


# --- what a neuron is ------------------------------------------------------------------------


def test_a_neuron_is_one_dot_node_and_one_activation_node() -> None:
    x = [Value(1.0), Value(2.0), Value(3.0)]
    neuron = Neuron(3, activation="tanh")
    y = neuron(x)
    (inner,) = y.parents
    assert y.op.name == "tanh"
    assert inner.op is DOT
    assert {id(p) for p in inner.parents} == {id(v) for v in [*neuron.w, *x, neuron.b]}
    assert all(not parent.parents for parent in inner.parents)


def test_a_linear_neuron_is_one_node() -> None:
    y = Neuron(2, nonlin=False)([1.0, 2.0])
    assert y.op is DOT
    assert all(not parent.parents for parent in y.parents)


def test_without_gradients_nothing_is_remembered() -> None:
    with no_grad():
        assert Neuron(2)([1.0, 2.0]).parents == ()


def threshold(weights: list[float], bias: float) -> Neuron:
    """Return a threshold unit with the weights given."""
    unit = Neuron(len(weights), activation="heaviside")
    for weight, data in zip(unit.w, weights, strict=True):
        weight.data = data
    unit.b.data = bias
    return unit


@pytest.mark.parametrize(
    ("weights", "bias", "gate"),
    [
        ([1.0, 1.0], -1.5, lambda a, b: a and b),
        ([1.0, 1.0], -0.5, lambda a, b: a or b),
        ([-1.0, -1.0], 1.5, lambda a, b: not (a and b)),
    ],
    ids=["and", "or", "nand"],
)
def test_a_threshold_unit_is_a_logic_gate(
    weights: list[float], bias: float, gate: Callable[[int, int], bool]
) -> None:
    unit = threshold(weights, bias)
    for a, b in product([0, 1], repeat=2):
        assert unit([a, b]).data == float(gate(a, b))


def test_two_layers_of_threshold_units_solve_what_one_cannot() -> None:
    xor = MLP(2, [2, 1], activation="heaviside")
    xor.layers[0].neurons = [threshold([1.0, 1.0], -0.5), threshold([-1.0, -1.0], 1.5)]
    xor.layers[1].neurons = [threshold([1.0, 1.0], -1.5)]
    for a, b in product([0, 1], repeat=2):
        assert xor([a, b]).data == float(a != b)


def test_an_activation_is_the_function_of_its_name() -> None:
    linear = Neuron(2, nonlin=False, rng=random.Random(3))
    inner = linear([0.5, -2.0]).data
    for name, expected in {
        "relu": max(inner, 0.0),
        "tanh": (2.718281828459045 ** (2 * inner) - 1) / (2.718281828459045 ** (2 * inner) + 1),
        "sigmoid": 1 / (1 + 2.718281828459045**-inner),
        "square": inner * inner,
        "leaky_relu": max(inner, 0.01 * inner),
    }.items():
        neuron = Neuron(2, activation=name, rng=random.Random(3))
        assert neuron([0.5, -2.0]).data == pytest.approx(expected, rel=1e-12)


def test_an_activation_may_be_a_function_or_a_module_with_parameters() -> None:
    class Slope(Module):
        def __init__(self) -> None:
            self.slope = Value(3.0)

        def __call__(self, x: Value) -> Value:
            return self.slope * x

    slope = Slope()
    layer = Layer(1, 2, activation=slope, rng=random.Random(0))
    linear = Layer(1, 2, nonlin=False, rng=random.Random(0))
    outputs = zip(layer([2.0]), linear([2.0]), strict=True)
    assert all(bent.data == 3.0 * straight.data for bent, straight in outputs)
    assert [name for name, _ in layer.named_parameters()] == [
        "neurons.0.w.0",
        "neurons.0.b",
        "neurons.0.activation.slope",
        "neurons.1.w.0",
        "neurons.1.b",
    ]
    assert Neuron(1, activation=lambda x: x * x)([2.0]).data >= 0


def test_mlp_bends_all_layers_but_the_last() -> None:
    model = MLP(2, [3, 2, 1], activation="sigmoid")
    kinds = [[neuron.nonlin for neuron in layer.neurons] for layer in model.layers]
    assert kinds == [[True] * 3, [True] * 2, [False]]
    assert repr(model.layers[0].neurons[0]) == "SigmoidNeuron(2)"


def test_the_last_layer_bends_as_output_activation_says() -> None:
    x = [0.5, -1.0]
    plain = MLP(2, [3, 2], rng=random.Random(0))
    for given in ("sigmoid", autograd.sigmoid, lambda x: x.sigmoid()):
        model = MLP(2, [3, 2], output_activation=given, rng=random.Random(0))
        expected = [1 / (1 + math.exp(-y.data)) for y in plain(x)]
        assert [y.data for y in model(x)] == pytest.approx(expected, rel=1e-14)
        assert [layer.neurons[0].activation for layer in model.layers] == ["relu", given]
    only = MLP(2, [1], output_activation="tanh", rng=random.Random(0))
    assert repr(only) == "MLP of [Layer of [TanhNeuron(2)]]"


def test_nonlin_may_be_switched_off_later_as_in_micrograd() -> None:
    neuron = Neuron(1, activation="heaviside")
    neuron.w[0].data = 5.0
    neuron.nonlin = False
    assert neuron([1.0]).data == 5.0
    assert repr(neuron) == "LinearNeuron(1)"


def test_hidden_layers_of_a_single_neuron_work() -> None:
    assert MLP(2, [1, 1, 1])([1.0, 2.0]).op is DOT


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(
    "inputs",
    [
        [0.5, -1.0, 2.0],
        [Value(0.5), Value(-1.0), Value(2.0)],
        [0.5, Value(-1.0), 2.0],
        [Value(Fraction(1, 2)), Fraction(-1), Value(Fraction(2))],
    ],
    ids=["floats", "Values", "both", "Fractions"],
)
def test_a_layer_is_its_neurons_side_by_side(inputs: list[Any], recorded: bool) -> None:
    layer = Layer(3, 4)
    for p in layer.parameters() if isinstance(inputs[1], Fraction) else []:
        p.data = Fraction(p.data)
    layer.neurons[1].nonlin = False
    layer.neurons[2].b.data = 1 / Fraction(3) if isinstance(inputs[1], Fraction) else 1 / 3
    with record() if recorded else nullcontext():
        together = layer(inputs)
    for out, neuron in zip(together, layer.neurons, strict=True):
        alone = neuron(inputs)
        for one, other in ((out, alone), (out.parents[0], alone.parents[0])):
            assert (one.data, one.op, one.partials) == (other.data, other.op, other.partials)
            assert [type(x) for x in one.operands] == [type(x) for x in other.operands]


def test_a_neuron_of_a_kind_of_its_own_is_called() -> None:
    class Doubled(Neuron):
        def __call__(self, x: Any) -> Value:
            return 2.0 * super().__call__(x)

    layer = Layer(2, 3)
    layer.neurons[1] = Doubled(2, nonlin=False)
    assert [y.op.name for y in layer([1.0, 2.0])] == ["relu", "multiply", "relu"]


def test_one_output_comes_bare_and_several_in_a_list() -> None:
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 2)([1.0, 2.0]), list)
    assert isinstance(MLP(2, [4, 1])([1.0, 2.0]), Value)


def test_inputs_may_be_floats_values_or_both_in_a_list_or_tuple() -> None:
    neuron = Neuron(2)
    expected = neuron([0.5, 2.0]).data
    assert neuron((0.5, 2.0)).data == expected
    assert neuron([Value(0.5), 2.0]).data == expected
    assert neuron([Value(0.5), Value(2.0)]).data == expected
    assert neuron([0.5, 2]).data == expected


def test_inputs_may_be_a_numpy_row() -> None:
    import numpy as np

    neuron = Neuron(2)
    row = neuron(np.array([0.5, 2.0]))
    assert row.data == neuron([0.5, 2.0]).data
    assert type(row.data) is float


def test_weights_come_from_the_source_given_and_biases_start_at_zero() -> None:
    random.seed(0)
    before = random.getstate()
    model = MLP(2, [2, 1], rng=random.Random(5))
    assert random.getstate() == before
    drawn = random.Random(5)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [drawn.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0.0


def through_pickle(model: MLP) -> MLP:
    copied: MLP = pickle.loads(pickle.dumps(model))  # noqa: S301 (bytes of our own)
    return copied


@pytest.mark.parametrize("copier", [copy.deepcopy, through_pickle])
def test_copies_and_pickles_compute_the_same_and_share_nothing(
    copier: Callable[[Any], Any],
) -> None:
    model = MLP(2, [3, 1], activation="tanh")
    twin = copier(model)
    assert twin([0.5, 1.0]).data == model([0.5, 1.0]).data
    assert repr(twin) == repr(model)
    twin.layers[0].neurons[0].b.data = 9.0
    assert model.layers[0].neurons[0].b.data == 0.0


# --- any operand -------------------------------------------------------------------------------


def holding(model: Module, number: Callable[[float], Any]) -> Any:
    """Return a model whose neurons hold what `number` makes of 1/4, 1/2, ... and of a bias of 1."""
    for neuron in model.modules():
        if isinstance(neuron, Neuron):
            neuron.w = [number((i + 1) / 4) for i in range(len(neuron.w))]
            neuron.b = number(1.0)
    return model


X = (0.5, -3.0)  # the sum is 1/8 - 3/2 + 1 = -3/8
SUM = -0.375
KINDS = [
    (float, float, float),
    (Fraction, Fraction, Fraction),
    (np.float64, np.float64, float),
    (np.float64, float, float),
    (float, Value, Value),
    (Value, float, Value),
    (Value, Value, Value),
]


@pytest.mark.parametrize(("weight", "operand", "answer"), KINDS)
@pytest.mark.parametrize("shape", [list, tuple, np.array], ids=["list", "tuple", "array"])
def test_a_layer_works_on_any_operand(
    weight: Callable[[float], Any], operand: Callable[[float], Any], answer: type, shape: Any
) -> None:
    x = shape([operand(number) for number in X])
    layer = holding(Layer(2, 3, activation="square"), weight)
    for out in (*layer(x), holding(Neuron(2, activation="square"), weight)(x)):
        assert isinstance(out, answer)
        assert (out.data if answer is Value else out) == SUM * SUM


@pytest.mark.parametrize("operand", [float, Fraction, np.float64])
def test_a_single_number_is_handed_on_as_a_list_whatever_its_kind(operand: Any) -> None:
    x = [operand(number) for number in X]
    mlp = holding(MLP(2, [1, 1], activation="negative"), operand)
    assert mlp(x) == -SUM / 4 + 1
    shortcut = nn.Residual(holding(Neuron(1, nonlin=False), operand))
    assert shortcut(x[:1]) == [X[0] + X[0] / 4 + 1]


def test_a_layer_of_formulas_writes_down_what_it_computes() -> None:
    x, y = (Expression(None, (), name) for name in "xy")
    layer = holding(Layer(2, 2, activation="tanh"), float)
    assert list(map(str, layer([x, y]))) == ["tanh(0.25 * x + 0.5 * y + 1.0)"] * 2
    single = nn.Sequential(holding(Neuron(2, nonlin=False), float), lambda out: len(out))
    assert single([x, y]) == 1
    names = {"x": X[0], "y": X[1]}
    assert layer([x, y])[0].evaluate(names) == math.tanh(SUM) == layer([*X])[0]


def test_neurons_side_by_side_may_be_bent_each_in_its_own_way() -> None:
    layer = holding(Layer(2, 4), float)
    names = ("tanh", "tanh", "negative", "square")
    layer.neurons = [holding(Neuron(2, activation=name), float) for name in names]
    layer.neurons[1].nonlin = False
    assert layer([*X]) == [math.tanh(SUM), SUM, -SUM, SUM * SUM]


def test_activations_that_are_equal_are_not_the_same() -> None:
    @dataclass
    class Scaled(Module):
        factor: Value

        def __call__(self, x: Value) -> Value:
            return self.factor * x

    layer = Layer(2, 2)
    layer.neurons = [Neuron(2, activation=Scaled(Value(2.0))) for _ in range(2)]
    assert layer.neurons[0].activation == layer.neurons[1].activation
    autograd.sum(layer([*X])).backward()
    sums = [neuron.w[0].data * X[0] + neuron.w[1].data * X[1] for neuron in layer.neurons]
    grads = [neuron.activation.factor.grad for neuron in layer.neurons]
    assert grads == pytest.approx(sums, rel=1e-14)


def test_a_neuron_binds_no_method_and_is_copied_and_pickled_with_its_row() -> None:
    neuron = Neuron(2, activation="tanh")
    assert neuron._activate is rules.tanh
    for twin in (copy.deepcopy(neuron), pickle.loads(pickle.dumps(neuron))):  # noqa: S301
        assert twin._activate is rules.tanh
        assert twin([*X]).data == neuron([*X]).data


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Neuron(0), ValueError, "nin has to be at least 1, but was 0"),
        (lambda: Neuron(1.5), TypeError, "nin has to be an int, but was 1.5"),
        (lambda: Layer(1, -2), ValueError, "nout has to be at least 1, but was -2"),
        (lambda: MLP(2, []), ValueError, "nouts is empty"),
        (lambda: MLP(2, 3), TypeError, r"list of layer sizes, but was 3; write \[3\]"),
        (lambda: MLP(2, [3, 0]), ValueError, "at least 1, but was 0"),
        (lambda: Neuron(1, activation="rellu"), ValueError, "'rellu'; did you mean .*'relu'"),
        (lambda: Neuron(1, activation="qqqq"), ValueError, "'qqqq'; 'tanh' is one"),
        (lambda: Neuron(1, activation="add"), ValueError, "one operand, but was 'add'"),
        (lambda: Neuron(1, activation="math"), ValueError, "one operand, but was 'math'"),
        (lambda: Neuron(1, activation="softmax"), ValueError, "all outputs .* cross_entropy takes"),
        (lambda: MLP(2, [1], output_activation="sigm"), ValueError, "'sigm'; did you mean"),
        (lambda: Neuron(1, activation=None), TypeError, "was None; .* nonlin=False"),
        (lambda: Neuron(2)([1.0]), ValueError, r"ReLUNeuron\(2\) takes 2 inputs, .* given 1"),
        (lambda: MLP(2, [2, 1])([1.0] * 3), ValueError, "takes 2 inputs, but was given 3"),
        (lambda: Neuron(1)(3.0), TypeError, r"takes a list of 1 numbers, .* 3.0; write \[x\]"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_the_public_names_are_those_announced() -> None:
    assert set(nn.__all__) == {
        "GPT", "GRU", "MLP", "RNN", "Attention", "AvgPool1d", "AvgPool2d", "Conv1d", "Conv2d",
        "Dropout", "Embedding", "Film", "Flatten", "Layer", "MaxPool1d", "MaxPool2d", "Module",
        "Neuron", "RMSNorm", "RecurrentBackprop", "Residual", "Sequential", "data", "fit", "init",
        "landscape", "load", "losses", "optim", "restarts", "save", "summary",
    }  # fmt: skip
    assert all(hasattr(nn, name) for name in nn.__all__)
