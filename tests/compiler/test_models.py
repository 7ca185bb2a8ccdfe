"""Models and losses of nn, compiled: the answers and gradients of their graphs."""

import random

import pytest

import autograd
import nn
from autograd import Value, compile
from nn import losses
from nn.models.gpt import GPT


def trained_alike(function, model, *args):
    """A step's gradients by a program, and those of a graph, number by number."""
    f = compile(function, check=True)
    model.zero_grad()
    value = f.backward(*args)
    got = [p.grad for p in model.parameters()]
    model.zero_grad()
    out = function(*args)
    out.backward()
    true = [p.grad for p in model.parameters()]
    model.zero_grad()
    assert (value, got) == (out.data, true)
    assert f(*args) == out.data
    return f


def test_the_hinge_loss_of_a_perceptron_on_two_moons():
    model = nn.MLP(2, [16, 16, 1], rng=random.Random(1))
    xs, ys = nn.data.moons(8, rng=random.Random(1))
    f = compile(lambda x, t: losses.hinge(model(x), t), check=True)
    for x, t in zip(xs, ys, strict=True):
        f.backward([float(v) for v in x], 2.0 * t - 1.0)
    assert f.cost.traces <= 2 * 3, "the labels -1 and 1 have a path each"

    def of_all(points):
        return losses.hinge([model(x) for x in points], [2 * t - 1 for t in ys])

    found = trained_alike(of_all, model, [[float(v) for v in x] for x in xs])
    assert found.program.stats()["rows"]["relu"] > 8 * 32


def test_a_program_follows_the_parameters():
    model = nn.MLP(2, [4, 1], activation="tanh", rng=random.Random(1))
    f = compile(lambda x: model(x), check=True)
    before = f([0.1, 0.2])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5)
    f.backward([0.1, 0.2])
    optimizer.step()
    assert f([0.1, 0.2]) < before
    assert f([0.1, 0.2]) == model([0.1, 0.2]).data


@pytest.mark.parametrize("tokens", [2, 5])
def test_the_loss_of_a_transformer(tokens):
    model = GPT(7, 8, 8, 2, 1, rng=random.Random(3))
    rng = random.Random(tokens)
    text = [rng.randrange(7) for _ in range(tokens + 1)]
    trained_alike(lambda: losses.cross_entropy(model(text[:-1]), text[1:]), model)


LAYERS = {
    "attention": (
        lambda: nn.Attention(4, heads=2, rng=random.Random(1)),
        [[1.0, 0.5, 0.0, 2.0]] * 3,
    ),
    "rnn": (lambda: nn.RNN(2, 3, rng=random.Random(1)), [[1.0, 2.0], [3.0, 4.0]]),
    "gru": (lambda: nn.GRU(2, 3, rng=random.Random(1)), [[1.0, 2.0], [3.0, 4.0]]),
    "rms": (lambda: nn.RMSNorm(3), [1.0, 2.0, -3.0]),
    "convolution": (lambda: nn.Conv1d(1, 2, 2, rng=random.Random(1)), [[1.0, 2.0, 4.0]]),
    "evaluated dropout": (lambda: nn.Sequential(nn.Dropout(0.5)).eval(), [1.0, 2.0]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer(name):
    make, x = LAYERS[name]
    layer = make()

    def function(x):
        numbers = autograd.transforms.trees.flatten(layer(x))[0]
        return autograd.sum([z * z + z for z in numbers])

    if layer.parameters():
        trained_alike(function, layer, x)
    compile(function, check=True).value_and_grad(x)


def numbers(rng, n):
    return [rng.gauss(0, 2) for _ in range(n)]


INF = float("inf")
LOSSES = {
    "mse": (losses.mse, [0.5, 2.0], [1.0, 3.0]),
    "hinge": (losses.hinge, [0.5, 2.0], [1, -1]),
    "logits": (losses.binary_cross_entropy_with_logits, [0.5, -2.0], [1, 0]),
    "probabilities": (losses.binary_cross_entropy, [0.5, 0.2], [1, 0]),
    "certainties": (losses.binary_cross_entropy, [0.0, 1.0], [0, 1]),
    "classes": (losses.cross_entropy, [0.5, -2.0, 3.0], 2),
    "a batch": (losses.cross_entropy, [[0.5, -2.0, 3.0], [1.0, 1.0, 1.0]], [2, 0]),
    "masked": (losses.cross_entropy, [0.5, -INF, 3.0], 2),
    "surprising": (losses.cross_entropy, [0.5, -INF, 3.0], 1),
    "all masked": (losses.cross_entropy, [-INF, -INF], 1),
    "smoothed": (lambda z, t: losses.cross_entropy(z, t, label_smoothing=0.1), [0.5, -2.0, 3.0], 2),
    "weighted": (
        lambda z, t: losses.cross_entropy(z, t, weight=[1.0, 2.0, 3.0]), [[0.5, -2.0, 3.0]] * 2,
        [2, 0],
    ),
    "ignored": (
        lambda z, t: losses.cross_entropy(z, t, ignore_index=0), [[0.5, -2.0, 3.0]] * 2, [2, 0]),
    "nll": (losses.nll, [-0.5, -2.0, -3.0], 2),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_outputs_alone_and_of_its_targets_too(name):
    loss, outputs, targets = LOSSES[name]
    alone = compile(lambda z: loss(z, targets), check=True)
    alone.value_and_grad(outputs)
    both = compile(loss, check=True)
    value, _ = both.value_and_grad(outputs, targets)
    assert value == alone(outputs) or value != value


def test_what_a_loss_refuses_it_refuses_in_a_trace():
    for loss, args, message in (
        (losses.hinge, ([1.0], [0.5]), "hinge label has to be -1 or"),
        (losses.binary_cross_entropy, ([1.5], [1]), "from 0 to 1"),
        (losses.cross_entropy, ([1.0, 2.0], 2), "the class is .* allow classes from 0 to 1"),
        (losses.cross_entropy, ([1.0, 2.0], 0.5), "allow classes from 0 to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            compile(loss)(*args)


def test_an_embedding_takes_a_symbol_that_is_an_argument():
    table = nn.Embedding(5, 3, rng=random.Random(1))

    def function(symbol, x):
        return autograd.dot(table(symbol), x)

    f = compile(function, check=True)
    x = [1.0, 2.0, 3.0]
    for symbol in range(5):
        table.zero_grad()
        value = f.backward(symbol, x)
        assert value == function(symbol, x).data
        rows = [[p.grad for p in row] for row in table.table]
        assert rows == [x if k == symbol else [0.0] * 3 for k in range(5)]
    assert f.cost.traces == 2
    with pytest.raises(ValueError, match="from 0 to 4"):
        f(5, x)
    assert table(Value(2.0))[0] is table.table[2][0]
