"""What these tests share: tools that are there or are not, a browser, and graphs."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from autograd import Value

BROWSER_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave no program to be found, neither on the PATH nor beside this Python."""
    empty = str(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("PATH", empty)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: empty)


@pytest.fixture(params=["as installed", "empty PATH"])
def tools(request: pytest.FixtureRequest) -> str:
    """Run a test twice: with the programs of this machine, and with none."""
    if request.param == "empty PATH":
        request.getfixturevalue("no_programs")
    return str(request.param)


@pytest.fixture
def neuron() -> Value:
    """tanh(w*x + b), with labels, swept."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.25, "b")
    y = (w * x + b).tanh()
    y.label = "y"
    y.backward()
    return y


@pytest.fixture(scope="module")  # no longer: it keeps an event loop running in this thread
def browser() -> Iterator[Any]:
    """Debian's Chromium. In CI it must be there; elsewhere its absence skips, and says so."""
    program = shutil.which("chromium")
    if program is None:
        message = "the page is tested in chromium, which is not installed: apt install chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield chromium
        chromium.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on this machine, at the address that is returned."""
    with ExitStack() as stack:

        def start(folder: Path) -> str:
            handler = functools.partial(_Quiet, directory=str(folder))
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            stack.enter_context(server)
            stack.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}"

        yield start


@pytest.fixture
def lonely(browser: Any) -> Iterator[Any]:
    """A browser's window out of whose reach every other host is; none may be asked."""
    window = browser.new_context(viewport={"width": 1300, "height": 1400})
    asked: list[str] = []
    window.asked = asked
    window.on("request", lambda request: asked.append(request.url))
    window.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.abort())
    yield window
    window.close()
    here = ("http://127.0.0.1", "data:", "about:", "blob:")
    assert [url for url in asked if not url.startswith(here)] == []
