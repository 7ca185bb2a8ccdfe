"""Exact numbers within a budget: fractions that refuse an operation before it fills the memory."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

BITS = 1_000_000  # of a numerator and denominator together: some seconds for a single quotient

_UNARY = ("neg", "pos", "abs")
_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow")
_COMPARISONS = ("lt", "le", "gt", "ge")


class BudgetError(Exception):
    """Exact numbers of more bits than there is a budget for."""


def bounded_fraction(bits: int = BITS) -> type[Fraction]:
    """Return a class of fractions that have one budget together, for all that is done with them.

    A common divisor of n bits takes n^2 steps. The budget is what one of `bits` bits takes, and
    each operation takes its share before it begins, by the size that its result can have at most.

    Raises
    ------
    BudgetError
        By an operation for which the budget is too small.

    Examples
    --------
    >>> exact = bounded_fraction()
    >>> exact(1, 3) + exact(1, 6)
    Fraction(1, 2)
    >>> exact(3) ** 10**9
    Traceback (most recent call last):
        ...
    autograd.numbers.exact.BudgetError: exact numbers of more than a million bits are too large
    """
    left = bits**2

    def spend(size: int) -> None:
        nonlocal left
        if size > bits:
            amount = "a million" if bits == BITS else f"{bits:,}"
            raise BudgetError(f"exact numbers of more than {amount} bits are too large")
        left -= size * size
        if left < 0:
            raise BudgetError(
                f"exact numbers of {size:,} bits are too large for so many operations"
            )

    def checked(name: str) -> Callable[..., Any]:
        plain = getattr(Fraction, f"__{name}__")

        def operate(*operands: Any) -> Any:
            if len(operands) == 2 and isinstance(operands[1], (int, Fraction)):
                spend(_power_size(name, *operands) if "pow" in name else sum(map(_size, operands)))
            out = plain(*operands)
            return kept(out) if type(out) is Fraction else out

        return operate

    names = [*_UNARY, *_BINARY, *(f"r{name}" for name in _BINARY), *_COMPARISONS]
    methods = {f"__{name}__": checked(name) for name in names}
    kept: type[Fraction] = type("Fraction", (Fraction,), {"__slots__": (), **methods})
    return kept


def _size(x: Any) -> int:
    """Return how many bits a number has."""
    return int(x.numerator.bit_length() + x.denominator.bit_length())


def _power_size(name: str, x: Any, y: Any) -> int:
    """Return how many bits a power has at most."""
    base, exponent = (y, x) if name == "rpow" else (x, y)
    unit = base.denominator == 1 and base.numerator in (-1, 0, 1)
    if exponent.denominator != 1 or unit:  # which is a float, or does not grow
        return _size(base)
    return _size(base) * int(abs(exponent))
