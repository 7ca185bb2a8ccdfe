"""What operators and elementary functions accept: the surface that every kind of operand has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NoReturn

from autograd.functions.row import Row
from autograd.numbers.kinds import is_number


class Operand:
    """What operators and elementary functions accept beside plain numbers.

    A subclass says in `apply` what applying a row means: a `Value` computes and remembers, a
    formula only writes down. Operators, methods and NumPy's functions come from the table
    (`install`). Where several kinds meet, the one of the highest `level` says what comes of it.
    What a kind does not say itself, bool, ==, <= and the like, raises: no branch by chance.
    """

    __slots__ = ()
    level: ClassVar[int] = 0
    __array_ufunc__: Any  # what NumPy asks; see `dispatch`
    __array_function__: Any

    @staticmethod
    def apply(row: Any, /, *operands: Any) -> Any:
        """Return what `row` of `operands` is for this class."""
        raise NotImplementedError("each kind of operand says what applying a row to it means")

    @staticmethod
    def outputs(row: Any, operands: Sequence[Any], out: Any) -> Sequence[Any]:  # noqa: ARG004  (Value needs it)
        """Return all f(i, *operands) of a row that is the gradient of a function of value `out`."""
        return [row(i, *operands) for i in range(len(operands))]

    def __bool__(self) -> bool:
        self._unsaid("a truth value")

    def __eq__(self, other: object) -> bool:
        self._unsaid("==")

    def __le__(self, other: Any) -> bool:
        self._unsaid("<=")

    def __ge__(self, other: Any) -> bool:
        self._unsaid(">=")

    __hash__ = object.__hash__

    def _unsaid(self, what: str) -> NoReturn:
        raise TypeError(
            f"{what} of a {type(self).__name__} has no meaning, for its class gives none"
        )


def highest(operands: Iterable[Any]) -> Any:
    """Return the operand that says what applying a row means: of the highest level, the first.

    Examples
    --------
    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> highest([1.0, x]) is x, highest([1.0, 2.0])
    (True, None)
    """
    found = None
    for x in operands:
        if isinstance(x, Operand) and (found is None or x.level > found.level):
            found = x
    return found


def plain(x: Any) -> Any:
    """Return the number that an operand such as a Value holds; a number is itself."""
    return getattr(x, "data", x) if isinstance(x, Operand) else x


def can_be_joined(row: Row, x: Any) -> bool:
    """Tell whether an operator takes `x` as an operand; if not, the other side may try.

    Raises
    ------
    TypeError
        For a number of SymPy, which would take the float of a Value.
    """
    if isinstance(x, Operand) or is_number(x):
        return True
    if hasattr(x, "is_number"):
        raise TypeError(
            f"{row.name} takes numbers and Values; got {x!r} ({type(x).__name__}): convert it "
            "first, as in float(x)"
        )
    return False
