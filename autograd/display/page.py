"""Pages: HTML that stands alone, and HTML that goes into a notebook."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from autograd.display.text import xml

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root[data-theme="auto"] { --ink: #e6edf3; --paper: #0d1117; }
}
:root[data-theme="dark"] { --ink: #e6edf3; --paper: #0d1117; color-scheme: dark; }
:root[data-theme="light"] { color-scheme: light; }
body { margin: 0; padding: 1rem; color: var(--ink); background: var(--paper);
       font-family: system-ui, sans-serif; }
"""


@cache
def asset(*names: str) -> str:
    """Return files of this package, one after the other."""
    folder = files("autograd.display")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def document(title: str, body: str, theme: str, style: str = "") -> str:
    """Return a whole HTML document with nothing from elsewhere."""
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="{theme}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{xml(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def picture_page(svg: str, title: str, note: str, theme: str) -> str:
    """Return a page that shows one drawing, to be zoomed and moved."""
    return document(title, _viewed(svg, note), theme, asset("viewer.css"))


def inline(svg: str, image: str, title: str, note: str) -> str:
    """Return a drawing for a notebook's output: inline SVG, and an image where that is stripped.

    The inline SVG takes the colour of the text around it; the image has a background of its own.
    """
    return untrusted(f"<style>{asset('viewer.css')}</style>{_viewed(svg, note)}", image, title)


def _viewed(svg: str, note: str) -> str:
    """A drawing in a view; where no script runs it can still be scrolled."""
    return (
        f'<div class="glassgrad-framed"><p class="glassgrad-note">{xml(note)}</p>'
        f'<div class="glassgrad-view" role="group" aria-label="The graph">{svg}</div></div>'
        f'<script type="module">\n{asset("viewer.js")}\nviewAll();\n</script>'
    )


def untrusted(shown: str, image: str, title: str, text: str = "") -> str:
    """Return what is shown in a trusted notebook, and what is left of it in another one.

    Where a notebook is not trusted, its styles, scripts, frames and inline SVG are stripped:
    then the image, an SVG file in base64, and the text are what shows.
    """
    return (
        "<style>.glassgrad-fallback { display: none } "
        ".glassgrad-shown { display: block !important }</style>"
        f'<div class="glassgrad-shown" style="display: none">{shown}</div>'
        f'<div class="glassgrad-fallback"><img alt="{xml(title)}" '
        f'src="data:image/svg+xml;base64,{image}">{text}</div>'
    )
