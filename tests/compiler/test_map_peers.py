"""What was reported of other libraries' maps and compiled trainings, tried on ours."""

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import compile
from nn import losses, optim
from nn.training.lanes import Lanes


def safe_direction(x):
    """Length 0 has a branch of its own."""
    return sum(x) / autograd.norm(x) if any(v != 0 for v in x) else x[0] * 0


def test_a_gradient_behind_a_branch_is_finite_over_lanes_too():
    """jax-ml/jax#9159: nan under vmap alone, where `cond` became a choice of both branches."""
    g = compile(safe_direction)
    values, slopes = g.map_value_and_grad([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    assert values.tolist() == pytest.approx([0.0, 1.4, 0.0])
    assert slopes[[0, 2]].tolist() == [[0.0, 0.0]] * 2
    assert slopes[1].tolist() == pytest.approx([(1 - 1.4 * 0.6) / 5, (1 - 1.4 * 0.8) / 5])


def shrink(x):
    """A loop in each branch, which does not end in the other."""
    if x >= 0:
        while x > 1e-6:
            x = x * 0.1
    else:
        while x < -1e-6:
            x = x * 0.1
    return x


def test_a_loop_in_a_branch_that_is_not_taken_does_not_run():
    """jax-ml/jax#2947: it did not terminate under vmap."""
    xs = [1.0, -1.0, 30.0, 0.0, -1e-3]
    assert compile(shrink).map(xs) == pytest.approx([shrink(x) for x in xs], rel=1e-12)


def test_lanes_leave_a_loop_one_by_one():
    """jax-ml/jax#2960: predicates of lanes were broadcast against their carries."""

    def steps(x, limit):
        count = x * 0
        while x < limit:
            x, count = x * 2, count + 1
        return count

    counts = compile(steps).map([1.0, 3.0, 0.5], [10.0, 10.0, 4.0])
    assert counts.tolist() == [4.0, 2.0, 3.0]


def test_one_lane_and_one_number_are_no_broadcast():
    """ml-explore/mlx#600, jax-ml/jax#6452: shapes of ones were stretched."""
    g = compile(lambda x, y: x[0] + y[0] * y[1], uniform=1)
    values, (by_x, by_y) = g.map_value_and_grad(np.ones((1, 1)), np.array([2.0, 3.0]))
    assert (values.shape, by_x.shape, by_y.shape) == ((1,), (1, 1), (1, 2))
    assert (values.tolist(), by_y.tolist()) == ([7.0], [[3.0, 2.0]])


@pytest.mark.parametrize("kind", ["plateau", "steps"])
def test_schedules_and_settings_make_no_program_anew(kind, monkeypatch):
    """pytorch/pytorch#163093, #133898, optax#577: each rate was compiled anew."""
    made = []
    real = Lanes.traced
    monkeypatch.setattr(Lanes, "traced", lambda *args: made.append(1) or real(*args))
    w = autograd.Value(0.0)
    moves = optim.AdamW([w], lr=5.0)
    schedule = (
        optim.ReduceLROnPlateau(moves, patience=0, factor=0.5)
        if kind == "plateau"
        else optim.StepLR(moves, 1, 0.9)
    )
    xs = [0.5, 1.0, 2.0, 3.0]
    nn.fit(
        lambda x: w * x, losses.mse, xs, [2 * x for x in xs], moves, 8, 2, progress=False,
        schedule=schedule, compile=True,
    )  # fmt: skip
    assert len(made) == 1
    assert moves.lr < 5.0
    assert math.isfinite(w.data)
