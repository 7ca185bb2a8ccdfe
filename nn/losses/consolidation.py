"""Elastic weight consolidation: what one task has taught is held while another is learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd.functions.rules as rules
from autograd.graph.value import Value
from nn.checks import examples
from nn.losses.penalties import weighted
from nn.module import Module

Loss = Callable[[list[Any], list[Any]], Any]


class EWC:
    r"""Elastic weight consolidation: a penalty on leaving what a first task has taught.

    .. math:: \frac{\lambda}{2} \sum_i F_i (\theta_i - \theta^*_i)^2

    Each parameter is held where it is now as firmly as the first task needs it: F is the diagonal
    of its Fisher information, the mean over the examples of the squared gradient of the loss, or
    the diagonal of the Hessian of its loss.

    Parameters
    ----------
    model : Module
        As the first task has left it.
    loss : callable
        ``loss(outputs, targets)`` of that task, as for `nn.fit`. For the Fisher information it is a
        negative log-likelihood, as cross-entropy is.
    inputs, targets : sequence, array, DataFrame or Series
        Examples of that task.
    importance : {"fisher", "hessian"}
        The Hessian takes a sweep for each parameter; where it is negative, 0 stands in its place.

    Attributes
    ----------
    parameters : list of Value
        Those of the model.
    anchors, importances : list of float
        Where each was, and its F; both may be changed.

    References
    ----------
    J. Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", Proceedings of
    the National Academy of Sciences 114 (2017), 3521-3526.

    Examples
    --------
    >>> from nn.layers import Neuron
    >>> from nn.losses import mse
    >>> model = Neuron(1, nonlin=False)
    >>> model.w[0].data, model.b.data = 2.0, 0.0
    >>> held = EWC(model, mse, [[1.0], [3.0]], [2.0, 6.0], importance="hessian")
    >>> held.importances
    [10.0, 2.0]
    >>> model.w[0].data = 3.0
    >>> held(0.5).data
    2.5
    """

    def __init__(
        self, model: Any, loss: Loss, inputs: Any, targets: Any, importance: str = "fisher"
    ) -> None:
        measures = {"fisher": _fisher, "hessian": _curvatures}
        if importance not in measures:
            raise ValueError(f"importance is 'fisher' or 'hessian'; got {importance!r}")
        if not isinstance(model, Module):
            raise TypeError(f"a Module is needed, whose parameters are held; got {model!r}")
        given, wanted = examples(inputs, targets)
        if not given:
            raise ValueError("there are no examples to measure importances on")
        self.parameters = model.parameters()
        self.anchors: list[float] = [x.data for x in self.parameters]
        self.importances: list[float] = measures[importance](
            self.parameters, model, loss, given, wanted
        )

    def __call__(self, weight: float = 1.0) -> Any:
        """Return the penalty, to be added to the loss of the next task; `weight` is lambda."""
        moved = [
            importance * (parameter - anchor).square()
            for parameter, anchor, importance in zip(
                self.parameters, self.anchors, self.importances, strict=True
            )
        ]
        return weighted(rules.sum(moved), weight) * 0.5

    def __repr__(self) -> str:
        """Return how many parameters are held."""
        return f"EWC({len(self.parameters)} parameters)"


def _fisher(
    parameters: Sequence[Value], model: Any, loss: Loss, inputs: list[Any], targets: list[Any]
) -> list[float]:
    """The mean of the squared derivatives of the loss of one example."""
    kept = [x.grad for x in parameters]
    total = [0.0] * len(parameters)
    try:
        for x, target in zip(inputs, targets, strict=True):
            for parameter in parameters:
                parameter.grad = 0
            loss([model(x)], [target]).backward()
            total = [a + p.grad**2 for a, p in zip(total, parameters, strict=True)]
    finally:
        for parameter, grad in zip(parameters, kept, strict=True):
            parameter.grad = grad
    return [a / len(inputs) for a in total]


def _curvatures(
    parameters: Sequence[Value], model: Any, loss: Loss, inputs: list[Any], targets: list[Any]
) -> list[float]:
    """The diagonal of the Hessian of the mean loss, where it is positive."""
    kept, found = [x.grad for x in parameters], []
    try:
        for parameter in parameters:
            parameter.grad = 0
        loss([model(x) for x in inputs], targets).backward(create_graph=True)
        slopes = [x.grad for x in parameters]
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter.grad = 0.0
            if isinstance(slope, Value) and slope.parents:
                slope.backward()
            found.append(max(float(parameter.grad), 0.0))
    finally:
        for parameter, grad in zip(parameters, kept, strict=True):
            parameter.grad = grad
    return found
