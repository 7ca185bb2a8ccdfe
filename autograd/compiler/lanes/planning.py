"""Plans for many lanes: from what a trace has written to groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from autograd.compiler.building import Builder
from autograd.compiler.codes import INPUT, PAIRS, TOTAL, among
from autograd.compiler.differentiating import adjoint
from autograd.compiler.expanding import expand
from autograd.compiler.flow import pairs_of, varying
from autograd.compiler.fusing import fuse
from autograd.compiler.lanes.cheaper import with_signs, without_checks
from autograd.compiler.lanes.clustering import clustered
from autograd.compiler.lanes.groups import Groups
from autograd.compiler.lanes.ones import with_ones
from autograd.compiler.lanes.rolling import prepared, roll
from autograd.compiler.paths import BY_ARGUMENTS, BY_PARAMETERS, VALUE
from autograd.compiler.planning import simplified, without_twins
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.scalars import INDEX, Array, starts_of

OF_MEAN = "gradient of the mean by parameters"


def grouped(program: Program, lanes: Sequence[bool], kind: str = VALUE) -> Groups:
    """Return a program as groups: its values, or with derivatives of its one result.

    Parameters
    ----------
    program : Program
        As a trace has written it.
    lanes : sequence of bool
        For each input whether it has a number for each lane.
    kind : str
        `BY_ARGUMENTS`: of each lane, by each input. `BY_PARAMETERS`: the value and the derivatives,
        each summed over the lanes. `OF_MEAN`: the derivatives times a last, uniform input, which is
        to be one over the lanes.
    """
    groups = _rolled(of_lanes(program, lanes, kind), lanes, kind)
    return groups.with_(again=partial(_again, program, lanes, kind))


def _rolled(scalars: Program, lanes: Sequence[bool], kind: str) -> Groups:
    """Scalars as groups."""
    flags = [*lanes, False] if kind == OF_MEAN else lanes
    return clustered(with_ones(roll(scalars, flags, beside=kind in (BY_PARAMETERS, OF_MEAN))))


def _again(
    program: Program, lanes: Sequence[bool], kind: str, chosen: bool = False
) -> tuple[Program, Groups]:
    """The scalars that are rolled up, and the groups."""
    scalars = of_lanes(program, lanes, kind, chosen)
    return prepared(scalars)[0], _rolled(scalars, lanes, kind)


def of_lanes(program: Program, lanes: Sequence[bool], kind: str, chosen: bool = False) -> Program:
    """Return the scalars that `grouped` rolls up.

    Which path a lane takes is decided by eager's own operations, in their order. With `chosen`
    partials are chosen where only a branch needs them (see `adjoint`), for who cannot compute anew
    what is not finite.
    """
    program = prune(fuse(prune(expand(program)), guarded=True))
    if kind == VALUE:
        return without_zeros(simplified(program))
    root = int(program.results[0])
    names = program.parameter_names
    if kind == BY_ARGUMENTS:
        names = program.input_names
        found = adjoint(program, root, program.inputs, chosen=chosen)
    else:
        over = program.inputs[np.asarray(lanes, bool)]
        found = _by_parameters(program, over, kind == OF_MEAN, chosen)
    found = found.with_(gradient_names=tuple(map("d/d".__add__, names)))
    found = simplified(expand(found))  # partials are rows of many operands, too
    found = without_zeros(without_twins(fuse(found, guarded=True)))
    return with_signs(without_checks(found))


def _by_parameters(program: Program, lanes: Array, of_mean: bool, chosen: bool) -> Program:
    """The program with the sum of its result over the lanes, and the gradient of that, or of that
    times a further input.
    """
    root, inputs, names = int(program.results[0]), program.inputs, program.input_names
    builder = Builder(program)
    one = seed = builder.literal(1.0)
    total = builder.one(TOTAL, one, root)
    if of_mean:
        seed = builder.one(INPUT)
        inputs, names = np.append(inputs, INDEX(seed)), (*names, "1/lanes")
    if not varying(program, lanes)[root]:  # it counts once for each lane
        seed = builder.one(TOTAL, one, seed)
    program = builder.done(results=np.array([total], INDEX), inputs=inputs, input_names=names)
    return adjoint(program, root, program.parameters, seed=seed, lanes=lanes, chosen=chosen)


def without_zeros(program: Program) -> Program:
    """Return the program without terms of sums that are the number 0.

    A sum that is -0.0 without one of them is 0.0 with it.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> names = ("literal", "literal", "input", "input", "pairs")
    >>> program = Program.of(
    ...     [CODES[name] for name in names], [2, 3, 0, 1], counts={4: 4}, literals=[1.0, 0.0],
    ...     results=[4],
    ... )
    >>> print(without_zeros(program))
    program(x0, x1):
        v4 = x0*x1
        return v4
    """
    numbers = np.full(len(program), np.nan)
    numbers[[*program.numbers()]] = program.literals
    owners = program.owners
    at = pairs_of(program, among(program.codes, PAIRS, TOTAL))
    zero = numbers[program.operands[at]] * numbers[program.operands[at + 1]] == 0.0
    left = np.bincount(owners[at[~zero]], minlength=len(program))
    gone = at[zero & (left[owners[at]] > 0)]
    if not len(gone):
        return program
    stays = np.ones(len(owners), bool)
    stays[gone] = stays[gone + 1] = False
    sizes = np.bincount(owners[stays], minlength=len(program))
    return program.with_(starts=starts_of(sizes), operands=program.operands[stays])
