"""Tracing for the eye: a function called on labelled Values, and what everything is called."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograd.display.graph import Graph, snapshot
from autograd.display.naming import given_names
from autograd.graph.value import Value
from autograd.graph.watching.recording import record
from autograd.numbers.kinds import is_number
from autograd.transforms.trees import opened


def pictured(subject: Any, args: tuple[Any, ...], names: Any = None) -> Graph:
    """Return the snapshot of a root, or of a function's result for `args`.

    The function is called with leaf Values that bear its parameters' names, and with its source
    lines and module calls recorded. Values and modules that it captures get the names by which
    it knows them.

    Parameters
    ----------
    subject : Value, list of Value, Program, Groups or callable
    args : tuple
        The function's arguments: numbers, and lists, tuples and dicts of them.
    names : module or mapping, optional
        Further names (see `snapshot`).
    """
    if isinstance(subject, (Value, list, tuple)):
        return snapshot(*called(subject, args, names))
    if type(subject).__module__ == "autograd.compiler.program":  # which imports NumPy
        from autograd.display.programs import program_graph

        return program_graph(subject, args)
    if is_groups(subject):
        from autograd.display.groups import groups_graph

        return groups_graph(subject, args)
    return snapshot(*called(subject, args, names))


def is_groups(subject: Any) -> bool:
    """Return whether something is the groups of a compiled function, without importing NumPy."""
    return type(subject).__module__ == "autograd.compiler.lanes.groups"


def called(subject: Any, args: tuple[Any, ...], names: Any = None) -> tuple[Any, Any]:
    """Return a root, or what a function returns for `args`, and names for a snapshot of it."""
    if isinstance(subject, (Value, list, tuple)):
        if args:
            raise TypeError("arguments go with a function, as in draw(f, 2.0); a Value has none")
        return subject, names
    if not callable(subject):
        raise TypeError(
            f"expected a Value, or a function and its arguments; got {subject!r} "
            f"({type(subject).__name__})"
        )
    return applied(subject, leaves_of(subject, args), names)


def leaves_of(f: Callable[..., Any], args: tuple[Any, ...]) -> list[Any]:
    """Return the arguments of a function as leaves that bear its parameters' names."""
    return [_leaves(x, name) for x, name in zip(args, _parameters(f, args), strict=True)]


def applied(subject: Any, values: list[Any], names: Any = None) -> tuple[Any, Any]:
    """Return what a function returns for leaves, recorded, and names for a snapshot of it."""
    with record():
        out = subject(*values)
    roots = out if isinstance(out, (list, tuple)) else [out]
    if not roots or not all(isinstance(root, Value) for root in roots):
        name = getattr(subject, "__name__", type(subject).__name__)
        raise TypeError(
            f"{name} returned {out!r} ({type(out).__name__}): "
            "return one Value, such as a loss, or a list of them"
        )
    out = out[0] if len(roots) == 1 and out is roots else out
    known = _captured(subject)
    known.update((value, name) for value, name in given_names(names).items())
    return out, {name: value for value, name in known.items()}


def _parameters(f: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """What the function calls its arguments."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # some functions that are written in C have no signature
        parameters = []
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}.{i}" for i in range(len(args) - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    names += [f"x{i}" for i in range(len(names), len(args))]
    return names[: len(args)]


def _leaves(arg: Any, name: str) -> Any:
    """An argument with each number in it made a leaf that bears its place as a label."""
    if (inside := opened(arg)) is not None:
        pairs = zip(inside.keys, inside.members, strict=True)
        return inside.make([_leaves(x, f"{name}.{key}") for key, x in pairs])
    if hasattr(arg, "tolist") and hasattr(arg, "__len__"):
        return _leaves(arg.tolist(), name)
    return Value(arg, name) if is_number(arg) else arg


def _captured(f: Callable[..., Any]) -> dict[Value, str]:
    """Names of the Values that a function, or a module, refers to beside its arguments."""
    if hasattr(f, "named_parameters"):
        return given_names(f)
    if not inspect.isfunction(f):
        return {}
    known: dict[Value, str] = {}
    for name, captured in _variables(f).items():
        for value, own in _values(captured):
            known.setdefault(value, f"{name}.{own}" if own else name)
    return known


def _variables(f: Any) -> dict[str, Any]:
    """What a function refers to by name, from within comprehensions and inner functions too."""
    cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
    found = {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}
    codes = [f.__code__]
    for code in codes:
        found |= {x: f.__globals__[x] for x in code.co_names if x in f.__globals__}
        codes += (x for x in code.co_consts if isinstance(x, types.CodeType))
    return found


def _is_filled(cell: types.CellType) -> bool:
    """Whether the variable of an enclosing function has been given a value other than None."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _values(captured: Any) -> Iterator[tuple[Value, str]]:
    """The Values in something captured, and their places in it."""
    if isinstance(captured, Value):
        yield captured, ""
    elif hasattr(captured, "named_parameters"):
        for name, value in captured.named_parameters():
            yield value, name
    elif (inside := opened(captured)) is not None:
        for key, value in zip(inside.keys, inside.members, strict=True):
            if isinstance(value, Value):
                yield value, str(key)
