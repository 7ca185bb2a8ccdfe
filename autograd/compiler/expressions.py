"""Scalars as Python expressions, which are written where they are read if that is once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.compiler.codes import CODES, PAIRS, ROWS, TOTAL, each_of
from autograd.compiler.inlining import Inline, inline
from autograd.compiler.program import Program
from autograd.functions.printing.printer import ATOM, SIGNED, Printer, Written
from autograd.functions.printing.python import QUICK, enclosed
from autograd.functions.printing.text import OPERATORS
from autograd.functions.rules import sumprod

CHUNK = 100  # terms of a sum on one line: the parser recurses into each
LINE = 60  # how long what is written in the place of a scalar may be
TERM, FACTOR = OPERATORS["add"][1], OPERATORS["multiply"][1]  # how tightly they bind
SUM, MEAN, DOT, ISNAN = (CODES[name] for name in ("sum", "mean", "dot", "isnan"))
MULTIPLY = CODES["multiply"]
Terms = list[tuple[Written, ...]]


class Expressions:
    """Writes the scalars of one program in order, in one of the two printers of Python.

    Attributes
    ----------
    written : list of Written
        Of each scalar its name, its number or its expression.
    """

    def __init__(self, program: Program, printer: Printer) -> None:
        self.printer = printer
        self.quick = printer is QUICK
        self.codes = program.codes.tolist()
        self.starts, self.operands = program.starts.tolist(), program.operands.tolist()
        self.literals = program.numbers()
        nothing = Written("")
        self.written = [nothing] * len(program)
        for i, number in self.literals.items():
            self.written[i] = number_written(number)
        self.inlined, self.signs = _read_in_place(program)
        self._joint: dict[tuple[int, ...], str] = {}

    def lines(self, i: int) -> Iterator[str]:
        """The lines that compute a scalar; none if it is written where it is read."""
        code = self.codes[i]
        row: Any = ROWS[code]
        operands = self.operands[self.starts[i] : self.starts[i + 1]]
        if code in (PAIRS, TOTAL) or (code == DOT and sumprod is None):
            yield from self._sum(i, self._terms(code, operands))
        elif code == MULTIPLY:
            term = self._term(*operands)
            if self.signs[i] and term[-1].text == "-1.0" and term[0].precedence == ATOM:
                self.written[i] = Written(f"-{term[0].text}", SIGNED)  # a sign costs no name
            else:
                yield from self._sum(i, [term])
        elif row.each_forward is not None and len(operands) > 2 + row.integers:
            yield from self._joint_one(i, row, operands)
        elif self.quick and (form := form_of(code)) is not None:
            yield from self._written_out(i, form, operands)
        else:
            yield from self._line(i, self._application(code, operands))

    def _line(self, i: int, expression: Written) -> Iterator[str]:
        """The line that gives an expression its name, unless it is put in its place."""
        if self.inlined[i] and len(expression.text) <= LINE:
            self.written[i] = expression
        else:
            self.written[i] = Written(f"v{i}")
            yield f"v{i} = {expression.text}"

    def _application(self, code: int, operands: Sequence[int]) -> Written:
        """A row of scalars."""
        row: Any = ROWS[code]
        if row.of_two is not None and len(operands) == 3:
            x, y = (self.written[j].text for j in operands[1:])
            reverse = self.literals[operands[0]] != 0.0
            return Written(f"{row.of_two.__name__}({', '.join((y, x) if reverse else (x, y))})")
        terms = [self.written[j] for j in operands]
        for k in range(row.integers):
            terms[k] = Written(str(int(self.literals[operands[k]])))
        if self.quick and code in (SUM, MEAN, DOT) and terms:
            return self._collected(code, [x.text for x in terms])
        return self.printer.application(row, terms)

    def _written_out(self, i: int, form: Inline, operands: Sequence[int]) -> Iterator[str]:
        """A short float function in place of its call."""
        row: Any = ROWS[self.codes[i]]
        numbers = tuple([self.literals.get(j) for j in operands])
        if any(x is not None for x in numbers):
            form = inline(row.forward, numbers) or form
        texts = [enclosed(self.written[j]) for j in operands]
        fields = {x: f"_{x}" for x in form.locals}  # no other name begins with _
        lines = [line.format(*texts, **fields) for line in form.lines]
        value = form.value.format(*texts, **fields)
        value += f"{row.name}({', '.join(texts)})" if form.otherwise else ""
        if lines:
            yield from lines
            self.written[i] = Written(f"v{i}")
            yield f"v{i} = {value}"
        else:
            yield from self._line(i, Written(value, 0))

    def _collected(self, code: int, texts: list[str]) -> Written:
        """A sum, mean or affine form by the library's function of many numbers."""
        if code == DOT:
            middle = len(texts) // 2
            if not middle:
                return Written(f"0.0 + {texts[-1]}", TERM)
            ws, xs = ", ".join(texts[:middle]), ", ".join(texts[middle:-1])
            return Written(f"sumprod(({ws},), ({xs},)) + {texts[-1]}", TERM)
        total = f"math.fsum(({', '.join(texts)},))"
        return Written(total) if code == SUM else Written(f"{total} / {len(texts)}", FACTOR)

    def _terms(self, code: int, operands: Sequence[int]) -> Terms:
        """The terms of a sum of products, each a pair of factors or one term alone."""
        if code == DOT:  # as eager adds: from the int 0, which turns -0.0 into 0.0
            middle = len(operands) // 2
            pairs = list(zip(operands[:middle], operands[middle:-1], strict=True))
            terms = [self._term(*pair) for pair in pairs]
            return [(Written("0.0"),), *terms, (self.written[operands[-1]],)]
        return [self._term(*pair) for pair in zip(operands[::2], operands[1::2], strict=True)]

    def _term(self, i: int, j: int) -> tuple[Written, ...]:
        """A product; of 1 and a scalar that alone."""
        for factor, other in ((i, j), (j, i)):
            if self.literals.get(factor) == 1.0:
                return (self.written[other],)
        if self.literals.get(i) == -1.0:
            i, j = j, i
        return self.written[i], self.written[j]

    def _sum(self, i: int, terms: Terms) -> Iterator[str]:
        """A sum from left to right; of many terms on several lines."""
        if len(terms) > 1 and negated(terms[0]) and not negated(terms[1]):
            terms = [terms[1], terms[0], *terms[2:]]  # b - a for -a + b, which is the same float
        text = ""
        for k, term in enumerate(terms):
            if k and k % CHUNK == 0:
                yield f"v{i} = {text}"
                text = f"v{i}"
            text = self._added(text, term)
        if len(terms) > CHUNK:
            self.written[i] = Written(f"v{i}")
            yield f"v{i} = {text}"
            return
        yield from self._line(i, Written(text or "0.0", _precedence(terms)))

    def _added(self, before: str, term: tuple[Written, ...]) -> str:
        """A sum with another term; where that is negated, a difference."""
        sign = "+"
        if before and (opposite := negated(term)):
            term, sign = opposite, "-"
        if len(term) == 2 and term[1].text == "-1.0":
            term[0].limit = FACTOR
            text = f"-{term[0]:r}"
        else:
            for factor in term:
                factor.limit = FACTOR if len(term) == 2 else TERM
            sides = ("l", "r") if len(term) == 2 else ("r" if before else "l",)
            text = " * ".join(format(x, side) for x, side in zip(term, sides, strict=True))
        return f"{before} {sign} {text}" if before else text

    def _joint_one(self, i: int, row: Any, operands: Sequence[int]) -> Iterator[str]:
        """One of the derivatives of a function of many operands, which are computed together."""
        index = int(self.literals[operands[0]])
        key = (self.codes[i], *operands[1:])
        if key not in self._joint:
            self._joint[key] = f"v{i}_each"
            given = ", ".join(self.written[j].text for j in operands[1:])
            yield f"v{i}_each = {row.each_forward.__name__}({given})"
        yield from self._line(i, Written(f"{self._joint[key]}[{index}]"))


def negated(term: tuple[Written, ...]) -> tuple[Written, ...] | None:
    """Return the term that this one is the negative of, bit for bit, if one sees that it is."""
    if len(term) == 2 and term[1].text == "-1.0":
        return term[:1]
    for k, x in enumerate(term):
        if x.precedence == SIGNED and x.text[0] == "-":
            return (*term[:k], Written(x.text[1:], SIGNED), *term[k + 1 :])
    return None


def _precedence(terms: Terms) -> int:
    """How tightly a sum of terms holds together."""
    if len(terms) > 1:
        return TERM
    (term,) = terms or [(Written("0.0"),)]
    if len(term) == 1:
        return term[0].precedence
    return SIGNED if term[1].text == "-1.0" else FACTOR


def number_written(number: float) -> Written:
    """Return a float as Python writes it."""
    if number != number:
        return Written("math.nan")
    if number in (np.inf, -np.inf):
        return Written("math.inf") if number > 0 else Written("-math.inf", SIGNED)
    return Written(repr(number), SIGNED) if repr(number)[0] == "-" else Written(repr(number))


@cache
def form_of(code: int) -> Inline | None:
    """Return how a row is written out that Python has no word for."""
    row: Any = ROWS[code]
    plain = row is None or row.name in QUICK.known or row.formula or row.integers or not row.arity
    return None if plain else inline(row.forward)


def _repeats(code: int) -> bool:
    """Whether a scalar may be written with an operand more than once."""
    row = ROWS[code]
    formula = row is not None and row.formula is not None
    return code == ISNAN or formula or form_of(code) is not None


def _read_in_place(program: Program) -> tuple[list[bool], list[bool]]:
    """Tell which scalars are read once, by what writes them down once; and which by such alone."""
    n = len(program)
    read = np.bincount(program.operands, minlength=n)
    np.add.at(read, program.kept, 1)
    again = np.zeros(n, bool)
    repeating = [code for code in each_of(program.codes) if _repeats(code)]
    again[program.operands[np.isin(program.codes, repeating)[program.owners]]] = True
    return ((read == 1) & ~again).tolist(), (~again).tolist()
