"""fit(compile=True): the very training that Values take, by programs; or the reason why not."""

from __future__ import annotations

import copy
import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn
from autograd import Value
from nn import losses, optim
from nn.data import moons
from nn.training.lanes import Lanes
from nn.training.programs import CompiledTrainer

POINTS, LABELS = moons(24, rng=random.Random(1))
XS = [[float(v) for v in x] for x in POINTS]
CLASSES = [int(y) for y in LABELS]
SIGNS = [2.0 * y - 1.0 for y in CLASSES]
ROUNDING = 1e-12


def trained(compiled: bool, make: Callable[[], Any], optimiser: Any, *args: Any, **options: Any):
    """A run of fit, and all that it leaves behind."""
    model = make()
    moves = optimiser(model.parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("error" if compiled else "default")
        history = nn.fit(model, *args, moves, rng=3, progress=False, compile=compiled, **options)
    return model, moves, history


def same(make, optimiser, *args, **options):
    """Train both ways, and compare losses, weights, gradients, memory and streams."""
    one = trained(False, make, optimiser, *args, **options)
    two = trained(True, make, optimiser, *args, **options)
    (model, moves, history), (twin, other, found) = one, two
    close = {"rel": ROUNDING, "abs": ROUNDING}
    assert list(found) == pytest.approx(list(history), **close)
    assert found.validation == pytest.approx(history.validation, **close)
    assert found.stopped == history.stopped
    for x, y in zip(model.parameters(), twin.parameters(), strict=True):
        assert y.data == pytest.approx(x.data, **close)
        assert type(y.data) is float
        assert y.grad == pytest.approx(x.grad, **close)
    assert other.state.keys() == moves.state.keys()
    for name, numbers in moves.state.items():
        assert other.state[name] == pytest.approx(numbers, **close)
    assert [g | {"params": 0} for g in other.param_groups] == [
        g | {"params": 0} for g in moves.param_groups
    ]
    assert streams(model) == streams(twin)
    return found


def streams(model: Any) -> list[Any]:
    """Where the streams of its Dropout layers are."""
    return [x.rng.getstate() for x in model.modules() if isinstance(x, nn.Dropout)]


def seeded(make: Callable[[random.Random], Any]) -> Callable[[], Any]:
    """A model of the same weights at each call."""
    return lambda: make(random.Random(2))


def _perceptron(rng, outputs=2, **options):
    return nn.MLP(2, [5, outputs], activation="tanh", rng=rng, **options)


def _dropping(rng):
    return nn.Sequential(
        nn.Layer(2, 8, rng=rng), nn.Dropout(0.3), nn.Layer(8, 4, rng=rng), nn.Dropout(0.5),
        nn.Layer(4, 2, nonlin=False, rng=rng),
    )  # fmt: skip


CLASSIFIERS = {
    "MLP": _perceptron,
    "ReLU": lambda rng: nn.MLP(2, [6, 2], rng=rng),
    "Dropout": _dropping,
}
TARGETS = {
    "cross_entropy": (losses.cross_entropy, CLASSES),
    "smoothed": (lambda o, t: losses.cross_entropy(o, t, label_smoothing=0.1), CLASSES),
    "mse of vectors": (losses.mse, [[1.0 - y, float(y)] for y in CLASSES]),
    "with a penalty": (
        lambda o, t: losses.cross_entropy(o, t) + 0.01 * autograd.sum([z * z for z in o[0]]) * 0,
        CLASSES,
    ),
}
OPTIMISERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
    "RMSprop, momentum": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, weight_decay=0.1),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1),
}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("model", CLASSIFIERS)
@pytest.mark.parametrize("loss", [name for name in TARGETS if name != "with a penalty"])
def test_every_loss_of_every_model_by_every_optimiser(loss, model, optimiser):
    function, targets = TARGETS[loss]
    make = seeded(CLASSIFIERS[model])
    same(make, OPTIMISERS[optimiser], function, XS, targets, epochs=3, batch_size=7)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (losses.hinge, SIGNS),
        (losses.mse, SIGNS),
        (losses.binary_cross_entropy_with_logits, CLASSES),
        (losses.binary_cross_entropy_with_logits, [bool(y) for y in CLASSES]),
        (lambda o, t: losses.binary_cross_entropy([x.sigmoid() for x in o], t), CLASSES),
    ],
)
def test_losses_of_one_number(loss, targets):
    make = seeded(lambda rng: _perceptron(rng, 1))
    same(make, OPTIMISERS["SGD"], loss, XS, targets, epochs=4, batch_size=5)


SERIES = [[[0.1 * k, 0.2], [0.3, -0.1 * k], [0.5, 0.1]] for k in range(10)]
IMAGES = [[[[0.1 * k * i - 0.2 * j for i in range(4)] for j in range(4)]] for k in range(6)]


class Last(nn.Module):
    """A recurrent layer, and a layer on what it says last."""

    def __init__(self, kind: Any, rng: random.Random) -> None:
        self.recurrent = kind(2, 3, rng=rng)
        self.layer = nn.Layer(3, 1, nonlin=False, rng=rng)

    def __call__(self, x: Any) -> Any:
        out = self.recurrent(x)
        return self.layer(out[-1])


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU])
def test_recurrent_layers(kind):
    make = seeded(lambda rng: Last(kind, rng))
    targets = [math.sin(k) for k in range(10)]
    same(make, OPTIMISERS["Adam"], losses.mse, SERIES, targets, epochs=3, batch_size=4)


def test_series_of_several_lengths_have_a_program_each():
    make = seeded(lambda rng: Last(nn.RNN, rng))
    series = [row[: 1 + k % 3] for k, row in enumerate(SERIES)]
    targets = [math.sin(k) for k in range(10)]
    same(make, OPTIMISERS["SGD"], losses.mse, series, targets, epochs=3, batch_size=4)


def test_convolutions_and_pooling():
    def make(rng: random.Random) -> Any:
        return nn.Sequential(
            nn.Conv2d(1, 2, 3, rng=rng),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Layer(2, 1, nonlin=False, rng=rng),
        )

    targets = [math.cos(k) for k in range(6)]
    same(seeded(make), OPTIMISERS["SGD"], losses.mse, IMAGES, targets, epochs=2, batch_size=3)


# -- what belongs to a training -----------------------------------------------------------------
STANDARD = (seeded(_perceptron), OPTIMISERS["Adam"], losses.cross_entropy, XS, CLASSES)
VALIDATION = (XS[:9], CLASSES[:9])


@pytest.mark.parametrize("batch_size", [1, 5, None])
def test_batches_of_any_size_and_a_short_last_one(batch_size):
    same(*STANDARD, epochs=3, batch_size=batch_size)


def test_penalties_are_not_divided_by_the_examples():
    def run(compiled: bool) -> Any:
        model = seeded(_perceptron)()

        def loss(outputs: Any, targets: Any) -> Any:
            return losses.cross_entropy(outputs, targets) + losses.l2(model.parameters(), 0.1)

        moves = optim.SGD(model.parameters(), lr=0.1)
        return nn.fit(model, loss, XS, CLASSES, moves, 4, 7, progress=False, compile=compiled)

    assert run(True) == pytest.approx(run(False), rel=ROUNDING)


def test_validation_and_early_stopping():
    found = same(
        *STANDARD, epochs=60, batch_size=8, validation=VALIDATION, patience=2, min_delta=0.01
    )
    assert found.stopped == "early"


def test_dropout_is_not_active_in_validation():
    same(
        seeded(_dropping), OPTIMISERS["SGD"], losses.cross_entropy, XS, CLASSES,
        epochs=4, batch_size=8, validation=VALIDATION,
    )  # fmt: skip


def test_the_norm_of_a_gradient_is_clipped():
    same(*STANDARD, epochs=4, batch_size=8, clip_norm=0.05)


def test_groups_of_parameters_have_their_own_settings():
    def optimiser(parameters: list[Value]) -> Any:
        return optim.AdamW(
            [
                {"params": parameters[:6], "lr": 0.1},
                {"params": parameters[6:], "weight_decay": 0.0, "betas": (0.5, 0.9)},
            ],
            lr=0.01,
        )

    same(STANDARD[0], optimiser, *STANDARD[2:], epochs=4, batch_size=8)


def test_parameters_that_are_not_trained_stay():
    same(
        STANDARD[0], lambda p: optim.SGD(p[3:], lr=0.1, momentum=0.5), *STANDARD[2:],
        epochs=3, batch_size=8,
    )  # fmt: skip


def test_schedules_and_callbacks_change_the_rate_without_another_trace(monkeypatch):
    traces = []
    monkeypatch.setattr(
        Lanes, "traced", lambda *args, real=Lanes.traced: traces.append(1) or real(*args)
    )

    def run(compiled: bool) -> Any:
        model = seeded(_perceptron)()
        moves = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
        seen = []

        def slower(epoch: Any) -> None:
            seen.append([p.data for p in epoch.model.parameters()])
            if epoch.number == 3:
                moves.param_groups[0]["momentum"] = 0.5
                model.parameters()[0].data = 0.25

        history = nn.fit(
            model, losses.cross_entropy, XS, CLASSES, moves, 6, 8, progress=False,
            schedule=optim.StepLR(moves, 2, 0.5), callbacks=[slower], compile=compiled,
        )  # fmt: skip
        return history, seen

    (history, seen), (found, others) = run(False), run(True)
    assert found == pytest.approx(history, rel=ROUNDING)
    assert [*map(list, others)] == [pytest.approx(x, rel=ROUNDING, abs=ROUNDING) for x in seen]
    assert len(traces) <= 2, "of each class a path at most"


def test_a_run_goes_on_from_its_checkpoint_to_the_bit(tmp_path: Path):
    whole = trained(True, seeded(_dropping), *STANDARD[1:], epochs=6, batch_size=7)
    file = tmp_path / "run.json"
    trained(True, seeded(_dropping), *STANDARD[1:], epochs=2, batch_size=7, checkpoint=file)
    again = trained(
        True, seeded(_dropping), *STANDARD[1:], epochs=6, batch_size=7, checkpoint=file, resume=True
    )
    assert list(again[2]) == list(whole[2])
    assert [p.data for p in again[0].parameters()] == [p.data for p in whole[0].parameters()]


def test_ctrl_c_leaves_the_last_whole_step(monkeypatch):
    """In the middle of the seventh step, at whatever point of it."""

    def interrupted(compiled: bool, steps: int) -> Any:
        model = seeded(_perceptron)()
        moves = optim.Adam(model.parameters(), lr=0.01)
        real = optim.Adam.settings

        def settings(self: Any, group: Any) -> Any:
            if group["steps"] == steps:
                raise KeyboardInterrupt
            return real(self, group)

        monkeypatch.setattr(optim.Adam, "settings", settings)
        history = nn.fit(
            model, losses.cross_entropy, XS, CLASSES, moves, 9, 7, progress=False, compile=compiled
        )
        assert history.stopped == "interrupted"
        return model, moves, history

    (model, moves, history), (twin, other, found) = interrupted(False, 7), interrupted(True, 7)
    assert found == pytest.approx(history, rel=ROUNDING)
    assert other.param_groups[0]["steps"] == moves.param_groups[0]["steps"] == 6
    for x, y in zip(model.parameters(), twin.parameters(), strict=True):
        assert y.data == pytest.approx(x.data, rel=ROUNDING, abs=ROUNDING)


def test_a_loss_that_is_not_finite_is_named_as_by_values():
    def run(compiled: bool) -> tuple[str, list[float]]:
        model = seeded(_perceptron)()
        moves = optim.SGD(model.parameters(), lr=1e200)
        with pytest.raises(FloatingPointError) as error:
            nn.fit(
                model, lambda o, t: losses.mse(o, t), XS, [[1.0, 2.0]] * 24, moves, 9, 7,
                progress=False, compile=compiled,
            )  # fmt: skip
        return str(error.value), [p.data for p in model.parameters()]

    (told, weights), (also, others) = run(False), run(True)
    assert also == told
    assert others == pytest.approx(weights, rel=1e-9)


def test_what_an_optimiser_remembers_stays_finite():
    def run(compiled: bool) -> str:
        w = Value(1e160)
        moves = optim.Adam([w], lr=0.0)
        with pytest.raises(FloatingPointError) as error:
            nn.fit(
                lambda x: w * x, losses.mse, [1.0, 2.0], [0.0, 0.0], moves, 2, 1,
                progress=False, compile=compiled,
            )  # fmt: skip
        return str(error.value)

    assert run(True) == run(False)


# -- reasons ------------------------------------------------------------------------------------
class Reading(nn.Module):
    """A model that reads a number of its own by itself."""

    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] * self.w.data


class Drawing(nn.Module):
    """A model that draws by itself."""

    def __init__(self) -> None:
        self.w, self.rng = Value(0.5), random.Random(1)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] * self.rng.random()


class Hooked(nn.Module):
    """A model whose parameter has a hook."""

    def __init__(self) -> None:
        self.w = Value(0.5)
        self.w.register_hook(lambda slope: slope * 2)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0]


class Solving(nn.Module):
    """A model that solves an equation."""

    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return autograd.fixed_point(lambda y, w: w * (y + x[0]) * 0.1, 0.0, self.w)


class Plain(nn.Module):
    """A product."""

    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0]


class Stepping(optim.SGD):
    """An optimiser with a step of its own."""

    def step(self) -> None:
        super().step()


REASONS = {
    "does not do the same each time": (Reading, optim.SGD, losses.mse),
    "a parameter has a hook": (Hooked, optim.SGD, losses.mse),
    "opaque": (Solving, optim.SGD, losses.mse),
    "Stepping has a step of its own": (Plain, Stepping, losses.mse),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_compiled_is_trained_by_values_and_says_why(reason):
    make, optimiser, loss = REASONS[reason]
    args = (loss, XS, SIGNS, 3)
    model = make()
    true = nn.fit(model, *args[:3], optimiser(model.parameters(), lr=0.1), 3, progress=False)
    twin = make()
    with pytest.warns(RuntimeWarning, match="trained without programs") as told:
        found = nn.fit(
            twin, *args[:3], optimiser(twin.parameters(), lr=0.1), 3, progress=False, compile=True
        )
    assert len(told) == 1
    assert found == pytest.approx(true, rel=ROUNDING)
    weights = [p.data for p in model.parameters()]
    assert [p.data for p in twin.parameters()] == pytest.approx(weights, rel=ROUNDING)
    if reason not in ("does not do the same each time", "opaque"):
        assert reason in str(told[0].message)


def test_a_model_that_draws_by_itself_is_trained_by_values():
    model = Drawing()
    moves = optim.SGD(model.parameters(), lr=0.1)
    with pytest.warns(RuntimeWarning, match="does not do the same each time"):
        nn.fit(model, losses.mse, XS, SIGNS, moves, 1, progress=False, compile=True)


class Calibrated(nn.Module):
    """A model that reads a number of its own in evaluation alone."""

    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] if self.training else self.w * x[0] * self.w.data


def test_what_is_measured_freezes_no_number():
    def run(compiled: bool) -> Any:
        model = Calibrated()
        moves = optim.SGD(model.parameters(), lr=0.1)
        return nn.fit(
            model, losses.mse, XS, SIGNS, moves, 3, progress=False, validation=(XS, SIGNS),
            compile=compiled,
        ).validation  # fmt: skip

    assert run(True) == pytest.approx(run(False), rel=ROUNDING)


def test_a_callback_may_end_what_programs_can_do():
    model = Plain()
    moves = optim.SGD(model.parameters(), lr=0.1)

    def hook(epoch: Any) -> None:
        if epoch.number == 1:
            model.w.register_hook(lambda slope: 0.0)

    with pytest.warns(RuntimeWarning, match="a parameter has a hook"):
        found = nn.fit(
            model, losses.mse, XS, SIGNS, moves, 3, progress=False, callbacks=[hook], compile=True
        )
    assert found[1] == pytest.approx(found[2], rel=1e-12), "the hook stops it"


def test_symbols_and_tokens():
    """An embedding of symbols, which are integers: by programs, or by Values with a reason."""

    def run(compiled: bool) -> Any:
        rng = random.Random(4)
        model = nn.Sequential(nn.Embedding(5, 3, rng=rng), nn.Layer(3, 1, nonlin=False, rng=rng))
        moves = optim.SGD(model.parameters(), lr=0.1)
        symbols = [k % 5 for k in range(12)]
        heights = [0.5 * k for k in symbols]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nn.fit(
                model, losses.mse, symbols, heights, moves, 3, 5, progress=False, compile=compiled
            )

    assert run(True) == pytest.approx(run(False), rel=ROUNDING)


def test_words_are_no_numbers():
    w = Value(1.0)
    with pytest.warns(RuntimeWarning, match="the examples are no numbers"):
        nn.fit(
            lambda x: w * len(x), losses.mse, ["a", "bb"], [1.0, 2.0], optim.SGD([w], lr=0.1), 1,
            progress=False, compile=True,
        )  # fmt: skip


def _weighted(outputs: Any, targets: Any) -> Any:
    return losses.cross_entropy(outputs, targets, [1.0, 2.0])


def _of_batch(outputs: Any, targets: Any) -> Any:
    return losses.cross_entropy(outputs, targets) * len(outputs)


@pytest.mark.parametrize("model", ["MLP", "Dropout"])
@pytest.mark.parametrize("loss", [_weighted, _of_batch])
def test_a_loss_that_is_no_mean_of_examples_has_a_program_of_the_batch(loss, model):
    same(
        seeded(CLASSIFIERS[model]), OPTIMISERS["Adam"], loss, XS, CLASSES,
        epochs=3, batch_size=7, validation=VALIDATION,
    )  # fmt: skip


def test_a_batch_that_is_too_large_for_a_program_is_trained_by_values(monkeypatch):
    monkeypatch.setattr("nn.training.lanes.MOST_SCALARS", 100)
    with pytest.warns(RuntimeWarning, match="whose loss is no mean is too large"):
        found = nn.fit(*fresh(_weighted), 2, progress=False, compile=True)
    assert found == nn.fit(*fresh(_weighted), 2, progress=False)


def test_the_first_step_is_compared_with_that_of_values(monkeypatch):
    """Were a program wrong, training would go on with Values."""
    real = CompiledTrainer._of_batch

    def wrong(self: Any, batch: Any) -> Any:
        loss, gradient = real(self, batch)
        return loss + 1.0, gradient

    monkeypatch.setattr(CompiledTrainer, "_of_batch", wrong)
    with pytest.warns(RuntimeWarning, match="another one than a step with Values"):
        found = nn.fit(*fresh(), 2, progress=False, compile=True)
    assert found == nn.fit(*fresh(), 2, progress=False)


def fresh(loss: Any = losses.cross_entropy) -> tuple[Any, ...]:
    """A model and how to train it."""
    model = seeded(_perceptron)()
    return model, loss, XS, CLASSES, optim.SGD(model.parameters(), lr=0.1)


def test_models_are_copied_and_saved_after_it():
    model, moves, _ = trained(True, seeded(_dropping), *STANDARD[1:], epochs=1)
    assert copy.deepcopy(model).state_dict() == model.state_dict()
    assert moves.state_dict()["state"].keys() == {"exp_avg", "exp_avg_sq"}
