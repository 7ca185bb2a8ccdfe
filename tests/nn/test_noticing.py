"""What a callback may change between epochs: training by programs goes on as Values would."""

from __future__ import annotations

import functools
import random
import warnings
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.twin import native
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


def _by_class() -> Any:
    run = _ours()
    run.loss = partial(losses.cross_entropy, weight=[1.0, 2.0])
    return run


class Penalised:
    """A loss with a penalty, whose share is a Value that nobody trains."""

    def __init__(self, model: Any) -> None:
        self.model, self.share = model, Value(0.01)

    def __call__(self, outputs: Any, targets: Any) -> Any:
        penalty = losses.l2(self.model.parameters())
        return losses.cross_entropy(outputs, targets) + self.share * penalty


def _with_a_penalty() -> Any:
    run = _ours()
    run.loss = Penalised(run.model)
    return run


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


# -- what users of compiled training reported of other libraries, each asked of ours -------------
def _rate_of_numpy(run: Any, _: Any) -> None:  # pytorch/pytorch#130467
    run.moves.param_groups[0]["lr"] = np.float32(0.01)


def _momenta(run: Any, _: Any) -> None:  # pytorch/pytorch#133898
    run.moves.param_groups[0]["betas"] = np.float64(0.5), np.float64(0.9)


def _decay(run: Any, _: Any) -> None:  # which chooses another formula
    run.moves.param_groups[0]["weight_decay"] = 0.1


def _formula(_: Any, patch: Any) -> None:  # tensorflow/tensorflow#34316
    def update(value: Any, gradient: Any, *memory: Any, lr: Any, **__: Any) -> Any:
        return value - lr * gradient, *(memory or (0.0, 0.0))

    patch.setattr(optim.Adam, "update", staticmethod(update))


def _forgotten(run: Any, _: Any) -> None:  # keras-team/keras#454
    run.moves.state.clear()


def _thawed(run: Any, _: Any) -> None:  # Lightning-AI/pytorch-lightning#5744
    moves, first = run.moves, run.moves.param_groups[0]["params"]
    moves.state = {name: numbers[5:] for name, numbers in moves.state.items()}
    some = [first.pop(0) for _ in range(5)]
    moves.add_param_group({"params": some, "lr": 0.2})


def _another_head(run: Any, _: Any) -> None:  # the old one stays with the optimiser, unread
    run.model.parts[2] = head = nn.Layer(4, 2, nonlin=False, rng=random.Random(9))
    run.moves.add_param_group({"params": head.parameters(), "lr": 0.5})


def _deeper(run: Any, _: Any) -> None:
    run.model.parts.insert(1, layer := nn.Layer(4, 4, activation="tanh", rng=random.Random(4)))
    run.moves.add_param_group({"params": layer.parameters()})


def _reseeded(run: Any, _: Any) -> None:  # jax-ml/jax#4312
    run.model.parts[1].rng.seed(77)


def _all_numbers(run: Any, _: Any) -> None:  # keras-team/keras#19054
    for parameter in run.model.parameters():
        parameter.data *= 0.5


def _own_step(run: Any, _: Any) -> None:
    run.moves.zero_grad()
    run.loss([run.model(x) for x in run.inputs], CLASSES).backward()
    run.moves.step()


def _training_inside(run: Any, _: Any) -> None:
    nn.fit(run.model, run.loss, run.inputs, CLASSES, run.moves, 1, 8, progress=False, compile=True)


def _weights_of_classes(run: Any, _: Any) -> None:  # keras-team/keras#9598
    run.loss.keywords["weight"][0] = 3.0


def _share_of_the_penalty(run: Any, _: Any) -> None:  # keras-team/keras#20294
    run.loss.share.data = 0.5


def _other_share(run: Any, _: Any) -> None:
    run.loss.share = Value(0.25)


OURS = [
    _number, _replaced, _bent, _linear, _rate, _none_dropped, _shared, _swapped, _frozen,
    _on_instance, _on_class, _on_base, _on_module, _in_losses, _row, _example, _target,
    _rate_of_numpy, _momenta, _decay, _formula, _forgotten, _thawed, _another_head, _deeper,
    _reseeded, _all_numbers, _own_step, _training_inside,
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
CASES += [(_by_class, _weights_of_classes)]
CASES += [(_with_a_penalty, change) for change in (_share_of_the_penalty, _other_share)]


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


FIRST = 1 if native else 0  # in C layers of ours keep what they found on their way, in epoch 1


@pytest.mark.parametrize(("make", "often"), [(_ours, FIRST), (_theirs, 3)])
def test_programs_are_checked_where_something_changed_or_might_have(make, often, monkeypatch):
    checked: list[Any] = []
    real = programs._check
    monkeypatch.setattr(programs, "_check", lambda x: checked.append(x) or real(x))
    fitted(make, _nothing, True)
    of_training = [x for x in checked if x is not None][0::2]
    assert len(of_training) == often


def test_modes_to_and_fro_are_no_change(monkeypatch):  # pytorch/pytorch#110803
    checked: list[Any] = []
    real = programs._check
    monkeypatch.setattr(programs, "_check", lambda x: checked.append(x) or real(x))
    run = _ours()

    def look(epoch: Any) -> None:
        run.model.eval()
        epoch.accuracy()
        run.model.train()

    moves = optim.Adam(run.model.parameters(), lr=0.05)
    nn.fit(
        run.model, run.loss, examples(), CLASSES, moves, 6, 8, progress=False, callbacks=[look],
        compile=True,
    )  # fmt: skip
    of_training = [x for x in checked if x is not None]
    assert len(of_training) == FIRST, "as where nothing happens"


@pytest.mark.parametrize("compiled", [False, True])
def test_a_rate_of_numpy_leaves_floats(compiled):
    run = _ours()
    moves = optim.Adam(run.model.parameters(), lr=0.05)

    def look(epoch: Any) -> None:
        moves.param_groups[0]["lr"] = np.float32(0.05 / epoch.number)

    nn.fit(
        run.model, run.loss, examples(), CLASSES, moves, 3, 8, progress=False, callbacks=[look],
        compile=compiled,
    )  # fmt: skip
    assert {type(x.data) for x in run.model.parameters()} == {float}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("given", [lambda: 0.01, Value(0.01), "0.01", [0.01], 1j])
def test_a_rate_that_is_no_number_is_named(given, compiled):  # tensorflow/tensorflow#31323
    run = _ours()
    moves = optim.Adam(run.model.parameters(), lr=0.05)
    with pytest.raises(ValueError, match="lr has to be a finite number of at least 0, but was "):
        nn.fit(
            run.model, run.loss, examples(), CLASSES, moves, 3, 8, progress=False,
            callbacks=[lambda _: moves.param_groups[0].update(lr=given)], compile=compiled,
        )  # fmt: skip


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
