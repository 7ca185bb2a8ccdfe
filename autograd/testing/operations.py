"""The operations of programs: what they read, what they make of it, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.functions.formulas import Expression
from autograd.functions.printing.text import TEXT
from autograd.functions.rules import TABLE

Table = Mapping[str, Callable[..., Any]]
CARRIED = -1  # the place of what a loop carries from one pass to the next


@dataclass(frozen=True)
class Literal:
    """A number that stands in the program itself."""

    number: Any


@dataclass(frozen=True)
class Condition:
    """Whether the number at one place is greater than the one at another, or than a literal."""

    left: int
    right: int | Literal

    def holds(self, places: Sequence[Any], table: Table, carried: Any = None) -> Any:
        """Return the comparison, made by the row `greater` of `table`."""
        left, right = (_meaning(x, places, table, carried) for x in (self.left, self.right))
        return table["greater"](left, right)

    @property
    def places(self) -> set[int]:
        """The places that are compared."""
        return _places((self.left, self.right))

    def renumbered(self, new: Mapping[int, int]) -> Condition:
        """Return the same of places with other numbers."""
        return Condition(*(_renumbered(x, new) for x in (self.left, self.right)))

    def to_python(self, names: Sequence[str], carried: str = "") -> str:
        """Return the comparison as Python."""
        return TEXT(_term(self, names, carried))


Term = int | Literal | Condition  # an int is the place of an input or of an earlier result


@dataclass(frozen=True)
class Operation:
    """A row of the table, by name, and what it is applied to."""

    row: str
    operands: tuple[Term, ...]

    def apply(self, places: Sequence[Any], table: Table, carried: Any = None) -> Any:
        """Return the result, given those of the earlier places."""
        operands = [_meaning(x, places, table, carried) for x in self.operands]
        return table[self.row](operands) if self.is_nary else table[self.row](*operands)

    @property
    def places(self) -> set[int]:
        """The places that it reads."""
        return _places(self.operands)

    def renumbered(self, new: Mapping[int, int]) -> Operation:
        """Return the same on places with other numbers."""
        return Operation(self.row, tuple(_renumbered(x, new) for x in self.operands))

    @property
    def is_nary(self) -> bool:
        """Whether the row takes one iterable."""
        return self.row in TABLE and TABLE[self.row].arity is None

    def to_python(self, names: Sequence[str], carried: str = "") -> str:
        """Return the operation as a Python expression."""
        terms = [_term(x, names, carried) for x in self.operands]
        if self.row == "dot":
            middle = len(terms) // 2
            ws, xs = (", ".join(map(TEXT, part)) for part in (terms[:middle], terms[middle:-1]))
            return f"dot([{ws}], [{xs}], {TEXT(terms[-1])})"
        if self.is_nary:
            return f"{self.row}([{', '.join(map(TEXT, terms))}])"
        if self.row not in TABLE:
            return f"{self.row}({', '.join(map(TEXT, terms))})"
        return TEXT(Expression(TABLE[self.row], tuple(terms)))

    def lines(self, name: str, names: Sequence[str]) -> list[str]:
        """Return the statement that gives the result a name."""
        return [f"{name} = {self.to_python(names)}"]


@dataclass(frozen=True)
class Branch:
    """One of two operations; the numbers decide which."""

    condition: Condition
    yes: Operation
    no: Operation

    def apply(self, places: Sequence[Any], table: Table) -> Any:
        """Return the result of the branch that is taken."""
        chosen = self.yes if self.condition.holds(places, table) else self.no
        return chosen.apply(places, table)

    @property
    def places(self) -> set[int]:
        """The places that it reads."""
        return self.condition.places | self.yes.places | self.no.places

    def renumbered(self, new: Mapping[int, int]) -> Branch:
        """Return the same on places with other numbers."""
        yes, no = self.yes.renumbered(new), self.no.renumbered(new)
        return Branch(self.condition.renumbered(new), yes, no)

    def lines(self, name: str, names: Sequence[str]) -> list[str]:
        """Return the `if` statement."""
        return [
            f"if {self.condition.to_python(names)}:",
            f"    {name} = {self.yes.to_python(names)}",
            "else:",
            f"    {name} = {self.no.to_python(names)}",
        ]


@dataclass(frozen=True)
class Loop:
    """An operation repeated on its own result while a condition holds, at most so many times.

    Parameters
    ----------
    start : int
        The place of the number that is carried first.
    condition : Condition
        Its left side is `CARRIED`.
    body : Operation
        One of its operands is `CARRIED`.
    times : int
        The largest number of passes.
    """

    start: int
    condition: Condition
    body: Operation
    times: int

    def apply(self, places: Sequence[Any], table: Table) -> Any:
        """Return what is carried at the end."""
        carried = places[self.start]
        for _ in range(self.times):
            if not self.condition.holds(places, table, carried):
                break
            carried = self.body.apply(places, table, carried)
        return carried

    @property
    def places(self) -> set[int]:
        """The places that it reads."""
        return {self.start} | self.condition.places | self.body.places

    def renumbered(self, new: Mapping[int, int]) -> Loop:
        """Return the same on places with other numbers."""
        body = self.body.renumbered(new)
        return Loop(new[self.start], self.condition.renumbered(new), body, self.times)

    def lines(self, name: str, names: Sequence[str]) -> list[str]:
        """Return the `for` statement."""
        return [
            f"{name} = {names[self.start]}",
            f"for _ in range({self.times}):",
            f"    if not {self.condition.to_python(names, name)}:",
            "        break",
            f"    {name} = {self.body.to_python(names, name)}",
        ]


def _places(operands: Sequence[Term]) -> set[int]:
    """The places among some operands."""
    found: set[int] = set()
    for x in operands:
        found |= x.places if isinstance(x, Condition) else {x} if isinstance(x, int) else set()
    return found - {CARRIED}


def _renumbered(operand: Any, new: Mapping[int, int]) -> Any:
    """An operand whose places have other numbers."""
    if isinstance(operand, Condition):
        return operand.renumbered(new)
    return new.get(operand, operand) if isinstance(operand, int) else operand


def _meaning(operand: Term, places: Sequence[Any], table: Table, carried: Any) -> Any:
    """What an operand stands for, given the results so far."""
    if isinstance(operand, Literal):
        return operand.number
    if isinstance(operand, Condition):
        return operand.holds(places, table, carried)
    return carried if operand == CARRIED else places[operand]


def _term(operand: Term, names: Sequence[str], carried: str) -> Any:
    """An operand as a formula or a number."""
    if isinstance(operand, Literal):
        return operand.number
    if isinstance(operand, Condition):
        sides = tuple(_term(x, names, carried) for x in (operand.left, operand.right))
        return Expression(TABLE["greater"], sides)
    return Expression(None, (), carried if operand == CARRIED else names[operand])
