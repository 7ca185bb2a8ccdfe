"""Split: what a parameter multiplies apart from what else is added, so that it forms matrices."""

from __future__ import annotations

import numpy as np

from autograd.compiler.building import Builder, sorted_by
from autograd.compiler.codes import PAIRS
from autograd.compiler.flow import pairs_of
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX, order_of, starts_of


def split(program: Program, one: int) -> Program:
    """Return the program in which a sum of products with parameters has at most one other addend:
    the sum of the others, which is a scalar of its own.

    Parameters
    ----------
    program : Program
    one : int
        The scalar that is the number 1.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> names = ("literal", "parameter", "parameter", "input", "input", "pairs")
    >>> program = Program.of(
    ...     [CODES[name] for name in names], [1, 3, 2, 4, 3, 4, 0, 3], counts={5: 8},
    ...     literals=[1.0], results=[5],
    ... )
    >>> print(split(program, 0))
    program(x0, x1, p0, p1):
        v5 = x0*x1 + x0
        v6 = p0*x0 + p1*x1 + v5
        return v6
    """
    n, codes, owners = len(program), program.codes, program.owners
    is_parameter = np.zeros(n, bool)
    is_parameter[program.parameters] = True
    at = pairs_of(program, codes == PAIRS)
    first, second, of = program.operands[at], program.operands[at + 1], owners[at]
    plain = (first == one) | (second == one)
    product = (is_parameter[first] | is_parameter[second]) & ~plain
    products, others, plains = (
        np.bincount(of[flags], minlength=n) for flags in (product, ~product, ~product & plain)
    )
    parted = (products >= 2) & (others >= 1) & ~((others == 1) & (plains == 1))
    which = np.flatnonzero(parted)
    if not len(which):
        return program
    builder = Builder(program)
    moves = ~product & parted[of]
    terms = np.stack([first[moves], second[moves]], axis=1).reshape(-1)
    added = builder.scalars(
        np.full(len(which), PAIRS), 2 * others[which], terms, program.places[which], before=which
    )
    larger, order = builder.done(), builder.order

    stays = ~parted[owners] | np.isin(np.arange(len(owners)) - program.nth % 2, at[product])
    ends = np.zeros(n, np.int64)
    ends[which] = 2
    sizes = np.concatenate([np.bincount(owners[stays], minlength=n) + ends, 2 * others[which]])
    starts = starts_of(sizes)
    operands = np.empty(int(starts[-1]), INDEX)
    kept = np.flatnonzero(stays)
    rank = np.arange(len(kept)) - np.searchsorted(owners[kept], owners[kept])
    operands[starts[owners[kept]] + rank] = program.operands[kept]
    operands[starts[which + 1] - 2], operands[starts[which + 1] - 1] = one, added
    operands[starts[n] :] = terms
    larger = larger.with_(starts=starts, operands=operands)
    return sorted_by(larger, order_of(order + 1))
