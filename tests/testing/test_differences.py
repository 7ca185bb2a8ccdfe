"""Finite differences held against their definition, in Fractions and by Lagrange's formula."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.testing.differences import Differences, Scheme, Sides, _settled

COLUMNS = 8


def weights(order, count):
    """Lagrange's, of the polynomial in h**order through steps 1, 1/2, 1/4 ... at step 0."""
    ts = [Fraction(1, 2 ** (order * j)) for j in range(count)]
    return [
        math.prod((Fraction(t) / (t - own) for t in ts if t != own), start=Fraction(1))
        for own in ts
    ]


class Defined:
    """What a scheme is, with every entry from the quotients themselves."""

    def __init__(self, order):
        self.order, self.quotients = order, []
        self.value, self.error, self.since, self.drowned = None, math.inf, 0, False

    def entry(self, last, count):
        """The extrapolation of so many quotients up to one, and the noise in it."""
        chosen = self.quotients[last - count + 1 : last + 1]
        terms = list(zip(weights(self.order, count), chosen, strict=True))
        noise = sum(abs(w) * n for w, (_, n) in terms)
        return sum(w * q for w, (q, _) in terms), noise

    def add(self, quotient, noise):
        self.quotients.append((Fraction(quotient), Fraction(noise)))
        last = len(self.quotients) - 1
        found = []
        for count in range(2, min(last + 1, COLUMNS + 1) + 1):
            value, noise = self.entry(last, count)
            near = [self.entry(last, count - 1)[0], self.entry(last - 1, count - 1)[0]]
            error = 2 * (max(abs(value - x) for x in near) + noise)
            found.append((error, value, 8 * noise > error))
        self.since += 1
        if not found:
            return
        least, best, drowned = min(found, key=lambda x: x[0])
        if least < self.error:
            self.value, self.error, self.since = best, least, 0
        elif abs(best - self.value) > self.error + least:
            self.value, self.error, self.since = best, max(least, abs(best - self.value)), 0
        self.drowned = drowned and self.since >= 2


QUOTIENTS = st.lists(
    st.tuples(st.integers(-40, 40).map(float), st.integers(0, 6).map(float)), max_size=11
)


def held(scheme, defined):
    if defined.value is None:
        assert math.isnan(scheme.value)
        assert scheme.error == math.inf
    else:
        assert scheme.value == pytest.approx(float(defined.value), rel=1e-12, abs=1e-12)
        assert scheme.error == pytest.approx(float(defined.error), rel=1e-12, abs=1e-12)
    assert scheme.drowned is defined.drowned


@given(st.sampled_from([1, 2]), QUOTIENTS)
def test_a_scheme_is_the_best_of_all_extrapolations(order, quotients):
    scheme, defined = Scheme(order), Defined(order)
    for quotient, noise in quotients:
        scheme.add(quotient, noise)
        defined.add(quotient, noise)
    held(scheme, defined)


RISES = st.lists(st.tuples(*[st.integers(-3, 3).map(float)] * 3), max_size=4)


@given(st.integers(0, 9), RISES)
def test_where_a_result_stands_still_at_first_its_schemes_are_the_same(still, rises):
    """As with every step taken in, whether it moves later or not."""
    sides, plain = Sides(), (Scheme(2), Scheme(1), Scheme(1))
    for n, moved in enumerate([(0.0, 0.0, 0.0)] * still + rises):
        h, noise = 2.0**-n, 1.0 if n < still else 3.0
        runs = 2 * h, h, h
        sides.add((moved, runs, noise))
        for scheme, rise, run in zip(plain, moved, runs, strict=True):
            scheme.add(rise / run, 2 * noise / run)
        for a, b in zip(sides.all, plain, strict=True):
            assert repr((a.value, a.error, a.drowned)) == repr((b.value, b.error, b.drowned))
            assert a.first == b.first


def test_the_error_of_what_is_central_is_of_second_order():
    sides = Sides()
    assert [x.order for x in (sides.central, sides.left, sides.right)] == [2, 1, 1]
    assert sides.all == (sides.central, sides.left, sides.right)


def test_what_stands_still_is_not_extrapolated_again():
    sides, taken = Sides(), []
    for scheme in sides.all:
        scheme.add = lambda *step, add=scheme.add: (taken.append(step), add(*step))
    for n in range(20):
        sides.add(((0.0, 0.0, 0.0), (2.0**-n,) * 3, 1.0))
    assert len(taken) == 3 * 4
    sides.add(((1.0, 0.0, 1.0), (2.0**-20,) * 3, 1.0))
    assert len(taken) == 3 * 21
    assert taken[-1] == (2.0**20, 2.0**21)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("degree", range(1, 8))
def test_polynomials_are_extrapolated_exactly(order, degree):
    scheme = Scheme(order)
    for n in range(degree + 2):
        scheme.add(3.0 + sum(2.0 ** (-order * k * n) for k in range(1, degree + 1)), 0.0)
    assert scheme.value == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_noise_is_what_the_weights_make_of_it(order):
    """Of quotients that are alike and equally noisy, two: more weigh more."""
    scheme = Scheme(order)
    for _ in range(5):
        scheme.add(7.0, 1.0)
    assert scheme.value == 7.0
    assert scheme.error == 2 * float(sum(map(abs, weights(order, 2))))
    assert scheme.drowned


@pytest.mark.parametrize("gap", [math.nan, math.inf, -math.inf])
def test_a_quotient_that_is_no_number_ends_the_rows_before_it(gap):
    """What was found stays, until a better one comes; nothing is extrapolated across."""
    scheme = Scheme(1)
    for quotient in (4.0, 4.0, gap, 9.0):
        scheme.add(quotient, 1.0)
    assert (scheme.value, scheme.error, scheme.first) == (4.0, 6.0, 4.0)
    assert not scheme.drowned
    scheme.add(9.0, 0.25)
    assert (scheme.value, scheme.error) == (9.0, 3.0)


def test_after_a_quotient_that_is_no_number_two_have_to_say_the_same_again():
    scheme = Scheme(1)
    for _ in range(5):
        scheme.add(7.0, 1.0)
    assert scheme.drowned
    for quotient, drowned in ((math.nan, False), (7.0, False), (7.0, True)):
        scheme.add(quotient, 1.0)
        assert scheme.drowned is drowned


def test_the_first_quotient_that_is_not_zero_is_the_size():
    scheme = Scheme(2)
    for quotient in (0.0, -3.0, 5.0):
        scheme.add(quotient, 0.0)
    assert scheme.first == 3.0


@pytest.mark.parametrize("size", [2.0**-40, 2.0**-30, 2.0**-20])
def test_the_noise_of_values_is_seen(size):
    """Of values that are off by up to so much, as if at random: within a factor of 16."""
    rough = lambda xs: float(xs[0]) + size * math.sin(1e17 * float(xs[0]))  # noqa: E731
    assert size / 16 < Differences(rough, [0.7]).noise() < 16 * size


def found(value=1.0, error=2.0**-20, drowned=False, first=1.0):
    scheme = Scheme(1)
    scheme.value, scheme.error, scheme.drowned, scheme.first = value, error, drowned, first
    return scheme


NOISE, NOTHING = {"drowned": True}, {"value": math.nan, "error": math.inf}
ALIKE = 2.0**-12  # of the size of the derivative, or of the first quotient
SETTLED = [  # central, one side -> whether smaller steps add nothing
    (NOISE, NOISE, True), (NOTHING, NOISE, True), (NOISE, NOTHING, True), (NOTHING, NOTHING, True),
    ({}, NOISE, False), ({}, {}, False),
    (NOISE, {"error": ALIKE}, True), (NOISE, {"error": 1.01 * ALIKE}, False),
    (NOISE | {"first": 4.0}, {"error": 4 * ALIKE}, True),
    (NOISE | {"first": 4.0}, {"error": 4.01 * ALIKE}, False),
    (NOISE | {"value": -4.0}, {"value": -4.0, "error": 4 * ALIKE}, True),
    (NOISE | {"value": -4.0}, {"value": -4.0, "error": 4.01 * ALIKE}, False),
    (NOISE | {"error": 0.25}, {"value": 1.25, "error": 0.0}, True),
    (NOISE | {"error": 0.25}, {"value": 1.26, "error": 0.0}, False),
    (NOISE | {"error": 0.25}, {"value": 0.75, "error": 0.0}, True),
    (NOISE | {"error": 0.25}, {"value": 0.74, "error": 0.0}, False),
    (NOISE | {"error": 0.25}, {"value": 1.25 + ALIKE, "error": ALIKE}, True),
    (NOISE | {"error": 0.25}, {"value": 1.26 + ALIKE, "error": ALIKE}, False),
    (NOISE | {"error": 0.25}, {"value": -1.0, "error": 0.0}, False),
]  # fmt: skip


@pytest.mark.parametrize(("central", "side", "settled"), SETTLED)
def test_differences_settle_where_noise_is_left_and_the_sides_agree(central, side, settled):
    assert _settled(found(**central), found(**side), found(drowned=True)) is settled
    assert _settled(found(**central), found(drowned=True), found(**side)) is settled


def constant(level):
    """Of compiled code, which hides its roundings."""

    def f(xs):
        if type(xs[0]) is not float:
            raise TypeError("a float is needed")
        return level

    return f


SIZES = [  # x, value -> the size of derivatives: what was absorbed may be the argument
    (1024.0, 3 * 2.0**-44, 1.0), (1024.0, 2.0**-44, 1.0),  # a multiple of a quarter of its unit
    (1024.0, 3 * 2.0**-45, 3 * 2.0**-39), (-1024.0, 3 * 2.0**-45, 3 * 2.0**-39),
    (1023.0, 3 * 2.0**-45, 1.0), (-1023.0, 3 * 2.0**-45, 1.0),
    (1024.0, 2.0**-10 / 3, 2.0**-4 / 3), (1024.0, 1 / 3, 1.0), (1024.0, 3072 + 1 / 3, 3.0),
    (0.0, 1 / 3, 1 / 3), (0.0, 0.0, 1.0), (0.0, -8.0, 8.0),
]  # fmt: skip


@pytest.mark.parametrize(("x", "value", "size"), SIZES)
def test_what_derivatives_are_like(x, value, size):
    assert Differences(constant(value), [x]).size(0) == pytest.approx(size, rel=1e-3)


@pytest.mark.parametrize("width", [1e-3, 1e-5])
@pytest.mark.parametrize("slope", [0.0, 3.0, -3.0, 1e3])
def test_a_hill_on_a_slope_is_not_stepped_over(width, slope):
    def hill(xs):
        return slope * xs[0] + width * math.exp(-(((xs[0] - 1) / width - 0.5) ** 2))

    value, error = Differences(hill, [1.0]).derivative(0)
    assert abs(value - (slope + math.exp(-0.25))) <= error < 1e-3
