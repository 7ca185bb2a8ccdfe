"""float32 and float16: units, steps and ranges of their own, and nothing cast in silence."""

import math
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd.testing import Verdict, check_gradients, check_numpy, check_vjp
from autograd.testing.arguments import Arguments
from autograd.testing.differences import Differences
from autograd.testing.units import FORMATS, HALF, SINGLE, nearest, ulps, unit

PASS, FAIL = Verdict.PASS, Verdict.FAIL
KINDS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("x", [1.0, 1.5, 0.0, 1e-3, 3e-5, 1000.0])
def test_units_are_those_of_numpy(name, x):
    form, kind = FORMATS[name], KINDS[name]
    number = kind(x)
    assert form.rounded(x) == number
    assert unit(Fraction(float(number)), form) == Fraction(float(np.spacing(np.abs(number))))
    assert form.least == Fraction(float(np.finfo(kind).smallest_subnormal))


def test_beyond_the_largest_number_inf_is_right():
    assert nearest(Fraction(10) ** 39, SINGLE) == math.inf
    assert nearest(Fraction(70_000), HALF) == math.inf
    assert ulps(math.inf, Fraction(70_000), form=HALF) == 0
    assert ulps(math.inf, Fraction(60_000), form=HALF) > 1
    assert ulps(math.inf, Fraction(70_000)) == math.inf


@pytest.mark.parametrize("name", KINDS)
def test_a_gradient_is_held_to_the_digits_of_its_arrays(name):
    """tanh' with the roundings of its own format passes, and of the next smaller one fails."""
    x = np.array([0.5, -1.0, 0.25, 2.0], KINDS[name])
    f = lambda x: np.sum(np.tanh(x))  # noqa: E731
    right = lambda x: 1 / np.cosh(x) ** 2  # noqa: E731
    seen = []

    def grad(x):
        seen.append(x.dtype)
        return right(x)

    assert check_numpy(f, grad, x)
    assert set(seen) == {x.dtype}
    for off, verdict in ((4, PASS), (512, FAIL)):
        wrong = lambda x, off=off: right(x) * (1 + off * np.finfo(x.dtype).eps)  # noqa: E731
        assert check_numpy(f, wrong, x).verdict is verdict


@pytest.mark.parametrize(("name", "digits"), [("float32", 1e-3), ("float64", 1e-8)])
def test_differences_of_values_in_a_format(name, digits):
    """The steps lead to numbers of the format, so that the quotient is one of the function."""
    form, kind = FORMATS[name], KINDS[name]

    def f(xs):
        assert all(form.holds(x) for x in xs)
        return float(np.sin(kind(xs[0])))

    for x in (0.3, 0.7, 100.25, 1e-3, 2.0):
        at = form.rounded(x)
        value, error = Differences(f, [at], form).derivative(0)
        assert abs(value - math.cos(at)) <= error <= digits * max(1.0, 1 / at)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_functions_that_take_only_arrays_of_a_format(name):
    def f(x):
        out = np.zeros(3, x.dtype)
        out[:] = np.exp(x)
        return out.sum()

    x = np.array([0.5, -1.0, 2.0], KINDS[name])
    assert check_numpy(f, np.exp, x)
    assert check_numpy(f, lambda x: np.exp(x) * x.dtype.type(1.02), x).verdict is FAIL


def test_ranges():
    """1/x**2 at 1e-20 is beyond float32, and exp(-100) is a subnormal number of it: both right."""
    x = np.array([1e-20], np.float32)
    inf = lambda x: np.array([-np.inf], np.float32)  # noqa: E731
    assert check_numpy(lambda x: np.sum(1 / x), inf, x)
    assert check_numpy(lambda x: np.sum(1 / x), inf, x.astype(float)).verdict is FAIL
    small = np.array([-100.0], np.float32)
    for shift, verdict in ((0, PASS), (2**10, FAIL)):
        grad = lambda x, shift=shift: np.exp(x) + np.float32(shift * 2.0**-149)  # noqa: E731
        assert check_numpy(lambda x: np.sum(np.exp(x)), grad, small).verdict is verdict


def test_a_vjp_gets_cotangents_of_the_type_of_the_result():
    kinds = set()

    def vjp(c, x):
        kinds.add(c.dtype.name)
        return c * 2 * x

    assert check_vjp(np.square, vjp, (np.array([0.1, 0.7], np.float32),))
    assert kinds == {"float32"}


def test_pythons_floats_go_along():
    grad = lambda x: float(np.exp(np.float32(x)))  # noqa: E731
    assert check_gradients(ag.exp, (0.5,), grad=grad, dtype="float32")
    assert check_gradients(ag.exp, (0.5,), grad=grad).verdict is FAIL
    assert Arguments((np.ones(2, np.float32), 0.5)).form().name == "float32"
    assert Arguments((np.float16(0.5),)).rebuilt([0.25])[0].dtype == np.float16


@pytest.mark.parametrize(
    ("args", "dtype", "message"),
    [
        ((np.ones(2, np.float32), np.ones(2)), None, "mix float32 and float64"),
        ((np.ones(2, np.float32), np.float64(1)), None, "mix"),
        (([np.ones(2, np.float16)], {"a": np.ones(2, np.float32)}), None, "mix"),
        ((np.ones(2),), "float32", "hold float64"),
        ((np.ones(2, np.float32),), "float64", "hold float32"),
        ((0.1,), "float32", "0.1 is no float32: pass 0.10000000149011612"),
        ((np.ones(2, np.float32), 0.1), None, "is no float32"),
        ((0.5,), "bfloat16", "dtype is one of"),
        ((np.ones(2, np.longdouble),), None, "an array of"),
    ],
)
def test_nothing_is_cast_in_silence(args, dtype, message):
    with pytest.raises(ValueError, match=message):
        check_gradients(lambda *xs: 0.0, args, grad=lambda *xs: xs, dtype=dtype)


def test_what_is_not_checked_is_said():
    with pytest.raises(TypeError, match="real and imaginary part"):
        check_numpy(lambda z: np.sum(np.abs(z)), np.conj, np.array([1 + 1j]))
    with pytest.raises(ValueError, match="pass grad"):
        check_gradients(ag.exp, (0.5,), dtype="float32")
