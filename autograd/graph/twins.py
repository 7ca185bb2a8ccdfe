"""Value in C: it is made here, and told of the Python that it calls."""

from __future__ import annotations

import gc
from typing import Any, TypeVar

from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.graph.build import build, in_open_modes, operate
from autograd.graph.modes import MODES, OPEN
from autograd.graph.node import Node
from autograd.graph.variables import VARIABLES
from autograd.twin import native

Kind = TypeVar("Kind", bound=type)


def in_c(kind: Kind) -> Kind:
    """Return the twin of a class of nodes that stores and computes floats in C; or the class.

    It is a subclass, by the same name: what it has not is done by the one in Python.
    """
    if native is None:
        return kind
    twin: Kind = native.twin_of(kind)
    comparisons = ("__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__")
    native.learn(
        otherwise=_otherwise,
        call=_call,
        in_open_modes=_in_open_modes,
        initialise=Node.__init__,
        compare=tuple([getattr(kind, name) for name in comparisons]),
        truth=kind.__bool__,  # type: ignore[attr-defined]
        rows=tuple([rules.TABLE[name] for name in native.ROWS.split()]),
        dot=rules.dot,
        open=OPEN,
        modes=MODES,
        variables=VARIABLES,
        get_objects=gc.get_objects,
    )
    twin.__name__, twin.__doc__ = kind.__name__, kind.__doc__  # the name as messages have it
    gc.callbacks.append(native.collecting)
    return twin


def _otherwise(row: Primitive, *operands: Any) -> Any:
    """An operation on whatever is no float."""
    return operate(row, *operands) if row.operator and row.arity == 2 else build(row, operands)


def _call(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """A call of a row on whatever is no float."""
    return Primitive.__call__(row, *operands)


def _in_open_modes(node: Node) -> Any:
    """What the open modes make of a node; there is a frame between them and the user's here."""
    return in_open_modes(node)
