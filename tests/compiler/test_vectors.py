"""Rows as functions of arrays: what the float function answers, but for the last digits."""

import itertools
import math

import numpy as np
import pytest

from autograd.compiler.codes import CODES
from autograd.compiler.lanes.formulas import VECTORS, exactly
from autograd.compiler.lanes.vectors import OF_SCIPY, vector
from autograd.functions.rules import TABLE

INF, NAN = math.inf, math.nan
EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-8, -1e-8, 5e-324, -5e-324, 1e-300,
    -1e-300, 1e300, -1e300, 1e-160, 1e160, INF, -INF, NAN, 36.5, -36.5, 700.5, -700.5, 710.0,
    -745.0, -750.0, 30.0, -30.0, 1e8, -1e8, 9007199254740993.0, 6.0, -6.0,
]  # fmt: skip
RNG = np.random.default_rng(0)
RANDOM = RNG.normal(size=100).tolist() + RNG.uniform(-30, 30, 100).tolist()
RANDOM += np.exp(RNG.uniform(-50, 50, 50)).tolist()
# Of NumPy's own functions 4 units are promised, and some formulas use two of them.
ROWS = sorted({*VECTORS, *OF_SCIPY})
ULPS = dict.fromkeys(ROWS, 16) | {"normal_cdf": 64, "erfc": 64}
DIFFERENCE = "exp_difference"  # whose error is that of the difference, of |x - m| units
SIGNLESS = ("maximum", "minimum", "clip")  # of two zeros NumPy gives either


def operands_of(name):
    """Delicate operands of a row: all pairs, and of three a few."""
    arity = TABLE[name].arity
    tuples = [(x,) for x in [*EDGES, *RANDOM]]
    if arity > 1:
        tuples = [*itertools.product(EDGES, repeat=2), *zip(RANDOM, RANDOM[::-1], strict=True)]
    if arity == 3:
        tuples = [(*xs, z) for xs in tuples for z in (0.0, 1.0, -1.0, NAN, INF)]
    return tuples


def off(name, got, true, xs):
    """By how many units the answer is off; inf where it is of another kind."""
    if got == true:
        alike = got or name in SIGNLESS or math.copysign(1, got) == math.copysign(1, true)
        return 0.0 if alike else INF
    if got != got and true != true:
        return 0.0
    if not (math.isfinite(got) and math.isfinite(true)):
        return INF
    units = abs(got - true) / math.ulp(true)
    return units / max(1.0, abs(xs[0] - xs[1])) if name == DIFFERENCE else units


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_an_array_is_the_row_of_each_element(name):
    tuples = operands_of(name)
    columns = [np.array(column) for column in zip(*tuples, strict=True)]
    out = np.empty(len(tuples))
    with np.errstate(all="ignore"):
        vector(CODES[name])(*columns, out)
    for xs, got in zip(tuples, out.tolist(), strict=True):
        true = float(TABLE[name].forward(*xs))
        assert off(name, got, true, xs) <= ULPS[name], (xs, got, true)


@pytest.mark.parametrize("name", ROWS)
def test_a_number_may_stand_for_a_column(name):
    """As literals do in the source: Python's floats, beside arrays of any shape."""
    arity = TABLE[name].arity
    if arity == 1:
        pytest.skip("of one operand it is never a literal")
    x = np.linspace(0.5, 2.5, 6).reshape(2, 3)
    for literal in (2.0, -0.5, 0.0, 1.0):
        for place in range(arity):
            xs = [literal if k == place else x + k for k in range(arity)]
            out = np.empty((2, 3))
            with np.errstate(all="ignore"):
                vector(CODES[name])(*xs, out)
            full = [np.broadcast_to(v, (2, 3)).ravel().tolist() for v in xs]
            for operands, got in zip(zip(*full, strict=True), out.ravel().tolist(), strict=True):
                true = float(TABLE[name].forward(*operands))
                assert off(name, got, true, operands) <= ULPS[name], (operands, got, true)


@pytest.mark.parametrize(
    ("name", "integers"), [("polygamma", (1,)), ("round_to", (2,)), ("arctan2_partial", (1, 1))]
)
def test_rows_that_numpy_lacks_are_the_float_function_itself(name, integers):
    row = TABLE[name]
    xs = np.linspace(0.3, 4.0, 7)
    columns = [xs + k for k in range(row.arity - len(integers))]
    out = np.empty(7)
    vector(CODES[name], integers)(*columns, out)
    each = zip(*(column.tolist() for column in columns), strict=True)
    assert out.tolist() == [row.forward(*integers, *x) for x in each]


def test_the_exact_function_takes_columns_and_rows():
    out = np.empty((2, 3))
    exactly(CODES["remainder"])(np.array([[7.0], [-7.0]]), np.array([4.0, 3.0, 2.0]), out)
    assert out.tolist() == [[3.0, 1.0, 1.0], [1.0, 2.0, 1.0]]
