"""Labels in every format: text comes out as text, short and visible, and whole in the data."""

from __future__ import annotations

import html.parser
import json
import random
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from autograd import Value, draw
from autograd.display import step
from hostile.trying import check, hostile_text, obeyed

TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "main", "script", "details", "summary",
    "pre", "p", "svg", "g", "rect", "path", "polygon", "text",
}  # fmt: skip


class Tags(html.parser.HTMLParser):
    """The elements that a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.seen |= {name for name, _ in attrs if name.startswith("on")}


def attempt(source: random.Random, folder: Path) -> str:
    """Draw, step and print a graph with labels of any text."""
    first, second = hostile_text(source), hostile_text(source)
    y = Value(2.0, first) * Value(3.0, second)
    y.label = hostile_text(source)
    labels = [first, second, y.label]
    drawing, steps = draw(y, engine="builtin"), step(y)
    ET.fromstring(drawing.svg)  # noqa: S314  (our own)
    for page in (drawing.to_html(), steps.to_html()):
        check(Tags(page).seen <= TAGS, "a label became an element", labels)
        page.encode()
        check(len(page) < 150_000, f"a page of {len(page):,} characters", labels)
    data = json.loads(drawing.to_json())
    seen = [label if re.sub(r"[\s\u200c\u200d]", "", label) else "" for label in labels]
    check([node["label"] for node in data["nodes"]] == seen, "a label is not whole", labels)
    check(re.fullmatch(r"[ -~\n]*", drawing.to_mermaid()), "Mermaid has other text", labels)
    for quoted in re.findall(r"label=(.*?)[\],]?\n", drawing.to_dot()):
        check(quoted.startswith('"') and quoted.rstrip("];,")[-1:], "DOT ends elsewhere", labels)
    for shown in (str(drawing), str(steps), repr(y), repr(steps), *map(repr, steps)):
        check(not obeyed(shown), "a terminal would obey it", labels)
    check(len(str(steps)) < 20_000, "what is printed is endless", labels)
    drawing.save(folder / "drawing.svg")
    steps.save(folder / "steps.html")
    return "drawn"
