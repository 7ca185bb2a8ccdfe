"""What was reported of other libraries' maps and compiled trainings, tried on ours."""

import functools
import math
import random

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, compile
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


def test_all_may_be_given_by_keyword_and_the_one_of_another_length_is_named():
    """jax-ml/jax#1170, #10193, #20914, #24406: refused, or another argument was named."""
    g = autograd.compile(lambda x1, x2, a3: x1 * x2 + a3)
    assert g.map(x1=np.arange(3.0), x2=np.ones(3), a3=2.0).tolist() == [2.0, 3.0, 4.0]
    with pytest.raises(ValueError, match="argument 0 has 2, argument a3 has 1, argument x2 has 2"):
        g.map(np.ones(2), a3=np.ones(1), x2=np.ones(2))
    partly = functools.partial(g.map, a3=np.arange(3.0))
    assert partly(1.0, 2.0).tolist() == [2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    "lay",
    [
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=1)[:, ::2],
        lambda x: x[::-1].copy()[::-1],
        lambda x: np.broadcast_to(x[:1], x.shape),
    ],
)
def test_arrays_that_lie_otherwise_answer_the_same_and_stay_as_they_are(lay):
    """pytorch/pytorch#186850, #189401, #193492: read as if they lay one after the other.
    numba/numba#4957: inputs that are written to.
    """
    model = nn.MLP(3, [5, 1], rng=random.Random(1))
    g = autograd.compile(lambda x, t: (model(x) - t) ** 2)
    rng = np.random.default_rng(1)
    xs, ts = lay(rng.normal(size=(6, 3))), lay(rng.normal(size=(6, 3)))[:, 0]
    xs.setflags(write=False)
    before = xs.copy(), ts.copy()
    true = [g.value_and_grad(x, t) for x, t in zip(xs.tolist(), ts.tolist(), strict=True)]
    values, (by_x, by_t) = g.map_value_and_grad(xs, ts)
    assert np.allclose(values, [value for value, _ in true], rtol=1e-12)
    assert np.allclose(by_x, [slopes[0] for _, slopes in true], rtol=1e-12, atol=1e-14)
    assert np.allclose(by_t, [slopes[1] for _, slopes in true], rtol=1e-12, atol=1e-14)
    assert np.array_equal(xs, before[0])
    assert np.array_equal(ts, before[1])


def test_the_normal_distribution_has_its_lower_tail():
    """pytorch/pytorch#192295: 0.0 from -9 on. The true numbers are mpmath's."""
    xs = [-9.0, -10.0, -12.0, -15.0, -20.0, -30.0]
    true = [1.1285884059538405e-19, 7.619853024160525e-24, 1.776482112077679e-33,
            3.670966199312751e-51, 2.7536241186062337e-89, 4.906713927148187e-198]  # fmt: skip
    found = autograd.compile(lambda x: autograd.normal_cdf(x)).map(xs * 3000)
    assert found[:6] == pytest.approx(true, rel=1e-13)
    assert (found.reshape(-1, 6) == found[:6]).all()


@pytest.mark.parametrize("lanes", [1, 3, 7, 8, 33, 100, 1001])
def test_a_relu_gives_the_zero_that_it_gives_eagerly(lanes):
    """pytorch/pytorch#196039, oneDNN#139: of -0.0 a zero of another sign. In numpy/numpy#20131 it
    depends on the part of the loop.
    """
    xs = np.full(lanes, -0.0)
    xs[::2] = -1.0
    found = autograd.compile(lambda x: autograd.relu(x)).map(xs)
    true = [math.copysign(1.0, autograd.relu(Value(x)).data) for x in (-0.0, -1.0)]
    assert true == [1.0, 1.0]
    assert not np.signbit(found).any()
