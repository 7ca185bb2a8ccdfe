"""Hypothesis strategies: floats that find errors, and random programs over the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, cast

from autograd.extras import need
from autograd.functions import rules
from autograd.functions.row import REALS
from autograd.functions.rules import TABLE
from autograd.graph.value import Value
from autograd.testing.computation import Computation
from autograd.testing.operations import (
    CARRIED,
    Branch,
    Condition,
    Literal,
    Loop,
    Operation,
    Term,
)
from autograd.testing.points import float_at, place_of

need("hypothesis", "testing", "autograd.testing.strategies")
from hypothesis import strategies as st  # noqa: E402  (after the message that names the extra)

_T = TypeVar("_T")
FLOAT_ROWS = tuple(name for name in (*rules.PUBLIC, "dot") if not TABLE[name].part)
RATIONAL_ROWS = tuple(name for name, row in TABLE.items() if row.rational)
ARITHMETIC = ("add", "subtract", "multiply", "divide")
MODERATE = 2.0**20
_MOST = 4  # kinds of operation in a program
_DISTANCES = (0, 0, 0, 1, 1, 2, 4, 9)  # beyond the first place means the first: late uses
_SPREAD = 0x9E3779B97F4A7C15  # odd: multiplying by it permutes the integers modulo 2**64

# -- numbers ----------------------------------------------------------------------------------


def floats_in(
    domain: tuple[float, float] = REALS, *, kinks: Sequence[float] = (), specials: bool = False
) -> st.SearchStrategy[float]:
    """Finite floats of a closed interval, drawn where errors are.

    By turns: moderate numbers, those at which exponentials saturate (from 8 to 45, and to 1,000),
    all magnitudes alike (subnormal ones among them), and the neighbourhoods (3 units in the last
    place) of the ends of the interval and of kinks. The low bits are as random as the high ones:
    numbers on a coarse grid hide errors. Nothing is drawn in vain; a failure shrinks towards 0.

    Parameters
    ----------
    domain : tuple of (float, float)
        The smallest and the largest number; infinite ends stand for the largest floats.
    kinks : sequence of float
        Points inside that are special.
    specials : bool
        Whether -0.0, the infinities and nan may come as well, where the domain is that large.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(floats_in((0.0, math.inf)), lambda x: x >= 3.0)
    3.0
    """
    largest = math.nextafter(math.inf, 0.0)
    low, high = max(domain[0], -largest), min(domain[1], largest)
    first, last = place_of(low), place_of(high)
    if first > last:
        raise ValueError(f"no float lies between {low!r} and {high!r}: the domain is empty")
    kinds = [
        st.builds(_scattered, st.integers(first, last), st.just(first), st.just(last)),
        st.builds(
            lambda exponent, digits: float_at(min(max(exponent * 2**52 + digits, first), last)),
            st.integers(first >> 52, last >> 52),
            _significands(),
        ),
    ]
    near_low, near_high = max(low, -8.0), min(high, 8.0)
    if near_low < near_high:
        kinds.append(st.floats(near_low, near_high, allow_subnormal=False))
    signs = [sign for sign in (1.0, -1.0) if low <= sign * 1000.0 <= high]
    if signs:
        kinds += [_saturated(*signs) for _ in range(2)]  # `one_of` leaves out what it has seen
    points = [x for x in (*kinks, low, high) if abs(x) < largest and low <= x <= high]
    if points:
        kinds.append(near(points, first, last))
    if specials:
        candidates = (0.0, -0.0, math.inf, -math.inf)
        kinds.append(st.sampled_from([x for x in candidates if domain[0] <= x <= domain[1]]))
        kinds.append(st.just(math.nan))
    return st.one_of(kinds)


# Where exponentials leave 1 + exp(-x) as it is, in double and (from 8) single precision, and
# where they under- and overflow.
_SATURATED = (*range(16, 41), *range(21, 38, 2), 8, 9, 10, 12, 14, 50, 88, 104, 300, 709, 745, 999)


def _saturated(*signs: float) -> st.SearchStrategy[float]:
    """Floats of these signs at which exponentials saturate."""
    return st.builds(
        lambda sign, size, digits: sign * (size + math.ldexp(digits, -52)),
        st.sampled_from(signs),
        st.sampled_from(_SATURATED),
        _significands(),
    )


def _scattered(place: int, first: int, last: int) -> float:
    """The float at a place, with its low bits mixed; moderate places stay where they are."""
    low_bits = 1 << 40
    mixed = place - place % low_bits + place * _SPREAD % low_bits
    return float_at(mixed if place % low_bits and first <= mixed <= last else place)


def _significands(bits: int = 52) -> st.SearchStrategy[int]:
    """Integers of so many bits, the low ones as random as the high ones.

    Hypothesis prefers small integers; an odd factor spreads them over all bits and leaves 0, to
    which a failure shrinks, where it is.
    """
    return st.integers(0, 2**bits - 1).map(lambda n: n * _SPREAD % 2**bits)


def _scaled(low: int, high: int) -> st.SearchStrategy[float]:
    """Floats of both signs, log-uniform between two powers of two."""
    return st.builds(
        lambda sign, digits, exponent: sign * math.ldexp(2**52 + digits, exponent - 52),
        st.sampled_from((1, -1)),
        _significands(),
        st.integers(low, high - 1),
    )


def breakpoints(*rows: str) -> list[float]:
    """Return the kinks of some rows and the finite ends of their domains."""
    ends = {x for name in rows for interval in TABLE[name].domain for x in interval}
    return sorted({x for x in ends if math.isfinite(x)}.union(*(TABLE[x].kinks for x in rows)))


def near(
    points: Sequence[float], first: int = place_of(-math.inf), last: int = place_of(math.inf)
) -> st.SearchStrategy[float]:
    """Floats at most 3 units from some points, often these, and between two places of floats."""
    return st.builds(
        lambda x, steps: float_at(min(max(place_of(x) + steps, first), last)),
        st.sampled_from(points),
        st.sampled_from((0, 0, 0, 1, -1, 2, -2, 3, -3)),
    )


FLOAT_KINDS: dict[str, st.SearchStrategy[float]] = {
    "plain": _scaled(-3, 3),
    "saturated": _saturated(1.0, -1.0),
    "wide": _scaled(-1022, 1024),
    "subnormal": st.builds(
        lambda sign, digits, size: sign * math.ldexp(digits >> size, -1074),
        st.sampled_from((1.0, -1.0)),
        _significands(),
        st.integers(0, 51),
    ),
    "kink": near(breakpoints(*TABLE)),
    "special": st.sampled_from((0.0, -0.0, math.inf, -math.inf, math.nan)),
}


def floats(*kinds: str) -> st.SearchStrategy[float]:
    """Floats of the kinds named: plain, saturated, wide (to 1e+-308), subnormal, kink, special."""
    return st.sampled_from(kinds).flatmap(FLOAT_KINDS.__getitem__)


FINITE = floats("plain", "wide", "subnormal", "kink")
WILD = floats(*FLOAT_KINDS)
FRACTIONS = st.builds(Fraction, st.integers(-20, 20), st.integers(1, 12))
INTEGERS = st.integers(-3, 4)


# -- programs ---------------------------------------------------------------------------------


@st.composite
def programs(
    draw: st.DrawFn,
    *,
    rows: Sequence[str] = FLOAT_ROWS,
    inputs: st.SearchStrategy[Any] = floats("plain", "saturated", "saturated"),  # noqa: B008  (immutable)
    literals: st.SearchStrategy[Any] | None = INTEGERS | FLOAT_KINDS["plain"],
    moderate: bool = True,
    control: bool = False,
    max_inputs: int = 3,
    max_length: int = 12,
) -> Computation:
    """Programs of at most four kinds of operation, each legal at the numbers reached so far.

    Operands are drawn by their distance from the newest result, so that sharing is common. A
    failing program shrinks to few operations on simple numbers, and prints as runnable Python; all
    of its operations count for its result.

    Parameters
    ----------
    rows : sequence of str
        The rows to choose from. At most four are chosen for a program, one of them + - * or /
        where there is one; `negative`, legal everywhere, steps in where none of them is.
    inputs, literals : strategy
        The numbers; no literals if None.
    moderate : bool
        Whether every result and every partial has to be 0 or between 2**-20 and 2**20 in size;
        otherwise everything that does not raise is legal.
    control : bool
        Whether branches and loops come as well, whose course depends on the numbers.
    max_inputs, max_length : int
        Bounds of the number of inputs and operations.

    Examples
    --------
    >>> from hypothesis import find
    >>> p = find(programs(rows=["tanh", "add"]), lambda p: p.operations[-1].row == "tanh")
    >>> len(p.operations)
    1
    """
    if len(rows) > _MOST:
        kinds = draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3, unique=True))
        kinds.append(_one(draw, [name for name in ARITHMETIC if name in rows] or rows))
    else:
        kinds = draw(st.permutations(rows))
    start = tuple(draw(st.lists(inputs, min_size=1, max_size=max_inputs)))
    places = list(start)
    chosen: list[Operation | Branch | Loop] = []
    waiting: list[int] = []  # results of inputs that nothing has read
    least = min(2 * len(start) - 1, max_length)  # each input is met, and what came of it is joined
    for n in range(draw(st.integers(least, max_length))):
        # First each input is met as it was drawn, a hard number, by one row of all alike; then
        # what came of it is joined, and each operation reads the newest result.
        begins, turn = n < len(start), n % len(kinds)
        operands = [n if begins else len(places) - 1, *_operands(draw, len(places), literals)]
        if waiting and not begins:
            operands[1] = waiting[0]
        offers: dict[Operation, Any] = {}
        for name in (*kinds[turn:], *kinds[:turn], "negative"):
            operation = _operation(name, tuple(operands))
            result = _legal(operation, places, moderate)
            if result is not None and (name in kinds or not offers):
                offers[operation] = result
        # What joins two results counts twice, so that results are shared.
        joining = [x for x in offers if len(x.places) > 1]
        counted = joining if waiting and joining else [*offers, *joining]
        operation = next(iter(offers)) if begins else _one(draw, counted)
        step: Operation | Branch | Loop = operation
        if control:
            step = _controlled(draw, operation, list(offers), places, moderate)
        chosen.append(step)
        waiting = [x for x in waiting if x not in step.places]
        waiting += [len(places)] if begins and n < len(start) - 1 else []
        places.append(step.apply(places, TABLE))
    return Computation(start, tuple(chosen)).without_dead()


def rational_programs(
    *,
    rows: Sequence[str] = RATIONAL_ROWS,
    literals: st.SearchStrategy[Any] | None = INTEGERS,
    max_length: int = 8,
) -> st.SearchStrategy[Computation]:
    """Programs over Fractions: every result and every partial of them is exact."""
    return programs(rows=rows, inputs=FRACTIONS, literals=literals, max_length=max_length)


def _one(draw: st.DrawFn, choices: Sequence[_T]) -> _T:
    """One of a few things, as `sampled_from` draws it; making one of those takes longer."""
    return choices[draw(_indices(len(choices)))]


@cache
def _indices(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


def _operands(
    draw: st.DrawFn, count: int, literals: st.SearchStrategy[Any] | None
) -> tuple[Term, ...]:
    """Two operands, literals or by their distance from the newest result."""
    chosen: list[Term] = []
    for _ in range(2):
        distance = _one(draw, _DISTANCES if literals is None else (*_DISTANCES, None))
        if distance is None:
            chosen.append(Literal(draw(cast("st.SearchStrategy[Any]", literals))))
        else:
            chosen.append(max(0, count - 1 - distance))
    return tuple(chosen)


def _operation(name: str, operands: tuple[Term, ...]) -> Operation:
    """A row applied to as many of the operands as it takes."""
    arity = TABLE[name].arity or 3
    if name == "where":
        places = [x for x in operands if isinstance(x, int)]
        return Operation(name, (Condition(places[0], places[-1]), operands[1], operands[0]))
    # The first operand is a result: as often the base as the exponent, it sits where the parity
    # of its place says, so that literals come on either side.
    taken = operands[:arity]
    return Operation(name, taken[::-1] if isinstance(taken[0], int) and taken[0] % 2 else taken)


def _controlled(
    draw: st.DrawFn,
    operation: Operation,
    offers: list[Operation],
    places: Sequence[Any],
    moderate: bool,
) -> Operation | Branch | Loop:
    """The operation itself, or a branch or loop around it that is legal as well."""
    kind = _one(draw, ("plain", "plain", "branch", "loop"))
    left, right = (draw(_indices(len(places))) for _ in range(2))
    if kind == "branch":
        return Branch(Condition(left, right), operation, _one(draw, offers))
    at = next((i for i, x in enumerate(operation.operands) if isinstance(x, int)), None)
    if kind == "plain" or at is None:
        return operation
    start = cast(int, operation.operands[at])
    operands = (*operation.operands[:at], CARRIED, *operation.operands[at + 1 :])
    body = Operation(operation.row, operands)
    loop = Loop(start, Condition(CARRIED, right), body, draw(st.integers(1, 4)))
    carried = places[start]
    for _ in range(loop.times):
        if not loop.condition.holds(places, TABLE, carried):
            break
        plain = [*places, carried]
        carried = _legal(_with(body, len(places)), plain, moderate)
        if carried is None:
            return operation
    return loop


def _with(body: Operation, place: int) -> Operation:
    """The body of a loop with what is carried at a place of its own."""
    return Operation(body.row, tuple(place if x == CARRIED else x for x in body.operands))


def _legal(operation: Operation, places: Sequence[Any], moderate: bool) -> Any | None:
    """The result of an operation, or None where it may not be offered."""
    try:
        out = operation.apply([Value(x) for x in places], TABLE)
    except (TypeError, ArithmeticError):  # an exact type without the function, or 1/0
        return None
    if operation.row == "clip":
        ends = operation.operands[1:]
        low, high = (x.number if isinstance(x, Literal) else places[cast(int, x)] for x in ends)
        if low > high:
            return None
    if moderate and not all(map(_is_moderate, (out.data, *out.partials))):
        return None
    return out.data


def _is_moderate(x: Any) -> bool:
    """Whether a number is 0, or neither large nor small."""
    return bool(x == 0 or 1 / MODERATE <= abs(x) <= MODERATE)
