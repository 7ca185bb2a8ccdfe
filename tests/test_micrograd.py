"""Programs written for micrograd and for microgpt run with only their import changed."""

from __future__ import annotations

import doctest
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import micrograd.engine
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import MLP

Make = Callable[[float], Any]  # a Value class, ours or theirs
Computation = Callable[[Make], tuple[Any, list[Any]]]  # its root, and the leaves to compare
CLOSE = 1e-12


def both(program: Computation) -> None:
    """Hold data and gradients of one program against micrograd's."""
    outcomes = []
    for make in (Value, micrograd.engine.Value):
        root, leaves = program(make)
        root.backward()
        outcomes.append([root.data, *(leaf.grad for leaf in leaves)])
    ours, theirs = outcomes
    assert ours == pytest.approx(theirs, rel=CLOSE, abs=0)


def every_operator(make: Make) -> tuple[Any, list[Any]]:
    """Each operator with a Value and a number on either side."""
    a, b = make(-3.5), make(1.25)
    c = a + b - 2 + (3 - a)
    d = a * b * 0.5 + 2 * b
    e = c / d + 1.5 / b - a / 4
    f = -e + b**3 + a**-2 + d**0.5 if d.data > 0 else -e + b**3 + a**-2
    return f.relu() + f * f, [a, b]


def rebinding(make: Make) -> tuple[Any, list[Any]]:
    """Names bound again with +=, -=, *= and /=, and results used several times."""
    x, y = make(2.0), make(-0.75)
    total = x + y
    total += total + 1
    total *= x
    total -= y / 2
    total /= x + 3
    total = total + (total - y).relu() + (y - total).relu()
    return total * total + 10.0 / total, [x, y]


def dead_unit(make: Make) -> tuple[Any, list[Any]]:
    """A unit that is off passes nothing back."""
    w, x = make(-1.5), make(2.0)
    return (w * x).relu() + (w * -x).relu() * 3, [w, x]


def python_sum(make: Make) -> tuple[Any, list[Any]]:
    """Built-in sum starts from the int 0."""
    xs = [make(0.1 * i - 0.35) for i in range(8)]
    return sum(x * x for x in xs) * (1.0 / len(xs)), xs


def hinge_loss(make: Make) -> tuple[Any, list[Any]]:
    """The demo's objective: a little network, max-margin loss, L2 penalty."""
    rng = random.Random(20)
    inputs = [[rng.uniform(-1, 1) for _ in range(2)] for _ in range(6)]
    labels = [rng.choice((-1, 1)) for _ in inputs]
    hidden = [[make(rng.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]
    output = [make(rng.uniform(-1, 1)) for _ in range(5)]

    def score(point: Sequence[float]) -> Any:
        row = [(w[0] * point[0] + w[1] * point[1] + w[2]).relu() for w in hidden]
        return sum((w * h for w, h in zip(output, row, strict=False)), output[-1])

    margins = [(1 + -label * score(p)).relu() for label, p in zip(labels, inputs, strict=True)]
    weights = [*output, *(w for unit in hidden for w in unit)]
    penalty = 1e-4 * sum(w * w for w in weights)
    return sum(margins) * (1.0 / len(margins)) + penalty, weights


@pytest.mark.parametrize(
    "program",
    [every_operator, rebinding, dead_unit, python_sum, hinge_loss],
    ids=lambda program: program.__name__,
)
def test_micrograd_programs_run_unchanged(program: Computation) -> None:
    """The same program gives micrograd's data and gradients."""
    both(program)


MOVES: list[Callable[[Any, Any, float], Any]] = [
    lambda x, y, c: x + y,
    lambda x, y, c: x * y,
    lambda x, y, c: x - y,
    lambda x, y, c: x / (y * y + 1),
    lambda x, y, c: c - x,
    lambda x, y, c: x * c + y,
    lambda x, y, c: x.relu() + y,
    lambda x, y, c: (x * 0.125) ** 2 - y,
    lambda x, y, c: c / (x**2 + 1),
]


@given(
    st.lists(
        st.tuples(st.sampled_from(MOVES), st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
        max_size=10,
    ),
    st.tuples(*[st.integers(-64, 64).map(lambda n: n / 16 + 0.03125)] * 3),
)
def test_random_micrograd_programs_run_unchanged(
    moves: list[tuple[Any, int, int]], numbers: tuple[float, float, float]
) -> None:
    """Random programs in micrograd's operators agree, within the rounding of cancelled terms."""
    outcomes = []
    for make in (Value, micrograd.engine.Value):
        leaves = [make(x) for x in numbers]
        places = list(leaves)
        for move, i, j in moves:
            places.append(move(places[-1 - i % len(places)], places[-1 - j % len(places)], 1.5))
        # micrograd's grads pile up in interior nodes, so a graph is swept once.
        places[-1].backward()
        outcomes.append([places[-1].data, *(leaf.grad for leaf in leaves)])
    ours, theirs = outcomes
    largest = max(1.0, *map(abs, theirs))
    assert ours == pytest.approx(theirs, rel=CLOSE, abs=CLOSE * largest)


def test_a_training_loop_runs_unchanged() -> None:
    """Zeroing `.grad` by hand and stepping `.data` by hand: the same losses, step after step."""

    def losses(make: Make) -> list[float]:
        rng = random.Random(0)
        weights = [make(rng.uniform(-1, 1)) for _ in range(4)]
        points = [(x / 4, 1.0 if x > 0 else -1.0) for x in range(-4, 5)]
        seen = []
        for step in range(40):
            loss: Any = 0
            for x, label in points:
                h = (weights[0] * x + weights[1]).relu()
                loss = loss + (weights[2] * h + weights[3] - label) ** 2
            for w in weights:
                w.grad = 0
            loss.backward()
            for w in weights:
                w.data -= (0.2 - 0.004 * step) * w.grad / len(points)
            seen.append(loss.data)
        return seen

    ours = losses(Value)
    assert ours == pytest.approx(losses(micrograd.engine.Value), rel=CLOSE)
    assert ours[-1] < ours[0] / 2


def test_the_second_sweep_of_a_graph_differs_from_micrograd() -> None:
    """micrograd's interior grads pile up: after two sweeps of x**3 at 3 (as x*x*x) it has 27 and
    then 72 where the sum of two gradients is 54.
    """
    grads = {}
    for make in (Value, micrograd.engine.Value):
        x = make(3.0)
        y = x * x * x
        y.backward()
        first = x.grad
        y.backward()
        grads[make] = (first, x.grad)
    assert grads == {Value: (27.0, 54.0), micrograd.engine.Value: (27.0, 72.0)}


# -- a microgpt-style program -----------------------------------------------------------------


class Plain:
    """The least reverse-mode number that the program below needs: tuples and one recursion."""

    def __init__(self, data: float, edges: Sequence[tuple[Plain, float]] = ()) -> None:
        self.data, self.grad, self.edges = data, 0.0, edges

    def __add__(self, other: Any) -> Plain:
        other = lifted(other)
        return Plain(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Any) -> Plain:
        other = lifted(other)
        return Plain(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n: float) -> Plain:
        return Plain(self.data**n, ((self, n * self.data ** (n - 1)),))

    def exp(self) -> Plain:
        out = math.exp(self.data)
        return Plain(out, ((self, out),))

    def log(self) -> Plain:
        return Plain(math.log(self.data), ((self, 1 / self.data),))

    def relu(self) -> Plain:
        return Plain(max(0.0, self.data), ((self, float(self.data > 0)),))

    def __neg__(self) -> Plain:
        return self * -1.0

    def __sub__(self, other: Any) -> Plain:
        return self + lifted(other) * -1.0

    def __truediv__(self, other: Any) -> Plain:
        return self * lifted(other) ** -1.0

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        """Chain rule in order of decreasing depth, each node once."""
        depth: dict[Plain, int] = {}

        def measure(node: Plain) -> int:
            if node not in depth:
                depth[node] = 1 + max((measure(parent) for parent, _ in node.edges), default=0)
            return depth[node]

        measure(self)
        self.grad = 1.0
        for node in sorted(depth, key=depth.__getitem__, reverse=True):
            for parent, partial in node.edges:
                parent.grad += partial * node.grad


def lifted(x: Any) -> Plain:
    """A number as a constant."""
    return x if isinstance(x, Plain) else Plain(float(x))


class TinyGPT:
    """One attention layer over characters, in scalars and lists, with Adam written out."""

    WIDTH, LENGTH = 4, 5

    def __init__(self, make: Make, text: str) -> None:
        rng = random.Random(42)
        self.letters = sorted(set(text))
        self.tokens = [self.letters.index(letter) for letter in text]

        def matrix(rows: int, columns: int) -> list[list[Any]]:
            return [[make(rng.gauss(0, 0.3)) for _ in range(columns)] for _ in range(rows)]

        width, size = self.WIDTH, len(self.letters)
        self.state = {
            "token": matrix(size, width),
            "place": matrix(self.LENGTH, width),
            "query": matrix(width, width),
            "key": matrix(width, width),
            "value": matrix(width, width),
            "up": matrix(2 * width, width),
            "down": matrix(width, 2 * width),
            "head": matrix(size, width),
        }
        self.parameters = [p for m in self.state.values() for row in m for p in row]
        self.first = [0.0] * len(self.parameters)
        self.second = [0.0] * len(self.parameters)

    @staticmethod
    def linear(x: list[Any], w: list[list[Any]]) -> list[Any]:
        return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]

    @staticmethod
    def softmax(logits: list[Any]) -> list[Any]:
        largest = max(v.data for v in logits)
        powers = [(v - largest).exp() for v in logits]
        total = sum(powers)
        return [e / total for e in powers]

    @staticmethod
    def rmsnorm(x: list[Any]) -> list[Any]:
        mean_square = sum(xi * xi for xi in x) / len(x)
        scale = (mean_square + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    def loss(self) -> Any:
        """Mean cross-entropy of the next character."""
        s, keys, values, losses = self.state, [], [], []
        for place, (token, target) in enumerate(
            zip(self.tokens[: self.LENGTH], self.tokens[1 : self.LENGTH + 1], strict=True)
        ):
            pairs = zip(s["token"][token], s["place"][place], strict=True)
            x = self.rmsnorm([t + p for t, p in pairs])
            query = self.linear(x, s["query"])
            keys.append(self.linear(x, s["key"]))
            values.append(self.linear(x, s["value"]))
            weights = self.softmax(
                [sum(q * k for q, k in zip(query, key, strict=True)) / 2.0 for key in keys]
            )
            mixed = [
                sum(weight * v[j] for weight, v in zip(weights, values, strict=True))
                for j in range(self.WIDTH)
            ]
            x = [a + b for a, b in zip(x, mixed, strict=True)]
            hidden = [h.relu() ** 2 for h in self.linear(self.rmsnorm(x), s["up"])]
            x = [a + b for a, b in zip(x, self.linear(hidden, s["down"]), strict=True)]
            probabilities = self.softmax(self.linear(x, s["head"]))
            losses.append(-probabilities[target].log())
        return (1 / len(losses)) * sum(losses)

    def step(self, number: int, rate: float = 0.02) -> tuple[float, list[float]]:
        """One step of Adam; the loss before it and the gradient."""
        loss = self.loss()
        loss.backward()
        gradient = [p.grad for p in self.parameters]
        for i, p in enumerate(self.parameters):
            self.first[i] = 0.9 * self.first[i] + 0.1 * p.grad
            self.second[i] = 0.99 * self.second[i] + 0.01 * p.grad**2
            m = self.first[i] / (1 - 0.9 ** (number + 1))
            v = self.second[i] / (1 - 0.99 ** (number + 1))
            p.data -= rate * m / (v**0.5 + 1e-8)
            p.grad = 0
        return loss.data, gradient


def test_a_microgpt_program_runs_unchanged() -> None:
    """RMSNorm, attention, squared relu, softmax, cross-entropy, and Adam on `.data`: the
    gradients of the first step to 1e-12, the losses of all steps to 1e-9, and learning.
    """
    ours, theirs = TinyGPT(Value, "banana"), TinyGPT(Plain, "banana")
    losses = []
    for number in range(10):
        (loss, gradient), (plain_loss, plain_gradient) = ours.step(number), theirs.step(number)
        if number == 0:
            scale = max(map(abs, plain_gradient))
            assert gradient == pytest.approx(plain_gradient, rel=CLOSE, abs=CLOSE * scale)
        assert loss == pytest.approx(plain_loss, rel=1e-9)
        losses.append(loss)
    assert losses[-1] < losses[0] * 0.8


# -- micrograd's own names ---------------------------------------------------------------------


def draw_dot(root: Any) -> set[str]:
    """The lines of a picture in the lecture's manner, walked by `_prev` and `_op`."""
    lines, seen, waiting = set(), set(), [root]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if node._op:
            lines.add(f"{node._op} -> {node.data:g}")
        for child in node._prev:
            lines.add(f"{child.data:g} -> {node._op}")
            waiting.append(child)
    return lines


def test_a_drawing_of_ones_own_walks_the_graph() -> None:
    """As in micrograd, but for a subtraction, a division and a power, which are nodes here."""

    def program(make: Make) -> Any:
        a, b = make(2.0), make(-3.0)
        return (a * b + 10.0 * a).relu()

    expected = {"2 -> *", "-3 -> *", "* -> -6", "* -> 20", "-6 -> +", "20 -> +", "+ -> 14"}
    theirs = draw_dot(program(micrograd.engine.Value))
    assert draw_dot(program(Value)) == expected | {"14 -> relu", "relu -> 14"}
    constant = {"10 -> *"}  # micrograd makes a node of a number
    assert theirs == expected | constant | {"14 -> ReLU", "ReLU -> 14"}


@pytest.mark.parametrize(
    ("compute", "sign"),
    [
        (lambda x: x + 1, "+"), (lambda x: 1 - x, "-"), (lambda x: x * x, "*"),
        (lambda x: x / 2, "/"), (lambda x: x**2, "**"), (lambda x: -x, "-"),
        (lambda x: x.tanh(), "tanh"), (lambda x: x.exp(), "exp"), (lambda x: x.relu(), "relu"),
        (lambda x: Value(1.0), ""),
    ],
)  # fmt: skip
def test_op_is_the_sign_or_the_name(compute: Callable[[Value], Value], sign: str) -> None:
    assert compute(Value(2.0))._op == sign


def test_a_sweep_by_hand_is_the_sweep() -> None:
    """The lecture's: a topological order by `_prev`, then each node's `_backward()`."""
    rng = random.Random(3)
    xs = [Value(rng.uniform(-1, 1)) for _ in range(5)]
    y = xs[0]
    for _ in range(40):
        y = rng.choice([y * rng.choice(xs), y + rng.choice(xs), y.tanh(), y * y + xs[0]])
    y.backward()
    swept = [x.grad for x in xs]
    order: list[Value] = []
    seen: set[Value] = set()

    def build(v: Value) -> None:
        if v not in seen:
            seen.add(v)
            for child in v._prev:
                build(child)
            order.append(v)

    build(y)
    for node in order:
        node.grad = 0.0
    y.grad = 1.0
    for node in reversed(order):
        node._backward()
    assert [x.grad for x in xs] == pytest.approx(swept, rel=1e-14)


def test_micrograds_constructor_makes_leaves() -> None:
    for leaf in (
        Value(3.0, (), ""),
        Value(3.0, _children=(), _op=""),
        Value(3.0, set()),
        Value(3.0),
    ):
        assert (leaf.data, leaf.parents, leaf.label, leaf._op) == (3.0, (), "", "")
    assert (
        Value(
            3.0,
            (),
            "",
        ).label
        == ""
    )
    assert Value(3.0, label="w", _children=()).label == "w"


A, B = Value(1.0), Value(2.0)


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda: Value(3.0, (A, B)), "@primitive"),
        (lambda: Value(3.0, (A, B), "+"), "@primitive"),
        (lambda: Value(3.0, _children=(A,), _op="log"), r"x\.log\(\)"),
        (lambda: Value(3.0, {A}), "would pass no gradient on"),
        (lambda: Value(3.0, _op="+"), "a name is a label="),
        (lambda: Value(3.0, 5), "a Value is a str; got 5"),
        (lambda: Value(3.0, label=None), "a Value is a str; got None"),
        (lambda: setattr(A, "label", 5), "a Value is a str; got 5"),
    ],
)
def test_what_would_cut_a_gradient_off_is_refused(make: Callable[[], Any], remedy: str) -> None:
    with pytest.raises(TypeError, match=remedy):
        make()


@pytest.mark.parametrize("name", ["_prev", "_op", "_backward"])
def test_micrograds_names_are_read_only(name: str) -> None:
    with pytest.raises(AttributeError, match=f"{name} cannot be assigned.*@primitive"):
        setattr(Value(1.0) * A, name, lambda: None)


class Named(Value):
    """A subclass has room for attributes."""


@pytest.mark.parametrize(
    "compute",
    [
        lambda n: n * 2, lambda n: 2 - n, lambda n: A * n, lambda n: n / A, lambda n: -n,
        lambda n: n.exp(), lambda n: autograd.exp(n), lambda n: autograd.maximum(1.0, n),
        lambda n: sum([A, n]), lambda n: autograd.sum([A, n]), lambda n: n.clip(0, 1),
        lambda n: n.detach(), lambda n: autograd.where(True, n, A), lambda n: round(n),
    ],
)  # fmt: skip
def test_a_subclass_keeps_its_type_through_operations(compute: Callable[[Value], Value]) -> None:
    n = Named(2.0)
    n.note = "mine"
    with autograd.no_grad():
        assert type(compute(n)) is Named
    y = compute(n)
    assert type(y) is Named
    plain = compute(Value(2.0))
    assert (y.data, y.partials) == (plain.data, plain.partials)


def test_a_value_itself_has_no_room_for_attributes() -> None:
    with pytest.raises(AttributeError, match="velocity"):
        Value(1.0).velocity = 0.0


@pytest.mark.parametrize("seed", range(5))
def test_the_lectures_network_learns_with_its_tanh_units(seed: int) -> None:
    network = MLP(3, [4, 4, 1], activation="tanh", rng=random.Random(seed))
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    for _ in range(100):
        loss = sum((network(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        for p in network.parameters():
            p.grad = 0.0
        loss.backward()
        for p in network.parameters():
            p.data += -0.05 * p.grad
    assert loss.data < 0.01


def test_the_page_for_those_who_come_from_micrograd_says_what_holds() -> None:
    page = Path(__file__).parents[1] / "notebooks" / "reference" / "micrograd.md"
    failed, attempted = doctest.testfile(str(page), module_relative=False)
    assert (failed, attempted) == (0, 30)
