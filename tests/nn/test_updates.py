"""The updates of the optimisers: formulas for one parameter, of operands of any kind.

That their steps are, bit for bit, those of the loops that were written by hand before is stated in
`tests/test_before_rooms.py`.
"""
# ruff: noqa: E501  (a generated line is as long as it is)

from __future__ import annotations

import copy
import linecache
import math
import pickle
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from autograd import Value, maximum, sign, square
from autograd.functions.formulas import Expression
from autograd.functions.printing.text import TEXT
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from nn.optim.loops import loop
from nn.optim.options import Option, number

MAKERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "SGD": lambda ps: SGD(ps, 0.1),
    "SGD decayed": lambda ps: SGD(ps, 0.1, weight_decay=0.25),
    "SGD momentum": lambda ps: SGD(ps, 0.1, 0.9, dampening=0.25, weight_decay=0.25),
    "SGD Nesterov": lambda ps: SGD(ps, 0.1, 0.9, nesterov=True),
    "RMSprop": lambda ps: RMSprop(ps, 0.05, weight_decay=0.25),
    "RMSprop momentum": lambda ps: RMSprop(ps, 0.05, momentum=0.9),
    "Adam": lambda ps: Adam(ps, 0.1),
    "Adam decayed": lambda ps: Adam(ps, 0.1, weight_decay=0.25),
    "AdamW": lambda ps: AdamW(ps, 0.1, weight_decay=0.25),
}
KNOWN = [(name, known) for name, make in MAKERS.items()
         for known in range(len(make([Value(0.0)]).memory) + 1)]  # fmt: skip
POINT = {"value": 1.25, "gradient": -0.75, "first": 0.5, "second": 0.375}


def update(name: str, steps: int) -> tuple[Callable[..., tuple[Any, ...]], dict[str, Any]]:
    """The update of an optimiser that has taken so many steps, and its settings."""
    optimiser = MAKERS[name]([Value(0.0)])
    settings = optimiser.settings(optimiser.param_groups[0])
    return optimiser.update, settings | ({"steps": steps} if "steps" in settings else {})


# --- formulas ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_moves_each_parameter_as_the_update_says_of_numbers_and_of_values(name: str) -> None:
    rng = random.Random(7)
    params = [Value(rng.gauss(0, 1)) for _ in range(3)]
    optimiser = MAKERS[name](params)
    memories: list[list[float]] = [[], [], []]
    for steps in range(1, 5):
        for p in params:
            p.grad = rng.gauss(0, 1)
        formula, settings = update(name, steps)
        expected = []
        for p, memory in zip(params, memories, strict=True):
            numbers = formula(p.data, p.grad, *memory, **settings)
            values = formula(Value(p.data), Value(p.grad), *map(Value, memory), **settings)
            assert [getattr(v, "data", v) for v in values] == [*numbers]
            expected.append(numbers[0])
            memory[:] = numbers[1:]
        optimiser.step()
        assert [p.data for p in params] == expected
    kept = optimiser.state.values()
    assert [list(row) for row in zip(*kept, strict=True)] == [m for m in memories if m]


@pytest.mark.parametrize(("name", "known"), KNOWN)
def test_an_update_has_the_derivatives_of_its_formula(name: str, known: int) -> None:
    """By the rate, the value, the gradient and the memory; the oracle is mpmath's limit.

    In the first step of RMSprop terms of size 1 cancel: its length depends on no gradient.
    """
    formula, settings = update(name, 3)
    rate = settings.pop("lr")
    lr = Value(rate)
    point = [*POINT.values()][: 2 + known]
    xs = [Value(x) for x in point]
    formula(*xs, lr=lr, **settings)[0].backward()

    def exactly(*numbers: Any) -> Any:
        return formula(*numbers[1:], lr=numbers[0], **settings)[0]

    for i, leaf in enumerate([lr, *xs]):
        orders = [int(i == j) for j in range(len(xs) + 1)]
        with mpmath.workdps(40):
            at = tuple(map(mpmath.mpf, (rate, *point)))
            slope = float(mpmath.diff(exactly, at, tuple(orders)))
        assert leaf.grad == pytest.approx(slope, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("known", [0, 1, 2])
@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_a_step_from_a_gradient_of_0_has_a_derivative(name: str, known: int) -> None:
    """Of lr (1 - b1) / (1 - b1^t) g / (k |g| + eps) it is that of g / eps."""
    formula, settings = update(name, steps := 3 if known else 1)
    settings |= {"eps": 0.5, "weight_decay": None if name == "Adam" else 0}
    gradient, *memory = (Value(0.0) for _ in range(1 + known))
    formula(Value(1.0), gradient, *memory, **settings)[0].backward()
    share = (1 - 0.9) / (1 - 0.9**steps) if name == "Adam" else 1.0
    assert gradient.grad == pytest.approx(-settings["lr"] * share / 0.5, rel=1e-15)
    assert all(math.isfinite(m.grad) for m in memory)


def test_a_formula_can_be_read() -> None:
    names = ("value", "gradient", "momentum_buffer", "lr", "momentum", "weight_decay")
    value, gradient, buffer, lr, momentum, decay = (Expression(None, (), x) for x in names)
    settings = {"lr": lr, "momentum": momentum, "weight_decay": decay}
    moved, kept = SGD.update(value, gradient, buffer, **settings)
    assert TEXT(kept) == "momentum * momentum_buffer + 1 * (gradient + weight_decay * value)"
    assert TEXT(moved) == f"value - lr * ({TEXT(kept)})"


def test_exact_numbers_stay_exact() -> None:
    """b = 3/2, then 3/4 + 3/2; x = 2 - 3/2/3 - 9/4/3."""
    x = Value(Fraction(2))
    optimiser = SGD([x], Fraction(1, 3), Fraction(1, 2))
    for _ in range(2):
        x.grad = Fraction(3, 2)
        optimiser.step()
    assert (x.data, optimiser.state) == (Fraction(3, 4), {"momentum_buffer": [Fraction(9, 4)]})
    assert type(x.data) is Fraction


# --- loops -------------------------------------------------------------------------------------


def test_the_loop_of_adam() -> None:
    formula, settings = update("AdamW", 1)
    assert (
        loop(formula, ("exp_avg", "exp_avg_sq"), 2, settings).__doc__
        == """\
def move(params, exp_avgs, exp_avg_sqs, lr, beta1, beta2, eps, weight_decay, steps, decoupled):
    const_0 = 1 - beta1
    const_1 = 1 - beta2
    const_2 = 1 - lr * weight_decay
    const_3 = lr / (1 - math.pow(beta1, steps))
    const_4 = math.sqrt(1 - math.pow(beta2, steps))
    new_exp_avgs = [beta1 * exp_avg + const_0 * p.grad for p, exp_avg in zip(params, exp_avgs, strict=True)]
    new_exp_avg_sqs = [beta2 * exp_avg_sq + const_1 * p.grad * p.grad for p, exp_avg_sq in zip(params, exp_avg_sqs, strict=True)]
    part_7s = [(math.sqrt(new_exp_avg_sq) if new_exp_avg_sq else 0.0) / const_4 + eps for new_exp_avg_sq in new_exp_avg_sqs]
    for p, part_7, new_exp_avg in zip(params, part_7s, new_exp_avgs, strict=True):
        p.data = const_2 * p.data - const_3 * (new_exp_avg / part_7 if part_7 else 0.0)
    return [new_exp_avgs, new_exp_avg_sqs]"""
    )


def test_without_memory_there_is_one_loop() -> None:
    formula, settings = update("SGD", 1)
    assert (
        loop(formula, ("momentum_buffer",), 0, settings).__doc__
        == """\
def move(params, lr, momentum, dampening, weight_decay, nesterov):
    for p in params:
        p.data = p.data - lr * (p.grad + weight_decay * p.data)
    return []"""
    )


def test_a_loop_is_made_once_for_all_rates_and_again_for_another_formula() -> None:
    formula, settings = update("SGD momentum", 1)
    memory = ("momentum_buffer",)
    one = loop(formula, memory, 1, settings)
    assert loop(formula, memory, 1, settings | {"lr": 7.0, "weight_decay": Fraction(1)}) is one
    others = [loop(formula, memory, 0, settings)]
    others += [loop(formula, memory, 1, settings | {"nesterov": True})]
    others += [loop(formula, memory, 1, settings | {"momentum": None})]
    assert len({one, *others}) == 4


def test_the_order_of_the_settings_does_not_matter() -> None:
    def update(x: Any, g: Any, *, up: bool, far: bool) -> tuple[Any, ...]:
        return (x + (2 if far else 1) * g if up else x - (2 if far else 1) * g,)

    for settings, moved in [({"up": True, "far": False}, 2.0), ({"far": True, "up": False}, -1.0)]:
        p = Value(1.0)
        p.grad = 1.0
        loop(update, (), 0, settings)([p], **settings)
        assert p.data == moved


def test_a_debugger_finds_the_source_of_a_loop() -> None:
    formula, settings = update("RMSprop", 1)
    move = loop(formula, ("square_avg", "momentum_buffer"), 1, settings)
    assert "".join(linecache.getlines(move.__code__.co_filename)).rstrip() == move.__doc__


@pytest.mark.parametrize("name", MAKERS)
def test_an_optimiser_that_has_taken_steps_is_copied_and_pickled(name: str) -> None:
    p = Value(1.0)
    optimiser = MAKERS[name]([p])
    p.grad = 0.5
    optimiser.step()
    twins = [copy.deepcopy(optimiser), pickle.loads(pickle.dumps(optimiser))]  # noqa: S301
    optimiser.step()
    for twin in twins:
        twin.params[0].grad = 0.5
        twin.step()
        assert (twin.params[0].data, twin.state) == (p.data, optimiser.state)


def test_a_memory_that_is_too_short_is_noticed_before_anything_moves() -> None:
    params = [Value(1.0), Value(2.0)]
    optimiser = SGD(params, 0.1, 0.9)
    optimiser.state = {"momentum_buffer": [1.0]}
    with pytest.raises(ValueError, match="shorter"):
        optimiser.step()
    assert [p.data for p in params] == [1.0, 2.0]


# --- an optimiser of one's own -----------------------------------------------------------------


class Lion(Optimizer):
    """X. Chen et al., "Symbolic discovery of optimization algorithms", 2023, or the mean alone."""

    keep = Option(number)
    kind = Option(lambda given, name: given)
    memory = {"mean": number, "untouched": number}  # noqa: RUF012

    def __init__(self, params: list[Value], lr: float, kind: str = "sign") -> None:
        super().__init__(params, lr, keep=0.75, kind=kind)

    @staticmethod
    def update(value: Any, gradient: Any, mean: Any = 0.0, untouched: Any = 2, *, lr: Any,
               keep: Any, kind: str) -> tuple[Any, ...]:  # fmt: skip
        mean = keep * mean + (1 - keep) * gradient
        return value - lr * (sign(mean) if kind == "sign" else mean), mean, untouched


@pytest.mark.parametrize(
    ("kind", "moved"), [("sign", [0.5, 2.5, 0.0]), ("mean", [0.5, 2.125, 0.0])]
)
def test_an_optimiser_of_ones_own_says_how_one_parameter_moves(
    kind: str, moved: list[float]
) -> None:
    """Of gradients 4, -1, 0 the means are 1, -1/4, 0, and then 7/4, -7/16, 0."""
    params = [Value(1.0), Value(2.0), Value(0.0)]
    optimiser = Lion(params, 0.5, kind)
    for p, gradient in zip(params, (4.0, -1.0, 0.0), strict=True):
        p.grad = gradient
    optimiser.step()
    assert [p.data for p in params] == moved
    optimiser.step()
    assert optimiser.state == {"mean": [1.75, -0.4375, 0.0], "untouched": [2, 2, 2]}
    assert optimiser.state_dict()["settings"] == {"lr": 0.5, "keep": 0.75, "kind": kind}


def test_an_update_that_reads_its_owner_is_refused() -> None:
    """What it reads would be written into the loop, and a schedule would change it in vain."""

    class Owned(Optimizer):
        def update(self, value: Any, gradient: Any) -> Any:  # type: ignore[override]
            return (value - self.lr * gradient,)

    with pytest.raises(TypeError, match=r"Owned\.update has to be a staticmethod"):
        Owned([Value(1.0)], 0.1).step()


@pytest.mark.parametrize(
    ("update", "memory", "settings", "error", "message"),
    [
        (lambda x, g, *, lr: x - lr * g, (), {"lr": 1.0}, TypeError, "has to return a tuple of"),
        (lambda x, g: (x, g), (), {}, TypeError, "remembered as nothing, but returned"),
        (lambda x, g: (), ("old",), {}, TypeError, r"remembered as old, but returned \(\)"),
        (lambda x, g, *, p: (x - p * g,), (), {"p": 1.0}, ValueError, "two things of one name"),
        (lambda x, g, m=0, *, m_: (x,), ("m", "m"), {"m_": 1.0}, ValueError, "two things of one"),
        (lambda x, g: (x - g if g > 0 else x,), (), {}, TypeError, "uses where, never if"),
    ],
)
def test_a_formula_that_is_none_is_refused(
    update: Any, memory: tuple[str, ...], settings: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        loop(update, memory, 0, settings)


@pytest.mark.parametrize(
    ("update", "memory", "expected"),
    [
        (lambda x, g, m: (x - 1, m), ("m",), (0.0, [[3.0]])),
        (lambda x, g, m: (m, x), ("m",), (3.0, [[1.0]])),
        (lambda x, g, m: (2.5, -1), ("m",), (2.5, [[-1]])),
        (lambda x, g, m: (x * (s := g * g) - s, s, s), ("m", "n"), (0.0, [[4.0], [4.0]])),
        (lambda x, g, m: (maximum(g, -math.inf) - -2, m + m), ("m",), (4.0, [[6.0]])),
        (lambda x, g, m: (square(square(m) - x) + square(m), g), ("m",), (73.0, [[2.0]])),
    ],
)
def test_what_is_given_is_read_before_anything_moves(
    update: Any, memory: tuple[str, ...], expected: tuple[float, list[list[float]]]
) -> None:
    """Of a value of 1, a gradient of 2 and a memory of 3."""
    p = Value(1.0)
    p.grad = 2.0
    kept = loop(update, memory, 1, {})([p], [3.0])
    assert (p.data, kept) == expected


def test_a_nan_gradient_stays_to_be_noticed() -> None:
    for make in MAKERS.values():
        p = Value(1.0)
        p.grad = math.nan
        make([p]).step()
        assert math.isnan(p.data)
