"""A picture in a browser: it opens at its root, is fitted, zoomed and moved, and no step hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, record
from autograd.display import draw, step
from nn import report

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 400}  # what 200 % leave of the desktop
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "200 %"])
CHAIN, SMALL = 100, 1


def chain(length: int) -> Value:
    """h = tanh(h * w + b), over and over."""
    h, w, b = Value(2.0, "x"), Value(0.5, "w"), Value(-0.25, "b")
    for _ in range(length):
        h = (h * w + b).tanh()
    return h


class Scene:
    """A page in a tab, with what a reader sees of it."""

    def __init__(self, browser: Any, path: Path, size: dict[str, int], **how: Any) -> None:
        pixels = 2 if size is ZOOMED else 1
        self.tab = browser.new_page(viewport=size, device_scale_factor=pixels, **how)
        self.tab.goto(path.as_uri())
        self.frame = self.tab.locator(".glassgrad-view")
        self.tab.locator(".scale", has_text="%").wait_for()

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self.tab.close()

    @property
    def scale(self) -> int:
        return int(self.tab.locator(".scale").inner_text().split()[0])

    def box(self, selector: str) -> dict[str, float]:
        found: dict[str, float] = self.tab.locator(selector).first.bounding_box()
        return found

    def is_in_view(self, selector: str) -> bool:
        """Whether all that a selector finds lies inside the frame, and inside the window."""
        inside: bool = self.frame.evaluate(
            """(frame, selector) => {
              const around = frame.getBoundingClientRect();
              return [...frame.querySelectorAll(selector)].every((one) => {
                const box = one.getBoundingClientRect();
                return box.left >= around.left - 1 && box.right <= around.right + 1
                  && box.top >= around.top - 1 && box.bottom <= around.bottom + 1
                  && box.top >= 0 && box.bottom <= innerHeight;
              });
            }""",
            selector,
        )
        return inside

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)

    def click(self, name: str) -> None:
        self.tab.get_by_role("button", name=name).click()


@SIZES
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_large_drawing_opens_in_full_size_at_its_root(
    browser: Any, tmp_path: Path, size: dict[str, int], direction: str
) -> None:
    draw(chain(CHAIN), max_nodes=1_000, direction=direction).save(tmp_path / "picture.html")
    with Scene(browser, tmp_path / "picture.html", size) as scene:
        assert scene.scale == 100
        assert scene.is_in_view(".root")
        assert scene.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@SIZES
def test_a_small_drawing_opens_whole(browser: Any, tmp_path: Path, size: dict[str, int]) -> None:
    draw(chain(SMALL)).save(tmp_path / "picture.html")
    with Scene(browser, tmp_path / "picture.html", size) as scene:
        assert scene.scale >= {1280: 100, 640: 90, 390: 50}[size["width"]]
        assert scene.is_in_view("[data-node]")


def test_fit_full_size_and_zoom_by_buttons_and_keys(browser: Any, tmp_path: Path) -> None:
    draw(chain(CHAIN), max_nodes=1_000).save(tmp_path / "picture.html")
    with Scene(browser, tmp_path / "picture.html", DESKTOP) as scene:
        scene.click("Fit")
        assert scene.is_in_view("[data-node]")
        fitted = scene.scale
        scene.click("Full size")
        assert scene.scale == 100
        scene.frame.focus()
        scene.press("+", "+")
        assert scene.scale == 156
        scene.press("-")
        assert scene.scale == 125
        scene.press("0")
        assert scene.scale == fitted
        scene.press("1")
        assert scene.scale == 100


def test_the_wheel_zooms_about_the_pointer_and_the_mouse_moves_the_picture(
    browser: Any, tmp_path: Path
) -> None:
    draw(chain(CHAIN), max_nodes=1_000).save(tmp_path / "picture.html")
    with Scene(browser, tmp_path / "picture.html", DESKTOP) as scene:
        node = "[data-node='150']"
        scene.frame.evaluate(
            "(frame, node) => frame.querySelector(node).scrollIntoView({inline: 'center'})", node
        )
        before = scene.box(node)
        x, y = before["x"] + 30, before["y"] + 30
        scene.tab.mouse.move(x, y)
        scene.tab.keyboard.down("Control")
        scene.tab.mouse.wheel(0, 120)
        scene.tab.keyboard.up("Control")
        scene.tab.wait_for_function("document.querySelector('.scale').textContent < '99 %'")
        after = scene.box(node)
        scale = scene.scale / 100
        assert after["width"] == pytest.approx(before["width"] * scale, rel=0.02)
        assert x - after["x"] == pytest.approx(30 * scale, abs=3)
        scene.tab.mouse.move(640, 200)
        scene.tab.mouse.down()
        scene.tab.mouse.move(700, 200, steps=3)
        scene.tab.mouse.move(840, 200, steps=3)
        scene.tab.mouse.up()
        assert scene.box(node)["x"] == pytest.approx(after["x"] + 200, abs=8)


def test_arrows_move_the_picture_that_has_the_focus_and_not_the_steps(
    browser: Any, tmp_path: Path
) -> None:
    step(chain(CHAIN)).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP) as scene:
        scene.frame.focus()
        scene.press("ArrowRight", "ArrowRight")
        scene.tab.wait_for_function("document.querySelector('.glassgrad-view').scrollLeft > 0")
        assert scene.tab.locator(".place").inner_text().startswith("1 of")


@SIZES
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_every_step_shows_its_node_and_what_it_takes_or_gives(
    browser: Any, tmp_path: Path, size: dict[str, int], direction: str
) -> None:
    with record():
        inputs, layers = ([1.0, 2.0, 3.0], [4, 1]) if size is DESKTOP else ([1.0, 2.0], [2, 1])
        root = nn.MLP(len(inputs), layers, activation="tanh")(inputs)
    steps = step(root, direction=direction)
    steps.save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", size) as scene:
        heights = set()
        for i in range(len(steps)):
            assert scene.tab.locator(".place").inner_text().startswith(f"{i + 1} of")
            assert scene.is_in_view(".now, .given, .taken"), steps[i].equation
            assert scene.tab.locator(".now").count() == 1
            heights.add((scene.box(".panel")["height"], scene.box(".glassgrad-view")["y"]))
            scene.press("ArrowRight")
        assert len(heights) == 1, "the picture never jumps"


def test_forward_steps_mark_their_inputs_and_local_derivatives_appear_with_their_data(
    browser: Any, tmp_path: Path
) -> None:
    x, w, b = Value(2.0, "x"), Value(0.5, "w"), Value(-0.25, "b")
    step((x * w + b).tanh()).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP) as scene:
        shown = "all => all.filter((one) => getComputedStyle(one).visibility === 'visible').length"
        for known, taken in ((2, 2), (4, 2), (5, 1)):
            assert scene.tab.locator(".taken").count() == taken
            assert scene.tab.locator("g:not(.halo) > [data-local]").evaluate_all(shown) == known
            scene.press("ArrowRight")
        assert scene.tab.locator(".taken").count() == 0
        scene.press("Home")
        assert scene.tab.locator("g:not(.halo) > [data-local]").evaluate_all(shown) == 2


def test_a_click_on_a_node_goes_to_its_step(browser: Any, tmp_path: Path) -> None:
    x, w, b = Value(2.0, "x"), Value(0.5, "w"), Value(-0.25, "b")
    y = ((x * w).sin() + b).tanh()
    keys = {key: value for value, key in step(y).graph.keys.items()}
    step(y).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP) as scene:
        sign = {value.op.sign: key for key, value in keys.items() if value.op}
        scene.tab.locator(f"[data-node='{sign['sin']}']").click()
        assert scene.tab.locator(".place").inner_text() == "2 of 9, forward"
        scene.press("End")
        scene.tab.locator(f"[data-node='{sign['+']}']").click()
        assert scene.tab.locator(".place").inner_text() == "7 of 9, backward"
        leaf = next(key for key, value in keys.items() if value is b)
        scene.tab.locator(f"[data-node='{leaf}']").click()
        assert scene.tab.locator(".place").inner_text() == "7 of 9, backward", "where it receives"


def test_the_speed_of_playing_is_the_readers(browser: Any, tmp_path: Path) -> None:
    step(chain(20)).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP) as scene:
        scene.tab.clock.install(time=0)
        scene.tab.clock.pause_at(1000)
        scene.tab.get_by_label("Speed").select_option("20")
        scene.click("Play")
        scene.tab.clock.run_for(1300)
        assert scene.tab.locator(".place").inner_text().startswith("22 of")


def test_the_ends_keep_the_focus(browser: Any, tmp_path: Path) -> None:
    step(chain(SMALL)).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP) as scene:
        scene.tab.get_by_role("button", name="Next").focus()
        for _ in range(12):
            scene.press("Enter")
        assert scene.tab.locator(".place").inner_text() == "7 of 7, backward"
        assert scene.tab.evaluate("document.activeElement.textContent") == "Next"
        scene.press("ArrowLeft")
        assert scene.tab.locator(".place").inner_text() == "6 of 7, backward"


def test_a_page_that_is_hidden_at_first_opens_when_it_is_shown(
    browser: Any, tmp_path: Path
) -> None:
    step(chain(CHAIN)).save(tmp_path / "steps.html")
    (tmp_path / "frame.html").write_text(
        '<details><summary>Open</summary><iframe src="steps.html" width="900" height="700">'
        "</iframe></details>"
    )
    tab = browser.new_page(viewport=DESKTOP)
    tab.goto((tmp_path / "frame.html").as_uri())
    tab.get_by_text("Open").click()
    inner = tab.frame_locator("iframe")
    inner.locator(".scale", has_text="%").wait_for()
    box, around = (inner.locator(x).bounding_box() for x in (".now", ".glassgrad-view"))
    assert around["x"] <= box["x"] <= around["x"] + around["width"] - box["width"]
    tab.close()


def test_what_was_left_out_is_said_on_top(browser: Any, tmp_path: Path) -> None:
    drawn = draw(chain(CHAIN), max_nodes=10)
    drawn.save(tmp_path / "picture.html")
    drawn.save(tmp_path / "picture.svg")
    with Scene(browser, tmp_path / "picture.html", PHONE) as scene:
        note, around = scene.box(".glassgrad-note"), scene.box(".glassgrad-view")
        assert 0 < note["y"] < note["y"] + note["height"] <= around["y"]
    with_note = (tmp_path / "picture.svg").read_text()
    assert with_note.index("left out") < with_note.index("data-node")


@SIZES
def test_no_report_is_wider_than_its_window(
    browser: Any, tmp_path: Path, size: dict[str, int]
) -> None:
    y, table = (
        chain(20),
        report.confusion_table([[1] * 3] * 3, ["setosa", "versicolor", "virginica"]),
    )
    shown = [("Answers", table), ("Drawn", draw(y)._repr_html_())]
    shown.append(("Stepped", step(y)._repr_mimebundle_()["text/html"]))
    (tmp_path / "report.html").write_text(report.page("Training", shown), encoding="utf-8")
    tab = browser.new_page(viewport=size)
    tab.goto((tmp_path / "report.html").as_uri())
    tab.locator(".scale", has_text="%").last.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_reach_three_to_one_and_targets_24_pixels(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    step(chain(SMALL)).save(tmp_path / "steps.html")
    with Scene(browser, tmp_path / "steps.html", DESKTOP, color_scheme=scheme) as scene:
        stroke = "one => getComputedStyle(one).stroke"
        marks = (".now > rect", ".taken > rect")
        colours = [scene.tab.locator(mark).first.evaluate(stroke) for mark in marks]
        paper = scene.tab.evaluate("getComputedStyle(document.body).backgroundColor")
        for colour in colours:
            light, dark = sorted((luminance(paper), luminance(colour)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 2.2, success criterion 1.4.11
        for box in scene.tab.locator("button, select, input").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect()).map((b) => [b.width, b.height])"
        ):
            assert min(box) >= 24  # WCAG 2.2, success criterion 2.5.8


def luminance(colour: str) -> float:
    """The relative luminance of rgb(r, g, b), by WCAG 2.2."""
    channels = [float(part) / 255 for part in colour.strip("rgb()").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
