"""Float functions of many operands, and their gradients, each found in one pass.

They keep the rules of `ieee`: floats in, floats out, inf and nan where C99 has them, no exceptions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from autograd.numbers.ieee import INF, LARGE, NAN, SMALL, exp, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def sum(*xs: float) -> float:
    """The sum, rounded once."""
    try:
        return math.fsum(xs)
    except ValueError:  # inf - inf
        return NAN
    except OverflowError:
        return _whole_sum(xs, 1)


def mean(*xs: float) -> float:
    """The arithmetic mean; nan of nothing."""
    if not xs:
        return NAN
    try:
        return math.fsum(xs) / len(xs)
    except ValueError:
        return NAN
    except OverflowError:
        return _whole_sum(xs, len(xs))


def _whole_sum(xs: tuple[float, ...], n: int) -> float:
    """The sum divided by n, in integers: every finite float is a multiple of 2^-1074."""
    special = [x for x in xs if x - x != 0.0]
    if special:
        return sum(*special)
    total = 0
    for x in xs:
        p, q = x.as_integer_ratio()
        total += p * ((1 << 1074) // q)
    try:
        return total / (n << 1074)
    except OverflowError:
        return INF if total > 0 else -INF


def _products(xs: Sequence[float]) -> list[float]:
    """The products of the first 0, 1, ... operands."""
    p = 1.0
    products = [p]
    for x in xs:
        p *= x
        products.append(p)
    return products


def _split_products(xs: Sequence[float]) -> list[tuple[float, int]]:
    """The same as mantissas and exponents, which neither overflow nor underflow."""
    m, e = 1.0, 0
    products = [(m, e)]
    for x in xs:
        f, i = math.frexp(x)
        m, j = math.frexp(m * f)
        e += i + j
        products.append((m, e))
    return products


def _safe(products: list[float], bound: float) -> bool:
    """Whether no product came near overflow or underflow."""
    return 1.0 / bound < min(map(abs, products)) and max(map(abs, products)) < bound


def prod(*xs: float) -> float:
    """The product, without overflow or underflow on the way."""
    products = _products(xs)
    if len(xs) < 3 or _safe(products, LARGE):
        return products[-1]
    return scaled(*_split_products(xs)[-1])


def norm(*xs: float) -> float:
    """The Euclidean norm."""
    h = math.hypot(*xs)
    return NAN if h == INF and any(map(math.isnan, xs)) else h


def maximum_of(*xs: float) -> float:
    """The largest; -inf of nothing."""
    return NAN if any(map(math.isnan, xs)) else max(xs, default=-INF)


def minimum_of(*xs: float) -> float:
    """The smallest; inf of nothing."""
    return NAN if any(map(math.isnan, xs)) else min(xs, default=INF)


def logsumexp(*xs: float) -> float:
    """log(sum of exp(x)); -inf of nothing."""
    m = maximum_of(*xs)
    if m - m != 0.0:
        return m
    return m + math.log1p(math.fsum((-1.0, *(math.exp(x - m) for x in xs))))


def directions(*xs: float) -> tuple[float, ...]:
    """x / norm for each x: the gradient of the norm; 0 at the origin.

    k infinite operands have direction +-1/sqrt(k) each: where k > 1 no limit exists, and this is
    the choice that is symmetric and of length 1.
    """
    h = math.hypot(*xs)
    if SMALL < h < INF:
        return tuple([x / h for x in xs])
    if any(map(math.isnan, xs)):
        return (NAN,) * len(xs)
    if h < INF or not any(abs(x) == INF for x in xs):
        e = math.frexp(max(map(abs, xs), default=0.0))[1]
        xs = tuple([math.ldexp(x, -e) for x in xs])
        h = math.hypot(*xs) or 1.0
        return tuple([x / h for x in xs])
    infinite = [abs(x) == INF for x in xs]
    part = 1.0 / math.sqrt(infinite.count(True))
    return tuple([math.copysign(part if i else 0.0, x) for i, x in zip(infinite, xs, strict=True)])


def direction(i: int, *xs: float) -> float:
    """directions(*xs)[i]."""
    return directions(*xs)[i]


def _exp_difference(x: float, m: float) -> float:
    """exp(x - m), x <= m, with the rounding error of x - m made good (two-sum, Knuth 4.2.2)."""
    d = x - m
    if d < -800.0:
        return 0.0
    t = d - x
    e = math.exp(d)
    return e + e * ((x - (d - t)) - (m + t))


def exp_difference(x: float, m: float) -> float:
    """exp(x - m), with the rounding error of x - m made good; of two equal infinities what the
    share of x is beside m: 1 at inf, 0 at -inf.
    """
    if x == m:
        return 0.0 if x == -INF else 1.0
    power = exp(x - m)
    return _exp_difference(x, m) if 0.0 < power < INF else power


def shares(*xs: float) -> tuple[float, ...]:
    """exp(x) / sum of exp for each x: the softmax weights.

    The error does not grow with the number of operands: 2 ULP. k operands that are inf have share
    1/k each. Where all are -inf no finite change of an operand changes the logsumexp, which stays
    -inf: each share is 0.
    """
    m = max(xs, default=0.0)
    if m - m != 0.0:
        if any(map(math.isnan, xs)):
            return (NAN,) * len(xs)
        part = 1.0 / xs.count(m) if m > 0.0 else 0.0
        return tuple([part if x == m else 0.0 for x in xs])
    es = [_exp_difference(x, m) for x in xs]
    total = math.fsum(es)
    return tuple([e / total for e in es])


def share_of_two(x: float, y: float) -> float:
    """shares(x, y)[0]."""
    if x == y:
        return 0.5 if x > -INF else 0.0
    m = x if x > y else y
    if m == INF and x == x:
        return 1.0 if x == m else 0.0
    e = _exp_difference(x, m)
    return e / (e + _exp_difference(y, m))


def share(i: int, *xs: float) -> float:
    """shares(*xs)[i]."""
    return share_of_two(xs[i], xs[i - 1]) if len(xs) == 2 else shares(*xs)[i]


def cofactors(*xs: float) -> tuple[float, ...]:
    """For each x the product of the others: the gradient of the product.

    No digits are lost on the way; of n operands each answer has n-2 rounded multiplications.
    """
    if len(xs) == 2:
        return xs[1], xs[0]
    left = _products(xs[:-1])
    right = _products(xs[:0:-1])
    if _safe(left, 1e145) and _safe(right, 1e145):
        return tuple([p * q for p, q in zip(left, reversed(right), strict=True)])
    before, after = _split_products(xs[:-1]), _split_products(xs[:0:-1])
    return tuple(
        [scaled(p * q, i + j) for (p, i), (q, j) in zip(before, reversed(after), strict=True)]
    )


def cofactor(i: int, *xs: float) -> float:
    """cofactors(*xs)[i]."""
    return cofactors(*xs)[i]


def max_shares(*xs: float) -> tuple[float, ...]:
    """1/k for each of the k operands that are largest, else 0: the gradient of the maximum."""
    m = maximum_of(*xs)
    if m != m:
        return (NAN,) * len(xs)
    part = 1.0 / max(1, xs.count(m))
    return tuple([part if x == m else 0.0 for x in xs])


def max_share_of_two(x: float, y: float) -> float:
    """max_shares(x, y)[0]."""
    return 1.0 if x > y else 0.0 if x < y else 0.5 if x == y else NAN


def max_share(i: int, *xs: float) -> float:
    """max_shares(*xs)[i]."""
    return max_share_of_two(xs[i], xs[i - 1]) if len(xs) == 2 else max_shares(*xs)[i]


def max_shares_product(xs: Sequence[float], _: dict[int, float]) -> list[float]:
    """The second derivatives of the maximum times a vector: 0, and nan at nan."""
    return [x if x != x else 0.0 for x in xs]


def shares_product(xs: Sequence[float], vector: dict[int, float]) -> list[float]:
    """The second derivatives of the logsumexp times a vector v: s (v - mean of v by the shares s).

    From v the component of the largest share is taken first, which changes nothing: no other share
    is above 1/2, so that nothing cancels that is left of a 1.
    """
    s = shares(*xs)
    first = vector.get(s.index(max(s)), 0.0) if s[0] == s[0] else NAN
    moves = [vector.get(i, 0.0) - first for i in range(len(xs))]
    mean = sum(*[a * b for a, b in zip(s, moves, strict=True)])
    return [a * (b - mean) for a, b in zip(s, moves, strict=True)]


def cofactors_product(xs: Sequence[float], vector: dict[int, float]) -> list[float]:
    """The second derivatives of the product times a vector v: in each place the derivative along v
    of the product of the others, as those of what is before and after it.
    """
    places = range(len(xs))
    before = _dual_products(xs, vector, places)
    after = _dual_products(xs, vector, reversed(places))
    found = []
    for (p, dp), (q, dq) in zip(before, reversed(after), strict=True):
        total: Split | None = None
        for a, b in ((dp, q), (p, dq)):
            if a is not None and b is not None:
                term = _times(a, b)
                total = term if total is None else _plus(total, term)
        found.append(0.0 if total is None else scaled(*total))
    return found


Split = tuple[float, int]  # m 2^e, which neither overflows nor underflows


def _dual_products(
    xs: Sequence[float], vector: dict[int, float], places: Iterable[int]
) -> list[tuple[Split, Split | None]]:
    """The products of the operands at the first 0, 1, ... n - 1 places, and their derivatives along
    a vector; None where nothing moves.
    """
    p: Split = (1.0, 0)
    dp: Split | None = None
    products = []
    for i in places:
        products.append((p, dp))
        x = math.frexp(xs[i])
        if dp is not None:
            dp = _times(dp, x)
        if i in vector:
            moved = _times(p, math.frexp(vector.get(i, 0.0)))
            dp = moved if dp is None else _plus(dp, moved)
        p = _times(p, x)
    return products


def _times(a: Split, b: Split) -> Split:
    """The product."""
    m, e = math.frexp(a[0] * b[0])
    return m, e + a[1] + b[1]


def _plus(a: Split, b: Split) -> Split:
    """The sum."""
    if not a[0] or (b[0] and a[1] < b[1]):
        a, b = b, a
    m, e = math.frexp(a[0] + math.ldexp(b[0], max(b[1] - a[1], -2000) if b[0] else 0))
    return m, e + a[1]
