"""Local partials, stamped out from the rules for all scalars of a row at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import Builder
from autograd.compiler.codes import CODES, PAIRS, ROWS, TOTAL, among, each_of
from autograd.compiler.program import Program
from autograd.compiler.templates import Reference, Template, partials_of, wanted

Array = NDArray[Any]
SUM, DOT, WHERE = CODES["sum"], CODES["dot"], CODES["where"]
NONE = -1  # the partial of an operand through which nothing flows
# What is no Value of a graph: a truth value, what is detached, and the number of a maximum. Through
# another operand whose partial is 0 nan flows where the adjoint is inf or nan, as in eager.
ENDS = np.array(
    [row is not None and (row.predicate or row.name in ("held", "largest")) for row in ROWS]
)


def partials(builder: Builder, scalars: Array, edges: Array) -> Array:
    """Add the partials of some scalars by their operands, and return for each edge its partial.

    Parameters
    ----------
    builder : Builder
    scalars : array of bool
        Those that are differentiated.
    edges : array of bool
        For each operand of the program whether its partial is asked for.

    Returns
    -------
    array of int
        For each operand the scalar that is the partial, or `NONE` where it is 0 by its rule or not
        asked for.
    """
    program = builder.program
    found = np.full(len(program.operands), NONE)
    edges = edges & ~_ends(program)
    _partners(builder, edges, found)
    for code in each_of(program.codes[scalars]):
        if ROWS[code] is not None and code not in (SUM, DOT, WHERE):
            for (size, integers), group in groups(program, code, scalars).items():
                template = partials_of(code, size, integers)
                _stamp(builder, template, group, size, edges, found)
    return found


def _ends(program: Program) -> Array:
    """Tell for each operand whether nothing flows through it, whatever it is."""
    codes = program.codes[program.owners]
    ends: Array = ENDS[codes] | (codes == WHERE) & (program.nth == 0)
    return ends


def _partners(builder: Builder, edges: Array, found: Array) -> None:
    """The partials of sums of products: by a factor it is the other one."""
    program = builder.program
    codes, place = program.codes[program.owners], program.nth
    one = builder.literal(1.0)
    at = np.flatnonzero(edges & among(codes, PAIRS, TOTAL))
    found[at] = program.operands[at + 1 - place[at] % 2 * 2]
    found[edges & among(codes, SUM, WHERE)] = one  # a choice is made of the adjoint
    at = np.flatnonzero(edges & (codes == DOT))
    place, middle = place[at], program.sizes[program.owners[at]] // 2
    partners = program.operands[np.where(place < middle, at + middle, at - middle)]
    found[at] = np.where(place == 2 * middle, one, partners)  # that of a bias, which comes last


def groups(program: Program, code: int, scalars: Array) -> dict[tuple[int, tuple[int, ...]], Array]:
    """Return the scalars of a code by what tells their rules apart: the number of operands, and the
    integers among them.
    """
    of_code = np.flatnonzero(scalars & (program.codes == code))
    sizes = program.sizes[of_code]
    row: Any = ROWS[code]
    if not row.integers:
        if row.arity is not None:
            return {(row.arity, ()): of_code} if len(of_code) else {}
        return {(size, ()): of_code[sizes == size] for size in np.unique(sizes).tolist()}
    numbers, starts = program.numbers(), program.starts
    found: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for scalar, size in zip(of_code.tolist(), sizes.tolist(), strict=True):
        first = program.operands[starts[scalar] : starts[scalar] + row.integers].tolist()
        integers = tuple(int(numbers[i]) for i in first)
        found.setdefault((size, integers), []).append(scalar)
    return {key: np.array(group) for key, group in found.items()}


def stamped(
    builder: Builder,
    template: Template,
    scalars: Array,
    operands: Array,
    steps: set[int],
    before: Array | None = None,
) -> dict[Reference, Array]:
    """Add steps of a template for each of some scalars, and return what its references are."""
    columns: dict[Reference, Array] = {("out", 0): scalars}
    places = builder.program.places[scalars]

    def column(reference: Reference) -> Array:
        kind, what = reference
        if kind == "operand":
            return operands[:, int(what)]
        if kind == "number":
            return np.full(len(scalars), builder.literal(what))
        return columns[reference]

    for i, step in enumerate(template.steps):
        if i in steps:
            given = np.stack([column(x) for x in step.operands], axis=1)
            columns["step", i] = builder.block(step.code, given, places, before)
    for output in template.outputs:
        if output[0] != "step" or output in columns:
            columns[output] = column(output)
    return columns


def _stamp(
    builder: Builder, template: Template, scalars: Array, size: int, edges: Array, found: Array
) -> None:
    """Add the partials of scalars that have one template."""
    program = builder.program
    at = program.starts[scalars][:, None] + np.arange(size)
    asked = edges[at]
    outputs = [x for i, x in enumerate(template.outputs) if asked[:, i].any()]
    steps = wanted(template, outputs)
    columns = stamped(builder, template, scalars, program.operands[at], steps)
    for i, output in enumerate(template.outputs):
        if asked[:, i].any():
            found[at[asked[:, i], i]] = columns[output][asked[:, i]]
