"""The campaigns find nothing in what is there, and with a mend taken back they find the fault."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import autograd.__main__
from autograd import expressions, files
from autograd.display import graph
from autograd.exact import bounded_fraction
from hostile.campaigns import CAMPAIGNS
from hostile.trying import run
from nn.saving import architecture
from nn.saving.documents import SavedFileError

SHORT = {
    "expressions": 150,
    "models": 60,
    "checkpoints": 10,
    "labels": 20,
    "failures": 40,
    "kills": 8,
    "threads": 20,
}


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_short_campaign_finds_nothing(tmp_path: Path, name: str) -> None:
    tally = run(name, CAMPAIGNS[name], tmp_path, count=SHORT[name])
    assert tally.faults == []
    assert tally.tried == SHORT[name]
    assert len(tally.outcomes) > (name != "labels")  # what is refused, and what is not


def torn(path: Any, content: Any) -> None:
    """Write a file in place."""
    data = content.encode() if isinstance(content, str) else content
    with open(path, "wb", buffering=0) as file:
        file.write(data[: len(data) // 2])
        file.write(data[len(data) // 2 :])
        os.fsync(file.fileno())


# The mends that are taken back: what finds the fault, in at most so many attempts.
REVERTED: list[tuple[str, int, Any, str, Any]] = [
    ("kills", 60, files, "write", torn),
    ("kills", 60, files, "_remove_left_overs", lambda folder: None),
    ("failures", 100, files, "write", torn),
    ("labels", 100, graph, "title", str),
    ("models", 400, architecture._Builder, "_count", lambda self, module: None),
    ("models", 400, SavedFileError, "__init__", ValueError.__init__),
    ("expressions", 1000, expressions, "bounded_fraction", lambda: bounded_fraction(10**9)),
    ("expressions", 5000, autograd.__main__, "line", lambda text, limit: text),
    ("expressions", 1000, autograd.__main__, "visible", str),
    (
        "expressions",
        1000,
        autograd.__main__,
        "unicodedata",
        SimpleNamespace(normalize=lambda _, x: x),
    ),
    ("expressions", 1000, autograd.__main__.files, "check", lambda path: None),
]


# What is raised within a finaliser or a callback of the collector is only printed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("name", "count", "owner", "attribute", "old"), REVERTED)
def test_with_a_mend_taken_back_the_fault_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, count: int, owner: Any,
    attribute: str, old: Callable[..., Any],
) -> None:  # fmt: skip
    monkeypatch.setattr(owner, attribute, old)
    if name not in CAMPAIGNS:
        pytest.skip("this system does not fork")
    tally = run(name, CAMPAIGNS[name], tmp_path, count=count, patience=3.0, stop=True)
    assert len(tally.faults) == 1, tally
