"""A snapshot puts back what a step moved, whatever the step did to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from nn.optim import SGD, Adam, CosineAnnealingLR, LinearLR, RMSprop, SequentialLR
from nn.training.snapshots import Snapshot


class Hasty(dict[str, Any]):
    """A dict at whose first change somebody presses Ctrl-C."""

    pressed = False

    def __setitem__(self, key: str, value: Any) -> None:
        if not Hasty.pressed:
            Hasty.pressed = True
            raise KeyboardInterrupt
        super().__setitem__(key, value)


def told(optimiser: Any, *schedules: Any) -> list[str]:
    """Return all that there is, as texts."""
    return [repr(vars(owner) | {"optimizer": None}) for owner in (optimiser, *schedules)]


def spoilt(optimiser: Any) -> None:
    """Do to an optimiser what no step should."""
    optimiser.params[0].data = 1e9
    for numbers in optimiser.state.values():
        numbers[0] = 1e9
        numbers.append(0.0)
    optimiser.state["more"] = [1.0]
    optimiser.more = 1.0


@pytest.mark.parametrize("steps", [0, 1, 5])
@pytest.mark.parametrize(
    "make", [lambda p: SGD(p, 0.1, momentum=0.9), Adam, lambda p: RMSprop(p, momentum=0.5)]
)
@pytest.mark.parametrize("move", [lambda o: o.step(), spoilt])
def test_everything_is_what_it_was(
    make: Callable[[list[Value]], Any], move: Callable[[Any], None], steps: int
) -> None:
    parameters = [Value(1.0), Value(-2.0)]
    optimiser = make(parameters)
    parts = [LinearLR(optimiser, total_iters=2), CosineAnnealingLR(optimiser, 3)]
    schedule = SequentialLR(optimiser, parts, [2])
    for parameter in parameters:
        parameter.grad = 0.5
    for _ in range(steps):
        optimiser.step()
        schedule.step()
    before, snapshot = told(optimiser, schedule, *parts), Snapshot(parameters, optimiser, schedule)
    for _ in range(2):
        move(optimiser)
        schedule.step()
        assert told(optimiser, schedule, *parts) != before
        snapshot.put_back()
        assert told(optimiser, schedule, *parts) == before
    assert all(a is b for a, b in zip(optimiser.params, parameters, strict=True))


def test_an_impatient_ctrl_c_does_not_stop_it_halfway() -> None:
    optimiser = SGD([Value(1.0)], 0.1, momentum=0.9)
    optimiser.params[0].grad = 1.0
    optimiser.step()
    snapshot, before = Snapshot(optimiser.params, optimiser), optimiser.state_dict()
    optimiser.step()
    optimiser.state = Hasty(optimiser.state)
    snapshot.put_back()
    assert Hasty.pressed
    assert optimiser.state_dict() == before
    assert optimiser.params[0].data == 0.9
