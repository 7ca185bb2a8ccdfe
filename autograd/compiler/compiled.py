"""A compiled function: programs, one for each path that its calls take through it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, cast

from autograd.compiler.c import c_source
from autograd.compiler.comparing import (
    compare_captured,
    compare_gradients,
    compare_second,
    compare_values,
)
from autograd.compiler.entering import entrance
from autograd.compiler.exporting import jax_source
from autograd.compiler.keywords import Key, WithKeywords, parted
from autograd.compiler.lanes.calls import OverLanes
from autograd.compiler.paths import (
    BY_ARGUMENTS,
    BY_PARAMETERS,
    HESSIAN,
    HVP,
    VALUE,
    Cost,
    Path,
    give,
    traced,
)
from autograd.compiler.program import Program
from autograd.compiler.python import python_source
from autograd.compiler.structure import read
from autograd.compiler.trace import EagerError
from autograd.graph.modes import OPEN, changed, look_around
from autograd.graph.node import number_of
from autograd.graph.value import Value
from autograd.numbers.kinds import as_number
from autograd.transforms.gradients import hessian, hvp, value_and_grad
from autograd.transforms.runs import Function, name_of
from autograd.transforms.trees import Rebuild, flatten

MOST_FLOATS = 100  # arguments that are looked at one by one
MOST_PATHS = 100  # of arguments of one structure; a call that takes another one is eager


class _Structure:
    """The calls whose arguments are put together alike."""

    def __init__(self, args: Sequence[Any]) -> None:
        self.paths: list[Path] = []
        self.rebuilds: list[tuple[int, Rebuild]] = []
        for x in args:
            numbers, rebuild = flatten(x, "an argument")
            zeros = [0.0] * len(numbers)  # in place of the argument, which is not kept
            self.rebuilds.append((len(numbers), flatten(rebuild(zeros))[1]))

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


class Compiled(OverLanes):
    """A function that is traced once for each path through it, and computed as programs.

    Made by `autograd.compile`, whose documentation says what holds.

    Attributes
    ----------
    function : callable
        The function as it was given.
    cost : Cost
        What tracing and planning took so far.
    """

    def __init__(
        self, function: Function, check: bool = False, uniform: tuple[int, ...] = ()
    ) -> None:
        functools.update_wrapper(self, function, updated=())  # what a module holds stays its own
        self.function, self.checks, self.uniform = function, check, uniform
        self.cost = Cost()
        self._structures: dict[Hashable, _Structure] = {}
        self._with_keywords: dict[Key, Compiled] = {}
        self._last: tuple[Path, str] | None = None
        self._warned = False
        self._enter: Callable[..., Any] = self._value
        self._enter_with_slopes: Callable[..., Any] = self._value_and_slopes

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.function, self.checks, self.uniform)  # which is traced anew

    def __repr__(self) -> str:
        return f"<compiled {name_of(self.function)}>"

    def __get__(self, instance: Any, owner: Any = None) -> Compiled:
        """Refuse to be a method, which would be traced for each instance, each time it is met."""
        if instance is None:
            return self
        raise TypeError(
            f"{name_of(self.function)} is compiled as a method, but a program is one of numbers: "
            f"compile the bound method once, as in self.f = autograd.compile(self.f) in __init__"
        )

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Return what the function would, as floats."""
        if keywords:
            return self._by_keywords("__call__", args, keywords)
        return self._enter(*args)

    def value_and_grad(self, *args: Any, **keywords: Any) -> Any:
        """Return the value and its gradient by the positional arguments: bare for one of them, for
        more a tuple.
        """
        if keywords:
            return self._by_keywords("value_and_grad", args, keywords)
        return self._enter_with_slopes(*args)

    def _value(self, *args: Any) -> Any:
        """What a call answers."""
        try:
            _, path, out = self._computed(args, VALUE)
        except EagerError as error:
            return self._eagerly(args) if error.as_floats else self.function(*args)
        result = path.result(out)
        if self.checks:
            compare_values(self.function, args, result)
        elif path.recording.scalar:
            self._enter = self._entered(VALUE, path, args)
        return result

    def _value_and_slopes(self, *args: Any) -> Any:
        """The value and its gradient."""
        try:
            call, path, (out, slopes) = self._computed(args, BY_ARGUMENTS)
        except EagerError as error:
            found = value_and_grad(self.function, _argnums(args))(*args)
            return _as_floats(found) if error.as_floats else found
        both = path.result(out), call.structure.gradient(slopes)
        if self.checks:
            compare_gradients(self.function, args, _argnums(args), both)
        else:
            self._enter_with_slopes = self._entered(BY_ARGUMENTS, path, args)
        return both

    def _entered(self, kind: str, path: Path, args: tuple[Any, ...]) -> Callable[..., Any]:
        """The way in for the calls to come, if they are like this one."""
        slopes = kind == BY_ARGUMENTS
        otherwise = self._value_and_slopes if slopes else self._value
        if path.captured or not 0 < len(args) <= MOST_FLOATS or {*map(type, args)} != {float}:
            return otherwise
        return entrance(len(args), path.compiled(kind), otherwise, slopes)

    def backward(self, *args: Any, **keywords: Any) -> float:
        """Add the gradient to the `grad` of the Values that the function captured.

        Returns
        -------
        float
            The value.
        """
        if keywords:
            return cast(float, self._by_keywords("backward", args, keywords))
        try:
            _, path, (out, slopes) = self._computed(args, BY_PARAMETERS)
        except EagerError:
            out = self.function(*args)
            if isinstance(out, Value):
                out.backward()
            number: float = number_of(out)
            return number
        if self.checks:
            compare_captured(self.function, args, path.captured, (out, slopes))
        for value, slope in zip(path.captured, slopes, strict=True):
            give(value, slope)
        result: float = path.result(out)
        return result

    def hvp(self, x: Any, v: Any) -> Any:
        """Return the second derivatives by the one argument x times v, as `autograd.hvp` does."""
        vector: list[Any] = []
        same = read(v, vector, "the vector") == read(x, [], "argument 0")
        if not same:
            raise ValueError("the vector of hvp has to be structured like the argument")
        try:
            call, _, (_, product) = self._computed((x,), HVP, _floats(vector))
        except EagerError as error:
            found = hvp(self.function, x, v)
            return _as_floats(found) if error.as_floats else found
        answer = call.structure.gradient(product)
        if self.checks:
            compare_second(self.function, hvp(self.function, x, v), answer)
        return answer

    def hessian(self, *args: Any) -> Any:
        """Return the second derivatives, as `autograd.hessian` does."""
        try:
            call, _, (_, numbers) = self._computed(args, HESSIAN)
        except EagerError as error:
            found = hessian(self.function, _argnums(args))(*args)
            return _as_floats(found) if error.as_floats else found
        n = len(call.numbers)
        rows = [numbers[i : i + n] for i in range(0, n * n, n)]
        answer = call.structure.gradient([call.structure.gradient(row) for row in rows])
        if self.checks:
            compare_second(self.function, hessian(self.function, _argnums(args))(*args), answer)
        return answer

    @property
    def program(self) -> Program:
        """The program that answered the last call."""
        path, kind = self._answered()
        return path.program(kind)

    def source(self, language: str = "python") -> str:
        """Return the program that answered the last call as source code.

        Parameters
        ----------
        language : {"python", "c", "jax"}
            In C it is one function, which needs nothing but the C library; for JAX see `to_jax` of
            `autograd.compiler`.

        Raises
        ------
        ProgramError
            If a row of it has no word there, as derivatives of any order of gamma have no C.

        Examples
        --------
        >>> import autograd
        >>> f = autograd.compile(lambda x: x * x)
        >>> f(3.0)
        9.0
        >>> "v1 = v0 * v0;" in f.source("c")
        True
        """
        writers = {"python": python_source, "c": c_source, "jax": jax_source}
        if language not in writers:
            raise ValueError(f"programs are written in 'python', 'c' or 'jax'; got {language!r}")
        name = name_of(self.function)
        return writers[language](self.program, name if name.isidentifier() else "program")

    def _answered(self) -> tuple[Path, str]:
        """Who answered the last call."""
        if self._last is None:
            raise RuntimeError(
                f"{name_of(self.function)} has not been traced yet: call it once, its program is "
                "written for the structure of its arguments"
            )
        return self._last

    # -- calls ----------------------------------------------------------------------------------
    def _by_keywords(
        self, what: str, args: tuple[Any, ...], keywords: dict[str, Any], **options: Any
    ) -> Any:
        """What a method answers with keyword arguments: those of numbers come after the others."""
        by_arguments = what in ("value_and_grad", "map_value_and_grad")
        if by_arguments and not args:
            raise TypeError(
                f"the gradient of {name_of(self.function)} is by its positional arguments, but "
                f"all of {', '.join(keywords)} were given by keyword"
            )
        key, numbers = parted(self.function, len(args), keywords)
        compiled = self._with_keywords.get(key)
        if compiled is None:
            uniform = tuple(i for i in self.uniform if i < len(args))
            compiled = Compiled(WithKeywords(self.function, key), self.checks, uniform)
            compiled.cost = self.cost
            while len(self._with_keywords) >= MOST_PATHS:  # of objects that are others at each call
                self._with_keywords.pop(next(iter(self._with_keywords)), None)
            self._with_keywords[key] = compiled
        answer = getattr(compiled, what)(*args, *numbers, **options)
        if by_arguments and numbers:
            value, slopes = answer
            answer = value, slopes[0] if len(args) == 1 else slopes[: len(args)]
        self._last = compiled._last or self._last
        if what.startswith("map"):
            self._over_lanes().last = compiled._over_lanes().last
        return answer

    def _computed(
        self, args: tuple[Any, ...], kind: str, vector: Sequence[float] = ()
    ) -> tuple[_Call, Path, Any]:
        """What the program of a path answers; an EagerError where there is to be none."""
        if OPEN:
            _look_around()
        return self._answer(self._call(args, vector), kind)

    def _call(self, args: tuple[Any, ...], vector: Sequence[float]) -> _Call:
        """Take arguments apart."""
        numbers: list[Any] = []
        key = tuple([read(x, numbers, f"argument {i}") for i, x in enumerate(args)])
        floats = _floats(numbers)
        structure = self._structures.get(key)
        if structure is None:
            structure = self._structures[key] = _Structure(args)
        return _Call(args, floats, structure, vector)

    def _answer(self, call: _Call, kind: str) -> tuple[_Call, Path, Any]:
        """The answer of the path that a call takes; the last one that was taken is tried first."""
        structure = call.structure
        paths = structure.paths  # a list that is never changed, for there may be other threads
        for path in paths:
            out = self._of_path(path, call, kind)
            if out is not None:
                if path is not paths[0]:
                    structure.paths = [path, *(x for x in paths if x is not path)]
                return call, path, out
        if len(paths) >= MOST_PATHS:
            self._warn()
            raise EagerError(as_floats=True)
        path = traced(self.function, call.args, self.cost)
        structure.paths = [path, *structure.paths]
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
    def _eagerly(self, args: tuple[Any, ...]) -> Any:
        """The answer of the function on Values in place of floats."""
        numbers, rebuild = flatten(list(args), "an argument")
        with changed(remembers=False):
            return _as_floats(self.function(*rebuild([Value(x) for x in numbers])))


def _floats(numbers: list[Any]) -> list[float]:
    """Numbers as floats."""
    if not {float}.issuperset(map(type, numbers)):
        numbers = [as_number(x) for x in numbers]
        if not {float}.issuperset(map(type, numbers)):
            raise EagerError
    return numbers


def _as_floats(tree: Any) -> Any:
    """A tree with the numbers of its Values."""
    found, rebuild = flatten(tree, "the result", scalars=True)
    return rebuild([as_number(number_of(x)) for x in found])


def _argnums(args: Sequence[Any]) -> int | tuple[int, ...]:
    """By which arguments a gradient is: bare for one, for more a tuple."""
    return 0 if len(args) == 1 else tuple(range(len(args)))


def _look_around() -> None:
    """Let the function itself run where nodes and comparisons are to be seen."""
    modes = look_around()
    if modes.watched:
        raise EagerError(as_floats=True)
    if any(x is not None for x in (modes.trace, modes.listener, modes.made)):
        raise EagerError
