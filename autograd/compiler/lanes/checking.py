"""The verifier of groups: whether every slot is written once, and before it is read."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.lanes.groups import (
    LANES,
    OF_CELLS,
    OF_ROWS,
    UNIFORM,
    Array,
    Expression,
    Groups,
    Product,
    Slots,
    Sums,
)
from autograd.compiler.verifying import ProgramError

_SPACES = {OF_CELLS: (UNIFORM, UNIFORM, UNIFORM), OF_ROWS: (LANES, UNIFORM, LANES)}


def checked(groups: Groups) -> Groups:
    """Return groups after looking at every slot in them.

    Raises
    ------
    ProgramError
        If a slot is out of range, written twice or never, or read too early; if the shapes or
        spaces of an instruction do not fit; or if a sum over lanes is not said to be one.
    """
    sizes = groups.cells, groups.rows
    written = [np.zeros(size, bool) for size in sizes]
    leaves = [(UNIFORM, cell) for cell in groups.constants]
    leaves += [(LANES, row) for row in groups.ones]
    leaves += [*groups.inputs, *((UNIFORM, cell) for cell in groups.parameters.tolist())]
    for space, slot in leaves:
        _in_range(Slots(space, np.array([slot])), sizes, "a leaf")
        if written[space][slot]:
            raise ProgramError(f"two leaves are in one slot, {slot}")
        written[space][slot] = True
    for k, one in enumerate(groups.body):
        what = f"instruction {k}"
        parts = one.steps if isinstance(one, Expression) else (one,)
        for part in parts:
            _check_fit(part, what)
            reads = part.operands if isinstance(one, Expression) else part.reads()  # type: ignore[union-attr]
            for slots in reads:
                _in_range(slots, sizes, what)
                if not written[slots.space][slots.at].all():
                    raise ProgramError(f"{what} reads a slot before it is written")
            _write(part.out, written, sizes, what)
    for space, slot, *_ in [*groups.results, *groups.gradients, *groups.guards]:
        if not 0 <= slot < sizes[space] or not written[space][slot]:
            raise ProgramError(f"slot {slot} is asked for, and never written")
    return groups


def _write(out: Slots, written: list[Array], sizes: tuple[int, int], what: str) -> None:
    """Note what is written."""
    _in_range(out, sizes, what)
    flat = out.at.reshape(-1)
    if written[out.space][flat].any() or len(np.unique(flat)) < len(flat):
        raise ProgramError(f"{what} writes a slot that was written before")
    written[out.space][flat] = True


def _in_range(slots: Slots, sizes: tuple[int, int], what: str) -> None:
    """Whether slots are there."""
    if slots.space not in (UNIFORM, LANES):
        raise ProgramError(f"{what} has a slot of no space")
    if slots.at.size and not (slots.at.min() >= 0 and slots.at.max() < sizes[slots.space]):
        raise ProgramError(f"{what} has a slot out of range")


def _check_fit(part: Any, what: str) -> None:
    """Whether shapes and spaces belong together."""
    if isinstance(part, Product):
        _check_product(part, what)
        return
    if isinstance(part, Sums):
        ends = np.append(part.starts, len(part.left))
        fits = len(part.starts) == part.out.at.size and (np.diff(ends) > 0).all()
        if not fits or len(part.left) != len(part.right) or ends[0] != 0:
            raise ProgramError(f"{what} has sums of no terms, or halves of products")
        lanes = bool((part.left >= 0).any() or (part.right >= 0).any())
    else:
        if any(x.at.size not in (1, part.out.at.size) for x in part.operands):
            raise ProgramError(f"{what} has operands of another number than it computes")
        lanes = any(x.space == LANES for x in part.operands)
    if part.summed and part.out.space == LANES:
        raise ProgramError(f"{what} keeps a sum over lanes for each lane")
    if lanes and part.out.space == UNIFORM and not part.summed:
        raise ProgramError(f"{what} keeps numbers of lanes in cells")


def _check_product(part: Product, what: str) -> None:
    """Whether the matrices of a product belong together."""
    spaces = _SPACES.get(part.kind, (UNIFORM, LANES, LANES))
    if (part.out.space, part.left.space, part.right.space) != spaces:
        raise ProgramError(f"{what} is a product of other spaces than it says")
    out, left, right = (x.at.shape for x in (part.out, part.left, part.right))
    if part.kind == OF_ROWS:
        fits = left == (*out, *right)
    elif part.kind == OF_CELLS:
        fits = left[1:] == right[:1] and out == left[:1] + right[1:]
    else:
        fits = left[:1] == right[:1] and out == left[1:] + right[1:]
    if not fits or any(x.at.shape != out and x.at.size != 1 for x in part.addends):
        raise ProgramError(f"{what} is a product of matrices whose shapes do not fit")
    if any(x.space > part.out.space for x in part.addends):
        raise ProgramError(f"{what} adds numbers of lanes to cells")
