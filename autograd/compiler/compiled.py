"""compile: a function as programs, one for each path that its calls take through it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from autograd.compiler.comparing import compare_gradients, compare_values
from autograd.compiler.paths import (
    BY_ARGUMENTS,
    BY_PARAMETERS,
    HESSIAN,
    HVP,
    VALUE,
    Cost,
    OtherNumbersError,
    Path,
    traced,
)
from autograd.compiler.program import Program
from autograd.compiler.python import python_source
from autograd.compiler.structure import read
from autograd.compiler.trace import LiveError
from autograd.graph.modes import MODES, OPEN, look_around
from autograd.graph.turns import SWEEPING
from autograd.graph.watching.hooks import run_hooks
from autograd.numbers.kinds import as_number
from autograd.transforms.gradients import hessian, hvp, value_and_grad
from autograd.transforms.runs import Function, name_of
from autograd.transforms.trees import Rebuild, flatten

MOST_PATHS = 100  # of arguments of one structure; a call that takes another one is eager


class _Structure:
    """The calls whose arguments are put together alike."""

    def __init__(self, args: Sequence[Any]) -> None:
        self.paths: list[Path] = []
        self.rebuilds: list[tuple[int, Rebuild]] = []
        for x in args:
            numbers, rebuild = flatten(x, "an argument")
            self.rebuilds.append((len(numbers), rebuild))

    def gradient(self, slopes: Sequence[float]) -> Any:
        """Put derivatives together as the arguments are: bare for one, else a tuple."""
        parts, start = [], 0
        for size, rebuild in self.rebuilds:
            parts.append(rebuild([*slopes[start : start + size]]))
            start += size
        return parts[0] if len(parts) == 1 else tuple(parts)


class _Call(NamedTuple):
    """A call that programs can answer: its numbers, and what is known of such calls."""

    args: tuple[Any, ...]
    numbers: list[float]
    structure: _Structure
    vector: Sequence[float] = ()  # of a second derivative


class Compiled:
    """A function that is traced once for each path through it, and computed as programs.

    Made by `autograd.compile`, whose documentation says what holds.

    Attributes
    ----------
    function : callable
        The function as it was given.
    cost : Cost
        What tracing and planning took so far.
    """

    def __init__(self, function: Function, check: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.function, self.checks = function, check
        self.cost = Cost()
        self._structures: dict[Hashable, _Structure] = {}
        self._last: tuple[Path, str] | None = None
        self._warned = False

    def __repr__(self) -> str:
        return f"<compiled {name_of(self.function)}>"

    def __call__(self, *args: Any) -> Any:
        """Return what the function would, as floats."""
        found = self._computed(args, VALUE)
        if found is None:
            return self.function(*args)
        call, path, out = found
        result = path.result(out)
        if self.checks:
            compare_values(self.function, args, result)
        return result

    def value_and_grad(self, *args: Any) -> Any:
        """Return the value and its gradient: bare for one argument, for more of them a tuple."""
        found = self._computed(args, BY_ARGUMENTS)
        if found is None:
            return self._eager(args)
        call, path, (out, slopes) = found
        both = path.result(out), call.structure.gradient(slopes)
        if self.checks:
            compare_gradients(self.function, args, _argnums(args), both)
        return both

    def backward(self, *args: Any) -> float:
        """Add the gradient to the `grad` of the Values that the function captured.

        Returns
        -------
        float
            The value.
        """
        found = self._computed(args, BY_PARAMETERS)
        if found is None:
            out = self.function(*args)
            out.backward()
            return as_number(out.data)  # type: ignore[no-any-return]
        _, path, (out, slopes) = found
        for value, slope in zip(path.captured, slopes, strict=True):
            slope = run_hooks(value, slope)
            with SWEEPING: value.grad = value.grad + slope if value.grad else slope  # fmt: skip
        return path.result(out)  # type: ignore[no-any-return]

    def hvp(self, x: Any, v: Any) -> Any:
        """Return the second derivatives by the one argument x times v, as `autograd.hvp` does."""
        vector: list[Any] = []
        same = read(v, vector, "the vector") == read(x, [], "argument 0")
        if not same:
            raise ValueError("the vector of hvp has to be structured like the argument")
        floats = _floats(vector)
        found = None if floats is None else self._computed((x,), HVP, floats)
        if found is None:
            return hvp(self.function, x, v)
        call, _, (_, product) = found
        return call.structure.gradient(product)

    def hessian(self, *args: Any) -> Any:
        """Return the second derivatives, as `autograd.hessian` does."""
        found = self._computed(args, HESSIAN)
        if found is None:
            return hessian(self.function, _argnums(args))(*args)
        call, _, (_, numbers) = found
        n = len(call.numbers)
        rows = [numbers[i : i + n] for i in range(0, n * n, n)]
        return call.structure.gradient([call.structure.gradient(row) for row in rows])

    @property
    def program(self) -> Program:
        """The program that answered the last call."""
        path, kind = self._answered()
        return path.program(kind)

    def source(self, language: str = "python") -> str:
        """Return the program that answered the last call as source code.

        Parameters
        ----------
        language : {"python"}
        """
        if language != "python":
            raise ValueError(f"programs are written in 'python'; got {language!r}")
        name = name_of(self.function)
        return python_source(self.program, name if name.isidentifier() else "program")

    def _answered(self) -> tuple[Path, str]:
        """Who answered the last call."""
        if self._last is None:
            raise RuntimeError(
                f"{name_of(self.function)} has not been traced yet: call it once, its program is "
                "written for the structure of its arguments"
            )
        return self._last

    # -- calls ----------------------------------------------------------------------------------
    def _computed(
        self, args: tuple[Any, ...], kind: str, vector: Sequence[float] = ()
    ) -> tuple[_Call, Path, Any] | None:
        """What the program of a path answers; None where the function itself is to run."""
        if OPEN and _somebody_looks():
            return None
        call = self._call(args, vector)
        if call is None:
            return None
        try:
            return self._answer(call, kind)
        except (LiveError, OtherNumbersError):
            return None

    def _call(self, args: tuple[Any, ...], vector: Sequence[float]) -> _Call | None:
        """Take arguments apart; None if there are Values among them, or numbers that are no floats."""
        numbers: list[Any] = []
        key = tuple([read(x, numbers, f"argument {i}") for i, x in enumerate(args)])
        floats = _floats(numbers)
        if floats is None:
            return None
        structure = self._structures.get(key)
        if structure is None:
            structure = self._structures[key] = _Structure(args)
        return _Call(args, floats, structure, vector)

    def _answer(self, call: _Call, kind: str) -> tuple[_Call, Path, Any] | None:
        """The answer of the path that a call takes; the last one that was taken is tried first."""
        paths = call.structure.paths
        for i, path in enumerate(paths):
            out = self._of_path(path, call, kind)
            if out is not None:
                if i:
                    paths.insert(0, paths.pop(i))
                return call, path, out
        if len(paths) >= MOST_PATHS:
            self._warn()
            return None
        path = traced(self.function, call.args, self.cost)
        paths.insert(0, path)
        out = self._of_path(path, call, kind)
        if out is None:
            raise RuntimeError(
                f"the trace of {name_of(self.function)} does not answer its own call"
            )
        return call, path, out

    def _of_path(self, path: Path, call: _Call, kind: str) -> Any:
        """What a path answers; None where its guards fail."""
        parameters = path.parameters(call.args)
        if kind != VALUE:
            path.check_scalar(name_of(self.function))
        out = path.compiled(kind)(*call.numbers, *call.vector, *parameters)
        if out is not None:
            self._last = path, kind
        return out

    def _warn(self) -> None:
        """Say once that there are too many paths."""
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"{name_of(self.function)} takes more than {MOST_PATHS} paths: calls that take "
                "another one are computed eagerly; where() chooses without a path of its own",
                RuntimeWarning,
                stacklevel=6,
            )

    # -- eagerly --------------------------------------------------------------------------------
    def _eager(self, args: tuple[Any, ...]) -> Any:
        """The value and the gradient by a graph."""
        return value_and_grad(self.function, _argnums(args))(*args)


def _floats(numbers: list[Any]) -> list[float] | None:
    """Numbers as floats; None if some are of another kind, or Values."""
    if not {float}.issuperset(map(type, numbers)):
        numbers = [as_number(x) for x in numbers]
        if not {float}.issuperset(map(type, numbers)):
            return None
    return numbers


def _argnums(args: Sequence[Any]) -> int | tuple[int, ...]:
    """By which arguments a gradient is: bare for one, for more a tuple."""
    return 0 if len(args) == 1 else tuple(range(len(args)))


def _somebody_looks() -> bool:
    """Whether nodes and comparisons are to be seen, which a program has not."""
    modes = look_around()
    seen = (modes.trace, modes.listener, modes.made)
    return modes.watched or any(x is not None for x in seen)


def compile(function: Callable[..., Any] | None = None, *, check: bool = False) -> Any:
    """Return a function that computes the same faster, as a program of scalars."""
    if function is None:
        return functools.partial(compile, check=check)
    if not callable(function):
        raise TypeError(
            f"a function is needed, got {function!r} ({type(function).__name__}); a Value is "
            "computed already"
        )
    return Compiled(function, check)
