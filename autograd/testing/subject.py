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
from autograd.testing.names import name_of
from autograd.testing.oracles import ComplexStep, Finite, Oracle, UnsuitableError
from autograd.testing.plain import Plain, number_of
from autograd.testing.precise import Precise
from autograd.testing.stochastic import Run, is_watched, replayed, unwatched
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
    >>> product = lambda xs: xs[0] * xs[1]
    >>> subject = Subject(product, ([2.0, 3.0],))
    >>> subject.numbers, subject.name
    ([2.0, 3.0], 'product')
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        self.f, self.arguments = f, Arguments(tuple(args))
        self.numbers = self.arguments.numbers
        self.names = self.arguments.names
        self.name = name_of(f)
        if not self.numbers:
            raise ValueError(f"there is no number to differentiate by in args = {args!r}")

    def values(self, numbers: Sequence[Any]) -> Any:
        """Return the function's one number, of numbers that are wrapped: without a graph, but with
        the methods that NumPy's functions ask for.

        A function that has Values of its own may need these to meet Values.
        """
        given = numbers if is_watched(numbers[0]) else [Plain(x) for x in numbers]
        try:
            return self.plain(given)
        except (TypeError, AttributeError):
            if given is numbers:
                root, leaves = self.graph([unwatched(x) for x in numbers])
                return replayed(root, dict(zip(leaves, numbers, strict=True)))
            with no_grad():
                return self.plain([Value(x) for x in numbers])

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

    def takes_another_branch(self, judge: Oracle) -> bool:
        """Tell whether rounding led to other operations than high precision does.

        Two runs that decide alike do; others may still differ only in what the result ignores.
        """
        if not isinstance(judge, Precise):
            return False
        numbers = [judge.mp.mpf(x) for x in self.numbers]
        floats, precise = Run(), Run()
        self.values(floats.watch(self.numbers))
        try:
            with judge.mp.workprec(judge.start):
                self.values(precise.watch(numbers))
                if floats.path == precise.path:
                    return False
                return structure(*self.graph(self.numbers)) != structure(*self.graph(numbers))
        except (ZeroDivisionError, ValueError, OverflowError):  # a pole: there is no derivative
            return False

    def oracle(self, name: str) -> Oracle:
        """Return the oracle of a name; for "auto" the best one that the function accepts."""
        numbers = self.numbers
        if name == "fraction" or (name == "auto" and any(isinstance(x, Fraction) for x in numbers)):
            return Rational(self.plain, numbers)
        if name == "finite":
            return Finite(self.plain, numbers)
        if name == "complex":
            return ComplexStep(self.plain, numbers, Differences(self.plain, numbers))
        if name == "mpmath":
            return Precise(self.values, numbers)
        try:
            precise = Precise(self.values, numbers)
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


def structure(root: Any, leaves: Sequence[Value]) -> list[tuple[Any, ...]]:
    """Return the operations of a graph in order, with their literals and where operands stand."""
    nodes = topological_order(root) if isinstance(root, Value) else []
    places: dict[Any, Any] = {x: i for i, x in enumerate([*leaves, *nodes])}
    return [
        (node.op, *(places.get(x, x) if isinstance(x, Value) else x for x in node.operands))
        for node in nodes
    ]


_KINDS = ("Dual", "mpf", "mpc", "bool")
