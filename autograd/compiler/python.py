"""Programs as Python: one function, which can be read and stepped through in a debugger."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from autograd.compiler.codes import CODES, PAIRS, ROWS  # noqa: F401  (CODES: examples)
from autograd.compiler.evaluating import evaluated
from autograd.compiler.expressions import TERM, Expressions, number_written
from autograd.compiler.flow import needed
from autograd.compiler.listing import place_of
from autograd.compiler.program import Program
from autograd.compiler.renaming import renamed_lines
from autograd.functions.calls import FLOATS
from autograd.functions.printing.printer import Written
from autograd.functions.printing.python import QUICK, SAFE
from autograd.functions.printing.text import OPERATORS
from autograd.functions.rules import sumprod
from autograd.generated import code_of, ends_with

_JOINT = {row.each_forward.__name__: row.each_forward for row in ROWS if row and row.each_forward}
_OF_TWO = {row.of_two.__name__: row.of_two for row in ROWS if row and row.of_two}
SCOPE = FLOATS | _JOINT | _OF_TWO | {"sumprod": sumprod}
NOT = OPERATORS["greater"][1]  # it binds looser than comparisons, tighter than `and`
LARGE = 100_000  # scalars of a program that would take a Python function seconds to compile
_MATH = re.compile(r"\bmath\.(\w+)").findall
_made = count(1)


def python_source(program: Program, name: str = "program", safe: bool = False) -> str:
    """Return a program as the source of a Python function of its inputs and parameters.

    It answers the result, or a tuple of them; with gradients a pair of that and the tuple of the
    gradients; and None where a guard fails. The numbers are eager's, to the bit.

    Parameters
    ----------
    program : Program
    name : str
        The name of the function.
    safe : bool
        Call the float functions of the table alone, which never raise. Else `math` is called and
        numbers are divided as Python does, as long as that raises nothing; if it does, the safe
        function of the same program, called `safe`, starts anew.

    Examples
    --------
    >>> codes = [CODES[what] for what in ("input", "input", "multiply", "exp", "add")]
    >>> program = Program.of(codes, [0, 1, 2, 3, 0], results=[4], input_names=["x", "y"])
    >>> print(python_source(program, "f", safe=True))
    def f(x, y):
        return exp(x * y) + x
    """
    return "\n".join(_Function(program, safe).lines(name))


def python_function(program: Program, name: str = "program") -> Callable[..., Any]:
    """Return a program as a Python function, whose source `inspect` and debuggers find.

    It answers what the function of `python_source` does. A very large program has no function of
    its own: its scalars are computed one after the other by one that all such programs share.

    Examples
    --------
    >>> codes = [CODES[what] for what in ("input", "literal", "divide")]
    >>> program = Program.of(codes, [1, 0], literals=[1.0], results=[2])
    >>> f = python_function(program)
    >>> f(4.0), f(0.0)
    (0.25, inf)
    """
    if len(program) > LARGE:
        return partial(_interpreted, program)
    made: list[Callable[..., Any]] = []

    def safe(*operands: float) -> Any:
        if not made:
            made.append(_compiled(python_source(program, name, safe=True), name, {}))
        return made[0](*operands)

    return _compiled(python_source(program, name), name, {"safe": safe})


def _interpreted(program: Program, *leaves: float) -> Any:
    """What a program answers, without a function of its own."""
    count = len(program.inputs)
    numbers = evaluated(program, leaves[:count], leaves[count:])
    if any(bool(numbers[i]) is not truth for i, truth in program.guards):
        return None
    results = tuple([numbers[i] for i in program.results.tolist()])
    found = results[0] if len(results) == 1 else results
    if not len(program.gradients):
        return found
    return found, tuple([numbers[i] + 0.0 for i in program.gradients.tolist()])


def _compiled(source: str, name: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function of a source, which is registered where tracebacks look for it."""
    filename = f"<autograd: compiled {name} {next(_made)}>"
    names = SCOPE | scope
    exec(code_of(source, filename), names)  # printed from rows; names are identifiers
    function: Callable[..., Any] = names.pop(name)  # which it is not to keep alive
    ends_with(filename, function)
    return function


class _Function:
    """A program as the lines of a function."""

    def __init__(self, program: Program, safe: bool) -> None:
        self.program, self.safe = program, safe
        self.expressions = Expressions(program, SAFE if safe else QUICK)
        self.written = self.expressions.written
        self.guards = dict(program.guards)
        taken = set(SCOPE) | {"safe", *(f"v{i}" for i in range(len(program)))}
        for where, names in (
            (program.inputs, program.input_names),
            (program.parameters, program.parameter_names),
        ):
            for i, called in zip(where.tolist(), names, strict=True):
                self.written[i] = Written(identifier(called, taken))
        leaves = [*program.inputs.tolist(), *program.parameters.tolist()]
        self.given = ", ".join(self.written[i].text for i in leaves)

    def lines(self, name: str) -> Iterator[str]:
        """The function, below the functions of `math` that it calls."""
        body = renamed_lines([*self.body()])
        if not self.safe:
            imported, body = _imported(body, {*self.given.split(", "), name})
            yield from imported
        yield f"def {name}({self.given}):"
        if not self.safe:
            yield "    try:"
        indent = "    " if self.safe else "        "
        for line in body:
            yield indent + line
        if not self.safe:
            yield "    except (ArithmeticError, ValueError):  # what IEEE 754 has an answer to"
            yield f"        return safe({self.given})"

    def body(self) -> Iterator[str]:
        """The scalars below the lines of the user's source, the guards, and what is answered."""
        program, before = self.program, -1
        places = program.places.tolist()
        forward = needed(program, program.with_(gradients=program.gradients[:0]).kept).tolist()
        backward = False
        for i, code in enumerate(program.codes.tolist()):
            lines = list(self.expressions.lines(i)) if code >= PAIRS else []
            if lines and not (backward or forward[i]):
                backward = True
                yield "# from the result back to the arguments"
            if lines and places[i] not in (-1, before):
                before = places[i]
                yield f"# {place_of(self.program.sources[before])}"
            yield from lines
            if i in self.guards:
                condition = self.enclosed(i, NOT)
                yield f"if {'not ' * self.guards[i]}{condition}:"
                yield "    return None  # the function takes another way"
        for i in self.program.results.tolist():  # that may be written there
            if places[i] not in (-1, before):
                before = places[i]
                yield f"# {place_of(self.program.sources[before])}"
        yield f"return {self.answer()}"

    def enclosed(self, i: int, limit: int) -> str:
        """A scalar, in parentheses if it binds looser than what it is put into."""
        self.written[i].limit = limit
        return format(self.written[i], "l")

    def answer(self) -> str:
        """What is returned; where a gradient is -0.0 eager has 0.0, which it begins to add from."""
        results = [self.written[i].text for i in self.program.results.tolist()]
        found = results[0] if len(results) == 1 else f"({', '.join(results)})"
        if not len(self.program.gradients):
            return found
        literals = self.expressions.literals
        slopes = [
            number_written(literals[i] + 0.0).text
            if i in literals
            else self.enclosed(i, TERM) + " + 0.0"
            for i in self.program.gradients.tolist()
        ]
        return f"{found}, ({', '.join(slopes)},)"


def _imported(lines: list[str], taken: set[str]) -> tuple[list[str], list[str]]:
    """Lines that name the functions of `math` as a module does which imports them: Python finds
    those sooner. What has the name of an operand is left as it is.
    """
    found = {name for line in lines if not line.startswith("#") for name in _MATH(line)}
    names = sorted(found - taken)
    if not names:
        return [], lines
    short = re.compile(rf"\bmath\.({'|'.join(names)})\b")
    lines = [line if line.startswith("#") else short.sub(r"\1", line) for line in lines]
    return [f"from math import {', '.join(names)}", ""], lines


def identifier(wish: str, taken: set[str]) -> str:
    """Return a name for Python like the one that is wished for, and take it.

    Examples
    --------
    >>> taken = {"sum"}
    >>> [identifier(wish, taken) for wish in ("x", "x", "w[0][1]", "sum", "if", "3", "")]
    ['x', 'x_', 'w_0_1', 'sum_', 'if_', 'x3', 'x__']
    """
    name = "".join(c if c.isascii() and c.isalnum() else " " for c in wish)
    name = "_".join(name.split()) or "x"
    name = f"x{name}" if name[0].isdigit() else name
    while name in taken or keyword.iskeyword(name):
        name += "_"
    taken.add(name)
    return name
