"""The oracles held against formulas: their derivatives, and the errors that they state."""

import cmath
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf
from oracles import TRUTH
from test_rules import draw_operands

import autograd as ag
from autograd.functions import rules
from autograd.testing.differences import Differences
from autograd.testing.duals import Rational
from autograd.testing.local import row_oracle
from autograd.testing.oracles import ComplexStep, Estimate, Finite, Slope, UnsuitableError
from autograd.testing.precise import Precise
from autograd.testing.subject import Subject
from autograd.testing.units import DOUBLE, SINGLE, exact

SMOOTH = [
    "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arctan", "sinh", "tanh",
    "arcsinh", "erf", "normal_pdf", "gamma", "lgamma", "sigmoid", "softplus", "silu", "gelu",
    "square", "reciprocal", "cbrt", "logaddexp", "hypot", "power", "multiply", "divide",
]  # fmt: skip


def on_numbers(f, count=1):
    """A function of one list, evaluated without a graph."""
    return Subject(f, (1.0,) * count).values


@pytest.mark.parametrize("name", SMOOTH)
def test_mpmath_is_within_the_error_that_it_states(name):
    """At points of any size, against the derivative written out; and the error is tiny."""
    row, rng = rules.TABLE[name], random.Random(name)
    settled = 0
    for _ in range(15):
        xs = draw_operands(rng, row)
        oracle = row_oracle(row, xs)
        for i in range(len(xs)):
            found = oracle.slope(i).derivative
            truth = TRUTH[name].exact_partial(i, *xs)
            if found is None or not math.isfinite(float(truth)):
                continue
            settled += 1
            least = exact(mpf(2) ** -1075)  # the truth is good to 80 bits
            assert (
                abs(found.value - exact(truth)) <= found.error + abs(exact(truth)) / 2**75 + least
            )
            assert found.error <= abs(found.value) / 2**59 + least
    assert settled >= 8


@pytest.mark.parametrize("name", SMOOTH)
def test_finite_differences_are_within_the_error_that_they_state(name):
    """At moderate points; and the error that they state is no excuse: below 1e-7 of the scale."""
    row, rng = rules.TABLE[name], random.Random(name)
    for _ in range(25):
        xs = [rng.uniform(0.2, 0.9) + (1.0 if row.domain[0][0] == 1.0 else 0.0)] * (row.arity or 2)
        xs[-1] *= rng.uniform(0.5, 1.0)
        for i in range(len(xs)):
            value, error = Differences(lambda ys: row.forward(*ys), xs).derivative(i)
            truth = float(TRUTH[name].exact_partial(i, *xs))
            assert abs(value - truth) <= error, (name, xs, i, value, truth, error)
            assert error <= 1e-7 * max(1.0, abs(truth))


CURVES = {  # function and derivative, the latter in mpmath
    "sinc": (np.sinc, lambda x: mp.cospi(x) / x - mp.sinpi(x) / (mp.pi * x * x)),
    "log": (math.log, lambda x: 1 / x),
    "sqrt": (math.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "tanh": (math.tanh, lambda x: mp.sech(x) ** 2),
    "a loss and a constant": (
        lambda x: math.log1p(math.exp(-x)) + 2.6,
        lambda x: -1 / (1 + mp.exp(x)),
    ),
    "short waves": (lambda x: math.sin(10 * x), lambda x: 10 * mp.cos(10 * x)),
    "a rounded corner": (
        lambda x: math.sqrt(x * x + 1e-8),
        lambda x: x / mp.sqrt(x * x + mpf(1e-8)),
    ),
    "gamma": (math.gamma, lambda x: mp.gamma(x) * mp.digamma(x)),
}


@pytest.mark.parametrize("form", [DOUBLE, SINGLE])
@pytest.mark.parametrize("name", CURVES)
def test_finite_differences_are_honest_wherever_they_look(name, form):
    """Also at whole numbers and quarters, where roundings and entries agree by chance."""
    f, derivative = CURVES[name]
    rng = random.Random(name)
    digits = []
    for _ in range(60):
        whole, quarter = rng.randint(1, 4), rng.randint(1, 16) / 4
        tiny, any_ = 10 ** rng.uniform(-9, 1), rng.uniform(0.1, 30)
        x = form.rounded(rng.choice([whole, quarter, tiny, any_]))
        value, error = Differences(lambda xs: form.rounded(float(f(*xs))), [x], form).derivative(0)
        with mp.workprec(200):
            truth = float(derivative(mpf(x)))
        assert abs(value - truth) <= error, x
        digits.append(error / abs(truth))
    assert sorted(digits)[30] <= (1e-10 if form is DOUBLE else 1e-2)


@pytest.mark.parametrize("noise", [1e-13, 1e-10, 1e-6])
def test_finite_differences_notice_noise(noise):
    """A function with rounding errors far above the last place: the stated error grows with it."""

    def noisy(xs):
        return math.sin(xs[0]) + noise * math.sin(1e17 * xs[0])

    for k in range(20):
        x = 0.3 + 0.05 * k
        value, error = Differences(noisy, [x]).derivative(0)
        assert abs(value - math.cos(x)) <= error <= 1e5 * noise


@pytest.mark.parametrize("name", ["exp", "sin", "sinh", "log", "sqrt", "square", "tan"])
def test_the_complex_step_is_within_the_error_that_it_states(name):
    row, rng = rules.TABLE[name], random.Random(name)
    for _ in range(20):
        x = rng.uniform(0.2, 3.0)
        f = on_numbers(row)
        found = ComplexStep(f, [x], Differences(f, [x])).slope(0).derivative
        truth = exact(TRUTH[name].exact_partial(0, x))
        assert abs(found.value - truth) <= found.error <= abs(truth) / 2**40


def test_the_complex_step_refuses_what_is_not_analytic():
    """abs of a complex number is a length: the derivative would be 0 in silence."""
    step = ComplexStep(lambda xs: abs(xs[0]), [2.0], Differences(lambda xs: abs(xs[0]), [2.0]))
    with pytest.raises(UnsuitableError, match="disagree"):
        step.slope(0)
    with pytest.raises(UnsuitableError, match="does not take complex"):
        ComplexStep(lambda xs: max(xs[0], 0.0), [2.0]).slope(0)


def test_dual_numbers_over_fractions_are_exact():
    f = lambda xs: (xs[0] ** 3 - 2 * xs[1]) / (1 + abs(xs[0]) * xs[1]) - 1 / xs[1]  # noqa: E731
    x, y = Fraction(-2, 3), Fraction(5, 7)
    by_x, by_y = (Rational(f, [x, y]).slope(i).derivative for i in range(2))
    bottom = 1 - x * y
    assert by_x.value == (3 * x**2 * bottom + (x**3 - 2 * y) * y) / bottom**2
    assert by_y.value == (-2 * bottom + (x**3 - 2 * y) * x) / bottom**2 + 1 / y**2
    assert by_x.error == by_y.error == 0
    assert Rational(lambda xs: 1 / xs[0], [0]).slope(0).derivative is None
    with pytest.raises(UnsuitableError, match="not rational"):
        Rational(lambda xs: xs[0] ** 0.5, [2]).slope(0)
    with pytest.raises(UnsuitableError, match="not rational"):
        Rational(lambda xs: math.sin(xs[0]), [2]).slope(0)


KINKS = [  # function, point, left and right derivative where they are finite
    (abs, 0.0, -1, 1),
    (ag.relu, 0.0, 0, 1),
    (lambda x: ag.maximum(x * x, x), 1.0, 1, 2),
    (lambda x: ag.hard_tanh(x), 1.0, 1, 0),
    (lambda x: x * abs(x), 0.0, None, None),  # smooth, after all
    (ag.sqrt, 0.0, None, None),
    (ag.cbrt, 0.0, None, None),
    (ag.log, -1.0, None, None),
    (ag.log, 0.0, None, None),
]


@pytest.mark.parametrize(("f", "x", "left", "right"), KINKS)
def test_mpmath_tells_kinks_from_smooth_points(f, x, left, right):
    found = Precise(on_numbers(f), [x]).slope(0)
    if left is None:
        smooth = found.derivative is not None and float(found.derivative.value) == 0
        assert smooth or (found.derivative is None and found.left is None)
        return
    assert found.derivative is None
    assert (float(found.left.value), float(found.right.value)) == (left, right)


@pytest.mark.parametrize(("f", "x", "left", "right"), [k for k in KINKS if k[2] is not None])
def test_finite_differences_tell_kinks_as_well(f, x, left, right):
    found = Finite(on_numbers(f), [x]).slope(0)
    assert found.derivative is None
    assert abs(found.left.value - left) <= found.left.error + Fraction(1, 10**12)
    assert abs(found.right.value - right) <= found.right.error + Fraction(1, 10**12)


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (lambda x: 1 + x, 1e-300, 1.0),  # absorbed at any usual precision
        (lambda x: (1e60 + x) - 1e60, 1.0, 1.0),
        (lambda x: x * 0.0, 3.0, 0.0),
        (ag.sin, 1e300, -0.5753861119575491),
        (ag.log, 1e-300, 1e300),
        (lambda x: x * x, 0.0, 0.0),
        (lambda x: ag.where(x != 0, (ag.exp(x) - 1) / x, 1 + x / 2), 0.0, 0.5),  # a pole not taken
    ],
)
def test_mpmath_raises_its_precision_until_it_is_right(f, x, truth):
    found = Precise(on_numbers(f), [x]).slope(0).derivative
    assert float(found.value) == pytest.approx(truth, rel=1e-15)


def test_second_derivatives_by_differences():
    f = on_numbers(lambda x, y: ag.tanh(x * y) + x**3, 2)
    oracle = Precise(f, [0.5, 2.0])
    sech2 = 1 / math.cosh(1.0) ** 2
    by_xy = sech2 - 2 * math.tanh(1.0) * sech2
    by_xx = -8 * math.tanh(1.0) * sech2 + 3.0
    assert float(oracle.curvature(0, 1).derivative.value) == pytest.approx(by_xy, rel=1e-14)
    assert float(oracle.curvature(1, 0).derivative.value) == pytest.approx(by_xy, rel=1e-14)
    assert float(oracle.curvature(0, 0).derivative.value) == pytest.approx(by_xx, rel=1e-14)


class Seen:
    """Finite differences that are known: derivatives with errors, and what they are like."""

    def __init__(self, found=(math.nan, math.inf), sides=None, size=1.0, center=(1.0, 1.0)):
        self.found, self.sides, self.center = found, sides or {}, list(center)
        self.of_size = size

    def derivative(self, i, k=0):
        return self.found

    def one_sided(self, i, side, k=0):
        return self.sides.get(side, (math.nan, math.inf))

    def size(self, i, k=0):
        return self.of_size


THRICE = lambda xs: 3.0 * xs[0]  # noqa: E731


def test_the_complex_step_states_the_roundings_of_a_c_library():
    found = ComplexStep(THRICE, [2.0]).slope(0)
    assert found.derivative.value == 3
    assert 1 <= found.derivative.error / Fraction(3 * 2.0**-42) < 1.1
    assert found.size == 3.0
    assert found.left is found.right is None
    falling = ComplexStep(lambda xs: -3.0 * xs[0], [2.0]).slope(0)
    assert falling.derivative.value == -3
    assert falling.derivative.error == found.derivative.error
    assert falling.size == 3.0


@pytest.mark.parametrize(("one", "unsure", "agrees"), [
    (3.0, 0.0, True), (3.007, 1e-3, True), (2.993, 1e-3, True),
    (3.009, 1e-3, False), (2.991, 1e-3, False), (-3.0, 1.0, True), (-3.0, 0.5, False),
    (9.0, math.inf, True), (math.nan, math.inf, True),
])  # fmt: skip
@pytest.mark.parametrize("side", [-1, 1])
def test_the_complex_step_has_to_agree_with_either_side(side, one, unsure, agrees):
    """To eight times its error, as one-sided differences do at a smooth point; a kink has two."""
    oracle = ComplexStep(THRICE, [2.0], Seen((3.0, 1e-3), {side: (one, unsure)}))
    if agrees:
        assert oracle.slope(0).derivative.value == 3
    else:
        with pytest.raises(UnsuitableError, match="the function is not analytic"):
            oracle.slope(0)


@pytest.mark.parametrize(("doubt", "size", "told"), [
    (0.0, 1.0, True), (0.9, 1.0, True), (1.0, 1.0, False), (5.0, 1.0, False),
    (5.0, 6.0, True), (math.inf, 6.0, False),
])  # fmt: skip
def test_a_complex_step_of_0_has_to_be_confirmed(doubt, size, told):
    """An imaginary part that was dropped is 0; one that was not is no such thing."""
    dropped = ComplexStep(lambda xs: 3.0 * xs[0].real, [2.0], Seen((0.0, doubt), size=size))
    if told:
        assert dropped.slope(0).derivative.value == 0
    else:
        with pytest.raises(UnsuitableError, match="drops imaginary parts"):
            dropped.slope(0)
    assert ComplexStep(THRICE, [2.0], Seen((3.0, doubt), size=size)).slope(0).derivative.value == 3


def test_the_complex_step_states_what_underflows():
    none = ComplexStep(lambda xs: 0.0 * xs[0], [2.0]).slope(0).derivative
    assert none.value == 0
    assert 7e-173 < none.error < 9e-173


def test_the_complex_step_states_how_far_neighbours_differ():
    """16 times what one unit of the argument changes: exp(4096 x) changes by 4096 units of x."""
    steep = lambda xs: cmath.exp(4096.0 * (xs[0] - 1.0))  # noqa: E731
    found = ComplexStep(steep, [1.0]).slope(0).derivative
    bend = 16 * 4096.0**2 * 2.0**-52
    assert 0.99 * bend < found.error < 1.2 * bend


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("x", [-1.0, 1.0])
def test_the_complex_step_looks_at_both_neighbours(side, x):
    def bent(xs):  # on one side of x only
        steep = side * (xs[0].real - x) > 0
        return cmath.exp(4096.0 * (xs[0] - x)) if steep else 4096.0 * xs[0]

    found = ComplexStep(bent, [x]).slope(0).derivative
    assert found.error > 8 * 4096.0**2 * 2.0**-53


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_the_complex_step_needs_both_neighbours(side, lost):
    """Where the function has no number at one of them, its error cannot be told."""
    alone = lambda xs: xs[0] * (lost if side * (xs[0].real - 1.0) > 0 else 1)  # noqa: E731
    assert ComplexStep(alone, [1.0]).slope(0) == Slope(None)


def test_the_complex_step_of_compiled_code_has_an_error():
    """It takes no numbers that are watched: nothing is known of its roundings, and nothing less."""

    def compiled(xs):
        if type(xs[0]) is not complex:
            raise TypeError("complex expected")
        return xs[0] * 3.0

    found = ComplexStep(compiled, [2.0]).slope(0).derivative
    assert (found.value, found.error) == (3, pytest.approx(3 * 2.0**-42))


def test_an_oracle_is_asked_for_the_first_result_unless_another_is_named():
    two = lambda xs: [xs[0] * 3.0, xs[0] * 5.0]  # noqa: E731
    for oracle in (ComplexStep(two, [2.0]), Finite(two, [2.0]), Precise(two, [2.0])):
        assert oracle.slope(0) == oracle.slope(0, 0) != oracle.slope(0, 1)
    found = Differences(lambda xs: [xs[0] * 3.0, xs[0] * 5e9], [2.0])
    assert found.derivative(0) == found.derivative(0, 0) != found.derivative(0, 1)
    assert found.one_sided(0, 1) == found.one_sided(0, 1, 0) != found.one_sided(0, 1, 1)
    assert found.size(0) == found.size(0, 0) != found.size(0, 1)
    assert found.noise() == found.noise(0) != found.noise(1)


@pytest.mark.parametrize(("other", "refused"), [
    (3.0, False), (3.0009, False), (2.9991, False), (3.0011, True), (2.9989, True), (-3.0, True),
])  # fmt: skip
def test_the_complex_step_has_to_agree_with_differences_within_their_error(other, refused):
    step = ComplexStep(THRICE, [2.0], Seen((other, 1e-3), size=5.0))
    if refused:
        with pytest.raises(UnsuitableError, match="disagree: the function is not analytic"):
            step.slope(0)
    else:
        assert step.slope(0).size == 5.0
        assert ComplexStep(THRICE, [2.0], Seen((other, 1e-3), size=1.0)).slope(0).size == 3.0


def raising(error):
    def f(xs):
        raise error

    return f


def test_a_function_that_raises_at_a_pole_has_no_derivative_there():
    for error in (ValueError("domain"), ZeroDivisionError()):
        step = ComplexStep(raising(error), [0.0], Seen(center=(math.nan, math.nan)))
        assert step.slope(0, 0) == step.slope(0, 1) == Slope(None)
        with pytest.raises(UnsuitableError, match="does not take complex numbers"):
            ComplexStep(raising(error), [0.0], Seen(center=(1.0, 2.0))).slope(0)
        assert ComplexStep(raising(error), [0.0]).slope(0) == Slope(None)
    with pytest.raises(UnsuitableError, match="does not take complex numbers: no"):
        ComplexStep(raising(TypeError("no")), [0.0], Seen(center=(math.nan,))).slope(0)


def test_nothing_at_complex_numbers_where_differences_see_something():
    nothing = lambda xs: xs[0] * math.nan  # noqa: E731
    with pytest.raises(UnsuitableError, match="no finite values at complex numbers"):
        ComplexStep(nothing, [1.0], Seen((1.0, 1e-9))).slope(0)
    assert ComplexStep(nothing, [1.0], Seen()).slope(0) == Slope(None)
    assert ComplexStep(nothing, [1.0]).slope(0) == Slope(None)


SIDES = [  # left, right, each with its error -> whether there is a derivative
    ((1.0, 0.01), (1.0, 0.01), True), ((1.0, 0.01), (1.16, 0.01), True),
    ((1.0, 0.01), (1.17, 0.01), False), ((1.16, 0.01), (1.0, 0.01), True),
    ((1.17, 0.01), (1.0, 0.01), False), ((-1.0, 0.01), (1.0, 0.01), False),
    ((1.0, 2.0**-6), (1.25, 2.0**-6), True),
    ((1.0, 0.0), (1.24, 0.0301), True), ((1.0, 0.0301), (1.24, 0.0), True),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "smooth"), SIDES)
def test_sides_that_differ_by_more_than_eight_of_their_errors_are_a_kink(left, right, smooth):
    sides = {-1: left, 1: right}
    found = Finite(THRICE, [1.0], Seen((1.08, 1e-3), sides, size=7.0)).slope(0)
    if smooth:
        assert found == Slope(Estimate(Fraction(1.08), Fraction(1e-3)), size=7.0)
    else:
        assert found.derivative is found.size is None
        assert (found.left.value, found.right.value) == (Fraction(left[0]), Fraction(right[0]))
    lost = Finite(THRICE, [1.0], Seen((math.nan, 1e-3), sides)).slope(0)
    assert lost.derivative is None
    one = {-1: (math.inf, 0.0), 1: (1.0, 0.5)}
    there = Slope(None, None, Estimate(Fraction(1), Fraction(1, 2)))
    assert Finite(THRICE, [1.0], Seen((1.0, 1e-3), one)).slope(0) == there
