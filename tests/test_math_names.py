"""`from math import ...` changed to `from autograd import ...`: which names work, and how.

The table is notebooks/reference/math.md; every row of it is tried, and Python's `math` decides.
"""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.functions import rules

PAGE = Path(__file__).parents[1] / "notebooks" / "reference" / "math.md"
ROWS = dict(re.findall(r"^\| `(\w+)` \| (works|differs|refused)", PAGE.read_text("utf-8"), re.M))
POINTS = [
    -2.5,
    -1.0,
    -0.75,
    -0.0,
    0.0,
    0.5,
    0.75,
    1.0,
    2.0,
    3.0,
    20.0,
    math.inf,
    -math.inf,
    math.nan,
]
OPERANDS = {"hypot": 2, "log": 1}  # the usual number, where `math` takes several
SEQUENCES = ("dist", "fsum", "prod", "sumprod")


def of(status):
    """The names of one kind that this Python's `math` has."""
    return [name for name, found in ROWS.items() if found == status and hasattr(math, name)]


def arity(name):
    return rules.FUNCTIONS[name].arity


def test_every_name_of_math_is_in_the_table():
    assert {name for name in dir(math) if not name.startswith("_")} <= set(ROWS)


@pytest.mark.parametrize("name", [n for n in of("works") if callable(getattr(math, n))])
def test_what_works_gives_the_numbers_of_math(name):
    """Within 4 units in the last place; inf or nan where `math` raises."""
    if name in SEQUENCES:
        ours, theirs = getattr(ag, name), getattr(math, name)
        given = ([0.5, 3.0, -2.0], [1.0, 2.0, 4.0])[: 2 if name in ("dist", "sumprod") else 1]
        assert ours(*given) == pytest.approx(theirs(*given), rel=1e-15)
        return
    for xs in itertools.product(POINTS, repeat=arity(name)):
        got, at = getattr(ag, name)(*xs), getattr(ag, name)(*map(Value, xs))
        assert getattr(at, "data", at) == pytest.approx(got, nan_ok=True)
        try:
            expected = getattr(math, name)(*xs)
        except (ValueError, OverflowError):
            assert not math.isfinite(got), (name, xs)
            continue
        if isinstance(expected, bool):
            assert got is expected
        elif name == "hypot" and any(map(math.isnan, xs)):
            assert math.isnan(got)  # as the page says; in `math` an infinity beside nan wins
        else:
            assert got == pytest.approx(expected, rel=1e-15, nan_ok=True), (name, xs)


@pytest.mark.parametrize("name", [n for n in of("works") if not callable(getattr(math, n))])
def test_constants_are_those_of_math(name):
    assert repr(getattr(ag, name)) == repr(getattr(math, name))


@pytest.mark.parametrize("name", of("differs"))
def test_what_differs_is_as_numpy_has_it(name):
    numpy = getattr(np, name)
    points = [x for x in POINTS if math.isfinite(x)]
    differs = []
    for xs in itertools.product(points, repeat=arity(name)):
        if xs[1:] == (0.0,):
            continue
        got, expected = getattr(ag, name)(*xs), getattr(math, name)(*xs)
        assert (type(got), got) == (float, numpy(*xs))
        differs.append((type(got), got) != (type(expected), expected))
    assert any(differs)


@pytest.mark.parametrize("name", of("refused"))
def test_what_is_refused_has_no_such_name(name):
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
        getattr(ag, name)


@pytest.mark.parametrize(("name", "row"), rules.ALIASES.items())
def test_an_alias_is_the_row_itself_and_a_method(name, row):
    assert getattr(ag, name) is row
    assert getattr(Value, name) is getattr(Value, row.name)
    assert name in ag.__all__


def test_log_to_a_base_and_hypot_of_many():
    x, base = Value(8.0), Value(2.0)
    y = ag.log(x, base)
    y.backward()
    assert y.data == math.log(8, 2)
    assert x.grad == pytest.approx(1 / (8 * math.log(2)), rel=1e-15)
    assert base.grad == pytest.approx(-math.log(8) / (2 * math.log(2) ** 2), rel=1e-15)
    assert ag.log(1000.0, 10) == math.log(1000.0, 10)
    points = [Value(2.0), Value(3.0), Value(6.0)]
    length = ag.hypot(*points)
    length.backward()
    assert (length.data, [p.grad * 7 for p in points]) == (7.0, pytest.approx([2.0, 3.0, 6.0]))
    assert ag.hypot(-3.0) == math.hypot(-3.0)
    with pytest.raises(TypeError, match=r"log\(\) takes 2 positional arguments but 3"):
        ag.log(x, 2, 3)
    with pytest.raises(ValueError, match="points of one dimension; got 1 and 2"):
        ag.dist([1.0], [1.0, 2.0])


def test_predicates_take_arrays_and_every_number():
    given = np.array([1.0, math.nan, math.inf])
    assert ag.isnan(given).tolist() == [False, True, False]
    assert ag.isfinite([Value(1.0), Value(-math.inf)]).tolist() == [True, False]
    assert ag.isinf(given).dtype == bool
    assert ag.isfinite(complex(0, math.inf)) is False
    assert ag.isnan(complex(0, math.nan)) is True


@pytest.mark.parametrize(
    ("wrong", "right"), [("tahn", "tanh"), ("sqr", "sqrt"), ("logsumexpt", "logsumexp")]
)
def test_a_slip_is_told_the_name_that_was_meant(wrong, right):
    with pytest.raises(AttributeError, match=f"did you mean {right}"):
        getattr(ag, wrong)
