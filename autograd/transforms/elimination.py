"""Systems of linear equations of numbers or Values of any type."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Any, NamedTuple

from autograd.graph.node import number_of
from autograd.graph.watching.anomaly import is_finite

Numbers = list[Any]
Matrix = list[Numbers]


class ConvergenceError(ArithmeticError):
    """No solution was found; the message tells the steps taken, what was left, and the remedy."""

    __module__ = "autograd"  # as tracebacks name it


class Factors(NamedTuple):
    """A matrix as L @ U, its rows in another order."""

    order: list[int]  # of the rows
    lower: Matrix  # L, each row as far as to the diagonal of ones
    upper: Matrix  # U, each row from the diagonal on

    def solution(self, right: Numbers) -> Numbers:
        """Return the x at which matrix @ x = right."""
        y: Numbers = []
        for i, row in zip(self.order, self.lower, strict=True):
            y.append(right[i] - sum(map(mul, row, y)))
        x: Numbers = []
        for b, row in zip(reversed(y), reversed(self.upper), strict=True):
            x.append((b - sum(map(mul, row[:0:-1], x))) / row[0])
        return x[::-1]

    def inverse(self) -> Matrix:
        """Return the inverse of the matrix."""
        n = len(self.order)
        columns = [self.solution([int(i == k) for k in range(n)]) for i in range(n)]
        return [*map(list, zip(*columns, strict=True))]


def factored(matrix: Matrix, order: Sequence[int] = ()) -> Factors:
    """Return the factors of a matrix of numbers or Values: elimination with partial pivoting.

    An int 0 stands for what is 0 everywhere, and stays one where it can.

    Parameters
    ----------
    matrix : list of lists of number or Value
    order : sequence of int, optional
        The order of the rows, where it is not to be that of the largest pivots.

    Raises
    ------
    ConvergenceError
        If the matrix is singular, or not finite.
    """
    if not all(is_finite(a) for row in matrix for a in row):
        raise ConvergenceError("the Jacobian is not finite: start elsewhere")
    rows, places = [*map(list, matrix)], list(range(len(matrix)))
    lower: Matrix = [[] for _ in rows]
    for k in range(len(rows)):
        if order:
            pivot = places.index(order[k])
        else:
            pivot = max(range(k, len(rows)), key=lambda i: abs(number_of(rows[i][0])))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        lower[k], lower[pivot] = lower[pivot], lower[k]
        places[k], places[pivot] = places[pivot], places[k]
        first, *found = rows[k]
        if not abs(number_of(first)) > 0:
            raise ConvergenceError(
                "the Jacobian is singular: the solution does not depend smoothly on what f is "
                "given; start elsewhere"
            )
        there = [j for j, b in enumerate(found) if type(b) is not int]
        sparse = len(there) < len(found)
        for i in range(k + 1, len(rows)):
            a, *rest = rows[i]
            factor = 0 if type(a) is int else a / first
            lower[i].append(factor)
            if type(a) is int:
                pass
            elif sparse:
                for j in there:
                    rest[j] -= factor * found[j]
            else:
                rest = [a - factor * b for a, b in zip(rest, found, strict=True)]
            rows[i] = rest
    return Factors(places, lower, rows)
