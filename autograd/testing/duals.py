"""Dual numbers over Fractions: exact derivatives of rational functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograd.testing.oracles import Estimate, Flat, Slope, UnsuitableError


@dataclass(frozen=True)
class Dual:
    """value + slope * epsilon over Fractions, with epsilon**2 = 0: exact forward mode.

    Comparisons look at the value, so that a program's branches go the way they go.
    """

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Any) -> Dual:
        y = _dual(other)
        return Dual(self.value + y.value, self.slope + y.slope)

    def __mul__(self, other: Any) -> Dual:
        y = _dual(other)
        return Dual(self.value * y.value, self.slope * y.value + self.value * y.slope)

    def __truediv__(self, other: Any) -> Dual:
        y = _dual(other)
        slope = self.slope * y.value - self.value * y.slope
        return Dual(self.value / y.value, slope / y.value**2)

    def __pow__(self, n: Any) -> Dual:
        if n != int(n):
            raise UnsuitableError(f"the power {n} is no whole number: not rational")
        n = int(n)
        slope = n * self.value ** (n - 1) * self.slope if n else Fraction(0)
        return Dual(self.value**n, slope)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __pos__(self) -> Dual:
        return self

    def __sub__(self, other: Any) -> Dual:
        return self + -_dual(other)

    def __rsub__(self, other: Any) -> Dual:
        return _dual(other) - self

    def __rtruediv__(self, other: Any) -> Dual:
        return _dual(other) / self

    def __abs__(self) -> Dual:
        return self if self.value >= 0 else -self

    def __eq__(self, other: object) -> bool:
        return self.value == _dual(other).value

    def __lt__(self, other: Any) -> bool:
        return self.value < _dual(other).value

    def __le__(self, other: Any) -> bool:
        return self.value <= _dual(other).value

    def __gt__(self, other: Any) -> bool:
        return self.value > _dual(other).value

    def __ge__(self, other: Any) -> bool:
        return self.value >= _dual(other).value

    __radd__, __rmul__, __hash__ = __add__, __mul__, object.__hash__


def _dual(x: Any) -> Dual:
    """A dual number without slope; a dual number is itself."""
    return x if isinstance(x, Dual) else Dual(Fraction(x))


class Rational:
    """Exact derivatives of rational functions: dual numbers over Fractions.

    The function may use + - * /, whole powers, `abs` and comparisons. At the kink of an `abs`
    the derivative is that of the branch taken.

    Parameters
    ----------
    f : callable
        The flat function; it is given dual numbers.
    xs : sequence of float or Fraction
    """

    name = "Fraction"

    def __init__(self, f: Flat, xs: Sequence[Any]) -> None:
        self.f, self.xs = f, [Fraction(x) for x in xs]

    def slope(self, i: int, k: int = 0) -> Slope:
        """Return the exact derivative of result `k` by argument `i`."""
        try:
            y = self.f([Dual(x, Fraction(i == j)) for j, x in enumerate(self.xs)])
        except ZeroDivisionError:
            return Slope(None)
        except TypeError as error:
            raise UnsuitableError(f"the function is not rational: {error}") from error
        result = _dual(y[k] if isinstance(y, list) else y)
        return Slope(Estimate(result.slope, Fraction(0)))
