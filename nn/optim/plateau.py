"""A schedule that waits for the loss to stop falling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.graph.value import Value
from nn.optim.base import Optimizer
from nn.optim.options import non_negative, number, whole
from nn.optim.schedules import Schedule


class ReduceLROnPlateau(Schedule):
    """The rate is multiplied by `factor` when the loss has not improved for `patience` steps.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}
        Whether what is measured should fall, as a loss, or rise, as an accuracy.
    factor : float
    patience : int
        The number of steps without improvement that are let pass.
    threshold : float
        By how much a loss has to be better than the best one to count as improved.
    threshold_mode : {"rel", "abs"}
        Whether `threshold` is a share of the size of the best loss, or an amount. PyTorch takes
        the share of the best loss itself, so that one below 0 improves by standing still, and the
        rate never falls; of losses above 0 it is the same.
    cooldown : int
        The number of steps after a reduction that do not count as waiting.
    min_lr : float, or sequence of float
        The lowest rate, of all groups or of each.
    eps : float
        A reduction by no more than this is left out.

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

    needs_metric = True
    clock = frozenset({"steps", "best", "waited", "cooling"})

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode has to be 'min' or 'max', but was {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode has to be 'rel' or 'abs', but was {threshold_mode!r}")
        if not 0 < factor < 1:
            raise ValueError(f"factor has to be between 0 and 1, but was {factor!r}")
        self.mode, self.factor, self.patience = mode, factor, whole(patience, "patience")
        self.threshold, self.threshold_mode = non_negative(threshold, "threshold"), threshold_mode
        self.cooldown, self.eps = whole(cooldown, "cooldown"), non_negative(eps, "eps")
        self.min_lr = list(min_lr) if isinstance(min_lr, Sequence) else min_lr
        self.best = math.inf if mode == "min" else -math.inf
        self.waited = self.cooling = 0
        super().__init__(optimizer)
        self._floors()

    def step(self, metric: float | None = None) -> None:
        """Look at the loss `metric`, and lower the rates if it has stopped falling."""
        if metric is None:
            raise ValueError("ReduceLROnPlateau.step needs the loss, as in schedule.step(loss)")
        loss = float(metric.data if isinstance(metric, Value) else metric)
        self.steps += 1
        if self._is_better(loss):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        if self.cooling:
            self.cooling -= 1
            self.waited = 0
        if self.waited > self.patience:
            self.waited, self.cooling = 0, self.cooldown
            for group, floor in zip(self.optimizer.param_groups, self._floors(), strict=True):
                lower = max(group["lr"] * self.factor, floor)
                if group["lr"] - lower > self.eps:
                    group["lr"] = lower

    def state_dict(self) -> dict[str, Any]:
        """Return what every schedule does, the best loss, the steps waited and left to cool."""
        best = self.best if math.isfinite(self.best) else None  # for JSON has no infinity
        own = {"best": best, "waited": self.waited, "cooling": self.cooling}
        return {**super().state_dict(), **own}

    def _is_better(self, loss: float) -> bool:
        """Tell whether a loss is better than the best one by more than the threshold."""
        down, best = self.mode == "min", self.best
        if math.isinf(best):
            bar = best
        elif self.threshold_mode == "rel":
            # A factor that leads away from the best one, on whichever side of 0 it is.
            bar = best * (1 - self.threshold if down == (best > 0) else 1 + self.threshold)
        else:
            bar = best - self.threshold if down else best + self.threshold
        return loss < bar if down else loss > bar

    def _floors(self) -> list[float]:
        """Return the lowest rate of each group."""
        count = len(self.optimizer.param_groups)
        listed = self.min_lr if isinstance(self.min_lr, list) else [self.min_lr] * count
        if len(listed) != count:
            raise ValueError(f"min_lr has {len(listed)} rates, but there are {count} groups")
        return [non_negative(rate, "min_lr") for rate in listed]

    def _checked(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """Return a saved state whose numbers have been checked."""
        best, worst = saved["best"], math.inf if self.mode == "min" else -math.inf
        return {
            **super()._checked(saved),
            "best": worst if best is None else number(best, "the saved best"),
            "waited": whole(saved["waited"], "the saved waited"),
            "cooling": whole(saved["cooling"], "the saved cooling"),
        }

    def _move(self) -> None:
        """Leave the rates as they are, for they depend on the loss alone."""
