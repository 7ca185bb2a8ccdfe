"""Programs: short listings of operations that run on any kind of number and print as Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.functions.rules import TABLE
from autograd.graph.value import Value
from autograd.testing.operations import Branch, Literal, Loop, Operation, Table, Term


@dataclass(frozen=True, repr=False)
class Computation:
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
    >>> p = Computation((3.0,), (Operation("multiply", (0, 0)), Operation("tanh", (1,))))
    >>> print(p.to_python())
    from autograd import Value, tanh
    x0 = Value(3.0)
    v1 = x0 * x0
    v2 = tanh(v1)
    v2.backward()
    print(x0.grad)
    """

    inputs: tuple[Any, ...]
    operations: tuple[Operation | Branch | Loop, ...]

    @property
    def __name__(self) -> str:
        """What reports call it."""
        return "a program"

    def results(self, inputs: Sequence[Any] | None = None, table: Table = TABLE) -> list[Any]:
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

    def __call__(self, *inputs: Any) -> Any:
        """Return the root for these inputs."""
        return self.results(inputs)[-1]

    def without_dead(self) -> Computation:
        """Return the program without the operations that its root does not depend on.

        Examples
        --------
        >>> used, dead = Operation("exp", (0,)), Operation("sin", (0,))
        >>> Computation((1.0,), (used, dead, Operation("tanh", (1,)))).without_dead().operations
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
        return Computation(self.inputs, tuple(operations))

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


def operation_at(node: Value) -> Computation:
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
    inputs: list[Any] = []
    places: dict[Value, int] = {}
    operands: list[Term] = []
    for x in node.operands:
        if not isinstance(x, Value):
            operands.append(Literal(x))
            continue
        if x not in places:
            places[x] = len(inputs)
            inputs.append(x.data)
        operands.append(places[x])
    return Computation(tuple(inputs), (Operation(node.op.name, tuple(operands)),))


def _rows(operations: Sequence[Operation | Branch | Loop]) -> set[str]:
    """The names of all rows that occur."""
    names: set[str] = set()
    for x in operations:
        parts = {Branch: ("yes", "no"), Loop: ("body",)}.get(type(x), ())
        names.update(getattr(x, part).row for part in parts)
        if isinstance(x, Operation):
            names.add(x.row)
    return names


_PUBLIC = {name for name, row in TABLE.items() if not row.inner}
