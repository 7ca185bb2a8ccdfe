"""The smallest engine of glassgrad's kind: values, parents, partials, one sweep, no checks.

It stands in the benchmarks as a yardstick of what plain Python costs when nothing is offered
beyond the arithmetic.
"""

from __future__ import annotations

import math


class Value:
    """A float that remembers its parents and its partial derivative in each of them."""

    __slots__ = ("data", "grad", "parents", "partials")

    def __init__(
        self,
        data: float,
        parents: tuple[Value, ...] = (),
        partials: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.partials = partials

    def __add__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data + other.data, (self, other), (1.0, 1.0))
        return Value(self.data + other, (self,), (1.0,))

    def __mul__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self) -> Value:
        """Return the value where it is positive, else zero."""
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))

    def exp(self) -> Value:
        """Return e to the power of the value."""
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        """Return the natural logarithm of the value."""
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def backward(self) -> None:
        """Add the derivatives of this value to the `grad` of all that it was made from."""
        order: dict[Value, None] = {}
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:
            value, finished = stack.pop()
            if finished:
                order[value] = None
            elif value not in order:
                stack.append((value, True))
                stack.extend((parent, False) for parent in value.parents)
        self.grad = 1.0
        for value in reversed(order):
            for parent, partial in zip(value.parents, value.partials, strict=True):
                parent.grad += partial * value.grad
