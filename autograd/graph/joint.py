"""Functions with several outputs: one node for all of them together, and one for each.

The gradient of a function of many operands is such a row (`share`, `direction`, `cofactor` ...):
n outputs of n operands, whose Jacobian has n**2 elements. Their nodes hold none of these. The
partial of an output by the node of all is a unit vector, those of that node by the operands are the
columns of the Jacobian, and its adjoint and tangent are vectors: so a sweep is the usual one. A
unit vector times a number is a vector; a column times a vector is a number, an element of the
product of the matrix and the vector, which the row knows as a whole. A function that is computed
again in the sweep (`checkpoint`, `chain`) is another, whose products are sweeps of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol, cast

from autograd.functions.calls import Primitive, evaluate
from autograd.graph.build import class_of, in_open_modes
from autograd.graph.changes import refuse, same
from autograd.graph.modes import tracing
from autograd.graph.node import Node, leaf_of
from autograd.numbers import higher
from autograd.numbers.kinds import convert, unify


class _Written:
    """What is written as it is, whatever format a number would have there."""

    __slots__ = ()

    def __format__(self, specification: str) -> str:
        return repr(self)


class Vector(_Written):
    """The adjoint or the tangent of a node of several outputs: its components that have a number.

    Examples
    --------
    >>> Unit(0) * 2.0 + Unit(2) * 3.0
    2.0 e0 + 3.0 e2
    """

    __slots__ = ("matrix", "products", "terms")

    def __init__(self, terms: dict[int, Any], matrix: Matrix | None = None) -> None:
        self.terms, self.matrix = terms, matrix
        self.products: dict[Matrix, list[Any]] = {}

    def times(self, matrix: Matrix) -> list[Any]:
        """Return the product with a matrix, found at its first use: of a tangent, which is a sum of
        columns of it, by its rows; of an adjoint by its columns.
        """
        if matrix not in self.products:
            product = matrix.product if matrix is self.matrix else matrix.transposed
            self.products[matrix] = product(self.terms)
        return self.products[matrix]

    @staticmethod
    def sum(vectors: Sequence[Vector]) -> Vector:
        """Return the sum of vectors, from left to right."""
        terms: dict[int, Any] = {}
        for vector in vectors:
            for i, x in vector.terms.items():
                terms[i] = terms[i] + x if i in terms else x
        return Vector(terms, vectors[0].matrix)

    def __add__(self, other: Vector) -> Vector:
        return Vector.sum([self, other])

    def __radd__(self, zero: Any) -> Vector:
        return Vector(dict(self.terms), self.matrix)  # a sum begins with a number 0

    def __iadd__(self, other: Vector) -> Vector:
        for i, x in other.terms.items():  # in a sweep, which owns its sums
            self.terms[i] = self.terms[i] + x if i in self.terms else x
        self.products.clear()
        return self

    @property
    def real(self) -> Vector:
        """The vector: the nodes whose numbers it has have taken the real parts."""
        return self

    def __repr__(self) -> str:
        return " + ".join(f"{x!r} e{i}" for i, x in self.terms.items())


class Unit(_Written):
    """A unit vector: the partial of output `index` by the node of all."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __mul__(self, x: Any) -> Any:
        if not isinstance(x, Vector):
            return Vector({self.index: x})
        matrix = cast("Matrix", x.matrix)  # a tangent is a sum of columns times numbers
        return x.times(matrix)[self.index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unit) and other.index == self.index  # one of a pickle's own

    def __hash__(self) -> int:
        return self.index

    def __repr__(self) -> str:
        return f"e{self.index}"


class Columns(tuple["Column", ...]):
    """The partials of the node of all outputs, which looks itself whether data was changed."""

    __slots__ = ()


class Column(_Written):
    """A column of a Jacobian: the partial of the node of all by operand `index`."""

    __slots__ = ("index", "matrix")

    def __init__(self, matrix: Matrix, index: int) -> None:
        self.matrix, self.index = matrix, index

    def __mul__(self, x: Any) -> Any:
        if isinstance(x, Vector):
            return x.times(self.matrix)[self.index]
        return Vector({self.index: x}, self.matrix)

    def __repr__(self) -> str:
        return f"J e{self.index}"


class Matrix(Protocol):
    """The Jacobian of a function of several outputs: what is known of it are its products."""

    def product(self, terms: Mapping[int, Any]) -> list[Any]:
        """Return a number for each output: the tangents, of the tangents of operands."""

    def transposed(self, terms: Mapping[int, Any]) -> list[Any]:
        """Return a number for each operand: the adjoints, of the adjoints of outputs."""


class Jacobian(Matrix):
    """The symmetric Jacobian of a row f(i, *xs) at some operands."""

    __slots__ = ("row", "xs")

    def __init__(self, row: Primitive, xs: Sequence[Any]) -> None:
        self.row, self.xs = row, tuple(xs)

    def product(self, terms: Mapping[int, Any]) -> list[Any]:
        """Return its product with a vector."""
        if any(isinstance(x, Node) for x in (*self.xs, *terms.values())):
            return self._by_elements(terms)
        kind, _ = unify([*self.xs, *terms.values()])
        if kind is not float:
            product = getattr(higher, f"{self.row.name}_product")
        elif all(x - x == 0.0 for x in terms.values()) and self.row.product:
            product = self.row.product
        else:
            return self._by_elements(terms)
        xs = [convert(x, kind) for x in self.xs]
        return [*product(xs, {i: convert(x, kind) for i, x in terms.items()})]

    transposed = product

    def _by_elements(self, terms: Mapping[int, Any]) -> list[Any]:
        """The product by rows of the matrix, which may be differentiated again."""
        total: list[Any] = []
        for i, x in terms.items():
            out = self.row(i, *self.xs)
            products = [a * x for a in self.row.partials(i, *self.xs, out=out)[1:]]
            total = [a + b for a, b in zip(total, products, strict=True)] if total else products
        return total


class Joint(Primitive):
    """What the node of all outputs of a row is the node of."""

    def __init__(self, row: Primitive) -> None:
        self.row = row
        name = f"{row.name}s"
        summary = f"All outputs of {row.name} together."
        super().__init__(lambda *xs: xs, self.columns, summary, name=name, opaque=True)

    def columns(self, *operands: Any, out: Any) -> Columns:
        """The partials as functions of the operands, whose numbers are still those of the node."""
        numbers = [getattr(x, "data", x) for x in operands]
        for now, was in zip(numbers, out.partials[0].matrix.xs, strict=True):
            if not same(now, was):
                refuse(out, "an operand", was, now)
        matrix = Jacobian(self.row, operands)
        return Columns(Column(matrix, k) for k in range(len(operands)))

    def __reduce__(self) -> tuple[Any, ...]:
        return joint, (self.row,)


@cache
def joint(row: Primitive) -> Joint:
    """Return the function of all outputs of a row."""
    return Joint(row)


@cache
def _output(index: int) -> Output:
    """What the node of one output is the node of."""
    return Output(index)


class Output(Primitive):
    """One output of those that a node stands for."""

    def __init__(self, index: int) -> None:
        self.unit = (Unit(index),)
        summary = f"Output {index} of several."
        super().__init__(
            lambda x: x, self.partial_by_all, summary, name="output", operands="x", opaque=True
        )

    def partial_by_all(self, together: Any, out: Any) -> tuple[Unit]:  # noqa: ARG002  (as rules are called)
        """The partial by the node of all."""
        return self.unit

    def __reduce__(self) -> tuple[Any, ...]:
        return _output, (self.unit[0].index,)


def outputs(row: Primitive, operands: Sequence[Any], out: Any) -> list[Any]:
    """Return the nodes of all outputs f(i, *operands) of a row.

    Parameters
    ----------
    row : Primitive
        The gradient of a function.
    operands : sequence of Value or number
    out : Value or number
        The value of that function, which is the number of the node of all.
    """
    n = len(operands)
    if tracing() is not None:
        return [row(i, *operands) for i in range(n)]
    kind, numbers = unify([getattr(x, "data", x) for x in operands])
    data = row.each(*numbers) if kind is float else [evaluate(row, (i, *numbers)) for i in range(n)]
    data = [convert(x, kind) for x in data]
    return nodes(joint(row), getattr(out, "data", out), operands, Jacobian(row, numbers), data)


def nodes(
    op: Primitive, number: Any, operands: Sequence[Any], matrix: Matrix, data: Sequence[Any]
) -> list[Any]:
    """Return the nodes of the outputs of a function.

    Parameters
    ----------
    op : Primitive
        What the node of all is the node of.
    number : number
        What that has as its data.
    operands : sequence of Value or number
    matrix : Matrix
        The Jacobian by the operands.
    data : sequence of numbers
        The outputs.
    """
    own = class_of(operands)

    def node(number: Any, op: Primitive, operands: tuple[Any, ...], partials: Any) -> Any:
        made = leaf_of(own, number)
        made.op, made.operands, made.partials = op, operands, partials
        made.parents = tuple(x for x in operands if isinstance(x, Node))
        return in_open_modes(made)

    columns = Columns(Column(matrix, k) for k, x in enumerate(operands) if isinstance(x, Node))
    together = node(number, op, tuple(operands), columns)
    each = [_output(i) for i in range(len(data))]
    return [node(x, output, (together,), output.unit) for x, output in zip(data, each, strict=True)]
