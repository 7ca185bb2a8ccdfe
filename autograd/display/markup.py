"""Markup: elements of SVG and HTML, whose text and attributes are escaped by construction."""

from __future__ import annotations

from functools import cache

from autograd.display.text import xml


class Markup(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """Return an element; content that is no `Markup` is text, and is escaped.

    Parameters
    ----------
    tag : str
    *content : str
        What stands inside, one after the other.
    **attributes : str, int, float or None
        By name, with _ for - and without an _ at the end, as in `class_`. Floats have one digit
        after the point, as coordinates do; None leaves the attribute out.

    Examples
    --------
    >>> element("text", "a < b", x=1.25, text_anchor="end", class_=None)
    '<text x="1.2" text-anchor="end">a &lt; b</text>'
    >>> element("g", element("path", d="M0 0", stroke_width=2))
    '<g><path d="M0 0" stroke-width="2"/></g>'
    """
    written = [f"<{tag}"]
    for name, value in attributes.items():
        if isinstance(value, str):
            text = value if type(value) is Markup else xml(value)
        elif value is None:
            continue
        else:
            text = f"{value:.1f}" if isinstance(value, float) else str(value)
        written.append(f' {_name(name)}="{text}"')
    if not content:
        return Markup(f"{''.join(written)}/>")
    inside = [x if type(x) is Markup else xml(x) for x in content]
    return Markup(f"{''.join(written)}>{''.join(inside)}</{tag}>")


@cache
def _name(keyword: str) -> str:
    """The name of an attribute, of which there are few kinds in a page of hundred thousands."""
    return keyword.removesuffix("_").replace("_", "-")
