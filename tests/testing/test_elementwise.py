"""Functions of arrays at thousands of points: what is found, what is not, and how it is said."""

import json
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import strategies as st

import autograd as ag
from autograd.testing import Severity, Table, Verdict, check_elementwise, check_gradients
from autograd.testing.elementwise import _another_function, _confirmed, _numbers, _Report
from autograd.testing.naming import name_of
from autograd.testing.points import hard_points, random_points
from autograd.testing.pointwise import DERIVATIVE, VALUE, Judge
from autograd.testing.quotients import Quotients, Truth
from autograd.testing.references import Reference
from autograd.testing.table import TableError


def tanh_slope(x):
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def log1p_exp(x):
    return mp.log1p(mp.exp(x))


RIGHT = {
    "tanh": (np.tanh, tanh_slope, mp.tanh, {}),
    "exp, by NumPy's": (np.exp, np.exp, np.exp, {}),
    "sin": (np.sin, np.cos, mp.sin, {}),
    "log": (np.log, lambda x: 1 / x, mp.log, {"domain": (0.0, math.inf)}),
    "log, half of it undefined": (np.log, lambda x: 1 / x, mp.log, {}),
    "abs": (np.abs, np.sign, abs, {}),
    "sinh, of terms that cancel": (
        np.sinh, np.cosh, lambda x: (mp.exp(x) - mp.exp(-x)) / 2, {}),
    "floor": (np.floor, np.zeros_like, mp.floor, {}),
    "ours": (ag.softplus, None, log1p_exp, {}),
    "relu": (ag.relu, None, lambda x: np.maximum(x, 0), {}),
    "float32": (np.exp, np.exp, mp.exp, {"dtype": "float32"}),
    "float16": (np.square, lambda x: 2 * x, lambda x: x * x, {"dtype": "float16"}),
    "numbers": (math.atan, lambda x: 1 / (1 + x * x), mp.atan, {"domain": (-1e100, 1e100)}),
    "a strategy": (np.sin, np.cos, mp.sin, {"points": st.floats(-9, 9)}),
    "points": (np.sin, np.cos, mp.sin, {"points": np.array([[1.0, 2.0], [-0.0, 1e300]])}),
}  # fmt: skip


@pytest.mark.parametrize("kind", RIGHT)
def test_right_derivatives_pass(kind):
    f, df, truth, how = RIGHT[kind]
    report = check_elementwise(f, df, truth, **{"points": 400, **how})
    assert report, report


WRONG = {  # what is planted, the worst severity, and where it has to be found
    "no digit where tanh saturates": (
        np.tanh, lambda x: 1 - np.tanh(x) ** 2, mp.tanh, Severity.FEW_DIGITS),
    "softplus, bad at 21": (
        ag.softplus, lambda x: ag.sigmoid(x) * (1 + 1e-9 * (np.abs(x - 21) < 1)), log1p_exp,
        Severity.FEW_DIGITS),
    "sinc near 0": (
        np.sinc, lambda x: (np.cos(np.pi * x) - np.sinc(x)) / x, mp.sincpi, Severity.WRONG),
    "the sign": (np.sin, lambda x: -np.cos(x), mp.sin, Severity.WRONG),
    "nan": (
        np.sin, lambda x: np.where(np.abs(x) > 1e200, np.nan, np.cos(x)), mp.sin, Severity.WRONG),
    "outside of a kink": (np.abs, lambda x: np.sign(x) + 2 * (x == 0), abs, Severity.WRONG),
    "the value": (lambda x: np.exp(x) * (1 + 1e-9 * (x > 50)), np.exp, mp.exp, Severity.FEW_DIGITS),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_planted_faults_are_found(kind):
    f, df, truth, severity = WRONG[kind]
    report = check_elementwise(f, df, truth, points=400)
    assert report.verdict is Verdict.FAIL
    assert report.severity is severity, report
    assert len(str(report).splitlines()) <= 7


def test_vanishing_derivatives_are_told_from_wrong_ones():
    report = check_elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2, mp.tanh, points=[5.0, 20.0])
    assert {k: len(v) for k, v in report.of_each_severity().items()} == {
        Severity.FEW_DIGITS: 1,
        Severity.VANISHING: 1,
    }
    stricter = check_elementwise(
        np.tanh, lambda x: 1 - np.tanh(x) ** 2, mp.tanh, points=[20.0], negligible=0.0
    )
    assert stricter.severity is Severity.WRONG


def test_a_documented_clamp_fails_nothing():
    linear = lambda x: np.where(x > 20, 1.0, ag.sigmoid(x))  # noqa: E731
    how = {"points": [1.0, 21.0], "values": False}
    assert not check_elementwise(ag.softplus, linear, log1p_exp, **how)
    said = {(20.0, math.inf): "linear above threshold=20"}
    report = check_elementwise(ag.softplus, linear, log1p_exp, clamps=said, **how)
    assert report
    assert report.severity is Severity.CLAMP
    assert "linear above threshold=20" in str(report)


def test_another_function_as_reference():
    report = check_elementwise(np.sin, np.cos, mp.tanh, points=200)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "the reference is another function" in str(report)


FOUR_POINTS = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(("wrong", "verdict"), [
    (0, Verdict.PASS), (1, Verdict.FAIL), (2, Verdict.FAIL), (3, Verdict.INCONCLUSIVE),
    (4, Verdict.INCONCLUSIVE),
])  # fmt: skip
@pytest.mark.parametrize("slopes", [0, 4])
def test_most_values_are_those_of_another_function(wrong, verdict, slopes):
    """More than half of them; derivatives do not count, and then are not judged."""
    f = lambda x: np.sin(x) * (1 + (x <= wrong))  # noqa: E731
    df = lambda x: np.cos(x) * (1 + (x <= slopes))  # noqa: E731
    report = check_elementwise(f, df, mp.sin, points=FOUR_POINTS)
    if verdict is Verdict.INCONCLUSIVE:
        assert report.verdict is verdict
        assert [x.where for x in report.findings] == [f"value at {x}" for x in FOUR_POINTS[:wrong]]
    else:
        assert report.verdict is (Verdict.FAIL if slopes else verdict)
        assert len(report.findings) == 8
    assert check_elementwise(f, np.cos, mp.sin, points=FOUR_POINTS, values=False)


def test_results_may_be_of_any_type_that_loses_nothing():
    """Whole numbers, truth values, and more digits than the points have."""
    one, single = (lambda x: x * 0 + 1), FOUR_POINTS.astype("float32")
    for f in (lambda x: x > 0, lambda x: (x > 0).astype("i4"), lambda x: (x > 0).astype("f4")):
        if f(FOUR_POINTS).dtype.kind != "f":
            assert check_elementwise(f, np.zeros_like, one, points=FOUR_POINTS)
        assert check_elementwise(f, np.zeros_like, one, points=single)
    doubles = lambda g: lambda x: g(x.astype(float))  # noqa: E731
    assert check_elementwise(doubles(np.sin), doubles(np.cos), mp.sin, points=single)
    for shape in (lambda x: x[:3], lambda x: np.r_[x, x], lambda x: x[:, None]):
        with pytest.raises(ValueError, match="check_elementwise needs one number for each point"):
            check_elementwise(shape, np.cos, mp.sin, points=FOUR_POINTS)


def test_the_library_is_asked_about_the_worst_failure_alone():
    """And not where nothing fails."""

    def sine(x):
        return np.sin(x)

    asked = []
    sine.own_check = lambda x: asked.append(x) or "the library's own check passes this"
    df = lambda x: np.cos(x) * (1 + 1e-9 * (x > 1) + 1e-6 * (x == 3))  # noqa: E731
    report = check_elementwise(sine, df, mp.sin, points=FOUR_POINTS)
    assert asked == [3.0]
    noted = [x for x in report.findings if x.note]
    assert [(x.where, x.note) for x in noted] == [
        ("derivative at 3.0", "the library's own check passes this")
    ]
    assert noted[0] == report.worst
    assert check_elementwise(sine, np.cos, mp.sin, points=FOUR_POINTS)
    assert asked == [3.0]


def test_tolerances_are_what_they_say():
    off = lambda x: np.cos(x) * (1 + 1e-9)  # noqa: E731
    how = {"points": [1.0]}
    assert not check_elementwise(np.sin, off, mp.sin, **how)
    assert check_elementwise(np.sin, off, mp.sin, rtol=2e-9, **how)
    assert check_elementwise(np.sin, off, mp.sin, atol=2e-9, **how)
    assert not check_elementwise(np.sin, off, mp.sin, rtol=5e-10, **how)


def test_nothing_is_rounded_in_silence():
    with pytest.raises(TypeError, match="is float32 at points of float64"):
        check_elementwise(lambda x: np.sin(x.astype("f4")), np.cos, mp.sin)
    with pytest.raises(ValueError, match="none of float32"):
        check_elementwise(np.sin, np.cos, mp.sin, points=np.array([0.1]), dtype="float32")
    with pytest.raises(ValueError, match="shape"):
        check_elementwise(np.sin, lambda _: 1.0, mp.sin)


TRUE = [
    (mp.tanh, 20.0, lambda x: mp.sech(x) ** 2),
    (mp.tanh, 350.0, lambda x: mp.sech(x) ** 2),
    (mp.sin, 1e300, mp.cos),
    (mp.sin, float(mp.pi) * 2**40, mp.cos),  # odd about a point of inflection
    (mp.cos, 1e-300, lambda x: -mp.sin(x)),
    (lambda x: (1 - mp.cos(x)) / x**2, 1e-30, lambda x: -x / 12 + x**3 / 180),
    (mp.log, 5e-324, lambda x: 1 / x),
    (lambda x: x**3, 1e-100, lambda x: 3 * x * x),
    (mp.digamma, -2.9999999999999996, lambda x: mp.psi(1, x)),
    (lambda x: abs(x - 1), 1 + 2.0**-52, lambda x: mp.mpf(1)),
]


@pytest.mark.parametrize("place", range(len(TRUE)))
def test_the_quick_truth_is_true(place):
    f, x, slope = TRUE[place]
    with mp.workprec(3000):
        truth = slope(mp.mpf(x))
    found = Quotients(Reference(f)).at(x)
    assert abs(found.slope - truth) <= abs(truth) * mp.mpf(2) ** -58 + mp.mpf(2) ** -1079


def test_terms_that_are_absorbed_send_all_points_the_slow_way():
    """x*x is lost at 160 bits, the difference settles on 1, and is 2*x + 1."""
    f = lambda x: (1e110 * x + x * x) - 1e110 * x + x  # noqa: E731
    right = check_elementwise(f, lambda x: 2 * x + 1, f, points=[1.0, 2.0, 3.0], values=False)
    assert right, right


QUICK = {1.0: 2.0, 2.0: 1 + 1e-9, 3.0: 5.0, 4.0: 1.0, 5.0: 1 + 1e-6}  # slopes where 1 was got


@pytest.mark.parametrize(
    ("slow", "looked_at", "failed"),
    [
        (QUICK, [3.0, 5.0], [1.0, 2.0, 3.0, 5.0]),  # the worst of each severity stays what it was
        (QUICK | {3.0: 1.0}, [3.0, 5.0, 1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 5.0]),
        (QUICK | {5.0: 1.0, 1.0: 1.0}, [3.0, 5.0, 1.0, 2.0, 3.0, 5.0], [2.0, 3.0]),
        (QUICK | {3.0: None}, [3.0, 5.0], [1.0, 2.0, 3.0, 5.0]),  # the slow way knows nothing
    ],
)
def test_where_the_slow_way_contradicts_what_is_worst_all_failures_are_looked_at(
    slow, looked_at, failed
):
    seen = []

    class Slow:
        bend = staticmethod(lambda _: mp.mpf(0))

        @staticmethod
        def precisely(x):
            seen.append(x)
            return Truth(mp.mpf(1), None if slow[x] is None else mp.mpf(slow[x]))

    judge = Judge(np.dtype(float), None, 0.0, 0.0, None, {})
    quick = [judge.found(DERIVATIVE, x, 1.0, Truth(mp.mpf(1), mp.mpf(y))) for x, y in QUICK.items()]
    found = _confirmed(quick, judge, Slow)
    assert sorted(seen[:2]) + sorted(seen[2:]) == looked_at
    assert [x.x for x in found] == list(QUICK)
    assert [x.x for x in found if x.finding.verdict is Verdict.FAIL] == failed


def test_what_is_worst_is_so_of_values_and_of_derivatives():
    """Both are looked at again, and shown."""
    seen = []

    class Slow:
        bend = staticmethod(lambda _: mp.mpf(0))
        precisely = staticmethod(lambda x: seen.append(x) or Truth(mp.mpf(x), mp.mpf(x)))

    judge = Judge(np.dtype(float), None, 0.0, 0.0, None, {})
    quick = [
        judge.found(kind, x, 1.0, Truth(mp.mpf(x), mp.mpf(x)))
        for kind in (DERIVATIVE, VALUE)
        for x in (2.0, 3.0)
    ]
    assert _confirmed(quick, judge, Slow) == quick
    assert seen == [3.0, 3.0]
    shown = str(_Report("f", tuple(x.finding for x in quick), "mpmath"))
    lines = {line.split(":")[0] for line in shown.splitlines()[1:]}
    assert lines == {"  derivative at 3.0", "  value at 3.0"}


def test_a_report_of_what_passed_shows_the_worst_and_of_kinks_three():
    passed = check_elementwise(np.exp, np.exp, mp.exp, points=np.array([0.5, 1.0, 2.0]))
    assert len(str(passed).splitlines()) == 1 + 1
    kinks = np.linspace(-5, 5, 11)
    saw = check_elementwise(
        lambda x: abs(x - np.rint(x)), np.zeros_like, lambda x: abs(x - mp.nint(x)), points=kinks,
        values=False,
    )  # fmt: skip
    assert [x.verdict for x in saw.findings] == [None] * 11
    assert len(str(saw).splitlines()) == 1 + 3


@pytest.mark.parametrize(("wrong", "another"), [(2, False), (3, False), (4, True), (6, True)])
def test_more_than_half_of_the_values_make_another_function(wrong, another):
    judge = Judge(np.dtype(float), None, 0.0, 0.0, None, {})
    truths = [mp.mpf(1 + (n < wrong)) for n in range(6)]
    values = [judge.found(VALUE, float(n), 1.0, Truth(y, y)) for n, y in enumerate(truths)]
    slopes = [judge.found(DERIVATIVE, float(n), 1.0, Truth(y, y)) for n, y in enumerate(truths)]
    found = _another_function([*slopes, *values])
    assert (found is not None) is another
    assert [x.x for x in found or ()] == [float(n) for n in range(wrong)] * another
    assert {x.finding.verdict for x in found or ()} <= {Verdict.INCONCLUSIVE}


def test_a_function_of_single_numbers_has_no_value_where_it_raises():
    points = np.array([1.0, -1.0, 1e3])
    assert repr(_numbers(math.log, points[:2], "log")) == "[0.0, nan]"
    assert repr(_numbers(math.exp, points[::2], "exp")) == f"[{math.e!r}, nan]"


def test_a_steep_derivative_is_allowed_what_its_argument_rounds():
    """The slow way says how the slope bends, as the quick one does."""
    judge = Judge(np.dtype(float), None, 0.0, 0.0, None, {})
    quotients = Quotients(Reference(lambda x: mp.sin(1e6 * x)))
    x = 1.5707963e-6  # near an end, where the slope is small and bends by 1e12
    got = 1e6 * math.cos(1e6 * x * (1 + 1e-15))
    quick = judge.found(DERIVATIVE, x, got, Truth(mp.mpf(1), mp.mpf(2)))
    assert quick.finding.verdict is Verdict.FAIL
    (found,) = _confirmed([quick], judge, quotients)
    assert found.finding.verdict is Verdict.PASS


def test_hard_points_are_in_the_domain_and_hold_what_is_special():
    points = hard_points((-math.inf, 30.0), special=(2.7,))
    for x in (0.0, 5e-324, 2.7, math.nextafter(2.7, 3), 30.0, math.nextafter(30.0, 0), -745.0):
        assert x in points
    assert points.max() == 30.0
    assert np.signbit(points[points == 0]).tolist() == [True, False]
    assert (random_points(500, (3.0, 3.5)) >= 3).all()
    with pytest.raises(ValueError, match="no number of float16"):
        random_points(5, (1e6, 1e7), dtype="float16")


def test_functions_have_names():
    square = lambda x: x * x  # noqa: E731
    assert name_of(square) == "square"
    assert name_of(mp.digamma) == "digamma"
    assert name_of((lambda x: x, 1)[0]).startswith("the lambda of test_elementwise.py:")


def report_of(factor):
    return check_gradients(ag.exp, (1.0,), grad=lambda x: ag.exp(x) * factor)


def test_known_failures_must_still_fail():
    def table(known, **factors):
        made = Table(known)
        for name, factor in factors.items():
            made.add(name, report_of(factor))
        return made

    table({"f": "issue 3"}, f=1 + 1e-9, g=1).check()
    for message, bad in {
        "g fails": table({}, g=1 + 1e-9),
        "f no longer fails": table({"f": "issue 3"}, f=1),
        "f is worse than known": table({"f": "few digits: issue 3"}, f=2),
        "f is known to fail, but was not checked": table({"f": "issue 3"}, g=1),
    }.items():
        with pytest.raises(TableError, match=message):
            bad.check()


def test_a_table_has_three_forms():
    table = Table({"b": "issue 3"})
    table.add("a", report_of(1))
    table.add("b", report_of(2))
    assert [row["function"] for row in json.loads(table.json())] == ["b", "a"]
    assert json.loads(table.json())[0]["severity"] == "wrong"
    assert table.text().splitlines()[1].split()[:2] == ["b", "wrong"]
    assert table.markdown().splitlines()[2].endswith("| 1 of 1 | known: issue 3 |")
    with pytest.raises(ValueError, match="has a report of 'a' already"):
        table.add("a", report_of(1))


def test_one_failing_argument_of_a_hundred_is_one_line():
    wrong = lambda *xs: [1.0] * 71 + [1 + 1e-9] + [1.0] * 28  # noqa: E731
    report = check_gradients(lambda *xs: sum(xs[1:], xs[0]), (0.5,) * 100, grad=wrong, max_ulp=9)
    lines = str(report).splitlines()
    assert len(lines) == 2
    assert "args[71]: fail, few digits" in lines[1]


# -- PyTorch and JAX, where they are installed --------------------------------------------------


def test_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from autograd.testing import from_torch

    report = check_elementwise(*from_torch(torch.sinc), mp.sincpi, points=[1e-8, 0.5])
    assert report.severity is Severity.WRONG
    assert "torch.autograd.gradcheck passes this" in str(report)
    assert "torch.sinc" in str(report)
    assert check_elementwise(*from_torch(torch.exp), mp.exp, points=200)
    assert check_elementwise(*from_torch(torch.exp), mp.exp, points=200, dtype="float32")


def test_jax():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    from autograd.testing import from_jax

    with jax.enable_x64(True):
        report = check_elementwise(*from_jax(jax.numpy.sinc), mp.sincpi, points=[1e-8, 0.5])
        assert "jax.test_util.check_grads passes this" in str(report)
        assert check_elementwise(*from_jax(jax.numpy.exp), mp.exp, domain=(-700, 700), points=200)
    with jax.enable_x64(False), pytest.raises(TypeError, match="jax_enable_x64"):
        check_elementwise(*from_jax(jax.numpy.sinc), mp.sincpi, points=[0.5])
