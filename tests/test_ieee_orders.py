"""Float functions for derivatives of any order: total, and rounded once where algebraic."""

from __future__ import annotations

import math
import random

import pytest
from jets import FORMULAS, Exponents, derivatives
from mpmath import mp, mpf
from oracles import ulps

from autograd.numbers import orders, special

INF, NAN = math.inf, math.nan


def derivative_of(name: str, exponents: Exponents, *xs: float) -> float:
    """A derivative of order 2 or more of a quotient, an angle or a length."""
    if name == "divide":
        n, m = exponents
        return orders.divide_partial(m, *xs) if n == 0 else orders.divide_partial(m, 1.0, xs[1])
    if name == "arctan2":
        return orders.arctan2_partial(*exponents, *xs)
    index = tuple(i for i, count in enumerate(exponents) for _ in range(count))
    return orders.norm_partial(index, *xs)


def anywhere(rng: random.Random) -> float:
    return rng.choice((-1, 1)) * rng.choice((rng.gauss(0, 1), 10 ** rng.uniform(-323, 308)))


@pytest.mark.parametrize(
    ("name", "count"), [("divide", 2), ("arctan2", 2), ("norm", 2), ("norm", 3)]
)
def test_derivatives_of_algebraic_functions_are_rounded_once(name, count):
    rng = random.Random(name)
    for _ in range(40):
        xs = tuple(anywhere(rng) for _ in range(count))
        for exponents, true in derivatives(FORMULAS[name], *xs).items():
            if sum(exponents) >= 2 and not (name == "divide" and exponents[0] > 1):
                assert ulps(derivative_of(name, exponents, *xs), true) <= 0.501, (xs, exponents)


SPECIALS = (0.0, -0.0, 5e-324, -1.0, 2.0, 1.7976931348623157e308, INF, -INF, NAN)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 40])
def test_they_never_raise_and_keep_nan(n):
    for x in SPECIALS:
        answers = [orders.norm_partial((0,) * min(n + 1, 8), x)]
        answers += [special.normal_pdf_derivative(n, x), special.exp_neg_square_derivative(n, x)]
        answers += [orders.gamma_derivative(n, x), orders.gamma_derivative(n, x / 16.0)]
        for y in SPECIALS:
            pair = [orders.divide_partial(n, x, y), orders.arctan2_partial(n, 1, x, y)]
            pair += orders.norm_partials((0,) * min(n, 7), x, y)
            if math.isnan(x) or math.isnan(y):
                assert all(map(math.isnan, pair))
            answers += pair
        assert all(type(answer) is float for answer in answers)
        assert not math.isnan(x) or all(map(math.isnan, answers))


@pytest.mark.parametrize(("x", "y", "slope"), [
    (1.0, 0.0, -INF), (1.0, -0.0, -INF), (-1.0, 0.0, INF), (0.0, 0.0, NAN), (INF, 2.0, -INF),
    (1.0, INF, 0.0), (INF, INF, NAN),
])  # fmt: skip
def test_a_quotient_at_special_operands(x, y, slope):
    got = orders.divide_partial(1, x, y)
    assert got == slope or (math.isnan(got) and math.isnan(slope))


# ---------------------------------------------------------------- gamma

POLES = tuple(range(0, -190, -1))


@pytest.mark.parametrize("bits", [136, 264])
def test_the_series_of_gamma_is_that_of_its_logarithm(bits):
    """DLMF 5.7.2: k c_k is euler c_(k-1) - zeta(2) c_(k-2) + zeta(3) c_(k-3) - ..."""
    ours = orders._reciprocal_gamma(bits)
    with mp.workdps(150):
        slopes = [mp.euler, *((-1) ** (j - 1) * mp.zeta(j) for j in range(2, 101))]
        series = [mpf(1)]
        for k in range(1, 101):
            series.append(mp.fdot(slopes[:k], series[::-1]) / k)
        unit = mpf(2) ** -bits
        assert all(abs(c * unit - true) < unit for c, true in zip(ours, series, strict=False))
        assert sum(abs(c) / 2**k for k, c in enumerate(series) if k >= len(ours)) < unit


def somewhere(rng: random.Random) -> float:
    """Where gamma is no infinity and no zero, and often next to a pole or a zero of digamma."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.uniform(-180.0, 172.0)
    if kind == 1:
        return rng.choice(POLES) + rng.choice((-1, 1)) * 2.0 ** -rng.uniform(1, 50)
    if kind == 2:
        zero = rng.choice((1.4616321449683623, -0.5040830082644554, -10.702672, -30.753366))
        return zero * (1.0 + rng.randrange(-8, 9) * 2.0 ** -rng.randrange(20, 53))
    return rng.choice((-1, 1)) * 10.0 ** rng.uniform(-307.0, 1.0)


def test_gamma_and_its_derivatives_are_rounded_once():
    rng = random.Random(0)
    for _ in range(150):
        x = somewhere(rng)
        if x <= 0 and x.is_integer():
            continue
        with mp.workprec(300):
            assert ulps(orders.gamma_derivative(0, x), mp.gamma(mpf(x))) <= 0.501, x
        for (n,), true in derivatives(FORMULAS["gamma"], x).items():
            assert ulps(orders.gamma_derivative(n, x), true) <= 0.501, (n, x)


@pytest.mark.parametrize("x", [-20.3, -0.5, 0.25, 1.0, 3.5, 5.5, 60.25])
def test_gamma_has_derivatives_of_any_order(x):
    """By the product rule, of gamma(x) digamma(x)."""
    with mp.workdps(100):
        truth = [mp.gamma(mpf(x))]
        slopes = [mp.psi(k, mpf(x)) for k in range(40)]
        for n in range(40):
            truth.append(sum(mp.binomial(n, k) * truth[n - k] * slopes[k] for k in range(n + 1)))
    assert all(ulps(orders.gamma_derivative(n, x), y) <= 0.501 for n, y in enumerate(truth))


@pytest.mark.parametrize("x", [
    -170.9999999999649,  # 16 ULP off in pocl's tgamma
    -181.5, -183.25,  # subnormal
    -0.00063536887, -0.5, -1.5, -2.5,  # of the wrong sign in JAX
    -14.5, -16.5, -22.5,  # JAX has a wrong trigamma there
    32.0, 32.4, 33.0, 170.0,  # infinite, or nan, in eve
    5.6e-309, 171.6243769563027,  # just below an overflow
])  # fmt: skip
def test_gamma_where_others_went_wrong(x):
    for (n,), true in derivatives(FORMULAS["gamma"], x).items():
        assert ulps(orders.gamma_derivative(n, x), true) <= 0.501
    with mp.workprec(300):
        assert ulps(orders.gamma_derivative(0, x), mp.gamma(mpf(x))) <= 0.501


def test_gamma_of_whole_numbers_is_a_factorial():
    for n in range(171):
        assert orders.gamma_derivative(0, n + 1.0) == float(math.factorial(n))


@pytest.mark.parametrize("n", range(6))
def test_gamma_is_0_where_it_is_taken_to_be_0(n):
    """Next to the pole that is nearest to 0 among those left out, where a derivative is largest."""
    limit = -190 - 10 * n
    x = math.nextafter(limit, -INF)
    with mp.workprec(200):
        leading = mp.factorial(n) / (mp.factorial(-limit) * abs(mpf(x) - limit) ** (n + 1))
        assert leading < mpf(2) ** -1076
    assert orders.gamma_derivative(n, x) == 0.0


GAMMA = [  # order, x, derivative
    (0, 0.0, INF), (0, -0.0, -INF), (1, 0.0, -INF), (1, -0.0, -INF), (2, -0.0, -INF),
    (0, 5e-324, INF), (0, -5e-324, -INF), (1, -5e-324, -INF),
    (0, -1.0, NAN), (1, -2.0, NAN), (0, -1e300, NAN), (3, -171.0, NAN),
    (0, INF, INF), (4, INF, INF), (0, -INF, NAN), (1, -INF, NAN), (0, NAN, NAN), (2, NAN, NAN),
    (0, 171.625, INF), (0, 1e308, INF), (2, 1e308, INF), (1, 171.5, INF),
    (0, -200.5, -0.0), (0, -201.5, 0.0), (0, -184.5, -0.0), (0, -1e8 + 0.25, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("n", "x", "expected"), GAMMA)
def test_gamma_at_special_operands(n, x, expected):
    """As C99 has it for tgamma; the derivative of order n at a zero has the sign of x^-(n+1)."""
    got = orders.gamma_derivative(n, x)
    same = got == expected and math.copysign(1.0, got) == math.copysign(1.0, expected)
    assert same or (math.isnan(got) and math.isnan(expected))
