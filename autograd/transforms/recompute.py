"""checkpoint: compute a part of a graph again in the backward sweep instead of remembering it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograd.callables import check_function
from autograd.functions.calls import Primitive
from autograd.functions.row import numbered
from autograd.graph.adjoints import derivatives, pulled_back, seeds_of, tangent_of
from autograd.graph.build import in_open_modes
from autograd.graph.changes import check_same_operands, same
from autograd.graph.crossing import CROSSED, Crossing
from autograd.graph.joint import Column, Columns, Matrix, nodes
from autograd.graph.modes import MODES, changed, tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value
from autograd.graph.watching.hooks import Counted
from autograd.numbers.libraries import is_complex
from autograd.transforms.trees import flatten


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function like `f` whose results do not remember how they were computed.

    Each result is one node; its parents are the Values that `f` was given or captured. The
    partial derivatives are computed in the backward sweep, by running `f` again: memory is saved
    for a second run of `f` and a sweep over it (Griewank and Walther, Evaluating Derivatives, 2008,
    chapter 12). Gradients of any order are those of `f`. For many steps that are alike see `chain`.

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
    check_function(f, "write checkpoint(f)(x) for f(x)")

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
            self.outputs, self.rebuild = flatten(call(), f"the result of {name}", scalars=True)
        self.crossing = Crossing() if CROSSED else None  # a node inside may have been one
        self.inside = [i for i, x in enumerate(self.outputs) if isinstance(x, Value) and x in made]
        self.numbers = [number_of(x) for x in self.outputs]
        self.parents = tuple(
            dict.fromkeys(p for node in made for p in node.parents if p not in made)
        )
        self.data = [p.data for p in self.parents]
        for i in self.inside:
            self.outputs[i] = None  # so that its graph goes

    def result(self) -> Any:
        """The outputs as nodes of their own; what `f` only passed on is passed on."""
        numbers = [self.numbers[i] for i in self.inside]
        # Of what crosses between real and complex numbers each output has a way of its own.
        crosses = self.crossing or any(is_complex(type(x)) for x in (*numbers, *self.data))
        if len(numbers) < 2 or crosses:
            found = [self.node(k, number) for k, number in enumerate(numbers)]
        else:
            op = self.op(numbers[0], self.columns)
            found = nodes(op, numbers[0], self.parents, _Again(self), numbers)
        outputs = [*self.outputs]
        for i in self.inside:
            outputs[i] = found.pop(0)
        return self.rebuild(outputs)

    def op(self, number: Any, partials: Callable[..., Any]) -> Primitive:
        """What a node of results is the node of."""
        return Primitive(
            lambda *_: number,
            partials,
            f"What {self.name} gives, which is computed again in the sweep.",
            name="checkpoint",
            operands=numbered(self.parents),
            opaque=True,
        )

    def node(self, k: int, number: Any) -> Value:
        """The node of one output by itself."""

        def partials(*operands: Any, out: Any) -> list[Any]:
            differentiable = isinstance(out, Value)
            if differentiable:
                check_same_operands(self.name, operands, self.parents, self.data)
            return self.slopes(k, create_graph=differentiable)

        node = Value(number)
        node.op, node.parents, node.operands = self.op(number, partials), self.parents, self.parents
        node.partials = _Recomputed(self, k)
        built: Value = in_open_modes(node)
        return built

    def slopes(self, k: int, create_graph: bool = False) -> list[Any]:
        """The derivatives of one output by all parents, from another run."""
        root = self.again()[k]
        flow = derivatives(root, {*self.parents}, create_graph)
        return [flow.get(parent, type(root.data)(0)) for parent in self.parents]

    def columns(self, *operands: Any, out: Any) -> Columns:  # noqa: ARG002  (as rules are called)
        """The derivatives of all outputs by all parents, as functions of them."""
        check_same_operands(self.name, operands, self.parents, self.data)
        matrix = _Again(self, differentiable=True)
        return Columns(Column(matrix, k) for k in range(len(self.parents)))

    def again(self) -> list[Value]:
        """The outputs that were computed inside, from another run."""
        check_same_operands(self.name, self.parents, self.parents, self.data)
        with changed(remembers=True, recorder=None):
            outputs, _ = flatten(self.call(), f"the result of {self.name}")
        numbers = [number_of(x) for x in outputs]
        if len(numbers) != len(self.numbers) or not all(map(same, numbers, self.numbers)):
            raise RuntimeError(
                f"{self.name} gave another result when it was computed again: a checkpointed "
                "function has to give the same at each run"
            )
        return [outputs[i] for i in self.inside]


class _Again(Counted, Matrix):
    """The Jacobian of a call with several results, whose products are sweeps of another run."""

    def __init__(self, segment: _Segment, differentiable: bool = False) -> None:
        super().__init__()
        self.segment, self.differentiable = segment, differentiable

    def transposed(self, terms: Mapping[int, Any]) -> list[Any]:
        """The adjoints of the parents."""
        seeds, parents = seeds_of(self.segment.again(), terms), self.segment.parents
        found = pulled_back(seeds, {*parents}, self.differentiable)
        return [found.get(parent, 0) for parent in parents]

    def product(self, terms: Mapping[int, Any]) -> list[Any]:
        """The tangents of the results."""
        parents = self.segment.parents
        tangents = {parents[k]: x for k, x in terms.items()}
        return [
            tangent_of(x, {*parents}, tangents, self.differentiable) for x in self.segment.again()
        ]


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
        return iter(self.segment.slopes(self.output))

    def __len__(self) -> int:
        return len(self.segment.parents)

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]
