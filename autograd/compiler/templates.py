"""The rules of the table as steps: each is run once, on terms, for all scalars of its row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from autograd.compiler.codes import CODES, row_of
from autograd.functions.operand import Operand

# What a step or a partial refers to: an operand of the row by its place, the value of the row, an
# earlier step, or a number.
Reference = tuple[str, float]
VALUE: Reference = ("out", 0)


class Step(NamedTuple):
    """One scalar to be computed: a row of the table of references."""

    code: int
    operands: tuple[Reference, ...]


class Template(NamedTuple):
    """What is computed beside a scalar: steps in order, and which of them are asked for."""

    steps: list[Step]
    outputs: list[Reference]


class Term(Operand):
    """An operand of a rule, which writes down as steps what the rule does with it."""

    __slots__ = ("reference", "steps")

    def __init__(self, reference: Reference, steps: dict[Step, int]) -> None:
        self.reference, self.steps = reference, steps

    @staticmethod
    def apply(row: Any, /, *operands: Any) -> Any:
        """Write a step down, unless it multiplies by 1 or was written before."""
        if row.name == "multiply":
            for factor, other in (operands, operands[::-1]):
                if not isinstance(factor, Term) and factor == 1:
                    return other
        steps: dict[Step, int] = next(x.steps for x in operands if isinstance(x, Term))
        step = Step(CODES[row.name], tuple(map(reference_of, operands)))
        return Term(("step", steps.setdefault(step, len(steps))), steps)

    __eq__ = object.__eq__  # rules ask for nan by x == x: terms are taken for numbers
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a term of a rule has no truth value: a rule uses where, never if")


def reference_of(x: Any) -> Reference:
    """Return what a term or number in a rule refers to."""
    return x.reference if isinstance(x, Term) else ("number", float(x))


@cache
def partials_of(code: int, size: int, integers: tuple[int, ...] = ()) -> Template:
    """Return the partials of a row of so many operands, of which the first are given integers."""
    row = row_of(code)
    rule = row.program_partials or row.partials
    steps: dict[Step, int] = {}
    xs = [Term(("operand", i), steps) for i in range(len(integers), size)]
    found = rule(*integers, *xs, out=Term(VALUE, steps))
    return Template(list(steps), [reference_of(x) for x in found])


@cache
def expansion_of(code: int, size: int, integers: tuple[tuple[int, ...], ...] = ((),)) -> Template:
    """Return a row of so many operands in rows of fixed arity and sums.

    It has an output for each of the tuples of integers that its first operands may be.
    """
    row: Any = row_of(code)
    steps: dict[Step, int] = {}
    xs = [Term(("operand", i), steps) for i in range(len(integers[0]), size)]
    found = [reference_of(row.expansion(*first, *xs)) for first in integers]
    return Template(list(steps), found)


def wanted(template: Template, outputs: Sequence[Reference]) -> set[int]:
    """Return the steps that some of the outputs need."""
    found: set[int] = set()
    todo = [place for kind, place in outputs if kind == "step"]
    while todo:
        step = int(todo.pop())
        if step not in found:
            found.add(step)
            operands = template.steps[step].operands
            todo += [place for kind, place in operands if kind == "step"]
    return found
