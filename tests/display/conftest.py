"""What these tests share: tools that are there or are not, a browser, and graphs."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Iterator
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
