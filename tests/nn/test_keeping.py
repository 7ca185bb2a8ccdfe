"""No work is lost in ``python -m nn``: what fails is found before it, or costs no model."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn.__main__ as command
import nn.command.verbs
from autograd import files
from autograd.lines import visible
from nn.data.tables import load_csv
from nn.models.classifier import Classifier

QUICK = ["--epochs", "2", "--no-progress"]
ROWS = [f"{i},{i % 3},{'cat' if i < 9 else 'dog'}\n" for i in range(18)]
PETS = "weight,height,kind\n" + "".join(ROWS)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX has these files")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of work with a table in it, and another one for temporary files."""
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    (work / "pets.csv").write_text(PETS)
    monkeypatch.chdir(work)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return work


def run(*arguments: str) -> int:
    try:
        return command.main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the line of error, which is all that there is, and which a terminal can be shown."""
    err = capsys.readouterr().err
    assert err.startswith("nn: error: ")
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert len(err) <= 601
    return err


# --- found before training -----------------------------------------------------------------------


def loop() -> None:
    os.symlink("itself", "itself")


def pipe() -> None:
    os.mkfifo("pipe")


def data_by_another_name() -> None:
    os.link("pets.csv", "linked.csv")
    os.symlink("pets.csv", "soft.csv")


BEFORE: list[tuple[Callable[[], None] | None, str, str]] = [
    (loop, "itself", "cannot use itself: Too many levels of symbolic links"),
    (None, "/", "cannot use /: it is a folder"),
    (None, "n" * 300, "File name too long"),
    (None, "", "it is a folder"),
    (pipe, "pipe", "cannot use pipe: it is a pipe"),
    (None, "/dev/null", "cannot use /dev/null: it is a device"),
    (None, "/dev/full", "cannot use /dev/full: it is a device"),
    (None, "none/x.json", "there is no such folder"),
    (None, "pets.csv", "it is named for two purposes"),
    (None, "./../work/pets.csv", "it is named for two purposes"),
    (data_by_another_name, "linked.csv", "it is named for two purposes"),
    (data_by_another_name, "soft.csv", "it is named for two purposes"),
    (None, "pets.csv/x.json", "there is no such folder"),
]


@posix
@pytest.mark.parametrize("option", ["--save", "--checkpoint", "--report"])
@pytest.mark.parametrize(("make", "path", "message"), BEFORE)
def test_what_cannot_be_written_is_one_line_before_the_training(
    folder: Path, capsys: pytest.CaptureFixture[str], make: Callable[[], None] | None, path: str,
    message: str, option: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if make is not None:
        make()
    monkeypatch.setattr(nn.command.verbs, "fit", lambda *_, **__: pytest.fail("it was trained"))
    there = sorted(os.listdir())
    assert run("pets.csv", option, path, *QUICK) == 2
    assert message in one_line(capsys)
    assert sorted(os.listdir()) == there
    assert Path("pets.csv").read_text() == PETS


@posix
@pytest.mark.parametrize("path", ["itself", "/", "n" * 300, "none", "pipe/x"])
def test_what_cannot_be_read_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    loop()
    for arguments in ([path], ["predict", path, "pets.csv"], ["evaluate", "pets.csv", path]):
        assert run(*arguments) == 2
        one_line(capsys)


@posix
def test_a_full_place_is_found_before_the_training(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise FULL

    monkeypatch.setattr(nn.command.verbs, "fit", lambda *_, **__: pytest.fail("it was trained"))
    monkeypatch.setattr(os, "fsync", full)
    assert run("pets.csv", "--save", "model.json", *QUICK) == 2
    assert "cannot use model.json: No space left on device" in one_line(capsys)


@pytest.mark.skipif(sys.platform != "linux", reason="a file system of a size is mounted by Linux")
@pytest.mark.parametrize(("pages", "status"), [(1, 2), (2, 2), (16, 0)])
def test_a_file_system_that_is_really_full_is_found_before_the_training(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, pages: int,
    status: int,
) -> None:  # fmt: skip
    if status:
        monkeypatch.setattr(nn.command.verbs, "fit", lambda *_, **__: pytest.fail("it was trained"))
    Path("small").mkdir()
    # Room for a page or two, and not for the model: its size counts, not that something fits.
    mount = ["mount", "-t", "tmpfs", "-o", f"size={pages * 4}k", "none", "small"]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount nothing")
    try:
        assert run("pets.csv", "--save", "small/model.json", *QUICK) == status
        if status:
            assert "cannot use small/model.json: No space left on device" in one_line(capsys)
        assert os.listdir("small") == ["model.json"] * (not status)
    finally:
        subprocess.run(["umount", "small"], check=True)  # noqa: S607


# --- what fails afterwards -----------------------------------------------------------------------


def kept_in(line: str) -> Classifier:
    """Return the model that a line says is kept."""
    found = re.search("the model is kept in (.*)\n", line)
    assert found
    return Classifier.load(found[1])


def trained(folder: Path) -> dict[str, float]:
    """Return the weights that the run has when nothing fails."""
    assert run("pets.csv", "--save", "whole.json", *QUICK) == 0
    return Classifier.load("whole.json").network.state_dict()


@pytest.mark.parametrize("failing", ["model.json", "report.html", "run.json"])
def test_a_disk_that_fills_up_costs_no_model(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    weights, real, calls = trained(folder), files.write, []
    capsys.readouterr()

    def write(path: Any, content: Any) -> None:
        calls.append(str(path))
        last = 3 if failing == "run.json" else 1  # the state before, and after each epoch
        if calls.count(failing) == last and str(path) == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), failing)
        real(path, content)

    monkeypatch.setattr(files, "write", write)
    options = ["--save", "model.json", "--report", "report.html", "--checkpoint", "run.json"]
    assert run("pets.csv", *options, *QUICK) == 1
    line = one_line(capsys)
    assert f"cannot use {failing}: No space left on device; the model is kept in" in line
    assert ("kept in model.json\n" in line) == (failing == "report.html")
    assert kept_in(line).network.state_dict() == weights


class Filling(io.StringIO):
    """An output that is full after some lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.left = lines

    def write(self, text: str) -> int:
        self.left -= text.count("\n")
        if self.left < 0:
            raise FULL
        return super().write(text)


@pytest.mark.parametrize("saving", [[], ["--save", "model.json"]], ids=["unsaved", "saved"])
def test_an_output_that_is_full_after_any_line_costs_no_model(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    saving: list[str],
) -> None:  # fmt: skip
    weights = trained(folder)
    capsys.readouterr()
    late = 0
    for lines in range(20):
        monkeypatch.setattr(sys, "stdout", Filling(lines))
        status = run("pets.csv", *saving, *QUICK)
        if status == 0:
            break
        assert status == 1
        line = one_line(capsys)
        assert "the output cannot be written: No space left on device" in line
        if "kept" in line:
            late += 1
            assert kept_in(line).network.state_dict() == weights
    assert late == 6 + bool(saving)  # loss, accuracy, baseline, recalls, warning, time, and saved


def test_a_report_that_cannot_be_made_costs_no_model(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("no such figure\n\x1b[31m" + "x" * 5000)

    monkeypatch.setattr(nn.command.report, "loss_curves", broken)
    assert run("pets.csv", "--report", "report.html", *QUICK) == 1
    line = one_line(capsys)
    assert "ValueError: no such figure" in line
    assert kept_in(line).class_names == ("cat", "dog")


def test_where_nothing_can_be_written_the_line_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(files, "write", full)
    assert run("pets.csv", "--save", "model.json", *QUICK) == 1
    assert "the model could be kept nowhere" in one_line(capsys)


@posix
@pytest.mark.parametrize(
    "arguments",
    [["-m", "nn", "--epochs", "1"], ["-m", "nn", "predict", "model.json", "pets.csv"],
     ["-m", "autograd", "x*x", "x=3"]],
    ids=lambda x: " ".join(x[:3]),
)  # fmt: skip
def test_a_full_output_is_one_line_of_a_process_too(folder: Path, arguments: list[str]) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    assert run("pets.csv", "--save", "model.json", *QUICK) == 0
    environment = {key: x for key, x in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, *arguments], stdout=full, stderr=subprocess.PIPE, encoding="utf-8",
            check=False, env=environment,
        )  # fmt: skip
    assert done.returncode in (1, 2)
    assert re.fullmatch(r"(nn|autograd): error: .*No space left on device.*\n", done.stderr)


# --- names of all kinds --------------------------------------------------------------------------

ESC = "\x1b]0;title\x07\x1b[31m"
NAMES = [
    "P&L $ % $", "$\\frac{$", "$x^$", "\\", "%", "<b>", "{}", "\u65e5\u672c", "a\nb", ESC, "\u202e",
    "x" * 3000, "_^", "\x00", "'\"",
]  # fmt: skip


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("name", NAMES, ids=lambda x: ascii(x)[:20])
def test_any_name_of_a_column_and_of_a_class_goes_through_every_command(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    rows = "".join(f"{i},{i % 3},{cell(name if i < 9 else 'dog')}\n" for i in range(18))
    table = f"{cell(name)},height,{cell(name + '!')}\n" + rows
    Path("names.csv").write_text(table, encoding="utf-8", newline="")
    assert run("names.csv", "--save", "m.json", "--report", "page.html", *QUICK) == 0
    assert run("evaluate", "m.json", "names.csv", "--report", "other.html") == 0
    assert run("predict", "m.json", "names.csv") == 0
    shown = capsys.readouterr()
    for text in (shown.out, shown.err, Path("page.html").read_text(encoding="utf-8")):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    assert shown.err == ""
    assert run("predict", "m.json", "names.csv", "--output", "answers.csv") == 0
    answers = Path("answers.csv").read_bytes().decode()
    assert visible(answers, "\n\t") in shown.out  # the file has the names themselves
    assert [*csv.reader(io.StringIO(answers, newline=""))][1][2] in (name, "dog")


def test_the_names_in_an_error_are_visible_and_not_endless(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in (f"{ESC},{ESC}\n1,2\n", "x" * 70_000 + ",y\n,\n", f"a,b\n1,{ESC}\n2,c\nz,d\n"):
        Path("bad.csv").write_text(text, encoding="utf-8")
        assert run("bad.csv", "--target", ESC + "y" * 70_000) == 2
        one_line(capsys)
        assert run("bad.csv") == 2
        one_line(capsys)


def test_a_surrogate_in_a_saved_name_reaches_no_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = load_csv("pets.csv")
    assert run("pets.csv", "--save", "m.json", *QUICK) == 0
    model = Classifier.load("m.json")
    hostile = Classifier(
        model.network, model.scaler, data.feature_names, ("\ud800\x1b[2J", "dog"), "kind"
    )
    hostile.save("hostile.json")
    capsys.readouterr()
    assert run("predict", "hostile.json", "pets.csv") == 0
    assert "\\ud800\\x1b[2J" in capsys.readouterr().out


# --- predictions ---------------------------------------------------------------------------------


def test_predictions_are_written_whole_or_not_at_all(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("pets.csv", "--save", "m.json", *QUICK) == 0
    Path("answers.csv").write_text("old")
    monkeypatch.setattr(files, "write", lambda *_: (_ for _ in ()).throw(FULL))
    assert run("predict", "m.json", "pets.csv", "--output", "answers.csv") == 1
    assert Path("answers.csv").read_text() == "old"
    for path in ("pets.csv", "m.json"):
        assert run("predict", "m.json", "pets.csv", "--output", path) == 2
        assert "it is named for two purposes" in capsys.readouterr().err
    assert Path("pets.csv").read_text() == PETS
