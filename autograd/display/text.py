"""Text of the user inside other languages: numbers made short, labels made harmless."""

from __future__ import annotations

import math
import string
import unicodedata
from collections.abc import Iterable
from typing import Any

from autograd.lines import number_in_full
from autograd.primitives import Primitive

NAME = 80  # characters of a name in equations; the label itself, as data, has no limit
SOURCE = 1000  # characters of a line of source, and of whatever is shown once
_HARMLESS = frozenset(string.ascii_letters + string.digits + " .,:+-*/=()_^")


def number(x: Any) -> str:
    """Return a number of any kind in four significant digits, or as it is where it is exact.

    Examples
    --------
    >>> from fractions import Fraction
    >>> number(2.0), number(1 / 3), number(Fraction(1, 3))
    ('2', '0.3333', '1/3')
    """
    while hasattr(x, "data") and hasattr(x, "parents"):  # the gradient of a gradient is a Value
        x = x.data
    if isinstance(x, (float, complex)):
        return f"{x:.4g}"
    written = number_in_full(x)
    if len(written) <= 12:
        return written
    try:
        return f"{float(x):.4g}" if math.isfinite(float(x)) else written
    except (TypeError, ValueError, OverflowError):
        return short(written, 12)


def short(text: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def title(label: str) -> str:
    """Return a label, or the name of a call, as equations and headings name it."""
    return short(plain(label), NAME)


def columns(text: str) -> int:
    """Return how many columns of a fixed-width font `text` takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def plain(text: str) -> str:
    """Return `text` in one line, without characters that XML forbids or a reader cannot see."""
    return "".join(
        " " if c in "\t\r\n" else "\ufffd" if unicodedata.category(c) in _INVISIBLE else c
        for c in text
    )


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def xml(text: str) -> str:
    """Return `text` for SVG and HTML, as content or inside a quoted attribute."""
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return plain(text)


_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))


def dot(text: str) -> str:
    """Return `text` as a quoted string of the DOT language, which reads entities in it too."""
    return '"' + plain(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"') + '"'


def mermaid(text: str) -> str:
    """Return `text` for a quoted Mermaid label; whatever could mean something is a code."""
    return "".join(c if c in _HARMLESS else f"#{ord(c)};" for c in plain(text))


def formula(op: Primitive, operands: Iterable[Any], style: str = "text") -> str:
    """Return the row applied to operands that are written already, as it writes them."""
    written = [operand if isinstance(operand, _Atom) else _Atom(operand) for operand in operands]
    template = str(getattr(op, style))
    if op.arity is None:
        places = ", ".join(f"{{{i}}}" for i in range(len(written)))
        return template.replace("()", f"({places})").format(*written)
    return template.format(*written)


class _Atom:
    """A written operand: a negative number gets parentheses where its row asks for them."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __format__(self, side: str) -> str:
        return f"({self.text})" if side and self.text.startswith("-") else self.text
