"""The film in a real browser: the slider moves all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nn
from tests.display.test_page import opened
from tests.nn.test_film import trained


def test_the_slider_moves_losses_weights_answers_and_the_graph(
    browser: Any, tmp_path: Path
) -> None:
    film = nn.Film(every=2, loss=nn.losses.cross_entropy)
    trained(film)
    film.save(tmp_path / "film.html")
    with opened(browser, tmp_path / "film.html") as tab:
        assert tab.locator(".said").first.inner_text().startswith("epoch 8, loss ")
        slider = tab.get_by_label("Frame")
        pixels = "document.querySelector('.matrices canvas').toDataURL()"
        field = "document.querySelector('canvas[aria-label^=What]').toDataURL()"
        loss = "document.querySelector('.glassgrad-explorer .root .data')?.textContent"
        tab.wait_for_function(loss)
        before = [tab.evaluate(each) for each in (pixels, field, loss)]
        slider.focus()
        tab.keyboard.press("Home")
        assert tab.locator(".said").first.inner_text().startswith("epoch 1, loss ")
        after = [tab.evaluate(each) for each in (pixels, field, loss)]
        assert all(a != b for a, b in zip(before, after, strict=True))
        assert tab.locator(".mark").get_attribute("x1") == "0"


def test_it_plays_to_its_end(browser: Any, tmp_path: Path) -> None:
    film = nn.Film(every=2)
    trained(film)
    film.save(tmp_path / "film.html")
    with opened(browser, tmp_path / "film.html") as tab:
        tab.evaluate("""() => {
          const said = document.querySelector(".said");
          window.seen = [];
          new MutationObserver(() => seen.push(said.textContent.split(",")[0]))
            .observe(said, { childList: true });
        }""")
        tab.get_by_role("button", name="Play").click()
        tab.wait_for_function("seen.length === 5")
        tab.get_by_role("button", name="Play").wait_for()  # it was Pause on the way
        assert tab.evaluate("seen") == [f"epoch {n}" for n in (1, 2, 4, 6, 8)]
