"""What exports have in common, and programs as source for JAX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

from autograd.compiler.codes import CODES, LITERAL, NAMES, PAIRS, TOTAL, row_of
from autograd.compiler.expanding import expand
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.verifying import ProgramError, verified
from autograd.functions import rules
from autograd.functions.printing.arrays import OverArrays, UnwritableError
from autograd.functions.printing.jax import JAX
from autograd.functions.printing.printer import Written

LARGEST = CODES["largest"]
TERMS = 50  # of a sum in one expression


def exported(program: Program) -> Program:
    """Return a program in rows of fixed arity, sums of products and `largest`.

    Raises
    ------
    ProgramError
        If it has a sum over the lanes.
    """
    program = verified(prune(expand(program)))
    if (program.codes == TOTAL).any():
        raise ProgramError(
            "a sum over the lanes is no part of an export: export one lane's program"
        )
    return program


def applied(language: OverArrays, code: int, operands: Sequence[Written]) -> Written:
    """Return a row of the table, or the largest of some numbers, of operands that are written.

    Raises
    ------
    ProgramError
        If the language has no word for it.
    """
    if code == LARGEST:
        return _largest(language, operands)
    row = row_of(code)
    try:
        return language.application(row, operands)
    except UnwritableError as error:
        raise ProgramError(
            f"{error}, which {NAMES[code]} takes there: the program runs in Python, if not in C"
        ) from None


def _largest(language: OverArrays, operands: Sequence[Written]) -> Written:
    """The largest, by halves: Python reads 200 parentheses within each other, and no more."""
    middle = len(operands) // 2
    if not middle:
        return operands[0]
    halves = [_largest(language, x) for x in (operands[:middle], operands[middle:])]
    return language.application(rules.maximum, halves)


def with_integers(program: Program, i: int, operands: list[Written]) -> list[Written]:
    """Return the operands of a row, of which the first may have to be plain integers."""
    code = int(program.codes[i])
    count = 0 if code == LARGEST else row_of(code).integers
    if not count:
        return operands
    numbers, start = program.numbers(), int(program.starts[i])
    first = [numbers[int(j)] for j in program.operands[start : start + count]]
    return [*(Written(str(int(x))) for x in first), *operands[count:]]


def added(language: OverArrays, terms: Sequence[Written]) -> Written:
    """Return a sum, added up from left to right."""
    return reduce(lambda x, y: language.application(rules.add, [x, y]), terms)


def products(language: OverArrays, operands: Sequence[Written]) -> list[Written]:
    """Return the terms of a sum of products, of its factors; a factor 1 is left out."""
    one = language.number(1.0).text
    return [
        b if a.text == one else a if b.text == one else language.application(rules.multiply, [a, b])
        for a, b in zip(operands[::2], operands[1::2], strict=True)
    ] or [language.number(0.0)]


def arguments(plan: Any) -> list[str]:
    """Return the lines that make doubles of what a function of JAX is given, of its number."""
    given = "inputs", "parameters"
    return [f'{what} = doubles({what}, {len(getattr(plan, what))}, "{what}")' for what in given]


def jax_source(program: Program, name: str = "program") -> str:
    """Return a program as the source of a function for JAX, of the inputs and the parameters.

    Examples
    --------
    >>> program = Program.of([CODES["input"], CODES["tanh"]], [0], results=[1])
    >>> print(jax_source(program, "f"))
    def f(inputs, parameters=()):
        inputs = doubles(inputs, 1, "inputs")
        parameters = doubles(parameters, 0, "parameters")
        v0 = inputs[0]  # x0
        v1 = jnp.tanh(v0)
        return stacked(inputs, [v1]), stacked(inputs, [])
    """
    lines = "".join(f"    {line}\n" for line in _jax_lines(exported(program)))
    return f"def {name}(inputs, parameters=()):\n{lines}".rstrip()


def _jax_lines(program: Program) -> Iterator[str]:
    """The statements of the function."""
    yield from arguments(program)
    for what, names in (("inputs", program.input_names), ("parameters", program.parameter_names)):
        for k, (i, called) in enumerate(zip(getattr(program, what).tolist(), names, strict=True)):
            yield f"v{i} = {what}[{k}]  # {called.splitlines()[0] if called else ''}".rstrip()
    written = [Written(f"v{i}") for i in range(len(program))]
    for i, number in program.numbers().items():
        written[i] = JAX.number(number)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code <= LITERAL:
            continue
        given = [written[j] for j in operands[starts[i] : starts[i + 1]]]
        if code != PAIRS:
            found = applied(JAX, code, with_integers(program, i, given))
            if code != LARGEST and row_of(code).predicate:  # True + True is True in JAX
                found = JAX.application(rules.multiply, [JAX.number(1.0), found])
            yield f"v{i} = {found.text}"
            continue
        terms = products(JAX, given)
        for k in range(0, len(terms), TERMS):
            so_far = [written[i]] if k else []
            yield f"v{i} = {added(JAX, [*so_far, *terms[k : k + TERMS]]).text}"
    conditions = [f"(v{i} {'!=' if truth else '=='} 0)" for i, truth in program.guards]
    if conditions:
        yield f"ok = {' & '.join(conditions)}"
    ok = ", ok" if conditions else ""
    results, gradients = (
        f"stacked(inputs, [{', '.join(written[i].text for i in these.tolist())}]{ok})"
        for these in (program.results, program.gradients)
    )
    yield f"return {results}, {gradients}"
