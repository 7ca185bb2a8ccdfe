"""Rows of the table as functions of arrays, `f(*operands, out)`: NumPy's own, and short formulas.

Where a formula loses digits the float function itself takes over, element by element.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import row_of
from autograd.functions.rules import TABLE

Array = NDArray[Any]
Vector = Callable[..., Any]  # what it answers is `out`
INF = math.inf
SMALL, LARGE = 1e-290, 1e290
NEAR = 5.0  # up to here the square loses few digits
INVERSE_SQRT_TAU = 0.3989422804014327
_SAME = (
    "add", "subtract", "multiply", "divide", "negative", "positive", "exp", "expm1", "exp2", "log",
    "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sign", "copysign", "floor",
    "ceil", "trunc", "rint", "fmod", "power", "square", "greater", "less",
    "greater_equal", "less_equal", "equal", "not_equal", "isnan", "isinf", "isfinite",
    "heaviside",
)  # fmt: skip
VECTORS: dict[str, Vector] = {name: getattr(np, name) for name in _SAME}
VECTORS |= {
    "abs": np.absolute,
    "both": np.logical_and,
    "held": np.positive,
    "real": np.positive,
    "conjugate": np.positive,
    "deg2rad": np.deg2rad,
    "rad2deg": np.rad2deg,
}


@cache
def exactly(code: int, integers: tuple[int, ...] = ()) -> Vector:
    """Return the float function of a row, for each element."""
    row = row_of(code)
    count = (row.arity or 1) - row.integers
    each = np.frompyfunc(partial(row.forward, *integers), count, 1)

    def compute(*operands: Any) -> Array:
        *xs, out = operands
        out[...] = each(*(np.asarray(x, float) for x in xs))
        found: Array = out
        return found

    return compute


def but_for(
    name: str, size: Array, low: float, high: float, xs: tuple[Any, ...], out: Array
) -> Array:
    """A result, of the float function where a size is not between two limits."""
    if size.size and not (
        low < np.minimum.reduce(size, None) and np.maximum.reduce(size, None) < high
    ):
        good = np.greater(size, low) & np.less(size, high)
        bad = places(~spread(good, out))
        row = TABLE[name]
        of_each = zip(*(spread(x, out)[bad].tolist() for x in xs), strict=True)
        out[bad] = [row.forward(*x) for x in of_each]
    return out


def spread(x: Any, out: Array) -> Any:
    """An operand in the shape of the result."""
    return x if np.shape(x) == out.shape else np.broadcast_to(x, out.shape)


def _named(function: Vector) -> Vector:
    """Enter a function in the table, by its name."""
    VECTORS[function.__name__.removeprefix("_")] = function
    return function


@_named
def _maximum(x: Any, y: Any, out: Array) -> Any:
    return np.maximum(x, y, out=out)


@_named
def _minimum(x: Any, y: Any, out: Array) -> Any:
    return np.minimum(x, y, out=out)


def maximum_is_relu() -> bool:
    """Return whether NumPy's maximum of -0.0 and 0.0 is 0.0 here, in each part of its loop."""
    sizes = (*range(1, 24), 100, 259)  # tails of vectors, and unrolled ones
    zeros = [np.full(3 * n, -0.0)[::step] for n in sizes for step in (1, 3)]
    return not any(np.signbit(np.maximum(x, 0.0)).any() for x in zeros)


MAXIMUM_IS_RELU = maximum_is_relu()


@_named
def _relu(x: Array, out: Array) -> Any:
    np.maximum(x, 0.0, out=out)
    return out if MAXIMUM_IS_RELU else np.add(out, 0.0, out)


@_named
def _where(condition: Any, x: Any, y: Any, out: Array) -> Any:
    np.copyto(out, y)  # which lies apart from the operands, as `reusing` sees to
    np.copyto(out, x, where=np.not_equal(condition, 0.0))  # half the time of `np.where`
    return out


@_named
def _clip(x: Any, low: Any, high: Any, out: Array) -> Any:
    return np.minimum(np.maximum(x, low), high, out=out)


@_named
def _leaky_relu(x: Any, slope: Any, out: Array) -> Any:
    positive = np.greater(x, 0.0)
    np.multiply(x, slope, out)
    np.copyto(out, x, where=positive)
    return out


@_named
def _elu(x: Any, alpha: Any, out: Array) -> Any:
    np.multiply(np.expm1(x), alpha, out)
    np.copyto(out, x, where=np.greater(x, 0.0))
    return out


@_named
def _hard_tanh(x: Any, out: Array) -> Any:
    return _clip(x, -1.0, 1.0, out)


@_named
def _hard_sigmoid(x: Any, out: Array) -> Any:
    return _clip(np.divide(np.add(x, 3.0), 6.0), 0.0, 1.0, out)


@_named
def _reciprocal(x: Any, out: Array) -> Any:
    return np.divide(1.0, x, out)


@_named
def _tangent(x: Any, out: Array) -> Any:  # noqa: ARG001  (whatever it is)
    out[...] = 0.0
    return out


@_named
def _flat(x: Any, out: Array) -> Any:
    np.not_equal(x, x, out)
    np.copyto(out, x, where=out != 0.0)
    return out


VECTORS["imag"] = _flat


@_named
def _nonnegative(x: Any, out: Array) -> Any:
    np.abs(x, out)
    if not np.size(x) or np.minimum.reduce(x, None) >= 0.0:
        return out
    np.copyto(out, np.nan, where=np.less(x, 0.0))
    return out


@_named
def _one_minus_square(x: Any, out: Array) -> Any:
    return np.multiply(np.subtract(1.0, x), np.add(1.0, x), out)


@_named
def _hypot(x: Any, y: Any, out: Array) -> Any:
    return _with_nan(np.hypot(x, y, out), x, y)


def _with_nan(out: Array, *xs: Any) -> Array:
    """A result, nan where an operand is: C99's hypot(inf, nan) is inf."""
    for x in xs:
        np.copyto(out, np.nan, where=np.isnan(x))
    return out


@_named
def _unit_hypot(x: Any, out: Array) -> Any:
    return np.hypot(1.0, x, out)


# -- exponentials -------------------------------------------------------------------------------
@_named
def _sigmoid(x: Any, out: Array) -> Any:
    e = np.exp(np.negative(np.abs(x, out), out))
    top = np.where(np.less(x, 0.0), e, 1.0)
    return np.divide(top, np.add(e, 1.0, out), out)


@_named
def _sech2(x: Any, out: Array) -> Any:
    return np.multiply(_density(np.multiply(np.abs(x, out), -2.0, out), out), 4.0, out)


@_named
def _logistic_density(x: Any, out: Array) -> Any:
    return _density(np.negative(np.abs(x, out), out), out)


def _density(x: Array, out: Array) -> Array:
    """exp(x) / (1 + exp(x))^2; x may lie in `out`."""
    e = np.exp(x)
    np.add(np.multiply(np.add(e, 2.0, out), e, out), 1.0, out)
    found: Array = np.divide(e, out, out)
    return found


@_named
def _softplus(x: Any, out: Array) -> Any:
    np.log1p(np.exp(np.negative(np.abs(x, out), out), out), out)
    return np.add(out, np.maximum(x, 0.0), out)


@_named
def _log_sigmoid(x: Any, out: Array) -> Any:
    return np.negative(_softplus(np.negative(x), out), out)


@_named
def _silu(x: Any, out: Array) -> Any:
    np.multiply(x, _sigmoid(x, out), out)
    return but_for("silu", np.asarray(x), -700.0, INF, (x,), out)


@_named
def _x_logistic_density(x: Any, out: Array) -> Any:
    np.multiply(x, _logistic_density(x, out), out)
    return but_for("x_logistic_density", np.abs(x), -1.0, 700.0, (x,), out)


@_named
def _silu_slope(x: Any, out: Array) -> Any:
    np.add(_sigmoid(x, out), _x_logistic_density(x, np.empty_like(out)), out)
    return but_for("silu_slope", np.abs(np.add(x, 1.75)), 2.25, INF, (x,), out)


@_named
def _logaddexp(x: Any, y: Any, out: Array) -> Any:
    return np.logaddexp(x, y, out)


@_named
def _exp_times(x: Any, y: Any, out: Array) -> Any:
    e = np.exp(x)
    np.multiply(y, e, out)
    return but_for("exp_times", e, SMALL, LARGE, (x, y), out)


@_named
def _exp_difference(x: Any, m: Any, out: Array) -> Any:
    np.exp(np.subtract(x, m, out), out)
    if not math.isfinite(np.add.reduce(m, None)):  # two equal infinities
        alike = np.equal(x, m)
        np.copyto(out, np.greater(x, 0.0), where=alike & np.isinf(x))
    return out


@_named
def _exp_neg_square(x: Any, out: Array) -> Any:
    return _gauss(x, 1.0, out)


@_named
def _normal_pdf(x: Any, out: Array) -> Any:
    return np.multiply(_gauss(x, 0.5, out), INVERSE_SQRT_TAU, out)


@_named
def _x_normal_pdf(x: Any, out: Array) -> Any:
    _normal_pdf(x, out)
    np.multiply(out, x, out)
    return but_for("x_normal_pdf", np.abs(x), -1.0, 36.0, (x,), out)


def _gauss(x: Any, factor: float, out: Array) -> Any:
    """exp(-factor x^2)."""
    x = np.asarray(x, float)
    square = np.multiply(x, x, out)
    far = places(np.greater_equal(square, NEAR * NEAR))
    np.exp(np.multiply(square, -factor, out), out)
    if far is not None:
        out[far] = gauss_far(spread(x, out)[far], factor)
    return out


def places(flags: Array) -> Any:
    """Return where flags are set, as an index, or None if they are nowhere."""
    found = flags.reshape(-1).nonzero()[0]
    if not len(found):
        return None
    return found if flags.ndim == 1 else np.unravel_index(found, flags.shape)


def gauss_far(x: Array, factor: float) -> Any:
    """The same with what x^2 loses, which counts x^2 times: of the upper half of x it is exact."""
    x = np.minimum(np.abs(x), 1e3)  # where it is 0
    upper = x.astype(np.float32).astype(float)
    rest = np.exp((x - upper) * (x + upper) * -factor)
    found: Array = np.exp(upper * upper * -factor) * rest
    return found


# -- quotients and powers -----------------------------------------------------------------------
@_named
def _over_square(x: Any, y: Any, out: Array) -> Any:
    s = np.multiply(y, y)
    np.divide(x, s, out)
    return but_for("over_square", s, SMALL, LARGE, (x, y), out)


@_named
def _over_norm_square(x: Any, y: Any, out: Array) -> Any:
    s = np.add(np.multiply(x, x), np.multiply(y, y))
    np.divide(x, s, out)
    return but_for("over_norm_square", s, SMALL, LARGE, (x, y), out)


@_named
def _lorentzian(x: Any, out: Array) -> Any:
    np.divide(1.0, np.add(np.multiply(x, x), 1.0), out)
    return but_for("lorentzian", np.abs(x), -1.0, 1e8, (x,), out)


@_named
def _power_by_base(x: Any, y: Any, out: Array) -> Any:
    t = y - 1.0
    size = np.abs(np.power(x, t, out))
    np.multiply(out, y, out)
    if not (isinstance(y, float) and t + 1.0 == y and 0.0 < abs(y) < 1e9 and y != 1.0):
        good = np.equal(np.add(t, 1.0), y) & np.not_equal(y, 0.0) & np.less(np.abs(y), 1e9)
        size = np.where(good & np.equal(x, x), size, np.nan)
    return but_for("power_by_base", size, SMALL, LARGE, (x, y), out)


@_named
def _power_by_exponent(x: Any, y: Any, out: Array) -> Any:
    size = np.where(np.isfinite(y) & np.greater(x, SMALL) & np.less(x, LARGE), 1.0, np.nan)
    np.multiply(size, np.power(x, y, out), size)
    np.multiply(out, np.log(x), out)
    return but_for("power_by_exponent", size, SMALL, LARGE, (x, y), out)
