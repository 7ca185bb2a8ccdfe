"""Initialisers: fresh weights and biases for layers, by how many wires meet in each."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import TypeVar

from nn.layers.neurons import BiasInit, Layer, first_bias
from nn.module import Module
from nn.rng import Rng, source

M = TypeVar("M", bound=Module)
Biases = BiasInit | Callable[[int], float]


def uniform(
    model: M,
    low: float = -1.0,
    high: float = 1.0,
    rng: Rng = random,
    *,
    bias_init: Biases = 0.0,
) -> M:
    """Draw every weight evenly between two bounds.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    low, high : float
        The bounds.
    rng : Rng
        Draws the weights.
    bias_init : float, "uniform" or callable
        As for `biases`.

    Returns
    -------
    Module
        The model.

    Examples
    --------
    Biases are 0 unless told otherwise; here they are drawn between the same bounds:

    >>> from nn.layers import MLP
    >>> rng = random.Random(0)
    >>> model = uniform(MLP(2, [3, 1]), -0.3, 0.3, rng, bias_init=lambda n: rng.uniform(-0.3, 0.3))
    >>> all(0 < abs(p.data) <= 0.3 for p in model.parameters())
    True
    """
    draw = source(rng)
    return _fill(model, lambda _fan_in, _fan_out: draw.uniform(low, high), bias_init, draw)


def normal(model: M, deviation: float = 1.0, rng: Rng = random, *, bias_init: Biases = 0.0) -> M:
    """Draw every weight from the normal distribution of mean 0.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    deviation : float
        The standard deviation.
    rng : Rng
        Draws the weights.
    bias_init : float, "uniform" or callable
        As for `biases`.

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
    draw = source(rng)
    return _fill(model, lambda _fan_in, _fan_out: draw.gauss(0.0, deviation), bias_init, draw)


def xavier(
    model: M,
    gain: float = 1.0,
    distribution: str = "uniform",
    rng: Rng = random,
    *,
    bias_init: Biases = 0.0,
) -> M:
    r"""Draw weights with variance gain^2 * 2 / (fan_in + fan_out), for sigmoids and tanh.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    gain : float
        A factor for the units that follow.
    distribution : {"uniform", "normal"}
        The shape of the distribution.
    rng : Rng
        Draws the weights.
    bias_init : float, "uniform" or callable
        As for `biases`.

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
    rng = source(rng)
    draw = _drawer(distribution, rng)

    def weight(fan_in: int, fan_out: int) -> float:
        return draw(gain * math.sqrt(2 / (fan_in + fan_out)))

    return _fill(model, weight, bias_init, rng)


def kaiming(
    model: M,
    gain: float = math.sqrt(2),
    distribution: str = "uniform",
    rng: Rng = random,
    *,
    bias_init: Biases = 0.0,
) -> M:
    r"""Draw weights with variance gain^2 / fan_in, which keeps the signal of relu units alive.

    With ``gain=3**-0.5`` and ``bias_init="uniform"`` weights and biases are drawn as those of
    PyTorch's ``Linear`` and convolutions are, evenly between -1/sqrt(fan_in) and 1/sqrt(fan_in).

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets fresh weights.
    gain : float
        A factor for the units that follow: the default is that of relu.
    distribution : {"uniform", "normal"}
        The shape of the distribution.
    rng : Rng
        Draws the weights.
    bias_init : float, "uniform" or callable
        As for `biases`.

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
    rng = source(rng)
    draw = _drawer(distribution, rng)
    return _fill(model, lambda fan_in, _fan_out: draw(gain / math.sqrt(fan_in)), bias_init, rng)


def biases(model: M, bias_init: Biases = 0.0, rng: Rng = random) -> M:
    """Set every bias, and leave the weights as they are.

    Parameters
    ----------
    model : Module
        Every `Layer` within it gets new biases; pass a part of a model for those of that part.
    bias_init : float, "uniform" or callable
        The number that all become; or "uniform" to draw each evenly between -1/sqrt(n) and
        1/sqrt(n), where n is the number of wires that run into the neuron; or a function of n
        that returns the bias of one neuron.
    rng : Rng
        Draws the biases if they are "uniform".

    Returns
    -------
    Module
        The model.

    Raises
    ------
    TypeError, ValueError
        If `bias_init` is something else or not finite, or the model has no layer.

    Examples
    --------
    >>> import random
    >>> from nn.layers import Layer
    >>> layer = biases(Layer(4, 2), 0.1)
    >>> [neuron.b.data for neuron in layer.neurons]
    [0.1, 0.1]
    >>> source = random.Random(0)
    >>> layer = biases(layer, lambda n: source.gauss(0, 1 / n))
    >>> [round(neuron.b.data, 4) for neuron in layer.neurons]
    [0.2354, -0.3491]
    """
    return _fill(model, None, bias_init, source(rng))


def _drawer(distribution: str, rng: Rng) -> Callable[[float], float]:
    """Return a function that draws a number of mean 0 with the deviation it is given."""
    draw = source(rng)
    if distribution == "uniform":
        return lambda deviation: draw.uniform(-math.sqrt(3) * deviation, math.sqrt(3) * deviation)
    if distribution == "normal":
        return lambda deviation: draw.gauss(0.0, deviation)
    raise ValueError(f"distribution has to be 'uniform' or 'normal', but was {distribution!r}")


def _fill(model: M, draw: Callable[[int, int], float] | None, bias_init: Biases, rng: Rng) -> M:
    """Give every layer of `model` weights drawn for its fans, if at all, and biases."""
    for layer in _layers(model):
        fan_in, fan_out = layer.fans
        for neuron in layer.neurons:
            if draw is not None:
                for weight in neuron.w:
                    weight.data = draw(fan_in, fan_out)
            bias = bias_init(fan_in) if callable(bias_init) else bias_init
            neuron.b.data = first_bias(bias, fan_in, source(rng))
    return model


def _layers(model: Module) -> Iterator[Layer]:
    """Yield the layers of `model`, which has to have some."""
    layers = [module for module in model.modules() if isinstance(module, Layer)]
    if not layers:
        raise ValueError(f"{type(model).__name__} has no Layer whose weights could be drawn")
    yield from layers
