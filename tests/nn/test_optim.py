"""Optimisers: PyTorch's traces, and closed forms for what the traces leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

from autograd import Value
from nn import Neuron
from nn.optim import SGD, Optimizer

GRADIENTS = (1.0, -2.0, 0.5, 3.0, -1.0)


def trace(gradients: Sequence[Any], start: Any = 1.0, **options: Any) -> list[Any]:
    """Return the values of one parameter after each of the gradients."""
    parameter = Value(start)
    optimiser = SGD([parameter], **options)
    path = []
    for gradient in gradients:
        parameter.grad = gradient
        optimiser.step()
        path.append(parameter.data)
    return path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.9, 1.1, 1.05, 0.75, 0.85]),
        ({"momentum": 0.9}, [0.9, 1.01, 1.059, 0.8031, 0.67279]),
        ({"momentum": 0.9, "nesterov": True}, [0.81, 1.109, 1.1031, 0.57279, 0.555511]),
    ],
    ids=["plain", "momentum", "nesterov"],
)
def test_the_traces_are_pytorchs(options: dict[str, Any], expected: list[float]) -> None:
    assert trace(GRADIENTS, lr=0.1, **options) == pytest.approx(expected, abs=1e-9, rel=0)


def test_weight_decay_shrinks_geometrically_where_the_gradient_is_zero() -> None:
    lr, decay = Fraction(1, 10), Fraction(1, 2)
    path = trace([Fraction(0)] * 5, Fraction(3), lr=lr, weight_decay=decay)
    assert path == [3 * (1 - lr * decay) ** n for n in range(1, 6)]


def test_dampened_momentum_of_a_constant_gradient_is_a_geometric_sum() -> None:
    lr, mu, tau = Fraction(1, 10), Fraction(9, 10), Fraction(1, 4)
    path = trace([Fraction(2)] * 6, Fraction(1), lr=lr, momentum=mu, dampening=tau)
    # The first step is not dampened: b_n = 2 mu^(n-1) + 2 (1 - tau) (1 - mu^(n-1)) / (1 - mu).
    buffers = [2 * mu**n + 2 * (1 - tau) * (1 - mu**n) / (1 - mu) for n in range(6)]
    assert path == [1 - lr * sum(buffers[: n + 1]) for n in range(6)]


def test_gradient_descent_on_a_parabola_contracts_by_a_constant_factor() -> None:
    x = Value(4.0)
    optimiser = SGD([x], lr=0.125)
    for n in range(1, 20):
        optimiser.zero_grad()
        (x * x).backward()
        optimiser.step()
        assert x.data == 4.0 * 0.75**n  # powers of 3/4 with few bits: exact


def test_a_schedule_may_change_the_learning_rate_between_steps() -> None:
    w = Value(1.0)
    optimiser = SGD([w], lr=1.0)
    for lr in (0.5, 0.25):
        optimiser.lr = lr
        w.grad = 1.0
        optimiser.step()
    assert w.data == 0.25


def test_each_parameter_has_its_own_momentum() -> None:
    first, second = Value(0.0), Value(0.0)
    optimiser = SGD([first, second], lr=1.0, momentum=0.5)
    for gradients in ((1.0, 0.0), (0.0, 0.0)):
        first.grad, second.grad = gradients
        optimiser.step()
    assert (first.data, second.data) == (-1.5, 0.0)
    assert optimiser.state == {"momentum_buffer": [0.5, 0.0]}


def test_nothing_is_remembered_without_momentum() -> None:
    w = Value(1.0)
    optimiser = SGD([w], lr=1.0)
    w.grad = 1.0
    optimiser.step()
    assert optimiser.state == {}


def test_a_parameter_that_no_loss_reached_stays() -> None:
    used, unused = Value(1.0), Value(2.0)
    optimiser = SGD([used, unused], lr=0.5, momentum=0.9)
    (used * used).backward()
    optimiser.step()
    assert unused.data == 2.0


def test_zero_grad_resets_the_gradients() -> None:
    neuron = Neuron(2, nonlin=False)
    optimiser = SGD(iter(neuron.parameters()))
    neuron([1.0, 2.0]).backward()
    optimiser.zero_grad()
    assert [p.grad for p in neuron.parameters()] == [0, 0, 0]


def test_an_optimiser_without_a_step_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Optimizer does not say how"):
        Optimizer([Value(1.0)], lr=1.0).step()


W = Value(1.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([]), ValueError, "params is empty"),
        (lambda: SGD(Neuron(1)), TypeError, r"was a Neuron; pass model.parameters\(\)"),
        (lambda: SGD([1.0]), TypeError, "a Value, but one was 1.0"),
        (lambda: SGD([W, W]), ValueError, "twice"),
        (lambda: SGD([W], lr=-0.1), ValueError, "lr has to be .* but was -0.1"),
        (lambda: SGD([W], lr=float("nan")), ValueError, "lr has to be .* but was nan"),
        (lambda: SGD([W], lr=float("inf")), ValueError, "lr has to be .* but was inf"),
        (lambda: SGD([W], momentum=-1.0), ValueError, "momentum has to be"),
        (lambda: SGD([W], dampening=-1.0), ValueError, "dampening has to be"),
        (lambda: SGD([W], weight_decay=-1.0), ValueError, "weight_decay has to be"),
        (lambda: SGD([W], nesterov=True), ValueError, "nesterov needs momentum above 0"),
        (
            lambda: SGD([W], momentum=0.9, dampening=0.1, nesterov=True),
            ValueError,
            "they were 0.9 and 0.1",
        ),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()
