"""Programs as C: one function of doubles, which needs nothing but the C library."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any

from autograd.compiler.codes import CODES, LITERAL, NAMES, PAIRS, TOTAL, row_of
from autograd.compiler.expanding import expand
from autograd.compiler.listing import place_of
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.verifying import ProgramError, verified
from autograd.functions import rules
from autograd.functions.formulas import Expression, variable
from autograd.lines import line
from autograd.native.expressions import UnprintableError
from autograd.native.floats import Functions
from autograd.native.printing import INCLUDES, PYTHONS

LARGEST = CODES["largest"]
# What the C library computes by another algorithm than CPython: the last digit may differ.
_OF_C = {
    "hypot": "hypot({0}, {1})",
    "unit_hypot": "hypot(1.0, {0})",
    "lgamma": "lgamma({0})",
    "gamma": "tgamma({0})",
}


def c_source(program: Program, name: str = "program") -> str:
    """Return a program as C source: one function that answers 1, or 0 where a guard fails.

    Its arguments are arrays of doubles: the inputs and the parameters, which it reads, and the
    results and the gradients, which it writes. Rows of many operands are sums of products there,
    added up from left to right. Compile with ``-ffp-contract=off``, and neither ``-ffast-math``.

    Parameters
    ----------
    program : Program
    name : str
        The name of the function, an identifier of C.

    Raises
    ------
    ProgramError
        If a row has no C, as the derivatives of any order of gamma.

    Examples
    --------
    >>> program = Program.of([CODES["input"], CODES["square"]], [0], results=[1])
    >>> print(c_source(program, "f").split("static")[-1].split("}")[-2])
    ...     # doctest: +NORMALIZE_WHITESPACE
    int f(const double *inputs, const double *parameters, double *results, double *gradients)
    {
        const double v0 = inputs[0];  /* x0 */
        const double v1 = v0 * v0;
        results[0] = v1;
        return 1;
    """
    if not (name.isidentifier() and name.isascii()):
        raise ValueError(f"the name of a C function has to be an identifier; got {name!r}")
    program = verified(prune(expand(program)))
    functions = Functions()
    body = "\n".join(f"    {text}" for text in _lines(program, functions))
    given = "const double *inputs, const double *parameters, double *results, double *gradients"
    printed = "\n".join(functions.printed.values())
    return f"{INCLUDES.lstrip()}{PYTHONS}\n{printed}\nint {name}({given})\n{{\n{body}\n}}\n"


def _lines(program: Program, functions: Functions) -> Iterator[str]:
    """The statements of the function."""
    leaves = {
        "inputs": (program.inputs, program.input_names),
        "parameters": (program.parameters, program.parameter_names),
    }
    for what, (where, names) in leaves.items():
        for k, (i, called) in enumerate(zip(where.tolist(), names, strict=True)):
            yield f"const double v{i} = {what}[{k}];  /* {_comment(called)} */"
    written = [f"v{i}" for i in range(len(program))]
    for i, number in program.numbers().items():
        text = functions.language.number(number)
        written[i] = text.text if text.text[0] != "-" else f"({text.text})"
    guards, before = dict(program.guards), -1
    starts, operands = program.starts.tolist(), program.operands.tolist()
    places = program.places.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code > LITERAL:
            if places[i] not in (-1, before):
                before = places[i]
                yield f"/* {_comment(place_of(program.sources[before]))} */"
            given = [written[j] for j in operands[starts[i] : starts[i + 1]]]
            yield f"const double v{i} = {_applied(code, given, functions)};"
        if i in guards:
            yield f"if ({'!' * guards[i]}{written[i]}) return 0;"
    for what in ("results", "gradients"):
        for k, i in enumerate(getattr(program, what).tolist()):
            yield f"{what}[{k}] = {written[i]}{' + 0.0' * (what == 'gradients')};"
    yield "return 1;"


def _applied(code: int, operands: list[str], functions: Functions) -> str:
    """A scalar of operands that are written."""
    if code in (PAIRS, TOTAL):
        pairs = zip(operands[::2], operands[1::2], strict=True)
        products = [b if a == "1.0" else a if b == "1.0" else f"{a} * {b}" for a, b in pairs]
        return " + ".join(products) or "0.0"
    terms = [variable(x) for x in operands]
    if code == LARGEST:
        formula: Any = reduce(rules.maximum, terms)
    else:
        row: Any = row_of(code)
        for k in range(row.integers):
            terms[k] = variable(str(int(float(operands[k].strip("()")))))
        formula = Expression(row, tuple(terms))
        if row.name in _OF_C:
            return _OF_C[row.name].format(*operands)
    try:
        return functions.language(formula)
    except UnprintableError as error:
        raise ProgramError(
            f"{NAMES[code]} has no C ({error}): the program runs in Python"
        ) from None


def _comment(text: str) -> str:
    """A text that ends no comment."""
    return line(text).replace("*/", "* /")
