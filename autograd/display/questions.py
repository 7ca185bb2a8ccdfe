"""Questions: the next number of a step, to be predicted, and the usual mistakes by name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.display.contributions import Contribution, Step
from autograd.display.nodes import Node, Ref
from autograd.display.text import number, plain
from autograd.numbers.kinds import is_number

NEAR = 5e-3  # of a number: a mistake that is as near to the answer is none
_CIRCULAR = ("sin", "cos", "tan")
Mistake = tuple[float, str]


def questions(step: Step, nodes: Mapping[int, Node]) -> list[dict[str, Any]]:
    """Return what is asked before a step is shown: the value, or what flows to each operand.

    Parameters
    ----------
    step : Step
    nodes : mapping
        All nodes by key.

    Returns
    -------
    list of dict
        The question as `text`, the `answer`, and `mistakes`: each a number and what it is. Nothing
        where the numbers are not real, or not finite.
    """
    asked = []
    if step.phase == "forward":
        before, _, _ = step.equation.rpartition(" = ")
        asked.append((before, step.node.data, _of_value(step.node, nodes)))
    for each in step.contributions:
        if each.product is not None:
            others = [x for x in step.contributions if x is not each and x.product is not None]
            before, _, _ = each.equation.partition(" = ")
            asked.append((before, each.product, _of_product(each, others)))
    return [
        {"text": plain(f"{text} = ?"), "answer": answer, "mistakes": _named(answer, mistakes)}
        for text, x, mistakes in asked
        if (answer := _float(x)) is not None
    ]


def _of_value(node: Node, nodes: Mapping[int, Node]) -> Iterator[tuple[Any, str]]:
    """What is taken for the value of a node."""
    operands = [nodes[x.key].data if isinstance(x, Ref) else x for x in node.operands]
    if node.op is not None and not node.op.opaque:
        if len(operands) == 2:
            yield _applied(node, operands[::-1]), "that is with the operands the other way round"
        if node.op.name in _CIRCULAR:
            degrees = [math.radians(x) for x in operands if _float(x) is not None]
            yield _applied(node, degrees), "that is with the angle in degrees: it is in radians"
    yield -node.data, "the sign is the other one"
    for x, operand in zip(operands, node.operands, strict=True):
        if isinstance(operand, Ref):
            yield x, f"that is {nodes[operand.key].name}, which goes in"


def _of_product(each: Contribution, others: list[Contribution]) -> Iterator[tuple[Any, str]]:
    """What is taken for the product of a gradient and a local derivative."""
    gradient, partial = number(each.gradient), number(each.partial)
    yield each.partial, f"that is the local derivative; multiply by {gradient}"
    yield each.gradient, f"that is the gradient of the node; multiply by {partial}"
    yield each.after, f"that is the sum with {number(each.before)}; asked is what is added to it"
    yield each.partial + each.gradient, "the two are multiplied, not added"
    yield -each.product, "the sign is the other one"
    for other in others:
        yield other.product, f"that is what flows to {other.parent.name}"


def _applied(node: Node, operands: list[Any]) -> Any:
    """The row of a node of other operands, if it has a value there."""
    op: Any = node.op
    try:
        return op(operands) if op.arity is None else op(*operands)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _named(answer: float, mistakes: Iterator[tuple[Any, str]]) -> list[Mistake]:
    """The mistakes that are another number than the answer, and than each other."""
    found: list[Mistake] = []
    for x, text in mistakes:
        wrong = _float(x)
        if wrong is not None and not any(_near(wrong, y) for y in (answer, *(y for y, _ in found))):
            found.append((wrong, plain(text)))
    return found


def _near(x: float, y: float) -> bool:
    """Whether a learner's number is taken for another one."""
    return abs(x - y) <= NEAR * max(abs(x), abs(y))


def _float(x: Any) -> float | None:
    """A finite real number as a float."""
    if not is_number(x) or isinstance(x, complex):
        return None
    try:
        return float(x) if math.isfinite(float(x)) else None
    except (OverflowError, TypeError, ValueError):
        return None
