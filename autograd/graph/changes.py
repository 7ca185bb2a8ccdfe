"""Data that was changed after the forward pass, found before it gives a wrong derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, cast

from autograd.functions.calls import Primitive, evaluate
from autograd.graph.node import Node
from autograd.graph.watching.anomaly import described, details


def check_unchanged(node: Node, operands: Sequence[Any], found: Sequence[Any]) -> None:
    """Compare the partials that a differentiable sweep has computed anew with those of the node.

    Operands that give the same partials may yet give other ones of a higher order (tanh' is even);
    so where a partial is a function of the operands the value of the node is compared as well.

    Raises
    ------
    RuntimeError
        If the data of an operand, or of the node, is no longer what the node was computed with.
    """
    partials, op = node.partials, cast("Primitive", node.op)
    if type(partials) is not tuple:
        return  # computed anew at each use: a checkpoint looks at its parents itself
    numbers = tuple([x.data if isinstance(x, Node) else x for x in found])
    if numbers != partials:
        for parent, now, was in zip(node.parents, numbers, partials, strict=True):
            if not same(now, was, not op.opaque):
                refuse(node, f"its partial derivative by {described(parent)}", was, now)
    if not op.opaque and op.curved and any(isinstance(x, Node) for x in found):
        xs = [x.data if isinstance(x, Node) else x for x in operands]
        value = op.forward(*xs) if type(node.data) is float else evaluate(op, xs)
        if value != node.data and not same(value, node.data):
            refuse(node, "its value", node.data, value)


def same(x: Any, y: Any, formulas: bool = True) -> bool:
    """Whether two numbers are one, as far as computing it twice has to give the same bits.

    The digits of a Decimal or an mpf depend on the precision at the time, and partials that are no
    formulas may take another way for Values than for numbers: there six digits have to agree.
    """
    if x == y or (x != x and y != y):
        return True
    if formulas and (isinstance(x, (float, complex)) or hasattr(x, "denominator")):
        return False
    return type(x) is type(y) and bool(abs(x - y) * 10**6 <= max(abs(x), abs(y)))


def check_same_operands(
    name: str, operands: Sequence[Any], parents: Sequence[Node], data: Sequence[Any]
) -> None:
    """Refuse to run a function again for other operands than those that it had, or other data.

    Raises
    ------
    RuntimeError
        If an operand is a copy, which the function does not compute with, or its data has changed.
    """
    if any(x is not parent for x, parent in zip(operands, parents, strict=True)):
        raise RuntimeError(
            f"a copy of {name} has first derivatives only: for higher ones the function runs "
            "again, on the Values that it had and not on their copies; build the graph on those"
        )
    for parent, was in zip(parents, data, strict=True):
        if not same(parent.data, was):
            raise RuntimeError(
                f"data was changed after {name} had been computed: {described(parent)} was "
                f"{was!r}, and the function would run again; build the graph again after changing "
                "data, or change it after the sweep"
            )


def refuse(node: Node, what: str, was: Any, now: Any) -> NoReturn:
    """Raise for a node whose operands or own data were changed."""
    raise RuntimeError(
        f"data was changed after {described(node)} had been computed: {what} was {was!r} and would "
        f"now be {now!r}. Derivatives of any order belong to the data of the forward pass: build "
        f"the graph again after changing data, or change it after the sweep{details(node)}"
    )
