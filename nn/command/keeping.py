"""Keeping work: what cannot be written is found before a training, and no failure loses a model."""

from __future__ import annotations

import argparse
import errno
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import autograd.files as files
from autograd.extras import need
from nn.command.measuring import Model
from nn.optim.base import Optimizer
from nn.saving.documents import SavedFileError

WRITTEN = ("save", "checkpoint", "report", "output")
READ = ("model", "data")


class LateError(Exception):
    """What failed in or after a training; the message says where the model is kept."""


def look_ahead(options: argparse.Namespace, known: Collection[str] = ()) -> None:
    """Refuse to begin a run whose results could not be written, or would replace what it reads.

    Parameters
    ----------
    options : Namespace
        The command line.
    known : collection of str
        What is no file where it stands for the data.
    """
    given: dict[str, str | None] = {name: vars(options).get(name) for name in (*WRITTEN, *READ)}
    if given["output"] == "-":  # standard output
        given["output"] = None
    paths = [x for name, x in given.items() if x is not None and (name != "data" or x not in known)]
    for i, path in enumerate(paths):
        if any(_same(path, other) for other in paths[:i]):
            raise FileExistsError(errno.EEXIST, "it is named for two purposes", path)
    for path in [x for name in WRITTEN if (x := given[name]) is not None]:
        folder = os.path.dirname(os.path.realpath(path))
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, "there is no such folder", folder)
        files.check(path)
        if Path(path).suffix == ".safetensors":
            need("safetensors", "safetensors")
    if given["report"] is not None:
        need("matplotlib", "plot")


@contextmanager
def kept(model: Model, optimiser: Optimizer, seed: int) -> Iterator[list[str]]:
    """Keep a model in whose training, or after it, something fails.

    What is given to the block is a list, to which it adds where it has saved the model; if it is
    empty, the model is saved in the folder for temporary files.

    Raises
    ------
    LateError
        If something failed; it says where the model is. What has gone wrong before the first step,
        and a reader of the output who went away, is raised as it is.
    """
    begun = model.network.state_dict()
    places: list[str] = []
    try:
        yield places
    except (BrokenPipeError, FloatingPointError, SavedFileError):
        raise
    except Exception as error:
        if model.network.state_dict() == begun:
            raise
        saved = [f"the model is kept in {place}" for place in places]
        kept = saved[0] if saved else _rescued(model, optimiser, seed)
        raise LateError(f"{described(error)}; {kept}") from error


def described(error: Exception) -> str:
    """Return what an error says, in one line."""
    if not isinstance(error, OSError):
        return f"{type(error).__name__}: {error}"
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"the output cannot be written: {reason}"
    return f"cannot use {os.fsdecode(error.filename)}: {reason}"


def _same(one: str, other: str) -> bool:
    """Tell whether two paths are those of one file, which may not be there yet."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _rescued(model: Model, optimiser: Optimizer, seed: int) -> str:
    """Save a model wherever that is possible, and say where that was."""
    for find in (tempfile.gettempdir, lambda: os.path.expanduser("~"), os.getcwd):
        with suppress(OSError, ValueError):
            path = os.path.join(find(), f"glassgrad-{os.urandom(4).hex()}.json")
            model.save(path, optimiser, seed)
            return f"the model is kept in {path}"
    return "the model could be kept nowhere"
