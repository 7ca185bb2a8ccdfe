"""Loss functions, with PyTorch's argument names: what training makes small."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

import autograd
from autograd import Value

Number = float | Value
# A number, or numbers nested in lists to any depth: a single output, a vector, a batch.
Nested = Any


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
    return _reduce(_elementwise(_squared_error, input, target), reduction)


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
    return _reduce(_elementwise(_margin_violation, input, target), reduction)


def cross_entropy(input: Nested, target: int | Sequence[int], reduction: str = "mean") -> Nested:
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
        or `reduction` is unknown.

    Examples
    --------
    >>> cross_entropy([1e4, 0.0], 1)
    10000.0
    >>> print(f"{cross_entropy([[0.0, 0.0], [0.0, 0.0]], [0, 1]):.4f}")
    0.6931
    """
    if not _is_sequence(target):
        return _reduce(_surprise(input, target, ""), reduction)
    if not _is_sequence(input):
        raise TypeError(f"a list of classes needs a list of logits, but input was {input!r}")
    _check_lengths(input, target)
    terms = [
        _surprise(logits, index, f" at position {i}")
        for i, (logits, index) in enumerate(zip(input, target, strict=True))
    ]
    return _reduce(terms, reduction)


def _squared_error(x: Number, y: Number) -> Any:
    """Return (x - y)^2."""
    return autograd.square(x - y)


def _margin_violation(score: Number, label: Number) -> Any:
    """Return relu(1 - label * score)."""
    if label not in (-1, 1):
        raise ValueError(f"a hinge label has to be -1 or +1, but one was {label!r}")
    return autograd.relu(1 - label * score)


def _surprise(logits: Sequence[Number], target: Any, where: str) -> Any:
    """Return -log softmax(logits)[target]."""
    if not _is_sequence(logits):
        raise TypeError(
            f"the logits{where} have to be a list with one number for each class, but were "
            f"{logits!r}; a classifier needs one output for each class"
        )
    if not len(logits):
        raise ValueError(f"the logits{where} are empty; one is needed for each class")
    if _is_sequence(logits[0]):
        raise TypeError("the logits of a batch need a list of classes, one for each example")
    try:
        index = operator.index(target)
    except TypeError:
        raise TypeError(f"the class{where} has to be an int, but was {target!r}") from None
    if not 0 <= index < len(logits):
        raise ValueError(
            f"the class{where} is {index}, but {len(logits)} logits allow "
            f"classes from 0 to {len(logits) - 1}"
        )
    return autograd.logsumexp(logits) - logits[index]


def _is_sequence(given: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether `given` holds numbers rather than being one."""
    return hasattr(given, "__len__")


def _check_lengths(input: Sequence[Any], target: Sequence[Any]) -> None:
    """Refuse sequences that are empty or differ in length."""
    if len(input) != len(target):
        raise ValueError(
            f"input has length {len(input)}, but target has length {len(target)}; "
            "each input needs one target"
        )
    if not len(input):
        raise ValueError("input is empty; a loss needs at least one number")


def _elementwise(f: Callable[[Number, Number], Any], input: Nested, target: Nested) -> Nested:
    """Return `f` of each pair of numbers, in the shape that both arguments share."""
    if _is_sequence(input) != _is_sequence(target):
        number, nested = ("target", "input") if _is_sequence(input) else ("input", "target")
        raise ValueError(
            f"input and target have to be nested alike, but {nested} has a list "
            f"where {number} has a number"
        )
    if not _is_sequence(input):
        return f(input, target)
    _check_lengths(input, target)
    return [_elementwise(f, x, y) for x, y in zip(input, target, strict=True)]


def _numbers(nested: Nested) -> Iterator[Number]:
    """Yield the numbers of nested lists in order."""
    if isinstance(nested, list):
        for part in nested:
            yield from _numbers(part)
    else:
        yield nested


def _reduce(losses: Nested, reduction: str) -> Nested:
    """Return the losses as they are, or their mean or sum."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction has to be 'mean', 'sum' or 'none', but was {reduction!r}")
    if reduction == "none" or not isinstance(losses, list):
        return losses
    terms = list(_numbers(losses))
    return autograd.mean(terms) if reduction == "mean" else autograd.sum(terms)
