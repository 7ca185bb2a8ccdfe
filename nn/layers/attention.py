"""Attention: each element of a sequence looks at the others and takes what it needs."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from autograd.graph.many import dots, softmax
from nn.checks import check_size, listed, numbers
from nn.layers.neurons import Inputs, Layer
from nn.module import Module
from nn.rng import Rng, source


class Attention(Module):
    r"""Scaled dot-product attention of a sequence to itself, with several heads.

    In each head, with queries q, keys k and values v of d numbers made by linear layers,

    .. math:: y_t = \sum_s a_{ts} v_s, \qquad
        a_{t\cdot} = \mathrm{softmax}_s\big(q_t \cdot k_s / \sqrt d\big)

    where s runs to t if causal, else over the whole sequence. A last linear layer mixes the heads.

    Parameters
    ----------
    width : int
        The size of each element of the sequence.
    heads : int
        The number of heads; it divides `width`.
    causal : bool
        True to look at no later element.
    rng : Rng
        Draws the weights of the four layers in turn.

    Attributes
    ----------
    query, key, value, output : Layer
        The linear layers.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> out = Attention(4, heads=2)([[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 3.0, 0.0]])
    >>> len(out), len(out[0])
    (2, 4)
    """

    def __init__(
        self, width: int, heads: int = 1, causal: bool = True, *, rng: Rng = random
    ) -> None:
        self.heads, self.causal = check_size(heads, "heads"), causal
        if check_size(width, "width") % heads:
            raise ValueError(f"heads has to divide the width, but {heads} does not divide {width}")
        rng = source(rng)
        self.query, self.key, self.value, self.output = (
            Layer(width, width, nonlin=False, rng=rng) for _ in range(4)
        )

    def __call__(self, xs: Sequence[Inputs]) -> list[list[Any]]:
        """Return for each element of `xs` what it takes from those that it looks at."""
        xs = numbers(xs, "the input")
        queries = [self._split(self.query, x) for x in xs]
        keys = [self._split(self.key, x) for x in xs]
        values = [self._split(self.value, x) for x in xs]
        out = []
        for t, query in enumerate(queries):
            seen = t + 1 if self.causal else len(queries)
            mixed: list[Any] = []
            for head, q in enumerate(query):
                scale = 1 / math.sqrt(len(q))
                rows = [keys[s][head] for s in range(seen)]
                weights = softmax([score * scale for score in dots(rows, q, [0] * seen)])
                columns = list(zip(*(values[s][head] for s in range(seen)), strict=True))
                mixed += dots(columns, weights, [0] * len(columns))
            out.append(listed(self.output(mixed)))
        return out

    def _split(self, layer: Layer, x: Inputs) -> list[list[Any]]:
        """Return the outputs of a layer, divided among the heads."""
        numbers = listed(layer(x))
        size = len(numbers) // self.heads
        return [numbers[i * size : (i + 1) * size] for i in range(self.heads)]
