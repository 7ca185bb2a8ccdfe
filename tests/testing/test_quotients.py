"""The quick truth about functions of one argument: within the error that it states, or none."""

import math

import pytest
from mpmath import mp, mpf

from autograd.testing.quotients import Quotients, Truth, Way, _whole
from autograd.testing.references import Reference

SMOOTH = {  # function, its first and second derivative
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2),
    "a square": (lambda x: x * x, lambda x: 2 * x, lambda x: mpf(2)),
    "exp": (mp.exp, mp.exp, mp.exp),
    "sin": (mp.sin, mp.cos, lambda x: -mp.sin(x)),
    "log1p": (lambda x: mp.log(1 + x), lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2),
    "steep": (lambda x: mp.exp(50 * x), lambda x: 50 * mp.exp(50 * x),
              lambda x: 2500 * mp.exp(50 * x)),
}  # fmt: skip
POINTS = [0.5, 3.0, -0.75, 1e-3, 1e-30, 20.0, 0.0, 2.0**200, 1e40]


@pytest.mark.parametrize("x", POINTS)
@pytest.mark.parametrize("name", SMOOTH)
def test_each_way_is_within_the_error_that_it_states(name, x):
    """Of the ways that settle; and the error is no excuse."""
    f, slope, bend = SMOOTH[name]
    quotients = Quotients(Reference(f))
    settled = 0
    for way in quotients._ways(x):
        found = quotients._tried(x, way)
        if found is None:
            continue
        settled += 1
        with mp.workprec(4000):
            at = mpf(x)
            value, truth, second = f(at), slope(at), bend(at)
            least = mp.ldexp(1, -1080)
            bits = 300 if way.aside else way.bits
            assert abs(found.value - value) <= mp.ldexp(abs(value), 2 - bits) + least
            assert abs(found.slope - truth) <= found.error
            assert found.error <= max(mp.ldexp(abs(truth), -59), least)
            moved = abs(at) * abs(found.bend - second)  # by the argument's own roundings
            assert moved <= abs(at * second) / 1000 + mp.ldexp(abs(truth), -20) + least
    assert settled >= 2


def test_a_step_that_noise_or_bending_hides_does_not_settle():
    """The third difference of x**3 is 6 h**3, of which h is 2**-20 here."""
    cubed = Quotients(Reference(lambda x: x**3))
    assert cubed._tried(1.0, Way(160, -20)) is None  # bends: off by 2**-40
    assert cubed._tried(1.0, Way(160, -40)) is not None
    assert cubed._tried(1.0, Way(160, -120)) is None  # rounds: off by 2**-40
    with mp.workprec(1000):
        assert 6 <= mp.ldexp(cubed._tried(1.0, Way(1000, -40)).error, 80) < 6.01  # thrice, over h


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("size", [0, 40, -40])
def test_where_nothing_moves_the_digits_tell_how_small_a_derivative_may_be(level, size):
    """It takes 12 more than the step and all doubles need, also where all values are 0."""
    flat = Quotients(Reference(lambda x: level + 0 * x))
    x = 2.0**size
    assert flat._tried(x, Way(160, -40)) is None
    for bits, settles in ((1150, False), (1192, False), (1193, True), (1200, True)):
        assert (flat._tried(x, Way(bits + max(0, size), -100)) is not None) is settles


@pytest.mark.parametrize(("bits", "step"), [(160, -40), (300, -100)])
@pytest.mark.parametrize("lost", [1, 20, 50])
def test_the_error_is_twelve_bits_of_the_values_and_four_roundings_of_what_cancelled(
    bits, step, lost
):
    """Those of a straight line; mpmath's own functions cancel nothing, and 0 has not rounded."""
    with mp.workprec(bits):
        h = mp.ldexp(1, step)
        values = [1 - h, mpf(1), 1 + h, 1 + 2 * h]
    of_values, of_terms = mp.ldexp(1, 12 - bits), mp.ldexp(1, lost + 2 - bits)
    both = mp.fadd(of_values, of_terms, exact=True)
    for f, error in ((lambda x: x, both), (mp.sinh, of_values)):
        found = Quotients(Reference(f))._settled(values, lost, Way(bits, step))
        assert found.slope == 1
        assert 0 <= mp.fsub(found.error, mp.ldexp(error, -step), exact=True) <= 4 * error
    for size, rounded in ((-1081, False), (-1080, False), (-1079, True)):
        tiny = [mp.ldexp(y, size - 1) for y in values]
        found = Quotients(Reference(lambda x: x))._settled(tiny, size + 200, Way(bits, step))
        assert (found is None) is rounded


@pytest.mark.parametrize(
    ("size", "noise", "seen"),
    [(1, -71, True), (1, -70, False), (-200, -272, True), (-200, -271, False), (-1080, 5, True),
     (-1079, 5, False), (None, 5, False), (None, -2000, False), (90, 18, True), (89, 18, False)],
)  # fmt: skip
def test_a_value_has_72_bits_beside_what_cancelled_or_is_below_all_doubles(size, noise, seen):
    value = mpf(0) if size is None else -mp.ldexp(1, size - 1)
    assert Quotients(Reference(lambda x: x))._seen(value, noise) is seen
    assert Quotients(Reference(mp.exp))._seen(value, noise) is True


@pytest.mark.parametrize(("off", "again"), [(-50, True), (-60, True), (-71, True), (-73, False)])
def test_a_value_of_few_bits_that_the_value_beside_contradicts_is_computed_again(off, again):
    f = Quotients(Reference(lambda x: x + mp.ldexp(x, off) * (mp.prec <= 300)))
    value = f._tried(2.0**100, Way(900, -100, aside=True)).value
    assert (value == 2.0**100) is again


def test_two_to_the_minus_60_of_a_derivative_settle_it():
    """The third difference of x**4, over its slope, is 6 h**2."""
    fourth = Quotients(Reference(lambda x: x**4))
    assert fourth._tried(1.0, Way(300, -31)) is None  # 1.5 of them
    assert fourth._tried(1.0, Way(300, -32)) is not None


@pytest.mark.parametrize("f", [mp.log, mp.sqrt, lambda x: x * x])
def test_what_goes_straight_is_settled_by_wide_steps(f):
    """Without a second look, which more bits would be for."""
    quotients = Quotients(Reference(f))
    for x in (2.0**45, 2.0**300, -(2.0**1000)):
        found = quotients.at(abs(x) if f in (mp.log, mp.sqrt) else x)
        assert found.slope
        assert not any(quotients._resting)


@pytest.mark.parametrize("lost", [-1, 1, 2])
def test_a_neighbour_without_a_value_settles_nothing(lost):
    """Each of those that a difference is made of."""
    holed = Quotients(Reference(lambda x: mp.nan if x == 1 + lost * mp.ldexp(1, -40) else x))
    assert holed._tried(1.0, Way(160, -40)) is None
    assert holed._tried(1.0, Way(160, -41 if lost == -1 else -42)) is not None
    assert Quotients(Reference(lambda x: mp.nan))._tried(1.0, Way(160, -40)) == Truth(None)


KINKS = [  # function, point -> value, left, right
    (abs, 0.0, 0, -1, 1), (lambda x: abs(x - 1) * 3, 1.0, 0, -3, 3),
    (lambda x: mp.floor(x), 1.0, 1, None, 0), (mp.sqrt, 0.0, 0, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "value", "left", "right"), KINKS)
def test_kinks_have_one_sided_derivatives(f, x, value, left, right):
    assert Quotients(Reference(f)).at(x) == Truth(mpf(value), None, 0, 0, left, right)


@pytest.mark.parametrize("x", [0.0, -1.0])
def test_poles_and_what_is_outside_of_the_domain_have_no_value(x):
    assert Quotients(Reference(mp.log)).at(x) == Truth(None)
    assert Quotients(Reference(mp.log)).precisely(x) == Truth(None)


@pytest.mark.parametrize("x", [0.0, 1e-300, 3.0, 20.0, 1e10])
def test_the_slow_way_says_the_same(x):
    for f, slope, bend in list(SMOOTH.values())[:2]:
        quotients = Quotients(Reference(f))
        found = quotients.precisely(x)
        with mp.workprec(3000):
            at = mpf(x)
            assert abs(found.value - f(at)) <= mp.ldexp(abs(f(at)), -600)
            least = mp.ldexp(1, -1074)
            rounded = mp.ldexp(abs(slope(at)), -250)
            assert abs(found.slope - slope(at)) <= found.error + rounded + least
            assert abs(quotients.bend(x) - bend(at)) <= abs(bend(at)) * mpf(2) ** -58 + least


def test_where_there_is_no_second_derivative_it_counts_as_0():
    assert Quotients(Reference(lambda x: x * abs(x))).bend(0.0) == 0
    assert Quotients(Reference(mp.log)).bend(-1.0) == 0


class Counted:
    """A function that knows how often it was called."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, x):
        self.calls += 1
        return self.f(x)


def test_a_smooth_point_takes_four_evaluations():
    f = Counted(mp.exp)
    quotients = Quotients(Reference(f))
    for x in range(1, 9):
        quotients.at(float(x))
    assert f.calls == 4 * 8


def test_beyond_all_formats_no_derivative_is_looked_for():
    """Where no quick way settles the slow one is not tried; a value of 0 is no such one."""
    for sign in (1, -1):
        quotients = Quotients(Reference(lambda x, sign=sign: sign * mp.exp(mp.exp(x))))
        quotients.precisely = None
        assert quotients.at(1e3) == Truth(sign * mp.exp(mp.exp(mpf(1e3))))
    at_0 = Quotients(Reference(abs)).at(0.0)
    assert (at_0.left, at_0.right) == (-1, 1)


def test_a_function_that_the_quick_ways_got_wrong_is_not_trusted_to_them():
    """x*x is lost at 160 bits."""
    f = lambda x: (1e110 * x + x * x) - 1e110 * x + x  # noqa: E731
    quotients = Quotients(Reference(f))
    assert quotients.at(3.0).slope == 1
    assert quotients.doubted({3.0: quotients.at(3.0)}) == [3.0]
    assert quotients.precisely(3.0).slope == 7


@pytest.mark.parametrize(("off", "disagrees"), [(0, False), (-59, False), (-57, True), (0.5, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_both_ways_have_to_agree_on_some_points(off, disagrees, sign):
    quotients = Quotients(Reference(lambda x: sign * mp.exp(x)))
    right = quotients.at(1.0)
    off = mp.ldexp(abs(right.slope), off) if off < 0 else mpf(off)
    for moved in (off, -off):
        slope = mp.fadd(right.slope, moved, exact=True)
        found = {1.0: Truth(right.value, slope, right.error)}
        assert bool(quotients.doubted(found)) is disagrees
        wide = {1.0: Truth(right.value, slope, off * 2)}
        assert not quotients.doubted(wide)


def test_points_are_doubted_up_to_those_at_which_both_ways_agree():
    """The quick ways take stairs for a line where their steps are of whole stairs."""
    quotients = Quotients(Reference(lambda x: mp.floor(mp.ldexp(x, 30))))
    found = {2.0**k + 0.5 * (k < 52): quotients.at(2.0**k + 0.5 * (k < 52)) for k in range(200)}
    doubted = quotients.doubted(found)
    wrong = [x for x, truth in found.items() if truth.slope]
    assert set(wrong) <= set(doubted)
    assert wrong
    assert len(doubted) < len(wrong) + 200 // 24 + 2
    assert not any(quotients.precisely(x).slope for x in wrong)


def test_where_a_second_sample_finds_more_all_points_are_doubted():
    """Both ways differ at the first point of the first sample, and at one of the second."""
    quotients = Quotients(Reference(mp.exp))
    found = {float(x): Truth(mpf(1), mpf(1)) for x in range(240)}  # each eleventh is looked at
    for more, doubted in ((), 11), ((3.0,), 11), ((16.0,), 240):
        slopes = dict.fromkeys((0.0, *more), mpf(2))
        quotients.precisely = lambda x, slopes=slopes: Truth(mpf(1), slopes.get(x, mpf(1)), mpf(0))
        assert quotients.doubted(found) == [float(x) for x in range(doubted)]


def test_a_sample_is_looked_at_of_what_has_a_moderate_slope():
    """At most 24 points, from all of the run."""
    quotients = Quotients(Reference(mp.exp))
    seen = []
    quotients.precisely = lambda x: seen.append(x) or Truth(mpf(1), mpf(1), mpf(0))
    for count in (1, 23, 24, 47, 48, 1000):
        seen.clear()
        found = {float(x): Truth(mpf(1), mpf(1)) for x in range(count)}
        assert not quotients.doubted(found)
        assert min(count, 12) <= len(seen) <= 24
        assert max(seen) >= 0.9 * (count - 1)
    unfit = [Truth(mpf(1)), Truth(None)]
    unfit += [Truth(mpf(1), mp.ldexp(1, e)) for e in (4100, 3999, -4001, -4100)]
    seen.clear()
    assert not quotients.doubted(dict(enumerate(unfit)))
    assert not seen
    fit = [Truth(mpf(1), mpf(0)), *(Truth(mpf(1), -mp.ldexp(1, e)) for e in (3998, -4000))]
    for truth in fit:
        assert quotients.doubted({2.0: truth}) == [2.0]
        assert seen.pop() == 2.0
    quotients.precisely = lambda x: Truth(mpf(1), left=mpf(0), right=mpf(1))
    assert quotients.doubted({2.0: Truth(mpf(1), mpf(1))}) == [2.0]
    assert math.isfinite(quotients.at(2.0).slope)


def test_a_value_that_cancels_is_no_worse_than_its_digits():
    """e**x - e**-x at 1e-30: 160 bits keep the derivative, and nothing of the value."""
    sinh = Quotients(Reference(lambda x: (mp.exp(x) - mp.exp(-x)) / 2))
    for x in (1e-30, 1e-38, 1e-50, 1e-300, 5e-324):
        for found in (sinh.at(x), sinh.precisely(x)):
            assert abs(found.value - mpf(x)) <= max(abs(mpf(x)) * mpf(2) ** -58, mp.ldexp(1, -1080))
            assert abs(found.slope - 1) <= mpf(2) ** -58


def test_no_power_of_e_is_multiplied_out():
    """mpmath does so at more than 600 bits where the exponent is a whole number."""
    whole = []

    def watched(x):
        whole.append(mp.prec > 600 and mp.isint(x) and abs(x) > 2**64)
        return mp.exp(x)

    for f in (watched, lambda x: watched(x) - 1, lambda x: mp.log1p(watched(x))):
        quotients = Quotients(Reference(f))
        for k in range(70, 1000, 30):
            for sign in (1, -1):
                quotients.at(sign * 2.0**k)
    assert whole
    assert not any(whole)


@pytest.mark.parametrize("x", [2.0**1000, -1.7e308, 1e100])
def test_a_value_at_a_huge_number_has_the_bits_that_its_terms_need(x):
    quotients = Quotients(Reference(lambda x: mp.sin(x) + mp.sin(x + 1)))
    with mp.workprec(3000):
        value, slope = mp.sin(x) + mp.sin(mpf(x) + 1), mp.cos(x) + mp.cos(mpf(x) + 1)
    found = quotients.at(x)
    assert abs(found.value - value) <= abs(value) * mpf(2) ** -58
    assert abs(found.slope - slope) <= abs(slope) * mpf(2) ** -58


def test_no_derivative_is_made_of_the_roundings_of_terms_that_cancel():
    """Between 1 and cos(x) at 160 bits there are few numbers, whose third differences may be 0."""
    quotients = Quotients(Reference(lambda x: 1 - mp.cos(x)))
    for k in range(1, 400):
        x = math.ldexp(1 + k / 512, -k)
        found = quotients.at(x)
        with mp.workprec(3000):
            truth = mp.sin(x)
            assert abs(found.slope - truth) <= max(found.error, truth * mpf(2) ** -58)


def test_a_kink_at_a_huge_number_is_seen():
    for x in (2.0**70, -(2.0**1000)):
        kinked = Quotients(Reference(lambda y, x=x: abs(y - x)))
        assert kinked.at(x) == Truth(mpf(0), None, 0, 0, -1, 1)
        smooth = Quotients(Reference(lambda y, x=x: abs(y - x))).at(x * (1 + 2.0**-52))
        assert abs(smooth.slope) == 1


def test_ways_that_fail_rest_longer_each_time():
    """Four points, eight, ... 64; and no point goes the slow way while one rests."""
    quotients, tried = Quotients(Reference(mp.exp)), []
    ways = [Way(160, -k) for k in range(7)]
    quotients._ways = lambda _: ways
    answer = Truth(mpf(1), mpf(1))
    quotients._tried = lambda x, way: (
        tried.append((x, ways.index(way))) or (answer if way == ways[1] else None)
    )
    for x in range(400):
        assert quotients.at(x) is answer
    assert [x for x, way in tried if way == 0] == [0, 5, 14, 31, 64, 129, 194, 259, 324, 389]
    assert {way for _, way in tried} == {0, 1}
    quotients._resting[1] = 2
    for x in range(3):
        assert quotients.at(x) is answer
    assert quotients._resting[1] == 0


def test_a_way_that_serves_again_rests_as_at_first_when_it_fails_again():
    quotients, tried = Quotients(Reference(mp.exp)), []
    ways, answer = [Way(160, -k) for k in range(7)], Truth(mpf(1), mpf(1))
    quotients._ways = lambda _: ways
    fails = {0, 5, 15}
    quotients._tried = lambda x, way: (
        tried.append((x, ways.index(way)))
        or (answer if way == ways[1] or (way == ways[0] and x not in fails) else None)
    )
    for x in range(25):
        assert quotients.at(x) is answer
    of_first = [x for x, way in tried if way == 0]  # 4 points of rest, 8, and 4 again
    assert of_first == [0, 5, 14, 15, 20, 21, 22, 23, 24]


def test_a_saturated_point_has_the_precision_of_the_last_one():
    """What the tail of tanh takes grows with the argument, and is not what its end takes."""
    precisions = []

    def watched(x):
        precisions.append(mp.prec)
        return mp.tanh(x)

    quotients, most = Quotients(Reference(watched)), []
    for k in range(1000):
        precisions.clear()
        quotients.at(20 + k / 10)
        most.append(max(precisions))
    assert max(most) < 700  # 2 * 120 / log 2 = 346 bits that are 1, 60 to see, 60 of the step
    assert sum(most[:100]) / 100 < 320


@pytest.mark.parametrize("scale", [-40, 0, 40])
def test_the_precision_of_the_last_point_is_one_for_numbers_of_its_scale(scale):
    """What the value is, what cancels to the derivative, 60 bits of it and those of the step."""
    precisions = []

    def watched(x):
        precisions.append(mp.prec)
        return mp.tanh(mp.ldexp(x, -scale))

    quotients, most = Quotients(Reference(watched)), []
    for k in range(300):
        precisions.clear()
        quotients.at((20 + k / 10) * 2.0**scale)
        most.append(max(precisions))
    assert max(most) <= 360
    assert sum(most) / len(most) < 260 + max(0, scale)


SIZES = [*range(-1070, 1025, 7), *range(-12, 12), 63, 64, 65, 66]


@pytest.mark.parametrize("needed", [0, 500, 5000])
def test_every_way_keeps_60_bits_of_a_derivative_and_takes_no_more_than_it_needs(needed):
    """Of a function like its argument, and of one that is about 1 where the argument is tiny."""
    quotients = Quotients(Reference(mp.exp))
    for size in SIZES:
        tiny, huge = max(0, -size), max(0, size)
        quotients._needed = needed
        ways = quotients._ways(math.ldexp(0.75, size))
        assert len(ways) == 7
        for way in ways:
            aside = 2 * huge if way.aside else huge
            assert way.bits + way.step >= size + 60 + 12  # which are noise
            assert way.step <= huge - 44  # far below the argument, or 1
            assert way.bits <= 4000 + 3 * (aside + tiny)
        first, smooth, last, kink, even, waves, steep = ways
        if not needed:
            assert first.bits == smooth.bits == 160
            assert last.bits == (300 + 2 * huge if last.aside else max(176, 60 - size))
        if needed == 5000:
            assert last.bits == (1240 + 2 * huge if last.aside else 1300)
        assert kink.step <= size - 100
        assert kink.bits + kink.step - size >= 240
        if not even.aside:  # 1 + x**2 has a derivative of 2 x, and values that are 1
            assert even.bits + even.step >= 60 + 12 - size
            assert even.bits <= max(1300, 300 + 3 * tiny)
        assert waves.step <= min(size, 0) - 100
        assert waves.bits + waves.step >= huge + 60 + 12
        assert steep.step == min(size, 0) - 1200
        assert steep.bits == 3 * -steep.step - 2 * max(0, -size)


@pytest.mark.parametrize("lost", [None, 0.296875, 0.703125])
def test_what_has_no_value_between_whole_numbers_does_not_go_straight(lost):
    f = lambda x: mp.nan if lost and x - mp.floor(x) == lost else 3 * x  # noqa: E731
    quotients = Quotients(Reference(f))
    for slope in (2, 3, 3 + mpf(2) ** -21, 3 + mpf(2) ** -18):
        straight = quotients._goes_straight(mpf(2) ** 45, Truth(None, mpf(slope)), 160)
        assert straight is (lost is None and abs(slope - 3) < 3 * mpf(2) ** -20)


@pytest.mark.parametrize("digits", [1, 64, 224])
def test_numbers_are_multiples_of_a_unit_below_which_is_cut_off(digits):
    """The largest has so many digits; what is below one of them is 0, or one less than it."""
    with mp.workprec(400):
        sizes = [mpf(3) / 7 * 2**e for e in (0, 10, -10, -70, -300)]
    numbers = [mpf(0), *sizes, *(-x for x in sizes)]
    multiples, unit = _whole(numbers, digits)
    assert max(map(abs, multiples)).bit_length() == digits
    with mp.workprec(1000):
        for x, multiple in zip(numbers, multiples, strict=True):
            assert type(multiple) is int
            assert 0 <= abs(x) - abs(mp.ldexp(multiple, unit)) < mp.ldexp(1, unit)
            assert multiple * x >= 0
    assert _whole([mpf(0), mpf(0)], digits) == ([0, 0], 0)


PERIODIC = {  # function and derivative, where the quick ways take steps of whole numbers
    "sinpi": (mp.sinpi, lambda x: mp.pi * mp.cospi(x)),
    "sincpi": (mp.sincpi, lambda x: (mp.cospi(x) - mp.sincpi(x)) / x),
    "a saw": (lambda x: x - mp.floor(x), lambda x: mpf(1)),
    "stairs": (mp.floor, lambda x: mpf(0)),
    "a line and a wave": (lambda x: x + mp.cospi(2 * x), lambda x: 1 - 2 * mp.pi * mp.sinpi(2 * x)),
}


@pytest.mark.parametrize("x", [2.0**40 + 0.375, 1e12 + 0.25, -(2.0**49) - 0.375, 1e15 - 0.125])
@pytest.mark.parametrize("name", PERIODIC)
def test_a_period_is_not_stepped_over(name, x):
    """At whole numbers apart these look like straight lines."""
    f, slope = PERIODIC[name]
    found = Quotients(Reference(f)).at(x)
    with mp.workprec(2000):
        truth = slope(mpf(x))
        assert abs(found.slope - truth) <= max(mp.ldexp(abs(truth), -58), mp.ldexp(1, -1080))
