"""Text of the user inside other languages: numbers made short, labels made harmless."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from typing import Any

from autograd.functions.calls import Primitive
from autograd.functions.printing.printer import ATOM, Written
from autograd.functions.printing.text import TEXT
from autograd.graph.node import Node
from autograd.numbers.text import shortened

NAME = 80  # characters of a name in equations; the label itself, as data, has no limit
SOURCE = 1000  # characters of a line of source, and of whatever is shown once
_HARMLESS = frozenset(string.ascii_letters + string.digits + " .,:+-*/=()_^")

UNKNOWN = "?"  # in place of a number: a gradient before the first sweep, a value to come


def number(x: Any) -> str:
    """Return a number, or that of a Value, in four significant digits, or as it is if it is exact.

    Examples
    --------
    >>> from fractions import Fraction
    >>> number(2.0), number(1 / 3), number(Fraction(1, 3))
    ('2', '0.3333', '1/3')
    """
    while isinstance(x, Node):  # the gradient of a gradient is a Value
        x = x.data
    return shortened(x)


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
    if text.isascii() and text.isprintable():  # as nearly all are, of hundred thousands in a page
        return text
    return "".join(" " if c in "\t\r\n" else "\ufffd" if _is_invisible(c) else c for c in text)


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # they belong to words of Persian and Hindi, and to joined emoji


def _is_invisible(c: str) -> bool:
    """Whether a character says nothing that a reader could see."""
    return unicodedata.category(c) in _INVISIBLE and c not in _JOINERS


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen of a text."""
    return all(c.isspace() or c in _JOINERS for c in text)


def xml(text: str) -> str:
    """Return `text` for SVG and HTML, as content or inside a quoted attribute."""
    if _AS_IT_IS(text):  # as nearly all are
        return text
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return plain(text)


_AS_IT_IS = re.compile(r"[ !#-%(-;=?-~]*").fullmatch  # what is seen of ASCII, but for these:
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))


def dot(text: str) -> str:
    """Return `text` as a quoted string of the DOT language, which reads entities in it too."""
    return '"' + plain(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"') + '"'


def mermaid(text: str) -> str:
    """Return `text` for a quoted Mermaid label; whatever could mean something is a code."""
    return "".join(c if c in _HARMLESS else f"#{ord(c)};" for c in plain(text))


def formula(op: Primitive, operands: Iterable[Any]) -> str:
    """Return the row applied to operands that are written already, as a user writes it."""
    return TEXT.application(op, [Written(text, binding(text)) for text in operands]).text


def binding(text: str) -> int:
    """Return how tightly a written operand holds together, on the scale of `Primitive.precedence`.

    A label may be anything that a user wrote, a formula too; and a number may have a sign, be a
    quotient or have two parts. With 0 it needs parentheses even as one operand among several.

    Examples
    --------
    >>> [binding(text) for text in ("net.w[0, 1]", "f(a + b)", "1e-05")] == 3 * [ATOM]
    True
    >>> [binding(text) for text in ("a=1, b", "-2", "a + b", "1/2", "x**2")]
    [0, 1, 4, 5, 7]
    """
    if _NUMBER.fullmatch(text):
        return ATOM
    if text.startswith(("-", "+")) and _NUMBER.fullmatch(text[1:]):
        return _SIGNED
    depth, least, before = 0, ATOM, ""
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return 0
        if depth == 0 and c not in ")]}":
            least = min(least, _tightness(text, i, before))
        before = c if not c.isspace() else before
    return 0 if depth else least


_SIGNED = 1  # a sign in front: in parentheses beside every other sign
_NUMBER = re.compile(r"\d+\.?\d*(e[+-]?\d+)?j?|inf|nan")
_OPERATORS = {"+": 4, "-": 4, "*": 5, "/": 5, "%": 5}


def _tightness(text: str, i: int, before: str) -> int:
    """How tightly the character at a place holds what is around it together."""
    c = text[i]
    if c in ",;=:?!":
        return 0
    if c in _OPERATORS:
        if not before:
            return _SIGNED
        if c == "*" and "**" in (text[i : i + 2], text[i - 1 : i + 1]):
            return 7
        return _OPERATORS[c]
    return ATOM if c.isspace() or c in "._#'\u2032" else _of_category(c)


def _of_category(c: str) -> int:
    """The same for a character that is no operator of Python: signs of mathematics bind loosely."""
    return _SIGNED if unicodedata.category(c) in ("Sm", "Pd") or c in "&@\\" else ATOM


def enclosed(text: str) -> str:
    """Return a written operand as one that holds together, with parentheses if it needs them."""
    return text if binding(text) == ATOM else f"({text})"
