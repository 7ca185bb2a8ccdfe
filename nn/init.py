"""Initialisers: fresh weights for the layers of a model, by how many wires meet in each."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import TypeVar

from nn.layers import Layer
from nn.module import Module
from nn.rng import Rng, source

M = TypeVar("M", bound=Module)


def uniform(model: M, low: float = -1.0, high: float = 1.0, rng: Rng = random) -> M:
    """Draw every weight evenly between two bounds; biases become 0.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    low, high : float
        The bounds.
    rng : Rng
        Draws the weights.

    Returns
    -------
    Module
        The model.

    Examples
    --------
    >>> from nn.layers import MLP
    >>> model = uniform(MLP(2, [3, 1]), -0.1, 0.1)
    >>> max(abs(p.data) for p in model.parameters()) <= 0.1
    True
    """
    draw = source(rng).uniform
    return _fill(model, lambda _fan_in, _fan_out: draw(low, high))


def normal(model: M, deviation: float = 1.0, rng: Rng = random) -> M:
    """Draw every weight from the normal distribution of mean 0; biases become 0.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    deviation : float
        The standard deviation.
    rng : Rng
        Draws the weights.

    Returns
    -------
    Module
        The model.

    Examples
    --------
    >>> from nn.layers import MLP
    >>> model = normal(MLP(2, [3, 1]), 0.1)
    >>> {neuron.b.data for neuron in model.layers[0].neurons}
    {0.0}
    """
    draw = source(rng).gauss
    return _fill(model, lambda _fan_in, _fan_out: draw(0.0, deviation))


def xavier(model: M, gain: float = 1.0, distribution: str = "uniform", rng: Rng = random) -> M:
    r"""Draw weights with variance gain^2 * 2 / (fan_in + fan_out), for sigmoids and tanh.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights; biases become 0.
    gain : float
        A factor for the units that follow.
    distribution : {"uniform", "normal"}
        The shape of the distribution.
    rng : Rng
        Draws the weights.

    Returns
    -------
    Module
        The model.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.

    Examples
    --------
    >>> from nn.layers import MLP
    >>> model = xavier(MLP(4, [8, 1], activation="tanh"))
    >>> max(abs(w.data) for w in model.layers[0].neurons[0].w) <= (6 / 12) ** 0.5
    True
    """
    draw = _drawer(distribution, rng)
    return _fill(model, lambda fan_in, fan_out: draw(gain * math.sqrt(2 / (fan_in + fan_out))))


def kaiming(
    model: M, gain: float = math.sqrt(2), distribution: str = "uniform", rng: Rng = random
) -> M:
    r"""Draw weights with variance gain^2 / fan_in, which keeps the signal of relu units alive.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights; biases become 0.
    gain : float
        A factor for the units that follow: the default is that of relu.
    distribution : {"uniform", "normal"}
        The shape of the distribution.
    rng : Rng
        Draws the weights.

    Returns
    -------
    Module
        The model.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> from nn.layers import MLP
    >>> model = kaiming(MLP(6, [8, 1]))
    >>> max(abs(w.data) for w in model.layers[0].neurons[0].w) <= 1
    True
    """
    draw = _drawer(distribution, rng)
    return _fill(model, lambda fan_in, _fan_out: draw(gain / math.sqrt(fan_in)))


def _drawer(distribution: str, rng: Rng) -> Callable[[float], float]:
    """Return a function that draws a number of mean 0 with the deviation it is given."""
    draw = source(rng)
    if distribution == "uniform":
        return lambda deviation: draw.uniform(-math.sqrt(3) * deviation, math.sqrt(3) * deviation)
    if distribution == "normal":
        return lambda deviation: draw.gauss(0.0, deviation)
    raise ValueError(f"distribution has to be 'uniform' or 'normal', but was {distribution!r}")


def _fill(model: M, draw: Callable[[int, int], float]) -> M:
    """Give every layer of `model` weights drawn for its fans, and biases of 0."""
    for layer in _layers(model):
        fan_in, fan_out = layer.fans
        for neuron in layer.neurons:
            for weight in neuron.w:
                weight.data = draw(fan_in, fan_out)
            neuron.b.data = 0.0
    return model


def _layers(model: Module) -> Iterator[Layer]:
    """Yield the layers of `model`, which has to have some."""
    layers = [module for module in model.modules() if isinstance(module, Layer)]
    if not layers:
        raise ValueError(f"{type(model).__name__} has no Layer whose weights could be drawn")
    yield from layers
