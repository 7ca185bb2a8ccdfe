"""The campaigns, by name."""

from __future__ import annotations

import os
from importlib.util import find_spec

from autograd.twin import native
from hostile import (
    compiled,
    expressions,
    labels,
    memory,
    programs,
    saved,
    tables,
    threads,
    twins,
    writing,
)
from hostile.trying import Attempt

CAMPAIGNS: dict[str, Attempt] = {
    "expressions": expressions.attempt,
    "models": saved.model,
    "checkpoints": saved.checkpoint,
    "labels": labels.attempt,
    "tables": tables.attempt,
    "programs": programs.attempt,
    "failures": writing.failing,
    "threads": threads.attempt,
    "compiled": compiled.attempt,
}
if native:
    CAMPAIGNS["twins"] = twins.attempt
if hasattr(os, "fork"):
    CAMPAIGNS["kills"] = writing.killed
    if find_spec("_testcapi"):  # CPython's own, which a few distributions leave out
        CAMPAIGNS["memory"] = memory.attempt
