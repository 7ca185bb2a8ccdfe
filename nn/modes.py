"""The mode of evaluation: a block in which no module is being trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

EVALUATING: ContextVar[bool] = ContextVar("evaluating", default=False)


@contextmanager
def evaluation() -> Iterator[None]:
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
    token = EVALUATING.set(True)
    try:
        yield
    finally:
        EVALUATING.reset(token)
