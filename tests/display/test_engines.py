"""Every engine draws the same graph; one that is missing is asked for with the remedy."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

import pytest

import nn
from autograd import Value
from autograd.display import draw
from autograd.display.drawing import Drawing
from autograd.display.engines import find
from autograd.display.placement import Rectangle

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("engine", ["dot", "graphviz-pure"])
def test_an_engine_that_is_not_there_is_asked_for_with_the_remedy(
    neuron: Value, engine: str, no_programs: None
) -> None:
    with pytest.raises(RuntimeError, match=f"needs the program {engine}.*install"):
        draw(neuron, engine=engine)


@pytest.mark.parametrize("engine", ["dot", "graphviz-pure", "builtin"])
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_every_engine_places_every_box_and_edge(engine: str, direction: str) -> None:
    if engine != "builtin" and not find(engine):
        message = f"{engine} is not installed: apt install graphviz, pip install graphviz-pure"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    drawing = draw(nn.MLP(2, [2, 1]), [1.0, 2.0], engine=engine, direction=direction)
    picture = ET.fromstring(drawing.svg)  # noqa: S314  (our own)
    groups = [group.get("class", "").split()[0] for group in picture.iter(f"{SVG}g")
              if group.get("class")]  # fmt: skip
    assert groups.count("node") == len(drawing.graph)
    assert groups.count("edge") == len(drawing.graph.edges)
    assert groups.count("frame") == 6
    boxes = list(drawing._placement.boxes.values())
    assert labels_are_clear(drawing, direction)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def labels_are_clear(drawing: Drawing, direction: str) -> bool:
    """Whether no local derivative runs into a box, as wide as its font makes it."""
    picture = ET.fromstring(drawing.svg)  # noqa: S314  (our own)
    boxes = list(drawing._placement.boxes.values())
    for text in picture.iter(f"{SVG}text"):
        if "data-local" in text.attrib:
            width = 6.7 * len(text.text or "")
            left = float(text.get("x", 0)) - (width if direction == "LR" else 0)
            label = Rectangle(left, float(text.get("y", 0)) - 9, width, 10)
            if any(label.overlaps(box) for box in boxes):
                return False
    return True


@pytest.mark.parametrize("engine", ["dot", "graphviz-pure", "builtin"])
def test_long_local_derivatives_run_into_no_box(engine: str) -> None:
    if engine != "builtin" and not find(engine):
        pytest.skip(f"{engine} is not installed here")
    x, w = Value(-1.2345e-300, "x"), Value(-9.8765e300, "w")
    drawing = draw((x * w) * (w * -1.2345e-290), engine=engine)
    assert labels_are_clear(drawing, "LR")
