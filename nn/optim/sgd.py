"""Stochastic gradient descent, with PyTorch's names and keywords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from autograd.value import Value
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

    def checked(self, options: Mapping[str, Any]) -> Group:
        """Return the settings of a group as they are kept, or refuse them."""
        kept = super().checked(options)
        if kept["nesterov"] and (kept["momentum"] == 0 or kept["dampening"] != 0):
            raise ValueError(
                "nesterov needs momentum above 0 and dampening 0, "
                f"but they were {kept['momentum']!r} and {kept['dampening']!r}"
            )
        return kept

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        for group, span in self.spans():
            params, lr, decay = group["params"], group["lr"], group["weight_decay"]
            steps = [p.grad + decay * p.data for p in params]
            if group["momentum"]:
                steps = self._with_momentum(group, span, steps)
            for parameter, step in zip(params, steps, strict=True):
                parameter.data -= lr * step

    def _with_momentum(self, group: Group, span: slice, slopes: list[Any]) -> list[Any]:
        """Return the steps to take for `slopes`, and remember the momentum."""
        keep, add = group["momentum"], 1 - group["dampening"]
        before = self.recall("momentum_buffer", span)
        if before is None:
            buffer = slopes
        else:
            buffer = [keep * b + add * d for b, d in zip(before, slopes, strict=True)]
        self.remember("momentum_buffer", span, buffer)
        if group["nesterov"]:
            return [d + keep * b for b, d in zip(buffer, slopes, strict=True)]
        return buffer
