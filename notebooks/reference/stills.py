"""Make the committed notebooks: each script run, with its text and still pictures as outputs.

Run ``python notebooks/reference/stills.py``, with scripts for some of them only. Viewers that have
no kernel and run no script, such as GitHub's, show them; in Jupyter a cell that is run again has
its live picture.
"""

from __future__ import annotations

import base64
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from autograd.display.pdf import pdf

# What checks the formats of links in JSON builds 38 grammars, for 3 s, as soon as it is imported;
# no notebook has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

NOTEBOOKS = Path(__file__).parents[1]
IMAGE = re.compile(r'src="data:image/svg\+xml;base64,([^"]*)"')


def run(script: Path) -> Any:
    """Return the notebook of a script, run, with outputs as a kernel gives them."""
    import jupytext
    import nbclient

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about ids of cells, which scripts do not have
        page = jupytext.read(script)
    resources = {"metadata": {"path": str(script.parent)}}
    nbclient.NotebookClient(page, kernel_name="python3", resources=resources).execute()
    return page


def made(script: Path) -> Any:
    """Return the notebook of a script, run, with still pictures."""
    page = run(script)
    page.metadata = {"kernelspec": page.metadata["kernelspec"]}
    for i, cell in enumerate(page.cells):
        kept = {"jupyter"} & {*cell.metadata}  # that a solution is hidden until it is asked for
        cell["id"], cell.metadata = f"cell-{i}", {key: cell.metadata[key] for key in kept}
        for output in cell.get("outputs", ()):
            if "data" in output:
                output["data"], output["metadata"] = still(output["data"]), {}
    return page


def still(data: dict[str, str]) -> dict[str, str]:
    """Return what an output shows, a live picture as the image that stands in for it, and a PDF."""
    image = IMAGE.search(data.get("text/html", ""))
    if image is None:
        return data
    svg = base64.b64decode(image[1]).decode()
    paper = base64.b64encode(pdf(svg)).decode()  # LaTeX takes no SVG
    return {"application/pdf": paper, "image/svg+xml": svg, "text/plain": data["text/plain"]}


def main() -> None:
    """Write the notebooks."""
    import nbformat

    from autograd import files

    for script in map(Path, sys.argv[1:] or sorted(NOTEBOOKS.glob("[0-9]*.py"))):
        files.write(script.with_suffix(".ipynb"), nbformat.writes(made(script)) + "\n")


if __name__ == "__main__":
    main()
