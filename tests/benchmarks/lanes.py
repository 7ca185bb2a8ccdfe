"""Compiled functions over many lanes, beside NumPy by hand and torch: what a call costs."""

from __future__ import annotations

import importlib
import itertools
import os
import random
import time
from collections.abc import Callable
from typing import Any

import peers
from measure import Sample, in_child
from report import Row

HAND, TORCH, EAGER = "NumPy by hand", "torch", "eager"
PRODUCTS = "NumPy's two large products"
Call = Callable[[], Any]
TEXT = [3, 1, 4, 1, 5, 9, 2, 6]


def _perceptron(sizes: list[int], examples: int, classes: bool) -> dict[str, Call]:
    """The mean loss of a batch and its gradient, of an MLP of ReLUs, by each."""
    import numpy as np

    rng = np.random.default_rng(0)
    xs = rng.normal(size=(examples, sizes[0]))
    labels = rng.integers(0, sizes[-1], examples) if classes else rng.choice([-1.0, 1.0], examples)
    targets = np.eye(sizes[-1])[labels] if classes else labels
    ours = _ours(sizes, xs, targets, classes)
    layers = [(rng.normal(size=(n, m)), rng.normal(size=(n, 1))) for m, n in _pairs(sizes)]
    calls = {
        peers.GLASSGRAD: ours,
        HAND: lambda: _by_hand(layers, xs, targets, classes),
        PRODUCTS: _products(xs, layers[0][0]),
    }
    if peers.installed(TORCH):
        calls[TORCH] = _torch(sizes, xs, labels, classes)
    return calls


def _pairs(sizes: list[int]) -> Any:
    """The sizes of the layers."""
    return itertools.pairwise(sizes)


def _ours(sizes: list[int], xs: Any, targets: Any, classes: bool) -> Call:
    """The compiled function of one example, over all of them."""
    import autograd
    import nn

    model = nn.MLP(sizes[0], sizes[1:], rng=random.Random(1))

    def loss(x: Any, t: Any) -> Any:
        out = model(x)
        if classes:
            return autograd.logsumexp(out) - autograd.dot(out, t)
        return autograd.relu(1 - t * out)

    g = autograd.compile(loss)
    g.map(xs[:1], targets[:1])
    bound = g.bound()
    bound.backward(xs, targets)
    bound.parameters *= 0.99  # as every step but the first
    return lambda: bound.backward(xs, targets)


def _by_hand(layers: Any, xs: Any, targets: Any, classes: bool) -> Any:
    """The same as somebody writes it who knows the derivative."""
    import numpy as np

    ins, sums = [xs.T], []
    for k, (w, b) in enumerate(layers):
        z = w @ ins[-1] + b
        sums.append(z)
        ins.append(np.maximum(z, 0.0) if k < len(layers) - 1 else z)
    if classes:
        e = np.exp(z - z.max(axis=0))
        total = e.sum(axis=0)
        loss = (np.log(total) + z.max(axis=0) - (z * targets.T).sum(axis=0)).mean()
        flow = (e / total - targets.T) / len(xs)
    else:
        margin = 1.0 - targets * z
        loss = np.maximum(margin, 0.0).mean()
        flow = np.where(margin > 0.0, -targets, 0.0) / len(xs)
    found = []
    for k in range(len(layers) - 1, -1, -1):
        found += [flow @ ins[k].T, flow.sum(axis=1)]
        if k:
            flow = (layers[k][0].T @ flow) * (sums[k - 1] > 0.0)
    return loss, found


def _products(xs: Any, w: Any) -> Call:
    """The products of the first layer alone, forward and backward."""
    import numpy as np

    columns, out, slopes = np.ascontiguousarray(xs.T), w @ xs.T, np.empty_like(w)

    def call() -> None:
        np.matmul(w, columns, out)
        np.matmul(out, columns.T, slopes)

    return call


def _torch(sizes: list[int], xs: Any, labels: Any, classes: bool) -> Call:
    """The same by torch, eagerly, on one thread."""
    torch = importlib.import_module(TORCH)
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    parts = [x for m, n in _pairs(sizes) for x in (torch.nn.Linear(m, n), torch.nn.ReLU())]
    model, x, y = torch.nn.Sequential(*parts[:-1]), torch.tensor(xs), torch.tensor(labels)
    parameters = list(model.parameters())

    def call() -> None:
        out = model(x)
        if classes:
            loss = torch.nn.functional.cross_entropy(out, y)
        else:
            loss = torch.relu(1 - y[:, None] * out).mean()
        for parameter in parameters:
            parameter.grad = None
        loss.backward()

    return call


def _transformer() -> dict[str, Call]:
    """The loss of seven tokens and its gradient, by nn.GPT and by torch's layers."""
    import autograd
    from nn.losses import cross_entropy
    from nn.models.gpt import GPT

    model, text = GPT(27, 16, 16, 4, 1, rng=random.Random(3)), TEXT
    g = autograd.compile(lambda: cross_entropy(model(text[:-1]), text[1:]))
    g()
    bound = g.bound()
    bound.backward()
    bound.parameters *= 0.99
    calls: dict[str, Call] = {peers.GLASSGRAD: bound.backward}
    if peers.installed(TORCH):
        torch = importlib.import_module(TORCH)
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64)
        layer = torch.nn.TransformerEncoderLayer(16, 4, 64, 0.0, batch_first=True, norm_first=True)
        tokens, places = torch.nn.Embedding(27, 16), torch.nn.Embedding(16, 16)
        head = torch.nn.Linear(16, 27)
        xs, ys = torch.tensor([text[:-1]]), torch.tensor(text[1:])
        mask = torch.nn.Transformer.generate_square_subsequent_mask(7)
        parameters = [p for m in (layer, tokens, places, head) for p in m.parameters()]

        def call() -> None:
            out = head(layer(tokens(xs) + places(torch.arange(7)), src_mask=mask))
            for parameter in parameters:
                parameter.grad = None
            torch.nn.functional.cross_entropy(out[0], ys).backward()

        calls[TORCH] = call
    return calls


def black_scholes(s: Any, k: Any, r: Any, v: Any, t: Any) -> Any:
    """The price of a call."""
    import autograd as f

    d = (f.log(s / k) + (r + v * v / 2) * t) / (v * f.sqrt(t))
    later = d - v * f.sqrt(t)
    return s * f.normal_cdf(d) - k * f.exp(-r * t) * f.normal_cdf(later)


def _options(lanes: int) -> dict[str, Call]:
    """The prices of calls, and their five sensitivities."""
    import numpy as np

    import autograd

    rng = np.random.default_rng(1)
    bounds = ((80, 120), (80, 120), (0.01, 0.05), (0.1, 0.5), (0.1, 2.0))
    given = [rng.uniform(low, high, lanes) for low, high in bounds]
    g = autograd.compile(black_scholes)
    g.map_value_and_grad(*given)
    calls: dict[str, Call] = {peers.GLASSGRAD: lambda: g.map_value_and_grad(*given)}
    if peers.installed("scipy"):
        ndtr = importlib.import_module("scipy.special").ndtr

        def by_hand() -> Any:
            s, k, r, v, t = given
            root = np.sqrt(t)
            d = (np.log(s / k) + (r + 0.5 * v * v) * t) / (v * root)
            one, two = ndtr(d), ndtr(d - v * root)
            density, discount = np.exp(-0.5 * d * d) * 0.3989422804014327, np.exp(-r * t)
            kd = k * discount
            slope = s * density * v / (2 * root) + r * kd * two
            return s * one - kd * two, one, -discount * two, kd * t * two, s * density * root, slope

        calls[HAND] = by_hand
    return calls


def piecewise(x: Any, y: Any) -> Any:
    """Three paths."""
    import autograd as f

    if x > y:
        return f.tanh(x) * y
    if x * y > 0.2:
        return f.exp(-x * x) + y
    return x * y + f.sin(y)


def _paths(lanes: int) -> dict[str, Call]:
    """A function of three paths and its gradient; eagerly for one lane in a hundred."""
    import numpy as np

    import autograd

    xs, ys = np.random.default_rng(2).uniform(-1.0, 1.0, (2, lanes))
    g = autograd.compile(piecewise)
    g.map_value_and_grad(xs, ys)
    some = list(zip(xs[::100].tolist(), ys[::100].tolist(), strict=True))

    def eagerly() -> None:
        for x, y in some:
            a, b = autograd.Value(x), autograd.Value(y)
            piecewise(a, b).backward()

    return {peers.GLASSGRAD: lambda: g.map_value_and_grad(xs, ys), EAGER: eagerly}


WORK: dict[str, Callable[..., dict[str, Call]]] = {
    "moons 2-16-16-1, 100 lanes": lambda _: _perceptron([2, 16, 16, 1], 100, False),
    "digits 64-32-10, 32 lanes": lambda _: _perceptron([64, 32, 10], 32, True),
    "784-128-10, 64 lanes": lambda _: _perceptron([784, 128, 10], 64, True),
    "nn.GPT of 7 tokens": lambda _: _transformer(),
    "Black-Scholes and 5 sensitivities": lambda quick: _options(10_000 if quick else 1_000_000),
    "three paths": lambda quick: _paths(10_000 if quick else 100_000),
}


def called(what: str, quick: bool) -> dict[str, list[float]]:
    """Return the microseconds of calls by each, in turn: the fastest of each of some rounds."""
    calls = WORK[what](quick)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(5 if quick else 25):
        for name, call in calls.items():
            best = float("inf")
            for _ in range(3):
                began = time.perf_counter()
                call()
                best = min(best, time.perf_counter() - began)
            times[name].append(best * 1e6)
    if EAGER in times:
        times[EAGER] = [100 * x for x in times[EAGER]]
    return times


def epochs(what: str, compiled: bool, count: int) -> list[float]:
    """Return the milliseconds of the epochs of a training, but for the first two."""
    import numpy as np

    import nn

    rng = np.random.default_rng(0)
    sizes, examples, batch, loss = TRAININGS[what]
    xs = rng.normal(size=(examples, sizes[0])).tolist()
    ys: list[Any] = rng.integers(0, 10, examples).tolist()
    if loss == "hinge":
        ys = [y % 2 * 2.0 - 1.0 for y in ys]
    model = nn.MLP(sizes[0], sizes[1:], rng=random.Random(1))
    optimiser = nn.optim.Adam(model.parameters(), lr=0.01)
    stamps: list[float] = []
    nn.fit(
        model, getattr(nn.losses, loss), xs, ys, optimiser, count + 2, batch, progress=False,
        callbacks=[lambda _: stamps.append(time.perf_counter())], compile=compiled,
    )  # fmt: skip
    return [(b - a) * 1e3 for a, b in itertools.pairwise(stamps[1:])]


def planned(what: str) -> float:
    """Return the milliseconds that a plan takes, the fastest of ten: all after the trace."""
    import autograd
    import nn
    from autograd.compiler.lanes.machine import Pool
    from autograd.compiler.lanes.planning import grouped
    from autograd.compiler.paths import BY_PARAMETERS
    from autograd.compiler.recording import recorded

    if what == "gpt":
        model, text = nn.GPT(27, 16, 16, 4, 1, rng=random.Random(3)), TEXT
        made = recorded(lambda: nn.losses.cross_entropy(model(text[:-1]), text[1:]), [])
    elif what == "moons":
        mlp = nn.MLP(2, [16, 16, 1], rng=random.Random(1))
        made = recorded(lambda x, y, t: autograd.relu(1 - t * mlp([x, y])), [0.1, 0.2, 1.0])
    else:
        mlp = nn.MLP(64, [32, 10], rng=random.Random(1))

        def loss(xs: Any, ts: Any) -> Any:
            out = mlp(xs)
            return autograd.logsumexp(out) - autograd.dot(out, ts)

        made = recorded(loss, [[0.1] * 64, [0.1] * 10])
    flags = [True] * len(made.program.inputs)
    best = float("inf")
    for _ in range(10):
        began = time.perf_counter()
        Pool(grouped(made.program, flags, BY_PARAMETERS)).take()
        best = min(best, time.perf_counter() - began)
    return best * 1e3


def instructions() -> int:
    """Return how many instructions the loss of seven tokens and its gradient are."""
    import nn
    from autograd.compiler.lanes.planning import grouped
    from autograd.compiler.paths import BY_PARAMETERS
    from autograd.compiler.recording import recorded

    model, text = nn.GPT(27, 16, 16, 4, 1, rng=random.Random(3)), TEXT
    made = recorded(lambda: nn.losses.cross_entropy(model(text[:-1]), text[1:]), [])
    return len(grouped(made.program, [], BY_PARAMETERS).body)


AT_MOST = {  # how often as long as these at most
    ("moons 2-16-16-1, 100 lanes", HAND): 1.5,
    ("digits 64-32-10, 32 lanes", HAND): 1.8,
    ("784-128-10, 64 lanes", PRODUCTS): 1.3,
    ("Black-Scholes and 5 sensitivities", HAND): 1.2,
}
TRAININGS: dict[str, tuple[list[int], int, int, str]] = {
    "moons 2-16-16-1, batches of 100": ([2, 16, 16, 1], 100, 100, "hinge"),
    "digits 64-32-10, batches of 32": ([64, 32, 10], 1797, 32, "cross_entropy"),
}
PLANS = {"moons": 10.0, "digits": 25.0, "gpt": 250.0}


def run(quick: bool) -> list[Row]:
    """Measure calls over lanes beside NumPy by hand, torch and eager, and plans."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    least = {TORCH: 1.0}  # how often as fast as these at least
    if os.environ.get("GLASSGRAD_PUREPYTHON"):
        least[EAGER] = 100.0
    rows = []
    for what in WORK:
        times = in_child(called, what, quick)
        ours = Sample.of(times.pop(peers.GLASSGRAD))
        for name, found in times.items():
            if (what, name) in AT_MOST or name in (TORCH, EAGER):
                rows.append(
                    Row(f"{what}, a call", "us", ours, name, Sample.of(found),
                        slowdown_at_most=AT_MOST.get((what, name)),
                        speedup_at_least=least.get(name))
                )  # fmt: skip
    python = bool(os.environ.get("GLASSGRAD_PUREPYTHON"))
    for what in TRAININGS:
        ours = Sample.of(in_child(epochs, what, True, 3 if quick else 30))
        eager = Sample.of(in_child(epochs, what, False, 1 if quick or python else 5))
        rows.append(
            Row(f"fit on {what}, an epoch", "ms", ours, "with Values", eager,
                speedup_at_least=20.0 if python else 4.0)
        )  # fmt: skip
    x = in_child(instructions)
    rows.append(Row("instructions of nn.GPT of 7 tokens", "", Sample(x, x), at_most=100))
    for what, most in PLANS.items():
        x = in_child(planned, what)
        rows.append(Row(f"plan of {what}", "ms", Sample(x, x), at_most=most))
    return rows
