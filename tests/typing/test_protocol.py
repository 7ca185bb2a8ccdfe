"""What a type checker says of programs that use the package."""

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
    ("h: int = Value(1.0) + 1", "assignment"),
    ("quiet('a')", "arg-type"),
    ("Value(1.0).backward(1.0, False, 3)", "arg-type"),
]


def check(text, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    cache = f"--cache-dir={tmp_path.parent / 'mypy'}"
    executable = f"--python-executable={sys.executable}"
    out, _, status = api.run(["--strict", cache, executable, str(path)])
    return status, out


def test_floats_and_values_are_numbers_alike(tmp_path):
    status, out = check(PROGRAM, tmp_path)
    assert status == 0, out


@pytest.mark.parametrize(("line", "code"), MISTAKES)
def test_mistakes_are_found(line, code, tmp_path):
    status, out = check(PROGRAM + line, tmp_path)
    assert status == 1
    assert f"[{code}]" in out


def test_the_declared_methods_are_those_of_the_table():
    """Made anew by: python -m autograd.functions.printing.declarations"""
    assert Path(methods.__file__).with_suffix(".pyi").read_text() == declarations(TABLE.values())
