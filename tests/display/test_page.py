"""The page of steps in a real browser: buttons, keys, gradients, themes, and no request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.display import draw, snapshot, step
from autograd.display.text import number

HOSTILE = '<img src="http://example.invalid/x" onerror="document.title=1">'


def expression() -> tuple[Value, list[Value]]:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.25, HOSTILE)
    return (w * x + b).tanh() * w, [w, x, b]


@contextmanager
def opened(browser: Any, path: Path) -> Iterator[Any]:
    """A page opened from disk, which must ask for nothing and not fail."""
    tab = browser.new_page()
    requests, errors = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda message: errors.append(message.text)
           if message.type == "error" else None)  # fmt: skip
    tab.goto(path.as_uri())
    yield tab
    tab.close()
    assert requests == [path.as_uri()]
    assert errors == []


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """The page of an expression."""
    step(expression()[0]).save(tmp_path / "steps.html")
    with opened(browser, tmp_path / "steps.html") as tab:
        yield tab


def place(page: Any) -> str:
    return str(page.locator(".place").inner_text())


def numbers(page: Any, row: str) -> dict[int, str]:
    found = page.locator(f"[data-node] [data-row={row}]")
    keys = found.evaluate_all("all => all.map(one => Number(one.parentNode.dataset.node))")
    return dict(zip(keys, found.all_text_contents(), strict=True))


def test_next_back_and_the_ends(page: Any) -> None:
    assert place(page) == "1 of 9, forward"
    back, following = (page.get_by_role("button", name=name) for name in ("Back", "Next"))
    assert back.is_disabled()
    for _ in range(4):
        following.click()
    assert place(page) == "5 of 9, seed"
    back.click()
    assert place(page) == "4 of 9, forward"
    for _ in range(5):
        following.click()
    assert place(page) == "9 of 9, backward"
    assert following.is_disabled()


def test_keys_move_and_the_slider_follows(page: Any) -> None:
    slider = page.get_by_role("slider")
    page.keyboard.press("End")
    assert place(page) == "9 of 9, backward"
    assert slider.input_value() == "8"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert place(page) == "7 of 9, backward"
    page.keyboard.press("Home")
    assert place(page) == "1 of 9, forward"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert place(page) == "2 of 9, forward"
    assert slider.get_attribute("aria-valuetext").startswith("Step 2 of 9, v2 = v1 + ")


def test_every_control_is_reached_by_the_keyboard(page: Any) -> None:
    names = []
    for _ in range(11):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent")
        )
    assert names[1:6] == ["Back", "Next", "Play", "Speed", "Step"]  # behind the switch
    assert names[6:] == ["Fit the picture (0)", "Full size (1)", "Zoom out (-)", "Zoom in (+)",
                         "The graph"]  # fmt: skip
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    assert place(page) == "2 of 9, forward"


def test_a_number_is_predicted_before_it_is_shown_and_mistakes_are_named(page: Any) -> None:
    page.get_by_label("Predict first").check()
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Next").click()
    assert place(page) == "5 of 9, seed"  # there is nothing to be computed
    page.keyboard.press("ArrowRight")
    panel = page.locator(".panel")
    assert panel.locator("strong").inner_text() == "dy/dv3 += dy/dy * ∂y/∂v3 = ?"
    assert place(page) == "5 of 9, seed"
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    assert (
        panel.locator(".told").inner_text() == "that is the gradient of the node; multiply by 0.5"
    )
    page.keyboard.press("Control+a")
    page.keyboard.type("1/2")
    page.keyboard.press("Enter")
    assert panel.locator("strong").inner_text() == "dy/dw += dy/dy * ∂y/∂w = ?"
    page.keyboard.type("0.635")
    page.keyboard.press("Enter")
    assert place(page) == "6 of 9, backward"
    assert "= 1 * 0.5 = 0.5" in panel.inner_text()


def test_a_screen_reader_is_told(page: Any) -> None:
    panel = page.get_by_role("status")
    assert panel.get_attribute("aria-live") == "polite"
    assert panel.inner_text() == "v1 = w * x = 0.5 * 2 = 1"
    page.keyboard.press("End")
    assert "dy/dw += dy/dv1 * ∂v1/∂w" in panel.inner_text()
    assert "the sum is" in panel.inner_text()


def test_play_runs_to_the_end_and_pauses(page: Any) -> None:
    page.clock.install()
    page.keyboard.press("p")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(1300)
    assert place(page) == "2 of 9, forward"
    page.keyboard.press("p")
    page.clock.run_for(5000)
    assert place(page) == "2 of 9, forward"
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(20_000)
    assert place(page) == "9 of 9, backward"
    assert page.get_by_role("button", name="Play").is_visible()


def test_nothing_is_shown_before_it_is_known(page: Any) -> None:
    assert set(numbers(page, "grad").values()) == {"?"}
    assert list(numbers(page, "data").values()).count("?") == 3


def test_the_final_gradients_are_those_of_backward(page: Any) -> None:
    root, leaves = expression()
    keys = step(root).graph.keys
    root.backward()
    page.keyboard.press("End")
    shown = numbers(page, "grad")
    assert {keys[v]: number(v.grad) for v in keys} == shown
    assert all(v.grad != 0 for v in leaves)
    page.keyboard.press("Home")
    assert set(numbers(page, "grad").values()) == {"?"}


def test_the_node_and_its_edges_stand_out(page: Any) -> None:
    page.keyboard.press("End")
    assert page.locator(".now").count() == 1
    assert page.locator(".given").count() == 2
    assert page.locator(".used").count() == 2
    widths = page.locator(".now > rect").evaluate("one => getComputedStyle(one).strokeWidth")
    assert widths == "4px"


def test_markup_in_labels_is_text(page: Any) -> None:
    assert page.locator(".picture img").count() == 0
    assert page.title().startswith("Steps through")
    assert page.locator("text", has_text="<img src=").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_background_in_both_themes(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    root, _ = expression()
    step(root).save(tmp_path / "steps.html")
    draw(root).save(tmp_path / "picture.html")
    for name in ("steps.html", "picture.html"):
        tab = browser.new_page(color_scheme=scheme)
        tab.goto((tmp_path / name).as_uri())
        paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        ink = tab.locator("svg .node text").first.evaluate("one => getComputedStyle(one).fill")
        tab.close()
        light, dark = sorted((luminance(paper), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 7  # WCAG 2.2, success criterion 1.4.6
        assert (luminance(paper) > 0.5) == (scheme == "light")


def luminance(colour: str) -> float:
    """The relative luminance of rgb(r, g, b), by WCAG 2.2."""
    channels = [float(part) / 255 for part in colour.strip("rgb()").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_large_page_says_what_it_leaves_out_and_a_press_changes_as_much_as_on_a_small_one(
    browser: Any, tmp_path: Path
) -> None:
    def changed(sines: int) -> float:
        """How many changes of the document a press of Next makes, the mean of 100."""
        h = Value(0.5)
        for _ in range(sines):
            h = (h * 1.01).sin()
        step(h).save(tmp_path / "steps.html")
        tab.goto((tmp_path / "steps.html").as_uri())
        changes: float = tab.evaluate(
            """() => {
              const buttons = [...document.querySelectorAll('button')];
              const next = buttons.find((b) => b.textContent === 'Next');
              const seen = new MutationObserver(() => {});
              const all = {subtree: true, childList: true, attributes: true, characterData: true};
              seen.observe(document, all);
              let count = 0;
              for (let i = 0; i < 100; i += 1) { next.click(); count += seen.takeRecords().length; }
              return count / 100;
            }"""
        )
        assert place(tab).startswith("101 of ")
        return changes

    tab = browser.new_page()
    few, many = changed(60), changed(2_000)
    assert (
        tab.locator(".glassgrad-note").inner_text()
        == "3,701 of 4,001 nodes are left out of the picture"
    )
    assert 0 < many < 1.2 * few
    tab.close()


def test_nodes_that_are_not_drawn_take_part_in_a_step_that_says_so(
    browser: Any, tmp_path: Path
) -> None:
    w, b = Value(0.3, "w"), Value(-0.1, "b")
    loss = Value(0.0)
    for i in range(100):
        loss = loss + (w * (i / 50 - 1) + b - i % 7) ** 2
    steps = step(loss / 100)
    steps.save(tmp_path / "steps.html")
    values = {key: value for value, key in steps.graph.keys.items()}
    values[steps.graph.root.key].backward()
    with opened(browser, tmp_path / "steps.html") as tab:
        tab.keyboard.press("End")
        for row in ("data", "grad"):
            shown = numbers(tab, row)
            assert len(shown) == 300
            assert shown == {key: number(getattr(values[key], row)) for key in shown}
        panel = tab.get_by_role("status").inner_text()
        assert "nodes that are not drawn pass their gradients back" in panel
        assert "contributions of nodes that are not drawn; the sum goes from" in panel
        assert tab.locator(".now, .used").count() == 0
        assert tab.locator(".given").count() == 2
        tab.keyboard.press("ArrowLeft")
        assert tab.locator(".now").count() == 1
        assert numbers(tab, "grad")[steps.graph.key("w")] != number(w.grad)


def test_a_part_without_its_root_can_be_gone_through(browser: Any, tmp_path: Path) -> None:
    w = Value(0.5, "w")
    y = (w * w).tanh().exp()
    step(snapshot(y).around(w, hops=1)).save(tmp_path / "steps.html")
    y.backward()
    with opened(browser, tmp_path / "steps.html") as tab:
        places = [place(tab)]
        for _ in range(3):
            tab.keyboard.press("ArrowRight")
            places.append(place(tab))
        phases = ["forward", "seed", "backward", "backward"]
        assert places == [f"{i} of 4, {phase}" for i, phase in enumerate(phases, 1)]
        assert numbers(tab, "grad")[0] == number(w.grad)
