"""Scalars as text, one line for each scalar that is computed."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from autograd.compiler.codes import PAIRS, ROWS, TOTAL
from autograd.compiler.scalars import Scalars, Source
from autograd.functions.formulas import Expression, variable
from autograd.functions.printing.text import TEXT
from autograd.lines import line


def names_of(program: Scalars) -> list[str]:
    """Return what each scalar is called: an argument by its name, a literal by its number."""
    names = [f"v{i}" for i in range(len(program))]
    leaves = ((program.inputs, program.input_names), (program.parameters, program.parameter_names))
    for where, called in leaves:
        for i, name in zip(where.tolist(), called, strict=True):
            names[i] = name
    for i, number in program.numbers().items():
        names[i] = str(number)
    return names


def listed(program: Scalars) -> str:
    """Return a program as text."""
    names = names_of(program)
    given = ", ".join([*program.input_names, *program.parameter_names])
    lines = [f"program({given}):", *(f"    {line}" for line in _lines(program, names))]
    for index, truth in program.guards:
        lines.append(f"    guard {names[index]} is {truth}")
    lines.append(f"    return {', '.join(names[i] for i in program.results.tolist())}".rstrip())
    if len(program.gradients):
        lines.append(f"    gradient {', '.join(names[i] for i in program.gradients.tolist())}")
    return "\n".join(lines)


def _lines(program: Scalars, names: Sequence[str]) -> Iterator[str]:
    """The scalars that are computed, with the source line where it is another than before."""
    codes, places = program.codes.tolist(), program.places.tolist()
    starts, operands = program.starts.tolist(), program.operands.tolist()
    before = -1
    for i, code in enumerate(codes):
        if code < PAIRS:
            continue
        text = (
            f"{names[i]} = {applied(code, [names[j] for j in operands[starts[i] : starts[i + 1]]])}"
        )
        if places[i] not in (-1, before):
            text += f"  # {place_of(program.sources[places[i]])}"
        before = places[i]
        yield text


def place_of(source: Source) -> str:
    """Return a place in the user's source in words, and its line if it is to be had.

    A program that was read from a file may name any: the text is one visible line, and only what
    is a file is opened.
    """
    file, number, function = source
    known = file in linecache.cache or os.path.isfile(file)
    text = linecache.getline(file, number).strip() if known else ""
    return line(f"{PurePath(file).name}:{number} {function}" + (f": {text}" if text else ""))


def applied(code: int, operands: Sequence[str]) -> str:
    """Return what a scalar of a code is, of operands that are written."""
    row = ROWS[code]
    if row is not None:
        integers = [x.removesuffix(".0") for x in operands[: row.integers]]
        return TEXT(Expression(row, tuple(map(variable, [*integers, *operands[row.integers :]]))))
    ones = ("1.0", "1")
    terms = [
        b if a in ones else a if b in ones else f"{a}*{b}"
        for a, b in zip(operands[::2], operands[1::2], strict=True)
    ]
    total = " + ".join(terms) or "0.0"
    return f"total({total})" if code == TOTAL else total
