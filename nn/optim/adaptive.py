"""Optimisers with a step length for each parameter: RMSprop, Adam, AdamW."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from autograd.functions.rules import divide, sqrt, where
from autograd.graph.value import Value
from nn.optim.base import Optimizer
from nn.optim.options import Group, Option, non_negative, number, share, shares, whole


class RMSprop(Optimizer):
    r"""Steps divided by a running root mean square of the gradient.

    With gradient :math:`g_t` (weight decay :math:`\lambda\theta_{t-1}` included),

    .. math::

        v_t &= \alpha v_{t-1} + (1 - \alpha) g_t^2 \\
        b_t &= \mu b_{t-1} + g_t / (\sqrt{v_t} + \epsilon) \\
        \theta_t &= \theta_{t-1} - \mathrm{lr} \cdot b_t

    Parameters
    ----------
    params : iterable of Value, or of dict
        The parameters, such as ``model.parameters()``, or groups of them; see `Optimizer`.
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

    alpha = Option(share)
    eps = Option(non_negative)
    weight_decay = Option(non_negative)
    momentum = Option(non_negative)

    memory: ClassVar = {"square_avg": non_negative, "momentum_buffer": number}

    def __init__(
        self,
        params: Iterable[Value] | Iterable[Group],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
    ) -> None:
        super().__init__(
            params, lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum
        )

    @staticmethod
    def update(
        value: Any,
        gradient: Any,
        square_avg: Any = 0.0,
        momentum_buffer: Any = 0.0,
        *,
        lr: Any,
        alpha: Any = 0.99,
        eps: Any = 1e-8,
        weight_decay: Any = 0,
        momentum: Any = None,
    ) -> tuple[Any, ...]:
        """Return where a gradient moves a parameter, its mean square, and its momentum, if any."""
        slope = gradient + weight_decay * value
        square_avg = alpha * square_avg + (1 - alpha) * slope * slope
        step = _over(slope, _root(square_avg) + eps)
        if momentum is None:
            return value - lr * step, square_avg
        momentum_buffer = momentum * momentum_buffer + step
        return value - lr * momentum_buffer, square_avg, momentum_buffer

    def settings(self, group: Group) -> dict[str, Any]:
        """Return the settings that `update` takes for a group."""
        return {
            "lr": group["lr"],
            "alpha": group["alpha"],
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "momentum": group["momentum"] or None,
        }

    def check_memory(self, held: set[str], options: Group) -> None:  # noqa: ARG002  (as Adam needs them)
        """Refuse momentum without squares."""
        if held == {"momentum_buffer"}:
            raise ValueError("the saved state of RMSprop has a momentum_buffer, but no square_avg")


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
    params : iterable of Value, or of dict
        The parameters, such as ``model.parameters()``, or groups of them; see `Optimizer`.
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

    betas = Option(shares)
    eps = Option(non_negative)
    weight_decay = Option(non_negative)
    steps = Option(whole)

    memory: ClassVar = {"exp_avg": number, "exp_avg_sq": non_negative}
    decoupled = False  # whether weight decay acts on the parameter itself, as in AdamW

    def __init__(
        self,
        params: Iterable[Value] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, lr, betas=betas, eps=eps, weight_decay=weight_decay, steps=0)

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        for group in self.param_groups:
            self.plain_settings(group)  # what is refused is no step
        for group in self.param_groups:
            self.put(group, "steps", group["steps"] + 1)
        super().step()

    @staticmethod
    def update(
        value: Any,
        gradient: Any,
        exp_avg: Any = 0.0,
        exp_avg_sq: Any = 0.0,
        *,
        lr: Any,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        eps: Any = 1e-8,
        weight_decay: Any = None,
        steps: Any,
        decoupled: bool = False,
    ) -> tuple[Any, ...]:
        """Return where a gradient moves a parameter, its mean gradient and its mean square.

        `steps` counts this one, too.
        """
        if weight_decay is not None:
            if decoupled:
                value = (1 - lr * weight_decay) * value
            else:
                gradient = gradient + weight_decay * value
        exp_avg = beta1 * exp_avg + (1 - beta1) * gradient
        exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * gradient * gradient
        length = _root(exp_avg_sq) / sqrt(1 - beta2**steps) + eps
        step = lr / (1 - beta1**steps) * _over(exp_avg, length)
        return value - step, exp_avg, exp_avg_sq

    def settings(self, group: Group) -> dict[str, Any]:
        """Return the settings that `update` takes for a group."""
        beta1, beta2 = group["betas"]
        return {
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"] or None,
            "steps": group["steps"],
            "decoupled": self.decoupled,
        }

    def check_memory(self, held: set[str], options: Group) -> None:
        """Refuse means without squares, and either without the number of steps they are of."""
        if held != (set(self.memory) if options["steps"] else set()):
            raise ValueError(
                f"the saved {type(self).__name__} has taken {options['steps']} steps, but "
                f"remembers {', '.join(sorted(held)) or 'nothing'}"
            )


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
        params: Iterable[Value] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


def _root(square: Any) -> Any:
    """Return the root of a mean square, with no slope at 0, where that of the root is infinite.

    So a step from a gradient of 0 has a derivative, that of slope / eps.
    """
    return where(square, sqrt(square), 0.0)


def _over(slope: Any, length: Any) -> Any:
    """Return slope / length, and 0 where a gradient has always been 0 and `eps` is, too."""
    return where(length, divide(slope, length), 0.0)
