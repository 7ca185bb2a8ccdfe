"""Stochastic gradient descent, with PyTorch's names and keywords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from autograd.graph.value import Value
from nn.optim.base import Optimizer
from nn.optim.options import Group, Option, flag, non_negative, number


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
    params : iterable of Value, or of dict
        The parameters, such as ``model.parameters()``, or groups of them; see `Optimizer`.
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

    momentum = Option(non_negative)
    dampening = Option(non_negative)
    weight_decay = Option(non_negative)
    nesterov = Option(flag)

    memory: ClassVar = {"momentum_buffer": number}

    def __init__(
        self,
        params: Iterable[Value] | Iterable[Group],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
        )

    def check_together(self, options: Group) -> None:
        """Refuse Nesterov's momentum where there is none, or it is damped."""
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            raise ValueError(
                "nesterov needs momentum above 0 and dampening 0, "
                f"but they were {options['momentum']!r} and {options['dampening']!r}"
            )

    @staticmethod
    def update(
        value: Any,
        gradient: Any,
        momentum_buffer: Any = None,
        *,
        lr: Any,
        momentum: Any = None,
        dampening: Any = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
    ) -> tuple[Any, ...]:
        """Return where a gradient moves a parameter, and its momentum, unless that is None."""
        slope = gradient + weight_decay * value
        if momentum is None:
            return (value - lr * slope,)
        if momentum_buffer is None:
            momentum_buffer = slope
        else:
            momentum_buffer = momentum * momentum_buffer + (1 - dampening) * slope
        step = slope + momentum * momentum_buffer if nesterov else momentum_buffer
        return value - lr * step, momentum_buffer

    def settings(self, group: Group) -> dict[str, Any]:
        """Return the settings that `update` takes for a group."""
        return {
            "lr": group["lr"],
            "momentum": group["momentum"] or None,
            "dampening": group["dampening"],
            "weight_decay": group["weight_decay"],
            "nesterov": group["nesterov"],
        }
