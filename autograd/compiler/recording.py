"""A function run on traced operands: its program, and what belongs to it of the user's."""

from __future__ import annotations

import gc
import inspect
import random
import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.codes import LITERAL, NAMES
from autograd.compiler.program import Program
from autograd.compiler.structure import names, read
from autograd.compiler.trace import DifferentError, Trace
from autograd.compiler.traced import Condition, TraceError
from autograd.ending import collector_paused
from autograd.graph.value import Value
from autograd.graph.variables import differentiating
from autograd.transforms.runs import name_of
from autograd.transforms.trees import Rebuild, flatten


class Recording(NamedTuple):
    """What a trace leaves.

    Attributes
    ----------
    program : Program
    parameters : list of Value
        Those that were captured, in the order of the program's parameters.
    rebuild : callable
        Puts the program's results together as the function did.
    structure : hashable
        How that is.
    scalar : bool
        Whether it answers one number, by itself.
    draws : list
        Who draws the numbers that are the last inputs.
    """

    program: Program
    parameters: list[Any]
    rebuild: Rebuild
    structure: Hashable
    scalar: bool
    draws: Sequence[Any] = ()

    @property
    def decisions(self) -> list[bool]:
        """What came out where the function branched."""
        return [truth for _, truth in self.program.guards]


def recorded(
    function: Callable[..., Any],
    args: Sequence[Any],
    decisions: Sequence[bool] | None = None,
    drawing: bool = False,
) -> Recording:
    """Run a function on traced operands in place of the numbers in its arguments.

    Parameters
    ----------
    function : callable
    args : sequence
        The arguments of an example, by whose numbers branches are taken.
    decisions : sequence of bool, optional
        The outcomes where it branches, in place of the numbers.
    drawing : bool
        Whether numbers that it draws may be inputs.

    Raises
    ------
    TraceError
        If it does something that a program cannot do at each call.
    """
    numbers, rebuild = flatten(list(args), "an argument")
    trace = Trace([float(x) for x in numbers], decisions, drawing)
    variable = Value(0.0)  # while there is one, the leaves that are made are told of
    with collector_paused(), differentiating([variable]) as born, trace.opened(born):
        before = sys.getrefcount(trace)
        results, skeleton = _run(function, rebuild, trace)
        trace.check()
        if sys.getrefcount(trace) > before:  # each traced Value has one
            gc.collect()
            if sys.getrefcount(trace) > before:
                trace.fail(
                    f"{name_of(function)} keeps a traced Value somewhere: what it stores is stored "
                    "while it is traced alone, and not at each call; return it"
                )
    named = _input_names(function, args) if decisions is None else None
    if named is not None:
        named += [f"drawn{i}" for i in range(len(trace.draws))]
    program = trace.finished(results, named)
    found, back = flatten(skeleton, scalars=True)
    scalar = len(found) == 1 and back(found) is found[0]
    key = read(skeleton, [])
    return Recording(program, list(trace.parameters), back, key, scalar, trace.draws)


def _run(function: Callable[..., Any], rebuild: Rebuild, trace: Trace) -> tuple[list[int], Any]:
    """Run a function: the scalars of its results, and how they are put together, of zeros."""
    before = _sources()
    output = function(*rebuild([trace.value(i) for i in trace.inputs]))
    if _sources() != before:
        trace.fail(
            f"{name_of(function)} draws random numbers, which would be the same at each call: draw "
            "them outside and pass them as arguments"
        )
    what = f"the result of {name_of(function)}"
    found, back = flatten(output, what, scalars=True)
    if any(isinstance(x, Condition) for x in found):
        raise TypeError(
            f"{what} has to be a number, or a list, tuple, dict or array of numbers; "
            "got a truth value"
        )
    return [trace.operand(x) for x in found], back([0.0] * len(found))


def _sources() -> Any:
    """The states of the sources of random numbers that everybody shares."""
    of_numpy: Any = np.random.get_state(legacy=True)
    return random.getstate(), of_numpy[1].tobytes(), of_numpy[2:]


def _input_names(function: Any, args: Sequence[Any]) -> list[str]:
    """Names for the arguments' numbers: those of the parameters of the function."""
    try:
        parameters = inspect.signature(function).parameters.values()
        given = [x.name for x in parameters if x.kind is not x.VAR_POSITIONAL]
    except (TypeError, ValueError):  # of what is written in C
        given = []
    given += [f"x{i}" for i in range(len(given), len(args))]
    return [name for x, prefix in zip(args, given, strict=False) for name in names(x, prefix)]


def check_again(function: Callable[..., Any], args: Sequence[Any], recording: Recording) -> None:
    """Run the function once more, along the same path, and compare what it does.

    Raises
    ------
    TraceError
        If it is something else: randomness, a counter, the time, or numbers of captured Values that
        it reads are at work, which a program would freeze.
    """
    try:
        again = recorded(function, args, recording.decisions, bool(recording.draws))
        difference = _difference(recording, again)
    except TraceError:
        raise
    except DifferentError as error:
        difference = str(error)
    except Exception as error:  # whatever the function raises, which it did not the first time
        difference = f"it raised {error!r}"
    if difference:
        raise TraceError(
            f"{name_of(function)} does not do the same each time that it runs on the same numbers: "
            f"{difference}. What draws numbers, counts or reads a clock, a file or the .data of a "
            "captured Value would be frozen in a program: pass what changes as an argument, and "
            "use captured Values themselves"
        ) from None


def _difference(one: Recording, other: Recording) -> str:
    """The first difference between two traces, in words; none if they are the same."""
    a, b = one.program, other.program
    arrays = ("codes", "starts", "operands", "literals", "results", "inputs", "parameters")
    if (
        all(getattr(a, x).tobytes() == getattr(b, x).tobytes() for x in arrays)
        and (a.guards, one.structure) == (b.guards, other.structure)
        and all(x is y for x, y in zip(one.parameters, other.parameters, strict=True))
        and all(x is y for x, y in zip(one.draws, other.draws, strict=True))
    ):
        return ""
    numbers, now = a.numbers(), b.numbers()
    for i, (code, other_code) in enumerate(zip(a.codes.tolist(), b.codes.tolist(), strict=False)):
        if code != other_code:
            return f"where it had {NAMES[code]}, it has {NAMES[other_code]} now"
        if code == LITERAL and np.float64(numbers[i]).tobytes() != np.float64(now[i]).tobytes():
            return f"the number {numbers[i]!r} is {now[i]!r} now"
    return f"it computes {len(b)} scalars otherwise than it computed {len(a)}"
