"""Losses that compare one number for each class with the class that is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd.functions.rules as rules
from autograd.graph.many import pick, softmax
from autograd.graph.modes import tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value
from nn.checks import check_place, check_size
from nn.losses.reduction import (
    Nested,
    Number,
    check_finite,
    check_lengths,
    check_reduction,
    is_list,
    nothing,
    numbers,
    over,
    scaled,
)

Surprise = Callable[[list[Any], int], Any]


def cross_entropy(
    input: Nested,
    target: int | Sequence[int],
    weight: Sequence[Number] | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Nested:
    r"""Return the negative log-likelihood of the right classes under the softmax of logits.

    .. math:: -\log\frac{e^{z_t}}{\sum_j e^{z_j}} = \mathrm{logsumexp}(z) - z_t

    The right-hand form is the one computed, so that no logit is too large or too small. A logit
    of -inf, a masked class, has no chance: it is infinitely surprising, and where all are masked,
    every class is, with a gradient of 0, as for `autograd.softmax`; PyTorch answers nan.

    Parameters
    ----------
    input : sequence of numbers, or sequence of such sequences
        The logits z of one example, one for each class, or those of each example of a batch.
    target : int, or sequence of int
        The class t of the example, counted from 0, or that of each example.
    weight : sequence of numbers, optional
        How much each class counts, one number w for each. A mean is
        :math:`\sum_i w_{t_i} l_i / \sum_i w_{t_i}`, of one example its loss.
    ignore_index : int
        An example with this target does not count: its loss and its gradient are 0, and a mean
        is over the others.
    reduction : {"mean", "sum", "none"}
        How the losses of a batch become one: their mean, their sum, or the list of them.
    label_smoothing : float
        The share of the target that is spread evenly over all classes, from 0 to 1; each class
        with its weight.

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
        `label_smoothing` is not from 0 to 1, `reduction` is unknown, or a mean is asked for where
        every target is ignored or the weights add up to 0 (PyTorch answers nan).

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
    >>> cross_entropy([[800.0, 0.0], [0.0, 0.0], [0.0, 400.0]], [1, -100, 0], [3.0, 1.0])
    500.0
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing has to be from 0 to 1, but was {label_smoothing!r}")
    parts = None if weight is None else _class_weights(weight)

    def surprise(logits: list[Any], index: int) -> Any:
        """Return the expected surprise where the right class is drawn with smoothed chances."""
        total = rules.logsumexp(logits)
        if rules.isinf(total):
            surprises = [0 - log for log in _constant_logs(logits)]
        elif label_smoothing:
            surprises = [total - z for z in logits]
        else:
            return _weighed(total - pick(logits, index), parts, index)
        if not label_smoothing:
            return _weighed(pick(surprises, index), parts, index)
        even = label_smoothing / len(logits)
        right = even + (1 - label_smoothing)
        shares = [rules.where(index == k, right, even) for k in range(len(logits))]
        terms = [
            scaled(_weighed(loss, parts, k), share)
            for k, (loss, share) in enumerate(zip(surprises, shares, strict=True))
        ]
        return rules.sum(terms)

    return _reduced(surprise, input, target, parts, ignore_index, reduction, "logits")


def nll(
    input: Nested,
    target: int | Sequence[int],
    weight: Sequence[Number] | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Nested:
    """Return the negative log-likelihood of the right classes, given logarithms of probabilities.

    After `log_softmax` it is the same as `cross_entropy` of the logits.

    Parameters
    ----------
    input : sequence of numbers, or sequence of such sequences
        The logarithms of the probabilities of one example, or of each example of a batch.
    target, weight, ignore_index, reduction
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
    parts = None if weight is None else _class_weights(weight)

    def surprise(logs: list[Any], index: int) -> Any:
        return _weighed(-pick(logs, index), parts, index)

    return _reduced(surprise, input, target, parts, ignore_index, reduction, "logarithms")


def log_softmax(logits: Sequence[Number]) -> list[Any]:
    """Return the logarithms of the softmax weights of logits, which may be of any size.

    A logit of -inf has the weight 0, whose logarithm is -inf. Where all are -inf, or k are inf,
    no finite change of a logit changes a weight: the logarithms are those of the weights that
    `autograd.softmax` gives, -inf or -log(k), with gradients of 0. PyTorch answers nan.

    Parameters
    ----------
    logits : sequence of numbers
        One for each class.

    Examples
    --------
    >>> log_softmax([1e4, 0.0])
    [0.0, -10000.0]
    >>> log_softmax([float("-inf"), float("-inf")])
    [-inf, -inf]
    """
    logits = numbers(logits, "logits")
    total = rules.logsumexp(logits)
    if rules.isinf(total):
        return _constant_logs(logits)
    return [logit - total for logit in logits]


def _constant_logs(logits: Sequence[Any]) -> list[Any]:
    """Return the logarithms of softmax weights that depend on which logits are infinite alone."""
    if tracing() is not None:
        return [rules.log(weight) for weight in softmax(map(rules.held, logits))]
    weights = softmax([number_of(logit) for logit in logits])
    values = any(isinstance(logit, Value) for logit in logits)
    return [Value(log) if values else log for log in map(rules.log, weights)]


def _class_weights(weight: Any) -> list[Any]:
    """Return the weights of the classes as a list of finite numbers."""
    parts = numbers(weight, "weight")
    if not is_list(parts) or any(map(is_list, parts)):
        raise TypeError(f"weight has to be a list, one number for each class, but was {weight!r}")
    check_finite(parts, "weight")
    return parts


def _weighed(loss: Any, parts: list[Any] | None, index: int) -> Any:
    """Return a loss times the weight of a class."""
    return loss if parts is None else scaled(loss, pick(parts, index))


def _reduced(
    surprise: Surprise,
    input: Nested,
    target: Any,
    parts: list[Any] | None,
    ignored: int,
    reduction: str,
    what: str,
) -> Nested:
    """Return the losses of the examples that count as `reduction` says, one of an example alone."""
    check_reduction(reduction)
    input, target = numbers(input, "input"), numbers(target, "target")
    batch = is_list(target)
    if batch and not is_list(input):
        raise TypeError(f"a list of classes needs a list of {what}, but input was {input!r}")
    if batch:
        check_lengths(input, target)
    else:
        input, target = [input], [target]
    losses, counted = [], []
    for i, (row, label) in enumerate(zip(input, target, strict=True)):
        index = _class(row, label, ignored, f" at position {i}" if batch else "", what)
        if parts is not None and len(parts) != len(row):
            raise ValueError(
                f"weight has {len(parts)} numbers, but there are {len(row)} {what}; it needs one "
                "number for each class"
            )
        if index is ignored:
            losses.append(nothing(row))
        else:
            losses.append(surprise(row, index))
            counted.append((losses[-1], index))
    if reduction == "none":
        return losses if batch else losses[0]
    if not counted and reduction == "mean":
        raise ValueError(
            f"every target is ignore_index, {ignored}, so that there is nothing to average; "
            "leave such batches out, or take reduction='sum'"
        )
    terms = [loss for loss, _ in counted] or losses
    if parts is None or reduction == "sum":
        one = len(terms) == 1
        return terms[0] if one else getattr(rules, reduction)(terms)
    return over(rules.sum(terms), rules.sum([pick(parts, index) for _, index in counted]))


def _class(row: Any, label: Any, ignored: int, where: str, what: str) -> Any:
    """Return the class of an example; refuse one, or numbers of the classes, that cannot be."""
    if not is_list(row):
        raise TypeError(
            f"the {what}{where} have to be a list with one number for each class, but were "
            f"{row!r}; a classifier needs one output for each class"
        )
    if not row:
        raise ValueError(f"the {what}{where} are empty; one is needed for each class")
    if is_list(row[0]):
        raise TypeError(f"the {what} of a batch need a list of classes, one for each example")
    name = f"the class{where}"
    index = label if isinstance(label, Value) else check_size(label, name, None)
    if index == ignored:
        return ignored
    return check_place(index, name, len(row), f"{len(row)} {what} allow classes")
