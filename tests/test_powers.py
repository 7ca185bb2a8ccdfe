"""Powers at 0, near it and elsewhere: every derivative up to the fourth, by base and exponent."""

from __future__ import annotations

import decimal
import itertools
import math
import threading
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpc, mpf

import autograd as ag
from autograd import Value, grad, hessian, hvp, jvp
from autograd.functions import rules
from autograd.numbers.powers import power_partial

INF = math.inf
ORDERS = [(n, m) for n in range(5) for m in range(5) if 0 < n + m <= 4]


def truth(n, m, x, y):
    """The derivative of x**y, n times by x and m times by y, for x > 0 or m = 0.

    The falling factorial has the signed Stirling numbers of the first kind as coefficients (DLMF
    26.8.7), so that its derivatives by y are sums of powers of y; Leibniz's rule for the rest.
    """
    x, y = mpf(x), mpf(y)

    def falling(k):
        terms = (mp.stirling1(n, j) * mp.ff(j, k) * y ** (j - k) for j in range(k, n + 1))
        return sum(terms, mpf(0))

    log = mp.log(abs(x))
    power = (mp.sign(x) ** int(y - n) if x < 0 else 1) * mp.exp((y - n) * log)
    return power * sum(mp.binomial(m, k) * falling(k) * log ** (m - k) for k in range(m + 1))


def largest(n, m, x, y):
    """The size of the largest term of the sum: what is left of terms that cancel has its error."""
    power, log = mp.exp((mpf(y) - n) * mp.log(abs(mpf(x)))), abs(mp.log(abs(mpf(x))))
    return power * max((abs(mpf(y)) + n) ** max(n - k, 0) * log ** (m - k) for k in range(m + 1))


def derivative(n, m):
    """The function of x and y that differentiates x**y by the engine: first by y, then by x."""
    f = lambda x, y: x**y  # noqa: E731
    for _ in range(m):
        f = grad(f, 1)
    for _ in range(n):
        f = grad(f, 0)
    return f


# -- at 0 -------------------------------------------------------------------------------------

POLYNOMIAL = (7, -2, 5, 3, -1, 4)  # the coefficients, that of x**0 first
ZEROS = [0.0, -0.0, 5e-324, -1e-200, 1e-154, Fraction(0), Fraction(-1, 3), 0j, 2 + 1j,
         Decimal("1e-200"), mpf(0), mpf("1e-500")]  # fmt: skip


def polynomial(x):
    return sum(c * x**k for k, c in enumerate(POLYNOMIAL))


def exact_derivative(order, x):
    """The derivative of the polynomial, in the operations of x alone and without powers."""
    total = 0 * x
    for k in range(len(POLYNOMIAL) - 1, order - 1, -1):
        total = total * x + math.perm(k, order) * POLYNOMIAL[k]
    return total


@pytest.mark.parametrize("x", ZEROS, ids=repr)
@pytest.mark.parametrize("order", range(1, 7))
def test_a_polynomial_written_with_powers_has_every_derivative_at_0_and_near_it(x, order):
    f = polynomial
    for _ in range(order):
        f = grad(f)
    found, expected = f(x), exact_derivative(order, x)
    assert type(found) is type(x)
    assert abs(found - expected) * 10**12 <= abs(expected)


def test_the_hessian_of_a_function_with_powers_0_and_2_at_0():
    assert hessian(lambda v: 1 + 2 * v[0] ** 0 + v[0] ** 2)([0.0]) == [[2.0]]


def third_by_backward():
    x = Value(0.0)
    y = polynomial(x)
    for _ in range(3):
        x.zero_grad()
        y.backward(create_graph=True)
        y = x.grad
    return y.data


def third_in_a_thread():
    found = []
    run = threading.Thread(target=lambda: found.append(grad(grad(grad(polynomial)))(0.0)))
    run.start()
    run.join()
    return found[0]


ROUTES = {
    "nested grad": lambda: grad(grad(grad(polynomial)))(0.0),
    "backward with create_graph": third_by_backward,
    "jvp of the second derivative": lambda: jvp(grad(grad(polynomial)), (0.0,), (1.0,))[1],
    "nested jvp": lambda: jvp(
        lambda x: jvp(lambda x: jvp(polynomial, (x,), (1.0,))[1], (x,), (1.0,))[1], (0.0,), (1.0,)
    )[1],
    "hvp of the first derivative": lambda: hvp(grad(polynomial), 0.0, 1.0),
    "hessian of the first derivative": lambda: hessian(grad(polynomial))(0.0),
    "an array": lambda: grad(lambda x: hessian(lambda x: polynomial(x).sum())(x).sum())(
        np.array([0.0])
    )[0],
    "another thread": third_in_a_thread,
}


@pytest.mark.parametrize("route", ROUTES)
def test_the_third_derivative_at_0_by_every_route(route):
    assert ROUTES[route]() == exact_derivative(3, 0.0) == 18.0


@pytest.mark.parametrize("y", [2.0, 0.5, 7, 1e300])
@pytest.mark.parametrize("order", range(1, 5))
def test_derivatives_of_0_to_a_positive_power_by_the_exponent_are_0(order, y):
    assert derivative(0, order)(0.0, y) == 0.0


AT_ZERO = [  # n, m, x, y, value: what is defined where no derivative exists, and one-sided limits
    (2, 0, 0.0, 1.5, INF),
    (2, 0, 0.0, 0.5, -INF),
    (3, 0, 0.0, 1.5, -INF),
    (2, 0, 0.0, 2.0, 2.0),
    (3, 0, 0.0, 2.0, 0.0),
    (2, 0, 0.0, -1.0, INF),
    (2, 0, -0.0, -1.0, -INF),
    (1, 1, 0.0, 3.0, 0.0),
    (1, 1, 0.0, 0.5, -INF),
    (1, 1, 0.0, 1.0, 1.0),  # 0**0 log(0) is 0, as it is in the first derivative by the exponent
    (0, 2, 0.0, 0.0, 0.0),
    (0, 2, 0.0, -1.0, INF),
    (0, 3, 0.0, -1.0, -INF),
    (1, 2, 0.0, 2.5, 0.0),
    (0, 1, 0.0, 5e-324, 0.0),
    (0, 2, 0.0, 5e-324, 0.0),
    (1, 0, -0.0, 1e-300, INF),
    (1, 0, -0.0, -1e-300, -INF),
    (1, 0, -0.0, -1.0, -INF),
    (1, 0, -0.0, -2.0, INF),
    (2, 1, 1.0, 1e160, 2e160),
    (2, 2, 1.0, 1e300, 2.0),
    (3, 1, 1.0, 1e300, INF),
    (2, 0, INF, 2.0, 2.0),
    (2, 0, INF, 1.5, 0.0),
    (1, 1, INF, 1.0, INF),
    (2, 1, INF, 1.0, 0.0),
]


@pytest.mark.parametrize(("n", "m", "x", "y", "value"), AT_ZERO)
def test_edges_of_the_higher_derivatives_of_a_power(n, m, x, y, value):
    assert derivative(n, m)(x, y) == value
    if n + m > 1:
        assert power_partial(n, m, x, y) == value


@pytest.mark.parametrize("y", [0.5, 2.0, -3.0, 1e17])
def test_a_negative_base_has_no_derivative_by_the_exponent(y):
    for n, m in ORDERS:
        found = power_partial(n, m, -2.0, y)
        assert math.isnan(found) == (m > 0 or y == 0.5), (n, m)


@pytest.mark.parametrize(("x", "y"), [(math.nan, 2.0), (2.0, math.nan), (math.nan, 0.0)])
def test_a_nan_operand_gives_nan_in_every_derivative_of_a_power(x, y):
    assert all(math.isnan(power_partial(n, m, x, y)) for n, m in ORDERS)


# -- elsewhere --------------------------------------------------------------------------------

BASES = (5e-324, 4.1831483552195e-311, 1e-300, 1e-160, 1e-8, 0.3, 1.0, 2.5, 40.0, 1e8, 1e160, 1e300)
EXPONENTS = (
    -3.0, -1.0, -0.5, 0.0, 2.3799246e-317, 1e-200, 0.25, 1.0,
    1.5, 2.0, 3.0, 4.0, 4.5, 40.0,
)  # fmt: skip


@pytest.mark.parametrize(("n", "m"), ORDERS)
def test_every_derivative_of_a_power_up_to_the_fourth(n, m):
    """To 1e-12 of the largest term, and to a few units of the smallest float."""
    f = derivative(n, m)
    with mpmath.workprec(400):
        for x in (*BASES, *(-x for x in BASES)):
            for y in EXPONENTS:
                if x < 0 and (m or y % 1):
                    continue
                found, expected = f(x, y), truth(n, m, x, y)
                if abs(expected) >= 2**1024:
                    assert found == mp.sign(expected) * INF, (x, y)
                else:
                    allowed = 1e-12 * largest(n, m, x, y) + 1e-322
                    assert abs(found - expected) <= allowed, (x, y, found, float(expected))


@pytest.mark.parametrize("kind", [complex, Fraction, Decimal, mpf], ids=lambda kind: kind.__name__)
def test_other_numbers_have_the_derivatives_of_floats(kind):
    for n, m in ORDERS:
        for x, y in ((2, 3), (1, 4), (3, -2), (0, 3), (0, 1)):
            if m and kind is Fraction:
                continue  # it has no logarithm
            expected = power_partial(n, m, float(x), float(y))
            if math.isinf(expected):
                continue  # a pole
            found = rules.TABLE["power_partial"](n, m, kind(x), kind(y))
            assert type(found) is kind
            assert abs(complex(found) - expected) <= 1e-13 * abs(expected), (n, m, x, y)


EDGES = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, INF, -INF, math.nan)


@pytest.mark.parametrize("kind", [Decimal, mpf], ids=lambda kind: kind.__name__)
def test_at_zeros_infinities_and_nan_a_real_type_has_the_derivatives_of_floats(kind):
    """But where a negative base meets an infinity: only C99 takes that for an even number."""

    def same(mine, theirs):
        mine = float(mine)
        return mine == pytest.approx(theirs, rel=1e-13, abs=0, nan_ok=True)

    for x, y in itertools.product(EDGES, repeat=2):
        if x < 0 and math.isinf(x * y):
            continue
        with decimal.localcontext(traps=[]):
            floats, node = (Value(f(x)) ** Value(f(y)) for f in (float, kind))
            assert all(map(same, node.partials, floats.partials)), (x, y, node.partials)
            for n, m in ORDERS:
                if n + m > 1:
                    found = rules.TABLE["power_partial"](n, m, kind(x), kind(y))
                    assert same(found, power_partial(n, m, x, y)), (n, m, x, y, found)


@pytest.mark.parametrize("kind", [complex, mpc], ids=lambda kind: kind.__name__)
def test_no_derivative_of_a_complex_power_raises(kind):
    for x, y in itertools.product((*EDGES, 1j, complex(INF, 1), 1e200 + 1e200j), repeat=2):
        for n, m in ORDERS:
            assert type(rules.TABLE["power_partial"](n, m, kind(x), kind(y))) is kind


def test_exp2_and_a_power_of_two_have_equal_derivatives():
    f, g = ag.exp2, lambda x: 2.0**x
    for _ in range(4):
        f, g = grad(f), grad(g)
        assert f(3.5) == g(3.5)


@pytest.mark.parametrize(
    ("x", "y", "value"),  # C99, F.9.4.4
    [
        (-0.0, -0.9999999999999999, INF),
        (0.0, -1.0, INF),
        (-0.0, -1.0, -INF),
        (-0.0, -2.0, INF),
        (-0.0, -(2.0**53) + 1.0, -INF),
        (-0.0, -(2.0**53), INF),
        (-1e200, 3.0, -INF),
        (-1e200, 4.0, INF),
        (-1e200, 3.5, math.nan),
        (-INF, 0.9999999999999999, INF),
    ],
)
def test_powers_at_zeros_and_infinities_are_those_of_c99(x, y, value):
    assert ag.power(x, y) == pytest.approx(value, nan_ok=True)
    assert Value(x).power(y).data == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("y", [math.inf, -math.inf])
@pytest.mark.parametrize("x", [-math.inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, math.inf])
def test_infinite_powers_of_mpf_are_those_of_c99(x, y):
    """C17 F.10.4.4; mpmath itself has nan for negative x, and before 1.4 for 1."""
    assert (Value(mpf(x)) ** mpf(y)).data == math.pow(x, y)
    assert type((Value(mpf(x)) ** y).data) is mpf
