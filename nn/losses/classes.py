"""Losses that compare one number for each class with the class that is right."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import autograd
from nn.losses.reduction import Nested, Number, check_lengths, is_sequence, reduce


def cross_entropy(
    input: Nested,
    target: int | Sequence[int],
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Nested:
    r"""Return the negative log-likelihood of the right classes under the softmax of logits.

    .. math:: -\log\frac{e^{z_t}}{\sum_j e^{z_j}} = \mathrm{logsumexp}(z) - z_t

    The right-hand form is the one computed, so that no logit is too large or too small.

    Parameters
    ----------
    input : sequence of numbers, or sequence of such sequences
        The logits z of one example, one for each class, or those of each example of a batch.
    target : int, or sequence of int
        The class t of the example, counted from 0, or that of each example.
    reduction : {"mean", "sum", "none"}
        How the losses of a batch become one: their mean, their sum, or the list of them.
        Without a batch there is nothing to reduce.
    label_smoothing : float
        The share of the target that is spread evenly over all classes, from 0 to 1.

    Returns
    -------
    Value, or list of Value
        The loss in nats; plain floats where all logits are plain floats.

    Raises
    ------
    TypeError
        If the logits are not in a sequence, or a class is not an int.
    ValueError
        If a class is out of range, the lengths differ, there are no logits or no examples,
        `label_smoothing` is not from 0 to 1, or `reduction` is unknown.

    References
    ----------
    C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, for
    the smoothing.

    Examples
    --------
    >>> cross_entropy([1e4, 0.0], 1)
    10000.0
    >>> print(f"{cross_entropy([[0.0, 0.0], [0.0, 0.0]], [0, 1]):.4f}")
    0.6931
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing has to be from 0 to 1, but was {label_smoothing!r}")

    def surprise(logits: Sequence[Number], index: int) -> Any:
        total = autograd.logsumexp(logits)
        loss = total - logits[index]
        if label_smoothing:
            spread = total - autograd.mean(logits)
            loss = (1 - label_smoothing) * loss + label_smoothing * spread
        return loss

    return reduce(_each(surprise, input, target, "logits"), reduction)


def nll(input: Nested, target: int | Sequence[int], reduction: str = "mean") -> Nested:
    """Return the negative log-likelihood of the right classes, given logarithms of probabilities.

    After `log_softmax` it is the same as `cross_entropy` of the logits.

    Parameters
    ----------
    input : sequence of numbers, or sequence of such sequences
        The logarithms of the probabilities of one example, or of each example of a batch.
    target, reduction
        As for `cross_entropy`.

    Returns
    -------
    Value, or list of Value
        The loss in nats; plain floats where all inputs are plain floats.

    Examples
    --------
    >>> import math
    >>> nll([math.log(0.25), math.log(0.75)], 0) == math.log(4)
    True
    """
    return reduce(_each(lambda logs, i: -logs[i], input, target, "logarithms"), reduction)


def log_softmax(logits: Sequence[Number]) -> list[Any]:
    """Return the logarithms of the softmax weights of logits, which may be of any size.

    Parameters
    ----------
    logits : sequence of numbers
        One for each class.

    Examples
    --------
    >>> log_softmax([1e4, 0.0])
    [0.0, -10000.0]
    """
    total = autograd.logsumexp(logits)
    return [logit - total for logit in logits]


def _each(
    loss: Callable[[Sequence[Number], int], Any], input: Nested, target: Any, what: str
) -> Nested:
    """Return `loss` of an example, or the list of the losses of a batch."""
    if not is_sequence(target):
        return loss(*_example(input, target, "", what))
    if not is_sequence(input):
        raise TypeError(f"a list of classes needs a list of {what}, but input was {input!r}")
    check_lengths(input, target)
    return [
        loss(*_example(numbers, index, f" at position {i}", what))
        for i, (numbers, index) in enumerate(zip(input, target, strict=True))
    ]


def _example(
    numbers: Sequence[Number], target: Any, where: str, what: str
) -> tuple[Sequence[Number], int]:
    """Return the numbers of the classes and the right class, or refuse them."""
    if not is_sequence(numbers):
        raise TypeError(
            f"the {what}{where} have to be a list with one number for each class, but were "
            f"{numbers!r}; a classifier needs one output for each class"
        )
    if not len(numbers):
        raise ValueError(f"the {what}{where} are empty; one is needed for each class")
    if is_sequence(numbers[0]):
        raise TypeError(f"the {what} of a batch need a list of classes, one for each example")
    try:
        index = operator.index(target)
    except TypeError:
        raise TypeError(f"the class{where} has to be an int, but was {target!r}") from None
    if not 0 <= index < len(numbers):
        raise ValueError(
            f"the class{where} is {index}, but {len(numbers)} {what} allow "
            f"classes from 0 to {len(numbers) - 1}"
        )
    return numbers, index
