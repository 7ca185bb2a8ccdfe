"""Fuse: trees of sums, and the products in them, as one sum of products each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import with_literals
from autograd.compiler.codes import CODES, PAIRS, TOTAL, among
from autograd.compiler.flow import needed
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX, order_of, starts_of

Array = NDArray[Any]
ADD, SUBTRACT, MULTIPLY = CODES["add"], CODES["subtract"], CODES["multiply"]
SUMS = (ADD, SUBTRACT, PAIRS)
NONE = -1


def fuse(program: Program, guarded: bool = False) -> Program:
    """Return the program with sums, differences and products that are read once, by a sum, as terms
    of that sum.

    It adds up in another order than eager, so that numbers may differ by roundings of the largest
    terms; where terms cancel that may be all of their digits. What was replaced is still there,
    unread, for `prune`.

    Parameters
    ----------
    program : Program
    guarded : bool
        Whether what conditions are computed from stays as it is.

    Examples
    --------
    >>> from autograd.compiler.pruning import prune
    >>> names = ("input", "input", "multiply", "add", "square", "subtract")
    >>> codes = [CODES[name] for name in names]
    >>> program = Program.of(codes, [0, 1, 2, 0, 1, 3, 4], results=[5])
    >>> print(prune(fuse(program)))
    program(x0, x1):
        v4 = square(x1)
        v5 = x0*x1 + x0 + -1.0*v4
        return v5
    """
    signs = (1.0, -1.0) if (program.codes == SUBTRACT).any() else (1.0,)
    program, (one, *_) = with_literals(program, *signs)
    minus = next((i for i, x in program.numbers().items() if x == -1.0), NONE)
    free = ~needed(program, [i for i, _ in program.guards] if guarded else [])
    terms = _terms(program, one, minus)
    uses = np.bincount(program.operands, minlength=len(program))
    np.add.at(uses, program.kept, 2)
    inner = _inner(program, terms, one, (uses == 1) & free)
    root = _roots(program, inner)
    terms = terms[:, ~((terms[1] == one) & inner[terms[2]])]
    terms[0] = root[terms[0]]
    codes = program.codes[terms[2]]
    joins = ((uses == 1) & free)[terms[2]] & (terms[1] == one) & (codes == MULTIPLY)
    at = program.starts[terms[2, joins]]
    terms[1:, joins] = program.operands[at], program.operands[at + 1]
    count = np.bincount(terms[0], minlength=len(program))
    worth = count > 2
    worth[terms[0, joins]] = True
    worth[terms[0]] |= among(program.codes[terms[0]], PAIRS, TOTAL)
    return _with_sums(program, terms[:, worth[terms[0]]], worth)


def _terms(program: Program, one: int, minus: int) -> Array:
    """The terms of all sums: the sum, a factor, which is 1 or -1 if either is, and another one."""
    owners, at = program.owners, np.arange(len(program.operands))
    codes, place = program.codes[owners], program.nth
    plain = (codes == ADD) | (codes == SUBTRACT)
    paired = ((codes == PAIRS) | (codes == TOTAL)) & (place % 2 == 0)
    at = np.flatnonzero(plain | paired)
    first = np.where((codes == SUBTRACT) & (place == 1), minus, one)[at]
    second = program.operands[at].astype(np.int64)
    pair = paired[at]
    first[pair], second[pair] = second[pair], program.operands[at[pair] + 1]
    swap = (second == one) | (second == minus) & (first != one)
    first[swap], second[swap] = second[swap], first[swap]
    return np.stack([owners[at], first, second])


def _inner(program: Program, terms: Array, one: int, once: Array) -> Array:
    """Tell which sums are terms of one other sum alone."""
    found = np.zeros(len(program), bool)
    found[terms[2, terms[1] == one]] = True
    inner: Array = found & once & among(program.codes, *SUMS)
    return inner


def _roots(program: Program, inner: Array) -> Array:
    """For each scalar the sum that it is a part of in the end, or itself."""
    root = np.arange(len(program))
    read = inner.take(program.operands)
    root[program.operands[read]] = program.owners[read]
    while not np.array_equal(further := root[root], root):
        root = further
    return root


def _with_sums(program: Program, terms: Array, sums: Array) -> Program:
    """The program in which some scalars are the sums of the terms that are given."""
    terms = terms[:, order_of(terms[0])]
    owners, sizes, codes = program.owners, program.sizes, program.codes.copy()
    sizes[sums] = 2 * np.bincount(terms[0], minlength=len(program))[sums]
    codes[sums & (codes != TOTAL)] = PAIRS
    starts = starts_of(sizes)
    operands = np.empty(int(starts[-1]), INDEX)
    stays = ~sums[owners]
    operands[starts[owners[stays]] + program.nth[stays]] = program.operands[stays]
    at = starts[terms[0]] + 2 * (np.arange(terms.shape[1]) - np.searchsorted(terms[0], terms[0]))
    operands[at], operands[at + 1] = terms[1], terms[2]
    return program.with_(codes=codes, starts=starts, operands=operands)
