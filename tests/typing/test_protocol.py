"""What a type checker says of programs that use the package."""

import re
import sys
from pathlib import Path

import pytest
from mypy import api

from autograd.functions.printing.declarations import declarations
from autograd.functions.rules import TABLE
from autograd.graph import methods

PROGRAM = """
import autograd
from autograd import Number, Value, grad, tanh

def line(x: Number) -> Number:
    return 2 * x + 1

a: Number = line(3.0)
b: Number = line(Value(3.0))
c: Value = Value(1.0) * 2 + 1
d: Value = -c / (1 - c) ** 2
e: bool = d > 0
k: Value = c.tanh().leaky_relu().maximum(d)
f = tanh(c).data + autograd.softplus(0.5)
grad(line)(1.0)

@autograd.no_grad()
def quiet(x: Number) -> Number:
    return 2 * x

g: Number = quiet(3.0)
with autograd.record(), autograd.detect_anomaly():
    quiet(g)
"""

MISTAKES = [
    ("line('a')", "arg-type"),
    ("autograd.no_such_function(1.0)", "attr-defined"),
    ("Value(1.0).tahn()", "attr-defined"),
    ("h: float = Value(1.0).tanh()", "assignment"),
    ("Value(1.0).maximum()", "call-arg"),
    ("i: int = Value(1.0) + 1", "assignment"),
    ("quiet('a')", "arg-type"),
    ("Value(1.0).backward(1.0, False, 3)", "arg-type"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str]]]:
    """The lines that mypy finds wrong, and how, of a right program and of one with mistakes.

    One run for both, as it looks at all of the package first; what it remembers is where
    ``mypy`` at the root of the repository looks for it.
    """
    folder = tmp_path_factory.mktemp("programs")
    mistaken = PROGRAM + "".join(f"{line}\n" for line, _ in MISTAKES)
    paths = [folder / "right.py", folder / "mistaken.py"]
    for path, text in zip(paths, (PROGRAM, mistaken), strict=True):
        path.write_text(text, encoding="utf-8")
    cache = f"--cache-dir={Path(__file__).parents[2] / '.mypy_cache'}"
    executable = f"--python-executable={sys.executable}"
    out, errors, status = api.run(["--strict", cache, executable, *map(str, paths)])
    assert (errors, status) == ("", 1), out + errors
    found: dict[str, list[tuple[int, str]]] = {path.stem: [] for path in paths}
    for stem, line, code in re.findall(r"(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$", out, re.M):
        found[stem].append((int(line), code))
    return found


def test_floats_and_values_are_numbers_alike(complaints):
    assert complaints["right"] == []


@pytest.mark.parametrize(("line", "code"), MISTAKES)
def test_mistakes_are_found(line, code, complaints):
    lines = PROGRAM.splitlines() + [line for line, _ in MISTAKES]
    assert (lines.index(line) + 1, code) in complaints["mistaken"]


def test_nothing_else_is_found_there(complaints):
    assert len(complaints["mistaken"]) == len(MISTAKES)


def test_the_declared_methods_are_those_of_the_table():
    """Made anew by: python -m autograd.functions.printing.declarations"""
    assert Path(methods.__file__).with_suffix(".pyi").read_text() == declarations(TABLE.values())
