"""Pictures compared: each program that draws SVG shows every digit of local derivatives."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.display import draw
from autograd.display.pdf import POINT, pdf

SVG = "{http://www.w3.org/2000/svg}"
ZOOM = 3
FONT = "DejaVu Sans Mono"
Render = Callable[[str], Any]  # SVG to pixels

PAGE = """<!DOCTYPE html><style>:root {{ color-scheme: light dark }}
body {{ margin: 0; color: CanvasText; background: Canvas }} svg {{ display: block }}</style>{}"""


def lacking(program: str, remedy: str) -> None:
    """Say what is missing: in CI that is a failure."""
    message = f"pictures are compared in {program}, which is not installed: {remedy}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


def pixels(png: bytes) -> Any:
    """The colours of an image, from 0 to 1."""
    images = pytest.importorskip("PIL.Image")
    image = images.open(io.BytesIO(png))
    white = images.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return np.asarray(white.convert("RGB"), dtype=np.float32) / 255


def resvg(svg: str) -> Any:
    try:
        import resvg_py
    except ImportError:
        lacking("resvg", "pip install resvg_py")
    return pixels(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))


def cairosvg(svg: str) -> Any:
    try:
        import cairosvg
    except (ImportError, OSError):  # the latter without the library libcairo2
        lacking("CairoSVG", "pip install cairosvg, apt install libcairo2")
    return pixels(cairosvg.svg2png(bytestring=svg.encode(), scale=ZOOM))


def rsvg(svg: str) -> Any:
    program = shutil.which("rsvg-convert")
    if program is None:
        lacking("rsvg", "apt install librsvg2-bin")
    command = [str(program), f"--zoom={ZOOM}"]
    done = subprocess.run(command, input=svg.encode(), stdout=subprocess.PIPE, check=True)
    return pixels(done.stdout)


def pdfium(svg: str) -> tuple[Any, str]:
    """Our own PDF, as Chromium shows it and reads it out."""
    try:
        import pypdfium2
    except ImportError:
        lacking("PDFium", "pip install pypdfium2")
    page = pypdfium2.PdfDocument(pdf(svg))[0]
    image = page.render(scale=ZOOM / POINT).to_numpy()
    return image.astype(np.float32) / 255, page.get_textpage().get_text_range()


PROGRAMS = {"resvg": resvg, "CairoSVG": cairosvg, "rsvg": rsvg}


@pytest.fixture
def chromium(browser: Any) -> Any:
    """Chromium with the reader's choice of light or dark."""

    def render(svg: str, scheme: str = "light") -> Any:
        tab = browser.new_page(device_scale_factor=ZOOM, color_scheme=scheme)
        tab.set_content(PAGE.format(svg))
        png = tab.locator("svg").screenshot()
        tab.close()
        return pixels(png)

    return render


def tangle(direction: str, theme: str, label: str = "می‌خواهم") -> str:
    """A picture in which edges run close by numbers of all lengths."""
    x, w = Value(-1.2345e-5, "x"), Value(1 / 3, label)
    y = (x * w - w) * x
    y.backward()
    return draw(y, direction=direction)._render(theme)


def only(svg: str, part: str) -> str:
    """The picture with nothing but its paper and one part: the digits, the halos, or nothing."""
    ET.register_namespace("", SVG.strip("{}"))
    root = ET.fromstring(svg)  # noqa: S314  (our own)
    (drawn,) = root.findall(f"{SVG}g")
    halos, digits = (each for each in drawn if each.find(f"{SVG}text[@data-local]") is not None)
    assert halos.get("class") == "halo"
    halos.attrib.pop("style", None)
    halos.set("stroke", "currentColor")  # to be told from the paper
    halos.attrib.pop("class")
    for each in list(drawn):
        if each is not {"halos": halos, "digits": digits}.get(part):
            drawn.remove(each)
    return ET.tostring(root, encoding="unicode")


def check_that_digits_are_seen(render: Render, svg: str) -> None:
    """Under the halos there is paper, on them are digits, and nothing else is there."""
    paper, digits, halos = (render(only(svg, part)) for part in ("", "digits", "halos"))
    covered = abs(halos - paper).max(axis=2)
    inside = covered >= 0.99 * covered.max()
    ink = abs(digits - paper).max(axis=2)
    assert ink[inside].sum() > 0.95 * ink.sum() > 1000
    np.testing.assert_allclose(render(svg)[inside], digits[inside], atol=2.5 / 255)


@pytest.mark.parametrize(("direction", "theme"), [("LR", "auto"), ("LR", "dark"), ("TB", "auto")])
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_halo_and_no_edge_covers_a_digit(program: str, theme: str, direction: str) -> None:
    check_that_digits_are_seen(PROGRAMS[program], tangle(direction, theme))


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_no_halo_and_no_edge_covers_a_digit_in_a_pdf(direction: str) -> None:
    svg = tangle(direction, "light", "θ(w)")
    check_that_digits_are_seen(lambda part: pdfium(part)[0], svg)


def test_a_pdf_has_the_letters_of_its_picture() -> None:
    _, text = pdfium(draw(Value(2.0, r"θ(é)\n") * Value(3.0, "Γ_1 = 2·λ"))._render("light"))
    letters = "".join(text.split())  # fonts that change are lines that end, to PDFium
    assert r"θ(é)\n" in letters
    assert "Γ_1=2·λ" in letters


@pytest.mark.parametrize(
    ("direction", "theme", "scheme"),
    [
        ("LR", "auto", "light"),
        ("TB", "auto", "dark"),
        ("LR", "inherit", "light"),
        ("LR", "inherit", "dark"),
    ],
)
def test_no_halo_and_no_edge_covers_a_digit_in_chromium(
    chromium: Any, direction: str, theme: str, scheme: str
) -> None:
    check_that_digits_are_seen(lambda svg: chromium(svg, scheme), tangle(direction, theme))


# How far outlines may lie apart, in pixels, of which 20 are a digit's width: antialiasing rounds to
# one; CairoSVG sets each digit at a whole pixel of its own.
APART = {"resvg": 1, "CairoSVG": 3, "rsvg": 1}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_digits_are_those_of_chromium_in_the_same_place(
    chromium: Any, program: str, theme: str
) -> None:
    svg = re.sub('font-family="[^"]*"', f'font-family="{FONT}"', tangle("LR", theme))
    digits = only(svg, "digits")
    here, there = (inked(render(digits)) for render in (PROGRAMS[program], chromium))
    assert here.shape == there.shape
    assert there.sum() > 1000
    for one, other in ((here, there), (there, here)):
        assert not (one & ~spread(other, APART[program])).any()


def inked(image: Any) -> Any:
    """Where there is more ink than paper."""
    paper = image[image.shape[0] // 2, 0]
    ink = abs(image - paper).max(axis=2)
    return ink > ink.max() / 2


def spread(mask: Any, by: int) -> Any:
    """A mask and all that is at most so many pixels beside it."""
    for axis in (0, 1):
        shifted = [np.roll(mask, shift, axis) for shift in range(-by, by + 1)]
        mask = np.logical_or.reduce(shifted)
    return mask
