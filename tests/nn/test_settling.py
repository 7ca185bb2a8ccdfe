"""RecurrentBackprop: where units settle, and the derivatives of the implicit function theorem."""

import copy
import math
import random

import numpy as np
import pytest

import nn
from autograd import ConvergenceError, TraceError, compile
from nn.losses import mse
from nn.optim import Adam


def weights_of(net, nin):
    """The weights from the inputs, those between units, and the biases, as arrays."""
    rows = np.array([[w.data for w in neuron.w] for neuron in net.cell.neurons])
    return rows[:, :nin], rows[:, nin:], np.array([neuron.b.data for neuron in net.cell.neurons])


def settled(net, nin, x):
    """The fixed point by relaxation in NumPy."""
    inputs, between, biases = weights_of(net, nin)
    h = np.zeros(len(biases))
    for _ in range(2_000):
        h = np.tanh(inputs @ x + between @ h + biases)
    return h


@pytest.mark.parametrize("seed", range(5))
def test_it_settles_and_its_gradient_is_that_of_the_implicit_function_theorem(seed):
    rng = random.Random(seed)
    nin, units = 3, 5
    net = nn.RecurrentBackprop(nin, units, 2, rng=rng)
    for neuron in net.cell.neurons:
        neuron.b.data = rng.uniform(-0.5, 0.5)
        for w in neuron.w[nin:]:
            w.data *= 2
    x, error = [rng.uniform(-1, 1) for _ in range(nin)], [0.7, -1.3]
    out = net(x)
    h = settled(net, nin, x)
    assert [y.data for y in out] == pytest.approx(h[-2:].tolist(), abs=1e-14)

    (out[0] * error[0] + out[1] * error[1]).backward()
    _, between, _ = weights_of(net, nin)
    slopes = np.diag(1 - h**2)
    e = np.array([0.0] * (units - 2) + error)
    z = slopes @ np.linalg.solve(np.eye(units) - between.T @ slopes, e)  # z = J (W^T z + e)
    true = np.outer(z, [*x, *h])
    got = np.array([[w.grad for w in neuron.w] for neuron in net.cell.neurons])
    assert np.abs(got - true).max() <= 1e-12
    assert [neuron.b.grad for neuron in net.cell.neurons] == pytest.approx(z.tolist(), abs=1e-12)

    relaxed = np.zeros(units)  # the second relaxation, of Almeida and Pineda
    for _ in range(2_000):
        relaxed = slopes @ (between.T @ relaxed + e)
    assert np.abs(relaxed - z).max() <= 1e-12


def test_a_published_constant():
    """x = tanh(w x + .3) at w = .5: dx/dw."""
    net = nn.RecurrentBackprop(1, 1)
    net.cell.neurons[0].w[0].data, net.cell.neurons[0].w[1].data = 0.3, 0.5
    net([1.0]).backward()
    assert net.cell.neurons[0].w[1].grad == pytest.approx(0.5999315006234137, rel=1e-14)


def test_at_first_every_net_settles():
    for seed in range(20):
        net = nn.RecurrentBackprop(2, 8, rng=random.Random(seed))
        _, between, _ = weights_of(net, 2)
        assert np.abs(between).sum(axis=1).max() < 1
        assert len(net([1.0, -1.0])) == 8


def test_units_that_do_not_settle_are_an_error():
    net = nn.RecurrentBackprop(1, 2, rng=random.Random(0))
    for k, neuron in enumerate(net.cell.neurons):
        neuron.w[1].data, neuron.w[2].data = (0.0, 4.0) if k else (0.0, -4.0)
        neuron.w[1 + (1 - k)].data = 4.0 if k else -4.0  # each against the other
    with pytest.raises(ConvergenceError, match="spectral radius"):
        net([0.1])


def test_hidden_units_are_no_output_and_one_output_is_bare():
    assert isinstance(nn.RecurrentBackprop(1, 3, 2)([1.0]), list)
    assert isinstance(nn.RecurrentBackprop(1, 3, 1)([1.0]).data, float)
    assert len(nn.RecurrentBackprop(1, 3, 1).settled([1.0])) == 3
    with pytest.raises(ValueError, match="nout is 4, but an output is one of the units"):
        nn.RecurrentBackprop(1, 3, 4)


def test_it_is_saved_copied_and_summed_up(tmp_path):
    net = nn.RecurrentBackprop(2, 3, 1, rng=random.Random(0))
    nn.save(net, tmp_path / "net.json")
    for other in (nn.load(tmp_path / "net.json").model, copy.deepcopy(net)):
        assert other([0.5, 1.0]).data == net([0.5, 1.0]).data
    assert "RecurrentBackprop" in str(nn.summary(net))


def test_relaxation_is_no_program():
    net = nn.RecurrentBackprop(1, 2, 1)
    with pytest.raises(TraceError, match="fixed_point"):
        compile(lambda x: net([x]))(1.0)


@pytest.mark.slow
def test_six_of_six_learn_xor():
    solved = 0
    inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [-0.8, 0.8, 0.8, -0.8]
    for seed in range(6):
        net = nn.RecurrentBackprop(2, 4, 1, rng=random.Random(seed))
        history = nn.fit(
            net, mse, inputs, targets, Adam(net.parameters(), lr=0.03), 600, None,
            progress=False, stop_when=lambda epoch: epoch.loss < 0.01,
        )  # fmt: skip
        assert math.isfinite(history[-1])
        solved += history[-1] < 0.01
    assert solved == 6
