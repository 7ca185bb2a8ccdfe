"""What two precisions say of a derivative: what they agree on, and when another is asked."""

import math
from fractions import Fraction

import pytest
from mpmath import mp, mpf

from autograd.testing.oracles import Estimate, Slope
from autograd.testing.precise import Precise, _Level, mpf_of
from autograd.testing.stochastic import is_watched
from autograd.testing.subject import Subject
from autograd.testing.units import exact

LEAST = Fraction(1, 2**1074)


class Known(Precise):
    """The identity, with a noise that is known."""

    def __init__(self, noise=0.0):
        super().__init__(lambda xs: xs[0], [1.0])
        self.noise = mpf(noise)

    def doubt(self, k, bits, step):
        return self.noise


def two(e):
    return mp.ldexp(1, e)


def number(x):
    """Of powers of 2, exactly."""
    return x if x is None else mp.mpf(x) if not isinstance(x, tuple) else mp.fsum(map(two, x))


def level(bits, central=None, left=None, right=None):
    with mp.workprec(4000):
        return _Level(bits, mpf(1), *map(number, (central, left, right)))


def fraction(x):
    return sum((Fraction(2) ** e for e in x), Fraction(0)) if isinstance(x, tuple) else Fraction(x)


ONE = (0,)
AGREED = [  # at 2 precisions (sums of powers of 2), the noise -> value and error of what is agreed
    (ONE, ONE, 0, (1, 0)), ((0, -60), ONE, 0, (1, (-60,))), ((0, -59), ONE, 0, None),
    (ONE, ONE, (-60,), (1, (-60,))), (ONE, ONE, (-59,), None),
    ((0, -61), ONE, (-61,), (1, (-60,))), ((0, -60), ONE, (-60,), None),
    (-1, -1, (-60,), (-1, (-60,))), (-1, -1, (-59,), None), (-1, 1, 0, None),
    (None, ONE, 0, None), (ONE, None, 0, None),
    (0, 0, 0, (0, 0)), (0, 0, (-1075,), (0, 0)), (0, 0, (-1074,), None),
    (0, (-1080,), (-1075,), ((-1080,), (-1075, -1080))), (0, (-1074,), 0, None),
    ((2000,), (2000,), (1940,), ((2000,), 1)), ((2000,), (2000,), (1941,), None),
    ((1999,), (1999,), (1939,), ((1999,), (1939,))), ((2500,), (2500,), 0, ((2500,), 1)),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "noise", "found"), AGREED)
def test_what_is_agreed_on(before, now, noise, found):
    judge = Known()
    judge.noise = number(noise)
    got = judge._agreed(0, level(256, before), level(512, now))
    assert got == (found and Estimate(*map(fraction, found)))


@pytest.mark.parametrize(("apart", "agreed"), [(-10, True), (-9, False)])
def test_one_side_may_be_rough_on_the_scale_of_both(apart, agreed):
    """To 40 bits of it."""
    with mp.workprec(4000):
        scale = two(30)
    for which in ("left", "right"):
        before, now = (level(b, **{which: x}) for b, x in ((256, (0, apart)), (512, ONE)))
        found = Known()._agreed(0, before, now, which, scale)
        assert found == (Estimate(Fraction(1), Fraction(2) ** apart) if agreed else None)
        assert Known()._agreed(0, before, now, which) is None


LAST = [  # bits, which, noise -> whether what noise hides is given with it
    (16_384, "central", (-59,), True), (16_384, "central", (-60,), False),
    (8193, "central", (-59,), True), (8192, "central", (-59,), False),
    (16_384, "left", (-59,), False),
]  # fmt: skip


@pytest.mark.parametrize(("bits", "which", "noise", "given"), LAST)
def test_at_the_last_precision_noise_is_the_error(bits, which, noise, given):
    """Where it hides the digits; else the precisions simply do not agree."""
    judge = Known()
    judge.noise = number(noise)
    before, now = (level(bits, **{"central": x, which: x}) for x in ((0, -20), ONE))
    found = judge._agreed(0, before, now, which)
    assert found == (Estimate(Fraction(1), fraction((-20, *noise))) if given else None)
    judge.noise = mp.inf
    if which == "central":
        hidden = judge._agreed(0, before, now)
        assert hidden == (Estimate(Fraction(1), Fraction(2) ** 20_000) if bits > 8192 else None)


def test_noise_below_all_doubles_hides_nothing():
    judge = Known()
    for noise, hidden in (((-1074,), False), ((-1074, -1090), True)):
        judge.noise = number(noise)
        assert judge._drowned(0, level(512, 0)) is hidden
        assert judge._drowned(0, level(512, -1)) is judge._drowned(0, level(512, 1)) is False
    judge.noise = number((-1000,))
    assert judge._drowned(0, level(512, (-930,))) is False
    assert judge._drowned(0, level(512, (-950,))) is True


def estimate(value, error=0):
    return Estimate(fraction(value), fraction(error))


KINK = (None, -1, 1)  # central, left, right
SETTLED = [  # before, now (at 512 bits if nothing else is said) -> the slope
    ((None, None, None), (None, None, None), Slope(None)),
    ((0, -1, 1), (0, -1, 1), Slope(None, estimate(-1), estimate(1))),
    ((0, 1, 1), (0, 1, 1), Slope(estimate(0))),  # a difference of both sides is what is central
    ((1, 1, 1), (1, 1, (0, -86)), Slope(estimate(1))),  # of sizes that fall with the precision
    ((1, 1, (0, -50)), (1, 1, (0, -80)), Slope(estimate(1))),
    ((1, 1, (0, -50)), (1, 1, (0, -81)), Slope(estimate(1))),
    ((None, None, 1), (1, 1, (0, -20)), None),
    ((1, 1, (0, -50)), (1, 1, (0, -79)),
     Slope(None, estimate(1), Estimate(1 + Fraction(1, 2**79), Fraction(2**29 - 1, 2**79)))),
    ((None, None, 1), (None, None, 1), Slope(None, None, estimate(1))),
    ((None, 1, None), (None, 1, None), Slope(None, estimate(1))),
    ((None, None, 1), (None, None, 2), None),
    ((None, None, 1), (1, 1, 1), None),
    ((1, 1, 1), (None, None, 1), Slope(None, None, estimate(1))),
    ((1, 1, 1), (2, 2, 2), None),
    ((0, -1, 1), (0, -1, 2), None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "slope"), SETTLED)
def test_a_derivative_settles_where_the_sides_agree_and_a_kink_where_each_does(before, now, slope):
    assert Known()._settled(0, level(256, *before), level(512, *now)) == slope


@pytest.mark.parametrize(("size", "smooth"), [(-86, True), (-85, False)])
def test_sides_are_alike_to_a_sixth_of_the_bits(size, smooth):
    """Of 512 bits; at 256 they were as far apart."""
    for one, other in ((1, (0, size)), ((0, size), 1)):
        levels = [level(bits, 1, one, other) for bits in (256, 512)]
        found = Known()._settled(0, *levels)
        assert (found.derivative is not None) is smooth


@pytest.mark.parametrize(("bits", "last"), [(9000, True), (8192, True), (8191, False)])
def test_what_does_not_settle_has_the_sides_that_do(bits, last):
    apart = level(256, 0, -1, 1), level(bits, 0, -1, 2)
    assert Known()._settled(0, *apart) == (Slope(None, estimate(-1)) if last else None)


@pytest.mark.parametrize(("bits", "last"), [(8192, True), (4096, True), (4095, False)])
def test_one_side_that_does_not_settle_is_given_up(bits, last):
    alone = level(256, None, None, 1), level(bits, None, None, 2)
    assert Known()._settled(0, *alone) == (Slope(None) if last else None)


def test_noise_that_hides_a_jump_leaves_it_open():
    judge = Known(1.0)
    assert judge._settled(0, level(256, 0, -1, 1), level(512, 0, -1, 1)) is None
    found = judge._settled(0, level(8192, 0, -1, 1), level(16_384, 0, -1, 1))
    assert found == Slope(Estimate(Fraction(0), Fraction(1)))


def test_precisions_are_doubled_until_two_agree():
    tried = []

    def at(bits, central=1.0):
        tried.append(bits)
        return level(bits, central)

    judge = Known()
    assert judge._rising(at, lambda a, b: None) is None
    assert tried == [256, 512, 1024, 2048, 4096, 8192, 16_384]
    tried.clear()
    assert judge._rising(at, lambda a, b: (a.bits, b.bits) if b.bits > 999 else None) == (512, 1024)
    assert tried == [256, 512, 1024]
    tried.clear()
    assert judge._rising(lambda bits: at(bits, 0), lambda a, b: None) is None
    assert tried == [256, 512, 2048, 4096, 8192, 16_384]  # a second 0 asks for many digits


def test_a_step_is_a_share_of_the_bits_below_the_argument():
    judge = Precise(lambda xs: xs[0], [0.0, 3.0, -1e-300, 2.0**60])
    for i, scale in enumerate((0, 2, -996, 61)):
        x, step = judge._step(i, 256, 3)
        assert (x, step) == (mpf(judge.xs[i]), mp.ldexp(1, scale - 85))


def test_values_are_those_of_finite_real_numbers():
    def f(xs):
        return [xs[0], mp.inf, mp.nan, mp.mpc(1, 1), 3, xs[0] / 3]

    judge = Precise(f, [2.0])
    assert judge.value() == judge.value(0)
    assert [judge.value(k) for k in (1, 2, 3)] == [None] * 3
    for k, value in ((0, Fraction(2)), (4, Fraction(3)), (5, Fraction(2, 3))):
        assert abs(judge.value(k).value - value) <= judge.value(k).error <= Fraction(1, 2**61)


@pytest.mark.parametrize("error", [ZeroDivisionError(), ValueError("pole"), OverflowError()])
def test_a_pole_has_no_value_and_is_remembered(error):
    def f(xs):
        raise error

    judge = Precise(f, [0.0])
    assert judge.value() is None
    assert judge.slope(0) == judge.curvature(0, 0) == Slope(None)
    assert judge.trouble is error


def test_an_evaluation_is_made_once():
    calls = []

    def f(xs):
        calls.append(xs)
        return [xs[0] * xs[1], xs[0]]

    judge = Precise(f, [2.0, 3.0])
    first = judge.slope(0, 1)
    count = len(calls)
    assert judge.slope(0, 1) is first
    assert judge.slope(0) is judge.slope(0, 0) != first
    assert len(calls) == count
    second = judge.curvature(0, 1)
    assert judge.curvature(0, 1) is second
    assert float(second.derivative.value) == 1


def test_mixed_second_derivatives_are_those_of_their_arguments():
    """x**2 y + 3 y**3 and z x: all six, and of which argument."""
    judge = Precise(
        lambda xs: [xs[0] ** 2 * xs[1] + 3 * xs[1] ** 3, xs[2] * xs[0]], [2.0, -3.0, 5.0]
    )
    wanted = {(0, 0): -6.0, (0, 1): 4.0, (1, 1): -54.0, (0, 2): 0.0, (2, 2): 0.0}
    for (i, j), value in wanted.items():
        for found in (judge.curvature(i, j).derivative, judge.curvature(j, i, 0).derivative):
            assert float(found.value) == pytest.approx(value, rel=1e-17, abs=1e-300)
    assert float(judge.curvature(0, 2, 1).derivative.value) == 1
    assert judge.curvature(0, 0, 1).derivative.value == 0
    edge = Precise(lambda xs: mp.sqrt(xs[0]), [0.0])
    assert edge.curvature(0, 0) == Slope(None)
    assert math.isfinite(
        float(Precise(lambda xs: xs[0] ** 4, [0.0]).curvature(0, 0).derivative.value)
    )


def test_a_mixed_quotient_is_over_both_steps():
    """A fifth of the bits below each argument; none where one of four corners has no value."""
    level = Precise(lambda xs: xs[0] * xs[1], [2.0, 12.0])._mixed(0, 1, 0, 256)
    assert (level.bits, level.central) == (256, 1)
    assert level.step == mp.ldexp(1, (2 - 51) + (4 - 51))
    for corner in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        gone = lambda xs, at=corner: (  # noqa: E731
            mp.nan if ((xs[0] - 2) * at[0] > 0) and (xs[1] - 12) * at[1] > 0 else xs[0]
        )
        assert Precise(gone, [2.0, 12.0])._mixed(0, 1, 0, 256).central is None


def judged(f, *xs, several=False):
    return Precise(Subject(f, xs, several=several).values, list(xs))


def test_quotients_of_both_sides_are_those_of_their_side():
    """Of a kink at 2 with the slopes -3 and 5, by the second argument."""
    f = lambda x, y: x + 5 * y if y > 2 else x - 3 * y + 16  # noqa: E731
    level = judged(f, 1.0, 2.0)._sides(1, 0, 256)
    assert (level.central, level.left, level.right) == (1, -3, 5)
    assert (level.bits, level.step) == (256, mp.ldexp(1, 2 - 85))
    lost = judged(lambda x: x if x > 2 else mp.nan, 2.0)._sides(0, 0, 256)
    assert (lost.central, lost.left, lost.right) == (None, None, None)
    right = judged(lambda x: x if x >= 2 else mp.nan, 2.0)._sides(0, 0, 256)
    assert (right.central, right.left, right.right) == (None, None, 1)
    left = judged(lambda x: x if x <= 2 else mp.nan, 2.0)._sides(0, 0, 256)
    assert (left.central, left.left, left.right) == (None, 1, None)


@pytest.mark.parametrize(
    ("a", "start"), [(10, 256), (84, 256), (100, 279), (200, 429), (2000, 3129), (3000, 4096)]
)
def test_one_and_a_half_times_the_exponents_are_covered(a, start):
    """From 1 to 3 * 2**a: a + 1 of them, and 128 bits beside; a quarter of the largest at most."""
    large = 2.0 ** min(a, 1000)
    f = lambda x: large * (1 if a <= 1000 else mpf(2) ** (a - 1000)) * x + 1  # noqa: E731
    assert judged(f, 3.0).start == start
    uncovered = Precise(Subject(f, (3.0,)).values, [3.0], covers=False)
    assert uncovered.start == 256


@pytest.mark.parametrize("a", [0, 40, 80])
def test_the_noise_is_of_the_size_of_roundings_and_falls_with_the_last_digit(a):
    judge = judged(lambda x: (2.0**a + x / 3) - 2.0**a, 1.7)
    (noise,), _ = judge._survey(256)
    last = 2.0 ** (a + 1 - 256)
    assert last / 64 <= noise <= last * 2
    for bits in (256, 512, 1024):
        guarded = judge.doubt(0, bits, mp.ldexp(1, -85))
        assert guarded == mp.ldexp(noise, 32 + 85 + 256 - bits)


SURVEYS = {  # at so many bits: the noise, and the bits that cover what it met
    128: (7, 0), 256: (1, 300), 512: (3, 400), 700: (5, 700), 1024: (2, 2000), 2048: (6, 2000),
}  # fmt: skip


@pytest.mark.parametrize(
    ("bits", "noise", "at"),
    [(128, 7, 128), (256, 1, 256), (511, 4, 511), (512, 3, 512), (600, 3, 512), (700, 5, 700),
     (1024, 5, 700), (2047, 5, 700), (2048, 6, 2048), (4096, 6, 2048)],
)  # fmt: skip
def test_doubt_is_the_noise_of_the_last_survey_that_covered_what_it_met(bits, noise, at):
    """Or of one at these bits; it falls with the last digit and is divided by the step."""
    judge = Precise(lambda xs: xs[0], [1.0])
    judge._surveys = {x: ([None, mpf(n)], needed) for x, (n, needed) in SURVEYS.items()}
    judge._surveyed = lambda bits: ([None, mpf(4)], 10_000)
    step = mp.ldexp(1, -85)
    assert judge.doubt(1, bits, step) == mp.ldexp(noise, 32 + at - bits + 85)
    assert judge.doubt(0, bits, step) == mp.inf


def test_a_fraction_is_the_quotient_of_its_numbers():
    with mp.workprec(200):
        assert mpf_of(mp, Fraction(-2, 3)) == mpf(-2) / 3
        assert mpf_of(mp, 0.1) == mpf(0.1)


@pytest.mark.parametrize("side", [1, 0, -1])
def test_noise_is_seen_wherever_beside_the_point_there_is_a_value(side):
    """On the right, on the left, or at the point alone; that a result has none is said of it."""

    def f(x):
        inside = {1: x > 2, 0: x == 2, -1: x < 2}[side]
        return [(2.0**40 + x / 3) - 2.0**40 if inside else mp.nan, mp.nan]

    (noise, none), covers = judged(f, 2.0, several=True)._survey(256)
    assert 2.0 ** (41 - 256) / 64 <= noise <= 2.0 ** (42 - 256)
    assert none is None
    assert covers == 128 + (41 - 0) * 3 // 2  # from x/3 to 2**40 and more


def test_the_error_of_a_value_is_its_doubt():
    judge = judged(lambda x: (2.0**40 + x / 3) - 2.0**40, 1.7)
    error, doubt = judge.value().error, exact(judge.doubt(0, 512, 1))
    assert doubt <= error <= doubt + Fraction(1, 2**200)


def test_what_rounds_nothing_has_no_noise_and_what_has_no_value_has_no_bound():
    judge = judged(lambda x: [x, x + x, mp.nan], 1.5, several=True)
    (one, two, none), _ = judge._survey(256)
    assert (one, two, none) == (0, 0, None)
    assert judge.doubt(0, 256, mpf(1)) == 0
    assert judge.doubt(2, 256, mpf(1)) == mp.inf
    shy = Precise(lambda xs: [xs[0], mp.nan if is_watched(xs[0]) else mpf(1)], [1.5])
    assert shy._survey(256)[0][1] is None
    for error in (ValueError, OverflowError):

        def refuses(xs, error=error):
            if is_watched(xs[0]):
                raise error
            return [xs[0], mpf(1)]

        assert Precise(refuses, [1.5])._survey(256) == ([None, None], 0)
    nowhere = judged(lambda x: mp.nan, 1.5)
    assert nowhere.doubt(0, 256, mpf(1)) == mp.inf


@pytest.mark.parametrize("x", [1.0, 1e-30, 30.0])
def test_what_functions_of_mpmath_round_is_16_units_of_the_result_or_of_1(x):
    (noise,), _ = Precise(lambda xs: mp.sinh(xs[0]), [x])._survey(256)
    assert abs(noise / mp.ldexp(max(1, abs(mp.sinh(x))), 4 - 256) - 1) < 1e-9
