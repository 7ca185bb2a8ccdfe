"""Random straight-line programs over the table: what the laws of the sweep are tested on.

A program is a list of operations; each names a row of the table and its operands: earlier
results, inputs, or literal numbers. Only operations that are legal at the numbers reached so far
are offered, so nothing is drawn in vain, and a failing program shrinks to a few lines of Python,
which is how it prints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from autograd import Value, rules
from autograd.primitives import Expression, written
from autograd.rules import TABLE

Number = Any  # float, Fraction, mpf, Value: whatever the rows accept

FLOAT_ROWS = (*rules.PUBLIC, "dot")
RATIONAL_ROWS = (
    "add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power", "negative",
    "positive", "square", "reciprocal", "abs", "sign", "floor", "ceil", "maximum", "minimum",
    "clip", "where", "heaviside", "relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "sum",
    "mean", "prod", "max", "min", "dot",
)  # fmt: skip
ARITHMETIC = ("add", "subtract", "multiply", "divide")
MODERATE = 2.0**20
_DISTANCES = (0, 0, 0, 1, 1, 2, 4, 9)  # beyond the first place means the first: late uses


@dataclass(frozen=True)
class Literal:
    """A number that stands in the program itself."""

    number: Number


@dataclass(frozen=True)
class Condition:
    """Whether the result at one place is greater than the one at another."""

    left: int
    right: int


Operand = int | Literal | Condition  # an int is the place of an input or of an earlier result


@dataclass(frozen=True)
class Operation:
    """A row of the table, by name, and what it is applied to."""

    row: str
    operands: tuple[Operand, ...]

    def apply(self, places: Sequence[Number], table: Mapping[str, Callable[..., Any]]) -> Number:
        """Return the result, given those of the earlier places."""
        operands = [_meaning(x, places, table) for x in self.operands]
        return table[self.row](operands) if self.is_nary else table[self.row](*operands)

    @property
    def is_nary(self) -> bool:
        """Whether the row takes one iterable."""
        return TABLE[self.row].arity is None


@dataclass(frozen=True, repr=False)
class Program:
    """Inputs, and the operations that follow; the last result is the root.

    Parameters
    ----------
    inputs : tuple of number
        The point at which the operations were legal when they were drawn.
    operations : tuple of Operation
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
    operations: tuple[Operation, ...]

    def results(
        self,
        inputs: Sequence[Number] | None = None,
        table: Mapping[str, Callable[..., Any]] = TABLE,
    ) -> list[Number]:
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
            body.append(f"{name} = {_written(operation, names)}")
        body += [f"{names[-1]}.backward()", f"print({', '.join(f'{x}.grad' for x in leaves)})"]
        code = "\n".join(body)
        rows = sorted({x.row for x in self.operations if f"{x.row}(" in code})
        head = [f"from autograd import {', '.join(['Value', *rows])}"]
        if "Fraction(" in code:
            head.append("from fractions import Fraction")
        if "inf" in code or "nan" in code:
            head.append("from math import inf, nan")
        return "\n".join([*head, code])

    def __repr__(self) -> str:
        return f"\n{self.to_python()}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print a failing example as the same Python (Hypothesis asks by this name)."""
        printer.text(repr(self))


def _meaning(
    operand: Operand, places: Sequence[Number], table: Mapping[str, Callable[..., Any]]
) -> Number:
    """What an operand stands for, given the results so far."""
    if isinstance(operand, Literal):
        return operand.number
    if isinstance(operand, Condition):
        return table["greater"](places[operand.left], places[operand.right])
    return places[operand]


def _written(operation: Operation, names: Sequence[str]) -> str:
    """An operation as Python."""
    terms: list[Any] = []
    for x in operation.operands:
        if isinstance(x, Literal):
            terms.append(x.number)
        elif isinstance(x, Condition):
            sides = (Expression(None, (), names[x.left]), Expression(None, (), names[x.right]))
            terms.append(Expression(TABLE["greater"], sides))
        else:
            terms.append(Expression(None, (), names[x]))
    if operation.row == "dot":
        weight, factor, bias = map(written, terms)
        return f"dot([{weight}], [{factor}], {bias})"
    if operation.is_nary:
        return f"{operation.row}([{', '.join(map(written, terms))}])"
    return written(Expression(TABLE[operation.row], tuple(terms)))


# -- numbers ----------------------------------------------------------------------------------


def _significands(bits: int = 52) -> st.SearchStrategy[int]:
    """Integers of so many bits, the low ones as random as the high ones.

    Hypothesis prefers small integers; an odd factor spreads them over all bits and leaves 0, to
    which a failure shrinks, where it is.
    """
    return st.integers(0, 2**bits - 1).map(lambda n: n * 0x9E3779B97F4A7C15 % 2**bits)


def _scaled(low: int, high: int) -> st.SearchStrategy[float]:
    """Floats of both signs, log-uniform between two powers of two."""
    return st.builds(
        lambda sign, digits, exponent: sign * math.ldexp(2**52 + digits, exponent - 52),
        st.sampled_from((1, -1)),
        _significands(),
        st.integers(low, high - 1),
    )


def _stepped(x: float, steps: int) -> float:
    """The float so many units in the last place away."""
    for _ in range(abs(steps)):
        x = math.nextafter(x, math.copysign(math.inf, steps))
    return x


def breakpoints(*rows: str) -> list[float]:
    """Return the kinks of some rows and the finite ends of their domains."""
    ends = {x for name in rows for interval in TABLE[name].domain for x in interval}
    return sorted({x for x in ends if math.isfinite(x)}.union(*(TABLE[x].kinks for x in rows)))


def near(points: Sequence[float]) -> st.SearchStrategy[float]:
    """Floats at most 3 units in the last place from some points, often the points themselves."""
    steps = st.sampled_from((0, 0, 0, 1, -1, 2, -2, 3, -3))
    return st.builds(_stepped, st.sampled_from(points), steps)


FLOAT_KINDS: dict[str, st.SearchStrategy[float]] = {
    "plain": _scaled(-3, 3),
    "wide": _scaled(-1022, 1024),
    "subnormal": st.builds(
        lambda sign, digits, size: sign * math.ldexp(digits >> size, -1074),
        st.sampled_from((1.0, -1.0)),
        _significands(),
        st.integers(0, 51),
    ),
    "kink": near(breakpoints(*TABLE)),
    "special": st.sampled_from((0.0, -0.0, math.inf, -math.inf, math.nan)),
}


def floats(*kinds: str) -> st.SearchStrategy[float]:
    """Floats of the kinds named: plain, wide (to 1e+-308), subnormal, kink (+- 3 ULP), special."""
    return st.one_of([FLOAT_KINDS[kind] for kind in kinds])


FINITE = floats("plain", "wide", "subnormal", "kink")
WILD = floats(*FLOAT_KINDS)
FRACTIONS = st.builds(Fraction, st.integers(-20, 20), st.integers(1, 12))
INTEGERS = st.integers(-3, 4)


# -- programs ---------------------------------------------------------------------------------


@st.composite
def programs(
    draw: st.DrawFn,
    *,
    rows: Sequence[str] = FLOAT_ROWS,
    inputs: st.SearchStrategy[Number] = FLOAT_KINDS["plain"],
    literals: st.SearchStrategy[Number] | None = INTEGERS | FLOAT_KINDS["plain"],
    moderate: bool = True,
    max_inputs: int = 3,
    max_length: int = 12,
) -> Program:
    """Straight-line programs of at most four kinds of operation.

    Parameters
    ----------
    rows : sequence of str
        The rows to choose from. At most three are chosen for a program, one of them + - * or /
        where there is one; `negative`, legal everywhere, steps in where none of them is.
    inputs, literals : strategy
        The numbers; no literals if None.
    moderate : bool
        Whether every result and every partial has to be 0 or between 2**-20 and 2**20 in size;
        otherwise everything that does not raise is legal.
    max_inputs, max_length : int
        Bounds of the number of inputs and operations.
    """
    kinds = draw(st.lists(st.sampled_from(rows), min_size=1, max_size=2, unique=True))
    kinds.append(draw(st.sampled_from([name for name in ARITHMETIC if name in rows] or rows)))
    start = tuple(draw(st.lists(inputs, min_size=1, max_size=max_inputs)))
    places = list(start)
    operations: list[Operation] = []
    for _ in range(draw(st.integers(1, max_length))):
        operands = _operands(draw, len(places), literals)
        offers: dict[Operation, Number] = {}
        for name in (*kinds, "negative"):
            operation = _operation(name, operands)
            result = _legal(operation, places, moderate)
            if result is not None and (name in kinds or not offers):
                offers[operation] = result
        operation = draw(st.sampled_from(list(offers)))
        operations.append(operation)
        places.append(offers[operation])
    return Program(start, tuple(operations))


def rational_programs(
    *,
    rows: Sequence[str] = RATIONAL_ROWS,
    literals: st.SearchStrategy[Number] | None = INTEGERS,
    max_length: int = 8,
) -> st.SearchStrategy[Program]:
    """Programs over Fractions: every result and every partial of them is exact."""
    return programs(rows=rows, inputs=FRACTIONS, literals=literals, max_length=max_length)


def _operands(
    draw: st.DrawFn, count: int, literals: st.SearchStrategy[Number] | None
) -> tuple[Operand, ...]:
    """Three operands by their distance from the newest result; the first is no literal."""
    chosen: list[Operand] = []
    for _ in range(3):
        may_be_literal = literals is not None and chosen
        distance = draw(st.sampled_from((*_DISTANCES, None) if may_be_literal else _DISTANCES))
        if distance is None:
            assert literals is not None
            chosen.append(Literal(draw(literals)))
        else:
            chosen.append(max(0, count - 1 - distance))
    return tuple(chosen)


def _operation(name: str, operands: tuple[Operand, ...]) -> Operation:
    """A row applied to as many of the operands as it takes."""
    arity = TABLE[name].arity or 3
    if name == "where":
        places = [x for x in operands if isinstance(x, int)]
        return Operation(name, (Condition(places[0], places[-1]), operands[1], operands[0]))
    # The first operand is a result: as often the base as the exponent, it sits where the parity
    # of its place says, so that literals come on either side.
    taken = operands[:arity]
    return Operation(name, taken[::-1] if isinstance(taken[0], int) and taken[0] % 2 else taken)


def _legal(operation: Operation, places: Sequence[Number], moderate: bool) -> Number | None:
    """The result of an operation, or None where it may not be offered."""
    try:
        out = operation.apply([Value(x) for x in places], TABLE)
    except (TypeError, ArithmeticError):  # an exact type without the function, or 1/0
        return None
    if operation.row == "clip":
        low, high = (_meaning(x, places, TABLE) for x in operation.operands[1:])
        if low > high:
            return None
    if moderate and not all(map(_is_moderate, (out.data, *out.partials))):
        return None
    return out.data


def _is_moderate(x: Number) -> bool:
    """Whether a number is 0, or neither large nor small."""
    return bool(x == 0 or 1 / MODERATE <= abs(x) <= MODERATE)
