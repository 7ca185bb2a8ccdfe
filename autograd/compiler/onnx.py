"""Programs as graphs of ONNX, of doubles: each tensor has two axes, of scalars and of lanes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.compiler.codes import LITERAL, PAIRS
from autograd.compiler.exporting import added, applied, exported, products, with_integers
from autograd.compiler.program import Program
from autograd.compiler.scalars import Array
from autograd.extras import need
from autograd.functions.printing.onnx import Onnx
from autograd.functions.printing.printer import Written

OPSET, IR = 17, 8  # of ONNX, of 2022
Shape = tuple[int | str, ...]
LANES = "lanes"  # the size of an axis that is known when the model runs


class Graph:
    """An ONNX graph that grows node by node; equal nodes are one.

    Attributes
    ----------
    language : Onnx
        Writes the rows of the table as nodes of the graph.
    shapes : dict
        Of each tensor, by its name.
    """

    def __init__(self) -> None:
        self._onnx = need("onnx", "onnx", "to_onnx")
        self._helper = need("onnx.helper", "onnx", "to_onnx")
        self._double = self._onnx.TensorProto.DOUBLE
        self.language = Onnx(self.add, self.constant)
        self.shapes: dict[str, Shape] = {}
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._known: dict[Any, str] = {}

    # -- tensors --------------------------------------------------------------------------------
    def input(self, name: str, *shape: int | str) -> str:
        """Add an input of the model, and return its name."""
        self.shapes[name] = shape
        self._inputs.append(self._helper.make_tensor_value_info(name, self._double, shape))
        return name

    def output(self, name: str, found: str) -> None:
        """Add an output of the model, of the tensor of some name."""
        self._nodes.append(self._helper.make_node("Identity", [found], [name]))
        about = self._helper.make_tensor_value_info(name, self._double, self.shapes[found])
        self._outputs.append(about)

    def constant(self, x: Any) -> str:
        """Return the name of a number, or of an array of doubles, integers or truth values."""
        array = np.asarray(x)
        array = array.astype(np.int64) if array.dtype.kind == "i" else array  # Windows has others
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._known:
            name = self._known[key] = f"c{len(self._known)}"
            self.shapes[name] = array.shape
            kind = self._helper.np_dtype_to_tensor_dtype(array.dtype)
            tensor = self._helper.make_tensor(name, kind, array.shape, array.tobytes(), raw=True)
            self._constants.append(tensor)
        return self._known[key]

    def add(
        self, operator: str, names: Sequence[str], shape: Shape | None = None, **options: Any
    ) -> str:
        """Add a node of one output, if there is none like it, and return the output's name.

        Its shape is that to which the operands are broadcast, if none is given.
        """
        if operator == "Cast":
            options["to"] = self._double
        key = operator, *names, str(options)
        if key not in self._known:
            name = self._known[key] = f"v{len(self._known)}"
            self.shapes[name] = _broadcast(*map(self.shapes.get, names)) if shape is None else shape
            self._nodes.append(self._helper.make_node(operator, names, [name], **options))
        return self._known[key]

    def rows(self, of: str) -> list[str]:
        """Return the names of the rows of an input."""
        count, size = self.shapes[of]
        names = [f"{of}_{k}" for k in range(int(count))]
        if names:
            self.shapes |= dict.fromkeys(names, (1, size))
            self._nodes.append(self._helper.make_node("Split", [of], names, axis=0))
        return names

    def joined(self, names: Sequence[str]) -> str:
        """Return tensors one after the other."""
        if len(names) == 1:
            return names[0]
        size = sum(int(self.shapes[x][0]) for x in names)
        return self.add("Concat", names, (size, *self.shapes[names[0]][1:]), axis=0)

    def filled(self, x: Written, *shape: int | str) -> str:
        """Return numbers of a shape: as they are, or repeated."""
        name = self.language.number_of(x)
        if self.shapes[name] == shape:
            return name
        if LANES not in shape:
            to = self.constant(np.array(shape))
        else:
            to = self.joined([self.constant(np.array(shape[:-1])), self.count()])
        return self.add("Expand", [name, to], shape)

    def count(self) -> str:
        """Return how many lanes there are, in an array of one integer."""
        return self.add("Shape", ["inputs"], (1,), start=1)

    # -- the model ------------------------------------------------------------------------------
    def model(self) -> Any:
        """Return the model, without what no output needs, and checked."""
        nodes, needed = [], {x.name for x in self._outputs}
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                nodes.append(node)
        constants = [x for x in self._constants if x.name in needed]
        helper = self._helper
        model = helper.make_model(
            helper.make_graph(nodes[::-1], "program", self._inputs, self._outputs, constants),
            opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR,
            producer_name="glassgrad",
        )  # fmt: skip
        self._onnx.checker.check_model(model, full_check=True)
        return model


def _broadcast(*shapes: Any) -> Shape:
    """The shape to which some shapes are broadcast.

    >>> _broadcast((4, 1), (), (1, "lanes"))
    (4, 'lanes')
    """
    rank = max(map(len, shapes))
    axes = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in axes)


def checked(count: int, parameters: Sequence[float] | None) -> Array | None:
    """Return the numbers of parameters, if they are given.

    Raises
    ------
    ValueError
        If there are not as many.
    """
    if parameters is None:
        return None
    numbers = np.array([float(x) for x in parameters])
    if len(numbers) != count:
        raise ValueError(
            f"the program has {count} parameters, but {len(numbers)} numbers were given"
        )
    return numbers


def write_program(graph: Graph, program: Program, parameters: Sequence[float] | None) -> None:
    """Write a program into a graph, scalar by scalar."""
    program, language = exported(program), graph.language
    numbers = checked(len(program.parameters), parameters)
    rows = graph.rows(graph.input("inputs", len(program.inputs), LANES))
    if numbers is not None:
        rows += [graph.constant(x) for x in numbers]
    elif len(program.parameters):
        rows += graph.rows(graph.input("parameters", len(program.parameters), 1))
    leaves = [*program.inputs.tolist(), *program.parameters.tolist()]
    written = {i: Written(row) for i, row in zip(leaves, rows, strict=True)}
    written |= {i: language.number(number) for i, number in program.numbers().items()}
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code > LITERAL:
            these = [written[j] for j in operands[starts[i] : starts[i + 1]]]
            if code == PAIRS:
                written[i] = added(language, products(language, these))
            else:
                written[i] = applied(language, code, with_integers(program, i, these))
    conditions = [
        written[i] if truth else language.node("Not", [written[i]]) for i, truth in program.guards
    ]
    for what in ("results", "gradients"):
        found = [written[i] for i in getattr(program, what).tolist()]
        if conditions:
            ok, nan = (
                reduce(lambda x, y: language.node("And", [x, y]), conditions),
                language.number(math.nan),
            )
            found = [language.node("Where", [ok, x, nan]) for x in found]
        if found:
            graph.output(what, graph.joined([graph.filled(x, 1, LANES) for x in found]))
