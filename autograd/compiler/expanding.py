"""Expand: rows of any number of operands in rows of fixed arity and sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import Builder, renamed, sorted_by, with_literals
from autograd.compiler.codes import CODES, PAIRS, ROWS, among, each_of
from autograd.compiler.partials import groups, stamped
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX, order_of, starts_of
from autograd.compiler.templates import Reference, Template, expansion_of, wanted

Array = NDArray[Any]
MOST = 256  # operands of a row whose derivatives are rows of all its operands, each
DOT, SUM = CODES["dot"], CODES["sum"]
EXPANDED = np.array([row is not None and row.expansion is not None for row in ROWS])
# The gradients of n-ary rows, which take the place of one operand and all of them.
JOINT = np.array([row is not None and row.each_forward is not None for row in ROWS])
LINEAR = CODES["mean"]  # its derivatives are numbers
# Up to so many operands the derivatives of these are those of their rules, which are as exact as
# eager's; of more there would be too many, one for each pair of operands.
BY_RULES = np.zeros(len(ROWS), int)
for _name, _most in (("share", 2), ("max_share", 16), ("direction", 8)):
    BY_RULES[CODES[_name]] = _most


def expand(program: Program) -> Program:
    """Return the program without n-ary rows but `largest`: all others as rows of fixed arity and
    `pairs`, a sum or affine form as one of them.

    The numbers stay the same within roundings. What was replaced is still there, for `prune`.

    Examples
    --------
    >>> from autograd.compiler.pruning import prune
    >>> codes = [CODES[name] for name in ("input", "input", "norm")]
    >>> print(prune(expand(Program.of(codes, [0, 1], counts={2: 2}, results=[2]))))
    program(x0, x1):
        v2 = hypot(x0, x1)
        return v2
    """
    while len(chosen := np.flatnonzero(_is_read(program) & EXPANDED[program.codes])):
        program = _expanded(program, chosen)
    return _as_pairs(program)


def expand_wide(program: Program, most: int = MOST) -> Program:
    """Return the program without the rows of so many operands that their derivatives, of which
    each takes all operands, would be too many.
    """
    wide = EXPANDED[program.codes] & (program.sizes > most) & (program.codes != LINEAR)
    return _expanded(program, np.flatnonzero(wide & _is_read(program)))


def expand_joint(program: Program) -> Program:
    """Return the program without the derivatives of n-ary rows of many operands, which is to be
    differentiated again: by their rules each of n would have n derivatives of n operands.
    """
    many = program.sizes - 1 > BY_RULES[program.codes]
    joint = JOINT[program.codes] & many & _is_read(program)
    return _expanded(program, np.flatnonzero(joint))


def _is_read(program: Program) -> Array:
    """Which scalars are operands or asked for."""
    read = np.zeros(len(program), bool)
    read[program.operands] = read[program.kept] = True
    return read


def _expanded(program: Program, chosen: Array) -> Program:
    """The program with some scalars as what their rows say."""
    if not len(chosen):
        return program
    builder = Builder(program)
    alias = np.arange(len(program))
    flags = np.zeros(len(program), bool)
    flags[chosen] = True
    for code in each_of(program.codes[chosen]):
        if JOINT[code]:
            _expand_together(builder, code, flags, alias)
            continue
        for (size, first), scalars in groups(program, code, flags).items():
            template = expansion_of(code, size, (first,))
            alias[scalars] = _column(builder, template, scalars, size)[template.outputs[0]]
    larger = builder.done()
    alias = np.concatenate([alias, np.arange(len(program), len(larger))])
    return sorted_by(renamed(larger, alias), order_of(builder.order + 1))


def _expand_together(builder: Builder, code: int, flags: Array, alias: Array) -> None:
    """Expand the derivatives of a row by all of its operands with what they have in common."""
    program = builder.program
    of_operands: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for (size, (index,)), scalars in groups(program, code, flags).items():
        at = program.starts[scalars][:, None] + np.arange(1, size)
        for scalar, xs in zip(scalars.tolist(), program.operands[at].tolist(), strict=True):
            of_operands.setdefault(tuple(xs), []).append((scalar, index))
    alike: dict[tuple[int, tuple[int, ...]], list[list[int]]] = {}
    for found in of_operands.values():
        size = int(program.sizes[found[0][0]])
        indices = tuple(index for _, index in found)
        alike.setdefault((size, indices), []).append([scalar for scalar, _ in found])
    for (size, indices), listed in alike.items():
        scalars = np.array(listed)
        template = expansion_of(code, size, tuple((index,) for index in indices))
        columns = _column(builder, template, scalars.min(axis=1), size)
        for k, output in enumerate(template.outputs):
            alias[scalars[:, k]] = columns[output]


def _column(
    builder: Builder, template: Template, scalars: Array, size: int
) -> dict[Reference, Array]:
    """What the references of a template are for some scalars, before which its steps stand."""
    program = builder.program
    operands = program.operands[program.starts[scalars][:, None] + np.arange(size)]
    steps = wanted(template, template.outputs)
    return stamped(builder, template, scalars, operands, steps, before=scalars)


def _as_pairs(program: Program) -> Program:
    """The program with its sums and affine forms as sums of products."""
    if not among(program.codes, SUM, DOT).any():
        return program
    program, (one,) = with_literals(program, 1.0)
    is_sum, is_dot = program.codes == SUM, program.codes == DOT
    owners, sizes = program.owners, program.sizes
    place, middle = program.nth, sizes[owners] // 2
    sizes[is_sum] *= 2
    sizes[is_dot] += 1
    starts = starts_of(sizes)
    in_sum, in_dot = is_sum[owners], is_dot[owners]
    second = in_dot & (place >= middle)  # of a pair, that of 1 and the bias included
    to = place.copy()
    to[in_sum] = 2 * place[in_sum] + 1
    to[in_dot] *= 2
    to[second] = 2 * (place - middle)[second] + 1
    operands = np.full(int(starts[-1]), one, INDEX)
    operands[starts[owners] + to] = program.operands
    codes = program.codes.copy()
    codes[is_sum | is_dot] = PAIRS
    return program.with_(codes=codes, starts=starts, operands=operands)
