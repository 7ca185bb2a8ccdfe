"""fit: what it converges to, in how many steps, and what it does when numbers explode."""

from __future__ import annotations

import gc
import math
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from nn import MLP, Module, Neuron, fit
from nn.data import moons
from nn.losses import hinge, mse
from nn.optim import SGD

POINTS = [[0.0], [1.0], [2.0], [3.0]]
HEIGHTS = [1.0, 3.0, 2.0, 5.0]


class CountingSGD(SGD):
    """SGD that counts its steps."""

    steps = 0

    def step(self) -> None:
        self.steps += 1
        super().step()


def line() -> Neuron:
    return Neuron(1, nonlin=False, rng=random.Random(0))


def test_a_line_is_fitted_to_the_least_squares_solution() -> None:
    model = line()
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.5)
    history = fit(model, mse, POINTS, HEIGHTS, optimiser, 400, None, progress=False)
    # The normal equations: slope = 5.5 / 5, offset = 2.75 - 1.5 * 1.1, residual = 2.7 / 4.
    assert model.w[0].data == pytest.approx(1.1, rel=1e-9)
    assert model.b.data == pytest.approx(1.1, rel=1e-9)
    assert history[-1] == pytest.approx(0.675, rel=1e-9)
    assert len(history) == 400


@pytest.mark.parametrize(
    ("batch_size", "steps"), [(1, 12), (3, 6), (4, 3), (100, 3), (None, 3)], ids=str
)
def test_a_mini_batch_makes_one_step(batch_size: int | None, steps: int) -> None:
    model = line()
    optimiser = CountingSGD(model.parameters(), lr=0.01)
    fit(model, mse, POINTS, HEIGHTS, optimiser, 3, batch_size, progress=False)
    assert optimiser.steps == steps


def test_one_full_batch_step_is_the_one_made_by_hand() -> None:
    model, twin = line(), line()
    optimiser = SGD(model.parameters(), lr=0.1)
    history = fit(model, mse, POINTS, HEIGHTS, optimiser, 1, None, progress=False)
    w, b = (p.data for p in twin.parameters())
    errors = [w * x + b - y for (x,), y in zip(POINTS, HEIGHTS, strict=True)]
    assert history == [pytest.approx(sum(e * e for e in errors) / 4, rel=1e-12)]
    slope = sum(2 * e * x for e, (x,) in zip(errors, POINTS, strict=True)) / 4
    assert model.w[0].data == pytest.approx(w - 0.1 * slope, rel=1e-12)
    assert model.b.data == pytest.approx(b - 0.1 * sum(2 * e for e in errors) / 4, rel=1e-12)


def test_the_history_weighs_a_smaller_last_batch_by_its_size() -> None:
    model = line()
    for parameter in model.parameters():
        parameter.data = 0.0
    frozen = SGD(model.parameters(), lr=0.0)
    history = fit(model, mse, POINTS, HEIGHTS, frozen, 1, 3, progress=False)
    assert history == [pytest.approx((1 + 9 + 4 + 25) / 4, rel=1e-15)]


def test_a_run_repeats_with_its_seed() -> None:
    def run(seed: int) -> list[float]:
        model = MLP(1, [3, 1], rng=random.Random(0))
        optimiser = SGD(model.parameters(), lr=0.05)
        return fit(
            model, mse, POINTS, HEIGHTS, optimiser, 5, 1, rng=random.Random(seed), progress=False
        )

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_two_moons_are_told_apart() -> None:
    data = moons(60, 0.05, random.Random(1))
    labels = [1 if label else -1 for label in data.labels]
    model = MLP(2, [8, 1], activation="tanh", rng=random.Random(1))
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9)
    fit(model, hinge, data.features, labels, optimiser, 60, 10, random.Random(1), progress=False)
    scores = [model(row).data for row in data.features]
    assert all(score * label > 0 for score, label in zip(scores, labels, strict=True))


def test_gradients_left_from_before_do_not_count() -> None:
    model, clean = line(), line()
    for parameter in model.parameters():
        parameter.grad = 1e6
    for one in (model, clean):
        fit(one, mse, POINTS, HEIGHTS, SGD(one.parameters(), lr=0.1), 1, None, progress=False)
    assert [p.data for p in model.parameters()] == [p.data for p in clean.parameters()]


# --- when numbers explode ------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_is_refused_with_epoch_and_batch() -> None:
    model = line()
    start = [p.data for p in model.parameters()]
    optimiser = CountingSGD(model.parameters(), lr=0.1)
    seen: list[list[float]] = []

    def explodes_in_the_fourth_batch(outputs: list[Any], targets: list[Any]) -> Value:
        seen.append([p.data for p in model.parameters()])
        return mse(outputs, targets) * (math.inf if len(seen) == 4 else 1.0)

    with pytest.raises(FloatingPointError, match="the loss is inf in epoch 2, batch 2; a smaller"):
        fit(model, explodes_in_the_fourth_batch, POINTS, HEIGHTS, optimiser, 5, 2, progress=False)
    assert optimiser.steps == 3
    assert [p.data for p in model.parameters()] == seen[-1] != start


def test_a_gradient_that_is_not_finite_is_refused_before_it_spoils_the_weights() -> None:
    class Root(Module):
        def __init__(self) -> None:
            self.w = Value(0.0)

        def __call__(self, x: float) -> Value:
            return (self.w * x).sqrt()

    model = Root()
    with pytest.raises(FloatingPointError, match="a gradient is not finite in epoch 1, batch 1"):
        fit(model, mse, [1.0], [1.0], SGD([model.w]), 1, progress=False)
    assert model.w.data == 0.0


def test_divergence_is_noticed() -> None:
    model = line()
    with pytest.raises(FloatingPointError, match=r"not finite|loss is (inf|nan)"):
        fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 1e3), 500, None, progress=False)


# --- manners ---------------------------------------------------------------------------------


def test_the_progress_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    model = line()
    fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, 2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "4/4" in shown.err
    fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, 2, progress=False)
    assert capsys.readouterr().err == ""


def test_importing_nn_and_fitting_silently_load_neither_tqdm_nor_numpy() -> None:
    program = (
        "import sys, nn, nn.losses, nn.optim\n"
        "m = nn.Neuron(1)\n"
        "optimiser = nn.optim.SGD(m.parameters())\n"
        "nn.fit(m, nn.losses.mse, [[1.0]], [1.0], optimiser, 1, progress=False)\n"
        "sys.exit(bool({'tqdm', 'numpy'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("fails", [False, True])
def test_the_garbage_collector_is_left_as_it_was(fails: bool) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        assert not gc.isenabled()
        return mse(outputs, targets) * (math.nan if fails else 1.0)

    model = line()
    assert gc.isenabled()
    try:
        fit(model, loss, POINTS, HEIGHTS, SGD(model.parameters()), 1, progress=False)
    except FloatingPointError:
        assert fails
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m, o: fit(m, mse, [], [], o, 1), ValueError, "no examples"),
        (lambda m, o: fit(m, mse, POINTS, [1.0], o, 1), ValueError, "4 inputs, but 1 targets"),
        (lambda m, o: fit(m, mse, POINTS, HEIGHTS, o, 0), ValueError, "epochs .* but was 0"),
        (lambda m, o: fit(m, mse, POINTS, HEIGHTS, o, 1, 0), ValueError, "batch_size .* was 0"),
        (
            lambda m, o: fit(
                m, lambda _outputs, _targets: 1.5, POINTS, HEIGHTS, o, 1, progress=False
            ),
            TypeError,
            "a Value, but in epoch 1, batch 1 it was 1.5",
        ),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    call: Callable[[Any, Any], Any], error: type[Exception], message: str
) -> None:
    model = line()
    with pytest.raises(error, match=message):
        call(model, SGD(model.parameters()))
