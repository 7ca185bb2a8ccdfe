"""Units in the last place, against the standard library and against known distances."""

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.testing.units import (
    DOUBLE,
    FORMATS,
    HALF,
    LEAST,
    ROUNDOFF,
    SINGLE,
    exact,
    exponent,
    measured,
    nearest,
    ratio,
    ulps,
    unit,
)

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


FACTS = [  # IEEE 754: name, eps, smallest subnormal, smallest normal, largest
    (DOUBLE, "float64", 2.0**-52, 2.0**-1074, 2.0**-1022, math.nextafter(math.inf, 0)),
    (SINGLE, "float32", 2.0**-23, 2.0**-149, 2.0**-126, 2.0**128 - 2.0**104),
    (HALF, "float16", 2.0**-10, 2.0**-24, 2.0**-14, 65504.0),
]


@pytest.mark.parametrize(("form", "name", "eps", "least", "normal", "largest"), FACTS)
def test_the_formats_are_those_of_the_standard(form, name, eps, least, normal, largest):
    assert FORMATS[name] is form
    assert form.name == name
    assert (form.roundoff, form.least, unit(Fraction(1), form)) == (eps / 2, least, eps)
    assert unit(Fraction(0), form) == unit(Fraction(least), form) == least
    assert unit(Fraction(normal), form) == unit(Fraction(normal) * 3 / 2, form) == least
    assert unit(2 * Fraction(normal), form) == 2 * Fraction(least)
    last = Fraction(largest)
    assert unit(last, form) * (2 - Fraction(eps)) == last * Fraction(eps)
    assert unit(last * 2**90, form) == unit(last, form), "beyond, it grows no more"
    assert form.rounded(largest) == nearest(Fraction(largest), form) == largest
    assert form.holds(largest)
    assert form.holds(least)
    assert form.holds(math.nan)
    assert not form.holds(1 + eps / 2) or form is DOUBLE
    if form is not DOUBLE:
        assert form.rounded(largest * 2) == math.inf == -form.rounded(-largest * 2)
        assert form.rounded(1 + eps * 0.75) == 1 + eps
        assert not form.holds(1 + eps * 0.75)
        assert form.rounded(least / 2) == 0.0


def test_the_constants_are_those_of_doubles():
    assert (LEAST, ROUNDOFF) == (DOUBLE.least, DOUBLE.roundoff) == (2.0**-1074, 2.0**-53)


SIZES = st.integers(-40, 40)


@given(st.integers(1, 2**20), st.integers(1, 2**20), SIZES, st.sampled_from([1, -1]))
def test_the_exponent_bounds_its_number(p, q, size, sign):
    x = sign * Fraction(p, q) * Fraction(2) ** size
    assert Fraction(2) ** (exponent(x) - 1) <= abs(x) < Fraction(2) ** exponent(x)


@given(st.integers(1, 2**20), st.integers(-400, 400), st.sampled_from([1, -1]))
def test_numbers_of_mpmath_are_exact(digits, size, sign):
    from mpmath import ldexp

    assert exact(sign * ldexp(digits, size)) == sign * digits * Fraction(2) ** size


FAR = [  # (m, e) of m * 2**e -> what counts: 2**-20000 and 2**20000 are the ends
    ((1, -20_000), (1, -20_000)), ((1, -20_001), (1, -20_001)), ((1, -20_002), (0, 0)),
    ((3, -20_002), (3, -20_002)), ((3, -20_003), (0, 0)), ((-1, -20_002), (0, 0)), ((0, 0), (0, 0)),
    ((1, 19_999), (1, 19_999)), ((1, 20_000), (1, 20_000)), ((3, 19_998), (3, 19_998)),
    ((3, 20_001), (1, 20_000)), ((-3, 19_999), (-1, 20_000)), ((-3, 20_001), (-1, 20_000)),
]  # fmt: skip


@pytest.mark.parametrize(("given", "counted"), FAR)
def test_what_is_far_outside_of_the_doubles(given, counted):
    from mpmath import ldexp

    assert exact(ldexp(*given)) == counted[0] * Fraction(2) ** counted[1]


OFF = [  # got, truth, scale, format -> units apart
    (3.0, 4, None, DOUBLE, 2.0**50), (3.0, 4, 16, DOUBLE, 2.0**48), (3.0, 4, -16, DOUBLE, 2.0**48),
    (3.0, 4, 1, DOUBLE, 2.0**50), (-3.0, -4, None, SINGLE, 2.0**21), (0.0, 0, None, HALF, 0.0),
    (math.inf, 65520, None, HALF, 0.0), (math.inf, 65519, None, HALF, 17 / 32),
    (-math.inf, -65520, None, HALF, 0.0), (-math.inf, 65520, None, HALF, (65536 + 65520) / 32),
    (math.inf, -65520, None, HALF, (65536 + 65520) / 32), (math.inf, 0, 1, HALF, 65536 * 1024),
    (math.nan, 70000, None, HALF, math.inf),
]  # fmt: skip


@pytest.mark.parametrize(("got", "truth", "scale", "form", "units"), OFF)
def test_distances_in_units(got, truth, scale, form, units):
    scale = None if scale is None else Fraction(scale)
    assert ulps(got, Fraction(truth), scale, form) == units


DOUBTED = [  # got, truth, error, scale -> distance and doubt in units of half precision
    (1.0, 1, Fraction(1, 2**11), None, (0.0, 0.5)), (0.25, 0.25, 2.0**-12, None, (0.0, 1.0)),
     (1.0, 1, Fraction(1, 2**10), 4, (0.0, 0.25)),
    (1.0, 1, Fraction(1, 2**10), -4, (0.0, 0.25)), (2.0, -4, Fraction(1), 1, (1536.0, 256.0)),
    (math.inf, 10**6, 10**5, None, (0.0, 0.0)), (-math.inf, -(10**6), 10**5, None, (0.0, 0.0)),
    (math.inf, 65540, 100, None, (0.0, 100 / 32)),
    (-math.inf, -65540, 100, None, (0.0, 100 / 32)), (math.inf, 65519, 1, None, (17 / 32, 1 / 32)),
    (65504.0, 10**6, 10**5, None, ((10**6 - 65504) / 32, 10**5 / 32)),
    (math.inf, 10**6, 10**7, None, (0.0, 10**7 / 32)),
    (math.inf, 2**16, Fraction(1, 4), None, (0.0, 0.0)),
]  # fmt: skip


@pytest.mark.parametrize(("got", "truth", "error", "scale", "found"), DOUBTED)
def test_a_truth_that_is_known_up_to_an_error(got, truth, error, scale, found):
    scale = None if scale is None else Fraction(scale)
    assert measured(got, Fraction(truth), Fraction(error), scale, HALF) == found


def test_quotients_and_roundings_do_not_overflow():
    assert ratio(Fraction(0), Fraction(0)) == ratio(Fraction(0), Fraction(3)) == 0.0
    assert ratio(Fraction(3), Fraction(0)) == ratio(Fraction(10) ** 400, Fraction(1)) == math.inf
    assert ratio(Fraction(3), Fraction(4)) == 0.75
    assert (nearest(Fraction(10) ** 400), nearest(-(Fraction(10) ** 400))) == (math.inf, -math.inf)
    assert (
        nearest(Fraction(10) ** 400, SINGLE) == math.inf == -nearest(-(Fraction(10) ** 400), HALF)
    )
    assert nearest(Fraction(1, 3)) == 1 / 3
    single = struct.unpack("f", struct.pack("f", 1 / 3))[0]
    assert nearest(Fraction(1, 3), SINGLE) == single != 1 / 3
