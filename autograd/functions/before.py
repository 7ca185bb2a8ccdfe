"""What pickles name that were made before `kinds` and `primitives` were parted; see `moved`."""

from __future__ import annotations

from typing import Any

from autograd.functions import rules
from autograd.functions.calls import Primitive as Primitive
from autograd.numbers.kinds import Constant as Constant
from autograd.numbers.kinds import ratio as ratio


def _row(name: str) -> Any:
    """The row of a name."""
    return rules.TABLE[name]


def _constant(name: str) -> Any:
    """The constant of a name."""
    return getattr(rules, name)
