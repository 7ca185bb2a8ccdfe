"""Sources of random numbers: seeds, sources and NumPy's generators, wherever nn draws."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import (
    GPT,
    GRU,
    MLP,
    RNN,
    Attention,
    Conv1d,
    Conv2d,
    Embedding,
    Layer,
    Module,
    Neuron,
    fit,
    init,
)
from nn.data import batches, circles, iris, moons, spirals, train_test_split
from nn.losses import mse
from nn.optim import SGD
from nn.rng import frozen, source, thaw

XS, YS = [[0.0], [1.0], [2.0], [3.0], [4.0]], [1.0, 3.0, 2.0, 5.0, 4.0]
BITS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]

DRAWING: dict[str, Callable[[Any], Any]] = {
    "Neuron": lambda rng: Neuron(2, rng=rng),
    "Layer": lambda rng: Layer(2, 3, rng=rng),
    "MLP": lambda rng: MLP(2, [3, 1], rng=rng),
    "Conv1d": lambda rng: Conv1d(1, 2, 2, rng=rng),
    "Conv2d": lambda rng: Conv2d(1, 2, 2, rng=rng),
    "RNN": lambda rng: RNN(1, 2, rng=rng),
    "GRU": lambda rng: GRU(1, 2, rng=rng),
    "Attention": lambda rng: Attention(2, rng=rng),
    "Embedding": lambda rng: Embedding(3, 2, rng=rng),
    "GPT": lambda rng: GPT(3, 2, 4, 2, rng=rng),
    "uniform": lambda rng: init.uniform(MLP(2, [3, 1]), rng=rng),
    "normal": lambda rng: init.normal(MLP(2, [3, 1]), rng=rng),
    "xavier": lambda rng: init.xavier(MLP(2, [3, 1]), rng=rng),
    "kaiming": lambda rng: init.kaiming(MLP(2, [3, 1]), distribution="normal", rng=rng),
    "moons": lambda rng: moons(9, rng=rng),
    "circles": lambda rng: circles(9, rng=rng),
    "spirals": lambda rng: spirals(9, rng=rng),
    "split": lambda rng: train_test_split(iris(), 0.2, rng),
    "batches": lambda rng: list(batches(9, 2, rng)),
}


def drawn(made: Any) -> Any:
    """Return what was drawn, to be compared."""
    return made.state_dict() if isinstance(made, Module) else made


@pytest.mark.parametrize("draw", DRAWING.values(), ids=DRAWING)
def test_a_seed_is_a_source_with_that_seed_whatever_int_it_is(draw: Callable[[Any], Any]) -> None:
    expected = drawn(draw(random.Random(3)))
    for seed in (3, np.int64(3), np.uint8(3), np.array(3)):
        assert drawn(draw(seed)) == expected
    assert drawn(draw(4)) != expected


@pytest.mark.parametrize("draw", DRAWING.values(), ids=DRAWING)
def test_a_generator_of_numpy_is_a_source_that_moves_on(draw: Callable[[Any], Any]) -> None:
    generator, twin = np.random.default_rng(3), np.random.default_rng(3)
    first, second = drawn(draw(generator)), drawn(draw(generator))
    assert first != second
    assert (drawn(draw(twin)), drawn(draw(twin))) == (first, second)


@pytest.mark.parametrize("draw", DRAWING.values(), ids=DRAWING)
@pytest.mark.parametrize(
    "rng",
    [3.0, np.float64(3), "3", True, [3], np.random.RandomState(3), np.random],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_what_is_no_source_is_refused_at_once(draw: Callable[[Any], Any], rng: Any) -> None:
    with pytest.raises(TypeError, match=r"^rng has to be random, random\.Random\(3\), numpy.*int"):
        draw(rng)


def test_the_weights_of_a_generator_are_python_floats_that_it_drew() -> None:
    model = Neuron(3, rng=np.random.default_rng(5))
    assert [w.data for w in model.w] == np.random.default_rng(5).uniform(-1, 1, 3).tolist()
    assert {type(w.data) for w in model.w} == {float}
    init.normal(layer := Layer(3, 1), rng=np.random.default_rng(5))
    assert [w.data for w in layer.neurons[0].w] == np.random.default_rng(5).normal(size=3).tolist()


# --- states --------------------------------------------------------------------------------------


def several(rng: Any) -> list[Any]:
    """Return some numbers drawn in every way there is."""
    order = list(range(6))
    rng.shuffle(order)
    return [rng.uniform(-1, 1), rng.gauss(0, 1), rng.gauss(0, 1), order]


def generator(bits: str, seed: int | None = None) -> np.random.Generator:
    """Return a generator of NumPy over a kind of bits."""
    return np.random.Generator(getattr(np.random, bits)(seed))


@pytest.mark.parametrize("make", [random.Random, *(lambda s, b=b: generator(b, s) for b in BITS)])
def test_a_state_that_was_written_brings_back_the_numbers(make: Callable[[int], Any]) -> None:
    rng = source(make(1))
    rng.gauss()  # random.Random now holds the second of a pair
    state = json.loads(json.dumps(frozen(rng)))
    expected = several(rng)
    thaw(twin := source(make(2)), state)
    assert several(twin) == expected


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(
    "state", [3, None, [], [[1]], [{}], [{"bit_generator": "PCG64"}], frozen(random.Random(1))]
)
def test_a_state_of_another_kind_is_refused_and_the_source_left_alone(
    bits: str, state: Any
) -> None:
    rng, twin = source(generator(bits, 1)), source(generator(bits, 1))
    with pytest.raises(ValueError, match="this is no state of a source of random numbers"):
        thaw(rng, state)
    assert several(rng) == several(twin)


@pytest.mark.parametrize("bits", BITS)
def test_a_state_that_lacks_a_part_changes_nothing(bits: str) -> None:
    rng, twin = source(generator(bits, 1)), source(generator(bits, 1))
    (state,) = frozen(source(generator(bits, 2)))
    state["state"].popitem()
    with pytest.raises(ValueError, match="this is no state of a source of random numbers"):
        thaw(rng, [state])
    assert several(rng) == several(twin)


def nested(depth: int) -> list[Any]:
    """A list in a list in a list ..."""
    state: list[Any] = []
    for _ in range(depth):
        state = [state]
    return state


@pytest.mark.parametrize("last", [nested(5), nested(700), nested(5_000), "0.5", 1, True, {}])
def test_what_python_would_answer_as_the_next_number_is_a_number(last: Any) -> None:
    """`random.Random.setstate` takes anything for the second number that `gauss` has made."""
    rng, twin = random.Random(1), random.Random(1)
    state = frozen(random.Random(2))
    with pytest.raises(ValueError, match="this is no state of a source of random numbers"):
        thaw(rng, [*state[:-1], last])
    assert several(rng) == several(twin)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("depth", [9, 5_000])
def test_a_state_that_is_nested_deep_is_refused(bits: str, depth: int) -> None:
    with pytest.raises(ValueError, match="more than 8 containers lie in one another"):
        thaw(source(generator(bits, 1)), nested(depth))


# --- runs ----------------------------------------------------------------------------------------


def run(rng: Any, epochs: int, **options: Any) -> tuple[list[float], list[float]]:
    """Return losses and weights of a run."""
    model = MLP(1, [2, 1], rng=1)
    optimiser = SGD(model.parameters(), lr=0.05)
    history = fit(model, mse, XS, YS, optimiser, epochs, 2, rng, progress=False, **options)
    return list(history), [p.data for p in model.parameters()]


def test_a_seed_of_numpy_gives_the_run_of_that_seed() -> None:
    assert run(np.int64(3), 3) == run(3, 3) == run(random.Random(3), 3)
    assert run(np.int64(4), 3) != run(3, 3)


@pytest.mark.parametrize("bits", BITS)
def test_a_run_drawn_by_numpy_is_resumed_bit_for_bit(bits: str, tmp_path: Path) -> None:
    whole = run(generator(bits, 7), 6)
    run(generator(bits, 7), 3, checkpoint=tmp_path / "run.json")
    assert run(generator(bits), 6, checkpoint=tmp_path / "run.json", resume=True) == whole


def test_a_source_without_a_state_is_refused_before_a_run_that_notes_it(tmp_path: Path) -> None:
    assert len(run(random.SystemRandom(), 1)[0]) == 1
    model = Neuron(1, rng=1)
    with pytest.raises(TypeError, match=r"rng is <random\.SystemRandom .* no state that could be"):
        fit(
            model, lambda *_: pytest.fail("it was trained"), XS, YS, SGD(model.parameters()), 1,
            rng=random.SystemRandom(), progress=False, checkpoint=tmp_path / "run.json",
        )  # fmt: skip
    assert not (tmp_path / "run.json").exists()
