"""The pages in Firefox: the explorer's gestures and a learner's tasks, the stepper, a drawing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograd import Value, draw, explore, step
from tests.display.firefox import Firefox, Tab
from tests.display.test_explorer_page import network, thrice, valley
from tests.display.test_page import expression, luminance

LOOK = "document.querySelector('.glassgrad-explorer').glassgrad"
CAMERA = f"{LOOK}.seer.at"
STAGE = "document.querySelector('.stage').focus()"


def started(folder: Path, dark: bool = False) -> Iterator[Firefox]:
    """Debian's Firefox. In CI it must be there; elsewhere its absence skips, and says so."""
    if shutil.which("firefox-esr") is None:
        message = "the pages are tested in Firefox, which is not installed: apt install firefox-esr"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    pytest.importorskip("websocket")
    with closing(Firefox(folder, dark)) as browser:
        yield browser


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    yield from started(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def dark_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    yield from started(tmp_path_factory.mktemp("profile"), dark=True)


@pytest.fixture(params=["firefox", "dark_firefox"])
def themed(request: pytest.FixtureRequest) -> tuple[Firefox, bool]:
    """A Firefox whose reader prefers one theme, and whether it is the dark one."""
    return request.getfixturevalue(request.param), request.param != "firefox"


@pytest.fixture
def page(firefox: Firefox, tmp_path: Path) -> Iterator[Tab]:
    explore(thrice, 2.0, -1.0).save(tmp_path / "page.html")
    with firefox.opened(tmp_path / "page.html") as tab:
        tab.wait("document.querySelector('[data-node]')")
        yield tab


def labelled(name: str) -> str:
    return f'input[aria-label="{name}"]'


def press_button(tab: Tab, text: str) -> None:
    """As a screen reader does it: the focus stays where it is."""
    tab.evaluate("[...document.querySelectorAll('button')].find("
                 f"(one) => one.textContent === '{text}').click()")  # fmt: skip


def settled(tab: Tab) -> dict[str, float]:
    """Where the camera is, once two frames have been drawn."""
    tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return dict(tab.evaluate(CAMERA))


# -- the explorer ----------------------------------------------------------------------------------


def test_a_learner_does_with_the_keyboard_what_it_is_for(page: Tab) -> None:
    """Finds a leaf's gradient, says why, moves the leaf, descends a step, finds a dead unit."""
    page.evaluate(STAGE)
    page.press("/", "x", "Enter")
    assert "x = 2" in page.text(".panel")
    assert "dy/dx = 3*1*1*1 + 3*1*1*1 + 1*1" in page.text(".panel")
    assert "= 7" in page.text(".panel")
    page.evaluate(STAGE)
    page.press("Enter", "Control+a", "4", "Enter")
    assert "x = 4" in page.text(".panel")
    page.evaluate(STAGE)
    page.press("ArrowRight")
    assert "x - 10" in page.text(".panel") or "x * 3" in page.text(".panel")
    page.evaluate("document.querySelector('.descent summary').focus()")
    page.press("Enter", "Tab", "Tab", "Tab", "Tab", "Space")
    assert page.text(".said") == "step 1: y = 23.1, from 28"
    page.evaluate(STAGE)
    page.press("/", "Control+a", *"dead", "Enter")
    assert "dead: relu at -6.7" in page.text(".panel")


def test_the_picture_is_zoomed_and_panned_by_wheel_drag_and_keys(page: Tab) -> None:
    before = settled(page)
    x, y = page.place(".stage")
    page.wheel(".stage", -100)
    assert settled(page) == before, "the wheel scrolls the page until the graph has the focus"
    page.evaluate(STAGE)
    page.wheel(".stage", -100)
    near = settled(page)
    assert near["k"] > before["k"]
    page.point((x, y + 200), (x + 60, y + 180), (x + 120, y + 150), down=True)
    dragged = settled(page)
    assert dragged["k"] == near["k"]
    assert abs((near["left"] - dragged["left"]) * near["k"] - 120) < 2
    assert abs((dragged["top"] - near["top"]) * near["k"] - 50) < 2
    assert page.count(".selected") == 0, "the end of a drag is no click"
    page.press("Shift+ArrowLeft")
    assert settled(page)["left"] < dragged["left"]
    page.press("0")
    assert settled(page) == before


def test_a_node_is_asked_by_pointing_and_kept_by_a_click(page: Tab) -> None:
    page.hover("[data-node='0']")
    assert "= 7" in page.text(".panel")
    assert page.count(".line.lit") > 5
    page.point((3, 3))
    assert page.count(".line.lit") == 0
    page.click("[data-node='0'] .data")
    page.point((3, 3))
    assert page.count(".selected") == 1
    assert "= 7" in page.text(".panel")


def test_a_number_is_moved_by_its_slider_and_its_field(page: Tab) -> None:
    x, y = page.place(labelled("x, slider"))
    page.point((x, y), (x + 6, y), (x + 12, y), down=True)
    assert 2.5 < page.evaluate(f"{LOOK}.values().x") < 6
    press_button(page, "Restore all numbers")
    assert page.evaluate(f"document.querySelector('{labelled('x, slider')}').value") == "2"
    page.evaluate(f"document.querySelector('{labelled('x, slider')}').focus()")
    page.press("Home")
    assert page.evaluate(f"{LOOK}.values().x") == -2
    assert "would take the other branch" in page.text(".flags")
    assert page.evaluate("document.querySelector('[data-node=\"0\"] .data').textContent") == "-2"
    page.click(labelled("x"))
    page.press("Control+a", "3", "Enter")
    assert page.evaluate(f"{LOOK}.values().y") == 21
    press_button(page, "Restore all numbers")
    assert page.evaluate(f"{LOOK}.values().y") == 14


def test_descent_runs_pauses_and_is_undone(firefox: Firefox, tmp_path: Path) -> None:
    explore(valley, -0.5, 1.2).save(tmp_path / "page.html")
    with firefox.opened(tmp_path / "page.html") as tab:
        tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        tab.click(labelled("Learning rate"))
        tab.press("Control+a", *"0.03", "Enter")
        press_button(tab, "Run")
        tab.wait(f"{LOOK}.values().y < 1")
        press_button(tab, "Pause")
        steps = int(tab.text(".said").split(":")[0].removeprefix("step "))
        assert steps > 1
        for _ in range(steps):
            press_button(tab, "Undo")
        assert tab.evaluate(f"[{LOOK}.values().a, {LOOK}.values().b]") == [-0.5, 1.2]
        tab.click("canvas")
        a, b = tab.evaluate(f"[{LOOK}.values().a, {LOOK}.values().b]")
        assert (abs(a + 0.5), abs(b - 1.2)) < (0.02, 0.03)


def test_a_call_opens_where_it_stands_and_closes_again(firefox: Firefox, tmp_path: Path) -> None:
    explore(network()).save(tmp_path / "page.html")
    with firefox.opened(tmp_path / "page.html") as tab:
        assert tab.count(".call") == 3
        tab.click(".call[data-level='1']")
        tab.wait("document.querySelector('.frame text')")
        tab.evaluate(STAGE)
        tab.press("/", *"relu", "Enter")
        tab.wait("[...document.querySelectorAll('.frame')]"
                 ".some((one) => one.textContent.includes('neurons.0'))")  # fmt: skip
        assert "relu" in tab.text(".panel")
        tab.evaluate(STAGE)
        tab.press("Backspace", "Backspace", "Backspace", "Backspace", "0")
        tab.wait("document.querySelectorAll('.frame').length === 0")


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_all_is_seen_in_both_themes_on_phones_and_at_twice_the_size(
    themed: tuple[Firefox, bool], tmp_path: Path, width: int
) -> None:
    """640 pixels are what is left of 1280 at 200 %."""
    firefox, dark = themed
    explore(thrice, 2.0, -1.0).save(tmp_path / "page.html")
    with firefox.opened(tmp_path / "page.html", width) as tab:
        tab.wait("document.querySelector('[data-node]')")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        stands_out(tab, dark)


def stands_out(tab: Tab, dark: bool) -> None:
    """The text of the picture does, from a background that is dark or light (WCAG 2.2, 1.4.6)."""
    paper = luminance(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
    ink = luminance(tab.evaluate("getComputedStyle(document.querySelector('.node text')).fill"))
    light, dim = sorted((paper, ink), reverse=True)
    assert (light + 0.05) / (dim + 0.05) > 7
    assert (paper < 0.5) == dark


# -- the other pages -------------------------------------------------------------------------------


def test_steps_are_gone_by_buttons_keys_and_the_slider(firefox: Firefox, tmp_path: Path) -> None:
    step(expression()[0]).save(tmp_path / "steps.html")
    with firefox.opened(tmp_path / "steps.html") as tab:
        assert tab.text(".place") == "1 of 9, forward"
        tab.press("ArrowRight", "ArrowRight")
        assert tab.text(".place") == "3 of 9, forward"
        tab.press("End")
        assert tab.text(".place") == "9 of 9, backward"
        assert "dy/dw += dy/dv1 * \u2202v1/\u2202w" in tab.text("[role=status]")
        assert tab.count(".now") == 1
        tab.evaluate("document.querySelector('[type=range]').focus()")
        tab.press("ArrowLeft")
        assert tab.text(".place") == "8 of 9, backward"
        tab.press("Home")
        assert tab.text(".place") == "1 of 9, forward"
        assert tab.evaluate(
            "[...document.querySelectorAll('[data-row=grad]')].every((x) => x.textContent === '?')"
        )


def test_a_number_is_predicted_before_it_is_shown(firefox: Firefox, tmp_path: Path) -> None:
    step(expression()[0]).save(tmp_path / "steps.html")
    with firefox.opened(tmp_path / "steps.html") as tab:
        tab.evaluate("[...document.querySelectorAll('label')].find("
                     "(one) => one.textContent.includes('Predict')).click()")  # fmt: skip
        tab.press("ArrowRight")
        assert tab.text(".panel strong").endswith("= ?")
        tab.write("0.75")
        tab.press("Enter")
        assert tab.text(".place") == "2 of 9, forward"


def test_a_drawing_is_fitted_zoomed_and_scrolled(
    themed: tuple[Firefox, bool], tmp_path: Path
) -> None:
    firefox, dark = themed
    h = Value(0.5, "h")
    for _ in range(60):
        h = (h * 1.5).tanh()
    draw(h, engine="builtin").save(tmp_path / "picture.html")
    with firefox.opened(tmp_path / "picture.html") as tab:
        stands_out(tab, dark)
        assert tab.text(".scale") == "100 %"
        assert tab.evaluate("document.querySelector('.glassgrad-view').scrollLeft") > 1_000
        tab.evaluate("document.querySelector('.glassgrad-view').focus()")
        tab.press("-")
        assert tab.text(".scale") == "80 %"
        tab.press("0")
        frame, svg = (tab.evaluate(f"document.querySelector('{x}').getBoundingClientRect().width")
                      for x in (".glassgrad-view", ".glassgrad-view svg"))  # fmt: skip
        assert svg <= frame
