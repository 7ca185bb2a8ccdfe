"""What a window sees, place by place, in Fractions: the oracle of convolutions and pooling."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

from autograd import Value, tanh
from nn import Flatten

Settings = tuple[int, int, int, int]  # kernel_size, stride, padding, dilation
SETTINGS: list[Settings] = [
    (1, 1, 0, 1), (2, 1, 0, 1), (3, 1, 1, 1), (2, 2, 0, 1), (3, 2, 1, 1), (2, 3, 1, 1),
    (4, 3, 2, 1), (2, 1, 0, 2), (3, 1, 2, 2), (3, 2, 1, 2), (2, 2, 1, 3), (1, 3, 0, 2),
]  # fmt: skip


def fractions(*shape: int, seed: int = 0) -> Any:
    """Return nested lists of drawn fractions, with which nothing is rounded."""
    source = random.Random(seed)

    def drawn(*shape: int) -> Any:
        if not shape:
            return Fraction(source.randint(-9, 9), source.randint(1, 7))
        return [drawn(*shape[1:]) for _ in range(shape[0])]

    return drawn(*shape)


def exact(conv: Any, seed: int = 1) -> Any:
    """Return a convolution with drawn fractions for weights and biases."""
    parameters = conv.parameters()
    for parameter, number in zip(parameters, fractions(len(parameters), seed=seed), strict=True):
        parameter.data = number
    return conv


def data(nested: Any) -> Any:
    """Return nested lists of Values as nested lists of their numbers."""
    return [data(part) for part in nested] if isinstance(nested, list) else nested.data


def places(settings: Settings, length: int, ceil_mode: bool = False) -> list[list[int]]:
    """Return the positions that each window sees, by PyTorch's formula for their number."""
    size, stride, padding, dilation = settings
    spare = Fraction(length + 2 * padding - dilation * (size - 1) - 1, stride)
    count = (math.ceil(spare) if ceil_mode else math.floor(spare)) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1
    return [[i * stride - padding + k * dilation for k in range(size)] for i in range(count)]


def at(row: list[Any], position: int) -> Any:
    return row[position] if 0 <= position < len(row) else 0


def curved(nested: Any) -> Value:
    """Return a curved function of all numbers, so that no gradient is trivial."""
    return sum((tanh(x + 0.1 * i) for i, x in enumerate(Flatten()(nested))), Value(0.0))
