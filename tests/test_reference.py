"""A reader's test: every public name is met in a notebook or in the reference.

It counts where it stands as code: in a cell of a notebook, or between backticks on a page of
`notebooks/reference`; or where the site renders its docstring, by name or as one of a module's
`__all__` (`.docs/pages/api`, built by the gate).
"""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parents[1]
PACKAGES = [
    "autograd", "autograd.display", "autograd.testing", "nn", "nn.data", "nn.estimators",
    "nn.layers", "nn.losses", "nn.models", "nn.optim", "nn.saving", "nn.training",
]  # fmt: skip
OPERAND = {"apply", "level", "noted", "outputs", "hooks"}  # what only a reader of the engine meets


def in_notebooks() -> set[str]:
    """The names in the cells of all notebooks."""
    found = set()
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                    found.add(name.rpartition(".")[2])
    return found


def in_reference() -> set[str]:
    """The words within code on the pages of the reference."""
    found: set[str] = set()
    for path in sorted((ROOT / "notebooks" / "reference").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        blocks = re.findall("```.*?```", text, re.DOTALL)
        spans = re.findall("`[^`\n]+`", re.sub("```.*?```", "", text, flags=re.DOTALL))
        found.update(*(re.findall(r"\w+", code) for code in (*blocks, *spans)))
    return found


def on_the_site() -> tuple[set[str], set[str]]:
    """What the pages of the site render by itself, and headings that they give it."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / ".docs" / "pages" / "api").glob("*.md"))
    )
    return {*re.findall(r"^::: (\S+)", text, re.MULTILINE)}, {*re.findall(r"heading: (\S+)", text)}


MET = in_notebooks() | in_reference()
RENDERED, HEADINGS = on_the_site()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_met_by_who_reads(package: str) -> None:
    if package == "nn.estimators":
        pytest.importorskip("sklearn")
    module = import_module(package)
    met = MET | {name for name in module.__all__ if f"{package}.{name}" in RENDERED}
    for whole in RENDERED & {*PACKAGES}:
        if whole != "nn.estimators" or package == whole:
            met |= {*import_module(whole).__all__}
    assert [name for name in module.__all__ if name not in met] == []


def test_so_is_every_attribute_and_method_of_a_value() -> None:
    public = {name for name in dir(autograd.Value) if not name.startswith("_")} - OPERAND
    shown = {heading.rpartition(".")[2] for heading in HEADINGS}
    assert "autograd.Value" in RENDERED
    assert sorted(public - MET - shown) == []


def test_what_the_site_renders_is_there_and_has_a_docstring() -> None:
    for path in RENDERED:
        if path in PACKAGES or path == "nn.init":
            assert import_module(path).__doc__
            continue
        module, _, name = path.rpartition(".")
        assert getattr(import_module(module), name).__doc__, path
