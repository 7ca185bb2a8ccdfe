"""Schedules, with PyTorch's names and keywords: how the learning rate changes with time."""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from nn.optim.base import Optimizer
from nn.optim.options import non_negative, whole


class Schedule:
    """What every schedule has: an optimiser whose learning rates it sets, and a clock.

    A subclass says in `lr_at` which rate belongs to which step; `fit` takes a step after each
    epoch. Every group of the optimiser has a rate of its own, which starts from its own
    `initial_lr`: the rate that it had when its first schedule was made.

    A rate that something else has changed since the last step, such as another schedule of the same
    optimiser, is moved from where it is by the same factor, as in PyTorch.

    Parameters
    ----------
    optimizer : Optimizer
        Its rates are set at once, and in each step.

    Attributes
    ----------
    steps : int
        How many steps have been taken.

    Raises
    ------
    TypeError
        If `optimizer` is none.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=0.8)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     schedule.step()
    >>> optimizer.lr
    0.2
    """

    needs_metric = False  # whether a step depends on the loss
    clock = frozenset({"steps"})  # the attributes that change with time

    @property
    def floor(self) -> float:
        """The rate from which the factors of the schedule are counted."""
        return 0.0

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer has to be an Optimizer, but was {optimizer!r}")
        self.optimizer = optimizer
        self.steps = 0
        self._move()

    def lr_at(self, step: int, initial_lr: float) -> float:
        """Return the learning rate after so many steps, of a group that starts at `initial_lr`."""
        raise NotImplementedError(f"{type(self).__name__} does not say which rate to take")

    def lr_after(self, lr: float, step: int, initial_lr: float) -> float:
        """Return the rate after so many steps, of a group that has the rate `lr` a step before."""
        before = self.lr_at(step - 1, initial_lr) if step else initial_lr
        after = self.lr_at(step, initial_lr)
        if lr == before:
            return after
        if before == self.floor:
            return lr
        return self.floor + (lr - self.floor) * (after - self.floor) / (before - self.floor)

    def step(self, metric: float | None = None) -> None:  # noqa: ARG002  (the plateau needs it)
        """Let one unit of time pass; `metric` is the loss, which most schedules ignore."""
        self.steps += 1
        self._move()

    def get_last_lr(self) -> list[float]:
        """Return the present rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def settings(self) -> dict[str, Any]:
        """Return what the schedule was made with, as plain data."""
        own = {
            name: _plain(value)
            for name, value in vars(self).items()
            if name not in self.clock and not name.startswith("_")
        }
        return {"class": type(self).__name__, **{k: x for k, x in own.items() if x is not None}}

    def state_dict(self) -> dict[str, Any]:
        """Return the settings, the clock, the rates, and whatever else changes, as plain data.

        Beside the state of the optimiser it can be taken up in any order, and that of the optimiser
        before or after the schedule is made.
        """
        return {"settings": self.settings(), "steps": self.steps, "rates": self.get_last_lr()}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, and give the groups of the optimiser their rates.

        Raises
        ------
        ValueError
            If `saved` is the state of a schedule with other settings (PyTorch takes them over), or
            of an optimiser with other groups; nothing is then changed.
        """
        name, expected = type(self).__name__, self.state_dict()
        if not isinstance(saved, Mapping) or saved.keys() != expected.keys():
            raise ValueError(
                f"the saved state of {name} needs {', '.join(expected)}, but was {saved!r}"
            )
        state, groups = self._checked(saved), self.optimizer.param_groups
        old, new = state.pop("settings"), expected["settings"]
        if not isinstance(old, Mapping):
            raise ValueError(f"the saved settings of {name} have to be a mapping, but were {old!r}")
        for key in [*new, *old]:
            if old.get(key) != new.get(key):
                raise ValueError(
                    f"the {key} of the saved schedule was {old.get(key)!r}, but of this one it is "
                    f"{new.get(key)!r}"
                )
        rates = state.pop("rates")
        if not isinstance(rates, list) or len(rates) != len(groups):
            raise ValueError(
                f"the saved state of {name} has the rates {rates!r}, but the optimiser has "
                f"{len(groups)} groups"
            )
        rates = [non_negative(rate, "a saved rate") for rate in rates]
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        vars(self).update(state)

    def _checked(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """Return a saved state whose numbers have been checked."""
        return {**saved, "steps": whole(saved["steps"], "the saved steps")}

    def _move(self) -> None:
        """Set the rates of the present step; the first one remembers where each group starts."""
        for group in self.optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
            group["lr"] = self.lr_after(group["lr"], self.steps, group["initial_lr"])


class StepLR(Schedule):
    """The rate is multiplied by `gamma` every `step_size` steps.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = whole(step_size, "step_size", 1)
        self.gamma = non_negative(gamma, "gamma")
        super().__init__(optimizer)

    def lr_at(self, step: int, initial_lr: float) -> float:
        """Return initial_lr * gamma ** (step // step_size)."""
        return float(initial_lr * self.gamma ** (step // self.step_size))


class CosineAnnealingLR(Schedule):
    r"""The rate falls from its start to `eta_min` along half a cosine, and stays there.

    PyTorch's rises again after `T_max` steps.

    .. math:: \eta_{\min} + \tfrac12(\mathrm{lr} - \eta_{\min})(1 + \cos(\pi t / T_{\max}))

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        The number of steps down.
    eta_min : float
        The last rate.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = whole(T_max, "T_max", 1)
        self.eta_min: float = non_negative(eta_min, "eta_min")
        super().__init__(optimizer)

    @property
    def floor(self) -> float:
        """The rate that the cosine ends at."""
        return self.eta_min

    def lr_at(self, step: int, initial_lr: float) -> float:
        """Return the rate on the cosine."""
        height = (1 + math.cos(math.pi * min(step / self.T_max, 1))) / 2
        return self.eta_min + (initial_lr - self.eta_min) * height


class LinearLR(Schedule):
    """The rate moves along a line from one factor to another, and stays there.

    With the defaults of PyTorch it is a warm-up; from 1 to 0 it is a decay.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        What the rate is multiplied by at the start, above 0, and at the end; at most 1.
    total_iters : int
        The number of steps from one to the other.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor has to be above 0, at most 1, but was {start_factor!r}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor has to be from 0 to 1, but was {end_factor!r}")
        self.start_factor = float(start_factor)
        self.end_factor = float(end_factor)
        self.total_iters = whole(total_iters, "total_iters", 1)
        super().__init__(optimizer)

    def lr_at(self, step: int, initial_lr: float) -> float:
        """Return the rate on the line."""
        share = min(step / self.total_iters, 1)
        factor = self.start_factor + (self.end_factor - self.start_factor) * share
        return initial_lr * factor


class SequentialLR(Schedule):
    """Schedules one after the other, such as a warm-up and then a cosine.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of Schedule
        Of the same optimiser; each starts its own clock when its turn comes. A plateau, which
        needs the loss, cannot be among them, as in PyTorch.
    milestones : sequence of int
        The steps, from 1 on, at which the next one takes over: one fewer than there are schedules.

    Raises
    ------
    TypeError
        If one is no schedule, or a plateau.
    ValueError
        If one belongs to another optimiser, or `milestones` do not fit.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> parts = [LinearLR(optimizer, 0.25, 1.0, 3), CosineAnnealingLR(optimizer, 2)]
    >>> schedule = SequentialLR(optimizer, parts, [3])
    >>> [round(schedule.lr_at(t, 1.0), 3) for t in range(6)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[Schedule], milestones: Sequence[int]
    ) -> None:
        steps = [whole(step, "a milestone", 1) for step in milestones]
        if len(schedulers) != len(steps) + 1 or sorted(steps) != steps:
            raise ValueError(
                "milestones have to ascend, and to be one fewer than the schedules, but were "
                f"{steps} for {len(schedulers)} schedules"
            )
        for i, part in enumerate(schedulers):
            if not isinstance(part, Schedule) or part.needs_metric:
                raise TypeError(
                    "SequentialLR takes schedules that depend on the step alone, but number "
                    f"{i} was a {type(part).__name__}"
                )
            if part.optimizer is not optimizer:
                raise ValueError(
                    f"all schedules have to be of the same optimiser, but number {i} has another"
                )
        self.schedulers, self.milestones = list(schedulers), steps
        super().__init__(optimizer)

    def lr_at(self, step: int, initial_lr: float) -> float:
        """Return the rate of the schedule whose turn it is."""
        part, own = self._turn(step)
        return part.lr_at(own, initial_lr)

    def lr_after(self, lr: float, step: int, initial_lr: float) -> float:
        """Return the rate of the schedule whose turn it is, which at first starts anew."""
        part, own = self._turn(step)
        return part.lr_after(lr, own, initial_lr) if own else part.lr_at(0, initial_lr)

    def _turn(self, step: int) -> tuple[Schedule, int]:
        """Return the schedule whose turn it is, and the step on its own clock."""
        turn = bisect.bisect(self.milestones, step)
        return self.schedulers[turn], step - [0, *self.milestones][turn]


def _plain(value: Any) -> Any:
    """Return a setting as plain data, None if it is none."""
    if isinstance(value, Schedule):
        return value.settings()
    if isinstance(value, list | tuple):
        return [_plain(x) for x in value]
    return value if isinstance(value, int | float | str) else None
