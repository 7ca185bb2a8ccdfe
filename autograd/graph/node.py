"""The node of a graph: what it holds, for whoever builds, sweeps, copies, draws or watches it."""

from __future__ import annotations

import threading
from typing import Any

from autograd.functions.operand import Operand
from autograd.graph.micrograd import check_leaf
from autograd.graph.variables import VARIABLES, noticed
from autograd.numbers.kinds import as_number, element, is_number, not_a_number
from autograd.twin import native, slots

new = native.new if native else object.__new__  # without __init__


class Notes:
    """What few nodes have: a label, hooks, and where they come from."""

    __slots__ = ("hooks", "label", "origin")

    hooks: list[Any] | None

    def __init__(self, label: str = "", origin: Any = None) -> None:
        self.label, self.origin, self.hooks = label, origin, None


_NOTING = threading.RLock()  # held on one line, as `turns.SWEEPING` is


class Node(Operand):
    """A number with its parents and the local partial derivatives by them.

    Its fields are those of `Value`, which adds what a user asks for. One slot, `_notes`, is not
    set on most nodes.
    """

    __slots__ = slots("_notes", "data", "grad", "op", "operands", "parents", "partials")
    level = 1

    _notes: Notes | str | tuple[Any, ...]  # or a label alone, or an origin alone, as it was noted
    data: Any
    grad: Any
    op: Any
    operands: tuple[Any, ...]
    parents: tuple[Any, ...]
    partials: tuple[Any, ...]

    def __init__(self, data: Any, label: str = "", _children: Any = (), _op: str = "") -> None:
        if type(data) is not float:
            if not is_number(data) and not is_number(data := element(data)):
                raise TypeError(not_a_number(data))
            data = as_number(data)
        self.data = data
        self.grad = 0
        self.parents = self.partials = self.operands = ()
        self.op = None
        if label or _children or _op or type(label) is not str:
            self._notes = check_leaf(label, _children, _op)
        if VARIABLES:
            noticed(self)

    def noted(self) -> Notes:
        """Return the notes, made now of what is noted if there are none."""
        notes = getattr(self, "_notes", "")
        if type(notes) is not Notes:
            with _NOTING: notes = self._noted_now()  # fmt: skip
        return notes

    def _noted_now(self) -> Notes:
        """The notes, made unless another thread came first."""
        notes = getattr(self, "_notes", "")
        if type(notes) is not Notes:
            notes = Notes(notes) if isinstance(notes, str) else Notes("", notes)
            self._notes = notes
        return notes

    @property
    def label(self) -> str:
        """The name for drawings and messages; empty unless one was given."""
        notes = getattr(self, "_notes", "")
        if type(notes) is Notes:
            return notes.label
        return notes if isinstance(notes, str) else ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"the label of a Value is a str; got {label!r}")
        if label or self.label:
            self.noted().label = label

    @property
    def hooks(self) -> list[Any]:
        """The hooks that `register_hook` has added, in the order in which they run."""
        notes = self.noted()
        if notes.hooks is None:
            with _NOTING: notes.hooks = notes.hooks or []  # fmt: skip
        return notes.hooks

    @property
    def origin(self) -> Any:
        """Where the node was made, if that was inside `record()`."""
        if isinstance(getattr(self, "_notes", ""), str):
            return None
        notes = self.noted()
        if type(notes.origin) is tuple:  # as it was noted; it is looked up once
            make, *place = notes.origin
            notes.origin = make(*place)
        return notes.origin


def _remembered(kind: type[Any], row: Any, data: Any, *about: tuple[Any, ...]) -> Any:
    """A node of a class with a row, its data, operands, parents and partials."""
    node = new(kind)
    node.op, node.data, node.grad = row, data, 0
    node.operands, node.parents, node.partials = about
    return node


remembered = native.remember if native else _remembered


def has_hooks(node: Node) -> bool:
    """Tell whether any hook was registered on a node."""
    notes = getattr(node, "_notes", "")
    return type(notes) is Notes and bool(notes.hooks)


def leaf_of(kind: type[Any], data: Any) -> Any:
    """Return a leaf of a class of nodes, whose own `__init__` is not asked."""
    leaf = new(kind)
    Node.__init__(leaf, data)
    return leaf


def number_of(x: Any) -> Any:
    """Return the number of a node; a number is itself."""
    return x.data if isinstance(x, Node) else x
