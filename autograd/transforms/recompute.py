"""checkpoint: compute a part of a graph again in the backward sweep instead of remembering it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from autograd.functions.calls import Primitive
from autograd.functions.row import numbered
from autograd.graph.adjoints import derivatives
from autograd.graph.build import in_open_modes
from autograd.graph.changes import check_same_operands, same
from autograd.graph.crossing import CROSSED, Crossing
from autograd.graph.modes import MODES, changed, tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value
from autograd.graph.watching.hooks import Counted
from autograd.transforms.trees import flatten


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function like `f` whose results do not remember how they were computed.

    Each result is one node; its parents are the Values that `f` was given or captured. The
    partial derivatives are computed in the backward sweep, by running `f` again: memory is saved
    for a second run of `f`, and one sweep over it for each of its results (Griewank and Walther,
    Evaluating Derivatives, 2008, chapter 12). Gradients of any order are those of `f`.

    Parameters
    ----------
    f : callable
        Gives a tree of numbers, the same at each run.

    Returns
    -------
    callable
        Usable as a decorator.

    Raises
    ------
    RuntimeError
        In the sweep, if `f` gives another result the second time, or data was changed.

    Examples
    --------
    >>> from autograd import Value, checkpoint
    >>> x = Value(0.5)
    >>> y = checkpoint(lambda x: (x.exp() * x.sin()).tanh())(x)
    >>> y.parents == (x,)
    True
    >>> y.backward()
    >>> print(f"{x.grad:.12f}")
    1.266708127528
    """

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not MODES.get().remembers or tracing() is not None:
            return f(*args, **kwargs)
        return _Segment(lambda: f(*args, **kwargs), getattr(f, "__name__", repr(f))).result()

    return run


class _Segment:
    """One call of a checkpointed function: what it gave, and how to compute it again."""

    def __init__(self, call: Callable[[], Any], name: str) -> None:
        self.call, self.name = call, name
        made: dict[Value, None] = {}
        with changed(made=made):
            outputs, self.rebuild = flatten(call(), f"the result of {name}", scalars=True)
        self.crossing = Crossing() if CROSSED else None  # a node inside may have been one
        inside = [isinstance(x, Value) and x in made for x in outputs]
        self.outputs = [None if mine else x for x, mine in zip(outputs, inside, strict=True)]
        self.numbers = [number_of(x) for x in outputs]
        self.parents = tuple(
            dict.fromkeys(p for node in made for p in node.parents if p not in made)
        )
        self.data = [p.data for p in self.parents]

    def result(self) -> Any:
        """The outputs as nodes of their own; what `f` only passed on is passed on."""
        return self.rebuild(
            [
                self.node(i, number) if output is None else output
                for i, (number, output) in enumerate(zip(self.numbers, self.outputs, strict=True))
            ]
        )

    def node(self, index: int, number: Any) -> Value:
        """The node of one output."""

        def partials(*operands: Any, out: Any) -> list[Any]:
            differentiable = isinstance(out, Value)
            if differentiable:
                check_same_operands(self.name, operands, self.parents, self.data)
            return self.partials(index, create_graph=differentiable)

        node = Value(number)
        node.op = Primitive(
            lambda *_: number,
            partials,
            f"A result of {self.name}, which is computed again in the sweep.",
            name="checkpoint",
            operands=numbered(self.parents),
            opaque=True,
        )
        node.parents = node.operands = self.parents
        node.partials = _Recomputed(self, index)
        built: Value = in_open_modes(node)
        return built

    def partials(self, index: int, create_graph: bool = False) -> list[Any]:
        """The derivatives of one output by all parents, from another run."""
        check_same_operands(self.name, self.parents, self.parents, self.data)
        segment, outputs = _kept.get()
        if segment is not self or create_graph:
            with changed(remembers=True, recorder=None):
                outputs, _ = flatten(self.call(), f"the result of {self.name}")
            numbers = [number_of(x) for x in outputs]
            if len(numbers) != len(self.numbers) or not all(map(same, numbers, self.numbers)):
                raise RuntimeError(
                    f"{self.name} gave another result when it was computed again: a checkpointed "
                    "function has to give the same at each run"
                )
            _kept.set((self, outputs))
        root = outputs[index]
        flow = derivatives(root, set(self.parents), create_graph)
        return [flow.get(parent, type(root.data)(0)) for parent in self.parents]


# The last segment that was computed again, and its outputs: for the others of its results.
_kept: ContextVar[tuple[_Segment | None, list[Any]]] = ContextVar("kept", default=(None, []))


class _Recomputed(tuple[Any, ...]):
    """The partials of a node, which are computed each time that they are asked for."""

    segment: _Segment
    output: int
    counted: Counted

    def __new__(cls, segment: _Segment, output: int) -> _Recomputed:
        """Make the tuple, which is empty in itself."""
        self = super().__new__(cls)
        self.segment, self.output, self.counted = segment, output, Counted()
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self.segment.partials(self.output))

    def __len__(self) -> int:
        return len(self.segment.parents)

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]
