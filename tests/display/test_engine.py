"""The page's engine in node: random programs after random moves have the numbers of the library."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.display import snapshot
from autograd.display.flat import Comparison, flat
from autograd.display.page import asset
from autograd.functions.rules import TABLE
from autograd.graph.joint import Column, Unit, Vector
from tests.display.test_javascript import node, same

ENGINE = asset("python.js", "rules.js", "engine.js")
ASKED = """
function answer(programs) {
  return programs.map(([graph, moves]) => {
    const { set, values, gradients, branches } = engine(graph);
    for (const [name, x] of moves) set(name, Number(x));
    return [values(), gradients(), branches().map((x) => x.text)];
  });
}
"""
PROGRAMS = 300
# Those that the engine has to hold, jumps, and what asks for the sign of a nan.
LEFT = {"gamma", "lgamma", "digamma", "where", "angle", "floor_divide", "remainder", "fmod",
        "copysign"}  # fmt: skip
ROWS = [row for row in TABLE.values() if row.method and not (row.inner or row.predicate)
        and row.name not in LEFT and row.arity]  # fmt: skip
MANY = [TABLE[name] for name in ("sum", "mean", "prod", "norm", "logsumexp", "max", "min")]


def grown(rng: random.Random) -> Callable[..., Value]:
    """A program of some random rows, whose numbers stay of moderate size."""
    steps: list[tuple[Any, list[Any]]] = []
    trial = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    while len(steps) < 12:
        row = rng.choice(ROWS if rng.random() < 0.7 else MANY)
        count = row.arity or rng.randrange(1, 6)
        chosen = [rng.randrange(len(trial)) if rng.random() < 0.8 else rng.uniform(-2, 2)
                  for _ in range(count)]  # fmt: skip
        if all(isinstance(x, float) for x in chosen):
            continue
        new = applied(row, chosen, trial)
        if 1e-3 < abs(new.data) < 1e3 and all(abs(p) < 1e3 for p in new.partials):  # finite too
            trial.append(new)
            steps.append((row, chosen))

    def program(*leaves: Value) -> Value:
        places = list(leaves)
        for row, chosen in steps:
            places.append(applied(row, chosen, places))
        return autograd.sum(places)

    return program


def applied(row: Any, chosen: Sequence[Any], places: Sequence[Value]) -> Value:
    """A row of places, which are given by number, and of literals."""
    xs = [x if isinstance(x, float) else places[x] for x in chosen]
    return row(xs) if row.arity is None else row(*xs)  # type: ignore[no-any-return]


def leaves(rng: random.Random) -> list[Value]:
    return [Value(rng.uniform(-2, 2), f"x{i}") for i in range(3)]


def sizes(root: Value) -> dict[Value, float]:
    """The sum of the sizes of the products along all paths from each Value to the root."""
    graph = snapshot(root)
    found = {graph.roots[0].key: 1.0}
    outputs: dict[int, dict[int, float]] = {}  # of nodes of several, by index
    columns: dict[int, list[float]] = {}
    for edge in reversed(graph.edges):
        source, target, partial = edge
        size = found.get(target, 0.0)
        if isinstance(partial, Unit):
            of_each = outputs.setdefault(source, {})
            of_each[partial.index] = of_each.get(partial.index, 0.0) + size
        elif isinstance(partial, Column):
            if target not in columns:
                rows = [partial.matrix.transposed({i: x}) for i, x in outputs[target].items()]
                columns[target] = [sum(map(abs, column)) for column in zip(*rows, strict=True)]
            size = columns[target][partial.index]
        else:
            size *= abs(partial)
        found[source] = found.get(source, 0.0) + size
    return {value: found.get(key, 0.0) for value, key in graph.keys.items()}


def test_random_programs_after_random_moves_have_the_gradients_of_backward() -> None:
    """To 1e-12 of the sum of the sizes of the terms, and of what a move of 1e-15 would change."""
    asked, expected = [], []
    for seed in range(PROGRAMS):
        rng = random.Random(seed)
        program = grown(rng)
        graph = snapshot(program(*leaves(rng)))
        moved = leaves(rng)
        asked.append([flat(graph), [[x.label, x.data] for x in moved]])
        root = program(*moved)
        root.backward()
        expected.append((root, snapshot(root)))
    compared = 0
    for (values, gradients, _), (root, graph) in zip(
        node(ENGINE + ASKED, asked), expected, strict=True
    ):
        scale = sizes(root)
        for value, key in graph.keys.items():
            name = graph.nodes[key].name
            assert same(value.data, float(values[name]), 1.0), (root, name)
            assert same(value.grad, float(gradients[name]), scale[value]), (root, name)
            compared += math.isfinite(value.grad)
    assert compared > 8 * PROGRAMS


SECOND = {
    "norm": autograd.norm, "prod": autograd.prod, "logsumexp": autograd.logsumexp,
    "max": autograd.max, "min": autograd.min, "mean": autograd.mean, "sum": autograd.sum,
    "softmax": lambda xs: autograd.dot(autograd.softmax(xs), [1.5, -2.0, 0.5, 1.0][: len(xs)]),
    "logaddexp": lambda xs: autograd.logaddexp(xs[0], sum(xs[1:])),
    "maximum": lambda xs: autograd.maximum(xs[0], xs[1]) * sum(xs),
    "hypot": lambda xs: autograd.hypot(xs[0], sum(xs[1:])),
    "divide": lambda xs: xs[0] / (xs[1] ** 2 + 1) - sum(xs) / 3,
    "power": lambda xs: (xs[0] ** 2 + 1) ** xs[1] * sum(xs) ** 3,
}  # fmt: skip


def of_gradients(name: str, count: int, rng: random.Random) -> Callable[..., Value]:
    """A program of the gradient of a function of many operands, which are computed themselves."""
    weights = [rng.uniform(-2, 2) for _ in range(count)]

    def program(*leaves: Value) -> Value:
        operands = [x * x + x if i % 2 else x.tanh() for i, x in enumerate(leaves)]
        SECOND[name](operands).backward(create_graph=True)
        terms = [w * x.grad for w, x in zip(weights, leaves, strict=True)]
        for x in leaves:
            x.zero_grad()
        return autograd.sum([*terms, SECOND[name](terms[::-1])])

    return program


@pytest.mark.parametrize("name", SECOND)
def test_a_gradient_that_can_be_differentiated_is_computed_and_differentiated(name: str) -> None:
    """To 1e-12 of the sum of the sizes of the terms, where its nodes stand for several numbers."""
    for count in (2, 3, 4):
        rng = random.Random(count)
        program = of_gradients(name, count, rng)
        near = name in ("max", "min", "maximum")  # of which another largest is another graph
        reach = 1e-3 if near else 2.0
        first = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(count)]
        second = [Value(x.data + rng.uniform(-reach, reach), x.label) for x in first]
        graph = flat(snapshot(program(*first)))
        assert not graph["held"]
        ((values, gradients, _),) = node(
            ENGINE + ASKED, [[graph, [[x.label, x.data] for x in second]]]
        )
        root = program(*second)
        root.backward()
        scale = sizes(root)
        after = snapshot(root)
        for value, key in after.keys.items():
            found = after.nodes[key].name
            if name == "softmax" and value.parents and value is not root:
                continue  # its shift is a literal, which does not move
            assert same(value.data, float(values[found]), 1.0), (found, count)
            if isinstance(value.grad, Vector):
                terms = value.grad.terms
                assert all(same(terms.get(i, 0.0), float(x), scale[value])
                           for i, x in enumerate(gradients[found]))  # fmt: skip
            else:
                assert same(value.grad, float(gradients[found]), scale[value]), (found, count)


@pytest.mark.parametrize("name", ["norm", "prod", "logsumexp"])
def test_the_gradient_of_two_hundred_operands_is_differentiated(name: str) -> None:
    leaves = [Value(1.0 + math.sin(i) / 1e2, f"x{i}") for i in range(200)]
    SECOND[name](leaves).backward(create_graph=True)
    gradients = [x.grad for x in leaves]
    for x in leaves:
        x.zero_grad()
    root = autograd.sum([g * g * (1 + i % 3) for i, g in enumerate(gradients)])
    root.backward()
    scale = sizes(root)
    _, found, _ = moved(root)
    assert all(same(x.grad, float(found[x.label]), scale[x]) for x in leaves)


def test_a_function_of_several_outputs_that_is_computed_again_is_held() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    both = autograd.checkpoint(lambda x, y: [x * y, x + y * y])(a, b)
    root = both[0] * both[1]
    root.backward()
    values, gradients, _ = moved(root)
    assert (gradients["a"], gradients["b"]) == (a.grad, b.grad)
    values, gradients, _ = moved(root, ("a", 5.0))
    assert values["y"] == root.data
    assert gradients["b"] == b.grad


def moved(y: Value, *moves: tuple[str, float], comparisons: Sequence[Comparison] = ()) -> Any:
    """Values, gradients and branches after some moves."""
    (answer,) = node(ENGINE + ASKED, [[flat(snapshot(y), comparisons), moves]])
    values, gradients, branches = answer
    return values, gradients, branches


def test_a_literal_is_moved_by_its_number_and_where_it_stands() -> None:
    x = Value(3.0, "x")
    values, gradients, _ = moved((x * 2 + 2) * x, ("2 in v1", 5.0))
    assert (values["y"], gradients["x"]) == (51.0, 32.0)  # (5x + 2) x


def test_rows_of_a_hundred_thousand_operands_are_computed() -> None:
    """More than a call of JavaScript may have. All of one graph, which takes seconds to write."""
    names = ["sum", "mean", "norm", "max", "logsumexp", "prod"]
    leaves = [Value(1.0 + i % 7 / 1e6) for i in range(100_000)]
    rows = [getattr(autograd, name)(leaves) for name in names]
    for name, row in zip(names, rows, strict=True):
        row.label = name
    y = autograd.dot(rows, [1.0, 1e5, 100.0, 1e4, 1e5, 1.0])  # whose gradients are of like size
    y.backward()
    values, gradients, _ = moved(y)
    for name, row in zip(names, rows, strict=True):
        assert same(row.data, float(values[name]))
        assert same(row.grad, float(gradients[name]))
    some = (0, 5, 6, 99_999)  # 6 is a largest one
    found = [float(gradients[f"v{i + 1}"]) for i in some]
    assert all(map(same, [leaves[i].grad for i in some], found))


def test_of_a_choice_what_was_taken_stays_and_its_condition_is_no_number() -> None:
    x = Value(3.0, "x")
    y = autograd.where(x > 2, x * x, 0.0) * 1
    values, gradients, _ = moved(y, ("x", 5.0))
    assert (values["y"], gradients["x"]) == (25.0, 10.0)
    assert len(flat(snapshot(y))["fixed"]) == 1


@pytest.mark.parametrize(("move", "message"), [
    (("z", 1.0), 'nothing is called "z" here'),
    (("y", 1.0), "y is computed: set a leaf or a literal"),
])  # fmt: skip
def test_what_cannot_be_moved_is_said(move: tuple[str, float], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        moved(Value(3.0, "x") * 2, move)


def test_a_row_that_javascript_cannot_say_holds_its_number_and_what_follows_is_stale() -> None:
    x = Value(2.5, "x")
    y = autograd.lgamma(x) * x
    y.backward()
    source = f"""{ENGINE}
    function answer(graph) {{
      const page = engine(graph);
      const before = [page.gradients().x, [...page.stale]];
      page.set("x", 3);
      return [before, page.values(), [...page.stale]];
    }}"""
    (gradient, fresh), values, stale = node(source, flat(snapshot(y)))
    assert gradient == x.grad
    assert set(fresh) == {0}
    assert values == {"x": 3, "v1": autograd.lgamma(2.5), "y": 3 * autograd.lgamma(2.5)}
    assert stale[:3] == [0, 1, 1]


def test_a_function_of_the_users_own_is_held() -> None:
    @autograd.primitive(partials=lambda x, out: (7.0,))
    def own(x: float) -> float:
        return x + 1.0

    values, gradients, _ = moved(own(Value(2.0, "x")) * 3, ("x", 9.0))
    assert (values["v1"], values["y"], gradients["x"]) == (3.0, 9.0, 21.0)


def test_a_comparison_that_would_be_answered_otherwise_is_told() -> None:
    x = Value(2.0, "x")
    y = x * x
    met = [Comparison(">", x, 1, True, None), Comparison("bool", y, None, True, None)]
    assert moved(y, ("x", 1.5), comparisons=met)[2] == []
    assert moved(y, ("x", 0.5), comparisons=met)[2] == ["x > 1"]
    assert moved(y, ("x", 0.0), comparisons=met)[2] == ["x > 1", "bool(y)"]


def test_exact_numbers_are_computed_with_as_floats_and_complex_ones_are_refused() -> None:
    values, _, _ = moved(Value(Fraction(1, 3), "x") * 3)
    assert values == {"x": 1 / 3, "y": 1.0}
    with pytest.raises(TypeError, match=r"explore computes with floats, and x is \(1\+2j\)"):
        flat(snapshot(Value(1 + 2j, "x") * 2))
