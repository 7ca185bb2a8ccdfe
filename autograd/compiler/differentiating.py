"""The adjoint of a program: the derivative of one scalar by others, as further scalars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import Builder
from autograd.compiler.codes import CODES, PAIRS, TOTAL
from autograd.compiler.flow import needed, reached, reaching, varying
from autograd.compiler.masks import masked
from autograd.compiler.partials import NONE, partials
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX, order_of
from autograd.compiler.walking import sweep_ranks

Array = NDArray[Any]
WHERE = CODES["where"]


def adjoint(
    program: Program,
    root: int,
    wrt: Sequence[int] | Array,
    *,
    seed: int | None = None,
    lanes: Sequence[int] | Array = (),
    chosen: bool = True,
) -> Program:
    """Return the program with the derivatives of a scalar by others, after its `gradients`.

    The adjoint of each scalar is one sum of products: of the adjoint of each user and its partial,
    in the order of eager's sweep. Applied to what it returned it gives second derivatives.

    Parameters
    ----------
    program : Program
    root : int
        The scalar that is differentiated; with lanes its sum over them is.
    wrt : sequence of int
        The scalars by which.
    seed : int, optional
        The scalar that the derivatives are multiplied by; 1 unless given.
    lanes : sequence of int
        The inputs that have a number for each lane. The derivative by what has one number for all
        lanes is summed over them, by a `total`.
    chosen : bool
        Whether partials are chosen where only a branch needs them. Without it a derivative is the
        same if it is finite: an inf or nan that is behind a branch makes it nan.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> x = Program.of([CODES["input"], CODES["square"]], [0], results=[1], input_names=["x"])
    >>> print(adjoint(x, 1, [0]))
    program(x):
        v1 = square(x)
        v4 = 2.0 * x
        v6 = 1.0
        v7 = v6*v4
        return v1
        gradient v7
    """
    builder = Builder(program)
    owners, operands = program.owners, program.operands
    active = reached(program, wrt)
    scalars = needed(program, [root]) & active
    edges = scalars[owners] & active.take(operands)
    found = partials(builder, scalars, edges)
    edges &= found != NONE
    if chosen and (program.codes[scalars] == WHERE).any():
        masked(builder, root, edges, found)
    at = np.flatnonzero(edges & reaching(program, root, edges)[owners])
    ranks = sweep_ranks(program, root)
    at = at[order_of(ranks.max(initial=0) - ranks[owners[at]])]
    seed = builder.literal(1.0) if seed is None else seed
    adjoints = _transposed(builder, root, seed, at, found[at], varying(program, lanes))
    gradients = adjoints[np.asarray(wrt, np.int64)]
    if (gradients < 0).any():
        gradients[gradients < 0] = builder.literal(0.0)
    return builder.done(gradients=np.concatenate([program.gradients, gradients.astype(INDEX)]))


def _transposed(
    builder: Builder, root: int, seed: int, at: Array, partials: Array, varies: Array
) -> Array:
    """Add the adjoints, and return that of each scalar of the program, -1 where it has none.

    They stand from the root down. Before one with terms of each lane and others stands the sum of
    the former over the lanes, and behind that of a choice what flows into its two branches.

    Parameters
    ----------
    builder : Builder
    root, seed : int
        What is differentiated, and its adjoint.
    at : array
        The operands that something flows to, in the order of the sweep.
    partials : array
        The partial of each.
    varies : array of bool
        Which scalars have a number for each lane.
    """
    program = builder.program
    users, targets = program.owners[at], program.operands[at]
    chosen, place = program.codes[users] == WHERE, program.nth[at]
    over_lanes = (varies[users] | (program.codes[users] == TOTAL)) & ~varies[targets]
    summed, plain = _flags(program, targets[over_lanes]), _flags(program, targets[~over_lanes])
    plain[root] = True
    scalars = np.flatnonzero(summed | plain)[::-1]
    mixed, total = (summed & plain)[scalars], (summed & ~plain)[scalars]
    choice = program.codes[scalars] == WHERE
    room = 1 + mixed + 2 * choice
    own = np.cumsum(room) - 1 - 2 * choice
    slot = np.full(len(program), -1)
    slot[scalars] = own
    one, zero = builder.literal(1.0), builder.literal(0.0)
    base = builder.count

    # The terms of all sums: the seed, the edges, and what is summed over the lanes.
    lanes_first = np.zeros(len(program), np.int64)
    lanes_first[scalars[mixed]] = 1
    homes = np.concatenate([[slot[root]], slot[targets] - lanes_first[targets] * over_lanes])
    homes = np.concatenate([homes, own[mixed]])
    flowing = np.concatenate([[seed], base + slot[users] + place * chosen, base + own[mixed] - 1])
    factors = np.concatenate([[one], np.where(chosen, one, partials), np.full(mixed.sum(), one)])
    codes = np.full(int(room.sum()), PAIRS)
    codes[own[mixed] - 1] = codes[own[total]] = TOTAL
    codes[own[choice] + 1] = codes[own[choice] + 2] = WHERE
    sizes = 2 * np.bincount(homes, minlength=len(codes))
    sizes[codes == WHERE] = 3
    starts = np.cumsum(sizes) - sizes
    order = order_of(homes)
    homes = homes[order]
    terms = starts[homes] + 2 * (np.arange(len(homes)) - np.searchsorted(homes, homes))
    operands = np.empty(int(sizes.sum()), np.int64)
    operands[terms], operands[terms + 1] = flowing[order], factors[order]
    for branch in (1, 2):
        begin = starts[own[choice] + branch]
        operands[begin] = program.operands[program.starts[scalars[choice]]]
        operands[begin + branch], operands[begin + 3 - branch] = base + own[choice], zero
    builder.scalars(codes, sizes, operands, np.repeat(program.places[scalars], room))
    return np.where(slot < 0, -1, base + slot)


def _flags(program: Program, scalars: Array) -> Array:
    """Flags of some scalars."""
    flags = np.zeros(len(program), bool)
    flags[scalars] = True
    return flags
