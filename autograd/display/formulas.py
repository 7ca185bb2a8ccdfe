"""Local derivatives as formulas, made from the rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from autograd.display.nodes import Node, Ref
from autograd.display.text import enclosed, formula, number
from autograd.functions.calls import Primitive
from autograd.functions.formulas import Expression
from autograd.functions.printing.text import TEXT
from autograd.functions.textbook import textbook

MOST_OPERANDS = 40  # of a node whose derivatives are written out; each may name every operand


def local_derivatives(
    node: Node, names: Mapping[int, str], numbers: Mapping[int, str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return a node's derivatives by the operands that are nodes, and what is in them, explained.

    Each is given twice: written in `names`, and in `numbers`, both by key. There are none for a
    function of the user's own, and for one of very many operands.
    """
    op = node.op
    if op is None or op.opaque or len(node.operands) > MOST_OPERANDS:
        return [], []
    symbolic, numeric = (_partials(node, op, given) for given in (names, numbers))
    pairs = zip(map(_written, symbolic), map(_written, numeric), strict=True)
    return list(pairs), list(_notes(symbolic))


def _partials(node: Node, op: Primitive, given: Mapping[int, str]) -> list[Any]:
    """The derivatives by the operands that are nodes, each of which is written as it is given."""
    operands = [
        Expression(None, (), enclosed(given[x.key])) if isinstance(x, Ref) else _literal(x, node)
        for x in node.operands
    ]
    partials = op.partials(*operands, out=Expression(None, (), enclosed(given[node.key])))
    return [textbook(partials[i]) for i, x in enumerate(node.operands) if isinstance(x, Ref)]


def _written(rule: Any) -> str:
    """A formula; one that is a literal of the node is written as numbers are everywhere."""
    return number(rule) if isinstance(rule, float) else TEXT(rule)


def _literal(x: Any, node: Node) -> Any:
    """A number in a formula: a name where its type has no order, which formulas ask for.

    Whole numbers among Fractions are such: 1/3 is none of floats.
    """
    if type(x) is int and isinstance(node.data, Fraction):
        return Fraction(x)
    return x if hasattr(x, "__lt__") else Expression(None, (), enclosed(number(x)))


def _notes(formulas: Sequence[Any]) -> Iterator[str]:
    """What the functions are that only rules use, each once."""
    told = set()
    stack = list(reversed(formulas))
    while stack:
        term = stack.pop()
        if isinstance(term, Expression) and term.primitive is not None:
            row = term.primitive
            if row.inner and row.name not in told:
                told.add(row.name)
                names = row.operand_names or ("...",)
                yield f"{formula(row, names)}: {row.summary}"
            stack += reversed(term.operands)
