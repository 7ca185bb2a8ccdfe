"""A row of ones below the rows that a matrix multiplies: what is added to the product is one more
column of the matrix, and its gradient, a sum over the lanes, one more of another product.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.codes import CODES, PAIRS
from autograd.compiler.lanes.given import Span
from autograd.compiler.lanes.groups import (
    LANES,
    OF_CELLS,
    OF_ROWS,
    UNIFORM,
    Array,
    Expression,
    Groups,
    Instruction,
    Product,
    Slots,
    Step,
)
from autograd.compiler.lanes.reusing import read, renumbered

HELD = CODES["held"]


def with_ones(groups: Groups) -> Groups:
    """Return groups in which the addend of a product is a column of its matrix, where it lies so.

    Examples
    --------
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> names = ["input", "input"] + ["parameter"] * 6 + ["tanh", "tanh", "literal"]
    >>> program = Program.of(
    ...     [CODES[name] for name in [*names, "pairs", "pairs"]],
    ...     [0, 1, 2, 8, 3, 9, 4, 10, 5, 8, 6, 9, 7, 10], counts={11: 6, 12: 6},
    ...     literals=[1.0], results=[11, 12],
    ... )
    >>> print(with_ones(roll(program, [True, True])))
    groups of 2 instructions on 7 cells and 7 rows:
        rows[4] = 1.0
        rows[2:4] = tanh(rows[0:2])
        rows[5:7] = cells[2x3 from 0 by 3, 1] @ rows[2:5]
    """
    inputs = {slot for space, slot in groups.inputs if space == LANES}
    widths: dict[Span, int] = {}
    for one in groups.body:
        if isinstance(one, Product) and any(_is_column(one, x) for x in one.addends):
            span = _span(one.right.at.reshape(-1))
            if span is not None:
                widths[span] = max(widths.get(span, 0), one.out.at.size)
    given = {span for span in widths if not inputs.isdisjoint(range(*span))}
    copied = [span for span in given if span[1] - span[0] <= widths[span]]  # else it costs more
    views = _views(groups) if len(given) < len(widths) else []
    kept = [x for x in widths if x not in given and not any(a < x[1] <= b for a, b in views)]
    if not (copied or kept):
        return groups
    groups, places = _inserting(groups, sorted(kept))
    groups = _copying(groups, sorted(copied), places)
    return groups.with_(body=_extended(groups, places))


def _is_column(one: Product, addend: Slots) -> bool:
    """Whether an addend is what would be the next column of the matrix."""
    matrix, at = one.left.at, addend.at.reshape(-1)
    return bool(
        one.kind == OF_ROWS
        and addend.space == UNIFORM
        and at.size == len(matrix)
        and (at == matrix[:, -1] + 1).all()
        and one.left.strides is not None
        and one.left.strides[1] == 1
    )


def _span(rows: Array) -> Span | None:
    """The first row and the one after the last, of rows one after the other."""
    first, count = int(rows[0]), len(rows)
    return (first, first + count) if (rows == np.arange(first, first + count)).all() else None


def _views(groups: Groups) -> list[Span]:
    """The first and the last row of all that is read or written at once."""
    parts: list[Any] = [part for one in groups.body for part in getattr(one, "steps", (one,))]
    return [
        x.span
        for part in parts
        for x in (part.out, *read(part))
        if x.space == LANES and x.at.size > 1
    ]


def _inserting(groups: Groups, spans: list[Span]) -> tuple[Groups, dict[Span, Span]]:
    """A row of ones inserted below each of some spans, and those of them by what they were."""
    ends = np.array([end for _, end in spans], np.int64)
    moved = np.arange(groups.rows) + np.searchsorted(ends, np.arange(groups.rows), "right")
    groups = renumbered(groups, moved, groups.rows + len(ends))
    found = [(int(moved[a]), int(moved[b - 1]) + 2) for a, b in spans]
    ones = groups.ones + tuple(end - 1 for _, end in found)
    return groups.with_(ones=ones), {(a, b - 1): (a, b) for a, b in found}


def _copying(groups: Groups, spans: list[Span], places: dict[Span, Span]) -> Groups:
    """Copies of rows that have to stay where they are, each above a row of ones."""
    rows, copies, ones = groups.rows, list[Instruction](), groups.ones
    for a, b in spans:
        at = np.arange(rows, rows + b - a)
        step = Step(HELD, (), Slots(LANES, at), (Slots(LANES, np.arange(a, b)),))
        copies.append(Expression((step,)))
        places[a, b] = rows, rows + b - a + 1
        rows += b - a + 1
        ones += (rows - 1,)
    return groups.with_(rows=rows, ones=ones, body=[*copies, *groups.body])


def _extended(groups: Groups, places: dict[Span, Span]) -> list[Instruction]:
    """The instructions, of which products read the rows of ones."""
    body: list[Instruction | None] = list(groups.body)
    totals = {key: k for k, one in enumerate(body) if (key := _total_of(one, groups)) is not None}
    for k, one in enumerate(body):
        if not isinstance(one, Product) or one.kind == OF_CELLS:
            continue
        place = places.get(_span(one.right.at.reshape(-1)) or (0, 0))
        if place is None:
            continue
        rows = np.arange(*place)
        if one.kind == OF_ROWS:
            column = next((x for x in one.addends if _is_column(one, x)), None)
            if column is not None:
                more = tuple(x for x in one.addends if x is not column)
                left = Slots(UNIFORM, _beside(one.left.at, column.at.reshape(-1)))
                body[k] = one._replace(left=left, right=Slots(LANES, rows), addends=more)
        elif one.left.at.shape[0] == 1:
            sums = one.out.at[:, -1] + 1
            total = totals.get((one.left.at.tobytes(), sums.tobytes()))
            out = Slots(UNIFORM, _beside(one.out.at, sums))
            if total is not None and out.strides is not None:
                body[total] = None
                body[k] = one._replace(out=out, right=Slots(LANES, rows[None, :]))
    return [one for one in body if one is not None]


def _beside(matrix: Array, column: Array) -> Array:
    """A matrix with one more column."""
    return np.concatenate([matrix, column[:, None]], axis=1)


def _total_of(one: Any, groups: Groups) -> tuple[bytes, bytes] | None:
    """Of a step that sums rows over the lanes these rows, and where the sums go."""
    if not isinstance(one, Expression) or len(one.steps) > 1:
        return None
    step = one.steps[0]
    if not step.summed or step.code != PAIRS or len(step.operands) != 2:
        return None
    factor, rows = step.operands
    plain = factor.space == UNIFORM and factor.at.size == 1 and rows.space == LANES
    if not plain or rows.at.size != step.out.at.size:
        return None
    if groups.constants.get(int(factor.at.reshape(-1)[0])) != 1.0:
        return None
    return rows.at.reshape(-1).tobytes(), step.out.at.reshape(-1).tobytes()
