"""Labels are the user's text: in every language they come out as text, whatever is in them."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from fractions import Fraction

import mpmath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import Value
from autograd.display import draw, step
from autograd.display.engines import find
from autograd.display.text import dot, mermaid, plain, xml

HOSTILE = [
    '<script>alert("x")</script>', "</script><img src=x onerror=alert(1)>", "a\"b'c", "\\N\\G\\",
    "&lt;&#60;", "]]><!--", "%%{init}%%", '"] --> end', "`**bold**`", "line\nbreak\r\ttab",
    "\x00\x1b[31m", "\u202eright to left", "\ud800", "\U0001f600 \u5024", "#35;#quot;", "a\\",
]  # fmt: skip
labels = st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=st.characters(), max_size=20))
SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  (our own)


class Texts(html.parser.HTMLParser):
    """What a browser would show as text, and which elements it would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self.seen and self.lasttag == "script" and self.cdata_elem:
            self.scripts.append(data)
        self.text += data


@given(labels)
@example("\ufffe")
def test_xml_reads_back_what_was_visible(label: str) -> None:
    assert parse(f"<a b='{xml(label)}'>{xml(label)}</a>").text == (plain(label) or None)
    assert parse(f'<a b="{xml(label)}"/>').get("b") == plain(label)


@given(labels)
def test_a_dot_string_ends_where_it_should(label: str) -> None:
    quoted = dot(label)
    assert re.fullmatch(r'"(?:[^"\\]|\\\\|\\")*"', quoted)
    assert "\n" not in quoted
    read = quoted[1:-1].replace('\\"', '"').replace("\\\\", "\\").replace("&amp;", "&")
    assert read == plain(label)


@given(labels)
def test_a_mermaid_label_holds_nothing_that_means_something(label: str) -> None:
    coded = mermaid(label)
    assert re.fullmatch(r"(?:[A-Za-z0-9 .,:+\-*/=()_^]|#\d+;)*", coded)
    assert re.sub(r"#(\d+);", lambda code: chr(int(code[1])), coded) == plain(label)


@given(labels, labels)
@settings(max_examples=40)
def test_a_picture_shows_labels_as_text(first: str, second: str) -> None:
    drawing = draw(Value(1.0, first) * Value(2.0, second), engine="builtin")
    picture = parse(drawing.svg)
    allowed = {f"{SVG}{tag}" for tag in
               ("svg", "style", "rect", "g", "path", "polygon", "text", "title")}  # fmt: skip
    assert {element.tag for element in picture.iter()} <= allowed
    titles = [element.text or "" for element in picture.iter(f"{SVG}title")]
    for label in (first, second):  # one of blanks alone names nothing, also of those not printed
        assert label.isspace() or any(title.startswith(plain(label)) for title in titles)
    tags = set(Texts(drawing.to_html()).seen)
    assert tags <= {"html", "head", "meta", "title", "style", "body", "div", "p", "svg",
                    "g", "rect", "path", "polygon", "text", "script"}  # fmt: skip


@given(labels)
@settings(max_examples=40)
def test_a_page_of_steps_shows_labels_as_text(label: str) -> None:
    x = Value(2.0, label)
    steps = step(x * x)
    seen = Texts(steps.to_html())
    assert seen.seen.count("script") == 2
    assert not {"img", "iframe", "object", "link", "b", "a"} & set(seen.seen)
    data = json.loads(re.search(r"json\">(.*?)</script>", steps.to_html())[1])  # type: ignore[index]
    assert plain(steps.graph.nodes[0].name) in " ".join(data["steps"][-1]["lines"])
    inline = Texts(steps._repr_mimebundle_()["text/html"]).seen
    assert set(inline) <= {"style", "div", "script", "img", "pre"}


@pytest.mark.parametrize("program", ["dot", "graphviz-pure"])
def test_graphviz_reads_hostile_labels_as_text(program: str) -> None:
    found = find(program)
    if not found:
        pytest.skip(f"{program} is not installed here")
    values = [Value(float(i), label) for i, label in enumerate(HOSTILE)]
    drawing = draw(values[0] + sum(values[1:], Value(0.0)), engine="builtin", show=())
    done = subprocess.run(
        [found, "-Tsvg"], input=drawing.to_dot(), capture_output=True, encoding="utf-8", check=True
    )
    shown = {element.text for element in parse(done.stdout).iter(f"{SVG}text")}
    for label in HOSTILE:
        if len(label) < 28 and label.isascii() and not re.search(r"[\x00-\x1f]", label):
            assert label in {(text or "").replace("\u00a0", " ") for text in shown}


WHOLE = "".join(f"{i:07}" for i in range(150_000))[:1_000_000]


@pytest.mark.parametrize("place", ["leaf", "root"])
def test_a_label_of_a_million_characters_is_whole_in_the_data_and_cut_where_it_is_shown(
    place: str,
) -> None:
    x = Value(2.0, WHOLE if place == "leaf" else "x")
    y = x * x
    y.label = WHOLE if place == "root" else "y"
    drawing, steps = draw(y, engine="builtin"), step(y)
    node = drawing.graph.nodes[0 if place == "leaf" else -1]
    assert node.label == json.loads(drawing.to_json())["nodes"][node.key]["label"] == WHOLE
    assert steps.graph.key(WHOLE) == steps.graph.key(node.name) == node.key
    for shown in (drawing.svg, drawing.to_html(), drawing.to_dot(), drawing.to_mermaid(),
                  str(drawing), str(steps)):  # fmt: skip
        assert WHOLE[:20] in shown
        assert len(shown) < 20_000
    assert len(steps.to_html()) < len(step(Value(2.0) * 3.0).to_html()) + 30_000


@given(labels)
def test_what_is_printed_holds_nothing_that_a_terminal_obeys(label: str) -> None:
    y = Value(2.0, label) * Value(3.0, "\x1b[31m")
    y.label = label
    steps = step(y)
    for shown in (str(steps), *map(repr, steps), str(draw(y)), repr(y), repr(steps)):
        assert plain(shown.replace("\n", "")) == shown.replace("\n", "")


def test_an_exact_number_of_too_many_digits_to_write_is_drawn_by_its_size() -> None:
    x = Value(Fraction(1, 3) ** 20_000, "x")
    drawing, steps = draw(x * x), step(x * x)
    assert mpmath.nstr(mpmath.mpf(3) ** -40_000, 4) in drawing.svg
    json.loads(drawing.to_json())
    assert "x" in str(steps)
    assert steps.to_html()
