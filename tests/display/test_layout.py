"""Laws of the built-in layout: no boxes overlap, edges run forward, equal graphs look equal."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, sum
from autograd.display import draw
from autograd.display.graph import Graph
from autograd.display.nodes import Edge, Node, Path
from autograd.display.placement import Placement, Rectangle, place


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random graphs in topological order, with calls of modules nested up to three deep."""
    count = draw(st.integers(1, 14))
    paths: list[Path] = []
    edges = []
    for key in range(count):
        names = draw(st.lists(st.sampled_from("ab"), max_size=3))
        paths.append(tuple((name, 1) for name in names))
        sources = st.lists(st.integers(0, key - 1), max_size=3) if key else st.just([])
        edges += [Edge(source, key, 1.0) for source in draw(sources)]
    nodes = [Node(key, f"n{key}", "", "", 1.0, None, path=paths[key]) for key in range(count)]
    return Graph(tuple(nodes), tuple(edges))


directions = st.sampled_from(["LR", "TB"])
sizes = st.tuples(st.integers(20, 150), st.integers(20, 90))


@st.composite
def placements(draw: st.DrawFn) -> tuple[Graph, Placement, str, dict[int, Path]]:
    graph, direction = draw(graphs()), draw(directions)
    from autograd.display.collapsing import convex_paths

    paths = convex_paths(graph)
    given_sizes = {node.key: draw(sizes) for node in graph.nodes}
    return graph, place(graph, given_sizes, paths, direction, 60.0), direction, paths


@given(placements())
def test_no_two_boxes_overlap(case: tuple[Graph, Placement, str, dict[int, Path]]) -> None:
    boxes = list(case[1].boxes.values())
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


@given(placements())
def test_every_edge_runs_forward(case: tuple[Graph, Placement, str, dict[int, Path]]) -> None:
    graph, placement, direction, _ = case
    axis = 0 if direction == "LR" else 1
    for edge, route in zip(graph.edges, placement.routes, strict=True):
        source, target = placement.boxes[edge.source], placement.boxes[edge.target]
        if direction == "LR":
            assert source.x + source.width < target.x
        else:
            assert source.y + source.height < target.y
        along = [point[axis] for point in route]
        assert all(a <= b + 1e-6 for a, b in itertools.pairwise(along))


def inside(inner: Rectangle, outer: Rectangle) -> bool:
    return (
        outer.x - 1e-6 <= inner.x
        and outer.y - 1e-6 <= inner.y
        and inner.x + inner.width <= outer.x + outer.width + 1e-6
        and inner.y + inner.height <= outer.y + outer.height + 1e-6
    )


@given(placements())
def test_frames_hold_their_own_and_nothing_else(
    case: tuple[Graph, Placement, str, dict[int, Path]],
) -> None:
    _, placement, _, paths = case
    whole = Rectangle(0, 0, placement.width, placement.height)
    for path, frame in placement.frames.items():
        assert inside(frame, whole)
        for key, box in placement.boxes.items():
            if paths[key][: len(path)] == path:
                assert inside(box, frame)
            else:
                assert not box.overlaps(frame)
        for other, rectangle in placement.frames.items():
            if other[: len(path)] == path:
                assert inside(rectangle, frame)
            elif path[: len(other)] != other:
                assert not rectangle.overlaps(frame)
    assert all(inside(box, whole) for box in placement.boxes.values())


@given(graphs(), directions)
def test_the_same_graph_is_laid_out_the_same(graph: Graph, direction: str) -> None:
    paths: dict[int, Path] = {node.key: () for node in graph.nodes}
    boxes = {node.key: (80.0, 50.0) for node in graph.nodes}
    assert place(graph, boxes, paths, direction, 60.0) == place(
        graph, boxes, paths, direction, 60.0
    )


def test_a_chain_is_straight() -> None:
    h = Value(1.0)
    for _ in range(6):
        h = h.sin()
    placement = draw(h, engine="builtin")._placement
    assert len({box.y + box.height / 2 for box in placement.boxes.values()}) == 1


def test_a_crossing_that_is_not_needed_is_not_drawn() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    upper, lower = a.sin(), b.cos()
    boxes = draw(lower * upper, engine="builtin")._placement.boxes
    above = {node: boxes[node].y for node in boxes}
    assert (above[0] < above[2]) == (above[1] < above[3])


@pytest.mark.parametrize("reach", [5, 40, 400])
def test_two_thousand_nodes_are_drawn(reach: int) -> None:
    rng = random.Random(reach)
    values = [Value(rng.random()) for _ in range(10)]
    while len(values) < 1999:
        x, y = rng.choice(values[-reach:]), rng.choice(values[-reach:])
        values.append(x * y if rng.random() < 0.5 else x + y)
    root = sum(values[10:])
    drawing = draw(root, engine="builtin", max_nodes=3000)
    assert drawing.svg.count('class="node') > 1900


def passes_through(graph: Graph, placement: Placement, direction: str) -> set[tuple[int, int]]:
    """Which edges pass through which boxes that are not theirs: (number of the edge, key)."""
    found = set()
    keys = [node.key for node in graph.nodes]
    boxes = [placement.boxes[key] for key in keys]
    sides = [(b.x, b.x + b.width, b.y, b.y + b.height) if direction == "LR" else
             (b.y, b.y + b.height, b.x, b.x + b.width) for b in boxes]  # fmt: skip
    starts, ends, tops, bottoms = np.array(sides).T
    for i, (edge, route) in enumerate(zip(graph.edges, placement.routes, strict=True)):
        along, across = np.array(route if direction == "LR" else [p[::-1] for p in route]).T
        for share in (0.1, 0.5, 0.9):
            at = np.interp(starts + share * (ends - starts), along, across, np.inf, np.inf)
            for hit in np.flatnonzero((at > tops) & (at < bottoms)):
                if keys[hit] not in edge[:2]:
                    found.add((i, keys[hit]))
    return found


@given(placements())
def test_no_edge_passes_through_a_box(
    case: tuple[Graph, Placement, str, dict[int, Path]],
) -> None:
    graph, placement, direction, _ = case
    assert passes_through(graph, placement, direction) == set()


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("length", [100, 300])
def test_weights_used_in_hundreds_of_layers_pass_the_boxes_by(length: int, direction: str) -> None:
    h, w, b = Value(2.0), Value(0.5), Value(-0.25)
    for _ in range(length):
        h = (h * w + b).tanh()
    drawing = draw(h, max_nodes=1_000, direction=direction)
    assert passes_through(drawing.graph, drawing._placement, direction) == set()


def test_a_weight_used_in_hundreds_of_layers_takes_no_forest_of_bends() -> None:
    w, h = Value(0.5), Value(0.1)
    for _ in range(500):
        h = (h * w + Value(0.1)).tanh()
    assert len(draw(h, engine="builtin", max_nodes=3000).svg) < 3_000_000
