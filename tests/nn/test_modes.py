"""Training and evaluation: who is in which mode when, and what Dropout draws from."""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn.__main__ as command
from autograd import Value
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential, fit, load, save
from nn.data import Standardiser
from nn.losses import mse
from nn.models.classifier import Classifier
from nn.modes import evaluation
from nn.optim import SGD

ROW = [0.5, -1.0]
NAMES = ("x", "y"), ("a", "b"), "kind"


class Watch(Module):
    """A layer that notes the mode in which it is called, and may fail."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self.w, self.fails_at = Value(1.0), -1

    def __call__(self, x: Any) -> Any:
        self.seen.append(self.training)
        if len(self.seen) == self.fails_at:
            raise ZeroDivisionError
        return self.w * (x[0] if isinstance(x, list) else x)


def dropping() -> Classifier:
    """Return a classifier whose network has dropout, in training as it was made."""
    network = Sequential(
        Layer(2, 16, rng=random.Random(1)),
        Dropout(0.5),
        Layer(16, 2, nonlin=False, rng=random.Random(2)),
    )
    return Classifier(network, Standardiser((0.0, 0.0), (1.0, 1.0)), *NAMES)


def train(model: Any, parameters: list[Value], epochs: int = 2, **more: Any) -> Any:
    """Train on four numbers."""
    optimiser = SGD(parameters, 0.01)
    inputs, targets = [1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 2.0, 2.0]
    return fit(model, mse, inputs, targets, optimiser, epochs, 2, progress=False, **more)


# --- evaluation ----------------------------------------------------------------------------------


def test_six_equal_rows_get_one_answer() -> None:
    model = dropping()
    answers = [model.probabilities(ROW) for _ in range(6)]
    assert answers == [answers[0]] * 6
    assert model.answer(ROW) == answers[0].index(max(answers[0]))
    assert model.network.training
    model.network.eval()
    assert model.probabilities(ROW) == answers[0]
    assert not model.network.training


def test_predictions_and_reports_of_the_command_line_are_those_of_evaluation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, rows = tmp_path / "model.json", tmp_path / "rows.csv"
    dropping().save(saved)
    rows.write_text("x,y,kind\n" + "0.5,-1,a\n" * 6)
    assert command.main(["predict", str(saved), str(rows)]) == 0
    assert len(set(capsys.readouterr().out.splitlines()[1:])) == 1
    pages = []
    for name in ("one.html", "two.html"):
        assert (
            command.main(["evaluate", str(saved), str(rows), "--report", name_in(tmp_path, name)])
            == 0
        )
        pages.append((tmp_path / name).read_text())
    assert pages[0] == pages[1]


def name_in(folder: Path, name: str) -> str:
    return str(folder / name)


def test_evaluation_reaches_every_module_and_leaves_each_its_mode() -> None:
    inner, outer = Dropout(0.5), Sequential(Dropout(0.5), Neuron(1))
    inner.eval()
    model = Sequential(outer, inner)
    before = [module.training for module in model.modules()]
    assert len(set(before)) == 2
    with evaluation():
        assert not any(module.training for module in model.modules())
        model.train()
        assert not model.training
    assert all(module.training for module in model.modules())
    with pytest.raises(ZeroDivisionError), evaluation():
        raise ZeroDivisionError
    assert model.training


def test_evaluation_is_that_of_one_thread() -> None:
    dropout, seen, entered, done = Dropout(0.5), [], threading.Event(), threading.Event()

    def other() -> None:
        with evaluation():
            entered.set()
            done.wait(10)
            seen.append(dropout.training)

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(10)
    seen.append(dropout.training)
    done.set()
    thread.join()
    assert seen == [True, False]


# --- fit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: lambda x: model(x)])
def test_fit_trains_and_evaluates(wrap: Callable[[Watch], Any]) -> None:
    model = Watch()
    train(wrap(model), [model.w], validation=([1.0], [1.0]))
    assert model.seen == [True] * 4 + [False] + [True] * 4 + [False]


@pytest.mark.parametrize("fails_at", [-1, 3, 5, 8])
@pytest.mark.parametrize("modes", [(True, True), (True, False), (False, False)], ids=str)
def test_every_module_has_its_own_mode_again_however_fit_ends(
    modes: tuple[bool, bool], fails_at: int
) -> None:
    watch = Watch()
    model = Sequential(Dropout(0.0), watch)
    model.training, watch.training = modes
    watch.fails_at = fails_at
    try:
        train(model, [watch.w], validation=([1.0], [1.0]))
    except ZeroDivisionError:
        assert fails_at > 0
    assert (model.training, watch.training) == modes


def test_a_part_in_evaluation_stays_so_while_the_model_is_trained() -> None:
    frozen, watch = Watch(), Watch()
    frozen.eval()
    train(Sequential(frozen, watch), [watch.w])
    assert not any(frozen.seen)
    assert all(watch.seen)
    frozen.seen.clear()
    train(Sequential(frozen, watch).eval(), [watch.w])
    assert all(frozen.seen)


def test_what_is_trained_within_an_evaluation_is_trained() -> None:
    model = Watch()
    with evaluation():
        train(model, [model.w], validation=([1.0], [1.0]))
        assert not model.training
    assert model.seen == [True] * 4 + [False] + [True] * 4 + [False]
    assert model.training


# --- the streams of Dropout ----------------------------------------------------------------------


def masks(model: Module) -> list[Any]:
    """Return what each layer of dropout leaves out next."""
    layers = [module for module in model.modules() if isinstance(module, Dropout)]
    return [layer([1.0] * 64) for layer in layers]


def deep(**more: Any) -> Sequential:
    """Return a model with three layers of dropout."""
    layers = [Dropout(0.5, **more), Dropout(0.5, **more), Sequential(Dropout(0.5, **more))]
    return Sequential(*layers, Layer(1, 1, rng=random.Random(0)))


def trained(seed: int, model: Sequential | None = None) -> Sequential:
    model = model or deep()
    fit(
        model, mse, [[1.0]] * 3, [1.0] * 3, SGD(model.parameters(), 0.1), 1, 1, seed, progress=False
    )
    return model


def test_no_two_layers_leave_out_the_same() -> None:
    for model in (deep(), deep(rng=random.Random(3)), trained(0), copy.deepcopy(deep())):
        one, two, three = masks(model)
        assert one != two != three != one
    one, two, three = masks(deep(seed=5))
    assert one == two == three


def test_the_streams_of_a_run_come_from_its_source_alone() -> None:
    random.seed(1)
    one = trained(7)
    random.seed(2)
    state = random.getstate()
    two = trained(7)
    assert random.getstate() == state
    assert one.state_dict() == two.state_dict()
    assert masks(one) == masks(two)
    assert masks(one) != masks(trained(8))
    again = trained(7, two)
    assert masks(again) == masks(trained(7, deep()))


def test_a_seed_is_kept_to_in_fit() -> None:
    model = trained(7, deep(seed=5))
    twin = trained(8, deep(seed=5))
    assert model.state_dict() == twin.state_dict()
    assert masks(model) == masks(twin)


def test_copies_of_a_block_draw_from_streams_of_their_own_in_fit() -> None:
    block = Sequential(Dropout(0.5, rng=random.Random(1)))
    block([1.0])
    model = Sequential(*(copy.deepcopy(block) for _ in range(3)), Layer(1, 1))
    one, two, three = masks(trained(0, model))
    assert one != two != three != one


def test_a_loaded_model_has_streams_of_its_own(tmp_path: Path) -> None:
    for model in (deep(), deep(rng=random.Random(3))):
        save(model, tmp_path / "m.json")
        one, two, three = masks(load(tmp_path / "m.json").model)
        assert one != two != three != one


def test_without_dropout_the_source_of_a_run_draws_the_order_alone() -> None:
    source, twin = random.Random(3), random.Random(3)
    model = MLP(1, [1])
    fit(model, mse, [[1.0]] * 5, [1.0] * 5, SGD(model.parameters()), 1, 1, source, progress=False)
    twin.shuffle(list(range(5)))
    assert source.getstate() == twin.getstate()
