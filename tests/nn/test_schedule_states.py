"""Schedules of several groups, taken up in any order, combined with each other; the plateau."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from nn.optim import (
    SGD,
    CosineAnnealingLR,
    LinearLR,
    Optimizer,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)

LOSSES = (3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0)


def two_groups() -> Optimizer:
    return SGD([{"params": Value(1.0)}, {"params": Value(1.0), "lr": 0.25}], lr=1.0)


def rates(optimizer: Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def warm_up(o: Optimizer) -> Schedule:
    return SequentialLR(o, [LinearLR(o, 0.25, total_iters=2), StepLR(o, 1, 0.5)], [4])


MAKERS: dict[str, Callable[[Optimizer], Schedule]] = {
    "step": lambda o: StepLR(o, 2, 0.5),
    "cosine": lambda o: CosineAnnealingLR(o, 6, 0.125),
    "linear": lambda o: LinearLR(o, 0.25, 1.0, 4),
    "sequential": warm_up,
    "plateau": lambda o: ReduceLROnPlateau(o, factor=0.5, patience=1),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("steps", [0, 1, 3, 5])
@pytest.mark.parametrize(
    "order", ["make optimizer schedule", "make schedule optimizer", "optimizer make schedule"]
)
def test_states_loaded_in_any_order_go_on_as_if_nothing_had_been(
    order: str, steps: int, name: str
) -> None:
    whole = two_groups()
    schedule = MAKERS[name](whole)
    expected = []
    for loss in LOSSES:
        expected.append(rates(whole))
        schedule.step(loss)

    first = two_groups()
    schedule = MAKERS[name](first)
    for loss in LOSSES[:steps]:
        schedule.step(loss)
    states = json.loads(json.dumps([first.state_dict(), schedule.state_dict()]))

    second = two_groups()
    for what in order.split():
        if what == "make":
            schedule = MAKERS[name](second)
        elif what == "optimizer":
            second.load_state_dict(states[0])
        else:
            schedule.load_state_dict(states[1])
    for loss, before in zip(LOSSES[steps:], expected[steps:], strict=True):
        assert rates(second) == before
        schedule.step(loss)


def test_the_rate_of_an_epoch_is_that_of_the_saved_run() -> None:
    """Optimiser loaded, schedule made, schedule loaded: PyTorch's rate is 0.5."""
    first = SGD([Value(1.0)], lr=1.0)
    schedule = StepLR(first, 1, 0.5)
    schedule.step()
    second = SGD([Value(1.0)], lr=1.0)
    second.load_state_dict(first.state_dict())
    again = StepLR(second, 1, 0.5)
    again.load_state_dict(schedule.state_dict())
    assert second.lr == 0.5
    again.step()
    assert second.lr == 0.25


def test_a_schedule_alone_restores_the_rates_of_an_optimiser_that_was_not_saved() -> None:
    """PyTorch issue 29697: there the rate stays at its start until the next milestone."""
    first, second = two_groups(), two_groups()
    schedule, again = StepLR(first, 2, 0.1), StepLR(second, 2, 0.1)
    for _ in range(5):
        schedule.step()
    again.load_state_dict(schedule.state_dict())
    again.step()
    assert rates(second) == pytest.approx([1e-3, 0.25e-3], rel=1e-15)


@pytest.mark.parametrize("name", MAKERS)
def test_every_group_moves_by_the_same_factors_from_its_own_start(name: str) -> None:
    both, alone = two_groups(), SGD([Value(1.0)], lr=0.25)
    schedules = MAKERS[name](both), MAKERS[name](alone)
    for loss in LOSSES:
        assert rates(both)[1] == alone.lr
        for schedule in schedules:
            schedule.step(loss)
    assert schedules[0].get_last_lr() == rates(both)


def test_two_schedules_of_one_optimiser_multiply() -> None:
    """The chainable form of PyTorch's schedulers."""
    o = two_groups()
    step, line = StepLR(o, 2, 0.5), LinearLR(o, 0.25, 1.0, 4)
    for t in range(8):
        factor = 0.5 ** (t // 2) * (0.25 + 0.75 * min(t / 4, 1))
        assert rates(o) == pytest.approx([factor, 0.25 * factor], rel=1e-15)
        step.step()
        line.step()


def test_a_plateau_lowers_what_another_schedule_moves() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    cosine, plateau = CosineAnnealingLR(o, 4), ReduceLROnPlateau(o, factor=0.5, patience=0)
    for t, loss in enumerate((2.0, 2.0, 2.0)):
        plateau.step(loss)
        cosine.step()
        assert o.lr == pytest.approx(0.5**t * (1 + math.cos(math.pi * (t + 1) / 4)) / 2, rel=1e-15)


def test_a_rate_that_was_set_by_hand_goes_on_from_there() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    schedule = CosineAnnealingLR(o, 4, eta_min=0.2)
    o.lr = 0.6  # half as high above eta_min as the cosine is
    heights = [(1 + math.cos(math.pi * t / 4)) / 2 for t in range(5)]
    for height in heights[1:]:
        schedule.step()
        assert o.lr == pytest.approx(0.2 + 0.4 * height, rel=1e-14)


def test_a_rate_that_was_set_where_the_schedule_has_come_to_its_end_stays() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    schedule = LinearLR(o, 1.0, 0.0, 2)
    follow(schedule, (1.0, 1.0))
    assert o.lr == 0.0
    o.lr = 0.5
    assert follow(schedule, (1.0, 1.0)) == [0.5, 0.5]


def test_a_schedule_starts_from_the_rate_there_is_when_it_is_made() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    o.lr = 0.5
    schedule = StepLR(o, 1, 0.5)
    assert o.lr == 0.5
    schedule.step()
    assert o.lr == 0.25


@pytest.mark.parametrize("name", ["step", "cosine", "linear", "plateau"])
def test_a_group_that_is_added_later_is_scheduled_too(name: str) -> None:
    """PyTorch issues 20997, 53712 and 79888."""
    o = SGD([Value(1.0)], lr=1.0)
    schedule = MAKERS[name](o)
    for loss in LOSSES[:2]:
        schedule.step(loss)
    before = o.lr
    o.add_param_group({"params": Value(2.0), "lr": 0.5})
    for loss in LOSSES[2:4]:
        schedule.step(loss)
    first, added = rates(o)
    floor = 0.125 if name == "cosine" else 0.0
    assert (added - floor) / (0.5 - floor) == pytest.approx((first - floor) / (before - floor))


# --- the plateau ---------------------------------------------------------------------------------


def follow(schedule: Schedule, losses: tuple[float, ...]) -> list[float]:
    """Return the first rate after each of some losses."""
    found = []
    for loss in losses:
        schedule.step(loss)
        found.append(schedule.get_last_lr()[0])
    return found


@pytest.mark.parametrize("level", [1.0, 0.0, -1.0, -1e-300, -1e300, math.inf])
@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
def test_a_flat_loss_is_a_plateau_on_either_side_of_0(
    level: float, mode: str, threshold_mode: str
) -> None:
    """PyTorch issues 38622 and 47513: there a flat loss of -1 improves for ever."""
    o = SGD([Value(1.0)], lr=1.0)
    schedule = ReduceLROnPlateau(o, mode, 0.5, 1, threshold_mode=threshold_mode)
    waits = mode == "min" and level == math.inf  # what is no better than nothing
    assert follow(schedule, (level,) * 5) == (
        [1, 0.5, 0.5, 0.25, 0.25] if waits else [1, 1, 0.5, 0.5, 0.25]
    )


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "best", "just", "not_quite"),
    [
        ("min", "rel", 2.0, 1.79, 1.81),
        ("min", "rel", -2.0, -2.21, -2.19),
        ("max", "rel", 2.0, 2.21, 2.19),
        ("max", "rel", -2.0, -1.79, -1.81),
        ("min", "abs", 2.0, 1.89, 1.91),
        ("min", "abs", -2.0, -2.11, -2.09),
        ("max", "abs", 2.0, 2.11, 2.09),
        ("max", "abs", -2.0, -1.89, -1.91),
    ],
)
def test_an_improvement_is_one_by_a_tenth_of_the_size_or_by_0_1(
    mode: str, threshold_mode: str, best: float, just: float, not_quite: float
) -> None:
    for loss, lr in ((just, 1.0), (not_quite, 0.5)):
        o = SGD([Value(1.0)], lr=1.0)
        schedule = ReduceLROnPlateau(o, mode, 0.5, 0, 0.1, threshold_mode)
        assert follow(schedule, (best, loss)) == [1.0, lr]


def test_while_it_cools_no_step_is_one_of_waiting() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    schedule = ReduceLROnPlateau(o, factor=0.5, patience=0, cooldown=2)
    assert follow(schedule, (1.0,) * 8) == [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_a_reduction_by_no_more_than_eps_is_left_out_and_each_group_has_its_floor() -> None:
    o = two_groups()
    schedule = ReduceLROnPlateau(o, factor=0.5, patience=0, min_lr=[0.4, 0.0], eps=0.1)
    for loss in (1.0,) * 4:
        schedule.step(loss)
    assert rates(o) == [0.5, 0.125]  # 0.5 to 0.4 and 0.125 to 0.0625 are no more than 0.1


@pytest.mark.parametrize(("eps", "lr"), [(0.25, 0.5), (0.249, 0.25)])
def test_a_reduction_by_eps_itself_is_left_out(eps: float, lr: float) -> None:
    o = SGD([Value(1.0)], lr=0.5)
    assert follow(ReduceLROnPlateau(o, factor=0.5, patience=0, eps=eps), (1.0, 1.0))[-1] == lr


def test_the_first_loss_is_the_best_whatever_the_threshold() -> None:
    schedule = ReduceLROnPlateau(SGD([Value(1.0)], lr=1.0), threshold=1.0)
    schedule.step(5.0)
    assert (schedule.best, schedule.waited, schedule.steps) == (5.0, 0, 1)


def test_a_loss_of_nan_is_no_improvement_and_is_not_kept() -> None:
    o = SGD([Value(1.0)], lr=1.0)
    schedule = ReduceLROnPlateau(o, factor=0.5, patience=0)
    assert follow(schedule, (math.nan, 3.0, math.nan)) == [0.5, 0.5, 0.25]
    assert schedule.best == 3.0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (StepLR, "optimizer, step_size, gamma=0.1"),
        (LinearLR, f"optimizer, start_factor={1 / 3}, end_factor=1.0, total_iters=5"),
        (CosineAnnealingLR, "optimizer, T_max, eta_min=0.0"),
        (SequentialLR, "optimizer, schedulers, milestones"),
        (
            ReduceLROnPlateau,
            "optimizer, mode='min', factor=0.1, patience=10, threshold=0.0001, "
            "threshold_mode='rel', cooldown=0, min_lr=0.0, eps=1e-08",
        ),
    ],
)
def test_keywords_their_order_and_their_defaults_are_pytorchs(kind: Any, expected: str) -> None:
    found = inspect.signature(kind).parameters.values()
    told = [x.name if x.default is x.empty else f"{x.name}={x.default!r}" for x in found]
    assert ", ".join(told) == expected


def test_the_shortest_schedules_take_one_step() -> None:
    for kind, keywords in ((CosineAnnealingLR, {"T_max": 1}), (LinearLR, {"total_iters": 1})):
        o = SGD([Value(1.0)], lr=1.0)
        schedule: Any = kind(o, **keywords)
        assert follow(schedule, (1.0,)) == [1.0 if kind is LinearLR else 0.0]


# --- what is refused -----------------------------------------------------------------------------


def test_states_of_other_schedules_are_refused_and_change_nothing() -> None:
    saved = {name: make(two_groups()).state_dict() for name, make in MAKERS.items()}
    saved["cosine of another length"] = CosineAnnealingLR(two_groups(), 7, 0.125).state_dict()
    o = two_groups()
    for name, gamma, milestone in (("part", 0.25, 4), ("milestone", 0.5, 5)):
        parts = [LinearLR(o, 0.25, total_iters=2), StepLR(o, 1, gamma)]
        saved[f"sequential with another {name}"] = SequentialLR(o, parts, [milestone]).state_dict()
    saved["of one group"] = StepLR(SGD([Value(1.0)], lr=1.0), 2, 0.5).state_dict()
    for name, make in MAKERS.items():
        for other in saved.keys() - {name}:
            o = two_groups()
            schedule = make(o)
            before = schedule.state_dict()
            with pytest.raises(ValueError, match="saved"):
                schedule.load_state_dict(saved[other])
            assert schedule.state_dict() == before
            assert rates(o) == before["rates"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": -1}, "the saved steps has to be at least 0, but was -1"),
        ({"steps": 1.5}, "but was 1.5"),
        ({"rates": [0.5]}, "has the rates .0.5., but the optimiser has 2 groups"),
        ({"rates": [0.5, -1.0]}, "a saved rate has to be .* but was -1.0"),
        ({"rates": ["x", 1.0]}, "a saved rate has to be .* but was 'x'"),
        ({"settings": 3}, "settings of StepLR have to be a mapping, but were 3"),
        ({"settings": {"class": "StepLR", "step_size": 9, "gamma": 0.5}}, "step_size .* was 9, b"),
    ],
    ids=str,
)
def test_a_faulty_state_is_refused(change: dict[str, Any], message: str) -> None:
    schedule = StepLR(two_groups(), 2, 0.5)
    with pytest.raises(ValueError, match=message):
        schedule.load_state_dict({**schedule.state_dict(), **change})


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda o: SequentialLR(o, [StepLR(o, 1), ReduceLROnPlateau(o)], [2]),
            TypeError,
            "number 1 was a ReduceLROnPlateau",
        ),
        (lambda o: SequentialLR(o, [StepLR(o, 1), o], [2]), TypeError, "number 1 was a SGD"),
        (
            lambda o: SequentialLR(o, [StepLR(o, 1), StepLR(two_groups(), 1)], [2]),
            ValueError,
            "of the same optimiser, but number 1 has another",
        ),
        (
            lambda o: SequentialLR(o, [StepLR(o, 1), StepLR(o, 1)], [0]),
            ValueError,
            "a milestone has to be at least 1, but was 0",
        ),
        (lambda o: SequentialLR(o, [], []), ValueError, "for 0 schedules"),
        (lambda o: StepLR(Value(1.0), 1), TypeError, "has to be an Optimizer, but was Value"),
        (lambda o: StepLR(o, 1, math.nan), ValueError, "gamma has to be .* but was nan"),
        (lambda o: CosineAnnealingLR(o, 5, -0.1), ValueError, "eta_min has to be .* -0.1"),
        (lambda o: LinearLR(o, 0.0), ValueError, "start_factor has to be above 0.* was 0.0"),
        (lambda o: LinearLR(o, 2.0), ValueError, "start_factor has to be .* but was 2.0"),
        (lambda o: LinearLR(o, 0.5, 1.5), ValueError, "end_factor has to be .* but was 1.5"),
        (lambda o: ReduceLROnPlateau(o, factor=0.0), ValueError, "between 0 and 1, but was 0.0"),
        (lambda o: ReduceLROnPlateau(o, "mini"), ValueError, "'min' or 'max', but was 'mini'"),
        (lambda o: ReduceLROnPlateau(o, 0.5), ValueError, "'min' or 'max', but was 0.5"),
        (
            lambda o: ReduceLROnPlateau(o, threshold_mode="r"),
            ValueError,
            "'rel' or 'abs', but was 'r'",
        ),
        (
            lambda o: ReduceLROnPlateau(o, min_lr=[0.1]),
            ValueError,
            "min_lr has 1 rates, but there are 2 groups",
        ),
        (lambda o: ReduceLROnPlateau(o, patience=-1), ValueError, "patience has to be .* -1"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[Any], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(two_groups())
