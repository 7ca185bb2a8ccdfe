"""Markup: elements of SVG and HTML, whose text and attributes are escaped by construction."""

from __future__ import annotations

from collections.abc import Mapping
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
    begun = _begun(tag, attributes)
    if not content:
        return Markup(f"{begun}/>")
    inside = [x if type(x) is Markup else xml(x) for x in content]
    return Markup(f"{begun}>{''.join(inside)}</{tag}>")


def tags(tag: str, **attributes: str | float | None) -> tuple[Markup, Markup]:
    """Return the two tags of an element, whose content is so long that it is not to be copied.

    Examples
    --------
    >>> tags("g", font_size=11)
    ('<g font-size="11">', '</g>')
    """
    return Markup(f"{_begun(tag, attributes)}>"), Markup(f"</{tag}>")


def _begun(tag: str, attributes: Mapping[str, str | float | None]) -> str:
    """The opening tag of an element, up to its end."""
    written = [f"<{tag}"]
    for name, value in attributes.items():
        if isinstance(value, str):
            text = value if type(value) is Markup else xml(value)
        elif value is None:
            continue
        else:
            text = f"{value:.1f}" if isinstance(value, float) else str(value)
        written.append(f' {_name(name)}="{text}"')
    return "".join(written)


TEXT, DECIMAL = Markup("%s"), Markup("%.1f")  # the places of a pattern


def filled(pattern: Markup, *values: str | float) -> Markup:
    """Return a pattern with values in its places: what `element` gives, with less to do for each.

    Parameters
    ----------
    pattern : Markup
        Of elements with `TEXT` and `DECIMAL` in them; a % is written %%.
    *values : str, int or float
        In the order of their places; text that is no `Markup` is escaped.

    Examples
    --------
    >>> pattern = element("text", TEXT, x=DECIMAL, text_anchor="end")
    >>> filled(pattern, 1.25, "a < b")
    '<text x="1.2" text-anchor="end">a &lt; b</text>'
    """
    return Markup(pattern % tuple([x if isinstance(x, _HARMLESS) else xml(x) for x in values]))


_HARMLESS = (Markup, float, int)


@cache
def _name(keyword: str) -> str:
    """The name of an attribute, of which there are few kinds in a page of hundred thousands."""
    return keyword.removesuffix("_").replace("_", "-")
