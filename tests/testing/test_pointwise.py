"""One value or derivative held against the truth: the documented rule, in Fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd.testing import Severity, Verdict, check_elementwise
from autograd.testing.pointwise import DERIVATIVE, VALUE, Judge
from autograd.testing.quotients import Truth
from autograd.testing.units import FORMATS, exact, ulps, unit

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
U = 2.0**-52  # the unit in the last place of 1
HUGE = mpf(2) ** 1024  # the first number beyond the doubles


def held(got, truth, *, x=1.0, kind=DERIVATIVE, dtype="float64", **how):
    """The finding about a number, under some terms."""
    terms = {"max_ulp": None, "rtol": 0.0, "atol": 0.0, "negligible": None, "clamps": {}} | how
    return Judge(np.dtype(dtype), **terms).found(kind, x, got, truth).finding


def slope(value=1.0, error=0.0, bend=0.0):
    return Truth(mpf(7), mpf(value), mpf(error), mpf(bend))


BOUNDS = [  # units off, the truth, the terms -> the verdict
    (0, slope(), {}, PASS), (64, slope(), {}, PASS), (65, slope(), {}, FAIL),
    (60, slope(error=4 * U), {}, PASS), (60, slope(error=5 * U), {}, INCONCLUSIVE),
    (68, slope(error=4 * U), {}, INCONCLUSIVE), (69, slope(error=4 * U), {}, FAIL),
    (128, slope(bend=2), {}, PASS), (129, slope(bend=2), {}, FAIL),
    (128, slope(bend=-2), {}, PASS), (129, slope(bend=-2), {}, FAIL),
    (256, slope(bend=1), {"x": -4.0}, PASS), (257, slope(bend=1), {"x": -4.0}, FAIL),
    (64, slope(bend=1), {"x": 0.25}, PASS), (65, slope(bend=1), {"x": 0.25}, FAIL),
    (3, slope(bend=9), {"max_ulp": 3}, PASS), (4, slope(bend=9), {"max_ulp": 3}, FAIL),
    (66, slope(), {"rtol": 2 * U}, PASS), (67, slope(), {"rtol": 2 * U}, FAIL),
    (66, slope(-1.0), {"rtol": 2 * U}, PASS), (67, slope(-1.0), {"rtol": 2 * U}, FAIL),
    (66, slope(), {"atol": 2 * U}, PASS), (67, slope(), {"atol": 2 * U}, FAIL),
    (7, slope(), {"max_ulp": 3, "rtol": 2 * U, "atol": 2 * U}, PASS),
    (8, slope(), {"max_ulp": 3, "rtol": 2 * U, "atol": 2 * U}, FAIL),
    (64, Truth(mpf(1)), {"kind": VALUE}, PASS), (65, Truth(mpf(1)), {"kind": VALUE}, FAIL),
    (65, Truth(mpf(1)), {"kind": VALUE, "x": 4.0}, FAIL),
    (128, Truth(mpf(1), mpf(-2), mpf(9)), {"kind": VALUE}, PASS),
    (129, Truth(mpf(1), mpf(-2), mpf(9)), {"kind": VALUE}, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("off", "truth", "how", "verdict"), BOUNDS)
def test_what_is_allowed(off, truth, how, verdict):
    size = 1.0 if how.get("kind") == VALUE else float(truth.slope)
    for got in (size + off * U,) if size > 0 else (size - off * U,):
        found = held(got, truth, **how)
        assert found.verdict is verdict
        assert (found.got, found.expected, found.ulps) == (got, size, off)
        error = 0.0 if how.get("kind") == VALUE else float(truth.error)
        assert found.oracle_error == error / U


ODD = st.integers(2**99, 2**100 - 1)  # digits of a truth, more than any format has


@given(
    st.sampled_from(sorted(FORMATS)), ODD, st.integers(-1180, 925), st.sampled_from((1, -1)),
    st.integers(-200, 200), st.integers(0, 100), st.sampled_from((None, 5.5, 300.0)),
)  # fmt: skip
def test_units_are_those_of_the_format(dtype, digits, exponent, sign, off, unsure, max_ulp):
    """Also where numbers are subnormal, and where they are so moderate that floats judge them."""
    form = FORMATS[dtype]
    truth = sign * mp.ldexp(digits, max(exponent, -1180) - 1)
    right = exact(truth)
    one = unit(right, form)
    if abs(right) >= Fraction(2) ** (form.highest - 1) or abs(right) < form.least:
        return
    got = form.rounded(float(right + off * one))
    error = mp.ldexp(unsure, round(math.log2(float(one)))) if one >= Fraction(1, 2**1074) else 0
    found = held(got, slope(truth, error), dtype=dtype, max_ulp=max_ulp)
    units, allowed = ulps(got, right, form=form), 64 if max_ulp is None else max_ulp
    assert found.ulps == pytest.approx(units, rel=1e-6, abs=1e-6)
    assert found.oracle_error == unsure
    assert found.allowed == allowed
    assert found.got == got
    if abs(units + unsure - allowed) > 1e-6 and abs(units - unsure - allowed) > 1e-6:
        passed, told = units + unsure < allowed, units - unsure > allowed
        assert found.verdict is (PASS if passed else FAIL if told else INCONCLUSIVE)
    if found.verdict is not PASS:
        assert found.expected == form.rounded(float(truth))


EXTREME = [  # got, the truth, its error -> the verdict where no unit is allowed
    (math.inf, HUGE, 0, PASS), (math.inf, HUGE * HUGE, 0, PASS), (-math.inf, -HUGE, 0, PASS),
    (math.inf, mp.ldexp(2**54 - 1, 970), 0, PASS),  # rounds to the even one, which is beyond
    (math.inf, mp.ldexp(2**99 - 2**45 - 1, 925), 0, FAIL), (math.inf, -HUGE, 0, FAIL),
    (-math.inf, HUGE, 0, FAIL), (math.inf, HUGE * 4, HUGE, PASS),
    (math.inf, HUGE * 4, HUGE * 4, INCONCLUSIVE), (math.inf, mpf(1), 0, FAIL),
    (math.nan, HUGE, 0, FAIL), (math.nan, mpf(1), HUGE, FAIL), (math.nan, mpf(0), 0, FAIL),
    (0.0, mpf(0), 0, PASS), (5e-324, mpf(0), 0, FAIL), (0.0, HUGE**3, 0, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("got", "truth", "error", "verdict"), EXTREME)
def test_numbers_at_the_ends_of_the_format(got, truth, error, verdict):
    found = held(got, Truth(mpf(0), truth, mpf(error)), max_ulp=0)
    assert found.verdict is verdict
    bent = held(math.nan, Truth(mpf(0), truth, mpf(error), HUGE**3), x=1e300)
    assert bent.verdict is FAIL  # however much is allowed


@pytest.mark.parametrize("truth", [mpf(0), mp.ldexp(1, -1200), -mp.ldexp(1, -1200)])
@pytest.mark.parametrize("dtype", FORMATS)
def test_what_underflows_to_0_is_right(truth, dtype):
    least = float(FORMATS[dtype].least)
    for got, units, verdict in ((0.0, 0, PASS), (-0.0, 0, PASS), (3 * least, 3, PASS),
                                (64 * least, 64, PASS), (66 * least, 66, FAIL)):  # fmt: skip
        found = held(got, Truth(mpf(0), truth, mp.ldexp(1, -1200)), dtype=dtype)
        assert (found.verdict, found.allowed) == (verdict, 64)
        assert (round(found.ulps), round(found.oracle_error)) == (units, 0)


def test_what_small_numbers_are_is_the_unit_of_1_to_the_power_of_three_quarters():
    for dtype, form in FORMATS.items():
        least = 2.0 ** (-0.75 * (form.digits - 1))
        for size, severity in ((0.99, Severity.VANISHING), (1.01, Severity.WRONG)):
            assert held(0.0, slope(size * least), dtype=dtype).severity is severity
    assert held(0.0, slope(0.3), negligible=0.5).severity is Severity.VANISHING
    assert held(0.0, slope(1e-300), negligible=0.0).severity is Severity.WRONG


CLAMPS = {(2.0, 3.0): "said here", (3.0, 4.0): "and there"}


@pytest.mark.parametrize(
    ("x", "said"),
    [(1.9, ""), (2.0, "said here"), (3.0, "said here"), (4.0, "and there"), (4.1, "")],
)
def test_clamps_hold_from_end_to_end(x, said):
    found = held(2.0, slope(), x=x, clamps=CLAMPS)
    assert (found.clamp, found.verdict) == (said, None if said else FAIL)
    assert held(1.0, slope(), x=x, clamps=CLAMPS).clamp == ""


KINK = [  # got -> the verdict between the one-sided derivatives 1 and -2
    (1.0, None), (-2.0, None), (0.5, None), (1 + U, PASS), (1 + 65 * U, FAIL), (1.5, FAIL),
    (-2 - 128 * U, PASS), (-2 - 130 * U, FAIL), (-3.0, FAIL), (math.nan, FAIL), (math.inf, FAIL),
]  # fmt: skip


@pytest.mark.parametrize(("got", "verdict"), KINK)
@pytest.mark.parametrize("turned", [False, True])
def test_at_a_kink_everything_in_between_is_a_convention(got, verdict, turned):
    ends = (mpf(1), mpf(-2)) if turned else (mpf(-2), mpf(1))
    found = held(got, Truth(mpf(0), left=ends[0], right=ends[1]), x=4.0)
    assert found.verdict is verdict
    assert found.note == "a kink: between -2.0 and 1.0"
    if verdict is FAIL:
        assert found.expected == (-2.0 if got < 0 else 1.0)


def test_where_there_is_no_truth_nothing_is_said():
    judge = Judge(np.dtype("float64"), None, 0.0, 0.0, None, {})
    assert judge.found(VALUE, 1.0, 2.0, Truth(None, mpf(1))) is None
    for one_side in (Truth(mpf(0)), Truth(mpf(0), left=mpf(1)), Truth(mpf(0), right=mpf(1))):
        assert judge.found(DERIVATIVE, 1.0, 2.0, one_side) is None
    found = judge.found(DERIVATIVE, 0.1, 1.0, slope())
    assert (found.kind, found.x, found.got) == (DERIVATIVE, 0.1, 1.0)
    assert found.finding.where == "derivative at 0.1"
    single = Judge(np.dtype("float32"), None, 0.0, 0.0, None, {})
    assert single.found(VALUE, float(np.float32(0.1)), 7.0, slope()).finding.where == "value at 0.1"


@pytest.mark.parametrize("name", ["max_ulp", "rtol", "atol"])
@pytest.mark.parametrize("size", [-1.0, math.nan, math.inf])
def test_a_bound_is_a_size(name, size):
    with pytest.raises(ValueError, match=f"{name} is a size, not {size!r}"):
        check_elementwise(np.sin, np.cos, mp.sin, points=[1.0], **{name: size})
