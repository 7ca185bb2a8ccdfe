"""`python -m autograd`: what it prints, and that bad input is one line of error."""

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, rules
from autograd.__main__ import main
from autograd.expressions import ExpressionError, ParsedExpression, read_number

PRINTED = [
    (
        ["tanh(w*x + b)", "w=0.5", "x=2", "b=1"],
        """\
tanh(w*x + b) = 0.9640275800758169
  d/dw = 0.1413016497063289
  d/dx = 0.03532541242658223
  d/db = 0.07065082485316446
""",
    ),
    (
        ["x**2 * y", "x=3", "y=1/3", "--order", "2", "--exact"],
        """\
x**2 * y = 3
  d/dx = 2
  d/dy = 9
  d2/dxdx = 2/3
  d2/dxdy = 6
  d2/dydx = 6
  d2/dydy = 0
""",
    ),
    (["0.1 + 0.2", "--exact"], "0.1 + 0.2 = 3/10\n"),
    (["-x", "x=2"], "-x = -2.0\n  d/dx = -1.0\n"),
    (["a - b", "a=1", "b=2"], "a - b = -1.0\n  d/da = 1.0\n  d/db = -1.0\n"),
    (["where(x > 0, log(x), 0)", "x=-1"], "where(x > 0, log(x), 0) = 0.0\n  d/dx = 0.0\n"),
    (["logsumexp([x, x]) - log(2)", "x=5"], "logsumexp([x, x]) - log(2) = 5.0\n  d/dx = 1.0\n"),
    (["2*pi*r", "r=1"], "2*pi*r = 6.283185307179586\n  d/dr = 6.283185307179586\n"),
    (["leaky_relu(x)", "x=-1"], "leaky_relu(x) = -0.01\n  d/dx = 0.01\n"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "printed"), PRINTED)
def test_it_prints_the_value_and_every_derivative(arguments, printed, capsys):
    assert main(arguments) == 0
    assert capsys.readouterr() == (printed, "")


MISUSE = [
    (["x.y", "x=1"], "'x.y' is not allowed here"),
    (["__import__('os')"], "there is no function __import__"),
    (["lambda: 1"], "not allowed here"),
    (["[x, y]", "x=1", "y=1"], "not allowed here"),
    (["True"], "'True' is not allowed here"),
    (["'a'"], "not allowed here"),
    (["x if x else 1", "x=1"], "not allowed here"),
    (["tnh(x)", "x=1"], "did you mean tanh?"),
    (["tanh", "x=1"], "tanh is a function"),
    (["tanh(x, x)", "x=1"], "tanh takes 1 operands (x), got 2"),
    (["sum(x)", "x=1"], "sum takes one list"),
    (["max([])"], "at least 1 operand"),
    (["sech2(x)", "x=1"], "there is no function sech2"),
    (["x + y", "x=1"], "y has no value: add y=NUMBER"),
    (["x", "x=1", "y=2"], "y is not in the expression x"),
    (["x", "x=1", "x=2"], "x is given twice"),
    (["x", "x"], "'x' is no NAME=NUMBER"),
    (["x", "x=one"], "'one' is no number"),
    (["x", "x=1/0"], "'1/0' is no number"),
    (["x > 1", "x=1"], "is a comparison"),
    (["(", "x=1"], "is no expression"),
    (["1/x", "x=0", "--exact"], "divided by zero"),
    (["exp(x)", "x=1", "--exact"], "exp is not defined for Fraction"),
    (["9**9**9**9", "--exact"], "more than a million bits"),
    (["1e99999", "--exact"], "is no exact number"),
    (["x" + "+x" * 20_000, "x=1"], "more than 10000 characters"),
    (["x" + "+x" * 4_000, "x=1"], "'x+x+x"),
    (["(" * 300 + "x" + ")" * 300, "x=1"], "is no expression"),
    (["x", "x=1", "--order", "3"], "--help"),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSE)
def test_bad_input_is_one_line_of_error(arguments, message, capsys):
    try:
        status = main(arguments)
    except SystemExit as exit_:  # argparse's own way
        status = exit_.code
    out, error = capsys.readouterr()
    if "'x+x+x" in message and status == 0:  # this Python's parser is deep enough
        return
    assert (status, out) == (2, "")
    assert error.startswith("autograd: error: ")
    assert message in error
    assert error.count("\n") == 1
    assert len(error) < 300


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "autograd", "x*x", "x=3"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "x*x = 9.0\n  d/dx = 6.0\n"


def test_check_compares_with_finite_differences(capsys):
    assert main(["x*sigmoid(x)", "x=-3", "--check"]) == 0
    assert "pass" in capsys.readouterr().out


def test_draw_and_step_save_files(tmp_path, capsys):
    picture, page = tmp_path / "graph.svg", tmp_path / "steps.html"
    arguments = ["relu(w*x + b)", "w=2", "x=3", "b=-1"]
    assert main([*arguments, "--draw", str(picture), "--step", str(page)]) == 0
    assert "<svg" in picture.read_text(encoding="utf-8")
    assert "<html" in page.read_text(encoding="utf-8")
    assert f"saved {picture}" in capsys.readouterr().out


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(text):
    """Never another exception: no crash, no hang, no traceback."""
    try:
        parsed = ParsedExpression(text)
        parsed.evaluate(dict.fromkeys(parsed.names, 0.5))
    except ExpressionError:
        pass
    except (TypeError, OverflowError) as error:  # a well-formed expression misused
        assert str(error)  # noqa: PT017  (any of these errors may come, or none)


ATOMS = st.sampled_from(["x", "y", "2", "0.5", "pi", *rules.PUBLIC, "(", ")", ",", "[", "]", " "])
SIGNS = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", ">", "==", "not", "if", ":"])


@given(st.lists(ATOMS | SIGNS, max_size=12).map("".join), st.booleans())
def test_likely_text_is_an_expression_or_an_error(text, exact):
    try:
        parsed = ParsedExpression(text, exact)
        number = Fraction(1, 2) if exact else 0.5
        parsed.evaluate({name: Value(number) for name in parsed.names})
    except (ExpressionError, TypeError, OverflowError, ZeroDivisionError, ValueError) as error:
        assert str(error)  # noqa: PT017


@given(st.fractions())
def test_exact_numbers_are_read_exactly(number):
    assert read_number(str(number), exact=True) == number
