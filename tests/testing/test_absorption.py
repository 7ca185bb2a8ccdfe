"""Terms that the precision at hand absorbs: no wrong gradient passes, no right one fails.

All truths are closed forms of the function as it is written, over the real numbers.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.testing import (
    Verdict,
    check_gradients,
    check_numpy,
    check_primitive,
    check_vjp,
    taylor_test,
)
from autograd.testing.differences import Differences
from autograd.testing.precise import Precise
from autograd.testing.stochastic import scatter
from autograd.testing.subject import Subject

FAIL, INCONCLUSIVE, PASS = Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS
BIG = 1e110


def absorbing(x, big=BIG):
    """Its gradient is 2*x + .5; floats see x/2 alone."""
    return (big * x + x * x) - big * x + x / 2


def right(x):
    return 2 * x + 0.5


def wrong(x):
    return 0 * x + 0.5


def loop(x):
    """x**4/4, by way of sums that lose everything."""
    for _ in range(2):
        x = (1e60 * x + x * x / 2) - 1e60 * x
    return 2 * x


W = Value(2.0)
PROGRAMS = {  # function, point, its gradient, what a precision that absorbs takes for it
    "a square": (absorbing, 3.0, 6.5, 0.5),
    "a small big number": (lambda x: absorbing(x, 1e16), 3.0, 6.5, 0.5),
    "the largest numbers": (lambda x: absorbing(x, 1.7e308), 0.5, 1.5, 0.5),
    "huge beside tiny": (lambda x: (1e300 * x + 1e-300 * x) - 1e300 * x, 2.0, 1e-300, 0.0),
    "a subnormal number": (lambda x: (1e300 * x + 1e-310 * x) - 1e300 * x, 2.0, 1e-310, 0.0),
    "on both sides": (lambda x: (BIG + x * x) - (BIG + x) + x / 2, 3.0, 5.5, 0.5),
    "inside a function": (lambda x: (ag.cosh(1e-200 * x) - 1) * 1e200 * 1e200, 1.0, 1.0, 0.0),
    "enlarged again": (
        lambda x: ag.softplus(x) * 1e300 * 1e300 * 1e300,
        -2000.0,
        math.exp(900 * math.log(10) - 2000),
        0.0,
    ),
    "a sum row": (lambda x: ag.sum([BIG, x * x, -BIG, x / 2]), 3.0, 6.5, 0.5),
    "a loop": (loop, 3.0, 27.0, 0.0),
    "a branch": (lambda x: absorbing(x) if x > 2 else x, 3.0, 6.5, 0.5),
    "a branch on what is lost": (lambda x: x if (BIG + x) - BIG > 0 else 5 * x, 3.0, 1.0, 5.0),
    "Values of its own": (lambda x: absorbing(ag.dot([W], [x], 0.0) / 2), 3.0, 6.5, 0.5),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_right_gradient_passes_and_the_absorbed_one_fails(name):
    f, x, truth, absorbed = PROGRAMS[name]
    assert check_gradients(f, (x,), grad=lambda _: truth, max_ulp=2.0**20)
    assert check_gradients(f, (x,), grad=lambda _: absorbed, max_ulp=2.0**20).verdict is FAIL
    assert check_gradients(f, (x,), grad=lambda _: absorbed).verdict is FAIL


def test_of_the_issue():
    assert check_gradients(absorbing, (3.0,), grad=right)
    assert check_gradients(absorbing, (3.0,), grad=right).worst.expected == 6.5
    assert check_gradients(absorbing, (3.0,), grad=wrong).verdict is FAIL


@given(st.floats(0.1, 10.0), st.integers(0, 290), st.integers(-290, 0))
@example(3.0, 110, 0)
def test_whatever_the_exponents(x, above, below):
    """(b x + s x**2) - b x has the gradient 2 s x, in Fractions."""
    big, small = 10.0**above, 10.0**below
    f = lambda x: (big * x + small * x * x) - big * x  # noqa: E731
    truth = float(2 * Fraction(small) * Fraction(x))
    assert check_gradients(f, (x,), grad=lambda _: truth)
    assert check_gradients(f, (x,), grad=lambda _: truth * (1 + 1e-9)).verdict is FAIL


@pytest.mark.parametrize(
    ("f", "x", "order", "note"),
    [
        (absorbing, 3.0, 1, "terms of 3e+110 cancel to 6.5"),
        (lambda x: absorbing(x, 1e16), 3.0, 1, "terms of 3e+16 cancel to 6.5"),
        (lambda x: ((BIG + x) - BIG) ** 2, 3.0, 1, "terms of 1e+110 cancel to 6:"),
        (lambda x: ((BIG + x) - BIG) ** 3, 3.0, 2, "terms of 1e+110 cancel to 18:"),
        (lambda x: ((x * 1e-162) ** 2 * 1e300 * 1e24) ** 2, 1.0, 1, "roundings"),
        (lambda x: x if (BIG + x) - BIG > 0 else 5 * x, 3.0, 1, "another branch"),
        (lambda x: ag.exp(x) * ag.exp(-x), 1000.0, 1, "exp at [1000.0] is inf"),
        (lambda x: 1 / (x * 1e-200) * 1e-200, 1.0, 1, "leaves the doubles"),
    ],
)
def test_what_floats_lose_is_no_error_of_the_engine_and_no_pass(f, x, order, note):
    report = check_gradients(f, (x,), order=order)
    assert report.verdict is INCONCLUSIVE, report
    assert note in str(report)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.sin(x) + ag.cos(x - 0.25),  # about a maximum
        lambda x: ag.sum(ag.softmax([x, 2 * x, 0.3])),  # 1, whatever x is
        lambda x: x / 3 * 3 - x,
        lambda x: ag.exp(x) * ag.exp(-x),
        lambda x: ((x + 1e8) - 1e8) ** 2,
    ],
)
def test_what_roundings_leave_of_a_derivative_that_is_0_is_right(f):
    assert check_gradients(f, (math.pi / 4 + 0.125,))


@pytest.mark.parametrize("grad", [right, wrong])
@pytest.mark.parametrize("oracle", ["finite", "complex"])
def test_oracles_of_floats_know_that_they_cannot_tell(oracle, grad):
    report = check_gradients(absorbing, (3.0,), grad=grad, oracle=oracle)
    assert report.verdict is INCONCLUSIVE
    assert report.oracle_error > 1e100


@pytest.mark.parametrize("grad", [right, wrong])
@pytest.mark.parametrize("max_ulp", [None, 2.0**30])
def test_functions_that_take_only_floats(grad, max_ulp):
    """The digits are drawn in its arithmetic; what `math` and NumPy make of them is not seen."""
    f = lambda x: absorbing(x) + 0 * math.sin(x)  # noqa: E731
    assert check_gradients(f, (3.0,), grad=grad, max_ulp=max_ulp).verdict is INCONCLUSIVE
    on_array = lambda x: float(np.sum(absorbing(x) + 0 * np.exp(x)))  # noqa: E731
    report = check_numpy(on_array, grad, np.array([3.0, 2.0]), max_ulp=max_ulp)
    assert report.verdict is INCONCLUSIVE


def test_fractions_lose_nothing():
    f = lambda x: absorbing(x, 10**110)  # noqa: E731
    assert check_gradients(f, (3.0,), grad=right, oracle="fraction")
    assert check_gradients(f, (3.0,), grad=wrong, oracle="fraction").verdict is FAIL
    assert check_gradients(f, (Fraction(3),))


def test_vector_jacobian_products_and_taylor_remainders():
    both = lambda x: [absorbing(x), x]  # noqa: E731
    assert check_vjp(both, lambda c, x: c[0] * right(x) + c[1], (3.0,))
    assert check_vjp(both, lambda c, x: c[0] * wrong(x) + c[1], (3.0,)).verdict is FAIL
    for grad in (right, wrong):
        report = taylor_test(absorbing, grad, 3.0)
        assert report.verdict is INCONCLUSIVE
        assert "the noise of f" in str(report)


@pytest.mark.parametrize(("partial", "verdict"), [(lambda x: 2 * x, PASS), (lambda x: 0 * x, FAIL)])
def test_a_row_whose_definition_absorbs(partial, verdict):
    """Of a user: the float value is a good one, the definition for other numbers is not."""
    row = Primitive(
        lambda x: x * x,
        lambda x: partial(x),
        name="lossy",
        definition=lambda x: (BIG * x + x * x) - BIG * x,
    )
    assert check_primitive(row, points=[(3.0,), (0.7,)]).verdict is verdict


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (lambda x: x + 1e-80 * ag.sin(1e100 * x), 0.0, 1 + 1e20),  # waves shorter than any step
        (lambda x: ag.sqrt((x - 1) ** 2 + 1e-200), 1.0, 0.0),  # round, where it looks like a kink
        (lambda x: ag.tanh(x) * 1e300, 400.0, 4 * math.exp(300 * math.log(10) - 800)),
    ],
)
def test_the_step_is_covered_too(f, x, truth):
    found = Precise(Subject(f, (x,)).values, [x]).slope(0).derivative
    assert float(found.value) == pytest.approx(truth, rel=1e-12)


def test_a_value_that_two_precisions_absorb():
    oracle = Precise(Subject(lambda x: (1e300 + x) - 1e300 + 1e-5, (1.0,)).values, [1.0])
    assert float(oracle.value().value) == 1.00001


def test_what_no_precision_covers_is_given_with_its_error():
    """exp(1e5) is beyond all bits that are tried; 0 would be the quotient of what is left."""
    f = lambda x: (ag.exp(1e5 + 0 * x) + x) - ag.exp(1e5 + 0 * x)  # noqa: E731
    for grad in (lambda _: 0.0, lambda _: 1.0):
        report = check_gradients(f, (1.0,), grad=grad)
        assert report.verdict is INCONCLUSIVE
        assert "the oracle's own error" in str(report)


def test_moderate_programs_are_looked_at_once():
    """One run at 256 bits covers them: the cost of nearly all checks."""
    subject = Subject(lambda x, y: ag.tanh(x * y) + ag.exp(-x) / 3, (0.7, 1.3))
    oracle = Precise(subject.values, subject.numbers)
    assert oracle.slope(0).derivative is not oracle.slope(1).derivative
    assert (oracle.start, list(oracle._surveys)) == (256, [256])


# -- random digits ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (lambda x: (BIG + x) - BIG, 1e93, 1e96),
        (lambda x: (BIG + x * x) - (BIG + x), 1e93, 1e96),
        (lambda x: x * x / 7, 1e-16, 1e-14),
        (lambda x: ag.tanh(x) * 3, 1e-16, 1e-14),
        (lambda x: math.sin(x * x) * 1e8, 1e-9, 1e-6),
        (lambda x: x - x, 0.0, 0.0),
        (lambda x: x / 3 - x / 3, 0.0, 0.0),  # the same operation rounds the same way
        (lambda x: float(np.float64(x)), 0.0, 0.0),
        (lambda x: x.nothing, 0.0, 0.0),
    ],
)
def test_random_digits_scatter_a_value_as_far_as_its_roundings(f, low, high):
    assert low <= scatter(lambda xs: f(*xs), [1.7], float) <= high


def test_scatter_of_what_underflows():
    """1e-100 squared, and its derivative that is smaller by the complex step: 0, but for noise."""
    f = lambda xs: (xs[0] * 1e-170) ** 2 * 1e200 * 1e140  # noqa: E731
    assert scatter(f, [1.0], float) > 1e15
    g = lambda xs: (xs[0] * 1e-100) ** 2 * 1e200  # noqa: E731
    assert scatter(g, [1 + 1e-150j], lambda y: complex(y).imag / 1e-150) > 1e25
    report = check_gradients(lambda x: g([x]), (1.0,), grad=lambda x: 2 * x, oracle="complex")
    assert report.verdict is INCONCLUSIVE


def test_scatter_of_complex_numbers():
    f = lambda xs: (BIG * xs[0] + xs[0] * xs[0]) - BIG * xs[0]  # noqa: E731
    assert scatter(f, [complex(3.0, 1e-150)], lambda y: complex(y).imag) > 1e-57
    assert scatter(lambda xs: xs[0] * xs[0], [3 + 1e-150j], lambda y: complex(y).imag) < 1e-163


def test_differences_count_the_scatter_as_noise():
    assert Differences(lambda xs: absorbing(xs[0]), [3.0]).noise(0) > 1e93
    assert Differences(lambda xs: xs[0] * xs[0], [3.0]).noise(0) < 1e-13


# -- numbers that are none --------------------------------------------------------------------

two_x = Primitive(lambda x: 2 * x, lambda x: 2 * (x / x), name="two_x", everywhere=True)
SPOILED = Primitive(lambda x: x * x, lambda x: two_x(x), name="spoiled", everywhere=True)


def test_a_second_derivative_that_is_nan_fails_and_is_blamed():
    """Right at first order; at second order 0/0 instead of 1, as x**0 and x**2 once had."""
    assert check_gradients(lambda x: 1 + SPOILED(x), (0.0,))
    report = check_gradients(lambda x: 1 + SPOILED(x), (0.0,), order=2)
    assert report.verdict is FAIL
    assert report.worst.expected == 2.0
    assert "v1 = two_x(x0)" in report.program


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: ag.sqrt(x * x * x * x), 0.0),  # x**2: the chain rule multiplies 0 and inf
        (lambda x: rules.cbrt(x * x * x) * x, 0.0),  # x**2 again
        (lambda x: two_x(x) * two_x(x), 0.0),
    ],
)
def test_nan_where_the_truth_is_finite_fails(f, x, order):
    report = check_gradients(f, (x,), order=order)
    assert math.isnan(report.worst.got)
    assert report.verdict is FAIL


def test_powers_at_0_have_finite_second_derivatives():
    """The kit says fail to nan, and pass to 2: never inconclusive."""
    report = check_gradients(lambda x: 1 + 2 * x**0 + x**2, (0.0,), order=2)
    assert report.worst.expected == 2.0
    assert report.verdict is (PASS if report.worst.got == 2.0 else FAIL)


def test_nan_from_elsewhere_fails():
    nan = math.nan
    assert check_gradients(ag.exp, (1.0,), grad=lambda _: nan).verdict is FAIL
    assert check_vjp(lambda x: [x * x, x], lambda c, x: nan, (2.0,)).verdict is FAIL
    assert taylor_test(ag.exp, lambda x: nan, 1.0).verdict is FAIL
    assert ag.testing.adjoint_test(lambda u: nan, lambda v: v).verdict is FAIL
    assert taylor_test(lambda x: nan, lambda x: 0.0, 1.0).verdict is INCONCLUSIVE


@pytest.mark.parametrize("order", [1, 2])
def test_a_function_that_is_constant(order):
    assert check_gradients(lambda x: 3.0, (1.0,), order=order)
