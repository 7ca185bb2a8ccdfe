"""Losses that compare each output with a target of its own."""

from __future__ import annotations

from typing import Any

import autograd
from nn.losses.reduction import Nested, Number, elementwise, reduce


def mse(input: Nested, target: Nested, reduction: str = "mean") -> Nested:
    r"""Return the squared error between outputs and targets, averaged.

    .. math:: \tfrac1n \textstyle\sum_i (x_i - y_i)^2

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The outputs of a model: one number, a vector, or a batch of either.
    target : number, or numbers in nested sequences
        What they should be, in the same shape.
    reduction : {"mean", "sum", "none"}
        "mean" averages over all numbers, "sum" adds them, "none" returns the squared
        errors in the shape of `input`.

    Returns
    -------
    Value, or Values in nested lists
        The loss; plain floats where both arguments hold plain floats.

    Raises
    ------
    ValueError
        If the shapes differ, `input` is empty, or `reduction` is unknown.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> mse([[1.0, 2.0]], [[1.0, 4.0]], reduction="none")
    [[0.0, 4.0]]
    """
    return reduce(elementwise(_squared_error, input, target), reduction)


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
    return reduce(elementwise(_margin_violation, input, target), reduction)


def binary_cross_entropy(input: Nested, target: Nested, reduction: str = "mean") -> Nested:
    r"""Return the surprise of yes-or-no labels under the sigmoid of logits, averaged.

    .. math:: -y \log\sigma(z) - (1 - y)\log\sigma(-z)

    It takes logits, not probabilities, like PyTorch's ``binary_cross_entropy_with_logits``: so
    no logit is too large or too small.

    Parameters
    ----------
    input : number, or numbers in nested sequences
        The logits z.
    target : number, or numbers in nested sequences
        The labels y, or probabilities, from 0 to 1 and in the same shape.
    reduction : {"mean", "sum", "none"}
        As for `mse`.

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
    >>> binary_cross_entropy([1e4, -1e4], [0, 0], reduction="none")
    [10000.0, 0.0]
    >>> print(f"{binary_cross_entropy(0.0, 1):.4f}")
    0.6931
    """
    return reduce(elementwise(_doubt, input, target), reduction)


def _squared_error(x: Number, y: Number) -> Any:
    """Return (x - y)^2."""
    return autograd.square(x - y)


def _margin_violation(score: Number, label: Number) -> Any:
    """Return relu(1 - label * score)."""
    if label not in (-1, 1):
        raise ValueError(f"a hinge label has to be -1 or +1, but one was {label!r}")
    return autograd.relu(1 - label * score)


def _doubt(logit: Number, label: Number) -> Any:
    """Return the binary cross-entropy of a label under the sigmoid of a logit."""
    if not 0 <= label <= 1:
        raise ValueError(f"a label has to be from 0 to 1, but one was {label!r}")
    # softplus(-z) is -log sigmoid(z); terms of one sign do not cancel.
    if isinstance(label, int | float) and label in (0, 1):
        return autograd.softplus(-logit if label else logit)
    return label * autograd.softplus(-logit) + (1 - label) * autograd.softplus(logit)
