"""Modules that have moved are found under their old names, as pickles name them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import nn  # noqa: F401  (its modules are in the table)
from autograd.moved import MOVED

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_is_the_module_that_it_leads_to(old: str) -> None:
    new = import_module(MOVED[old])
    assert import_module(old) is new
    assert (new.__name__, new.__spec__ and new.__spec__.name) == (MOVED[old], MOVED[old])
    assert Path(new.__file__ or "").is_relative_to(ROOT)
    assert not (ROOT / old.replace(".", "/")).with_suffix(".py").exists()


def test_other_names_are_as_unknown_as_ever() -> None:
    assert find_spec("nn.nowhere") is None
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'nn\.nowhere'"):
        import_module("nn.nowhere")


def test_nothing_that_has_moved_is_imported_before_it_is_asked_for() -> None:
    program = (
        "import sys, nn\nfrom autograd.moved import MOVED\n"
        "assert not MOVED.keys() & sys.modules.keys()\n"
        "assert 'nn.command.verbs' not in sys.modules\n"
        "from nn.commands import train\nimport nn.commands\n"
        "assert nn.commands is sys.modules['nn.command.verbs']"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT,
                          capture_output=True, text=True)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
