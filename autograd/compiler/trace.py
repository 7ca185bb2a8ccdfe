"""The trace: what a function does with its arguments, written down as a program."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

from autograd.compiler import inner, methods  # noqa: F401  (the methods of traced Values)
from autograd.compiler.codes import INPUT, LITERAL, PARAMETER, ROWS
from autograd.compiler.program import Program
from autograd.compiler.traced import COMPARISONS, Condition, Traced, TraceError, place
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.graph.modes import MODES, Block, Modes
from autograd.graph.node import Node
from autograd.graph.variables import VARIABLES
from autograd.numbers.kinds import as_number, is_number

# For each row the code of its scalars, the class of their traced Values, and whether it takes any
# number of operands, which is counted.
_SCALARS: dict[Primitive, tuple[int, type[Traced], bool]] = {
    row: (code, Condition if row.predicate else Traced, row.arity is None)
    for code, row in enumerate(ROWS)
    if row is not None
}
_PLAIN = {row for row in _SCALARS if not (row.chooses or row.opaque or row.integers)}


_DRAWN = SimpleNamespace(data=1.0)  # what is drawn for the example of a trace


class EagerError(Exception):
    """No program answers a call: the function itself is to run.

    Attributes
    ----------
    as_floats : bool
        What it gives is to be floats, as programs give them.
    """

    def __init__(self, as_floats: bool = False) -> None:
        super().__init__(as_floats)
        self.as_floats = as_floats


class DifferentError(Exception):
    """A function did something else when it ran again."""


class Trace:
    """What is written down while a function runs on traced Values, and what it branched on.

    Parameters
    ----------
    numbers : sequence of float
        The arguments of the example, by which a branch is taken.
    decisions : sequence of bool, optional
        The outcomes of the conditions instead, in their order: the path of an earlier trace.
    drawing : bool
        Whether numbers may be drawn, which are inputs then: see `drawn`.

    Attributes
    ----------
    codes, operands : list of int
        What each scalar is, and from which it is computed, one after the other.
    parameters : dict
        The scalar of each Value that was captured.
    guards : list of (int, bool)
        The conditions that the function branched on, and what came out.
    draws : list
        Who draws each of the last inputs.
    plain : Modes or None
        What holds while nothing is open but this trace.
    """

    def __init__(
        self,
        numbers: Sequence[float],
        decisions: Sequence[bool] | None = None,
        drawing: bool = False,
    ) -> None:
        self.codes: list[int] = []  # to lists much faster is appended than to arrays
        self.operands: list[int] = []
        self.counts: dict[int, int] = {}
        self.known: dict[float, int] = {}  # the literals by their number; no zero, no nan
        self.zeros: dict[float, int] = {}  # those by their sign
        self.literals: dict[int, float] = {}
        self.inputs = [self._leaf(INPUT) for _ in numbers]
        self.parameters: dict[Any, int] = {}
        self.guards: list[tuple[int, bool]] = []
        self.places: dict[int, int] = {}
        self.sources: dict[tuple[str, int, str], int] = {}
        self.plain: Modes | None = None
        self.failed: TraceError | None = None
        self.live = False
        self.draws: list[Any] = []
        self._decisions, self._drawing = decisions, drawing
        self._decided: dict[int, bool] = {}
        self._starts = array("i", [0])
        self._numbers: list[Any] = list(numbers)  # of the first scalars, for this example
        self._captives: dict[int, Any] = {}  # the Values of the parameters, and of what is drawn
        self._born: list[Any] = []
        self._own: dict[Any, None] = {}

    # -- what is open ---------------------------------------------------------------------------
    def opened(self, born: list[Any]) -> Block:
        """Return the block in which everything that is done is written down.

        `born` is filled with the leaves that are made meanwhile, which are literals.
        """
        self._born = born
        recorder = MODES.get().recorder
        modes = Modes(recorder=recorder, trace=self)
        self.plain = modes if recorder is None else None
        return Block(lambda: lambda _: modes)

    def refuse(self, what: str, remedy: str) -> NoReturn:
        """Raise for what cannot be traced."""
        self.fail(f"{what} cannot be traced: {remedy}")

    def fail(self, message: str) -> NoReturn:
        """Raise with the user's line; it is not forgotten, should the function go on."""
        error = TraceError(message + place())
        self.failed = self.failed or error
        raise error

    def check(self) -> None:
        """Raise what was raised while the function ran, and caught by it."""
        if self.failed is not None:
            raise self.failed
        if self.live:
            raise EagerError

    # -- scalars --------------------------------------------------------------------------------
    def _leaf(self, code: int) -> int:
        """A scalar that is computed from none."""
        self.codes.append(code)
        return len(self.codes) - 1

    def value(self, index: int, kind: type[Traced] = Traced) -> Any:
        """Return the traced Value of a scalar."""
        traced = kind()
        traced.index, traced.trace = index, self
        return traced

    def literal(self, number: Any) -> int:
        """Return the scalar of a number."""
        x = self._float(number)
        if x and x == x:
            index = self.known.get(x)
            if index is None:
                index = self.known[x] = self._leaf(LITERAL)
        elif x == 0.0:
            sign = math.copysign(1.0, x)
            index = self.zeros.get(sign)
            if index is None:
                index = self.zeros[sign] = self._leaf(LITERAL)
        else:
            index = self._leaf(LITERAL)
        self.literals[index] = x
        return index

    def _float(self, number: Any) -> float:
        """A literal as a float; other kinds of numbers are for eager computation."""
        x = as_number(number)
        if type(x) is not float:
            self.fail(
                f"what is compiled computes with floats; got {number!r} ({type(number).__name__})"
            )
        return x

    def operand(self, x: Any) -> int:
        """Return the scalar of what a row is applied to."""
        if isinstance(x, Traced):
            if x.trace is not self:
                self.fail(
                    "a traced Value was kept from another trace: a function that is compiled "
                    "returns what it computes, and keeps nothing of it elsewhere"
                )
            index: int = x.index
            return index
        if isinstance(x, Node):
            known = self.parameters.get(x)
            return self._captured(x) if known is None else known
        if not is_number(x):
            self.fail(f"a row takes numbers and Values; got {x!r} ({type(x).__name__})")
        return self.literal(x)

    def _captured(self, x: Any) -> int:
        """The scalar of a Value that is met for the first time."""
        if self._born:
            self._own.update(dict.fromkeys(self._born))
            self._born.clear()
        parents = x.parents
        if x in VARIABLES or (parents and len(VARIABLES) > 1):  # one is that of the trace
            self.live = True  # a derivative that is being taken outside is to reach it
            raise EagerError
        if parents:
            self.fail(
                f"{x!r} was computed outside of the function: compute it inside, so that it is "
                "computed at each call, or capture its number by x.detach()"
            )
        if type(x.data) is not float:
            self.fail(f"what is compiled computes with floats, but captures {x!r}")
        if x in self._own:
            return self.literal(x.data)
        index = self.parameters[x] = self._leaf(PARAMETER)
        self._captives[index] = x
        return index

    def drawn(self, by: Any) -> Any:
        """Return a number that someone draws at each call, which is an input more: after all
        arguments, in the order in which they are drawn. None where nothing may be drawn.
        """
        if not self._drawing:
            return None
        self.draws.append(by)
        self.inputs.append(self._leaf(INPUT))
        self._captives[self.inputs[-1]] = _DRAWN
        return self.value(self.inputs[-1])

    def variable(self, x: Any) -> Any:
        """Return a scalar of its own for a number or a Value: by that it can be differentiated."""
        return self._emit(rules.positive, [self.operand(x)])

    def written(self, row: Primitive, operands: Sequence[Any]) -> Any:
        """Write an application of a row down: what `apply` and building do while tracing."""
        modes = MODES.get()
        if modes is self.plain and row in _PLAIN:
            return self._emit(row, self._indices(operands))
        if modes.trace is not self:
            self.fail(
                "a traced Value is used outside of its trace: it was kept after the function had "
                "returned, or given to another thread"
            )
        if row.chooses and not isinstance(operands[0], Condition):
            if not isinstance(operands[0], Node):
                return self.value(self.operand(operands[1 if operands[0] else 2]))
            operands = (rules.not_equal(operands[0], 0.0), *operands[1:])
        if row.opaque:
            self.fail(
                f"{row.name} is opaque: a function declared by autograd.primitive, or a piece of a "
                "graph, has no formula to write down; write it with the functions of autograd"
            )
        if not all(type(x) is int for x in operands[: row.integers]):
            self.fail(f"{row.name} of the order {operands[0]!r} has no place in a program")
        traced = self._emit(row, self._indices(operands))
        if modes.recorder is not None:
            self._note(traced.index, modes.recorder)
        if not modes.remembers:
            traced = self._emit(rules.held, [traced.index])
        return traced

    def _indices(self, operands: Sequence[Any]) -> list[int]:
        """The scalars of the operands of a row."""
        return [
            x.index if type(x) is Traced and x.trace is self else self.operand(x) for x in operands
        ]

    def _emit(self, row: Primitive, indices: list[int]) -> Any:
        """A scalar more."""
        code, kind, counted = _SCALARS[row]
        traced = kind()
        traced.index = index = len(self.codes)
        traced.trace = self
        self.codes.append(code)
        self.operands.extend(indices)
        if counted:
            self.counts[index] = len(indices)
        return traced

    def _note(self, index: int, recorder: Any) -> None:
        """Keep where a scalar was made, for programs that are drawn."""
        make, code, instruction, path = recorder.note(sys._getframe(2))
        origin = make(code, instruction, path)
        source = (str(origin.filename), origin.line or 0, str(origin.function))
        self.places[index] = self.sources.setdefault(source, len(self.sources))

    # -- branches -------------------------------------------------------------------------------
    def compared(self, sign: str, x: Any, y: Any, answer: Any) -> Any:
        """Write down a comparison of captured Values, or decide by the truth of one."""
        if sign == "bool":
            return self.decided(self.value(self.operand(x)))
        if not (is_number(y) or isinstance(y, Node)):
            return answer
        return self.written(COMPARISONS[sign], (x, y))

    def decided(self, x: Any) -> bool:
        """Return the truth that a function branches on, and note it as a guard."""
        decided: dict[int, bool] = self._decided
        if MODES.get().trace is not self:
            self.fail("a traced Value is asked for its truth outside of its trace")
        if not isinstance(x, Condition):
            x = self.written(rules.not_equal, (x, 0.0))
        index: int = x.index
        if index not in decided:
            decided[index] = self._outcome(index)
            self.guards.append((index, decided[index]))
        return decided[index]

    def _outcome(self, index: int) -> bool:
        """The truth of a condition: as it was on an earlier path, or for the example."""
        if self._decisions is None:
            return bool(self._number(index))
        if len(self.guards) == len(self._decisions):
            raise DifferentError("it branches where it did not")
        return self._decisions[len(self.guards)]

    def _number(self, index: int) -> Any:
        """The number of a scalar, for this example; all up to it are computed once."""
        numbers, codes, operands = self._numbers, self.codes, self.operands
        starts = self.starts()
        for i in range(len(numbers), index + 1):
            row = ROWS[codes[i]]
            if row is not None:
                xs = [numbers[j] for j in operands[starts[i] : starts[i + 1]]]
                if row.integers:
                    xs[: row.integers] = map(int, xs[: row.integers])
                numbers.append(row.forward(*xs))
            elif codes[i] == LITERAL:
                numbers.append(self.literals[i])
            else:
                numbers.append(self._captives[i].data)
        return numbers[index]

    def starts(self) -> array[int]:
        """Return where the operands of each scalar begin, and where those of the last end."""
        starts, end = self._starts, self._starts[-1]
        for i, code in enumerate(self.codes[len(starts) - 1 :], len(starts) - 1):
            row = ROWS[code]
            count = 0 if row is None else row.arity
            end += self.counts[i] if count is None else count
            starts.append(end)
        return starts

    # -- derivatives inside ---------------------------------------------------------------------
    def gradient(self, outputs: Sequence[Any], seeds: Sequence[Any], leaves: Sequence[Any]) -> Any:
        """Write down the gradient of the sum of seed * output by variables."""
        return inner.gradient(self, outputs, seeds, leaves)

    def pushed(self, outputs: Sequence[Any], tangents: Sequence[Any], leaves: Sequence[Any]) -> Any:
        """Write down the tangents of outputs, where variables move along others."""
        return inner.pushed(self, outputs, tangents, leaves)

    # -- the end --------------------------------------------------------------------------------
    def finished(self, results: Sequence[int], input_names: Sequence[str] | None) -> Program:
        """Return the program; where there are no names it is for a comparison only."""
        named = input_names is not None
        places = self.places and [self.places.get(i, -1) for i in range(len(self.codes))]
        return Program.of(
            self.codes,
            self.operands,
            counts=self.counts,
            literals=[self.literals[i] for i in sorted(self.literals)],
            inputs=self.inputs,
            parameters=list(self.parameters.values()),
            results=results,
            guards=self.guards,
            places=places or None,
            sources=list(self.sources),
            input_names=input_names,
            parameter_names=[x.label or f"p{i}" for i, x in enumerate(self.parameters)]
            if named
            else None,
        )
