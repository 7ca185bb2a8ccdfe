"""What the derivatives of higher order are for the number types beside float.

What `orders` and `special` are for floats, as `formulas` is for the functions themselves: each
function bears the name of its row, and is made of parts that neither overflow nor lose the digits
of the type.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd.numbers import complexes, ieee, orders, special
from autograd.numbers import definitions as formulas
from autograd.numbers.definitions import divide, log, over_norm_square
from autograd.numbers.libraries import is_complex, is_mpmath, named
from autograd.numbers.pieces import flat, is_finite, is_mpf


def silu_slope(x: Any) -> Any:
    """The derivative of silu, sigmoid(x) + x logistic_density(x)."""
    return formulas.sigmoid(x) + formulas.x_logistic_density(x)


def gelu_slope(x: Any) -> Any:
    """The derivative of gelu, normal_cdf(x) + x normal_pdf(x)."""
    return formulas.normal_cdf(x) + formulas.x_normal_pdf(x)


def normal_pdf_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of normal_pdf."""
    return formulas.damped_density(special.hermite(n, x, 1), x)


def exp_neg_square_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of exp(-x^2)."""
    e = formulas.exp(-x * x)
    return special.hermite(n, 2 * x, 2) * e if e else e


def gamma_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of gamma: those of gamma(x) digamma(x), by the product rule."""
    found = [named("gamma")(x)]
    if not (is_finite(x.real) and is_finite(x.imag)):
        return found[0]
    slopes = [formulas.polygamma(k, x) for k in range(n)]
    for m in range(n):
        found.append(sum(math.comb(m, k) * found[m - k] * slopes[k] for k in range(m + 1)))
    return found[n]


def divide_partial(n: int, x: Any, y: Any) -> Any:
    """The derivative of x/y, n times by y: (-1)^n n! x / y^(n+1), without the power."""
    return functools.reduce(divide, [y] * (n + 1), (-1) ** n * math.factorial(n) * x)


def arctan2_partial(n: int, m: int, y: Any, x: Any) -> Any:
    """The derivative of arctan2(y, x), n times by y and m times by x; nan at the origin.

    Its numerator is homogeneous: each factor x or y takes one x^2 + y^2 of the denominator.
    """
    return orders.arctan2_numerator(n, m, over_norm_square(y, x), over_norm_square(x, y))


def norm_partial(index: orders.Index, *xs: Any) -> Any:
    """The derivative of the norm by the operands of `index`; nan at the origin, 0 at infinity."""
    length, index = formulas.norm(*xs), orders.indices(index)
    if length == math.inf:
        return 0
    # The numerator is homogeneous: that of the direction, whose norm is 1.
    numerator = orders.norm_numerator(index, [divide(x, length) for x in xs], 1)
    return functools.reduce(divide, [length] * (len(index) - 1), numerator)


Vector = dict[int, Any]  # the components that have a number


def direction_product(xs: Sequence[Any], vector: Vector) -> list[Any]:
    """The second derivatives of the norm times a vector v: with directions d, for each i the sum
    of d (vi d - v di), which is vi - v.d di, over the norm.
    """
    length = formulas.norm(*xs)
    if length == math.inf:
        return [0] * len(xs)
    pairs = [(vector.get(i, 0), divide(x, length)) for i, x in enumerate(xs)]
    return [divide(sum(d * (w * d - v * e) for v, d in pairs), length) for w, e in pairs]


def share_product(xs: Sequence[Any], vector: Vector) -> list[Any]:
    """The second derivatives of the logsumexp times a vector (see `reductions.shares_product`)."""
    s = [formulas.share(i, *xs) for i in range(len(xs))]
    first = vector.get(max(range(len(s)), key=lambda i: abs(s[i])), 0)
    moves = [vector.get(i, 0) - first for i in range(len(xs))]
    mean = sum(a * b for a, b in zip(s, moves, strict=True))
    return [a * (b - mean) for a, b in zip(s, moves, strict=True)]


def max_share_product(xs: Sequence[Any], _: Vector) -> list[Any]:
    """The second derivatives of the maximum times a vector: 0, and nan at nan."""
    return [flat(x) for x in xs]


def cofactor_product(xs: Sequence[Any], vector: Vector) -> list[Any]:
    """The second derivatives of the product times a vector (see `reductions.cofactors_product`)."""
    pairs = [[(1, 0)], [(1, 0)]]
    for i, products in zip((range(len(xs)), reversed(range(len(xs)))), pairs, strict=True):
        for k in i:
            p, dp = products[-1]
            products.append((p * xs[k], dp * xs[k] + p * vector.get(k, 0)))
    before, after = pairs
    places = zip(before[:-1], reversed(after[:-1]), strict=True)
    return [dp * q + p * dq for (p, dp), (q, dq) in places]


def power_by_base(x: Any, y: Any) -> Any:
    """The derivative of x**y by x."""
    return power_partial(1, 0, x, y)


def power_by_exponent(x: Any, y: Any) -> Any:
    """The derivative of x**y by y."""
    return power_partial(0, 1, x, y)


def power_partial(n: int, m: int, x: Any, y: Any) -> Any:
    """The derivative of x**y, n times by x and m times by y (see `powers.power_partial`)."""
    size = log(x) if m else 0  # which a Fraction refuses and a Decimal may signal
    if x != x or y != y:
        return x * y
    if m and not is_complex(type(x)) and x < 0:
        return type(x)("nan")
    # The factorial at y + e, as a polynomial in e: its derivatives over k!
    falling: list[Any] = [1]
    for i in range(n):
        a = y - i
        falling = [a * falling[0], *(a * q + p for p, q in pairwise(falling)), 1]
    falling += [0] * m
    t: Any = y - n
    s: Any = 0
    if x == t == 0:  # 0**0 log(0) is 0
        return math.factorial(m) * falling[m]
    for k in range(m + 1):
        s = (s and size and s * size) + math.perm(m, k) * falling[k]
    p = _power(x, t) if s else 0
    if p and is_complex(type(p)) and not s.imag:  # no infinity is to meet the 0
        return type(p)(p.real * s.real, p.imag * s.real)
    return p and p * s


def power(x: Any, y: Any) -> Any:
    """x**y; where y is an infinity of mpmath's, C99's, for it gives nan for a negative x."""
    if not (is_mpf(y) and y in (math.inf, -math.inf) and is_mpf(x) and x == x):
        return x**y
    return type(x)(ieee.power(1.0 if abs(x) == 1 else 2.0 if abs(x) > 1 else 0.5, float(y)))


def _power(x: Any, y: Any) -> Any:
    """x**y, at 0 too."""
    if type(x) is complex:
        return complexes.power(x, y)
    try:
        return power(x, y) if y else 1
    except ZeroDivisionError:
        if not is_mpmath(type(x)):
            raise
    return type(x)("inf")
