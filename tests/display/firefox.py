"""Firefox over WebDriver BiDi, which its own remote agent speaks: what the tests of pages ask."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Keys that are no characters, as WebDriver writes them.
KEYS = {"Backspace": "\ue003", "Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008",
        "Control": "\ue009", "Escape": "\ue00c", "Space": " ", "End": "\ue010", "Home": "\ue011",
        "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
        "ArrowDown": "\ue015"}  # fmt: skip
PREFERENCES = {
    "app.update.enabled": False, "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0, "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False, "fission.autostart": False, "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False, "extensions.enabledScopes": 0,
}  # fmt: skip
SCHEME = "layout.css.prefers-color-scheme.content-override"  # 0 for dark, 1 for light
OWN_FONT = "data:font/woff2;base64"  # which Firefox draws some of its controls with
PATIENCE = 120.0  # seconds, of a busy machine


class Firefox:
    """A headless Firefox with a profile of its own, and one session with it.

    Parameters
    ----------
    folder : Path
        An empty folder for the profile.
    dark : bool
        Whether pages are told that their reader prefers dark ones.
    """

    def __init__(self, folder: Path, dark: bool = False) -> None:
        import websocket  # of JupyterLab

        program = shutil.which("firefox-esr")
        assert program is not None
        chosen = PREFERENCES | {SCHEME: 0 if dark else 1}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(x)});" for name, x in chosen.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(folder),
             "--remote-debugging-port", "0", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.socket: Any = None
        self.number = 0
        self.events: list[dict[str, Any]] = []
        try:
            where = folder / "WebDriverBiDiServer.json"
            until(lambda: where.exists() and where.read_text().endswith("}"), "Firefox to listen")
            told = json.loads(where.read_text())
            address = f"ws://{told['ws_host']}:{told['ws_port']}/session"
            self.socket = websocket.create_connection(address, PATIENCE, suppress_origin=True)
            self("session.new", capabilities={})
            self("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        if self.socket is not None:
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command and return its result; events that come before it are kept."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        self.socket.send(json.dumps(command))
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv())
            if message["type"] == "event":
                self.events.append(message)
            elif message["id"] == self.number:
                assert message["type"] == "success", message
                return dict(message["result"])

    @contextmanager
    def opened(self, path: Path, width: int = 1280, height: int = 800) -> Iterator[Tab]:
        """A page opened from disk, which must ask for nothing and not fail."""
        self.events.clear()
        context = self("browsingContext.create", type="tab")["context"]
        self("browsingContext.setViewport", context=context,
             viewport={"width": width, "height": height})  # fmt: skip
        self("browsingContext.navigate", context=context, url=path.as_uri(), wait="complete")
        yield Tab(self, context)
        self("browsingContext.close", context=context)
        found = [x for x in self.events if (x["params"].get("source") or x["params"])["context"]
                 == context]  # fmt: skip
        logged = [x["params"] for x in found if x["method"] == "log.entryAdded"]
        errors = [entry["text"] for entry in logged if entry["level"] == "error"]
        assert errors == []
        asked = {x["params"]["request"]["url"].partition(",")[0] for x in found
                 if "request" in x["params"]} - {path.as_uri(), OWN_FONT}  # fmt: skip
        assert asked == set()


class Tab:
    """A tab of Firefox."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self.firefox, self.context = firefox, context

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, or of the promise that it is."""
        result = self.firefox(
            "script.evaluate", target={"context": self.context}, awaitPromise=True,
            expression=f"Promise.resolve({expression}).then((x) => JSON.stringify(x ?? null))",
        )  # fmt: skip
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return json.loads(result["result"]["value"])

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        until(lambda: bool(self.evaluate(f"Boolean({expression})")), expression)

    def text(self, selector: str) -> str:
        """The text of the first element that fits."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def count(self, selector: str) -> int:
        """How many elements fit."""
        return int(self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def press(self, *keys: str) -> None:
        """Press keys one after the other; "Control+a" holds the first while the second is hit."""
        acts: list[dict[str, Any]] = []
        for key in keys:
            held = [KEYS.get(part, part) for part in (key.split("+") if len(key) > 1 else [key])]
            acts += [{"type": "keyDown", "value": x} for x in held]
            acts += [{"type": "keyUp", "value": x} for x in reversed(held)]
        self.act("key", "keyboard", acts)

    def write(self, text: str) -> None:
        """Type a text."""
        self.press(*text)

    def place(self, selector: str) -> tuple[int, int]:
        """The middle of an element, which is scrolled to."""
        found = json.dumps(selector)
        x, y = self.evaluate(
            f"((one) => {{ one.scrollIntoView({{ block: 'nearest' }});"
            " const at = one.getBoundingClientRect();"
            f" return [at.x + at.width / 2, at.y + at.height / 2]; }})"
            f"(document.querySelector({found}))"
        )
        return round(x), round(y)

    def point(self, *way: tuple[int, int], down: bool = False) -> None:
        """Move the pointer along a way, with its button down from the first point on."""
        moves = [{"type": "pointerMove", "x": x, "y": y} for x, y in way]
        if down:
            moves.insert(1, {"type": "pointerDown", "button": 0})
            moves.append({"type": "pointerUp", "button": 0})
        self.act("pointer", "mouse", moves)

    def hover(self, selector: str) -> None:
        """Point at an element."""
        self.point(self.place(selector))

    def click(self, selector: str) -> None:
        """Click on an element."""
        self.point(self.place(selector), down=True)

    def wheel(self, selector: str, by: int) -> None:
        """Turn the wheel over an element."""
        x, y = self.place(selector)
        self.act("wheel", "wheel", [{"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": by}])

    def act(self, kind: str, name: str, acts: list[dict[str, Any]]) -> None:
        """Let an input device act, and the page answer."""
        self.firefox("input.performActions", context=self.context,
                     actions=[{"type": kind, "id": name, "actions": acts}])  # fmt: skip
        self.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def screenshot(self, path: Path) -> None:
        """Write a picture of the window as PNG."""
        data = self.firefox("browsingContext.captureScreenshot", context=self.context)["data"]
        path.write_bytes(base64.b64decode(data))


def until(holds: Any, what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited {PATIENCE:g} s for {what}"
        time.sleep(0.05)
