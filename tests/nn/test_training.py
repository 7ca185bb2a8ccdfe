"""fit: what it converges to, in how many steps, and what it does when numbers explode."""

from __future__ import annotations

import copy
import gc
import math
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import AnomalyError, Value
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential, fit, save
from nn.data import moons
from nn.losses import cross_entropy, hinge, mse
from nn.optim import SGD, Adam, AdamW, CosineAnnealingLR, RMSprop, StepLR
from nn.saving.documents import SavedFileError
from nn.training.history import History

POINTS = [[0.0], [1.0], [2.0], [3.0]]
HEIGHTS = [1.0, 3.0, 2.0, 5.0]


class CountingSGD(SGD):
    """SGD that counts its steps."""

    steps = 0

    def step(self) -> None:
        self.steps += 1
        super().step()


def line() -> Neuron:
    return Neuron(1, nonlin=False, rng=random.Random(0))


def test_a_line_is_fitted_to_the_least_squares_solution() -> None:
    model = line()
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.5)
    history = fit(model, mse, POINTS, HEIGHTS, optimiser, 400, None, progress=False)
    # The normal equations: slope = 5.5 / 5, offset = 2.75 - 1.5 * 1.1, residual = 2.7 / 4.
    assert model.w[0].data == pytest.approx(1.1, rel=1e-9)
    assert model.b.data == pytest.approx(1.1, rel=1e-9)
    assert history[-1] == pytest.approx(0.675, rel=1e-9)
    assert len(history) == 400


@pytest.mark.parametrize(
    ("batch_size", "steps"), [(1, 12), (3, 6), (4, 3), (100, 3), (None, 3)], ids=str
)
def test_a_mini_batch_makes_one_step(batch_size: int | None, steps: int) -> None:
    model = line()
    optimiser = CountingSGD(model.parameters(), lr=0.01)
    fit(model, mse, POINTS, HEIGHTS, optimiser, 3, batch_size, progress=False)
    assert optimiser.steps == steps


def test_one_full_batch_step_is_the_one_made_by_hand() -> None:
    model, twin = line(), line()
    optimiser = SGD(model.parameters(), lr=0.1)
    history = fit(model, mse, POINTS, HEIGHTS, optimiser, 1, None, progress=False)
    w, b = (p.data for p in twin.parameters())
    errors = [w * x + b - y for (x,), y in zip(POINTS, HEIGHTS, strict=True)]
    assert history == [pytest.approx(sum(e * e for e in errors) / 4, rel=1e-12)]
    slope = sum(2 * e * x for e, (x,) in zip(errors, POINTS, strict=True)) / 4
    assert model.w[0].data == pytest.approx(w - 0.1 * slope, rel=1e-12)
    assert model.b.data == pytest.approx(b - 0.1 * sum(2 * e for e in errors) / 4, rel=1e-12)


def test_the_history_weighs_a_smaller_last_batch_by_its_size() -> None:
    model = line()
    for parameter in model.parameters():
        parameter.data = 0.0
    frozen = SGD(model.parameters(), lr=0.0)
    history = fit(model, mse, POINTS, HEIGHTS, frozen, 1, 3, progress=False)
    assert history == [pytest.approx((1 + 9 + 4 + 25) / 4, rel=1e-15)]


def test_a_run_repeats_with_its_seed() -> None:
    def run(seed: int) -> list[float]:
        model = MLP(1, [3, 1], rng=random.Random(0))
        optimiser = SGD(model.parameters(), lr=0.05)
        return fit(
            model, mse, POINTS, HEIGHTS, optimiser, 5, 1, rng=random.Random(seed), progress=False
        )

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_two_moons_are_told_apart() -> None:
    data = moons(60, 0.05, random.Random(1))
    labels = [1 if label else -1 for label in data.labels]
    model = MLP(2, [8, 1], activation="tanh", rng=random.Random(1))
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9)
    fit(model, hinge, data.features, labels, optimiser, 60, 10, random.Random(1), progress=False)
    scores = [model(row).data for row in data.features]
    assert all(score * label > 0 for score, label in zip(scores, labels, strict=True))


def test_gradients_left_from_before_do_not_count() -> None:
    model, clean = line(), line()
    for parameter in model.parameters():
        parameter.grad = 1e6
    for one in (model, clean):
        fit(one, mse, POINTS, HEIGHTS, SGD(one.parameters(), lr=0.1), 1, None, progress=False)
    assert [p.data for p in model.parameters()] == [p.data for p in clean.parameters()]


# --- when numbers explode ------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_is_refused_with_epoch_and_batch() -> None:
    model = line()
    start = [p.data for p in model.parameters()]
    optimiser = CountingSGD(model.parameters(), lr=0.1)
    seen: list[list[float]] = []

    def explodes_in_the_fourth_batch(outputs: list[Any], targets: list[Any]) -> Value:
        seen.append([p.data for p in model.parameters()])
        return mse(outputs, targets) * (math.inf if len(seen) == 4 else 1.0)

    with pytest.raises(FloatingPointError, match="the loss is inf in epoch 2, batch 2; a smaller"):
        fit(model, explodes_in_the_fourth_batch, POINTS, HEIGHTS, optimiser, 5, 2, progress=False)
    assert optimiser.steps == 3
    assert [p.data for p in model.parameters()] == seen[-1] != start


def test_a_gradient_that_is_not_finite_is_refused_before_it_spoils_the_weights() -> None:
    class Root(Module):
        def __init__(self) -> None:
            self.w = Value(0.0)

        def __call__(self, x: float) -> Value:
            return (self.w * x).sqrt()

    model = Root()
    with pytest.raises(FloatingPointError, match="a gradient is not finite in epoch 1, batch 1"):
        fit(model, mse, [1.0], [1.0], SGD([model.w]), 1, progress=False)
    assert model.w.data == 0.0


class Steep(Module):
    def __init__(self) -> None:
        self.w = Value(0.0)

    def __call__(self, x: float) -> Value:
        return self.w * x


@pytest.mark.parametrize(
    ("optimiser", "what"),
    [
        (lambda params: Adam(params, 0.1), "exp_avg_sq of Adam"),  # 1e200 squared
        (lambda params: SGD(params, 1e-310, momentum=0.9), "momentum_buffer of SGD"),  # 1.9e308
    ],
)
def test_a_step_that_overflows_is_taken_back_and_refused(optimiser: Any, what: str) -> None:
    model = Steep()
    own = optimiser([model.w])
    seen: list[tuple[float, dict[str, Any]]] = []

    def height(outputs: list[Any], targets: list[Any]) -> Value:
        seen.append((model.w.data, copy.deepcopy(own.state)))
        return sum(outputs)

    steepness = 1e308 if "momentum" in what else 1e200
    with pytest.raises(FloatingPointError, match=rf"{what} is not finite after the step in epoch"):
        fit(model, height, [steepness], [0.0], own, 5, progress=False)
    assert (model.w.data, own.state) == seen[-1]


def test_a_parameter_that_the_last_step_makes_infinite_is_no_result() -> None:
    model = Steep()
    with pytest.raises(FloatingPointError, match="w is -inf after epoch 1; a smaller"):
        fit(model, lambda outputs, _: sum(outputs), [1e200], [0.0], SGD([model.w], 1e200), 1)


def test_divergence_is_noticed() -> None:
    model = line()
    with pytest.raises(FloatingPointError, match=r"not finite|loss is (inf|nan)"):
        fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 1e3), 500, None, progress=False)


# --- manners ---------------------------------------------------------------------------------


def test_the_progress_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    model = line()
    fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, 2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "4/4" in shown.err
    fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, 2, progress=False)
    assert capsys.readouterr().err == ""


def test_importing_nn_and_fitting_silently_load_neither_tqdm_nor_numpy() -> None:
    program = (
        "import sys, nn, nn.losses, nn.optim\n"
        "m = nn.Neuron(1)\n"
        "optimiser = nn.optim.SGD(m.parameters())\n"
        "nn.fit(m, nn.losses.mse, [[1.0]], [1.0], optimiser, 1, progress=False)\n"
        "sys.exit(bool({'tqdm', 'numpy'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("fails", [False, True])
def test_the_garbage_collector_is_left_as_it_was(fails: bool) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        assert not gc.isenabled()
        return mse(outputs, targets) * (math.nan if fails else 1.0)

    model = line()
    assert gc.isenabled()
    try:
        fit(model, loss, POINTS, HEIGHTS, SGD(model.parameters()), 1, progress=False)
    except FloatingPointError:
        assert fails
    assert gc.isenabled()


def given(**other: Any) -> Callable[[Any, Any], Any]:
    """A training in which something else is given."""
    return lambda model, optimiser: fit(**{
        "model": model, "loss": mse, "inputs": POINTS, "targets": HEIGHTS,
        "optimiser": optimiser, "epochs": 1, "progress": False, **other,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m, o: fit(m, mse, [], [], o, 1), ValueError, "no examples"),
        (lambda m, o: fit(m, mse, POINTS, [1.0], o, 1), ValueError, "4 inputs, but 1 targets"),
        (lambda m, o: fit(m, mse, POINTS, HEIGHTS, o, 0), ValueError, "epochs .* but was 0"),
        (lambda m, o: fit(m, mse, POINTS, HEIGHTS, o, 1, 0), ValueError, "batch_size .* was 0"),
        (
            lambda m, o: fit(
                m, lambda _outputs, _targets: 1.5, POINTS, HEIGHTS, o, 1, progress=False
            ),
            TypeError,
            "a Value, but in epoch 1, batch 1 it was 1.5",
        ),
        (given(loss="mse"), TypeError, r"a loss is needed, such as nn.losses.mse; got 'mse' \(str"),
        (given(loss=POINTS), TypeError, r"a loss is needed.* got \[\[0.0\].*\(list\)"),
        (given(model=MLP), TypeError, r"a model is needed, such as nn.MLP.*; got MLP \(type\)"),
        (given(model=None), TypeError, "a model is needed.*; got None"),
        (given(optimiser="adam"), TypeError, r"an optimiser is needed.*; got 'adam' \(str\)"),
        (given(optimiser=Adam), TypeError, r"an optimiser is needed.*; got Adam \(type\)"),
        (given(schedule="cosine"), TypeError, r"a schedule is needed.*; got 'cosine' \(str\)"),
        (given(schedule=StepLR), TypeError, r"a schedule is needed.*; got StepLR \(type\)"),
        (given(compile="yes"), TypeError, "compile has to be True, False or None, but was 'yes'"),
        (given(clip_norm=0.0), ValueError, "clip_norm has to be above 0, but was 0.0"),
        (given(clip_norm="1"), TypeError, "clip_norm has to be a number above 0, but was '1'"),
        (given(min_delta="x"), ValueError, "min_delta has to be a finite number .* was 'x'"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    call: Callable[[Any, Any], Any], error: type[Exception], message: str
) -> None:
    model = line()
    with pytest.raises(error, match=message):
        call(model, SGD(model.parameters()))


def test_the_operation_that_made_the_first_bad_number_is_named() -> None:
    class Exploding(Module):
        def __init__(self) -> None:
            self.w = Value(800.0)

        def __call__(self, x: float) -> Value:
            return (self.w * x).exp() - 1.0

    model = Exploding()
    where = "the loss is inf in epoch 1, batch 1: exp gave inf; a smaller learning rate"
    with pytest.raises(FloatingPointError, match=where) as caught:
        fit(model, mse, [1.0], [1.0], SGD([model.w]), 1, progress=False)
    assert isinstance(caught.value.__cause__, AnomalyError)
    assert model.w.data == 800.0


# --- validation, early stopping, schedules, clipping -------------------------------------------


def numbers(model: Module) -> list[float]:
    return [parameter.data for parameter in model.parameters()]


def test_validation_is_measured_after_each_epoch_and_trains_nothing() -> None:
    model, twin = line(), line()
    history = fit(
        model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 0.05), 3, 2, progress=False,
        validation=([[4.0], [5.0], [6.0]], [5.0, 6.0, 7.0]),
    )  # fmt: skip
    fit(twin, mse, POINTS, HEIGHTS, SGD(twin.parameters(), 0.05), 3, 2, progress=False)
    assert numbers(model) == numbers(twin)
    w, b = numbers(model)
    last = sum((w * x + b - y) ** 2 for x, y in ((4, 5), (5, 6), (6, 7))) / 3
    assert len(history.validation) == 3
    assert history.validation[-1] == pytest.approx(last, rel=1e-12)


def diverging(patience: int | None, epochs: int = 50) -> tuple[Neuron, Any, list[list[float]]]:
    """Train on one set while the validation set agrees only at first; note all the weights."""
    model, path = line(), []
    model.w[0].data, model.b.data = 0.0, 0.0

    class Noting(SGD):
        def step(self) -> None:
            super().step()
            path.append(numbers(model))

    history = fit(
        model, mse, POINTS, HEIGHTS, Noting(model.parameters(), 0.02), epochs, None,
        progress=False, validation=([[1.0]], [0.7]), patience=patience,
    )  # fmt: skip
    return model, history, path


def test_early_stopping_brings_the_best_weights_back() -> None:
    model, history, path = diverging(patience=4)
    assert history.stopped == "early"
    best = history.best_epoch
    assert best is not None
    assert len(history) == best + 4 < 50
    assert numbers(model) == path[best - 1]
    assert history.validation[best - 1] == min(history.validation)


def test_without_patience_the_last_weights_stay() -> None:
    model, history, path = diverging(patience=None)
    assert history.stopped == ""
    assert numbers(model) == path[-1]


def test_a_validation_loss_that_is_not_finite_ends_the_training() -> None:
    model = line()
    with pytest.raises(FloatingPointError, match="the validation loss is inf after epoch 1"):
        fit(
            model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, progress=False,
            validation=([[1e200]], [0.0]),
        )  # fmt: skip


def test_a_schedule_takes_a_step_after_each_epoch() -> None:
    model, seen = line(), []
    optimiser = SGD(model.parameters(), lr=1e-3)

    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        seen.append(optimiser.lr)
        return mse(outputs, targets)

    schedule = StepLR(optimiser, 1, 0.5)
    fit(model, loss, POINTS, HEIGHTS, optimiser, 3, 2, progress=False, schedule=schedule)
    assert seen == [1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4, 2.5e-4]


def test_clipping_limits_the_length_of_a_step() -> None:
    model = line()
    before = numbers(model)
    fit(
        model, mse, [[1e6]], [0.0], SGD(model.parameters(), lr=0.5), 1, progress=False,
        clip_norm=1.0,
    )  # fmt: skip
    moved = math.dist(numbers(model), before)
    assert moved == pytest.approx(0.5, rel=1e-9)


def test_dropout_works_in_training_and_rests_in_validation() -> None:
    class Watching(Module):
        def __init__(self) -> None:
            self.w, self.modes = Value(1.0), [""]

        def __call__(self, x: float) -> Value:
            self.modes.append("train" if self.training else "eval")
            return self.w * x

    model = Watching()
    optimiser = SGD([model.w])
    model.eval()
    fit(model, mse, [1.0], [1.0], optimiser, 2, progress=False, validation=([2.0], [2.0]))
    assert model.modes[1:] == ["train", "eval"] * 2
    assert not model.training


# --- reproducible, resumed, interrupted ----------------------------------------------------------


def test_a_run_owns_its_source_of_random_numbers() -> None:
    random.seed(3)
    before = random.getstate()
    model, twin = line(), line()
    one = fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 0.05), 4, 1, progress=False)
    two = fit(twin, mse, POINTS, HEIGHTS, SGD(twin.parameters(), 0.05), 4, 1, 0, progress=False)
    assert one == two
    assert random.getstate() == before


def long_run(folder: Path, *parts: int) -> tuple[list[float], Any]:
    """Train with everything that has a state, in one run or in parts; return weights and losses."""
    path = folder / f"run-{len(parts)}.json"
    data = moons(24, 0.1, random.Random(0))
    examples, labels = data.features[:16], data.labels[:16]
    history: Any = None
    for number, epochs in enumerate(parts):
        # Everything is made anew: only the checkpoint knows what was before.
        model = Sequential(
            Layer(2, 6, activation="tanh", rng=random.Random(1)),
            Dropout(0.2, seed=2),
            Layer(6, 2, nonlin=False, rng=random.Random(3)),
        )
        optimiser = AdamW(model.parameters(), lr=0.05)
        history = fit(
            model, cross_entropy, examples, labels, optimiser, epochs, 5, 7, progress=False,
            validation=(data.features[16:], data.labels[16:]), patience=5, clip_norm=1.0,
            schedule=CosineAnnealingLR(optimiser, 8), checkpoint=path, resume=number > 0,
        )  # fmt: skip
    return numbers(model), history


@pytest.mark.parametrize("parts", [(3, 8), (1, 2, 8), (8, 8)], ids=str)
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(
    tmp_path: Path, parts: tuple[int, ...]
) -> None:
    weights, history = long_run(tmp_path, 8)
    resumed, other = long_run(tmp_path, *parts)
    assert resumed == weights
    assert list(other) == list(history)
    assert other.validation == history.validation


def test_a_checkpoint_of_another_run_is_refused_and_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def run(model: Any, optimiser: Any, size: int | None = None, **more: Any) -> None:
        fit(
            model, mse, POINTS, HEIGHTS, optimiser, 2, size, progress=False, checkpoint=path, **more
        )

    model = line()
    run(model, SGD(model.parameters(), momentum=0.5))
    cases: list[tuple[Any, Callable[[Any], Any], dict[str, Any], str]] = [
        (line(), lambda p: AdamW(p), {}, "optimiser is AdamW, but was SGD"),
        (line(), lambda p: SGD(p), {"size": 3}, "batch_size is 3, but was 4"),
        (MLP(1, [2, 1]), lambda p: SGD(p), {}, "model is MLP, but was Neuron"),
        (Sequential(Dropout(0.0), line()), lambda p: SGD(p), {}, "model is Sequential, but was"),
    ]
    for other, make, more, message in cases:
        optimiser = make(other.parameters())
        before = numbers(other), optimiser.state_dict()
        with pytest.raises(SavedFileError, match=f"belongs to another run: .*{message}"):
            run(other, optimiser, more.get("size"), resume=True)
        assert (numbers(other), optimiser.state_dict()) == before
    optimiser = SGD(model.parameters(), momentum=0.5)
    with pytest.raises(SavedFileError, match="schedule is StepLR, but was missing"):
        run(model, optimiser, schedule=StepLR(optimiser, 1), resume=True)
    save(model, path)
    with pytest.raises(SavedFileError, match="holds a 'model', but no checkpoint"):
        run(model, optimiser, resume=True)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        run(model, optimiser, resume=True)


class Breaking:
    """Makes an optimiser break in the middle of its fourth step, when half is changed."""

    def __init__(self, optimiser: Any, error: type[BaseException]) -> None:
        self.before: list[Any] = []
        self.optimiser, whole = optimiser, optimiser.step

        def step() -> None:
            self.before.append(self.state())
            whole()
            if len(self.before) == 4:
                optimiser.params[0].data = 1e9
                optimiser.later = "made in the step"
                raise error

        type(optimiser).step = lambda _: step()

    def state(self) -> Any:
        return [p.data for p in self.optimiser.params], self.optimiser.state_dict()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OverflowError])
@pytest.mark.parametrize("kind", [SGD, AdamW, RMSprop])
def test_half_a_step_leaves_weights_and_memory_of_the_same_step(
    kind: Any, error: type[BaseException]
) -> None:
    model = line()
    optimiser = type("Own", (kind,), {})(model.parameters(), 0.05)
    if kind is not AdamW:
        optimiser.momentum = 0.9
    breaking = Breaking(optimiser, error)
    try:
        history = fit(model, mse, POINTS, HEIGHTS, optimiser, 9, 2, progress=False)
        assert history.stopped == "interrupted"
        assert len(history) == 1
    except OverflowError:
        assert error is OverflowError
    assert breaking.state() == breaking.before[3] != breaking.before[2]
    assert breaking.before[3][1]["state"] != {}


def test_ctrl_c_in_the_loss_keeps_the_last_whole_step() -> None:
    model, seen = line(), []
    optimiser = AdamW(model.parameters(), 0.05)

    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        seen.append((numbers(model), optimiser.state_dict()))
        if len(seen) == 4:
            raise KeyboardInterrupt
        return mse(outputs, targets)

    history = fit(model, loss, POINTS, HEIGHTS, optimiser, 9, 2, progress=False)
    assert history.stopped == "interrupted"
    assert len(history) == 1
    assert (numbers(model), optimiser.state_dict()) == seen[3] != seen[2]
    assert gc.isenabled()


def test_ctrl_c_in_validation_leaves_a_history_of_whole_epochs() -> None:
    model = line()

    class Stopping(StepLR):
        def step(self, metric: float | None = None) -> None:
            if self.steps == 1:
                raise KeyboardInterrupt
            super().step(metric)

    optimiser = SGD(model.parameters(), 0.05)
    history = fit(
        model, mse, POINTS, HEIGHTS, optimiser, 9, 2, progress=False,
        validation=([[4.0]], [5.0]), schedule=Stopping(optimiser, 3),
    )  # fmt: skip
    assert (len(history), len(history.validation)) == (1, 1)


@pytest.mark.parametrize(
    "made_anew", [copy.deepcopy, lambda _: line()], ids=["copied", "made anew"]
)
def test_an_optimiser_that_holds_nothing_of_the_model_is_refused(
    made_anew: Callable[[Neuron], Neuron],
) -> None:
    model = line()
    optimiser = SGD(model.parameters())
    for other in (made_anew(model), Sequential(made_anew(model))):
        before = numbers(other)
        with pytest.raises(ValueError, match=r"none of the model's 2 parameters, .*parameters\(\)"):
            fit(other, mse, POINTS, HEIGHTS, optimiser, 1, progress=False)
        twin = other
        with pytest.raises(ValueError, match="none of the model's 2 parameters"):
            fit(lambda x: twin(x), mse, POINTS, HEIGHTS, optimiser, 1, progress=False)  # noqa: B023
        assert numbers(other) == before


def test_a_schedule_of_another_optimiser_is_refused() -> None:
    """After it was made anew, the rate of the one that trains would never fall."""
    model = line()
    schedule = StepLR(SGD(model.parameters(), 0.05), 1)
    with pytest.raises(ValueError, match="the schedule is one of another optimiser"):
        fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 1, schedule=schedule)


def test_an_optimiser_may_hold_a_part_of_the_model_and_more() -> None:
    model, offset = line(), Value(0.0)
    optimiser = SGD([model.b, offset], 0.1)
    loss: Any = lambda outputs, targets: mse([out + offset for out in outputs], targets)  # noqa: E731
    fit(model, loss, POINTS, HEIGHTS, optimiser, 1, progress=False)
    assert model.b.data == offset.data != 0.0


def test_a_history_draws_its_curves() -> None:
    history = History([3.0, 2.0, 1.0], [3.0, 1.0, 2.0])
    axes = history.plot()
    training, validation, best = axes.get_lines()
    assert list(training.get_ydata()) == [3.0, 2.0, 1.0]
    assert list(validation.get_ydata()) == [3.0, 1.0, 2.0]
    assert best.get_xdata() == [2, 2]
    assert History([1.0]).best_epoch is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"patience": 3}, "patience needs examples to validate on"),
        ({"patience": 0, "validation": ([1.0], [1.0])}, "patience has to be at least 1"),
        ({"validation": ([], [])}, "no examples to validate on"),
        ({"validation": ([1.0], [])}, "1 inputs, but 0 targets"),
        ({"resume": True}, "resume needs to know from where; pass checkpoint"),
    ],
)
def test_options_that_do_not_go_together_are_refused(more: dict[str, Any], message: str) -> None:
    model = line()
    with pytest.raises(ValueError, match=message):
        fit(model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 1, progress=False, **more)
