"""What the site is made of: pages of the repository where they are, and docstrings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE")
ENDINGS = {".md", ".ipynb", ".svg", ".html", ".png"}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie in the repository, under their own paths, so that their links hold."""
    paths = [ROOT / name for name in PAGES]
    paths += sorted(x for x in (ROOT / "notebooks").rglob("*") if x.suffix in ENDINGS)
    for path in paths:
        uri = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files
