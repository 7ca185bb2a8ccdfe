"""Copies and pickles of graphs: node by node, so that depth is no limit.

A deep copy is independent of the original: no gradient flows from one to the other. But while a
transform runs, what depends on its variables stands for a function of them: a copy of it is one
more node, so that no derivative is lost, and a pickle of it is refused.
"""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Iterator
from types import FrameType, MemberDescriptorType
from typing import Any, TypeVar

from autograd.functions import rules
from autograd.graph.modes import OPEN, tracing
from autograd.graph.node import Node, Notes, leaf_of, remembered
from autograd.graph.order import ancestry
from autograd.graph.variables import VARIABLES, noticed
from autograd.graph.watching.anomaly import refuse_containers

Kind = TypeVar("Kind", bound=Node)

_OURS = "autograd.graph.value"  # the module of Value, whose fields are copied one by one
_thread = threading.local()


def detach(value: Kind) -> Kind:
    """Return a leaf with the same data: no gradient flows through it."""
    if (trace := tracing()) is not None:
        return trace.written(rules.held, (value,))  # type: ignore[no-any-return]
    leaf: Kind = leaf_of(type(value), value.data)
    leaf.label = value.label
    return leaf


def shallow_copy(value: Node) -> Node:
    """Return a Value with the same parents, data, grad and label; hooks are not copied."""
    if tracing() is not None:
        return detach(value)
    if value in VARIABLES:
        return _passed_on(value)
    new = _like(value, value.parents, value.operands)
    if OPEN or VARIABLES:
        noticed(new)
    return new


def _like(value: Kind, parents: tuple[Any, ...], operands: tuple[Any, ...]) -> Kind:
    """A copy that was computed from others."""
    kind = type(value)
    new: Kind = remembered(kind, value.op, value.data, operands, parents, value.partials)
    new.grad = value.grad
    if getattr(value, "_notes", ""):
        new._notes = Notes(value.label, value.origin)
    if added := _added(value):
        _add(new, added)
    return new


def _added(value: Node) -> dict[str, Any]:
    """What a subclass has besides: attributes, and what is in slots of its own."""
    kind = type(value)
    if kind.__module__ == _OURS:
        return {}
    found = dict(getattr(value, "__dict__", ()))
    for base in kind.__mro__:
        if base.__module__ == _OURS:
            break
        for name, member in vars(base).items():
            if isinstance(member, MemberDescriptorType) and hasattr(value, name):
                found[name] = getattr(value, name)
    return found


def _add(new: Node, added: dict[str, Any]) -> None:
    """Give a copy what a subclass has besides, as it is, past properties and `__setattr__`."""
    for name, what in added.items():
        if isinstance(getattr(type(new), name, None), MemberDescriptorType):
            object.__setattr__(new, name, what)
        else:
            vars(new)[name] = what


def _passed_on(value: Node) -> Node:
    """A node of its own for the same number."""
    new: Node = value.apply(rules.positive, value)
    if value.label:
        new.label = value.label
    return new


def _moving(values: list[Node]) -> set[Node]:
    """Those of some Values, each after its parents, that a running transform moves."""
    moving: set[Node] = set()
    for node in values if VARIABLES else ():
        if node in VARIABLES or not moving.isdisjoint(node.parents):
            moving.add(node)
    return moving


def deep_copy(value: Node, memo: dict[int, Any]) -> Node:
    """Return a copy of the whole graph below a Value, for `copy.deepcopy`."""
    if tracing() is not None:
        return detach(value)
    copied = []
    values = with_gradients(value)
    refuse_containers(values)
    moving = _moving(values)
    for node in values:
        if id(node) not in memo and node not in moving:
            parents, operands = node.parents, node.operands
            copies = tuple([memo[id(parent)] for parent in parents])
            same = len(parents) == len(operands)  # the C twin makes a tuple at each look
            given = copies if same else tuple([memo.get(id(x), x) for x in operands])
            new = memo[id(node)] = _like(node, copies, given)
            if added := _added(new):
                _add(new, copy.deepcopy(added, memo))
            if OPEN or VARIABLES:
                noticed(new)
            copied.append(new)
    for new in copied:  # only now: a gradient may be a Value that was computed from the node
        if isinstance(grad := new.grad, Node):
            new.grad = _passed_on(grad) if grad in moving else memo.get(id(grad), grad)
    copied_root: Node = _passed_on(value) if value in moving else memo[id(value)]
    return copied_root


def with_gradients(root: Node) -> list[Node]:
    """Return the ancestry of a Value, and those of the gradients in it that are Values.

    Each Value comes after its parents.
    """
    found: dict[Node, None] = {}
    roots = [root]
    for member in roots:  # it grows
        if member not in found:
            new = [value for value in ancestry(member) if value not in found]
            found.update(dict.fromkeys(new))
            roots += [value.grad for value in new if isinstance(value.grad, Node)]
    return list(found)


def reduced(value: Node) -> tuple[Any, ...]:
    """What pickle stores of a Value: its own fields, or first all that it was computed from."""
    if (trace := tracing()) is not None:
        trace.refuse("pickling a Value", "a copy of it would be the same at each call")
    asking = _asking(sys._getframe(2))
    if _coming().get(id(value)) is asking:
        fields = value.data, value.label, value.op, value.operands, value.partials, value.origin
        return _restored, (type(value), *fields, _added(value))
    values = with_gradients(value)
    refuse_containers(values)
    if _moving(values):
        raise TypeError(
            f"{value!r} depends on a variable of a running transform (grad, jvp ...), so that its "
            "gradient would be lost in a pickle: pickle x.data, or use copy.deepcopy(x)"
        )
    # The gradients are set when all Values are there, for they may have been computed from them.
    gradients = [x for node in values if not _is_zero(node.grad) for x in (node, node.grad)]
    return _root, (_Ancestry([*values, value], asking), gradients)


def _is_zero(gradient: Any) -> bool:
    """Whether a gradient is the 0 that every Value starts with."""
    return type(gradient) is int and gradient == 0


class _Ancestry:
    """A graph as a list in topological order: pickle asks for one member after the other.

    When a node comes, its parents are in pickle's memo, so that it never descends into them.
    """

    def __init__(self, values: list[Node], asking: Any) -> None:
        self.values, self.asking = values, asking

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return list, (), None, _InOrder(self.values, self.asking)


class _InOrder(Iterator["Node"]):
    """The members; they are known to come in order for as long as pickle holds this iterator.

    That may be longer than it goes on: a traceback holds it too.
    """

    def __init__(self, values: list[Node], asking: Any) -> None:
        coming = _coming()
        self.values, self.asking = iter(values), asking
        self.ids = [i for i in map(id, values) if coming.get(i) is not asking]
        coming.update(dict.fromkeys(self.ids, asking))

    def __next__(self) -> Node:
        return next(self.values)

    def __del__(self) -> None:
        coming = _coming()
        for i in self.ids:
            if coming.get(i) is self.asking:
                del coming[i]


def _coming() -> dict[int, Any]:
    """Who asks for the Values that this thread is pickling one after the other, by their ids."""
    ids: dict[int, Any] = _thread.__dict__.setdefault("coming", {})
    return ids


def _asking(caller: FrameType) -> Any:
    """What one run of pickle is known by: its pickler, or who called the one written in C."""
    is_python = caller.f_globals.get("__name__") == "pickle"
    return caller.f_locals.get("self", caller) if is_python else caller


def _root(values: list[Node], gradients: list[Any]) -> Node:
    """The root of a graph that was pickled as a list, and its Values and gradients in turn."""
    for node, gradient in zip(gradients[::2], gradients[1::2], strict=True):
        node.grad = gradient
    return values[-1]


def _restored(
    kind: type[Node],
    data: Any,
    label: str,
    op: Any,
    operands: Any,
    partials: Any,
    origin: Any,
    attributes: Any,
) -> Node:
    """A Value from its pickled fields."""
    parents = tuple([x for x in operands if isinstance(x, Node)])
    parents = operands if len(parents) == len(operands) else parents
    new: Node = remembered(kind, op, data, operands, parents, partials)
    if label or origin is not None:
        new._notes = Notes(label, origin)
    if attributes:
        _add(new, attributes)
    return new
