"""The page of functions is what the table says; its figures hold at other points as well."""

import importlib.util
import math
import random
import re
import sys
from pathlib import Path

import pytest
from jets import FORMULAS, derivatives
from mpmath import mp, mpf
from oracles import TRUTH, exact, ulps

from autograd.functions import rules
from autograd.functions.calls import Primitive

REFERENCE = Path(__file__).parents[2] / "notebooks" / "reference"
PUBLIC = [*rules.PUBLIC, "dot"]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("functions", REFERENCE / "functions.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["functions"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["functions"]


@pytest.fixture(scope="module")
def accuracy(script):
    return sys.modules[script.measure.__module__]


def numbers_in(text):
    return [float(x) for x in re.findall(r"[\d.]+(?:e\+\d+)?|inf", text)]


def test_the_page_is_made_from_the_table(script):
    """If this fails: python notebooks/reference/functions.py --keep."""
    figures, points, system = script.read()
    assert script.PAGE.read_text(encoding="utf-8") == script.page(figures, points, system)
    assert set(figures) == {row.name for row in script.rows()}


def test_the_page_states_a_full_measurement(script):
    _, points, _ = script.read()
    assert points >= 20_000


@pytest.mark.parametrize("name", PUBLIC)
def test_the_promise_stands_on_the_page(script, name):
    """No first partial is off by more than 4 ULP."""
    figures, _, _ = script.read()
    assert all(x <= 4 for x in numbers_in(figures[name].errors[1]))


@pytest.mark.parametrize("name", PUBLIC)
def test_the_worst_points_on_the_page_have_the_errors_that_it_states(script, accuracy, name):
    """Measured again at the points named, by the sweeps and by `ulps` alone.

    Another Python or C library may round better there, or by less than a unit worse.
    """
    figures, _, system = script.read()
    below, above = (0.005, 0.005) if system == script._system() else (math.inf, 1.0)
    value, first, _, _ = figures[name].where
    row = rules.TABLE[name]
    if value:
        xs = [float(x) for x in value.split(", ")]
        error = TRUTH[name].value_ulps(row.forward(*xs), *xs)
        assert -below <= error - float(figures[name].errors[0]) <= above
    if first:
        xs = [float(x) for x in first.rpartition(": ")[2].split(", ")]
        found = [accuracy.Worst() for _ in xs]
        accuracy._first(row, TRUTH[name], xs, found)
        stated = numbers_in(figures[name].errors[1])
        worst = max(x.error for x in found)
        assert any(-below <= worst - x <= above for x in stated)


def test_a_few_points_measured_afresh_keep_the_promise(script):
    for name in ("tanh", "power", "silu", "cbrt", "normal_cdf", "logaddexp"):
        assert all(worst.error <= 4 for worst in script.measure(name, 60).first)


@pytest.mark.parametrize(
    ("name", "xs"),
    [
        ("mean", (1e300, 1.0, -1e300, 1e-5)),  # a term that many bits absorb
        ("sum", (1e300, 1.0, -1e300, 1e-5)),
        ("mean", (15.5, -708.25, -2.76193393e-316, 708.25, -15.5)),
        ("arctan2", (1.0, -0.0)),  # mpmath has no -0.0
        ("arctan2", (-1.0, -0.0)),
        ("arctan2", (0.0, -0.0)),
        ("arctan2", (-0.0, -0.0)),
        ("arctan2", (-0.0, 0.0)),
        ("arctan2", (-0.0, -3.0)),
    ],
)
def test_the_truth_of_a_value_is_true(name, xs):
    """Both were once on the page with 1e16 ULP: the floats were right."""
    assert TRUTH[name].value_ulps(rules.TABLE[name].forward(*xs), *xs) <= 1


HIGHER = [  # function, places, operands, the partial by a formula of its own
    ("sin", (0, 0), (1e300,), lambda x: -mp.sin(x)),
    ("sin", (0, 0, 0), (1e300,), lambda x: -mp.cos(x)),
    ("sin", (0, 0), (5e-324,), lambda x: -mp.sin(x)),
    ("tanh", (0, 0, 0), (1e-300,), lambda x: (4 * mp.sinh(x) ** 2 - 2) / mp.cosh(x) ** 4),
    ("log", (0, 0, 0), (1e-300,), lambda x: 2 / x**3),
    ("log", (0, 0, 0), (1e300,), lambda x: 2 / x**3),
    ("arcsin", (0, 0), (1 - 2**-53,), lambda x: x / (1 - x * x) ** mpf(1.5)),
    ("divide", (0, 1, 1), (1e200, 1e-200), lambda x, y: 2 / y**3),
    ("divide", (1, 1, 1), (1e-200, 1e200), lambda x, y: -6 * x / y**4),
    ("power", (0, 0), (1e-300, 2.5), lambda x, y: y * (y - 1) * x ** (y - 2)),
    ("power", (0, 1), (0.3, 2.5), lambda x, y: x ** (y - 1) * (1 + y * mp.log(x))),
    ("power", (1, 1, 1), (7.0, -3.0), lambda x, y: x**y * mp.log(x) ** 3),
    ("hypot", (0, 0), (1e-200, 1e-300), lambda x, y: y * y / mp.hypot(x, y) ** 3),
    ("arctan2", (0, 1), (1e-300, 2.0), lambda y, x: (y * y - x * x) / (x * x + y * y) ** 2),
    ("logaddexp", (0, 0), (0.0, 40.0), lambda x, y: mp.exp(x + y) / (mp.exp(x) + mp.exp(y)) ** 2),
    ("logsumexp", (0, 1, 1), (0.0, 1.0), lambda x, y: (
        mp.exp(x + y) * (mp.exp(y) - mp.exp(x)) / (mp.exp(x) + mp.exp(y)) ** 3)),
    ("digamma", (0, 0, 0), (-2.3,), lambda x: mp.psi(3, x)),
    ("lgamma", (0, 0), (-0.7,), lambda x: mp.psi(1, x)),
    ("gamma", (0, 0), (-0.7,), lambda x: mp.gamma(x) * (mp.psi(0, x) ** 2 + mp.psi(1, x))),
    ("dot", (0, 2), (2.0, 3.0, 5.0, 7.0, 1.0), lambda *xs: mpf(1)),
    ("dot", (0, 3), (2.0, 3.0, 5.0, 7.0, 1.0), lambda *xs: mpf(0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "places", "xs", "formula"), HIGHER)
def test_the_truth_of_a_higher_partial_is_that_of_its_formula(name, places, xs, formula):
    order = tuple(map(places.count, range(len(xs))))
    got, truth = derivatives(FORMULAS[name], *xs)[order], exact(formula, *xs)
    assert abs(got - truth) <= abs(truth) * mpf(2) ** -58


def test_the_unit_of_a_higher_partial(accuracy):
    """The larger of itself and the lower ones, each by max(1, abs(x)) for the operands it lacks."""
    truths = {(1, 0): mpf(3), (0, 1): mpf(5), (2, 0): mpf(7), (1, 1): mpf(-11)}
    assert accuracy.unit_of((2, 0), [0.5, 1.0], truths) == 3
    assert accuracy.unit_of((2, 0), [10.0, 1.0], truths) == mpf(3) / 10
    assert accuracy.unit_of((1, 1), [10.0, 2.0], truths) == mpf(3) / 2
    assert accuracy.unit_of((2, 1), [10.0, 0.1], truths) == mpf(7)
    assert accuracy.unit_of((2, 1), [0.1, 0.1], truths) == mpf(11)


def test_points_about_zeros_come(accuracy):
    for name, zero in (("silu", -1.2784645427610738), ("lgamma", 1.4616321449683622), ("log", 1.0)):
        near = list(accuracy.about_zeros(rules.TABLE[name], random.Random(0)))
        assert any(0 < abs(x - zero) <= 1e-13 for x in near)
        assert any(1e-9 < abs(x - zero) <= 1e-6 for x in near)
    assert not list(accuracy.about_zeros(rules.exp, random.Random(0)))


naive = Primitive(
    rules.sech2.forward, lambda x: -2 * (1 - rules.tanh(x) ** 2) * rules.tanh(x), name="naive"
)
RIGHT = (rules.tanh.forward, rules.tanh.partials)
TANHS = {  # which of value, first, second and third are right, at 0.3 and where tanh saturates
    "right": (*RIGHT, [True, True, True, True]),
    "the value": (lambda x: math.tanh(x) * (1 + 1e-14), RIGHT[1], [False, True, True, True]),
    "first": (RIGHT[0], lambda x, out: (1 - out * out,), [True, False, False, False]),
    "second": (RIGHT[0], lambda x, out: (naive(x),), [True, True, False, True]),
}


@pytest.mark.parametrize("kind", TANHS)
def test_what_is_wrong_shows_at_its_order(accuracy, kind):
    forward, partials, right = TANHS[kind]
    found = accuracy.Measured()
    for x in (0.3, 18.0, -18.0):
        accuracy.hold(Primitive(forward, partials, name="tanh"), TRUTH["tanh"], [x], found)
    worst = (found.value, *found.first, found.second, found.third)
    assert [x.error < 8 for x in worst] == right


def test_quick_units_are_those_of_the_oracle(accuracy):
    rng = random.Random(1)
    for _ in range(300):
        truth = mpf(rng.uniform(-1, 1)) * mpf(2) ** rng.randrange(-1080, 1030)
        got = float(truth) * (1 + rng.choice((0, 1e-16, 1e-10)))
        size = abs(truth) * rng.choice((0.1, 1, 1000))
        a, b = accuracy.units(got, truth, size), ulps(got, truth, size)
        assert a == pytest.approx(b, rel=1e-9, abs=1e-9)


def test_the_plot_names_its_functions(script):
    text = script.PLOT.read_text(encoding="utf-8")
    assert all(f"derivative of {name}" in text for name, *_ in script.NAIVE)
    assert len(text) < 400_000
