"""Float functions for derivatives of any order: total, and rounded once where algebraic."""

from __future__ import annotations

import math
import random

import pytest
from jets import FORMULAS, Exponents, derivatives
from oracles import ulps

from autograd import orders, special

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
