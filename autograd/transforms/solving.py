"""Relaxation and Newton's method on flat lists of numbers, to what the arithmetic can resolve.

Newton's method accepts a solution where its step is within the tolerance, or within what the
roundings of F can cause through the inverse of its Jacobian; and where it comes back from points
around. The first test alone would pass multiple roots, and places where F is flat.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from operator import mul
from typing import Any, NamedTuple

from autograd.graph.watching.anomaly import is_finite
from autograd.numbers.kinds import convert
from autograd.transforms.elimination import (
    ConvergenceError,
    Factors,
    Matrix,
    Numbers,
    factored,
)

UNITS = 32  # in the last place of a number, by which it may still move in the end
AWAY = 16  # times the uncertainty of a solution: from there Newton's method has to come back
TRIES = 2500  # of a step: down to 2**-20000 of it
BITS = 1 << 14  # of a fraction, when it is given up


class Place(NamedTuple):
    """An equation F = 0 at some x."""

    x: Numbers
    residuals: Numbers  # F
    linearised: Callable[[], tuple[Matrix, Numbers]]  # dF/dx, and how far roundings may change F

    @property
    def size(self) -> Any:
        """The largest residual; inf if one is not finite."""
        try:
            sizes = [*map(abs, self.residuals)]
        except OverflowError:  # of a complex number
            return math.inf
        return max(sizes, default=0) if all(map(is_finite, sizes)) else math.inf


class Newton:
    """Newton's method for F = 0, with steps that are halved until F gets smaller.

    Parameters
    ----------
    name : str
        What messages call it.
    at : callable
        Gives the equation at an x.
    tolerance : float or None
        How small the last step has to be relative to x; None: as small as the numbers allow.
    """

    def __init__(self, name: str, at: Callable[[Numbers], Place], tolerance: float | None) -> None:
        self.name, self.at, self.tolerance = name, at, tolerance

    def solution(self, x: Numbers, max_steps: int) -> Numbers:
        """Return the x at which F = 0, from a start near enough to it."""
        step, moved = 0, math.inf
        try:
            place = self.at(x)
            if not is_finite(place.size):
                raise ConvergenceError("f is not finite: start elsewhere")
            while step < max_steps:
                matrix, roundings = place.linearised()
                factors = factored(matrix)
                move = [-b for b in factors.solution(place.residuals)]
                if self.found(place.x, move, factors, roundings):
                    return _sum(place.x, move)
                lower = self.downhill(place, move)
                if lower is None:
                    raise ConvergenceError(self.stalled(place, move, factors, roundings))
                x, place, step = lower.x, lower, step + 1
                check_bits(x, "give root a tolerance, or start from floats")
                moved = max(abs(b) / scale(a) for a, b in zip(x, move, strict=True))
            raise ConvergenceError(
                f"the last step was {short(moved)}: start nearer to the solution, or give it more "
                "max_steps"
            )
        except ArithmeticError as error:
            ours = isinstance(error, ConvergenceError)
            what = error if ours else f"f raised {error!r}: start elsewhere"
            where = f"after {step} steps, at x = {listed(x)},"
            raise ConvergenceError(f"{self.name} did not settle: {where} {what}") from error

    def found(self, x: Numbers, move: Numbers, factors: Factors, roundings: Numbers) -> bool:
        """Whether x + move is a solution; an error if it is one that roundings blur."""
        x = _sum(x, move)
        sizes = [*map(abs, move)]
        if any(b * 1000 > scale(a) for a, b in zip(x, sizes, strict=True)):
            return False  # no need to ask
        inverse = factors.inverse()
        blur = [sum(map(mul, map(abs, row), roundings)) for row in inverse]
        margin = [abs(a) * share(a, self.tolerance) for a in x]
        if not all(b <= m or b <= u for b, m, u in zip(sizes, margin, blur, strict=True)):
            return False
        reach = [*map(max, sizes, blur)]
        if not any(self.returns(x, inverse, far) for far in (reach, [*map(max, reach, margin)])):
            return False
        rough = [r / scale(a) for a, r in zip(x, reach, strict=True)]
        for a, q in zip(x, rough, strict=True):
            if q * q > resolution(a) and q > share(a, self.tolerance):
                raise ConvergenceError(
                    f"the roundings of f leave it uncertain by {short(max(rough))}: start from "
                    "numbers with more digits, such as mpmath's mpf, or take it as it is with "
                    f"tolerance={above(max(rough))}"
                )
        return True

    def returns(self, x: Numbers, inverse: Matrix, reach: Numbers) -> bool:
        """Whether Newton's method with a given inverse comes back to x from one of two sides."""
        for away in (AWAY, -AWAY):
            start = [a + away * r for a, r in zip(x, reach, strict=True)]
            there = self.tried(start)
            if there is not None:
                steps = [sum(map(mul, row, there.residuals)) for row in inverse]
                off = [abs(b - d - a) for a, b, d in zip(x, start, steps, strict=True)]
                if all(o * 2 <= AWAY * r or not r for o, r in zip(off, reach, strict=True)):
                    return True
        return False

    def tried(self, x: Numbers) -> Place | None:
        """The equation at some x, if f has a value there."""
        try:
            return self.at(x)
        except (ArithmeticError, ValueError):
            return None

    def downhill(self, place: Place, move: Numbers) -> Place | None:
        """The first place at move, move/2, move/4, ... (in the end by 256) where F is smaller."""
        for k in range(TRIES):
            x = _sum(place.x, move)
            if x == place.x:
                break
            lower = self.tried(x)
            if lower is not None and lower.size < place.size:
                return lower
            move = [b / 2 ** min(8, k // 8 + 1) for b in move]
        return None

    def stalled(self, place: Place, move: Numbers, factors: Factors, roundings: Numbers) -> str:
        """What to say where no part of a step makes F smaller."""
        if all(abs(r) <= most for r, most in zip(place.residuals, roundings, strict=True)):
            return "f is 0 to within its roundings, and so around: a multiple root, or f is flat"
        text = f"f does not get smaller than {short(place.size)}: "
        left = max(abs(b) / (abs(a) or 1) for a, b in zip(place.x, move, strict=True))
        # Halving has searched for a small residual: how far f is off, those around tell.
        around = [self.tried(_sum(place.x, [k * b for b in move])) for k in range(-8, 9)]
        left *= max(there.size for there in around if there is not None) / place.size
        if left < 1e-3:
            lenient = Newton(self.name, self.at, float(above(left)))
            if lenient.found(place.x, move, factors, roundings):
                return f"{text}if it is no more accurate, give it tolerance={above(left)}"
        return f"{text}it is least there, or has a multiple root; start elsewhere"


def relaxed(
    f: Callable[[Numbers], Numbers], x: Numbers, tolerance: float | None, max_steps: int
) -> tuple[Numbers, str, bool]:
    """Return where x = f(x) ends; a complaint if it does not settle there; and whether that is only
    because of roundings.
    """
    moves: Numbers = []
    excess = left = math.inf
    while len(moves) < max_steps:
        try:
            new = f(x)
            move = [abs(b - a) for a, b in zip(x, new, strict=True)]
        except ArithmeticError as error:
            raise ConvergenceError(_complaint(moves, f"f raised {error!r}")[0]) from error
        if not all(map(is_finite, move)):
            raise ConvergenceError(_complaint(moves, "x was no longer finite")[0])
        x = new
        moves.append(_length(move))
        relative = [m / scale(a) for m, a in zip(move, x, strict=True)]
        # Exact numbers relax as far as floats would: Newton's method takes the last step.
        limits = [share(a, tolerance, sys.float_info.epsilon) for a in x]
        pairs = [(m, most) for m, most in zip(relative, limits, strict=True) if m > most]
        if not pairs:
            return x, "", True
        excess = max(m / most if most else math.inf for m, most in pairs)
        left = max(relative)
        check_bits(x, "start from floats", "fixed_point did not settle: ")
    return x, *_complaint(moves, f"the last moved by {short(left)}", excess, left)


def _complaint(
    moves: Numbers, what: str, excess: Any = math.inf, left: Any = math.inf
) -> tuple[str, bool]:
    """What to say of a relaxation: the steps, the estimated spectral radius, and the remedy."""
    text = f"fixed_point did not settle: after {len(moves)} steps {what}"
    remedy = "start elsewhere, or use root(lambda x: f(x) - x, x0)"
    if len(moves) < 3:
        return f"{text}: {remedy}", False
    # The largest moves of three equal spans see past the turns of complex eigenvalues.
    n = len(moves) // 6 or 1
    first, second, third = (max(moves[len(moves) - k * n :][:n]) for k in (3, 2, 1))
    before, fall = _log(first / second) / n, _log(second / third) / n
    radius = math.exp(-fall)
    if fall * n < 1e-6:
        text += (
            f". f is no contraction here (the spectral radius of its Jacobian is {radius:.3g} as "
            "estimated from the moves, and has to be below 1)"
        )
    else:
        digits = 2 - math.floor(math.log10(1 - radius))
        text += f"; each move is {radius:.{digits}g} of the one before"
        steady = min(1.0, fall / before) if before > 0 else 0.0
        more = 1.1 * _log(excess) / fall / steady if steady > 0.9 else math.inf
        if more < 1000 * len(moves):
            steps = len(moves) + math.ceil(more) + 10
            unit = 10 ** (len(str(steps)) - 2)
            text += (
                " (the spectral radius of the Jacobian of f, estimated): give it "
                f"max_steps={-(-steps // unit) * unit}, or use root(lambda x: f(x) - x, x0)"
            )
            # The roundings of so many steps add up: no move need ever be shorter.
            return text, excess * (1 - radius) <= 1
        text += ", though not steadily"
        remedy = f"give it more max_steps, {remedy}"
    left *= third / moves[-1]
    if left < 1e-6:
        remedy = f"give it tolerance={above(left)} if f is no more accurate, {remedy}"
    return f"{text}: {remedy}", left < 1e-8


def resolution(x: Any) -> Any:
    """Return the distance of neighbouring numbers of the type of `x` at 1; 0 for exact types."""
    if isinstance(x, (float, complex)):
        return sys.float_info.epsilon
    if hasattr(type(x), "context"):  # one of mpmath's numbers
        return type(x).context.eps
    if type(x).__name__ == "Decimal":
        return type(x)(10) ** (1 - sys.modules["decimal"].getcontext().prec)
    return 0


def share(x: Any, tolerance: float | None, exact: float = 0) -> Any:
    """Return the part of x by which it may still move in the end."""
    if tolerance is None:
        return UNITS * (resolution(x) or exact)
    return convert(tolerance, type(abs(x)))


def scale(x: Any) -> Any:
    """The size of x where that is above 1, else 1."""
    return max(1, abs(x))


def check_bits(x: Numbers, remedy: str, start: str = "") -> None:
    """Refuse fractions that grow without end."""
    exact = [n for a in x if hasattr(a, "denominator") for n in (a.numerator, a.denominator)]
    if any(n.bit_length() > BITS for n in exact):
        raise ConvergenceError(
            f"{start}the fractions have more than {BITS} bits, as they soon have where an equation "
            f"is not linear: {remedy}"
        )


def short(x: Any) -> str:
    """A number as a message gives it."""
    return f"{float(x):.2g}" if abs(x) < 1e300 else "1e300 or more"


def above(x: Any) -> str:
    """A number of one digit that is well above x."""
    return f"{2 * float(x):.0e}"


def listed(x: Numbers) -> str:
    """The first few numbers of x."""
    names = [short(a) if hasattr(a, "denominator") else str(a) for a in x[:3]]
    return names[0] if len(x) == 1 else f"[{', '.join(names)}{', ...' * (len(x) > 3)}]"


def _length(move: Numbers) -> Any:
    """The Euclidean norm of sizes of any type."""
    largest = max(move, default=0)
    squares = sum((m / largest) ** 2 for m in move if m)
    return largest * convert(math.sqrt(squares), type(largest)) if largest else largest


def _log(ratio: Any) -> float:
    """The logarithm of a ratio of any type."""
    return math.log(min(max(ratio, 1e-300), 1e300))


def _sum(x: Numbers, move: Numbers) -> Numbers:
    """x + move."""
    return [a + b for a, b in zip(x, move, strict=True)]
