"""Stochastic gradient descent, with PyTorch's names and keywords."""

from __future__ import annotations

from collections.abc import Iterable

from autograd import Value
from nn.optim.base import Optimizer, non_negative


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
        self.momentum = non_negative(momentum, "momentum")
        self.dampening = non_negative(dampening, "dampening")
        self.weight_decay = non_negative(weight_decay, "weight_decay")
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
