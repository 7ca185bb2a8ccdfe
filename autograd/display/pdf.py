"""PDF: a drawing for LaTeX and paper, in vectors, made from its SVG without another program."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator, Mapping

POINT = 0.75  # of a pixel
LARGEST = 14_400.0  # points that a side may have (ISO 32000-1, annex C)
ADVANCE = 0.6  # of Courier, in units of its size
ROUND = 0.5523  # where the control points of a quarter of a circle are, in units of its radius
# The fonts that every reader of PDF has: Courier for Western text, and Symbol for Greek.
FONTS = ("Courier", "Courier-Bold", "Symbol")
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", "abgdezhqiklmnxoprstufcywGDQLXPSFYW",
                  strict=True))  # fmt: skip
_INHERITED = ("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "font-size",
              "stroke-linejoin", "color")  # fmt: skip


def pdf(svg: str) -> bytes:
    """Return a picture that `svg.render` made, in its own colours, as a PDF of one page.

    Raises
    ------
    ValueError
        If its text has characters that are in none of the fonts that every reader has.
    """
    root = ET.fromstring(svg)  # noqa: S314  (our own)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    scale = min(POINT, LARGEST / max(width, height))
    opacities: dict[tuple[float, float], str] = {}
    drawn = "\n".join(_drawn(root, {"fill": "#000000", "stroke": "none"}, opacities))
    drawn = f"{scale:.5f} 0 0 {-scale:.5f} 0 {scale * height:.2f} cm\n{drawn}"
    try:
        content = zlib.compress(drawn.encode("cp1252"))
    except UnicodeEncodeError as error:
        raise ValueError(
            f"a .pdf has Western and Greek letters only, which every reader of PDF has; got "
            f"{drawn[error.start : error.end]!r}: .svg and .html have all"
        ) from None
    states = " ".join(
        f"/{name} << /ca {fill:.3f} /CA {stroke:.3f} >>"
        for (fill, stroke), name in opacities.items()
    )
    fonts = " ".join(f"/F{i} {i + 5} 0 R" for i in range(len(FONTS)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 {scale * width:.2f} "
        f"{scale * height:.2f}] /Group << /S /Transparency /CS /DeviceRGB >> /Resources "
        f"<< /Font << {fonts} >> /ExtGState << {states} >> >> >>".encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
        *(_font(name) for name in FONTS),
    ]
    return _file(objects)


def _font(name: str) -> bytes:
    """A font that needs no file; Symbol has an encoding of its own."""
    encoding = "" if name == "Symbol" else " /Encoding /WinAnsiEncoding"
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name}{encoding} >>".encode()


def _file(objects: list[bytes]) -> bytes:
    """A file of numbered objects, with the table that says where each begins."""
    made = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for i, each in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (i, each)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, b"".join(places))
    return (
        made
        + table
        + (b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made)))
    )


def _drawn(
    element: ET.Element, around: Mapping[str, str], opacities: dict[tuple[float, float], str]
) -> Iterator[str]:
    """The operators that paint an element and what is in it."""
    own = element.attrib
    look = {**around, **{key: own[key] for key in _INHERITED if key in own}}
    if "opacity" in own:
        look["opacity"] = str(float(own["opacity"]) * float(around.get("opacity", 1)))
    yield "q"
    if "transform" in own:
        x, y = _numbers(own["transform"])
        yield f"1 0 0 1 {x} {y} cm"
    kind = element.tag.rpartition("}")[2]
    if kind in ("svg", "g"):
        for each in element:
            yield from _drawn(each, look, opacities)
    elif kind not in ("title", "style") and own.get("width") != "100%":  # the paper is the page
        yield from _state(look, own.get("stroke-dasharray", ""), opacities)
        if kind == "text":
            yield from _text(element, look)
        else:
            outline = {"rect": _rectangle, "path": _path, "polygon": _polygon}[kind](own)
            yield f"{outline} {_painting(look)}"
    yield "Q"


def _painting(look: Mapping[str, str]) -> str:
    """The operator that fills, strokes, or both."""
    return {(True, True): "B", (True, False): "f"}.get(
        (look["fill"] != "none", look["stroke"] != "none"), "S"
    )


def _state(
    look: Mapping[str, str], dashes: str, opacities: dict[tuple[float, float], str]
) -> Iterator[str]:
    """Colours, opacities and the pen."""
    for what, operator in (("fill", "rg"), ("stroke", "RG")):
        colour = look["color"] if look[what] == "currentColor" else look[what]
        if colour != "none":
            red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
            yield f"{red:.3f} {green:.3f} {blue:.3f} {operator}"
    fill, stroke = (
        float(look.get(f"{what}-opacity", 1)) * float(look.get("opacity", 1))
        for what in ("fill", "stroke")
    )
    yield f"/{opacities.setdefault((fill, stroke), f'G{len(opacities)}')} gs"
    yield f"{look.get('stroke-width', '1')} w [{dashes}] 0 d"
    yield f"{int(look.get('stroke-linejoin') == 'round')} j"


def _text(element: ET.Element, look: Mapping[str, str]) -> Iterator[str]:
    """A line of text; each run of characters in the font that has them."""
    own, text = element.attrib, element.text or ""
    size = float(own.get("font-size", look.get("font-size", 12)))
    share = {"middle": 0.5, "end": 1.0}.get(own.get("text-anchor", ""), 0.0)
    x = float(own["x"]) - share * len(text) * ADVANCE * size
    usual = int("font-weight" in own)
    mode = {"B": 2, "S": 1}.get(_painting(look), 0)
    for run in re.finditer("[^\u0370-\u03ff]+|[\u0370-\u03ff]", text):
        written, font = run[0], usual
        if written in _GREEK:
            written, font = _GREEK[written], 2
        written = re.sub(r"([\\()])", r"\\\1", written)
        at = x + run.start() * ADVANCE * size
        yield (f"BT /F{font} {size} Tf {mode} Tr 1 0 0 -1 {at:.2f} {own['y']} Tm ({written}) Tj ET")


def _rectangle(own: Mapping[str, str]) -> str:
    """The outline of a rectangle with round corners."""
    x, y, width, height = (float(own[name]) for name in ("x", "y", "width", "height"))
    r = float(own.get("rx", 0))
    parts = [f"{x + r:.2f} {y:.2f} m"]
    corners = [(x + width, y, 1, 0), (x + width, y + height, 0, 1), (x, y + height, -1, 0),
               (x, y, 0, -1)]  # fmt: skip
    for corner_x, corner_y, along_x, along_y in corners:
        start = corner_x - r * along_x, corner_y - r * along_y
        end = corner_x - r * along_y, corner_y + r * along_x
        controls = (
            tuple(c + ROUND * (d - c) for c, d in zip(near, (corner_x, corner_y), strict=True))
            for near in (start, end)
        )
        points = " ".join(f"{a:.2f} {b:.2f}" for a, b in (*controls, end))
        parts.append(f"{start[0]:.2f} {start[1]:.2f} l {points} c")
    return " ".join([*parts, "h"])


def _path(own: Mapping[str, str]) -> str:
    """An outline of lines and curves: the operators have the same names."""
    steps = re.findall("([MLC])([^MLC]*)", own["d"])
    return " ".join(f"{' '.join(_numbers(points))} {command.lower()}" for command, points in steps)


def _polygon(own: Mapping[str, str]) -> str:
    """The outline of an arrowhead."""
    first, *rest = (" ".join(_numbers(point)) for point in own["points"].split())
    return " ".join([f"{first} m", *(f"{point} l" for point in rest), "h"])


def _numbers(text: str) -> list[str]:
    """The numbers in a text, as they are written."""
    return re.findall(r"-?\d+(?:\.\d+)?", text)
