"""Programs written for micrograd and for microgpt run with only their import changed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import micrograd.engine
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value

Make = Callable[[float], Any]  # a Value class, ours or theirs
Program = Callable[[Make], tuple[Any, list[Any]]]  # its root, and the leaves to compare
CLOSE = 1e-12


def both(program: Program) -> None:
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
def test_micrograd_programs_run_unchanged(program: Program) -> None:
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
