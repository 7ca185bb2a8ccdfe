"""What a way of writing costs beside another one that gives the same numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import peers
from chain import BIAS, START, WEIGHT
from measure import Sample, agree, in_child, in_turn
from report import Row


def product_with_hessian(row: str, n: int) -> Callable[[], list[float]]:
    """The Hessian of a length times a vector."""
    autograd = peers.glassgrad()
    rng = random.Random(n)
    xs, v = ([rng.gauss(0, 1) for _ in range(n)] for _ in range(2))

    def square_root(xs: Any) -> Any:
        return autograd.sqrt(autograd.sum([x * x for x in xs]))

    length = autograd.norm if row == "norm" else square_root
    return lambda: list(autograd.hvp(length, xs, v))


def recurrent(way: str, n: int) -> Callable[[], list[float]]:
    """The gradient of |x|^2 where x = tanh(W x + b), by `fixed_point` or by 60 steps."""
    autograd = peers.glassgrad()
    rng = random.Random(n)
    weights = [[rng.uniform(-1, 1) for _ in range(n)] for _ in range(n)]
    scale = 0.7 / math.sqrt(sum(w * w for row in weights for w in row))
    w = [[autograd.Value(scale * a) for a in row] for row in weights]
    b = [autograd.Value(rng.uniform(-0.5, 0.5)) for _ in range(n)]

    def step(x: Any) -> Any:
        return [autograd.dot(row, x, a).tanh() for row, a in zip(w, b, strict=True)]

    def task() -> list[float]:
        x: Any = [0.0] * n
        if way == "fixed_point":
            x = autograd.fixed_point(step, x)
        else:
            for _ in range(60):
                x = step(x)
        for leaf in b:
            leaf.zero_grad()
        autograd.sum([a * a for a in x]).backward()
        return [leaf.grad for leaf in b]

    return task


def units(way: str, n: int) -> Callable[[], list[float]]:
    """tanh and exp of a Value, n times each, called as functions or as methods."""
    tanh, exp = peers.glassgrad().tanh, peers.glassgrad().exp
    x = peers.glassgrad().Value(0.5)

    def by_function() -> list[float]:
        for _ in range(n):
            y, z = tanh(x), exp(x)
        return [y.data, z.data]

    def by_method() -> list[float]:
        for _ in range(n):
            y, z = x.tanh(), x.exp()
        return [y.data, z.data]

    return by_function if way == "function" else by_method


def chain(way: str, steps: int) -> Callable[[], list[float]]:
    """The gradient of a chain h = h*w + b by w and b: by `grad`, or by `backward` on Values."""
    autograd = peers.glassgrad()

    def end(w: Any, b: Any) -> Any:
        h: Any = START
        for _ in range(steps):
            h = h * w + b
        return h

    def by_backward() -> list[float]:
        w, b = autograd.Value(WEIGHT), autograd.Value(BIAS)
        end(w, b).backward()
        return [w.grad, b.grad]

    gradient = autograd.grad(end, (0, 1))
    return (lambda: list(gradient(WEIGHT, BIAS))) if way == "grad" else by_backward


# Each with the two names by which its function knows the ways, ours first; the sizes in full and
# of a quick trial; and the bound for the ratio.
PAIRS: dict[str, tuple[Any, tuple[str, str], tuple[int, int], float]] = {
    "hvp of norm, n = {:,}": (
        product_with_hessian, ("norm", "sqrt(sum of squares)"), (200, 20), 3.0),
    "recurrent network of {:,} units, forward and backward": (
        recurrent, ("fixed_point", "60 steps"), (80, 10), 1.0),
    "tanh(x) and exp(x), {:,} times": (
        units, ("function", "method"), (1_000, 100), 1.3),
    "gradient of a chain of {:,} steps by grad": (
        chain, ("grad", "backward"), (2_000, 200), 1.6),
}  # fmt: skip


def run(quick: bool) -> list[Row]:
    """Measure each pair in turn, once its two ways have been seen to agree."""
    rows = []
    for what, (build, names, sizes, bound) in PAIRS.items():
        size = sizes[quick]
        agree(what, *(in_child(results, build.__name__, name, size) for name in names))
        makers = {name: (build, name, size) for name in names}
        times = in_turn(makers, 3 if quick else 9, collecting=False)
        ours, other = (Sample.of(times[name], per=1e-3) for name in names)
        rows.append(Row(what.format(size), "ms", ours, names[1], other, slowdown_at_most=bound))
    return rows


def results(build: str, name: str, size: int) -> list[float]:
    """Return what a task computes, to be compared before anything is timed."""
    numbers: list[float] = globals()[build](name, size)()
    return numbers
