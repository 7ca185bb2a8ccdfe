"""Partials one by one, and what their graphs say about a gradient that cannot be given."""

import math
from fractions import Fraction

import pytest

import autograd as ag
from autograd.functions import rules
from autograd.graph.value import Value
from autograd.testing import Verdict, check_partials, local
from autograd.testing.local import below_kinks, cancelling, overflow, row_oracle
from autograd.testing.oracles import Estimate, Slope

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def square_off_by(units, name="square_of_ones_own"):
    """A square whose partial is so many units off at 1.5, where it is 3."""
    square = ag.primitive(partials=lambda x, out: (2 * x + units * 2.0**-51,))(lambda x: x * x)
    square.name = name
    return square


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("units", "verdict"), [(0, PASS), (3, PASS), (4, PASS), (5, FAIL)])
def test_a_partial_may_be_four_units_off(units, verdict, sign):
    (found,) = check_partials(square_off_by(sign * units)(Value(1.5))).findings
    assert (found.verdict, found.ulps, found.allowed) == (verdict, units, 4.0)
    assert found.where == "square_of_ones_own at [1.5] by operand 0"
    assert (found.got, found.expected) == (3 + sign * units * 2.0**-51, 3.0)


DOUBTED = [  # units off, units of doubt -> the verdict, where 4 are allowed
    (3, 1, PASS), (3, 2, INCONCLUSIVE), (6, 2, INCONCLUSIVE), (7, 2, FAIL), (0, 4, PASS),
    (0, 5, INCONCLUSIVE), (4, 0, PASS), (5, 0, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("units", "doubt", "verdict"), DOUBTED)
def test_an_oracle_that_doubts_does_not_fail_a_partial(monkeypatch, units, doubt, verdict):
    class Doubting:
        def slope(self, i):
            return Slope(Estimate(Fraction(3), Fraction(doubt, 2**51)))

    monkeypatch.setattr(local, "row_oracle", lambda row, operands: Doubting())
    (found,) = check_partials(square_off_by(units)(Value(1.5))).findings
    assert (found.verdict, found.oracle_error) == (verdict, doubt)


def test_the_operation_that_is_shown_is_the_worst():
    little, much = square_off_by(100, "little"), square_off_by(1000, "much")
    x = Value(1.5)
    for root in (little(x) + much(x), much(x) + little(x), much(x) * ag.exp(x) * little(x)):
        report = check_partials(root)
        assert report.verdict is FAIL
        assert "much(x0)" in report.program
        assert "little" not in report.program
    assert check_partials(ag.exp(x) * x).program == ""


def test_what_is_left_out_hides_nothing_behind_it():
    """A choice, a kink, what is not finite, on either side of an operation that is wrong."""
    much, x = square_off_by(1000, "much"), Value(1.5)
    others = (
        rules.where(x > 1.0, x, 2.0), ag.relu(x - 1.5), ag.exp(Value(1000.0)), ag.abs(x * 0.0)
    )  # fmt: skip
    for other in others:
        for root in (much(x) + other, other + much(x)):
            report = check_partials(root)
            assert report.verdict is FAIL
            assert report.worst.where == "much at [1.5] by operand 0"
    by_both = check_partials(ag.elu(Value(0.0), Value(2.0))).findings
    assert [found.verdict for found in by_both] == [None, PASS], "a kink by one operand"
    assert check_partials(x).findings == ()
    assert below_kinks(x) == {}
    z = Value(0.0)
    assert below_kinks(rules.where(x > 1.0, ag.relu(z), x)) == {z: "relu"}


def test_many_operands_are_differentiated_one_by_one():
    report = check_partials(ag.logsumexp([Value(0.5), Value(1.5), Value(-2.0)]))
    assert report
    assert [x.where[-9:] for x in report.findings] == [f"operand {i}" for i in range(3)]


def test_the_least_failure_is_shown_as_well():
    report = check_partials(ag.exp(Value(0.3)), max_ulp=0.0)
    assert 0 < report.ulps < 1
    assert "exp(x0)" in report.program


def test_an_operation_is_blamed_beyond_four_units():
    assert local.blamed(square_off_by(4)(Value(1.5))) is None
    assert local.blamed(square_off_by(5)(Value(1.5))) is not None


def test_a_row_with_a_whole_number_is_differentiated_by_the_others():
    report = check_partials(rules.polygamma(1, Value(2.5)))
    (found,) = report.findings
    assert found.where == "polygamma at [1, 2.5] by operand 1"
    assert found.verdict is PASS
    slope = row_oracle(rules.polygamma, [1, 2.5]).slope(0).derivative
    assert found.expected == pytest.approx(float(slope.value))


def test_what_lies_below_a_kink():
    x, y = Value(0.0), Value(3.0)
    kink = ag.relu(x)
    root = rules.polygamma(1, kink * y + 1.5)
    found = below_kinks(root)
    assert {found.get(v) for v in (x,)} == {"relu"}
    assert y not in found
    assert below_kinks(rules.polygamma(1, Value(2.5)) + ag.relu(Value(1.0))) == {}
    assert below_kinks(abs(ag.relu(x) + 1) * y) == {x: "relu"}


@pytest.mark.parametrize(("scale", "negative"), [(1.0, False), (2.0**30, True), (2.0**-30, False)])
def test_sums_of_which_not_twelve_bits_are_left(scale, negative):
    sign = -1 if negative else 1
    for left, size in ((2.0**-41, 0.0), (2.0**-42, scale), (0.0, scale), (1.0, 0.0)):
        x, y = sign * scale, sign * scale * (1 - left)
        assert cancelling(Value(x) - Value(y)) == size
        assert cancelling((Value(x) - Value(y)) * 3.0 + 1e-300) == size
    assert cancelling(Value(scale) * 2.0**-50) == 0.0, "no sum"
    several = (Value(3.0) - Value(3.0)) + (Value(5.0) - Value(5.0))
    assert cancelling(several) == 5.0


def said(root, derivative=None):
    return overflow(root, root if derivative is None else derivative)


def test_what_leaves_the_doubles_on_the_way():
    assert said(ag.exp(Value(1000.0))).startswith("exp at [1000.0] is inf: the function itself")
    x = Value(1e-300)
    assert said((x * 1e200) * 1e200) == (
        "the derivative by an operand of multiply at [1e-300, 1e+200] leaves the doubles"
    )
    assert said((x * 1e308) + (x * 1e308)) == (
        "the derivative by an operand of multiply at [1e-300, 1e+308] leaves the doubles"
    ), "each of two ways is a double, and their sum is none"
    assert said((x * 1e308) + (x * 1e154) * 1e154) != ""
    assert said((x * 1e307) + (x * 1e307)) == said((x * 1e308) - (x * 1e308)) == ""
    assert said(ag.log(Value(1e-310))) != ""
    tiny = Value(1e-110)
    assert said(rules.polygamma(1, tiny)).startswith("the derivative by an operand of polygamma")


def test_a_rule_that_answers_inf_for_a_double_is_no_excuse():
    lost = ag.primitive(partials=lambda x, out: (math.inf,))(lambda x: x * x)
    lost.name = "lost"
    assert said(lost(Value(1.5)) * 2.0) == ""
