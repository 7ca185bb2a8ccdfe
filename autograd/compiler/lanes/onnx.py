"""Groups as graphs of ONNX: each array of slots is a tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd.compiler.lanes.arrays import ArrayWriter
from autograd.compiler.lanes.groups import LANES, UNIFORM, Array, Groups, Slots
from autograd.compiler.onnx import LANES as COUNT
from autograd.compiler.onnx import Graph, Shape, checked
from autograd.functions.printing.printer import Written


class OnnxWriter(ArrayWriter):
    """Groups that are written into a graph."""

    def __init__(self, graph: Graph, groups: Groups) -> None:
        super().__init__(groups, graph.language)
        self.graph, self.node = graph, graph.add

    def write(self, parameters: Sequence[float] | None) -> None:
        """Write everything, with numbers for the parameters or without."""
        groups, graph = self.groups, self.graph
        numbers = checked(len(groups.parameters), parameters)
        for name, space, size in (("inputs", LANES, COUNT), ("uniform", UNIFORM, 1)):
            slots = np.array([slot for s, slot in groups.inputs if s == space], int)
            if len(slots) or space == LANES:
                self._input(name, Slots(space, slots), size)
        if numbers is not None:
            self.hold(Slots(UNIFORM, groups.parameters), graph.constant(numbers))
        elif len(groups.parameters):
            self._input("parameters", Slots(UNIFORM, groups.parameters), 1)
        self.body()
        failures = [self._failures(*guard) for guard in self.guards()]
        for name, places in (("results", groups.results), ("gradients", groups.gradients)):
            if places:
                found, lanes = self.answers(places)
                found = found if lanes else self._shaped(found, -1, 1)
                for failed in failures:
                    found = self._or_nan(found, failed if lanes else self._total(failed))
                graph.output(name, graph.filled(Written(found), len(places), COUNT if lanes else 1))

    def _input(self, name: str, slots: Slots, size: int | str) -> None:
        """An input of the model, of a row for each slot."""
        given = self.graph.input(name, slots.at.size, size)
        self.hold(slots, given if slots.space == LANES else self._shaped(given, -1))

    # -- guards ---------------------------------------------------------------------------------
    def _failures(self, space: int, conditions: str, truths: Array) -> str:
        """How many conditions fail: of each lane, or of all lanes at once."""
        if space == UNIFORM:
            conditions = self._shaped(conditions, -1, 1)
        false = self.node("Equal", [conditions, self.graph.constant(0.0)])
        failed = self.node("Not", [self.node("Xor", [false, self.graph.constant(truths[:, None])])])
        return self._sum(self.node("Cast", [failed]), 0, keep=True)

    def _total(self, failures: str) -> str:
        """How many fail in any lane."""
        return self._sum(failures, 1, keep=True)

    def _or_nan(self, found: str, failures: str) -> str:
        """What is found where nothing fails."""
        passed = self.node("Equal", [failures, self.graph.constant(0.0)])
        return self.node("Where", [passed, found, self.graph.constant(np.nan)])

    # -- the language ---------------------------------------------------------------------------
    def _named(self, text: str) -> str:
        return text

    def _numbers(self, numbers: Sequence[float]) -> str:
        return self.graph.constant(np.array(numbers))

    def _joined(self, arrays: Sequence[str]) -> str:
        return self.graph.joined(arrays)

    def _part(self, array: str, first: int, end: int) -> str:
        ends = (self.graph.constant(np.array([x])) for x in (first, end))
        return self.node("Slice", [array, *ends], (end - first, *self._shape(array)[1:]))

    def _chosen(self, array: str, at: Array) -> str:
        indices = self.graph.constant(at)
        return self.node("Gather", [array, indices], (len(at), *self._shape(array)[1:]))

    def _shaped(self, array: str, *sizes: int, lanes: bool = False) -> str:
        size = math.prod(x for x in self._shape(array) if isinstance(x, int))
        rest = size // abs(math.prod(sizes))
        shape: Shape = tuple(rest if x < 0 else x for x in sizes)
        shape = (*shape, COUNT) if lanes else shape
        if shape == self._shape(array):
            return array
        to = np.array([-1 if x == COUNT else x for x in shape])
        return self.node("Reshape", [array, self.graph.constant(to)], shape)

    def _turned(self, array: str, rows: int, columns: int) -> str:
        at = np.arange(rows * columns).reshape(columns, rows).T
        return self.node("Gather", [array, self.graph.constant(at)], at.shape)

    def _filled(self, numbers: str, size: int, lanes: bool) -> str:
        return self.graph.filled(Written(numbers), size, *([COUNT] if lanes else []))

    def _reduced(self, array: str, *, largest: bool = False) -> str:
        if not largest:
            return self._sum(array, 1)
        # The largest of a runtime need not be nan where one of the numbers is.
        shape = self._without(array, 1)
        found = self.node("ReduceMax", [array], shape, axes=[1], keepdims=0)
        nans = self.node("Cast", [self.node("IsNaN", [array])])
        return self._or_nan(found, self._sum(nans, 1))

    def _once_each(self, array: str) -> str:
        return self.node("Mul", [array, self.node("Cast", [self.graph.count()])])

    def _selected(self, condition: Array, yes: str, no: str) -> str:
        return self.node("Where", [self.graph.constant(condition), yes, no])

    def _product(self, left: str, right: str) -> str:
        shape = self._shape(left)[0], self._shape(right)[1]
        return self.node("MatMul", [left, right], shape)

    def _over_lanes(self, left: str, right: str) -> str:
        # k and the lanes become one axis, and so a Reshape stands before the product: some versions
        # of ONNX Runtime make of a Transpose and a MatMul an operator that has no doubles.
        m, n = self._shape(left)[1], self._shape(right)[1]
        sides = (
            self._matrix_of(left, (1, 0, 2), (m, -1)),
            self._matrix_of(right, (0, 2, 1), (-1, n)),
        )
        return self._shaped(self.node("MatMul", sides, (m, n)), -1)

    def _matrix_of(self, name: str, axes: tuple[int, ...], sizes: Shape) -> str:
        """A tensor with its axes in another order, as a matrix."""
        if axes != (1, 0, 2) or self._shape(name)[0] != 1:  # else it is one matrix as it is
            shape = tuple(self._shape(name)[axis] for axis in axes)
            name = self.node("Transpose", [name], shape, perm=[*axes])
        return self.node("Reshape", [name, self.graph.constant(np.array(sizes))], sizes)

    # -- tensors --------------------------------------------------------------------------------
    def _shape(self, name: str) -> Shape:
        """The shape of a tensor."""
        return self.graph.shapes[name]

    def _without(self, name: str, axis: int) -> Shape:
        """The shape of a tensor without an axis."""
        shape = self._shape(name)
        return shape[:axis] + shape[axis + 1 :]

    def _sum(self, name: str, axis: int, keep: bool = False) -> str:
        """The sums along an axis, which stays as one of the size 1."""
        shape = self._shape(name)
        shape = (*shape[:axis], 1, *shape[axis + 1 :]) if keep else self._without(name, axis)
        over = self.graph.constant(np.array([axis]))
        return self.node("ReduceSum", [name, over], shape, keepdims=int(keep))
