"""The campaigns find nothing in what is there, and with a mend taken back they find the fault."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd.__main__
from autograd import exp, files, log
from autograd.compiler import differentiating, masks
from autograd.display import graph
from autograd.functions import parsing as expressions
from autograd.functions.rules import TABLE
from autograd.graph import modes, sweep
from autograd.graph.sweep import sweep as _sweep
from autograd.numbers.exact import bounded_fraction
from hostile import memory, programs
from hostile.campaigns import CAMPAIGNS
from hostile.trying import FaultError, limited, run
from nn.data import cells, reading
from nn.data.faults import DataError
from nn.saving import architecture
from nn.saving.documents import SavedFileError

SHORT = {
    "expressions": 150,
    "models": 60,
    "checkpoints": 10,
    "labels": 20,
    "tables": 60,
    "failures": 40,
    "kills": 8,
    "threads": 20,
    "twins": 20,
    "memory": 60,
    "programs": 60,
    "compiled": 60,
}


def elsewhere(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Do what forks a hundred times in a process of its own: a session has a gigabyte by now, and
    each fork copies the table of it.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **options).result()


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_short_campaign_finds_nothing(tmp_path: Path, name: str) -> None:
    here = elsewhere if name == "memory" else lambda work, *x, **options: work(*x, **options)
    tally = here(run, name, CAMPAIGNS[name], tmp_path, count=SHORT[name])
    assert tally.faults == []
    assert tally.tried == SHORT[name]
    assert len(tally.outcomes) > (name not in ("labels", "memory", "twins"))  # refused, and not


def torn(path: Any, content: Any) -> None:
    """Write a file in place."""
    data = content.encode() if isinstance(content, str) else content
    with open(path, "wb", buffering=0) as file:
        for at in range(0, len(data), 100):
            file.write(data[at : at + 100])
        os.fsync(file.fileno())


plain = reading._plain

# The mends that are taken back: what finds the fault, in at most so many attempts, or in these.
REVERTED: list[tuple[str, int, Any, str, Any]] = [
    ("kills", 60, files, "write", torn),
    ("kills", 60, files, "_remove_left_overs", lambda folder: None),
    ("failures", 100, files, "write", torn),
    ("labels", 100, graph, "title", str),
    ("models", range(140, 400), architecture._Builder, "_count", lambda self, module: None),
    ("models", 400, SavedFileError, "__init__", ValueError.__init__),
    (
        "expressions",
        range(170, 1000),
        expressions,
        "bounded_fraction",
        lambda: bounded_fraction(10**9),
    ),
    ("expressions", range(3600, 5000), autograd.__main__, "line", lambda text, limit: text),
    ("expressions", 1000, autograd.__main__, "visible", str),
    (
        "expressions",
        1000,
        autograd.__main__,
        "unicodedata",
        SimpleNamespace(normalize=lambda _, x: x),
    ),
    ("expressions", range(450, 1000), autograd.__main__.files, "check", lambda path: None),
    ("programs", 1000, programs, "TABLE", {**TABLE, "softplus": lambda x: log(1 + exp(x))}),
    ("tables", range(8700, 8800), DataError, "__init__", ValueError.__init__),
    ("tables", 2000, cells, "_finite", lambda found, lacks: (found, lacks & False)),
    ("tables", 2000, reading, "_plain", lambda column: plain(column.sort_index()[::-1])),
    ("compiled", 1000, differentiating, "masked", lambda builder, root, edges, found: None),
    ("compiled", 1000, differentiating, "sweep_ranks", lambda made, root: np.arange(len(made))),
    ("compiled", range(600, 3000), masks, "math", SimpleNamespace(isfinite=lambda x: True)),
    ("programs", 100, sweep, "sweep", lambda root, seed: _sweep(root, seed * (1 + 1e-14))),
]


# What is raised within a finaliser or a callback of the collector is only printed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("name", "numbers", "owner", "attribute", "old"), REVERTED)
def test_with_a_mend_taken_back_the_fault_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, numbers: int | range, owner: Any,
    attribute: str, old: Callable[..., Any],
) -> None:  # fmt: skip
    """Among the first attempts; where it takes hundreds, among those from shortly before it."""
    monkeypatch.setattr(owner, attribute, old)
    if name not in CAMPAIGNS:
        pytest.skip("this system does not fork")
    tried = range(numbers) if isinstance(numbers, int) else numbers
    tally = run(
        name,
        CAMPAIGNS[name],
        tmp_path,
        first=tried.start,
        count=len(tried),
        patience=1.0,
        stop=True,
    )
    assert len(tally.faults) == 1, tally


def is_here(opened: Any) -> bool:
    """Whether a context is the one of a block; memory that is short uses up what tells it."""
    if opened.token is None:
        return True
    try:
        modes._entered.reset(opened.token)
        opened.token = modes._entered.set(None)
    except (RuntimeError, ValueError):
        return False
    return True


def faults_of(run: str, mends_taken_back: dict[str, Any]) -> tuple[int, list[str]]:
    """Let each allocation of a run fail in turn: how many there are, and the faults."""
    number = [each.__name__ for each in memory.RUNS].index(run)
    faults = []
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, old in mends_taken_back.items():
            patch.setattr(name, old)
        count = memory.allocations(number, Path(folder))
        for nth in range(1, count + 1):
            try:
                memory.deprived(number, Path(folder), nth)
            except FaultError as fault:
                faults.append(str(fault))
    return count, faults


@pytest.mark.parametrize("taken_back", [False, True])
@pytest.mark.parametrize(
    ("run", "mend", "old"),
    [
        ("modes", "autograd.graph.modes._is_here", is_here),
        ("written", "autograd.files.write", torn),
    ],
)
def test_whichever_allocation_fails_a_block_ends_and_a_file_is_whole(
    run: str, mend: str, old: Any, taken_back: bool
) -> None:
    if "memory" not in CAMPAIGNS:
        pytest.skip("this system does not fork, or this Python has no _testcapi")
    count, faults = elsewhere(faults_of, run, {mend: old} if taken_back else {})
    assert count > 40
    assert bool(faults) is taken_back, faults


@pytest.mark.skipif(os.name != "posix", reason="there is no alarm")
@pytest.mark.parametrize(("wait", "hangs"), [
    (lambda: time.sleep(0.4), False),  # as a process that gets no processor for a while
    (lambda: all(x >= 0 for x in count()), True),
    (lambda: threading.Event().wait(), True),
])  # fmt: skip
def test_what_computes_or_waits_for_too_long_hangs(wait, hangs):
    with pytest.raises(FaultError) if hangs else nullcontext(), limited(0.2):
        wait()
