"""The number types that a Value can hold: how they mix, and what each of them can compute.

What happens where a function or its derivative has no finite value is one rule for each type:

=================  ===================================  ==========================================
type               the value                            the derivative, and the sweep
=================  ===================================  ==========================================
float, complex,    never raises: inf out of range and   the same
mpf, mpc           at poles, nan outside the domain
Decimal            as `decimal`'s context traps it;     never raises: Infinity and NaN, whatever
                   the default context raises           the traps
Fraction           raises ZeroDivisionError, for it     the same
                   has no infinity
=================  ===================================  ==========================================

The result is of the type of the operands: the logarithm of a negative mpf is nan, as for floats;
that of an mpc is complex. Only `real`, `imag`, `angle` and the lengths (`abs`, `hypot`, `norm`)
make a real number of complex ones. `//` and `%` of Decimals round towards 0, as Decimal does. The
products of a sweep are the type's own: for complex numbers inf * (1 + 0j) has a part that is nan.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, cast

from autograd.ending import Level, Levels, Nesting
from autograd.numbers.libraries import is_complex, is_decimal, is_mpmath


class Constant:
    """A number of the rules that keeps its exact value: ln 2, 1/6, 2/sqrt(pi).

    The rules are written once for every number type: on either side of an operator a constant
    takes the type of the number that it meets. It is no float, lest a type round it on its own;
    what constants and ints make is a constant again.

    Parameters
    ----------
    nearest : float
        The nearest double.
    exact : callable
        The number itself, made from integers of a number type: `exact(Fraction)`.
    text, latex : str
        How it is written; as the double, unless given.
    made : tuple, optional
        A function and the arguments from which it makes the constant, for pickle.
    """

    def __init__(
        self,
        nearest: float,
        exact: Callable[[Any], Any],
        text: str = "",
        latex: str = "",
        made: tuple[Any, ...] = (),
    ) -> None:
        self.nearest, self.exact, self.made, self.name = nearest, exact, made, ""
        self.text, self.latex = text or repr(nearest), latex or repr(nearest)

    def __float__(self) -> float:
        return self.nearest

    def __bool__(self) -> bool:
        return bool(self.nearest)

    def __repr__(self) -> str:
        return repr(self.nearest)

    def __hash__(self) -> int:
        return hash(self.nearest)

    def called(self, name: str, module: str) -> None:
        """Take the name by which pickle finds the constant."""
        self.name, self.__module__ = name, module

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self.made or self.name

    if TYPE_CHECKING:

        def _operator(self, *others: Any) -> Any: ...

        __neg__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = _operator
        __lt__ = __le__ = __gt__ = __ge__ = _operator


def _on_constants(function: Callable[..., Any], compares: bool = False) -> Callable[..., Any]:
    """An operator for operands of which one or more are constants."""

    def operate(*operands: Any) -> Any:
        others = [x for x in operands if type(x) is not Constant and type(x) is not int]
        if others and not is_number(others[0]):
            return NotImplemented
        if others:
            kind = type(as_number(others[0]))
            out = function(*(convert(x, kind) for x in operands))
            if type(out) is float and kind is not float:  # a Fraction to a fraction
                raise TypeError(f"the result for {others[0]!r} is no {kind.__name__}")
            return out
        nearest = function(*map(float, operands))
        if compares:
            return nearest
        exact = lambda number: function(*(convert(x, number) for x in operands))  # noqa: E731
        return Constant(nearest, exact, made=(function, operands))

    return operate


def _reflected(operate: Callable[..., Any]) -> Callable[..., Any]:
    """The operator for the other side."""
    return lambda self, other: operate(other, self)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _operate = _on_constants(getattr(operator, _name))
    setattr(Constant, f"__{_name}__", _operate)
    setattr(Constant, f"__r{_name}__", _reflected(_operate))
for _name in ("neg", "pos", "abs"):
    setattr(Constant, f"__{_name}__", _on_constants(getattr(operator, _name)))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Constant, f"__{_name}__", _on_constants(getattr(operator, _name), compares=True))


def ratio(numerator: int, denominator: int) -> Constant:
    """Return the rational `numerator / denominator` as a constant for rules."""
    return Constant(
        numerator / denominator,
        lambda number: number(numerator) / number(denominator),
        f"{numerator}/{denominator}",
        rf"\tfrac{{{numerator}}}{{{denominator}}}",
        made=(ratio, (numerator, denominator)),
    )


def is_number(x: object) -> bool:
    """Tell whether `x` is a scalar that a Value can hold or meet: no array, no text."""
    kind = type(x)
    if kind is float or kind is int or kind is bool or kind is complex:
        return True
    if isinstance(x, (float, int, complex, Constant)) or is_mpmath(kind):
        return True
    if kind.__module__ == "numpy":  # a NumPy scalar, not an array: those have a length
        return hasattr(x, "dtype") and not hasattr(x, "__len__") and x.dtype.kind in "biufc"
    return _is_exact(kind)


def not_a_number(x: Any) -> str:
    """Return the message for something that a Value cannot hold, with the remedy."""
    single = hasattr(x, "__float__") and not hasattr(x, "shape")
    convert = "convert it first, as in float(x)"
    remedy = {
        "str": "convert the text first, as in Value(float(text))",
        "Value": "use the Value itself, or x.detach() for a leaf with the same data",
        "NoneType": "a function that gives None may lack its return",
    }.get(type(x).__name__, convert if single else "make one Value for each number in it")
    return f"a Value holds one number; got {x!r} ({type(x).__name__}): {remedy}"


def element(x: Any) -> Any:
    """Return what an array without an axis holds; whatever else `x` is, `x` itself."""
    numpy = sys.modules.get("numpy")
    return x[()] if numpy and isinstance(x, numpy.ndarray) and not x.ndim else x


def as_number(x: Any) -> Any:
    """Return the number that a Value stores for `x`: int, bool and NumPy scalars become float."""
    kind = type(x)
    if kind is float:
        return x
    if isinstance(x, (int, float, Constant)):  # bool, np.float64, an IntEnum
        return float(x)
    if kind.__module__ == "numpy":
        return complex(x) if x.dtype.kind == "c" else float(x)
    return +x if kind.__name__ == "constant" and is_mpmath(kind) else x  # mpmath.pi is an mpf


def _literal(x: Any) -> Any:
    """A number that meets others: an int and NumPy's take their type, the rest are of their own."""
    kind = type(x)
    if kind is int or kind is bool or kind is Constant:
        return x
    return int(x) if kind.__module__ == "numpy" and x.dtype.kind in "biu" else as_number(x)


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
    if len(kinds) == 1 and (kind := next(iter(kinds))).__name__ == "mpf":  # most of an oracle's
        return kind, [convert(x, kind) for x in numbers]
    numbers = [_literal(x) for x in numbers]
    kinds = {type(x) for x in numbers} - {int, bool, Constant}
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
        return cast(type, context.mpc if any(map(is_complex, kinds)) else context.mpf)
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


def fitted(x: Any, kind: type, what: str) -> Any:
    """Return a number that is given for one of type `kind`, such as a seed, as one of that type.

    What holds for the operands of an operator holds for it: an int takes the type, and nothing
    is rounded or cut off in silence.

    Raises
    ------
    TypeError
        If it is no number, or none that the type holds exactly.
    """
    if type(x) is kind:
        return x
    x = element(x)
    if not is_number(x):
        raise TypeError(f"{what} has to be a number; got {x!r} ({type(x).__name__})")
    try:
        found, (_, x) = unify([kind(0), x])
    except TypeError as error:
        raise TypeError(f"{what} is {x!r}, for a {kind.__name__}: {error}") from None
    if found is not kind:
        raise TypeError(
            f"{what} is {x!r} ({type(x).__name__}), for a {kind.__name__}, which cannot hold it: "
            f"convert it first, or compute with {found.__name__} throughout"
        )
    return x


def untrapped(kind: type) -> AbstractContextManager[Any]:
    """A block in which a Decimal answers Infinity and NaN where its context would raise."""
    return _Untrapped() if is_decimal(kind) else nullcontext()


class _Untrapped(Nesting):
    """What `decimal.localcontext` does, which an interrupt can keep from ending."""

    levels: ClassVar[Levels] = ContextVar("untrapped", default=None)

    def __init__(self) -> None:
        from decimal import getcontext

        super().__init__([getcontext().copy(), getcontext()])  # the one inside, the one outside

    def begin(self) -> None:
        """Trap nothing."""
        from decimal import setcontext

        context, _ = super().begin()
        context.clear_traps()
        setcontext(context)

    def left(self, level: Level, above: list[Level]) -> None:
        """Let hold what held before."""
        from decimal import getcontext, setcontext

        context, outside = level.held
        if getcontext() is context:
            setcontext(outside)
        for each in above:
            if each.held[1] is context:
                each.held[1] = outside
