"""The function under test at one point: how oracles and the engine see it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from autograd.modes import no_grad
from autograd.sweep import topological_order
from autograd.testing.arguments import Arguments, numbers_in
from autograd.testing.differences import Differences
from autograd.testing.duals import Rational
from autograd.testing.oracles import ComplexStep, Finite, Oracle, Precise, UnsuitableError
from autograd.testing.plain import Plain, number_of
from autograd.value import Value


class Subject:
    """A function and a point.

    Parameters
    ----------
    f : callable
    args : sequence
        Its positional arguments, nested structures of numbers.

    Examples
    --------
    >>> subject = Subject(lambda xs: xs[0] * xs[1], ([2.0, 3.0],))
    >>> subject.numbers, subject.name
    ([2.0, 3.0], '<lambda>')
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        self.f, self.arguments = f, Arguments(tuple(args))
        self.numbers = self.arguments.numbers
        self.names = self.arguments.names
        self.name = str(getattr(f, "__name__", type(f).__name__))
        if not self.numbers:
            raise ValueError(f"there is no number to differentiate by in args = {args!r}")

    def values(self, numbers: Sequence[Any]) -> Any:
        """Return the function's one number, of numbers that are wrapped: without a graph, but with
        the methods that NumPy's functions ask for.

        A function that has Values of its own may need these to meet Values.
        """
        try:
            return number_of(self.one_number(self.f(*self.arguments.rebuilt(_all(Plain, numbers)))))
        except TypeError:
            with no_grad():
                given = self.arguments.rebuilt(_all(Value, numbers))
                return number_of(self.one_number(self.f(*given)))

    def plain(self, numbers: Sequence[Any]) -> Any:
        """Return the function's one number, of the numbers as they are."""
        return number_of(self.one_number(self.f(*self.arguments.rebuilt(numbers))))

    def graph(self, numbers: Sequence[Any]) -> tuple[Any, list[Value]]:
        """Return what the function makes of fresh Values, and these."""
        leaves = [Value(x) for x in numbers]
        return self.one_number(self.f(*self.arguments.rebuilt(leaves))), leaves

    def one_number(self, y: Any) -> Any:
        """Return the one number, or Value, that a result consists of."""
        if hasattr(y, "shape") and hasattr(y, "item") and math.prod(y.shape) == 1:
            y = y.item()
        if not isinstance(y, (Plain, Value)) and (
            isinstance(y, (list, tuple)) or len(numbers_in(y)) != 1
        ):
            if type(y).__name__ in _KINDS:
                return y
            raise TypeError(
                f"{self.name} has to return one number, but returned {y!r} "
                f"({type(y).__name__}); use check_vjp for a function with several results"
            )
        return y

    def matching(self, result: Any) -> list[Any]:
        """Return a gradient as a list, one number for each in the arguments."""
        got = numbers_in(result)
        if len(got) != len(self.numbers):
            raise ValueError(
                f"the gradient of {self.name} has {len(got)} numbers, but the arguments have "
                f"{len(self.numbers)}: {', '.join(self.names[:6])}"
            )
        return got

    def takes_another_branch(self, root: Value, judge: Oracle) -> bool:
        """Tell whether rounding led to other operations than high precision does."""
        if not isinstance(judge, Precise):
            return False
        with judge.mp.workprec(judge.bits):
            precise_root, _ = self.graph([judge.mp.mpf(x) for x in self.numbers])
        return operations(root) != operations(precise_root)

    def oracle(self, name: str, root: Any = None) -> Oracle:
        """Return the oracle of a name; for "auto" the best one that the function accepts."""
        numbers = self.numbers
        if name == "fraction" or (name == "auto" and any(isinstance(x, Fraction) for x in numbers)):
            return Rational(self.plain, numbers)
        if name == "finite":
            return Finite(self.plain, numbers)
        if name == "complex":
            return ComplexStep(self.plain, numbers, Differences(self.plain, numbers))
        if name == "mpmath":
            return Precise(self.values, numbers, self._bits(root))
        try:
            precise = Precise(self.values, numbers, self._bits(root))
            precise.slope(0)
        except (TypeError, AttributeError, ImportError):
            pass  # a function that takes nothing but floats, or an environment without mpmath
        else:
            return precise
        stepped = ComplexStep(self.plain, numbers, Differences(self.plain, numbers))
        try:
            for i in range(len(numbers)):
                stepped.slope(i)
        except (UnsuitableError, TypeError, AttributeError):
            return Finite(self.plain, numbers)
        return stepped

    def _bits(self, root: Any) -> int:
        """The precision in which nothing that the function adds up is absorbed."""
        numbers = [float(x) for x in self.numbers] + [1.0]
        for node in topological_order(root) if isinstance(root, Value) else ():
            operands = (x.data if isinstance(x, Value) else x for x in node.operands)
            numbers += [float(x) for x in (node.data, *node.partials, *operands)]
        sizes = [math.frexp(x)[1] for x in numbers if x and math.isfinite(x)]
        return min(256 + (max(sizes) - min(sizes)) * 3 // 2, Precise.largest // 4)


def _all(kind: type, numbers: Sequence[Any]) -> list[Any]:
    """The numbers, wrapped."""
    return [kind(x) for x in numbers]


def operations(root: Any) -> list[tuple[Any, int]]:
    """Return the rows of a graph in order, with how many parents each node has."""
    nodes = topological_order(root) if isinstance(root, Value) else []
    return [(node.op, len(node.parents)) for node in nodes]


_KINDS = ("Dual", "mpf", "mpc", "bool")
