"""RMSprop, Adam, AdamW: PyTorch's traces; states saved and taken up; clipping."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from autograd import Value
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm_, clip_grad_value_

GRADIENTS = (1.0, -2.0, 0.5, 3.0, -1.0)
Make = Callable[[list[Value]], Optimizer]

OPTIMISERS: dict[str, Make] = {
    "sgd": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: RMSprop(p, lr=0.01, momentum=0.5, weight_decay=0.1),
    "adam": lambda p: Adam(p, lr=0.1, betas=(0.8, 0.9)),
    "adamw": lambda p: AdamW(p, lr=0.1),
}


def follow(optimiser: Optimizer, gradients: tuple[float, ...] = GRADIENTS) -> list[float]:
    """Return the values of the only parameter after each of the gradients."""
    (parameter,), path = optimiser.params, []
    for gradient in gradients:
        parameter.grad = gradient
        optimiser.step()
        path.append(parameter.data)
    return path


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            lambda p: RMSprop(p, lr=0.01),
            [0.900000010, 0.9895323022, 0.9675849505, 0.8877994088, 0.9136220371],
        ),
        (
            lambda p: Adam(p, lr=0.1),
            [0.900000001, 0.9366103535, 0.9502794197, 0.9108694304, 0.8926517886],
        ),
        (
            lambda p: Adam(p, lr=0.1, weight_decay=0.1),
            [0.9000000009, 0.9310642948, 0.9376421549, 0.8940578308, 0.8707950276],
        ),
        (
            lambda p: AdamW(p, lr=0.1, weight_decay=0.1),
            [0.890000001, 0.9177103535, 0.9222023163, 0.8735703037, 0.8466169589],
        ),
    ],
    ids=["rmsprop", "adam", "adam with weight decay", "adamw"],
)
def test_the_traces_are_pytorchs(make: Make, expected: list[float]) -> None:
    assert follow(make([Value(1.0)])) == pytest.approx(expected, abs=1e-9, rel=0)


def test_adam_is_its_papers_algorithm_in_fifty_digits() -> None:
    """Algorithm 1 of Kingma and Ba, whose bias corrections stand on both moments."""
    lr, b1, b2, eps = 0.02, 0.7, 0.95, 1e-3
    path = follow(Adam([Value(1.0)], lr, (b1, b2), eps))
    with mpmath.workdps(50):
        theta, m, v = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
        for t, g in enumerate(GRADIENTS, start=1):
            m = b1 * m + (1 - mpmath.mpf(b1)) * g
            v = b2 * v + (1 - mpmath.mpf(b2)) * g * g
            m_hat = m / (1 - mpmath.mpf(b1) ** t)
            v_hat = v / (1 - mpmath.mpf(b2) ** t)
            theta -= lr * m_hat / (mpmath.sqrt(v_hat) + eps)
            assert path[t - 1] == pytest.approx(float(theta), rel=1e-14)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e150])
def test_the_first_step_of_adam_has_the_length_of_the_rate_whatever_the_gradient(
    scale: float,
) -> None:
    assert follow(Adam([Value(1.0)], lr=0.1, eps=0.0), (scale,)) == [pytest.approx(0.9, rel=1e-12)]


def test_a_gradient_that_was_always_zero_moves_nothing_even_without_eps() -> None:
    assert follow(Adam([Value(1.0)], eps=0.0), (0.0, 0.0)) == [1.0, 1.0]
    assert follow(RMSprop([Value(1.0)], eps=0.0), (0.0, 0.0)) == [1.0, 1.0]


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_rmsprop_gathers_momentum_geometrically(momentum: float) -> None:
    # With alpha 0 and eps 0 each step is lr times the sign of the gradient.
    path = follow(RMSprop([Value(0.0)], 1.0, alpha=0.0, eps=0.0, momentum=momentum), (1.0,) * 4)
    steps = [(1 - momentum**n) / (1 - momentum) for n in range(1, 5)]
    assert path == pytest.approx([-sum(steps[: n + 1]) for n in range(4)], rel=1e-14)


def test_rmsprop_decays_weights_through_the_gradient() -> None:
    # With alpha 0 and eps 0 each step is lr times the sign of g + 0.5 theta.
    path = follow(RMSprop([Value(1.0)], 0.25, alpha=0.0, eps=0.0, weight_decay=0.5), (0.0, -0.3))
    assert path == [0.75, 0.5]


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_taken_up_from_json_goes_on_bit_for_bit(name: str) -> None:
    make = OPTIMISERS[name]
    whole = follow(make([Value(1.0)]))
    first = make([Value(1.0)])
    begun = follow(first, GRADIENTS[:2])
    second = type(first)([Value(begun[-1])])
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert begun + follow(second, GRADIENTS[2:]) == whole


def test_a_state_is_a_copy() -> None:
    optimiser = Adam([Value(1.0)])
    follow(optimiser)
    state = optimiser.state_dict()
    before = json.dumps(state)
    follow(optimiser)
    assert json.dumps(state) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.update({"class": "SGD"}), "the saved optimiser is 'SGD', but this .* 'Adam'"),
        (lambda s: s["settings"].pop("eps"), "settings of Adam have to be lr"),
        (lambda s: s["settings"].update(lr="fast"), "the saved lr of Adam cannot be 'fast'"),
        (lambda s: s["settings"].update(lr=math.nan), "the saved lr of Adam cannot be nan"),
        (lambda s: s["settings"].update(lr=True), "the saved lr of Adam cannot be True"),
        (lambda s: s["settings"].update(betas=[0.9]), r"the saved betas of Adam cannot be \[0.9\]"),
        (lambda s: s["settings"].update(betas=0.9), "the saved betas of Adam cannot be 0.9"),
        (lambda s: s.update(lr=0.1), "'lr' is no part of a saved state of Adam"),
        (lambda s: s.update(state=3), "has to be a mapping, but was 3"),
        (lambda s: s["state"].update(exp_avg=[1.0, 2.0]), "exp_avg of Adam needs 1 numbers"),
        (
            lambda s: s["state"].update(exp_avg=["x"]),
            "the saved exp_avg of Adam has to be a finite n.* was 'x'",
        ),
    ],
)
def test_a_foreign_state_is_refused_and_changes_nothing(
    change: Callable[[Any], Any], message: str
) -> None:
    optimiser = Adam([Value(1.0)])
    follow(optimiser)
    before, state = optimiser.state_dict(), optimiser.state_dict()
    change(state)
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict(state)
    assert optimiser.state_dict() == before


def test_no_state_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="the saved optimiser is None"):
        Adam([Value(1.0)]).load_state_dict(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda p: Adam(p, betas=(1.0, 0.9)),
        lambda p: Adam(p, betas=(0.9, -0.1)),
        lambda p: Adam(p, eps=-1.0),
        lambda p: RMSprop(p, alpha=1.5),
        lambda p: RMSprop(p, momentum=math.inf),
        lambda p: AdamW(p, weight_decay=math.nan),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="has to be"):
        make([Value(1.0)])


# --- clipping ------------------------------------------------------------------------------------


def with_gradients(*gradients: float) -> list[Value]:
    """Return parameters that have these gradients."""
    parameters = [Value(0.0) for _ in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return parameters


def test_a_long_gradient_keeps_its_direction() -> None:
    parameters = with_gradients(2.0, -6.0, 9.0)
    assert clip_grad_norm_(parameters, 5.5) == 11.0
    factor = 5.5 / (11 + 1e-6)
    assert [p.grad for p in parameters] == pytest.approx(
        [2 * factor, -6 * factor, 9 * factor], rel=1e-15
    )


def test_a_short_gradient_is_left_alone() -> None:
    parameters = with_gradients(0.3, -0.4)
    assert clip_grad_norm_(parameters, 1.0) == 0.5
    assert [p.grad for p in parameters] == [0.3, -0.4]


def test_a_norm_that_only_its_squares_overflow_is_clipped() -> None:
    parameters = with_gradients(3e200, 4e200)
    assert clip_grad_norm_(parameters, 1.0) == pytest.approx(5e200)
    assert [p.grad for p in parameters] == pytest.approx([0.6, 0.8])


def test_a_norm_that_overflows_is_clipped_all_the_same() -> None:
    parameters = with_gradients(1.5e308, -1.5e308)
    assert clip_grad_norm_(parameters, 2.0) == math.inf
    assert [p.grad for p in parameters] == pytest.approx([math.sqrt(2), -math.sqrt(2)], rel=1e-15)


@pytest.mark.parametrize(
    ("power", "length"),
    [
        (0.5, (math.sqrt(2) + math.sqrt(6) + 3) ** 2),
        (1.0, 17.0),
        (2.0, 11.0),
        (3.0, 953 ** (1 / 3)),
        (math.inf, 9.0),
    ],
)
def test_the_length_may_be_another_norm(power: float, length: float) -> None:
    parameters = with_gradients(2.0, -6.0, 9.0)
    assert clip_grad_norm_(parameters, 1.0, norm_type=power) == pytest.approx(length, rel=1e-15)
    factor = 1 / (length + 1e-6)
    assert [p.grad for p in parameters] == pytest.approx(
        [2 * factor, -6 * factor, 9 * factor], rel=1e-14
    )
    huge = with_gradients(2e300, -6e300, 9e300)
    assert clip_grad_norm_(huge, math.inf, power) == pytest.approx(length * 1e300, rel=1e-14)
    assert huge[0].grad == 2e300


@pytest.mark.parametrize(
    ("gradients", "norm", "clipped"),
    [
        ((1.0, math.inf), math.inf, [0.0, math.nan]),
        ((1.0, math.nan), math.nan, [math.nan, math.nan]),
        ((-math.inf, math.nan), math.nan, [math.nan, math.nan]),
    ],
)
def test_a_gradient_that_is_not_finite_spreads_as_in_pytorch_or_is_refused(
    gradients: tuple[float, ...], norm: float, clipped: list[float]
) -> None:
    parameters = with_gradients(*gradients)
    first = next(i for i, g in enumerate(gradients) if not math.isfinite(g))
    with pytest.raises(RuntimeError, match=f"of parameter {first} is {gradients[first]!r}, so"):
        clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)
    assert [p.grad for p in parameters] == pytest.approx(gradients, nan_ok=True)
    assert clip_grad_norm_(parameters, 1.0) == pytest.approx(norm, nan_ok=True)
    assert [p.grad for p in parameters] == pytest.approx(clipped, nan_ok=True)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0, math.inf])
def test_the_lengths_0_and_infinity_are_those_of_any_norm(power: float) -> None:
    parameters = with_gradients(0.0, 0.0)
    assert clip_grad_norm_(parameters, 1e-9, power) == 0.0
    assert clip_grad_norm_([], 1.0, power) == 0.0
    assert [p.grad for p in parameters] == [0.0, 0.0]
    parameters = with_gradients(1.0, -math.inf)
    assert clip_grad_norm_(parameters, math.inf, power) == math.inf
    assert [p.grad for p in parameters] == [1.0, -math.inf]


def test_a_parameter_alone_is_clipped_too() -> None:
    (parameter,) = with_gradients(-4.0)
    assert clip_grad_norm_(parameter, 2.0) == 4.0
    assert parameter.grad == pytest.approx(-2.0)
    clip_grad_value_(parameter, 0.5)
    assert parameter.grad == -0.5


def test_values_are_clipped_one_by_one_and_nan_stays_nan() -> None:
    parameters = with_gradients(3.0, -4.0, 0.5, math.nan)
    clip_grad_value_(parameters, 1.0)
    assert [p.grad for p in parameters[:3]] == [1.0, -1.0, 0.5]
    assert math.isnan(parameters[3].grad)


@pytest.mark.parametrize(
    "clip",
    [clip_grad_norm_, clip_grad_value_, lambda p, limit: clip_grad_norm_(p, 1.0, limit)],
    ids=["max_norm", "clip_value", "norm_type"],
)
@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan])
def test_a_limit_has_to_be_above_zero(clip: Callable[..., Any], limit: float) -> None:
    with pytest.raises(ValueError, match="has to be above 0, but was"):
        clip(with_gradients(1.0), limit)


@pytest.mark.parametrize("clip", [clip_grad_norm_, clip_grad_value_])
def test_what_is_no_parameter_and_no_limit_is_named(clip: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"every parameter has to be a Value, but one was 1\.0"):
        clip([Value(1.0), 1.0], 1.0)
    with pytest.raises(TypeError, match="has to be a number above 0, but was '1'"):
        clip(with_gradients(1.0), "1")
