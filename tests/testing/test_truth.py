"""What a truth is made of: derivatives, and how far units of the arguments move them."""

import math
from fractions import Fraction

import pytest

import autograd as ag
from autograd.graph.value import Value
from autograd.testing import Verdict, check_gradients
from autograd.testing.subject import Subject
from autograd.testing.truth import Truth
from autograd.testing.units import unit

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def truth_of(f, *xs):
    return Truth(Subject(f, xs), "auto")


def test_one_sweep_serves_more_than_two_arguments():
    sums = lambda *xs: sum(x * x for x in xs)  # noqa: E731
    assert truth_of(sums, 1.5).jacobian is truth_of(sums, 1.5, 2.5).jacobian is None
    assert truth_of(sums, 1.5, 2.5, 3.5).jacobian is not None
    assert truth_of(lambda *xs: sum(map(float, xs)), 1.5, 2.5, 3.5).jacobian is None


@pytest.mark.parametrize("spare", [(), (7.0,)])  # by one sweep, or one argument after the other
def test_a_reach_is_what_units_of_all_arguments_change(spare):
    """Of x**2 y, 2 x y by x: 2 y units of x and 2 x units of y."""
    x, y = 3.0, 5e10
    truth = truth_of(lambda x, y, *_: x * x * y, x, y, *spare)
    expected = 2 * Fraction(y) * unit(Fraction(x)) + 2 * Fraction(x) * unit(Fraction(y))
    assert float(truth.reach(0, 0)) == pytest.approx(float(expected), rel=1e-12)
    assert truth_of(lambda x: float(x) ** 2, 3.0).reach(0, 0) == 0, "differences know of none"


@pytest.mark.parametrize(("share", "verdict"), [(0.9, PASS), (1.1, FAIL)])
@pytest.mark.parametrize("count", [2, 12])
def test_a_foreign_gradient_may_be_off_by_64_units_of_all_arguments(share, verdict, count):
    """Together: that units of random signs make less of a product of twelve does not count."""
    xs = [1.0 + 0.01 * i for i in range(count)]
    right = [math.prod(xs[:i] + xs[i + 1 :]) for i in range(count)]
    reach = sum(right[0] / x * math.ulp(x) for x in xs[1:])
    assert reach > math.ulp(right[0]) or count == 2
    allowed = 64 * max(reach, math.ulp(right[0]))
    got = [right[0] + share * allowed, *right[1:]]
    product = lambda *xs: math.prod(xs)  # noqa: E731
    found = check_gradients(product, xs, grad=lambda *_: got)
    assert found.findings[0].verdict is verdict
    tight = check_gradients(product, xs, grad=lambda *_: got, max_ulp=16)
    assert tight.findings[0].verdict is FAIL, "a bound that is given is not widened"


def test_a_failure_says_what_it_was_allowed():
    far = check_gradients(ag.exp, (0.01,), grad=lambda x: math.exp(x) * 1.001).findings[0]
    assert (far.verdict, far.allowed) == (FAIL, 64.0)


def test_gradients_at_fractions_are_equal_or_wrong():
    third = Fraction(1, 3)
    cube = lambda x: x * x * x  # noqa: E731
    assert check_gradients(cube, (third,), grad=lambda x: 3 * x * x)
    for off in (Fraction(1, 10**40), 1):
        assert check_gradients(cube, (third,), grad=lambda x, o=off: 3 * x * x + o).verdict is FAIL


def number(x):
    """What a graph loses sight of."""
    return x.data if isinstance(x, Value) else x


@pytest.mark.parametrize("x", [2.0, Fraction(2)])
def test_a_graph_that_was_cut_is_found(x):
    quarter = lambda x: number(x) / 4  # noqa: E731
    assert check_gradients(quarter, (x,)).verdict is FAIL
    assert check_gradients(lambda x: x * 0 + number(x) / 4, (x,)).verdict is FAIL
    assert check_gradients(lambda x: x * 1, (x,)).findings[0].got == 1
    assert check_gradients(lambda x: -x, (x,)).findings[0].got == -1


def test_a_gradient_without_a_right_digit_passes_where_the_arguments_have_none():
    """x**3 - 6 x where its derivative is 0: a unit of x changes all of that."""
    report = check_gradients(lambda x: x * x * x - 6.0 * x, (math.sqrt(2.0),))
    found = report.findings[0]
    assert report
    assert abs(found.got - found.expected) > 0.5 * abs(found.expected)


def test_where_an_operation_is_to_blame_no_doubt_remains():
    """What passes passes all the same."""
    spoiled = ag.primitive(partials=lambda x, out: (3 * x,))(lambda x: x * x)
    for square, verdict in ((lambda x: x * x, INCONCLUSIVE), (spoiled, FAIL)):
        f = lambda x, y, s=square: (s(x) - 2.0) ** 2 + y * y  # noqa: E731
        report = check_gradients(f, (math.sqrt(2.0), 3.0))
        assert [x.verdict for x in report.findings] == [verdict, PASS]


def test_a_bound_that_is_given_decides_also_where_no_digit_is_right():
    """sin(10**4 x) + c x**2, whose second derivative is a difference of 5e7 and 5e7 there."""
    c = 5e7 * math.sin(0.5)
    f = lambda x: ag.sin(1e4 * x) + c * x * x  # noqa: E731
    at = (0.5e-4,)
    assert check_gradients(f, at, order=2).verdict is INCONCLUSIVE
    assert check_gradients(f, at, order=2, atol=1e-3)


def test_options_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        check_gradients(ag.exp, (1.0,), ag.exp)
