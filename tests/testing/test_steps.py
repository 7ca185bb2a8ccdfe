"""The steps that differences take: how far they go, the noise in them, and where they end."""

import math
import warnings
from fractions import Fraction

import pytest

from autograd.testing.differences import Differences, Sides
from autograd.testing.units import DOUBLE, HALF, SINGLE

FORMS = [DOUBLE, SINGLE, HALF]


def known(f, xs, form=DOUBLE, noises=(), absorbed=()):
    """Differences whose noise is given."""
    differences = Differences(f, xs, form)
    vars(differences).update(_noises=list(noises), _scattered=[])
    differences._hidden = {i: list(absorbed) for i in range(len(xs))}
    return differences


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("x", [1.0, -3.0, 0.75])
def test_a_step_is_between_numbers_of_the_format(form, x):
    """A rise of every result from end to end and over both halves, and the noise of its values."""
    bent = lambda at: [max(at, x), min(at, x), max(-at, -x), min(-at, -x)]  # noqa: E731
    f = lambda xs: [xs[0] * xs[1] ** 3, *bent(xs[1]), 3.0, 0.0]  # noqa: E731
    noise, h = 16 * form.roundoff, 0.3
    for absorbed in (0.0, 1024.0):
        differences = known(f, [7.0, x], form, [(noise, 1.0)] * 7, [absorbed] * 7)
        low, high = form.rounded(x - h), form.rounded(x + h)
        assert low != x - h or form is DOUBLE
        ends = [f([7.0, at]) for at in (low, x, high)]
        for k, (rises, runs, found) in enumerate(differences._steps(1, x, h)):
            a, b, c = (end[k] for end in ends)
            assert rises == (c - a, b - a, c - b)
            assert runs == (high - low, x - low, high - x)
            size = max(abs(a), abs(c), absorbed)
            rounding = 2 * max(form.roundoff * size, float(form.least))
            assert found == (rounding if k > 4 else max(noise, rounding))
    assert rounding > noise


@pytest.mark.parametrize(("form", "least"), [(DOUBLE, -52), (SINGLE, -23), (HALF, -10)])
def test_a_step_that_is_below_the_units_of_its_argument_is_none(form, least):
    for x in (1.0, -1.0):
        differences = known(lambda xs: xs[0], [x], form, [(0.0, 1.0)], [0.0])
        assert differences._steps(0, x, 2.0**least)
        for tiny in (2.0 ** (least - 1), 0.0):  # of which one side at least goes nowhere
            assert differences._steps(0, x, tiny) == []
            assert not differences._contradicts(0, x, tiny, [Sides()])


def sided(value, error, left, right):
    sides = Sides()
    sides.central.value, sides.central.error = value, error
    sides.left.value, sides.right.value = left, right
    return sides


E, NAN = 2.0**-10, math.nan
CONTRADICTED = [  # central, its error, left, right; quotients, noise over the step -> whether
    (1.0, E, NAN, NAN, (1 + E, 1, 1), 0.0, False), (1.0, E, NAN, NAN, (1 - E, 1, 1), 0.0, False),
    (1.0, E, NAN, NAN, (1 + 1.1 * E, 1, 1), 0.0, True),
    (1.0, E, NAN, NAN, (1 - 1.1 * E, 1, 1), 0.0, True),
    (1.0, E, NAN, NAN, (1 + 9 * E, 1, 1), E, False),
    (1.0, E, NAN, NAN, (1 + 9.1 * E, 1, 1), E, True),
    (1.0, E, NAN, NAN, (2.0, 0.25, 0.25 + 1 - E), 0.0, False),
    (1.0, E, NAN, NAN, (2.0, 0.25 + 1 - E, 0.25), 0.0, False),
    (1.0, E, NAN, NAN, (2.0, 0.25, 0.25 + 0.99 - E), 0.0, True),
    (1.0, E, 2.0, NAN, (2 + E, 1, 1), 0.0, False), (1.0, E, NAN, 2.0, (2 - E, 1, 1), 0.0, False),
    (1.0, E, 2.0, 4.0, (3.0, 1, 1), 0.0, True), (1.0, math.inf, NAN, NAN, (7.0, 1, 1), 0.0, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "error", "left", "right", "quotients", "noise", "does"), CONTRADICTED
)
@pytest.mark.parametrize("h", [2.0**-13, 2.0**-3])
def test_a_small_step_contradicts_what_lies_outside_of_all_that_was_found(
    value, error, left, right, quotients, noise, does, h
):
    """By more than the error, what noise does to a quotient, and what it bends within the step."""
    differences, runs = Differences(lambda xs: 0.0, [1.0]), (2 * h, h, h)
    rises = tuple(q * run for q, run in zip(quotients, runs, strict=True))
    good = ((2 * h, h, h), runs, 0.0)
    schemes = [sided(1.0, E, NAN, NAN), sided(value, error, left, right)]
    differences._steps = lambda i, x, at: [good, (rises, runs, noise * 2 * h)] * (at == h)
    assert differences._contradicts(0, 1.0, h, schemes) is does


def stepping(form, x):
    """Differences of what stands still, and the steps that they take."""
    differences, steps = Differences(lambda xs: 0.0, [x], form), []

    def step(i, at, h):
        assert (i, at) == (0, x)
        steps.append(h)
        return [((0.0, 0.0, 0.0), (2 * h, h, h), 1.0)]

    differences._steps = step
    return differences, steps


@pytest.mark.parametrize(
    ("form", "last", "probes"), [(DOUBLE, 5, (13, 21)), (SINGLE, 5, (6, 9)), (HALF, 3, (2, 4))]
)
@pytest.mark.parametrize("first", [0.25, 4.0])
def test_steps_are_halved_until_nothing_comes_and_two_far_smaller_ones_are_looked_at(
    form, last, probes, first
):
    """A quarter and two fifths of the digits below; one far below the argument's size as well."""
    differences, steps = stepping(form, 3.0)
    least = first * 2.0 ** -probes[-1]
    for own, more in ((16 * least, []), (15.9 * least, [15.9 / 16 * least]), (32 * least, [])):
        steps.clear()
        _, settled = differences._from(0, first, own)
        assert settled
        looked = [first * 2.0**-e for e in probes] + more
        assert steps == [first * 2.0**-n for n in range(last + 1)] + looked
    steps.clear()
    differences._contradicts = lambda *_: True
    _, settled = differences._from(0, first, 1.0)
    assert not settled
    assert steps == [first * 2.0**-n for n in range(40)]
    differences._steps = lambda i, x, h: [] if h < first else [((1.0,) * 3, (h,) * 3, 0.0)]
    (sides,), settled = differences._from(0, first, 1.0)
    assert not settled
    assert sides.central.first == 1 / first


def test_they_settle_where_every_result_does_and_has_a_derivative():
    differences, steps = stepping(DOUBLE, 3.0)
    still, none = (((y, y, y), (1.0,) * 3, 1.0) for y in (0.0, math.nan))
    vars(differences)["center"] = [0.0, 0.0]
    differences._steps = lambda i, x, h: steps.append(h) or [still, none]
    _, settled = differences._from(0, 0.25, 1.0)
    assert not settled  # but ends
    assert len(steps) == 6 + 2


SCALES = [  # x -> the steps to begin with, where those before did not settle
    (0.0, [0.25]), (1.0, [0.5]), (-1.0, [0.5]), (3.0, [1.0]), (-1e3, [256.0]), (0.5, [0.25]),
    (0.25, [0.25]), (2.0**-21, [0.25]), (2.0**-22, [0.25, 2.0**-23]), (-1e-30, [0.25, 2.0**-101]),
]  # fmt: skip


@pytest.mark.parametrize(("x", "starts"), SCALES)
def test_a_function_changes_on_a_scale_of_1_or_on_that_of_its_argument(x, starts):
    differences, tried = Differences(lambda xs: 0.0, [x]), []
    own = starts[-1] if len(starts) > 1 else math.ldexp(1.0, math.frexp(x)[1] - 2) if x else 0.25
    for settles in (True, False):
        tried.clear()
        differences._from = lambda *at, settles=settles: (tried.append(at) or len(tried), settles)
        assert differences._extrapolated(0) == (1 if settles else len(starts))
        assert tried == [(0, first, own) for first in (starts[:1] if settles else starts)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_noise_is_looked_for_at_nine_points_an_odd_number_of_units_apart(form):
    """Some 4/5 of a quarter of the digits, in all arguments at once."""
    seen, xs = [], [1.0, -0.375, 0.0, 12.0]
    differences = Differences(lambda at: seen.append(list(at)) or 0.0, xs, form)
    vars(differences).update(_scattered=[], center=[0.0])
    assert len(differences._noises) == 1
    assert len(seen) == 9
    for i, (x, exponent) in enumerate(zip(xs, (1, -1, 0, 4), strict=True)):
        units = [
            (Fraction(at[i]) - Fraction(x)) / Fraction(2) ** (exponent - form.digits) for at in seen
        ]
        one = units[8] / 4
        assert units == [j * one for j in range(-4, 5)]
        assert one.denominator == one.numerator % 2 == 1
        assert 0.7 * 2.0 ** (form.digits // 4) < one < 0.85 * 2.0 ** (form.digits // 4)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_noise_is_the_most_that_anything_shows(form):
    """Twice the rounding, what random digits move, neighbours over their distance, differences."""
    noise = lambda ys, seen=0.0, units=5: Differences(lambda xs: 0.0, [1.0], form)._noise_in(  # noqa: E731
        ys, seen, units
    )
    least, rounding = float(form.least), form.roundoff
    assert noise([0.0] * 9) == (2 * least, 0.0)
    assert noise([-3.0] * 9) == (6 * rounding, 3.0)
    assert noise([-3.0] * 9, 8 * rounding) == (16 * rounding, 3.0)
    line = [1 + j / 64 for j in range(9)]
    assert noise(line) == (2 / 64 / 5, 1.125)
    assert noise(line[::-1], units=1) == (2 / 64, 1.125)
    assert noise([1.0, math.nan, 1.25, math.inf]) == (2 * 0.25 / 5, 1.25)
    assert noise([math.nan] * 9) == (math.inf, math.inf)
    for count in (9, 7, 6):  # of order m, 2**m over the root of binomial(2m, m), m = 4 up to 7
        rough = [(-1.0) ** j / 64 for j in range(count)]
        most = [2.0**m / math.sqrt(math.comb(2 * m, m)) / 64 for m in range(4, count - 1)]
        assert noise(rough, units=1000)[0] == pytest.approx(2 * max(most))
    assert noise(rough[:5], units=1000)[0] == pytest.approx(
        2 * 2 / 64 / 1000, rel=1e-9 + 2 * rounding * 1000 * 16
    )
    cubic = [j**3 / 512 for j in range(9)]
    assert noise(cubic, units=10**6)[0] == pytest.approx(
        2 * max(rounding, (512 - 343) / 512 / 10**6), rel=1e-6
    )


def test_beside_a_pole_and_where_a_warning_is_an_error_no_result_has_a_value():
    def f(xs):
        if xs[0] < 1:
            raise ValueError("math domain error")
        if xs[0] > 2:
            warnings.warn("overflow", RuntimeWarning, stacklevel=1)
        return [xs[0], 1, 2 + 0j]

    differences = Differences(f, [1.5])
    assert repr(differences.center) == "[1.5, 1.0, nan]"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for at in (0.5, 2.5):
            assert repr(differences._moved(0, at)) == "[nan, nan, nan]"
    assert repr(Differences(f, [0.5]).center) == "[nan]"
    with pytest.raises(TypeError):
        _ = Differences(lambda xs: xs[0] + "1", [0.5]).center


def test_a_vector_is_passed_on_as_one_and_whole_numbers_as_floats():
    import numpy as np

    for given, kind in ((np.array([1.0, 2.0]), np.ndarray), ([1, 2], list), ((1, 2), list)):
        seen = []
        differences = Differences(lambda xs, seen=seen: seen.append(xs) or 0.0, given)
        _ = differences.center, differences._moved(1, 3.0)
        assert [type(xs) for xs in seen] == [kind] * 2
        assert [[*xs] for xs in seen] == [[1.0, 2.0], [1.0, 3.0]]
        assert all(isinstance(x, float) for xs in seen for x in xs)


def test_either_side_is_that_of_its_sign():
    differences = Differences(lambda xs: [abs(xs[0]), max(2 * xs[0], 3 * xs[0])], [0.0])
    for k, left, right in ((0, -1, 1), (1, 2, 3)):
        for side, slope in ((-1, left), (1, right)):
            value, error = differences.one_sided(0, side, k)
            assert abs(value - slope) <= error < 1e-9
            assert k or differences.one_sided(0, side) == (value, error)
    assert differences.derivative(0) == differences.derivative(0, 0) != differences.derivative(0, 1)
    assert differences.size(0) == 1
    assert differences.size(0, 1) == 2
