"""chain: one step again and again, with few of the states remembered and no other step repeated
than has to be.

A sweep takes the steps from the last to the first, and needs the state before each. Of l steps with
s states remembered, the binomial schedule (revolve) repeats the fewest: r l - C(s + r, r - 1) in
all, the first run included, where r is how often a step is repeated at most (A. Griewank, A.
Walther, "Algorithm 799: revolve", ACM Transactions on Mathematical Software 26, 2000, 19-45).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.callables import check_function
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.row import numbered
from autograd.graph.adjoints import pulled_back, seeds_of, tangent_of
from autograd.graph.changes import check_same_operands, same
from autograd.graph.joint import Column, Columns, Matrix, nodes
from autograd.graph.modes import MODES, changed, tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value
from autograd.graph.watching.hooks import Counted
from autograd.numbers.libraries import is_complex
from autograd.transforms.runs import name_of
from autograd.transforms.trees import flatten

Step = Callable[[Any, int], Any]


def chain(step: Step, state: Any, n: int, *, snapshots: int | None = None) -> Any:
    """Return what becomes of a state by n steps, and remember few of the states on the way.

    Memory is that of the graph of one step and of `snapshots` states, whatever n is; the sweep runs
    steps again from the states that are there, by the schedule that repeats the fewest. First
    derivatives by the state, and by the Values that `step` captures, are those of the loop; those
    of higher order build the graph of the whole loop.

    Parameters
    ----------
    step : callable
        ``step(state, i)`` gives the state after step i, from 0 on: a tree of numbers of the same
        structure, and the same at each run.
    state : number, Value, or nested containers of them
    n : int
        How many steps.
    snapshots : int, optional
        How many states are remembered, the first one included: log2(n) + 1 unless given, with which
        steps are repeated less than log2(n) times.

    Returns
    -------
    tree of Value
        With the structure of the state.

    Raises
    ------
    ValueError
        If n or `snapshots` is below 1, or a step changes the structure.
    TypeError
        If there are complex numbers in the state, or among what a step captures.
    RuntimeError
        In the sweep, if a step gives another result the second time, or data was changed.

    Examples
    --------
    >>> from autograd import Value, chain
    >>> rate = Value(3.5)
    >>> x = chain(lambda x, i: rate * x * (1 - x), Value(0.2), 50, snapshots=3)
    >>> x.backward()
    >>> print(f"{x.data:.6f} {rate.grad:.6f}")
    0.874997 0.246221
    """
    check_function(step, "it is given the state and the number of the step")
    for name, count in (("n", n), ("snapshots", 1 if snapshots is None else snapshots)):
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"{name} is a whole number of at least 1; got {count!r}")
    if not MODES.get().remembers or tracing() is not None:
        for i in range(n):
            state = step(state, i)
        return state
    return _Chain(step, state, n, snapshots or n.bit_length()).result()


def repetitions(n: int, snapshots: int) -> int:
    """Return how often a step of n is run at most before the one that is swept.

    Examples
    --------
    >>> repetitions(10, 3), repetitions(100, 5), repetitions(7, 7)
    (2, 4, 1)
    """
    r = 0
    while math.comb(snapshots + r, r) < n:
        r += 1
    return r


def forward_steps(n: int, snapshots: int) -> int:
    """Return the fewest steps that are run beside the n that are swept.

    Examples
    --------
    >>> forward_steps(10, 3), forward_steps(100, 5), forward_steps(1000, 10)
    (15, 316, 3636)
    """
    r = repetitions(n, snapshots)
    return r * n - math.comb(snapshots + r, r - 1) if r else 0


def _to_next_snapshot(n: int, snapshots: int) -> int:
    """How many of n steps lead to the next state to remember, where so many are, this one included.

    What is left has one state fewer for r repetitions, and the steps before it all of them for
    r - 1.
    """
    r = repetitions(n, snapshots)
    return min(math.comb(snapshots + r - 1, r - 1), n - math.comb(snapshots + r - 2, r - 1))


class _Snapshot(NamedTuple):
    """The numbers of the state before a step."""

    before: int
    state: list[Any]


class _Tape(NamedTuple):
    """A step with its graph: the state before it as leaves, and the one after it."""

    before: int
    leaves: list[Value]
    outputs: list[Any]


class _Chain(Counted, Matrix):
    """The steps as one function of the state before them and of the Values that they capture."""

    def __init__(self, step: Step, state: Any, n: int, most: int) -> None:
        super().__init__()
        self.step, self.n, self.most = step, n, most
        self.name = f"a step of {name_of(step)}"
        self.start, self.rebuild = flatten(state, "the state")
        self.size = len(self.start)
        captured: dict[Value, None] = {}
        kept = [_Snapshot(0, [number_of(x) for x in self.start])]
        self.last = self.descend(kept, n, captured)
        self.snapshots = tuple(kept)
        self.numbers = [number_of(x) for x in self.last.outputs]
        self.captured = tuple(captured)
        self.data = [x.data for x in self.captured]
        numbers = [*kept[0].state, *self.numbers, *self.data]
        if any(is_complex(type(x)) for x in numbers):
            raise TypeError(
                f"chain takes steps between real numbers; {self.name} has complex ones: take the "
                "loop, or checkpoint, or their real and imaginary parts as the state"
            )

    def result(self) -> Any:
        """The state after the last step."""
        operands = [*self.start, *self.captured]
        if not any(isinstance(x, Value) for x in operands):
            return self.rebuild([*self.numbers])
        summary = f"{self.n} steps of {name_of(self.step)}, which are run again in the sweep."
        op = Primitive(
            lambda *_: self.numbers[0], self.columns, summary,
            name="chain", operands=numbered(operands), opaque=True,
        )  # fmt: skip
        return self.rebuild(nodes(op, self.numbers[0], operands, self, self.numbers))

    # -- steps ----------------------------------------------------------------------------------
    def taped(self, before: _Snapshot, captured: dict[Value, None] | None = None) -> _Tape:
        """Run a step and keep its graph; note what it captures."""
        leaves = [Value(x) for x in before.state]
        made: dict[Value, None] = {}
        with changed(remembers=True, recorder=None, made=made):
            after = self.step(self.rebuild([*leaves]), before.before)
            outputs, _ = flatten(after, f"the result of {self.name}", scalars=True)
        if len(outputs) != self.size:
            raise ValueError(
                f"{self.name} has to give a state of the structure that it was given, of "
                f"{self.size} numbers; it gave {len(outputs)}"
            )
        if captured is not None:
            own = {*made, *leaves}
            captured.update((p, None) for node in made for p in node.parents if p not in own)
            captured.update((x, None) for x in outputs if isinstance(x, Value) and x not in own)
        return _Tape(before.before, leaves, outputs)

    def after(self, before: _Snapshot, captured: dict[Value, None] | None) -> _Snapshot:
        """The state after a step, whose graph is not kept."""
        if captured is not None:
            outputs = self.taped(before, captured).outputs
        else:
            with changed(remembers=False, recorder=None, made=None):
                given = self.rebuild([Value(x) for x in before.state])
                outputs, _ = flatten(self.step(given, before.before), "a state", scalars=True)
        return _Snapshot(before.before + 1, [number_of(x) for x in outputs])

    def descend(
        self, kept: list[_Snapshot], end: int, captured: dict[Value, None] | None = None
    ) -> _Tape:
        """Run to the last step before `end` from the last state that is kept, and keep others."""
        at = kept[-1]
        while at.before < end - 1:
            free = self.most - len(kept) + 1
            steps = _to_next_snapshot(end - at.before, free)
            for _ in range(steps):
                at = self.after(at, captured)
            if at.before < end - 1:
                kept.append(at)
        return self.taped(at, captured)

    def tapes(self) -> Iterator[_Tape]:
        """The steps with their graphs, from the last to the first."""
        kept = list(self.snapshots)
        tape = self.last
        for end in reversed(range(self.n)):
            yield tape
            while kept and kept[-1].before >= end:
                kept.pop()
            if end:
                tape = self.descend(kept, end)

    def check(self, tape: _Tape, numbers: Sequence[Any] | None) -> list[Any]:
        """Refuse a step that gave something else than before; return the state before it."""
        found = [number_of(x) for x in tape.outputs]
        if numbers is not None and not all(map(same, found, numbers)):
            raise RuntimeError(
                f"{self.name} gave another result when it ran again: it has to give the same at "
                "each run"
            )
        return [x.data for x in tape.leaves]

    # -- products -------------------------------------------------------------------------------
    def transposed(self, terms: Mapping[int, Any]) -> list[Any]:
        """The adjoints of the first state and of what was captured, of those of the last state."""
        check_same_operands("a chain", self.captured, self.captured, self.data)
        flow, total = dict(terms), dict.fromkeys(self.captured, 0)
        numbers: Sequence[Any] | None = None
        for tape in self.tapes():
            numbers = self.check(tape, numbers)
            seeds, stop = seeds_of(tape.outputs, flow), {*tape.leaves, *self.captured}
            found = pulled_back(seeds, stop, create_graph=False)
            flow = {i: found[leaf] for i, leaf in enumerate(tape.leaves) if leaf in found}
            for value in self.captured:
                total[value] += found.get(value, 0)
        return [*(flow.get(i, 0) for i in range(self.size)), *total.values()]

    def product(self, terms: Mapping[int, Any]) -> list[Any]:
        """The tangents of the last state, of those of the first and of what was captured."""
        check_same_operands("a chain", self.captured, self.captured, self.data)
        moves = {x: terms.get(self.size + k, 0) for k, x in enumerate(self.captured)}
        flow = [terms.get(i, 0) for i in range(self.size)]
        at = self.snapshots[0]
        for _ in range(self.n):
            tape = self.taped(at)
            tangents = moves | dict(zip(tape.leaves, flow, strict=True))
            flow = [tangent_of(x, {*tangents}, tangents, create_graph=False) for x in tape.outputs]
            at = _Snapshot(at.before + 1, [number_of(x) for x in tape.outputs])
        return flow

    # -- higher orders ----------------------------------------------------------------------------
    def columns(self, *operands: Any, out: Any) -> Columns:  # noqa: ARG002  (as rules are called)
        """The partials as functions of the operands: those of the loop, with its whole graph."""
        check_same_operands("a chain", operands[self.size :], self.captured, self.data)
        matrix = _Unrolled(self, operands)
        return Columns(Column(matrix, i) for i in range(len(operands)))


class _Unrolled(Matrix):
    """The same by the graph of all steps, which can be differentiated again."""

    def __init__(self, chain: _Chain, operands: Sequence[Any]) -> None:
        # A number of the state is a node of its own, for a step may capture the Value it was.
        with changed(remembers=True, recorder=None, made=None):
            start = [rules.positive(x) for x in operands[: chain.size]]
            state = chain.rebuild([*start])
            for i in range(chain.n):
                state = chain.step(state, i)
        self.operands = [*start, *operands[chain.size :]]
        self.outputs, _ = flatten(state, "a state", scalars=True)

    def transposed(self, terms: Mapping[int, Any]) -> list[Any]:
        """The adjoints of the operands."""
        found = pulled_back(seeds_of(self.outputs, terms), {*self.operands}, create_graph=True)
        return [found.get(x, 0) for x in self.operands]

    def product(self, terms: Mapping[int, Any]) -> list[Any]:
        """The tangents of the outputs."""
        tangents = {x: terms[i] for i, x in enumerate(self.operands) if i in terms}
        return [tangent_of(x, {*self.operands}, tangents, create_graph=True) for x in self.outputs]
