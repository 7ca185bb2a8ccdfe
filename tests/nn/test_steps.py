"""Who takes the steps of fit: Values at first, then programs where they pay; nobody sees which."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn
from autograd import Value
from nn import losses, optim
from nn.data import moons
from nn.training import taking

POINTS, LABELS = moons(24, rng=random.Random(1))
XS = [[float(v) for v in x] for x in POINTS]
CLASSES = [int(y) for y in LABELS]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs pay from the sixth step of the model below on, in the middle of an epoch."""
    monkeypatch.setattr(taking, "LEAST", 1)
    monkeypatch.setattr(taking, "FOR_EACH", 0)
    monkeypatch.setattr(taking, "ENOUGH", 5 * PARAMETERS * (7 + taking.SHARE))


class Branching(nn.Module):
    """A model with a branch, so that examples take two paths, and a Dropout."""

    def __init__(self) -> None:
        rng = random.Random(2)
        self.first, self.dropout = nn.Layer(2, 5, activation="tanh", rng=rng), nn.Dropout(0.3)
        self.last = nn.Layer(5, 2, nonlin=False, rng=rng)

    def __call__(self, x: Any) -> Any:
        hidden = self.first(x)
        out = self.last(self.dropout(hidden))
        return [out[0] * 0.5, out[1]] if hidden[0] > 0 else out


PARAMETERS = len(Branching().parameters())


def fitted(epochs: int, compile: bool | None = None, **options: Any) -> tuple[Any, ...]:
    """A run of fit: its history and its weights."""
    model = Branching()
    moves = optim.Adam(model.parameters(), lr=0.02)
    history = nn.fit(
        model, losses.cross_entropy, XS, CLASSES, moves, epochs, 7, 3, progress=False,
        compile=compile, **options,
    )  # fmt: skip
    return history, [p.data for p in model.parameters()]


def test_programs_take_over_in_the_middle_and_nobody_sees_it(soon: None) -> None:
    (history, weights), (true, others) = fitted(6), fitted(6, False)
    assert history.steps.startswith("by programs from step 6 on, ")
    assert "; with Values " in history.steps
    assert "; to make them took " in history.steps
    assert true.steps.startswith("with Values, ")
    assert true.steps.endswith(": so it was asked for")
    assert history == pytest.approx(true, rel=1e-12)
    assert weights == pytest.approx(others, rel=1e-12, abs=1e-12)


def test_the_same_run_has_the_same_bits(soon: None) -> None:
    assert fitted(6) == fitted(6)


@pytest.mark.parametrize("compile", [None, True, False])
@pytest.mark.parametrize("epochs", [1, 2, 4])
def test_a_run_taken_up_again_has_the_bits_of_one_without_a_break(
    soon: None, epochs: int, compile: bool | None, tmp_path: Path
) -> None:
    """Before, at and after the step where programs begin; examples change their paths."""
    file = tmp_path / "run.json"
    fitted(epochs, compile, checkpoint=file)
    assert fitted(6, compile, checkpoint=file, resume=True) == fitted(6, compile)


def test_another_way_of_taking_steps_is_another_run(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    fitted(1, None, checkpoint=file)
    with pytest.raises(ValueError, match="compile is True, but was missing"):
        fitted(2, True, checkpoint=file, resume=True)


def test_what_is_small_stays_with_values_and_loads_no_numpy() -> None:
    program = (
        "import sys, nn\n"
        "m = nn.MLP(2, [16, 1])\n"
        "o = nn.optim.SGD(m.parameters())\n"
        "h = nn.fit(m, nn.losses.mse, [[1.0, 2.0]] * 99, [1.0] * 99, o, 3, progress=False)\n"
        "assert h.steps.endswith('so few of them gain nothing by programs'), h.steps\n"
        "assert 'numpy' not in sys.modules\n"
        "nn.fit(m, nn.losses.mse, [[1.0, 2.0]] * 99, [1.0] * 99, o, 400, None, progress=False)\n"
        "assert 'numpy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_small_steps_are_never_programs() -> None:
    assert taking.switches(None, 17, 1) == float("inf")
    assert taking.switches(True, 17, 1) == 0
    assert taking.switches(False, 10**6, 10**6) == float("inf")


class Annealed:
    """A loss with a weight that a callback changes, as in a variational autoencoder."""

    def __init__(self) -> None:
        self.beta = 0.0

    def __call__(self, outputs: Any, targets: Any) -> Any:
        shrunk = autograd.mean([autograd.norm(x) for x in outputs])
        return losses.cross_entropy(outputs, targets) + self.beta * shrunk

    def warm(self, epoch: Any) -> None:
        if epoch.number == 3:
            self.beta = 1.0


@pytest.mark.parametrize("compile", [None, True])
def test_a_number_that_a_callback_changes_is_not_frozen(soon: None, compile: bool | None) -> None:
    def run(compile: bool | None) -> Any:
        model, loss = nn.MLP(2, [5, 2], rng=random.Random(1)), Annealed()
        moves = optim.SGD(model.parameters(), lr=0.1)
        return nn.fit(
            model, loss, XS, CLASSES, moves, 5, 7, progress=False, callbacks=[loss.warm],
            compile=compile,
        )  # fmt: skip

    with pytest.warns(RuntimeWarning, match="does not do the same each time"):
        found = run(compile)
    assert found == pytest.approx(run(False), rel=1e-12)
    assert "in the end with Values" in found.steps


class Counting(nn.Module):
    """A model that changes after so many calls, which no trace of it shows."""

    def __init__(self) -> None:
        self.w, self.calls = Value(0.5), 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return self.w * x[0] * (1.0 if self.calls < 60 else 2.0)


def test_a_model_that_counts_is_trained_by_values() -> None:
    def run(compile: bool) -> Any:
        model = Counting()
        moves = optim.SGD(model.parameters(), lr=0.01)
        return nn.fit(model, losses.mse, XS, CLASSES, moves, 9, progress=False, compile=compile)

    with pytest.warns(RuntimeWarning, match=r"model\.calls is another one after a step"):
        found = run(True)
    assert found != run(False), "it was called to be traced, too"
    assert found.steps.startswith("with Values")


def test_examples_that_are_all_unlike_gain_nothing(soon: None) -> None:
    """A program for each structure takes longer to make than it saves; nobody has to hear of it."""
    w = Value(0.1)
    lists = [[1.0] * (1 + k) for k in range(24)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = nn.fit(
            lambda x: w * autograd.sum(x), losses.mse, lists, [1.0] * 24,
            optim.SGD([w], lr=1e-4), 90, 7, progress=False,
        )  # fmt: skip
    assert "24 examples of 24 structures would each need a program" in found.steps


def test_who_watches_sees_every_node(soon: None) -> None:
    with warnings.catch_warnings(), autograd.record():
        warnings.simplefilter("error")
        history, _ = fitted(3)
    assert history.steps.endswith(": nodes are watched")


def test_a_loss_that_is_compiled_already() -> None:
    """Its program is not run: it is traced with the model."""
    loss = autograd.compile(lambda outputs, targets: losses.cross_entropy(outputs, targets))

    def run(loss: Any, compile: bool) -> Any:
        model = nn.MLP(2, [5, 2], rng=random.Random(1))
        moves = optim.SGD(model.parameters(), lr=0.1)
        return nn.fit(model, loss, XS, CLASSES, moves, 4, 7, progress=False, compile=compile)

    found = run(loss, True)
    assert found.steps.startswith("by programs")
    assert found == pytest.approx(run(losses.cross_entropy, False), rel=1e-12)
    assert run(loss, False) == run(losses.cross_entropy, False)


def test_a_parameter_that_joins_in_a_callback_is_trained(soon: None) -> None:
    def run(compile: bool | None) -> Any:
        model = nn.MLP(2, [5, 2], rng=random.Random(1))
        moves = optim.SGD(model.layers[0].parameters(), lr=0.1)

        def more(epoch: Any) -> None:
            if epoch.number == 3:
                moves.add_param_group({"params": model.layers[1].parameters()})

        history = nn.fit(
            model, losses.cross_entropy, XS, CLASSES, moves, 6, 7, progress=False,
            callbacks=[more], compile=compile,
        )  # fmt: skip
        return [*history, *(p.data for p in model.parameters())]

    assert run(True) == pytest.approx(run(False), rel=1e-12)
    assert run(None) == pytest.approx(run(False), rel=1e-12)
