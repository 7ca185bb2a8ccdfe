"""Programs: short listings of operations that run on any kind of number and print as Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.functions.formulas import Expression
from autograd.functions.printing.text import TEXT
from autograd.functions.rules import TABLE
from autograd.graph.value import Value

Number = Any  # float, Fraction, mpf, Value: whatever the rows accept
Table = Mapping[str, Callable[..., Any]]
CARRIED = -1  # the place of what a loop carries from one pass to the next


@dataclass(frozen=True)
class Literal:
    """A number that stands in the program itself."""

    number: Number


@dataclass(frozen=True)
class Condition:
    """Whether the number at one place is greater than the one at another, or than a literal."""

    left: int
    right: int | Literal

    def holds(self, places: Sequence[Number], table: Table, carried: Number = None) -> Any:
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


Operand = int | Literal | Condition  # an int is the place of an input or of an earlier result


@dataclass(frozen=True)
class Operation:
    """A row of the table, by name, and what it is applied to."""

    row: str
    operands: tuple[Operand, ...]

    def apply(self, places: Sequence[Number], table: Table, carried: Number = None) -> Number:
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

    def apply(self, places: Sequence[Number], table: Table) -> Number:
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

    def apply(self, places: Sequence[Number], table: Table) -> Number:
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


@dataclass(frozen=True, repr=False)
class Program:
    """Inputs, and the operations that follow; the last result is the root.

    A program is a function: called with numbers, Values or anything else that the rows take, it
    returns the root.

    Parameters
    ----------
    inputs : tuple of number
        The point at which the program was made.
    operations : tuple of Operation, Branch or Loop
        Places 0, 1, ... are the inputs; every operation fills the next place.

    Examples
    --------
    >>> p = Program((3.0,), (Operation("multiply", (0, 0)), Operation("tanh", (1,))))
    >>> print(p.to_python())
    from autograd import Value, tanh
    x0 = Value(3.0)
    v1 = x0 * x0
    v2 = tanh(v1)
    v2.backward()
    print(x0.grad)
    """

    inputs: tuple[Number, ...]
    operations: tuple[Operation | Branch | Loop, ...]

    @property
    def __name__(self) -> str:
        """What reports call it."""
        return "a program"

    def results(self, inputs: Sequence[Number] | None = None, table: Table = TABLE) -> list[Number]:
        """Return the inputs and every result in order.

        Parameters
        ----------
        inputs : sequence of number, optional
            Numbers of any kind that the functions take; the program's own if left out.
        table : mapping, optional
            The meaning of every row name; an independent one makes an oracle.
        """
        places = list(self.inputs if inputs is None else inputs)
        for operation in self.operations:
            places.append(operation.apply(places, table))
        return places

    def __call__(self, *inputs: Number) -> Number:
        """Return the root for these inputs."""
        return self.results(inputs)[-1]

    def without_dead(self) -> Program:
        """Return the program without the operations that its root does not depend on.

        Examples
        --------
        >>> used, dead = Operation("exp", (0,)), Operation("sin", (0,))
        >>> Program((1.0,), (used, dead, Operation("tanh", (1,)))).without_dead().operations
        (Operation(row='exp', operands=(0,)), Operation(row='tanh', operands=(1,)))
        """
        count = len(self.inputs)
        alive = {count + len(self.operations) - 1}
        for place in range(count + len(self.operations) - 1, count - 1, -1):
            if place in alive:
                alive |= self.operations[place - count].places
        kept = [*range(count), *sorted(x for x in alive if x >= count)]
        new = {place: i for i, place in enumerate(kept)}
        operations = (self.operations[place - count].renumbered(new) for place in kept[count:])
        return Program(self.inputs, tuple(operations))

    def leaves(self) -> list[Value]:
        """Return a fresh Value for each input."""
        return [Value(x) for x in self.inputs]

    def names(self) -> list[str]:
        """Return a name for every place: x for inputs, v for results."""
        count = len(self.inputs)
        return [f"{'x' if i < count else 'v'}{i}" for i in range(count + len(self.operations))]

    def to_python(self) -> str:
        """Return Python that builds the graph, sweeps it and prints the gradients."""
        names = self.names()
        leaves = names[: len(self.inputs)]
        body = [f"{x} = Value({number!r})" for x, number in zip(leaves, self.inputs, strict=True)]
        for name, operation in zip(names[len(leaves) :], self.operations, strict=True):
            body += operation.lines(name, names)
        body += [f"{names[-1]}.backward()", f"print({', '.join(f'{x}.grad' for x in leaves)})"]
        code = "\n".join(body)
        called = sorted({row for row in _rows(self.operations) if f"{row}(" in code})
        public = [row for row in called if row in _PUBLIC]
        head = [f"from autograd import {', '.join(['Value', *public])}"]
        inner = [row for row in called if row not in _PUBLIC and row in TABLE]
        if inner:
            head.append(f"from autograd.functions.rules import {', '.join(inner)}")
        own = [row for row in called if row not in TABLE]
        if own:
            head.append(f"# with {', '.join(own)}, of your own")
        if "Fraction(" in code:
            head.append("from fractions import Fraction")
        if "inf" in code or "nan" in code:
            head.append("from math import inf, nan")
        return "\n".join([*head, code])

    def __repr__(self) -> str:
        return f"\n{self.to_python()}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002  (asked for)
        """Print a failing example as the same Python (Hypothesis asks by this name)."""
        printer.text(repr(self))


def operation_at(node: Value) -> Program:
    """Return the program of one node alone: its operands become inputs.

    Examples
    --------
    >>> print(operation_at(Value(2.0) * 3.0).to_python())
    from autograd import Value
    x0 = Value(2.0)
    v1 = x0 * 3.0
    v1.backward()
    print(x0.grad)
    """
    if node.op is None:
        raise ValueError(f"{node!r} is a leaf: no operation made it")
    inputs: list[Number] = []
    places: dict[Value, int] = {}
    operands: list[Operand] = []
    for x in node.operands:
        if not isinstance(x, Value):
            operands.append(Literal(x))
            continue
        if x not in places:
            places[x] = len(inputs)
            inputs.append(x.data)
        operands.append(places[x])
    return Program(tuple(inputs), (Operation(node.op.name, tuple(operands)),))


def _rows(operations: Sequence[Operation | Branch | Loop]) -> set[str]:
    """The names of all rows that occur."""
    names: set[str] = set()
    for x in operations:
        parts = {Branch: ("yes", "no"), Loop: ("body",)}.get(type(x), ())
        names.update(getattr(x, part).row for part in parts)
        if isinstance(x, Operation):
            names.add(x.row)
    return names


def _places(operands: Sequence[Operand]) -> set[int]:
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


def _meaning(operand: Operand, places: Sequence[Number], table: Table, carried: Number) -> Number:
    """What an operand stands for, given the results so far."""
    if isinstance(operand, Literal):
        return operand.number
    if isinstance(operand, Condition):
        return operand.holds(places, table, carried)
    return carried if operand == CARRIED else places[operand]


def _term(operand: Operand, names: Sequence[str], carried: str) -> Any:
    """An operand as a formula or a number."""
    if isinstance(operand, Literal):
        return operand.number
    if isinstance(operand, Condition):
        sides = tuple(_term(x, names, carried) for x in (operand.left, operand.right))
        return Expression(TABLE["greater"], sides)
    return Expression(None, (), carried if operand == CARRIED else names[operand])


_PUBLIC = {name for name, row in TABLE.items() if not row.inner}
