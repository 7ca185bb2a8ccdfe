"""The number types that a Value can hold: how they mix, and what each of them can compute."""

from __future__ import annotations

import cmath
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from autograd.primitives import Primitive

_DECIMAL_METHODS = {"exp": "exp", "log": "ln", "log10": "log10", "sqrt": "sqrt"}


class Constant(float):
    """A float that remembers the exact number it stands for: ln 2, 1/6, 2/sqrt(pi).

    The rules are written once for every number type; a constant in a rule takes the type of
    the numbers that it meets. It stands left of them.

    Parameters
    ----------
    nearest : float
        The nearest double.
    exact : callable
        The number itself, made from integers of a number type: `exact(Fraction)`.
    text, latex : str
        How it is written.
    """

    exact: Callable[[Any], Any]
    text: str
    latex: str

    def __new__(
        cls, nearest: float, exact: Callable[[Any], Any], text: str, latex: str
    ) -> Constant:
        """Make the float, and give it the exact number and the written forms."""
        self = super().__new__(cls, nearest)
        self.exact, self.text, self.latex = exact, text, latex
        return self

    def __mul__(self, other: Any) -> Any:
        kind = type(other)
        if kind is float or kind is int:
            return float(self) * other
        return convert(self, kind) * other if is_number(other) else NotImplemented

    def __truediv__(self, other: Any) -> Any:
        kind = type(other)
        if kind is float or kind is int:
            return float(self) / other
        return convert(self, kind) / other if is_number(other) else NotImplemented


def ratio(numerator: int, denominator: int) -> Constant:
    """Return the rational `numerator / denominator` as a constant for rules."""
    return Constant(
        numerator / denominator,
        lambda number: number(numerator) / number(denominator),
        f"{numerator}/{denominator}",
        rf"\tfrac{{{numerator}}}{{{denominator}}}",
    )


def is_number(x: object) -> bool:
    """Tell whether `x` is a scalar that a Value can hold or meet: no array, no text."""
    kind = type(x)
    if kind is float or kind is int or kind is bool or kind is complex:
        return True
    if isinstance(x, (float, int, complex)):
        return True
    if hasattr(x, "_mpf_") or hasattr(x, "_mpc_"):
        return True
    if kind.__module__ == "numpy":  # a NumPy scalar, not an array: those have a length
        return hasattr(x, "dtype") and not hasattr(x, "__len__") and x.dtype.kind in "biufc"
    return _is_exact(kind)


def as_number(x: Any) -> Any:
    """Return the number that a Value stores for `x`: int, bool and NumPy scalars become float."""
    kind = type(x)
    if kind is float:
        return x
    if isinstance(x, (int, float)):  # bool, np.float64, an IntEnum, a Constant
        return float(x)
    if kind.__module__ == "numpy":
        return complex(x) if x.dtype.kind == "c" else float(x)
    return x


def unify(numbers: Sequence[Any]) -> tuple[type, list[Any]]:
    """Return one number type for all of `numbers`, and the numbers as that type.

    An int or a `Constant` takes the type of the others; a float becomes complex or mpf, which
    hold it exactly. A float never meets a Fraction or a Decimal: that would lose exactness
    in silence.

    Raises
    ------
    TypeError
        If two of the types do not mix.
    """
    kinds = {type(x) for x in numbers} - {int, bool, Constant}
    if kinds <= {float}:
        return float, [float(x) for x in numbers]
    numbers = [as_number(x) if type(x).__module__ == "numpy" else x for x in numbers]
    kinds = {type(x) for x in numbers} - {int, bool, Constant}
    if len(kinds) > 1:
        kinds = {float if issubclass(kind, float) else kind for kind in kinds}
    if len(kinds) <= 1:
        (kind,) = kinds or {float}
    else:
        kind = _wider(kinds)
    return kind, [convert(x, kind) for x in numbers]


def _wider(kinds: set[type]) -> type:
    """The one type among several that holds the others exactly."""
    names = " and ".join(sorted(kind.__name__ for kind in kinds))
    if any(_is_exact(kind) for kind in kinds):
        raise TypeError(
            f"{names} do not mix: one of them would have to be rounded in silence; "
            "convert one side first, as in Fraction(x) or float(x)"
        )
    context = next((kind.context for kind in kinds if hasattr(kind, "context")), None)
    if context is not None:  # one of mpmath's types
        return cast(type, context.mpf if kinds == {float, context.mpf} else context.mpc)
    if kinds == {float, complex}:
        return complex
    raise TypeError(f"{names} do not mix; convert one side first")


def convert(x: Any, kind: type) -> Any:
    """Return the number `x` as one of type `kind`."""
    if type(x) is kind:
        return x
    return x.exact(kind) if isinstance(x, Constant) and kind is not float else kind(x)


def _is_exact(kind: type) -> bool:
    """Whether the type is Fraction or Decimal, asked without importing either."""
    return any(
        module in sys.modules and issubclass(kind, getattr(sys.modules[module], name))
        for module, name in (("fractions", "Fraction"), ("decimal", "Decimal"))
    )


def evaluate(primitive: Primitive, numbers: Sequence[Any]) -> Any:
    """Return the value of an elementary function of plain numbers of any kind.

    Raises
    ------
    TypeError
        If the numbers do not mix, or their type has no such function.
    """
    fixed = numbers[: primitive.integers]
    kind, operands = unify(numbers[primitive.integers :])
    if kind is float:
        return primitive.forward(*fixed, *operands)
    function = primitive.definition or _library_function(primitive, kind)
    remedy = f"{primitive.name} is not defined for {kind.__name__}; use float operands for it"
    if function is None:
        raise TypeError(remedy)
    try:
        out = function(*fixed, *operands)
    except TypeError as error:
        raise TypeError(f"{remedy} ({error})") from error
    if type(out) is int or type(out) is bool:
        out = kind(out)
    if type(out) is not kind and not (hasattr(out, "_mpf_") or hasattr(out, "_mpc_")):
        raise TypeError(f"{remedy} (it answers {type(out).__name__})")
    return out


def _library_function(primitive: Primitive, kind: type) -> Callable[..., Any] | None:
    """The type's own version of a function, where a library has one."""
    name = primitive.library_name
    if kind is complex:
        return getattr(cmath, name, None)
    if kind.__name__ == "Decimal":
        return getattr(kind, _DECIMAL_METHODS.get(primitive.name, ""), None)
    if hasattr(kind, "_mpf_") or hasattr(kind, "_mpc_"):
        return getattr(sys.modules["mpmath"], name, None)
    return None
