"""Matrices in sums of products: equal rows on the left, equal rows on the right, all pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from autograd.compiler.scalars import Array

FEW = 256  # rows that are looked at one by one
SHORT = 64  # slots of an axis that are
_FACTORS = np.random.default_rng(7).integers(1, 2**62, 1 << 16, dtype=np.int64) | 1


def equal_rows(matrix: Array) -> Array:
    """Return a number for each row of a matrix of integers, equal for equal rows.

    Examples
    --------
    >>> equal_rows(np.array([[1, 2], [3, 4], [1, 2]])).tolist()
    [0, 1, 0]
    """
    if len(matrix) <= FEW:
        rows = matrix[:, 0].tolist() if matrix.shape[1] == 1 else _as_bytes(matrix)
        known = {row: k for k, row in enumerate(dict.fromkeys(rows))}
        return np.array([known[row] for row in rows])
    factors = _FACTORS[np.arange(matrix.shape[1]) % len(_FACTORS)]
    _, first, found = np.unique(
        (matrix * factors).sum(axis=1), return_index=True, return_inverse=True
    )
    found = found.reshape(-1)
    if not (matrix == matrix[first[found]]).all():  # two rows have one hash
        found = np.unique(matrix, axis=0, return_inverse=True)[1].reshape(-1)
    rank = np.full(len(matrix), len(matrix))
    np.minimum.at(rank, found, np.arange(len(matrix)))
    numbers: Array = np.unique(rank[found], return_inverse=True)[1].reshape(-1)
    return numbers


def _as_bytes(matrix: Array) -> list[bytes]:
    """The rows of a matrix."""
    data, size = matrix.tobytes(), matrix.shape[1] * matrix.itemsize
    return [data[at : at + size] for at in range(0, len(data), size)]


def grids(left: Array, right: Array, left_order: Array, right_order: Array) -> Iterator[Array]:
    """Yield what is in sums of products of equal length as full grids, as arrays of their indices.

    In a grid of the shape (T, M) all sums of a row have one row of factors on the right, all of a
    column one on the left. What is in no larger grid is in one that has one row or column.

    Parameters
    ----------
    left, right : array of int, (sums, terms)
        The factors.
    left_order, right_order : array of int
        By what rows and columns are sorted.

    Examples
    --------
    >>> w = np.array([[1, 2], [3, 4], [1, 2], [3, 4]])
    >>> x = np.array([[5, 6], [5, 6], [7, 8], [7, 8]])
    >>> [grid.tolist() for grid in grids(w, x, np.arange(4), np.arange(4))]
    [[[0, 1], [2, 3]]]
    """
    of_left = equal_rows(left)
    if (right == right[0]).all() and len({*of_left.tolist()}) == len(left):  # times one vector
        yield np.argsort(left_order, kind="stable")[None, :]
        return
    of_right = equal_rows(right)
    order = np.lexsort((left_order, right_order, of_right))
    rows = int(of_right.max()) + 1
    if len(order) % rows == 0:  # as mostly: all of them are one grid
        whole = order.reshape(rows, -1)
        down, across = of_right[whole], of_left[whole]
        one = (down == down[:, :1]).all() and (across == across[0]).all()
        if one and len({*across[0].tolist()}) == whole.shape[1]:
            yield whole[np.argsort(right_order[whole[:, 0]], kind="stable")]
            return
    cuts = np.flatnonzero(np.diff(of_right[order])) + 1
    meeting: dict[tuple[int, ...], list[Array]] = defaultdict(list)
    for group in np.split(order, cuts):
        lefts = tuple(of_left[group].tolist())
        if len({*lefts}) < len(lefts):  # one product twice
            for single in group:
                yield np.array([[single]])
            continue
        meeting[lefts].append(group)
    for groups in meeting.values():
        groups.sort(key=lambda group: int(right_order[group[0]]))
        yield np.stack(groups)


def stride_of(slots: Array) -> int | None:
    """Return the distance of slots that lie at equal distances, else None.

    Examples
    --------
    >>> stride_of(np.array([3, 5, 7])), stride_of(np.array([3, 5, 8])), stride_of(np.array([4]))
    (2, None, 1)
    """
    if len(slots) == 1:
        return 1
    first, stride = int(slots[0]), int(slots[1] - slots[0])
    if len(slots) <= SHORT and stride:  # which Python's lists take less time for
        same = slots.tolist() == [*range(first, first + stride * len(slots), stride)]
        return stride if same else None
    if int(slots[-1]) - first != stride * (len(slots) - 1):
        return None
    return stride if (slots[1:] - slots[:-1] == stride).all() else None


def strides_of(slots: Array) -> tuple[int, ...] | None:
    """Return the distances along each axis of an array of slots, or None where they differ.

    Examples
    --------
    >>> strides_of(np.array([[3, 4], [13, 14]])), strides_of(np.array([[3, 4], [13, 15]]))
    ((10, 1), None)
    """
    if slots.ndim == 1:
        stride = stride_of(slots)
        return None if stride is None else (stride,)
    along = stride_of(slots[0])
    if along is None or len(slots) == 1:
        return None if along is None else (1, along)
    down = int(slots[1, 0] - slots[0, 0])
    return (down, along) if (slots[1:] - slots[:-1] == down).all() else None
