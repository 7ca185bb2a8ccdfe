"""Gradient clipping, with PyTorch's names: what keeps one steep example from undoing the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from nn.checks import plain


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float) -> float:
    r"""Shorten the gradient, as one vector, to a norm of at most `max_norm`.

    .. math:: g \leftarrow g \min(1, \mathrm{max\_norm} / (\lVert g\rVert + 10^{-6}))

    Parameters
    ----------
    parameters : iterable of Value
        Their gradients are changed in place.
    max_norm : float
        The greatest length, above 0.

    Returns
    -------
    float
        The length before.

    References
    ----------
    The formula is that of ``torch.nn.utils.clip_grad_norm_``; R. Pascanu, T. Mikolov and
    Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 30.0, 40.0
    >>> clip_grad_norm_([a, b], 5.0)
    50.0
    >>> print(f"{a.grad:.4f} {b.grad:.4f}")
    3.0000 4.0000
    """
    parameters = list(parameters)
    limit = _positive(max_norm, "max_norm")
    norm = math.hypot(*(parameter.grad for parameter in parameters))
    factor = limit / (norm + 1e-6)
    if factor < 1:
        for parameter in parameters:
            parameter.grad *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Limit each gradient to the interval from -`clip_value` to `clip_value`.

    Parameters
    ----------
    parameters : iterable of Value
        Their gradients are changed in place.
    clip_value : float
        The greatest size, above 0.

    Examples
    --------
    >>> w = Value(0.0)
    >>> w.grad = -7.0
    >>> clip_grad_value_([w], 1.5)
    >>> w.grad
    -1.5
    """
    limit = _positive(clip_value, "clip_value")
    for parameter in parameters:
        # Comparisons, not min and max: a gradient of nan has to stay one, to be noticed.
        if parameter.grad > limit:
            parameter.grad = limit
        elif parameter.grad < -limit:
            parameter.grad = -limit


def _positive(given: float, name: str) -> float:
    """Return `given`, which has to be above 0."""
    given = plain(given)
    if not given > 0:
        raise ValueError(f"{name} has to be above 0, but was {given!r}")
    return given
