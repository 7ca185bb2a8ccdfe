"""Drawings: printed in DOT, Mermaid and text, saved in every format, with and without dot."""

from __future__ import annotations

import json
import re
import shutil
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, record
from autograd.display import draw, snapshot, step
from autograd.display.stepper import page_data
from autograd.files import write

SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("tools")


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  (our own)


def texts(svg: str) -> list[str]:
    """What is written in a picture, in order."""
    return [element.text or "" for element in parse(svg).iter(f"{SVG}text")]


def test_dot_of_a_neuron(neuron: Value) -> None:
    assert draw(neuron).to_dot() == (
        "digraph {\n"
        "  graph [rankdir=LR, ranksep=0.6]\n"
        '  node [shape=box, fontname="monospace", fontsize=12, style="rounded"]\n'
        '  edge [fontname="monospace", fontsize=11, arrowsize=0.7]\n'
        '  n0 [label="w\\ndata 0.5\\ngrad 1.193"]\n'
        '  n1 [label="x\\ndata 2\\ngrad 0.2983"]\n'
        '  n2 [label="*\\ndata 1\\ngrad 0.5966", style="solid"]\n'
        '  n3 [label="b\\ndata -0.25\\ngrad 0.5966"]\n'
        '  n4 [label="+\\ndata 0.75\\ngrad 0.5966", style="solid"]\n'
        '  n5 [label="y: tanh\\ndata 0.6351\\ngrad 1", style="solid"]\n'
        '  n0 -> n2 [label="2"]\n'
        '  n1 -> n2 [label="0.5"]\n'
        '  n2 -> n4 [label="1"]\n'
        '  n3 -> n4 [label="1"]\n'
        '  n4 -> n5 [label="0.5966"]\n'
        "}\n"
    )


def test_mermaid_of_a_neuron(neuron: Value) -> None:
    assert draw(neuron, direction="TB", show=("data", "local")).to_mermaid() == (
        "flowchart TB\n"
        '  n0(["w<br>data 0.5"])\n'
        '  n1(["x<br>data 2"])\n'
        '  n2["*<br>data 1"]\n'
        '  n3(["b<br>data -0.25"])\n'
        '  n4["+<br>data 0.75"]\n'
        '  n5["y: tanh<br>data 0.6351"]\n'
        '  n0 -->|"2"| n2\n'
        '  n1 -->|"0.5"| n2\n'
        '  n2 -->|"1"| n4\n'
        '  n3 -->|"1"| n4\n'
        '  n4 -->|"0.5966"| n5\n'
    )


def test_module_calls_are_clusters() -> None:
    drawing = draw(nn.Neuron(1, nonlin=False), [2.0], show=())
    assert drawing.to_mermaid().splitlines()[1:7] == [
        '  subgraph c0["Neuron"]',
        '    n0(["w.0"])',
        '    n2(["b"])',
        '    n3["dot"]',
        "  end",
        '  n1(["x.0"])',
    ]
    assert '  subgraph cluster_0 { label="Neuron"' in drawing.to_dot()
    assert "Neuron" in texts(drawing.svg)


def test_in_a_terminal_it_is_a_table(neuron: Value) -> None:
    assert str(draw(neuron, engine="builtin")) == (
        "w             data 0.5    grad 1.193\n"
        "x             data 2      grad 0.2983\n"
        "v1  w * x     data 1      grad 0.5966\n"
        "b             data -0.25  grad 0.5966\n"
        "v2  v1 + b    data 0.75   grad 0.5966\n"
        "y   tanh(v2)  data 0.6351 grad 1\n"
        "(layout: built-in)"
    )


def test_the_picture_says_what_was_asked_for(neuron: Value) -> None:
    everything = texts(draw(neuron).svg)
    assert {"w", "x", "b", "*", "+", "y: tanh", "0.6351", "1.193", "0.5966"} <= set(everything)
    only_data = texts(draw(neuron, show=("data",)).svg)
    assert "grad" not in only_data
    assert "0.5966" not in only_data


def test_a_literal_stands_in_its_node() -> None:
    assert "\u00b7 ** 2" in texts(draw(Value(3.0, "x") ** 2).svg)


def test_before_a_backward_the_gradients_are_unknown() -> None:
    drawn = texts(draw(Value(2.0) * Value(0.0)).svg)
    assert drawn.count("?") == 3


@pytest.mark.parametrize("ending", ["svg", "pdf", "html", "dot", "mmd", "json", "png"])
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_it_is_saved_in_every_format(
    neuron: Value, tmp_path: Path, ending: str, direction: str, theme: str
) -> None:
    if ending == "png":
        pytest.importorskip("resvg_py")
    path = tmp_path / f"graph.{ending}"
    draw(neuron, direction=direction, theme=theme).save(path)
    starts = {"svg": b"<svg", "html": b"<!DOCTYPE html>", "dot": b"digraph", "mmd": b"flowchart",
              "json": b"{", "png": b"\x89PNG", "pdf": b"%PDF-1.4"}  # fmt: skip
    assert path.read_bytes().startswith(starts[ending])
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == [path.name]


def test_json_holds_the_graph(neuron: Value) -> None:
    found = json.loads(draw(neuron).to_json())
    assert [node["name"] for node in found["nodes"]] == ["w", "x", "v1", "b", "v2", "y"]
    assert found["edges"][0] == {"source": 0, "target": 2, "partial": 2.0}


def test_json_has_no_number_that_json_lacks() -> None:
    made = draw(Value(float("inf")) * Value(float("nan"))).to_json()
    json.loads(made, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_networkx_gets_nodes_and_edges(neuron: Value) -> None:
    networkx = pytest.importorskip("networkx")
    graph = draw(neuron).to_networkx()
    assert networkx.is_directed_acyclic_graph(graph)
    assert graph.nodes[0]["name"] == "w"
    assert graph.edges[0, 2, 0]["partial"] == 2.0


def test_a_file_is_replaced_at_once_or_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    write(path, "before")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert path.read_text() == "before"
    write(path, "after")
    assert path.read_text() == "after"
    assert len(list(tmp_path.glob("*.svg"))) == 1


def test_the_picture_needs_nothing_from_elsewhere(neuron: Value) -> None:
    for made in (draw(neuron).svg, draw(neuron).to_html()):
        links = made.replace("http://www.w3.org/2000/svg", "")
        assert "http" not in links
        assert not re.search(r"//(?! )", links), "but for comments of the script"


def test_in_a_notebook_it_is_inline_with_an_image_to_fall_back_on(neuron: Value) -> None:
    bundle = draw(neuron)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "application/pdf"}
    assert 'color="currentColor"' in bundle["text/html"]
    assert 'src="data:image/svg+xml;base64,' in bundle["text/html"]


def test_letters_that_a_pdf_lacks_are_named_and_leave_the_bundle_without_one(
    tmp_path: Path,
) -> None:
    drawn = draw(Value(1.0, "می") * Value(2.0, "θ(é)"))
    with pytest.raises(ValueError, match=r"Western and Greek letters only.*got 'می': \.svg"):
        drawn.save(tmp_path / "graph.pdf")
    assert set(drawn._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_a_picture_too_wide_for_paper_is_not_in_the_bundle() -> None:
    h = Value(0.5)
    for _ in range(100):
        h = h.sin()
    assert set(draw(h)._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_a_value_shows_itself_as_text_alone(neuron: Value) -> None:
    assert not any(hasattr(neuron, f"_repr_{kind}_") for kind in ("html", "svg", "latex", "png"))


def test_highlighting_fades_the_rest(neuron: Value) -> None:
    svg = draw(neuron, highlight="x").svg
    marked = parse(svg).findall(f".//{SVG}g[@class]")
    faded = {g.get("data-node") for g in marked if g.get("opacity")}
    assert faded - {None} == {"0", "3"}


def test_above_the_cap_it_says_what_was_left_out() -> None:
    h = Value(1.0)
    for _ in range(500):
        h = h * 0.99
    drawing = draw(h, max_nodes=20)
    assert len(drawing.graph) == 20
    assert "481 of 501 nodes left out: the 20 nearest to the root are drawn" in drawing.note
    assert "481 of 501" in " ".join(texts(drawing.svg))


def test_a_module_is_collapsed_when_asked() -> None:
    drawing = draw(nn.MLP(2, [3, 1]), [1.0, 2.0], collapse="neuron")
    assert len(drawing.graph) == 6
    assert "neurons.2" in texts(drawing.svg)


def test_a_part_can_be_drawn(neuron: Value) -> None:
    assert len(draw(snapshot(neuron).around("b", hops=1)).graph) == 2


def test_a_leaf_alone_can_be_drawn() -> None:
    assert "x" in texts(draw(Value(1.0, "x")).svg)


def test_the_layout_is_our_own_unless_another_is_asked_for(neuron: Value) -> None:
    assert draw(neuron).note == draw(neuron, engine="builtin").note == "layout: built-in"
    assert draw(neuron).svg == draw(neuron, engine="builtin").svg
    if shutil.which("dot"):
        assert draw(neuron, engine="dot").note == "layout: dot"


def test_several_roots_are_drawn_with_what_they_share_once() -> None:
    x, w = Value(2.0, "x"), Value(0.5, "w")
    h = x * w
    a, b = h.sin(), h + 1.0
    a.label, b.label = "a", "b"
    drawing = draw([a, b])
    assert [node.name for node in drawing.graph.nodes] == ["x", "w", "v1", "a", "b"]
    assert drawing.svg.count('class="node root"') == 2
    assert "its roots are a with data 0.8415, b with data 2" in drawing.svg
    assert [node.name for node in draw([a, b, h]).graph.roots] == ["a", "b", "v1"]
    assert [node.name for node in draw(lambda x: [x * 2, x * 3], 1.0).graph.roots] == ["v1", "y"]
    b.backward()
    (shown,) = [node for node in snapshot([a, b]).nodes if node.name == "x"]
    assert shown.grad == 0.5
    assert {node.name for node in snapshot([a, b]).nearest(3).nodes} == {"a", "b", "v1"}
    with pytest.raises(ValueError, match="the sweep of one root; this graph has a, b"):
        step([a, b])
    with pytest.raises(TypeError, match="or from a list of them; got \\[\\]"):
        snapshot([])


def test_roots_in_collapsed_calls_are_theirs() -> None:
    layer = nn.Layer(2, 2)
    with record():
        outs = layer([1.0, 2.0])
    graph = snapshot(outs).collapse()
    assert [root.label for root in graph.roots] == ["neurons.0", "neurons.1"]


def test_a_large_graph_has_a_png_of_limited_size(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    h, w = Value(0.5), Value(1.5)
    for _ in range(150):
        h = (h * w).sin()
    draw(h, max_nodes=1_000).save(tmp_path / "graph.png")
    width, height = struct.unpack(">II", (tmp_path / "graph.png").read_bytes()[16:24])
    assert 15e6 < width * height < 16.2e6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "neato"}, "engine is one of auto, dot, graphviz-pure, builtin; got 'neato'"),
        ({"direction": "RL"}, "direction is 'LR' or 'TB'"),
        ({"show": "data"}, "show is a collection of"),
        ({"show": ("date",)}, "show is a collection of"),
        ({"theme": "blue"}, "theme is one of"),
    ],
)
def test_an_unknown_option_is_refused(neuron: Value, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(neuron, **options)


def test_an_unknown_ending_is_refused(neuron: Value, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a drawing is saved as \.svg, \.pdf, \.png, \.html"):
        draw(neuron).save(tmp_path / "graph.gif")


def test_optional_packages_are_asked_for_with_the_remedy(
    neuron: Value, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys

    for module in ("resvg_py", "networkx", "anywidget"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"pip install 'glassgrad\[png\]'"):
        draw(neuron).save(tmp_path / "graph.png")
    with pytest.raises(ImportError, match=r"pip install .glassgrad\[networkx\]"):
        draw(neuron).to_networkx()
    with pytest.raises(ImportError, match=r"pip install 'glassgrad\[widget\]'"):
        step(neuron).widget()


def test_importing_the_package_imports_no_drawing_program() -> None:
    import subprocess
    import sys

    code = (
        "import sys, autograd.display as d; d.draw; d.step; d.snapshot; "
        "print({'numpy', 'graphviz', 'networkx', 'anywidget', 'resvg_py'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_leaves_that_hold_more_than_one_sweep_are_named() -> None:
    x, w = Value(3.0, "x"), Value(0.1, "w")
    y = x * x * w
    assert draw(y).note == "layout: built-in"
    y.backward()
    assert draw(y).note == "layout: built-in"
    y.backward()
    said = "x holds 1.2 from two sweeps, w holds 18 from two sweeps: zero_grad() sets them back"
    assert draw(y).note == f"{said}; layout: built-in"
    assert said in " ".join(texts(draw(y).svg))
    assert page_data(step(y))["note"] == f"{said}; these steps are one sweep that begins at 0"
    y.backward()
    assert "x holds 1.8 from three sweeps" in draw(y).note
    x.zero_grad()
    w.zero_grad()
    (x * 5.0).backward()
    y.backward(seed=2.0)
    assert "x holds 6.2 from more than this root's last sweep: zero_grad()" in draw(y).note
    assert draw(y, show=("data",)).note == "layout: built-in"


@pytest.mark.parametrize(
    "label",
    ["می‌خواهم", "क्‍ष", "👩‍💻"],
    ids=["Persian", "Hindi", "joined emoji"],
)
def test_joiners_belong_to_words(label: str) -> None:
    drawing = draw(Value(1.0, label) * 2.0)
    assert label in texts(drawing.svg)
    assert f"y = {label} * 2 = 1 * 2 = 2" in str(step(Value(1.0, label) * 2.0))


@pytest.mark.parametrize("label", ["", " ", "\t", "‍"])
def test_a_label_without_anything_to_see_is_none(label: str) -> None:
    assert [node.name for node in snapshot(Value(1.0, label) * 2.0).nodes] == ["v1", "y"]


def test_no_renderer_has_to_know_of_the_order_of_painting(neuron: Value) -> None:
    """Digits of local derivatives are painted after every halo: CairoSVG ignores `paint-order`."""
    picture = draw(neuron).svg
    assert "paint-order" not in picture
    root = ET.fromstring(picture)  # noqa: S314  (our own)
    painted = [text for text in root.iter(f"{SVG}text") if "data-local" in text.attrib]
    halos = [text for group in root.iter(f"{SVG}g") if group.get("class") == "halo"
             for text in group]  # fmt: skip
    assert painted[: len(halos)] == halos
    assert [text.text for text in painted[len(halos) :]] == [text.text for text in halos]
