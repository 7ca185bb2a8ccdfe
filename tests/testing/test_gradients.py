"""`check_gradients` and `check_vjp`: what passes, what fails, what stays open, how it reads."""

import math
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.functions.calls import Primitive
from autograd.testing import (
    GradientError,
    Verdict,
    check_gradients,
    check_partials,
    check_vjp,
    rounding_bounds,
)


def test_structures_of_arguments():
    def f(weights, scale, x):
        return scale["a"] * sum(w * x for w in weights) + ag.tanh(x[0] if x is None else x)

    report = check_gradients(f, ([1.0, -2.0], {"a": 0.5}, 3.0))
    assert report
    names = [finding.where for finding in report.findings]
    assert names == ["args[0][0]", "args[0][1]", "args[1]['a']", "args[2]"]


def test_arrays_and_values_as_arguments():
    x = np.array([[0.5, -1.0], [2.0, 0.25]])
    assert check_gradients(lambda x: ag.sum(np.tanh(x @ x)), (x,))
    assert check_gradients(lambda x: np.sum(np.exp(-x * x)), (x,))
    assert check_gradients(lambda x, y: x * y, (Value(2.0), 3))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: ag.tanh(x * y) + ag.exp(-x),
        lambda x, y: ag.log(1 + x * x) / (2 + ag.sin(y)),
        lambda x, y: ag.logaddexp(x, y) * ag.sigmoid(x - y),
        lambda x, y: ag.maximum(x, y) ** 3,
        lambda x, y: x**y,
        lambda x, y: ag.hypot(x, y) + ag.arctan2(x, y),
    ],
)
def test_the_engine_passes_at_both_orders(f, order):
    report = check_gradients(f, (0.7, 1.3), order=order)
    assert report, report
    assert report.oracle_error < 1e-3


@pytest.mark.parametrize("oracle", ["auto", "mpmath", "complex", "finite", "fraction"])
def test_every_oracle_finds_a_wrong_gradient(oracle):
    f = lambda x, y: x * x * y + y / x  # noqa: E731
    wrong = lambda x, y: (2 * x * y - y / x**2, x * x + 1.001 / x)  # noqa: E731
    report = check_gradients(f, (1.5, 2.0), grad=wrong, oracle=oracle)
    assert report.verdict is Verdict.FAIL
    assert report.worst.where == "args[1]"
    assert report.findings[0].verdict is not Verdict.FAIL


def test_fractions_have_to_be_equal():
    f = lambda x, y: x * y / (x + y) ** 3  # noqa: E731
    at = (Fraction(1, 3), Fraction(2, 5))
    report = check_gradients(f, at)
    assert report
    assert report.oracle == "Fraction"
    almost = check_gradients(
        f, at, grad=lambda x, y: (y * (y - 2 * x) / (x + y) ** 4 + Fraction(1, 10**30), 0)
    )
    assert almost.findings[0].verdict is Verdict.FAIL


def test_a_float_function_passes_to_the_digits_that_differences_see():
    """Finite differences cannot tell 64 units: the report says how many they do tell."""
    report = check_gradients(math.sin, (1.0,), grad=math.cos)
    assert report
    assert "agrees to the 1" in str(report)  # 10 digits and some
    assert "digits that differences can see" in str(report)
    assert check_gradients(math.sin, (1.0,), grad=math.cos, max_ulp=2.0**20)
    strict = check_gradients(math.sin, (1.0,), grad=math.cos, max_ulp=64)
    assert strict.verdict is Verdict.INCONCLUSIVE
    assert "too large to tell" in str(strict)
    wrong = check_gradients(math.sin, (1.0,), grad=lambda x: math.cos(x) * (1 + 1e-9))
    assert wrong.verdict is Verdict.FAIL


def test_a_bound_that_is_given_is_the_bound():
    slightly = lambda x: ag.exp(x) * (1 + 6 * 2.0**-52)  # noqa: E731
    assert check_gradients(ag.exp, (0.3,), grad=slightly)
    assert check_gradients(ag.exp, (0.3,), grad=slightly, max_ulp=4).verdict is Verdict.FAIL
    assert check_gradients(ag.exp, (0.3,), grad=slightly, max_ulp=16)


@pytest.mark.parametrize(
    ("grad", "skip", "interval", "fail"),
    [
        (lambda x: 0.0, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.FAIL),
        (lambda x: -1.0, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.FAIL),
        (lambda x: 1.5, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.FAIL),
        (lambda x: math.nan, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.FAIL),
    ],
)
def test_at_a_kink(grad, skip, interval, fail):
    """Nothing judged is nothing passed; the interval between the one-sided derivatives decides."""
    for kink, verdict in (("skip", skip), ("interval", interval), ("fail", fail)):
        report = check_gradients(abs, (0.0,), grad=grad, kink=kink)
        assert report.verdict is verdict, (kink, report)


def test_the_engine_lies_between_at_its_kinks():
    for f, x in ((abs, 0.0), (ag.relu, 0.0), (ag.leaky_relu, 0.0), (ag.hard_tanh, 1.0)):
        assert check_gradients(f, (x,), kink="interval")
    assert check_gradients(lambda x, y: ag.maximum(x, y) * y, (2.0, 2.0), kink="interval")


def test_a_kink_beside_a_smooth_argument_is_only_left_out():
    report = check_gradients(lambda x, y: abs(x) * y, (0.0, 2.0))
    assert report
    assert [finding.where for finding in report.skipped] == ["args[0]"]


def test_conventions_at_kinks_are_no_errors_of_the_sweep():
    """relu(x) - relu(-x) is x, whose derivative is 1; relu'(0) = 0 makes it 0."""
    f = lambda x, y: ag.relu(x) - ag.relu(-x) + y  # noqa: E731
    report = check_gradients(f, (0.0, 1.0))
    assert report
    assert "passes a kink of relu" in report.skipped[0].note
    assert check_gradients(f, (0.0, 1.0), kink="interval").verdict is Verdict.INCONCLUSIVE
    assert check_gradients(f, (0.0, 1.0), kink="fail").verdict is Verdict.FAIL
    assert check_gradients(f, (0.5, 1.0), kink="fail")


def test_the_allowance_of_a_graph_is_what_its_roundings_do():
    """Cancellation widens it; nothing else does."""
    x = 0.1
    plain = check_gradients(lambda x: x * x, (x,))
    lossy = check_gradients(lambda x: ((x + 1e8) - 1e8) ** 2, (x,))
    assert plain
    assert lossy
    assert plain.worst.allowed < 32
    assert 1e6 < lossy.worst.allowed < 1e10
    assert lossy.ulps > 1e4  # which a fixed bound would call an error of the engine


def test_the_bound_on_roundings_covers_a_kink_that_rounding_can_reach():
    x = Value(0.1)
    y = abs((x + 0.2) - 0.3)  # 0.30000000000000004 - 0.3
    assert rounding_bounds(y)[x] >= 1.0


def test_a_branch_that_only_rounding_takes_is_no_error():
    def f(x):
        return 2.0 * x if x + 0.2 > 0.3 else ag.exp(x)  # 0.1 + 0.2 > 0.3 in floats only

    report = check_gradients(f, (0.1,))
    assert report.verdict is not Verdict.FAIL


def test_a_wrong_rule_is_found_and_shown_alone():
    """The program in the report is the one operation that is to blame, at the numbers it met."""
    wrong = Primitive(math.tanh, lambda x, out: 1 - out * out, name="tanh")
    report = check_gradients(lambda x, w: 3.0 * wrong(x * w), (4.0, 5.0))
    assert report.verdict is Verdict.FAIL
    assert "x0 = Value(20.0)\nv1 = tanh(x0)" in report.program
    assert report.program in GradientError(report).args[0].replace("\n    ", "\n")


def test_a_wrong_primitive_of_ones_own_is_found_and_shown_by_name():
    twice = ag.primitive(partials=lambda x, out: (3 * x,))(lambda x: x * x)
    twice.name = "my_square"
    report = check_gradients(lambda x: twice(x) + 1, (2.0,))
    assert report.verdict is Verdict.FAIL
    assert "# with my_square, of your own\nx0 = Value(2.0)\nv1 = my_square(x0)" in report.program


def test_partials_one_by_one():
    x = Value(20.0)
    assert check_partials(ag.exp(-ag.tanh(x) * x) + ag.silu(x))
    assert check_partials(ag.relu(x - x) * x)  # the kink is left out


def test_vector_jacobian_products():
    def f(x, w):
        return {"sum": x[0] + x[1] * w, "product": [x[0] * w]}

    def vjp(c, x, w):
        a, (b,) = c["sum"], c["product"]
        return [a + b * w, a * w], a * x[1] + b * x[0]

    assert check_vjp(f, vjp, ([2.0, 3.0], 5.0))
    wrong = check_vjp(f, lambda c, x, w: vjp(c, x, w)[0] + [c["sum"]], ([2.0, 3.0], 5.0))
    assert wrong.verdict is Verdict.FAIL
    exactly = lambda x, y: [x * y, x / y]  # noqa: E731
    pulled = lambda c, x, y: [c[0] * y + c[1] / y, c[0] * x - c[1] * x / y**2]  # noqa: E731
    assert check_vjp(exactly, pulled, (Fraction(2), Fraction(3)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_gradients(ag.exp, (1.0,), oracle="guess"), ValueError, "oracle is one of"),
        (lambda: check_gradients(ag.exp, (1.0,), kink="guess"), ValueError, "kink is one of"),
        (lambda: check_gradients(ag.exp, (1.0,), order=3), ValueError, "order is 1 or 2"),
        (lambda: check_gradients(ag.exp, (1.0,), grad=ag.exp, order=2), ValueError, "order=2"),
        (lambda: check_gradients(lambda: 1.0, ()), ValueError, "no number"),
        (lambda: check_gradients(lambda x: [x, x], (1.0,)), TypeError, "check_vjp"),
        (
            lambda: check_gradients(lambda x, y: x, (1.0, 2.0), grad=lambda x, y: 1.0),
            ValueError,
            "has 1 numbers, but the arguments have 2",
        ),
    ],
)
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_check_raises_what_did_not_pass():
    with pytest.raises(GradientError, match="ULP off") as caught:
        check_gradients(ag.exp, (1.0,), grad=lambda x: 1.0).check()
    assert caught.value.report.verdict is Verdict.FAIL
    assert check_gradients(ag.exp, (1.0,)).check()


def test_a_thousand_nodes_are_checked():
    def chain(x, w, b):
        for _ in range(333):
            x = ag.tanh(x * w + b)
        return x

    assert check_gradients(chain, (0.5, 1.1, 0.1))
