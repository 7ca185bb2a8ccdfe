"""A checkpoint belongs to one run: what differs is named, what may differ does what it says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential, fit
from nn.data import moons
from nn.losses import cross_entropy, mse
from nn.optim import SGD, AdamW, CosineAnnealingLR, SequentialLR, StepLR
from nn.saving import documents
from nn.saving.documents import SavedFileError
from nn.saving.identity import checksum, facts, whole

DATA = moons(24, 0.1, random.Random(0))
Numbers = list[float]


def halved(x: Value) -> Value:
    return x * 0.5


def bent(slope: float) -> Callable[[Value], Value]:
    return lambda x: x.tanh() * slope


def network(hidden: int = 4, activation: Any = "tanh", p: float = 0.2, **more: Any) -> Sequential:
    """Return a network with two layers of dropout; it is always the same one."""
    return Sequential(
        Layer(2, hidden, activation=activation, rng=random.Random(1)),
        Dropout(p, **more),
        Layer(hidden, 4, activation="relu", rng=random.Random(2)),
        Dropout(0.3),
        Layer(4, 2, nonlin=False, rng=random.Random(3)),
    )


def adamw(parameters: list[Value], lr: float = 0.05, **more: Any) -> AdamW:
    return AdamW(parameters, lr, **more)


def cosine(optimiser: Any, length: int = 6) -> CosineAnnealingLR:
    return CosineAnnealingLR(optimiser, length)


def train(path: Path | None, epochs: int, resume: bool = False, **changes: Any) -> Any:
    """Train, everything made anew, with changes of what is usual; return model and history."""
    model = changes.pop("model", network)()
    optimiser = changes.pop("optimiser", adamw)(model.parameters())
    schedule = changes.pop("schedule", cosine)
    options = {
        "loss": cross_entropy, "inputs": DATA.features[:16], "targets": DATA.labels[:16],
        "batch_size": 5, "rng": 7, "patience": 5, "clip_norm": 1.0, "notes": {"--size": 3},
        "validation": (DATA.features[16:], DATA.labels[16:]), **changes,
    }  # fmt: skip
    arguments = [options.pop(name) for name in ("loss", "inputs", "targets")]
    history = fit(
        model, *arguments, optimiser, epochs, progress=False, checkpoint=path, resume=resume,
        schedule=schedule and schedule(optimiser), **options,
    )  # fmt: skip
    return model, optimiser, history


def state(model: Module, optimiser: Any) -> Any:
    """Return everything that training changes."""
    streams = [x._stream and x._stream.getstate() for x in model.modules() if type(x) is Dropout]
    return model.state_dict(), optimiser.state_dict(), streams


def by_hand(model: Sequential) -> Sequential:
    model.parts[0].neurons[1].nonlin = False  # type: ignore[attr-defined]
    return model


class Renamed(Module):
    def __init__(self) -> None:
        self.first = network()

    def __call__(self, x: Any) -> Any:
        return self.first(x)


ELSEWHERE = (*DATA.features[:15], (0.5, DATA.features[15][1]))
OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "rate": ({"optimiser": lambda p: adamw(p, 5.0)}, r"lr is 5\.0, but was 0\.05"),
    "weight decay": (
        {"optimiser": lambda p: adamw(p, weight_decay=0.5)},
        r"weight_decay is 0\.5, but was 0\.01",
    ),
    "betas": ({"optimiser": lambda p: adamw(p, betas=(0.8, 0.9))}, r"betas is \(0\.8, 0\.9\), but"),
    "optimiser": ({"optimiser": lambda p: SGD(p, 0.05)}, "optimiser is SGD, but was AdamW"),
    "length of a cosine": ({"schedule": lambda o: cosine(o, 9)}, "schedule.T_max is 9, but was 6"),
    "schedule": ({"schedule": lambda o: StepLR(o, 6)}, "schedule is StepLR, but was Cosine"),
    "no schedule": ({"schedule": None}, "schedule is missing, but was Cosine"),
    "schedule in parts": (
        {"schedule": lambda o: SequentialLR(o, [cosine(o, 3), cosine(o, 3)], [3])},
        "schedule is SequentialLR",
    ),
    "activation": (
        {"model": lambda: network(activation="relu")},
        r"model\.parts\.0\.neurons\.0\.activation is 'relu', but was 'tanh'",
    ),
    "activation of one's own": (
        {"model": lambda: network(activation=halved)},
        r"neurons\.0\.activation is halved with the code .*, but was 'tanh'",
    ),
    "a unit changed by hand": ({"model": lambda: by_hand(network())}, r"1\.nonlin is False, but"),
    "size": ({"model": lambda: network(5)}, r"model\.parts\.0\.neurons\.4 is Neuron, but was miss"),
    "dropout": ({"model": lambda: network(p=0.1)}, r"model\.parts\.1\.p is 0\.1, but was 0\.2"),
    "seed of a layer": ({"model": lambda: network(seed=1)}, r"parts\.1\.seed is 1, but was None"),
    "class": ({"model": Renamed}, "model is Renamed, but was Sequential"),
    "loss": ({"loss": lambda o, t: cross_entropy(o, t)}, "loss is .*<lambda> with the code"),
    "mini-batch": ({"batch_size": 4}, "batch_size is 4, but was 5"),
    "clipping": ({"clip_norm": None}, r"clip_norm is None, but was 1\.0"),
    "patience": ({"patience": 9}, "patience is 9, but was 5"),
    "seed": ({"rng": 8}, "rng is 8, but was 7"),
    "one number": ({"inputs": ELSEWHERE}, "not the same inputs as before"),
    "order": ({"inputs": DATA.features[15::-1]}, "not the same inputs as before"),
    "one label": ({"targets": [1 - DATA.labels[0], *DATA.labels[1:16]]}, "not the same targets as"),
    "other split": (
        {"validation": (DATA.features[17:], DATA.labels[17:])},
        "not the same validation as before",
    ),
    "no validation": ({"validation": None, "patience": None}, "is None, but was 5"),
    "fewer examples": (
        {"inputs": DATA.features[:15], "targets": DATA.labels[:15]},
        "examples is 15, but was 16",
    ),
    "note": ({"notes": {"--size": 4}}, "--size is 4, but was 3"),
    "no note": ({"notes": None}, "--size is missing, but was 3"),
    "one more note": ({"notes": {"--size": 3, "--new": 1}}, "--new is 1, but was missing"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_differs_is_refused_in_one_line_that_names_it(tmp_path: Path, other: str) -> None:
    path = tmp_path / "run.json"
    train(path, 2)
    written = path.read_bytes()
    changes, message = OTHERS[other]
    model, made = changes.get("model", network)(), []
    before = state(model, adamw(model.parameters()))[::2]

    def optimiser(parameters: list[Value]) -> Any:
        made.append(changes.get("optimiser", adamw)(parameters))
        return made[0]

    source = random.getstate()
    with pytest.raises(SavedFileError, match=message) as caught:
        train(path, 6, True, **{**changes, "model": lambda: model, "optimiser": optimiser})
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: it belongs to another run: ")
    assert state(model, made[0])[::2] == before
    assert made[0].state == {}
    assert random.getstate() == source
    assert path.read_bytes() == written


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lambda: network(activation=halved), lambda: network(activation=lambda x: x * 0.5)),
        (lambda: network(activation=bent(1.0)), lambda: network(activation=bent(2.0))),
    ],
)
def test_functions_of_ones_own_are_compared_by_their_code_and_what_they_refer_to(
    tmp_path: Path, first: Any, second: Any
) -> None:
    path = tmp_path / "run.json"
    train(path, 1, model=first)
    train(path, 2, True, model=first)
    with pytest.raises(SavedFileError, match=r"neurons\.0\.activation"):
        train(path, 3, True, model=second)


def test_fewer_epochs_than_there_were_are_refused(tmp_path: Path) -> None:
    train(tmp_path / "run.json", 3)
    with pytest.raises(SavedFileError, match="it has 3 epochs, more than the 2 asked for"):
        train(tmp_path / "run.json", 2, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["w.0", "b", "SGD", "rng", "model"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["w.0", "b", "lr", "momentum_buffer", "rng"]), inner),
    max_leaves=6,
)  # fmt: skip


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every holder in a content with each of its keys; of long lists, the first few."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content[:5])
    for key, part in pairs:
        yield content, key
        if isinstance(part, dict | list):
            yield from places(part)


@given(where=st.floats(0, 1, exclude_max=True), what=JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_a_changed_file_is_refused_even_under_a_right_checksum_or_is_taken_up(
    tmp_path: Path, where: float, what: Any
) -> None:
    path, model = tmp_path / "run.json", Neuron(2, rng=random.Random(1))
    optimiser = SGD(model.parameters(), 0.1, momentum=0.5)
    examples: Any = (DATA.features[:4], [0.0] * 4)

    def run(epochs: int, resume: bool) -> None:
        fit(
            model, mse, *examples, optimiser, epochs, progress=False, checkpoint=path,
            resume=resume, validation=examples, patience=2,
        )  # fmt: skip

    run(1, False)
    content = documents.read(path, "checkpoint")
    found = list(places(content))
    holder, key = found[int(where * len(found))]
    holder[key] = what
    documents.write(path, "checkpoint", content)
    before = model.state_dict(), optimiser.state_dict()
    try:
        run(1, True)
    except SavedFileError:
        assert (model.state_dict(), optimiser.state_dict()) == before


# --- what may differ -----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("parts", [(1, 6), (2, 3, 6), (6, 6)], ids=str)
def test_more_epochs_go_on_bit_for_bit(tmp_path: Path, parts: tuple[int, ...], suffix: str) -> None:
    whole_run = train(None, 6)
    path = tmp_path / f"run.{suffix}"
    for number, epochs in enumerate(parts):
        # Everything is made anew: only the checkpoint knows what was before.
        model, optimiser, history = train(path, epochs, number > 0)
    assert state(model, optimiser) == state(*whole_run[:2])
    assert list(history) == list(whole_run[2])
    assert history.validation == whole_run[2].validation


def test_the_same_examples_may_stand_in_another_container(tmp_path: Path) -> None:
    train(tmp_path / "run.json", 1)
    rows = np.array(DATA.features[:16])
    train(tmp_path / "run.json", 2, True, inputs=rows, targets=list(DATA.labels[:16]))


class Pair(Module):
    """Two layers, set in the order given."""

    def __init__(self, order: str) -> None:
        made = {"a": Layer(2, 2, rng=random.Random(1)), "b": Layer(2, 2, rng=random.Random(2))}
        for name in order:
            setattr(self, name, made[name])

    def __call__(self, x: Any) -> Any:
        return self.b([v.tanh() for v in self.a(x)])  # type: ignore[attr-defined]


def test_weights_and_memory_go_by_name_when_attributes_change_places(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    usual = train(None, 4, model=lambda: Pair("ab"), clip_norm=None)
    train(path, 2, model=lambda: Pair("ab"), clip_norm=None)
    swapped, optimiser, history = train(path, 4, True, model=lambda: Pair("ba"), clip_norm=None)
    assert next(iter(swapped.state_dict())) == "b.neurons.0.w.0"
    assert swapped.state_dict() == usual[0].state_dict()
    assert optimiser.state_dict() == usual[1].state_dict()
    assert list(history) == list(usual[2])


def test_parameters_that_are_not_trained_come_back_too(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def make(offset: float) -> Sequential:
        model = network()
        model.parts[0].neurons[0].b.data = offset  # type: ignore[attr-defined]
        return model

    def head(parameters: list[Value]) -> AdamW:
        return adamw(parameters[-10:])

    first, _, _ = train(path, 1, model=lambda: make(0.25), optimiser=head)
    second, _, _ = train(path, 1, True, model=lambda: make(0.75), optimiser=head)
    assert second.state_dict() == first.state_dict()


def test_a_function_is_searched_for_what_it_refers_to(tmp_path: Path) -> None:
    def run(path: Path | None, epochs: int, resume: bool = False, p: float = 0.2) -> Any:
        net = network(p=p)
        optimiser = adamw(net.parameters())
        history = fit(
            lambda x: net(x), cross_entropy, DATA.features, DATA.labels, optimiser, epochs,
            progress=False, checkpoint=path, resume=resume,
        )  # fmt: skip
        return state(net, optimiser), list(history)

    path = tmp_path / "run.json"
    run(path, 1)
    assert run(path, 3, True) == run(None, 3)
    with pytest.raises(SavedFileError, match=r"model\.net\.parts\.1\.p is 0\.4, but was 0\.2"):
        run(path, 3, True, p=0.4)


class Noisy(Module):
    """A module with sources of random numbers of its own."""

    def __init__(self) -> None:
        self.w, self.sources = Value(1.0), [random.Random(1), random.Random(2)]

    def __call__(self, x: Any) -> Value:
        return self.w * (x[0] + self.sources[0].random() + self.sources[1].gauss(0, 1))


def test_every_source_of_random_numbers_is_resumed(tmp_path: Path) -> None:
    def run(path: Path | None, epochs: int, resume: bool = False) -> Any:
        model = Noisy()
        history = fit(
            model, mse, DATA.features, DATA.labels, SGD([model.w], 0.01), epochs, progress=False,
            checkpoint=path, resume=resume,
        )  # fmt: skip
        return model.w.data, list(history)

    run(tmp_path / "run.json", 1)
    assert run(tmp_path / "run.json", 3, True) == run(None, 3)


def test_what_a_loss_draws_and_learns_is_resumed(tmp_path: Path) -> None:
    class Learned(Module):
        def __init__(self) -> None:
            self.scale, self.noise = Value(1.0), Dropout(0.5)

        def __call__(self, outputs: Any, targets: Any) -> Any:
            return mse(outputs, self.noise(list(targets))) * self.scale

    def run(path: Path | None, epochs: int, resume: bool, seed: int, teacher: float) -> Any:
        random.seed(seed)
        model, learned, source = Neuron(2, rng=random.Random(0)), Learned(), random.Random(3)
        other = Neuron(2, rng=random.Random(0))
        other.b.data = teacher

        def loss(outputs: Any, targets: Any) -> Any:
            taught = [other(x).data for x in DATA.features[: len(outputs)]]
            return learned(outputs, taught) + source.random() * learned.scale

        optimiser = adamw([*model.parameters(), learned.scale])
        history = fit(
            model, loss, DATA.features, [0.0] * 24, optimiser, epochs, progress=False,
            checkpoint=path, resume=resume,
        )  # fmt: skip
        return model.state_dict(), learned.scale.data, list(history)

    run(tmp_path / "run.json", 1, False, 1, 0.25)
    assert run(tmp_path / "run.json", 3, True, 2, 0.75) == run(None, 3, False, 3, 0.25)


@pytest.mark.parametrize("moment", range(1, 22, 4))
def test_an_interrupted_run_is_resumed_with_the_very_objects(tmp_path: Path, moment: int) -> None:
    class Clock:
        _time = 0  # hidden: no part of what the loss is

    model, clock = network(), Clock()
    optimiser = adamw(model.parameters())
    schedule = cosine(optimiser)

    def loss(outputs: Any, targets: Any) -> Any:
        clock._time += 1
        if clock._time == moment:
            raise KeyboardInterrupt
        return cross_entropy(outputs, targets)

    def run(path: Path | None, resume: bool, *what: Any) -> Any:
        return fit(
            what[0], loss, DATA.features, DATA.labels, what[1], 6, 8, progress=False,
            schedule=what[2], checkpoint=path, resume=resume,
        )  # fmt: skip

    if run(tmp_path / "run.json", False, model, optimiser, schedule).stopped:
        history = run(tmp_path / "run.json", True, model, optimiser, schedule)
        twin = network()
        other = adamw(twin.parameters())
        assert list(history) == list(run(None, False, twin, other, cosine(other)))
        assert state(model, optimiser) == state(twin, other)
    else:
        assert moment > 18


def test_a_rate_changed_by_hand_is_not_taken_back_in_silence(tmp_path: Path) -> None:
    path, model = tmp_path / "run.json", network()
    optimiser = adamw(model.parameters())
    again = {"model": lambda: model, "optimiser": lambda _: optimiser, "schedule": None}
    train(path, 1, **again)
    train(path, 2, True, **again)
    optimiser.lr = 5.0
    with pytest.raises(SavedFileError, match=r"lr is 5\.0, but was 0\.05"):
        train(path, 3, True, **again)


class Buzzing(Module):
    """A module with generators of NumPy of its own."""

    def __init__(self) -> None:
        self.w, self.deep = Value(1.0), {"a": [np.random.default_rng(1)]}

    def __call__(self, x: Any) -> Value:
        return self.w * (x[0] + float(self.deep["a"][0].normal()))


def test_generators_of_numpy_are_resumed(tmp_path: Path) -> None:
    def run(path: Path | None, epochs: int, resume: bool = False) -> Any:
        model = Buzzing()
        history = fit(
            model, mse, DATA.features, [0.0] * 24, SGD([model.w], 0.01), epochs, 5,
            np.random.default_rng(3), progress=False, checkpoint=path, resume=resume,
        )  # fmt: skip
        return model.w.data, list(history)

    run(tmp_path / "run.json", 1)
    assert run(tmp_path / "run.json", 3, True) == run(None, 3)


def grouped(parameters: list[Value], decay: float = 0.1, turned: bool = False) -> AdamW:
    """Return an optimiser of two groups, the parameters in each in turn or in reverse."""
    groups = [parameters[:8], parameters[8:]]
    turn = -1 if turned else 1
    one, two = (
        {"params": group[::turn], "lr": lr} for group, lr in zip(groups, (0.1, 0.02), strict=True)
    )
    return AdamW([one, {**two, "weight_decay": decay}])


def test_groups_of_parameters_are_resumed_by_name(tmp_path: Path) -> None:
    path, usual = tmp_path / "run.json", train(None, 4, optimiser=grouped, clip_norm=None)
    for turned in (False, True):
        train(path, 2, optimiser=grouped, clip_norm=None)
        again = partial(grouped, turned=turned)
        model, _, history = train(path, 4, True, optimiser=again, clip_norm=None)
        assert model.state_dict() == usual[0].state_dict()
        assert list(history) == list(usual[2])
    with pytest.raises(SavedFileError, match=r"optimiser\.1\.weight_decay is 0\.2, but was 0\.1"):
        train(path, 5, True, optimiser=lambda p: grouped(p, 0.2), clip_norm=None)


# --- refused before training ---------------------------------------------------------------------


def never(outputs: Any, targets: Any) -> Any:
    raise AssertionError("it was trained")


class System(Module):
    """A module with a source that has no state."""

    def __init__(self) -> None:
        self.w, self.source = Value(1.0), random.SystemRandom()

    def __call__(self, x: Any) -> Any:
        return self.w * x[0]


@pytest.mark.parametrize(
    ("make", "changes", "error", "message"),
    [
        (network, {"path": "no/such/folder.json"}, FileNotFoundError, "no/such"),
        (lambda: Neuron(2), {"weight": 1j}, TypeError, "holds floats, but w.0 is 1j"),
        (lambda: Neuron(2), {"weight": float("nan")}, FloatingPointError, "w.0 is nan"),
        (System, {}, TypeError, r"source is .*SystemRandom.* no state that could be"),
    ],
)
def test_what_cannot_be_written_is_refused_before_training(
    tmp_path: Path, make: Any, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = make()
    if "weight" in changes:
        model.w[0].data = changes.pop("weight")
    path = tmp_path / changes.pop("path", "run.json")
    with pytest.raises(error, match=message):
        train(path, 1, model=lambda: model, loss=never, **changes)
    assert list(tmp_path.iterdir()) == []


def test_the_first_state_is_written_before_the_first_step(tmp_path: Path) -> None:
    path, seen = tmp_path / "run.json", []

    def loss(outputs: Any, targets: Any) -> Any:
        if not seen:
            seen.append(json.loads(path.read_text())["content"])
        return cross_entropy(outputs, targets)

    train(path, 1, loss=loss)
    assert seen[0]["parameters"] == network().state_dict()
    assert seen[0]["losses"] == []


def test_what_a_checkpoint_cannot_hold_may_not_change_in_training(tmp_path: Path) -> None:
    class Counting(Module):
        def __init__(self) -> None:
            self.net, self.calls, self._hidden = network(), 0, 0

        def __call__(self, x: Any) -> Any:
            self._hidden += 1
            self.calls += self.count
            return self.net(x)

        count = 1

    message = r"model\.calls was 0 and became 24 in training, but .* leading underscore"
    with pytest.raises(TypeError, match=message):
        train(tmp_path / "run.json", 2, model=Counting)
    Counting.count = 0
    train(tmp_path / "run.json", 2, model=Counting)


# --- the best weights, with all that belongs to them ---------------------------------------------


@pytest.mark.parametrize("resumed", [False, True])
def test_the_best_weights_come_back_with_the_memory_of_their_step(
    tmp_path: Path, resumed: bool
) -> None:
    def run(path: Path | None, epochs: int, resume: bool, patience: int | None = 3) -> Any:
        return train(
            path, epochs, resume, schedule=lambda o: cosine(o, 40), patience=patience,
            optimiser=lambda p: adamw(p, 0.3), validation=(DATA.features[16:], [0] * 8),
        )  # fmt: skip

    path = tmp_path / "run.json"
    if resumed:
        run(path, 2, False)
    model, optimiser, history = run(path, 40, resumed)
    best = history.best_epoch
    assert history.stopped == "early"
    assert len(history) == best + 3
    twin, other, _ = run(None, best, False, None)
    assert model.state_dict() == twin.state_dict()
    assert optimiser.state_dict() == other.state_dict()


# --- what tells a run from others ----------------------------------------------------------------


def test_facts_tell_options_and_leave_out_what_moves() -> None:
    model = MLP(1, [2, 1], activation=halved)
    before = facts("model", model)
    for parameter in model.parameters():
        parameter.data += 1.0
    assert facts("model", model.eval()) == before
    optimiser = SGD(model.parameters(), 0.5, momentum=0.5)
    schedule = StepLR(optimiser, 3)
    first = facts("optimiser", optimiser), facts("schedule", schedule)
    model([1.0]).backward()
    optimiser.step()
    schedule.step()
    assert (facts("optimiser", optimiser), facts("schedule", schedule)) == first


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([[1.0, 2.0]], [(1, 2)]),
        ([[1.0, 2.0]], np.array([[1.0, 2.0]], dtype=np.float32)),
        ([True, 0], [1.0, False]),
        ([Value(1.5)], [1.5]),
        ({"a": [1]}, {"a": (1.0,)}),
    ],
)
def test_a_checksum_looks_through_containers(one: Any, two: Any) -> None:
    assert checksum(one) == checksum(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([[1.0], [2.0]], [[1.0, 2.0]]),
        ([1.0, [2.0]], [[1.0], 2.0]),
        ([12.0], [1.0, 2.0]),
        ([0.1 + 0.2], [0.3]),
        ([2**53 + 1], [2**53]),
        ([0.0], [-0.0]),
        (["ab", "c"], ["a", "bc"]),
        (["1.0"], [1.0]),
        ({"a": 1}, {"b": 1}),
        ([None], [0.0]),
        ([1.0], [1 + 0j]),
    ],
)
def test_a_checksum_tells_examples_apart(one: Any, two: Any) -> None:
    assert checksum(one) != checksum(two)


def test_whole_finds_what_a_callable_is_made_of() -> None:
    net, w = Neuron(1), Value(2.0)

    class Caller:
        def __init__(self) -> None:
            self._net = net

        def __call__(self, x: Any) -> Any:
            return self._net(x) * w

    def inner(x: Any) -> Any:
        return net(x) * w

    assert whole(net) is net
    for model in (lambda x: inner(x), inner, Caller(), Caller().__call__):
        found = whole(model).parameters()
        assert {*map(id, net.parameters())} <= {*map(id, found)}
    assert id(w) in {*map(id, whole(inner).parameters())}
