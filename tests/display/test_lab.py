"""Sessions of JupyterLab: run, click, read back from the kernel, and open it untrusted."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CELLS = [
    "from autograd import Value\n"
    "from autograd.display import draw, step\n"
    "w, x = Value(0.5, 'weight'), Value(2.0, 'x')\n"
    "y = (w * x).tanh()\n"
    "y.backward()\n"
    "draw(y, engine='builtin')",
    "stepper = step(y).widget()\nstepper",
    "print('at', stepper.position, stepper.step.phase)",
    "step(y)",
    "h = x\nfor _ in range(100):\n    h = (h * w).tanh()\ndraw(h, max_nodes=1_000)",
]
EXPLORED = [
    "from autograd import explore\n"
    "def f(w, x):\n"
    "    return (w * x * 3 + x).tanh() if x > 1 else -x\n"
    "explore(f, 0.5, 2.0)",
    "explorer = explore(f, 0.5, 2.0).widget()\nexplorer",
    "print(explorer.numbers)",
    "explorer.numbers = {'w': 0.125}",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server with two notebooks, and their folder."""
    pytest.importorskip("anywidget")
    pytest.importorskip("jupyterlab")
    import nbformat

    folder = tmp_path_factory.mktemp("lab")
    for name, cells in (("session", CELLS), ("explored", EXPLORED)):
        page = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(page, folder / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = ["--ServerApp.token=", "--ServerApp.password=", "--no-browser", "--allow-root",
                "--LabApp.news_url=", "--LabApp.check_for_updates_class="
                "jupyterlab.NeverCheckForUpdate", f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *settings],
            env=os.environ | home, stdout=log, stderr=log,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=5)  # noqa: S310
                    break
                except OSError:
                    assert server.poll() is None, (folder / "log.txt").read_text()
                    time.sleep(0.2)
            yield address, folder
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def notebook(browser: Any, address: str, name: str, height: int = 2200) -> Any:
    """A tab with a notebook that is ready to run."""
    tab = browser.new_page(viewport={"width": 1300, "height": height})
    tab.set_default_timeout(120_000)
    tab.goto(f"{address}/lab/tree/{name}.ipynb?reset")
    tab.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    tab.get_by_text("| Idle").wait_for()
    return tab


def ran(tab: Any, index: int) -> Any:
    """Run a cell, and return the last of its outputs."""
    cell = tab.locator(".jp-Notebook .jp-CodeCell").nth(index)
    cell.locator(".cm-content").click()
    cell.locator(".cm-editor.cm-focused").wait_for()
    tab.keyboard.press("Control+Enter")
    cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).wait_for()
    return cell.locator(".jp-OutputArea-output").last


def choose(tab: Any, theme: str) -> None:
    """Choose a theme in the menu."""
    tab.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    for name in ("Theme", f"JupyterLab {theme}"):
        tab.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{name}$")).click()
    light = "true" if theme == "Light" else "false"
    tab.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")


def test_run_click_read_back_and_open_untrusted(browser: Any, lab: tuple[str, Path]) -> None:
    address, folder = lab
    path = folder / "session.ipynb"
    tab = notebook(browser, address, "session")
    drawn = ran(tab, 0)
    drawn.locator("svg text", has_text="weight").wait_for()
    assert not drawn.locator("img").is_visible()

    widget = ran(tab, 1)
    widget.get_by_role("button", name="Next").click()
    widget.get_by_role("button", name="Next").click()
    widget.locator(".place", has_text="3 of 5").wait_for()
    assert ran(tab, 2).inner_text().strip() == "at 2 seed"

    stepper = ran(tab, 3)
    stepper.get_by_role("button", name="Next").click()
    stepper.locator(".place", has_text="2 of 5").wait_for()

    wide = ran(tab, 4)
    wide.locator(".scale", has_text="100 %").wait_for()
    assert wide.locator("svg text").first.bounding_box()["height"] > 11, "nothing shrinks it"
    box, around = (wide.locator(x).bounding_box() for x in (".root", ".glassgrad-view"))
    assert around["x"] <= box["x"] <= around["x"] + around["width"] - box["width"] + 1

    text = drawn.locator("svg .node text").first
    brightness = "one => getComputedStyle(one).fill.match(/[0-9.]+/g).slice(0, 3).map(Number)"
    assert max(text.evaluate(brightness)) < 100
    choose(tab, "Dark")
    assert min(text.evaluate(brightness)) > 155
    shown = stepper.locator(".panel strong, svg .node text")
    colours = [shown.nth(i).evaluate(brightness.replace(".fill", ".color")) for i in (0, 1)]
    assert min(map(min, colours)) > 155
    behind = stepper.evaluate(
        "one => [...one.querySelectorAll('*')].map((each) => getComputedStyle(each))"
        ".filter((style) => style.backgroundColor === 'rgb(255, 255, 255)').length"
    )
    assert behind == 0, "no white slab"

    tab.locator(".jp-CodeCell .jp-InputPrompt").nth(2).click()
    tab.keyboard.press("Control+s")
    deadline = time.monotonic() + 30
    while "glassgrad" not in path.read_text():
        assert time.monotonic() < deadline, "the notebook was not saved"
        time.sleep(0.2)
    tab.close()

    page = json.loads(path.read_text())
    untrusted = path.with_name("untrusted.ipynb")  # under another name its signature is unknown
    page["cells"][0]["source"] = "# from a stranger"
    untrusted.write_text(json.dumps(page))
    tab = browser.new_page(viewport={"width": 1300, "height": 2200})
    tab.set_default_timeout(120_000)
    tab.goto(f"{address}/lab/tree/untrusted.ipynb?reset")
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    for index in (0, 1, 3):
        output = cells.nth(index).locator(".jp-OutputArea-output").last
        image = output.locator("img")
        image.wait_for()
        assert image.evaluate("one => one.naturalWidth") > 100
        assert output.locator("svg, iframe, script").count() == 0
    assert "dy/dweight += dy/dv1 * ∂v1/∂weight" in cells.nth(3).inner_text()
    tab.close()


INKS = "one => getComputedStyle(one).fill.match(/[0-9.]+/g).slice(0, 3).map(Number)"


def test_a_function_is_explored_in_a_frame_and_in_a_widget(
    browser: Any, lab: tuple[str, Path]
) -> None:
    address, _ = lab
    tab = notebook(browser, address, "explored", 2600)
    choose(tab, "Light")

    framed = ran(tab, 0).frame_locator("iframe")
    framed.get_by_role("searchbox").fill("x")
    framed.get_by_role("searchbox").press("Enter")
    assert "dy/dx" in framed.locator(".panel .sum").inner_text()
    field = framed.get_by_role("spinbutton", name="x", exact=True)
    field.fill("0.5")
    field.press("Enter")
    assert "would take the other branch" in framed.locator(".flags").inner_text()

    widget = ran(tab, 1)
    widget.locator("[data-node='0']").first.hover()
    assert "dy/d" in widget.locator(".panel .sum").inner_text()
    field = widget.get_by_role("spinbutton", name="w", exact=True)
    field.fill("0.25")
    field.press("Enter")
    assert ran(tab, 2).inner_text().strip() == "{'w': 0.25}"
    ran(tab, 3)
    tab.wait_for_function("[...document.querySelectorAll('.jp-OutputArea [type=number]')]"
                          ".some((one) => one.value === '0.125')")  # fmt: skip

    # What is typed on the graph is the graph's, and no command of the notebook.
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    widget.locator(".stage").focus()
    for key in ("0", "0", "1", "-", "+", "x", "d", "d", "a", "ArrowLeft"):
        tab.keyboard.press(key)
    widget.locator("summary", has_text="Descend").focus()
    for key in ("x", "b", "Enter"):
        tab.keyboard.press(key)
    widget.locator(".stage").focus()
    tab.keyboard.press("/")
    tab.keyboard.type("tanh")
    tab.keyboard.press("Enter")
    assert "tanh" in widget.locator(".panel strong").inner_text()
    assert cells.count() == len(EXPLORED)
    assert tab.locator(".jp-Dialog").count() == 0
    widget.locator(".stage").focus()
    before = widget.locator(".scale").inner_text()
    widget.locator(".stage").hover()
    tab.mouse.wheel(0, -100)
    tab.wait_for_function("([one, before]) => one.innerText !== before",
                          arg=[widget.locator(".scale").element_handle(), before])  # fmt: skip

    texts = [part.locator(".node text").first for part in (framed, widget)]
    assert max(max(text.evaluate(INKS)) for text in texts) < 100
    choose(tab, "Dark")
    for text in texts:
        text.evaluate("one => new Promise((done) => requestAnimationFrame(done))")
    assert min(min(text.evaluate(INKS)) for text in texts) > 155
    for part in (framed, widget):
        white = part.locator("*").evaluate_all(
            "all => all.filter((one) => "
            "getComputedStyle(one).backgroundColor === 'rgb(255, 255, 255)').length"
        )
        assert white == 0, "no white slab"
    tab.close()
