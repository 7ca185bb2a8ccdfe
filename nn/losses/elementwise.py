"""Losses that compare each output with a target of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd.functions.rules as rules
from autograd.graph.value import Value
from nn.losses.reduction import (
    Nested,
    Number,
    check_alike,
    check_each,
    check_finite,
    elementwise,
    nothing,
    numbers,
    over,
    pair,
    reduce,
    scaled,
    weights,
)

LEAST = math.exp(-100)  # the probability below which PyTorch's logarithm stays at -100


def mse(input: Nested, target: Nested, reduction: str = "mean", weight: Nested = None) -> Nested:
    r"""Return the squared error between outputs and targets, averaged.

    .. math:: \textstyle\sum_i w_i (x_i - y_i)^2 / \sum_i w_i

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The outputs of a model: one number, a vector, or a batch of either.
    target : number, or numbers in nested sequences
        What they should be, in the same shape.
    reduction : {"mean", "sum", "none"}
        "mean" averages over all numbers, "sum" adds them, "none" returns the squared
        errors in the shape of `input`.
    weight : number, or numbers in nested sequences, optional
        How much each output counts, in the shape of `input`; by default all count alike.

    Returns
    -------
    Value, or Values in nested lists
        The loss; plain floats where both arguments hold plain floats.

    Raises
    ------
    ValueError
        If the shapes differ, `input` is empty, `reduction` is unknown, or the weights of a
        mean add up to 0.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> mse([1.0, 2.0], [1.0, 4.0], weight=[3.0, 1.0])
    1.0
    >>> mse([[1.0, 2.0]], [[1.0, 4.0]], reduction="none")
    [[0.0, 4.0]]
    """
    input, target = pair(input, target)
    losses = elementwise(_squared_error, input, target)
    if weight is None:
        return reduce(losses, reduction)
    weight = numbers(weight, "weight")
    check_alike(input, weight, "weight")
    check_finite(weight, "weight")
    losses = elementwise(scaled, losses, weight)
    if reduction != "mean":
        return reduce(losses, reduction)
    return over(reduce(losses, "sum"), reduce(weight, "sum"))


def hinge(input: Nested, target: Nested, reduction: str = "mean") -> Nested:
    r"""Return the max-margin loss between scores and labels of -1 or +1, averaged.

    .. math:: \tfrac1n \textstyle\sum_i \mathrm{relu}(1 - y_i s_i)

    It is 0 where every score lies on its label's side by a margin of at least 1.

    PyTorch has no loss of this name: its ``hinge_embedding_loss`` is another function, and
    its ``multi_margin_loss`` takes several scores and a class. The same number comes from
    ``margin_ranking_loss(s, 0, y, margin=1)``.

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The scores s.
    target : number, or numbers in nested sequences
        The labels y, each -1 or +1, in the same shape.
    reduction : {"mean", "sum", "none"}
        As for `mse`.

    Returns
    -------
    Value, or Values in nested lists
        The loss; plain floats where both arguments hold plain floats.

    Raises
    ------
    ValueError
        If a label is neither -1 nor +1, the shapes differ, `input` is empty, or
        `reduction` is unknown.

    References
    ----------
    C. Cortes and V. Vapnik, "Support-vector networks", Machine Learning 20 (1995), 273-297.

    Examples
    --------
    >>> hinge([0.5, -2.0, 3.0], [1, -1, -1], reduction="none")
    [0.5, 0.0, 4.0]
    >>> hinge([0.5, -2.0, 3.0], [1, -1, -1])
    1.5
    """
    input, target = pair(input, target)
    check_each(target, lambda y: y * y == 1, "a hinge label has to be -1 or +1")
    return reduce(elementwise(_margin_violation, input, target), reduction)


def binary_cross_entropy(
    input: Nested, target: Nested, weight: Nested = None, *, reduction: str = "mean"
) -> Nested:
    r"""Return the surprise of yes-or-no labels under probabilities, averaged.

    .. math:: -w \big(y \log p + (1 - y)\log(1 - p)\big)

    As in PyTorch, neither logarithm is below -100: the loss of a certainty that was wrong is
    100, not infinite. The gradient is that of this very function, :math:`(p - y) / (p (1 - p))`
    and 0 where the logarithm is held at -100, so that nothing is learned there; PyTorch's is cut
    off at 1e12 for all p within 1e-12 of 0 or 1. From logits,
    `binary_cross_entropy_with_logits` is right everywhere.

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The probabilities p, from 0 to 1.
    target : number, or numbers in nested sequences
        The labels y, or probabilities, from 0 to 1 and in the same shape.
    weight : number, or numbers in nested sequences, optional
        The factors w, stretched to the shape of `input` as NumPy does. A mean divides by the
        number of outputs all the same.
    reduction : {"mean", "sum", "none"}
        As for `mse`.

    Returns
    -------
    Value, or Values in nested lists
        The loss in nats; plain floats where both arguments hold plain floats.

    Raises
    ------
    ValueError
        If an input or a label is not from 0 to 1, the shapes differ, `input` is empty, or
        `reduction` is unknown.

    Examples
    --------
    >>> print(f"{binary_cross_entropy(0.25, 1):.4f}")
    1.3863
    >>> binary_cross_entropy([0.0, 1.0], [1, 1], reduction="none")
    [100.0, 0.0]
    >>> binary_cross_entropy([0.5, -3.2], [0, 0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: an input has to be a probability from 0 to 1, but one was -3.2 at position 1; ...
    """
    input, target = pair(input, target)
    check_each(
        input,
        _is_share,
        "an input has to be a probability from 0 to 1",
        "; logits belong in binary_cross_entropy_with_logits",
    )
    return _averaged(_doubt, input, target, None, weight, reduction)


def binary_cross_entropy_with_logits(
    input: Nested,
    target: Nested,
    weight: Nested = None,
    *,
    reduction: str = "mean",
    pos_weight: Nested = None,
) -> Nested:
    r"""Return the surprise of yes-or-no labels under the sigmoid of logits, averaged.

    .. math:: -w \big(v\, y \log\sigma(z) + (1 - y)\log\sigma(-z)\big)

    No logit is too large or too small, which makes it the better choice beside
    `binary_cross_entropy` of a sigmoid.

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The logits z.
    target : number, or numbers in nested sequences
        The labels y, or probabilities, from 0 to 1 and in the same shape.
    weight : number, or numbers in nested sequences, optional
        The factors w, stretched to the shape of `input` as NumPy does. A mean divides by the
        number of outputs all the same.
    reduction : {"mean", "sum", "none"}
        As for `mse`.
    pos_weight : number, or numbers in nested sequences, optional
        The weights v of the label 1, stretched like `weight`: one for each output of a vector,
        say. Above 1 they raise the recall, below 1 the precision.

    Returns
    -------
    Value, or Values in nested lists
        The loss in nats; plain floats where both arguments hold plain floats.

    Raises
    ------
    ValueError
        If a label is not from 0 to 1, the shapes differ, `input` is empty, or `reduction` is
        unknown.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([1e4, -1e4], [0, 0], reduction="none")
    [10000.0, 0.0]
    >>> print(f"{binary_cross_entropy_with_logits(0.0, 1):.4f}")
    0.6931
    >>> print(f"{binary_cross_entropy_with_logits(0.0, 1, pos_weight=3.0):.4f}")
    2.0794
    """
    input, target = pair(input, target)
    return _averaged(_doubt_of_logit, input, target, pos_weight, weight, reduction)


def _averaged(
    doubt: Callable[..., Any],
    input: Nested,
    target: Nested,
    pos_weight: Nested,
    weight: Nested,
    reduction: str,
) -> Nested:
    """Return the weighted and reduced cross-entropies of labels."""
    check_each(target, _is_share, "a label has to be from 0 to 1")
    factors = weights(1 if pos_weight is None else pos_weight, input, "pos_weight")
    losses = elementwise(doubt, input, target, factors)
    if weight is not None:
        losses = elementwise(scaled, losses, weights(weight, input, "weight"))
    return reduce(losses, reduction)


def _is_share(number: Any) -> bool:
    """Tell whether a number is from 0 to 1."""
    return bool(0 <= number <= 1)


def _squared_error(x: Number, y: Number) -> Any:
    """Return (x - y)^2."""
    return rules.square(x - y)


def _margin_violation(score: Number, label: Number) -> Any:
    """Return relu(1 - label * score)."""
    return rules.relu(1 - label * score)


def _doubt(p: Number, label: Number, factor: Number) -> Any:
    """Return the binary cross-entropy of a label under a probability."""
    # Subtracted from 0, for no loss is 0.0 and not -0.0. Of 1 - p only 0 is below LEAST.
    return _mixture(
        p,
        label,
        factor,
        lambda: 0 - (rules.log(p) if p > LEAST else _held_log(p)),
        lambda: 0 - (rules.log1p(-p) if p < 1 else _held_log(1 - p)),
    )


def _held_log(p: Number) -> Any:
    """Return -100, the logarithm of a probability of at most LEAST, without a slope."""
    return rules.log(rules.maximum(p, LEAST))


def _doubt_of_logit(logit: Number, label: Number, factor: Number) -> Any:
    """Return the binary cross-entropy of a label under the sigmoid of a logit."""
    # softplus(-z) is -log sigmoid(z); terms of one sign do not cancel.
    return _mixture(
        logit,
        label,
        factor,
        lambda: rules.softplus(-logit),
        lambda: rules.softplus(logit),
    )


def _mixture(
    x: Number, label: Number, factor: Number, yes: Callable[[], Any], no: Callable[[], Any]
) -> Any:
    """Return label * factor * yes() + (1 - label) * no(), without the terms of weight 0.

    So an infinite term of weight 0 leaves no nan.
    """
    terms = []
    for weight, loss in ((label * factor, yes), (1 - label, no)):
        if isinstance(weight, Value):
            terms.append(weight * loss())
        elif weight:
            terms.append(loss() if weight == 1 else weight * loss())
    return rules.sum(terms) if len(terms) > 1 else terms[0] if terms else nothing([x])
