"""Functions with kinks and jumps, comparisons and roundings, for number types other than float.

A part of `formulas`, with the same rules: a nan gives a nan, and an infinity the limit.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

from autograd.numbers.libraries import is_complex, is_decimal, is_mpmath


def flat(x: Any) -> Any:
    """The derivative of a step function: 0, and nan at nan."""
    return x if x != x else 0


def nonnegative(x: Any) -> Any:
    """x for x >= 0, else nan; a complex number is no less than 0."""
    return x if is_complex(type(x)) or x >= 0 or x != x else nan_like(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    answer = (x > 0) - (x < 0)
    return answer if x == x else x


def maximum(x: Any, y: Any) -> Any:
    """The larger of two."""
    return x if x >= y or x != x else y


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two."""
    return x if x <= y or x != x else y


def max_share(i: int, *xs: Any) -> Any:
    """1/k where operand i is one of the k largest, else 0."""
    m = functools.reduce(maximum, xs)
    return m if m != m else type(m)(xs[i] == m) / xs.count(m)


def _whole(f: Callable[[Any], int], of_mpmath: str) -> Callable[[Any], Any]:
    """f to whole numbers; an infinity and a nan are left as they are."""

    def whole(x: Any) -> Any:
        if is_mpf(x):
            return getattr(sys.modules["mpmath"], of_mpmath)(x)
        return f(x) if is_finite(only_real(x)) else x

    return whole


floor = _whole(math.floor, "floor")
ceil = _whole(math.ceil, "ceil")
rint = _whole(round, "nint")


def trunc(x: Any) -> Any:
    """x rounded towards 0."""
    return floor(x) if x > 0 else ceil(x)


def round_to(digits: int, x: Any) -> Any:
    """x rounded to a number of decimal digits."""
    if not is_finite(only_real(x)):
        return x
    if is_mpf(x):
        scale = type(x)(10) ** digits
        return rint(x * scale) / scale
    return round(x, digits)


def floor_divide(x: Any, y: Any) -> Any:
    """x // y; mpmath does without the sign where y is infinite."""
    if not is_mpf(y):
        return x // y
    if y in (math.inf, -math.inf) and is_finite(x):
        return -1 if x and (x < 0) != (y < 0) else 0
    return rint((x - x % y) / y)  # before 1.4 mpmath has no `//`


def remainder(x: Any, y: Any) -> Any:
    """x % y; mpmath does without the sign where y is infinite, and gives x where x is."""
    if is_mpf(y) and y in (math.inf, -math.inf):
        return x * 0 if not is_finite(x) else y if x and (x < 0) != (y < 0) else x
    return x % y


def nan_like(x: Any) -> Any:
    """A nan of the type of `x`."""
    return type(x)("nan")


def only_real(x: Any) -> Any:
    """x, which has to be real."""
    if is_complex(type(x)):
        raise TypeError("only real numbers have it")
    return x


def is_mpf(x: Any) -> bool:
    """Whether a number is a real one of mpmath."""
    return is_mpmath(type(x)) and not is_complex(type(x))


def is_finite(x: Any) -> bool:
    """Whether a number is neither infinite nor nan."""
    if is_decimal(type(x)):
        return bool(x.is_finite())
    return bool(x * 0 == 0)
