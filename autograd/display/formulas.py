"""Local derivatives as formulas, made from the rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd import rules
from autograd.display.graph import Node, Ref
from autograd.display.text import formula
from autograd.primitives import Expression, written

MOST_OPERANDS = 40  # of a node whose derivatives are written out; each may name every operand


def local_derivatives(node: Node, names: Mapping[int, str]) -> tuple[list[str], list[str]]:
    """Return a node's derivatives by the operands that are nodes, and what is in them, explained.

    There are none for a function of the user's own, and for one of very many operands.
    """
    op = node.op
    known = op is not None and rules.TABLE.get(op.name) is op
    if op is None or not known or len(node.operands) > MOST_OPERANDS:
        return [], []
    operands = [
        Expression(None, (), names[x.key]) if isinstance(x, Ref) else x for x in node.operands
    ]
    partials = op.partials(*operands, out=Expression(None, (), node.name))
    active = [_textbook(partials[i]) for i, x in enumerate(node.operands) if isinstance(x, Ref)]
    return [written(rule) for rule in active], list(_notes(active))


def _textbook(term: Any) -> Any:
    """A formula with the functions that only rules use replaced by what they are."""
    if not isinstance(term, Expression) or term.primitive is None:
        return term
    row = term.primitive
    operands = [_textbook(x) for x in term.operands]
    if row.name in rules.PUBLIC or row.arity is None or row.predicate or row.definition is None:
        return row(*operands)
    try:
        return _textbook(row.definition(*operands))
    except TypeError:  # it asks for the size of an operand, which a formula does not have
        return row(*operands)


def _notes(formulas: Sequence[Any]) -> Iterator[str]:
    """What the functions are that only rules use, each once."""
    told = set()
    stack = list(reversed(formulas))
    while stack:
        term = stack.pop()
        if isinstance(term, Expression) and term.primitive is not None:
            row = term.primitive
            if row.name not in rules.PUBLIC and row.name not in told:
                told.add(row.name)
                names = row.operand_names or ("...",)
                yield f"{formula(row, names)}: {row.summary}"
            stack += reversed(term.operands)
