"""Callbacks, conditions and early stopping: when a run of fit ends, and with which weights."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential, fit, init
from nn.data import moons
from nn.losses import cross_entropy, mse
from nn.optim import SGD, AdamW
from nn.optim.base import Optimizer
from nn.training.callbacks import Epoch
from nn.training.history import History

POINTS = [[0.0], [1.0], [2.0], [3.0]]
HEIGHTS = [1.0, 3.0, 2.0, 5.0]


def line() -> Neuron:
    return Neuron(1, nonlin=False, rng=random.Random(0))


def numbers(model: Any) -> list[float]:
    return [parameter.data for parameter in model.parameters()]


class Clock(Module):
    """A model whose only weight is the number of epochs that it was trained for."""

    def __init__(self) -> None:
        self.w = Value(0.0)

    def __call__(self, x: float) -> Value:
        return self.w * x


class Tick(Optimizer):
    """An optimiser that lets the clock advance."""

    def step(self) -> None:
        self.params[0].data += 1.0


def scripted(losses: list[float], epochs: int | None = None, **more: Any) -> tuple[float, History]:
    """Train with the validation losses given; return the epoch whose weights are left."""
    model = Clock()

    def loss(outputs: list[Any], targets: list[Any]) -> Value:
        return Value(losses[int(model.w.data) - 1]) if not model.training else outputs[0]

    history = fit(
        model, loss, [1.0], [0.0], Tick([model.w], lr=0.0), epochs or len(losses), progress=False,
        validation=([1.0], [0.0]), **more,
    )  # fmt: skip
    return model.w.data, history


# --- early stopping ------------------------------------------------------------------------------

# The validation losses, patience and min_delta; the last epoch, and the one whose weights are left.
EARLY: list[tuple[list[float], int, float, int, int]] = [
    ([5.0, 4.0, 4.5, 4.25, 3.0], 2, 0.0, 4, 2),
    ([5.0, 4.0, 4.5, 4.25, 3.0], 3, 0.0, 5, 5),
    ([5.0, 4.0, 4.0, 4.0, 3.0], 2, 0.0, 4, 2),  # as low is no lower
    ([4.0, 3.75, 3.5, 3.25, 3.0], 2, 0.4, 5, 5),  # slow, but two steps make an improvement
    ([4.0, 3.75, 3.75, 3.0, 2.0], 2, 0.5, 3, 2),
    ([4.0, 3.5, 3.5, 3.0, 2.0], 2, 0.5, 3, 2),  # by min_delta is not by more than it
    ([4.0, 3.9, 3.8, 3.7, 3.6], 1, 1.0, 2, 2),  # the best weights, however little better
    ([-1.0, -1.5, -1.5, -1.5, -9.0], 2, 0.25, 4, 2),
    ([5.0, 1.0, 2.0, 3.0], 9, 0.0, 4, 2),  # keras 12511: also where the epochs run out
]


@pytest.mark.parametrize(("losses", "patience", "min_delta", "last", "best"), EARLY, ids=str)
def test_patience_counts_the_epochs_without_an_improvement_by_more_than_min_delta(
    losses: list[float], patience: int, min_delta: float, last: int, best: int
) -> None:
    left, history = scripted(losses, patience=patience, min_delta=min_delta)
    assert (len(history), left) == (last, best)
    assert history.stopped == ("early" if last < len(losses) else "")
    assert history.best_epoch == best


@pytest.mark.parametrize("parts", [(1, 9), (2, 3, 9), (3, 9), (4, 9), (5, 9)], ids=str)
def test_the_epochs_waited_for_are_not_forgotten_by_a_break(
    tmp_path: Path, parts: tuple[int, ...]
) -> None:
    """transformers 28544, lightning 1463: there the count began anew."""
    losses = [5.0, 4.0, 3.75, 4.5, 4.25, 3.0, 2.0, 1.0, 0.0]
    options = {"patience": 3, "min_delta": 0.5, "checkpoint": tmp_path / "run.json"}
    for number, epochs in enumerate(parts):
        left, history = scripted(losses, epochs=epochs, resume=number > 0, **options)
    assert (len(history), left, history.stopped) == (5, 3.0, "early")


def test_the_best_weights_come_back_also_after_another_end() -> None:
    losses = [5.0, 1.0, 2.0, 3.0, 4.0]
    left, history = scripted(losses, patience=9, stop_when=lambda epoch: epoch.number == 3)
    assert (len(history), left, history.stopped) == (3, 2.0, "condition")


# --- stopping conditions -------------------------------------------------------------------------


def test_a_run_ends_after_the_first_epoch_for_which_the_condition_is_true() -> None:
    model, twin = line(), line()
    whole = fit(twin, mse, POINTS, HEIGHTS, SGD(twin.parameters(), 0.05), 40, progress=False)
    bound = (whole[6] + whole[7]) / 2
    history = fit(
        model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 0.05), 40, progress=False,
        stop_when=lambda epoch: epoch.loss < bound,
    )  # fmt: skip
    assert whole[6] > bound > whole[7]
    assert history == whole[:8]
    assert history.stopped == "condition"


def test_a_condition_that_is_never_true_changes_nothing() -> None:
    model, twin = line(), line()
    whole = fit(twin, mse, POINTS, HEIGHTS, SGD(twin.parameters(), 0.05), 9, progress=False)
    history = fit(
        model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 0.05), 9, progress=False,
        stop_when=lambda epoch: epoch.loss < 0,
    )  # fmt: skip
    assert (history, history.stopped, numbers(model)) == (whole, "", numbers(twin))


def test_a_condition_may_be_on_the_validation_loss() -> None:
    _, history = scripted([3.0, 2.0, 1.0, 0.5], stop_when=lambda epoch: epoch.validation < 1.5)
    assert history.validation == [3.0, 2.0, 1.0]


def test_a_condition_may_be_on_the_accuracy() -> None:
    data = moons(40, 0.1, random.Random(0))
    model = MLP(2, [6, 2], activation="tanh", rng=random.Random(0))
    counted: list[float] = []

    def count(epoch: Epoch) -> None:
        answers = [[logit.data for logit in model(x)] for x in data.features]
        right = [(b > a) == bool(y) for (a, b), y in zip(answers, data.labels, strict=True)]
        counted.append(right.count(True) / 40)
        assert epoch.accuracy() == counted[-1]

    history = fit(
        model, cross_entropy, data.features, data.labels, SGD(model.parameters(), 0.3), 200, 8,
        progress=False, callbacks=[count], stop_when=lambda epoch: epoch.accuracy() >= 0.9,
    )  # fmt: skip
    assert history.stopped == "condition"
    assert counted[-1] >= 0.9 > max(counted[:-1])
    assert len(counted) == len(history) < 200


def epoch(model: Callable[[Any], Any], examples: Any) -> Epoch:
    return Epoch(1, 1, 0.5, None, model, SGD([Value(0.0)]), History([0.5]), examples)


def test_accuracy_is_of_the_validation_examples_or_of_those_that_are_passed() -> None:
    seen: list[Epoch] = []
    model = Layer(1, 2, nonlin=False)
    for neuron, (w, b) in zip(model.neurons, [(0.0, 0.0), (1.0, -2.5)], strict=True):
        neuron.w[0].data, neuron.b.data = w, b
    optimiser = SGD(model.parameters(), lr=0.0)
    fit(
        model, cross_entropy, POINTS, [0, 0, 0, 1], optimiser, 1, progress=False,
        validation=([[2.0], [3.0], [4.0], [5.0]], [1, 1, 1, 1]), callbacks=[seen.append],
    )  # fmt: skip
    assert seen[0].accuracy() == 3 / 4
    assert seen[0].accuracy(POINTS, [0, 0, 0, 1]) == 1.0
    assert seen[0].accuracy(POINTS, [1, 1, 1, 1]) == 1 / 4


def test_what_decides_may_be_passed() -> None:
    given = epoch(lambda x: Value(x), ([-2.0, -1.0, 1.0, 2.0], [-1, 1, 1, 1]))
    assert given.accuracy(decide=lambda output: 1 if output.data > 0 else -1) == 3 / 4


def test_accuracy_builds_no_graph() -> None:
    w = Value(1.0)
    outputs: list[Value] = []

    def decide(output: list[Value]) -> int:
        outputs.extend(output)
        return 0

    epoch(lambda x: [w * x, w], ([1.0], [0])).accuracy(decide=decide)
    assert [output.parents for output in outputs] == [(), ()]


@pytest.mark.parametrize(
    ("model", "examples", "error", "message"),
    [
        (lambda x: Value(1.0), ([1.0], [1]), TypeError, "a number for each class, .* pass decide"),
        (lambda x: [Value(1.0)], ([1.0], [0]), TypeError, "a number for each class"),
        (
            lambda x: [1.0, 2.0],
            ([1.0], [1.0]),
            TypeError,
            "an int, but was 1.0; pass decide",
        ),
        (
            lambda x: [1.0, 2.0],
            ([1.0], [[0, 1]]),
            TypeError,
            r"an int, but was \[0, 1\]; pass",
        ),
        (lambda x: [1.0, 2.0], ([1.0], [1, 0]), ValueError, "given 1 inputs and 2 targets"),
        (lambda x: [1.0, 2.0], ([], []), ValueError, "at least 1, but was given 0"),
    ],
)
def test_an_accuracy_that_would_mean_nothing_is_refused(
    model: Any, examples: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        epoch(model, examples).accuracy()


def test_accuracy_needs_targets_with_its_inputs() -> None:
    with pytest.raises(ValueError, match="inputs and targets, or neither"):
        epoch(lambda x: [0.0, x], ([1.0], [1])).accuracy(targets=[1])


# --- callbacks -----------------------------------------------------------------------------------


def test_callbacks_are_told_of_each_epoch_in_turn() -> None:
    model, told = line(), []
    optimiser = SGD(model.parameters(), 0.05)
    examples = ([[4.0]], [5.0])
    history = fit(
        model, mse, POINTS, HEIGHTS, optimiser, 3, progress=False, validation=examples,
        callbacks=[
            lambda epoch: told.append(epoch),
            lambda epoch: told.append((model.training, list(epoch.history), numbers(model))),
        ],
    )  # fmt: skip
    epochs, states = told[::2], told[1::2]
    assert [(e.number, e.epochs, e.loss, e.validation) for e in epochs] == [
        (i + 1, 3, history[i], history.validation[i]) for i in range(3)
    ]
    assert all(e.model is model and e.optimiser is optimiser for e in epochs)
    assert epochs[0].examples == examples
    assert [state[:2] for state in states] == [(False, history[: i + 1]) for i in range(3)]
    assert states[-1][2] == numbers(model)
    assert model.training


def test_callbacks_and_conditions_run_in_evaluation_and_disturb_nothing() -> None:
    def run(**more: Any) -> tuple[list[float], History]:
        model = Sequential(Layer(1, 4, rng=random.Random(0)), Dropout(0.5, seed=1), Layer(4, 1))
        init.xavier(model, rng=random.Random(2))
        optimiser = SGD(model.parameters(), 0.01)
        history = fit(model, mse, POINTS, HEIGHTS, optimiser, 4, 2, progress=False, **more)
        return numbers(model), history

    def look(epoch: Epoch) -> bool:
        assert epoch.model([1.0]).data == epoch.model([1.0]).data
        return False

    assert run(callbacks=[look], stop_when=look) == run()


def test_an_error_in_a_callback_ends_the_run_and_the_best_weights_come_back() -> None:
    def fail(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise LookupError("mine")

    model = Clock()
    with pytest.raises(LookupError, match="mine"):
        fit(
            model, lambda outputs, targets: outputs[0] * outputs[0], [1.0], [0.0],
            Tick([model.w], lr=0.0), 9, progress=False, validation=([1.0], [0.0]), patience=5,
            callbacks=[fail],
        )  # fmt: skip
    assert model.w.data == 1.0
    assert model.training


def test_ctrl_c_in_a_callback_ends_the_training() -> None:
    def interrupt(epoch: Epoch) -> None:
        raise KeyboardInterrupt

    model = line()
    history = fit(
        model, mse, POINTS, HEIGHTS, SGD(model.parameters(), 0.05), 9, progress=False,
        callbacks=[interrupt],
    )  # fmt: skip
    assert (len(history), history.stopped) == (1, "interrupted")


def slow_down(epoch: Epoch) -> None:
    epoch.optimiser.lr *= 0.95


def run_in_parts(path: Path, *parts: int) -> tuple[list[float], History, list[int]]:
    """Train with a callback and a condition, in one run or in parts; note the epochs told."""
    history, told = History(), []
    for number, epochs in enumerate(parts):
        model = line()
        history = fit(
            model, mse, POINTS, HEIGHTS, AdamW(model.parameters(), lr=0.07), epochs, 2,
            progress=False, checkpoint=path, resume=number > 0,
            callbacks=[slow_down, lambda epoch: told.append(epoch.number)],
            stop_when=lambda epoch: epoch.loss < 0.9,
        )  # fmt: skip
    return numbers(model), history, told


@pytest.mark.parametrize("parts", [(3, 60), (1, 2, 60), (60, 60), (5, 60, 60)], ids=str)
def test_a_resumed_run_ends_where_an_uninterrupted_one_ends(
    tmp_path: Path, parts: tuple[int, ...]
) -> None:
    weights, history, told = run_in_parts(tmp_path / "whole.json", 60)
    assert history.stopped == "condition"
    assert 5 < len(history) < 60
    resumed, other, retold = run_in_parts(tmp_path / "parts.json", *parts)
    assert (resumed, other, other.stopped) == (weights, history, "condition")
    assert retold == told == list(range(1, len(history) + 1))


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"min_delta": 0.1}, ValueError, "patience counts as improved; pass patience"),
        ({"patience": 1, "min_delta": -0.1}, ValueError, "min_delta has to be .* was -0.1"),
        ({"patience": 1, "min_delta": math.nan}, ValueError, "min_delta has to be .* was nan"),
        ({"callbacks": slow_down}, TypeError, r"has to be a list of functions, .* write \["),
        ({"callbacks": [slow_down, 3]}, TypeError, "have to be functions, not 3"),
        ({"stop_when": 0.1}, TypeError, "have to be functions, not 0.1"),
        ({"stop_when": lambda epoch: None}, TypeError, "stop_when returned None"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    more: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = line()
    with pytest.raises(error, match=message):
        fit(
            model, mse, POINTS, HEIGHTS, SGD(model.parameters()), 2, progress=False,
            validation=(POINTS, HEIGHTS), **more,
        )  # fmt: skip
