"""Descent on the page: the steps of nn.optim, the way back, and the contours of a landscape."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nn
from autograd import Value
from autograd.display import snapshot
from autograd.display.flat import flat
from autograd.display.page import asset
from tests.display.test_engine import ENGINE
from tests.display.test_javascript import node, same

DESCENT = ENGINE + asset("why.js", "viewer.js", "descent.js", "landscape.js")
STEPS = 40


def valley(a: Any, b: Any) -> Any:
    """Rosenbrock's function, not so steep."""
    return (1 - a) ** 2 + 2 * (b - a * a) ** 2


def descended(kind: str, rate: float, undo: int = 0) -> Any:
    """The leaves and the losses after the steps of the page."""
    source = f"""{DESCENT}
    function answer([graph, kind, rate, undo]) {{
      const machine = engine(graph);
      const course = descent(machine);
      for (let i = 0; i < {STEPS}; i += 1) {{
        course.step([machine.names.indexOf("a"), machine.names.indexOf("b")], kind, rate);
      }}
      for (let i = 0; i < undo; i += 1) course.undo();
      return [machine.values(), course.losses()];
    }}"""
    y = valley(Value(-0.5, "a"), Value(1.2, "b"))
    return node(source, [flat(snapshot(y)), kind, rate, undo])


@pytest.mark.parametrize(("kind", "rate", "optimiser"), [
    ("SGD", 0.03, lambda xs: nn.optim.SGD(xs, lr=0.03)),
    ("SGD with momentum 0.9", 0.01, lambda xs: nn.optim.SGD(xs, lr=0.01, momentum=0.9)),
    ("RMSprop", 0.02, lambda xs: nn.optim.RMSprop(xs, lr=0.02)),
    ("Adam", 0.05, lambda xs: nn.optim.Adam(xs, lr=0.05)),
])  # fmt: skip
def test_a_step_is_that_of_the_librarys_optimiser(kind: str, rate: float, optimiser: Any) -> None:
    a, b = Value(-0.5, "a"), Value(1.2, "b")
    steps, losses = optimiser([a, b]), []
    for _ in range(STEPS):
        loss = valley(a, b)
        losses.append(loss.data)
        steps.zero_grad()
        loss.backward()
        steps.step()
    values, shown = descended(kind, rate)
    assert abs(values["a"] - a.data) < 1e-11
    assert abs(values["b"] - b.data) < 1e-11
    assert all(map(same, shown, [*losses, valley(a, b).data], [1.0] * (STEPS + 1)))
    assert losses[-1] < losses[0]


def test_undo_leads_back_to_the_very_numbers() -> None:
    values, losses = descended("Adam", 0.05, undo=STEPS)
    assert (values["a"], values["b"]) == (-0.5, 1.2)
    assert losses == [valley(-0.5, 1.2)]


def test_probing_leaves_the_numbers_as_they_are() -> None:
    source = f"""{DESCENT}
    function answer(graph) {{
      const machine = engine(graph);
      machine.compute();
      const slots = ["a", "b"].map((name) => machine.names.indexOf(name));
      const found = [];
      machine.probe(slots, (rootAt) => found.push(rootAt([1, 1]), rootAt([0, 2])));
      return [found, machine.values(), machine.gradients()];
    }}"""
    a, b = Value(-0.5, "a"), Value(1.2, "b")
    y = valley(a, b)
    y.backward()
    found, values, gradients = node(source, flat(snapshot(y)))
    assert found == [0, valley(0.0, 2.0)]
    assert (values["y"], gradients["a"], gradients["b"]) == (y.data, a.grad, b.grad)


def test_a_contour_lies_where_its_level_is() -> None:
    """Of a cone: circles, to the curvature of a cell; none where there is no such level."""
    source = f"""{DESCENT}
    function answer([side, level]) {{
      const grid = Float64Array.from({{ length: side * side }}, (_, i) =>
        Math.hypot(i % side - side / 2, Math.floor(i / side) - side / 2));
      return [contour(grid, side, level), levelsBetween([3, 1, 2, NaN, 4], 3)];
    }}"""
    pieces, levels = node(source, [33, 9.3])
    radii = [math.hypot(x - 16.5, y - 16.5) for piece in pieces for x, y in piece]
    assert len(pieces) > 50
    assert max(abs(radius - 9.3) for radius in radii) < 0.03
    length = sum(math.dist(*piece) for piece in pieces)
    assert length == pytest.approx(2 * math.pi * 9.3, rel=0.01)
    assert levels == [2, 3, 4]
    assert node(source, [33, 99.0])[0] == []
