"""Formulas as JAX source over arrays of doubles."""

from __future__ import annotations

import math
from typing import Any

from autograd.functions.printing.arrays import OverArrays
from autograd.functions.printing.printer import SIGNED, Known, Written
from autograd.functions.printing.text import OPERATORS

_OF_ONE = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "floor",
    "ceil", "trunc", "rint", "abs", "sign", "isnan", "isinf", "isfinite",
)  # fmt: skip
_OF_TWO = (
    "power", "arctan2", "copysign", "maximum", "minimum", "fmod", "remainder",
    "floor_divide", "logaddexp",
)  # fmt: skip
_SPECIAL = {"erf": "erf", "erfc": "erfc", "normal_cdf": "ndtr", "gamma": "gamma",
            "lgamma": "gammaln", "digamma": "digamma"}  # fmt: skip
OF_JAX: Known = {
    **{name: OPERATORS[name] for name in ("add", "subtract", "multiply", "divide")},
    **{name: OPERATORS[name] for name in ("greater", "less", "greater_equal", "less_equal")},
    **{name: OPERATORS[name] for name in ("equal", "not_equal")},
    "both": "jnp.logical_and({0}, {1})",
    "where": "jnp.where({0}, {1}, {2})",
    "negative": ("-{0:r}", SIGNED),
    "reciprocal": ("1.0 / {0:r}", OPERATORS["divide"][1]),
    **dict.fromkeys(("positive", "conjugate", "real", "held"), "{0}"),
    "imag": "jnp.where(jnp.isnan({0}), {0}, 0.0)",
    "flat": "jnp.where(jnp.isnan({0}), {0}, 0.0)",
    "tangent": "0.0",
    "angle": "jnp.arctan2(0.0, {0})",
    "nonnegative": "jnp.where({0} < 0.0, jnp.nan, jnp.abs({0}))",
    "exp_difference": "jnp.where({0} == {1}, 1.0 * ({0} > -jnp.inf), jnp.exp({0} - {1}))",
    "hypot": "jnp.where(jnp.isnan({0}) | jnp.isnan({1}), jnp.nan, jnp.hypot({0}, {1}))",
    **{name: f"jnp.{name}({{0}})" for name in _OF_ONE},
    **{name: f"jnp.{name}({{0}}, {{1}})" for name in _OF_TWO},
    **{name: f"special.{theirs}({{0}})" for name, theirs in _SPECIAL.items()},
    **{name: f"nn.{name}({{0}})" for name in ("sigmoid", "log_sigmoid", "softplus")},
    "polygamma": "special.polygamma({0}, {1})",
}  # fmt: skip


class Jax(OverArrays):
    """JAX, with `jnp` for jax.numpy, `nn` for jax.nn and `special` for jax.scipy.special."""

    title = "JAX"

    def number(self, x: Any, integer: bool = False) -> Written:
        """Return a float, or an integer where one is asked for."""
        return super().number(x if integer else float(x))

    def literal(self, x: Any) -> str:
        """Return the text of a number."""
        if not math.isfinite(x):
            return "jnp.nan" if x != x else "jnp.inf" if x > 0 else "-jnp.inf"
        return repr(x)


JAX = Jax(OF_JAX)
