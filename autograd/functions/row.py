"""What an elementary function is: a row of the table, as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

REALS = (-math.inf, math.inf)


class formula(NamedTuple):  # noqa: N801  (it is used like a function)
    """A value that is written with other rows: `formula(lambda x: clip(x, -1, 1))`.

    It is the value for every number type. For floats Python source is printed from it.
    """

    meaning: Callable[..., Any]


class Row:
    """An elementary function: its value, its partial derivatives, and what is known of it.

    Parameters
    ----------
    value : callable or formula
        The value for floats: it answers inf and nan as IEEE 754 does, and never raises.
    partials : callable
        The local partial derivative for each operand, as a function of the operands and, if it
        has a parameter of that name, of the value `out`: a tuple, or of one operand its one item.
        Written with operators and other rows only, so that its meaning follows its operands:
        numbers give numbers, Values a differentiable gradient, formulas the formula.
        Coefficients are integers or `Constant`, exact for every number type.
    summary : str
        The first sentence of the documentation.
    name : str, optional
        The public name, and that of the method; a row of the table is told its own.
    operands : sequence of str, optional
        Of an opaque row, whose partials always take `out` and answer a sequence: the names.
    **fields
        Any of the attributes that are declared with a default in the class.
    """

    # -- its operands
    integers: int = 0  # so many operands, the first ones, are plain integers without derivative
    least: int = 0  # how few operands an n-ary row takes
    defaults: tuple[Any, ...] = ()  # trailing operands, when they are left out
    # What a call with more or fewer operands means, which `math` has for some functions.
    otherwise: Callable[..., Any] | None = None
    # -- its value
    everywhere: bool = False  # the value holds for numbers of every type
    # In operators and other rows: for the number types that have a function of this name neither
    # in a library of their own nor in `autograd.numbers`.
    definition: Callable[..., Any] | None = None
    predicate: bool = False  # answers a truth value, which is no Value
    chooses: bool = False  # answers one of the operands after the first, the only one that counts
    domain: tuple[tuple[float, float], ...] = ()  # closed; outside of it value and partials are nan
    kinks: tuple[float, ...] = ()  # where the derivative jumps or does not exist
    edges: str = ""  # what holds at kinks and at the ends of the domain, in words
    # -- its roundings
    exact: bool = False  # no float is rounded: one of the operands is answered, or a whole number
    rounded: bool = False  # rounded once, as IEEE 754 does operators
    rational: bool = False  # of fractions it is a fraction
    factors: bool = False  # a product, quotient or power of its operands: 0 only where one is
    sums: bool = False  # a sum of its operands, or of products of them, which may cancel
    part: bool = False  # a part of complex numbers: of a real one it says nothing
    reflected: bool = False  # at negative operands it goes by the reflection formula
    # The largest term of a value, or of a partial, that is a sum of terms which may cancel.
    terms: Callable[..., float] | None = None
    slope_terms: Callable[..., float] | None = None
    # -- its derivatives
    # For complex operands, where `partials` would leave the branch or the function is not
    # holomorphic: then they are du/dx - i du/dy of a real result (see `crossing`).
    complex_partials: Callable[..., Any] | None = None
    conjugates: bool = False  # what flows through it is conjugated
    each_forward: Callable[..., tuple[float, ...]] | None = None  # all f(i, *xs) in one pass
    # f(0, x, y), where f(1, x, y) is f(0, y, x): what a language without tuples prints.
    of_two: Callable[[float, float], float] | None = None
    # All f(i, *xs) are a gradient: the product of their Jacobian, which is symmetric, and a vector
    # {i: number}, at the floats xs.
    product: Callable[[Sequence[float], dict[int, float]], Sequence[float]] | None = None
    # An n-ary row in rows of fixed arity, sums and `largest`: what a program computes in its place.
    expansion: Callable[..., Any] | None = None
    program_partials: Callable[..., Any] | None = None  # for what has no numbers, if not `partials`
    # -- its faces
    inner: bool = False  # only the rules of other rows use it
    wrapped: bool = False  # what `autograd` offers by its name is a function around it
    opaque: bool = False  # a user's function or a piece of a graph: partials may branch, no formula
    method: bool = True  # it is a method of operands, if it is public
    operator: str = ""  # the special method without underscores, as "add"
    neutral: tuple[Any, ...] = ()  # for each operand, with which number the other one is the value
    reading: Callable[..., Any] | None = None  # as textbooks write it, if not so (see `textbook`)
    aliases: tuple[str, ...] = ()  # further names, which `rules` gives
    example: tuple[str, str] | None = None  # an expression and what it prints, as a doctest

    def __init__(
        self,
        value: Callable[..., Any] | formula,
        partials: Callable[..., Any],
        summary: str = "",
        *,
        name: str = "",
        operands: Sequence[str] | None = None,
        **fields: Any,
    ) -> None:
        unknown = [key for key in fields if key not in Row.__annotations__]
        if unknown:
            known = ", ".join(Row.__annotations__)
            raise TypeError(f"a row has no field {unknown[0]!r}; there are {known}")
        vars(self).update(fields)
        self.value, self.summary = value, summary
        self.formula = value.meaning if isinstance(value, formula) else None
        self.partials: Callable[..., Sequence[Any]]
        self.arity: int | None
        if self.opaque:
            self.operand_names = tuple(operands or ())
            self.arity = None if operands is None else len(operands)
            self.partials = partials
        else:
            self.operand_names, self.arity = operands_of(partials)
            self.partials = of_all(partials)
        if self.complex_partials is not None:
            self.complex_partials = of_all(self.complex_partials)
        self.domain = self.domain or (REALS,) * (self.arity or 1)
        if self.everywhere:
            self.definition = cast("Callable[..., Any]", value)
        self.named(name)

    def named(self, name: str, module: str = __name__) -> None:
        """Take a name, by which pickle finds the row; the table's are told when it is complete."""
        self.__module__ = module
        self.name = self.__name__ = self.__qualname__ = name
        if self.otherwise is not None:
            self.otherwise.__qualname__ = name  # which Python's errors about operands tell

    @property
    def __signature__(self) -> Any:
        """The signature that `help` and editors show."""
        from inspect import Parameter, Signature

        names = self.operand_names or ("xs",)
        free = len(names) - len(self.defaults)
        defaults = (Parameter.empty,) * free + self.defaults
        pairs = zip(names, defaults, strict=True)
        return Signature([Parameter(x, Parameter.POSITIONAL_ONLY, default=y) for x, y in pairs])

    def __repr__(self) -> str:
        return f"<elementary function {self.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Rows are pickled and copied by name: there is one of each."""
        return self.__qualname__


def operands_of(partials: Callable[..., Any]) -> tuple[tuple[str, ...], int | None]:
    """Return the names of the operands, as those of the partials tell, and their number.

    It is None for an n-ary row, whose partials take ``*xs``.
    """
    code = getattr(partials, "__wrapped__", partials).__code__
    names = tuple(x for x in code.co_varnames[: code.co_argcount] if x != "out")
    return names, None if code.co_flags & _TAKES_ANY else len(names)


_TAKES_ANY = 0x04  # CO_VARARGS of `inspect`, which is slow to import


def of_all(partials: Callable[..., Any]) -> Callable[..., Sequence[Any]]:
    """Return partials as a function of the operands and `out` that answers a sequence."""
    _, arity = operands_of(partials)
    if hasattr(partials, "__wrapped__"):  # those of another row
        return partials
    code = partials.__code__
    takes_out = "out" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if takes_out and arity != 1:
        return partials

    def of_every(*operands: Any, out: Any) -> Sequence[Any]:
        found = partials(*operands, out=out) if takes_out else partials(*operands)
        return cast("Sequence[Any]", found) if type(found) is tuple else (found,)

    of_every.__wrapped__ = partials  # type: ignore[attr-defined]  # as functools.wraps has it
    return of_every


def numbered(operands: Sequence[Any]) -> list[str]:
    """Return names for operands that have none: x0, x1 and so on."""
    return [f"x{i}" for i in range(len(operands))]
