"""Schedules: closed forms and PyTorch's documented figures; and SciPy's minimisers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from nn import MLP, init
from nn.data import xor
from nn.losses import cross_entropy
from nn.optim import (
    SGD,
    CosineAnnealingLR,
    LinearLR,
    Optimizer,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
    minimise,
)


def optimiser(lr: float = 0.05) -> Optimizer:
    return SGD([Value(1.0)], lr=lr)


def rates(schedule: Schedule, steps: int) -> list[float]:
    """Return the rate at first and after each of some steps."""
    found = [schedule.optimizer.lr]
    for _ in range(steps):
        schedule.step()
        found.append(schedule.optimizer.lr)
    return found


def test_steps_are_those_of_pytorchs_documentation() -> None:
    # lr = 0.05 if epoch < 30, 0.005 if 30 <= epoch < 60, 0.0005 if 60 <= epoch < 90.
    found = rates(StepLR(optimiser(), step_size=30, gamma=0.1), 89)
    assert found == pytest.approx([0.05] * 30 + [0.005] * 30 + [0.0005] * 30, rel=1e-14)


def test_linear_is_that_of_pytorchs_documentation() -> None:
    # lr = 0.025, 0.03125, 0.0375, 0.04375, and 0.05 from epoch 4 on.
    found = rates(LinearLR(optimiser(), start_factor=0.5, total_iters=4), 6)
    assert found == pytest.approx([0.025, 0.03125, 0.0375, 0.04375, 0.05, 0.05, 0.05], rel=1e-14)


def test_linear_decay_ends_at_zero_and_stays_there() -> None:
    found = rates(LinearLR(optimiser(1.0), 1.0, 0.0, 4), 6)
    assert found == [1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0]


def test_cosine_is_symmetric_about_its_middle() -> None:
    found = rates(CosineAnnealingLR(optimiser(1.0), T_max=8, eta_min=0.2), 10)
    assert found[0] == 1.0
    assert found[4] == pytest.approx(0.6, rel=1e-14)
    assert found[8:] == [0.2, 0.2, 0.2]
    assert [a + b for a, b in zip(found[:9], found[8::-1], strict=True)] == pytest.approx([1.2] * 9)
    assert found[2] == pytest.approx(0.2 + 0.4 * (1 + math.sqrt(0.5)), rel=1e-14)


def test_a_warm_up_leads_into_a_cosine_without_a_step() -> None:
    o = optimiser(1.0)
    schedule = SequentialLR(o, [LinearLR(o, 0.1, 1.0, 3), CosineAnnealingLR(o, 4)], [3])
    half = math.sqrt(0.5)
    expected = [0.1, 0.4, 0.7, 1.0, (1 + half) / 2, 0.5, (1 - half) / 2, 0.0, 0.0]
    assert rates(schedule, 8) == pytest.approx(expected, abs=1e-15)


def test_a_plateau_lowers_the_rate_after_its_patience_and_no_further_than_asked() -> None:
    o = optimiser(1.0)
    schedule = ReduceLROnPlateau(o, factor=0.1, patience=2, min_lr=0.05)
    found = []
    for loss in (5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0):
        schedule.step(loss)
        found.append(o.lr)
    assert found == [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05]


def test_an_improvement_has_to_exceed_the_threshold() -> None:
    o = optimiser(1.0)
    schedule = ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=0.1)
    for loss, lr in ((1.0, 1.0), (0.95, 0.5), (0.89, 0.5), (0.88, 0.25)):
        schedule.step(loss)
        assert o.lr == lr


@pytest.mark.parametrize(
    "make",
    [
        lambda o: StepLR(o, 2, 0.5),
        lambda o: CosineAnnealingLR(o, 5),
        lambda o: ReduceLROnPlateau(o, factor=0.5, patience=0),
    ],
)
def test_a_schedule_taken_up_goes_on(make: Callable[[Optimizer], Schedule]) -> None:
    whole, first, second = make(optimiser()), make(optimiser()), make(optimiser())
    for loss in (3.0, 2.0, 2.0):
        whole.step(loss)
        first.step(loss)
    second.load_state_dict(first.state_dict())
    second.step(2.0)
    whole.step(2.0)
    assert second.optimizer.lr == whole.optimizer.lr
    with pytest.raises(ValueError, match=r"of .* needs settings, steps, rates"):
        second.load_state_dict({"turns": 3})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR(o, 0), "step_size has to be .* but was 0"),
        (lambda o: CosineAnnealingLR(o, 1.5), "T_max has to be an int, but was 1.5"),
        (lambda o: SequentialLR(o, [StepLR(o, 1)], [3]), r"were \[3\] for 1 schedules"),
        (lambda o: ReduceLROnPlateau(o, factor=1.0), "factor has to be between 0 and 1"),
        (lambda o: ReduceLROnPlateau(o).step(), r"as in schedule\.step\(loss\)"),
    ],
)
def test_a_mistake_is_reported(make: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(optimiser())


def test_a_schedule_without_a_rate_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Schedule does not say which rate"):
        Schedule(optimiser())


# --- SciPy's minimisers --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG", "Nelder-Mead"])
def test_rosenbrocks_valley_ends_at_one_one(method: str) -> None:
    x, y = Value(-1.2), Value(1.0)
    result = minimise(lambda: (1 - x) ** 2 + 100 * (y - x * x) ** 2, [x, y], method, tol=1e-8)
    assert result.success
    assert (x.data, y.data) == (pytest.approx(1.0, abs=1e-4), pytest.approx(1.0, abs=1e-4))
    assert list(result.x) == [x.data, y.data]


def test_a_network_is_trained_on_the_whole_batch() -> None:
    import random

    model = init.xavier(MLP(2, [4, 2], activation="tanh"), rng=random.Random(0))
    data = xor()
    result = minimise(
        lambda: cross_entropy([model(x) for x in data.features], data.labels), model.parameters()
    )
    assert result.fun < 1e-3
    answers = [model(x) for x in data.features]
    assert [int(no.data < yes.data) for no, yes in answers] == list(data.labels)


def test_without_scipy_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    x = Value(1.0)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'glassgrad\[scipy\]'"):
        minimise(lambda: x * x, [x])
    assert x.data == 1.0
