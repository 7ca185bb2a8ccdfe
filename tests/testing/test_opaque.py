"""Functions that take nothing but floats: what can be said of their gradients is said."""

import cmath
import math
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd.testing import (
    Verdict,
    check_elementwise,
    check_gradients,
    check_numpy,
    check_vjp,
)
from autograd.testing.differences import Differences
from autograd.testing.oracles import ComplexStep, UnsuitableError
from autograd.testing.subject import Subject

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def is_floats(x):
    return str(getattr(x, "dtype", "")) == "float64"


def opaque(f):
    """The function as compiled code has it: floats and arrays of floats, or a ValueError."""

    def compiled(*args):
        if any(not isinstance(x, float) and not is_floats(x) for x in args):
            raise ValueError("Buffer dtype mismatch, expected 'double' but got Python object")
        return f(*args)

    return compiled


@pytest.mark.parametrize("oracle", ["auto", "finite", "complex", "mpmath"])
def test_a_derivative_that_underflows_in_the_oracle_passes(oracle):
    special = pytest.importorskip("scipy.special")
    right = lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x)  # noqa: E731
    assert check_gradients(special.erf, (20.0,), grad=right, oracle=oracle)
    wrong = check_gradients(special.erf, (20.0,), grad=lambda x: 1e-9, oracle=oracle)
    assert wrong.verdict is FAIL


def test_the_complex_step_knows_where_it_underflows():
    """Its imaginary parts are multiples of 5e-324, that is of 5e-174 in the derivative."""
    found = ComplexStep(lambda xs: xs[0] * 1e-180 * 1e180, [1.0]).slope(0).derivative
    assert abs(found.value - 1) <= found.error
    underflown = ComplexStep(lambda xs: 1.0 + 1e-175 * xs[0], [1.0]).slope(0).derivative
    assert abs(underflown.value - 10**-175) <= underflown.error


@pytest.mark.parametrize("level", [0.0, 1.0, -1e300, 1e-310])
def test_finite_differences_on_a_plain_are_not_exact(level):
    value, error = Differences(lambda xs: level, [0.7]).derivative(0)
    assert value == 0
    assert 0 < error <= max(1e-14 * abs(level), 1e-320)
    assert check_gradients(opaque(lambda x: level), (0.7,), grad=lambda x: 0.0)


@pytest.mark.parametrize("width", [1e-3, 1e-5, 1e-6])
def test_a_hill_on_a_plain_is_not_stepped_over(width):
    """At large steps all values are equal; two far smaller ones see the hill."""
    f = opaque(lambda x: 1 + width * math.exp(-(((x - 1) / width - 0.5) ** 2)))
    slope = math.exp(-0.25)  # at the point 1, half a width beside the top
    assert check_gradients(f, (1.0,), grad=lambda x: slope)
    assert check_gradients(f, (1.0,), grad=lambda x: 0.0).verdict is FAIL


@pytest.mark.parametrize("error", [ValueError, TypeError, RuntimeError, AttributeError])
def test_what_compiled_code_says_to_other_numbers_is_no_missing_derivative(error):
    def f(x):
        if not is_floats(x):
            raise error("Buffer dtype mismatch")
        return float(np.sum(np.exp(x)))

    x = np.array([0.5, -1.0, 2.0])
    report = check_numpy(f, np.exp, x)
    assert report
    assert report.oracle == "finite differences"
    assert check_numpy(f, lambda x: np.exp(x) * (1 + 1e-5), x).verdict is FAIL
    for oracle in ("mpmath", "complex"):
        with pytest.raises(UnsuitableError, match="Buffer dtype mismatch"):
            check_numpy(f, np.exp, x, oracle=oracle)


@pytest.mark.parametrize("x", [-30.0, 0.5, 20.0, 30.0, 36.5, 40.0, 700.0])
@pytest.mark.parametrize("rest", [0.0, 2.6])
def test_what_compiled_code_absorbs_is_no_error_of_the_gradient(x, rest):
    """The loss log(1 + exp(x)) - x of scikit-learn keeps 14 digits of x, none of itself."""

    def loss(x):
        return (np.logaddexp(x, 0) - x).sum() + rest

    def compiled(x):
        if not is_floats(x):
            raise ValueError("Buffer dtype mismatch")
        return float(loss(x))

    at = np.array([x])
    right = lambda x: -np.exp(-np.logaddexp(x, 0))  # noqa: E731
    assert check_numpy(compiled, right, at)
    assert check_numpy(compiled, lambda x: right(x) + 1e-5, at).verdict is FAIL


def test_a_linear_system_of_lapack():
    linalg = pytest.importorskip("scipy.linalg")
    f = lambda a, b: linalg.solve(a, b).sum()  # noqa: E731

    def gradient(a, b):
        x, w = linalg.solve(a, b), linalg.solve(a.T, np.ones(2))
        return -np.outer(w, x), w

    at = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0])
    assert check_numpy(f, gradient, *at)
    swapped = lambda a, b: (gradient(a, b)[0].T, gradient(a, b)[1])  # noqa: E731
    assert check_numpy(f, swapped, *at).verdict is FAIL


def test_a_pole_is_still_one():
    for f in (math.log, ag.log, lambda x: 1 / x):
        assert check_gradients(f, (0.0,), grad=lambda x: 1.0).findings[0].verdict is None
    assert Subject(ag.log, (0.0,)).oracle("auto").name == "mpmath"


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("where", [0, 1])
def test_gradients_that_are_no_numbers_are_the_finding(bad, where):
    def vjp(c, x, y):
        rows = [c[0] * y + c[1], c[0] * x - c[1]]
        rows[where] = bad
        return rows

    for f in (lambda x, y: [x * y, x - y], opaque(lambda x, y: [x * y, x - y])):
        report = check_vjp(f, vjp, (2.0, 3.0))
        assert report.verdict is FAIL
        wrong = {x.where for x in report.findings if x.verdict is FAIL}
        assert {f"result[{k}] by args[{where}]" for k in (0, 1)} <= wrong


def test_one_row_that_is_no_number_does_not_hide_the_others():
    def vjp(c, x):
        return (math.nan if c[0] == 1 and c[1] == 0 else 0.0) + c[0] * 2 * x + c[1] * 1.1

    report = check_vjp(lambda x: [x * x, x], vjp, (2.0,))
    assert [x.verdict for x in report.findings[:2]] == [FAIL, FAIL]


BOUNDS = [  # right derivative 1, or 0; gradient; bounds; verdict
    (1.0, 1 + 1e-7, {}, FAIL),
    (1.0, 1 + 1e-7, {"rtol": 1e-6}, PASS),
    (1.0, 1 + 1e-7, {"rtol": 1e-8}, FAIL),
    (1.0, 1 + 1e-7, {"atol": 1e-6}, PASS),
    (1.0, 1.0, {"rtol": 1e-16}, INCONCLUSIVE),
    (0.0, 0.0, {}, PASS),
    (0.0, 1e-7, {}, FAIL),
    (0.0, 1e-7, {"rtol": 1e-3}, FAIL),
    (0.0, 1e-7, {"atol": 1e-6}, PASS),
    (0.0, 1e-7, {"rtol": 1e-3, "scale": 1.0}, PASS),
    (0.0, 1e-7, {"rtol": 1e-3, "scale": 1e-6}, FAIL),
    (0.0, 1e-20, {"scale": 1.0}, PASS),
    (0.0, 1e-7, {"scale": 1.0}, FAIL),
]


@pytest.mark.parametrize(("right", "got", "bounds", "verdict"), BOUNDS)
def test_bounds_that_are_given(right, got, bounds, verdict):
    f = opaque(lambda x: math.sin(x) if right else math.cos(x))
    assert check_gradients(f, (0.0,), grad=lambda x: got, **bounds).verdict is verdict


@pytest.mark.parametrize(("right", "got", "bounds", "verdict"), BOUNDS)
def test_bounds_that_are_given_with_all_digits(right, got, bounds, verdict):
    f = ag.sin if right else ag.cos
    report = check_gradients(f, (0.0,), grad=lambda x: got, **bounds)
    assert report.verdict is (PASS if verdict is INCONCLUSIVE else verdict)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"rtol": -1.0}, "rtol is a size"),
        ({"scale": math.nan}, "scale is a size"),
        ({"rtol": 0.1, "max_ulp": 4}, "two bounds"),
        ({"directions": 0}, "1 or more"),
    ],
)
def test_bounds_that_are_none(bounds, message):
    with pytest.raises(ValueError, match=message):
        check_gradients(ag.exp, (1.0,), grad=ag.exp, **bounds)


@pytest.mark.parametrize("f", [np.exp, opaque(np.exp)])
def test_along_random_directions(f):
    """As many derivatives as directions; the report says so."""
    x = np.linspace(-1, 1, 50)
    total = lambda x: np.sum(f(x))  # noqa: E731
    report = check_numpy(total, np.exp, x, directions=8)
    assert report
    assert "along 8 random directions" in str(report)
    assert len(report.findings) == 8
    for fault in (1e-4, 1e-6):
        wrong = lambda x, fault=fault: np.exp(x) + fault * (x == x[17])  # noqa: E731
        assert check_numpy(total, wrong, x, directions=8).verdict is FAIL
    one = check_vjp(f, lambda c, x: c * np.exp(x), (x,), directions=2)
    assert one
    assert len(one.findings) == 2
    assert check_vjp(f, lambda c, x: c * np.exp(x) * (x < 1), (x,), directions=2).verdict is FAIL


OFF_THE_DOMAIN = {  # functions that NumPy, Python or a C library end at 0, and their derivatives
    "log": (lambda x: float(np.log(x)), lambda x: 1 / x),
    "sqrt": (lambda x: float(np.sqrt(x)), lambda x: 0.5 / math.sqrt(x)),
    "power": (lambda x: float(x) ** 0.5, lambda x: 0.5 / math.sqrt(x)),  # complex below 0
    "raises": (lambda x: math.log(float(x)), lambda x: 1 / x),
    "warns": (lambda x: math.sqrt(x) if x > 0 else warnings.warn("domain", stacklevel=2) or 0.0,
              lambda x: 0.5 / math.sqrt(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", OFF_THE_DOMAIN)
@pytest.mark.parametrize("x", [1e-300, 1e-100, 1e-22, 1e-12, 1e-4, 0.1, 3.0])
@pytest.mark.parametrize("action", ["error", "default"])
def test_steps_beyond_the_domain_say_nothing_and_hide_nothing(name, x, action):
    """They start at 1/4, and warn of what the function itself does not; x counts, however small."""
    f, slope = OFF_THE_DOMAIN[name]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter(action)
        right = check_gradients(opaque(f), (x,), grad=slope)
        wrong = check_gradients(opaque(f), (x,), grad=lambda x: slope(x) * (1 + 1e-5))
    assert right, right
    assert wrong.verdict is FAIL
    assert name == "warns" or not said


def test_what_a_function_warns_of_at_the_point_is_heard():
    with pytest.warns(RuntimeWarning, match="invalid value encountered in log"):
        check_gradients(opaque(lambda x: float(np.log(x))), (-1.0,), grad=lambda x: -1.0)


@pytest.mark.parametrize("exponent", range(1, 60, 3))
@pytest.mark.parametrize("sign", [1, -1])
def test_a_function_may_change_on_the_scale_of_its_argument(exponent, sign):
    """Small ones as well: steps from 1/4 on do not come near to 2**-60 in the end."""
    at = sign * 2.0**-exponent
    for f, slope in (
        (lambda x: math.sin(x / at), math.cos(1.0) / at),
        (lambda x: math.sqrt(x * x + at * at), sign * math.sqrt(0.5)),
        (lambda x: x + math.exp(x), 1 + math.exp(at)),
    ):
        assert check_gradients(opaque(f), (at,), grad=lambda x, slope=slope: slope)
        off = check_gradients(opaque(f), (at,), grad=lambda x, slope=slope: slope * (1 + 1e-5))
        assert off.verdict is FAIL


def test_the_tolerance_of_a_solver_is_given():
    """An iteration that stops early, at u**3 + u = p or so, has a derivative of its own."""

    def solved(p):
        u, step = 1.0, 1.0
        while abs(step) > 1e-6:
            step = 0.7 * (u**3 + u - float(p)) / (3 * u * u + 1)
            u -= step
        return u

    right = lambda p: 1 / (3 * solved(p) ** 2 + 1)  # noqa: E731
    assert check_gradients(solved, (1.3,), grad=right).verdict is FAIL
    assert check_gradients(solved, (1.3,), grad=right, rtol=1e-4)
    for off in (0.97, 1.001):
        wrong = check_gradients(solved, (1.3,), grad=lambda p, k=off: k * right(p), rtol=1e-4)
        assert wrong.verdict is FAIL


COMPLEX = [np.exp, cmath.exp, lambda z: np.complex64(np.exp(z))]


@pytest.mark.parametrize("f", COMPLEX)
@pytest.mark.parametrize("oracle", ["auto", "finite", "complex"])
def test_results_that_are_complex_are_refused(f, oracle):
    turned = lambda x: f(1j * float(x))  # noqa: E731
    for check in (
        lambda: check_gradients(turned, (0.5,), grad=lambda x: 1.0, oracle=oracle),
        lambda: check_vjp(lambda x: [x, turned(x)], lambda c, x: 1.0, (0.5,), oracle=oracle),
    ):
        with pytest.raises(TypeError, match="complex: check its real part and its imaginary part"):
            check()
    parts = lambda x: [turned(x).real, turned(x).imag]  # noqa: E731
    right = lambda c, x: c[1] * math.cos(x) - c[0] * math.sin(x)  # noqa: E731
    if f is not COMPLEX[2]:  # which rounds to single precision
        assert check_vjp(parts, right, (0.5,))


def test_results_of_complex_numbers_of_mpmath_are_refused():
    with pytest.raises(TypeError, match="complex: check its real part and its imaginary part"):
        check_gradients(lambda x: np.exp(1j * x), (0.5,), grad=lambda x: 1.0)
    with pytest.raises(TypeError, match="complex: check its real part and its imaginary part"):
        check_elementwise(lambda x: np.exp(1j * x), np.cos, np.cos, points=20)


EDGES = {  # function, point, what may be said to be its derivative there
    "a jump": (lambda x: 3 * x if x <= 1 else 3 * x + 5, 1.0, (3.0,)),
    "a jump of a square": (lambda x: x * x if x < 2 else x * x + 1, 2.0, (4.0,)),
    "stairs": (math.floor, 3.0, (0.0,)),
    "a size": (abs, 0.0, (-1.0, 0.0, 1.0)),
    "a ramp": (lambda x: max(x, 0.0), 0.0, (0.0, 0.5, 1.0)),
    "a corner": (lambda x: abs(x - 2) * 3 + x, 2.0, (-2.0, 1.0, 4.0)),
    "no edge": (lambda x: x * abs(x), 0.0, (0.0,)),
    "none to be seen": (lambda x: x if x > 0 else math.expm1(x), 0.0, (1.0,)),
}


@pytest.mark.filterwarnings("ignore:Casting complex values to real")
@pytest.mark.parametrize("name", EDGES)
def test_a_derivative_at_an_edge_is_not_said_to_be_0(name):
    """float() drops the imaginary part of NumPy's complex numbers, with no more than a warning."""
    f, x, rights = EDGES[name]
    compiled = lambda xs: f(float(xs[0]))  # noqa: E731
    for right in rights:
        report = check_numpy(compiled, lambda xs, right=right: np.array([right]), np.array([x]))
        assert report.verdict is not FAIL, report
    for away in (0.25, -0.25):  # where there is no edge nothing is excused
        wrong = check_numpy(compiled, lambda xs: np.array([77.0]), np.array([x + away]))
        assert wrong.verdict is FAIL
