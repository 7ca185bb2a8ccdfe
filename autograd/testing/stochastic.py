"""Stochastic arithmetic: numbers whose last digits are drawn, so that rounding shows.

Two precisions that both absorb a term agree on a result that lacks it: (big + x) - big is 0 in
each. Here an operation that has to round answers a number drawn from around its two neighbours, so
that what was absorbed leaves noise of the size of what absorbed it, and two runs show how far
roundings alone move a result (Parker, "Monte Carlo arithmetic", UCLA CSD-970002, 1997; Vignes, "A
stochastic arithmetic for reliable scientific computation", Mathematics and Computers in Simulation
35 (1993), 233-261).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.operand import Operand
from autograd.functions.operand import plain as number_of
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.numbers.libraries import is_complex
from autograd.testing.plain import Plain, computed
from autograd.testing.quiet import quietly

_RUNS = 8  # of floats: all draw the same digit at one place once in 5**7 times
_SPECIAL = {-1, 0, 1}  # operands of which a function with infinitely many digits may have few


class Run:
    """One evaluation of a function: what it meets, and the digits that it draws.

    Parameters
    ----------
    draws : random.Random, optional
        Where the last digits come from; without it the run only looks on.

    Attributes
    ----------
    path : list of (str, bool or None)
        The rows and comparisons in order, with what each comparison decided.
    low, high : int
        Binary exponents of the smallest and the largest number met. What a sum leaves that has
        lost half of its digits is not counted: it may be nothing but noise.
    left : bool
        Whether a number was handed to a function of mpmath, which nobody watches.

    Examples
    --------
    >>> import mpmath
    >>> run = Run()
    >>> (x,) = run.watch([mpmath.mpf(3)])
    >>> y = 2.0**200 * x + 1.0
    >>> run.low, run.high, [name for name, _ in run.path]
    (1, 202, ['multiply', 'add'])
    """

    def __init__(self, draws: random.Random | None = None) -> None:
        self.draws = draws
        self.path: list[tuple[str, bool | None]] = []
        self.low = self.high = 1
        self.left = False
        self._made: dict[tuple[Any, ...], Any] = {}

    def watch(self, numbers: Sequence[Any]) -> list[Any]:
        """Return numbers that compute as these do, in this run."""
        self._meet(*numbers)
        return [self._watched(x) for x in numbers]

    def compute(self, row: Primitive, operands: Sequence[Any]) -> Any:
        """Return an elementary function of operands, at least one of which is watched."""
        numbers = [unwatched(x) for x in operands]
        out = self._drawn(row, numbers) if self.draws else computed(row, numbers)
        decided = out if row.predicate else bool(numbers[0]) if row.chooses else None
        self.path.append((row.name, decided))
        if row.predicate:
            return out
        self._meet(*numbers)
        if row.definition and not (row.operator or row.exact):
            self._meet(1.0)  # its formula may add a number of that size
        if hasattr(out, "_mpf_"):
            lost = max(map(magnitude, numbers)) - magnitude(out)
            if row.exact or row.definition is None or row.factors or lost < out.context.prec // 2:
                self._meet(out)
        return self._watched(out)

    def _watched(self, x: Any) -> Any:
        """A number in this run: floats and complex ones stay such, for code that takes no other."""
        kinds: dict[type, Any] = {float: _Float, complex: _Complex}
        return kinds[type(x)](x, self) if type(x) in kinds else Watched(x, self)

    def _meet(self, *numbers: Any) -> None:
        """Widen the range of exponents by those of some numbers."""
        for e in map(magnitude, numbers):
            if e > -math.inf:
                self.low, self.high = min(self.low, int(e)), max(self.high, int(e))

    def _drawn(self, row: Primitive, numbers: Sequence[Any]) -> Any:
        """The value of a row; where it is no exact one, a random number around it.

        The same operation on the same numbers rounds the same way: exp(x) - exp(x) is 0.
        """
        key = (row, *numbers)
        if key not in self._made:
            self._made[key] = _drawn(row, numbers, cast(random.Random, self.draws))
        return self._made[key]


def _drawn(row: Primitive, numbers: Sequence[Any], draws: random.Random) -> Any:
    """The value of a row with its last digits drawn; a row that rounds nothing has none to draw."""
    kinds = [x for x in numbers if hasattr(x, "_mpf_") or hasattr(x, "_mpc_")]
    if row.exact and not any(map(is_complex, map(type, numbers))):
        out = computed(row, numbers)
        # mpmath makes the whole number of a quotient, and rounds that
        return kinds[0].context.nint(out) if kinds and row is rules.floor_divide else out
    if kinds:
        return _precisely_drawn(kinds[0].context, row, numbers, draws)
    out = computed(row, numbers)
    product = row.factors and all(numbers)
    if isinstance(out, complex):
        turned = product and any(x.imag for x in numbers)
        return complex(_moved(out.real, draws, product), _moved(out.imag, draws, turned))
    return _moved(out, draws, product) if type(out) is float else out


def _precisely_drawn(mp: Any, row: Primitive, numbers: Sequence[Any], draws: random.Random) -> Any:
    """The value of a row of mpmath's numbers, with the digits of each of its operations drawn."""
    inexact = row.definition is None and row is not rules.sqrt
    if row.definition and not row.operator:  # these are defined by themselves
        inner = Run(draws)
        first = row.integers
        try:
            return unwatched(row.definition(*numbers[:first], *inner.watch(numbers[first:])))
        except (TypeError, AttributeError):
            inexact = True  # it looks into its operands, and what it does with them is not seen
    ends = []
    mode = mp._prec_rounding  # `mp.rounding` came with 1.4, which sympy (so torch) does not take
    for direction in ("d", "u"):
        before, mode[1] = mode[1], direction
        try:
            ends.append(computed(row, numbers))
        finally:
            mode[1] = before
    low, high = ends
    if row.predicate or not all(hasattr(x, "_mpf_") for x in ends):
        return low
    if low == high and inexact and not _SPECIAL.issuperset(numbers):
        high = mp.fmul(low, 1 + mp.ldexp(1, 1 - mp.prec), exact=True)  # tanh(99) is not quite 1
    if low == high:
        return low
    share = mp.ldexp(draws.getrandbits(32) - 2**30, -31)  # between -1/2 and 3/2
    return mp.fadd(low, mp.fmul(mp.fsub(high, low, exact=True), share, exact=True), exact=True)


def _moved(x: float, draws: random.Random, product: bool) -> float:
    """A float moved by up to 2 units in its last place; a 0 only where a product underflowed."""
    return x + draws.randint(-2, 2) * math.ulp(x) if x or product else x


class Watched(Plain):
    """A plain number that computes in a run.

    Parameters
    ----------
    data : number
    run : Run
    """

    __slots__ = ("run",)
    level = 3

    def __init__(self, data: Any, run: Run) -> None:
        super().__init__(data)
        self.run = run

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Any:
        """Compute an elementary function in the run of its operands."""
        return _run_of(operands).compute(primitive, operands)

    def _handed(self, *_: Any) -> Any:
        """The number, for one of mpmath's functions, where the run loses sight of it."""
        self.run.left = True
        return self.data


class _Native(Operand):
    """A number that computes in a run and that `math` and the like take for one of their own."""

    __slots__ = ()
    run: Run
    level = 3
    apply = staticmethod(Watched.apply)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Be but a number to NumPy, as to everybody who takes floats."""
        return getattr(ufunc, method)(*[unwatched(x) for x in inputs], **kwargs)


class _Float(_Native, float):
    """A float."""

    def __new__(cls, x: float, run: Run) -> _Float:
        self = super().__new__(cls, x)
        self.run = run
        return self


class _Complex(_Native, complex):
    """A complex number."""

    def __new__(cls, x: complex, run: Run) -> _Complex:
        self = super().__new__(cls, x)
        self.run = run
        return self


def _run_of(operands: Sequence[Any]) -> Run:
    """The run in which the first watched number computes."""
    run: Run = next(x.run for x in operands if is_watched(x))
    return run


def is_watched(x: Any) -> bool:
    """Tell whether a number computes in a run."""
    return isinstance(x, (Watched, _Native))


def unwatched(x: Any) -> Any:
    """Return the number alone."""
    if isinstance(x, _Native):
        return float(x) if isinstance(x, float) else complex(cast(complex, x))
    return number_of(x)


def _noting(name: str, kind: type) -> Callable[..., Any]:
    """A comparison that tells the run what it decided."""
    compare = getattr(kind, name)

    def noting(self: Any, *others: Any) -> Any:
        decided = compare(self, *others)
        self.run.path.append((name, decided))
        return decided

    return noting


for _name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"):
    setattr(Watched, _name, _noting(_name, Plain))
    setattr(_Float, _name, _noting(_name, float))
for _kind, _of in ((_Float, float), (_Complex, complex)):
    setattr(_kind, "__hash__", _of.__hash__)  # noqa: B010
for _name in ("__eq__", "__bool__"):
    setattr(_Complex, _name, getattr(complex, _name))


def replayed(root: Any, places: dict[Any, Any]) -> Any:
    """Return the number of a graph whose leaves are replaced by watched numbers."""
    for node in topological_order(root) if isinstance(root, Value) else ():
        operands = [places.get(x, x.data) if isinstance(x, Value) else x for x in node.operands]
        if any(map(is_watched, operands)):
            places[node] = Watched.apply(cast(Primitive, node.op), *operands)
    return number_of(places.get(root, root))


def scatter(
    f: Callable[[Sequence[Any]], Any], xs: Sequence[Any], part: Callable[[Any], float]
) -> float:
    """Return how far the last digits of all results on the way move a function's value.

    Parameters
    ----------
    f : callable
        A flat function of floats or complex numbers.
    xs : sequence of float or complex
    part : callable
        What is asked of the value: its float.

    Returns
    -------
    float
        0 for a function that takes no numbers but those of NumPy or C, which hide what they do;
        inf where the function has a value in some runs only.

    Examples
    --------
    >>> scatter(lambda xs: (1e110 + xs[0]) - 1e110, [3.0], float) > 1e93
    True
    """
    return next(iter(scatters(f, xs, part)), 0.0)


def scatters(
    f: Callable[[Sequence[Any]], Any], xs: Sequence[Any], part: Callable[[Any], float]
) -> list[float]:
    """Return the same for every result of a function; nothing where what it does is hidden."""
    runs: list[list[float]] = []
    for seed in range(_RUNS):
        try:
            with quietly():
                y = f(Run(random.Random(seed)).watch(xs))
            runs.append([part(x) for x in y] if isinstance(y, list) else [part(y)])
        except Exception:  # whatever foreign code says to numbers that it does not know
            return []
    found: list[float] = []
    for values in zip(*runs, strict=True):
        finite = [x for x in values if math.isfinite(x)]
        if len(finite) < len(values):
            found.append(math.inf if finite else 0.0)
        else:
            found.append(max(values) - min(values))
    return found


def magnitude(x: Any) -> float:
    """Return e with 2**(e-1) <= abs(x) < 2**e; -inf for 0, inf and what is no real number."""
    if hasattr(x, "_mpf_"):
        _, digits, exponent, bits = x._mpf_
        return exponent + bits if digits else -math.inf
    if isinstance(x, int):
        return x.bit_length() or -math.inf
    return math.frexp(x)[1] if isinstance(x, float) and x and math.isfinite(x) else -math.inf
