"""The site's page to try expressions on: Python in the browser, and no other host is asked."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / ".docs"))
browser, try_page = (importlib.import_module(name) for name in ("browser", "try_page"))
FIRST_BYTES = 300_000  # of what is shown before Python is there


def answered(text: str, show: str = "explore", **numbers: str) -> dict[str, Any]:
    found: dict[str, Any] = try_page.answer(text, numbers, show)
    return found


# -- what Python answers ------------------------------------------------------------------------
@pytest.mark.parametrize("show", ["explore", "step", "draw"])
def test_an_expression_is_answered_by_its_value_gradients_and_page(show: str) -> None:
    found = answered("tanh(w*x)", show, w="0.5", x="2")
    value, slopes = autograd.value_and_grad(lambda w, x: autograd.tanh(w * x), (0, 1))(0.5, 2.0)
    assert (found["names"], found["value"]) == (["w", "x"], f"= {value}")
    assert [float(x) for x in found["gradients"]] == pytest.approx(slopes, rel=1e-5)
    assert found["page"].lower().startswith("<!doctype html>")


def test_a_function_is_the_last_one_that_is_defined() -> None:
    text = "def square(x):\n    return x * x\n\ndef f(a, b):\n    return square(a) + sin(b)"
    found = answered(text, a="3", b="0")
    assert (found["names"], found["value"]) == (["a", "b"], "= 9.0")
    assert found["gradients"] == ["6", "1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tahn(x)", "there is no function tahn; did you mean tanh?"),
        ("x > 1", "a comparison has no derivative"),
        ("1 + 1", "it gives 2.0, which depends on no variable"),
        ("def f(a): return 1/0", "division by zero"),
        ("import math", "there is no function: write def f(x, y): and what it returns"),
        ("def f(a) return", "expected ':' (<your function>, line 1)"),
    ],
)
def test_an_error_is_one_line(text: str, message: str) -> None:
    assert answered(text)["error"] == message


def test_a_number_that_is_none_is_an_error_beside_the_names() -> None:
    assert answered("x*y", y="z") == {"names": ["x", "y"], "error": "'z' is no number"}


# -- in Chromium --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def site(serve: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    if not browser.PYODIDE.is_dir() and "CI" not in os.environ:
        pytest.skip("Pyodide is missing here: npm ci --prefix tests/pyodide")
    folder = tmp_path_factory.mktemp("site")
    try_page.build(folder / "try")
    return f"{serve(folder)}/try/index.html"


@pytest.fixture
def page(lonely: Any, site: str) -> Any:
    """The page, with every other host out of reach."""
    tab = lonely.new_page()
    tab.asked = lonely.asked
    tab.goto(site)
    return tab


def wait(tab: Any) -> None:
    tab.wait_for_function(
        "document.getElementById('state').textContent.startsWith('Ready')", timeout=120_000
    )


def value_is(tab: Any, beginning: str) -> None:
    tab.wait_for_function(
        "begin => document.getElementById('answer').textContent.startsWith(begin)", arg=beginning
    )


def type_in(tab: Any, text: str) -> None:
    tab.fill("#text", text)


@pytest.mark.slow
def test_the_example_is_there_before_python_and_small(page: Any, site: str) -> None:
    page.frame_locator("#page").locator("[data-node]").first.wait_for()
    folder = [url for url in page.asked if "pyodide" not in url and "zip" not in url]
    sizes = page.evaluate(
        """urls => Promise.all(urls.map(url =>
            fetch(url).then(x => x.arrayBuffer()).then(x => x.byteLength)))""",
        [url for url in folder if url.startswith("http")],
    )
    assert 0 < sum(sizes) <= FIRST_BYTES


@pytest.mark.slow
def test_a_visitor_types_moves_steps_and_sends_the_address(page: Any, site: str) -> None:
    wait(page)
    value_is(page, "= 2.42")
    type_in(page, "x**2 * y")
    value_is(page, "= 4")
    page.fill("#number-x", "3")
    value_is(page, "= 9")
    assert page.locator("#numbers span").all_text_contents() == ["grad 6", "grad 9"]
    type_in(page, "tahn(x)")
    page.wait_for_function("document.getElementById('error').textContent !== ''")
    assert page.inner_text("#error") == "there is no function tahn; did you mean tanh?"
    type_in(page, "x**2 * y")
    page.wait_for_function("document.getElementById('error').textContent === ''")

    page.context.set_offline(True)
    page.get_by_role("tab", name="Step").click()
    next_button = page.frame_locator("#page").get_by_role("button", name="Next")
    next_button.click()
    page.get_by_role("tab", name="Step").press("ArrowRight")
    page.wait_for_function("location.hash.includes('show=draw')")  # it is answered
    page.frame_locator("#page").locator("svg").first.wait_for()
    page.context.set_offline(False)

    address = page.url
    other = page.context.new_page()
    other.goto(address)
    wait(other)
    value_is(other, "= 9")
    assert other.input_value("#text") == "x**2 * y"
    assert other.get_attribute("[data-show=draw]", "aria-selected") == "true"


@pytest.mark.slow
def test_a_function_from_an_address_runs_only_when_it_is_asked_for(page: Any, site: str) -> None:
    page.goto(f"{site}#text=def+f(a)%3A%0A++++return+a*a&at.a=4")
    page.reload()
    page.wait_for_function(
        "document.getElementById('state').textContent.startsWith('A function runs')",
        timeout=120_000,
    )
    assert page.inner_text("#answer") == ""
    page.get_by_role("button", name="Compute").click()
    value_is(page, "= 16")


@pytest.mark.slow
def test_a_function_that_never_ends_is_stopped_and_the_next_one_answered(page: Any) -> None:
    wait(page)
    page.fill("#text", "def f(a):\n    while True: a = a + 1")
    page.get_by_role("button", name="Compute").click()
    page.get_by_role("button", name="Stop").click()
    assert page.inner_text("#error") == "It was stopped before it had an answer."
    page.fill("#text", "def f(w):\n    return w * w")
    page.get_by_role("button", name="Compute").click()  # Python will hear of it when it is back
    page.wait_for_function(
        "document.getElementById('answer').textContent === '= 0.25'", timeout=120_000
    )
    assert page.get_by_role("button", name="Stop").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
