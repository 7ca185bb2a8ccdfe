"""Schedules, with PyTorch's names and keywords: how the learning rate changes with time."""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from nn.optim.base import Optimizer


class Schedule:
    """What every schedule has: an optimiser whose learning rate it sets, and a clock.

    A subclass says in `lr_at` which rate belongs to which step; `fit` takes a step after each
    epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Its `lr` is set at once, and in each step.

    Attributes
    ----------
    steps : int
        How many steps have been taken.

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

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.steps = 0
        optimizer.lr = self.lr_at(0)

    def lr_at(self, step: int) -> float:
        """Return the learning rate after so many steps."""
        raise NotImplementedError(f"{type(self).__name__} does not say which rate to take")

    def step(self, metric: float | None = None) -> None:  # noqa: ARG002  (the plateau needs it)
        """Let one unit of time pass; `metric` is the loss, which most schedules ignore."""
        self.steps += 1
        self.optimizer.lr = self.lr_at(self.steps)

    def state_dict(self) -> dict[str, Any]:
        """Return the clock, and whatever else changes, as plain numbers."""
        return {"steps": self.steps}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        expected = self.state_dict()
        numbers = isinstance(saved, Mapping) and saved.keys() == expected.keys()
        if not (numbers and all(isinstance(x, int | float) for x in saved.values())):
            raise ValueError(
                f"the saved state of {type(self).__name__} needs the numbers "
                f"{', '.join(expected)}, but was {saved!r}"
            )
        vars(self).update(saved)


class StepLR(Schedule):
    """The rate is multiplied by `gamma` every `step_size` steps.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = _count(step_size, "step_size")
        self.gamma = gamma
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        """Return lr * gamma ** (step // step_size)."""
        return float(self.optimizer.initial_lr * self.gamma ** (step // self.step_size))


class CosineAnnealingLR(Schedule):
    r"""The rate falls from its start to `eta_min` along half a cosine, and stays there.

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
        self.T_max = _count(T_max, "T_max")
        self.eta_min = eta_min
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        """Return the rate on the cosine."""
        height = (1 + math.cos(math.pi * min(step / self.T_max, 1))) / 2
        return self.eta_min + (self.optimizer.initial_lr - self.eta_min) * height


class LinearLR(Schedule):
    """The rate moves along a line from one factor to another, and stays there.

    With the defaults of PyTorch it is a warm-up; from 1 to 0 it is a decay.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        What the rate is multiplied by at the start and at the end.
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
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = _count(total_iters, "total_iters")
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        """Return the rate on the line."""
        share = min(step / self.total_iters, 1)
        factor = self.start_factor + (self.end_factor - self.start_factor) * share
        return self.optimizer.initial_lr * factor


class SequentialLR(Schedule):
    """Schedules one after the other, such as a warm-up and then a cosine.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of Schedule
        Each starts its own clock when its turn comes.
    milestones : sequence of int
        The steps at which the next one takes over: one fewer than there are schedules.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> parts = [LinearLR(optimizer, 0.25, 1.0, 3), CosineAnnealingLR(optimizer, 2)]
    >>> schedule = SequentialLR(optimizer, parts, [3])
    >>> [round(schedule.lr_at(t), 3) for t in range(6)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[Schedule], milestones: Sequence[int]
    ) -> None:
        if len(schedulers) != len(milestones) + 1 or sorted(milestones) != list(milestones):
            raise ValueError(
                "milestones have to ascend, and to be one fewer than the schedules, but were "
                f"{list(milestones)} for {len(schedulers)} schedules"
            )
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        """Return the rate of the schedule whose turn it is."""
        turn = bisect.bisect(self.milestones, step)
        return self.schedulers[turn].lr_at(step - ([0, *self.milestones][turn]))


class ReduceLROnPlateau(Schedule):
    """The rate is multiplied by `factor` when the loss has not improved for `patience` steps.

    Parameters
    ----------
    optimizer : Optimizer
    factor : float
    patience : int
        The number of steps without improvement that are let pass.
    threshold : float
        A loss counts as improved below (1 - threshold) times the best one.
    min_lr : float
        The lowest rate.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        min_lr: float = 0.0,
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"factor has to be between 0 and 1, but was {factor!r}")
        self.factor, self.patience = factor, patience
        self.threshold, self.min_lr = threshold, min_lr
        self.best, self.waited, self.rate = math.inf, 0, optimizer.lr
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:  # noqa: ARG002  (the rate depends on the losses alone)
        """Return the present rate."""
        return self.rate

    def step(self, metric: float | None = None) -> None:
        """Look at the loss `metric`, and lower the rate if it has stopped falling."""
        if metric is None:
            raise ValueError("ReduceLROnPlateau.step needs the loss, as in schedule.step(loss)")
        if metric < self.best * (1 - self.threshold):
            self.best, self.waited = metric, 0
        else:
            self.waited += 1
        if self.waited > self.patience:
            self.rate, self.waited = max(self.rate * self.factor, self.min_lr), 0
        super().step()

    def state_dict(self) -> dict[str, Any]:
        """Return the clock, the best loss, the steps waited and the rate."""
        best = min(self.best, 1.7e308)  # a finite number, for JSON has no infinity
        return {"steps": self.steps, "best": best, "waited": self.waited, "rate": self.rate}


def _count(given: int, name: str) -> int:
    """Return `given`, which has to be a whole number of at least 1."""
    if not (isinstance(given, int) and given >= 1):
        raise ValueError(f"{name} has to be a whole number of at least 1, but was {given!r}")
    return given
