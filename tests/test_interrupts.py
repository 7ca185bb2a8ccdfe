"""Ctrl-C and MemoryError at every line: modes are as they were, and graphs can be swept again."""

from __future__ import annotations

import gc
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from injector import changed_modes, interrupts

import autograd as ag
import nn
from autograd import Value, no_grad, record
from autograd.ending import Ending
from autograd.graph.modes import MODES, OPEN, Block, Modes
from nn.modes import evaluation

# What an interrupt may strike between the end of a `with` statement and the first line of what
# `__exit__` does: CPython has no way to close these two.
OPEN_POINTS = ("Block.__exit__: try:", "Ending.__exit__: try:")


x = Value(2.0, label="x")
d = Value(Decimal(2))
model = nn.MLP(1, [2, 1], rng=random.Random(0))


def gradients_are_off() -> None:
    with no_grad():
        x * x


def recorded_and_watched() -> None:
    with record(), ag.detect_anomaly():
        (x * x).backward()


def modules_recorded() -> None:
    with record():
        model([1.0])


@no_grad()
def decorated() -> Value:
    return x * x


@record()
def generator() -> Iterator[Value]:
    yield x * x
    yield x * x


def generated() -> None:
    list(generator())


def collector() -> None:
    with ag.collector_paused():
        ag.norm([x, x])  # the C twin leaves it to Python, whose lines there are


def evaluated() -> None:
    with evaluation():
        model([1.0])


def stacked() -> None:
    with ExitStack() as stack:
        stack.enter_context(no_grad())
        stack.enter_context(evaluation())
        x * x


def nested() -> None:
    ag.grad(ag.grad(lambda x: x * x * x))(2.0)


def decimals() -> None:
    (1 / d).backward()


def decimals_transformed() -> None:
    ag.grad(lambda x: x / (x + 1))(Decimal(2))


def forward() -> None:
    ag.jvp(lambda x: x * x, (2.0,), (1.0,))


def recomputed() -> None:
    ag.checkpoint(lambda x: x.exp() * x)(x).backward()


def hooked() -> None:
    y = x * x
    y.register_hook(lambda g: g * 2)
    y.backward()


def trained() -> None:
    neuron = nn.Neuron(1, rng=random.Random(0))
    sgd = nn.optim.SGD(neuron.parameters(), lr=0.1)
    nn.fit(neuron, nn.losses.mse, [[1.0]], [1.0], sgd, epochs=1, progress=False)


RUNS: list[Callable[[], Any]] = [
    gradients_are_off, recorded_and_watched, decorated, generated, collector,
    evaluated, stacked, nested, decimals, forward, recomputed, hooked,
]  # fmt: skip
LONG = [
    (modules_recorded, 3),
    (decimals_transformed, 5),
    (trained, 7),
]  # and at how many of the lines


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """What was left behind has been told of in each test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x.backward()
    if OPEN:
        gc.collect()
    assert (list(OPEN), changed_modes()) == ([], [])


untold = pytest.mark.filterwarnings("ignore:a block .* was left behind:RuntimeWarning")


@untold
@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize(
    ("run", "step"), [*((run, 1) for run in RUNS), *LONG], ids=lambda x: getattr(x, "__name__", "")
)
def test_modes_are_as_before_when_the_exception_is_gone(
    run: Callable[[], Any], step: int, kind: type[BaseException]
) -> None:
    if kind is MemoryError:  # by the same ways
        step *= 4
    run()
    count = 0
    for interrupt in interrupts(run, kind, step):
        place = interrupt and interrupt.place
        del interrupt
        if run is stacked and changed_modes():
            gc.collect()  # an ExitStack leaves its exceptions in a cycle
        assert changed_modes() == [], place
        count += 1
    assert count > 7


@untold
@pytest.mark.parametrize(
    "run", [run for run in RUNS if run is not stacked], ids=lambda x: x.__name__
)
def test_while_its_traceback_lives_two_points_are_open(run: Callable[[], Any]) -> None:
    """The frame of `__exit__` holds the block: in a session Python keeps the last traceback."""
    run()
    for interrupt in interrupts(run):
        if interrupt is not None and changed_modes():
            assert interrupt.place in OPEN_POINTS
            x.backward()  # notices blocks, and drops them
            assert "modes" not in changed_modes()
            assert interrupt.place == OPEN_POINTS[1] or changed_modes() == []
        del interrupt


@untold
@pytest.mark.parametrize(("run", "place"), [(gradients_are_off, Block), (evaluated, Ending)])
def test_without_the_end_by_itself_the_injector_finds_what_is_left(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any], place: type
) -> None:
    monkeypatch.setattr(place, "__del__", lambda block: None)

    def left() -> set[str]:
        return {name for _ in interrupts(run) for name in changed_modes()}

    assert copy_context().run(left) == {"modes" if place is Block else "evaluation"}


def named() -> None:
    block = no_grad()
    with block:
        x * x


def transform() -> None:
    assert ag.grad(lambda x: x * x)(3.0) == 6.0


def training() -> None:
    trained()


@pytest.mark.parametrize("notices", [lambda: (x * x).backward(), transform, training])
def test_a_block_that_was_left_behind_is_dropped_with_a_warning(
    notices: Callable[[], None],
) -> None:
    """Of a block that has a name the frame of the `with` statement tells that it is over."""
    left = []
    for interrupt in interrupts(named):
        assert interrupt is None or MODES.get() == Modes() or interrupt.error.__traceback__
        if MODES.get() != Modes():
            left.append(interrupt.place if interrupt else "")
            with pytest.warns(RuntimeWarning, match=r"a block \(no_grad\) was left behind"):
                notices()
            assert MODES.get() == Modes()
    assert left == ["named: with block:", OPEN_POINTS[0]]


def test_a_block_entered_by_hand_holds_while_it_is_kept() -> None:
    def enter() -> Any:
        block = no_grad()
        block.__enter__()
        return block

    block = enter()
    x.backward()
    assert not (x * x).parents
    block.__exit__()
    assert (x * x).parents
    no_grad().__enter__()
    assert (x * x).parents, "nobody could leave it"
    with pytest.warns(RuntimeWarning, match="a call of __enter__ whose block was not kept"):
        (x * x).backward()


def test_the_first_warning_is_the_last() -> None:
    no_grad().__enter__()
    with pytest.warns(RuntimeWarning, match="left behind"):
        (x * x).backward()
    (x * x).backward()
    assert not OPEN


def test_a_block_around_the_one_that_is_dropped_goes_on() -> None:
    with record():
        no_grad().__enter__()
        with pytest.warns(RuntimeWarning, match="left behind"):
            (x * x).backward()
        assert (x * x).origin is not None
    assert (x * x).origin is None


def test_a_contextmanager_of_the_users_own_may_hold_blocks() -> None:
    @contextmanager
    def quiet() -> Iterator[None]:
        with no_grad():
            yield

    with quiet():
        x.backward()
        assert not (x * x).parents
    assert (x * x).parents


# -- sweeps -----------------------------------------------------------------------------------


def shared() -> tuple[Value, Value]:
    """A graph with shared nodes: y = (a^2 + a) a with a = x^2, which is x^6 + x^4."""
    x = Value(2.0)
    a = x * x
    return x, (a * a + a) * a


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize(
    "options",
    [{}, {"create_graph": True}, {"accumulate": "exact"}],
    ids=["plain", "graph", "exact"],
)
def test_an_interrupted_sweep_can_be_made_again(
    options: dict[str, Any], kind: type[BaseException]
) -> None:
    x, y = shared()
    truth = 6 * 2.0**5 + 4 * 2.0**3  # of x^6 + x^4
    for interrupt in interrupts(lambda: y.backward(**options), kind):
        x.zero_grad()
        y.backward()
        assert x.grad == truth, interrupt
        x.zero_grad()


def test_a_leaf_has_its_part_of_an_interrupted_sweep_or_not_never_a_number_in_between() -> None:
    """Where a graph is created, or a hook is looked for, leaves come last, each at once."""
    x, y = shared()
    for interrupt in interrupts(lambda: y.backward(create_graph=True)):
        assert getattr(x.grad, "data", x.grad) in (0, 224.0), interrupt
        x.zero_grad()


def test_a_transform_that_was_interrupted_gives_the_same_the_next_time() -> None:
    f = ag.grad(ag.grad(lambda x: x**3 * x))
    for interrupt in interrupts(lambda: f(2.0), step=11):
        assert f(2.0) == 48.0, interrupt


# -- training and saving ----------------------------------------------------------------------


def test_training_that_is_interrupted_leaves_each_module_in_its_mode() -> None:
    neuron = nn.Neuron(1, rng=random.Random(0))
    neuron.eval()
    sgd = nn.optim.SGD(neuron.parameters(), lr=0.1)

    def run() -> None:
        nn.fit(neuron, nn.losses.mse, [[1.0]], [1.0], sgd, epochs=1, progress=False)

    for interrupt in interrupts(run, step=13):
        place = interrupt and interrupt.place
        del interrupt
        assert not neuron.training, place


# A file that is struck between its opening and its `with` is closed by its finaliser.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_saved_model_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    neuron = nn.Neuron(1, rng=random.Random(0))
    nn.save(neuron, path)
    old = path.read_bytes()
    for parameter in neuron.parameters():
        parameter.data += 1.0
    nn.save(neuron, path)
    new = path.read_bytes()
    path.write_bytes(old)
    for interrupt in interrupts(lambda: nn.save(neuron, path), step=11):
        assert path.read_bytes() in (old, new), interrupt
        path.write_bytes(old)
