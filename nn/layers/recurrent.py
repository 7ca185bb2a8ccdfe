"""Recurrent layers: a state that is carried from one element of a sequence to the next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from nn.checks import listed, numbers
from nn.layers.activations import Activation
from nn.layers.neurons import Inputs, Layer
from nn.module import Module
from nn.rng import Rng, source


class RNN(Module):
    r"""The plain recurrent layer: :math:`h_t = \varphi(W [x_t, h_{t-1}] + b)`.

    The same weights serve every element, so their gradient is a sum over time.

    Parameters
    ----------
    nin, nhidden : int
        The number of inputs at each time, and of state units.
    activation : str or callable
        As for `Neuron`.
    rng : Rng
        Draws the weights.

    Attributes
    ----------
    cell : Layer
        What makes the next state; the weights of its neurons run over x, then over h.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), 179-211.

    Examples
    --------
    >>> states = RNN(1, 2)([[0.5], [1.0], [-1.0]])
    >>> len(states), len(states[-1])
    (3, 2)
    """

    def __init__(
        self, nin: int, nhidden: int, *, activation: Activation = "tanh", rng: Rng = random
    ) -> None:
        self.cell = Layer(nin + nhidden, nhidden, activation=activation, rng=rng)

    def __call__(self, xs: Sequence[Inputs], h: Inputs | None = None) -> list[list[Any]]:
        """Return the states after each element of `xs`; the one before is `h`, or zeros."""
        state = _start(h, len(self.cell.neurons))
        states = []
        for x in numbers(xs, "the input"):
            state = listed(self.cell([*x, *state]))
            states.append(state)
        return states


class GRU(Module):
    r"""A gated recurrent layer, which learns what to keep and what to overwrite.

    .. math::

        r &= \sigma(W_r [x_t, h_{t-1}] + b_r), \qquad z = \sigma(W_z [x_t, h_{t-1}] + b_z) \\
        n &= \tanh(W_n [x_t, r \odot h_{t-1}] + b_n) \\
        h_t &= (1 - z) \odot n + z \odot h_{t-1}

    This is the form of the paper; PyTorch's applies r after the product with its weights.

    Parameters
    ----------
    nin, nhidden : int
        The number of inputs at each time, and of state units.
    rng : Rng
        Draws the weights of the three layers in turn.

    Attributes
    ----------
    reset, update, candidate : Layer
        What make r, z and n; the weights of their neurons run over x, then over h.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014.

    Examples
    --------
    >>> states = GRU(1, 2)([[0.5], [1.0], [-1.0]])
    >>> len(states), len(states[-1])
    (3, 2)
    """

    def __init__(self, nin: int, nhidden: int, *, rng: Rng = random) -> None:
        rng = source(rng)
        self.reset = Layer(nin + nhidden, nhidden, activation="sigmoid", rng=rng)
        self.update = Layer(nin + nhidden, nhidden, activation="sigmoid", rng=rng)
        self.candidate = Layer(nin + nhidden, nhidden, activation="tanh", rng=rng)

    def __call__(self, xs: Sequence[Inputs], h: Inputs | None = None) -> list[list[Any]]:
        """Return the states after each element of `xs`; the one before is `h`, or zeros."""
        state = _start(h, len(self.update.neurons))
        states = []
        for x in numbers(xs, "the input"):
            seen = [*x, *state]
            reset, update = listed(self.reset(seen)), listed(self.update(seen))
            kept = [r * s for r, s in zip(reset, state, strict=True)]
            new = listed(self.candidate([*x, *kept]))
            # n + z (h - n): the same as (1 - z) n + z h, with one product fewer.
            state = [n + z * (s - n) for n, z, s in zip(new, update, state, strict=True)]
            states.append(state)
        return states


def _start(h: Inputs | None, size: int) -> list[Any]:
    """Return the state before the first element."""
    if h is None:
        return [0.0] * size
    state = numbers(h, "the state")
    if not isinstance(state, list) or len(state) != size:
        given = len(state) if isinstance(state, list) else state
        raise ValueError(f"the state needs {size} numbers, but was given {given}")
    return state
