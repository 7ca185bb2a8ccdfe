"""Recurrent layers: a state that goes from one element of a sequence to the next, or settles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd.transforms.implicit import fixed_point
from nn.checks import check_size, listed, numbers
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


class RecurrentBackprop(Module):
    r"""A layer of units that see each other: its output is where they settle.

    .. math:: h = \varphi(W_x x + W_h h + b)

    The fixed point is found by relaxation. Its derivatives are those of the implicit function
    theorem: with e the gradient by h, J the slopes of the activations and z the solution of
    :math:`z = J (W_h^T z + e)`, the gradient by the weights is :math:`z [x, h]^T`. No step of the
    relaxation is remembered. This is the recurrent backpropagation of Almeida and Pineda, whose
    second relaxation finds the same z.

    Parameters
    ----------
    nin, nunits : int
        The number of inputs, all of which every unit sees, and of units.
    nout : int, optional
        How many of the units, the last ones, are the output; all unless given. The others are
        hidden.
    activation : str or callable
        As for `Neuron`.
    tolerance : float, optional
    max_steps : int
        Of the relaxation, as for `autograd.fixed_point`.
    rng : Rng
        Draws the weights: each ``rng.uniform(-1, 1)``, and those between units divided by their
        number, so that every activation with slopes of at most 1 settles at first.

    Attributes
    ----------
    cell : Layer
        What computes h once more; the weights of its neurons run over x, then over h.

    Raises
    ------
    ConvergenceError
        In a call, if the units do not settle, as with weights that have grown too large: the
        message has the spectral radius.

    References
    ----------
    L. B. Almeida, "A learning rule for asynchronous perceptrons with feedback in a combinatorial
    environment", IEEE First International Conference on Neural Networks (1987), 609-618.
    F. J. Pineda, "Generalization of back-propagation to recurrent neural networks", Physical Review
    Letters 59 (1987), 2229-2232.

    Examples
    --------
    >>> net = RecurrentBackprop(1, 1, rng=random.Random(0))
    >>> net.cell.neurons[0].w[0].data, net.cell.neurons[0].w[1].data = 0.3, 0.5
    >>> x = net([1.0])
    >>> x.backward()
    >>> print(f"{x.data:.12f} {net.cell.neurons[0].w[1].grad:.12f}")
    0.500831887670 0.599931500623
    """

    def __init__(
        self,
        nin: int,
        nunits: int,
        nout: int | None = None,
        *,
        activation: Activation = "tanh",
        tolerance: float | None = None,
        max_steps: int = 10_000,
        rng: Rng = random,
    ) -> None:
        nin, units = check_size(nin, "nin"), check_size(nunits, "nunits")
        self.nout = units if nout is None else check_size(
            nout, "nout", 1, below=units + 1, allowed="an output is one of the units, which are"
        )  # fmt: skip
        self.tolerance, self.max_steps = tolerance, max_steps
        self.cell = Layer(nin + units, units, activation=activation, rng=rng)
        for neuron in self.cell.neurons:
            for weight in neuron.w[nin:]:
                weight.data /= units

    def __call__(self, x: Inputs) -> Any:
        """Return the output for the inputs `x`: bare if it is one unit's."""
        state = self.settled(x)[-self.nout :]
        return state[0] if len(state) == 1 else state

    def settled(self, x: Inputs) -> list[Any]:
        """Return the states of all units for the inputs `x`."""
        seen = [*numbers(x, "the input")]

        def once_more(h: list[Any]) -> list[Any]:
            return self.cell.outputs([*seen, *h])

        start = [0.0] * len(self.cell.neurons)
        found: list[Any] = fixed_point(
            once_more, start, tolerance=self.tolerance, max_steps=self.max_steps
        )
        return found


def _start(h: Inputs | None, size: int) -> list[Any]:
    """Return the state before the first element."""
    if h is None:
        return [0.0] * size
    state = numbers(h, "the state")
    if not isinstance(state, list) or len(state) != size:
        given = len(state) if isinstance(state, list) else state
        raise ValueError(f"the state needs {size} numbers, but was given {given}")
    return state
