"""Derivatives inside of a trace: the rules of the table, run on traced Values.

They go through the part of the program that lies between variables and outputs, in the order of
the sweep. A choice keeps both branches in a program: what flows to a scalar that is computed for
one branch alone flows where that is taken, and is 0 where it is not, whatever is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add, or_
from typing import Any

from autograd.compiler.codes import LITERAL, ROWS
from autograd.compiler.traced import Condition
from autograd.functions import rules

_ALWAYS = None  # the condition under which something is needed that is needed in every case


class _Part:
    """The part of a trace between variables and outputs: which scalars depend on a variable."""

    def __init__(self, trace: Any, leaves: Sequence[Any], outputs: Sequence[Any]) -> None:
        self.trace, self.starts, self.operands = trace, trace.starts(), trace.operands
        self.first = min([x.index for x in leaves], default=0)
        self.roots = [trace.operand(x) for x in outputs]
        last = max(self.roots, default=-1)
        self.moves = bytearray(max(last + 1 - self.first, 0))
        for leaf in leaves:
            if leaf.index <= last:
                self.moves[leaf.index - self.first] = 1
        self.leaves = {x.index for x in leaves}
        for i in range(self.first, last + 1):
            if not self.moves[i - self.first] and any(map(self.moving, self.of(i))):
                self.moves[i - self.first] = 1

    def of(self, i: int) -> Any:
        """The operands of a scalar."""
        return self.operands[self.starts[i] : self.starts[i + 1]]

    def moving(self, i: int) -> bool:
        """Whether a scalar depends on a variable."""
        return i >= self.first and bool(self.moves[i - self.first])

    def order(self) -> list[int]:
        """The scalars that outputs are computed from, parents first, as a sweep goes."""
        order: list[int] = []
        seen = set(self.leaves)
        stack = [iter(self.roots)]
        nodes: list[int] = []
        while stack:
            for i in stack[-1]:
                if self.moving(i) and i not in seen:
                    seen.add(i)
                    nodes.append(i)
                    stack.append(iter(self.of(i)))
                    break
            else:
                stack.pop()
                if nodes:
                    order.append(nodes.pop())
        return order

    def partials(self, i: int) -> Iterator[tuple[int, int, Any]]:
        """The moving operands of a scalar that something flows to: place, scalar and partial."""
        row: Any = ROWS[self.trace.codes[i]]
        if row.predicate or row in (rules.held, rules.largest):
            return
        if row.chooses:
            yield from ((k, j, 1) for k, j in enumerate(self.of(i)) if k and self.moving(j))
            return
        operands = [
            self.trace.literals[j] if self.trace.codes[j] == LITERAL else self.trace.value(j)
            for j in self.of(i)
        ]
        operands[: row.integers] = map(int, operands[: row.integers])
        active = [k for k, j in enumerate(self.of(i)) if self.moving(j)]
        found = row.partials_by(active, operands, self.trace.value(i))
        for k, partial in zip(active, found, strict=True):
            yield k, self.of(i)[k], partial


def gradient(
    trace: Any, outputs: Sequence[Any], seeds: Sequence[Any], leaves: Sequence[Any]
) -> list[Any]:
    """Return the gradient of the sum of seed * output by variables, written down in a trace."""
    part = _Part(trace, leaves, outputs)
    terms: dict[int, list[Any]] = {}
    needed: dict[int, Any] = {}  # under which condition, if not always
    for root, seed in zip(part.roots, seeds, strict=True):
        terms.setdefault(root, []).append(seed)
        needed[root] = _ALWAYS
    for i in reversed(part.order()):
        if i not in terms:
            continue
        adjoint, when = reduce(add, terms[i]), needed[i]
        choice = _condition(trace, part, i)
        for k, j, partial in part.partials(i):
            flowing, then = when, _times(partial, adjoint)
            if choice is not None:
                flowing = _both(when, choice if k == 1 else rules.equal(choice, 0.0))
            if flowing is not _ALWAYS:
                then = rules.where(flowing, then, 0.0)
            terms.setdefault(j, []).append(then)
            needed[j] = flowing if j not in needed else _either(needed[j], flowing)
    # As in eager, which begins to add up with 0, no gradient is -0.0.
    found = [0.0 + reduce(add, terms[x.index]) if x.index in terms else 0.0 for x in leaves]
    return [trace.value(trace.operand(x)) for x in found]


def pushed(
    trace: Any, outputs: Sequence[Any], directions: Sequence[Any], leaves: Sequence[Any]
) -> list[Any]:
    """Return the tangents of outputs where variables move along directions, written down."""
    part = _Part(trace, leaves, outputs)
    pairs = zip(leaves, directions, strict=True)
    tangents = {x.index: t for x, t in pairs if not _is_zero(t)}
    for i in part.order():
        choice = _condition(trace, part, i)
        if choice is not None:
            _, yes, no = part.of(i)
            if yes in tangents or no in tangents:
                tangents[i] = rules.where(choice, tangents.get(yes, 0.0), tangents.get(no, 0.0))
            continue
        found = [
            _times(partial, tangents[j]) for _, j, partial in part.partials(i) if j in tangents
        ]
        if found:
            tangents[i] = rules.sum(found) if len(found) > 1 else found[0]
    return [trace.value(trace.operand(tangents.get(i, 0.0))) for i in part.roots]


def _condition(trace: Any, part: _Part, i: int) -> Any:
    """The condition of a scalar that is a choice; None of any other."""
    is_choice = ROWS[trace.codes[i]] is rules.where
    return trace.value(part.of(i)[0], Condition) if is_choice else None


def _times(partial: Any, adjoint: Any) -> Any:
    """A product, where one of its factors may be the number 1."""
    if _is_one(partial):
        return adjoint
    return partial if _is_one(adjoint) else partial * adjoint


def _is_one(x: Any) -> bool:
    return isinstance(x, (int, float)) and x == 1


def _is_zero(x: Any) -> bool:
    return isinstance(x, (int, float)) and x == 0


def _both(when: Any, taken: Any) -> Any:
    """The conjunction of two conditions."""
    return taken if when is _ALWAYS else when & taken


def _either(x: Any, y: Any) -> Any:
    """The disjunction of two conditions, one of which may be no condition at all."""
    if x is _ALWAYS or y is _ALWAYS:
        return _ALWAYS
    return x if x.index == y.index else or_(x, y)
