"""A small GPT, made of the parts of this package in a few lines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from nn import init
from nn.attention import Attention
from nn.containers import Residual, Sequential
from nn.embedding import Embedding
from nn.layers import Layer, check_size, listed
from nn.module import Module
from nn.normalisation import RMSNorm
from nn.rng import Rng, source

DEVIATION = 0.08  # of the first weights: small, as a residual stream needs


class GPT(Module):
    """A language model: from the symbols so far to logits for the next one.

    Each block adds what causal attention gathers, then what a two-layer perceptron, applied to
    each position, makes of it. Weights are drawn from a normal distribution of deviation 0.08.

    Parameters
    ----------
    vocabulary : int
        The number of symbols.
    context : int
        The longest sequence.
    width, heads, blocks : int
        The size of the stream, the number of heads of attention, and of blocks.
    rng : Rng
        Draws the weights.

    References
    ----------
    A. Radford et al., "Language models are unsupervised multitask learners", 2019, with RMSNorm
    and relu in place of LayerNorm and gelu, as in microgpt (A. Karpathy, 2026).

    Examples
    --------
    >>> model = GPT(vocabulary=5, context=8, width=4, heads=2)
    >>> logits = model([0, 3, 1])
    >>> len(logits), len(logits[0])
    (3, 5)
    """

    def __init__(
        self,
        vocabulary: int,
        context: int,
        width: int = 16,
        heads: int = 4,
        blocks: int = 1,
        *,
        rng: Rng = random,
    ) -> None:
        rng = source(rng)
        self.symbols = Embedding(vocabulary, width, DEVIATION, rng=rng)
        self.positions = Embedding(context, width, DEVIATION, rng=rng)
        self.body = Sequential(
            RMSNorm(width),
            *(
                part
                for _ in range(check_size(blocks, "blocks"))
                for part in (
                    Residual(RMSNorm(width), Attention(width, heads, rng=rng)),
                    Residual(RMSNorm(width), Positionwise(width, 4 * width, rng=rng)),
                )
            ),
        )
        self.head = Layer(width, vocabulary, nonlin=False, rng=rng)
        init.normal(self, DEVIATION, rng)

    def __call__(self, symbols: Sequence[int]) -> list[list[Any]]:
        """Return logits for the symbol after each of `symbols`."""
        if len(symbols) > len(self.positions.table):
            raise ValueError(
                f"the context is {len(self.positions.table)}, but {len(symbols)} symbols were given"
            )
        stream = [
            [a + b for a, b in zip(self.symbols(symbol), self.positions(t), strict=True)]
            for t, symbol in enumerate(symbols)
        ]
        return [listed(self.head(x)) for x in self.body(stream)]


class Positionwise(Module):
    """A two-layer perceptron with relu, applied to each vector of a sequence.

    Parameters
    ----------
    width, hidden : int
        The size of the vectors, and of the layer between.
    rng : Rng
        Draws the weights.
    """

    def __init__(self, width: int, hidden: int, *, rng: Rng = random) -> None:
        rng = source(rng)
        self.expand = Layer(width, hidden, rng=rng)
        self.contract = Layer(hidden, width, nonlin=False, rng=rng)

    def __call__(self, xs: Sequence[Any]) -> list[list[Any]]:
        """Return what the perceptron makes of each vector."""
        return [listed(self.contract(listed(self.expand(x)))) for x in xs]
