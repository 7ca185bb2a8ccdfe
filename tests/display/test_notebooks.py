"""The notebooks: each is the pair of a readable .py, with still pictures, and these are ours."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from autograd.twin import native

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("[0-9]*.py"))


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.stem)
def test_the_notebook_is_the_pair_of_the_script_with_its_still_pictures(source: Path) -> None:
    """It is run for that, with the claims that its cells assert, the only time in the gate."""
    if native is None and source not in PAGES[:2]:
        pytest.skip("what it trains takes minutes in Python; its cells are run with the twin in C")
    stills = runpy.run_path(str(NOTEBOOKS / "reference" / "stills.py"))
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    script = stills["made"](source)
    notebook = nbformat.read(source.with_suffix(".ipynb"), as_version=4)

    def cells(page: Any) -> list[tuple[str, str]]:
        return [(cell.cell_type, cell.source) for cell in page.cells]

    def pictures(page: Any) -> list[str]:
        outputs = [output for cell in page.cells for output in cell.get("outputs", ())]
        assert not any("text/html" in output.get("data", {}) for output in outputs)
        for output in outputs:
            kinds = {"image/svg+xml", "application/pdf"} & set(output.get("data", {}))
            assert len(kinds) != 1, "nbconvert takes SVG into pages, and PDF into LaTeX"
        return [
            untitled(output["data"]["image/svg+xml"])
            for output in outputs
            if "image/svg+xml" in output.get("data", {})
        ]

    results = [output for cell in script.cells for output in cell.get("outputs", ())]
    assert results
    assert not any(output["output_type"] == "error" for output in results), "none may be expected"
    remedy = "make it anew: python notebooks/reference/stills.py"
    assert cells(script) == cells(notebook), remedy
    assert pictures(script) == pictures(notebook) != [], remedy


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
    """A file without its tooltips."""
    return untitled(path.read_text(encoding="utf-8"))


def untitled(text: str) -> str:
    """Text without tooltips, whose last digits depend on the machine's mathematics."""
    return re.sub("<title>.*?</title>", "", text)
