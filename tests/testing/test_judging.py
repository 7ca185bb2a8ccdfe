"""The verdict about one number, given the truth and how well it is known: tables, at the edges."""

import math
from fractions import Fraction

import pytest

from autograd.functions import rules
from autograd.graph.value import Value
from autograd.testing import Finding, Verdict
from autograd.testing.judging import (
    Terms,
    at_conventions,
    judged,
    on_another_branch,
    within_floats,
)
from autograd.testing.oracles import Estimate, Slope
from autograd.testing.roundings import USEFUL
from autograd.testing.units import HALF, SINGLE

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
EPS = 2.0**-52  # a unit of 1
SEES_NOTHING = "the oracle's own error is too large to tell"


def known(value, error=0, size=None):
    return Slope(Estimate(Fraction(value), Fraction(error)), size=size)


# What is allowed is absolute: a truth of 1, of which 8 units are allowed.
EDGES = [  # units off, units of doubt -> the verdict
    (0, 0, PASS), (8, 0, PASS), (9, 0, FAIL), (-8, 0, PASS), (-9, 0, FAIL),
    (6, 2, PASS), (7, 2, INCONCLUSIVE), (10, 2, INCONCLUSIVE), (11, 2, FAIL),
    (0, 8, PASS), (0, 9, INCONCLUSIVE), (-10, 2, INCONCLUSIVE), (-11, 2, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("off", "doubt", "verdict"), EDGES)
@pytest.mark.parametrize("terms", [Terms(), Terms(max_ulp=8), Terms(atol=8 * EPS)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_passes_if_all_of_what_may_be_true_is_allowed(off, doubt, verdict, terms, sign):
    got = sign * (1 + off * EPS)
    found = judged("x", got, known(sign, doubt * EPS), 8 * EPS, terms)
    assert found.verdict is verdict
    assert (found.got, found.expected) == (got, sign)
    assert (found.ulps, found.allowed, found.oracle_error) == (abs(off), 8, doubt)
    assert found.note == (SEES_NOTHING if verdict is INCONCLUSIVE else "")


ALLOWED = [  # terms, truth -> the largest error allowed, where the kit's own bound is 3 units of 1
    (Terms(), 4.0, 3 * EPS),
    (Terms(max_ulp=5), 4.0, 20 * EPS),
    (Terms(max_ulp=5, scale=16.0), 4.0, 80 * EPS),
    (Terms(max_ulp=5, scale=2.0), -4.0, 20 * EPS),
    (Terms(max_ulp=0), 4.0, 0.0),
    (Terms(rtol=2.0**-30), -4.0, 2.0**-28),
    (Terms(rtol=2.0**-30, scale=32.0), 4.0, 2.0**-25),
    (Terms(rtol=2.0**-30, scale=1.0), 4.0, 2.0**-28),
    (Terms(rtol=2.0**-30, atol=2.0**-28), 4.0, 2.0**-27),
    (Terms(atol=2.0**-28), 4.0, 2.0**-28),
    (Terms(scale=8.0), 4.0, 64 * 8 * EPS),
    (Terms(scale=2.0**-20), 2.0**-30, 3 * EPS),
    (Terms(form=SINGLE, max_ulp=2), 4.0, 2.0**-20),
    (Terms(form=HALF, max_ulp=2), 4.0, 2.0**-7),
]


@pytest.mark.parametrize(("terms", "truth", "bound"), ALLOWED)
def test_what_terms_allow(terms, truth, bound):
    assert terms.bound(Fraction(truth), 3 * EPS) == bound
    assert terms.given is ((terms.max_ulp, terms.rtol, terms.atol) != (None, None, None))


def test_terms_that_are_refused():
    for name in ("max_ulp", "rtol", "atol", "scale"):
        for size in (-1.0, math.inf, float("inf"), math.nan):
            with pytest.raises(ValueError, match=f"{name} is a size, not"):
                Terms(**{name: size})
        assert getattr(Terms(**{name: 0.0}), name) == 0.0
    for beside in ({"rtol": 1e-3}, {"atol": 1e-3}):
        with pytest.raises(ValueError, match="two bounds for one number"):
            Terms(max_ulp=1.0, **beside)
    with pytest.raises(ValueError, match="kink is one of 'skip', 'interval', 'fail', not 'left'"):
        Terms(kink="left")
    assert Terms().kink == "skip"


NOT_FINITE = [  # got, truth, doubt -> verdict: an infinity is right beyond the doubles
    (math.inf, 10**400, 0, PASS), (-math.inf, -(10**400), 0, PASS), (math.inf, -(10**400), 0, FAIL),
    (math.inf, 1, 0, FAIL), (math.nan, 1, 0, FAIL), (math.nan, 10**400, 0, FAIL),
    (math.nan, 0, 0, FAIL), (math.inf, 10**400, 10**390, PASS), (math.nan, 1, 10, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("got", "truth", "doubt", "verdict"), NOT_FINITE)
def test_numbers_that_are_not_finite(got, truth, doubt, verdict):
    assert judged("x", got, known(truth, doubt), 1e300, Terms()).verdict is verdict


ANYTHING = [(0, 0, PASS), (4, 0, PASS), (5, 0, INCONCLUSIVE), (3, 1, PASS), (3, 2, INCONCLUSIVE),
            (2, 4, INCONCLUSIVE)]  # fmt: skip


@pytest.mark.parametrize(("off", "doubt", "verdict"), ANYTHING)
def test_where_roundings_may_do_anything_only_a_number_that_is_right_passes(off, doubt, verdict):
    found = judged("x", 1 + off * EPS, known(1, doubt * EPS), math.inf, Terms())
    assert found.verdict is verdict
    assert ("roundings alone" in found.note) is (verdict is INCONCLUSIVE)


def test_fractions_are_measured_exactly():
    third = Fraction(1, 3)
    assert judged("x", third, known(third), 0.0, Terms()).verdict is PASS
    off = judged("x", third + Fraction(1, 2**80), known(third), 0.0, Terms())
    assert (off.verdict, off.ulps) == (FAIL, 2.0**-26), "a unit of 1/3 is 2**-54"


def test_zero_where_the_truth_is_zero():
    found = judged("x", 0.0, known(0), 0.0, Terms())
    assert (found.verdict, found.ulps, found.oracle_error) == (PASS, 0.0, 0.0)
    assert (found.got, found.expected, found.allowed) == (0.0, 0.0, 64.0)
    assert judged("x", 5e-324, known(0), 0.0, Terms()).verdict is FAIL
    assert judged("x", 0.0, known(5e-324), 0.0, Terms()).verdict is FAIL
    assert judged("x", 0.0, known(0, 1), 0.0, Terms()).verdict is INCONCLUSIVE


SEEN = [  # doubt, size -> what is said, for a truth of 1; None is undecided
    (1e-9, 1.0, "agrees to the 9 digits that"),
    (9e-10, 1.0, "agrees to the 9 digits that"),
    (1e-3, 1.0, "agrees to the 3 digits that"),
    (1.13e-3, 1.0, "agrees to the 2 digits that"),
    (1.15e-3, 1.0, None),
    (1.15e-3, 1e3, "agrees to the 5 digits of 1e+03 that"),
    (0.5, 1.0, None), (1.0, 1.0, None), (2.0, 1.0, None), (2.0, 1e6, "5 digits of 1e+06 that"),
    (2.0, math.inf, None), (2.0, float("inf"), None),
]  # fmt: skip


def test_how_many_digits_are_seen_at_the_ends():
    by_half = judged("x", 1.0, known(1, 0.01, 1.0), EPS, Terms(form=SINGLE))
    assert "agrees to the 2 digits that" in by_half.note
    least = judged("x", 1e300, known(1e300, 5e-324, 1.0), 0.0, Terms())
    assert "agrees to the 300 digits that" in least.note


@pytest.mark.parametrize(("doubt", "size", "said"), SEEN)
def test_a_number_passes_as_far_as_an_oracle_sees(doubt, size, said):
    found = judged("x", 1.0, known(1, doubt, size), EPS, Terms())
    assert found.verdict is (PASS if said else INCONCLUSIVE)
    assert (said or SEES_NOTHING) in found.note
    if said:
        assert found.allowed == pytest.approx(1 + doubt / EPS, rel=1e-12)
        assert "differences can see" in found.note
    by_a_bound = judged("x", 1.0, known(1, doubt, size), EPS, Terms(rtol=1e-12))
    assert by_a_bound.verdict is INCONCLUSIVE, "the oracle sees less than was asked for"
    assert by_a_bound.note == SEES_NOTHING
    assert judged("x", 1.0, known(1, doubt), EPS, Terms()).verdict is INCONCLUSIVE


def test_half_precision_has_a_digit_to_be_seen():
    found = judged("x", 1.0, known(1, 0.1, 1.0), 0.0, Terms(form=HALF))
    assert found.verdict is PASS
    assert found.note == "agrees within the 0.1 that differences can see"
    for doubt in (0.3, 1.0, 2.0):
        unseen = judged("x", 1.0, known(1, doubt, 1.0), 0.0, Terms(form=HALF))
        assert unseen.verdict is INCONCLUSIVE


@pytest.mark.parametrize("truth", [2.0**-30, 1.0, 2.0**30])
def test_errors_count_in_units_of_the_truth(truth):
    found = judged("x", truth * (1 + EPS), known(truth, truth * EPS), 0.0, Terms())
    assert (found.ulps, found.oracle_error, found.allowed) == (1.0, 1.0, 0.0)
    wide = judged("x", truth * (1 + EPS), known(truth), 0.0, Terms(scale=2.0**40))
    assert (wide.ulps, wide.allowed) == (truth / 2.0**40, 64.0)


def test_a_scale_that_was_given_is_the_size_of_derivatives():
    slope = known(2.0**-30, 2.0**-20, 2.0**-30)
    assert judged("x", 2.0**-30, slope, 0.0, Terms()).verdict is INCONCLUSIVE
    found = judged("x", 2.0**-30, slope, 0.0, Terms(scale=1.0))
    assert (found.verdict, "6 digits of 1 " in found.note) == (PASS, True)


KINK = Slope(None, Estimate(Fraction(-1), Fraction(0)), Estimate(Fraction(1), Fraction(0)))
AT_A_KINK = [  # got, kink -> verdict; 2 units are allowed beyond the ends
    (0.5, "skip", None), (7.0, "skip", None), (0.5, "fail", FAIL), (0.5, "interval", PASS),
    (1.0, "interval", PASS), (-1.0, "interval", PASS), (1 + EPS, "interval", PASS),
    (1 + 2 * EPS, "interval", PASS), (1 + 3 * EPS, "interval", FAIL),
    (-1 - 2 * EPS, "interval", PASS), (-1 - 3 * EPS, "interval", FAIL),
    (math.inf, "interval", FAIL), (math.nan, "interval", FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("got", "kink", "verdict"), AT_A_KINK)
@pytest.mark.parametrize("ends", [(KINK.left, KINK.right), (KINK.right, KINK.left)])
def test_between_one_sided_derivatives(got, kink, verdict, ends):
    found = judged("x", got, Slope(None, *ends), 2 * EPS, Terms(kink=kink))
    assert found.verdict is verdict
    assert found.note == "a kink: between -1.0 and 1.0"
    assert found.where == "x"
    beyond = kink == "interval" and 1 < abs(got) < math.inf
    assert math.isnan(found.expected) is not beyond, "only outside there is a nearest truth"


@pytest.mark.parametrize(
    ("kink", "verdict"), [("skip", None), ("interval", INCONCLUSIVE), ("fail", FAIL)]
)
@pytest.mark.parametrize("ends", [(None, None), (None, KINK.right), (KINK.left, None)])
def test_without_a_derivative_on_both_sides(kink, verdict, ends):
    found = judged("x", 3.0, Slope(None, *ends), 1.0, Terms(kink=kink))
    assert (found.verdict, found.note) == (verdict, "no finite derivative here")


FAILED = Finding("x", FAIL, 1.0, 2.0)


def test_a_failure_behind_a_kink_is_a_convention():
    assert at_conventions(FAILED, "relu", "skip").verdict is None
    assert at_conventions(FAILED, "relu", "interval").verdict is INCONCLUSIVE
    assert at_conventions(FAILED, "relu", "fail") is FAILED
    assert at_conventions(FAILED, None, "skip") is FAILED
    assert "a kink of relu" in at_conventions(FAILED, "relu", "skip").note
    passed, lost = Finding("x", PASS, 1.0, 1.0), Finding("x", FAIL, math.nan, 1.0)
    assert at_conventions(passed, "relu", "interval") is passed
    assert at_conventions(lost, "relu", "skip") is lost, "no convention says nan"


def test_another_branch_is_left_out():
    found = on_another_branch(FAILED)
    assert (found.where, found.verdict, found.got) == ("x", None, 1.0)
    assert "another branch" in found.note
    assert math.isnan(found.expected)


def seen_by_floats(finding, natural=Fraction(0), root=None):
    leaf = Value(1.0) * 1.0
    return within_floats(finding, root or leaf, root or leaf, lambda: natural)


def test_a_gradient_that_keeps_no_digit_decides_nothing():
    lost = Finding("x", PASS, 3.0, 1.0, 1e15, 1e16, 0.0)
    assert seen_by_floats(lost).verdict is INCONCLUSIVE
    assert seen_by_floats(lost).note == "roundings on the way leave no digit of it"
    assert seen_by_floats(Finding("x", INCONCLUSIVE, 3.0, 1.0)).verdict is INCONCLUSIVE
    noted = Finding("x", INCONCLUSIVE, 3.0, 1.0, note="so it is")
    assert seen_by_floats(noted).note == "so it is"
    assert seen_by_floats(lost, natural=Fraction(2, 64)) is lost, "64 of these explain it"
    assert seen_by_floats(lost, natural=Fraction(3, 64)) is lost
    assert seen_by_floats(lost, natural=Fraction(2, 65)).verdict is INCONCLUSIVE
    for kept in (Finding("x", FAIL, 3.0, 1.0), Finding("x", None, 3.0, 1.0)):
        assert seen_by_floats(kept) is kept
    near = Finding("x", PASS, 1.0 + 2.0**-20, 1.0)
    assert seen_by_floats(near) is near


@pytest.mark.parametrize("expected", [2.0**30, -(2.0**30), 2.0**-30, 1.0])
def test_a_digit_is_left_where_the_error_is_small_beside_the_truth(expected):
    at_most = Finding("x", PASS, expected * (1 + USEFUL), expected)
    assert seen_by_floats(at_most) is at_most
    beyond = Finding("x", PASS, expected * (1 + 1.01 * USEFUL), expected)
    assert seen_by_floats(beyond).verdict is INCONCLUSIVE


def test_terms_that_cancel_are_named():
    x = Value(1.0)
    root = rules.add(x * 1e16, -1e16)
    lost = Finding("x", PASS, 3.0, 1.0, 1e15, 1e16, 0.0)
    found = within_floats(lost, root, root, lambda: Fraction(0))
    assert found.note == "terms of 1e+16 cancel to 1: floats keep no digit of it"


def test_a_gradient_that_leaves_the_doubles_decides_nothing():
    x = Value(1e200)
    root = x * x
    lost = Finding("x", FAIL, math.inf, 1.0)
    found = within_floats(lost, root, root, lambda: Fraction(0))
    assert found.verdict is INCONCLUSIVE
    assert "leaves the doubles" in found.note
    finite = Finding("x", FAIL, 3.0, 1.0)
    assert within_floats(finite, root, root, lambda: Fraction(0)) is finite
    wrong = Value(1.0) * 1.0
    assert within_floats(lost, wrong, wrong, lambda: Fraction(0)) is lost
