"""Programs as JAX functions and as ONNX models: of doubles, over any number of lanes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.compiler.codes import CODES, LITERAL, NAMES, PAIRS, TOTAL, row_of
from autograd.compiler.expanding import expand
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.verifying import ProgramError, verified
from autograd.extras import need
from autograd.functions import rules
from autograd.functions.formulas import variable
from autograd.functions.printing.jax import JAX, OverArrays, UnwritableError
from autograd.functions.printing.onnx import Onnx
from autograd.functions.printing.printer import Written

LARGEST = CODES["largest"]
OPSET, IR = 17, 8  # of ONNX, of 2022
TERMS = 50  # of a sum in one expression


def _exported(program: Program) -> Program:
    """The program in rows of fixed arity, sums of products and `largest`."""
    program = verified(prune(expand(program)))
    if (program.codes == TOTAL).any():
        raise ProgramError(
            "a sum over the lanes is no part of an export: export one lane's program"
        )
    return program


def applied(language: OverArrays, code: int, operands: Sequence[Written]) -> Written:
    """Return a row of the table, or the largest of some numbers, of operands that are written.

    Raises
    ------
    ProgramError
        If the language has no word for it.
    """
    if code == LARGEST:
        terms: list[Any] = [variable(format(x, "")) for x in operands]
        return language.term(reduce(rules.maximum, terms))
    row = row_of(code)
    try:
        return language.application(row, operands)
    except UnwritableError as error:
        raise ProgramError(
            f"{error}, which {NAMES[code]} takes there: the program runs in Python, if not in C"
        ) from None


# -- JAX ----------------------------------------------------------------------------------------
def jax_source(program: Program, name: str = "program") -> str:
    """Return a program as the source of a function for JAX, of the inputs and the parameters.

    Examples
    --------
    >>> program = Program.of([CODES["input"], CODES["tanh"]], [0], results=[1])
    >>> print(jax_source(program, "f"))
    def f(inputs, parameters=()):
        v0 = inputs[0]  # x0
        v1 = jnp.tanh(v0)
        return stacked(inputs, [v1]), stacked(inputs, [])
    """
    lines = "".join(f"    {line}\n" for line in _jax_lines(_exported(program)))
    return f"def {name}(inputs, parameters=()):\n{lines}".rstrip()


def _jax_lines(program: Program) -> Iterator[str]:
    """The statements of the function."""
    for what, names in (("inputs", program.input_names), ("parameters", program.parameter_names)):
        for k, (i, called) in enumerate(zip(getattr(program, what).tolist(), names, strict=True)):
            yield f"v{i} = {what}[{k}]  # {called.splitlines()[0] if called else ''}".rstrip()
    written = [Written(f"v{i}") for i in range(len(program))]
    for i, number in program.numbers().items():
        written[i] = JAX.number(number)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code <= LITERAL:
            continue
        given = [written[j] for j in operands[starts[i] : starts[i + 1]]]
        if code != PAIRS:
            given = _integers(program, i, code, given)
            yield f"v{i} = {applied(JAX, code, given).text}"
            continue
        terms = [
            b.text if a.text == "1.0" else a.text if b.text == "1.0" else f"{a} * {b}"
            for a, b in zip(given[::2], given[1::2], strict=True)
        ] or ["0.0"]
        for k in range(0, len(terms), TERMS):
            yield f"v{i} = {' + '.join([*([f'v{i}'] if k else []), *terms[k : k + TERMS]])}"
    conditions = [f"(v{i} {'!=' if truth else '=='} 0)" for i, truth in program.guards]
    if conditions:
        yield f"ok = {' & '.join(conditions)}"
    ok = ", ok" if conditions else ""
    results, gradients = (
        f"stacked(inputs, [{', '.join(written[i].text for i in these.tolist())}]{ok})"
        for these in (program.results, program.gradients)
    )
    yield f"return {results}, {gradients}"


# -- ONNX ---------------------------------------------------------------------------------------
class _Graph:
    """An ONNX graph that grows node by node; equal nodes are one."""

    def __init__(self, helper: Any, double: int) -> None:
        self.helper, self.double = helper, double
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []
        self._known: dict[Any, str] = {}

    def add(self, operator: str, names: list[str]) -> str:
        """Add a node of one output, if there is none like it, and return the output's name."""
        key = operator, *names
        if key not in self._known:
            name = self._known[key] = f"v{len(self._known)}"
            options = {"to": self.double} if operator == "Cast" else {}
            options |= {"axis": 0} if operator == "Concat" else {}
            self.nodes.append(self.helper.make_node(operator, names, [name], **options))
        return self._known[key]

    def constant(self, x: float) -> str:
        """Return the name of a number."""
        key = np.float64(x).tobytes()
        if key not in self._known:
            name = self._known[key] = f"c{len(self._known)}"
            self.numbers.append(self.helper.make_tensor(name, self.double, [], [x]))
        return self._known[key]

    def rows(self, of: str, count: int) -> list[str]:
        """Return the names of the rows of an input, each of shape (1, ...)."""
        names = [f"{of}_{k}" for k in range(count)]
        if count:
            self.nodes.append(self.helper.make_node("Split", [of], names, axis=0))
        return names


def to_onnx(program: Program, parameters: Sequence[float] | None = None) -> Any:
    """Return a program as an ONNX model of doubles, of opset 17.

    Parameters
    ----------
    program : Program
        As `Compiled.program` has it, with a gradient or without.
    parameters : sequence of float, optional
        The numbers of the captured Values, as ``g.bound().parameters`` has them; they are constants
        of the model then. Else they are its second input.

    Returns
    -------
    onnx.ModelProto
        Of the inputs `inputs`, of shape (inputs, lanes), and `parameters`, (parameters, 1); and the
        outputs `results` and, if there are any, `gradients`, of shape (results, lanes). Where a
        lane takes another path than the program's (a guard fails) all its answers are nan.

    Raises
    ------
    ModuleNotFoundError
        If onnx is not installed: ``pip install 'glassgrad[onnx]'``.
    ProgramError
        If the standard has no operator for a row of it, as for log1p.
    ValueError
        If there are not as many parameters.

    Notes
    -----
    The model is checked by `onnx.checker`. Runtimes need not have every operator for doubles: ONNX
    Runtime 1.32 lacks those of tan, erf, softplus, cosh, sinh and the inverse functions.
    """
    onnx = need("onnx", "onnx", "to_onnx")
    helper, double = need("onnx.helper", "onnx"), onnx.TensorProto.DOUBLE
    program = _exported(program)
    graph = _Graph(helper, double)
    language = Onnx(graph.add, graph.constant)
    written: list[Any] = [None] * len(program)
    given: list[tuple[str, list[int], str | int]] = [("inputs", program.inputs.tolist(), "lanes")]
    if len(program.parameters) and parameters is None:
        given.append(("parameters", program.parameters.tolist(), 1))
    elif parameters is not None:
        numbers = [float(x) for x in parameters]
        if len(numbers) != len(program.parameters):
            raise ValueError(
                f"the program has {len(program.parameters)} parameters, but {len(numbers)} numbers "
                "were given"
            )
        for i, x in zip(program.parameters.tolist(), numbers, strict=True):
            written[i] = language.number(x)
    for name, scalars, _ in given:
        for i, row in zip(scalars, graph.rows(name, len(scalars)), strict=True):
            written[i] = Written(row)
    for i, number in program.numbers().items():
        written[i] = language.number(number)
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        if code > LITERAL:
            these = [written[j] for j in operands[starts[i] : starts[i + 1]]]
            summed = _summed(language, these) if code == PAIRS else None
            written[i] = summed or applied(language, code, _integers(program, i, code, these))
    outputs = _outputs(program, graph, language, written)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "program",
            [helper.make_tensor_value_info(x, double, [len(n), size]) for x, n, size in given],
            [helper.make_tensor_value_info(x, double, [n, "lanes"]) for x, n in outputs],
            graph.numbers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="glassgrad",
    )  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    return model


def _integers(program: Program, i: int, code: int, operands: list[Written]) -> list[Written]:
    """The operands of a row, of which the first may have to be plain integers."""
    count, numbers, start = row_of(code).integers if code != LARGEST else 0, program.numbers(), 0
    if count:
        start = int(program.starts[i])
        first = [numbers[int(j)] for j in program.operands[start : start + count]]
        return [*(Written(str(int(x))) for x in first), *operands[count:]]
    return operands


def _summed(language: Onnx, operands: list[Written]) -> Written:
    """A sum of products, added up from left to right."""
    one = language.number(1.0).text
    terms = [
        b if a.text == one else a if b.text == one else language.node("Mul", [a, b])
        for a, b in zip(operands[::2], operands[1::2], strict=True)
    ]
    return reduce(lambda x, y: language.node("Add", [x, y]), terms or [language.number(0.0)])


def _outputs(
    program: Program, graph: _Graph, language: Onnx, written: list[Any]
) -> list[tuple[str, int]]:
    """Add what gathers the answers, and return the outputs with their numbers of rows."""
    helper = graph.helper
    graph.nodes.append(helper.make_node("Shape", ["inputs"], ["lanes_1"], start=1))
    graph.numbers.append(helper.make_tensor("one_1", 7, [1], [1]))  # 7: int64
    graph.nodes.append(helper.make_node("Concat", ["one_1", "lanes_1"], ["row"], axis=0))
    conditions = [
        written[i] if truth else language.node("Not", [written[i]]) for i, truth in program.guards
    ]
    found = []
    for what in ("results", "gradients"):
        rows = [written[i] for i in getattr(program, what).tolist()]
        if conditions:
            ok = reduce(lambda x, y: language.node("And", [x, y]), conditions)
            rows = [language.node("Where", [ok, x, language.number(float("nan"))]) for x in rows]
        names = [graph.add("Expand", [language.number_of(x), "row"]) for x in rows]
        if names:
            graph.nodes.append(helper.make_node("Concat", names, [what], axis=0))
            found.append((what, len(names)))
    return found
