"""Saving and loading: nothing is lost, nothing is believed unseen, nothing is half done."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import pickle
import random
import struct
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import (
    GPT,
    GRU,
    MLP,
    RNN,
    Attention,
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    MaxPool1d,
    MaxPool2d,
    Module,
    Neuron,
    Residual,
    RMSNorm,
    Sequential,
    load,
    save,
)
from nn.data import Standardiser
from nn.models.classifier import Classifier
from nn.optim import Adam
from nn.saving.architecture import build, describe
from nn.saving.differences import differences
from nn.saving.documents import SavedFileError

SHARED = Layer(2, 2)
MODELS: list[Module] = [
    Neuron(3, activation="tanh"),
    Neuron(2, False),
    Layer(2, 3, activation="gelu"),
    MLP(2, [3, 1], activation=autograd.tanh),
    Sequential(Layer(2, 3), Dropout(0.25, seed=3), Residual(Layer(3, 3)), Layer(3, 1)),
    Sequential(SHARED, SHARED),
    Sequential(Conv2d(1, 2, 2, stride=2, activation="relu"), Flatten(), Layer(8, 2)),
    Conv1d(2, 3, 3, padding=1, bias_init="uniform"),
    Conv1d(1, 2, (3,), 1, "same", 2, bias_init=0.5),
    Sequential(
        Conv2d(1, 2, (2, 1), stride=(1, 2), padding=(0, 1), dilation=(2, 1)),
        MaxPool2d((2, 1), padding=(1, 0), dilation=(3, 1), ceil_mode=True),
        AvgPool2d(2, (2, 1), ceil_mode=True, count_include_pad=False),
    ),
    Sequential(Conv1d(1, 2, 2), MaxPool1d(2), AvgPool1d(2, 1, 1)),
    MLP(2, [3, 2], output_activation="sigmoid", bias_init=0.1),
    RNN(2, 3, activation="sigmoid"),
    GRU(2, 3),
    Embedding(4, 3),
    Attention(4, 2, causal=False),
    RMSNorm(3, eps=0.5),
    GPT(5, 4, width=4, heads=2),
]


class Doubled(Module):
    """A module of the user's own, with plain arguments."""

    def __init__(self, nin: int, factor: float = 2.0) -> None:
        self.inner, self.factor = Neuron(nin, nonlin=False), factor

    def __call__(self, x: Any) -> Value:
        return self.factor * self.inner(x)


def saved_bytes(folder: Path, model: Module, **more: Any) -> bytes:
    """Return what a saved model looks like."""
    path = folder / "model.json"
    save(model, path, **more)
    return path.read_bytes()


@contextmanager
def unchanged(model: Module) -> Iterator[None]:
    """Hold that a block leaves the weights as they are."""
    before = copy.deepcopy(model.state_dict())
    yield
    assert model.state_dict() == before


# --- there and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_model_comes_back_bit_for_bit(tmp_path: Path, model: Module, suffix: str) -> None:
    path = tmp_path / f"model.{suffix}"
    save(model, path)
    twin = load(path).model
    assert list(twin.state_dict().items()) == list(model.state_dict().items())
    assert not differences(model, twin)
    assert twin is not model


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_every_finite_float_comes_back(tmp_path: Path, suffix: str, weights: list[float]) -> None:
    model, path = Neuron(2), tmp_path / f"model.{suffix}"
    model.load_state_dict(dict(zip(["w.0", "w.1", "b"], weights, strict=True)))
    save(model, path)
    back = load(path).model.state_dict().values()
    assert [x.hex() for x in back] == [x.hex() for x in weights]


def test_everything_that_was_saved_with_it_comes_back(tmp_path: Path) -> None:
    model = MLP(2, [2, 1])
    optimiser = Adam(model.parameters(), lr=0.5, betas=(0.8, 0.9))
    model([1.0, 2.0]).backward()
    optimiser.step()
    scaler = Standardiser((1.0, 2.0), (0.5, 4.0))
    path = tmp_path / "model.json"
    save(model, path, scaler=scaler, optimiser=optimiser, seed=7, notes={"by": ["me", 1]})
    saved = load(path)
    assert (saved.scaler, saved.seed, saved.notes) == (scaler, 7, {"by": ["me", 1]})
    twin = Adam(saved.model.parameters())
    assert saved.optimiser is not None
    twin.load_state_dict(saved.optimiser)
    assert twin.state_dict() == optimiser.state_dict()
    assert (twin.betas, twin.steps) == ((0.8, 0.9), 1)


def test_shared_weights_stay_shared(tmp_path: Path) -> None:
    save(Sequential(SHARED, SHARED), tmp_path / "m.json")
    twin: Any = load(tmp_path / "m.json").model
    assert twin.parts[0] is twin.parts[1]


def test_a_class_of_the_users_own_is_made_only_if_it_is_passed(tmp_path: Path) -> None:
    path, model = tmp_path / "m.json", Doubled(2, factor=3.0)
    save(model, path)
    with pytest.raises(SavedFileError, match="the class 'Doubled' is not known; pass it"):
        load(path)
    twin: Any = load(path, classes=[Doubled]).model
    assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data
    other = Doubled(2, factor=3.0)
    assert load(path, other).model is other
    assert other.state_dict() == model.state_dict()


def test_a_model_is_described_by_what_it_was_made_of() -> None:
    model = Sequential(SHARED, Dropout(0.5), SHARED)
    assert describe(model) == {
        "class": "Sequential",
        "arguments": {
            "parts": [
                {"class": "Layer", "arguments": {"nin": 2, "nout": 2}},
                {"class": "Dropout", "arguments": {"p": 0.5}},
                {"same_as": 0},
            ]
        },
    }
    assert not differences(build(describe(model)), model)


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    save(MLP(2, [2, 1]), tmp_path / "m.json")
    before = random.getstate()
    load(tmp_path / "m.json")
    assert random.getstate() == before


# --- whatever an argument may be -----------------------------------------------------------------


class Held(Module):
    """A module of the user's own that takes anything, and keeps it."""

    def __init__(self, thing: Any, *parts: Any, rng: Any = random, **named: Any) -> None:
        self.thing, self.parts, self.named = thing, list(parts), named
        self.w, self.size = Value(rng.uniform(-1, 1)), len(parts)


class Tool:
    """An object that is no module."""

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def __call__(self, x: Any) -> Any:
        return x * self.strength


class Plain:
    """An object that has nothing of its own."""


def doubled(x: Any) -> Any:
    return 2 * x


def tripled(x: Any) -> Any:
    return 3 * x


def odd_functions() -> list[Callable[[Any], Any]]:
    return [lambda x: x, lambda x: -x]


INNER = Neuron(1)
ARGUMENTS: list[Any] = [
    None, True, 3, 10**40, 0.1, -0.0, math.inf, math.nan, "text", b"bytes", 1 + 2j,
    Fraction(-1, 3), Fraction(2), Decimal("0.10"), range(2, 9, 3), [1, [2.5]], (1, (2, [3])),
    {"a": (1,), 2: {"b": None}}, {3, 1}, frozenset({"x"}), deque([1, (2,)]),
    np.int64(3), np.float64(0.1), np.float32(0.5), np.bool_(True), np.array([[1, 2], [3, 4]]),
    Value(2.0), INNER, [INNER, (INNER,)], {"a": INNER}, INNER.parameters, Neuron, autograd.tanh,
    partial(doubled, x=1), partial(autograd.leaky_relu, 0.3), partial(INNER, [2.0]), doubled, len,
    math.sqrt, [doubled, tripled, doubled], *odd_functions()[:1],
]  # fmt: skip


@pytest.mark.parametrize("thing", ARGUMENTS, ids=lambda x: repr(x).partition(" at 0x")[0][:30])
def test_whatever_may_be_an_argument_comes_back(tmp_path: Path, thing: Any) -> None:
    path, model = tmp_path / "m.json", Held(thing, thing, 7, key=thing)
    save(model, path)
    known = [Held, doubled, tripled, len, math.sqrt, thing if hasattr(thing, "__name__") else len]
    twin = load(path, classes=known).model
    assert not differences(model, twin)
    assert twin.state_dict() == model.state_dict()
    other = Held(thing, thing, 7, key=thing)
    assert load(path, other).model is other
    assert other.state_dict() == model.state_dict()


def test_sizes_of_numpy_are_saved(tmp_path: Path) -> None:
    model = MLP(np.int64(2), [np.int64(3), 1])  # type: ignore[list-item]
    save(model, tmp_path / "m.json")
    load(tmp_path / "m.json", MLP(2, (3, 1)))
    assert load(tmp_path / "m.json").model.state_dict() == model.state_dict()


def test_a_function_is_known_by_its_name_and_has_to_be_passed(tmp_path: Path) -> None:
    path, model = tmp_path / "m.json", Sequential(Neuron(1, activation=doubled), tripled)
    save(model, path)
    with pytest.raises(SavedFileError, match="the function 'doubled' is not known; pass it among"):
        load(path)
    twin = load(path, classes=[doubled, tripled]).model
    assert twin.state_dict() == model.state_dict()
    assert not differences(model, twin)
    with pytest.raises(SavedFileError, match="holds another architecture"):
        load(path, Sequential(Neuron(1, activation=doubled), doubled))


def test_functions_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path, functions = tmp_path / "m.json", odd_functions()
    save(Sequential(*functions, functions[0]), path)
    load(path, Sequential(*functions, functions[0]))
    with pytest.raises(SavedFileError, match="holds another architecture"):
        load(path, Sequential(*functions, functions[1]))
    with pytest.raises(SavedFileError, match=r"'<lambda> 2' is not known; .* or a model"):
        load(path, classes=functions[:1])


def test_an_object_comes_back_only_with_a_model_that_has_it(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    save(Sequential(Tool(2.0)), path)
    with pytest.raises(SavedFileError, match=r"an object that no file can hold, .*; pass a model"):
        load(path)
    load(path, Sequential(Tool(2.0)))
    with pytest.raises(SavedFileError, match="holds another architecture"):
        load(path, Sequential(Tool(3.0)))


def test_what_a_module_makes_for_itself_is_no_change(tmp_path: Path) -> None:
    class Equipped(Module):
        def __init__(self, strength: float) -> None:
            self.tool, self.scale = Tool(strength), lambda x: strength * x
            self.table, self.w, self.nothing = np.array([strength]), Value(1.0), Plain()
            self.tool.itself = self.nothing.owner = self.tool

    model = Equipped(2.0)
    save(model, tmp_path / "m.json")
    model.tool.strength = 3.0
    with pytest.raises(ValueError, match=r"since tool\.strength was changed"):
        save(model, tmp_path / "m.json")
    model = Equipped(2.0)
    model.scale = Equipped(3.0).scale
    with pytest.raises(ValueError, match=r"since scale\.0 was changed"):
        save(model, tmp_path / "m.json")


# --- copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
@pytest.mark.parametrize(
    "model", [*MODELS, Dropout(0.5), Conv2d(1, 1, 2, rng=random)], ids=lambda x: type(x).__name__
)
def test_a_model_is_copied_and_pickled(model: Module, copied: Callable[[Module], Module]) -> None:
    twin = copied(model)
    assert list(twin.state_dict().items()) == list(model.state_dict().items())
    assert not differences(model, twin)
    assert repr(twin) == repr(model)
    assert {*map(id, twin.parameters())}.isdisjoint(map(id, model.parameters()))


class Drawing(Module):
    """A module of the user's own that takes its source in the middle."""

    def __init__(self, size: int, rng: Any, more: int = 5) -> None:
        self.w, self.more = Value(rng.uniform(0, size)), more


@pytest.mark.parametrize("make", [lambda: Drawing(3, random), lambda: Drawing(3, rng=random)])
def test_a_source_is_not_kept_however_it_is_given(make: Callable[[], Module]) -> None:
    model = make()
    assert describe(model)["arguments"] == {"size": 3}
    assert copy.deepcopy(model).state_dict() == model.state_dict()
    assert not differences(model, build(describe(model), [Drawing]))
    assert repr(Drawing(3, random, 4)) == "Drawing(3, None, 4)"


class Positional(Module):
    """A module of the user's own, some of whose arguments can be given only by position."""

    def __init__(self, first: int, /, second: int = 2, *rest: int, last: int = 9) -> None:
        self.given, self.w = [first, second, list(rest), last], Value(1.0)


@pytest.mark.parametrize(
    "model",
    [Positional(1), Positional(1, second=3), Positional(1, 4, 5, 6), Positional(1, 2, 3, last=0)],
    ids=repr,
)
def test_arguments_by_position_come_back(model: Module) -> None:
    assert not differences(model, build(describe(model), [Positional]))
    assert describe(build(describe(model), [Positional])) == describe(model)


def test_an_argument_that_a_description_lacks_is_named() -> None:
    for arguments in ({}, {"second": 3}, {"rest": [1]}):
        with pytest.raises(ValueError, match="it lacks the argument 'first'"):
            build({"class": "Positional", "arguments": arguments}, [Positional])


def test_what_is_nested_too_deeply_to_be_loaded_is_not_saved(tmp_path: Path) -> None:
    model: Module = Neuron(1)
    for _ in range(100):
        model = Sequential(model)
    with pytest.raises(ValueError, match="nested too deeply"):
        save(model, tmp_path / "m.json")


# --- what cannot be saved -----------------------------------------------------------------


def test_a_change_that_the_arguments_do_not_tell_is_noticed(tmp_path: Path) -> None:
    model = MLP(2, [2, 1])
    model.layers[0].neurons[1].nonlin = False
    with pytest.raises(ValueError, match=r"since layers\.0\.neurons\.1\.nonlin was changed"):
        save(model, tmp_path / "m.json")
    model = MLP(2, [2, 1])
    model.layers.pop()
    with pytest.raises(ValueError, match="since layers was changed after it was made"):
        save(model, tmp_path / "m.json")
    assert os.listdir(tmp_path) == []


def test_the_model_comes_first_and_the_other_order_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    for name in (path, str(path)):
        with pytest.raises(TypeError, match=r"the model first, as in nn\.save\(model, path\)"):
            save(name, Neuron(1))  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []
    save(path=path, model=Neuron(1))


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"a": {1: "x"}}, "notes.a needs texts as keys, but has 1"),
        ({"a": [Path()]}, "notes.a.0 holds texts, numbers, lists and dicts, but has .*Path"),
        ({"a": {"b": [1.0, float("nan")]}}, "m.json cannot be written: notes.a.b.1 is nan"),
    ],
)
def test_a_note_that_would_not_come_back_is_not_saved(
    tmp_path: Path, notes: dict[str, Any], message: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        save(Neuron(1), tmp_path / "m.json", notes=notes)
    assert os.listdir(tmp_path) == []


def test_a_memory_that_is_not_finite_is_named(tmp_path: Path) -> None:
    model = Neuron(1)
    optimiser = Adam(model.parameters(), lr=0.0)
    model.b.grad = 1e200
    optimiser.step()
    with pytest.raises(ValueError, match=r"optimiser\.state\.exp_avg_sq\.1 is inf"):
        save(model, tmp_path / "m.json", optimiser=optimiser)


def test_a_scaler_of_ints_is_saved_as_floats(tmp_path: Path) -> None:
    scaler = Standardiser((1, 2), (1, 3))
    save(Neuron(2), tmp_path / "m.json", scaler=scaler)
    loaded = load(tmp_path / "m.json").scaler
    assert loaded == scaler
    assert loaded is not None
    assert {type(x) for x in (*loaded.mean, *loaded.scale)} == {float}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1j])
def test_a_weight_that_is_no_finite_float_is_not_saved(tmp_path: Path, bad: Any) -> None:
    model = Neuron(1)
    good = saved_bytes(tmp_path, model)
    model.b.data = bad
    with pytest.raises(ValueError, match="finite float, but b is"):
        save(model, tmp_path / "model.json")
    assert (tmp_path / "model.json").read_bytes() == good


# --- whole or not at all ------------------------------------------------------------------


def test_a_crash_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = saved_bytes(tmp_path, Neuron(1))

    def crash(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="the disk is full"):
        save(Neuron(2), tmp_path / "model.json")
    assert (tmp_path / "model.json").read_bytes() == old
    assert os.listdir(tmp_path) == ["model.json"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    save(Neuron(1), real)
    link.symlink_to(real)
    save(Neuron(2), link)
    assert link.is_symlink()
    assert len(load(real).model.parameters()) == 3


# --- what is refused -----------------------------------------------------------------------------


def sealed(content: Any, **head: Any) -> bytes:
    """Return a document with a right checksum, whatever it holds."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    whole = {"format": "glassgrad", "kind": "model", "version": 1, "sha256": digest}
    return json.dumps({**whole, "content": content, **head}).encode()


def content_of(model: Module, **changes: Any) -> dict[str, Any]:
    """Return the content of a saved model with some of it replaced."""
    content = {"architecture": describe(model), "parameters": model.state_dict()}
    return {**content, "scaler": None, "optimiser": None, "seed": None, "notes": {}, **changes}


NEURON = {"class": "Neuron", "arguments": {"nin": 1}}
BAD_CONTENT: list[tuple[dict[str, Any], str]] = [
    ({"parameters": None}, "it has no parameters"),
    ({"parameters": {"w.0": 1.0}}, "lacks b"),
    ({"parameters": {"w.0": 1.0, "b": 0.0, "c": 0.0}}, "has the unknown c"),
    ({"parameters": {"w.0": "1", "b": 0.0}}, "its weight w.0 is no number"),
    ({"parameters": {"w.0": True, "b": 0.0}}, "its weight w.0 is no number"),
    ({"scaler": {"mean": [0.0]}}, "needs a mean and a scale"),
    ({"scaler": {"mean": [0.0], "scale": []}}, "two lists of as many floats"),
    ({"scaler": {"mean": [0.0], "scale": [0.0]}}, "not above 0"),
    ({"scaler": 3}, "needs a mean and a scale"),
    ({"seed": "7"}, "its seed cannot be '7'"),
    ({"optimiser": 3}, "its optimiser is no mapping"),
    ({"notes": None}, "its notes are no mapping"),
    ({"architecture": None}, "describes no module, but None"),
    ({"architecture": [NEURON]}, "describes no module"),
    ({"architecture": {"class": "Neuron"}}, "needs a class and arguments, and nothing else"),
    ({"architecture": {"class": ["x"], "arguments": {}}}, "a name has to be a text"),
    ({"architecture": {"class": "system", "arguments": {}}}, "'system' is not known"),
    ({"architecture": {"class": "_Convolution", "arguments": {}}}, "is not known"),
    ({"architecture": {"class": "Neuron", "arguments": {}}}, "Neuron cannot be made: .*nin"),
    ({"architecture": {"class": "Neuron", "arguments": {"nin": 0}}}, "at least 1, but was 0"),
    ({"architecture": {"class": "Neuron", "arguments": {"nin": None}}}, "int, but was None"),
    ({"architecture": {"class": "Neuron", "arguments": {"nin": 10**9}}}, "does not fit to the"),
    ({"architecture": {"class": "RMSNorm", "arguments": {"size": 10**9}}}, "does not fit to the"),
    (
        {"architecture": {"class": "MLP", "arguments": {"nin": 4000, "nouts": [4000] * 9}}},
        "far more parameters than were saved",
    ),
    (
        {
            "architecture": {
                "class": "Sequential",
                "arguments": {"parts": [{"class": "RMSNorm", "arguments": {"size": 4096}}] * 1000},
            }
        },
        "RMSNorm of size 4096 does not fit to the",
    ),
    (
        {
            "architecture": {
                "class": "Sequential",
                "arguments": {"parts": [{"class": "RMSNorm", "arguments": {"size": 3000}}] * 2},
            }
        },
        "far more parameters than were saved|of size 3000 does not fit",
    ),
    (
        {
            "architecture": {
                "class": "Neuron",
                "arguments": {"nin": {"tuple": {"range": [0, 10**12, 1]}}},
            }
        },
        "does not fit|is no tuple: it is no list",
    ),
    ({"architecture": {"tuple": {"range": [0, 10**12, 1]}}}, "is no tuple: it is no list"),
    ({"architecture": {"same_as": 0}}, "no module number 0"),
    ({"architecture": {"function": "system"}}, "no elementary function 'system'"),
    ({"architecture": {"function": "tanh"}}, "describes no module"),
    (
        {"architecture": {"class": "Neuron", "arguments": {"nin": 1, "activation": "system"}}},
        "an elementary function of one operand",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD_CONTENT)
def test_a_foreign_content_is_refused_even_under_a_right_checksum(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path, model = tmp_path / "m.json", Neuron(1)
    path.write_bytes(sealed(content_of(model, **changes)))
    with pytest.raises(SavedFileError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    with unchanged(model), pytest.raises(SavedFileError):
        load(path, model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is no JSON"),
        (b"\x80\x04\x95", "this is no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"null", "not written by glassgrad"),
        (b"[1, 2]", "not written by glassgrad"),
        (b'{"format": "glassgrad"}', "its version, None"),
        (sealed({}, version=3), "has version 3, but only versions up to 2 .* newer glassgrad"),
        (sealed({}, version=True), "its version, True"),
        (sealed({}, kind="checkpoint"), "holds a 'checkpoint', but no model"),
        (sealed({}, sha256="0"), "damaged or changed"),
        (sealed([]), "damaged or changed"),
        (b'{"format": NaN}', "NaN is no number of JSON"),
        (b'{"format": 1' + b"0" * 9999 + b"}", "this is no JSON"),
    ],
    ids=lambda x: x[:24] if isinstance(x, bytes) else None,
)
def test_a_file_that_is_none_of_ours_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path, model = tmp_path / "m.json", Neuron(1)
    path.write_bytes(content)
    with unchanged(model), pytest.raises(SavedFileError, match=message):
        load(path, model)


def test_an_architecture_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    nest: Any = NEURON
    for _ in range(240):
        nest = {"class": "Sequential", "arguments": {"parts": [nest]}}
    path = tmp_path / "m.json"
    path.write_bytes(sealed(content_of(Neuron(1), architecture=nest)))
    with pytest.raises(SavedFileError, match="nested too deeply"):
        load(path)


def test_a_model_of_another_architecture_is_not_loaded_into(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    save(MLP(2, [3, 1]), path)
    for other in (MLP(2, [2, 1]), MLP(2, [3, 1], activation="tanh"), Neuron(2)):
        with unchanged(other), pytest.raises(SavedFileError, match="holds another architecture"):
            load(path, other)


def edited(data: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """Return the data with bytes replaced, inserted, cut out, or the rest cut off."""
    for kind, share, byte in edits:
        at = int(share * len(data))
        if kind == "replace":
            data = data[:at] + bytes([byte]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + bytes([byte]) + data[at:]
        elif kind == "delete":
            data = data[:at] + data[at + 1 + byte :]
        else:
            data = data[:at]
    return data


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "delete", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@given(edits=EDITS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_fuzzed_file_is_refused_with_a_reason_or_is_the_same_model(
    tmp_path: Path, suffix: str, edits: list[tuple[str, float, int]]
) -> None:
    path, source, model = tmp_path / f"m.{suffix}", MLP(2, [2, 1]), MLP(2, [2, 1])
    save(source, path, scaler=Standardiser((0.5, 1.0), (1.0, 2.0)), notes={"a": "b"})
    path.write_bytes(edited(path.read_bytes(), edits))
    before = model.state_dict()
    if refusal(path, model).startswith(str(path)):
        assert model.state_dict() == before
    else:  # the edits fell on white space
        assert model.state_dict() == source.state_dict()


def refusal(path: Path, model: Module | None = None) -> str:
    """Return why a file is refused, and nothing if it is not."""
    try:
        load(path, model)
    except SavedFileError as error:
        return str(error)
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["Neuron", "MLP", "Sequential", "Dropout", "tanh", "same_as"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["class", "arguments", "nin", "nouts", "parts"]), inner)
    | st.builds(lambda c, a: {"class": c, "arguments": a},
                st.sampled_from(["Neuron", "MLP", "Sequential", "Layer", "GRU", "Embedding"]),
                st.dictionaries(st.sampled_from(["nin", "nout", "nouts", "parts", "p"]), inner)),
    max_leaves=8,
)  # fmt: skip


@given(architecture=JSON, parameters=JSON, scaler=JSON, seed=JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_sealed_content_is_refused_with_a_reason_or_loads(
    tmp_path: Path, architecture: Any, parameters: Any, scaler: Any, seed: Any
) -> None:
    path = tmp_path / "m.json"
    changes = {"architecture": architecture, "scaler": scaler, "seed": seed}
    for content in (
        content_of(Neuron(1), **changes, parameters=parameters),
        content_of(Neuron(1), architecture=architecture),
    ):
        path.write_bytes(sealed(content))
        if not refusal(path).startswith(str(path)):
            assert load(path).model.state_dict() == content["parameters"]


def safetensors_of(numbers: bytes, kind: str, shape: list[int], document: bytes) -> bytes:
    """Return a safetensors file by its specification: a length, a header in JSON, the numbers."""
    tensor = {"dtype": kind, "shape": shape, "data_offsets": [0, len(numbers)]}
    header = {"__metadata__": {"glassgrad": document.decode()}, "parameters": tensor}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


KINDS = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8,
}  # fmt: skip


@pytest.mark.parametrize("shape", [[2], [1, 2], [2, 1], []], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_another_kind_or_shape_are_refused_by_name(
    tmp_path: Path, kind: str, shape: list[int]
) -> None:
    path, model = tmp_path / "m.safetensors", Neuron(1)
    content = content_of(model, parameters={"w.0": 0.0, "b": 0.0})
    whole = json.loads(sealed(content))
    del whole["content"]["parameters"]
    document = json.dumps({**whole, "names": ["w.0", "b"]}).encode()
    size = KINDS[kind] * math.prod(shape)
    path.write_bytes(safetensors_of(bytes(size), kind, shape, document))
    if (kind, shape) == ("F64", [2]):
        assert set(load(path).model.state_dict().values()) == {0.0}
        return
    with pytest.raises(SavedFileError, match="saved has F64 in one row") as caught:
        load(path)
    assert f"its parameters are {kind} of the shape {shape}" in str(caught.value)


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_what_is_no_file_to_read_is_named_by_the_system(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / f"folder.{suffix}"
    folder.mkdir()
    for path in (tmp_path / f"none.{suffix}", folder):
        with pytest.raises(OSError, match=suffix) as caught:
            load(path)
        assert str(caught.value.filename) == str(path)


def test_an_error_is_one_visible_line_of_limited_length(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    hostile = "\x1b[31m\ud800\n" + "very long " * 7000
    for changes in (
        {"seed": hostile}, {"architecture": {"class": hostile, "arguments": {}}},
        {"parameters": {hostile: 1}}, {"architecture": {"same_as": hostile}},
    ):  # fmt: skip
        path.write_bytes(sealed(content_of(Neuron(1), **changes)))
        for model in (None, Neuron(1)):
            with pytest.raises(SavedFileError) as caught:
                load(path, model)
            message = str(caught.value)
            assert message.isprintable()
            assert len(message) <= 600
            assert message.startswith(str(path))


def test_a_model_that_is_no_classifier_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    names = {"feature_names": ["x"], "class_names": ["a", "b"], "target_name": "k"}
    scaler = Standardiser((0.0,), (1.0,))
    cases: list[tuple[Callable[[], None], str]] = [
        (lambda: save(MLP(1, [2]), path), "not of the classes of a table"),
        (lambda: save(MLP(1, [2]), path, notes=names), "not of the classes of a table"),
        (lambda: save(MLP(2, [2]), path, scaler=scaler, notes=names), "takes other inputs"),
        (lambda: save(MLP(1, [3]), path, scaler=scaler, notes=names), "3 outputs, but 2 classes"),
        (lambda: save(MLP(1, [1]), path, scaler=scaler, notes=names), "1 outputs, but 2 classes"),
        (lambda: save(GPT(3, 2), path, scaler=scaler, notes=names), "takes other inputs"),
    ]
    for write, message in cases:
        write()
        with pytest.raises(SavedFileError, match=message):
            Classifier.load(path)
