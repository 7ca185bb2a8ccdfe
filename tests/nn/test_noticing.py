"""What a callback may change between epochs: training by programs goes on as Values would."""

from __future__ import annotations

import functools
import random
import warnings
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

import autograd
import nn
from nn import losses, optim
from nn.data import moons
from nn.modes import evaluation
from nn.training import programs
from nn.training.noticing import mode, noticed, same_rows

POINTS, LABELS = moons(16, rng=random.Random(1))
CLASSES = [int(y) for y in LABELS]
FACTOR = 1.0  # a global variable that code of the user's own reads


def examples() -> list[list[float]]:
    """Inputs of a run's own."""
    return [[float(v) for v in x] for x in POINTS]


@autograd.primitive(partials=lambda x, out: [2.0])
def twice(x: float) -> float:
    """An elementary function of the user's own."""
    return 2.0 * x


class Scaled(nn.Module):
    """A model of the user's own, which reads what the class, a global and a closure hold."""

    factor = 1.0

    def __init__(self, inner: Any, around: list[float]) -> None:
        self.inner, self.shift, self.read = inner, 0.0, lambda: around[0]

    def __call__(self, x: Any) -> Any:
        scale = self.factor * FACTOR * self.read()
        first, *others = self.inner(x)
        return [scale * first + self.shift, *others]


class Weighted:
    """A loss with an attribute."""

    def __init__(self) -> None:
        self.weight = 1.0

    def __call__(self, outputs: Any, targets: Any) -> Any:
        return self.weight * losses.cross_entropy(outputs, targets)


def _ours() -> Any:
    rng = random.Random(2)
    model = nn.Sequential(
        nn.Layer(2, 4, rng=rng), nn.Dropout(0.25), nn.Layer(4, 2, nonlin=False, rng=rng)
    )
    return SimpleNamespace(model=model, loss=losses.cross_entropy, around=None)


def _theirs() -> Any:
    around = [1.0]
    model = Scaled(nn.MLP(2, [3, 2], activation="tanh", rng=random.Random(2)), around)
    return SimpleNamespace(model=model, loss=Weighted(), around=around)


def _number(run: Any, _: Any) -> None:
    run.model.parameters()[0].data = 0.75


def _replaced(run: Any, _: Any) -> None:
    run.model.parts[0] = nn.Layer(2, 4, activation="tanh", rng=random.Random(5))


def _bent(run: Any, _: Any) -> None:
    for neuron in run.model.parts[0].neurons:
        neuron.activation, neuron._activate = "tanh", autograd.tanh


def _linear(run: Any, _: Any) -> None:
    run.model.parts[0].neurons[2].nonlin = False


def _rate(run: Any, _: Any) -> None:
    run.model.parts[1].p = 0.5


def _none_dropped(run: Any, _: Any) -> None:
    run.model.parts[1].p = 0.0


def _shared(run: Any, _: Any) -> None:
    first, second, *_ = run.model.parts[0].neurons
    first.b = second.b


def _swapped(run: Any, _: Any) -> None:
    run.model.parts[0].neurons[0].w.reverse()


def _frozen(run: Any, _: Any) -> None:
    del run.moves.param_groups[0]["params"][:3]
    run.moves.state.clear()


def _on_instance(run: Any, _: Any) -> None:
    run.model.parts[0].neurons = [lambda x: x[0] * 0.5, *run.model.parts[0].neurons[1:]]


def _on_class(_: Any, patch: Any) -> None:
    real = nn.Layer.__call__
    patch.setattr(nn.Layer, "__call__", lambda self, x: [0.5 * z for z in real(self, x)])


def _on_base(_: Any, patch: Any) -> None:
    patch.setattr(nn.Module, "training", property(lambda self: False, lambda self, mode: None))


def _on_module(_: Any, patch: Any) -> None:
    real = nn.layers.neurons.dots
    patch.setattr(nn.layers.neurons, "dots", lambda *args: [z * 0.5 for z in real(*args)])


def _in_losses(_: Any, patch: Any) -> None:
    real = losses.classes.pick
    patch.setattr(losses.classes, "pick", lambda xs, i: 0.5 * real(xs, i))


def _row(_: Any, patch: Any) -> None:
    patch.setattr(autograd.functions.rules, "logsumexp", autograd.max)


def _example(run: Any, _: Any) -> None:
    run.inputs[3][0] = 2.5


def _target(run: Any, _: Any) -> None:
    run.epoch.examples[1][3] = 1 - CLASSES[3]


def _attribute(run: Any, _: Any) -> None:
    run.model.shift = 0.5


def _class_variable(_: Any, patch: Any) -> None:
    patch.setattr(Scaled, "factor", 0.5)


def _global(_: Any, patch: Any) -> None:
    patch.setitem(globals(), "FACTOR", 0.5)


def _closure(run: Any, _: Any) -> None:
    run.around[0] = 0.5


def _of_the_loss(run: Any, _: Any) -> None:
    run.loss.weight = 0.5


def _method(run: Any, patch: Any) -> None:
    patch.setattr(Scaled, "__call__", lambda self, x: [0.5 * z for z in self.inner(x)])


def _inner_mode(run: Any, _: Any) -> None:
    run.model.inner.layers[1].neurons[0].nonlin = True


OURS = [
    _number, _replaced, _bent, _linear, _rate, _none_dropped, _shared, _swapped, _frozen,
    _on_instance, _on_class, _on_base, _on_module, _in_losses, _row, _example, _target,
]  # fmt: skip
THEIRS = [
    _number, _attribute, _class_variable, _global, _closure, _of_the_loss, _method, _inner_mode,
    _frozen, _on_class, _in_losses, _example,
]  # fmt: skip


def fitted(make: Callable[[], Any], change: Any, compiled: bool) -> Any:
    """Train, while a callback changes something after the second epoch."""
    run = make()
    run.inputs = examples()
    run.moves = optim.Adam(run.model.parameters(), lr=0.05)

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that training goes on with Values is a right answer

        def look(epoch: Any) -> None:
            if epoch.number == 2:
                run.epoch = epoch
                change(run, patch)

        history = nn.fit(
            run.model, run.loss, run.inputs, CLASSES, run.moves, 4, 8, progress=False,
            validation=(run.inputs, CLASSES), callbacks=[look], compile=compiled,
        )  # fmt: skip
    return [*history, *history.validation], [x.data for x in run.model.parameters()]


CASES = [(_ours, change) for change in OURS] + [(_theirs, change) for change in THEIRS]


@pytest.mark.parametrize(("make", "change"), CASES)
def test_what_a_callback_changes_changes_the_training(make, change):
    expected, numbers = fitted(make, change, False)
    found, others = fitted(make, change, True)
    assert expected != unchanged(make)[0], "it matters"
    assert found == pytest.approx(expected, rel=1e-12)
    assert others == pytest.approx(numbers, rel=1e-9, abs=1e-12)


def _nothing(_: Any, __: Any) -> None:
    pass


@functools.cache
def unchanged(make: Callable[[], Any]) -> Any:
    """A training with Values in which a callback changes nothing."""
    return fitted(make, _nothing, False)


@pytest.mark.parametrize(("make", "often"), [(_ours, 1), (_theirs, 3)])
def test_programs_are_checked_where_something_changed_or_might_have(make, often, monkeypatch):
    checked: list[Any] = []
    real = programs._check
    monkeypatch.setattr(programs, "_check", lambda x: checked.append(x) or real(x))
    fitted(make, _nothing, True)
    of_training = [x for x in checked if x is not None][0::2]
    assert len(of_training) == often, "of the first epoch ours keep what they found on their way"


@pytest.mark.parametrize(
    "part",
    [
        lambda outputs, targets: losses.mse(outputs, targets),
        functools.wraps(losses.mse)(lambda outputs, targets: losses.mse(outputs, targets)),
        partial(losses.cross_entropy, label_smoothing=0.1),
        Weighted(),
        Scaled(nn.Neuron(2), [1.0]),
        nn.Sequential(nn.Layer(2, 2), lambda x: x),
        nn.Layer(2, 2, activation=lambda x: x * x),
        nn.Layer(2, 2, activation=twice),
    ],
)
def test_of_code_of_others_nothing_is_known(part):
    assert noticed(nn.MLP(2, [2, 1]), losses.mse)
    assert noticed(nn.MLP(2, [2, 1]), part) is None
    assert noticed(part, losses.mse) is None


def test_nor_where_others_had_changed_ours_before(monkeypatch):
    monkeypatch.setattr(losses.elementwise, "_margin_violation", lambda x, y: FACTOR * x * y)
    assert noticed(nn.MLP(2, [2, 1]), losses.hinge) is None


def test_examples_of_any_structure_are_looked_at():
    rows = [{"a": 1.0}, {"a": 2.0}]
    same = same_rows(rows, [1, 2])
    assert same()
    rows[1]["a"] = 3.0
    assert not same()


def test_a_block_of_evaluation_is_noticed():
    trail = noticed(nn.MLP(2, [2, 1]), losses.mse)
    with evaluation():
        assert not trail.leads(mode())
    assert trail.leads(mode())
