"""Pictures of programs: the scalars of a compiled function, and the lines they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.compiler.codes import LITERAL, NAMES, PAIRS, ROWS, TOTAL
from autograd.compiler.evaluating import evaluated
from autograd.compiler.listing import names_of, place_of
from autograd.compiler.program import Program
from autograd.display.graph import Graph
from autograd.display.nodes import Edge, Node, Ref
from autograd.functions.calls import Primitive

# Sums of products, which are no row of the table.
_SUMS = {
    code: Primitive(sum, lambda *xs, out: xs, name=NAMES[code], opaque=True)  # noqa: ARG005
    for code in (PAIRS, TOTAL)
}


class _Line(NamedTuple):
    """Where a scalar was made, as a tooltip has it."""

    source: str
    path: tuple[Any, ...] = ()


def program_graph(program: Program, leaves: Sequence[float] = ()) -> Graph:
    """Return a picture of a program, which `draw` takes.

    Parameters
    ----------
    program : Program
    leaves : sequence of float, optional
        Numbers for its inputs and its parameters, of which the picture shows all others.

    Raises
    ------
    ValueError
        If there are not as many.

    Examples
    --------
    >>> from autograd import draw
    >>> from autograd.compiler.codes import CODES
    >>> codes = [CODES[name] for name in ("input", "literal", "multiply", "tanh")]
    >>> program = Program.of(codes, [0, 1, 2], literals=[3.0], results=[3], input_names=["x"])
    >>> print(draw(program, 0.5, engine="builtin"))
    x             data 0.5    grad ?
    v2  x * 3     data 1.5    grad ?
    v3  tanh(v2)  data 0.9051 grad ?
    (layout: built-in)
    """
    count, given = len(program.inputs) + len(program.parameters), list(leaves)
    if given and len(given) != count:
        raise ValueError(f"the program has {count} inputs and parameters; got {len(given)} numbers")
    first = len(program.inputs)
    numbers = evaluated(program, given[:first], given[first:]) if given else [None] * len(program)
    literals, names = program.numbers(), names_of(program)
    labels = {i: names[i] for i in [*program.inputs.tolist(), *program.parameters.tolist()]}
    for name, i in zip(program.gradient_names, program.gradients.tolist(), strict=False):
        labels[i] = f"{labels[i]} = {name}" if i in labels else name
    for i, truth in program.guards:
        labels.setdefault(i, f"guard, {truth}")
    kept = set(program.kept.tolist())
    starts, operands = program.starts.tolist(), program.operands.tolist()
    nodes, edges = [], []
    for i, code in enumerate(program.codes.tolist()):
        if code == LITERAL and i not in kept:
            continue
        read = operands[starts[i] : starts[i + 1]]
        given_to = tuple([literals[j] if j in literals else Ref(j) for j in read])
        row = _SUMS.get(code, ROWS[code])
        place = int(program.places[i])
        origin = None if place < 0 else _Line(place_of(program.sources[place]))
        sign = "" if row is None else row.sign
        label = labels.get(i, "")
        nodes.append(Node(i, names[i], label, sign, numbers[i], None, row, given_to, origin))
        edges += [Edge(j, i) for j in dict.fromkeys(read) if j not in literals]
    roots = dict.fromkeys([*program.results.tolist(), *program.gradients.tolist()])
    return Graph(tuple(nodes), tuple(edges), root_keys=tuple(roots) if len(roots) > 1 else ())
