"""A small GPT, made of the parts of this package in a few lines."""

from __future__ import annotations

import math
import random
import reprlib
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import nn.init as init
from autograd.graph.modes import no_grad
from autograd.graph.value import Value
from nn.checks import check_size, listed
from nn.layers.attention import Attention
from nn.layers.containers import Residual, Sequential
from nn.layers.embedding import Embedding
from nn.layers.neurons import Layer
from nn.layers.normalisation import RMSNorm
from nn.modes import evaluation
from nn.module import Module
from nn.rng import Rng, Source, source

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

    def generate(
        self,
        symbols: Sequence[int],
        max_new_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        *,
        stop: int | Iterable[int] = (),
        rng: Rng | int = random,
    ) -> list[int]:
        r"""Continue a sequence, symbol by symbol, each drawn from what the model expects.

        The next symbol is i with probability :math:`e^{z_i/T} / \sum_j e^{z_j/T}` for logits z
        and temperature T. The model sees the last symbols, as many as its context holds, in the
        state for evaluation; no graph is built.

        Parameters
        ----------
        symbols : sequence of int
            What to begin with, at least one symbol.
        max_new_tokens : int
            The most symbols that are added.
        temperature : float
            T: below 1 for likelier symbols, above 1 for more variety; 0 for the likeliest one
            each time, the first of several.
        top_k : int, optional
            Draw from the k likeliest symbols only, and from those as likely as the last of them;
            more than there are symbols leaves all.
        stop : int or iterable of int
            End after one of these symbols.
        rng : Rng or int
            Draws the symbols, one number each; an int is the seed of a source of its own.

        Returns
        -------
        list of int
            `symbols`, and those added to them, that at which it stopped included.

        Raises
        ------
        TypeError
            If a symbol is not an int.
        ValueError
            If there is nothing to begin with, a symbol is not in the vocabulary, or an argument
            is out of its range.
        FloatingPointError
            If a logit is nan or inf, as after a training that went wrong, or all are -inf.

        Examples
        --------
        >>> model = GPT(vocabulary=5, context=8, width=4, heads=2, rng=random.Random(0))
        >>> model.generate([0], 6, rng=3) == model.generate([0], 6, rng=3)
        True
        >>> len(model.generate([0, 1], 20, temperature=0.5, top_k=2, rng=3))
        22
        """
        if not (temperature >= 0 and math.isfinite(temperature)):
            raise ValueError(f"temperature has to be finite and at least 0, but was {temperature}")
        if top_k is not None:
            check_size(top_k, "top_k")
        count, context = len(self.symbols.table), len(self.positions.table)
        found = [_symbol(symbol, count) for symbol in symbols]
        ends = {_symbol(s, count) for s in (stop if isinstance(stop, Iterable) else [stop])}
        if not found:
            raise ValueError("symbols is empty; give at least one to begin with")
        draw = source(rng)
        with evaluation(), no_grad():
            for _ in range(check_size(max_new_tokens, "max_new_tokens", least=0)):
                last = self(found[-context:])[-1]
                logits = [z.data if isinstance(z, Value) else z for z in last]
                found.append(_drawn(logits, temperature, top_k, draw))
                if found[-1] in ends:
                    break
        return found


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


def _symbol(given: int, count: int) -> int:
    """Return a symbol as an int, which has to be in the vocabulary."""
    return check_size(given, "a symbol", 0, below=count, allowed="the vocabulary has symbols")


def _drawn(logits: list[float], temperature: float, top_k: int | None, rng: Source) -> int:
    """Return a symbol drawn by its logit."""
    largest = max(logits)
    if any(map(math.isnan, logits)) or not math.isfinite(largest):
        raise FloatingPointError(f"no symbol can be drawn by the logits {reprlib.repr(logits)}")
    if temperature == 0:
        return logits.index(largest)
    if top_k is None or top_k > len(logits):
        top_k = len(logits)
    least = sorted(logits)[-top_k]
    # exp of what is far below underflows to 0, so that such a symbol is never drawn.
    weights = [math.exp((z - largest) / temperature) if z >= least else 0.0 for z in logits]
    sums = list(accumulate(weights))
    return bisect(sums, rng.uniform(0, sums[-1]), hi=sums.index(sums[-1]))
