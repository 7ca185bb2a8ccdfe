"""Every module with every loss and every optimiser: trained by programs, or the reason why not."""

from __future__ import annotations

import itertools
import math
import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import autograd
import nn
from nn import losses, optim

COUNT = 9
PAIRS = [[math.sin(k), math.cos(2.0 * k)] for k in range(COUNT)]
SERIES = [[[math.sin(k + t), math.cos(k * t)] for t in range(3)] for k in range(COUNT)]
SIGNALS = [[[math.sin(k * (i + 1)) for i in range(6)]] for k in range(COUNT)]
IMAGES = [[[[math.sin(k + i * j + j) for j in range(4)] for i in range(4)]] for k in range(COUNT)]
SYMBOLS = [k % 3 for k in range(COUNT)]
TEXTS = [[k % 3, (k + 1) % 3, k % 2] for k in range(COUNT)]
CLASSES = [k % 2 for k in range(COUNT)]


class Last(nn.Module):
    """What a layer makes of the last element, turned into two numbers."""

    def __init__(self, layer: Any, width: int, rng: random.Random) -> None:
        self.layer, self.out = layer, nn.Layer(width, 2, nonlin=False, rng=rng)

    def __call__(self, x: Any) -> Any:
        return self.out(self.layer(x)[-1])


class Own(nn.Module):
    """A module of a user's own, with a captured constant and a branch."""

    def __init__(self, rng: random.Random) -> None:
        self.layer = nn.Layer(2, 2, nonlin=False, rng=rng)

    def __call__(self, x: Any) -> Any:
        a, b = self.layer(x)
        return [a * 0.5, b] if a > b else [a, autograd.tanh(b)]


def _flat(*layers: Any, width: int, rng: random.Random) -> Any:
    return nn.Sequential(*layers, nn.Flatten(), nn.Layer(width, 2, nonlin=False, rng=rng))


MODULES: dict[str, tuple[Callable[[random.Random], Any], list[Any]]] = {
    "Module": (Own, PAIRS),
    "Neuron": (lambda r: nn.Sequential(nn.Neuron(2, rng=r), nn.Layer(1, 2, rng=r)), PAIRS),
    "Layer": (lambda r: nn.Layer(2, 2, activation="gelu", rng=r), PAIRS),
    "MLP": (lambda r: nn.MLP(2, [4, 2], rng=r), PAIRS),
    "Sequential": (lambda r: nn.Sequential(nn.Layer(2, 3, rng=r), nn.Layer(3, 2, rng=r)), PAIRS),
    "Residual": (lambda r: nn.Residual(nn.Layer(2, 2, activation="tanh", rng=r)), PAIRS),
    "Flatten": (lambda r: _flat(width=6, rng=r), SERIES),
    "Conv1d": (lambda r: _flat(nn.Conv1d(1, 2, 3, rng=r), width=8, rng=r), SIGNALS),
    "Conv2d": (lambda r: _flat(nn.Conv2d(1, 2, 3, padding=1, rng=r), width=32, rng=r), IMAGES),
    "MaxPool1d": (lambda r: _flat(nn.MaxPool1d(2), width=3, rng=r), SIGNALS),
    "MaxPool2d": (
        lambda r: _flat(nn.Conv2d(1, 1, 3, padding=1, rng=r), nn.MaxPool2d(2), width=4, rng=r),
        IMAGES,
    ),
    "AvgPool1d": (lambda r: _flat(nn.AvgPool1d(3, padding=1), width=2, rng=r), SIGNALS),
    "AvgPool2d": (lambda r: _flat(nn.AvgPool2d(2), width=4, rng=r), IMAGES),
    "RNN": (lambda r: Last(nn.RNN(2, 3, rng=r), 3, r), SERIES),
    "GRU": (lambda r: Last(nn.GRU(2, 3, rng=r), 3, r), SERIES),
    "RecurrentBackprop": (lambda r: nn.RecurrentBackprop(2, 2, rng=r), PAIRS),
    "Embedding": (
        lambda r: nn.Sequential(nn.Embedding(3, 2, rng=r), nn.Layer(2, 2, rng=r)), SYMBOLS,
    ),
    "Attention": (lambda r: Last(nn.Attention(2, 2, rng=r), 2, r), SERIES),
    "RMSNorm": (lambda r: Last(nn.RMSNorm(2), 2, r), SERIES),
    "Dropout": (
        lambda r: nn.Sequential(
            nn.Layer(2, 6, rng=r), nn.Dropout(0.4, seed=7), nn.Layer(6, 2, nonlin=False, rng=r)
        ),
        PAIRS,
    ),
    "GPT": (lambda r: Last(nn.GPT(3, 3, 4, 2, 1, rng=r), 3, r), TEXTS),
}  # fmt: skip


def _with(size: Callable[..., Any]) -> Callable[..., Any]:
    """A penalty of the parameters, but for the biases of attention's keys (see below)."""

    def penalised(model: nn.Module, _: Any) -> Callable[..., Any]:
        named = model.named_parameters()
        sized = [p for name, p in named if not (".key." in name and name.endswith(".b"))]
        return lambda o, t: losses.cross_entropy(o, t) + size(sized, 0.01)

    return penalised


def _consolidated(model: Any, inputs: list[Any]) -> Any:
    held = losses.EWC(model, losses.cross_entropy, inputs[:2], [0, 1])
    return lambda o, t: losses.cross_entropy(o, t) + held(0.1)


def _probable(o: Any) -> list[list[Any]]:
    return [[z.sigmoid() for z in row] for row in o]


SHARES = [[1.0 - y, float(y)] for y in CLASSES]
SIGNS = [[1.0 - 2 * y, 2.0 * y - 1] for y in CLASSES]
LOSSES: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "mse": (lambda *_: losses.mse, SHARES),
    "hinge": (lambda *_: losses.hinge, SIGNS),
    "binary_cross_entropy": (
        lambda *_: lambda o, t: losses.binary_cross_entropy(_probable(o), t), SHARES,
    ),
    "binary_cross_entropy_with_logits": (
        lambda *_: losses.binary_cross_entropy_with_logits, SHARES,
    ),
    "cross_entropy": (lambda *_: losses.cross_entropy, CLASSES),
    "nll": (lambda *_: lambda o, t: losses.nll([*map(losses.log_softmax, o)], t), CLASSES),
    "log_softmax": (
        lambda *_: lambda o, t: -autograd.mean(
            [autograd.dot(losses.log_softmax(x), y) for x, y in zip(o, t, strict=True)]
        ),
        SHARES,
    ),
    "l1": (_with(losses.l1), CLASSES),
    "l2": (_with(losses.l2), CLASSES),
    "EWC": (_consolidated, CLASSES),
}  # fmt: skip
OPTIMISERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
}
# What is trained by Values, and why: iteration that depends on data has no program.
REASONS = {"RecurrentBackprop": "fixed_point"}
# The bias of attention's keys has the gradient 0 but for roundings, of which an optimiser that
# divides by the gradient's size makes steps, as l1 does by its sign. There losses are compared,
# which do not depend on that bias.
LOSSES_OF_A_RUN = 6  # of three epochs, in training and in validation
OF_ROUNDINGS = {"GPT", "Attention"}


def trained(compile: bool, module: str, loss: str, optimiser: str) -> tuple[Any, ...]:
    """The losses, the weights and how they came about."""
    make, inputs = MODULES[module]
    model = make(random.Random(5))
    function, targets = LOSSES[loss]
    moves = OPTIMISERS[optimiser](model.parameters())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        history = nn.fit(
            model, function(model, inputs), inputs, targets, moves, 3, 4, progress=False,
            compile=compile, validation=(inputs[:3], targets[:3]),
        )  # fmt: skip
    weights = [p.data for p in model.parameters()]
    return [*history, *history.validation, *weights], history.steps, [str(x.message) for x in told]


def check(module: str, loss: str, optimiser: str) -> None:
    """Programs train as Values do, or say why they do not."""
    found, steps, told = trained(True, module, loss, optimiser)
    true, _, _ = trained(False, module, loss, optimiser)
    count = LOSSES_OF_A_RUN if module in OF_ROUNDINGS else len(true)
    assert found[:count] == pytest.approx(true[:count], rel=1e-12, abs=1e-12)
    if module in REASONS:
        assert steps.startswith("with Values")
        assert REASONS[module] in steps
        assert len(told) == 1
    else:
        assert steps.startswith("by programs")
        assert "in the end" not in steps
        assert not told


def test_the_table_has_whatever_there_is() -> None:
    named = {name: getattr(nn, name) for name in nn.__all__}
    modules = {k for k, x in named.items() if isinstance(x, type) and issubclass(x, nn.Module)}
    assert modules == set(MODULES)
    assert set(losses.__all__) == set(LOSSES)
    moving = {k for k in optim.__all__ if isinstance(getattr(optim, k), type)}
    found = {k for k in moving if issubclass(getattr(optim, k), optim.Optimizer)}
    assert found - {"Optimizer"} == set(OPTIMISERS)


def is_quick(module: str, loss: str, optimiser: str) -> bool:
    """Whether the quick tests have it: every module once, and every loss once."""
    return (loss, optimiser) == ("cross_entropy", "SGD") or (module, optimiser) == ("MLP", "Adam")


def marks(module: str, loss: str, optimiser: str) -> list[Any]:
    """Which runs take it. Programs are the same beside either engine, which are held against each
    other bit by bit: the second one meets every module and every loss once.
    """
    if is_quick(module, loss, optimiser):
        return []
    return [pytest.mark.slow, pytest.mark.one_twin("its programs are those of the other")]


@pytest.mark.parametrize(("module", "loss", "optimiser"), [
    pytest.param(*names, marks=marks(*names))
    for names in itertools.product(MODULES, LOSSES, OPTIMISERS)
])  # fmt: skip
def test_every_module_with_every_loss_by_every_optimiser(
    module: str, loss: str, optimiser: str
) -> None:
    check(module, loss, optimiser)
