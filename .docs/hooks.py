"""What the site is made of: pages of the repository where they are, notebooks, and docstrings."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import course
import measured
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE")
ENDINGS = {".md", ".svg", ".html", ".png"}
BEGINNING = 300  # characters of an entry of the reference that are searched
EXPLORE = "notebooks/reference/explore.md"


class NotebookPage(File):
    """A notebook, in Markdown, under its own name, so that links to it hold."""

    written: course.Written

    def is_documentation_page(self) -> bool:
        """It is one, whatever its name ends with."""
        return True


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie in the repository, under their own paths, and those made of it."""
    trying = Path(__file__).parent / "try" / "index.html"
    files.append(File.generated(config, "try/index.html", abs_src_path=str(trying)))
    paths = [ROOT / name for name in PAGES]
    paths += sorted(x for x in (ROOT / "notebooks").rglob("*") if x.suffix in ENDINGS)
    for path in paths:
        uri = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    pages = []
    for path in sorted(course.NOTEBOOKS.glob("*.ipynb")):
        page = course.written(path)
        file = NotebookPage.generated(config, f"notebooks/{path.name}", content=page.markdown)
        file.written = page
        files.append(file)
        for name, picture in page.pictures.items():
            uri = f"notebooks/{page.stem}/{name}"
            files.append(File.generated(config, uri, content=picture))
        pages.append(page)
    for uri, text in (
        ("notebooks/index.md", course.index(pages)),
        ("measured.md", measured.page()),
        ("notebooks/reference/explorer.html", explorer()),
    ):
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead to the index of the course, and show what the first words on the explorer mean."""
    if page.file.src_uri == "README.md":
        return markdown.replace("](notebooks)", "](notebooks/index.md)")
    if page.file.src_uri != EXPLORE:
        return markdown
    frame = '<iframe class="explorer" src="../explorer.html" title="An explorer"></iframe>'
    before, heading, rest = markdown.partition("\n## ")
    return f"{before}\n{frame}\n{heading}{rest}"


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Put formulas and live pictures into the notebooks."""
    return page.file.written.filled(html) if isinstance(page.file, NotebookPage) else html


def on_post_build(config: Any) -> None:
    """Shorten what each page fetches for its search: of the reference, to its beginnings."""
    path = Path(config.site_dir) / "search" / "search_index.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    for entry in found["docs"]:
        if entry["location"].startswith("api/"):
            entry["text"] = entry["text"].partition("</p>")[0][:BEGINNING]
    path.write_text(json.dumps(found, separators=(",", ":")), encoding="utf-8")


def explorer() -> str:
    """The page of the explorer, for the loss of a small network."""
    sys.path.insert(0, str(ROOT))
    import autograd
    import nn

    model = nn.MLP(2, [3, 1], rng=random.Random(1))
    with autograd.record():
        loss = (model([1.0, -0.5]) - 1.0) ** 2
    loss.backward()
    return autograd.explore(loss).to_html()
