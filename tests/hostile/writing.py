"""Writing: kills during saves by one and by four writers, and the n-th call that fails."""

from __future__ import annotations

import errno
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nn
from autograd import Value, draw, files
from autograd.display import step
from hostile.trying import check

SIZE = 100_000


def killed(source: random.Random, folder: Path) -> str:
    """Kill writers of one file at any moment: a reader sees it whole, and nothing stays behind."""
    path = folder / "kept"
    files.write(path, b"0" * SIZE)
    writers = [_forked(path, i) for i in range(source.choice([1, 4]))]
    try:
        time.sleep(source.random() * 0.02)
        for i, writer in enumerate(writers[::-1]):
            os.kill(writer, signal.SIGKILL)
            time.sleep(source.random() * 0.003)
            content = path.read_bytes()
            whole = len(content) == SIZE and len(set(content)) == 1
            check(whole, f"torn, with {len(content)} bytes", sorted(set(content)))
            for alive in writers[: len(writers) - 1 - i]:
                check(os.waitpid(alive, os.WNOHANG) == (0, 0), "a living writer failed", alive)
    finally:
        for writer in writers:
            try:
                os.kill(writer, signal.SIGKILL)
                os.waitpid(writer, 0)
            except (ChildProcessError, ProcessLookupError):
                continue
    files.write(path, "after")
    names = [name for name in os.listdir(folder) if name.startswith(".")]
    check(not names, "temporaries stay behind", names)
    return f"by {len(writers)}"


def _forked(path: Path, number: int) -> int:
    """Start a process that writes a file again and again; it ends by a kill, or on any error."""
    child = os.fork()
    if child:
        return child
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        while True:
            files.write(path, bytes([49 + number]) * SIZE)
    finally:
        os._exit(1)


def _model(path: Path) -> None:
    nn.save(nn.MLP(1, [2, 1]), path.with_suffix(".json"))


def _checkpoint(path: Path) -> None:
    model = nn.Neuron(1)
    nn.fit(model, nn.losses.mse, [[1.0]], [1.0], nn.optim.SGD(model.parameters(), 0.1), 2,
           progress=False, checkpoint=path.with_suffix(".json"))  # fmt: skip


def _picture(path: Path) -> None:
    draw(Value(2.0) * 3.0, engine="builtin").save(path.with_suffix(".svg"))


def _steps(path: Path) -> None:
    step(Value(2.0) * 3.0).save(path.with_suffix(".html"))


SAVES: list[Callable[[Path], None]] = [_model, _checkpoint, _picture, _steps]
CALLS = ["open", "fsync", "replace", "fchmod", "fchown", "unlink", "scandir", "stat"]


def failing(source: random.Random, folder: Path) -> str:
    """Let the n-th call of the system fail: an error, and the file as it was before or after."""
    save, name, nth = source.choice(SAVES), source.choice(CALLS), source.randrange(1, 6)
    path = folder / "failing"
    for suffix in (".json", ".svg", ".html"):
        path.with_suffix(suffix).write_text("old")
    number = source.choice([errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES])
    given = (save.__name__, name, nth, errno.errorcode[number])
    error: OSError | None = None
    with failure(name, nth, number) as calls:
        try:
            save(path)
        except OSError as raised:
            error = raised
    found = {suffix: path.with_suffix(suffix).read_bytes() for suffix in (".json", ".svg", ".html")}
    for content in found.values():
        whole = content == b"old" or content.rstrip().endswith((b"}", b"</svg>", b"</html>"))
        check(whole, "a file is torn", (*given, content[-50:]))
    if error is None and save in (_model, _checkpoint):
        check(found[".json"] != b"old", "no error, and not saved", given)
    if not calls["replace"]:
        check(set(found.values()) == {b"old"}, "it was replaced by no rename", given)
    names = [left for left in os.listdir(folder) if left.startswith(".")]
    if name != "unlink":  # what may remove nothing leaves it to the next
        check(not names, "temporaries stay behind", (*given, names))
    files.write(path, "after")
    check(not [x for x in os.listdir(folder) if x.startswith(".")], "the next leaves it", given)
    return "failed" if error else "saved"


@contextmanager
def failure(name: str, nth: int, number: int) -> Iterator[dict[str, int]]:
    """Let the n-th call of one function of `os` fail, and count those of `replace` that do not."""
    real, real_replace = getattr(os, name), os.replace
    calls = {"all": 0, "replace": 0}

    def patched(*args: object, **kwargs: object) -> object:
        calls["all"] += 1
        if calls["all"] == nth:
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    def replace(*args: object, **kwargs: object) -> None:
        (patched if name == "replace" else real_replace)(*args, **kwargs)  # type: ignore[operator]
        calls["replace"] += 1

    os.replace = replace  # type: ignore[assignment]
    if name != "replace":
        setattr(os, name, patched)
    try:
        yield calls
    finally:
        os.replace = real_replace
        if name != "replace":
            setattr(os, name, real)
