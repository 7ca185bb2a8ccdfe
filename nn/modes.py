"""The mode of evaluation: a block in which no module is being trained."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import ClassVar, Self

from autograd.ending import Levels, Nesting, held_by


def is_evaluating() -> bool:
    """Tell whether the innermost block of this thread or task is one of evaluation."""
    return bool(held_by(evaluation.levels, otherwise=False))


class evaluation(Nesting, ContextDecorator):  # noqa: N801  (it is used like a function)
    """Evaluate whatever runs in the block: `training` of every module then is False.

    It holds for one thread or task, like `autograd.no_grad`. Nothing is set in the modules, so that
    afterwards, also after an exception, each is in the mode of its own again.

    Examples
    --------
    >>> from nn import Dropout
    >>> dropout = Dropout(0.5)
    >>> with evaluation():
    ...     dropout([1.0, 2.0]), dropout.training
    ([1.0, 2.0], False)
    >>> dropout.training
    True
    """

    levels: ClassVar[Levels] = ContextVar("evaluating", default=None)
    evaluates = True

    def __init__(self) -> None:
        super().__init__(self.evaluates)

    def _recreate_cm(self) -> Self:
        return type(self)()  # one for each call of a decorated function


class own_modes(evaluation):  # noqa: N801
    """Let every module be in the mode of its own, in a block of evaluation too."""

    evaluates = False
