"""The page of functions is what the table says; its figures hold at other points as well."""

import importlib.util
import re
from pathlib import Path

import pytest

from autograd import rules

REFERENCE = Path(__file__).parents[2] / "notebooks" / "reference"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("functions", REFERENCE / "functions.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["functions"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["functions"]


def test_the_page_is_made_from_the_table(script):
    """If this fails: python notebooks/reference/functions.py --keep."""
    figures, points, system = script.read()
    assert script.PAGE.read_text(encoding="utf-8") == script.page(figures, points, system)
    assert set(figures) == {row.name for row in script.rows()}


def test_the_page_states_a_full_measurement(script):
    _, points, _ = script.read()
    assert points >= 20_000


@pytest.mark.parametrize("name", [*rules.PUBLIC, "dot"])
def test_the_promise_stands_on_the_page(script, name):
    """No first partial is off by more than 4 ULP."""
    figures, _, _ = script.read()
    assert all(float(x) <= 4 for x in re.findall(r"[\d.]+", figures[name].partials))


def test_a_few_points_measured_afresh_keep_the_promise(script):
    for name in ("tanh", "power", "silu", "cbrt", "normal_cdf", "logaddexp"):
        found = script.measure(name, 60)
        assert all(float(x) <= 4 for x in found.partials.split(", "))


def test_the_plot_names_its_functions(script):
    text = script.PLOT.read_text(encoding="utf-8")
    assert all(f"derivative of {name}" in text for name, *_ in script.NAIVE)
    assert len(text) < 400_000
