"""Float functions: total, as IEEE 754 and C99 say at special values, and accurate."""
# ruff: noqa: SIM905 -- names stand as words

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from oracles import TRUTH

from autograd.functions.calls import FLOATS
from autograd.numbers import ieee, powers, reductions

INF, NAN = math.inf, math.nan
TINY, HUGE, EPSILON = 5e-324, 1.7976931348623157e308, 2.0**-52
SMALL, LARGE = 2.0**-700, 2.0**700

ONE_OPERAND = """
    exp expm1 exp2 log log1p log2 log10 sqrt cbrt sin cos tan arcsin arccos arctan sinh cosh tanh
    arcsinh arccosh arctanh erf erfc normal_cdf normal_pdf lgamma digamma floor ceil trunc rint sign
    sigmoid log_sigmoid softplus silu gelu hard_sigmoid hard_tanh
    flat nonnegative sech2 logistic_density x_logistic_density exp_neg_square x_normal_pdf
    lorentzian one_minus_square
""".split()
TWO_OPERANDS = """
    divide floor_divide remainder power arctan2 hypot maximum minimum elu leaky_relu
    logaddexp over_square over_norm_square power_by_base power_by_exponent
""".split()
NAN_MAY_BE_UNUSED = {"power", "elu", "leaky_relu"}
MANY_OPERANDS = """
    sum mean prod norm logsumexp maximum_of minimum_of directions shares cofactors max_shares
""".split()
ONE_OF_MANY = ["direction", "share", "cofactor", "max_share"]

MAGNITUDES = (
    *(0.0, TINY, 1e-310, 2.0**-1022, 1e-200, 0.5, 1 - EPSILON / 2, 1.0, 1 + EPSILON, 2.0, 3.5),
    *(171.5, 710.0, 746.0, 1024.3, 2.0**52 - 0.5, 1e16, 1e200, HUGE, INF),
)
SPECIALS = (*MAGNITUDES, *(-x for x in MAGNITUDES), NAN)


def same(a: float, b: float) -> bool:
    """Equal bits, all nans being one."""
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


def function(name: str) -> Callable[..., Any]:
    """The float function of a name, of few operands or of many."""
    found: Callable[..., Any] = (vars(ieee) | vars(powers) | vars(reductions) | FLOATS)[name]
    return found


def is_float(answer: object) -> bool:
    parts = answer if isinstance(answer, tuple) else (answer,)
    return all(type(x) is float for x in parts)


# ---------------------------------------------------------------- totality


@pytest.mark.parametrize("name", ONE_OPERAND)
def test_one_operand_never_raises_and_keeps_nan(name: str) -> None:
    f = function(name)
    assert all(is_float(f(x)) for x in SPECIALS)
    assert math.isnan(f(NAN))


@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_two_operands_never_raise(name: str) -> None:
    f = function(name)
    assert all(is_float(f(x, y)) for x, y in itertools.product(SPECIALS, repeat=2))


@pytest.mark.parametrize("name", sorted({*TWO_OPERANDS} - NAN_MAY_BE_UNUSED))
def test_a_nan_among_two_operands_gives_nan(name: str) -> None:
    f = function(name)
    assert all(math.isnan(f(x, NAN)) and math.isnan(f(NAN, x)) for x in SPECIALS)


@pytest.mark.parametrize("name", MANY_OPERANDS)
def test_many_operands_never_raise(name: str) -> None:
    f = function(name)
    assert is_float(f())
    few = (0.0, -0.0, TINY, -1.0, 2.0, HUGE, -HUGE, INF, -INF, NAN)
    for n in (1, 2, 3):
        for xs in itertools.product(few, repeat=n):
            answer = f(*xs)
            assert is_float(answer), xs
            if any(map(math.isnan, xs)) and name != "cofactors":
                parts = answer if isinstance(answer, tuple) else (answer,)
                assert all(map(math.isnan, parts)), xs


@pytest.mark.parametrize("name", ONE_OF_MANY)
def test_one_of_many_is_its_place_in_all(name: str) -> None:
    one, every = function(name), function(name + "s")
    for xs in itertools.product(SPECIALS, repeat=2):
        assert all(same(one(i, *xs), part) for i, part in enumerate(every(*xs)))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 170, 171, 300])
def test_polygamma_never_raises(n: int) -> None:
    assert all(is_float(ieee.polygamma(n, x)) for x in (*SPECIALS, -0.3, -1.5, 1e-3))
    assert math.isnan(ieee.polygamma(n, NAN))


def test_clip_never_raises_and_keeps_nan() -> None:
    for xs in itertools.product(SPECIALS, repeat=3):
        assert is_float(FLOATS["clip"](*xs))
    assert math.isnan(FLOATS["clip"](NAN, 0.0, 1.0))


# ---------------------------------------------------------------- special values

C99_ANNEX_F: list[tuple[str, tuple[float, ...], Any]] = [
    ("divide", (1.0, 0.0), INF), ("divide", (1.0, -0.0), -INF), ("divide", (-1.0, 0.0), -INF),
    ("divide", (0.0, 0.0), NAN), ("divide", (INF, -0.0), -INF), ("divide", (NAN, 0.0), NAN),
    ("floor_divide", (-7.0, 2.0), -4.0), ("floor_divide", (1.0, 0.0), INF),
    ("floor_divide", (-1.0, 0.0), -INF), ("floor_divide", (0.0, 0.0), NAN),
    ("remainder", (-7.0, 2.0), 1.0), ("remainder", (7.0, -2.0), -1.0),
    ("remainder", (1.0, 0.0), NAN),
    ("power", (NAN, 0.0), 1.0), ("power", (1.0, NAN), 1.0), ("power", (-1.0, INF), 1.0),
    ("power", (0.0, -1.0), INF), ("power", (-0.0, -1.0), -INF), ("power", (-0.0, -2.0), INF),
    ("power", (-0.0, -0.5), INF), ("power", (-8.0, 1 / 3), NAN), ("power", (-2.0, 3.0), -8.0),
    ("power", (-10.0, 1001.0), -INF), ("power", (-10.0, 1002.0), INF),
    ("power", (-INF, -3.0), -0.0),
    ("power", (0.5, -INF), INF), ("power", (-HUGE, 1e300), INF),
    ("exp", (1000.0,), INF), ("exp", (-INF,), 0.0), ("expm1", (-INF,), -1.0),
    ("expm1", (-0.0,), -0.0),
    ("exp2", (1024.0,), INF), ("exp2", (-1074.0,), TINY),
    ("log", (0.0,), -INF), ("log", (-0.0,), -INF), ("log", (-1.0,), NAN), ("log", (INF,), INF),
    ("log2", (0.0,), -INF), ("log10", (-0.0,), -INF), ("log2", (TINY,), -1074.0),
    ("log1p", (-1.0,), -INF), ("log1p", (-2.0,), NAN), ("log1p", (-0.0,), -0.0),
    ("sqrt", (-0.0,), -0.0), ("sqrt", (-1.0,), NAN), ("sqrt", (INF,), INF),
    ("cbrt", (-27.0,), -3.0), ("cbrt", (-0.0,), -0.0), ("cbrt", (-INF,), -INF),
    ("sin", (INF,), NAN), ("cos", (-INF,), NAN), ("tan", (INF,), NAN), ("sin", (-0.0,), -0.0),
    ("arcsin", (1.5,), NAN), ("arccos", (-1.5,), NAN), ("arccos", (1.0,), 0.0),
    ("arctan", (INF,), math.pi / 2), ("arctan2", (0.0, -0.0), math.pi),
    ("arctan2", (-0.0, 0.0), -0.0),
    ("sinh", (-1000.0,), -INF), ("cosh", (-1000.0,), INF), ("tanh", (-INF,), -1.0),
    ("arccosh", (0.5,), NAN), ("arctanh", (1.0,), INF), ("arctanh", (-1.0,), -INF),
    ("arctanh", (1.5,), NAN), ("hypot", (INF, 1.0), INF), ("hypot", (HUGE, HUGE), INF),
    ("hypot", (INF, NAN), NAN), ("erf", (-INF,), -1.0), ("erfc", (30.0,), 0.0),
    ("lgamma", (0.0,), INF), ("lgamma", (-3.0,), INF), ("lgamma", (-INF,), INF),
    ("lgamma", (1.0,), 0.0),
    ("lgamma", (2.0,), 0.0), ("lgamma", (HUGE,), INF),
    ("floor", (-0.0,), -0.0), ("ceil", (-0.5,), -0.0), ("trunc", (-0.5,), -0.0),
    ("rint", (2.5,), 2.0),
    ("rint", (-0.5,), -0.0), ("floor", (1e300,), 1e300), ("ceil", (INF,), INF),
    ("floor", (-0.5,), -1.0),
]  # fmt: skip

OWN_CONVENTIONS: list[tuple[str, tuple[float, ...], Any]] = [
    ("sign", (-0.0,), 0.0), ("sign", (-INF,), -1.0),
    ("maximum", (NAN, 1.0), NAN), ("minimum", (1.0, NAN), NAN),
    ("sigmoid", (-INF,), 0.0), ("sigmoid", (INF,), 1.0), ("log_sigmoid", (-HUGE,), -HUGE),
    ("softplus", (HUGE,), HUGE), ("silu", (-INF,), -0.0), ("silu", (INF,), INF),
    ("gelu", (-INF,), -0.0), ("gelu", (INF,), INF), ("normal_cdf", (-INF,), 0.0),
    ("logaddexp", (INF, INF), INF), ("logaddexp", (-INF, -INF), -INF),
    ("logaddexp", (INF, -INF), INF),
    ("digamma", (0.0,), -INF), ("digamma", (-0.0,), INF), ("digamma", (-1.0,), NAN),
    ("digamma", (INF,), INF), ("digamma", (-INF,), NAN),
    ("polygamma", (1, 0.0), INF), ("polygamma", (1, -2.0), INF), ("polygamma", (2, -2.0), NAN),
    ("polygamma", (2, 0.0), -INF), ("polygamma", (2, -0.0), INF),
    ("polygamma", (1, INF), 0.0),
    # a sum is exact until its one rounding; a product and a norm do not overflow on the way
    ("sum", (1e308, 1e308, -1e308), 1e308), ("sum", (HUGE, HUGE, -HUGE, -HUGE, TINY), TINY),
    ("sum", (HUGE, HUGE), INF), ("sum", (INF, -INF), NAN), ("sum", (HUGE, HUGE, -INF), -INF),
    ("sum", (1e16, 1.0, -1e16), 1.0), ("sum", (), 0.0),
    ("mean", (HUGE, HUGE, HUGE), HUGE), ("mean", (), NAN),
    ("prod", (SMALL, SMALL, LARGE, LARGE), 1.0), ("prod", (LARGE, LARGE, SMALL, SMALL), 1.0),
    ("prod", (HUGE, HUGE, 0.0), 0.0), ("prod", (INF, 0.0), NAN), ("prod", (), 1.0),
    ("norm", (3e-320, 4e-320), 5e-320), ("norm", (), 0.0), ("norm", (INF, NAN), NAN),
    ("logsumexp", (), -INF), ("logsumexp", (-INF, -INF), -INF),
    ("logsumexp", (1e308, 1e308), 1e308),
    # derivatives at the edges
    ("flat", (INF,), 0.0), ("nonnegative", (-0.0,), 0.0), ("nonnegative", (-TINY,), NAN),
    ("lorentzian", (INF,), 0.0), ("sech2", (-INF,), 0.0), ("logistic_density", (-HUGE,), 0.0),
    ("x_logistic_density", (-INF,), -0.0), ("x_normal_pdf", (INF,), 0.0),
    ("over_square", (0.0, 0.0), NAN), ("over_square", (1.0, 0.0), INF),
    ("over_square", (-1.0, 0.0), -INF),
    ("over_square", (1.0, INF), 0.0), ("over_square", (INF, INF), NAN),
    ("over_norm_square", (0.0, 0.0), NAN), ("over_norm_square", (-1.0, INF), -0.0),
    ("over_norm_square", (INF, INF), 0.0),
    ("power_by_base", (0.0, 0.0), 0.0), ("power_by_base", (TINY, 0.0), 0.0),
    ("power_by_base", (0.0, 1.0), 1.0), ("power_by_base", (0.0, 2.0), 0.0),
    ("power_by_base", (0.0, 0.5), INF), ("power_by_base", (0.0, -1.0), -INF),
    ("power_by_base", (-3.0, 2.0), -6.0), ("power_by_base", (-2.0, 0.5), NAN),
    ("power_by_base", (-1e200, 3.0), INF), ("power_by_base", (-1e200, 4.0), -INF),
    ("power_by_base", (NAN, 1.0), NAN), ("power_by_base", (NAN, 0.0), NAN),
    ("power_by_base", (INF, 2.0), INF), ("power_by_base", (INF, 0.1), 0.0),
    ("power_by_exponent", (0.0, 0.0), 0.0), ("power_by_exponent", (0.0, 2.0), 0.0),
    ("power_by_exponent", (0.0, -1.0), -INF), ("power_by_exponent", (-2.0, 2.0), NAN),
    ("power_by_exponent", (1.0, NAN), NAN), ("power_by_exponent", (INF, -1.0), 0.0),
    ("power_by_exponent", (1.0, INF), 0.0),
    ("directions", (0.0, -0.0), (0.0, -0.0)), ("directions", (3.0, -4.0), (0.6, -0.8)),
    ("directions", (-INF, 2.0), (-1.0, 0.0)),
    ("directions", (INF, -INF, 1.0), (1 / math.sqrt(2), -1 / math.sqrt(2), 0.0)),
    ("directions", (3 * TINY, 4 * TINY), (0.6, 0.8)),
    ("directions", (HUGE, 0.0, 0.0), (1.0, 0.0, 0.0)),
    ("shares", (0.0, 0.0), (0.5, 0.5)), ("shares", (INF, 0.0), (1.0, 0.0)),
    ("shares", (-INF, 0.0), (0.0, 1.0)), ("shares", (INF, INF, 0.0), (0.5, 0.5, 0.0)),
    ("shares", (-INF, -INF), (0.0, 0.0)), ("shares", (HUGE, -HUGE), (1.0, 0.0)),
    ("cofactors", (0.0, 2.0, 3.0), (6.0, 0.0, 0.0)),
    ("cofactors", (0.0, 2.0, 0.0), (0.0, 0.0, 0.0)),
    ("cofactors", (LARGE, LARGE, SMALL), (1.0, 1.0, INF)), ("cofactors", (5.0,), (1.0,)),
    ("max_shares", (1.0, 3.0, 3.0), (0.0, 0.5, 0.5)), ("max_shares", (NAN, 1.0), (NAN, NAN)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands", "expected"), C99_ANNEX_F + OWN_CONVENTIONS)
def test_special_values(name: str, operands: tuple[float, ...], expected: Any) -> None:
    answer = function(name)(*operands)
    pairs = (
        zip(answer, expected, strict=True) if isinstance(expected, tuple) else [(answer, expected)]
    )
    assert all(same(got, want) for got, want in pairs), answer


# ---------------------------------------------------------------- accuracy


def anywhere(rng: random.Random) -> float:
    """A float near home, or at any magnitude, or subnormal, or some ULP off a critical point."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.uniform(-10.0, 10.0)
    if kind == 1:
        return rng.uniform(-800.0, 800.0)
    if kind == 2:
        x = rng.uniform(1.0, 10.0) * 10.0 ** rng.uniform(-308.0, 307.0)
        return math.copysign(x, rng.random() - 0.5)
    if kind == 3:
        return rng.choice((-1, 1)) * rng.randrange(1, 2**52) * TINY
    x = rng.choice(
        (0.5, 1.0, 2.0, 3.0, 1.4616321449683622, 26.6, 37.5, 38.5, 354.0, 700.0, 745.0, 1e8)
    )
    return math.copysign(x, rng.random() - 0.5) * (1.0 + rng.randrange(-4, 5) * EPSILON)


def positive(rng: random.Random) -> float:
    return abs(anywhere(rng))


def below_0(rng: random.Random) -> float:
    """Where digamma has a zero between any two poles."""
    return -rng.uniform(0.0, 30.0)


def pair(rng: random.Random) -> tuple[float, float]:
    return anywhere(rng), anywhere(rng)


def base_and_exponent(rng: random.Random) -> tuple[float, float]:
    """Exponents in common use, or such that the power comes near overflow or underflow."""
    x = positive(rng)
    if rng.random() < 0.4 or math.log(x) == 0.0:
        return x, rng.choice((2.0, 3.0, -1.0, 0.5, -0.5, 1.5, 0.1, 1 / 3))
    y = rng.uniform(-760.0, 760.0) / math.log(x)
    return x, y if rng.random() < 0.5 else math.copysign(710.0, y) / math.log(x)


def several(rng: random.Random) -> tuple[float, ...]:
    return tuple(anywhere(rng) for _ in range(rng.randrange(1, 8)))


def logits(rng: random.Random) -> tuple[float, ...]:
    scale = 10.0 ** rng.uniform(-3.0, 4.0)
    return tuple(rng.uniform(-scale, scale) for _ in range(rng.randrange(2, 8)))


ACCURACY: list[tuple[str, Callable[[random.Random], Any], float]] = [
    # name, operands, bound in ULP
    ("sech2", anywhere, 3), ("logistic_density", anywhere, 3), ("exp_neg_square", anywhere, 3),
    ("x_normal_pdf", anywhere, 4), ("x_logistic_density", anywhere, 4), ("lorentzian", anywhere, 2),
    ("one_minus_square", anywhere, 2),
    ("over_square", pair, 2), ("over_norm_square", pair, 3),
    ("power_by_base", base_and_exponent, 3),
    ("power_by_exponent", base_and_exponent, 3), ("normal_cdf", anywhere, 4),
    ("normal_pdf", anywhere, 3), ("cbrt", anywhere, 1), ("sigmoid", anywhere, 3),
    ("softplus", anywhere, 2), ("log_sigmoid", anywhere, 2), ("silu", anywhere, 4),
    ("gelu", anywhere, 4), ("lgamma", positive, 4), ("digamma", positive, 3),
    ("digamma", below_0, 4), ("logaddexp", pair, 3), ("logsumexp", logits, 4),
    ("norm", several, 1), ("sum", several, 0.5), ("mean", several, 1), ("prod", several, 6),
]  # fmt: skip


def operands_of(draw: Callable[[random.Random], Any], rng: random.Random) -> tuple[float, ...]:
    xs = draw(rng)
    return xs if isinstance(xs, tuple) else (xs,)


@pytest.mark.parametrize(("name", "draw", "bound"), ACCURACY)
def test_values_are_accurate(name: str, draw: Callable[[random.Random], Any], bound: float) -> None:
    rng, f = random.Random(name + draw.__name__), function(name)
    for _ in range(200):
        xs = operands_of(draw, rng)
        assert TRUTH[name].value_ulps(f(*xs), *xs) <= bound, xs


@pytest.mark.parametrize(
    ("name", "of", "draw", "bound"),
    [
        ("directions", "norm", several, 2),
        ("shares", "logsumexp", logits, 3),
        ("cofactors", "prod", several, 5),
        ("max_shares", "max", several, 0.5),
        ("polygamma", "digamma", anywhere, 3),
    ],
)
def test_gradients_are_accurate(
    name: str, of: str, draw: Callable[[random.Random], Any], bound: float
) -> None:
    rng, f = random.Random(name), function(name)
    for _ in range(100):
        xs = operands_of(draw, rng)
        gradient = (f(1, *xs),) if name == "polygamma" else f(*xs)
        for i, got in enumerate(gradient):
            assert TRUTH[of].partial_ulps(got, i, *xs) <= bound, xs


def test_exp2_has_a_derivative_where_it_overflows() -> None:
    x = 1024.25
    assert ieee.exp2(x) == INF
    assert TRUTH["exp2"].partial_ulps(powers.power_by_exponent(2.0, x), 0, x) <= 3


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (1.5659413e-316, 0.02238981929230078),  # x**(y-1) overflows
        (1.0 + 1e-10, 7.096e12),  # x**y overflows
        (1e-150, 3.05),  # x**(y-1) is subnormal
        (1.0 - 1e-12, 7.4e14),
        (1e300, -0.05),
        (-1e-155, 3.0),
        (1.0 + 7e-15, 1e17),  # y-1 rounds to y
        (5e-324, 0.1),
    ],
)
def test_power_by_base_where_the_power_is_out_of_range(x: float, y: float) -> None:
    assert TRUTH["pow"].partial_ulps(powers.power_by_base(x, y), 0, x, y) <= 3


def test_floor_divide_and_remainder_are_those_of_python() -> None:
    rng = random.Random(0)
    for _ in range(300):
        x, y = pair(rng)
        assert same(ieee.floor_divide(x, y), x // y)
        assert same(ieee.remainder(x, y), x % y)
