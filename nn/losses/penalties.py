"""Penalties on the size of parameters, to be added to a loss."""

from __future__ import annotations

from collections.abc import Iterable

import autograd.functions.rules as rules
from autograd.graph.value import Value


def l1(parameters: Iterable[Value], weight: float = 1.0) -> Value:
    r"""Return the L1 penalty, which drives parameters to 0.

    .. math:: \lambda \textstyle\sum_i |\theta_i|

    Parameters
    ----------
    parameters : iterable of Value
        Such as ``model.parameters()``.
    weight : float
        The factor, lambda.

    Examples
    --------
    >>> l1([Value(2.0), Value(-3.0)], 0.5).data
    2.5
    """
    return weighted(rules.sum([abs(parameter) for parameter in parameters]), weight)


def l2(parameters: Iterable[Value], weight: float = 1.0) -> Value:
    r"""Return the L2 penalty, which keeps parameters small.

    .. math:: \lambda \textstyle\sum_i \theta_i^2

    An optimiser's `weight_decay` of twice the weight has the same gradient.

    Parameters
    ----------
    parameters : iterable of Value
        Such as ``model.parameters()``.
    weight : float
        The factor, lambda.

    Examples
    --------
    >>> l2([Value(2.0), Value(-3.0)], 0.5).data
    6.5
    """
    return weighted(rules.sum([parameter.square() for parameter in parameters]), weight)


def weighted(size: Value, weight: float) -> Value:
    """Return the penalty for a size; a weight below 0 would reward it."""
    if not weight >= 0:
        raise ValueError(f"weight has to be at least 0, but was {weight!r}")
    return weight * size
