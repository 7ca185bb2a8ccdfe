"""What the scalars of a program are, one after the other: the meaning that every executor has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.compiler.codes import INPUT, LITERAL, PAIRS, PARAMETER, TOTAL, row_of
from autograd.compiler.program import Program


def computed(code: int, operands: Sequence[Any]) -> Any:
    """Return what a scalar of a code is, of the numbers of its operands: as eager computes it.

    Sums of products are added up from left to right. Of one lane a sum over the lanes is itself.
    """
    if code in (PAIRS, TOTAL):
        products = [x * y for x, y in zip(operands[::2], operands[1::2], strict=True)]
        total = products[0] if products else 0.0
        for product in products[1:]:
            total += product
        return total
    row = row_of(code)
    if row.integers:
        first = row.integers
        operands = [*map(int, operands[:first]), *operands[first:]]
    return row.forward(*operands)


def evaluated(
    program: Program, inputs: Sequence[float], parameters: Sequence[float] = ()
) -> list[Any]:
    """Return the numbers of all scalars of a program, of one lane.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> program = Program.of([CODES["input"], CODES["square"]], [0], results=[1])
    >>> evaluated(program, [3.0])
    [3.0, 9.0]
    """
    numbers = leaves_only(program, inputs, parameters)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code not in (INPUT, PARAMETER, LITERAL):
            given = [numbers[j] for j in operands[starts[i] : starts[i + 1]]]
            numbers[i] = computed(code, given)
    return numbers


def leaves_only(
    program: Program, inputs: Sequence[float], parameters: Sequence[float] = ()
) -> list[Any]:
    """Return the numbers of a program's leaves in their places, and 0.0 in all others."""
    numbers: list[Any] = [0.0] * len(program)
    for where, given in ((program.inputs, inputs), (program.parameters, parameters)):
        for i, number in zip(where.tolist(), given, strict=True):
            numbers[i] = number
    for i, number in program.numbers().items():
        numbers[i] = number
    return numbers
