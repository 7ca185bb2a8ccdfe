"""Numbers beside float: one rule for each type over the whole table, and digits that are kept.

Where nothing else is said the oracle is mpmath, at the numbers that were given. The gradients of
functions that are not holomorphic have tests of their own, `test_crossing`.
"""

from __future__ import annotations

import cmath
import decimal
import itertools
import math
import operator
import pickle
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpc, mpf

import autograd as ag
from autograd import Value, grad, hvp, jvp, vjp
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.numbers.kinds import Constant, ratio

INF, NAN = math.inf, math.nan
ROWS = [row for row in rules.TABLE.values() if not row.predicate]
each_row = pytest.mark.parametrize("row", ROWS, ids=operator.attrgetter("name"))


def leaves_of(row: Primitive, numbers: tuple[Any, ...]) -> list[Any]:
    """The operands of a row at some numbers: Values, but for what is no number of the type."""
    if row is rules.where:
        return [True, *map(Value, numbers)]
    index = (0, 1) if row is rules.norm_partial else 1
    return [index] * row.integers + [Value(x) for x in numbers]


def count_of(row: Primitive) -> int:
    """How many numbers `leaves_of` takes."""
    if row.arity is None:
        return 3 if row is rules.dot else 2
    return row.arity - row.integers - (row is rules.where)


def node_at(row: Primitive, numbers: tuple[Any, ...]) -> tuple[Value, list[Value]]:
    """The node of a row at some numbers, and the leaves that it is computed from."""
    operands = leaves_of(row, numbers)
    node = row(operands) if row.arity is None and not row.integers else row(*operands)
    return node, [x for x in operands if isinstance(x, Value)]


def floats_at(row: Primitive, numbers: tuple[float, ...]) -> list[float]:
    """The value of a row at floats, and its partials by them, as its `forward` has them."""
    operands = [getattr(x, "data", x) for x in leaves_of(row, numbers)]
    out = row.forward(*operands)
    places = [1] if row is rules.where else range(row.integers, len(operands))
    return [out, *map(float, row.partials_by(places, operands, out))]


def gradients(node: Value, leaves: list[Value], create_graph: bool = False) -> list[Any]:
    """The gradients of a node that a sweep leaves in the leaves, as numbers."""
    for leaf in leaves:
        leaf.grad = 0
    node.backward(create_graph=create_graph)
    return [getattr(leaf.grad, "data", leaf.grad) for leaf in leaves]


def same(a: Any, b: Any, error: float = 0.0) -> bool:
    """Whether two numbers are equal, or both nan, or differ by no more than a relative error."""
    if isinstance(a, complex) or isinstance(b, complex):
        a, b = complex(a), complex(b)
        return same(a.real, b.real) and same(a.imag, b.imag)
    if a != a or b != b:
        return bool(a != a and b != b)
    return bool(a == b or abs(a - b) <= error * max(abs(a), abs(b)))


# -- one rule for each type --------------------------------------------------------------------

ORDERED = [  # by comparisons, or roundings, or on the real line otherwise
    "floor_divide", "truncate_divide", "remainder", "fmod", "cbrt", "arctan2", "lgamma",
    "copysign", "sign", "floor", "ceil", "trunc",
    "rint", "maximum", "minimum", "clip", "heaviside", "relu", "leaky_relu", "elu",
    "hard_sigmoid", "hard_tanh", "max", "min", "max_share", "round_to",
    "largest",
]  # fmt: skip
NOT_IN_CMATH = [
    "erf", "erfc", "normal_cdf", "gamma", "digamma", "gelu", "gelu_slope", "polygamma",
    "gamma_derivative",
]  # fmt: skip
CIRCULAR = [
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "arcsinh",
    "arccosh", "arctanh", "deg2rad", "rad2deg", "normal_pdf", "x_normal_pdf", "lgamma", "angle",
    "normal_pdf_derivative",
]  # fmt: skip
TRANSCENDENT = [
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "tanh", "hypot",
    "elu", "sigmoid", "log_sigmoid", "softplus", "silu", "logaddexp", "norm", "logsumexp", "sech2",
    "logistic_density", "x_logistic_density", "exp_times", "exp_neg_square", "unit_hypot",
    "power_by_exponent", "share", "direction", "silu_slope", "exp_neg_square_derivative",
    "norm_partial", "exp_difference",
]  # fmt: skip
LACKS = {
    mpf: [],
    mpc: ORDERED,
    complex: ORDERED + NOT_IN_CMATH,
    Decimal: CIRCULAR + NOT_IN_CMATH,
    Fraction: CIRCULAR + NOT_IN_CMATH + TRANSCENDENT,
}


@each_row
@pytest.mark.parametrize("kind", LACKS)
def test_what_a_type_lacks_is_refused_and_nothing_else(row: Primitive, kind: type) -> None:
    """Also where an operand is no ordinary number."""
    if has_kin(row):
        return
    numbers = [Fraction(1, 2), Fraction(1, 2), Fraction(3, 4)][: count_of(row)]
    operands = [
        tuple(mpf(x.numerator) / x.denominator if kind in (mpf, mpc) else x for x in numbers)
    ]
    if kind is not Fraction:
        operands += [(x,) * len(numbers) for x in (INF, -INF, NAN)]
    for xs in operands:
        xs = tuple(kind(float(x)) if kind is not Fraction else x for x in xs)
        with decimal.localcontext(traps=[]):
            if row.name in LACKS[kind]:
                with pytest.raises(TypeError, match="is not defined for"):
                    node_at(row, xs)
            else:
                assert type(node_at(row, xs)[0].data) in (kind, float, mpf)


def edges(row: Primitive, points: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """All combinations of the points as operands of a row, or fewer if those were too many."""
    count = count_of(row)
    points = points if count == 1 or len(points) < 12 else points[::2]
    return itertools.product(points, repeat=count)


REAL = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, INF, -INF, NAN)
PLANE = tuple(
    complex(a, b) for a in (0.0, -0.0, 1.0, -2.0, 9.0, INF, NAN) for b in (-0.0, 1.0, INF)
)
FAR = (800 + 1j, -800 + 1j, 1 + 800j, 1 - 800j, 1e200 + 1e200j, 1e308j, 5e-324 + 0j)


def has_kin(row: Primitive) -> bool:
    """Whether a row is one of the powers, which have tests of their own."""
    return row.name.startswith("power")


@each_row
@pytest.mark.parametrize("kind", [complex, mpc, mpf])
def test_a_type_with_infinities_never_raises(row: Primitive, kind: type) -> None:
    """Neither in the value, nor in a partial, nor in a sweep; both kinds of sweep agree."""
    if row.name in LACKS[kind] or has_kin(row):
        return
    points = REAL if kind is mpf else PLANE
    if kind is complex and count_of(row) == 1:
        points += FAR
    for numbers in edges(row, tuple(map(kind, points))):
        node, leaves = node_at(row, numbers)
        if row is rules.conjugate and kind is not mpf:
            node = node.real
        plain, again = gradients(node, leaves), gradients(node, leaves, create_graph=True)
        for x, y in zip(
            plain, again, strict=True
        ):  # no type of complex numbers keeps inf * (1 + 0j)
            assert same(x, y) or (kind is not mpf and not mp.isfinite(x) and not mp.isfinite(y))


@each_row
@pytest.mark.parametrize("kind", [mpf, Decimal])
def test_a_real_type_answers_what_float_answers(row: Primitive, kind: type) -> None:
    """Value and partials, at poles, kinks, ends, outside of the domain and at infinities.

    Decimal: with its traps off, and but for // and %, which round towards 0 in that type.
    """
    if row.name in LACKS[kind] or has_kin(row):
        return
    if kind is Decimal and row.name in ("floor_divide", "truncate_divide", "remainder", "fmod"):
        return
    for numbers in edges(row, REAL):
        with decimal.localcontext(traps=[]):
            node, _ = node_at(row, tuple(map(kind, numbers)))
            for mine, theirs in zip(
                (node.data, *node.partials), floats_at(row, numbers), strict=True
            ):
                near = abs(float(mine) - theirs) <= 1e-15
                assert near or same(float(mine), theirs, 1e-13), (numbers, node, node.partials)


@each_row
def test_the_value_of_decimals_signals_as_their_context_has_it_the_partials_never(
    row: Primitive,
) -> None:
    if row.name in LACKS[Decimal]:
        return
    for numbers in edges(row, tuple(map(Decimal, REAL))):
        with decimal.localcontext(traps=[]):
            quiet, _ = node_at(row, numbers)
        try:
            node, leaves = node_at(row, numbers)
        except decimal.DecimalException:
            assert not quiet.data.is_finite() or any(not x.is_finite() for x in numbers)
        else:
            assert same(node.data, quiet.data)
            assert all(map(same, node.partials, quiet.partials))
            plain, again = gradients(node, leaves), gradients(node, leaves, create_graph=True)
            assert all(map(same, plain, again)), (numbers, plain, again)


@each_row
def test_fractions_raise_zero_division_where_a_value_is_infinite(row: Primitive) -> None:
    if row.name in LACKS[Fraction] or row is rules.nonnegative or has_kin(row):
        return
    for numbers in edges(row, tuple(map(Fraction, REAL[:8]))):
        try:
            node, leaves = node_at(row, numbers)
        except ZeroDivisionError:
            floats, _ = node_at(row, tuple(map(float, numbers)))
            assert not math.isfinite(floats.data)
        else:
            assert {type(x) for x in (node.data, *node.partials)} == {Fraction}
            assert {type(x) for x in gradients(node, leaves)} <= {Fraction, int}, "0 where unused"


INFINITE_SLOPES = [  # function, point, value, derivative
    (ag.sqrt, 0, 0, INF), (ag.cbrt, 0, 0, INF), (ag.log, 0, -INF, INF), (ag.log1p, -1, -INF, INF),
    (ag.arcsin, 1, math.pi / 2, INF), (ag.arccos, 1, 0, -INF), (ag.arccosh, 1, 0, INF),
    (ag.arctanh, 1, INF, INF), (lambda x: x**0.5 if type(x.data) is not Decimal
     else x ** Decimal("0.5"), 0, 0, INF),
]  # fmt: skip


@pytest.mark.parametrize("kind", [complex, mpf, mpc, Decimal])
@pytest.mark.parametrize(("f", "at", "value", "slope"), INFINITE_SLOPES)
def test_a_slope_that_is_infinite_stops_no_forward_pass(f, at, value, slope, kind):
    name = getattr(f, "__name__", "power")
    if name in LACKS[kind]:
        return
    x = Value(kind(at))
    y = f(x)
    y.backward()
    assert same(complex(y.data).real, float(value), 1e-15)
    assert complex(x.grad).real == slope
    assert complex(grad(f)(kind(at))).real == slope


def test_division_by_zero_in_each_type():
    for kind in (complex, mpf, mpc):
        y = 1 / Value(kind(0))
        assert (complex(y.data).real, complex(y.partials[0]).real) == (INF, -INF)
        assert complex((0 / Value(kind(0))).data) != complex((0 / Value(kind(0))).data)
    for number in (Fraction(0), Decimal(0)):
        with pytest.raises(ZeroDivisionError):
            1 / Value(number)
    with decimal.localcontext(traps=[]):
        assert (1 / Value(Decimal(0))).data == Decimal("Infinity")


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.log, -1), (ag.sqrt, -1), (ag.arcsin, 2), (ag.arccos, -2), (ag.arccosh, 0.5),
        (ag.arctanh, 3), (ag.log1p, -2), (ag.log2, -2), (ag.log10, -2),
        (lambda x: x**0.5, -2), (lambda x: x ** mpf("1.5"), -2), (lambda x: 2.5**x * x**x, -0.5),
    ],
)  # fmt: skip
def test_outside_of_the_domain_an_mpf_is_nan_and_stays_an_mpf(f, x):
    """As a float is; whoever wants the complex number asks with an mpc."""
    leaf = Value(mpf(x))
    y = f(leaf)
    y.backward()
    assert type(y.data) is type(leaf.grad) is mpf
    assert mp.isnan(y.data)
    assert mp.isnan(leaf.grad)
    assert f(Value(mpc(x))).data.imag != 0


# -- digits near 0 and far out -----------------------------------------------------------------


def sigmoid(z: Any) -> Any:
    return 1 / (1 + mp.exp(-z))


CASES = {  # value and derivative in mpmath, with digits enough for 1 + exp(-800)
    "expm1": (mp.expm1, mp.exp),
    "log1p": (mp.log1p, lambda z: 1 / (1 + z)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "log_sigmoid": (lambda z: -mp.log(1 + mp.exp(-z)), lambda z: sigmoid(-z)),
    "softplus": (lambda z: mp.log(1 + mp.exp(z)), sigmoid),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * sigmoid(-z)),
    "logistic_density": (
        lambda z: sigmoid(z) * sigmoid(-z),
        lambda z: -sigmoid(z) * sigmoid(-z) * mp.tanh(z / 2),
    ),
    "tanh": (mp.tanh, lambda z: 1 / mp.cosh(z) ** 2),
    "sech2": (lambda z: 1 / mp.cosh(z) ** 2, lambda z: -2 * mp.tanh(z) / mp.cosh(z) ** 2),
}
PLACES = ["1e-9", "-1e-9", "3.1e-20", "-3.1e-20", "0.4", "-0.6", "2", "-3", "37", "-37", "100",
          "-100", "320", "-320", "650", "-650"]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", [complex, Decimal, mpf, mpc])
def test_no_digit_is_lost_near_zero_or_far_out(name: str, kind: type) -> None:
    """To 12 units of the type's precision, in value and derivative."""
    value, slope = CASES[name]
    unit = {complex: 2.0**-52, Decimal: 1e-27}.get(kind, float(mp.eps))
    for place in PLACES:
        if name == "log1p" and float(place) <= -1:
            continue
        numbers = [kind(place)] if kind is not mpc else [mpc(place), mpc(place, "0.3")]
        numbers += [complex(float(place), 0.3)] if kind is complex else []
        for number in numbers:
            x = Value(number)
            y = getattr(ag, name)(x) if hasattr(ag, name) else rules.TABLE[name](x)
            y.backward()
            with mp.workdps(330):
                at = mpf(str(number)) if kind is Decimal else mp.mpmathify(number)
                for got, truth in ((y.data, value(at)), (x.grad, slope(at))):
                    got = mpf(str(got)) if kind is Decimal else mp.mpmathify(got)
                    error = 12 * unit * abs(truth) + (mpf(10) ** -305 if kind is complex else 0)
                    assert abs(got - truth) <= error, (name, number, got)


@pytest.mark.parametrize("kind", [complex, Decimal, mpf, mpc])
@pytest.mark.parametrize("pair", [("-100", "-230"), ("0", "-100"), ("-80", "0"), ("710", "640")])
def test_logaddexp_and_logsumexp_keep_the_small_term(pair, kind):
    unit = {complex: 2.0**-52, Decimal: 1e-27}.get(kind, float(mp.eps))
    for f in (ag.logaddexp, lambda x, y: ag.logsumexp([x, y])):
        x, y = map(Value, map(kind, pair))
        out = f(x, y)
        out.backward()
        with mp.workdps(900):
            a, b = map(mp.exp, map(mpf, pair))
            for got, truth in (
                (out.data, mp.log(a + b)),
                (x.grad, a / (a + b)),
                (y.grad, b / (a + b)),
            ):
                got = mpf(str(got)) if kind is Decimal else mp.mpmathify(got)
                assert abs(got - truth) <= 8 * unit * abs(truth), (got, truth)


@pytest.mark.parametrize("kind", [Decimal, mpf])
def test_log_space_has_its_limits_in_every_real_type(kind):
    """Weights of forbidden moves are 0; of two infinite terms each has half."""
    lowest, highest = kind("-inf"), kind("inf")
    for xs, value, slopes in [
        ((lowest, kind(1)), 1, (0, 1)),
        ((lowest, lowest), lowest, tuple(ag.grad(ag.logaddexp, (0, 1))(-INF, -INF))),
        ((highest, kind(1)), highest, (1, 0)),
        ((highest, highest), highest, tuple(ag.grad(ag.logaddexp, (0, 1))(INF, INF))),
    ]:
        x, y = map(Value, xs)
        out = ag.logaddexp(x, y)
        out.backward()
        assert out.data == value
        assert all(map(same, (float(x.grad), float(y.grad)), map(float, slopes)))


def test_functions_to_whole_numbers_see_every_digit_of_an_mpf():
    with mp.workdps(50):
        tiny = mpf(10) ** -30
        for x, down, up in (
            (2 - tiny, 1, 2),
            (2 + tiny, 2, 3),
            (mpf(10) ** 30 + mpf("0.5"), 10**30, 10**30 + 1),
        ):
            assert (ag.floor(x), ag.ceil(x)) == (down, up)
            assert math.floor(Value(x)).data == down
        assert (ag.rint(mpf("3.5") - tiny), ag.rint(mpf("2.5")), ag.trunc(-2 + tiny)) == (3, 2, -1)
        assert round(Value(mpf("2.345") - tiny), 2).data == mpf("2.34")


# -- complex numbers ---------------------------------------------------------------------------

HOLOMORPHIC = CASES | {
    "exp": (mp.exp, mp.exp), "log": (mp.log, lambda z: 1 / z),
    "exp2": (lambda z: mpf(2) ** z, lambda z: mpf(2) ** z * mp.log(2)),
    "log2": (lambda z: mp.log(z) / mp.log(2), lambda z: 1 / z / mp.log(2)),
    "log10": (lambda z: mp.log(z) / mp.log(10), lambda z: 1 / z / mp.log(10)),
    "sqrt": (mp.sqrt, lambda z: 1 / (2 * mp.sqrt(z))),
    "sin": (mp.sin, mp.cos), "cos": (mp.cos, lambda z: -mp.sin(z)),
    "tan": (mp.tan, lambda z: 1 / mp.cos(z) ** 2), "arctan": (mp.atan, lambda z: 1 / (1 + z * z)),
    "arcsin": (mp.asin, lambda z: 1 / (mp.sqrt(1 - z) * mp.sqrt(1 + z))),
    "arccos": (mp.acos, lambda z: -1 / (mp.sqrt(1 - z) * mp.sqrt(1 + z))),
    "sinh": (mp.sinh, mp.cosh), "cosh": (mp.cosh, mp.sinh),
    "arcsinh": (mp.asinh, lambda z: 1 / mp.sqrt(1 + z * z)),
    "arccosh": (mp.acosh, lambda z: 1 / (mp.sqrt(z - 1) * mp.sqrt(z + 1))),
    "arctanh": (mp.atanh, lambda z: 1 / (1 - z * z)),
    "square": (lambda z: z * z, lambda z: 2 * z),
    "reciprocal": (lambda z: 1 / z, lambda z: -1 / z**2),
    "normal_pdf": (
        lambda z: mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi),
        lambda z: -z * mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi),
    ),
}  # fmt: skip


def drawn(rng: random.Random) -> complex:
    """A complex number: plain, or near the axes, or far out in one direction."""
    match rng.randrange(4):
        case 0 | 1:
            return complex(rng.uniform(-6, 6), rng.uniform(-6, 6))
        case 2:
            return complex(*(rng.choice((-1, 1)) * 10 ** rng.uniform(-15, 2) for _ in "xy"))
        case _:
            far, near = rng.uniform(-700, 700), rng.uniform(-3, 3)
            return complex(far, near) if rng.random() < 0.5 else complex(near, far)


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex_values_and_derivatives_are_as_good_as_their_operand(name: str) -> None:
    """The error is that of an operand off by three units in the last place, at most.

    That is 3 ulp of f, and of z f': near a pole or a zero the last place of z decides.
    """
    value, slope = HOLOMORPHIC[name]
    rng = random.Random(name)
    for _ in range(60):
        z = drawn(rng)
        x = Value(z)
        y = rules.TABLE[name](x)
        y.backward()
        if not (cmath.isfinite(y.data) and cmath.isfinite(x.grad)):
            continue
        with mp.workdps(340):  # 1 + exp(-700) takes 305 digits
            f, df = value(mpc(z)), slope(mpc(z))
            h = abs(mpc(z)) * mpf(10) ** -100
            d2f = (slope(mpc(z) + h) - slope(mpc(z) - h)) / (2 * h)
            tiny = mpf(10) ** -305
            for got, truth, moved in ((y.data, f, df), (x.grad, df, d2f)):
                error = 3 * mpf(2) ** -52 * (abs(truth) + abs(z * moved)) + tiny
                assert abs(mpc(got) - truth) <= error, (name, z, got)


ON_CUTS = [  # function, points on its cut, the direction of the cut
    *((f, x, 1.0) for f in (ag.arcsin, ag.arccos, ag.arctanh) for x in (2.0, -2.0, 1.5, -40.0)),
    *((f, x, 1.0) for f in (ag.log, ag.sqrt, ag.log2, ag.log10) for x in (-0.3, -2.0)),
    (ag.log1p, -3.0, 1.0),
    *((ag.arccosh, x, 1.0) for x in (0.5, -0.5, -2.0)),
    *((f, 1j * y, 1j) for f in (ag.arctan, ag.arcsinh) for y in (2.0, -2.0, 1.25, -40.0)),
    (lambda z: z**0.5, -2.0, 1.0), (lambda z: z ** (0.5 + 1j), -2.0, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "at", "along"), ON_CUTS)
@pytest.mark.parametrize("side", [0.0, -0.0])
def test_on_a_branch_cut_the_derivative_is_that_of_the_value_on_its_side(f, at, along, side):
    """The sign of a zero tells the side. The oracle is a difference along the cut.

    With steps h = 2**-10 and 2h the quotients of the fourth order differ by 15 times the error of
    the finer one; rounding adds some 2**-52 / h.
    """

    def moved(step: float) -> complex:
        z = complex(at) + step * along
        return complex(z.real, side) if along == 1 else complex(side, z.imag)

    def quotients(g) -> tuple[complex, float]:
        def fourth(h):
            steps = 8 * (g(moved(h)) - g(moved(-h))) - (g(moved(2 * h)) - g(moved(-2 * h)))
            return steps / (12 * h * along)

        fine, coarse = fourth(2.0**-10), fourth(2.0**-9)
        return fine, 2 * abs(fine - coarse) / 15 + 2.0**-36 * max(1, abs(g(moved(0.0))))

    function = lambda z: f(Value(z)).data  # noqa: E731
    first, error = quotients(function)
    assert abs(grad(f)(moved(0.0)) - first) <= error
    second, error = quotients(grad(f))
    assert abs(grad(grad(f))(moved(0.0)) - second) <= error


@pytest.mark.parametrize(
    ("f", "z", "slope"),
    [
        (ag.arcsin, complex(2, 0.0), 1j / math.sqrt(3)),
        (ag.arcsin, complex(2, -0.0), -1j / math.sqrt(3)),
        (ag.arcsin, complex(-2, 0.0), -1j / math.sqrt(3)),
        (ag.arccos, complex(2, 0.0), -1j / math.sqrt(3)),
        (ag.arccosh, complex(-2, 0.0), -1 / math.sqrt(3)),
        (ag.arccosh, complex(-2, -0.0), -1 / math.sqrt(3)),
        (ag.arccosh, complex(0.5, -0.0), 1j / math.sqrt(0.75)),
        (ag.arcsinh, complex(-0.0, 2), 1j / math.sqrt(3)),
        (ag.arcsinh, complex(0.0, 2), -1j / math.sqrt(3)),
    ],
)
def test_the_sides_of_the_cuts_by_closed_form(f, z, slope):
    assert grad(f)(z) == pytest.approx(slope, rel=1e-15)
    assert grad(lambda z: f(z) * 1)(Value(z)).data == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize("z", [mpc(2, 0), mpc(-2, 0), mpc(0.5, 0), mpc(0, 2), mpc(0, -2)])
@pytest.mark.parametrize("f", [ag.arcsin, ag.arccos, ag.arccosh, ag.arcsinh, ag.arctan])
def test_mpmath_has_one_side_of_each_cut_and_the_derivative_is_there_too(f, z):
    """mpmath has no signed zero. The point is moved along the axis that it is on."""
    if abs(z.imag) == 2 and f in (ag.arcsin, ag.arccos, ag.arccosh):
        z = mpc(z.imag, 0)
    h = mpf(10) ** -6 * (1 if z.imag == 0 else mpc(0, 1))
    difference = (f(z + h) - f(z - h)) / (2 * h)
    assert abs(grad(f)(z) - difference) <= mpf(10) ** -8


@pytest.mark.parametrize("z", [711 + 1j, -711 + 1j, 1500 + 2j, -1500 - 2j, 1e4 + 0j, -1e4 + 3j])
def test_units_do_not_overflow(z):
    """Beyond exp(710): the limits, or what is left of exp(z)."""
    x = z.real
    limits = {  # value and derivative
        "sigmoid": (1, 0) if x > 0 else (0, 0), "tanh": (math.copysign(1, x), 0),
        "log_sigmoid": (0, 0) if x > 0 else (z, 1), "softplus": (z, 1) if x > 0 else (0, 0),
        "silu": (z, 1) if x > 0 else (0, 0), "logistic_density": (0, 0), "sech2": (0, 0),
    }  # fmt: skip
    for name, (value, slope) in limits.items():
        leaf = Value(z)
        y = rules.TABLE[name](leaf)
        y.backward()
        assert abs(y.data - value) < 1e-300, name
        assert abs(leaf.grad - slope) < 1e-300, name
        for again in (gradients(y, [leaf], create_graph=True), [grad(rules.TABLE[name])(z)]):
            assert abs(again[0] - slope) < 1e-300, name


def test_out_of_range_a_complex_number_has_an_infinite_part():
    for f, z in [
        (ag.exp, 800 + 1j), (ag.cosh, -800 + 1j), (ag.sinh, 800 - 2j), (ag.sin, 1 + 800j),
        (ag.cos, 1 - 800j), (ag.exp2, 1100 + 1j), (ag.expm1, 800 + 1j),
        (lambda x: x**3, 1e200 + 0j),
        (ag.log, 0j), (ag.log10, -0j), (ag.log1p, -1 + 0j), (ag.arctanh, 1 + 0j), (ag.arctan, 1j),
        (ag.reciprocal, 0j), (lambda x: x**-1.5, 0j), (ag.abs, complex(1.7e308, 1.7e308)),
    ]:  # fmt: skip
        assert cmath.isinf(f(Value(z)).data), (f, z)
    assert ag.log(complex(-0.0, 0.0)) == complex(-INF, math.pi)
    assert ag.exp(complex(720, 1e-300)).imag == pytest.approx(
        float(mp.exp(720) * mpf(1e-300)), rel=1e-14
    )
    assert cmath.isnan(ag.sin(complex(INF, 0.0)))


def test_a_logarithm_of_sums_is_the_principal_one():
    for z in (3 + 9j, 800 + 9j, -3 + 9j, 2 - 40j):
        assert ag.softplus(z).imag == pytest.approx(
            cmath.log(1 + cmath.exp(complex(min(z.real, 300), z.imag))).imag
        )
    assert ag.logaddexp(1 + 9j, 1 + 9j) == pytest.approx(cmath.log(2 * cmath.exp(1 + 9j)))
    assert ag.logsumexp([710 + 3j, 710 + 3j, 1j]) == pytest.approx(710 + math.log(2) + 3j)


# -- constants ---------------------------------------------------------------------------------

THIRD = ratio(1, 3)
BINARY = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.eq, operator.lt, operator.le, operator.gt, operator.ge, operator.ne,
)  # fmt: skip


@pytest.mark.parametrize("function", BINARY)
@pytest.mark.parametrize(
    "number", [mpf(7) / 3, mpc(7) / 3, Decimal(7), Fraction(7, 2), 2.5, 2 + 1j]
)
def test_beside_a_number_a_constant_is_of_its_type(function, number):
    """On either side; 1/3 of the type is the oracle, with the type's own operator."""
    kind = type(number)
    third = kind(1) / kind(3) if kind is not Fraction else Fraction(1, 3)
    sides = [((THIRD, number), (third, number)), ((number, THIRD), (number, third))]
    if function is operator.pow and kind is Fraction and sys.version_info < (3, 13):
        sides.pop()  # there Fraction.__pow__ makes a float of itself before anyone is asked
    for mine, theirs in sides:
        try:
            truth = function(*theirs)
        except TypeError:
            with pytest.raises(TypeError):
                function(*mine)
            continue
        if type(truth) is float and kind is Fraction:
            with pytest.raises(TypeError, match="no Fraction"):
                function(*mine)
        else:
            assert (function(*mine), type(function(*mine))) == (truth, type(truth))


def test_what_constants_and_ints_make_is_exact():
    for constant, truth in (
        (-THIRD, Fraction(-1, 3)), (2 * THIRD, Fraction(2, 3)), (THIRD - 1, Fraction(-2, 3)),
        (1 / THIRD, Fraction(3)), (THIRD**2, Fraction(1, 9)), (abs(-THIRD), Fraction(1, 3)),
        (THIRD * THIRD + THIRD, Fraction(4, 9)),
    ):  # fmt: skip
        assert type(constant) is Constant
        assert constant * Fraction(1) == Fraction(1) * constant == truth
        assert float(constant) == pytest.approx(float(truth))
        assert pickle.loads(pickle.dumps(constant)) * Fraction(1) == truth  # noqa: S301
    with mp.workdps(40):
        assert abs(-rules.LOG2_E * mpf(1) + 1 / mp.log(2)) < mpf(10) ** -39
        assert mpf(1) - rules.LOG2_E == 1 - 1 / mp.log(2)
    assert 1 < rules.LOG2_E < 2
    assert {rules.LOG2_E} == {1 / math.log(2)}


def test_a_graph_with_constants_is_pickled():
    x = Value(2.0)
    x.log2().backward(create_graph=True)
    slope = pickle.loads(pickle.dumps(x.grad))  # noqa: S301
    assert slope.data == x.grad.data
    assert pickle.loads(pickle.dumps(rules.LOG2_E)) is rules.LOG2_E  # noqa: S301


# -- mpmath's own constants --------------------------------------------------------------------


def test_the_constants_of_mpmath_are_mpf():
    with mp.workdps(30):
        x = Value(mpmath.pi)
        y = x * 2
        y.backward()
        assert type(x.data) is type(y.data) is type(x.grad) is mpf
        assert (y.data, x.grad) == (2 * mp.pi, 2)
        for product in (
            Value(mpf(2)) * mpmath.pi,
            mpmath.pi * Value(mpf(2)),
            Value(2.0) * mpmath.e,
        ):
            assert type(product.data) is mpf
        assert (Value(2j) * mpmath.pi).data == mpc(0, 2 * mp.pi)
        assert grad(lambda x: ag.sin(x * mpmath.pi))(mpf(1)) == mp.pi * mp.cos(mp.pi)


# -- seeds, cotangents, tangents, and what hooks return -----------------------------------------

HALF = Fraction(1, 2)


def square(x: Any) -> Any:
    return x * x


def hooked(seed: Any) -> None:
    x = Value(HALF)
    x.register_hook(lambda gradient: seed)
    square(x).backward()


GIVEN = [  # each way in which a number enters a sweep
    lambda seed: square(Value(HALF)).backward(seed),
    lambda seed: square(Value(HALF)).backward(seed, create_graph=True),
    lambda seed: square(Value(HALF)).backward(seed, accumulate="exact"),
    lambda seed: Value(HALF).backward(seed),
    lambda seed: square(Value(HALF)).backward(Value(seed)),
    lambda seed: vjp(square, HALF)[1](seed),
    lambda seed: vjp(grad(square), HALF)[1](seed),
    lambda seed: jvp(square, (HALF,), (seed,)),
    lambda seed: hvp(square, HALF, seed),
    lambda seed: jvp(grad(square), (HALF,), (seed,)),
    hooked,
]


@pytest.mark.parametrize("enter", GIVEN)
@pytest.mark.parametrize("given", [0.1, 1j, Decimal(1), mpf(1)])
def test_nothing_rounds_a_fraction_in_a_sweep(enter, given):
    with pytest.raises(TypeError, match=r"for a Fraction: .*convert one side first"):
        enter(given)


@pytest.mark.parametrize("enter", GIVEN)
def test_what_is_no_number_is_refused(enter):
    with pytest.raises(TypeError, match=r"has to be a number|holds one number"):
        enter("1")


@pytest.mark.parametrize("seed", [3, Fraction(3), THIRD])
def test_an_int_and_a_fraction_keep_a_sweep_exact(seed):
    exact = Fraction(1, 3) if seed is THIRD else Fraction(seed)
    x = Value(HALF)
    square(x).backward(seed)
    found = [x.grad, vjp(square, HALF)[1](seed)[0], jvp(square, (HALF,), (seed,))[1]]
    found += [hvp(lambda x: x**3 / 6, HALF, 2 * seed)]
    y = Value(HALF)
    y.register_hook(lambda gradient: seed)
    square(y).backward()
    assert [*found, y.grad] == [exact] * 5
    assert {type(g) for g in (*found, y.grad)} == {Fraction}


def test_a_seed_takes_the_type_of_its_root_where_that_holds_it():
    for root, seed, kind in (
        (2.0, 3, float),
        (2j, 1.5, complex),
        (mpf(2), 0.5, mpf),
        (mpc(2), 1j, mpc),
    ):
        x = Value(root)
        (x * x).backward(seed)
        assert (type(x.grad), x.grad) == (kind, 2 * root * seed)
    for root, seed, wider in ((2.0, 1j, "complex"), (2.0, mpf(1), "mpf"), (mpf(2), 1j, "mpc")):
        with pytest.raises(TypeError, match=f"cannot hold it.*compute with {wider} throughout"):
            square(Value(root)).backward(seed)
        with pytest.raises(TypeError, match="cannot hold it"):
            vjp(square, root)[1](seed)


def test_a_hook_may_answer_an_int_or_a_narrower_number():
    for number, answer in ((2.0, 3), (2j, 1.5), (mpf(2), 0.5), (Decimal(2), 3)):
        x = Value(number)
        x.register_hook(lambda gradient, answer=answer: answer)
        square(x).backward()
        assert (type(x.grad), x.grad) == (type(number), answer)
