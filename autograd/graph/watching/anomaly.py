"""detect_anomaly: the first nan or inf is blamed on the operation and the line that made it."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NoReturn

from autograd.graph.modes import Block, Change
from autograd.graph.node import Node
from autograd.graph.watching.recording import Recorder


class AnomalyError(ArithmeticError):
    """A nan or inf came up inside `detect_anomaly`.

    Attributes
    ----------
    node : Value
        The node whose value, or whose contribution to a gradient, is not finite.
    parent : Value or None
        For the backward sweep, the parent that the contribution flowed to.
    root : Value or None
        For the backward sweep, where it began.
    """

    __module__ = "autograd"  # as tracebacks name it

    def __init__(
        self, message: str, node: Node, parent: Node | None = None, root: Node | None = None
    ) -> None:
        super().__init__(message)
        self.node, self.parent, self.root = node, parent, root

    def __reduce__(self) -> tuple[Any, ...]:
        return AnomalyError, (str(self), self.node, self.parent, self.root)

    def explore(self) -> Any:
        """Return the `Explorer` of the graph, which opens where the number came up."""
        explore = import_module("autograd.display.exploring").explore
        root = self.node if self.root is None else self.root  # a root of data 0 is false
        return explore(root, focus=self.node, note=str(self).split("\n")[0])


def detect_anomaly() -> Block:
    """Raise at the first nan or inf, forward or backward, naming what made it.

    The message has the operation, its operands with their labels, and the source line (the block
    records, see `record`); for the backward sweep also the parent that the bad contribution
    flowed to. A sweep inside the block knows the lines of the nodes that were made inside it.
    Where the block holds, and what it decorates, is as for `no_grad`.

    Raises
    ------
    AnomalyError
        In the block, at the operation or in the sweep.

    Examples
    --------
    >>> from autograd import Value, detect_anomaly
    >>> x = Value(0.0, label="x")
    >>> with detect_anomaly():
    ...     y = 1 + x.log()
    Traceback (most recent call last):
    ...
    autograd.AnomalyError: log gave -inf
      operands: x = 0.0
      at ...: y = 1 + x.log()
    """
    return Block(_watching, "detect_anomaly")


def _watching() -> Change:
    """Watch the new nodes; where no block around records them, let a recorder see them."""
    own = Recorder()
    return lambda modes: modes._replace(watched=True, recorder=modes.recorder or own)


def is_finite(number: Any) -> bool:
    """Whether a number, or a Value's number, is neither nan nor infinite."""
    number = getattr(number, "data", number)
    if isinstance(number, float):
        return math.isfinite(number)
    if isinstance(number, complex):
        return cmath.isfinite(number)
    return bool(number == number) and number not in (math.inf, -math.inf)


def blame_forward(node: Node) -> None:
    """Raise if the value of a new node is not finite."""
    if not is_finite(node):
        raise AnomalyError(f"{_name(node)} gave {node.data}{details(node)}", node)


def blame_backward(
    root: Node | None, node: Node, parent: Node, partial: Any, adjoint: Any, contribution: Any
) -> NoReturn:
    """Raise for a contribution to the gradient of `parent` that is not finite."""
    number = [getattr(x, "data", x) for x in (partial, adjoint, contribution)]
    raise AnomalyError(
        f"the backward sweep of {_name(node)} gave {number[2]} = {number[0]} * {number[1]} "
        f"(partial derivative * gradient of the node) for the gradient of {described(parent)}"
        f"{details(node)}",
        node,
        parent,
        root,
    )


def blame_sum(root: Node | None, value: Node, contributions: list[Any], adjoint: Any) -> NoReturn:
    """Raise for finite contributions whose sum is not."""
    terms = " + ".join(str(getattr(x, "data", x)) for x in contributions)
    raise AnomalyError(
        f"the contributions to the gradient of {described(value)} add up to "
        f"{getattr(adjoint, 'data', adjoint)} = {terms}{details(value)}",
        value,
        root=root,
    )


def refuse_containers(values: Iterable[Node]) -> None:
    """Raise if what one of some Values holds in `grad` is a container, which no sweep put there."""
    for value in values:
        kind = type(value.grad)
        if issubclass(kind, (list, tuple, dict, set)):
            raise TypeError(
                f"the grad of {described(value)} is a {kind.__name__}, where a number or a Value "
                "is expected: set it back with zero_grad()"
            )


def _name(node: Node) -> str:
    """The name of the operation of a node."""
    return node.op.name if node.op is not None else "a leaf"


def described(x: Any) -> str:
    """An operand as its label, or its operation, and its number."""
    if not isinstance(x, Node):
        return repr(x)
    from autograd.lines import line  # not before there is something to say

    name = line(x.label, 80) or (f"({x.op.name})" if x.op is not None else "(a leaf)")
    return f"{name} = {x.data!r}"


def details(node: Node) -> str:
    """The operands and the source line of a node."""
    lines = [f"\n  operands: {', '.join(map(described, node.operands))}"] * bool(node.operands)
    origin = node.origin
    if origin is not None:
        place = f"{origin.filename}:{origin.line}, in {origin.function}"
        lines += [f"\n  in the modules {' > '.join(name for name, _ in origin.path)}"] * bool(
            origin.path
        )
        lines += [f"\n  at {place}: {origin.source}"]
    return "".join(lines)
