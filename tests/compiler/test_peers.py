"""What went wrong in other compilers, by public reports: the right numbers, in closed form."""

import math

import pytest

import autograd as ag
from autograd import where

INF = math.inf


def exprel(x):
    """(exp(x) - 1)/x, which is 1 at 0, with the derivatives 1/2 and 1/3."""
    small = ag.abs(x) < 1e-3
    return where(small, 1 + x / 2 + x * x / 6, ag.expm1(x) / x)


# (report, function, arguments, value, gradient, Hessian; None: not asked for)
REPORTS = [
    ("casadi 1878", lambda x: where(x > 0, ag.sqrt(x), 0.0), [-3.0], 0.0, [0.0], [[0.0]]),
    ("casadi 1878", lambda x: where(x > 0, ag.sqrt(x), 0.0), [0.0], 0.0, [0.0], [[0.0]]),
    ("casadi 1878", lambda x: where(x > 0, ag.sqrt(x), 0.0), [4.0], 2.0, [0.25], [[-1 / 32]]),
    ("casadi 2939", lambda x, y: where(x > 0, 0.0, x) + where(y > 0, 0.0, y), [-2.0, 3.0], -2.0,
     [1.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    ("CppADCodeGen 74", lambda x, y: where(ag.hypot(x, y) > 0, ag.cos(ag.hypot(x, y)), 1.0),
     [0.0, 0.0], 1.0, [0.0, 0.0], None),
    ("Enzyme.jl 2285", lambda x, a: where(ag.isinf(a), x * x, x * x + a * x * x), [0.0, INF], 0.0,
     [0.0, 0.0], [[2.0, 0.0], [0.0, 0.0]]),
    ("jax 347", lambda x, y: where(ag.sqrt(x * x + y * y) > 0.5, ag.sqrt(x * x + y * y), 1.0),
     [0.0, 0.0], 1.0, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    ("jax 1052", lambda a: where(a * 0 > -1.0, 0.0, ag.arctan2(a, a)), [0.0], 0.0, [0.0], [[0.0]]),
    ("jax 4177", lambda x, y: ag.norm([x, y]) ** 2, [0.0, 0.0], 0.0, [0.0, 0.0], None),
    ("jax 5262", lambda x, y: ag.norm([x, y]) ** 2, [3.0, 4.0], 25.0, [6.0, 8.0],
     [[2.0, 0.0], [0.0, 2.0]]),
    ("jax 20574", lambda x, y: x**0 + y**1, [10.0, 0.0], 1.0, [0.0, 1.0], [[0.0, 0.0], [0.0, 0.0]]),
    ("tinygrad 12409", lambda x: where(ag.abs(x) > 0, x * ag.sqrt(x), 0.0), [0.0], 0.0, [0.0],
     [[0.0]]),
    ("saiunit 114", exprel, [0.0], 1.0, [0.5], [[1 / 3]]),
    ("torch 185543", lambda x, y, z: ag.min([x, y, z]), [0.0, 0.0, 0.0], 0.0, [1 / 3] * 3,
     [[0.0] * 3] * 3),
    ("torch 186799", lambda x, y: ag.min([x, y]) + ag.min([x, y]) * x, [1.0, 2.0], 2.0, [3.0, 0.0],
     [[2.0, 0.0], [0.0, 0.0]]),
    ("velox 15884", lambda x: 1.0 / (ag.ceil(x * 0 - 0.3) - ag.floor(x * 0 + 0.3)), [1.0], -INF,
     None, None),
    ("openjdk 8351515", lambda x: 1.0 / (0.0 - (0.0 - x)), [-0.0], INF, None, None),
    ("scala-js 1454", lambda x: x * -1.0, [0.0], -0.0, [-1.0], [[0.0]]),
    ("orbital 108", lambda x: 0.0 - x, [2.0], -2.0, [-1.0], [[0.0]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "xs", "value", "gradient", "hessian"),
    [row[1:] for row in REPORTS], ids=[f"{row[0]}-{row[2]}" for row in REPORTS],
)  # fmt: skip
def test_the_right_numbers_are_answered(function, xs, value, gradient, hessian):
    compiled = ag.compile(function)
    assert repr(compiled(*xs)) == repr(float(value))
    if gradient is not None:
        slopes = compiled.value_and_grad(*xs)[1]
        assert [*(slopes if len(xs) > 1 else [slopes])] == pytest.approx(gradient, abs=1e-300)
    if hessian is not None:
        rows = ag.compile(lambda z: function(*z)).hessian(list(xs))
        for row, true in zip(rows, hessian, strict=True):
            assert [*row] == pytest.approx(true, rel=1e-12, abs=1e-15)


def test_sympy_24673_a_sum_of_a_hundred_thousand_operations_is_compiled():
    def f(x, y):
        total = x
        for k in range(25_000):
            total = total + (x + k) * y**2
        return total

    value, slopes = ag.compile(f).value_and_grad(1.0, 0.5)
    n = 25_000
    assert value == pytest.approx(1 + (n * (n + 1) / 2) / 4, rel=1e-12)
    assert slopes == pytest.approx((1 + n / 4, n * (n + 1) / 2), rel=1e-12)
