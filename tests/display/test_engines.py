"""Every engine draws the same graph; one that is missing is asked for with the remedy."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

import pytest

import nn
from autograd import Value
from autograd.display import draw
from autograd.display.engines import find

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
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
