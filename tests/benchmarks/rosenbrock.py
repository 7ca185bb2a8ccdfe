"""The gradient of Rosenbrock's function in many variables, by `grad` and by the peers."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import peers
from measure import Sample, agree, in_child, in_turn
from report import Row


def rosenbrock(xs: Sequence[Any]) -> Any:
    """Return the sum of 100 (b - a^2)^2 + (1 - a)^2 over neighbours a, b."""
    total: Any = 0.0
    for a, b in itertools.pairwise(xs):
        total = total + 100.0 * (b - a * a) ** 2 + (1.0 + -1.0 * a) ** 2
    return total


def point(count: int) -> list[float]:
    """Return where the gradient is taken."""
    return [1.0 + 0.001 * (i % 7) for i in range(count)]


def build(name: str, count: int) -> Callable[[], list[float]]:
    """Return the task that computes the gradient in an engine."""
    start = point(count)
    if name == peers.GLASSGRAD:
        gradient = peers.glassgrad().grad(rosenbrock)
        return lambda: gradient(start)
    return (lambda: _by_xad(start)) if name == peers.XAD else lambda: _by_values(name, start)


def _by_values(name: str, start: Sequence[float]) -> list[float]:
    """The gradient by an engine of Values and `backward`."""
    xs = [peers.engine(name).Value(x) for x in start]
    rosenbrock(xs).backward()
    return [x.grad for x in xs]


def _by_xad(start: Sequence[float]) -> list[float]:
    """The gradient by XAD's tape."""
    adjoint = importlib.import_module("xad.adj_1st")
    xs = [adjoint.Real(x) for x in start]
    with adjoint.Tape() as tape:
        for x in xs:
            tape.registerInput(x)
        tape.newRecording()
        y = rosenbrock(xs)
        tape.registerOutput(y)
        y.derivative = 1.0
        tape.computeAdjoints()
        return [x.derivative for x in xs]


def results(name: str, count: int) -> list[float]:
    """Return the gradient, to be compared before anything is timed."""
    return build(name, count)()


def run(quick: bool) -> list[Row]:
    """Measure one gradient beside XAD's and micrograd's."""
    count, repeats = (100, 3) if quick else (1_000, 9)
    rows = []
    for peer in (peers.XAD, peers.MICROGRAD):
        names = [name for name in (peers.GLASSGRAD, peer) if peers.installed(name)]
        first, *others = (in_child(results, name, count) for name in names)
        for other in others:
            agree("rosenbrock", first, other)
        makers = {name: (build, name, count) for name in names}
        times = in_turn(makers, repeats, collecting=False)
        samples = {name: Sample.of(times[name], per=1e-3) for name in names}
        rows.append(
            Row(
                f"gradient of Rosenbrock's function by grad, n = {count:,}",
                "ms",
                samples[peers.GLASSGRAD],
                peer,
                samples.get(peer),
                at_most=None if peers.in_c() or peer != peers.XAD or quick else 20.0,
                slowdown_at_most=0.28 if peers.in_c() and peer == peers.XAD else None,
            )
        )
    return rows
