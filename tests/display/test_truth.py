"""What is written is true: each side of an equation evaluates to the next, labels or numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.display import draw, snapshot, step
from autograd.display.stepper import page_data
from autograd.display.text import binding, enclosed, formula, number
from autograd.functions import rules
from autograd.functions.calls import evaluate
from autograd.functions.printing.printer import ATOM
from autograd.testing.computation import Computation
from autograd.testing.strategies import rational_programs

_FUNCTIONS = {name: row for name, row in rules.TABLE.items() if row.arity is not None} | {
    name: lambda *xs, row=row: row(int(xs[0]), *xs[1:]) if row.integers else row(xs)
    for name, row in rules.TABLE.items()
    if row.arity is None
}
_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(e[+-]?\d+)?")


def meaning(side: str, number_type: Callable[[str], Any]) -> Any:
    """What a side means, read as Python with each number in it of a type."""
    names = _FUNCTIONS | {"N": number_type, "pi": math.pi, "inf": math.inf, "nan": math.nan}
    return eval(_NUMBER.sub(lambda found: f"N('{found[0]}')", side), names)


def numeric_sides(line: str) -> list[list[str]]:
    """The sides of the equations of a line that have no name in them."""
    parts = [part.rpartition(" is ")[2] for part in line.strip().split("; ")]
    free = [part.split(" = ")[1:] for part in parts if " = " in part]
    is_free = lambda side: not set(re.findall(r"[^\W\d]\w*", side)) - {*_FUNCTIONS, "pi", "e"}  # noqa: E731
    return [[side for side in sides if is_free(side)] for sides in free]


def is_exact(program: Computation) -> bool:
    """Whether all its numbers are short enough to be shown in full."""
    root = program.results(program.leaves())[-1]
    return all(Fraction(number(x.data)) == x.data for x in snapshot(root).keys)


@given(rational_programs().filter(is_exact))
def test_each_side_of_a_line_is_equal_to_the_next_in_fractions(program: Computation) -> None:
    for each in step(program.results(program.leaves())[-1]):
        parts = [x for c in each.contributions
                 for x in (c.partial, c.gradient, c.product, c.before, c.after)]  # fmt: skip
        if any(Fraction(number(x)) != x for x in parts if x is not None):
            continue  # rounded to what is shown
        for line in each.lines:
            for sides in numeric_sides(line):
                found = [meaning(side, Fraction) for side in sides]
                assert len(set(found)) <= 1, line


def test_derivatives_by_exact_numbers_are_exact_and_those_of_a_constant_are_0() -> None:
    """1/3 is no float; and 0 * x ** (-1) means nothing at 0."""
    for y, said in (
        (lambda x: -(x / 3), "∂y/∂x = 1/3"),
        (lambda x: x**0, "∂y/∂x = 0"),
        (lambda x: x**2, "∂y/∂x = 2 * x = 2 * 0 = 0"),
    ):
        lines = [line for each in step(y(Value(Fraction(0), "x"))) for line in each.lines]
        shown = [re.sub(r"∂v\d", "∂y", line.strip()) for line in lines if "/∂x = " in line]
        assert said in shown


POINTS = {1: (0.5,), 2: (0.5, 2.0), 3: (0.5, -1.0, 2.0)}
OUTSIDE = {"arccosh": (2.0,)}


@pytest.mark.parametrize("name", [n for n in rules.PUBLIC if rules.TABLE[n].arity])
def test_the_formulas_of_every_function_give_its_derivatives(name: str) -> None:
    row = rules.TABLE[name]
    numbers = OUTSIDE.get(name, POINTS[row.arity])
    xs = [Value(x, label) for x, label in zip(numbers, ("p", "q", "r"), strict=False)]
    steps = step(row(*xs))
    said = [line for each in steps for line in each.lines]
    assert said
    for line in said:
        for sides in numeric_sides(line):
            found = [meaning(side, float) for side in sides]
            assert found == pytest.approx(found[-1:] * len(found), rel=2e-3, abs=1e-4), line
    partials = [c.partial for c in steps[-1].contributions]
    shown = [line for line in steps[-1].lines if line.startswith("  ∂")]
    assert [meaning(x.rpartition(" = ")[2], float) for x in shown] == pytest.approx(
        partials, rel=1e-3
    )


LABELS = st.sampled_from(["a", "a+b", "-a", "a/b", "a*b", "a**b", "a, b", "a = b", "(a+b)", "a b"])


@given(LABELS, LABELS, st.sampled_from(["add", "subtract", "multiply", "divide", "power"]))
def test_labels_that_are_formulas_keep_their_meaning(one: str, other: str, name: str) -> None:
    """Beside the same formula with parentheses around everything."""
    row = rules.TABLE[name]
    written = formula(row, [one, other])
    full = f"({one}) {row.sign} ({other})"
    known = {"a": Fraction(3), "b": Fraction(2)}
    if any("," in x or "= " in x or " b" in x for x in (one, other)):
        assert all(enclosed(x) in written for x in (one, other) if binding(x) == 0)
    else:
        assert eval(written, known) == eval(full, known)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (lambda: Value(Fraction(2, 3), "x") ** 2, "y = x ** 2 = (2/3) ** 2 = 4/9"),
        (lambda: Value(Fraction(1, 2), "a") / Value(Fraction(1, 3), "b"),
         "y = a / b = 1/2 / (1/3) = 3/2"),
        (lambda: Value(2.0, "a+b") * 3, "y = (a+b) * 3 = 2 * 3 = 6"),
        (lambda: 3 - Value(1 + 2j, "z"), "y = 3 - z = 3 - (1+2j) = 2-2j"),
        (lambda: -Value(-2.0, "x"), "y = -x = -(-2) = 2"),
        (lambda: autograd.maximum(Value(1.0, "a, b"), 2.0),
         "y = maximum((a, b), 2) = maximum(1, 2) = 2"),
        (lambda: autograd.dot([Value(2.0, "w+1"), 3.0], [Value(-1.0, "x"), 4.0], Value(-5.0, "b")),
         "y = (w+1) * x + 3 * 4 + b = 2 * (-1) + 3 * 4 + (-5) = 5"),
        (lambda: autograd.dot([Value(2.0, "w")], [4.0]), "y = w * 4 = 2 * 4 = 8"),
    ],
)  # fmt: skip
def test_whatever_binds_looser_has_parentheses(y: Callable[[], Value], said: str) -> None:
    assert step(y())[0].equation == said


def test_two_uses_of_one_operand_are_told_apart_from_the_total() -> None:
    x = Value(2.0, "x")
    assert step(x * x)[-1].lines == [
        "dy/dy = 1 goes through *",
        "  ∂y/∂x[use 1] = x = 2",
        "  dy/dx += dy/dy * ∂y/∂x[use 1] = 1 * 2 = 2",
        "  ∂y/∂x[use 2] = x = 2",
        "  dy/dx += dy/dy * ∂y/∂x[use 2] = 1 * 2 = 2; the sum is 2 + 2 = 4",
    ]


def test_help_and_the_steps_give_one_formula() -> None:
    lines = step(autograd.tanh(Value(0.5, "x")))[-1].lines
    assert "  ∂y/∂x = 1 - tanh(x) ** 2 = 1 - tanh(0.5) ** 2 = 0.7864" in lines
    assert "derivative by x: 1 - tanh(x) ** 2" in rules.tanh.__doc__


@pytest.mark.parametrize("name", rules.PUBLIC)
def test_no_formula_that_people_read_names_a_row_that_only_rules_use(name: str) -> None:
    """Those that depend on how many operands tie, and the orders of digamma, have no other name."""
    inner = set(rules.TABLE) - set(rules.FUNCTIONS) - {"max_share", "share", "polygamma"}
    inner -= {"round_to", "greater", "less", "both", "truncate_divide"}
    named = set(re.findall(r"\w+(?=\()", rules.TABLE[name].__doc__.partition("Domain")[0]))
    assert not named & inner


EXACT = [
    (Fraction(1, 3) ** 700, "1.035e-334"),
    (-(Fraction(1, 3) ** 700), "-1.035e-334"),
    (Fraction(10) ** 400 / 3, "3.333e+399"),
    (10**5000, "1.000e+5000"),
    (Decimal("-1.23456789012345e-400"), "-1.235e-400"),
    (mpmath.mpc(1, 2) / 3, "(0.3333 + 0.6667j)"),
    (mpmath.mpf("1.23456789012345e-400"), "1.235e-400"),
]


@pytest.mark.parametrize(("x", "shown"), EXACT, ids=[shown for _, shown in EXACT])
def test_a_long_number_keeps_its_sign_size_and_parts(x: Any, shown: str) -> None:
    assert number(x) == shown


def same_class(x: Fraction, text: str) -> bool:
    """Whether a text has the sign of a number and its size to four digits."""
    shown = Fraction(Decimal(text)) if "/" not in text else Fraction(text)
    return (shown > 0) == (x > 0) and (shown < 0) == (x < 0) and abs(shown - x) <= abs(x) / 1999


@given(st.fractions() | st.integers(), st.integers(-1500, 1500))
def test_a_number_is_shown_as_0_only_if_it_is_0(x: Fraction | int, scale: int) -> None:
    big = Fraction(x) * Fraction(10) ** scale
    assert same_class(big, number(big))


def test_numbers_of_more_digits_than_python_writes_are_shown_everywhere() -> None:
    x = Value(Fraction(7) ** 6000, "x")
    y = x * x
    y.backward()
    shown = mpmath.nstr(mpmath.mpf(7) ** 6000, 4)
    assert shown in repr(x)
    assert shown in draw(y, engine="builtin").svg
    assert shown in draw(y).to_json()
    assert shown in str(step(y))
    assert shown in str(page_data(step(y)))


@pytest.mark.parametrize(
    "text", ["x", "net.w[0, 1]", "f(a, b)", "1e-05", "x\u2032", "(a+b)", "v#2"]
)
def test_what_holds_together_needs_no_parentheses(text: str) -> None:
    assert binding(text) == ATOM


def test_evaluation_is_what_the_sides_are_held_against() -> None:
    """The reader of this file refuses a false line."""
    ((side, last),) = numeric_sides("y = a / b = 1/2 / 1/3 = 3/2")
    assert meaning(side, Fraction) != meaning(last, Fraction)
    assert evaluate(rules.divide, [Fraction(1, 2), Fraction(1, 3)]) == meaning(last, Fraction)
