"""The campaigns, by name."""

from __future__ import annotations

import os

from hostile import expressions, labels, saved, threads, writing
from hostile.trying import Attempt

CAMPAIGNS: dict[str, Attempt] = {
    "expressions": expressions.attempt,
    "models": saved.model,
    "checkpoints": saved.checkpoint,
    "labels": labels.attempt,
    "failures": writing.failing,
    "threads": threads.attempt,
}
if hasattr(os, "fork"):
    CAMPAIGNS["kills"] = writing.killed
