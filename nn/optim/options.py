"""The settings of optimisers: how they are checked, and how every group has its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nn.checks import check_size

Group = dict[str, Any]


class Grouped(Protocol):
    """What has groups of parameters with settings of their own: an `Optimizer`."""

    param_groups: list[Group]

    def checked(self, options: Mapping[str, Any]) -> Group:
        """Return the settings of a group as they are kept, or refuse them."""
        ...


class Option:
    """A setting that an optimiser declares, of which each group of parameters has its own.

    Read as an attribute of the optimiser it is the one that all groups share; set, it is set in all
    of them.

    Parameters
    ----------
    check : callable
        ``check(given, name)`` returns the setting as it is kept, or raises ValueError.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([{"params": [Value(1.0)]}, {"params": [Value(2.0)], "lr": 0.1}], lr=0.5)
    >>> optimizer.lr
    Traceback (most recent call last):
        ...
    AttributeError: the groups differ in lr: 0.5, 0.1; read optimizer.param_groups[i]['lr']
    >>> optimizer.lr = 0.25
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.25, 0.25]
    """

    def __init__(self, check: Callable[[Any, str], Any]) -> None:
        self.check = check
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimizer: Grouped | None, owner: type) -> Any:
        if optimizer is None:
            return self
        first, *others = [group[self.name] for group in optimizer.param_groups]
        if any(other != first for other in others):
            listed = ", ".join(map(repr, (first, *others)))
            raise AttributeError(
                f"the groups differ in {self.name}: {listed}; "
                f"read optimizer.param_groups[i][{self.name!r}]"
            )
        return first

    def __set__(self, optimizer: Grouped, given: Any) -> None:
        groups = optimizer.param_groups
        checked = [optimizer.checked({**group, self.name: given}) for group in groups]
        for group, options in zip(groups, checked, strict=True):
            group[self.name] = options[self.name]


def number(given: Any, name: str) -> Any:
    """Return `given`, which has to be a finite number; of a NumPy scalar the Python number."""
    if not _is_finite(given):
        raise ValueError(f"{name} has to be a finite number, but was {given!r}")
    return given.item() if hasattr(given, "item") else given


def non_negative(given: Any, name: str) -> Any:
    """Return `given`, which has to be a finite number of at least 0."""
    if not (_is_finite(given) and given >= 0):
        raise ValueError(f"{name} has to be a finite number of at least 0, but was {given!r}")
    return number(given, name)


def share(given: Any, name: str) -> Any:
    """Return `given`, which has to be at least 0 and below 1."""
    if not (_is_finite(given) and 0 <= given < 1):
        raise ValueError(f"{name} has to be at least 0 and below 1, but was {given!r}")
    return number(given, name)


def shares(given: Any, name: str) -> tuple[Any, Any]:
    """Return two numbers, of which each has to be at least 0 and below 1."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(f"{name} has to be two numbers, but was {given!r}")
    return share(given[0], f"{name}[0]"), share(given[1], f"{name}[1]")


def flag(given: Any, name: str) -> bool:
    """Return `given`, which has to be True or False."""
    if given not in (True, False):
        raise ValueError(f"{name} has to be True or False, but was {given!r}")
    return bool(given)


def whole(given: Any, name: str, least: int = 0) -> int:
    """Return `given` as an int of at least `least`; every fault of a setting is a ValueError."""
    try:
        if isinstance(given, bool):
            raise TypeError(f"{name} has to be an int, but was {given!r}")
        return check_size(given, name, least)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _is_finite(given: Any) -> bool:
    """Tell whether `given` is a finite real number, and no bool."""
    try:
        return not isinstance(given, bool) and math.isfinite(given)
    except TypeError:
        return False
