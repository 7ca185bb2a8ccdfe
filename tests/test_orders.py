"""Every derivative of every row up to the fourth order: at its edges, at 0, near it, and far out.

The truth is that of `jets`: Taylor series in mpmath. A derivative is finite where the true one is,
and equal to it to 1e-9; where that overflows, or is infinite in the limit from inside the domain,
it is inf of the right sign. It is never nan where there is a truth.
"""

# ruff: noqa: SIM905 -- names stand as words

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import jets
import pytest
from jets import FORMULAS, Exponents, derivatives
from mpmath import mp, mpc, mpf

import autograd
from autograd import Value, grad, hvp, jvp
from autograd.functions import rules
from autograd.functions.calls import Primitive

INF, NAN = math.inf, math.nan
RELATIVE = mpf("1e-9")
ABSOLUTE = 4 * mpf(5e-324)
OVERFLOW = mpf(2) ** 1024 * (1 - RELATIVE)

SIZES = (0.0, 5e-324, 1e-300, 1e-160, 1e-8, 0.5, 1.0, 3.0, 40.0, 710.0, 1e8, 1e160, 1e300)
NUMBERS = tuple(sign * size for size in SIZES for sign in (1.0, -1.0))

# Where more can go wrong: next to the ends of a domain, at a subnormal value, near a pole.
TAILS = ((36.7,), (-36.7,), (-730.0,), (745.0,), (-745.0,))
DENSITIES = ((1.5,), (-6.0,), (27.0,), (-27.0,), (38.5,), (-38.5,))
INSIDE = tuple((sign * x,) for x in (1 - 1e-8, math.nextafter(1, 0)) for sign in (1, -1))
GAMMA = ((-0.3,), (-1.7,), (-39.9,), (-170.3,), (-1e8 + 0.25,), (1 - 2.0**-52,), (2 + 2.0**-51,))
ROOTS = ((1e-60,), (1e-100,), (1e100,))
MORE: dict[str, tuple[tuple[float, ...], ...]] = {
    **dict.fromkeys(
        "sigmoid log_sigmoid softplus silu tanh sinh cosh exp expm1".split(),
        TAILS,
    ),
    **dict.fromkeys("erf erfc normal_cdf normal_pdf gelu".split(), DENSITIES),
    **dict.fromkeys("arcsin arccos arctanh".split(), INSIDE),
    **dict.fromkeys("gamma lgamma digamma".split(), GAMMA),
    **dict.fromkeys("log log2 log10 sqrt cbrt reciprocal arctan arcsinh".split(), ROOTS),
    "log1p": ((-1 + 1e-8,), (math.nextafter(-1, 0),)),
    "arccosh": ((1 + 1e-8,), (1 + 2.0**-52,)),
    "tan": ((1.5,), (math.pi / 2,), (-math.pi / 2,)),
    "divide": ((0.0, 1e-300), (-0.0, 1e-160), (2.3e-314, -38.9), (1.0, 0.0), (-1.0, -0.0)),
    "leaky_relu": ((-1e-300, 1e300), (-1e160, 40.0), (-1e300, -710.0)),
    "logaddexp": ((40.0, 0.0), (0.5, 710.0), (1e-300, -1e-160), (-1e-8, 0.0), (1e300, -1e300)),
    "logsumexp": ((40.0, 0.0), (40.0, 0.0, 39.0), (0.0, 0.0, -710.0), (1e-160, -1e-8, -40.0)),
    "hypot": ((1e8, 710.0), (0.5, 1e-160), (1e-160, 5e-324), (5e-324, -5e-324), (0.5, 1.0)),
    "norm": ((1e8, 710.0, 0.0), (1e-160, 5e-324, 5e-324), (1e300, 1e300, 1.0), (3.0, 0.0, 4.0)),
    "arctan2": ((-1e-160, -1.0), (1e300, -0.5), (0.5, 5e-324), (5e-324, -5e-324), (1e-8, 1e8)),
    "prod": ((0.0, 2.0, 3.0), (0.0, 0.0, 3.0), (1e300, 1e300, 1e-300, 1e-300)),
    "power": ((0.0, 2.0), (0.0, 0.5), (0.0, -1.0), (1e-160, 2.5), (1e-300, 3.0)),
}


def product_of_shares(exponents: Exponents, *xs: float) -> Any:
    """The softmax weights of the operands by which one differentiates; a single s, s (1 - s)."""
    with mp.workprec(2400):
        es = [mp.exp(mpf(x) - max(xs)) for x in xs]
        chosen = [e / sum(es) for e, count in zip(es, exponents, strict=True) if count]
        return math.prod(chosen) * (1 - chosen[0] if len(chosen) == 1 else 1)


# The largest term, to which an error is relative where a derivative has zeros that are no floats:
# with three operands or more it changes its sign where a share is 1/2, the sum of the others.
TERMS = {"logsumexp": lambda exponents, *xs: product_of_shares(exponents, *xs) * (len(xs) > 2)}


# ---------------------------------------------------------------- the engine's derivatives


def nested_sweeps(row: Primitive, xs: tuple[float, ...]) -> dict[Exponents, float]:
    """All derivatives of the orders 1 to 4, by sweeps that create graphs."""
    operands = [Value(x) for x in xs]
    output = row(operands) if row.arity is None else row(*operands)
    found: dict[Exponents, Any] = {(0,) * len(xs): output}
    level = dict(found)
    for order in range(1, jets.ORDER + 1):
        below, level = level, {}
        for exponents, y in below.items():
            for x in operands:
                x.zero_grad()
            if isinstance(y, Value):
                y.backward(create_graph=order < jets.ORDER)
            last = max((i for i, count in enumerate(exponents) if count), default=0)
            for i in range(last, len(xs)):
                more = tuple(count + (i == j) for j, count in enumerate(exponents))
                level[more] = operands[i].grad
        found |= level
    return {e: y.data if isinstance(y, Value) else y for e, y in found.items() if sum(e)}


# ---------------------------------------------------------------- the truth


def truth(name: str, xs: tuple[float, ...]) -> dict[Exponents, Any]:
    """The true derivatives; at a pole, those of a point 2**-2200 inside of the domain."""
    try:
        return derivatives(FORMULAS[name], *xs)
    except jets.Pole:
        with mp.workprec(10_000):
            return derivatives(FORMULAS[name], *inside(name, xs))


def inside(name: str, xs: tuple[float, ...]) -> list[Any]:
    """A point next to a pole: inside at an end of the domain, at 0 on the side of its sign."""
    near, domain = mpf(2) ** -2200, rules.TABLE[name].domain
    moved = [mpf(x) for x in xs]
    low, high = domain[0]
    if len(xs) > 1:  # a division by 0
        moved[1] = math.copysign(1, xs[1]) * near
    elif xs[0] in (low, high):
        moved[0] += near if xs[0] == low else -near
    else:
        moved[0] = math.copysign(1, xs[0]) * near
    return moved


KINKS: dict[str, Callable[..., bool]] = {  # where a derivative does not exist
    **dict.fromkeys(
        "abs sign angle relu leaky_relu elu heaviside".split(),
        lambda x, *parameters: x == 0,
    ),
    **dict.fromkeys("floor ceil trunc".split(), lambda x: x % 1 == 0),
    **dict.fromkeys(
        "floor_divide truncate_divide remainder fmod".split(), lambda x, y: not y or _is_whole(x, y)
    ),
    **dict.fromkeys("maximum minimum max min clip".split(), lambda *xs: len(set(xs)) < len(xs)),
    **dict.fromkeys("hypot norm arctan2 divide".split(), lambda *xs: not any(xs)),
    **dict.fromkeys("gamma lgamma digamma".split(), lambda x: x < 0 and x % 1 == 0),
    "copysign": lambda x, y: x == 0 or y == 0,
    "rint": lambda x: x % 1 == 0.5,
    "hard_sigmoid": lambda x: abs(x) == 3,
    "hard_tanh": lambda x: abs(x) == 1,
    # of negative numbers: see below; -0.0 stands for them
    "power": lambda x, y: math.copysign(1, x) < 0,
}


def _is_whole(x: float, y: float) -> bool:
    with mp.workprec(4500):
        return bool(mp.isint(mpf(x) / mpf(y)))


def by_convention(name: str, xs: tuple[float, ...], exponents: Exponents) -> bool:
    """Whether 0**0 log(0) is asked for, which is 0 (see the tests of powers)."""
    return name == "power" and xs[0] == 0 and exponents[0] == xs[1] and exponents[1] > 0


def is_right(got: float, true: Any, scale: Any = 0) -> bool:
    if mp.isinf(true) or abs(true) >= OVERFLOW:
        return got == math.copysign(INF, true) or abs(got) <= abs(true) < mpf(2) ** 1024
    return math.isfinite(got) and abs(got - true) <= RELATIVE * max(abs(true), scale) + ABSOLUTE


def wrong(row: Primitive, xs: tuple[float, ...]) -> Iterator[str]:
    """What is wrong with the derivatives of a row at a point."""
    name, found = row.name, nested_sweeps(row, xs)
    for exponents, true in truth(name, xs).items():
        got = found[exponents]
        if is_right(got, true) or by_convention(name, xs, exponents):
            continue
        if name not in TERMS or not is_right(got, true, TERMS[name](exponents, *xs)):
            yield f"{name}{xs}, by the operands {exponents} times: {got}, not {mp.nstr(true, 12)}"


# ---------------------------------------------------------------- the law


def points(name: str) -> list[tuple[float, ...]]:
    """The numbers for a row of one operand, a thinned cross of them for a row of more."""
    row, rng = rules.TABLE[name], random.Random(name)
    if row.arity == 1:
        ends = tuple(end for end in row.domain[0] if math.isfinite(end))
        found = [(x,) for x in (*NUMBERS, *ends)]
    elif row.arity == 2:
        found = rng.sample(list(itertools.product(NUMBERS, repeat=2)), 50)
    else:
        counts = (3, 5) if name == "dot" else (1, 2, 3, 4) if row.arity is None else (row.arity,)
        found = [tuple(rng.choices(NUMBERS, k=n)) for n in counts for _ in range(8)]
    kink = KINKS.get(name, lambda *xs: False)
    return [xs for xs in (*found, *MORE.get(name, ())) if in_domain(row, xs) and not kink(*xs)]


def in_domain(row: Primitive, xs: tuple[float, ...]) -> bool:
    return all(low <= x <= high for x, (low, high) in zip(xs, row.domain, strict=False))


def test_every_public_row_has_a_formula():
    names = {name for name in rules.PUBLIC if name != "where"}
    assert set(FORMULAS) == names | {"dot"}, "where is two formulas, and a condition between them"


@pytest.mark.parametrize("name", FORMULAS)
def test_every_derivative_of_every_row_is_the_true_one(name):
    row = rules.TABLE[name]
    found = [line for xs in points(name) for line in wrong(row, xs)]
    assert not found, "\n".join(found[:10])


@pytest.mark.parametrize("y", [-3, -1, 0, 1, 2, 3, 5])
def test_every_derivative_of_a_whole_power_is_the_true_one(y):
    """Of negative bases too; at -0.0 a pole has the sign of the limit from below."""
    for x in NUMBERS:
        variable = y_th = Value(x)
        y_th = variable**y
        for order in range(1, 5):
            variable.zero_grad()
            if isinstance(y_th, Value):
                y_th.backward(create_graph=True)
            y_th = variable.grad
            near = mpf(x) if x or y >= order else math.copysign(1, x) * mpf(2) ** -2200
            true = mp.ff(y, order) and mp.ff(y, order) * near ** (y - order)
            assert is_right(float(getattr(y_th, "data", y_th)), true), (x, order)


@pytest.mark.parametrize("condition", [True, False])
def test_every_derivative_of_the_branch_taken_is_that_of_where(condition):
    x, y = Value(1e-160), Value(3.0)
    output = autograd.where(condition, x.log(), y.sqrt())
    leaf, formula = (x, "log") if condition else (y, "sqrt")
    for order, true in enumerate(truth(formula, (leaf.data,)).values(), start=1):
        for variable in (x, y):
            variable.zero_grad()
        output.backward(create_graph=True)
        output = leaf.grad
        assert is_right(output.data, true), order
        assert (y if condition else x).grad == 0


FOUND = [  # row, operands, by which how often: where the chain rule in floats went wrong
    ("log", (1e-160,), (3,), INF),  # nan, from the 0 that keeps log to its domain
    ("sqrt", (0.0,), (3,), INF),
    ("cbrt", (0.0,), (2,), -INF),
    ("cbrt", (-0.0,), (2,), INF),
    ("arcsin", (1e-300,), (4,), 9e-300),  # 0: (1 - x) - (1 + x)
    ("arctanh", (1e-160,), (4,), 2.4e-159),
    ("arccosh", (1.0,), (2,), -INF),
    ("digamma", (-0.0,), (2,), INF),
    ("erf", (1e160,), (4,), 0.0),  # nan: inf * 0
    ("normal_pdf", (38.5,), (2,), 8.036011088e-320),  # a thousand units of 5e-324 off
    ("divide", (0.0, 1e-300), (0, 4), 0.0),  # nan
    ("leaky_relu", (-1e160, 40.0), (0, 4), 0.0),
    ("logaddexp", (40.0, 0.0), (2, 0), 4.248354255291589e-18),  # 0: s (1 - s)
    ("logaddexp", (1e-300, -1e-160), (3, 0), -1.25e-161),
    ("hypot", (0.5, 1e-160), (2, 0), 8e-320),  # 0: 1 - d * d
    ("hypot", (5e-324, 5e-324), (2, 1), INF),  # nan: inf - inf
    ("arctan2", (1e-160, 1.0), (4, 0), 2.4e-159),  # two thirds of it
    ("arctan", (INF,), (2,), 0.0),
    ("logsumexp", (-INF, -INF), (2, 0), 0.0),
    ("logsumexp", (-INF, -INF), (1, 2), 0.0),
    ("logaddexp", (-INF, 1.0), (3, 0), 0.0),
    ("hypot", (INF, 1.0), (2, 1), 0.0),
]


@pytest.mark.parametrize(("name", "xs", "exponents", "expected"), FOUND)
def test_derivatives_that_were_wrong(name, xs, exponents, expected):
    got = nested_sweeps(rules.TABLE[name], xs)[exponents]
    assert is_right(got, mpf(expected)), got


# ---------------------------------------------------------------- other ways to the same numbers


def by_grad(f: Callable[..., Any], order: tuple[int, ...]) -> Callable[..., Any]:
    return functools.reduce(grad, order, f)


def by_jvp(f: Callable[..., Any], order: tuple[int, ...]) -> Callable[..., Any]:
    def pushed(f: Callable[..., Any], i: int) -> Callable[..., Any]:
        return lambda *xs: jvp(f, xs, [float(i == j) for j in range(len(xs))])[1]

    return functools.reduce(pushed, order, f)


def by_hvp(f: Callable[..., Any], order: tuple[int, ...]) -> Callable[..., Any]:
    """Two operands at a time: the entry of a Hessian; an odd one by a gradient."""

    def entry(f: Callable[..., Any], i: int, j: int) -> Callable[..., Any]:
        unit = lambda xs: [float(i == k) for k in range(len(xs))]  # noqa: E731
        return lambda *xs: hvp(lambda xs: f(*xs), list(xs), unit(xs))[j]

    while len(order) > 1:
        f, order = entry(f, *order[:2]), order[2:]
    return by_grad(f, order)


ROUTES = [  # one row of each family, where the chain rule alone would fail
    ("log", (1e-160,)), ("sqrt", (1e-160,)), ("cbrt", (-1e-300,)), ("arcsin", (1e-160,)),
    ("arccosh", (1.0,)), ("erf", (27.0,)), ("normal_pdf", (38.5,)), ("arctan", (1e100,)),
    ("lgamma", (0.0,)), ("gamma", (-170.3,)), ("tanh", (-0.5,)), ("divide", (0.0, 1e-300)),
    ("hypot", (1e-160, 5e-324)), ("arctan2", (5e-324, -5e-324)), ("logaddexp", (40.0, 0.0)),
    ("leaky_relu", (-1e160, 40.0)), ("power", (1e-160, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize("route", [by_grad, by_jvp, by_hvp])
@pytest.mark.parametrize(("name", "xs"), ROUTES, ids=[name for name, _ in ROUTES])
def test_every_route_and_every_order_of_the_operands_gives_them(route, name, xs):
    row, true = rules.TABLE[name], truth(name, xs)
    for length in range(1, 5):
        for order in itertools.product(range(len(xs)), repeat=length):
            got = route(row, order)(*xs)
            exponents = tuple(map(order.count, range(len(xs))))
            assert is_right(float(got), true[exponents]), (order, got)


@pytest.mark.parametrize("name", ["divide", "hypot", "arctan2", "logaddexp", "leaky_relu"])
def test_a_literal_has_the_place_of_a_constant(name):
    row, xs = rules.TABLE[name], (-1e-160, 3.0)
    for place in (0, 1):
        x = Value(xs[place])
        y = row(*(x if i == place else number for i, number in enumerate(xs)))
        for order in range(1, 5):
            x.zero_grad()
            if isinstance(y, Value):
                y.backward(create_graph=True)
            y = x.grad
            exponents = tuple(order * (i == place) for i in range(2))
            assert is_right(float(getattr(y, "data", y)), truth(name, xs)[exponents])


BOUNDED = [name for name in rules.PUBLIC if rules.TABLE[name].domain[0] != (-INF, INF)]


@pytest.mark.parametrize("name", BOUNDED)
def test_outside_of_the_domain_every_derivative_is_nan(name):
    (low, high), row = rules.TABLE[name].domain[0], rules.TABLE[name]
    for x in (math.nextafter(low, -INF), low - 1, math.nextafter(high, INF), high + 1, -INF, NAN):
        if not low <= x <= high:
            assert all(map(math.isnan, nested_sweeps(row, (x,)).values())), x


# ---------------------------------------------------------------- numbers beside float


@pytest.mark.parametrize(("kind", "tolerance"), [(mpf, "1e-30"), (complex, "1e-12")])
@pytest.mark.parametrize("name", FORMULAS)
def test_other_numbers_have_every_derivative_at_their_own_precision(name, kind, tolerance):
    if kind is complex and name in ("imag", "angle"):
        return  # they do move, off the real line
    row = rules.TABLE[name]
    if kind is complex and row in (rules.imag, rules.angle):
        return  # they depend on what is not on the real line
    xs = (2.25,) if row is rules.arccosh else (0.375, 0.75, 0.625)[: row.arity or 3]
    with mp.workdps(40):
        try:
            found = nested_sweeps(row, tuple(map(kind, xs)))
        except TypeError:
            assert kind is complex, "mpmath's numbers have every function"
            return
        for exponents, true in truth(name, xs).items():
            got = mp.mpmathify(found[exponents])
            assert abs(got - true) <= mpf(tolerance) * max(abs(true), mpf("1e-3")), exponents


def unit(z: Any) -> Any:
    return 1 / (1 + mp.exp(-z))


HOLOMORPHIC: dict[str, Callable[..., Any]] = {  # rows with rules of their own for derivatives
    "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arcsinh": mp.asinh,
    "arccosh": mp.acosh, "arctanh": mp.atanh, "tan": mp.tan, "tanh": mp.tanh,
    "erf": mp.erf, "normal_pdf": mp.npdf, "silu": lambda z: z * unit(z), "sigmoid": unit,
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2, "digamma": mp.digamma,
    "gamma": mp.gamma,
    "exp2": lambda z: mpf(2) ** z, "divide": lambda z, w: z / w, "power": lambda z, w: z**w,
    "logaddexp": lambda z, w: mp.log(mp.exp(z) + mp.exp(w)),
}  # fmt: skip
PLANE = ((0.3 - 0.7j, 1.5 + 0.25j), (2 - 1j, -0.75 + 0.5j), (-1.25 + 0.5j, 3 + 0j))


@pytest.mark.parametrize(("kind", "tolerance"), [(mpc, "1e-28"), (complex, "1e-12")])
@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_in_the_complex_plane_every_derivative_is_that_of_mpmath(name, kind, tolerance):
    """By mpmath's differences at 90 digits."""
    row = rules.TABLE[name]
    for xs in (point[: row.arity] for point in PLANE):
        with mp.workdps(40):
            try:
                found = nested_sweeps(row, tuple(map(kind, xs)))
            except TypeError:
                assert name in ("erf", "gelu", "digamma", "gamma"), "which cmath has not"
                assert kind is complex
                return
        for exponents, got in found.items():
            if sum(exponents) > 3:
                continue
            with mp.workdps(90):
                true = mp.diff(HOLOMORPHIC[name], tuple(map(mp.mpmathify, xs)), exponents)
                error = mpf(tolerance) * max(abs(true), mpf("1e-3"))
                assert abs(mp.mpmathify(got) - true) <= error, (xs, exponents)
