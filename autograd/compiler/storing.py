"""Programs as JSON: written whole, and believed only when every index and name in them is right."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

import autograd.files as files
from autograd.compiler.codes import CODES, NAMES
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX
from autograd.compiler.verifying import ProgramError, verified
from autograd.lines import did_you_mean

FORMAT, VERSION = "glassgrad program", 1
_MOST = 2**31 - 1
_WORDS = {math.inf: "inf", -math.inf: "-inf"}  # JSON has no such numbers
_FIELDS = (
    "format", "version", "rows", "codes", "starts", "operands", "literals", "inputs", "parameters",
    "results", "gradients", "guards", "places", "sources", "input_names", "parameter_names",
    "gradient_names",
)  # fmt: skip


def save_program(program: Program, path: files.Name) -> None:
    """Write a program to a file as JSON, whole or not at all.

    Raises
    ------
    ProgramError
        If it is none that could be read again.
    OSError
        If the file cannot be written; one that was there is then still there.

    Examples
    --------
    >>> import tempfile
    >>> program = Program.of([CODES["input"], CODES["tanh"]], [0], results=[1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_program(program, f"{folder}/tanh.json")
    ...     print(load_program(f"{folder}/tanh.json"))
    program(x0):
        v1 = tanh(x0)
        return v1
    """
    files.write(path, json.dumps(as_document(program), allow_nan=False) + "\n")


def load_program(path: files.Name) -> Program:
    """Read a program from a file.

    Raises
    ------
    ProgramError
        If the file holds none, one of another version, or one with a wrong index or name; the
        message says where.
    OSError
        If it cannot be read.
    """
    try:
        document = json.loads(files.read(path), parse_constant=_refuse_constant)
        return from_document(document)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ProgramError(f"{path}: this is no JSON: {error}") from None
    except ProgramError as error:
        raise ProgramError(f"{path}: {error}") from None


def as_document(program: Program) -> dict[str, Any]:
    """Return a program as lists, numbers and names, as JSON has them."""
    verified(program)
    rows, codes = np.unique(program.codes, return_inverse=True)
    return {
        "format": FORMAT,
        "version": VERSION,
        "rows": [NAMES[code] for code in rows.tolist()],
        "codes": codes.tolist(),
        "starts": program.starts.tolist(),
        "operands": program.operands.tolist(),
        "literals": [_written(x) for x in program.literals.tolist()],
        **{what: getattr(program, what).tolist() for what in ("inputs", "parameters")},
        **{what: getattr(program, what).tolist() for what in ("results", "gradients")},
        "guards": [[index, truth] for index, truth in program.guards],
        "places": program.places.tolist(),
        "sources": [list(source) for source in program.sources],
        "input_names": list(program.input_names),
        "parameter_names": list(program.parameter_names),
        "gradient_names": list(program.gradient_names),
    }


def from_document(document: Any) -> Program:
    """Return the program of a document, after looking at everything in it.

    Raises
    ------
    ProgramError
        If something is missing or wrong; the message says what.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ProgramError(f'this is no program: its "format" is not "{FORMAT}"')
    if document.get("version") != VERSION:
        version = str(document.get("version"))[:40]
        raise ProgramError(f"its version is {version}, and this glassgrad reads {VERSION}")
    for field in _FIELDS:
        if not isinstance(document.get(field), list) and field not in ("format", "version"):
            raise ProgramError(f'"{field}" has to be a list')
    unknown = sorted(set(document) - set(_FIELDS))
    if unknown:
        raise ProgramError(f'there is no field "{unknown[0][:40]}"')
    codes = _integers(document, "codes", least=0, end=len(document["rows"]))
    program = Program(
        codes=np.array(_codes(document["rows"]), np.int16)[codes],
        literals=np.array([_read(x) for x in document["literals"]], float),
        guards=tuple(_guard(x) for x in document["guards"]),
        sources=tuple(_source(x) for x in document["sources"]),
        input_names=_names(document, "input_names"),
        parameter_names=_names(document, "parameter_names"),
        gradient_names=_names(document, "gradient_names"),
        **{
            what: _integers(document, what)
            for what in (
                "starts", "operands", "inputs", "parameters", "results", "gradients", "places",
            )
        },
    )  # fmt: skip
    return verified(program)


def _codes(rows: list[Any]) -> list[int]:
    """The codes of rows by their names."""
    for name in rows:
        if name not in CODES if isinstance(name, str) else True:
            hint = did_you_mean(name, NAMES) if isinstance(name, str) else ""
            raise ProgramError(f"the table has no row {str(name)[:40]!r}{hint}")
    return [CODES[name] for name in rows]


def _integers(document: Mapping[str, Any], what: str, least: int = -1, end: int = _MOST) -> Any:
    """A list of integers as an array."""
    for place, x in enumerate(document[what]):
        if type(x) is not int or not least <= x < end:
            raise ProgramError(
                f"{what}[{place}] is {str(x)[:40]}, and has to be an integer from {least} "
                f"to {end - 1}"
            )
    return np.array(document[what], INDEX)


def _names(document: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """A list of names."""
    for place, x in enumerate(document[what]):
        if not isinstance(x, str):
            raise ProgramError(f"{what}[{place}] is {str(x)[:40]}, and has to be a name")
    return tuple(document[what])


def _guard(x: Any) -> tuple[int, bool]:
    """A condition and its outcome."""
    match x:
        case [int() as index, bool() as truth] if type(index) is int and -1 < index < _MOST:
            return index, truth
    raise ProgramError(f"a guard is a scalar and true or false; got {str(x)[:40]}")


def _source(x: Any) -> tuple[str, int, str]:
    """A place in the user's source."""
    match x:
        case [str() as file, int() as line, str() as function] if type(line) is int:
            return file, line, function
    raise ProgramError(f"a source is a file, a line and a function; got {str(x)[:80]}")


def _written(x: float) -> float | str:
    """A float as JSON has it."""
    return "nan" if x != x else _WORDS.get(x, x)


def _read(x: Any) -> float:
    """A float that was written."""
    if x in ("nan", "inf", "-inf") or type(x) in (int, float):
        try:
            return float(x)
        except OverflowError:
            pass
    raise ProgramError(f'a literal is a number, "nan", "inf" or "-inf"; got {str(x)[:40]!r}')


def _refuse_constant(constant: str) -> NoReturn:
    """JSON has no NaN and no Infinity."""
    raise ProgramError(f"{constant} is no number in JSON")
