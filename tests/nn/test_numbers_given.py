"""Models, runs and calls that are given numbers of NumPy, arrays and series."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from labelled import Labelled

from autograd import Value
from nn import (
    GPT,
    GRU,
    MLP,
    RNN,
    Attention,
    Embedding,
    Flatten,
    Layer,
    Module,
    Neuron,
    RMSNorm,
    fit,
    load,
    save,
)
from nn.data import moons, train_test_split
from nn.losses import cross_entropy, mse
from nn.optim import SGD, clip_grad_norm_

XS = [[x / 4] for x in range(-8, 8)]
YS = [3 * x + 1 for (x,) in XS]


# --- what was given so can be saved --------------------------------------------------------------


class Scaled(Module):
    """A module of a user's own that keeps what it is given."""

    def __init__(self, factors: Any, width: Any) -> None:
        self.factors, self.width = factors, width
        self.w = [Value(1.0) for _ in range(width)]

    def __call__(self, x: Any) -> Any:
        return sum(w * f * v for w, f, v in zip(self.w, self.factors, x, strict=True))


@pytest.mark.parametrize(
    "make",
    [
        lambda: MLP(np.int64(2), np.array([3, 1]), rng=np.int64(3)),
        lambda: Layer(np.int64(2), np.uint8(2), np.bool_(True)),
        lambda: GRU(np.int64(2), np.int64(2)),
        lambda: Attention(np.int64(2), np.int64(1)),
        lambda: Embedding(np.int64(3), np.int64(2), np.float32(0.1)),
        lambda: GPT(np.int64(5), np.int64(4), np.int64(4), np.int64(2)),
        lambda: Scaled(np.array([1.0, 2.0]), np.int64(2)),
    ],
    ids=["MLP", "Layer", "GRU", "Attention", "Embedding", "GPT", "a user's own"],
)
def test_a_model_made_with_numbers_of_numpy_is_saved_and_loaded(
    make: Callable[[], Module], tmp_path: Path
) -> None:
    model = make()
    save(
        model=model,
        path=tmp_path / "model.json",
        seed=np.int64(3),
        notes={"names": np.array(["a", "b"])},
    )  # type: ignore[arg-type]
    saved = load(tmp_path / "model.json", classes=[Scaled])
    assert saved.model.state_dict() == model.state_dict()
    assert (saved.seed, saved.notes) == (3, {"names": ["a", "b"]})


def test_a_run_with_numbers_of_numpy_is_that_with_pythons(tmp_path: Path) -> None:
    def run(number: Callable[[float], Any], whole: Callable[[int], Any]) -> dict[str, float]:
        model = MLP(1, [2, 1], rng=random.Random(0))
        fit(
            model, mse, XS, YS, SGD(model.parameters(), 0.125), whole(3), whole(8), whole(1),
            progress=False, validation=(XS, YS), patience=whole(2), clip_norm=number(0.5),
            checkpoint=tmp_path / "run.json",
        )  # fmt: skip
        save(model=model, path=tmp_path / "model.json")
        clip_grad_norm_(model.parameters(), number(0.25))
        assert {type(p.data) for p in model.parameters()} == {float}
        assert {type(p.grad) for p in model.parameters()} == {float}
        return load(tmp_path / "model.json").model.state_dict()

    assert run(np.float32, np.int64) == run(float, int)


@pytest.mark.parametrize(
    "options", [{"epochs": 2.5}, {"epochs": 1, "batch_size": 2.0}, {"epochs": 1, "patience": 1.5}]
)
def test_counts_with_fractions_are_refused(options: dict[str, Any]) -> None:
    model = Neuron(1, rng=0)
    with pytest.raises(TypeError, match=r"(epochs|batch_size|patience) has to be an int, but was"):
        fit(model, mse, XS, YS, SGD(model.parameters()), validation=(XS, YS), **options)


# --- a model called by hand ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs",
    [
        (0.5, 2),
        np.array([0.5, 2]),
        np.float32([0.5, 2]),
        np.array([0.5, 2], object),
        Labelled([0.5, 2], [1, 0]),
        deque([0.5, 2]),
        [np.float32(0.5), np.int64(2)],
    ],
    ids=["tuple", "array", "float32", "objects", "labelled", "deque", "scalars"],
)
def test_a_layer_takes_its_inputs_by_position(inputs: Any) -> None:
    model = MLP(2, [3, 2], activation="tanh", rng=1)
    expected = [y.data for y in model([0.5, 2.0])]
    assert [y.data for y in model(inputs)] == expected
    assert model.layers[0].neurons[0](inputs).data == model.layers[0]([0.5, 2.0])[0].data


@pytest.mark.parametrize(
    "layer",
    [MLP(2, [1]), Neuron(2), RNN(2, 1), GRU(2, 1), Attention(2), RMSNorm(2), Flatten()],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize(
    "inputs", [{1.0, 2.0}, {0: 1.0, 1: 2.0}, "12", scipy.sparse.csr_array([[1.0, 2.0]])], ids=repr
)
def test_a_layer_refuses_what_has_no_positions(layer: Any, inputs: Any) -> None:
    for given in (inputs, [inputs]):
        with pytest.raises((TypeError, ValueError), match=r"numbers in lists|takes . inputs"):
            layer(given)


@pytest.mark.parametrize("layer", [MLP(2, [1]), Neuron(2, nonlin=False), Layer(2, 3)])
@pytest.mark.parametrize(
    "batch", [[[1.0, 2.0], [3.0, 4.0]], np.eye(2), [np.ones(2), np.ones(2)], ((1, 2), (3, 4))]
)
def test_a_batch_is_not_taken_for_an_example(layer: Any, batch: Any) -> None:
    with pytest.raises(ValueError, match=r"one example, .* list of lists; write \[model\(x\) for"):
        layer(batch)


def test_a_state_and_symbols_are_taken_by_position() -> None:
    layer, xs = GRU(1, 2, rng=1), [[0.5], [1.0]]
    expected = [y.data for y in layer(xs, [1.0, 2.0])[-1]]
    assert [y.data for y in layer(np.array(xs), np.array([1, 2]))[-1]] == expected
    with pytest.raises(TypeError, match="the state has to be a number, or numbers in lists"):
        layer(xs, {1.0, 2.0})
    with pytest.raises(ValueError, match=r"the state needs 2 numbers, but was given 1\.0"):
        layer(xs, 1.0)
    table = Embedding(3, 1)
    assert table(np.array([2, 0])) == table((2, 0)) == [table.table[2], table.table[0]]
    with pytest.raises(TypeError, match=r"symbols has to be a list, .* but was a set"):
        table({2, 0})


def test_a_data_set_can_be_split_trained_on_and_validated_with() -> None:
    train, test = train_test_split(moons(40, rng=1), 0.25, rng=2)
    model = MLP(2, [2], rng=3)
    inputs, targets = train
    history = fit(
        model, cross_entropy, inputs, targets, SGD(model.parameters(), 0.1), 2, progress=False,
        validation=test,
    )  # fmt: skip
    by_hand = cross_entropy([model(x) for x in test.features], test.labels)
    assert history.validation[-1] == pytest.approx(by_hand.data, rel=1e-14)
