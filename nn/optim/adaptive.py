"""Optimisers with a step length for each parameter: RMSprop, Adam, AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from nn.optim.base import Optimizer, non_negative, share


class RMSprop(Optimizer):
    r"""Steps divided by a running root mean square of the gradient.

    With gradient :math:`g_t` (weight decay :math:`\lambda\theta_{t-1}` included),

    .. math::

        v_t &= \alpha v_{t-1} + (1 - \alpha) g_t^2 \\
        b_t &= \mu b_{t-1} + g_t / (\sqrt{v_t} + \epsilon) \\
        \theta_t &= \theta_{t-1} - \mathrm{lr} \cdot b_t

    Parameters
    ----------
    params : iterable of Value
        The parameters, such as ``model.parameters()``.
    lr : float
        The learning rate.
    alpha : float
        The share of the mean square that is kept in each step.
    eps : float
        Keeps the division away from 0.
    weight_decay : float
        The weight of the penalty :math:`\tfrac\lambda2\theta^2`.
    momentum : float
        The share :math:`\mu` of the previous step that is kept.

    References
    ----------
    The formulas are those of ``torch.optim.RMSprop``; T. Tieleman and G. Hinton, "Lecture 6.5:
    rmsprop", Neural Networks for Machine Learning, 2012.

    Examples
    --------
    >>> w = Value(1.0)
    >>> w.grad = 1.0
    >>> RMSprop([w], lr=0.01).step()
    >>> print(f"{w.data:.6f}")
    0.900000
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
    ) -> None:
        super().__init__(params, lr)
        self.alpha = share(alpha, "alpha")
        self.eps = non_negative(eps, "eps")
        self.weight_decay = non_negative(weight_decay, "weight_decay")
        self.momentum = non_negative(momentum, "momentum")

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        zeros = [0.0] * len(self.params)
        squares = self.state.get("square_avg", zeros)
        buffer = self.state.get("momentum_buffer", zeros)
        keep, add, eps = self.alpha, 1 - self.alpha, self.eps
        slopes = [p.grad + self.weight_decay * p.data for p in self.params]
        squares = [keep * v + add * g * g for v, g in zip(squares, slopes, strict=True)]
        steps = [_over(g, math.sqrt(v) + eps) for v, g in zip(squares, slopes, strict=True)]
        self.state["square_avg"] = squares
        if self.momentum:
            steps = [self.momentum * b + s for b, s in zip(buffer, steps, strict=True)]
            self.state["momentum_buffer"] = steps
        for parameter, step in zip(self.params, steps, strict=True):
            parameter.data -= self.lr * step


class Adam(Optimizer):
    r"""Momentum divided by a running root mean square, both corrected for their start at 0.

    With gradient :math:`g_t` (weight decay :math:`\lambda\theta_{t-1}` included),

    .. math::

        m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
        v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 \\
        \theta_t &= \theta_{t-1} - \frac{\mathrm{lr}}{1 - \beta_1^t}
            \frac{m_t}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    params : iterable of Value
        The parameters, such as ``model.parameters()``.
    lr : float
        The learning rate.
    betas : tuple of (float, float)
        The shares of the mean gradient and of its mean square that are kept in each step.
    eps : float
        Keeps the division away from 0.
    weight_decay : float
        The weight of the penalty :math:`\tfrac\lambda2\theta^2`.

    References
    ----------
    The formulas are those of ``torch.optim.Adam``; D. P. Kingma and J. Ba, "Adam: a method for
    stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> w = Value(1.0)
    >>> w.grad = 123.0
    >>> Adam([w], lr=0.1).step()
    >>> print(f"{w.data:.6f}")
    0.900000
    """

    decoupled = False  # whether weight decay acts on the parameter itself, as in AdamW

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, lr)
        self.betas = (share(betas[0], "betas[0]"), share(betas[1], "betas[1]"))
        self.eps = non_negative(eps, "eps")
        self.weight_decay = non_negative(weight_decay, "weight_decay")
        self.steps = 0

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        self.steps += 1
        zeros = [0.0] * len(self.params)
        means = self.state.get("exp_avg", zeros)
        squares = self.state.get("exp_avg_sq", zeros)
        decay = 0 if self.decoupled else self.weight_decay
        shrink = 1 - self.lr * self.weight_decay if self.decoupled else 1
        (b1, b2), eps = self.betas, self.eps
        rate, root = self.lr / (1 - b1**self.steps), math.sqrt(1 - b2**self.steps)
        slopes = (
            [p.grad + decay * p.data for p in self.params]
            if decay
            else [p.grad for p in self.params]
        )
        means = [b1 * m + (1 - b1) * g for m, g in zip(means, slopes, strict=True)]
        squares = [b2 * v + (1 - b2) * g * g for v, g in zip(squares, slopes, strict=True)]
        self.state = {"exp_avg": means, "exp_avg_sq": squares}
        for parameter, m, v in zip(self.params, means, squares, strict=True):
            step = rate * _over(m, math.sqrt(v) / root + eps)
            parameter.data = shrink * parameter.data - step


class AdamW(Adam):
    r"""Adam with weight decay apart from the gradient: at first :math:`\theta` shrinks by
    :math:`1 - \mathrm{lr}\,\lambda`.

    Parameters
    ----------
    params, lr, betas, eps
        As for `Adam`.
    weight_decay : float
        The rate :math:`\lambda` at which the parameters shrink.

    References
    ----------
    The formulas are those of ``torch.optim.AdamW``; I. Loshchilov and F. Hutter, "Decoupled
    weight decay regularization", ICLR 2019.

    Examples
    --------
    >>> w = Value(1.0)
    >>> AdamW([w], lr=0.1, weight_decay=0.5).step()
    >>> w.data
    0.95
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


def _over(slope: float, length: float) -> float:
    """Return slope / length, and 0 where a gradient has always been 0 and `eps` is, too."""
    return slope / length if length else 0.0
