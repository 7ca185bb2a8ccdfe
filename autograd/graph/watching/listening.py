"""Listeners: who is told of every node that is built and of every comparison."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from autograd.graph.modes import MODES, Block

Answer = TypeVar("Answer")


class Listener(Protocol):
    """What `listening` tells; a program that is traced, or a page that shows what was compared."""

    def built(self, node: Any, operands: tuple[Any, ...]) -> None:
        """See a new node, and all its operands: of a choice the one that was not taken, too."""

    def compared(self, sign: str, x: Any, y: Any, answer: Any) -> None:
        """See a comparison, "bool" for a truth value (whose y is None), and what it answered."""


def listening(listener: Listener) -> Block:
    """Tell a listener what this thread or task builds and compares, for a `with` block.

    Examples
    --------
    >>> from autograd import Value
    >>> class Told(list):
    ...     def built(self, node, operands):
    ...         self.append(node.op.sign)
    ...     def compared(self, sign, x, y, answer):
    ...         self.append((x.data, sign, y, answer))
    >>> told = Told()
    >>> x = Value(2.0)
    >>> with listening(told):
    ...     y = x * x if x > 1 else -x
    >>> told
    [(2.0, '>', 1, True), '*']
    """
    return Block(lambda: lambda modes: modes._replace(listener=listener), "listening")


def compared(sign: str, x: Any, y: Any, answer: Answer) -> Answer:
    """Tell who listens of a comparison; return its answer, or what a trace has in its place."""
    *_, listener, trace = MODES.get()
    if trace is not None:
        told: Answer = trace.compared(sign, x, y, answer)
        return told
    if listener is not None:
        listener.compared(sign, x, y, answer)
    return answer
