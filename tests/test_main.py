"""`python -m autograd`: what it prints, and that bad input is one line of error."""

import operator
import os
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.__main__ import main
from autograd.functions import rules
from autograd.functions.parsing import ExpressionError, ParsedExpression, read_number
from autograd.numbers.exact import BudgetError, bounded_fraction

PRINTED = [
    (
        ["tanh(w*x + b)", "w=0.5", "x=2", "b=1"],
        """\
tanh(w*x + b) = 0.9640275800758169
  d/dw = 0.14130164970632894
  d/dx = 0.035325412426582235
  d/db = 0.07065082485316447
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


TWICE = "x"
for _ in range(40):
    TWICE = f"({TWICE})**2"

TOO_LARGE = [  # each hung for minutes, in gigabytes
    ["x**1000000", "x=1e-400"],
    ["(x**1000000)**1000000", "x=1/2"],
    [TWICE, "x=2/3"],
    [TWICE.replace("**2", "**-2"), "x=2/3"],
    ["x**-1000000", "x=1e-400"],
    ["2**x", "x=1e400"],
    ["*".join(["x"] * 900), "x=1e-400"],
    ["+".join(f"1/(x+{n})" for n in range(700)), "x=1e-350"],
    ["square(" * 60 + "x" + ")" * 60, "x=3"],
    ["prod([" + ",".join(["x**500000"] * 9) + "])", "x=3"],
    ["x**400000 + y**400000 + x**400001*y", "x=1/3", "y=1/7"],
    ["1/(x**300000+1) + 1/(x**300000+2) + 1/(x**300000+3) + 1/(x**300000+4)", "x=3"],
]


@pytest.mark.parametrize("order", ["1", "2"])
@pytest.mark.parametrize("arguments", TOO_LARGE, ids=lambda x: x[0][:20])
def test_exact_numbers_have_one_budget_of_bits(arguments, order, capsys):
    assert main([*arguments, "--exact", "--order", order]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("autograd: error: exact numbers of ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("operation", "operands", "size"),
    [
        (operator.mul, (2**300, 2**400), 704),
        (operator.add, (Fraction(1, 2**300), Fraction(1, 3**100)), 462),
        (operator.pow, (8, 200), 5 * 200),
        (operator.pow, (Fraction(1, 8), -200), 5 * 200),
        (operator.truediv, (2**300, 3), 305),
        (operator.lt, (2**300, 3), 305),
    ],
)
def test_the_budget_lets_through_the_largest_and_nothing_larger(operation, operands, size):
    exact = bounded_fraction(bits=size)
    found = operation(*map(exact, operands))
    assert found == operation(*map(Fraction, operands))
    assert type(found) in (exact, bool)
    exact = bounded_fraction(bits=size - 1)
    with pytest.raises(BudgetError, match=f"more than {size - 1} bits"):
        operation(*map(exact, operands))


def test_many_operations_have_one_budget_together():
    exact = bounded_fraction(bits=1000)
    x = exact(2**298)  # with the denominator 300 bits; a sum of two is counted as 600
    assert x + x == 2**299
    assert x + x == 2**299
    with pytest.raises(BudgetError, match="for so many operations"):
        x + x


@given(st.fractions(), st.fractions(), st.integers(-9, 9))
def test_numbers_with_a_budget_are_fractions(x, y, n):
    exact = bounded_fraction()
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv,
                      operator.floordiv, operator.mod, operator.lt, operator.ge):  # fmt: skip
        if y or operation not in (operator.truediv, operator.floordiv, operator.mod):
            for a, b in ((exact(x), exact(y)), (exact(x), y), (x, exact(y))):
                assert operation(a, b) == operation(x, y)
    if x or n >= 0:
        assert exact(x) ** n == x**n
    assert (-exact(x), abs(exact(x)), +exact(x)) == (-x, abs(x), x)
    assert repr(exact(x)) == repr(x)
    assert hash(exact(x)) == hash(x)


def test_an_exact_result_that_is_too_long_to_print_is_named_by_its_size(capsys):
    assert main(["x**20000", "x=1/3", "--exact"]) == 0
    shown = mpmath.nstr(mpmath.mpf(3) ** -20000, 4)
    assert capsys.readouterr().out.startswith(f"x**20000 = {shown}\n")


@pytest.mark.parametrize(
    ("expression", "name"),
    [("\u00b5*2", "\u00b5"), ("\u03bc*2", "\u00b5"), ("\u00b5*2", "\u03bc"), ("\ufb01*2", "fi"),
     ("fi*2", "\ufb01"), ("\U0001d44e*2", "a"), ("\u017f*2", "s"), ("e\u0301*2", "\u00e9")],
    ids=ascii,
)  # fmt: skip
def test_names_are_compared_as_python_compares_identifiers(expression, name, capsys):
    """By their normal form NFKC: a micro sign is the Greek letter."""
    assert main([expression, f"{name}=1"]) == 0
    assert capsys.readouterr().out.startswith(f"{expression} = 2.0\n")


def test_a_name_that_is_given_in_two_ways_is_given_twice(capsys):
    assert main(["\u00b5*2", "\u00b5=1", "\u03bc=2"]) == 2
    assert "\u03bc is given twice" in capsys.readouterr().err


HOSTILE = "x  # \x1b]0;title\x07\x1b[31m\u202e"


@pytest.mark.parametrize(
    "arguments",
    [[HOSTILE, "x=1"], ["x", f"{HOSTILE}=1"], [HOSTILE + "\n+\x07", "x=1"], ["x", "x=\x1b[31m"],
     ["x", "x=1", "--draw", "no/\x1b[31m.svg"], ["x", "x=1", "--draw", "no/\udcff.svg"],
     ["x", "x=1", "--order", "\x1b[31m"], ["x", "x=1", "--\x1b[31m"], ["x", "\udcff=1"]],
    ids=ascii,
)  # fmt: skip
def test_what_a_terminal_would_obey_is_printed_as_an_escape(arguments, capsys):
    with suppress(SystemExit):
        main(arguments)
    out, error = capsys.readouterr()
    assert out + error
    assert (out + error).replace("\n", "").isprintable()


@pytest.mark.skipif(os.name != "posix", reason="POSIX has pipes")
@pytest.mark.parametrize("option", ["--draw", "--step"])
def test_only_files_are_replaced(option, tmp_path, capsys):
    path = tmp_path / "page.html"
    os.mkfifo(path)
    assert main(["x*x", "x=1", option, str(path)]) == 2
    assert "it is a pipe" in capsys.readouterr().err
    assert path.is_fifo()


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


@pytest.mark.parametrize("text", ["1e3if*x", "0x1for x in y", "1is 1", "'\\d'", "x() ()", "1()"])
def test_python_says_nothing_of_its_own_about_a_text(text):
    """Neither as an error, as warnings are here, nor as another line."""
    command = [sys.executable, "-W", "default", "-m", "autograd", text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("autograd: error: ")
    assert done.stderr.count("\n") == 1


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
        half = parsed.number(0.5)
        parsed.evaluate({name: Value(half) for name in parsed.names})
    except (ExpressionError, TypeError, OverflowError, ZeroDivisionError, ValueError) as error:
        assert str(error)  # noqa: PT017


@given(st.fractions())
def test_exact_numbers_are_read_exactly(number):
    assert read_number(str(number), exact=True) == number
