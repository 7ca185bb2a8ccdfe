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
    places,
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
    if row.name in OF_SCIPY and row.name not in VECTORS:
        VECTORS[row.name] = OF_SCIPY[row.name]()
    return exactly(code, integers) if row.integers else VECTORS.get(row.name) or exactly(code)


# -- of SciPy where it is installed, which is asked for when a program first needs it ----------
def _of_scipy(ours: str, name: str, sign: float, make_tail: Callable[[Any], Any]) -> Vector:
    """Take a function of SciPy, but for a tail in which it loses digits."""
    try:
        special = import_module("scipy.special")
    except ImportError:
        return exactly(CODES[ours])
    return partial(_but_for_tail, ours, getattr(special, name), sign, make_tail(special.erfcx))


def _but_for_tail(ours: str, theirs: Any, sign: float, tail: Any, x: Any, out: Array) -> Any:
    """SciPy's function, that of a tail by the scaled one, and the float function where it ends."""
    x = np.asarray(x, float)
    theirs(x, out)
    far = None
    if sign:
        beyond = np.greater_equal(x, NEAR) if sign > 0.0 else np.less_equal(x, -NEAR)
        far = places(spread(beyond, out))
    if far is not None:
        xs = spread(x, out)[far]
        out[far] = but_for(ours, xs * -sign, -26.0, INF, (xs,), tail(xs))
    return out


OF_SCIPY: dict[str, Callable[[], Vector]] = {
    "erf": lambda: _of_scipy("erf", "erf", 0.0, lambda _: None),
    "erfc": lambda: _of_scipy(
        "erfc", "erfc", 1.0, lambda scaled: lambda x: scaled(x) * gauss_far(x, 1.0)
    ),
    "normal_cdf": lambda: _of_scipy(
        "normal_cdf",
        "ndtr",
        -1.0,
        lambda scaled: lambda x: 0.5 * scaled(x * -math.sqrt(0.5)) * gauss_far(x, 0.5),
    ),
}
