"""Infinite operands: what has no effect has gradient 0, and no gradient is poisoned with nan."""

from __future__ import annotations

import itertools
import math
import random
from decimal import Decimal

import mpmath
import pytest
from mpmath import mpf

import autograd as ag
from autograd import Value, grad, hessian, jvp, softmax

INF = math.inf
SHARED = 1 / math.sqrt(2)

GRADIENTS = [  # function, operands, value, gradient
    (ag.logaddexp, (-INF, -INF), -INF, (0.0, 0.0)),
    (ag.logaddexp, (INF, INF), INF, (0.5, 0.5)),
    (ag.logaddexp, (-INF, 3.0), 3.0, (0.0, 1.0)),
    (ag.logaddexp, (INF, 3.0), INF, (1.0, 0.0)),
    (ag.logaddexp, (INF, -INF), INF, (1.0, 0.0)),
    (ag.logsumexp, (-INF, -INF, -INF), -INF, (0.0, 0.0, 0.0)),
    (ag.logsumexp, (INF, 1.0, INF, INF), INF, (1 / 3, 0.0, 1 / 3, 1 / 3)),
    (ag.logsumexp, (-INF,), -INF, (0.0,)),
    (ag.logsumexp, (-INF, 2.0), 2.0, (0.0, 1.0)),
    (ag.norm, (INF, INF), INF, (SHARED, SHARED)),
    (ag.norm, (-INF, 7.0, INF), INF, (-SHARED, 0.0, SHARED)),
    (ag.norm, (1.0, -INF), INF, (0.0, -1.0)),
    (ag.hypot, (INF, -INF), INF, (SHARED, -SHARED)),
    (ag.hypot, (2.0, INF), INF, (0.0, 1.0)),
    (ag.max, (-INF, -INF), -INF, (0.5, 0.5)),
    (ag.power, (0.0, INF), 0.0, (0.0, 0.0)),
    (ag.power, (0.5, INF), 0.0, (0.0, 0.0)),
    (ag.power, (2.0, -INF), 0.0, (0.0, 0.0)),
    (ag.power, (INF, -INF), 0.0, (0.0, 0.0)),
]


def applied(f, xs):
    """A function of two operands, or of an iterable."""
    return f(*xs) if f.arity else f(xs)


@pytest.mark.parametrize("kind", [float, mpf, Decimal], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("f", "xs", "value", "gradient"), GRADIENTS)
def test_gradients_at_infinities_are_conventions_without_nan(f, xs, value, gradient, kind):
    operands = [Value(kind(x)) for x in xs]
    y = applied(f, operands)
    y.backward()
    assert y.data == value
    assert [float(x.grad) for x in operands] == pytest.approx(list(gradient), rel=1e-15)


@pytest.mark.parametrize("kind", [float, mpf, Decimal], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("f", [ag.logsumexp, ag.logaddexp])
def test_what_is_minus_infinity_whatever_is_added_does_not_move(f, kind):
    """d/dx logsumexp([-inf, -inf + x]) is 0, by every route."""
    one, lowest = kind(1), kind(-INF)
    g = lambda x: applied(f, [lowest, lowest + x])  # noqa: E731
    assert grad(g)(one) == 0
    assert jvp(g, (one,), (1,)) == (-INF, 0)
    assert grad(grad(g))(one) == 0
    assert hessian(lambda v: g(v[0]) + v[0] ** 2)([one]) == [[2]]


def test_one_forbidden_sum_does_not_poison_the_parameters_of_the_others():
    w = Value(0.5)
    forbidden = ag.logsumexp([-INF + w, -INF * 1.0 + w * 2])
    ag.logaddexp(forbidden, w * 3).backward()
    assert w.grad == 3.0


SOFTMAX = [  # operands, weights
    ((-INF, -INF), (0.0, 0.0)),
    ((INF, INF, 1.0), (0.5, 0.5, 0.0)),
    ((INF, 3.0), (1.0, 0.0)),
    ((-INF, 3.0, 3.0), (0.0, 0.5, 0.5)),
]


@pytest.mark.parametrize("kind", [float, mpf, Decimal], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("xs", "weights"), SOFTMAX)
def test_a_masked_softmax_has_weights_and_gradients(xs, weights, kind):
    operands = [Value(kind(x)) for x in xs]
    found = softmax(operands)
    assert [w.data for w in found] == list(weights) == softmax([kind(x) for x in xs])
    ag.dot(found, [1, 2, 4][: len(xs)]).backward()
    assert all(math.isfinite(x.grad) for x in operands)
    assert [x.grad for x, w in zip(operands, weights, strict=True) if w in (0.0, 1.0)] == [
        0.0 for w in weights if w in (0.0, 1.0)
    ]


def test_a_fully_masked_softmax_leaves_the_parameters_of_its_scores_alone():
    w = Value(2.0)
    weights = softmax([w * 3 - INF, w - INF])
    (ag.dot(weights, [w, w * w]) + w).backward()
    assert w.grad == 1.0


# -- recursions in log space ------------------------------------------------------------------

STATES, SYMBOLS, OBSERVED = 3, 2, (0, 1, 1, 0, 1)
MOVES = [(i, j) for i in range(STATES) for j in (i, i + 1) if j < STATES]  # from left to right only


def forward_algorithm(moves, emissions):
    """log p(observed) of a hidden Markov model that starts in its first state."""
    alpha = [emissions[0][OBSERVED[0]]] + [-INF] * (STATES - 1)
    for symbol in OBSERVED[1:]:
        alpha = [
            ag.logsumexp([alpha[i] + moves.get((i, j), -INF) for i in range(STATES)])
            + emissions[j][symbol]
            for j in range(STATES)
        ]
    return ag.logsumexp(alpha)


def test_a_hidden_markov_model_with_forbidden_moves_has_finite_right_gradients():
    """The gradient by a log probability is the expected number of its uses, over all paths."""
    rng = random.Random(3)
    moves = {move: rng.uniform(-2, 0) for move in MOVES}
    emissions = [[rng.uniform(-2, 0) for _ in range(SYMBOLS)] for _ in range(STATES)]
    value, (by_move, by_emission) = ag.value_and_grad(forward_algorithm, (0, 1))(moves, emissions)

    total, move_uses, emission_uses = mpmath.mpf(0), dict.fromkeys(MOVES, mpmath.mpf(0)), {}
    with mpmath.workdps(40):
        for rest in itertools.product(range(STATES), repeat=len(OBSERVED) - 1):
            path = (0, *rest)
            steps, seen = list(itertools.pairwise(path)), list(zip(path, OBSERVED, strict=True))
            if not set(steps) <= set(MOVES):
                continue
            logs = [moves[m] for m in steps] + [emissions[i][k] for i, k in seen]
            p = mpmath.exp(mpmath.fsum(logs))
            total += p
            for move in steps:
                move_uses[move] += p
            for use in seen:
                emission_uses[use] = emission_uses.get(use, 0) + p
        assert value == pytest.approx(float(mpmath.log(total)), rel=1e-14)
        for move, uses in move_uses.items():
            assert by_move[move] == pytest.approx(float(uses / total), rel=1e-13)
        for (i, k), uses in emission_uses.items():
            assert by_emission[i][k] == pytest.approx(float(uses / total), rel=1e-13)


def test_an_observation_that_is_impossible_has_gradient_0_and_not_nan():
    moves, emissions = dict.fromkeys(MOVES, -INF), [[-1.0] * SYMBOLS] * STATES
    value, gradient = ag.value_and_grad(forward_algorithm)(moves, emissions)
    assert value == -INF
    assert set(gradient.values()) == {0.0}
