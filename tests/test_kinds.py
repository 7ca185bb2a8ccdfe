"""Number types: what a Value keeps, what mixes, what raises, and that gradients are exact."""

import cmath
import operator
import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from oracles import TRUTH

import autograd
from autograd import Value
from autograd.functions import rules
from autograd.numbers.kinds import unify

mpf, mpc = mpmath.mpf, mpmath.mpc


def gradient(f, *numbers):
    """Data, and the gradients by fresh leaves."""
    leaves = [Value(x) for x in numbers]
    y = f(*leaves)
    y.backward()
    return y.data, [x.grad for x in leaves]


def test_fraction_gradients_are_exact():
    def f(x, y):
        return (x**3 - 2 * x * y) / (y + 1) + 1 / x

    x, y = Fraction(2, 3), Fraction(-1, 5)
    data, (by_x, by_y) = gradient(f, x, y)
    assert data == (x**3 - 2 * x * y) / (y + 1) + 1 / x
    assert by_x == (3 * x**2 - 2 * y) / (y + 1) - 1 / x**2
    assert by_y == -2 * x / (y + 1) - (x**3 - 2 * x * y) / (y + 1) ** 2
    assert {type(data), type(by_x), type(by_y)} == {Fraction}


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (autograd.abs, -1), (autograd.relu, 0), (autograd.square, Fraction(-2, 3)),
        (autograd.reciprocal, -9), (autograd.hard_sigmoid, Fraction(1, 6)),
        (autograd.hard_tanh, 1), (autograd.floor, 0), (autograd.sign, 0),
        (lambda x: autograd.maximum(x, Fraction(-1, 3)), Fraction(1, 2)),
        (lambda x: autograd.mean([x, x * 2, 1]), 1), (lambda x: autograd.prod([x, x, 3]), -2),
        (lambda x: autograd.max([x, x, -5]), 1), (lambda x: autograd.clip(x, -1, 1), 1),
        (lambda x: autograd.leaky_relu(x, Fraction(1, 100)), Fraction(1, 100)),
        (lambda x: autograd.dot([x, 2], [x, 3], x), Fraction(1, 3)),
        (lambda x: autograd.dot([x, 2], [x, 3]), Fraction(-2, 3)),
        (lambda x: x % 2, 1), (lambda x: autograd.where(x > 0, x, 3 * x), 3),
    ],
)  # fmt: skip
def test_rational_functions_at_minus_one_third(f, slope):
    data, (by_x,) = gradient(f, Fraction(-1, 3))
    assert by_x == slope
    assert type(data) is Fraction
    assert not isinstance(by_x, float)


def test_higher_derivatives_of_fractions_are_exact():
    x = Value(Fraction(1, 2))
    y = 1 / (1 + x**2)
    y.backward(create_graph=True)
    slope, x.grad = x.grad, 0
    slope.backward()
    assert x.grad == Fraction(6 * 1, 4) / Fraction(5, 4) ** 3 - 2 / Fraction(5, 4) ** 3


@pytest.mark.parametrize("number", [mpf, mpc, complex, Decimal])
@pytest.mark.parametrize("exponent", [1, 2])
def test_a_power_of_zero_has_a_slope_by_the_exponent(number, exponent):
    """0**y is 0 for every y > 0, and x log x goes to 0 with x."""
    data, (by_x, by_y) = gradient(lambda x, y: x**y, number(0), number(exponent))
    assert (data, by_x, by_y) == (0, 2 - exponent, 0)
    for base in (0, 2):
        with pytest.raises(TypeError, match="log is not defined for Fraction"):
            gradient(lambda x, y: x**y, Fraction(base), Fraction(exponent))


def test_decimal_has_arithmetic_and_the_functions_of_its_type():
    data, (by_x,) = gradient(lambda x: x.exp() * x.log() / x.sqrt(), Decimal(2))
    with mpmath.workdps(40):
        truth = mpmath.diff(lambda x: mpmath.exp(x) * mpmath.log(x) / mpmath.sqrt(x), 2)
        assert abs(mpf(str(by_x)) / truth - 1) < mpf(10) ** -26
    assert type(data) is type(by_x) is Decimal
    _, (by_x,) = gradient(autograd.log10, Decimal(2))
    assert abs(by_x - 1 / (2 * Decimal(10).ln())) < Decimal(10) ** -27


def test_complex_gradients_are_holomorphic_and_unconjugated():
    z = 0.3 - 0.7j
    data, (by_z,) = gradient(lambda x: (x * 2j).sin() * x.exp() + x**3, z)
    assert data == pytest.approx(cmath.sin(z * 2j) * cmath.exp(z) + z**3)
    truth = 2j * cmath.cos(z * 2j) * cmath.exp(z) + cmath.sin(z * 2j) * cmath.exp(z) + 3 * z**2
    assert by_z == pytest.approx(truth, rel=1e-14)


MULTIPRECISION = [
    row
    for row in rules.TABLE.values()
    if row.name in TRUTH
    and row.arity in (1, 2)
    and not row.integers
    and row.name in rules.PUBLIC
    and row.name
    not in (
        "floor_divide",
        "remainder",
        "fmod",
    )
]


@pytest.mark.parametrize("row", MULTIPRECISION, ids=operator.attrgetter("name"))
def test_every_row_is_exact_to_the_working_precision_of_mpmath(row):
    rng = random.Random(row.name)
    with mpmath.workdps(50):
        low, high = (max(row.domain[0][0], -3), min(row.domain[0][1], 3))
        for _ in range(5):
            xs = [mpf(rng.uniform(low, high)) + mpf(10) ** -30 for _ in range(row.arity)]
            if row is rules.power:
                xs[0] = abs(xs[0])
            data, grads = gradient(row, *xs)
            assert abs(data - TRUTH[row.name].value(*xs)) <= mpf(10) ** -45 * (1 + abs(data))
            for grad, truth in zip(grads, TRUTH[row.name].partials(*xs), strict=True):
                assert abs(grad - truth) <= mpf(10) ** -45 * (1 + abs(truth))


def test_integers_take_the_type_of_what_they_meet():
    for number in (Fraction(1, 2), Decimal("0.5"), 0.5 + 0j, mpf("0.5"), 0.5):
        for result in (Value(number) + 1, 1 + Value(number), Value(number) * 2, 3 - Value(number)):
            assert type(result.data) is type(number)
            assert result.partials[0] == result.partials[0] + 0 * number


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Fraction(1, 2), 0.5), (Decimal(1), 0.5), (Fraction(1, 2), Decimal(1)),
        (Fraction(1, 2), 1j), (Fraction(1, 2), mpf(1)),
    ],
)  # fmt: skip
def test_exact_types_do_not_mix_with_rounded_ones(a, b):
    for x, y in ((Value(a), Value(b)), (Value(a), b), (Value(b), a), (a, Value(b)), (b, Value(a))):
        with pytest.raises(TypeError, match="do not mix"):
            x * y


def test_floats_become_complex_or_multiprecision_exactly():
    assert (Value(0.1) * Value(1j)).data == 0.1j
    assert (Value(0.1) + mpf(1)).data == mpf(0.1) + 1
    assert type((Value(1j) * mpf(2)).data) is mpc
    assert unify([1, 2.0, True]) == (float, [1.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("f", "number"),
    [
        (autograd.exp, Fraction(1, 2)), (autograd.sin, Decimal(1)), (autograd.erf, 1j),
        (autograd.relu, 1j), (autograd.sign, 1j), (autograd.lgamma, Decimal(1)),
        (autograd.gamma, Fraction(5)),
        (lambda x: x**x, Fraction(1, 2)), (autograd.log2, Fraction(8)),
        (lambda x: autograd.heaviside(x, 0), 1j),
    ],
)  # fmt: skip
def test_a_function_that_the_type_lacks_raises(f, number):
    with pytest.raises(TypeError, match="not defined for"):
        f(Value(number))


def test_exact_division_by_zero_raises_for_there_is_no_infinity():
    with pytest.raises(ZeroDivisionError):
        1 / Value(Fraction(0))
