"""Laws that gradients obey, tested without an oracle: Taylor remainders, adjointness, replay."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from autograd.callables import check_function
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.testing.arguments import Arguments, check_value, numbers_in
from autograd.testing.differences import Differences
from autograd.testing.reports import Finding, Report, Verdict
from autograd.testing.subject import Subject
from autograd.testing.units import LEAST, ROUNDOFF, exact, nearest, ratio, ulps, unit

_SEEN = 2.0**-20  # the part of a step that has to show


def taylor_test(
    f: Callable[..., Any], g: Callable[..., Any], x: Any, *, seed: int = 0, directions: int = 3
) -> Report:
    r"""Test that the remainder f(x + h d) - f(x) - h g(x).d falls as fast as h**2.

    With a wrong gradient g it falls as h only. The rate is measured between steps whose remainders
    stand clear of the noise of f, in random directions d; a remainder that drowns in noise at
    every step belongs to a function that is linear to rounding, and passes if six digits of the
    gradient stand clear.

    Parameters
    ----------
    f : callable
        A function of one argument: a number, or a nested structure of them.
    g : callable
        Its gradient, of the structure of `x`.
    x : number or structure
        The point.
    seed : int
        Of the random directions.
    directions : int
        How many.

    Returns
    -------
    Report
        Each finding holds a rate against 2: a rate of at least 1.9 passes, one below 1.5 fails.

    Examples
    --------
    >>> from autograd import exp
    >>> bool(taylor_test(exp, exp, 1.0))
    True
    >>> taylor_test(exp, lambda x: 1.01 * exp(x), 1.0).verdict.value
    'fail'
    """
    for function in (f, g):
        check_function(function, "taylor_test takes f, its gradient g, and where they are")
    subject = Subject(f, (x,))
    at = [float(number) for number in subject.numbers]
    slope = [float(number) for number in subject.matching(g(x))]
    title = f"Taylor test of {subject.name}"
    if not all(map(math.isfinite, slope)):
        note = "a gradient that is not finite"
        wrong = [(name, x) for name, x in zip(subject.names, slope, strict=True) if x - x != 0]
        failures = [Finding(name, Verdict.FAIL, x, note=note) for name, x in wrong]
        return Report(title, tuple(failures), "Taylor's theorem")
    noise = Differences(subject.plain, at).noise()
    here = float(subject.plain(at))
    rng = random.Random(seed)
    findings: list[Finding] = []
    for k in range(directions):
        way = [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) for _ in at]
        remainders: list[float] = []
        steps: list[float] = []
        for n in range(1, 30 if math.isfinite(here) else 1):
            h = 2.0**-n
            moved = [a + h * d for a, d in zip(at, way, strict=True)]
            step = sum(
                (
                    Fraction(s) * (Fraction(b) - Fraction(a))
                    for s, a, b in zip(slope, at, moved, strict=True)
                ),
                Fraction(0),
            )
            there = float(subject.plain(moved))
            if math.isfinite(there):
                remainders.append(abs(nearest(Fraction(there) - Fraction(here) - step)))
                steps.append(abs(nearest(step)) or abs(here))
        findings.append(_rate(f"rate in direction {k}", remainders, noise, max(steps, default=0.0)))
    return Report(title, tuple(findings), "Taylor's theorem")


def _rate(where: str, remainders: Sequence[float], noise: float, step: float) -> Finding:
    """The rate at which remainders fall when the step is halved, where they are above noise."""
    clear = [r for r in remainders if r > 64 * noise]
    if len(clear) < 2 and len(remainders) > 2:
        if 64 * noise > _SEEN * step:
            note = f"the noise of f, {noise:.3g}, hides whatever there is"
            return Finding(where, Verdict.INCONCLUSIVE, math.nan, 2.0, note=note)
        note = "linear, as far as rounding lets one see"
        return Finding(where, Verdict.PASS, 2.0, 2.0, note=note)
    if len(clear) < 2:
        return Finding(where, Verdict.INCONCLUSIVE, math.nan, 2.0, note="f is not finite nearby")
    rates = [math.log2(a / b) for a, b in pairwise(clear)]
    rate = rates[-1]
    good, bad = rate >= 1.9, rate < 1.5
    verdict = Verdict.PASS if good else Verdict.FAIL if bad else Verdict.INCONCLUSIVE
    return Finding(where, verdict, rate, 2.0, note="2 if the gradient is right, 1 if it is wrong")


def adjoint_test(
    jvp: Callable[[Any], Any],
    vjp: Callable[[Any], Any],
    inputs: Any = 1.0,
    outputs: Any = 1.0,
    *,
    seed: int = 0,
    max_ulp: float = 64.0,
) -> Report:
    r"""Test that <v, J u> = <J' v, u>: that two linear maps are each other's transpose.

    Both products are summed exactly; the unit is that of the sum of the sizes of their terms.

    Parameters
    ----------
    jvp : callable
        u -> J u, the derivative of a function at a point in a direction.
    vjp : callable
        v -> J' v, the cotangent pulled back.
    inputs, outputs : number or structure
        Examples of what `jvp` and `vjp` take: of what structure u and v are.
    seed : int
        Of the random u and v.
    max_ulp : float
        The largest distance allowed.

    Returns
    -------
    Report

    Examples
    --------
    >>> jvp = lambda u: [2 * u[0] + u[1], 3 * u[1]]
    >>> vjp = lambda v: [2 * v[0], v[0] + 3 * v[1]]
    >>> bool(adjoint_test(jvp, vjp, [0.0, 0.0], [0.0, 0.0]))
    True
    """
    for function in (jvp, vjp):
        check_function(function, "adjoint_test takes the map and its transpose")
    rng = random.Random(seed)
    findings = []
    for k in range(5):
        u, v = (_random_like(example, rng) for example in (inputs, outputs))
        where = f"<v, J u> and <J' v, u>, pair {k}"
        forward, back = numbers_in(jvp(u)), numbers_in(vjp(v))
        wrong = [float(x) for x in (*forward, *back) if not math.isfinite(x)]
        if wrong:
            note = "a product that is not finite"
            findings.append(Finding(where, Verdict.FAIL, wrong[0], note=note))
            continue
        left, right = _terms(numbers_in(v), forward), _terms(back, numbers_in(u))
        one, other = sum(left, Fraction(0)), sum(right, Fraction(0))
        size = max(sum(map(abs, left), Fraction(0)), sum(map(abs, right), Fraction(0)))
        distance = ratio(abs(one - other), unit(size))
        verdict = Verdict.PASS if distance <= max_ulp else Verdict.FAIL
        findings.append(
            Finding(where, verdict, nearest(one), nearest(other), distance, max_ulp, 0.0)
        )
    return Report("adjointness", tuple(findings), "the transpose")


def _random_like(example: Any, rng: random.Random) -> Any:
    """A structure like another one, filled with random numbers."""
    arguments = Arguments((example,))
    return arguments.rebuilt([rng.uniform(-2.0, 2.0) for _ in arguments.numbers])[0]


def _terms(xs: Sequence[Any], ys: Sequence[Any]) -> list[Fraction]:
    """The exact terms of a scalar product."""
    if len(xs) != len(ys):
        raise ValueError(f"a product of {len(xs)} numbers with {len(ys)}: the structures differ")
    return [Fraction(float(x)) * Fraction(float(y)) for x, y in zip(xs, ys, strict=True)]


@dataclass(frozen=True)
class Dyadic:
    """digits * 2**exponent, exactly: what sums and products of floats are."""

    digits: int
    exponent: int

    @staticmethod
    def of(x: float) -> Dyadic:
        """Return a finite float as what it is."""
        numerator, denominator = x.as_integer_ratio()
        return Dyadic(numerator, 1 - denominator.bit_length())

    def __add__(self, other: Dyadic) -> Dyadic:
        low = min(self.exponent, other.exponent)
        mine, theirs = self.digits << self.exponent - low, other.digits << other.exponent - low
        return Dyadic(mine + theirs, low)

    def __mul__(self, other: Dyadic) -> Dyadic:
        return Dyadic(self.digits * other.digits, self.exponent + other.exponent)

    def fraction(self, bits: int | None = None) -> Fraction:
        """Return the number as a Fraction, or no more than its leading bits."""
        excess = max(0, self.digits.bit_length() - bits) if bits else 0
        return Fraction(self.digits >> excess) * Fraction(2) ** (self.exponent + excess)


def replay_exact(root: Value, seed: Any = 1) -> Report:
    """Recompute all gradients of a sweep from the recorded partials in exact arithmetic.

    Every adjoint is the sum over its uses of partial times adjoint. The floats that the
    sweep left in `grad` have to agree within the bound on the rounding of just these products
    and sums (a running error analysis; no rule and no value of a function comes into it).
    Gradients of exact types have to be equal.

    Call it after one `root.backward(seed)` with leaves whose gradients were 0 before.

    Parameters
    ----------
    root : Value
    seed : number
        What the sweep was seeded with.

    Returns
    -------
    Report

    Examples
    --------
    >>> x = Value(0.1)
    >>> y = x * x + x
    >>> y.backward()
    >>> bool(replay_exact(y))
    True
    >>> x.grad = 1.0
    >>> replay_exact(y).verdict.value
    'fail'
    """
    check_value(root)
    floats = type(root.data) is float
    number: Callable[[Any], Any] = Dyadic.of if floats else Fraction
    adjoints: dict[Value, Any] = {root: number(float(seed) if floats else seed)}
    sizes: dict[Value, float] = {root: abs(float(seed))}
    errors: dict[Value, float] = {root: 0.0}
    findings: list[Finding] = []
    for node in _users_first(root):
        a, size, error = adjoints[node], sizes[node], errors[node]
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if not math.isfinite(partial):
                note = f"a partial of {node.op} is {partial}"
                findings.append(Finding("the sweep", Verdict.INCONCLUSIVE, partial, note=note))
                return Report("exact replay", tuple(findings), "exact arithmetic")
            term = number(partial) * a
            adjoints[parent] = adjoints[parent] + term if parent in adjoints else term
            reach = abs(float(partial)) * (size + error)
            sizes[parent] = sizes.get(parent, 0.0) + reach
            errors[parent] = (
                errors.get(parent, 0.0)
                + abs(float(partial)) * error
                + 1.01 * ROUNDOFF * (reach + sizes[parent])
                + float(LEAST)
            )
    for k, (node, adjoint) in enumerate(adjoints.items()):
        truth = adjoint.fraction(400) if floats else exact(adjoint)
        error = errors[node] if floats else 0.0
        findings.append(_replayed(f"value {k} ({_named(node)})", node.grad, truth, error))
    return Report("exact replay", tuple(findings), "exact arithmetic")


def _replayed(where: str, got: Any, truth: Fraction, error: float) -> Finding:
    """What there is to say about one gradient of a sweep."""
    got = got.data if isinstance(got, Value) else got
    number, expected = float(got), nearest(truth)
    if not math.isfinite(error) or (math.isinf(number) and not math.isfinite(expected)):
        verdict = Verdict.PASS if number == expected else Verdict.INCONCLUSIVE
        return Finding(where, verdict, number, expected, note="beyond the floats")
    distance, one = ulps(number, truth), unit(truth)
    right = math.isfinite(number) and abs(Fraction(got) - truth) <= Fraction(error)
    verdict = Verdict.PASS if right else Verdict.FAIL
    return Finding(where, verdict, number, expected, distance, error / nearest(one), 0.0)


def _named(node: Value) -> str:
    """What to call a Value in a report."""
    return node.label or (node.op.name if node.op else "leaf")


def _users_first(root: Value) -> list[Value]:
    """All interior Values, each after those that use it: by counting uses, breadth first.

    It shares nothing with the engine's own order, so that an error there shows.
    """
    uses: dict[Value, int] = {root: 0}
    queue = [root]
    for node in queue:
        for parent in node.parents:
            if parent not in uses:
                uses[parent] = 0
                queue.append(parent)
            uses[parent] += 1
    ready, order = [root], []
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            uses[parent] -= 1
            if not uses[parent] and parent.parents:
                ready.append(parent)
    return order


def check_replay(root: Value) -> Report:
    """Sweep a graph afresh, and replay the sweep exactly.

    Parameters
    ----------
    root : Value
        The gradients of its leaves are overwritten.

    Returns
    -------
    Report

    Examples
    --------
    >>> x = Value(0.1)
    >>> bool(check_replay(x * x + x))
    True
    """
    for node in topological_order(root):
        for parent in node.parents:
            parent.zero_grad()
    root.backward()
    return replay_exact(root)
