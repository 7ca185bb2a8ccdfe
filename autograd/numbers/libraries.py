"""Where the functions of the other number types are found, by the names of the rows.

`complexes` for complex numbers, the methods of Decimal and what follows from them in a line, and
`mpmath` for its own numbers. None of them is imported before one of its numbers is met.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from operator import methodcaller
from typing import Any

Function = Callable[..., Any]


def own(name: str, kind: type) -> Function | None:
    """The function that goes before the definition of a row: for complex numbers and Decimals."""
    if kind is complex:
        from autograd.numbers import complexes

        return getattr(complexes, name, None)
    return _DECIMAL.get(name) if is_decimal(kind) else None


def of_mpmath(name: str, kind: type) -> Function | None:
    """The function of `mpmath`, which goes after."""
    return getattr(sys.modules["mpmath"], name, None) if is_mpmath(kind) else None


def is_decimal(kind: type) -> bool:
    """Whether a type is Decimal, asked without importing it."""
    return kind.__name__ == "Decimal"


def is_mpmath(kind: type) -> bool:
    """Whether a type is one of mpmath's; SymPy's numbers have its attributes, but no context."""
    return (hasattr(kind, "_mpf_") or hasattr(kind, "_mpc_")) and hasattr(kind, "context")


def is_complex(kind: type) -> bool:
    """Whether a type is one of complex numbers."""
    return kind is complex or (kind is not float and hasattr(kind, "_mpc_") and is_mpmath(kind))


def named(name: str) -> Function:
    """A function that takes numbers of any of these types to their own version."""

    def function(*xs: Any) -> Any:
        kind = type(xs[0])
        version = own(name, kind) or of_mpmath(name, kind)
        if version is None:
            raise TypeError(f"{name} is not defined for {kind.__name__}")
        return version(*xs)

    return function


def _expm1(x: Any) -> Any:
    """exp(x) - 1 of a Decimal; near 0 the error of exp cancels (Kahan, in Higham 1.14.1)."""
    u = x.exp()
    if abs(x) > 1:
        return u - 1
    return x if u == 1 else (u - 1) * x / u.ln()


def _log1p(x: Any) -> Any:
    """log(1 + x) of a Decimal; near 0 the error of 1 + x cancels."""
    u = 1 + x
    if abs(x) > 1:
        return u.ln()
    return x if u == 1 else x * u.ln() / (u - 1)


def _tanh(x: Any) -> Any:
    """The hyperbolic tangent of a Decimal."""
    e = _expm1(-2 * abs(x))
    return (-e / (e + 2)).copy_sign(x)


_DECIMAL: dict[str, Function] = {
    "exp": methodcaller("exp"), "log": methodcaller("ln"), "log10": methodcaller("log10"),
    "sqrt": methodcaller("sqrt"), "expm1": _expm1, "log1p": _log1p, "tanh": _tanh,
}  # fmt: skip
