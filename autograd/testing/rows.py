"""Checking an elementary function: its value, partials, second order, edges and written forms."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from autograd.functions import rules
from autograd.functions.calls import FLOATS, Primitive
from autograd.functions.formulas import Expression
from autograd.functions.printing.latex import LATEX
from autograd.functions.printing.python import QUICK
from autograd.functions.printing.text import TEXT
from autograd.graph.value import Value
from autograd.testing.computation import Computation
from autograd.testing.local import applied, row_oracle
from autograd.testing.operations import Literal, Operation
from autograd.testing.oracles import Estimate
from autograd.testing.precise import Precise
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.roundings import partial_scale, partials_at, value_scale
from autograd.testing.units import exact, measured, nearest

Points = Sequence[Sequence[float]]
VALUE_ULP = 3.0
PARTIAL_ULP = 4.0
SECOND_ULP = 16.0
_PRINTERS = {"text": TEXT, "python": QUICK, "latex": LATEX}


def check_primitive(
    p: Primitive,
    *,
    points: Points | int = 60,
    seed: int = 0,
    max_ulp: float = PARTIAL_ULP,
    largest: Callable[..., float] | None = None,
) -> Report:
    """Hold everything that a row of the table says against mpmath and against itself.

    The value (3 ULP), the first partials (`max_ulp`) and the partials of these (16 units of the
    larger of first and second, for operands of moderate size) are compared with mpmath, whose
    derivatives are differences of values. Of a row that only the rules use, whose partials are
    others' second ones, only the last is asked. At the edges (kinks, ends of the domain, zeros,
    infinities, nan) nothing may raise, a nan must not turn into a confident number, and outside
    of the domain everything is nan; at a kink the partial lies between the one-sided ones. The
    written forms have matching brackets, and the Python form gives the value's very bits.

    Parameters
    ----------
    p : Primitive
        Of the table, or made by a user.
    points : int or sequence of sequences
        How many points to draw from the domain, or the points themselves.
    seed : int
        Of the points.
    max_ulp : float
        The bound for the first partials.
    largest : callable, optional
        The size of the largest term of a value or partial that cancels, of the operands: the
        unit is that of it. A rule that is a sum says so itself.

    Returns
    -------
    Report

    Examples
    --------
    >>> from autograd.functions.rules import TABLE
    >>> bool(check_primitive(TABLE["tanh"]))
    True
    """
    if not isinstance(p, Primitive):
        raise TypeError(
            "an elementary function is needed, such as autograd.tanh or what autograd.primitive "
            f"makes; got {p!r}"
        )
    rng = random.Random(f"{p.name} {seed}")
    inner = rules.TABLE.get(p.name) is p and p.inner
    if isinstance(points, int):
        points = [draw_operands(p, rng, moderate=inner) for _ in range(points)]
    if inner:
        max_ulp = SECOND_ULP
    findings: list[Finding] = []
    worst: tuple[float, Sequence[float]] = (0.0, ())
    for xs in points:
        for found in _at_point(p, xs, max_ulp, largest, inner):
            findings.append(found)
            if found.verdict is Verdict.FAIL and found.ulps >= worst[0]:
                worst = found.ulps, xs
    for _ in range(0 if inner or p.chooses else 5):
        findings += _second(p, draw_operands(p, rng, moderate=True))
    findings += _at_edges(p)
    findings += _as_written(p, points)
    shown = _program(p, worst[1]) if worst[1] else ""
    return Report(f"the row {p.name}", tuple(findings), Precise.name, shown)


def draw_operands(p: Primitive, rng: random.Random, moderate: bool = False) -> list[float]:
    """Return a random point of a row's domain: of any size, and often next to an edge.

    Moderate operands are at most 8, and keep some distance from the edges.
    """
    count = p.arity or (3 if p is rules.dot else rng.randrange(2, 5))
    while True:
        xs = [_draw(rng, _domain(p, i), p.kinks if i == 0 else ()) for i in range(count)]
        for i in range(p.integers):
            xs[i] = rng.randrange(0, count - 1) if p.arity is None else rng.randrange(1, 4)
        if p.reflected and xs[-1] < -1e3:
            continue  # mpmath adds up as many terms
        if moderate:
            first = p.integers
            xs[first:] = [math.remainder(x, 16.0) for x in xs[first:]]
        if not math.isnan(applied(p, xs)) and (not moderate or _inside(p, xs)):
            return xs


def edges_of(p: Primitive) -> list[float]:
    """Return where a unary row, or the first operand of another, may be special."""
    low, high = _domain(p, 0)
    return sorted({x for x in (low, high, *p.kinks, 0.0) if math.isfinite(x)})


def _domain(p: Primitive, i: int) -> tuple[float, float]:
    """The interval of one operand."""
    return p.domain[min(i, len(p.domain) - 1)]


def _draw(rng: random.Random, domain: tuple[float, float], kinks: Sequence[float]) -> float:
    """One float: near home, of any magnitude, subnormal, or next to an edge."""
    low, high = domain
    ends = [x for x in (*domain, *kinks, 0.0, 1.0, 40.0, 709.0) if math.isfinite(x)]
    while True:
        kind = rng.randrange(5)
        if kind <= 1:
            x = rng.uniform(-4.0, 4.0) if kind else rng.uniform(-750.0, 750.0)
        elif kind == 2:
            x = rng.choice((-1, 1)) * math.ldexp(rng.uniform(1.0, 2.0), rng.randrange(-1022, 1024))
        elif kind == 3:
            x = rng.choice((-1, 1)) * math.ldexp(rng.getrandbits(rng.randrange(1, 53)), -1074)
        else:
            x = rng.choice(ends)
            for _ in range(rng.randrange(1, 5)):
                x = math.nextafter(x, rng.choice((-math.inf, math.inf)))
        if low <= x <= high:
            return x


def _inside(p: Primitive, xs: Sequence[float]) -> bool:
    """Whether a point keeps some distance from the ends of the domain and from the kinks."""
    for i, x in enumerate(xs[p.integers :], start=p.integers):
        low, high = _domain(p, i)
        if not low + 1e-3 < x < high - 1e-3 or any(abs(x - k) < 1e-3 for k in (*p.kinks, 0.0)):
            return False
    return True


def _at_point(
    p: Primitive,
    xs: Sequence[Any],
    max_ulp: float,
    largest: Callable[..., float] | None,
    inner: bool,
) -> Iterator[Finding]:
    """Value and first partials at one point, against mpmath."""
    oracle = row_oracle(p, xs)
    scale = Fraction(largest(*xs)) if largest is not None else Fraction(0)
    out = p.forward(*xs)
    truth = oracle.value()
    if truth is not None:
        size = exact(min(value_scale(p, xs, 0.0), 1e308))
        yield _held(f"value at {list(xs)}", out, truth, VALUE_ULP, max(scale, size))
    partials = partials_at(p, xs, out)
    for i in range(p.integers, len(xs)):
        slope = oracle.slope(i - p.integers).derivative
        got = float(partials[i])
        where = f"partial {i} at {list(xs)}"
        if slope is None:
            yield Finding(where, None, got, note="a kink or a pole")
            continue
        terms = exact(min(max(partial_scale(p, xs), abs(out) if inner else 0.0), 1e308))
        yield _held(where, got, slope, max_ulp, max(scale, terms))


def _held(where: str, got: float, truth: Estimate, bound: float, scale: Fraction) -> Finding:
    """A number against an estimate, in ULP."""
    distance, doubt = measured(got, truth.value, truth.error, scale)
    verdict = Verdict.FAIL
    if distance + doubt <= bound:
        verdict = Verdict.PASS
    elif distance - doubt <= bound:
        verdict = Verdict.INCONCLUSIVE
    return Finding(where, verdict, got, nearest(truth.value), distance, bound, doubt)


def _second(p: Primitive, xs: Sequence[float]) -> Iterator[Finding]:
    """The partials of the partials, against differences of second order."""
    oracle = row_oracle(p, xs)
    leaves = [Value(x) for x in xs]
    applied(p, leaves).backward(create_graph=True)
    for i, first in enumerate([leaf.grad for leaf in leaves]):
        for leaf in leaves:
            leaf.zero_grad()
        if isinstance(first, Value):
            first.backward()
        for j, leaf in enumerate(leaves):
            truth = oracle.curvature(i, j).derivative
            if truth is None:
                continue
            got = leaf.grad.data if isinstance(leaf.grad, Value) else leaf.grad
            size = exact(abs(first.data if isinstance(first, Value) else first))
            where = f"second partial {i}, {j} at {list(xs)}"
            largest = max(size, exact(min(partial_scale(p, xs), 1e308)))
            yield _held(where, float(got), truth, SECOND_ULP, largest)


def _at_edges(p: Primitive) -> Iterator[Finding]:
    """At special operands nothing raises; outside of the domain all is nan; kinks lie between."""
    special = [*edges_of(p), -0.0, math.inf, -math.inf, math.nan]
    others = [0.5] * ((p.arity or 3) - 1)  # `dot` has an odd number of operands
    for x in special if not p.integers else []:
        xs = [x, *others]
        out = p.forward(*xs)
        partial = float(partials_at(p, xs, out)[0])
        low, high = _domain(p, 0)
        where = f"edge {xs}"
        if x < low or x > high:
            nans = math.isnan(out) and math.isnan(partial)
            verdict = Verdict.PASS if nans else Verdict.FAIL
            yield Finding(where, verdict, partial, note="outside of the domain all is nan")
        elif math.isnan(x):
            constant = p.arity is None or not isinstance(p.rules[0], Expression)
            linear = partial == 1.0 or constant or _ignores(p, 0, xs)
            kept = math.isnan(partial) or not math.isnan(out) or linear
            verdict = Verdict.PASS if kept else Verdict.FAIL
            yield Finding(where, verdict, partial, note="a nan operand gives a nan derivative")
        elif x in p.kinks:
            slope = row_oracle(p, xs).slope(0)
            if slope.left is not None and slope.right is not None:
                low, high = sorted((nearest(slope.left.value), nearest(slope.right.value)))
                verdict = Verdict.PASS if low <= partial <= high else Verdict.FAIL
                yield Finding(where, verdict, partial, note=f"between {low} and {high}")


def _ignores(p: Primitive, i: int, xs: Sequence[float]) -> bool:
    """Whether a partial does not depend on its own operand: the row is linear in it."""
    partials = []
    for x in (-3.0, -0.25, 0.25, 3.0):
        moved = [*xs[:i], x, *xs[i + 1 :]]
        partials.append(float(partials_at(p, moved, p.forward(*moved))[i]))
    return len(set(partials)) == 1


def _as_written(p: Primitive, points: Points) -> Iterator[Finding]:
    """The written forms: brackets match, and the Python form computes the value's bits."""
    if p.arity is None:
        return
    names = tuple(Expression(None, (), name) for name in p.operand_names)
    forms = [Expression(p, names), *(rule for rule in p.rules if isinstance(rule, Expression))]
    for form in forms:
        for style, printer in _PRINTERS.items():
            text = printer(form)
            matching = all(text.count(a) == text.count(b) for a, b in ("()", "{}", "[]"))
            matching = matching and text.count(r"\left") == text.count(r"\right")
            verdict = Verdict.PASS if matching else Verdict.FAIL
            yield Finding(f"{style} form {text}", verdict, math.nan, note="brackets match")
    scope = FLOATS | {p.name: p.forward}
    code = compile(QUICK(forms[0]), f"the Python form of {p.name}", "eval")
    for xs in points:
        given = dict(zip(p.operand_names, xs, strict=True))
        try:
            got = float(eval(code, scope | given))
        except (ArithmeticError, ValueError):
            continue  # where the fast form raises, the general path answers
        expected = float(p.forward(*xs))
        same = got == expected or (math.isnan(got) and math.isnan(expected))
        if not same:
            where = f"python form at {list(xs)}"
            yield Finding(where, Verdict.FAIL, got, expected, note="not the value's bits")


def _program(p: Primitive, xs: Sequence[Any]) -> str:
    """A row at one point as runnable Python, where the row is one of the table."""
    if rules.TABLE.get(p.name) is not p:
        return ""
    fixed = tuple(Literal(x) for x in xs[: p.integers])
    free = tuple(float(x) for x in xs[p.integers :])
    operation = Operation(p.name, (*fixed, *range(len(free))))
    return Computation(free, (operation,)).to_python()
