"""The notebooks: each is the pair of a readable .py, bears no output, and its pictures are ours."""

from __future__ import annotations

import re
import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("[0-9]*.py"))


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.stem)
def test_the_notebook_is_the_pair_of_the_script_and_is_stripped(source: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about ids of cells, which scripts do not have
        script, notebook = (jupytext.read(source.with_suffix(e)) for e in (".py", ".ipynb"))

    def cells(page: Any) -> list[tuple[str, str]]:
        return [(cell.cell_type, cell.source) for cell in page.cells]

    remedy = "make it anew: jupytext --to ipynb notebooks/[0-9]*.py"
    assert cells(script) == cells(notebook), remedy
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code), remedy


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.stem)
def test_its_claims_hold(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(source))


def test_the_pictures_are_those_that_the_script_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = NOTEBOOKS / "reference"
    script = runpy.run_path(str(reference / "pictures.py"))
    script["main"].__globals__["HERE"] = tmp_path
    script["main"]()
    for made in tmp_path.iterdir():
        assert shown(made) == shown(reference / made.name), (
            f"{made.name} is not what the code makes now: python notebooks/reference/pictures.py"
        )


def shown(path: Path) -> str:
    """A file without the tooltips, whose last digits depend on the machine's mathematics."""
    return re.sub("<title>.*?</title>", "", path.read_text(encoding="utf-8"))
