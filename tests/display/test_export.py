"""Notebooks exported by nbconvert: to LaTeX with pictures, and sanitized without escaped source."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.display import draw, step

STILLS = Path(__file__).parents[2] / "notebooks" / "reference" / "stills.py"
TABLE = "y   tanh(v2)  data 0.6351 grad 1"


def exporters() -> Any:
    """nbconvert, which parses 38 grammars as it is imported: not before a test asks for it."""
    return pytest.importorskip("nbconvert")


def notebook(*bundles: dict[str, str]) -> Any:
    """A notebook whose cells show these."""
    import nbformat.v4 as v4

    outputs = [v4.new_output("display_data", data=dict(bundle)) for bundle in bundles]
    return v4.new_notebook(cells=[v4.new_code_cell("draw(y)", outputs=[one]) for one in outputs])


def test_latex_has_the_picture_that_xelatex_and_pdflatex_take(neuron: Value) -> None:
    body, pictures = latex(draw(neuron)._repr_mimebundle_(), step(neuron)._repr_mimebundle_())
    assert [picture[:4] for picture in pictures] == [b"%PDF"]
    assert "dy/dw += dy/dv1" in body, "steps are written out"


def test_latex_of_still_pictures_needs_no_inkscape(no_programs: None, neuron: Value) -> None:
    still = runpy.run_path(str(STILLS))["still"]
    shown = (draw(neuron), step(neuron))
    _, pictures = latex(*(still(each._repr_mimebundle_()) for each in shown))
    assert [picture[:4] for picture in pictures] == 2 * [b"%PDF"]


def test_a_sanitized_page_of_still_pictures_shows_them_and_no_source(neuron: Value) -> None:
    still = runpy.run_path(str(STILLS))["still"]
    body = sanitized(notebook(still(draw(neuron)._repr_mimebundle_())))
    assert 'src="data:image/svg+xml;base64,' in body
    assert not escaped(body)


def test_a_sanitized_page_that_prefers_text_to_html_shows_no_source(neuron: Value) -> None:
    """`text/html` of any kind is escaped there, so that it has to be passed over."""
    page = notebook(draw(neuron)._repr_mimebundle_(), step(neuron)._repr_mimebundle_())
    body = sanitized(page, display_data_priority=["image/png", "text/plain"])
    assert TABLE in body
    assert "dy/dw += dy/dv1" in body
    assert not escaped(body)


def latex(*bundles: dict[str, str]) -> tuple[str, list[bytes]]:
    """What LaTeX is given: the text, and the pictures that it includes."""
    body, resources = exporters().LatexExporter().from_notebook_node(notebook(*bundles))
    included = re.findall(r"\\adjustimage\{.*\}\{([^{}]*)\}", body)
    return body, [resources["outputs"][name] for name in included]


def sanitized(page: Any, **settings: Any) -> str:
    """The page as `--HTMLExporter.sanitize_html=True` makes it."""
    from traitlets.config import Config

    config = Config(HTMLExporter={"sanitize_html": True}, NbConvertBase=settings)
    body, _ = exporters().HTMLExporter(config=config).from_notebook_node(page)
    return str(body)


def escaped(page: str) -> list[str]:
    """The elements of ours whose source is to be read on a page."""
    names = ("style", "script", "svg", "div", "img", "text", "g ")
    return [name for name in names if f"&lt;{name}" in page]
