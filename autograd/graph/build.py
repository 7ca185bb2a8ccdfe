"""Building: a row applied to Values and numbers of any kind becomes a node."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from operator import countOf
from typing import Any

from autograd.functions.calls import Primitive, evaluate
from autograd.functions.operand import can_be_joined, highest
from autograd.graph.crossing import Crossing
from autograd.graph.modes import MODES, OPEN
from autograd.graph.node import Node, leaf_of, number_of, remembered
from autograd.graph.watching.anomaly import blame_forward
from autograd.numbers.kinds import convert, is_number, unify, untrapped
from autograd.numbers.libraries import is_complex


def operate(row: Primitive, x: Any, y: Any) -> Any:
    """Apply a binary operator; NotImplemented, for arrays and the like, lets the other side try."""
    if not (can_be_joined(row, x) and can_be_joined(row, y)):
        return NotImplemented
    foremost = highest((x, y))
    return build(row, (x, y)) if isinstance(foremost, Node) else foremost.apply(row, x, y)


def build(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a row to Values and numbers of any kind: the general path, which has every case."""
    if OPEN and (trace := MODES.get().trace) is not None:
        return trace.written(row, operands)
    floats = [] if row.arity else _floats(operands)
    if floats:
        out = row.forward(*floats)
        partials = tuple(map(float, row.partials(*floats, out=out)))
        node = remembered(type(operands[0]), row, out, operands, operands, partials)
        return in_open_modes(node) if OPEN else node
    for x in operands[row.integers :]:
        if not (isinstance(x, Node) or is_number(x)):
            if hasattr(x, "__array__"):
                return row(*operands)
            raise TypeError(f"{row.name} takes numbers and Values; got {x!r} ({type(x).__name__})")
    numbers = [number_of(x) for x in operands]
    if row.predicate:
        return evaluate(row, numbers)
    kind, numbers[row.integers :] = unify(numbers[row.integers :])
    out = evaluate(row, numbers)
    given: Any = operands
    if row.chooses:  # what is not taken is but a number: nothing flows there, and nothing is kept
        taken = 1 if operands[0] else 2
        operands = tuple([x if i == taken else number_of(x) for i, x in enumerate(operands)])
    active = [i for i, x in enumerate(operands) if isinstance(x, Node)]
    node = leaf_of(class_of(given), out)
    node.op, node.operands = row, operands
    every = len(active) == len(operands)
    node.parents = operands if every else tuple([operands[i] for i in active])
    if not OPEN or MODES.get().remembers:
        node.partials = _partials(row, active, kind, numbers, out)
    return in_open_modes(node, given) if OPEN else node


def _floats(operands: Sequence[Any]) -> list[float]:
    """The floats of operands that are all Values of one class, of floats; else none."""
    kind = type(operands[0]) if operands else float
    if countOf(map(type, operands), kind) < len(operands) or not issubclass(kind, Node):
        return []
    numbers = [x.data for x in operands]
    return numbers if countOf(map(type, numbers), float) == len(numbers) else []


def class_of(operands: Sequence[Any]) -> type[Any]:
    """Return the class of a node: that of its operands, of the first that is of a subclass."""
    kind: type[Any] = Node
    for x in operands:
        kind = type(x) if isinstance(x, kind) else kind
    return kind


def _of_floats(row: Primitive, active: list[int], xs: list[float], out: float) -> Sequence[Any]:
    """The partials by some float operands; of three operands by the rules written out."""
    if row.arity == 3 and not (row.opaque or row.integers):
        with suppress(ArithmeticError, ValueError):  # the general path knows what IEEE 754 answers
            every = row.partials_of_floats(*xs, out)
            return [every[i] for i in active]
    return row.partials_by(active, xs, out)


def _partials(
    row: Primitive, active: list[int], kind: type, numbers: list[Any], out: Any
) -> tuple[Any, ...]:
    """The partials by some operands."""
    if kind is float:
        return tuple([float(x) for x in _of_floats(row, active, numbers, out)])
    over_complex = is_complex(kind)
    with untrapped(kind):
        found = row.partials_by(active, numbers, out, over_complex)
        partials = tuple([convert(partial, kind) for partial in found])
    crosses = row.conjugates or not is_complex(type(out))
    return Crossing(partials) if over_complex and crosses else partials


def in_open_modes(node: Any, given: tuple[Any, ...] | None = None) -> Any:
    """Do with a new node what the modes that are open for this thread or task ask for.

    `given` are the operands, where those of the node are not all that it was computed from.
    """
    remembers, recorder, watched, made, listener, trace = MODES.get()
    if trace is not None:
        return trace.written(node.op, node.operands if given is None else given)
    if made is not None:
        made[node] = None
    if recorder is not None:
        node._notes = recorder.note(sys._getframe(2))
        if watched:
            blame_forward(node)
    if listener is not None:
        listener.built(node, node.operands if given is None else given)
    return node if remembers else leaf_of(type(node), node.data)
