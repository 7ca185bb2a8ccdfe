"""Exploring: what is kept of a program, the levels of a graph, and why a gradient is what it is."""

from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, explore, record
from autograd.__main__ import main
from autograd.display import snapshot
from autograd.display.explorer import page_data
from autograd.display.flat import flat
from autograd.display.levels import adopted, plans
from autograd.display.page import asset
from autograd.display.placement import Rectangle
from tests.display.test_engine import ENGINE, grown, leaves
from tests.display.test_javascript import node, same

MOST = 150 * 1024  # bytes of a page without its data
WHY = ENGINE + asset("why.js")


def branching(w: Any, x: Any) -> Any:
    """By the sign of a difference, which the result does not depend on."""
    return w * x if w - x > 1 else -x


def network(points: int = 2) -> Value:
    """The loss of a small network, recorded."""
    model = nn.MLP(2, [3, 1])
    with record():
        loss = Value(0.0)
        for i in range(points):
            loss = loss + (model([i - 0.5, 0.5]) - 1.0) ** 2
    return loss


# -- what is kept ----------------------------------------------------------------------------------


def test_what_a_program_compares_is_kept_with_its_line() -> None:
    page = explore(branching, 5.0, 2.0)
    (met,) = page.comparisons
    assert (met.sign, met.y, met.answer) == (">", 1, True)
    assert met.origin.source == "return w * x if w - x > 1 else -x"
    assert [root.sign for root in page.graph.roots] == ["*"]


def test_a_branch_that_would_be_taken_otherwise_is_flagged() -> None:
    page = explore(branching, 5.0, 2.0)
    source = f"""{ENGINE}
    function answer(graph) {{
      const page = engine(graph);
      const before = page.branches().length;
      page.set("x", 4.5);
      return [before, page.branches().map((x) => x.text), page.values()];
    }}"""
    graph = page_data(page.graph, page.comparisons)["engine"]
    before, (text,), values = node(source, graph)
    assert before == 0
    assert text == "v1 > 1 (return w * x if w - x > 1 else -x)"
    assert values["y"] == 22.5


def test_a_module_computes_without_a_page(tmp_path: Path) -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    explore((w * x).tanh()).save(tmp_path / "graph.mjs")
    program = """
    import { set, values, gradients } from './graph.mjs';
    set("w", 0.25);
    console.log(JSON.stringify([values(), gradients()]));
    """
    done = subprocess.run(["node", "--input-type=module", "-e", program], cwd=tmp_path,  # noqa: S607
                          capture_output=True, text=True, check=True)  # fmt: skip
    values, gradients = json.loads(done.stdout)
    assert same(values["y"], math.tanh(0.5))
    assert same(gradients["w"], 2 / math.cosh(0.5) ** 2)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: explore([Value(1.0), Value(2.0)]), "explore takes one root; got 2"),
    (lambda: explore(Value(2.0) * 1j).to_html(), "explore computes with floats"),
    (lambda: explore(Value(2.0) * 2).save("page.pdf"), r"saved as \.html or \.mjs; got 'page.pdf'"),
    (lambda: explore(snapshot(network()).collapse(1)), "explore takes a whole snapshot"),
    (lambda: explore(lambda x: 2.0, 1.0), r"returned 2\.0 \(float\)"),
])  # fmt: skip
def test_what_cannot_be_explored_is_said(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_the_command_line_saves_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "page.html"
    assert main(["tanh(w*x)", "w=0.5", "x=2", "--explore", str(path)]) == 0
    assert f"saved {path}" in capsys.readouterr().out
    assert "Explore tanh" not in path.read_text()
    assert "<title>Explore y = 0.7616</title>" in path.read_text()


# -- the page --------------------------------------------------------------------------------------


def test_a_page_is_small_and_needs_nothing_from_elsewhere() -> None:
    html = explore(Value(2.0, "x") * 3).to_html()
    told = html.index('<script type="application/json">')
    without = len(html.encode()) - (html.index("</script>", told) - told)
    assert without <= MOST
    assert html.replace("http://www.w3.org/2000/svg", "").count("http") == 0
    assert "import " not in html.partition("exploreAll")[2]


@given(label=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_label_is_never_markup(label: str) -> None:
    """Whatever it is, what a browser reads as the page has the same elements."""
    usual = explore(Value(2.0, "x") * Value(3.0, "w")).to_html()
    html = explore(Value(2.0, f"</script><img src=x>{label}") * Value(3.0, label)).to_html()
    assert html.count("<script") == usual.count("<script")
    assert html.count("</script>") == usual.count("</script>")
    assert "<img" not in html


def test_a_notebook_has_a_frame_and_keeps_a_still_picture() -> None:
    bundle = explore(Value(2.0, "x<y") * 3)._repr_mimebundle_()
    assert 'srcdoc="<!DOCTYPE html>' in bundle["text/html"]
    assert '<img alt="Explore y = 6" src="data:image/svg+xml;base64,' in bundle["text/html"]
    assert "x<y" in bundle["text/plain"]


# -- the levels ------------------------------------------------------------------------------------


def laid_out(y: Value) -> Any:
    graph = adopted(snapshot(y))
    return graph, plans(graph, {node.key: (120.0, 60.0) for node in graph.nodes}, 80.0)


def test_a_network_has_a_level_for_each_call_and_one_for_the_parameters_they_share() -> None:
    graph, levels = laid_out(network())
    assert [path for path in levels if len(path) == 1] == [
        (("MLP", 0),), (("MLP", 1),), (("MLP", 2),)
    ]  # fmt: skip
    neuron = (("MLP", 1), ("layers.0", 1), ("neurons.2", 1))
    assert sorted(graph.nodes[key].sign for key in levels[neuron].nodes) == ["dot", "relu"]
    assert sum(len(plan.nodes) for plan in levels.values()) == len(graph)


def test_nothing_overlaps_in_a_level_or_leaves_it() -> None:
    _, levels = laid_out(network(4))
    for path, plan in levels.items():
        calls = [inner.box for other, inner in levels.items() if other and other[:-1] == path]
        boxes = [*plan.nodes.values(), *calls]
        for box in boxes:
            assert 0 <= box.x <= box.x + box.width <= plan.width + 1e-6
            assert 0 <= box.y <= box.y + box.height <= plan.height + 1e-6
        for one, other in itertools.combinations(boxes, 2):
            assert not one.overlaps(other)


def test_a_level_is_drawn_small_in_the_shape_it_has() -> None:
    _, levels = laid_out(network())
    for plan in levels.values():
        if plan.path:
            assert plan.box.width <= plan.width
            assert plan.box.width / plan.width == pytest.approx(plan.box.height / plan.height)


def test_the_lines_lead_each_edge_from_box_to_box() -> None:
    """Level by level: an edge leaves its source, passes the borders, and enters its target."""
    graph, levels = laid_out(network())
    for i, edge in enumerate(graph.edges):
        legs = [(path, line) for path, plan in levels.items() for line in plan.lines
                if i in line.edges]  # fmt: skip
        starts = [line for path, line in legs if touches(levels[path].nodes.get(edge.source),
                                                         line.points[0], 1.0)]  # fmt: skip
        ends = [line for path, line in legs if touches(levels[path].nodes.get(edge.target),
                                                       line.points[-1], 0.0)]  # fmt: skip
        assert (len(starts), len(ends)) == (1, 1)


def touches(box: Rectangle | None, point: tuple[float, float], side: float) -> bool:
    """Whether a point lies on the left (0) or right (1) border of a box."""
    if box is None:
        return False
    x, y = point
    return abs(x - box.x - side * box.width) < 1e-6 and box.y <= y <= box.y + box.height


def test_in_a_large_graph_all_that_comes_from_one_call_is_one_line_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograd.display.levels.FINE", 0)
    _, levels = laid_out(network())
    lines = [len(line.edges) for line in levels[()].lines]
    assert max(lines) == 13  # the parameters of the network: 3 neurons of 3, one of 4


# -- why -------------------------------------------------------------------------------------------


def asked(y: Value, name: str, moves: Any = ()) -> Any:
    """What the page answers for a node: the equation, the number of paths left out, the reasons."""
    source = f"""{WHY}
    function answer([graph, name, moves]) {{
      const page = engine(graph);
      moves.forEach(([name, x]) => page.set(name, x));
      page.compute();
      const edges = edgesOf(page);
      const i = page.names.indexOf(name);
      const found = why(page, edges, i);
      const told = reasons(page, edges, i, found, (i) => page.names[i]);
      return [equation(found), found.more, told, found.paths.map((x) => x.product)];
    }}"""
    return node(source, [flat(snapshot(y)), name, list(moves)])


def test_a_gradient_is_the_sum_of_the_products_along_all_paths() -> None:
    x = Value(2.0, "x")
    equation, more, told, _ = asked(x * 3 + x * 3 + x, "x")
    assert (equation, more, told) == ("3*1*1 + 3*1*1 + 1 = 7", 0, [])


def test_of_many_paths_the_largest_are_shown_and_how_many_there_are_more() -> None:
    x = Value(1.0, "x")
    y = x
    for i in range(30):
        y = y * (1 + 0.01 * i) + y * 0.5
    y.backward()
    equation, more, _, products = asked(y, "x")
    assert more == 2**30 - 6
    assert f"of {2**30 - 6:,} more paths" in equation
    best = math.prod(1 + 0.01 * i for i in range(30))
    assert products[0] == pytest.approx(best)
    assert products == sorted(products, reverse=True)


def test_the_largest_paths_of_random_programs_are_those_of_brute_force() -> None:
    compared = 0
    for seed in range(20):
        rng = random.Random(seed)
        y = grown(rng)(*leaves(rng))
        graph = snapshot(y)
        if not math.isfinite(y.data):
            continue
        products = all_paths(graph, graph.key("x0"))
        expected = sorted((abs(x) for x in products), reverse=True)[:6]
        found = asked(y, "x0")[3]
        assert [abs(x) for x in found] == pytest.approx(expected, rel=1e-9, abs=1e-300)
        compared += len(found) > 2
    assert compared > 10


def all_paths(graph: Any, key: int) -> list[float]:
    """The products along all paths from a node to the root, one after the other."""
    found, stack = [], [(key, 1.0)]
    while stack:
        at, product = stack.pop()
        if at == graph.root.key:
            found.append(product)
        stack += [(e.target, product * e.partial) for e in graph.edges if e.source == at]
    return found


def test_a_path_through_a_node_of_several_numbers_has_the_slope_of_one_by_one_operand() -> None:
    xs = [Value(x, name) for x, name in ((0.5, "a"), (1.0, "b"), (-0.25, "c"))]
    autograd.logsumexp(xs).backward(create_graph=True)
    root = xs[0].grad * 2 + xs[1].grad * -3
    for x in xs:
        x.zero_grad()
    root.backward()
    shares = autograd.softmax([x.data for x in xs])
    expected = [2 * shares[0] * (1 - shares[0]), 3 * shares[0] * shares[1]]
    equation, more, told, products = asked(root, "a")
    assert sorted(products) == pytest.approx(sorted(expected))
    assert (more, told) == (0, [])
    assert float(equation.rpartition("=")[2]) == pytest.approx(xs[0].grad, rel=1e-3)
    together = next(n.name for n in snapshot(root).nodes if n.sign == "shares")
    assert asked(root, together)[0] == "(2, -3, 0)"


@pytest.mark.parametrize(("make", "name", "reason"), [
    (lambda x: (x - 5).relu() * 2, "x", "nothing flows through v2: slope 0"),
    (lambda x: (x - 5).relu() * 2, "v2", "dead: v2, every local derivative is 0"),
    (lambda x: x * 2 - x * 2, "x", "the paths cancel"),
    (lambda x: (x * 20).tanh() * 3, "x", "vanishing: v2 has slope 7.219e-35"),
    (lambda x: x * 1e9, "x", "exploding: y has slope 1000000000"),
    (lambda x: (x - 2).sqrt(), "x", "y has a local derivative that is not finite"),
])  # fmt: skip
def test_why_a_gradient_is_0_tiny_huge_or_not_finite(make: Any, name: str, reason: str) -> None:
    assert reason in asked(make(Value(2.0, "x")), name)[2]


def test_what_does_not_lead_to_the_root_has_no_gradient() -> None:
    page = explore(branching, 5.0, 2.0)
    source = f"""{WHY}
    function answer(graph) {{
      const page = engine(graph);
      page.compute();
      return equation(why(page, edgesOf(page), page.names.indexOf("v1")));
    }}"""
    graph = page_data(page.graph, page.comparisons)["engine"]
    assert node(source, graph) == "no path leads to the root: 0"


# -- the widget ------------------------------------------------------------------------------------


def test_the_widget_is_the_page_and_its_numbers_are_checked() -> None:
    traitlets = pytest.importorskip("traitlets")
    pytest.importorskip("anywidget")
    page = explore(Value(0.5, "w") * Value(2.0, "x"))
    widget = page.widget()
    assert widget.page == page.data
    data, _ = widget._repr_mimebundle_()
    assert "srcdoc=" in data["text/html"]
    widget.numbers = {"w": 1}
    assert widget.numbers == {"w": 1.0}
    with pytest.raises(traitlets.TraitError, match="nothing is called 'z' in this graph"):
        widget.numbers = {"z": 1.0}


def test_the_widget_and_the_kernel_tell_each_other_what_is_moved() -> None:
    """With a page that only computes, in the place of a browser's."""
    source = f"""
    const document = {{ createElement: () => ({{}}) }};
    let page;
    {ENGINE}
    function explorer(root, {{ engine: graph }}) {{
      const machine = engine(graph);
      const acts = [];
      const refresh = () => acts.forEach((act) => act());
      page = {{ ...machine, refresh, whenChanged: (act) => acts.push(act), unmount: () => {{}} }};
      return page;
    }}
    {asset("joined.js").replace("export default", "const made =")}
    function answer(graph) {{
      const state = {{ page: {{ engine: graph }}, numbers: {{}} }};
      const heard = [];
      const saved = [];
      const model = {{
        get: (key) => state[key], set: (key, x) => {{ state[key] = x; }},
        save_changes: () => saved.push(state.numbers),
        on: (_, act) => heard.push(act), off: () => heard.pop(),
      }};
      const unmount = render({{ model, el: {{ append: () => {{}} }} }});
      page.set("x", 5);
      page.refresh();
      state.numbers = {{ w: 3 }};
      heard[0]();
      unmount();
      return [saved, page.values(), heard.length];
    }}"""
    saved, values, left = node(source, flat(snapshot(Value(0.5, "w") * Value(2.0, "x"))))
    assert saved == [{"x": 5}]  # what the kernel sets is not told back to it
    assert (values, left) == ({"w": 3, "x": 2, "y": 6}, 0)
