"""Taylor remainders, adjointness and exact replay: right gradients pass, wrong ones do not."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import autograd as ag
from autograd import Value
from autograd.testing import Verdict, adjoint_test, replay_exact, taylor_test
from autograd.testing.laws import Dyadic, check_replay
from autograd.testing.strategies import FINITE, programs, rational_programs


@pytest.mark.parametrize(
    ("f", "g", "x"),
    [
        (ag.exp, ag.exp, 1.0),
        (math.sin, math.cos, 2.0),
        (lambda x: 3 * x, lambda x: 3.0, 5.0),
        (lambda v: v[0] ** 2 * v[1], lambda v: [2 * v[0] * v[1], v[0] ** 2], [1.5, -2.0]),
        (lambda a: float(np.sum(np.cos(a))), lambda a: -np.sin(a), np.array([0.3, 1.2, -2.0])),
    ],
)
def test_taylor_remainders_fall_with_the_square_of_the_step(f, g, x):
    assert taylor_test(f, g, x)


@pytest.mark.parametrize("error", [1e-2, 1e-4, 1e-6])
def test_a_wrong_gradient_leaves_a_remainder_of_first_order(error):
    wrong = lambda v: [2 * v[0] * v[1], v[0] ** 2 * (1 + error)]  # noqa: E731
    report = taylor_test(lambda v: v[0] ** 2 * v[1], wrong, [1.5, -2.0])
    assert report.verdict is Verdict.FAIL
    assert report.worst.got < 1.5


def test_taylor_in_directions_of_a_seed():
    reports = [taylor_test(math.sin, math.cos, 1.0, seed=seed) for seed in (0, 0, 1)]
    rates = [[finding.got for finding in report.findings] for report in reports]
    assert rates[0] == rates[1] != rates[2]


def test_adjointness():
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    at = (np.zeros(3), np.zeros(2))
    assert adjoint_test(lambda u: a @ u, lambda v: a.T @ v, *at)
    b = a.copy()
    b[1, 2] = 6.0 + 1e-12
    assert adjoint_test(lambda u: a @ u, lambda v: b.T @ v, *at).verdict is Verdict.FAIL
    with pytest.raises(ValueError, match="2 numbers with 3"):
        adjoint_test(lambda u: a.T @ u, lambda v: a.T @ v, np.zeros(2), np.zeros(2))


@given(programs(control=True))
def test_every_sweep_replays(program):
    root = program(*program.leaves())
    if root.parents:
        assert check_replay(root)


@given(rational_programs())
def test_sweeps_over_fractions_replay_exactly(program):
    root = program(*program.leaves())
    if root.parents:
        report = check_replay(root)
        assert report
        assert all(finding.allowed in (0.0, math.inf) for finding in report.findings) or report


@pytest.mark.parametrize("bits", [2.0**-48, -(2.0**-48)])
def test_replay_finds_an_error_of_some_units(bits):
    x, w = Value(0.3), Value(1.7)
    y = (x * w + x) * w
    y.backward()
    assert replay_exact(y)
    w.grad *= 1 + bits
    report = replay_exact(y)
    assert report.verdict is Verdict.FAIL
    assert "leaf" in report.worst.where


def test_replay_needs_numbers():
    x = Value(0.0)
    y = ag.log(x) * 2.0
    y.backward()
    assert replay_exact(y).verdict is Verdict.INCONCLUSIVE


def test_a_deep_chain_replays():
    x = h = Value(0.5)
    for _ in range(3000):
        h = h * 0.999 + x
    assert check_replay(h)


@given(FINITE, FINITE)
def test_dyadic_numbers_are_exact(x, y):
    a, b = Dyadic.of(x), Dyadic.of(y)
    assert (a + b).fraction() == Fraction(x) + Fraction(y)
    assert (a * b).fraction() == Fraction(x) * Fraction(y)
