"""The course on the site: notebooks as pages, with pictures, steppers that step, and an index."""

from __future__ import annotations

import ast
import base64
import functools
import html
import json
import re
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LITE = "lite/lab/index.html?path="  # of the site

# What a browser's Python has none of, though autograd, nn or the standard library name it.
ABSENT = {"autograd.testing", "multiprocessing", "subprocess"}
HERE = {"autograd", "nn"} | sys.stdlib_module_names
PICTURES = {"image/svg+xml": "svg", "image/png": "png"}
_CODE = re.compile(r"(`+[^`]*`+)")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+?)\$", re.DOTALL)
_HEADING = re.compile(r"^# (.*)\n", re.MULTILINE)

Page = dict[str, Any]


def read(path: Path) -> Page:
    """Return a notebook, each text in one piece, without what only LaTeX shows."""
    page: Page = json.loads(path.read_text(encoding="utf-8"))
    for cell in page["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", ()):
            if "text" in output:
                output["text"] = "".join(output["text"])
            data = output.get("data", {})
            data.pop("application/pdf", None)
            data |= {kind: "".join(x) for kind, x in data.items() if isinstance(x, list)}
    return page


def title(page: Page) -> str:
    """The notebook's first heading."""
    return next(found[1] for cell in page["cells"] if (found := _HEADING.search(cell["source"])))


def needs(page: Page) -> list[str]:
    """Return the packages that a notebook imports and that are not served to a browser."""
    code = "\n".join(x["source"] for x in page["cells"] if x["cell_type"] == "code")
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    return sorted((tops - HERE) | (names & ABSENT))


def noted(page: Page, link: str = "") -> Page:
    """Say below the heading what runs the notebook: the browser, by a link, or a local kernel."""
    missing = needs(page)
    if missing:
        note = (
            f"*This notebook needs a local kernel, with {', '.join(f'`{x}`' for x in missing)}: "
            "`jupyter lab notebooks` in a clone of the repository opens it.*"
        )
    elif link:
        note = (
            f'<a href="{link}">Run this notebook in the browser</a>: nothing has to be installed.'
        )
    else:
        return page
    for cell in page["cells"]:
        if cell["cell_type"] == "markdown" and _HEADING.search(cell["source"]):
            source = cell["source"] + "\n"
            cell["source"] = _HEADING.sub(lambda found: f"{found[0]}\n{note}\n", source, 1).rstrip()
            return page
    raise ValueError("a notebook has no heading: its first cell has to begin with '# '")


def live(path: Path) -> Page:
    """Return a notebook; one that shows steps is run anew, so that one can go through them."""
    page = read(path)
    drawn = [x["data"] for cell in page["cells"] for x in cell.get("outputs", ())
             if "image/svg+xml" in x.get("data", {})]  # fmt: skip
    if any(data["text/plain"].startswith("1. forward") for data in drawn):
        script = path.with_suffix(".py")
        for data, text in zip(drawn, _shown(script, script.read_bytes()), strict=True):
            data["text/html"] = text
    return page


@functools.cache  # for each text of the script, while pages are served and made anew
def _shown(script: Path, _text: bytes) -> list[str]:
    """The pictures of a notebook that is run, as pages that live."""
    stills = run_path(str(NOTEBOOKS / "reference" / "stills.py"))
    outputs = [x for cell in stills["run"](script).cells for x in cell.get("outputs", ())]
    texts = [output.get("data", {}).get("text/html", "") for output in outputs]
    return [text for text in texts if stills["IMAGE"].search(text)]


class Written:
    """A notebook in Markdown, its pictures, and what takes the place of marks in the page.

    Parameters
    ----------
    page
        The notebook.
    stem
        Its name.
    """

    def __init__(self, page: Page, stem: str) -> None:
        self.stem = stem
        self.title = title(page)
        self.missing = needs(page)
        self.pictures: dict[str, bytes] = {}
        self.parts: dict[str, str] = {}
        self.markdown = "\n\n".join(map(self._cell, page["cells"]))

    def filled(self, content: str) -> str:
        """Put formulas and live pictures into the page that was made of the Markdown."""
        return re.sub("\ue000\\d+\ue001", lambda found: self.parts[found[0]], content)

    def _cell(self, cell: Page) -> str:
        if cell["cell_type"] == "markdown":
            return "".join(
                text if text.startswith("`") else _FORMULA.sub(self._formula, text)
                for text in _CODE.split(cell["source"])
            )
        shown = [_fence("python", cell["source"]), *map(self._output, cell["outputs"])]
        text = "\n\n".join(filter(None, shown))
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            return '??? example "Solution"\n' + re.sub("^(?=.)", "    ", text, flags=re.MULTILINE)
        return text

    def _formula(self, found: re.Match[str]) -> str:
        from latex2mathml.converter import convert

        block = found[1] is not None
        text = convert(found[1] or found[2], display="block" if block else "inline")
        return f"\n\n{self._mark(text)}\n\n" if block else self._mark(text)

    def _output(self, output: Page) -> str:
        if "text" in output:
            return _fence("text", output["text"])
        data = output.get("data", {})
        for kind in PICTURES.keys() & data:
            name = self._kept(kind, data[kind])
            if page := data.get("text/html"):
                return f'<div class="live">{self._mark(page)}</div>'
            words = html.escape(" ".join(data["text/plain"].split()))
            return f'<img src="{name}" alt="{words}" loading="lazy">'
        return _fence("text", data.get("text/plain", ""))

    def _kept(self, kind: str, picture: str) -> str:
        """Keep a picture, and return its name."""
        name = f"{len(self.pictures)}.{PICTURES[kind]}"
        is_text = kind == "image/svg+xml"
        self.pictures[name] = picture.encode() if is_text else base64.b64decode(picture)
        return name

    def _mark(self, text: str) -> str:
        """A mark that Markdown leaves alone, for some HTML that it would not."""
        mark = f"\ue000{len(self.parts)}\ue001"
        self.parts[mark] = text
        return mark


def _fence(language: str, text: str) -> str:
    """A block of code, or of what it printed."""
    return f"````{language}\n{text.rstrip()}\n````" if text.strip() else ""


def written(path: Path) -> Written:
    """Return a notebook as a page of the site."""
    return Written(noted(live(path), f"../../{LITE}{path.name}"), path.stem)


def index(pages: list[Written]) -> str:
    """The page of all notebooks, each by its first picture."""
    cards = [
        f'<a href="{page.stem}/"><span class="thumbnail">'
        f'<img src="{page.stem}/{next(iter(page.pictures))}" alt="" loading="lazy"></span>'
        f"<b>{html.escape(page.title)}</b>"
        f"<small>{'a local kernel' if page.missing else 'runs in the browser'}</small></a>"
        for page in pages
    ]
    return (
        "# The course\n\nBackpropagation, taught by running it: pictures, claims that are "
        "asserted, exercises with solutions. What runs in the browser needs nothing installed; "
        f'<a href="../{LITE}{pages[0].stem}.ipynb">JupyterLite</a> has all notebooks to read.\n\n'
        f'<div class="cards">{"".join(cards)}</div>\n'
    )
