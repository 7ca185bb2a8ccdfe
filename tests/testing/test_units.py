"""Units in the last place, against the standard library and against known distances."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.testing.units import exact, exponent, measured, ulps, unit

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_the_unit_of_a_float_is_that_of_the_standard_library(x):
    assert unit(Fraction(x)) == Fraction(math.ulp(x))


@given(FINITE.filter(bool))
def test_the_exponent_is_that_of_frexp(x):
    assert exponent(Fraction(x)) == math.frexp(x)[1]


@given(FINITE.filter(lambda x: abs(x) < 1e308), st.integers(-9, 9))
def test_neighbours_are_whole_units_apart(x, steps):
    y = x
    for _ in range(abs(steps)):
        y = math.nextafter(y, math.copysign(math.inf, steps))
    if math.ulp(x) == math.ulp(y):
        assert ulps(y, Fraction(x)) == abs(steps)


@pytest.mark.parametrize(
    ("got", "truth", "distance"),
    [
        (math.inf, Fraction(2) ** 1024, 0.0),
        (math.inf, Fraction(10) ** 400, 0.0),
        (-math.inf, Fraction(10) ** 400, math.inf),
        (math.nan, Fraction(1), math.inf),
        (0.0, Fraction(1, 2**1075), 0.5),
        (1.0, Fraction(1) + Fraction(1, 2**54), 0.25),
        (1.7976931348623157e308, Fraction(2) ** 1024, 1.0),
    ],
)
def test_distances_at_the_ends_of_the_floats(got, truth, distance):
    if math.isinf(got) and distance == math.inf:
        assert ulps(got, truth) > 1e15
    else:
        assert ulps(got, truth) == distance


def test_a_larger_term_sets_the_unit():
    assert ulps(1e-16, Fraction(0), Fraction(1)) < 1 < ulps(1e-16, Fraction(0))


def test_numbers_of_mpmath_are_exact_and_far_ones_bounded():
    from mpmath import mp, mpf

    with mp.workprec(300):
        third = mpf(1) / 3
    assert abs(exact(third) - Fraction(1, 3)) < Fraction(1, 2**299)
    assert exact(mpf(2) ** -100_000) == 0
    assert exact(-(mpf(2) ** 100_000)) == -(2**20_000)


def test_an_error_that_changes_nothing_does_not_count():
    assert measured(math.inf, Fraction(10) ** 400, Fraction(10) ** 399) == (0.0, 0.0)
    assert measured(1.0, Fraction(1), Fraction(1, 2**53)) == (0.0, 0.5)
