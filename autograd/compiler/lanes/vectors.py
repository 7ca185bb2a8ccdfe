"""The rows of the table as functions of arrays, `f(*operands, out)`.

Each answers what the row's float function does, at infinities, zeros and nan too, but for its last
digits (`tests/compiler/test_vectors.py` holds every row against it). A row without a formula is
computed element by element.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from autograd.compiler.codes import CODES, row_of
from autograd.compiler.lanes.formulas import (
    INF,
    NEAR,
    VECTORS,
    Array,
    Vector,
    but_for,
    exactly,
    gauss_far,
    spread,
)


def vector(code: int, integers: tuple[int, ...] = ()) -> Vector:
    """Return a row as a function of arrays.

    Examples
    --------
    >>> out = np.empty(2)
    >>> vector(CODES["sech2"])(np.array([0.0, np.inf]), out).tolist()
    [1.0, 0.0]
    """
    row = row_of(code)
    return exactly(code, integers) if row.integers else VECTORS.get(row.name) or exactly(code)


# -- of SciPy where it is installed, which is asked for when a program first needs it ----------
def _of_scipy(ours: str, name: str, sign: float, make_tail: Callable[[Any], Any]) -> None:
    """Take a function of SciPy, but for a tail in which it loses digits."""

    def first(x: Any, out: Array) -> Any:
        try:
            special = import_module("scipy.special")
        except ImportError:
            VECTORS[ours] = exactly(CODES[ours])
        else:
            theirs, tail = getattr(special, name), make_tail(special.erfcx)
            VECTORS[ours] = partial(_but_for_tail, ours, theirs, sign, tail)
        return VECTORS[ours](x, out)

    VECTORS[ours] = first


def _but_for_tail(ours: str, theirs: Any, sign: float, tail: Any, x: Any, out: Array) -> Any:
    """SciPy's function, that of a tail by the scaled one, and the float function where it ends."""
    x = np.asarray(x, float)
    theirs(x, out)
    if (
        not sign
        or not x.size
        or (np.maximum if sign > 0 else np.minimum).reduce(x, None) * sign < NEAR
    ):
        return out
    x = spread(x, out)
    far = np.nonzero(x * sign >= NEAR)
    xs = x[far]
    out[far] = but_for(ours, xs * -sign, -26.0, INF, (xs,), tail(xs))
    return out


_of_scipy("erf", "erf", 0.0, lambda _: None)
_of_scipy("erfc", "erfc", 1.0, lambda scaled: lambda x: scaled(x) * gauss_far(x, 1.0))
_of_scipy(
    "normal_cdf",
    "ndtr",
    -1.0,
    lambda scaled: lambda x: 0.5 * scaled(x * -math.sqrt(0.5)) * gauss_far(x, 0.5),
)
