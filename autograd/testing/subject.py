"""The function under test at one point: how oracles and the engine see it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import product
from typing import Any

from autograd.functions.operand import plain as number_of
from autograd.graph.modes import no_grad
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.testing.arguments import Arguments, is_unreal, numbers_in
from autograd.testing.differences import Differences
from autograd.testing.duals import Rational
from autograd.testing.naming import name_of
from autograd.testing.oracles import ComplexStep, Finite, Oracle, UnsuitableError
from autograd.testing.plain import Plain, Recalled
from autograd.testing.precise import Precise, mpf_of
from autograd.testing.stochastic import Run, is_watched, replayed, unwatched
from autograd.transforms.trees import opened


class Subject:
    """A function and a point.

    Parameters
    ----------
    f : callable
    args : sequence
        Its positional arguments, nested structures of numbers.

    several : bool
        Whether the function may have any structure of numbers as result. Then its values and
        graphs are lists.
    dtype : str, optional
        The format of the floats that the function computes in; see `Arguments.form`.

    Examples
    --------
    >>> product = lambda xs: xs[0] * xs[1]
    >>> subject = Subject(product, ([2.0, 3.0],))
    >>> subject.numbers, subject.name
    ([2.0, 3.0], 'product')
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        several: bool = False,
        dtype: str | None = None,
    ) -> None:
        self.f, self.arguments, self.several = f, Arguments(tuple(args)), several
        self.numbers = self.arguments.numbers
        self.names = self.arguments.names
        self.name = name_of(f)
        self._known: dict[tuple[Any, ...], Any] = {}
        if not self.numbers:
            raise ValueError(f"there is no number to differentiate by in args = {args!r}")
        for name, x in zip(self.names, self.numbers, strict=True):
            if isinstance(x, complex):
                raise TypeError(
                    f"{name} = {x!r} is complex: check the function of its real and imaginary part"
                )
        self.form = self.arguments.form(dtype)

    def values(self, numbers: Sequence[Any]) -> Any:
        """Return the function's number or numbers, of numbers that are wrapped: without a graph,
        but with the methods that NumPy's functions ask for.

        A function that has Values of its own may need these to meet Values.
        """
        watched = is_watched(numbers[0])
        given = numbers if watched else [Recalled(x, self._known) for x in numbers]
        try:
            return self.plain(given)
        except (TypeError, AttributeError):
            if watched:
                found, leaves = self.graph([unwatched(x) for x in numbers])
                places = dict(zip(leaves, numbers, strict=True))
                if isinstance(found, list):
                    return [replayed(root, places) for root in found]
                return replayed(found, places)
            with no_grad():
                return self.plain([Value(x) for x in numbers])

    def plain(self, numbers: Sequence[Any]) -> Any:
        """Return the function's number or numbers, of the numbers as they are."""
        y = self.results(self.f(*self.arguments.rebuilt(numbers)))
        return [number_of(x) for x in y] if isinstance(y, list) else number_of(y)

    def graph(self, numbers: Sequence[Any]) -> tuple[Any, list[Value]]:
        """Return what the function makes of fresh Values, and these."""
        leaves = [Value(x) for x in numbers]
        with advising(self.name, "Values"):
            return self.results(self.f(*self.arguments.rebuilt(leaves))), leaves

    def results(self, y: Any) -> Any:
        """Return the one number or Value of a result, or a list of all."""
        return flattened(y) if self.several else self.one_number(y)

    def floats(self) -> Any:
        """Return the numbers as floats; a vector, to cut arrays from, where there are arrays."""
        numbers = [float(x) for x in self.numbers]
        if not self.arguments.has_arrays:
            return numbers
        import numpy as np

        return np.array(numbers)

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
        numbers = [mpf_of(judge.mp, x) for x in self.numbers]
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
        if name == "mpmath":
            return self._precise()
        differences = Differences(self.plain, self.floats(), self.form)
        if name == "auto":
            try:
                return self._precise(differences)
            except (UnsuitableError, ImportError):
                pass  # a function that takes nothing but floats, or an environment without mpmath
        if not all(map(math.isfinite, differences.center)):
            self._refuse_complex()
        stepped = ComplexStep(self.plain, numbers, differences)
        if name == "complex":
            return stepped
        if name == "auto":
            try:
                for i, k in product(range(len(numbers)), range(len(differences.center))):
                    stepped.slope(i, k)
                return stepped
            except UnsuitableError:
                pass
        return Finite(self.plain, numbers, differences)

    def _refuse_complex(self) -> None:
        """Raise if what the function returns for real numbers is complex."""
        try:
            y = self.plain(self.floats())
        except Exception:  # whatever foreign code says: a pole, or no function of floats
            return
        for x in y if isinstance(y, list) else [y]:
            if is_unreal(x):
                raise TypeError(
                    f"{self.name} returned {x!r}, which is complex: check its real part and its "
                    "imaginary part"
                )

    def _precise(self, differences: Differences | None = None) -> Precise:
        """The oracle in mpmath, tried at the point.

        A ValueError may be a pole, or what compiled code says to numbers that it does not know: it
        is a pole where floats find none either.
        """
        precise = Precise(self.values, self.numbers)
        try:
            with precise.mp.workprec(precise.bits):
                found = precise.values([mpf_of(precise.mp, x) for x in self.numbers])
            _ = precise.start
        except Exception as error:  # whatever foreign code says
            raise UnsuitableError(
                f"{self.name} does not take numbers of mpmath: {type(error).__name__}: {error}"
                f"{advice(error)}"
            ) from error
        if found is None or None in found:
            self._refuse_complex()
        if precise.trouble is not None and found is None:
            at = (differences or Differences(self.plain, self.floats(), self.form)).center
            if any(map(math.isfinite, at)):
                raise UnsuitableError(
                    f"{self.name} does not take numbers of mpmath: {precise.trouble}"
                )
        return precise


def advice(error: Exception) -> str:
    """Return what to do where NumPy has no function for numbers in a bare array."""
    bare = isinstance(error, TypeError) and "ufunc '" in str(error)
    return f"; {BARE}" if bare and BARE not in str(error) else ""


@contextmanager
def advising(name: str, kind: str) -> Iterator[None]:
    """Say within a block what to do where a function does not take numbers of a kind."""
    try:
        yield
    except TypeError as error:
        if said := advice(error):
            raise TypeError(f"{name} does not take {kind}: {error}{said}") from error
        raise


def flattened(result: Any) -> list[Any]:
    """Return the numbers and Values of a structured result, as they are."""
    if isinstance(result, (Value, Plain)) or is_watched(result):
        return [result]
    if hasattr(result, "ravel"):
        return list(result.ravel().tolist())
    if (inside := opened(result)) is not None:
        return [x for part in inside.members for x in flattened(part)]
    return [] if result is None or isinstance(result, (str, bool)) else [result]


def structure(root: Any, leaves: Sequence[Value]) -> list[tuple[Any, ...]]:
    """Return the operations of a graph in order, with their literals and where operands stand."""
    nodes = topological_order(root) if isinstance(root, Value) else []
    places: dict[Any, Any] = {x: i for i, x in enumerate([*leaves, *nodes])}
    return [
        (node.op, *(places.get(x, x) if isinstance(x, Value) else x for x in node.operands))
        for node in nodes
    ]


BARE = (
    "np.asarray makes a bare array, of which NumPy takes few functions: leave it out, or write "
    "np.asanyarray"
)
_KINDS = ("Dual", "mpf", "mpc", "bool")
