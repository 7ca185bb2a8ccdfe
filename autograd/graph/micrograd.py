"""micrograd's private names on Value, which programs that draw or teach with it read.

They are read-only views of what a node holds anyway, and cost a node nothing. What would cut a
gradient off in silence is refused: a node made by hand of its children, a `_backward` assigned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_REMEDY = (
    "compute with operators and functions, as in x.log(), or declare an elementary function of "
    "your own with @primitive"
)


def _read_only(name: str, value: Any) -> None:
    raise AttributeError(
        f"{name} cannot be assigned ({value!r}): a Value's partial derivatives come from the "
        f"operation that made it; {_REMEDY}"
    )


def _pass_on(node: Any) -> None:
    """Add partial * gradient to the grad of every parent, as one step of the sweep does."""
    for parent, partial in zip(node.parents, node.partials, strict=True):
        parent.grad += partial * node.grad


def _backward(node: Any) -> Callable[[], None]:
    """The step of the sweep at this node alone: it adds to the grad of every parent."""
    return lambda: _pass_on(node)


prev = property(
    lambda node: node.parents,
    lambda _, value: _read_only("_prev", value),
    doc="The parents, by micrograd's name.",
)
op = property(
    lambda node: node.op.sign if node.op else "",
    lambda _, value: _read_only("_op", value),
    doc="The sign of the operator or the name of the function, as micrograd has it; '' at a leaf.",
)
backward = property(
    _backward, lambda _, value: _read_only("_backward", value), doc=_backward.__doc__
)


def check_leaf(label: Any, children: Any, op: Any) -> str:
    """Return the label of a Value that is made by hand, from micrograd's arguments too.

    Raises
    ------
    TypeError
        If there are children, for nothing would flow to them; or the label is no text.
    """
    if not isinstance(label, str):  # by position it is micrograd's `_children`
        label, children, op = "", label, children or op
    if isinstance(children, str):
        children, op = (), children
    if not (isinstance(children, (tuple, list, set, frozenset)) and isinstance(op, str)):
        raise TypeError(f"the label of a Value is a str; got {children!r}")
    if children:
        raise TypeError(f"a Value made of {children!r} would pass no gradient on: {_REMEDY}")
    if op:
        raise TypeError(f"nothing was computed here for _op to be {op!r}: a name is a label=")
    text: str = label
    return text
