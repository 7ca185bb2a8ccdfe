"""Optimisers, with PyTorch's names and keywords: how gradients change parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value


class Optimizer:
    """What every optimiser has: parameters, a learning rate, and what it remembers.

    A subclass says in `step` how the gradients move the parameters.

    Parameters
    ----------
    params : iterable of Value
        The parameters, such as ``model.parameters()``.
    lr : float
        The learning rate; a schedule may change the attribute between steps.

    Attributes
    ----------
    params : list of Value
        The parameters.
    state : dict of str to list of float
        What is remembered from step to step: for each name one number per parameter, in
        the order of `params`. Empty before the first step.

    Raises
    ------
    TypeError
        If `params` is not an iterable of Values.
    ValueError
        If there are no parameters, one comes twice, or `lr` is negative or not finite.

    Examples
    --------
    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.0
    >>> optimizer.zero_grad()
    >>> w.grad
    0
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        try:
            self.params = list(params)
        except TypeError:
            raise TypeError(
                f"params has to be a list of Values, but was a {type(params).__name__}; "
                "pass model.parameters()"
            ) from None
        if not self.params:
            raise ValueError("params is empty; there is nothing to optimise")
        for parameter in self.params:
            if not isinstance(parameter, Value):
                raise TypeError(f"every parameter has to be a Value, but one was {parameter!r}")
        if len({id(parameter) for parameter in self.params}) < len(self.params):
            raise ValueError("a parameter is in params twice and would be moved twice")
        self.lr = _non_negative(lr, "lr")
        self.state: dict[str, list[float]] = {}

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to take a step")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.params:
            parameter.grad = 0


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum, Nesterov's form and weight decay.

    With gradient :math:`g_t`, weight decay :math:`\lambda`, momentum :math:`\mu` and
    dampening :math:`\tau`,

    .. math::

        d_t &= g_t + \lambda \theta_{t-1} \\
        b_t &= \mu b_{t-1} + (1 - \tau) d_t, \qquad b_1 = d_1 \\
        \theta_t &= \theta_{t-1} - \mathrm{lr} \cdot
            \begin{cases} d_t + \mu b_t & \text{Nesterov} \\ b_t & \text{otherwise}
            \end{cases}

    and :math:`b_t = d_t` without momentum.

    Parameters
    ----------
    params : iterable of Value
        The parameters, such as ``model.parameters()``.
    lr : float
        The learning rate.
    momentum : float
        The share of the previous step that is kept.
    dampening : float
        The share of the gradient that is held back from the momentum, after the first step.
    weight_decay : float
        The weight of the penalty :math:`\tfrac\lambda2\theta^2`.
    nesterov : bool
        True to look ahead by one momentum step; needs momentum, and no dampening.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or `nesterov` does not go with the others.

    References
    ----------
    The formulas are those of ``torch.optim.SGD``; I. Sutskever, J. Martens, G. Dahl and G. Hinton,
    "On the importance of initialization and momentum in deep learning", ICML 2013.

    Examples
    --------
    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1, momentum=0.9)
    >>> for gradient in (1.0, -2.0):
    ...     w.grad = gradient
    ...     optimizer.step()
    >>> print(f"{w.data:.2f}")
    1.01
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = _non_negative(momentum, "momentum")
        self.dampening = _non_negative(dampening, "dampening")
        self.weight_decay = _non_negative(weight_decay, "weight_decay")
        self.nesterov = nesterov
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                "nesterov needs momentum above 0 and dampening 0, "
                f"but they were {momentum!r} and {dampening!r}"
            )

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        steps = [p.grad + self.weight_decay * p.data for p in self.params]
        if self.momentum:
            steps = self._with_momentum(steps)
        for parameter, step in zip(self.params, steps, strict=True):
            parameter.data -= self.lr * step

    def _with_momentum(self, slopes: list[float]) -> list[float]:
        """Return the steps to take for `slopes`, and remember the momentum."""
        keep, add = self.momentum, 1 - self.dampening
        before = self.state.get("momentum_buffer")
        if before is None:
            buffer = slopes
        else:
            buffer = [keep * b + add * d for b, d in zip(before, slopes, strict=True)]
        self.state["momentum_buffer"] = buffer
        if self.nesterov:
            return [d + keep * b for b, d in zip(buffer, slopes, strict=True)]
        return buffer


def _non_negative(given: float, name: str) -> float:
    """Return `given`, which has to be a finite number of at least 0."""
    if not (given >= 0 and math.isfinite(given)):
        raise ValueError(f"{name} has to be a finite number of at least 0, but was {given!r}")
    return given
