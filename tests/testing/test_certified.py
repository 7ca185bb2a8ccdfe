"""What a whole Jacobian is believed by: the precision, random steps, the error, and zeros."""

import math
from fractions import Fraction

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd.functions.calls import Primitive
from autograd.functions.operand import plain as number_of
from autograd.testing.certified import Jacobian
from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.subject import Subject
from autograd.testing.units import exact


def jacobian(f, *args):
    subject = Subject(f, args, several=True)
    return Jacobian(subject, Precise(subject.values, subject.numbers))


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
    """So that one on which a result does not depend is moved without one on which it does.

    The fewest that do are as many as the least set that has so many subsets none of which contains
    another: by Sperner's theorem those of half of its size.
    """
    rows = [{0}, set(range(count)), set()]
    groups = Jacobian._groups(count, rows)
    parts, rest = groups[:-3], groups[-3:]
    assert rest == [set(range(count)) - row for row in rows]
    assert len(parts) == next(n for n in range(10) if math.comb(n, n // 2) >= count)
    for i in range(count):
        for j in set(range(count)) - {i}:
            assert any(i in group and j not in group for group in parts)
    assert Jacobian._groups(count, [{0}]) == [set(range(1, count))]


HIDDEN = [  # the value beside it, what it is multiplied by, the argument, as powers of 2
    (0, 0, 1), (1000, -1000, 1), (1000, -1000, -30), (-1000, -1000, -30), (0, -1074, 0),
    (1000, -2074, None), (0, -1074, -1000), (1000, -2074, 1000), (1000, -2074, -1000),
]  # fmt: skip


@pytest.mark.parametrize(("level", "size", "z"), HIDDEN)
def test_the_smallest_double_is_not_taken_for_0(level, size, z):
    """What the graph does not see nobody watches either; its derivative is 2**-1074 or more."""
    at = 0.7, -1.3, 0.0 if z is None else 2.0**z

    def f(x, y, z):
        hidden = 1 + mpf(2) ** size * number_of(z)
        return [mpf(2) ** level * x * y * hidden]

    found = jacobian(f, *at).confirmed
    assert (0, 0) in found
    assert (2, 0) not in found
    no = jacobian(lambda x, y, z: [2.0**level * x * y + 0 * number_of(z)], *at).confirmed
    assert no[2, 0] == Estimate(Fraction(0), Fraction(0))


def test_no_kink_is_confirmed_wherever_the_random_directions_lead():
    """The engine says 0 at a kink of relu, which is right on the left."""
    found = jacobian(lambda *xs: [ag.relu(x) + x for x in xs], *[0.0] * 16).confirmed
    assert not any((i, i) in found for i in range(16))
    assert (0, 1) in found


def test_a_function_that_takes_no_values_is_differentiated_by_differences():
    """They are confirmed as the engine's rows are: no result with a kink is, and none at a pole."""
    at = 1.0, 2.0, 3.0
    wrapped = lambda x, y, z: [number_of(x) * y, mp.exp(-z), abs(x - 1) + mp.sin(z)]  # noqa: E731
    found = jacobian(wrapped, *at).confirmed
    with mp.workprec(400):
        truths = {(0, 0): 2, (1, 0): 1, (2, 1): -mp.exp(-3)}
        zeros = {(2, 0): 0, (0, 1): 0, (1, 1): 0, (1, 2): 0}
        assert found.keys() == {**truths, **zeros}.keys()
        for place, truth in {**truths, **zeros}.items():
            assert abs(found[place].value - exact(mpf(truth))) <= found[place].error
            assert found[place].error <= abs(exact(mpf(truth))) / 2**60
    for side in (1, -1):
        ends = lambda x, y, z, side=side: [mp.exp(y), mp.nan if side * (x - 1) > 0 else y]  # noqa: E731
        found = jacobian(ends, *at).confirmed
        assert {place for place in found if place[1] == 0} == {(0, 0), (1, 0), (2, 0)}
        assert (0, 1) not in found
        assert found[1, 1].value == 1
    pole = jacobian(lambda x, y, z: [mp.exp(y) + 1 / mp.fsub(x, 1), mp.exp(z)], *at).confirmed
    assert pole == {}


@pytest.mark.parametrize("n", [4, 16])
def test_no_function_is_computed_twice_of_the_same_numbers(n):
    """Moved or not, to either side: three numbers for each argument where zeros are looked for."""
    met = []

    def seen(x):
        met.append((mp.prec, x))
        return mp.exp(x)

    row = Primitive(seen, lambda x: row(x), name="seen", definition=seen, everywhere=True)
    found = jacobian(lambda *xs: [row(x) for x in xs], *[1 + i / n for i in range(n)])
    assert len(found.confirmed) == n * n
    zeros = [x for bits, x in met if bits > 1000]
    assert len(zeros) == len(set(zeros)) == 3 * n


def test_a_first_derivative_without_rules_has_no_reach():
    def none(x):
        raise NotImplementedError

    slope = Primitive(lambda x: 3 * x * x, none, name="slope", everywhere=True)
    cube = Primitive(lambda x: x * x * x, lambda x: slope(x), name="cube", everywhere=True)
    found = jacobian(lambda x, y, z: [cube(x) + y * z], 0.7, -1.3, 2.1)
    assert (0, 0) in found.confirmed
    assert found.reach(0, 0, None) is None


def test_the_reach_of_an_argument_that_does_not_matter_is_0():
    found = jacobian(lambda x, y, z: [x * y, z], 0.7, -1.3, 2.1)
    assert found.reach(2, 0, None) == found.reach(2, 1, None) == 0
    assert found.reach(0, 0, None) == exact(mpf(2.0**-52))  # a unit of y


def test_errors_of_second_derivatives_that_cancel_for_units_of_one_sign_are_noticed():
    """Of cube(x y) by x: e y (y u(x) + x u(y)), which is 0 where y is -x."""
    cube = bent(1.0)
    found = jacobian(lambda x, y, z: [cube(x * y) + z], 1.3, -1.3, 2.0)
    assert (0, 0) in found.confirmed
    assert found.reach(0, 0, None) is None


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
