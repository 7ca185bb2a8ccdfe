"""References: mpmath's functions and NumPy's are the truth, and their values are held first."""

import math

import mpmath as mp
import numpy as np
import pytest

from autograd.testing import (
    Severity,
    Verdict,
    check_elementwise,
    check_gradients,
    check_numpy,
    check_scipy,
    check_vjp,
)
from autograd.testing.conventions import advised
from autograd.testing.oracles import UnsuitableError
from autograd.testing.plain import Plain
from autograd.testing.references import Reference, compared, referred
from autograd.testing.stochastic import Run
from autograd.testing.subject import Subject


def slope_of(f, x):
    """The truth that the kit finds."""
    return float(Subject(f, (x,)).oracle("auto").slope(0).derivative.value)


OF_MPMATH = {
    "a function of mpmath": (mp.zeta, 1.5, lambda x: mp.zeta(x, 1, 1)),
    "one of its numbers": (lambda x: mp.besselj(0, x) * x, 3.0,
                           lambda x: mp.besselj(0, x) - x * mp.besselj(1, x)),
    "a universal one": (np.frompyfunc(mp.erfc, 1, 1), 9.0,
                        lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), 2.0,
              lambda x: 2 * x * mp.exp(x * x) * mp.erfc(x) - 2 / mp.sqrt(mp.pi)),
    "saturated": (mp.tanh, 200.0, lambda x: mp.sech(x) ** 2),
    "saturated, and cancelling": (lambda x: 1 - mp.tanh(x), 200.0, lambda x: -mp.sech(x) ** 2),
    "a matrix": (lambda x: mp.det(mp.matrix([[x, 2], [3, x * x]])), 2.0, lambda x: 3 * x * x),
}  # fmt: skip


@pytest.mark.parametrize("kind", OF_MPMATH)
def test_functions_of_mpmath_are_references(kind):
    f, x, slope = OF_MPMATH[kind]
    with mp.workprec(600):
        truth = float(slope(mp.mpf(x)))
    assert slope_of(f, x) == truth
    assert check_gradients(f, (x,), grad=lambda _: truth)
    assert not check_gradients(f, (x,), grad=lambda _: truth * (1 + 1e-9))


def test_operators_stay_watched():
    """A function of mpmath takes the number; an operator of its numbers leaves it to ours."""
    run = Run()
    (x,) = run.watch([mp.mpf(3)])
    assert isinstance(mp.mpf(2) * x, Plain)
    assert not run.left
    assert mp.mpf(2) < x
    assert mp.mpf(2) != x
    assert mp.exp(x) == mp.exp(3)
    assert run.left


X = np.array([2.0, 3.0])
OF_NUMPY = {
    "logaddexp": (lambda x: np.logaddexp(x, 1.0).sum(), lambda x: 1 / (1 + np.exp(1.0 - x))),
    "isfinite": (lambda x: np.where(np.isfinite(x), x * x, 0.0).sum(), lambda x: 2 * x),
    "asarray": (lambda x: np.tanh(np.asarray(x)).sum(), lambda x: np.cosh(x) ** -2),
    "asanyarray": (
        lambda x: np.logaddexp(np.asanyarray(x), 0).sum(), lambda x: 1 / (1 + np.exp(-x))),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_NUMPY)
def test_functions_of_numpy_run_on_the_numbers_of_the_kit(name):
    f, slope = OF_NUMPY[name]
    report = check_numpy(f, slope, X)
    assert report, report
    assert report.oracle == "mpmath"


def test_a_function_of_mpmath_is_given_its_numbers_bare():
    """What calls it, or is no real one of mpmath's numbers, gets numbers that look like Values."""
    given = []
    Reference(lambda x: given.append(type(x)) or x)(mp.mpf(1))
    assert given == [Plain]
    for f in (mp.exp, mp.erfc, mp.gamma, mp.zeta, mp.floor):
        assert Reference(f).bare
    for f in (lambda x: mp.exp(x), abs, np.exp, math.exp, np.frompyfunc(mp.exp, 1, 1), mp.fp.exp):
        assert not Reference(f).bare


def test_what_does_not_run_says_what_to_do():
    f = lambda x: np.linalg.slogdet(np.eye(2) * x)[1]  # noqa: E731
    with pytest.raises(
        UnsuitableError, match=r"np.linalg.slogdet computes with floats only.*mpmath.det"
    ):
        check_numpy(f, lambda x: 2 / x, X, oracle="mpmath")
    with pytest.raises(TypeError, match=r"does not take numbers of mpmath.*np.asanyarray"):
        Reference(lambda x: np.logaddexp(np.asarray([x, x]), 0).sum())(mp.mpf(1))
    with pytest.raises(TypeError, match=r"answered 1.0 \(float\), which has no more digits"):
        Reference(lambda _: 1.0)(mp.mpf(1))
    assert Reference(mp.log)(mp.mpf(0)) is Reference(mp.sqrt)(mp.mpf(-1)) is None


BARE = lambda x: np.logaddexp(np.asarray(x), 0).sum()  # noqa: E731
SIGMOID = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
OPAQUE = lambda x: float(np.sum(np.log1p(np.exp(np.array(x, float)))))  # noqa: E731
ROUTES = {  # every way on which a function meets numbers that are no floats -> what they are
    "check_gradients": (
        lambda: check_gradients(BARE, (X,), grad=SIGMOID, oracle="mpmath"), "mpmath"),
    "its own gradient": (lambda: check_gradients(BARE, (X,)), "Values"),
    "second derivatives": (lambda: check_gradients(BARE, (0.5,), order=2), "Values"),
    "check_vjp": (
        lambda: check_vjp(BARE, lambda c, x: c * SIGMOID(x), (X,), oracle="mpmath"), "mpmath"),
    "directions": (
        lambda: check_numpy(BARE, SIGMOID, X, oracle="mpmath", directions=1), "mpmath"),
    "check_numpy": (lambda: check_numpy(BARE, SIGMOID, X, oracle="mpmath"), "mpmath"),
    "check_scipy": (lambda: check_scipy(BARE, SIGMOID, X, oracle="mpmath"), "mpmath"),
    "a reference": (lambda: check_numpy(OPAQUE, SIGMOID, X, reference=BARE), "mpmath"),
    "elementwise": (lambda: check_elementwise(BARE, None, mp.log, points=X), "Values"),
    "a reference, elementwise": (
        lambda: check_elementwise(np.exp, np.exp, BARE, points=X), "mpmath"),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_a_bare_array_says_what_to_do_on_every_route(route):
    check, numbers = ROUTES[route]
    with pytest.raises(
        (TypeError, UnsuitableError), match=rf"does not take (numbers of )?{numbers}"
    ) as said:
        check()
    assert str(said.value).count("leave it out, or write np.asanyarray") == 1


def test_an_error_of_the_function_itself_is_left_as_it_is():
    def f(x):
        raise TypeError("no such thing")

    with pytest.raises(TypeError, match=r"^no such thing$"):
        check_gradients(f, (0.5,))


def erf(x):
    """SciPy's, which takes nothing but floats."""
    return float(np.vectorize(math.erf)(x).sum())


def erf_slope(x):
    return 2 / np.sqrt(np.pi) * np.exp(-x * x)


def test_a_reference_gives_all_digits_to_a_function_of_floats():
    truth = lambda x: np.frompyfunc(mp.erf, 1, 1)(x).sum()  # noqa: E731
    assert check_numpy(erf, erf_slope, X, reference=truth)
    off = check_numpy(erf, lambda x: erf_slope(x) * (1 + 1e-12), X, reference=truth)
    assert off.severity is Severity.FEW_DIGITS


def test_another_function_is_no_wrong_gradient():
    another = lambda x: np.frompyfunc(mp.erfc, 1, 1)(x).sum()  # noqa: E731
    report = check_numpy(erf, erf_slope, X, reference=another)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "the reference is another function" in str(report)


def test_wrong_values_are_findings():
    """One of three values has lost digits; the gradient is right."""
    values = lambda x: np.sin(x) * (1 + 1e-9 * (x > 2.5))  # noqa: E731
    found = list(compared(values, np.sin, (np.array([1.0, 2.0, 3.0]),)))
    assert [x.verdict for x in found] == [Verdict.PASS, Verdict.PASS, Verdict.FAIL]
    assert found[2].where == "value[2]"
    assert found[2].severity is Severity.FEW_DIGITS
    assert found[2].relative_error == pytest.approx(1e-9, rel=1e-6)
    report = check_numpy(
        lambda x: values(x).sum(), np.cos, np.array([3.0]), reference=lambda x: np.sin(x).sum()
    )
    assert [x.where for x in report.findings if x.verdict is Verdict.FAIL] == ["value"]


A = np.array([[2.0, 0.5], [0.5, 3.0]])
G = np.array([[1.0, 4.0], [2.0, 3.0]])  # the gradient of sum(G * a)
CONVENTIONS = {
    "symmetrised": (G + G.T) / 2,
    "lower triangle of": np.tril(G),
    "upper triangle of": np.triu(G),
    "mirrored entries as one": G + G.T - np.diag(np.diag(G)),
    "lower triangle, with the mirrored": np.tril(G + G.T - np.diag(np.diag(G))),
    "transposed": G.T,
}


@pytest.mark.parametrize("kind", CONVENTIONS)
def test_a_convention_for_matrices_is_said(kind):
    report = check_numpy(lambda a: np.sum(G * a), lambda _: CONVENTIONS[kind], A)
    assert report.verdict is Verdict.FAIL
    assert kind in report.worst.note


def test_a_gradient_that_follows_no_convention_gets_no_advice():
    wrong = (G + G.T) / 2 + np.array([[0, 1e-3], [0, 0]])
    report = check_numpy(lambda a: np.sum(G * a), lambda _: wrong, A)
    assert report.worst.note == ""
    right = check_numpy(lambda a: np.sum(G * a), lambda _: G, A)
    assert right
    assert advised(right) is right


U = 2.0**-52
VALUES = [  # f, reference, the point, units off -> verdict, what is allowed
    (lambda x: x * 0 + 1, lambda x: x * 0 + 1, 3.0, 0, Verdict.PASS, 64),
    (lambda x: x * 0 + 1, lambda x: x * 0 + 1, 3.0, 64, Verdict.PASS, 64),
    (lambda x: x * 0 + 1, lambda x: x * 0 + 1, 3.0, 65, Verdict.FAIL, 64),
    (lambda x: x - 3, lambda x: x - 3, 4.0, 64, Verdict.PASS, 64),  # a unit of 4 is 4 of 1
    (lambda x: x - 3, lambda x: x - 3, 4.0, 0, Verdict.PASS, 64),
    (lambda x: x - 3, lambda x: x - 3, 4.0, 200, Verdict.PASS, 256),
    (lambda x: x - 3, lambda x: x - 3, 4.0, 256, Verdict.PASS, 256),
    (lambda x: x - 3, lambda x: x - 3, 4.0, 257, Verdict.FAIL, 256),
    (lambda x: 3 - x, lambda x: 3 - x, 2.0, 128, Verdict.PASS, 128),
    (lambda x: 3 - x, lambda x: 3 - x, 2.0, 129, Verdict.FAIL, 128),
    (lambda x: x[0] - x[1], lambda x: x[0] - x[1], np.array([5.0, 4.0]), 512, Verdict.PASS, 512),
    (lambda x: x[0] - x[1], lambda x: x[0] - x[1], np.array([5.0, 4.0]), 513, Verdict.FAIL, 512),
]  # fmt: skip


@pytest.mark.parametrize(("f", "truth", "x", "off", "verdict", "allowed"), VALUES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_may_be_off_by_64_units_of_its_own_or_of_its_arguments(
    f, truth, x, off, verdict, allowed, sign
):
    """Of 1, which is the value in each row."""
    moved = lambda *args: f(*args) + sign * off * U  # noqa: E731
    (found,) = compared(moved, truth, (x,))
    assert (found.where, found.verdict, found.allowed) == ("value", verdict, allowed)
    assert (found.got, found.expected) == (1 + sign * off * U, 1.0)
    assert found.ulps == off
    assert found.oracle_error < 1e-3


def test_a_value_that_the_reference_does_not_tell_is_no_wrong_one():
    """exp(1e5) is beyond all bits that are tried."""
    far = lambda x: (np.exp(1e5 + 0 * x) + x) - np.exp(1e5 + 0 * x)  # noqa: E731
    (found,) = compared(lambda x: 3.0 + 0 * x, far, (1.0,))
    assert found.verdict is not Verdict.FAIL
    assert found.oracle_error > 1e300


def test_a_value_without_a_truth_is_left_out():
    f = lambda x: np.log(x)  # noqa: E731
    with np.errstate(all="ignore"):
        found = list(compared(f, np.log, (np.array([-1.0, 1.0, 0.0, 2.0]),)))
    assert [x.where for x in found] == ["value[1]", "value[3]"]


class Kind:
    """What is answered by a reference, of some kind."""

    def __init__(self, y):
        self.y = y

    def __call__(self, x):
        return self.y


@pytest.mark.parametrize("y", [mp.mpc(1, 1), 1 + 1j, mp.inf, -mp.inf, mp.nan])
def test_what_is_no_finite_real_number_is_no_value(y):
    assert Reference(Kind(y))(mp.mpf(2)) is None


@pytest.mark.parametrize(("y", "value"), [(3, 3), (mp.mpf(3), 3), (np.array(mp.mpf(3)), 3)])
def test_whole_numbers_and_arrays_of_one_number_are_values(y, value):
    found = Reference(Kind(y))(mp.mpf(2))
    assert type(found) is mp.mpf
    assert found == value


@pytest.mark.parametrize("error", [ZeroDivisionError, ValueError, OverflowError])
def test_a_reference_has_poles(error):
    def f(x):
        raise error("here")

    assert Reference(f)(mp.mpf(2)) is None
    with pytest.raises(error, match="here"):
        Reference(f).of(mp.mpf(2))


@pytest.mark.parametrize("error", [TypeError, AttributeError])
def test_a_reference_that_takes_no_numbers_of_mpmath_says_so(error):
    def refusing(x):
        raise error("no such number")

    with pytest.raises(
        TypeError,
        match=r"the reference refusing does not take numbers of mpmath: no such number\. "
        r"A reference is a function of mpmath",
    ):
        Reference(refusing)(mp.mpf(2))
    with pytest.raises(TypeError, match=r"Kind.* answered '3' \(str\)"):
        Reference(Kind("3"))(mp.mpf(2))


def wrong_values(count):
    """Of four values so many are those of another function."""
    return lambda x: np.sin(x) * (1 + (x <= count))


SHARES = [(0, Verdict.PASS), (1, Verdict.FAIL), (2, Verdict.FAIL), (3, Verdict.INCONCLUSIVE)]


@pytest.mark.parametrize(("count", "verdict"), SHARES)
def test_where_most_values_are_those_of_another_function_no_gradient_is_judged(count, verdict):
    x = np.array([1.0, 2.0, 3.0, 4.0])
    f = wrong_values(count)
    report = check_vjp(f, lambda c, x: c * np.cos(x), (x,))
    held = referred(f, np.sin, (x,), lambda f: check_vjp(f, lambda c, x: c * np.cos(x), (x,)))
    assert held.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert [x.where for x in held.findings] == [f"value[{k}]" for k in range(count)]
        assert {x.note for x in held.findings} == {
            "the reference is another function, or the value is wrong: no gradient was judged"
        }
        assert held.title.startswith("values of ")
        assert held.oracle == "mpmath's sin"
    else:
        failed = [x.where for x in held.findings if x.verdict is Verdict.FAIL]
        assert failed == [f"value[{k}]" for k in range(count)]
        assert len(held.findings) == len(report.findings) + count


def test_without_a_reference_a_function_is_its_own():
    assert referred(np.sin, None, (1.0,), lambda f: f) is np.sin


def test_a_report_bears_the_name_of_what_was_checked():
    def ours(x):
        return np.sin(x)

    def truth(x):
        return np.sin(x)

    check = lambda f: check_gradients(f, (1.0,), grad=np.cos)  # noqa: E731
    assert referred(ours, truth, (1.0,), check).title == check(ours).title
