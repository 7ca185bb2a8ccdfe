"""Oracles that several of these tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograd import Value
from nn import Module

Check = Callable[[Module, Callable[[], Value]], None]


@pytest.fixture
def gradients_agree_with_differences() -> Check:
    """Compare every gradient with a difference quotient of the fourth order.

    With h = 1e-3 its truncation is h^4 / 30 times a fifth derivative, some 1e-13 of the scale of
    the function, and its rounding 2 * 2^-53 / h, some 2e-13; 1e-9 allows for larger derivatives.
    """

    def check(model: Module, loss: Callable[[], Value]) -> None:
        model.zero_grad()
        loss().backward()
        h = 1e-3
        for name, parameter in model.named_parameters():
            at = parameter.data
            values = []
            for step in (-2, -1, 1, 2):
                parameter.data = at + step * h
                values.append(loss().data)
            parameter.data = at
            quotient = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
            assert parameter.grad == pytest.approx(quotient, rel=1e-8, abs=1e-9), name

    return check
