"""A chain h = h*w + b: what one operation node costs, built and swept."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, agree, in_child, in_turn
from report import Row

START, WEIGHT, BIAS = 0.5, 0.999, 0.001


def value_chain(name: str, steps: int) -> Any:
    """Build the chain in an engine written in Python and sweep it; return its end, w and b."""
    value = peers.engine(name).Value
    h, w, b = value(START), value(WEIGHT), value(BIAS)
    for _ in range(steps):
        h = h * w + b
    h.backward()
    return h, w, b


def xad_chain(steps: int) -> Any:
    """Build the chain on XAD's C++ tape, driven from Python, and compute its adjoints."""
    adjoint = importlib.import_module("xad.adj_1st")
    h, w, b = adjoint.Real(START), adjoint.Real(WEIGHT), adjoint.Real(BIAS)
    with adjoint.Tape() as tape:
        for leaf in (h, w, b):
            tape.registerInput(leaf)
        tape.newRecording()
        for _ in range(steps):
            h = h * w + b
        tape.registerOutput(h)
        h.derivative = 1.0
        tape.computeAdjoints()
        # The tape goes along so that it is not freed before the clock is read.
        return h.value, w.derivative, b.derivative, tape


def build(name: str, steps: int) -> Callable[[], Any]:
    """Return the task that builds and sweeps a chain in the engine called `name`."""
    if name == peers.XAD:
        return lambda: xad_chain(steps)
    return lambda: value_chain(name, steps)


def results(name: str, steps: int) -> list[float]:
    """Return the chain's value and its derivatives in w and b."""
    h, w, b, *_ = build(name, steps)()
    return [h, w, b] if name == peers.XAD else [h.data, w.grad, b.grad]


def run(quick: bool) -> list[Row]:
    """Measure the time of one operation node beside micrograd and beside XAD."""
    steps, repeats = (5_000, 3) if quick else (50_000, 9)
    return [
        _row(peers.MICROGRAD, steps, repeats, 150.0 if peers.in_c() else 3.5, collecting=True),
        _row(peers.XAD, steps, repeats, 12.0 if peers.in_c() else 1 / 1.6, collecting=False),
    ]


def _row(peer: str, steps: int, repeats: int, speedup: float, *, collecting: bool) -> Row:
    """Compare with one peer, once the two have been seen to agree."""
    names = [name for name in (peers.GLASSGRAD, peer) if peers.installed(name)]
    first, *others = (in_child(results, name, steps) for name in names)
    for other in others:
        agree("chain", first, other)
    makers = {name: (build, name, steps) for name in names}
    times = in_turn(makers, repeats, collecting=collecting)
    samples = {name: Sample.of(times[name], per=2 * steps * 1e-9) for name in names}
    state = "on" if collecting else "paused"
    return Row(
        f"chain of {2 * steps:,} nodes, build + backward, a node (collector {state})",
        "ns",
        samples[peers.GLASSGRAD],
        peer,
        samples.get(peer),
        speedup_at_least=speedup,
    )
