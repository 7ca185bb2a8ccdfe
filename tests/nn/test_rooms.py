"""The rooms of nn: small files of one trade each, no text twice, no name that hides another."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import autograd
import nn

FOLDER = Path(nn.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
EQUAL = 10  # lines that two places may not share

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_of(source: str) -> list[str]:
    """The lines of a source without docstrings, empty lines and indentation."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            said = node.body[0]
            documentation.update(range(said.lineno, (said.end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return [line.strip() for i, line in lines if line.strip() and i not in documentation]


def repeated(sources: dict[str, str]) -> list[list[str]]:
    """The names of the sources that share so many lines, one list for each place."""
    places = defaultdict(list)
    for name, source in sources.items():
        code = code_of(source)
        for i in range(len(code) - EQUAL + 1):
            places[tuple(code[i : i + EQUAL])].append(name)
    return [names for names in places.values() if len(names) > 1]


def test_no_ten_lines_stand_twice() -> None:
    assert repeated({path.name: path.read_text() for path in FILES}) == []


def test_lines_that_stand_twice_are_found_and_docstrings_passed_over() -> None:
    lines = "".join(f"x = {i}\n" for i in range(EQUAL))
    assert repeated({"a": f"y = 1\n{lines}", "b": f"{lines}z = 2\n"}) == [["a", "b"]]
    assert repeated({"a": f"y = 1\n{lines}", "b": lines.removesuffix("x = 9\n")}) == []
    assert repeated({"a": f"'''{lines}'''", "b": f"'''{lines}'''"}) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_file_reads_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_few_files_stand_outside_of_the_rooms() -> None:
    assert len([path for path in FOLDER.iterdir() if path.is_file()]) <= 12


def test_no_module_bears_the_name_of_a_public_function() -> None:
    """A name that is imported lazily would turn into the module."""
    facades = [autograd, nn, nn.data, nn.init, nn.losses, nn.optim]
    functions = {
        name
        for module in facades
        for name in getattr(module, "__all__", vars(module))
        if callable(getattr(module, name))
    }
    modules = {path.stem for path in FILES} | {path.parent.name for path in FILES}
    assert {"mse", "fit", "tanh", "moons", "xavier"} <= functions
    assert functions & modules == set()
