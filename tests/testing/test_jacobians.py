"""Whole Jacobians from a few evaluations: believed only where differences of values agree."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd.functions.calls import Primitive
from autograd.functions.operand import plain as number_of
from autograd.testing import Verdict, check_gradients, check_numpy, check_vjp
from autograd.testing.certified import Jacobian
from autograd.testing.plain import Recalled
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


@pytest.mark.parametrize("n", [10, 40])
def test_functions_of_mpmath_alone_take_two_for_each_argument_and_as_many(n):
    f = Counted(np.frompyfunc(mp.tanh, 1, 1))
    x = np.linspace(-2, 2, n)
    assert check_vjp(f, lambda c, x: c / np.cosh(x) ** 2, (x,), oracle="mpmath")
    assert f.calls <= 2 * n + 16 + 4 * math.ceil(math.log2(n))


def test_a_function_is_recalled_of_numbers_at_their_precision():
    known = {}
    for bits in (53, 200, 53):
        with mp.workprec(bits):
            x, other = (Recalled(mpf(1) / 3, known) for _ in range(2))
            assert ag.exp(x).data == mp.exp(mpf(1) / 3)
            assert ag.atan2(x, 2).data == mp.atan2(mpf(1) / 3, 2)
            assert ag.atan2(2.0, other + 1).data == mp.atan2(2, 1 + mpf(1) / 3)
            assert (ag.exp(other) * 2 - ag.exp(x)).data == mp.exp(mpf(1) / 3)
            assert ag.isnan(ag.log(x)) is False
            assert type(ag.exp(Recalled(0.5, known)).data) is float
    rows = [(row.name, bits) for row, bits, *_ in known]
    assert sorted(rows) == sorted(
        (name, bits) for name in ("arctan2", "arctan2", "exp", "isnan", "log") for bits in (53, 200)
    )


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
