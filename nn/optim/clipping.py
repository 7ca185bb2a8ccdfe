"""Gradient clipping, with PyTorch's names: what keeps one steep example from undoing the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real

from autograd.graph.value import Value
from nn.checks import plain
from nn.optim.groups import values


def clip_grad_norm_(
    parameters: Iterable[Value] | Value,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    r"""Shorten the gradient, as one vector, to a norm of at most `max_norm`.

    .. math:: g \leftarrow g \min(1, \mathrm{max\_norm} / (\lVert g\rVert + 10^{-6}))

    A gradient that is nan makes all of them nan; one that is infinite becomes nan, and those that
    are finite become 0, as in PyTorch. With `error_if_nonfinite` nothing is changed then.

    Parameters
    ----------
    parameters : iterable of Value, or Value
        Their gradients are changed in place.
    max_norm : float
        The greatest length, above 0; inf to measure alone.
    norm_type : float
        The p of the norm :math:`(\sum_i |g_i|^p)^{1/p}`, above 0; inf for the largest.
    error_if_nonfinite : bool
        True to refuse a gradient that has no finite length.

    Returns
    -------
    float
        The length before.

    Raises
    ------
    RuntimeError
        If `error_if_nonfinite` is set and a gradient is inf or nan; the first is named.

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
    parameters = _listed(parameters)
    limit, power = positive(max_norm, "max_norm"), positive(norm_type, "norm_type")
    sizes = [abs(parameter.grad) for parameter in parameters]
    if error_if_nonfinite:
        for i, size in enumerate(sizes):
            if not math.isfinite(size):
                raise RuntimeError(
                    f"the gradient of parameter {i} is {parameters[i].grad!r}, so that no gradient "
                    "was clipped; error_if_nonfinite=False would spread it"
                )
    norm = _norm(sizes, power)
    factor = 1.0 if limit == math.inf else limit / (norm + 1e-6)
    if norm == math.inf > (largest := max(sizes)):  # too long for a float, but not for the quotient
        factor = limit / largest / _norm([size / largest for size in sizes], power)
    if not factor >= 1:  # nan too
        for parameter in parameters:
            parameter.grad *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Value] | Value, clip_value: float) -> None:
    """Limit each gradient to the interval from -`clip_value` to `clip_value`.

    Parameters
    ----------
    parameters : iterable of Value, or Value
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
    limit = positive(clip_value, "clip_value")
    for parameter in _listed(parameters):
        # Comparisons, not min and max: a gradient of nan has to stay one, to be noticed.
        if parameter.grad > limit:
            parameter.grad = limit
        elif parameter.grad < -limit:
            parameter.grad = -limit


def _listed(parameters: Iterable[Value] | Value) -> list[Value]:
    """Return parameters, or the only one, as a list."""
    return values([parameters] if isinstance(parameters, Value) else parameters)


def _norm(sizes: list[float], power: float) -> float:
    """Return the norm of a vector whose entries have these sizes: nan if one of them is."""
    if any(map(math.isnan, sizes)):
        return math.nan
    if power == 2:
        return math.hypot(*sizes)
    largest = max(sizes, default=0.0)
    if power == math.inf or not 0 < largest < math.inf:
        return largest
    return largest * math.pow(math.fsum(math.pow(x / largest, power) for x in sizes), 1 / power)


def positive(given: float, name: str) -> float:
    """Return `given`, which has to be above 0."""
    given = plain(given)
    if not isinstance(given, Real):
        raise TypeError(f"{name} has to be a number above 0, but was {given!r}")
    if not given > 0:
        raise ValueError(f"{name} has to be above 0, but was {given!r}")
    return given
