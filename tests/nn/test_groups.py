"""Groups of parameters: settings of their own, states, what is refused; how optimisers print."""

from __future__ import annotations

import copy
import inspect
import json
import math
import pickle
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Neuron, fit
from nn.losses import mse
from nn.optim import SGD, Adam, AdamW, CosineAnnealingLR, Optimizer, Option, RMSprop
from nn.optim.options import non_negative

GRADIENTS = (1.0, -2.0, 0.5, 3.0, -1.0)

# Each optimiser, and two groups with settings of their own.
KINDS: dict[str, tuple[type[Any], dict[str, Any], dict[str, Any]]] = {
    "sgd": (SGD, {"momentum": 0.9, "nesterov": True}, {"lr": 0.2, "weight_decay": 0.1}),
    "dampened": (SGD, {"momentum": 0.9, "dampening": 0.5}, {}),
    "mixed": (SGD, {}, {"momentum": 0.5}),
    "rmsprop": (RMSprop, {"lr": 0.01}, {"momentum": 0.5, "alpha": 0.9}),
    "adam": (Adam, {"betas": (0.8, 0.9)}, {"lr": 0.5, "weight_decay": 0.1}),
    "adamw": (AdamW, {"lr": 0.05}, {"eps": 1e-3, "weight_decay": 0.5}),
}


def move(optimiser: Optimizer, gradients: tuple[float, ...] = GRADIENTS) -> list[float]:
    """Return the numbers of the parameters after steps with gradients that differ by parameter."""
    for gradient in gradients:
        for i, parameter in enumerate(optimiser.params):
            parameter.grad = gradient + i
        optimiser.step()
    return [parameter.data for parameter in optimiser.params]


def pair(name: str) -> Any:
    """Return an optimiser of two groups with one parameter each."""
    kind, first, second = KINDS[name]
    groups = [{"params": Value(1.0), **first}, {"params": [Value(2.0)], **second}]
    return kind(groups, lr=0.1)


# --- moving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_groups_move_as_optimisers_of_their_own(name: str) -> None:
    kind, *settings = KINDS[name]
    alone = []
    for i, options in enumerate(settings):
        optimiser = kind([Value(1.0 + i)], **{"lr": 0.1, **options})
        alone += move(optimiser, tuple(g + i for g in GRADIENTS))
    assert move(pair(name)) == alone


def test_biases_do_not_decay_in_a_group_of_their_own() -> None:
    model = MLP(2, [3, 1])
    named = dict(model.named_parameters())
    biases = [p for name, p in named.items() if name.endswith(".b")]
    weights = [p for name, p in named.items() if not name.endswith(".b")]
    assert (len(biases), len(weights)) == (4, 9)
    for p in biases:
        p.data = 1.0
    before = [p.data for p in weights]
    groups = [{"params": weights}, {"params": biases, "weight_decay": 0}]
    optimiser = SGD(groups, lr=0.5, weight_decay=0.5)
    optimiser.step()
    assert [p.data for p in weights] == [0.75 * w for w in before]
    assert [p.data for p in biases] == [1.0] * 4


@pytest.mark.parametrize("name", KINDS)
def test_a_group_that_is_added_later_starts_afresh(name: str) -> None:
    kind, first, second = KINDS[name]
    late = kind([{"params": Value(1.0), **first}], lr=0.1)
    move(late, GRADIENTS[:2])
    late.add_param_group({"params": Value(2.0), **second})
    alone = kind([{"params": Value(2.0), **second}], lr=0.1)
    begun = move(kind([{"params": Value(1.0), **first}], lr=0.1))
    expected = move(alone, tuple(g + 1 for g in GRADIENTS[2:]))
    assert move(late, GRADIENTS[2:]) == [*begun, *expected]


def test_gradients_of_all_groups_are_reset() -> None:
    optimiser = pair("sgd")
    for parameter in optimiser.params:
        parameter.grad = 1.0
    optimiser.zero_grad()
    assert [p.grad for p in optimiser.params] == [0, 0]


# --- settings ------------------------------------------------------------------------------------


def test_a_setting_is_read_and_set_in_all_groups_at_once() -> None:
    optimiser = Adam([{"params": Value(1.0)}, {"params": Value(2.0)}], lr=0.5)
    assert optimiser.lr == 0.5
    optimiser.betas = [0.5, 0.75]
    assert [group["betas"] for group in optimiser.param_groups] == [(0.5, 0.75)] * 2
    optimiser.param_groups[1]["lr"] = 0.25
    with pytest.raises(AttributeError, match=r"differ in lr: 0\.5, 0\.25; read .*\[i\]\['lr'\]"):
        _ = optimiser.lr


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("lr", -1.0, "lr has to be a finite number of at least 0, but was -1.0"),
        ("lr", "fast", "lr has to be .* but was 'fast'"),
        ("lr", True, "lr has to be .* but was True"),
        ("nesterov", True, "nesterov needs momentum above 0"),
        ("nesterov", 2, "nesterov has to be True or False, but was 2"),
    ],
)
def test_a_setting_is_checked_wherever_it_comes_from(name: str, given: Any, message: str) -> None:
    optimiser = SGD([Value(1.0)], lr=0.5)
    before = optimiser.state_dict()
    with pytest.raises(ValueError, match=message):
        setattr(optimiser, name, given)
    with pytest.raises(ValueError, match=message):
        SGD([Value(1.0)], **{name: given})
    with pytest.raises(ValueError, match=message):
        SGD([{"params": Value(1.0), name: given}])
    with pytest.raises(ValueError, match=message):
        optimiser.add_param_group({"params": Value(2.0), name: given})
    with pytest.raises(ValueError, match=r"cannot be|nesterov needs"):
        optimiser.load_state_dict({**before, "settings": {**before["settings"], name: given}})
    assert optimiser.state_dict() == before


def test_numbers_of_numpy_are_kept_as_pythons_own() -> None:
    optimiser = SGD([Value(1.0)], lr=np.float32(0.5), momentum=np.float64(0.1))
    assert [type(optimiser.lr), type(optimiser.momentum)] == [float, float]
    json.dumps(optimiser.state_dict())
    assert SGD([Value(Fraction(1))], lr=Fraction(1, 3)).lr == Fraction(1, 3)


@pytest.mark.parametrize(
    ("make", "name", "given", "message"),
    [
        (SGD, "lr", -0.5, "lr has to be a finite number of at least 0, but was -0.5"),
        (SGD, "lr", math.nan, "lr has to be a finite number of at least 0, but was nan"),
        (SGD, "momentum", "0.9", "momentum has to be"),
        (SGD, "nesterov", True, "nesterov needs momentum above 0"),
        (Adam, "lr", -0.5, "lr has to be a finite number of at least 0, but was -0.5"),
        (Adam, "betas", (0.9, 1.0), r"betas\[1\] has to be at least 0 and below 1"),
        (RMSprop, "alpha", 1.5, "alpha has to be at least 0 and below 1, but was 1.5"),
    ],
)
def test_what_is_put_into_a_group_is_checked_before_the_next_step(
    make: type[Optimizer], name: str, given: Any, message: str
) -> None:
    """Whether in the first step or later (https://github.com/pytorch/pytorch/issues/30889)."""
    for steps in (0, 2):
        w, b = Value(1.0), Value(1.0)
        optimiser = make([{"params": w}, {"params": b, "weight_decay": 0.1}], lr=0.1)
        for _ in range(steps):
            w.grad = b.grad = 1.0
            optimiser.step()
        for group in optimiser.param_groups:  # if it is the second, the first is not moved either
            before = w.data, b.data, optimiser.state_dict()
            kept, group[name] = group[name], given
            for _ in range(2):  # a second try is no way around
                with pytest.raises(ValueError, match=message):
                    optimiser.step()
            group[name] = kept
            assert (w.data, b.data, optimiser.state_dict()) == before
        w.grad = b.grad = 1.0
        optimiser.step()
        assert w.data < before[0]


W = Value(1.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([{"params": W}, {"params": [W]}]), ValueError, "twice"),
        (lambda: SGD([{"params": [W, W]}]), ValueError, "twice"),
        (lambda: SGD([{"params": []}, {"params": ()}]), ValueError, "params is empty"),
        (lambda: SGD({"params": [W]}), TypeError, "was a dict; put the group in a list"),
        (lambda: SGD({W}), TypeError, "was a set; a set has no order"),
        (lambda: SGD([{"params": {W}}]), TypeError, "were a set, which has no order"),
        (lambda: SGD([{"params": W}, Value(2.0)]), TypeError, "'params', but was Value"),
        (lambda: SGD([{"lr": 0.1}]), TypeError, "'params', but was {'lr': 0.1}"),
        (lambda: SGD([{"params": [1.0]}]), TypeError, "has to be a Value, but one was 1.0"),
        (
            lambda: SGD([{"params": W, "weigth_decay": 0}]),
            ValueError,
            "SGD has no setting 'weigth_decay'; it has lr, momentum, dampening, weight_decay, nest",
        ),
        (lambda: Adam([W], betas=(0.9, 1.0)), ValueError, r"betas\[1\] has to be .* was 1.0"),
        (lambda: Adam([W], betas=0.9), ValueError, "betas has to be two numbers, but was 0.9"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_group_may_be_empty_beside_others_and_come_from_a_generator() -> None:
    def groups() -> Iterator[dict[str, Any]]:
        yield {"params": (p for p in [Value(1.0)])}
        yield {"params": [], "weight_decay": 0}

    optimiser = Adam(groups(), lr=0.5)
    move(optimiser)
    again = Adam(groups(), lr=0.5)
    again.load_state_dict(json.loads(json.dumps(optimiser.state_dict())))
    assert again.state_dict() == optimiser.state_dict()


# --- states --------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True], ids=["at once", "added later"])
@pytest.mark.parametrize("name", KINDS)
def test_groups_taken_up_from_json_go_on_bit_for_bit(name: str, late: bool) -> None:
    def begun() -> Any:
        kind, first, second = KINDS[name]
        if not late:
            optimiser = pair(name)
            move(optimiser, GRADIENTS[:2])
            return optimiser
        optimiser = kind([{"params": Value(1.0), **first}], lr=0.1)
        move(optimiser, GRADIENTS[:2])
        optimiser.add_param_group({"params": [Value(2.0)], **second})
        return optimiser

    first, second = begun(), pair(name)
    for parameter, twin in zip(first.params, second.params, strict=True):
        twin.data = parameter.data
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert move(second, GRADIENTS[2:]) == move(first, GRADIENTS[2:])


def test_a_state_of_one_group_looks_as_it_always_did() -> None:
    optimiser = Adam([Value(1.0)], lr=0.5)
    move(optimiser, (1.0,))
    settings = {"lr": 0.5, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "steps": 1}
    assert optimiser.state_dict() == {
        "class": "Adam",
        "settings": settings,
        "state": {"exp_avg": [1 - 0.9], "exp_avg_sq": [1 - 0.999]},
    }
    # Earlier versions always told the rate that schedules start from.
    before = {**optimiser.state_dict(), "settings": {**settings, "initial_lr": 0.25}}
    optimiser.load_state_dict(before)
    assert optimiser.state_dict() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["settings"].pop(), "has 1 groups of parameters, but this one has 2"),
        (lambda s: s.update(settings=s["settings"][0]), "has 1 groups of parameters"),
        (lambda s: s["settings"][1].update(params=2), "group 1 of .* has 2 parameters, .* has 1"),
        (lambda s: s["settings"][1].update(betas=[0.9, 1]), r"the saved betas .* \[0.9, 1\]"),
        (lambda s: s["settings"][0].update(steps=1.5), "the saved steps of Adam cannot be 1.5"),
        (lambda s: s["settings"][0].update(initial_lr=-1), "the saved initial_lr .* cannot be -1"),
        (lambda s: s["settings"][0].update(foo=1), "the saved settings of Adam have to be lr"),
        (lambda s: s["settings"][0].update(steps=0), "has taken 0 steps, but remembers exp_avg"),
        (lambda s: s["state"].clear(), "has taken 5 steps, but remembers nothing"),
        (lambda s: s["state"].pop("exp_avg_sq"), "has taken 5 steps, but remembers exp_avg"),
        (lambda s: s["state"].update(exp_avg=[1.0, None]), "5 steps, but remembers exp_avg_sq"),
        (
            lambda s: s["state"].update(exp_avg_sq=[1.0, -1.0]),
            "exp_avg_sq .* at least 0, but was -1",
        ),
        (lambda s: s["state"].update(exp_avg=[1.0, math.nan]), "exp_avg of Adam .* was nan"),
        (lambda s: s["state"].update(momentum=[1.0, 1.0]), "remembers exp_avg, exp_avg_sq, but"),
    ],
)
def test_a_state_that_cannot_be_is_refused_and_changes_nothing(
    change: Callable[[Any], Any], message: str
) -> None:
    optimiser = pair("adam")
    move(optimiser)
    before, state = optimiser.state_dict(), optimiser.state_dict()
    change(state)
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict(state)
    assert optimiser.state_dict() == before


def test_groups_of_other_sizes_are_refused() -> None:
    def sizes(*counts: int) -> Optimizer:
        return SGD([{"params": [Value(1.0) for _ in range(n)]} for n in counts])

    saved = sizes(1, 2).state_dict()
    sizes(1, 2).load_state_dict(saved)
    with pytest.raises(
        ValueError, match=r"group 0 of the saved SGD has 1 parameters, but here .* 2"
    ):
        sizes(2, 1).load_state_dict(saved)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SGD, "lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False"),
        (RMSprop, "lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0"),
        (Adam, "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0"),
        (AdamW, "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01"),
    ],
)
def test_keywords_their_order_and_their_defaults_are_pytorchs(kind: Any, expected: str) -> None:
    first, *others = inspect.signature(kind).parameters.values()
    assert first.name == "params"
    assert ", ".join(f"{x.name}={x.default!r}" for x in others) == expected


@pytest.mark.parametrize(
    ("optimiser", "state", "message"),
    [
        (RMSprop([W]), {"square_avg": [-1.0]}, "square_avg .* at least 0, but was -1.0"),
        (RMSprop([W]), {"momentum_buffer": [1.0]}, "a momentum_buffer, but no square_avg"),
        (SGD([W]), {"momentum_buffer": [math.inf]}, "momentum_buffer .* but was inf"),
        (SGD([W, Value(2.0)]), {"momentum_buffer": [1.0, None]}, "lacks some parameters"),
        (SGD([W]), {"exp_avg": [1.0]}, "SGD remembers momentum_buffer, but saved is exp_avg"),
    ],
)
def test_each_optimiser_knows_what_it_can_remember(
    optimiser: Optimizer, state: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    assert optimiser.state == {}


def test_a_run_with_groups_is_taken_up_from_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    inputs, targets = [[-1.0], [0.5], [2.0]], [1.0, 0.0, -2.0]

    def run(epochs: list[int]) -> list[float]:
        for i, number in enumerate(epochs):
            neuron = Neuron(1, nonlin=False, rng=random.Random(0))
            groups = [{"params": neuron.w}, {"params": neuron.b, "weight_decay": 0, "lr": 0.1}]
            optimiser = AdamW(groups, lr=0.5, weight_decay=0.25)
            fit(
                neuron, mse, inputs, targets, optimiser, number, 2, progress=False,
                schedule=CosineAnnealingLR(optimiser, 8), checkpoint=path, resume=i > 0,
            )  # fmt: skip
        return [p.data for p in neuron.parameters()]

    assert run([3, 6]) == run([6])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
def test_a_copy_goes_on_by_itself(copied: Callable[[Any], Any]) -> None:
    optimiser = pair("adam")
    move(optimiser)
    twin = copied(optimiser)
    expected = move(optimiser)
    assert move(twin) == expected


# --- optimisers of one's own, and printing --------------------------------------------------------


class Sign(Optimizer):
    """Steps of one length against the sign of the gradient."""

    scale = Option(non_negative)

    def __init__(self, params: Any, lr: float = 1.0, scale: float = 1.0) -> None:
        super().__init__(params, lr, scale=scale)

    def step(self) -> None:
        for group, _ in self.spans():
            for p in group["params"]:
                p.data -= group["lr"] * group["scale"] * math.copysign(1, p.grad)


def test_an_optimiser_of_ones_own_has_groups_and_a_state() -> None:
    optimiser = Sign([{"params": Value(1.0)}, {"params": Value(1.0), "scale": 3.0}], lr=0.5)
    assert move(optimiser, (1.0,)) == [0.5, -0.5]
    again = Sign([{"params": Value(1.0)}, {"params": Value(1.0)}])
    again.load_state_dict(optimiser.state_dict())
    assert [group["scale"] for group in again.param_groups] == [1.0, 3.0]


def test_an_attribute_that_would_not_be_saved_is_named() -> None:
    optimiser = SGD([Value(1.0)])
    optimiser.momentun = 0.9  # type: ignore[attr-defined]
    with pytest.raises(
        TypeError, match=r"SGD.momentun would not be saved; declare it in the class"
    ):
        optimiser.state_dict()


def test_an_optimiser_prints_as_in_pytorch() -> None:
    groups = [{"params": Value(1.0)}, {"params": Value(2.0), "lr": 0.5}]
    assert (
        repr(SGD(groups, lr=0.1, momentum=0.9))
        == """\
SGD (
Parameter Group 0
    dampening: 0
    lr: 0.1
    momentum: 0.9
    nesterov: False
    weight_decay: 0
Parameter Group 1
    dampening: 0
    lr: 0.5
    momentum: 0.9
    nesterov: False
    weight_decay: 0
)"""
    )
