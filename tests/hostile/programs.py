"""Programs: random ones over the table, value and derivatives against mpmath, digit by digit.

The truth is taken at the very floats that our places hold: each value is held against mpmath's
function of our operands, each derivative against the chain rule, in mpmath, of mpmath's partials
there. So no condition number blurs the comparison, next to kinks neither: what is left is the
error of the partials and that of the roundings, of which a running analysis gives the bound
(Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.3).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mpmath import mp, mpf
from oracles import TRUTH, dot_terms, exact, largest_psi, ulps

import autograd as ag
from autograd import Value
from autograd.functions import rules
from autograd.functions.rules import TABLE
from autograd.testing import Computation
from autograd.testing.operations import Condition, Literal, Operation, Term
from hostile.trying import check

VALUE, PARTIAL = 3, 4  # ULP that the rows promise, for values and partials
SMALL, LARGE = 1e-9, 1e9  # sizes of the numbers in a program
ROUNDING, LEAST = 2.0**-53, 2.0**-1074
BITS = 300
ROWS = [*(name for name in rules.PUBLIC if name in TRUTH), "dot", "where"]
SHARED = ["add", "subtract", "multiply", "divide", "power", "where", "sum", "prod", "dot", "mean"]
FOLDS = ["sum", "sum", "mean", "norm", "logsumexp", "prod"]
# Where a value has a zero that its terms do not have, errors are in ULP of these.
TERMS: dict[str, Callable[..., Any]] = {
    "dot": lambda *xs: max(map(abs, dot_terms(*xs))),
    "logaddexp": lambda *xs: abs(max(xs)),
    "logsumexp": lambda *xs: abs(max(xs)),
    "digamma": largest_psi,
    "lgamma": lambda x: abs(mp.loggamma(abs(x))) + 4,
}


class Edge(NamedTuple):
    """That a result depends on a place: the true partial, and how far ours may be off."""

    result: int
    place: int
    partial: Any
    slack: Any


def attempt(source: random.Random, _: Path | None = None) -> str:
    """Grow a program, and hold its derivatives by one of the ways against the truth."""
    program, values, edges = grown(source)
    way = source.choice(list(WAYS))
    WAYS[way](source, program, values, edges)
    return way


# -- programs ---------------------------------------------------------------------------------


def grown(source: random.Random) -> tuple[Computation, list[float], list[Edge]]:
    """Return a program, the floats at its places, which are right, and the true partials."""
    places = [Value(number(source)) for _ in range(source.randrange(1, 5))]
    inputs = tuple(place.data for place in places)
    operations: list[Operation] = []
    edges: list[Edge] = []
    used: set[int] = set()

    def placed(operation: Operation) -> bool:
        xs = [meaning(x, places) for x in operation.operands]
        truths = truths_at(operation.row, xs)
        if truths is None:
            return False
        value, partials = truths
        new = operation.apply(places, TABLE)
        scale = exact(TERMS[operation.row], *xs) if operation.row in TERMS else None
        off = ulps(new.data, value, scale)
        check(off <= VALUE, f"{operation.row} is {off:.3g} ULP off", (xs, new.data))
        for place, partial, slack in zip(operation.operands, *partials, strict=True):
            if isinstance(place, int):
                edges.append(Edge(len(places), place, partial, slack))
                used.add(place)
        places.append(new)
        operations.append(operation)
        return True

    while len(operations) < 3 or source.random() < 0.9:
        placed(drawn(source, len(places)))
    if rest := [i for i in range(len(places) - 1) if i not in used]:
        ends = (*rest, len(places) - 1)
        placed(Operation(source.choice(FOLDS), ends)) or placed(Operation("sum", ends))
    return Computation(inputs, tuple(operations)), [place.data for place in places], edges


def number(source: random.Random) -> float:
    """Return a float: plain, whole, or of any of the sizes."""
    return source.choice([
        lambda: source.gauss(0, 1), lambda: source.uniform(-10, 10),
        lambda: float(source.randrange(-4, 5)),
        lambda: source.choice([-1, 1]) * 10 ** source.uniform(-6, 6),
    ])()  # fmt: skip


def drawn(source: random.Random, count: int) -> Operation:
    """Return a row, with operands from anywhere, more often from the last places."""

    def place() -> int:
        if source.random() < 0.6:
            return max(0, count - 1 - int(source.expovariate(0.5)))
        return source.randrange(count)

    def operand() -> Term:
        if source.random() < 0.2:
            return Literal(source.choice([2, 3, -1, 0.5, 10.0, source.gauss(0, 1)]))
        return place()

    name = source.choice(SHARED if source.random() < 0.4 else ROWS)
    arity = TABLE[name].arity
    if name == "where":
        return Operation(name, (Condition(place(), place()), place(), operand()))
    if arity is None:
        arity = source.randrange(1, 7, 2 if name == "dot" else 1)
    return Operation(name, (place(), *(operand() for _ in range(arity - 1))))


def meaning(operand: Term, places: Sequence[Value]) -> Any:
    """Return the number that an operand stands for, or whether a condition holds."""
    if isinstance(operand, Condition):
        assert isinstance(operand.right, int)
        return places[operand.left].data > places[operand.right].data
    return float(operand.number) if isinstance(operand, Literal) else places[operand].data


def truths_at(row: str, xs: list[Any]) -> tuple[Any, tuple[list[Any], list[Any]]] | None:
    """Return the value, the partials and how far ours may be off; None where it is no number."""
    if row == "where":
        chosen = 1 if xs[0] else 2
        partials = [mpf(int(i == chosen)) for i in range(3)]
        return mpf(xs[chosen]), (partials, [mpf(0)] * 3)
    if row == "angle" and not xs[0]:
        return None  # zeros of mpmath have no sign
    oracle = TRUTH[row]
    try:
        value = oracle.exact_value(*xs)
        if not fits(value, SMALL):
            return None
        partials = [oracle.exact_partial(i, *xs) for i in range(len(xs))]
        size = exact(oracle.largest, *xs) if oracle.largest else mpf(0)
    except (ArithmeticError, ValueError):  # a pole
        return None
    if not all(fits(partial, 1e-99) for partial in partials):
        return None
    return value, (partials, [PARTIAL * unit(max(abs(p), size)) for p in partials])


def fits(x: Any, least: float) -> bool:
    """Whether a number is a 0 or of a size from which nothing overflows."""
    return bool(mp.isfinite(x)) and (x == 0 or least <= abs(x) <= LARGE)


def unit(x: Any) -> Any:
    """Return no less than a unit in the last place of a number."""
    return 2 * ROUNDING * x + LEAST


# -- the truth --------------------------------------------------------------------------------


def chained(
    edges: Sequence[Edge], start: dict[int, float], forward: bool
) -> dict[int, tuple[Any, Any]]:
    """Return at each place the derivative by the chain rule, and how far ours may be off."""
    into: dict[int, list[tuple[int, Any, Any]]] = {}
    for result, place, partial, slack in edges:
        end, begin = (result, place) if forward else (place, result)
        into.setdefault(end, []).append((begin, partial, slack))
    found: dict[int, tuple[Any, Any]] = {i: (mpf(x), mpf(0)) for i, x in start.items()}
    with mp.workprec(BITS):
        for end in sorted(into, reverse=not forward):
            total = bound = size = mpf(0)
            for begin, partial, slack in into[end]:
                a, e = found.get(begin, (mpf(0), mpf(0)))
                product, off = partial * a, abs(partial) * e + slack * (abs(a) + e)
                off += ROUNDING * (abs(product) + off) + LEAST
                total, bound, size = total + product, bound + off, size + abs(product) + off
            found[end] = total, bound + len(into[end]) * ROUNDING * size
    return found


def compare(got: float, truth: tuple[Any, Any], given: object) -> None:
    """Hold one of our derivatives against the truth."""
    right, bound = truth
    with mp.workprec(BITS):
        off = abs(mpf(got) - right) if math.isfinite(got) else mp.inf
        check(off <= bound, f"{got!r} is not {mp.nstr(right, 20)}", (given, float(off / bound)))


# -- ours -------------------------------------------------------------------------------------


def leaves_hold(
    program: Computation, leaves: Sequence[Value], edges: list[Edge], seed: float = 1.0
) -> None:
    """The gradients in the leaves are the true ones."""
    root = len(leaves) + len(program.operations) - 1
    truth = chained(edges, {root: seed}, forward=False)
    for i, leaf in enumerate(leaves):
        compare(getattr(leaf.grad, "data", leaf.grad), truth.get(i, (mpf(0), mpf(0))), (i, program))


def swept(**way: Any) -> Way:
    """Sweep backward, after a first sweep that is taken back."""

    def run(
        source: random.Random, program: Computation, values: list[float], edges: list[Edge]
    ) -> None:
        leaves, seed = program.leaves(), source.choice([1.0, source.gauss(0, 1)])
        root = program(*leaves)
        check(root.data == values[-1], "another value", (root.data, program))
        root.backward(seed, **way)
        leaves_hold(program, leaves, edges, seed)

    return run


def written(
    source: random.Random, program: Computation, values: list[float], edges: list[Edge]
) -> None:
    """The program as Python, as a user writes it."""
    code, _, _ = program.to_python().rpartition("\n")  # without printing
    names: dict[str, Any] = {}
    exec(code, names)
    check(names[program.names()[-1]].data == values[-1], "another value", program)
    leaves_hold(program, [names[name] for name in program.names()[: len(program.inputs)]], edges)


def reverse(
    source: random.Random, program: Computation, values: list[float], edges: list[Edge]
) -> None:
    """The transform that pulls back."""
    value, pullback = ag.vjp(program, *program.inputs)
    check(value == values[-1], "another value", (value, program))
    truth = chained(edges, {len(values) - 1: 2.5}, forward=False)
    for i, got in enumerate(pullback(2.5)):
        compare(got, truth.get(i, (mpf(0), mpf(0))), (i, program))


def forward(
    source: random.Random, program: Computation, values: list[float], edges: list[Edge]
) -> None:
    """The transform that pushes forward."""
    tangents = tuple(source.gauss(0, 1) for _ in program.inputs)
    value, slope = ag.jvp(program, program.inputs, tangents)
    check(value == values[-1], "another value", (value, program))
    truth = chained(edges, dict(enumerate(tangents)), forward=True)
    compare(slope, truth[len(values) - 1], program)


Way = Callable[[random.Random, Computation, list[float], list[Edge]], None]
WAYS: dict[str, Way] = {
    "swept": swept(),
    "swept exactly": swept(accumulate="exact"),
    "swept to a graph": swept(create_graph=True),
    "written": written,
    "pulled back": reverse,
    "pushed forward": forward,
}
