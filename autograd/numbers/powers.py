"""Derivatives of the power x**y over floats, by base and exponent, to any order."""

from __future__ import annotations

import math
from itertools import pairwise

from autograd.numbers.ieee import INF, LARGE, NAN, SMALL, log, power


def power_by_base(x: float, y: float) -> float:
    """y x**(y-1); 0 at y = 0."""
    t = y - 1.0
    # A rounded y-1 would cost up to 700 ULP; 0.0 to the power -1 would warn in NumPy's loops.
    exact = t + 1.0 == y and 0.0 < abs(y) < 9007199254740992.0
    try:
        v = math.pow(x, t) if exact else math.pow(x, y) / x
        if SMALL < abs(v) < LARGE and x == x:
            return y * v
    except (ArithmeticError, ValueError):
        pass
    if x != x or y != y:
        return NAN
    if not y:
        return 0.0
    if x == 0.0 or abs(x) == INF:
        v = power(abs(x), t)  # t may be a whole number where y - 1 is none
        v = v and y * v
        return -v if y % 2.0 == 0.0 and math.copysign(1.0, x) < 0.0 else v
    # Half the exponent twice, because x**t may overflow or lose digits where y x**t does not.
    base, negative = abs(x), False
    if x < 0.0:
        if y % 1.0:
            return NAN
        negative = y % 2.0 == 0.0
    if exact:
        half = power(base, 0.5 * t)
        v = half * y * half
    elif abs(y) < 0.5:
        v = power(base, y) * y / base
    else:
        half = power(base, 0.5 * y)
        v = half and half * y / base * half
    return -v if negative else v


def power_by_exponent(x: float, y: float) -> float:
    """x**y log(x); at x = 0 it is 0 for y >= 0 and -inf for y < 0."""
    try:
        v = math.pow(x, y)
        if SMALL < v < LARGE and y == y:
            return v * math.log(x)
    except (OverflowError, ValueError):
        pass
    if not x >= 0.0 or y != y:
        return NAN
    if not x:
        return 0.0 if y >= 0.0 else -INF
    half = power(x, 0.5 * y)
    return half * log(x) * half if half else 0.0


def power_partial(n: int, m: int, x: float, y: float) -> float:
    """The derivative of x**y, taken n times by x and m times by y.

    It is x**(y-n) times a polynomial in log(x), whose coefficients are derivatives of the falling
    factorial y (y-1) ... (y-n+1). A term whose coefficient is 0 is 0, also at x = 0, where
    0**0 log(0) is 0 too.
    """
    if x != x or y != y or (x < 0.0 and m):
        return NAN
    falling = [1.0]  # the factorial at y + e, as a polynomial in e: its derivatives over k!
    for i in range(n):
        a = y - i
        falling = [a * falling[0], *(a * q + p for p, q in pairwise(falling)), 1.0]
    falling += [0.0] * m
    t, base = y - n, abs(x)
    if not (x or t):
        return math.factorial(m) * falling[m]
    size, s = log(base), 0.0
    for k in range(m + 1):
        s = (s and size and s * size) + math.perm(m, k) * falling[k]
    if not s:
        return 0.0
    if x < 0.0 and y % 1.0:
        return NAN
    v = power(base, t)
    exact = abs(t + n - y) < 1e-19  # else x**t has the error of a rounded t
    if exact and SMALL < v < LARGE:
        v *= s
    elif not 0.0 < base < INF:
        v = v and v * s
    else:
        # A quarter of the exponent four times, because x**t may overflow or lose digits where the
        # product does not.
        quarter, v = power(base, 0.25 * (t if exact else y)), s
        for _ in range(4):
            v = quarter and v * quarter
        for _ in range(0 if exact else n):
            v /= base
    odd = y % 1.0 == 0.0 and y % 2.0 != n % 2
    return -v if odd and math.copysign(1.0, x) < 0.0 and not m else v
