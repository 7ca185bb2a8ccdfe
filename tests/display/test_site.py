"""The site as it was built: its links, its pages in Chromium, and the course in JupyterLite.

The gate builds it (.ci/run) and says where it is. By hand:
``mkdocs build --strict -f .docs/mkdocs.yml -d FOLDER; GLASSGRAD_SITE=FOLDER pytest THIS_FILE``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
course = SimpleNamespace(**run_path(str(ROOT / ".docs" / "course.py")))
PAGES = {path.stem: course.read(path) for path in sorted(course.NOTEBOOKS.glob("*.ipynb"))}
FOR_BROWSERS = [name for name, page in PAGES.items() if not course.needs(page)]
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}
BUILT = os.environ.get("GLASSGRAD_SITE", "")
built = pytest.mark.skipif(not BUILT, reason="GLASSGRAD_SITE names no built site")


# -- what is made of a notebook ------------------------------------------------------------------
def notebook(*cells: str, **metadata: Any) -> dict[str, Any]:
    """A notebook of one text with a heading, and cells of code."""
    text = {"cell_type": "markdown", "source": "# One\n\nIts text.", "metadata": {}}
    code = {"cell_type": "code", "outputs": [], "metadata": metadata}
    return {"cells": [text, *(code | {"source": cell} for cell in cells)]}


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("import math\nfrom autograd import Value", []),
        ("import autograd.display", []),
        ("import numpy as np, matplotlib.pyplot as plt", ["matplotlib", "numpy"]),
        ("if True:\n    import torch", ["torch"]),
        ("import subprocess", ["subprocess"]),
        ("from autograd.testing import check_gradients", ["autograd.testing"]),
    ],
)
def test_a_notebook_that_imports_what_is_not_served_needs_a_local_kernel(
    code: str, needed: list[str]
) -> None:
    assert course.needs(notebook(code)) == needed


def test_the_word_on_the_kernel_stands_below_the_heading() -> None:
    said = course.noted(notebook("import numpy"), "there")["cells"][0]["source"]
    assert said.startswith("# One\n\n*This notebook needs a local kernel, with `numpy`: ")
    assert said.endswith("\n\nIts text.")
    said = course.noted(notebook("import math"), "there")["cells"][0]["source"]
    assert said.startswith(
        '# One\n\n<a href="there">Run this notebook in the browser</a>: nothing '
    )
    assert course.noted(notebook("import math")) == notebook("import math")


def test_a_formula_is_mathml_that_markdown_leaves_alone_and_code_is_no_formula() -> None:
    pytest.importorskip("latex2mathml")
    page = notebook()
    page["cells"][0]["source"] = "# One\n\nThe slope $x_1 x_2$, in `a$b` and `c$d`:\n\n$$y^2$$"
    written = course.Written(page, "one")
    assert "in `a$b` and `c$d`" in written.markdown
    assert "$x" not in written.markdown
    assert written.filled(written.markdown).count("<math") == 2
    assert 'display="block"' in written.filled(written.markdown)


def test_a_solution_is_folded_away_and_outputs_stand_below_their_cell() -> None:
    page = notebook("print(1)\n\nprint(2)", jupyter={"source_hidden": True})
    page["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1\n2\n"}]
    assert course.Written(page, "one").markdown.partition("??? ")[2] == (
        'example "Solution"\n    ````python\n    print(1)\n\n    print(2)\n    ````\n\n'
        "    ````text\n    1\n    2\n    ````"
    )


def test_the_first_two_notebooks_run_in_a_browser() -> None:
    assert {x[:2] for x in FOR_BROWSERS} >= {"01", "02"}


# -- links -------------------------------------------------------------------------------------
class Links(HTMLParser):
    """The links of a page, those that it loads by themselves, and the places to go to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = re.findall(r"(?:@import\s+|url\()[\"']?(https?:[^\"')]*)", text)
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.places.add(value)
            elif name in ("href", "src") and value and value != "data:,":
                (self.loaded if (tag, name) in LOADED else self.links).append(value)


@pytest.fixture(scope="module")
def pages() -> dict[str, Links]:
    folder = Path(BUILT)
    return {
        path.relative_to(folder).as_posix(): Links(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.html")
        if "lite" not in path.relative_to(folder).parts[:1]  # whose pages the browser tries
    }


@built
def test_no_link_is_dead(pages: dict[str, Links]) -> None:
    assert len(pages) > 30
    dead = [
        f"{page}: {link}"
        for page, found in pages.items()
        for link in found.links + found.loaded
        if not urlsplit(link).scheme and not alive(pages, page, link)
    ]
    assert dead == []


def alive(pages: dict[str, Links], page: str, link: str) -> bool:
    """Whether a file is there for a link, and in it the place that the link names."""
    address, place = urldefrag(urljoin(f"/{page}", link))
    path = unquote(urlsplit(address).path).lstrip("/")
    if not path or path.endswith("/") or (Path(BUILT) / path).is_dir():
        path = f"{path.rstrip('/')}/index.html".lstrip("/")
    if not (Path(BUILT) / path).is_file():
        return False
    return not place or path not in pages or unquote(place) in pages[path].places


@built
def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Links]) -> None:
    assert [x for found in pages.values() for x in found.loaded if urlsplit(x).netloc] == []


# -- in Chromium -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Below a folder of its host, as a project's pages are."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "glassgrad").symlink_to(Path(BUILT).resolve())
    return f"{serve(folder)}/glassgrad"


@pytest.fixture
def tab(lonely: Any) -> Iterator[Any]:
    """A tab of a window where everything has to be found, and nothing may be complained of."""
    complaints: list[str] = []
    lonely.on("console", lambda x: x.type == "error" and complaints.append(x.text))
    lonely.on("weberror", lambda x: complaints.append(str(x.error)))
    lonely.on("response", lambda x: x.status >= 400 and complaints.append(f"{x.status} {x.url}"))
    yield lonely.new_page()
    assert complaints == []


@built
def test_every_page_is_whole_and_asks_no_other_host(
    tab: Any, address: str, pages: dict[str, Links]
) -> None:
    names = [x for x in pages if not x.startswith(("404", "try/"))]  # the latter has its own tests
    tabs = [tab, *(tab.context.new_page() for _ in range(5))]  # which are waited for together
    broken = "[...document.images].filter((x) => x.complete && !x.naturalWidth).length"
    for i in range(0, len(names), len(tabs)):
        opened = list(zip(tabs, names[i : i + len(tabs)], strict=False))
        for one, page in opened:
            one.goto(f"{address}/{page}", wait_until="commit")
        for one, page in opened:
            one.wait_for_load_state("networkidle")
            assert (page, one.evaluate(broken)) == (page, 0)


@built
def test_the_notebooks_of_the_site_step_and_the_explorer_computes(tab: Any, address: str) -> None:
    tab.goto(f"{address}/notebooks/02_the_chain_rule_step_by_step/")
    stepper = tab.locator(".live").filter(has=tab.get_by_role("button", name="Next")).first
    stepper.get_by_role("button", name="Next").click()
    stepper.locator(".place", has_text="2 of ").wait_for()
    tab.goto(f"{address}/notebooks/reference/explore/")
    tab.frame_locator("iframe.explorer").locator(".stage [data-node]").first.wait_for()


@built
def test_the_index_shows_each_notebook_by_a_picture(tab: Any, address: str) -> None:
    tab.goto(f"{address}/notebooks/")
    assert tab.locator(".cards a").count() == len(PAGES)
    for image in tab.locator(".cards img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("(one) => one.decode()")
    runs = tab.locator(".cards small", has_text="runs in the browser")
    assert runs.count() == len(FOR_BROWSERS)


@built
@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_says_at_its_top_when_it_needs_a_local_kernel(name: str) -> None:
    said = "This notebook needs a local kernel"
    lite = course.read(Path(BUILT) / "lite" / "files" / f"{name}.ipynb")
    page = (Path(BUILT) / "notebooks" / name / "index.html").read_text(encoding="utf-8")
    assert {said in lite["cells"][0]["source"], said in page} == {name not in FOR_BROWSERS}


@built
@pytest.mark.parametrize("name", FOR_BROWSERS)
def test_a_notebook_runs_in_jupyterlite_and_its_steppers_step(
    lonely: Any, address: str, name: str
) -> None:
    tab = lonely.new_page()
    tab.set_default_timeout(240_000)
    tab.goto(f"{address}/lite/lab/index.html?path={name}.ipynb")
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    cells.first.wait_for()
    tab.get_by_text("| Idle").wait_for()
    looks = sum(url.endswith("/api/drive") for url in lonely.asked)
    assert looks < 2 * len(PAGES), "the folder of notebooks is looked through once, at no import"
    tab.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    tab.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    tab.wait_for_function(
        "(count) => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]"
        ".filter((one) => /\\[\\d+\\]/.test(one.textContent)).length === count",
        arg=sum(x["cell_type"] == "code" and not x["metadata"] for x in PAGES[name]["cells"]),
    )
    tab.wait_for_timeout(2000)  # solutions, which are folded away, show no number
    tab.get_by_text("| Idle").wait_for()
    errors = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type$='stderr']"
    assert tab.locator(errors).all_inner_texts() == []
    steppers = cells.filter(has=tab.get_by_role("button", name="Next"))
    assert steppers.count() or not name.startswith("02")
    for stepper in steppers.all():
        stepper.get_by_role("button", name="Next").first.click()
        stepper.locator(".place", has_text="2 of ").first.wait_for()
