"""EWC and rehearsal: what a first task has taught is kept."""

import random

import pytest

import nn
from autograd import Value
from nn.data import rehearsed
from nn.layers import Neuron
from nn.losses import EWC, binary_cross_entropy, mse
from nn.optim import SGD


class Point(nn.Module):
    """Two parameters, as a model of no input."""

    def __init__(self, *xs):
        self.x = [Value(float(x)) for x in xs]

    def __call__(self, _):
        return list(self.x)


def bowl(steepness, lowest):
    """Half the sum of a (x - alpha)^2, as a loss of one example."""

    def loss(outputs, _):
        (xs,) = outputs
        terms = zip(steepness, xs, lowest, strict=True)
        return 0.5 * sum(a * (x - alpha) ** 2 for a, x, alpha in terms)

    return loss


def test_on_bowls_along_the_axes_it_finds_the_optimum_of_both_tasks():
    """(a alpha + b beta) / (a + b)."""
    a, alpha, b, beta = [1.0, 4.0], [2.0, -1.0], [3.0, 0.5], [-1.0, 1.0]
    model = Point(*alpha)  # the first task is learned
    held = EWC(model, bowl(a, alpha), [[0.0]], [0.0], importance="hessian")
    assert held.importances == a
    second = bowl(b, beta)
    nn.fit(
        model, lambda outputs, targets: second(outputs, targets) + held(), [[0.0]], [0.0],
        SGD(model.parameters(), lr=0.1), 400, None, progress=False,
    )  # fmt: skip
    joint = [(p * x + q * y) / (p + q) for p, x, q, y in zip(a, alpha, b, beta, strict=True)]
    assert [x.data for x in model.x] == pytest.approx(joint, abs=1e-12)


def test_fisher_is_the_mean_of_squared_derivatives_of_single_examples():
    model = Neuron(1, activation="sigmoid", rng=random.Random(0))
    inputs, targets = [[1.0], [-2.0], [0.5]], [1.0, 0.0, 1.0]
    held = EWC(model, binary_cross_entropy, inputs, targets)
    w, b = model.w[0].data, model.b.data
    errors = [Value(w * x + b).sigmoid().data - t for (x,), t in zip(inputs, targets, strict=True)]
    true = [
        sum((e * x) ** 2 for e, (x,) in zip(errors, inputs, strict=True)) / 3,
        sum(e**2 for e in errors) / 3,
    ]
    assert held.importances == pytest.approx(true, rel=1e-12)


@pytest.mark.parametrize("importance", ["fisher", "hessian"])
def test_gradients_are_as_they_were_and_the_penalty_starts_at_nothing(importance):
    model = Neuron(2, activation="tanh", rng=random.Random(0))
    for k, p in enumerate(model.parameters()):
        p.grad = float(k)
    held = EWC(model, mse, [[1.0, 2.0]], [0.5], importance)
    assert [p.grad for p in model.parameters()] == [0.0, 1.0, 2.0]
    assert held(10.0).data == 0.0
    assert repr(held) == "EWC(3 parameters)"


def test_what_cannot_be_measured_is_refused():
    model = Neuron(1)
    with pytest.raises(ValueError, match="importance is 'fisher' or 'hessian'; got 'diagonal'"):
        EWC(model, mse, [[1.0]], [1.0], "diagonal")
    with pytest.raises(TypeError, match="a Module is needed"):
        EWC(lambda x: x, mse, [[1.0]], [1.0])
    with pytest.raises(ValueError, match="no examples to measure"):
        EWC(model, mse, [], [])
    with pytest.raises(ValueError, match="weight has to be at least 0"):
        EWC(model, mse, [[1.0]], [1.0])(-1.0)


def test_rehearsed_examples_come_after_the_new_ones_each_once():
    new, old = ([[1.0], [2.0]], [1, 2]), ([[float(k)] for k in range(10, 20)], [*range(10, 20)])
    for count in (0, 3, 10, 50):
        inputs, targets = rehearsed(new, old, count, rng=random.Random(1))
        assert targets[:2] == [1, 2]
        assert len(targets) == 2 + min(count, 10) == len(set(targets))
        assert [[float(t)] for t in targets] == inputs
    with pytest.raises(ValueError, match="count has to be at least 0"):
        rehearsed(new, old, -1)
