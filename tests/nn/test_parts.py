"""Containers, convolutions, recurrent layers, attention and the rest, against NumPy."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import Value, tanh
from nn import (
    GPT,
    GRU,
    MLP,
    RNN,
    Attention,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    Module,
    Residual,
    RMSNorm,
    Sequential,
    fit,
    init,
)
from nn.losses import cross_entropy
from nn.optim import Adam

Array = Any
Check = Callable[[Module, Callable[[], Value]], None]


def numbers(nested: Any) -> Array:
    """Return nested lists of Values and floats as an array."""
    flat = Flatten()(nested)
    shape, inner = [], nested
    while isinstance(inner, list | tuple):
        shape.append(len(inner))
        inner = inner[0]
    return np.array([x.data if isinstance(x, Value) else x for x in flat]).reshape(shape)


def affine(layer: Layer) -> tuple[Array, Array]:
    """Return the weights, a row for each neuron, and the biases."""
    weights = numbers([neuron.w for neuron in layer.neurons])
    return weights, numbers([neuron.b for neuron in layer.neurons])


def drawn(*shape: int, seed: int = 0) -> Any:
    """Return nested lists of numbers from -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).tolist()


def total(nested: Any) -> Value:
    """Return a curved function of all numbers, so that no gradient is trivial."""
    out: Value = sum((tanh(x + 0.1 * i) for i, x in enumerate(Flatten()(nested))), Value(0.0))
    return out


# --- containers ------------------------------------------------------------------------------


def test_sequential_applies_its_parts_in_order() -> None:
    model = Sequential(lambda x: x + 1.0, lambda x: x * 10.0)
    assert model(2.0) == 30.0


def test_sequential_of_layers_is_the_mlp_of_the_same_draws() -> None:
    source = random.Random(1)
    parts = [
        Layer(2, 3, rng=source),
        Layer(3, 1, rng=source),
        Layer(1, 2, nonlin=False, rng=source),
    ]
    twin = MLP(2, [3, 1, 2], rng=random.Random(1))
    assert (numbers(Sequential(*parts)([0.5, -1.0])) == numbers(twin([0.5, -1.0]))).all()


def test_a_layer_used_twice_counts_once_and_gathers_both_gradients() -> None:
    layer = Layer(1, 1, nonlin=False)
    layer.neurons[0].w[0].data, layer.neurons[0].b.data = 3.0, 0.5
    model = Sequential(layer, layer)
    assert len(model.parameters()) == 2
    model([2.0]).backward()
    # w (w x + b) + b: the derivative by w is 2 w x + b, that by b is w + 1.
    assert [p.grad for p in model.parameters()] == [2 * 3 * 2 + 0.5, 3 + 1]


def test_a_residual_adds_its_input(gradients_agree_with_differences: Check) -> None:
    layer = Layer(3, 3, activation="tanh", rng=random.Random(0))
    x = drawn(3)
    assert numbers(Residual(layer)(x)) == pytest.approx(np.array(x) + numbers(layer(x)), rel=1e-15)
    model = Sequential(Residual(layer), Layer(3, 1, nonlin=False, rng=random.Random(1)))
    gradients_agree_with_differences(model, lambda: total(model(x)))


def test_a_residual_reaches_into_sequences_and_wraps_a_single_number() -> None:
    double = Residual(lambda rows: [[2 * v for v in row] for row in rows])
    assert double([[1.0], [2.0]]) == [[3.0], [6.0]]
    (y,) = Residual(Layer(1, 1))([1.0])
    assert isinstance(y, Value)


# --- recurrent layers --------------------------------------------------------------------------


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def test_an_rnn_follows_its_recurrence(gradients_agree_with_differences: Check) -> None:
    model, xs = RNN(2, 3, rng=random.Random(0)), drawn(4, 2)
    weights, biases = affine(model.cell)
    state, expected = np.zeros(3), []
    for x in xs:
        state = np.tanh(weights @ np.concatenate([x, state]) + biases)
        expected.append(state)
    assert numbers(model(xs)) == pytest.approx(np.array(expected), rel=1e-12)
    gradients_agree_with_differences(model, lambda: total(model(xs)[-1]))


def test_a_gru_follows_its_recurrence(gradients_agree_with_differences: Check) -> None:
    model, xs = GRU(2, 3, rng=random.Random(0)), drawn(3, 2)
    (wr, br), (wz, bz), (wn, bn) = map(affine, (model.reset, model.update, model.candidate))
    state, expected = np.zeros(3), []
    for x in xs:
        seen = np.concatenate([x, state])
        r, z = sigmoid(wr @ seen + br), sigmoid(wz @ seen + bz)
        n = np.tanh(wn @ np.concatenate([x, r * state]) + bn)
        state = (1 - z) * n + z * state
        expected.append(state)
    assert numbers(model(xs)) == pytest.approx(np.array(expected), rel=1e-12)
    gradients_agree_with_differences(model, lambda: total(model(xs)[-1]))


@pytest.mark.parametrize("model", [RNN(1, 2), GRU(1, 2), RNN(1, 1), GRU(1, 1)], ids=repr)
def test_a_sequence_may_be_taken_up_where_it_was_left(model: Any) -> None:
    xs = drawn(5, 1)
    whole = model(xs)
    begun = model(xs[:2])
    assert (numbers(model(xs[2:], begun[-1])) == numbers(whole[2:])).all()


# --- attention and its company -----------------------------------------------------------------


def attention(model: Attention, x: Array) -> Array:
    """Return what the paper's formula gives."""
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = map(
        affine, (model.query, model.key, model.value, model.output)
    )
    q, k, v = x @ wq.T + bq, x @ wk.T + bk, x @ wv.T + bv
    parts = []
    for head in np.split(np.arange(x.shape[1]), model.heads):
        scores = q[:, head] @ k[:, head].T / math.sqrt(len(head))
        if model.causal:
            scores = np.where(np.tri(len(x)) > 0, scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        parts.append(weights / weights.sum(axis=1, keepdims=True) @ v[:, head])
    return np.concatenate(parts, axis=1) @ wo.T + bo


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_attention_is_the_papers_formula(heads: int, causal: bool) -> None:
    model = Attention(4, heads, causal, rng=random.Random(0))
    x = drawn(5, 4)
    assert numbers(model(x)) == pytest.approx(attention(model, np.array(x)), rel=1e-12)


def test_causal_attention_never_looks_ahead() -> None:
    model, x = Attention(4, 2, rng=random.Random(0)), drawn(4, 4)
    before = numbers(model(x))
    x[3] = [9.0, -9.0, 9.0, -9.0]
    after = numbers(model(x))
    assert (before[:3] == after[:3]).all()
    assert (before[3] != after[3]).all()


def test_gradients_run_through_attention(gradients_agree_with_differences: Check) -> None:
    model, x = Attention(2, 2, rng=random.Random(0)), drawn(3, 2)
    gradients_agree_with_differences(model, lambda: total(model(x)))


def test_rmsnorm_divides_by_the_root_mean_square(gradients_agree_with_differences: Check) -> None:
    model, x = RMSNorm(4, eps=0.25), drawn(3, 4)
    for i, gain in enumerate(model.gain):
        gain.data = 1.0 + i
    array = np.array(x)
    scale = 1 / np.sqrt((array**2).mean(axis=1, keepdims=True) + 0.25)
    expected = array * scale * np.arange(1.0, 5.0)
    assert numbers(model(x)) == pytest.approx(expected, rel=1e-12)
    gradients_agree_with_differences(model, lambda: total(model(x)))


def test_rmsnorm_undoes_a_scale() -> None:
    model, x = RMSNorm(3, eps=0.0), drawn(3)
    assert numbers(model([8.0 * v for v in x])) == pytest.approx(numbers(model(x)), rel=1e-14)


def test_an_embedding_hands_out_the_rows_themselves() -> None:
    table = Embedding(5, 3)
    assert all(a is b for a, b in zip(table([4, 4])[1], table.table[4], strict=True))
    total(table([1, 1])).backward()
    assert all(v.grad != 0 for v in table.table[1])
    assert all(v.grad == 0 for i in (0, 2, 3, 4) for v in table.table[i])


def test_dropout_leaves_out_the_share_asked_for_and_keeps_the_mean() -> None:
    out = Dropout(0.3, seed=1)([1.0] * 20_000)
    # A binomial share of 20,000 trials deviates by .0033; four deviations.
    assert out.count(0.0) / 20_000 == pytest.approx(0.3, abs=0.013)
    assert set(out) == {0.0, 1 / 0.7}


def test_dropout_repeats_with_its_seed_and_rests_in_evaluation() -> None:
    x = [float(i) for i in range(1, 40)]
    assert Dropout(0.5, 3)(x) == Dropout(0.5, 3)(x) != Dropout(0.5, 4)(x)
    model = Sequential(Dropout(0.5)).eval()
    assert model(x) is x
    assert Dropout(0.0)(x) is x


def test_a_unit_that_was_left_out_gets_no_gradient() -> None:
    x = [Value(1.0) for _ in range(20)]
    out = Dropout(0.5, seed=0)(x)
    sum(out, Value(0.0)).backward()
    assert [v.grad for v in x] == [y.data for y in out]


# --- GPT -----------------------------------------------------------------------------------------


def test_a_gpt_is_causal_and_begins_undecided() -> None:
    model = GPT(vocabulary=6, context=4, width=8, heads=2, blocks=2, rng=random.Random(0))
    logits = numbers(model([0, 1, 2]))
    assert (numbers(model([0, 1, 5]))[:2] == logits[:2]).all()
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert chances == pytest.approx(np.full((3, 6), 1 / 6), abs=0.1)


def test_a_gpt_has_the_parameters_of_its_parts() -> None:
    v, c, w = 7, 5, 8
    attention_part, perceptron = 4 * (w * w + w), (w * 4 * w + 4 * w) + (4 * w * w + w)
    expected = v * w + c * w + w + 3 * (2 * w + attention_part + perceptron) + (w * v + v)
    assert len(GPT(v, c, w, heads=4, blocks=3).parameters()) == expected


def test_gradients_run_through_a_gpt(gradients_agree_with_differences: Check) -> None:
    model = GPT(3, 3, width=2, heads=1, rng=random.Random(0))
    for parameter in model.parameters():
        parameter.data *= 10  # far from the origin, where RMSNorm bends too sharply to difference
    gradients_agree_with_differences(model, lambda: cross_entropy(model([0, 2, 1]), [2, 1, 0]))


def test_a_gpt_learns_to_count() -> None:
    model = GPT(4, 4, width=8, heads=2, rng=random.Random(0))
    optimiser = Adam(model.parameters(), lr=0.02)
    sequences = [[(start + i) % 4 for i in range(5)] for start in range(4)]

    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        return cross_entropy(
            [row for out in outputs for row in out], [y for row in targets for y in row]
        )

    history = fit(
        model, loss, [s[:-1] for s in sequences], [s[1:] for s in sequences], optimiser, 25, None,
        progress=False,
    )  # fmt: skip
    assert history[0] == pytest.approx(math.log(4), abs=0.1)
    assert history[-1] < 0.1
    assert model.generate([2], 7, temperature=0) == [2, 3, 0, 1, 2, 3, 0, 1]


# --- units and initialisers -----------------------------------------------------------------------

UNITS = [
    "heaviside", "hard_sigmoid", "hard_tanh", "sigmoid", "tanh", "relu", "leaky_relu", "elu",
    "softplus", "silu", "gelu",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_can_stand_in_a_layer(unit: str) -> None:
    model = MLP(2, [3, 1], activation=unit, rng=random.Random(0))
    model([0.5, -1.0]).backward()
    assert all(math.isfinite(p.grad) for p in model.parameters())


def variance(values: Sequence[float]) -> float:
    return sum(x * x for x in values) / len(values)


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_xavier_and_kaiming_have_the_variances_of_their_papers(distribution: str) -> None:
    layer = Layer(40, 60)
    weights = [w for neuron in layer.neurons for w in neuron.w]
    init.xavier(layer, distribution=distribution, rng=random.Random(0))
    # A sample variance of 2,400 normal numbers deviates by 2.9 %; four deviations.
    assert variance([w.data for w in weights]) == pytest.approx(2 / 100, rel=0.12)
    init.kaiming(layer, distribution=distribution, rng=random.Random(0))
    assert variance([w.data for w in weights]) == pytest.approx(2 / 40, rel=0.12)
    assert all(neuron.b.data == 0.0 for neuron in layer.neurons)


def test_kaiming_keeps_the_signal_alive_through_deep_relus() -> None:
    model = init.kaiming(MLP(30, [30] * 10), rng=random.Random(0))
    x = [random.Random(1).gauss(0, 1) for _ in range(30)]
    assert 0.05 < variance([y.data for y in model(x)]) < 20


def test_initialisers_repeat_with_the_seed() -> None:
    one, two = (init.xavier(MLP(3, [4, 2]), rng=random.Random(5)) for _ in range(2))
    assert one.state_dict() == two.state_dict()
    uniform = init.uniform(one, 0.25, 0.5, random.Random(5))
    assert all(0.25 <= w.data <= 0.5 for n in uniform.layers[0].neurons for w in n.w)
    drawn_anew = init.normal(Layer(50, 50), 0.5, random.Random(5))
    weights = [w.data for neuron in drawn_anew.neurons for w in neuron.w]
    assert variance(weights) == pytest.approx(0.25, rel=0.12)


def bias_values(model: Any) -> list[float]:
    return [
        neuron.b.data for module in model.modules() for neuron in getattr(module, "neurons", [])
    ]


STARTS = [
    lambda bias_init, rng: Layer(4, 3, bias_init=bias_init, rng=rng),
    lambda bias_init, rng: MLP(4, [3], bias_init=bias_init, rng=rng),
    lambda bias_init, rng: Conv1d(2, 3, 2, bias_init=bias_init, rng=rng),
    lambda bias_init, rng: Conv2d(1, 3, 2, bias_init=bias_init, rng=rng),
    lambda bias_init, rng: init.uniform(Layer(4, 3), rng=rng, bias_init=bias_init),
    lambda bias_init, rng: init.normal(Layer(4, 3), rng=rng, bias_init=bias_init),
    lambda bias_init, rng: init.xavier(Layer(4, 3), rng=rng, bias_init=bias_init),
    lambda bias_init, rng: init.kaiming(Layer(4, 3), rng=rng, bias_init=bias_init),
    lambda bias_init, rng: init.biases(Layer(4, 3), bias_init, rng),
]


@pytest.mark.parametrize("make", STARTS)
def test_biases_start_where_bias_init_says(make: Callable[[Any, Any], Any]) -> None:
    assert bias_values(make(0.0, random.Random(0))) == [0.0] * 3
    assert bias_values(make(0.25, random.Random(0))) == [0.25] * 3
    drawn_biases = bias_values(make("uniform", random.Random(0)))
    assert len(set(drawn_biases)) == 3
    assert all(-0.5 <= bias <= 0.5 for bias in drawn_biases)  # 1/sqrt(4)


def test_a_uniform_bias_is_drawn_after_the_weights_of_its_neuron() -> None:
    layer, source = Layer(4, 2, bias_init="uniform", rng=random.Random(3)), random.Random(3)
    for neuron in layer.neurons:
        assert [w.data for w in neuron.w] == [source.uniform(-1, 1) for _ in range(4)]
        assert neuron.b.data == source.uniform(-0.5, 0.5)


@pytest.mark.parametrize("draw", [init.uniform, init.normal, init.xavier, init.kaiming])
def test_a_seed_is_one_source_for_all_weights_and_biases(draw: Callable[..., Any]) -> None:
    seeded, sourced = (
        draw(Layer(4, 3, rng=rng, bias_init="uniform"), rng=rng, bias_init="uniform")
        for rng in (3, random.Random(3))
    )
    fresh = draw(Layer(4, 3), rng=random.Random(3), bias_init="uniform")
    assert seeded.state_dict() == fresh.state_dict() != sourced.state_dict()
    assert Layer(4, 3, rng=3).state_dict() == Layer(4, 3, rng=random.Random(3)).state_dict()


def test_a_constant_bias_leaves_the_draws_of_the_weights_as_they_were() -> None:
    plain, shifted = (MLP(3, [4, 2], bias_init=b, rng=random.Random(5)) for b in (0.0, 0.5))
    both = zip(plain.named_parameters(), shifted.named_parameters(), strict=True)
    assert all(q.data == (0.5 if name.endswith("b") else p.data) for (name, p), (_, q) in both)


def test_weights_and_biases_are_pytorchs_default_where_asked() -> None:
    """Its Linear draws both evenly between -1/sqrt(fan_in) and 1/sqrt(fan_in)."""
    layer = init.kaiming(Layer(9, 2), 3**-0.5, rng=random.Random(7), bias_init="uniform")
    source = random.Random(7)
    for neuron in layer.neurons:
        for parameter in [*neuron.w, neuron.b]:
            assert parameter.data == pytest.approx(source.uniform(-1 / 3, 1 / 3), abs=1e-15)


def test_biases_alone_may_be_set_by_a_function_of_the_number_of_wires() -> None:
    model = MLP(4, [2, 1], rng=random.Random(0))
    before = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    init.biases(model, lambda fan_in: 1 / fan_in)
    assert bias_values(model) == [0.25, 0.25, 0.5]
    init.biases(model.layers[1], -1)
    assert bias_values(model) == [0.25, 0.25, -1.0]
    after = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    assert after == before


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Sequential(), ValueError, "at least one part"),
        (lambda: Sequential(3), TypeError, "one was 3"),
        (lambda: Residual(lambda x: x[:1])([1.0, 2.0]), ValueError, "2 inputs gave 1 outputs"),
        (lambda: RNN(1, 2)([[1.0]], [0.0]), ValueError, "state needs 2 numbers, but was given 1"),
        (lambda: Attention(4, 3), ValueError, "3 does not divide 4"),
        (lambda: Embedding(3, 2)(3), ValueError, "is 3, but the table has rows from 0 to 2"),
        (lambda: Embedding(3, 2)(1.0), TypeError, "int, but was 1.0"),
        (lambda: RMSNorm(3)([1.0]), ValueError, r"RMSNorm\(3\) was given 1 numbers"),
        (lambda: RMSNorm(3, eps=-1.0), ValueError, "eps has to be"),
        (lambda: Dropout(1.0), ValueError, "below 1, but was 1.0"),
        (lambda: Dropout(0.5, 0.5), TypeError, "seed has to be an int"),
        (lambda: GPT(3, 2)([0, 1, 2]), ValueError, "context is 2, but 3 symbols"),
        (lambda: init.xavier(RMSNorm(2)), ValueError, "RMSNorm has no Layer"),
        (lambda: init.xavier(MLP(1, [1]), distribution="odd"), ValueError, "but was 'odd'"),
        (lambda: init.biases(RMSNorm(2)), ValueError, "RMSNorm has no Layer"),
        (lambda: init.biases(Layer(1, 1), "normal"), TypeError, "'uniform', but was 'normal'"),
        (lambda: Layer(1, 1, bias_init=False), TypeError, "or 'uniform', but was False"),
        (lambda: Layer(1, 1, bias_init=math.inf), ValueError, "has to be finite, but was inf"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()
