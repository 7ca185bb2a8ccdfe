"""`check_primitive`: every row of the table passes; rows with an error do not."""

import math

import pytest

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.testing import Verdict, check_primitive

# Their derivative is not that of their number, which is what they are for; or it is a choice.
BY_DEFINITION = {rules.where, rules.held, rules.tangent, rules.largest}
CHECKED = [row for row in rules.TABLE.values() if not row.predicate and row not in BY_DEFINITION]
FEWER = {"digamma", "logsumexp", "lgamma", "polygamma", "logaddexp", "mean", "softplus"}


@pytest.mark.parametrize("row", CHECKED, ids=lambda row: row.name)
def test_every_row_passes(row):
    report = check_primitive(row, points=4 if row.name in FEWER else 10)
    assert report, report


def wrong(name, **fields):
    """A function with an error, made as a user would make it."""
    row = rules.TABLE[name]
    given = {"forward": row.forward, "partials": row.partials, "definition": row.definition}
    given |= {"domain": row.domain, "kinks": row.kinks} | fields
    return Primitive(given.pop("forward"), given.pop("partials"), name=name, **given)


ERRORS = {
    "a sign": wrong("sin", partials=lambda x, out: -rules.cos(x)),
    "saturation": wrong("tanh", partials=lambda x, out: 1 - out * out),
    "cancellation": wrong("expm1", partials=lambda x, out: out + 1),
    "overflow": wrong("arcsinh", partials=lambda x, out: 1 / rules.sqrt(1 + x * x)),
    "the value": wrong("exp", forward=lambda x: math.exp(min(x, 700.0)) * (1 + 1e-14)),
    "operands swapped": wrong("divide", partials=lambda x, y, out: (-x / (y * y), 1 / y)),
    "outside of the domain": wrong("log", partials=lambda x, out: 1 / x),
    "nan": wrong("relu", partials=lambda x, out: rules.where(x > 0, 1, 0)),
    "beyond the kink": wrong("abs", partials=lambda x, out: rules.where(x < 0, -1, 2 - x / x)),
    "the second order": wrong("square", partials=lambda x, out: 2 * x + 0 * rules.flat(x)),
}


@pytest.mark.parametrize("name", [name for name in ERRORS if name != "the second order"])
def test_errors_are_found(name):
    assert check_primitive(ERRORS[name]).verdict is not Verdict.PASS


def test_a_second_partial_that_is_wrong():
    """The first partial is right as a float; differentiated again it forgets a factor."""
    half = Primitive(
        lambda x: x * x,
        lambda x: rules.TABLE["flat"](x) + 2 * rules.positive(x),
        name="half_square",
        everywhere=True,
    )
    assert check_primitive(half)
    forgets = Primitive(lambda x: x * x, lambda x: 2 * x, name="forgets", definition=math.pow)
    with pytest.raises(TypeError):
        check_primitive(forgets)


def test_points_of_ones_own():
    assert check_primitive(rules.tanh, points=[(0.1,), (19.0,)])
    report = check_primitive(ERRORS["saturation"], points=[(19.0,)])
    assert report.verdict is Verdict.FAIL
    failed = {x.where for x in report.findings if x.verdict is Verdict.FAIL}
    assert "partial 0 at [19.0]" in failed, "which vanishes: what has few digits comes first"
