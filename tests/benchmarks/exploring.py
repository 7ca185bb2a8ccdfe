"""What the explorer's page costs in Chromium: to open it, to move a number, to pan."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peers
from measure import Sample
from report import Row

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SIZE = {"width": 1280, "height": 800}
PAGE = "document.querySelector('.glassgrad-explorer').glassgrad"
MOVE = f"""async () => {{
  const page = {PAGE};
  const leaf = page.names[page.ops.indexOf(null)];
  const times = [];
  for (let i = 0; i < 15; i += 1) {{
    const start = performance.now();
    page.set(leaf, 0.5 + i / 100);
    page.refresh();
    times.push(performance.now() - start);
  }}
  return times;
}}"""
PAN = f"""async () => {{
  const times = [];
  for (let i = 0; i < 60; i += 1) {{
    const start = performance.now();
    {PAGE}.seer.moveBy(i % 30 < 15 ? 40 : -40, 3);
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }}
  return times;
}}"""


def tangle(nodes: int, reach: int = 60) -> Any:
    """Return the root of a random graph of so many nodes, all of which it depends on."""
    autograd = peers.glassgrad()
    rng = random.Random(reach)
    values = [autograd.Value(rng.uniform(-1, 1)) for _ in range(20)]
    unused = list(values)
    while len(values) < nodes - 1:
        x, y = unused.pop(rng.randrange(len(unused))), rng.choice(values[-reach:])
        values.append(x * y if rng.random() < 0.5 else (x - y) if rng.random() < 0.5 else x.tanh())
        unused.append(values[-1])
    return autograd.sum(unused)


def network(nodes: int) -> Any:
    """Return the loss of a network called so often that its graph has about so many nodes."""
    autograd = peers.glassgrad()
    from nn import MLP

    model = MLP(2, [12, 12, 1], rng=random.Random(0))
    with autograd.record():
        losses = [model([i / 50 - 1, 1.0]) ** 2 for i in range(nodes // 52)]
        return autograd.mean(losses)


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, or None."""
    program = shutil.which("chromium")
    if program is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def run(quick: bool) -> list[Row]:
    """Measure pages of two sizes, of a tangle and of a network."""
    autograd = peers.glassgrad()
    targets = {2_000: (1_000.0, 16.0), 20_000: (2_000.0, 100.0)}
    sizes = [500] if quick else list(targets)
    rows = []
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            to_open, to_move = targets.get(size, (None, None))
            for name, make in (("tangle", tangle), ("network", network)):
                figures: list[Sample | None] = [None] * 3
                nodes = size
                if browser is not None:
                    page = autograd.explore(make(size))
                    nodes = len(page.graph)
                    page.save(Path(folder) / "page.html")
                    figures = list(measured(browser, Path(folder) / "page.html"))
                for what, sample, target in zip(
                    ("opens", "computes a move and shows it", "pans, a frame"),
                    figures, (to_open, to_move, 1000 / 30), strict=True,
                ):  # fmt: skip
                    row = f"explorer, {name} of {nodes:,} nodes: {what}"
                    rows.append(Row(row, "ms", sample, at_most=target))
    return rows


def measured(browser: Any, path: Path) -> Iterator[Sample]:
    """Yield the milliseconds until a page is drawn, of a move, and of a frame of panning."""
    opened = []
    for _ in range(3):
        tab = browser.new_page(viewport=SIZE)
        tab.goto(path.as_uri())
        tab.wait_for_selector(".stage [data-node], .stage [data-level], .stage .far")
        opened.append(tab.evaluate("performance.now()"))
        if len(opened) < 3:
            tab.close()
    yield Sample.of(opened)
    yield Sample.of(tab.evaluate(MOVE))
    tab.evaluate(f"{PAGE}.seer.fit()")
    tab.wait_for_timeout(500)
    yield Sample.of(tab.evaluate(PAN))
    tab.close()
