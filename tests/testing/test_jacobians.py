"""Whole Jacobians from a few evaluations: believed only where differences of values agree."""

import math
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd.functions.calls import Primitive
from autograd.functions.operand import plain as number_of
from autograd.testing import Verdict, check_gradients, check_numpy, check_vjp
from autograd.testing.certified import Jacobian
from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.subject import Subject
from autograd.testing.units import exact

PASS, FAIL = Verdict.PASS, Verdict.FAIL


def jacobian(f, *args, several=True):
    subject = Subject(f, args, several=several)
    return Jacobian(subject, Precise(subject.values, subject.numbers))


FUNCTIONS = {
    "a product": lambda x, y, z: [x * y * z],
    "a sum of scales": lambda x, y, z: [1e150 * x + 1e-150 * y + z],
    "elementwise": lambda x, y, z: [ag.tanh(x), ag.exp(y), ag.sin(z)],
    "saturated": lambda x, y, z: [ag.tanh(30 * x) + y, ag.sigmoid(-400 * z)],
    "a softmax": lambda x, y, z: ag.softmax([x, y, z]),
    "a branch": lambda x, y, z: [x * y if x > 0 else z, ag.relu(-x) + y],
    "absorbed": lambda x, y, z: [(1e40 * x + y) - 1e40 * x, z * z],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_what_one_argument_after_the_other_gives(name):
    f, at = FUNCTIONS[name], (0.7, -1.3, 2.1)
    found = jacobian(f, *at)
    one_by_one = Precise(Subject(f, at, several=True).values, list(at))
    for k in range(len(f(*at))):
        for i in range(3):
            truth, other = one_by_one.slope(i, k).derivative, found.confirmed[i, k]
            assert abs(truth.value - other.value) <= truth.error + other.error
            assert other.error <= abs(other.value) / 2**59


def test_it_holds_against_closed_forms():
    found = jacobian(lambda x, y, z: [ag.exp(x * y) / z, ag.log(x)], 0.7, -1.3, 2.1)
    with mp.workprec(400):
        x, y, z = map(mpf, (0.7, -1.3, 2.1))
        e = mp.exp(x * y)
        truths = [[y * e / z, x * e / z, -e / z**2], [1 / x, mpf(0), mpf(0)]]
        for k, row in enumerate(truths):
            for i, truth in enumerate(row):
                estimate = found.confirmed[i, k]
                assert abs(estimate.value - exact(truth)) <= estimate.error
                assert estimate.error <= abs(exact(truth)) / 2**60


@pytest.mark.parametrize("off", [1.0, 1e-9, 2.0**-52])
def test_a_wrong_rule_is_not_believed(off):
    """Of this library or of the user: values decide, and the right gradient passes."""
    wrong = Primitive(
        lambda x: x * x * x,
        lambda x: 3 * x * x * (1 + off),
        name="cubed",
        everywhere=True,
    )
    f = lambda x, y, z: wrong(x) * y + z  # noqa: E731
    at = (0.7, -1.3, 2.1)
    assert jacobian(f, *at, several=False).confirmed == {}
    right = lambda x, y, z: (3 * x * x * y, x**3, 1.0)  # noqa: E731
    assert check_gradients(f, at, grad=right)
    if off >= 1e-9:
        assert check_gradients(f, at).verdict is FAIL
        spoiled = lambda x, y, z: (3 * x * x * y * (1 + off), x**3, 1.0)  # noqa: E731
        assert check_gradients(f, at, grad=spoiled).verdict is FAIL


@pytest.mark.parametrize("size", [1.0, 1e-30, 1e-300])
def test_what_the_graph_does_not_see_is_not_taken_for_0(size):
    """z goes by as a plain number: no path leads to it, but the value depends on it."""
    f = lambda x, y, z: x * y + size * number_of(z) ** 2  # noqa: E731
    at = (0.7, -1.3, 2.0)
    assert (2, 0) not in jacobian(f, *at, several=False).confirmed
    right = lambda x, y, z: (y, x, 2 * size * z)  # noqa: E731
    assert check_gradients(f, at, grad=right)
    assert check_gradients(f, at, grad=lambda x, y, z: (y, x, 0.0)).verdict is FAIL
    assert check_gradients(f, at).verdict is FAIL


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda x, y, z: abs(x) + y + z, (0.0, 1.0, 2.0)),
        (lambda x, y, z: ag.relu(x) * 1e-300 + y + z, (0.0, 1.0, 2.0)),
        (lambda x, y, z: ag.sqrt((x - 1) ** 2 + 1e-200) + y + z, (1.0, 1.0, 2.0)),
        (lambda x, y, z: x + 1e-80 * ag.sin(1e100 * x) + y + z, (0.0, 1.0, 2.0)),
    ],
)
def test_kinks_and_what_looks_like_them_go_one_argument_after_the_other(f, at):
    """The derivative by x is none, or one that a step of differences would not see."""
    found = jacobian(f, *at, several=False).confirmed
    judged = Precise(Subject(f, at).values, list(at)).slope(0).derivative
    assert (0, 0) not in found or abs(found[0, 0].value - judged.value) <= judged.error


def test_maxima_at_a_tie_are_kinks():
    f = lambda x, y, z: ag.maximum(x, y) + z  # noqa: E731
    report = check_gradients(f, (2.0, 2.0, 1.0), grad=lambda *_: (0.5, 0.5, 1.0))
    assert [x.verdict for x in report.findings] == [None, None, PASS]


class Counted:
    """A function that knows how often it was called."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, *args):
        self.calls += 1
        return self.f(*args)


@pytest.mark.parametrize("n", [10, 40, 160])
def test_a_right_gradient_takes_a_few_evaluations_however_many_arguments(n):
    x = np.linspace(-2, 2, n)
    f = Counted(lambda x: np.sum(np.log(np.cosh(x))))
    assert check_numpy(f, np.tanh, x)
    assert f.calls <= 12


@pytest.mark.parametrize("n", [10, 40, 160])
def test_elementwise_functions_take_as_many_as_the_logarithm(n):
    x = np.linspace(-2, 2, n)
    f = Counted(lambda x: x * x + np.sin(x))
    assert check_vjp(f, lambda c, x: c * (2 * x + np.cos(x)), (x,))
    assert f.calls <= 12 + 4 * math.ceil(math.log2(n))


def test_differences_of_floats_take_one_evaluation_for_all_results():
    calls = {}
    for n in (1, 8):

        def f(x, n=n):
            if x.dtype.name != "float64":
                raise ValueError("Buffer dtype mismatch")
            return np.exp(np.outer(np.ones(n), x)).ravel()

        counted = Counted(f)
        vjp = lambda c, x, n=n: c.reshape(n, -1).sum(0) * np.exp(x)  # noqa: E731
        assert check_vjp(counted, vjp, (np.linspace(-1, 1, 5),))
        calls[n] = counted.calls
    assert calls[1] == calls[8] <= 5 * 30 + 15


def test_wider_bounds_are_looked_for_only_where_they_matter():
    """A unit of a large argument moves a cosine by many of its own."""
    f = Counted(lambda x: np.sum(np.sin(x)))
    x = np.linspace(0.1, 1.2, 12)
    assert check_numpy(f, np.cos, x)
    plain = f.calls
    x[3] = 1e6 + 0.25
    near = lambda x: np.cos(x * (1 + 2.0**-52))  # noqa: E731  (a unit of x, and no more)
    assert check_numpy(f, near, x)
    assert f.calls > 2 * plain
    far = lambda x: np.cos(x * (1 + 2.0**-52 * 1e3))  # noqa: E731
    assert check_numpy(f, far, x).verdict is FAIL


def test_the_reach_of_units_is_the_sum_of_second_derivatives():
    """|f_xx| u(x) + |f_xy| u(y) + |f_xz| u(z), from closed forms."""
    at = (0.7, -1.3, 2.1)
    found = jacobian(lambda x, y, z: x * x * y + x * z**3, *at, several=False)
    x, y, z = at
    units = [math.ulp(a) for a in at]
    by_x = abs(2 * y) * units[0] + abs(2 * x) * units[1] + 3 * z * z * units[2]
    assert float(found.reach(0, 0, None)) == pytest.approx(by_x, rel=1e-14)
    by_z = 3 * z * z * units[0] + 6 * x * z * units[2]
    assert float(found.reach(2, 0, None)) == pytest.approx(by_z, rel=1e-14)
    assert found.reach(2, 0, exact(mpf(10))) == found.reach(2, 0, None)
    few = found.reach(2, 0, exact(mpf(1e-30)))
    assert exact(mpf(1e-30)) <= few <= found.reach(2, 0, None)


def at_scales():
    """A Jacobian at arguments of scales 1, -39 and 0."""
    return jacobian(lambda x, y, z: [x + y + z], 1.0, 2.0**-40, 0.0)


SPREADS = [  # the rows, the values, as powers of 2 -> bits from the largest to the least of one
    ([{0: 0}], [0], 0), ([{0: 0, 1: 0}], [0], 40), ([{0: 0, 1: 40}], [0], 0),
    ([{0: 0, 2: 0}], [1], 1), ([{0: 0}], [30], 29), ([{0: 30}], [0], 0), ([{0: -30}], [0], 29),
    ([{1: 1540, 0: 0}], [0], 1500), ([{1: 1541, 0: 0}], [0], 0), ([{1: 1541, 0: 0}], [1504], 2),
    ([{0: 5}, {0: 0}], [0, 9], 8), ([{0: 0}, {0: 5}], [9, 0], 8), ([{0: -30}], [None], 0),
    ([{0: 0}, {0: -30}], [4, None], 3), ([{0: -30}, {0: 0}], [None, 4], 3), ([{}], [7], 0),
    ([{0: 3, 1: None}], [0], 0),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "values", "spread"), SPREADS)
def test_the_spread_is_from_the_largest_term_to_what_the_least_argument_contributes(
    rows, values, spread
):
    """Of numbers near 2**e; what is 1500 bits below is not looked for."""
    near = lambda e: mpf(0) if e is None else mp.ldexp(1.25, e)  # noqa: E731
    rows = [{i: near(e) for i, e in row.items()} for row in rows]
    values = [None if e is None else near(e) for e in values]
    assert at_scales()._spread(rows, values) == spread


@pytest.mark.parametrize(("a", "more"), [(15, 0), (16, 0), (17, 34), (200, 400), (1600, 0)])
def test_the_precision_covers_what_the_largest_term_hides(a, more):
    large = 2.0**a if a < 1024 else 2.0**800
    found = jacobian(
        lambda x, y, z: [large * x * (2.0**800 if a > 1023 else 1) + y + z], 1.0, 1.0, 1.0
    )
    assert found.bits == found.judge.start + 64 + more


def test_a_way_goes_along_the_chosen_arguments_by_a_random_part_of_each():
    """From a half of its power of 2 up to all of it, on both sides."""
    found = at_scales()
    ways = [found._way([0, 1], -20) for _ in range(200)]
    assert {way[2] for way in ways} == {0}
    for i, scale in ((0, 1), (1, -39)):
        parts = [mp.ldexp(way[i], 20 - scale) for way in ways]
        assert all(0.5 <= abs(x) <= 1 for x in parts)
        for sign in (1, -1):
            assert min(sign * x for x in parts if sign * x > 0) < 0.55
            assert max(sign * x for x in parts) > 0.95


TAKEN = [  # argument, the error of what is scaled, the derivative -> whether it is taken
    (0, -59, 0, True), (0, -58, 0, False), (1, -99, 0, True), (1, -98, 0, False),
    (0, -60, -1, True), (0, -59, -1, False), (2, -60, 0, True), (2, -59, 0, False),
    (2, -1075, -1100, True), (2, -1074, -1100, False), (2, -1100, None, False),
]  # fmt: skip


@pytest.mark.parametrize(("i", "error", "size", "taken"), TAKEN)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_derivative_is_taken_with_60_bits_or_below_all_doubles(i, error, size, taken, sign):
    found = at_scales()
    found.confirmed.clear()
    derivative = mpf(0) if size is None else sign * mp.ldexp(1, size)
    found._take(7, {i: derivative}, mp.ldexp(1, error))
    assert ((i, 7) in found.confirmed) is taken
    if taken:
        own = Fraction(2) ** (error - (1, -39, 0)[i])
        assert found.confirmed[i, 7] == Estimate(exact(derivative), own)


class Spoiled(Precise):
    """A judge one of whose evaluations is off, and whose doubt is known."""

    off = spoiled = count = 0

    def values(self, xs):
        found = [mpf(y) for y in super().values(xs)]
        self.count += 1
        if self.count == self.spoiled:
            found[0] += self.off
        return found

    def doubt(self, k, bits, step):
        return mp.ldexp(k + 1, -200)


def test_what_differences_leave_over_is_the_error_2_to_the_31():
    """Of any of the four; a part of a way may be half of its scale."""
    subject = Subject(lambda x, y: [x + y, x - y], (1.0, 2.0**-40), several=True)
    judge = Spoiled(subject.values, subject.numbers)
    found = Jacobian(subject, judge)
    for k in (0, 1):
        assert found.confirmed[0, k].error == Fraction(k + 1, 2**200) * 2**30
        assert found.confirmed[1, k].error == Fraction(k + 1, 2**200) * 2**31 * 2**39
    half = judge.start // 2 + 32 + 40  # both have a spread of 40
    ratios = []
    for spoiled in range(1, 13):
        for off in (1, -1):
            judge = Spoiled(subject.values, subject.numbers)
            judge.spoiled, judge.off = spoiled, mp.ldexp(off, -110 - half)
            found = Jacobian(subject, judge)
            assert found.bits // 2 == half
            ratios.append(found.confirmed[0, 0].error * 2**80)
            assert found.confirmed[0, 1].error == Fraction(2, 2**200) * 2**30
    assert ratios.count(1 + Fraction(1, 2**90)) == 2 * (4 + 1)  # or of the one that they start from
    assert ratios.count(Fraction(1, 2**90)) == len(ratios) - 10


@pytest.mark.parametrize("count", range(1, 10))
def test_groups_part_every_two_arguments(count):
    """So that one on which a result does not depend is moved without one on which it does."""
    rows = [{0}, set(range(count)), set()]
    groups = Jacobian._groups(count, rows)
    halves, rest = groups[:-3], groups[-3:]
    assert rest == [set(range(count)) - row for row in rows]
    assert len(halves) == 2 * math.ceil(math.log2(count))
    for i in range(count):
        for j in set(range(count)) - {i}:
            assert any(i in group and j not in group for group in halves)
    assert Jacobian._groups(count, [{0}]) == [set(range(1, count))]


HIDDEN = [  # the value beside it, what it is multiplied by, the argument that the graph misses
    (1.0, 1.0, 2.0), (1e300, 1e-300, 2.0), (1e300, 1e-300, 1e-8), (1e-300, 1e-300, 1e-8),
    (1.0, 5e-324, 1.0), (1e300, 5e-324, 0.0), (1.0, 5e-324, 1e-300), (1e300, 5e-324, 1e300),
    (1e-300, 5e-324, 1e-300), (1e300, 5e-324, 1e-300),
]  # fmt: skip


@pytest.mark.parametrize(("level", "size", "z"), HIDDEN)
def test_the_smallest_double_is_not_taken_for_0(level, size, z):
    f = lambda x, y, z: [level * x * y + size * number_of(z)]  # noqa: E731
    found = jacobian(f, 0.7, -1.3, z).confirmed
    assert (0, 0) in found
    assert (2, 0) not in found
    no = jacobian(lambda x, y, z: [level * x * y + 0 * number_of(z)], 0.7, -1.3, z).confirmed
    assert no[2, 0] == Estimate(Fraction(0), Fraction(0))


@pytest.mark.parametrize("side", [1, -1])
def test_a_change_on_one_side_is_a_change(side):
    bent = lambda z: z if side * (z - 2) > 0 else 2  # noqa: E731
    found = jacobian(lambda x, y, z: [x * y + bent(number_of(z))], 0.7, -1.3, 2.0).confirmed
    assert (2, 0) not in found
    lost = lambda z: mp.nan if side * (z - 2) > 0 else 0  # noqa: E731
    assert (2, 0) not in jacobian(
        lambda x, y, z: [x * y + lost(number_of(z)), x], 0.7, -1.3, 2.0
    ).confirmed


def test_no_precision_is_spent_on_zeros_of_results_beyond_all_formats():
    """exp(6000) has 8656 bits before the point, and half of the largest precision is 8192."""
    f = lambda x, y, z: [ag.exp(6000 * x) + 0 * y, x + z]  # noqa: E731
    found = jacobian(f, 1.0, 2.0, 3.0).confirmed
    assert {(0, 1), (2, 1)} <= set(found)
    assert not {(1, 0), (2, 0), (1, 1)} & set(found)
    near = jacobian(lambda x, y, z: [ag.exp(1000 * x) + 0 * y, x + z], 1.0, 2.0, 3.0).confirmed
    assert {(1, 0), (2, 0), (1, 1)} <= set(near)


def bent(off):
    """x**3, whose first derivative is right and whose second one is off."""
    slope = Primitive(
        lambda x: 3 * x * x, lambda x: 6 * x * (1 + off), name="slope", everywhere=True
    )
    return Primitive(lambda x: x * x * x, lambda x: slope(x), name="bent", everywhere=True)


@pytest.mark.parametrize(
    ("off", "known"),
    [(1.0, False), (-1.0, False), (2.0**-52, False), (-(2.0**-52), False), (0.0, True)],
)
def test_second_derivatives_have_to_agree_with_changes_of_the_first(off, known):
    """The second one of x by x, of y by x and of z."""
    cube = bent(off)
    found = jacobian(lambda x, y, z: [cube(x) * y + z], 0.7, -1.3, 2.1)
    assert (0, 0) in found.confirmed
    assert (found.reach(0, 0, None) is not None) is known
    assert found.reach(2, 0, None) == 0
    assert found.reach(3, 0, None) is found.reach(0, 1, None) is None
    enough = found.reach(0, 0, Fraction(1, 10**30))
    assert enough > Fraction(1, 10**30)
    assert found.reach(0, 0, enough) == enough  # as much as is enough
