"""Products with a cotangent, and with random directions: that they are linear, and how exactly."""

import math
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from autograd.testing import Verdict, check_gradients, check_numpy, check_vjp
from autograd.testing.directional import _Along
from autograd.testing.subject import Subject
from autograd.testing.vjps import _weights

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
U = 2.0**-52


def square(x):
    return x * x


UNLINEAR = {  # right for a cotangent of 1, and of 0
    "it is ignored": lambda c: 1.0 if c else 0.0, "squared": lambda c: c * c, "its size": abs,
    "its sign": lambda c: math.copysign(1.0, c) if c else 0.0, "cubed": lambda c: c**3,
}  # fmt: skip


@pytest.mark.parametrize("name", UNLINEAR)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_product_has_to_be_linear(name, count):
    """Also where there is one result, whose cotangent is one number."""
    of = UNLINEAR[name]
    f = lambda x: [square(x) for _ in range(count)] if count > 1 else square(x)  # noqa: E731
    right = lambda c, x: 2 * x * (sum(c) if count > 1 else c)  # noqa: E731
    assert check_vjp(f, right, (3.0,))
    wrong = lambda c, x: 2 * x * (sum(map(of, c)) if count > 1 else of(c))  # noqa: E731
    report = check_vjp(f, wrong, (3.0,))
    assert [x.verdict for x in report.findings] == [PASS] * count + [FAIL]
    assert report.worst.where == "linearity, by args[0]"


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_another_product_each_time_is_said_to_be(count):
    """As of dropout; not of a wrong one, nor of one that is nan each time."""
    f = lambda x: [square(x) for _ in range(count)]  # noqa: E731
    right = lambda c, x: 2 * x * sum(c)  # noqa: E731
    drawn = random.Random(0)
    by_chance = lambda c, x: right(c, x) * drawn.random()  # noqa: E731
    calls = []
    turns = lambda c, x: (math.nan, right(c, x))[len(calls) % 2]  # noqa: E731
    at_times_nan = lambda c, x: calls.append(c) or turns(c, x)  # noqa: E731
    turned = lambda c, x: calls.append(c) or turns(c, x)  # noqa: E731
    for product in (by_chance, at_times_nan, turned):
        calls[:] = [0.0] * (product is turned)  # nan comes first, or second
        report = check_vjp(f, product, (3.0,))
        failed = [x for x in report.findings if x.verdict is FAIL]
        assert failed
        assert all("seed what is random, or switch it off" in x.note for x in failed)
        assert not any(x.note for x in report.findings if x.verdict is PASS)
    uneven = lambda c, x: 2 * x * sum(w * (k + 2) for k, w in enumerate(c))  # noqa: E731
    for product in (right, lambda c, x: 2 * right(c, x), lambda c, x: math.nan, uneven):
        assert "random" not in str(check_vjp(f, product, (3.0,)))


@pytest.mark.parametrize("count", [1, 2, 9, 20])
def test_the_cotangent_of_many_results_is_of_small_whole_numbers(count):
    """Both signs beside each other, none of them 0 or 1, and no 7 in a row alike."""
    weights = _weights(count)
    assert len(weights) == count
    assert {abs(w) for w in weights} <= {2, 3, 4, 5, 6, 7, 8}
    assert all(type(w) is float for w in weights)
    assert all(a * b < 0 for a, b in pairwise(weights))
    assert len({abs(w) for w in weights[:7]}) == min(count, 7)


def both(x, y):
    return [x + y, x - y]


LINEAR = [(0, PASS), (8, PASS), (9, FAIL), (-8, PASS), (-9, FAIL)]  # units off, of 2 products


@pytest.mark.parametrize(("off", "verdict"), LINEAR)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("size", [1.0, 2.0**-200])
def test_each_result_may_cost_4_units_of_the_largest_sum(off, verdict, place, size):
    """The cotangent is (-2, 3): by x it is 1, by y it is -5; the terms add up to 5 in size."""

    def vjp(c, x, y):
        found = [size * (c[0] + c[1]), size * (c[0] - c[1])]
        if abs(c[0]) > 1:
            found[place] += off * 4 * U * size
        return found

    report = check_vjp(lambda x, y: [size * z for z in both(x, y)], vjp, (2.0, 3.0))
    assert len(report.findings) == 6
    assert [x.verdict for x in report.findings[:4]] == [PASS] * 4
    found = report.findings[4 + place]
    assert (found.where, found.verdict) == (f"linearity, by args[{place}]", verdict)
    assert (found.ulps, found.allowed, found.oracle_error) == (abs(off), 8.0, 0.0)
    assert found.expected == (1.0, -5.0)[place] * size
    assert found.got == found.expected + off * 4 * U * size
    assert report.findings[5 - place].ulps == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_column_that_is_no_number_does_not_hide_another_that_is_not_linear(bad):
    vjp = lambda c, x, y: [bad, abs(c[0]) - c[1]]  # noqa: E731
    report = check_vjp(both, vjp, (2.0, 3.0))
    linear = [x for x in report.findings if x.where.startswith("linearity")]
    assert [(x.where, x.verdict) for x in linear] == [("linearity, by args[1]", FAIL)]
    one = lambda c, x, y: [bad if c[0] == 1 else c[0] + c[1], c[0] - c[1]]  # noqa: E731
    assert [x.where for x in check_vjp(both, one, (2.0, 3.0)).findings[4:]] == [
        "linearity, by args[1]"
    ]


def test_cotangents_are_of_the_kind_of_the_arguments():
    kinds = set()

    def vjp(c, x, y):
        kinds.update(map(type, c))
        return [c[0] + c[1], c[0] - c[1]]

    assert check_vjp(both, vjp, (Fraction(2), Fraction(3)))
    assert kinds == {Fraction}
    kinds.clear()
    for args in ((2.0, 3.0), (Fraction(2), 3.0)):
        assert check_vjp(both, vjp, args)
        assert kinds == {float}


def test_a_function_without_results_has_nothing_to_be_held():
    report = check_vjp(lambda x: [], lambda c, x: 0.0, (2.0,))
    assert (report.findings, report.oracle) == ((), "nothing")
    with pytest.raises(ValueError, match=r"oracle is one of 'auto', .*, not 'none'"):
        check_vjp(square, lambda c, x: c, (2.0,), oracle="none")


# -- along random directions --------------------------------------------------------------------


def along(got, x=(1.0,), f=lambda *xs: sum(xs[1:], xs[0]), **how):
    """The report about a gradient of a sum, along directions."""
    how = {"directions": 3, **how}
    return check_gradients(f, x, grad=lambda *_: got, **how)


@pytest.mark.parametrize(("off", "verdict"), [(31, PASS), (-31, PASS), (66, FAIL), (-66, FAIL)])
def test_a_direction_allows_64_units_of_the_product(off, verdict):
    """A unit of 1 is one to two units of the product, as the direction has it."""
    report = along([1 + off * U])
    assert [x.verdict for x in report.findings] == [verdict] * 3
    assert report.title.endswith("along 3 random directions")
    assert [x.where for x in report.findings] == [f"along direction {n}" for n in range(3)]
    for found in report.findings:
        assert abs(off) - 1 <= found.ulps <= 2 * abs(off) + 1
        assert found.allowed == 64


def test_a_direction_allows_units_of_all_that_is_added_up():
    """1e9 x - 1e9 y: what is left of them may be off as much as both together."""
    f = lambda x, y, z: 1e9 * x - 1e9 * y + z  # noqa: E731
    at = (1.0, 1.0, 1.0)
    assert along([1e9, -1e9 * (1 + 20 * U), 1.0], at, f)
    report = along([1e9, -1e9 * (1 + 300 * U), 1.0], at, f)
    assert all(x.verdict is FAIL for x in report.findings)
    small = along([1e9, -1e9, 1.0 + 1e-9], at, f)
    assert small  # far below a unit of the others
    assert along([1.0, 1.0, 1 + 300 * U], at).verdict is FAIL


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_has_no_product(bad):
    report = along([1.0, bad, 1.0], (1.0, 2.0, 3.0))
    assert report.oracle == "nothing"
    assert [(x.where, x.verdict, x.note) for x in report.findings] == [
        ("args[1]", FAIL, "a gradient that is not finite")
    ]


@pytest.mark.parametrize("count", [True, 0, -1, 1.0, "2"])
def test_directions_are_counted(count):
    with pytest.raises(ValueError, match=f"directions is how many, 1 or more, not {count!r}"):
        along([1.0], directions=count)
    assert len(along([1.0], directions=1).findings) == 1


def test_directions_go_by_a_random_part_of_each_argument():
    subject = Subject(lambda *xs: sum(xs), (1.0, -3.0, 2.0**-40, 0.0))
    ways = _Along(subject, [1.0], 200).ways
    assert len(ways) == 200
    for i, scale in enumerate((1, 2, -39, 0)):
        parts = [math.ldexp(way[i], -scale) for way in ways]
        assert all(0.5 <= abs(x) <= 1 for x in parts)
        for sign in (1, -1):
            assert min(sign * x for x in parts if sign * x > 0) < 0.55
            assert max(sign * x for x in parts) > 0.95
    assert len({tuple(way) for way in ways}) == 200


def along_one(oracle):
    return along([6.0, 1.0], (3.0, 1.0), lambda x, y: x * x + y, directions=1, oracle=oracle)


def test_the_slope_along_a_direction_is_that_of_all_arguments_and_results():
    """Of x y and x - y with the weights 5 and -7, from its closed form; each has its own."""
    x, y = 2.0, -3.0
    along = _Along(Subject(lambda x, y: [x * y, x - y], (x, y), several=True), [5.0, -7.0], 3)
    for oracle in ("mpmath", "finite", "complex", "auto"):
        judge = along.oracle(oracle)
        for n, (a, b) in enumerate(along.ways):
            slope = 5 * (a * y + b * x) - 7 * (a - b)
            assert float(judge.slope(n).derivative.value) == pytest.approx(slope, rel=1e-9)
    for oracle in ("mpmath", "finite", "complex"):  # one direction, also of numbers in a run
        assert along_one(oracle)
    with pytest.raises(ValueError, match="zip"):
        _Along(Subject(lambda x, y: [x, y], (x, y), several=True), [1.0], 1).plain([0.0])


def test_arrays_and_digits_of_the_format_are_kept_along_directions():
    seen = []

    def f(x):
        seen.append((type(x), getattr(x, "dtype", None)))
        if x.dtype != np.float64:
            raise ValueError("Buffer dtype mismatch")
        return float(np.sum(np.exp(x)))

    x = np.array([0.5, -1.0, 2.0])
    assert check_numpy(f, np.exp, x, directions=2)
    assert check_numpy(f, lambda x: np.exp(x) + 1e-4, x, directions=2).verdict is FAIL
    assert (np.ndarray, np.dtype("float64")) in seen
    single = Subject(square, (0.5,), dtype="float32")
    assert _Along(single, [1.0], 1).form.name == "float32"


def test_what_is_absorbed_shows_along_directions_too():
    """(1e110 x + x*x) - 1e110 x: roundings are watched on the way."""
    f = lambda x, y: (1e110 * x + x * x) - 1e110 * x + y  # noqa: E731
    assert along([6.0, 1.0], (3.0, 1.0), f)
    assert along([0.0, 1.0], (3.0, 1.0), f).verdict is FAIL
    for got in ([6.0, 1.0], [0.0, 1.0]):
        assert along(got, (3.0, 1.0), f, oracle="finite").verdict is INCONCLUSIVE
        assert along(got, (3.0, 1.0), f, oracle="complex").verdict is INCONCLUSIVE
