"""Neurons, and the layers and networks made of them, with micrograd's signatures."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from operator import countOf
from typing import Any

from autograd.functions.calls import Primitive
from autograd.graph.many import dots
from autograd.graph.value import Value
from autograd.graph.watching.recording import running
from nn.checks import check_size, listed, numbers, rows
from nn.layers.activations import Activation, resolved, title
from nn.module import Module
from nn.rng import Rng, Source, source
from nn.trail import QUICK, Trail

Inputs = Sequence[float | Value]
BiasInit = float | str


class Neuron(Module):
    r"""A weighted sum of the inputs, bent by an activation function.

    .. math:: y = f(w_1 x_1 + \dots + w_n x_n + b)

    A call makes two nodes, one `dot` and one activation; a linear neuron makes one.

    Parameters
    ----------
    nin : int
        The number n of inputs.
    nonlin : bool
        False for a linear neuron, f(x) = x; `activation` is then not used.
    activation : str or callable
        The name of an elementary function of one operand, or any function (or `Module`)
        from a Value to a Value. Units among them: the threshold ``heaviside``, the piecewise
        linear ``hard_sigmoid`` and ``hard_tanh``, the smooth ``sigmoid`` and ``tanh``, and
        ``relu``, ``leaky_relu``, ``elu``, ``softplus``, ``silu``, ``gelu``.
    bias_init : float or "uniform"
        Where the bias starts, or "uniform" to draw it evenly between -1/sqrt(n) and 1/sqrt(n),
        after the weights, as PyTorch does; see also `nn.init.biases`.
    rng : Rng
        Draws the weights, each ``rng.uniform(-1, 1)``, in order.

    Attributes
    ----------
    w : list of Value
        The weights.
    b : Value
        The bias.
    nonlin : bool
        As given; it may be changed.
    activation : str or callable
        As given.

    Raises
    ------
    ValueError
        If `nin` is below 1, `activation` names no elementary function of one operand, or
        `bias_init` is not finite; in a call, if the number of inputs is not `nin`.

    References
    ----------
    The interface is that of `micrograd.nn` (A. Karpathy, 2020).

    Examples
    --------
    >>> neuron = Neuron(2, activation="tanh")
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, -1.0, 0.25
    >>> y = neuron([1.0, 0.75])
    >>> y.data, y.op.name, len(y.parents[0].parents)
    (0.0, 'tanh', 3)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        bias_init: BiasInit = 0.0,
        rng: Rng = random,
    ) -> None:
        draw = source(rng)
        self.w = [Value(draw.uniform(-1, 1)) for _ in range(check_size(nin, "nin"))]
        self.b = Value(first_bias(bias_init, nin, draw))
        self.nonlin = nonlin
        self.activation = activation
        self._activate = resolved(activation)

    def __call__(self, x: Inputs) -> Value:
        """Return the neuron's output for the inputs `x`, floats or Values."""
        if type(x) is not list:
            x = numbers(x, "the input")
        self._check(x)
        (act,) = dots([self.w], x, [self.b])
        if type(act) is not Value:
            _refuse_batch(act)
        return self._activate(act) if self.nonlin else act

    def _check(self, x: Any) -> None:
        """Refuse what is not a list of as many inputs as there are weights."""
        if not hasattr(x, "__len__"):
            raise TypeError(
                f"{self!r} takes a list of {len(self.w)} numbers, but was given {x!r}; "
                "write [x] for a single input"
            )
        if len(x) != len(self.w):
            raise ValueError(
                f"{self!r} takes {len(self.w)} inputs, but was given {len(x)}; "
                "nin, the first argument of the layer, has to equal the number of inputs"
            )

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._activate = resolved(self.activation)  # pickles of before have a method of Value there

    def __repr__(self) -> str:
        """Return micrograd's form, such as ``ReLUNeuron(2)``."""
        return f"{title(self.activation) if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side, all of which see the same inputs.

    Parameters
    ----------
    nin, nout : int
        The number of inputs, and of neurons.
    nonlin, activation, bias_init, rng
        As for `Neuron`.

    Attributes
    ----------
    neurons : list of Neuron
        The neurons.

    Examples
    --------
    >>> Layer(2, 3, activation="sigmoid")
    Layer of [SigmoidNeuron(2), SigmoidNeuron(2), SigmoidNeuron(2)]
    >>> len(Layer(2, 3)([1.0, -1.0]))
    3
    """

    _plan = Trail()

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        bias_init: BiasInit = 0.0,
        rng: Rng = random,
    ) -> None:
        rng = source(rng)  # one for all: a seed would give every neuron the same weights
        self.neurons = [
            Neuron(nin, nonlin, activation=activation, bias_init=bias_init, rng=rng)
            for _ in range(check_size(nout, "nout"))
        ]

    @property
    def fans(self) -> tuple[int, int]:
        """How many wires run into each neuron, and how many run from each input."""
        return len(self.neurons[0].w), len(self.neurons)

    def __call__(self, x: Inputs) -> Any:
        """Return the list of the neurons' outputs, or the bare output of a single neuron."""
        out = self.outputs(x)
        return out[0] if len(out) == 1 else out

    def outputs(self, x: Inputs) -> list[Any]:
        """Return the list of the neurons' outputs, also where there is only one."""
        if type(x) is not list:
            x = numbers(x, "the input")
        neurons = self.neurons
        rows, biases, bends = self._planned(neurons) if QUICK else _gathered(neurons)
        if running() or not rows:
            return [neuron(x) for neuron in neurons]  # each call is recorded, or is its own
        try:  # what those calls come to, with the numbers read in one go
            sums = dots(rows, x, biases)
        except (TypeError, ValueError):
            neurons[0]._check(x)
            raise
        if type(sums[0]) is not Value:
            _refuse_batch(sums[0])
        if not isinstance(bends, list):
            # Of a row the function that its calls run, which Python would look up for each of them.
            return list(map(bends.__call__ if isinstance(bends, Primitive) else bends, sums))
        pairs = zip(bends, sums, strict=True)
        return [bend(act) if bend else act for bend, act in pairs] if any(bends) else sums

    def _planned(self, neurons: list[Neuron]) -> Any:
        """What `_gathered` finds, which is kept for as long as nothing in the neurons changes."""
        plan = self._plan
        if not (plan.lists and plan.lists[0] is neurons and plan.leads(())):
            found = _gathered(neurons)
            plan = self._plan = Trail(found, (), [*neurons] if found[0] else (), [neurons])
        return plan.found

    def __repr__(self) -> str:
        """Return micrograd's form: the list of the neurons."""
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


def _gathered(neurons: Sequence[Neuron]) -> tuple[list[Any], list[Any], Any]:
    """The neurons' weights, biases and activations, or the one that all have.

    They are none, if a neuron has a way of its own.
    """
    if countOf(map(type, neurons), Neuron) < len(neurons):
        return [], [], []
    rows, biases = [neuron.w for neuron in neurons], [neuron.b for neuron in neurons]
    bends: Any = [neuron._activate if neuron.nonlin else None for neuron in neurons]
    if (first := bends[0]) and not [bend for bend in bends if bend is not first]:
        bends = first
    return rows, biases, bends


class MLP(Module):
    """A multi-layer perceptron: layers one after the other, the last of them linear by default.

    Parameters
    ----------
    nin : int
        The number of inputs.
    nouts : sequence of int
        The number of neurons in each layer.
    activation : str or callable
        The activation of the hidden layers, as for `Neuron`.
    output_activation : str, callable or None
        That of the last layer; None for a linear one, whose outputs can be any number, such as
        the logits that `nn.losses.cross_entropy` takes.
    bias_init : float or "uniform"
        As for `Neuron`.
    rng : Rng
        Draws the weights, layer by layer and neuron by neuron.

    Attributes
    ----------
    layers : list of Layer
        The layers.

    Raises
    ------
    TypeError
        If `nouts` is not a sequence.
    ValueError
        If `nouts` is empty, or a size is below 1.

    Examples
    --------
    >>> import random
    >>> model = MLP(2, [2, 1], rng=random.Random(1))
    >>> model
    MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]
    >>> print(f"{model([1.0, -1.0]):.4f}")
    -0.1028
    >>> MLP(2, [2, 1], output_activation="sigmoid").layers[-1]
    Layer of [SigmoidNeuron(2)]
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: Activation = "relu",
        output_activation: Activation | None = None,
        bias_init: BiasInit = 0.0,
        rng: Rng = random,
    ) -> None:
        if isinstance(nouts, int):
            raise TypeError(
                f"nouts has to be a list of layer sizes, but was {nouts!r}; "
                f"write [{nouts!r}] for a single layer"
            )
        nouts, rng = rows(nouts, "nouts"), source(rng)
        sizes = [nin, *nouts]
        if not nouts:
            raise ValueError("nouts is empty; name at least the size of the last layer, as in [1]")
        bends = [*[activation] * (len(nouts) - 1), output_activation]
        self.layers = [
            Layer(
                before,
                size,
                nonlin=bend is not None,
                activation=activation if bend is None else bend,
                bias_init=bias_init,
                rng=rng,
            )
            for before, size, bend in zip(sizes, nouts, bends, strict=False)
        ]

    def __call__(self, x: Inputs) -> Any:
        """Return the outputs of the last layer; a single output comes bare."""
        first, *others = self.layers
        out = first(x)
        for layer in others:
            out = layer(out if type(out) is list else listed(out))
        return out

    def __repr__(self) -> str:
        """Return micrograd's form: the list of the layers."""
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def first_bias(given: Any, fan_in: int, rng: Source) -> float:
    """Return where the bias of a neuron with so many inputs starts."""
    if given == "uniform":
        bound = 1 / math.sqrt(fan_in)
        return rng.uniform(-bound, bound)
    if isinstance(given, bool | str) or not hasattr(given, "__float__"):
        raise TypeError(f"bias_init has to be a number or 'uniform', but was {given!r}")
    if not math.isfinite(given):
        raise ValueError(f"bias_init has to be finite, but was {given!r}")
    return float(given)


def _refuse_batch(out: Any) -> None:
    """Refuse weighted sums of lists, which pair the examples of a batch with the weights."""
    if hasattr(out, "__len__"):
        raise ValueError(
            "the input has to be a list of numbers, that of one example, but was a list of lists; "
            "write [model(x) for x in inputs]"
        )
