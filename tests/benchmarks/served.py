"""What the site costs in Chromium: its first page, the page to try things on, JupyterLite."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exploring import SIZE, chromium
from measure import Sample
from report import Row

ROOT = Path(__file__).parents[2]
TEXTS = (".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg")
COURSE = "lite/lab/index.html?path=01_a_number_that_remembers.ipynb"
FIRST = json.loads((ROOT / "notebooks" / "01_a_number_that_remembers.ipynb").read_text("utf-8"))
FIGURES = {  # unit, what was promised, and the factor from seconds and bytes
    "first page, loaded": ("ms", 1000.0, 1e3),
    "first page, fetched": ("KB", 300.0, 1e-3),
    "first page, fetched from a host that does not compress": ("KB", None, 1e-3),
    "Try it, the example is seen": ("ms", 1000.0, 1e3),
    "Try it, an expression is answered": ("s", None, 1.0),
    "JupyterLite, the notebook is seen": ("s", None, 1.0),
    "JupyterLite, a kernel is ready": ("s", 15.0, 1.0),
    "JupyterLite, all cells of notebook 1 have run": ("s", None, 1.0),
    "JupyterLite, fetched": ("MB", None, 1e-6),
}


class Host(http.server.SimpleHTTPRequestHandler):
    """A host of files that compresses text, as those on the web do."""

    compresses = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def send_head(self) -> Any:
        """Answer with a text, packed, or with a file as it is."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not self.compresses or path.suffix not in TEXTS or not path.is_file():
            return super().send_head()
        packed = _packed(path)
        self.send_response(200)
        for name, value in {
            "Content-Type": self.guess_type(str(path)),
            "Content-Encoding": "gzip",
            "Content-Length": str(len(packed)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        return io.BytesIO(packed)


@functools.cache
def _packed(path: Path) -> bytes:
    """A file, packed; hosts on the web have it ready."""
    return gzip.compress(path.read_bytes(), 6)


class Plain(Host):
    """A host that does not."""

    compresses = False


def run(quick: bool) -> list[Row]:
    """Measure each of the pages as somebody finds it who has never been there."""
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    with built() as folder, chromium() as browser:
        if folder is not None and browser is not None:
            for _ in range(1 if quick else 3):
                for name, figure in visits(browser, folder):
                    found[name].append(figure * FIGURES[name][2])
    return [
        Row(f"site: {name}", unit, Sample.of(found[name]) if found[name] else None, at_most=most)
        for name, (unit, most, _) in FIGURES.items()
    ]


@contextmanager
def built() -> Iterator[Path | None]:
    """The site that GLASSGRAD_SITE names, or one that is built; None where it cannot be built."""
    if there := os.environ.get("GLASSGRAD_SITE"):
        yield Path(there)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "mkdocs", "build", "-q", "-f", str(ROOT / ".docs" / "mkdocs.yml")]
        done = subprocess.run([sys.executable, *command, "-d", folder], check=False)
        yield None if done.returncode else Path(folder)


def visits(browser: Any, folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the seconds and the bytes of each visit."""
    for host in (Plain, Host):
        with opened(browser, folder, host) as (tab, address, fetched):
            tab.goto(f"{address}/", wait_until="networkidle")
            loaded = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            size = fetched()
        if host is Plain:
            yield "first page, fetched from a host that does not compress", size
    yield "first page, loaded", loaded / 1e3
    yield "first page, fetched", size
    with opened(browser, folder, Host) as (tab, address, _):
        start = time.perf_counter()
        tab.goto(f"{address}/try/index.html", wait_until="commit")
        tab.frame_locator("#page").locator(".stage [data-node]").first.wait_for()
        yield "Try it, the example is seen", time.perf_counter() - start
        tab.locator("#answer:not(:empty)").wait_for(timeout=120_000)
        yield "Try it, an expression is answered", time.perf_counter() - start
    with opened(browser, folder, Host) as (tab, address, fetched):
        start = time.perf_counter()
        tab.goto(f"{address}/{COURSE}")
        cells = tab.locator(".jp-Notebook .jp-CodeCell")
        cells.first.wait_for()
        yield "JupyterLite, the notebook is seen", time.perf_counter() - start
        tab.get_by_text("| Idle").wait_for(timeout=240_000)
        yield "JupyterLite, a kernel is ready", time.perf_counter() - start
        tab.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
        tab.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        tab.wait_for_function(  # solutions, which are folded away, show no number
            "(count) => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".filter((one) => /[0-9]/.test(one.textContent)).length === count",
            arg=sum(x["cell_type"] == "code" and not x["metadata"] for x in FIRST["cells"]),
            timeout=240_000,
        )
        yield "JupyterLite, all cells of notebook 1 have run", time.perf_counter() - start
        yield "JupyterLite, fetched", fetched()


@contextmanager
def opened(
    browser: Any, folder: Path, host: type[Host]
) -> Iterator[tuple[Any, str, Callable[[], float]]]:
    """A tab that remembers nothing, the address of the site, and the bytes fetched so far."""
    handler = functools.partial(host, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        window = browser.new_context(viewport=SIZE)
        tab = window.new_page()
        done: list[Any] = []
        window.on("requestfinished", lambda request: done.append(request))  # no built-in

        def fetched() -> float:
            # What a service worker hands on it has fetched itself, which counts.
            sizes = [x.sizes() for x in done if not x.response().from_service_worker]
            return float(sum(x["responseBodySize"] + x["responseHeadersSize"] for x in sizes))

        yield tab, f"http://127.0.0.1:{server.server_port}", fetched
        window.close()
        server.shutdown()
