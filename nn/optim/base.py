"""What every optimiser has: parameters, a learning rate, and what it remembers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Value


class Optimizer:
    """What every optimiser has: parameters, a learning rate, and what it remembers.

    A subclass says in `step` how the gradients move the parameters.

    Parameters
    ----------
    params : iterable of Value
        The parameters, such as ``model.parameters()``.
    lr : float
        The learning rate; a schedule may change the attribute between steps.

    Attributes
    ----------
    params : list of Value
        The parameters.
    initial_lr : float
        The learning rate that schedules start from.
    state : dict of str to list of float
        What is remembered from step to step: for each name one number per parameter, in
        the order of `params`. Empty before the first step.

    Raises
    ------
    TypeError
        If `params` is not an iterable of Values.
    ValueError
        If there are no parameters, one comes twice, or `lr` is negative or not finite.

    Examples
    --------
    >>> from nn.optim import SGD
    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.0
    >>> optimizer.zero_grad()
    >>> w.grad
    0
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        try:
            self.params = list(params)
        except TypeError:
            raise TypeError(
                f"params has to be a list of Values, but was a {type(params).__name__}; "
                "pass model.parameters()"
            ) from None
        if not self.params:
            raise ValueError("params is empty; there is nothing to optimise")
        for parameter in self.params:
            if not isinstance(parameter, Value):
                raise TypeError(f"every parameter has to be a Value, but one was {parameter!r}")
        if len({id(parameter) for parameter in self.params}) < len(self.params):
            raise ValueError("a parameter is in params twice and would be moved twice")
        self.lr = self.initial_lr = non_negative(lr, "lr")
        self.state: dict[str, list[float]] = {}

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to take a step")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.params:
            parameter.grad = 0

    def state_dict(self) -> dict[str, Any]:
        """Return settings and memory as plain dicts, lists and numbers, ready to be saved.

        Examples
        --------
        >>> from nn.optim import SGD
        >>> SGD([Value(1.0)], lr=0.5).state_dict()["settings"]["lr"]
        0.5
        """
        settings = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
            if name not in ("params", "state")
        }
        state = {name: list(numbers) for name, numbers in self.state.items()}
        return {"class": type(self).__name__, "settings": settings, "state": state}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimiser of the same class returned.

        Raises
        ------
        ValueError
            If `saved` belongs to another optimiser or to other parameters; nothing is then
            changed.
        """
        name = type(self).__name__
        if not isinstance(saved, Mapping) or saved.get("class") != name:
            given = saved.get("class") if isinstance(saved, Mapping) else saved
            raise ValueError(f"the saved optimiser is {given!r}, but this one is {name!r}")
        settings, state = saved.get("settings"), saved.get("state")
        expected = self.state_dict()["settings"]
        if not isinstance(settings, Mapping) or settings.keys() != expected.keys():
            raise ValueError(f"the saved settings of {name} have to be {', '.join(expected)}")
        for key, value in settings.items():
            if not _alike(value, expected[key]):
                raise ValueError(f"the saved {key} of {name} cannot be {value!r}")
        if not isinstance(state, Mapping):
            raise ValueError(f"the saved state of {name} has to be a mapping, but was {state!r}")
        count = len(self.params)
        for key, numbers in state.items():
            if not isinstance(numbers, list) or len(numbers) != count:
                raise ValueError(
                    f"the saved {key} of {name} needs {count} numbers, one a parameter"
                )
            if not all(_is_finite(number) for number in numbers):
                raise ValueError(f"the saved {key} of {name} holds something that is no number")
        for key, value in settings.items():
            setattr(self, key, tuple(value) if isinstance(value, list) else value)
        self.state = {key: list(numbers) for key, numbers in state.items()}


def non_negative(given: float, name: str) -> float:
    """Return `given`, which has to be a finite number of at least 0."""
    if not (given >= 0 and math.isfinite(given)):
        raise ValueError(f"{name} has to be a finite number of at least 0, but was {given!r}")
    return given


def share(given: float, name: str) -> float:
    """Return `given`, which has to be at least 0 and below 1."""
    if not 0 <= given < 1:
        raise ValueError(f"{name} has to be at least 0 and below 1, but was {given!r}")
    return given


def _alike(value: Any, expected: Any) -> bool:
    """Tell whether a saved setting can stand where `expected` stands."""
    if isinstance(expected, list):
        pairs = zip(value, expected, strict=False) if isinstance(value, list) else ()
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(_alike(x, y) for x, y in pairs)
        )
    if isinstance(expected, bool) or isinstance(value, bool):
        return type(value) is type(expected)
    return _is_finite(value) and value >= 0


def _is_finite(number: Any) -> bool:
    """Tell whether `number` is a finite number."""
    return isinstance(number, int | float) and math.isfinite(number)
