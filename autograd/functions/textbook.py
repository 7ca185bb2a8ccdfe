"""Formulas as people write them: without the rows that only the rules of other rows use."""

from __future__ import annotations

from typing import Any

from autograd.functions.formulas import Expression


def textbook(term: Any) -> Any:
    """Return a formula with each inner row replaced by what it means, and neutral terms left out.

    Parameters
    ----------
    term : Expression or number

    Examples
    --------
    >>> from autograd import rules
    >>> (rule,) = rules.tanh.rules
    >>> print(rule, "is", textbook(rule))
    sech2(x) is 1 - tanh(x) ** 2
    """
    if not isinstance(term, Expression) or term.primitive is None:
        return term
    row, operands = term.primitive, [textbook(x) for x in term.operands]
    meaning = row.reading or row.definition
    if row.inner and row.arity is not None and not row.predicate and meaning:
        try:
            meant = meaning(*operands)
            own = isinstance(meant, Expression) and meant.primitive is row  # no more to be said
            return meant if own else textbook(meant)
        except TypeError:  # it asks for the size of an operand, which a formula does not have
            return row(*operands)
    if row.inner and row.reading:
        return textbook(row.reading(*operands))
    for i, neutral in enumerate(row.neutral):
        if neutral is not None and _equal(operands[i], neutral):
            return operands[1 - i]
    if row.factors and row.neutral == (1, 1) and any(_equal(x, 0) for x in operands):
        return 0  # of x ** 0, say, where 0 * x ** (-1) would mean nothing at 0
    if row.operator or row.integers:
        return row(*operands)
    return Expression.apply(row, *operands)  # also of numbers alone: log(2) says more than 0.693


def _equal(term: Any, number: int) -> bool:
    """Whether a formula is that number."""
    return not isinstance(term, Expression) and bool(term == number)
