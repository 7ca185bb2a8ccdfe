"""One eager training step of a transformer of microgpt's shape, in scalar values.

One layer, 16 wide, 4 heads, 8 tokens, a vocabulary of 27: the same list comprehensions run on
every engine. micrograd lacks exp and log; `peers` adds them for this benchmark only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import peers
from measure import Sample, agree, in_child, in_turn
from report import Row

WIDTH, HEADS, TOKENS, VOCABULARY, SEED = 16, 4, 8, 27, 42
RATE = 0.01
TARGETS = {  # of the twin in C
    (peers.MICROGRAD, True): 140.0, (peers.MICROGRAD, False): 14.0,
    (peers.REFERENCE, True): 16.0, (peers.REFERENCE, False): 6.0,
}  # fmt: skip
SHAPES = {
    "token": (VOCABULARY, WIDTH),
    "position": (TOKENS, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "mix": (WIDTH, WIDTH),
    "widen": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
    "score": (VOCABULARY, WIDTH),
}

Vector = list[Any]
Model = dict[str, list[Vector]]


def model(engine: peers.Engine) -> Model:
    """Draw the parameters; every engine gets the same."""
    rng = random.Random(SEED)
    return {
        name: [[engine.Value(rng.gauss(0.0, 0.1)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def linear(rows: list[Vector], x: Vector) -> Vector:
    """Multiply a matrix by a vector."""
    return [sum(w * a for w, a in zip(row, x, strict=True)) for row in rows]


def normalise(x: Vector) -> Vector:
    """Divide a vector by its root mean square."""
    scale = (sum(a * a for a in x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [a * scale for a in x]


def softmax(engine: peers.Engine, scores: Vector) -> Vector:
    """Turn scores into probabilities."""
    highest = max(score.data for score in scores)
    powers = [engine.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def attend(engine: peers.Engine, query: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """Let each head look back over the keys seen so far, and join what the heads see."""
    size = WIDTH // HEADS
    seen: Vector = []
    for head in (slice(start, start + size) for start in range(0, WIDTH, size)):
        scores = [
            sum(q * k for q, k in zip(query[head], key[head], strict=True)) * size**-0.5
            for key in keys
        ]
        shares = softmax(engine, scores)
        columns = zip(*(value[head] for value in values), strict=True)
        seen += [sum(s * v for s, v in zip(shares, column, strict=True)) for column in columns]
    return seen


def mean_loss(engine: peers.Engine, weights: Model, tokens: list[int]) -> Any:
    """Return the mean negative log-likelihood of each next token."""
    keys: list[Vector] = []
    values: list[Vector] = []
    losses = []
    for place, (token, following) in enumerate(pairwise(tokens)):
        embedded = zip(weights["token"][token], weights["position"][place], strict=True)
        x = normalise([t + p for t, p in embedded])
        inner = normalise(x)
        keys.append(linear(weights["key"], inner))
        values.append(linear(weights["value"], inner))
        seen = attend(engine, linear(weights["query"], inner), keys, values)
        x = [a + r for a, r in zip(linear(weights["mix"], seen), x, strict=True)]
        wide = [a.relu() for a in linear(weights["widen"], normalise(x))]
        x = [a + r for a, r in zip(linear(weights["narrow"], wide), x, strict=True)]
        chances = softmax(engine, linear(weights["score"], x))
        losses.append(-engine.log(chances[following]))
    return sum(losses) * (1.0 / len(losses))


def step(engine: peers.Engine, weights: Model, tokens: list[int]) -> float:
    """Take one step of gradient descent, its graph freed at the end; return the loss before it."""
    parameters = parameters_of(weights)
    for parameter in parameters:
        parameter.grad = 0.0
    loss = mean_loss(engine, weights, tokens)
    loss.backward()
    for parameter in parameters:
        parameter.data -= RATE * parameter.grad
    return float(loss.data)


def parameters_of(weights: Model) -> Vector:
    """List the parameters."""
    return [p for matrix in weights.values() for row in matrix for p in row]


def text(count: int) -> list[int]:
    """Draw a text of `count` tokens and the one after."""
    rng = random.Random(SEED)
    return [rng.randrange(VOCABULARY) for _ in range(count + 1)]


def task(name: str, count: int) -> Callable[[], float]:
    """Return an engine's step as a task; all engines train on while they are timed."""
    engine, tokens = peers.engine(name), text(count)
    weights = model(engine)
    return lambda: step(engine, weights, tokens)


def results(name: str, count: int) -> list[float]:
    """Return the loss and the gradient of an engine's first step."""
    engine = peers.engine(name)
    weights = model(engine)
    loss = step(engine, weights, text(count))
    return [loss, *(parameter.grad for parameter in parameters_of(weights))]


def run(quick: bool) -> list[Row]:
    """Measure a step with the collector on and off, beside micrograd and the smallest engine."""
    count, repeats = (2, 2) if quick else (TOKENS, 7)
    return [row for collecting in (True, False) for row in _rows(count, repeats, collecting)]


def _rows(count: int, repeats: int, collecting: bool) -> list[Row]:
    """Compare steps in one state of the collector, once they have been seen to agree."""
    others = (peers.MICROGRAD, peers.REFERENCE)
    names = [name for name in (peers.GLASSGRAD, *others) if peers.installed(name)]
    first, *rest = (in_child(results, name, count) for name in names)
    for other in rest:
        agree("transformer", first, other)
    makers = {name: (task, name, count) for name in names}
    times = in_turn(makers, repeats, collecting=collecting)
    samples = {name: Sample.of(times[name], per=1e-3) for name in names}
    state = "on" if collecting else "off"
    return [
        Row(
            f"transformer step, microgpt's shape, {count} tokens (collector {state})",
            "ms",
            samples[peers.GLASSGRAD],
            peer,
            samples.get(peer),
            speedup_at_least=TARGETS[peer, collecting] if peers.in_c() else None,
        )
        for peer in others
    ]
